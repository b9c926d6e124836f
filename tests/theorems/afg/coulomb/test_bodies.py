"""Claims about M nuclei against independent numbers, and what breaks them."""

import jax
import numpy as np
import pytest
from nuclei import CHARGES, MOMENTA, PLACES, pairs, product

import jaxwigner as jw
from jaxwigner.quantum import product_packets as packets_of
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.nuclei.centre_of_mass import CentreOfMass
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.quantum.partial_waves.packets import gaussian_waves
from jaxwigner.theorems import coulomb_bodies
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant


@pytest.mark.slow
def test_two_nuclei_that_interact_beside_one_that_does_not():
    """K of three nuclei with one charge: a dimer in partial waves, its centre of mass, and a free nucleus, as a product."""
    hbar = 0.2
    charges = np.zeros((3, 3))
    charges[0, 1] = charges[1, 0] = 0.5
    places = np.array([[0.0, 0.0, 0.6], [0.0, 0.0, -0.6], [0.4, 0.1, 0.0]])
    momenta = np.array([[0.0, 0.0, -0.5], [0.0, 0.0, 0.3], [0.1, 0.0, 0.2]])
    seen = coulomb_bodies.measure(ProductPackets(places, momenta, hbar), charges)
    system = jw.PartialWaves(jw.RadialGrid(7.0, 63, "lobatto"), 0.5, hbar, waves=26)
    centre = CentreOfMass(0.0, -0.2, np.sqrt(hbar / 2), hbar)
    third = CentreOfMass(places[2], momenta[2], np.sqrt(hbar), hbar, mass=1.0)

    @jax.jit
    def relative():
        u = gaussian_waves(system, (0.0, 0.0, 1.2), (0.0, 0.0, -0.4), np.sqrt(2 * hbar))
        # The parts, since a Gaussian on the singularity is no smooth image of H at r = 0.
        square = sum(radial.positive_parts(u, system).values())
        point = radial.gradient_term(u, system)[1]
        return sum(radial.mean_energies(u, system)), square, radial.coulomb_square(u, system), point

    *first, singular, point = (float(value) for value in relative())
    parts = [tuple(first)]
    parts += [(float(c.energy), float(c.energy_square)) for c in (centre, third)]
    energy = sum(e for e, _ in parts)
    square = energy**2 + sum(s - e**2 for e, s in parts)
    np.testing.assert_allclose(seen.excess.centre, energy, rtol=1e-7)
    np.testing.assert_allclose(seen.constant.centre, square, rtol=1e-7)
    np.testing.assert_allclose(seen.square.centre, singular, rtol=1e-6)
    origin = packets_of.origin_term(seen.packets, seen.charges)
    np.testing.assert_allclose(origin, point, rtol=1e-6)
    # The pair that acts keeps its claim; the others claim nothing.
    each, some = coulomb_bodies.near_collision(seen, np.array([0.5]))
    assert each.verdict == some.verdict == "holds"
    np.testing.assert_allclose(some.lhs.centre, each.lhs.centre[:, 0])
    sharp, _ = coulomb_bodies.near_collision(seen, np.array([0.5]), sharp=True)
    gamma = float(sharp_constant(hbar / np.sqrt(0.5 * 0.5)))
    np.testing.assert_allclose(sharp.rhs.centre[0, 0], gamma * each.rhs.centre[0, 0])


def test_bounds_hold_and_controls_fail():
    points = coulomb_bodies.normal_points(9, 2**9)
    well = jw.potentials.Gaussian(-0.5, 1.1)

    @jax.jit
    def program(points):
        seen = coulomb_bodies.measure(product(3), CHARGES[:3, :3], well, points=points)
        still = ProductPackets(PLACES[:3], 0 * PLACES[:3], 0.004)
        rest = coulomb_bodies.measure(still, CHARGES[:3, :3], points=points)
        fallen = ProductPackets(PLACES[:3], 0 * PLACES[:3], 0.5, 0.8)
        pulled = coulomb_bodies.measure(fallen, -CHARGES[:3, :3], points=points, attractive=True)
        claims = coulomb_bodies.singular_bound(seen), coulomb_bodies.force_bound(seen)
        return (
            (*claims, *coulomb_bodies.energy_bounds(seen)),
            coulomb_bodies.singular_bound(rest),
            coulomb_bodies.singular_bound(pulled),
            (seen.constant, seen.square),
        )

    claims, rest, pulled, (constant, square) = program(points)
    assert [claim.verdict for claim in claims] == ["holds"] * 4
    assert 0.985 < float(rest.ratio) < 1 and rest.verdict == "holds"  # sharp at rest
    assert pulled.verdict == "violated"
    assert (
        claims[0].with_constant(0.5 * float(square.centre / constant.centre)).verdict == "violated"
    )
    # U_b enters with its own error.
    assert 0 < float(constant.width) < 0.01 * float(constant.centre)


def test_constant_with_bounded_part_against_sampling():
    """E|TΨ/Ψ + U_s + U_b − κ|², each sample from the definition of H."""
    packets, well = product(3), jw.potentials.Gaussian(-0.5, 1.1)
    seen = coulomb_bodies.measure(packets, CHARGES[:3, :3], well)
    rng = np.random.default_rng(3)
    R = PLACES[:3] + np.sqrt(0.05) * rng.normal(size=(200_000, 3, 3))
    first, second = np.triu_indices(3, 1)
    U = (pairs(3) / np.linalg.norm(R[:, first] - R[:, second], axis=2)).sum(1)
    k = -(R - PLACES[:3]) / 0.1 + 1j * MOMENTA[:3] / 0.1
    T = -0.5 * 0.01 * (np.sum(k**2, axis=(1, 2)) - 9 / 0.1)
    above = 0.5 - 0.5 * np.exp(-np.sum(R**2, axis=(1, 2)) / (2 * 1.21))
    samples = np.abs(T + U + above) ** 2
    error = samples.std() / np.sqrt(len(samples))
    assert abs(float(seen.constant.centre) - samples.mean()) < 5 * error


def test_bad_input_says_which_hypothesis_fails():
    with pytest.raises(
        ValueError,
        match=r"`alpha` must lie between 0 and 1 .*: beyond 1 .* ‖H_ħΨ₀‖ ≤ c fails, but is 1.2",
    ):
        product(3, alpha=1.2)
    with pytest.raises(ValueError, match=r"`alpha` .*below 0 .* is not tight, but is -0.1"):
        product(3, alpha=-0.1)
    with pytest.raises(ValueError, match=r"`positions` must be of at least 2 nuclei"):
        ProductPackets(PLACES[:1], MOMENTA[:1], 0.1)
    with pytest.raises(ValueError, match=r"`momenta` must have shape \(3, 3\)"):
        ProductPackets(PLACES[:3], MOMENTA[:2], 0.1)
    with pytest.raises(ValueError, match=r"`hbar` must be positive"):
        product(3, hbar=0.0)
    for charges, message in (
        (-CHARGES[:3, :3], "non-negative: AFG .7. and Lemma 5.1 rest on repulsion"),
        (np.triu(CHARGES[:3, :3]), "be symmetric"),
        (np.zeros((3, 3)), "not all be zero"),
        (CHARGES, r"have shape \(3, 3\)"),
    ):
        with pytest.raises(ValueError, match=f"`charges` must (be )?{message}"):
            coulomb_bodies.measure(product(3), charges)
    together = ProductPackets(0 * PLACES[:3], MOMENTA[:3], 0.1)
    with pytest.raises(ValueError, match="`positions` must lie off the singular set"):
        coulomb_bodies.measure(together, CHARGES[:3, :3])
    flat = ProductPackets(0 * PLACES[:3], MOMENTA[:3], 0.1, 0.0)  # allowed for α = 0
    assert np.isfinite(float(coulomb_bodies.measure(flat, CHARGES[:3, :3]).constant.centre))
    with pytest.raises(ValueError, match="`potential` must be bounded below"):
        coulomb_bodies.measure(product(3), CHARGES[:3, :3], lambda *x: x[0])
    with pytest.raises(ValueError, match=r"`points` must have shape \(copies, k, 3M\)"):
        coulomb_bodies.measure(product(3), CHARGES[:3, :3], points=np.zeros((8, 4, 6)))
