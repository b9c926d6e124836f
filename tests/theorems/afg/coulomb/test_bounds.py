"""Claims about Coulomb repulsion against independent numbers, and what breaks them."""

import equinox as eqx
import jax
import numpy as np
import pytest
from scipy import integrate

import jaxwigner as jw
from jaxwigner.molecules import h2plus
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.nuclei.centre_of_mass import CentreOfMass
from jaxwigner.quantum.partial_waves.packets import gaussian_waves
from jaxwigner.theorems import coulomb
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant

HBAR = 0.15


packet = eqx.filter_jit(jw.packet_waves)


def head_on(charge=0.5, hbar=HBAR, waves=34, points=111, kind="lobatto", **options):
    system = jw.PartialWaves(jw.RadialGrid(7.5, points, kind), charge, hbar, waves=waves, **options)
    return system, packet(system, 2.0, -1.0)


gamma = jax.jit(sharp_constant)


def bare_watch(system, u, duration, saves, **options):
    return coulomb.watch(system, u, duration=duration, saves=saves, **options)


watch = eqx.filter_jit(bare_watch)


def test_singular_bound_on_both_kinds_of_grid():
    """Splitting and diagonalisation give the same left side; K is that of the closed form."""

    def program(kind):
        system, u = head_on(kind=kind)
        return coulomb.singular_bound(bare_watch(system, u, 1.4, 7, steps=96))

    exact, split = (jax.jit(program, static_argnums=0)(kind) for kind in ("lobatto", "sine"))
    assert exact.verdict == split.verdict == "holds"
    assert split.lhs.lower <= exact.lhs.centre <= split.lhs.upper
    assert exact.lhs.width < 1e-6 and split.lhs.width < 5e-3
    # ‖Hψ‖² = ‖Tψ‖² + 2Re⟨Tψ, U_sψ⟩ + ‖U_sψ‖², each by quadrature in space with ψ = Gaussian about R₀.
    v, p2, s2 = HBAR / 2, 1.0, HBAR
    kinetic = (p2 + 3 * v) ** 2 + 4 * v * p2 + 6 * v**2

    def mean(f):
        # ∫|ψ|²f dR, f of r and z, in cylindrical coordinates about the axis
        def density(r, z):
            return 2 * r * np.exp(-(r**2 + (z - 2) ** 2) / s2) / np.sqrt(np.pi) / s2**1.5

        return integrate.dblquad(
            lambda r, z: density(r, z) * f(r, z), 0.0, 4.0, 0.0, 2.5, epsabs=1e-10
        )[0]

    R = lambda r, z: np.sqrt(r**2 + z**2)  # noqa: E731
    singular = mean(lambda r, z: 0.25 / (r**2 + z**2))
    # Tψ/ψ = −ħ²Δψ/ψ, with ∇ψ/ψ = −(R − R₀)/s² − iẑ/ħ
    real = lambda r, z: p2 + 3 * HBAR**2 / s2 - HBAR**2 / s2**2 * (r**2 + (z - 2) ** 2)  # noqa: E731
    cross = mean(lambda r, z: 2 * 0.5 / R(r, z) * real(r, z))
    assert abs(float(exact.rhs.centre) - (kinetic + cross + singular)) < 1e-4


@pytest.mark.slow
def test_molecule_with_a_bounded_part():
    """κ = inf U_b enters K: with a wrong κ = 0 the bound is another one; U_b of H2+."""
    hbar = 0.06
    grid = jw.RadialGrid(5.5, 79)
    system = jw.PartialWaves(grid, 1.0, hbar, waves=62, potential=h2plus.bounded_part())
    u = packet(system, 2.2, -0.3)
    claim = coulomb.singular_bound(watch(system, u, 0.8, 4, steps=16))
    assert claim.verdict == "holds"
    energies, square = eqx.filter_jit(
        lambda u: (radial.mean_energies(u, system), radial.hamiltonian_square(u, system))
    )(u)
    expected = square + 4 * sum(energies) + 4  # κ = −2
    np.testing.assert_allclose(claim.rhs.centre, expected, rtol=1e-9)
    with pytest.raises(ValueError, match="bounded below"):
        unknown = jw.PartialWaves(grid, 1.0, hbar, waves=62, potential=lambda r: -0.1 * r)
        radial.lower_bound(unknown)


def test_near_collisions_and_the_sharp_constant():
    for h, known in (
        (0.01, 0.82542),
        (0.1, 0.46665),
        (0.5, 0.16282),
        (1.0, 0.07202),
        (5.0, 0.004317),
    ):
        value = float(gamma(h))
        assert abs(value - known) < 6e-6
        assert value <= 1 / (9 * h**2)  # the limit δ → 0
    system, u = head_on()
    radii = np.array([0.2, 0.4, 0.8])
    passage = watch(system, u, 1.4, 7, radii=radii)
    plain, sharp = eqx.filter_jit(
        lambda p: [coulomb.near_collision(p, sharp=sharp) for sharp in (False, True)]
    )(passage)
    assert plain.verdict == sharp.verdict == "holds"
    factors = np.array([float(gamma(HBAR / np.sqrt(0.5 * d))) for d in radii])
    np.testing.assert_allclose(sharp.rhs.centre, np.asarray(plain.rhs.centre) * factors, rtol=1e-12)
    assert sharp.with_constant(0.02).verdict == "violated"
    for bad in ([-0.1], [0.0], [8.0]):
        with pytest.raises(ValueError, match="`radii` must be positive and inside the box"):
            coulomb.watch(system, u, duration=1.0, radii=bad)


def test_force_in_relative_coordinate_and_in_space():
    system, u = head_on()
    centre = CentreOfMass(0.0, 0.4, 0.3, HBAR)
    passage = watch(system, u, 1.2, 6)
    relative, space = coulomb.force_bound(passage), coulomb.force_bound(passage, centre)
    with pytest.raises(ValueError, match="`radii` must be given"):
        coulomb.near_collision(passage)
    assert relative.verdict == space.verdict == "holds"
    np.testing.assert_allclose(space.lhs.centre, np.sqrt(2) * relative.lhs.centre, rtol=1e-12)
    assert space.rhs.centre > np.sqrt(2) * relative.rhs.centre
    assert relative.with_constant(0.1).verdict == "violated"


@pytest.mark.slow
def test_identity_56():
    """Gaussian of width s on the singularity: both sides 8ε²C/√π s³ (P₀ = 0); the term at the origin is needed."""
    s, hbar = 0.7, 0.3
    system = jw.PartialWaves(jw.RadialGrid(6.0, 63, "lobatto"), 0.5, hbar, waves=3)
    u = gaussian_waves(system, (0.0,) * 3, (0.0,) * 3, s)
    program = lambda u: [coulomb.singular_identity(system, u, origin=o) for o in (True, False)]  # noqa: E731
    whole, without = jax.jit(program)(u)
    assert (whole.verdict, without.verdict) == ("holds", "violated")
    exact = 2 * hbar**2 * 0.5 * 4 / (np.sqrt(np.pi) * s**3)
    np.testing.assert_allclose(whole.lhs.centre, exact, rtol=1e-9)
    np.testing.assert_allclose(whole.rhs.centre, exact, rtol=1e-9)


def test_attraction_is_refused_and_violates():
    system, u = head_on(charge=-0.5)
    with pytest.raises(
        ValueError, match=r"`charge` must be positive: Lemma 5.1 rests on repulsion"
    ):
        coulomb.watch(system, u, duration=1.0)
    with pytest.raises(ValueError, match=r"`system` must be PartialWaves"):
        coulomb.watch("system", u, duration=1.0)
    passage = watch(system, u, 1.2, 8, attractive=True)
    assert coulomb.singular_bound(passage).verdict == "violated"
    with pytest.raises(ValueError, match="must be positive"):
        coulomb.force_bound(passage)


def test_a_packet_at_the_end_of_the_box_is_undecided():
    system = jw.PartialWaves(jw.RadialGrid(3.5, 63, "lobatto"), 0.5, HBAR, waves=34)
    u = packet(system, 2.0, 0.5)
    assert coulomb.singular_bound(watch(system, u, 1.5, 3)).verdict == "undecided"
