"""Three and more nuclei that repel each other: closed forms against sampling and against two nuclei, the bounds and their controls."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, special

import jaxwigner as jw
from jaxwigner.quantum import product_packets as packets_of
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.nuclei.centre_of_mass import CentreOfMass
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.quantum.partial_waves.packets import gaussian_waves
from jaxwigner.theorems import coulomb_bodies, coulomb_bodies_cutoff, coulomb_bodies_limit

PLACES = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.7], [0.8, -0.3, 0.1], [-0.5, 0.6, 0.4]])
MOMENTA = np.array([[0.2, 0.0, -0.4], [0.0, 0.3, 0.1], [-0.6, 0.1, 0.0], [0.1, -0.2, 0.5]])
CHARGES = np.array([[0, 0.5, 0.8, 0.4], [0.5, 0, 0.3, 0.7], [0.8, 0.3, 0, 0.6], [0.4, 0.7, 0.6, 0]])


def product(nuclei, hbar=0.1, **options):
    return ProductPackets(PLACES[:nuclei], MOMENTA[:nuclei], hbar, **options)


def pairs(nuclei):
    return (
        CHARGES[np.triu_indices(nuclei, 1)]
        if nuclei == 4
        else CHARGES[:3, :3][np.triu_indices(3, 1)]
    )


@pytest.mark.parametrize("distance", [0.0, 0.3, 2.0, 8.0, 40.0])
def test_one_gap_in_closed_form(distance):
    """E[1/|X|], E[1/|X|²] and P(|X| < r) by quadrature over the density of the distance."""
    s = 0.7
    gap = jnp.array([0.0, 0.6, 0.8]) * distance

    def density(r):
        scaled = r * distance / s**2
        both = 1.0 if scaled < 1e-8 else -np.expm1(-2 * scaled) / (2 * scaled)
        size = np.exp(-((r - distance) ** 2) / (2 * s**2)) * both
        return np.sqrt(2 / np.pi) * r**2 / s**3 * size

    def mean(f, top=distance + 12 * s):
        lowest = max(0.0, distance - 12 * s)
        points = [distance] if lowest < distance < top else None
        return integrate.quad(lambda r: f(r) * density(r), lowest, top, points=points, epsabs=0)[0]

    got = packets_of.inverse_distance(gap, s**2), packets_of.inverse_square(gap, s**2)
    np.testing.assert_allclose(got, [mean(lambda r: 1 / r), mean(lambda r: r**-2)], rtol=1e-9)
    for radius in (0.2, distance + 0.5):
        mass = packets_of.inner_mass(gap, s**2, radius)
        np.testing.assert_allclose(
            mass, mean(lambda r: 1.0, radius) if radius > distance - 8 else 0, atol=1e-12
        )


def test_two_gaps_by_quadrature():
    """E[1/|X||Y|] for concentric gaps is (2/π)arcsin(ϱ)/ϱσ₁σ₂; for independent ones a product; for equal ones E[1/|X|²]."""
    zero, a, b = jnp.zeros(3), jnp.array([0.3, 0.0, 1.1]), jnp.array([-0.4, 0.2, 0.5])
    for r in (0.2, -0.5, 0.9):
        value = packets_of.inverse_product((zero, zero), (0.8, 1.5), r * np.sqrt(1.2))
        np.testing.assert_allclose(value, 2 / np.pi * np.arcsin(r) / r / np.sqrt(1.2), rtol=1e-9)
    value = packets_of.inverse_product((a, b), (0.2, 0.3), 0.0)
    apart = packets_of.inverse_distance(a, 0.2) * packets_of.inverse_distance(b, 0.3)
    np.testing.assert_allclose(value, apart, rtol=1e-12)
    nearly = packets_of.inverse_product((a, a), (0.2, 0.2), 0.2 * (1 - 1e-3), nodes=200)
    np.testing.assert_allclose(nearly, packets_of.inverse_square(a, 0.2), rtol=1e-2)
    slopes = jax.grad(lambda c: packets_of.inverse_product((a, b), (0.2, 0.3), c))(0.1)
    near = [packets_of.inverse_product((a, b), (0.2, 0.3), 0.1 + h) for h in (-1e-4, 1e-4)]
    np.testing.assert_allclose(slopes, (near[1] - near[0]) / 2e-4, rtol=1e-6)


@pytest.mark.parametrize("nuclei", [3, 4])
def test_closed_forms_against_sampling(nuclei):
    """Plain Monte Carlo, independent of the code: within five standard errors; pairs without a common nucleus occur for M = 4."""
    packets, C = product(nuclei), pairs(nuclei)
    rng = np.random.default_rng(5)
    count = 200_000
    R = PLACES[:nuclei] + np.sqrt(0.05) * rng.normal(size=(count, nuclei, 3))
    first, second = np.triu_indices(nuclei, 1)
    r = np.linalg.norm(R[:, first] - R[:, second], axis=2)
    U = (C / r).sum(1)
    psi_gradient = (R - PLACES[:nuclei]) / 0.1 - 1j * MOMENTA[:nuclei] / 0.1
    gradient = 0.01 * np.sum(np.abs(psi_gradient) ** 2, axis=(1, 2))

    def close(value, samples):
        error = samples.std() / np.sqrt(count)
        assert abs(float(value) - samples.mean()) < 5 * error, (value, samples.mean(), error)

    cross, origin = packets_of.cross_term(packets, C), packets_of.origin_term(packets, C)
    close(packets_of.mean_energies(packets, C)[1], U)
    close(packets_of.coulomb_square(packets, C), U**2)
    close(cross - origin, gradient * U)
    close(packets_of.mean_energies(packets, C)[0], gradient / 2)
    assert origin > 0.01


@pytest.mark.parametrize("nuclei", [3, 4])
def test_concentric_packets_in_closed_form(nuclei):
    """s²‖U_sΨ‖² = ΣC_p² + 2ΣC_pC_q·(2/π)arcsin(ϱ)/ϱ: ⅔ for pairs with a common nucleus, 2/π for others."""
    packets = ProductPackets(0 * PLACES[:nuclei], MOMENTA[:nuclei], 0.3, 0.0)
    C, ends = pairs(nuclei), list(zip(*np.triu_indices(nuclei, 1)))
    exact = sum(
        C[p] * C[q] * (1.0 if p == q else 2 / 3 if set(ends[p]) & set(ends[q]) else 2 / np.pi)
        for p in range(len(C))
        for q in range(len(C))
    )
    np.testing.assert_allclose(packets_of.coulomb_square(packets, C), exact, rtol=1e-12)


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


def test_cut_integral_against_the_wigner_function():
    """Q₁ + Q₂ = −∫∫W(∂_t + p·∇)(η_δφ), by sampling W itself, which is a Gaussian."""
    packets = ProductPackets(0.4 * PLACES[:3], MOMENTA[:3], 0.15)
    test = coulomb_bodies_cutoff.BodyTest(0.3 * PLACES[:3], 0.5 * MOMENTA[:3], 1.2, 1.0, 0.4)
    points = coulomb_bodies.normal_points(18, 2**12)
    both = jax.jit(
        lambda points: [
            coulomb_bodies_cutoff.cut_integral(packets, test, 0.6, points, part)
            for part in ("near", "far")
        ]
    )
    sides = both(points)
    total = sides[0] + sides[1]
    z = np.random.default_rng(1).normal(size=(200_000, 2, 3, 3))
    x = jnp.asarray(0.4 * PLACES[:3] + np.sqrt(0.075) * z[:, 0])
    p = jnp.asarray(MOMENTA[:3] + np.sqrt(0.075) * z[:, 1])

    def transported(x, p):
        def phi(x, t):
            a = jnp.exp(-jnp.sum((x - 0.3 * PLACES[:3]) ** 2) / (2 * 1.2**2) + 0.4 * t)
            b = jnp.exp(-jnp.sum((p - 0.5 * MOMENTA[:3]) ** 2) / 2)
            return jw.theorems.coulomb_limit.cut_off(x, 0.6) * a * b

        return -jax.jvp(phi, (x, 0.0), (p, 1.0))[1]

    samples = np.asarray(jax.jit(jax.vmap(transported))(x, p))
    error = 4 * samples.std() / np.sqrt(len(samples)) + 0.5 * float(total.width)
    assert abs(float(total.centre) - samples.mean()) < error
    assert error < 0.4 * abs(samples.mean())


def test_cut_off_leaves_out_pairs_that_do_not_interact():
    nuclei = jnp.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.1], [5.0, 0.0, 0.0]])
    cut = lambda acts, printed: float(  # noqa: E731
        jw.theorems.coulomb_limit.cut_off(nuclei, 1.0, printed=printed, acts=jnp.array(acts))
    )
    assert cut([True, False, False], False) == cut([True, False, False], True) == 1.0
    assert cut([False, True, True], False) == 0.0
    R = nuclei[None].at[0, 1].set(0.0)  # on the singular set itself
    charges = np.ones((3, 3))
    claims = [
        coulomb_bodies_cutoff.force_off_cut(R, charges, 0.5, printed=printed)
        for printed in (False, True)
    ]
    assert [claim.verdict for claim in claims] == ["holds", "violated"]
    with pytest.raises(ValueError, match=r"`delta` must be at least ε\^\(1−α\)/√2"):
        seen = coulomb_bodies.measure(product(3), CHARGES[:3, :3])
        test = coulomb_bodies_cutoff.BodyTest(PLACES[:3], MOMENTA[:3], 1.0, 1.0)
        coulomb_bodies_cutoff.near_part(seen, test, 0.01, coulomb_bodies.normal_points(18, 4))


def test_three_particles_keep_their_distance():
    packets = ProductPackets(PLACES[:3], -0.7 * PLACES[:3], 0.04)
    cloud = coulomb_bodies_limit.wigner_cloud(packets, coulomb_bodies.normal_points(18, 64)[0])
    system = jw.CoulombBodies(CHARGES[:3, :3], potential=jw.potentials.Gaussian(-0.4, 1.0))
    near, force = jax.jit(
        lambda z: coulomb_bodies_limit.repulsion(system, z, duration=0.8, steps=24, saves=4)
    )(cloud)
    assert near.verdict == force.verdict == "holds"
    assert near.with_constant(0.1).verdict == "violated"
    # h by hand for one configuration.
    h = coulomb_bodies_limit.energies(system, cloud)[0]
    R, P = (np.asarray(a[0]).reshape(3, 3) for a in (cloud.positions, cloud.momenta))
    first, second = np.triu_indices(3, 1)
    U = (pairs(3) / np.linalg.norm(R[first] - R[second], axis=1)).sum()
    well = -0.4 * np.exp(-np.sum(R**2) / 2)
    np.testing.assert_allclose(h, 0.5 * np.sum(P**2) + U + well, rtol=1e-12)


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


def test_bounds_are_differentiable_and_batched():
    """d‖U_sΨ‖²/dq against central differences; several ħ at once."""
    C = pairs(3)

    def square(places, hbar):
        return packets_of.coulomb_square(ProductPackets(places, MOMENTA[:3], hbar), C)

    step = np.zeros((3, 3))
    step[1, 2] = 1e-5
    slope = jax.jit(jax.grad(square))(jnp.asarray(PLACES[:3]), 0.1)[1, 2]
    square = jax.jit(square)
    ends = [float(square(jnp.asarray(PLACES[:3] + s * step), 0.1)) for s in (-1, 1)]
    np.testing.assert_allclose(slope, (ends[1] - ends[0]) / 2e-5, rtol=1e-6)
    hbars = jnp.array([0.1, 0.03])
    many = jax.vmap(lambda h: square(jnp.asarray(PLACES[:3]), h))(hbars)
    np.testing.assert_allclose(many, [square(jnp.asarray(PLACES[:3]), h) for h in (0.1, 0.03)])


def test_dawson_far_and_near_agree_with_scipy():
    x = np.array([1e-3, 0.5, 3.0, 6.9, 7.1, 30.0])
    gaps = jnp.asarray(np.stack([0 * x, 0 * x, np.sqrt(2) * x], axis=1))
    np.testing.assert_allclose(
        packets_of.inverse_square(gaps, 1.0), special.dawsn(x) / x, rtol=2e-13
    )
