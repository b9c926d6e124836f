"""The grid in R³ for the relative motion: cell means, closed forms, and partial waves as an independent solution."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, special

import jaxwigner as jw
from jaxwigner.quantum import evolve_exactly, packet_waves
from jaxwigner.quantum import relative_motion as space
from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion, centred_box
from jaxwigner.theorems import coulomb, coulomb_space

START = {"position": (0.0, 0.0, 1.5), "momentum": (0.4, 0.0, -1.0)}
HBAR = 0.2


def test_cell_means_of_the_inverse_distance():
    """Against Gauss–Legendre quadrature away from the origin, and a double integral for the cell about it."""
    grid = jw.Grid((-0.9, -1.0, -1.2), (1.5, 1.4, 1.8), (6, 5, 8))
    means = np.asarray(jax.jit(space.mean_inverse_distance)(grid))
    x, w = np.polynomial.legendre.leggauss(12)
    for index in ((0, 1, 2), (5, 4, 7), (4, 0, 6)):
        centre = [float(np.asarray(axis)[i]) for axis, i in zip(grid.axes, index)]
        half = [0.5 * float(h) for h in grid.spacing]
        nodes = np.meshgrid(*[c + h * x for c, h in zip(centre, half)], indexing="ij")
        weights = np.einsum("i,j,k->ijk", w, w, w) / 8
        mean = np.sum(weights / np.sqrt(sum(n**2 for n in nodes)))
        np.testing.assert_allclose(means[index], mean, rtol=1e-5)
    # The cell about R = 0: ∫_{[−1,1]³}1/r = ½·6·∫_face, by homogeneity.
    face, _ = integrate.dblquad(lambda u, v: 1 / np.sqrt(1 + u**2 + v**2), -1, 1, -1, 1)
    wide = jw.Grid((-2.0,) * 3, (2.0,) * 3, (2,) * 3)
    np.testing.assert_allclose(
        8 * jax.jit(space.mean_inverse_distance)(wide)[1, 1, 1], 3 * face, rtol=1e-9
    )


def test_inverse_square_of_a_gaussian_beside_the_origin():
    """⟨1/|R|²⟩ = (√2/σR₀) D(R₀/√2σ), third order in the spacing or better."""
    hbar, distance = 0.3, 0.5
    s = np.sqrt(hbar / 2)
    exact = np.sqrt(2) / (s * distance) * special.dawsn(distance / (np.sqrt(2) * s))
    errors = []
    for points in (24, 36):
        grid = centred_box(3.5, points)
        psi = jw.wave_packet(grid, (0.0, 0.3, 0.4), (0.2, 0.0, 0.1), hbar)
        errors.append(abs(float(space.inverse_square(psi, grid)) / exact - 1))
    assert errors[0] < 2e-2 and errors[1] < 2e-3, errors
    np.testing.assert_allclose(
        space.value_at_origin(psi, grid), (np.pi * hbar) ** -0.75 * np.exp(-0.25 / 0.6), rtol=1e-6
    )


@pytest.mark.slow
def test_the_grid_and_partial_waves_agree():
    """A packet with an impact parameter, no symmetry used on one side: ⟨|R|⟩, ‖U_sΨ‖², Ψ; the mirror image differs."""
    system = RelativeMotion(centred_box(4.6, 44), 0.5, HBAR)
    psi = jw.wave_packet(system.grid, *START.values(), HBAR)
    # As `resolve_waves` chooses them for a tolerance of 1e-4.
    grid = jw.RadialGrid(6.0, 56, "lobatto")
    waves = jw.PartialWaves(grid, 0.5, HBAR, waves=27, orders=11)

    @jax.jit
    def program(system, psi):
        u = evolve_exactly(waves, packet_waves(waves, *START.values()), [0.8])[0]
        numbers = {"duration": 0.8, "steps": 8, "tolerance": 1e-4}
        return coulomb_space.agreement(system, psi, waves, u, **numbers)

    found = program(system, psi)
    assert found.distance.verdict == found.square.verdict == found.states.verdict == "holds"
    assert found.mirrored.verdict == "violated"
    np.testing.assert_allclose(found.distance.lhs.centre, found.distance.rhs.centre, rtol=2e-4)
    np.testing.assert_allclose(found.square.lhs.centre, found.square.rhs.centre, rtol=6e-3)
    assert float(found.states.lhs.centre) < 6e-3


def test_bounds_where_partial_waves_do_not_apply():
    """Lemma 5.1, (28) and the conservation laws for a hill beside the singularity; a wrong charge in H is seen."""
    hill = jw.potentials.Gaussian(0.5, 0.6, (0.7, 0.5, 0.4))
    system = RelativeMotion(centred_box(4.6, 40), 0.5, HBAR, potential=hill)
    psi = jw.wave_packet(system.grid, *START.values(), HBAR)

    @jax.jit
    def program(system, psi):
        passage = coulomb_space.watch(system, psi, duration=0.9, steps=6, saves=3)
        bounds = coulomb.singular_bound(passage), coulomb.force_bound(passage)
        return passage, *bounds, *coulomb_space.conservation(passage)

    passage, *claims = program(system, psi)
    assert [claim.verdict for claim in claims] == ["holds"] * 4
    assert claims[0].with_constant(0.01).verdict == "violated"
    # The hill is felt: without it the packet is elsewhere.
    assert abs(float(passage.seen["excess"][0]) - 1.70) > 0.05
    with pytest.raises(ValueError, match="`radii` must be given"):
        coulomb.near_collision(passage)


def test_resampling_keeps_the_state():
    fine, coarse = centred_box(4.0, 30), centred_box(4.0, 22)
    psi, other = (
        jw.wave_packet(grid, (0.3, -0.2, 0.5), (0.1, 0.2, -0.3), 0.4) for grid in (fine, coarse)
    )
    np.testing.assert_allclose(space.resampled(psi, fine, coarse), other, atol=3e-4)
    with pytest.raises(ValueError, match="`other` must have at most 22 points"):
        space.resampled(other, coarse, fine)


def test_bad_input():
    grid = centred_box(4.0, 8)
    with pytest.raises(ValueError, match="`grid` must be of dimension 3"):
        RelativeMotion(jw.Grid(-1.0, 1.0, 8), 0.5, 0.2)
    with pytest.raises(ValueError, match="`hbar` must be positive"):
        RelativeMotion(grid, 0.5, 0.0)
    with pytest.raises(ValueError, match="`potential` must be a function of 3 coordinate"):
        RelativeMotion(grid, 0.5, 0.2, potential=lambda r: r)
    system = RelativeMotion(grid, -0.5, 0.2)
    psi = jw.wave_packet(grid, (0.0, 0.0, 1.0), (0.0, 0.0, 0.0), 0.2)
    with pytest.raises(ValueError, match="`charge` must be positive: Lemma 5.1 rests on repulsion"):
        coulomb_space.watch(system, psi, duration=0.1, steps=1)
    with pytest.raises(ValueError, match="`system` must be PartialWaves"):
        coulomb.watch(system, psi, duration=0.1, steps=1)
    on_point = jw.Grid((-4.0,) * 3, (4.0,) * 3, (8,) * 3)
    with pytest.raises(ValueError, match="`grid` must leave R = 0 out"):
        space.inverse_square(jnp.ones((8, 8, 8)), on_point)
    # Too few points for the packet: the grid says so.
    with pytest.raises(Exception, match="points"):
        jw.evolve(RelativeMotion(grid, 0.5, 0.2), psi, duration=0.1, steps=2)
