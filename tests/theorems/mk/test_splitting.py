"""Time splitting in MK_ħ: linear maps against the engine, the two parts of the excess, and the bound."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import mk_splitting
from jaxwigner.theorems.mk import splitting

CLOUD = jw.Gaussian(np.array([0.7, -0.4]), np.array([[0.3, 0.05], [0.05, 0.2]]))


@pytest.mark.parametrize("method", ["strang", "chin-4a", "blanes-moan-6"])
def test_linear_maps_are_those_of_the_engine(method):
    start = jw.Particles([0.5, 0.5], [1.0, 0.0], [0.0, 1.0])
    flow = jw.Newton(jw.potentials.Harmonic(1.7))
    run = jw.evolve(flow, start, duration=1.1, steps=3, method=method, throw=False)
    A = splitting._split(1.7, 1.1, 3, method)
    found = np.stack([run.state.positions[:, 0], run.state.momenta[:, 0]])
    np.testing.assert_allclose(found, A, rtol=0, atol=1e-12)


def test_a_point_is_a_product():
    """R_δ is pure: MK² = ½|Δm|² + ½tr(S + S′)."""
    point = jw.Gaussian(np.array([1.0, 0.5]), np.zeros((2, 2)))
    claim, _, classical = mk_splitting.gaussian_splitting(point, -0.8, 0.2, duration=0.9, steps=1)
    maps = [splitting._split(-0.8, 0.9, n, by) for n, by in ((1, "strang"), (64, "blanes-moan-6"))]
    expected = classical + 0.05 * sum(np.sum(np.asarray(A) ** 2) for A in maps)
    assert abs(float(claim.lhs.centre) - expected) < 1e-9


POINT = jw.Gaussian(np.array([0.7, -0.4]), np.zeros((2, 2)))


@pytest.mark.parametrize("method, order", [("strang", 2), ("chin-4a", 4)])
def test_the_excess_is_linear_in_hbar_and_classical_below(method, order):
    def excess(hbar, steps):
        options = {"duration": 1.5, "steps": steps, "method": method}
        _, found, classical = mk_splitting.gaussian_splitting(POINT, 1.3, hbar, **options)
        return float(found.centre), float(classical)

    quantum = [excess(h, n)[0] - excess(h, n)[1] for h, n in ((0.3, 4), (0.3, 8), (0.1, 8))]
    assert abs(np.log2(quantum[0] / quantum[1]) - order) < 0.2
    assert abs(quantum[1] / quantum[2] - 3) < 1e-3
    total, classical = excess(1e-9, 2)
    assert abs(total / classical - 1) < 1e-3


def test_the_fit_finds_both_parts_and_leaves_out_noise():
    taus, hbar = np.array([0.8, 0.4, 0.2, 0.1, 0.01]), 0.05
    values = -0.3 * hbar * taus**4 + 0.7 * taus**8
    excess = jw.Bracket.estimated(values + 1e-9 * (taus == 0.01), 1e-9)
    c1, c2 = mk_splitting.fitted_excess(taus[:3], jw.Bracket.exact(values[:3]), hbar, order=4)
    assert abs(c1 + 0.3) < 1e-9 and abs(c2 - 0.7) < 1e-9
    noisy = mk_splitting.fitted_excess(taus, excess, hbar, order=4)
    assert np.allclose(noisy, (c1, c2), rtol=1e-3)
    unknown = jw.Bracket.estimated(values, 1.0)
    assert np.all(np.isnan(mk_splitting.fitted_excess(taus, unknown, hbar)))


@pytest.mark.parametrize("hbar, used", [(0.5, 0.13), (1e-4, 0.9)])
def test_the_bound(hbar, used):
    """Nearly used up where the classical error is larger than ħ."""
    far = jw.Gaussian(np.array([8.0, 5.0]), np.array([[0.3, 0.05], [0.05, 0.2]]))
    claim, _, _ = mk_splitting.gaussian_splitting(far, -0.7, hbar, duration=1.0, steps=1)
    assert claim.verdict == "holds" and claim.with_constant(used).verdict == "violated"


@pytest.mark.slow
def test_packets_on_a_grid_are_the_gaussian_of_a_point():
    """One packet under the oscillator: product cost, means and norms by hand."""
    grid, steps = jw.Grid(-6.0, 6.0, 128), jnp.array([2, 5])
    one = jw.Particles([1.0], [0.7], [-0.4])
    found = mk_splitting.splitting_errors(
        one, jw.potentials.Harmonic(1.44), grid, 0.3, steps, duration=1.0, reference=64
    )
    point = jw.Gaussian(np.array([0.7, -0.4]), np.zeros((2, 2)))
    for k, n in enumerate((2, 5)):
        claim, _, classical = mk_splitting.gaussian_splitting(
            point, 1.44, 0.3, duration=1.0, steps=n
        )
        assert abs(float(found.cost.centre[k]) - float(claim.lhs.centre)) < 1e-6
        assert abs(float(found.classical[k] - classical)) < 1e-9
        assert abs(float(found.means[k]) ** 2 - 2 * float(classical)) < 1e-9
    assert int(found.resolution) == 0
