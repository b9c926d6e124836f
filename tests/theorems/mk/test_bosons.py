"""N bodies and Hartree in MK_ħ for V that is not quadratic: K_N, two bodies by two methods, and Gaussians where V is quadratic."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import mk_bosons, mk_mean_field


def test_the_consistency_term_is_its_definition():
    """K_3 by the sum over all triples of points."""
    grid, V = jw.Grid(-3.0, 3.0, 12), jw.potentials.Gaussian(0.7, 1.1)
    rho = np.exp(-((np.asarray(grid.axes[0]) - 0.4) ** 2))
    rho /= rho.sum() * grid.cell
    x, w = np.asarray(grid.axes[0]), rho * grid.cell
    (f,) = (np.asarray(g) for g in V.gradient(x[:, None] - x))
    gap = (f[:, :, None] + f[:, None, :]) / 3 - (f @ w)[:, None, None]
    expected = np.einsum("i,j,k,ijk->", w, w, w, gap**2)
    found = mk_bosons.grid_consistency(rho, V, grid, 3)
    assert abs(float(found) / expected - 1) < 1e-12


@pytest.mark.slow
def test_two_bodies_under_a_quadratic_force_are_the_gaussian_model():
    grid, h = jw.Grid(-7.0, 7.0, 96), 0.4
    psi = jw.coherent_state(grid, 0.0, 0.0, h)
    options = {"duration": 0.6, "steps": 24}
    found = jax.jit(
        lambda R: mk_bosons.two_bodies_mean_field(
            R, jw.potentials.Harmonic(0.5), grid, h, **options
        )
    )(jw.MixedState(jnp.ones(1), psi[None]))
    R = jw.Gaussian(np.zeros(2), 0.5 * h * np.eye(2))
    rows = {(n, f): one for n, f, one in _rows(mk_mean_field.every_form(R, 0.5, h, 0.6, 2.0))}
    for form, one in found.items():
        exact = rows["N", form]
        assert abs(float(one.lhs.centre - exact.lhs.centre)) < 1e-6
        assert abs(float(one.rhs.centre / exact.rhs.centre) - 1) < 1e-3


def _rows(found):
    for n, claims in found.items():
        for form, one in zip(mk_mean_field.FORMS, claims):
            yield n, form, one


@pytest.mark.slow
def test_condensates_tend_to_hartree_and_stay_within_every_bound():
    grid, V, h = jw.Grid(-9.0, 9.0, 96), jw.potentials.Gaussian(1.0, 1.0), 0.5
    phi = jw.coherent_state(grid, 0.0, 0.0, h)
    program = jax.jit(
        lambda N: mk_bosons.condensate_mean_field(phi, V, grid, h, N, duration=0.8, steps=24)
    )
    own = jw.evolve(jw.Hartree(grid, V, h), phi, duration=0.8, steps=24).state
    limit = jnp.trace(jw.transport.quantum_moments(own, grid=grid, hbar=h).covariance)
    gaps = []
    for N in (100.0, 1000.0):
        found = program(N)
        assert all(one.verdict == "holds" for one in found.values())
        gaps.append(float(found["roots"].lhs.centre - limit))
    assert abs(gaps[0] / gaps[1] - 10) < 0.5
