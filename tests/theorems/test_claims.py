"""Claims against independent numbers, and what breaks them: a wrong constant, a wrong parameter, too coarse a grid."""

# ruff: noqa: E731

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.phase_space import GaussianTest, wigner_expectation
from jaxwigner.potentials import Cosine, Harmonic
from jaxwigner.theorems import (
    classical_limit,
    husimi_functions,
    initial_data,
    limit_measures,
    liouville_defect,
    propagation,
    wigner_equation,
    wigner_measures,
)
from jaxwigner.theorems.errors import test_moment as gaussian_moment

HBAR = 0.3
GRID = jw.Grid(-6.0, 5.5, 96)
PHI = GaussianTest(lambda x: jnp.exp(-((x - 0.2) ** 2)), 0.3, 0.8)


@pytest.fixture(scope="module")
def psi():
    return jw.coherent_state(GRID, 0.5, 0.6, HBAR) + 0.5 * jw.squeezed_state(
        GRID, -0.8, 0.1, HBAR, 1.6
    )


def test_marginals_see_a_wrong_wigner_function(psi):
    scaled = lambda *arguments: 1.001 * jw.wigner(*arguments)
    blurred = lambda *arguments: jnp.roll(jw.wigner(*arguments), 1, axis=1)
    for claim in (wigner_measures.position_marginal, wigner_measures.momentum_marginal):
        assert claim(psi, GRID, HBAR).verdict == "holds"
        assert claim(psi, GRID, HBAR, transform=scaled).verdict == "violated"
    assert wigner_measures.position_marginal(psi, GRID, HBAR, transform=blurred).verdict == "holds"
    claim = wigner_measures.momentum_marginal(psi, GRID, HBAR, transform=blurred)
    assert claim.verdict == "violated"


def test_coarse_grid_is_undecided():
    coarse = jw.Grid(-6.0, 5.5, 18)
    psi = jw.coherent_state(coarse, 0.5, 1.2, HBAR)
    assert wigner_measures.position_marginal(psi, coarse, HBAR).verdict == "undecided"


def test_sup_bound_and_parity(psi):
    grid = jw.Grid(-6.0, 5.0, 110)  # x = 0 is a point of it
    even, odd = jw.fock_orbitals(grid, 4, HBAR)[2:]
    assert wigner_measures.sup_bound(even, grid, HBAR).verdict == "tight"
    assert wigner_measures.sup_bound(odd, grid, HBAR).with_constant(0.5).verdict == "violated"
    for state, parity in ((even, 1), (odd, -1)):
        at = lambda sign, state=state: wigner_measures.parity_value(
            state, grid, 0.0, 0.0, HBAR, parity=sign
        )
        assert at(parity).verdict == "holds" and at(-parity).verdict == "violated"


def test_difference_bound_is_nearly_used():
    """ψ′ = 0 and ψ = χ even: the left side is sup|W|, the right side its bound."""
    grid = jw.Grid(-6.0, 5.0, 110)
    psi = jw.coherent_state(grid, 0.0, 0.0, HBAR)
    claim = wigner_measures.difference_bound(psi, 0 * psi + 1e-9 * psi, psi, psi, grid, HBAR)
    assert claim.verdict in ("holds", "tight") and float(claim.ratio) > 0.999
    assert claim.with_constant(0.5).verdict == "violated"


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_moments_of_gaussian_tests(dimension, order):
    """∫_{|y|>R}|y|^k sup|F_pφ|dy/(2π)^d by quadrature in the radius."""
    test = GaussianTest(lambda *x: 0.7 * jnp.ones_like(x[0]), 0.4, 0.6, supremum=0.7)
    sphere = {1: 2.0, 2: 2 * np.pi, 3: 4 * np.pi}[dimension]
    for radius in (0.0, 1.7):
        y = radius + (np.arange(200000) + 0.5) * 1e-4
        transform = 0.7 * (2 * np.pi * 0.36) ** (dimension / 2) * np.exp(-0.18 * y**2)
        expected = np.sum(sphere * y ** (dimension - 1 + order) * transform) * 1e-4
        expected /= (2 * np.pi) ** dimension
        assert abs(gaussian_moment(test, order, dimension, radius) / expected - 1) < 1e-6


def test_weak_bound_and_its_refusals(psi):
    claim = wigner_measures.weak_bound(psi, GRID, PHI, HBAR)
    assert claim.verdict == "holds" and claim.with_constant(0.05).verdict == "violated"
    with pytest.raises(ValueError, match="GaussianTest"):
        wigner_measures.weak_bound(psi, GRID, lambda x, p: 1.0, HBAR)


def test_weak_form_knows_when_its_lags_are_too_coarse():
    """At ħ = 0.01 on this grid the images of φ in momentum overlap: the sum over lags is 2 % off, and the claim must say so."""
    grid, hbar = jw.Grid(-2.5, 3.5, 512), 0.01
    wide = GaussianTest(lambda x: jnp.exp(-((x - 0.6) ** 2)), 0.3, 1.5)
    wave = Cosine(1.0)

    def claim(test):
        psi = jw.coherent_state(grid, 0.7, 0.5, hbar)
        parts = liouville_defect.split(psi, wave, grid, test, hbar)
        return liouville_defect.split_sum(parts, psi, wave, grid, test, hbar)

    claims = jax.jit(lambda: (claim(wide), claim(eqx.tree_at(lambda t: t.width, wide, 0.5))))()
    assert [one.verdict for one in claims] == ["undecided", "holds"]


def test_split_parts_add_up_and_each_matters(psi):
    parts = jax.jit(lambda: liouville_defect.split(psi, Cosine(1.0), GRID, PHI, HBAR))()
    whole = jax.jit(
        lambda parts: liouville_defect.split_sum(parts, psi, Cosine(1.0), GRID, PHI, HBAR)
    )
    assert whole(parts).verdict == "holds"
    for name in ("near", "forward", "backward", "far", "transport"):
        where = lambda p, name=name: getattr(p, name)
        broken = eqx.tree_at(where, parts, where(parts) + 1e-3)
        assert whole(broken).verdict == "violated", name
    defect = liouville_defect.defect(psi, Cosine(1.0), GRID, PHI, HBAR)
    assert abs(parts.total.real - parts.transport.real - defect) < 1e-12


def test_transport_part_is_the_liouville_term(psi):
    """T4 = −∫∫W U′ ∂_pφ on the natural phase-space grid."""
    parts = jax.jit(lambda: liouville_defect.split(psi, Cosine(1.0), GRID, PHI, HBAR))()
    phase = jw.phase_grid(GRID, HBAR)
    (x,), (p,) = phase.mesh
    slope = -(p - 0.3) / 0.8**2 * PHI((x,), (p,))
    W = jw.wigner(psi, GRID, phase, HBAR)
    expected = jnp.sum(W * jnp.sin(x) * slope) * phase.cell  # U′ = −sin
    assert abs(parts.transport.real - expected) < 1e-10


def test_quadratic_potentials_have_no_defect(psi):
    assert abs(liouville_defect.defect(psi, Harmonic(2.0), GRID, PHI, HBAR)) < 1e-13
    claim = wigner_equation.wigner_equation(psi, Harmonic(2.0), GRID, HBAR, classical=True)
    assert claim.verdict == "holds"


def test_derivative_is_that_of_the_evolution(psi):
    """d/dt∫∫Wφ by its formula against central differences of the evolved state."""
    psi = psi / jnp.sqrt(jw.observables.norm(psi, GRID))
    system, h = jw.Schrodinger(GRID, Cosine(0.8), HBAR), 1e-3

    @jax.jit
    def value(t):
        run = jw.evolve(system, psi, duration=t, steps=2, gradient="forward", throw=False)
        return wigner_expectation(run.state, GRID, PHI, HBAR)

    difference = (value(h) - value(-h)) / (2 * h)
    assert abs(propagation.derivative(psi, Cosine(0.8), GRID, PHI, HBAR) - difference) < 1e-6


def test_tail_bounds_see_the_box():
    """An evolution in too small a box decides nothing."""
    times = {"duration": 1.0, "steps": 8, "saves": 2}

    @jax.jit
    def claim(lower, upper):
        grid = jw.Grid(lower, upper, 96)
        psi = jw.coherent_state(grid, 0.5, 1.5, HBAR)
        return propagation.position_tail(
            psi, Cosine(0.3), grid, HBAR, radius=2.5, inner=1.5, **times
        )

    assert claim(-6.0, 5.5).verdict == "holds"
    assert claim(-2.0, 2.2).verdict == "undecided"


def test_momentum_tail_constant_matters():
    """A packet of sharp momentum just above R uses most of Chebyshev's bound."""
    psi = jw.squeezed_state(GRID, -0.5, 1.5, 0.2, 6.0)
    claim = jax.jit(
        lambda psi: propagation.momentum_tail(
            psi, Cosine(0.02), GRID, 0.2, radius=1.2, duration=0.5, steps=8, saves=4
        )
    )(psi)
    assert claim.verdict == "holds" and claim.with_constant(0.5).verdict == "violated"


def test_initial_data_formulas_fail_for_another_exponent():
    psi = jw.wave_packet(GRID, 0.2, 1.2, 0.2, alpha=0.7)
    kinetic = lambda alpha: initial_data.initial_kinetic(psi, GRID, 0.2, momentum=1.2, alpha=alpha)
    spread = lambda alpha: initial_data.initial_covariance(psi, GRID, 0.2, alpha=alpha)
    for claim in (kinetic, spread):
        assert claim(0.7).verdict == "holds" and claim(0.65).verdict == "violated"


def test_coulomb_start_has_dawsons_closed_form():
    """⟨1/R²⟩ = (√2/(σR₀)) D(R₀/√2σ) for variance σ² = ½ħ^{2α} per component."""
    dawson = pytest.importorskip("scipy.special").dawsn
    hbars = np.array([0.3, 0.1])
    for distance in (0.4, 2.0):
        values = initial_data.coulomb_start(hbars, distance, alpha=0.5)
        sigma = np.sqrt(hbars / 2)
        closed = np.sqrt(2) / (sigma * distance) * dawson(distance / (np.sqrt(2) * sigma))
        np.testing.assert_allclose(values, np.sqrt(closed), rtol=1e-6)
    on_top = initial_data.coulomb_start(hbars, 0.0, alpha=0.5)
    np.testing.assert_allclose(on_top, np.sqrt(2 / hbars), rtol=1e-6)  # ⟨1/R²⟩ = 1/σ²


def test_packet_ensemble_is_the_wigner_function():
    cloud = classical_limit.packet_ensemble(0.2, 0.7, HBAR, 0.75, (30, 28))
    psi = jw.wave_packet(GRID, 0.2, 0.7, HBAR, alpha=0.75)
    classical = cloud.weights @ PHI(tuple(cloud.positions.T), tuple(cloud.momenta.T))
    assert abs(classical - wigner_expectation(psi, GRID, PHI, HBAR)) < 1e-9


def test_quantum_and_classical_agree_for_quadratic_potentials():
    errors = jax.jit(
        lambda hbars: classical_limit.observable_errors(
            lambda hbar: jw.coherent_state(GRID, 0.8, 0.3, hbar),
            lambda hbar: classical_limit.packet_ensemble(0.8, 0.3, hbar, 0.5, (24, 24)),
            Harmonic(1.3),
            GRID,
            PHI,
            hbars,
            duration=0.9,
            steps=24,
        )
    )(jnp.array([0.4, 0.25]))
    assert float(errors.max()) < 1e-6


def test_limit_value_extrapolates():
    hbars = jnp.array([0.02, 0.01])
    claim = limit_measures.limit_value(0.5 - 0.4 * hbars, hbars, 0.5, "half")
    assert claim.verdict == "holds"
    assert limit_measures.limit_value(0.5 - 0.4 * hbars, hbars, 1.0, "one").verdict == "violated"
    assert limit_measures.limit_value(0.5 - 9 * hbars, hbars, 0.5, "?").verdict == "undecided"


def test_husimi_claims_fail_with_the_printed_formulas():
    phase = jw.PhaseGrid(jw.Grid(-6.0, 6.5, 80), jw.Grid(-5.5, 6.0, 72))
    grid = jw.Grid(-7.0, 6.5, 128)
    points = np.array([0.2, -0.5, 0.3]), np.array([0.4, 0.1, -0.2])

    def program(hbar):
        orbitals = [jw.coherent_state(grid, q, p, hbar) for q, p in ((0.4, 0.2), (-0.7, 0.5))]
        state = jw.MixedState(jnp.array([0.4, 0.6]), jnp.stack(orbitals))
        inverse = jax.vmap(
            lambda band: husimi_functions.reconstruction(state, grid, phase, hbar, band=band)
        )
        heat = jax.vmap(
            lambda time: husimi_functions.smoothed_wigner(state, grid, phase, hbar, time=time)
        )
        printed = (
            husimi_functions.coherent_expectation(state, grid, phase, hbar, printed=True),
            husimi_functions.holomorphic_identity(state, grid, *points, hbar, printed=True),
        )
        correct = (
            husimi_functions.coherent_expectation(state, grid, phase, hbar),
            husimi_functions.holomorphic_identity(state, grid, *points, hbar),
        )
        return correct, printed, heat(jnp.array([0.25, 0.3])), inverse(jnp.array([6.0, 18.0]))

    correct, printed, heat, inverse = jax.jit(program)(0.4)
    entry = lambda claim, k: jax.tree.map(lambda leaf: leaf[k], claim)
    assert [claim.verdict for claim in correct] == ["holds", "holds"]
    assert [claim.verdict for claim in printed] == ["violated", "violated"]
    assert [entry(heat, k).verdict for k in (0, 1)] == ["holds", "violated"]
    # Beyond K the stated error e^{ħK²/4} × rounding leaves nothing to decide.
    assert [entry(inverse, k).verdict for k in (0, 1)] == ["holds", "undecided"]
