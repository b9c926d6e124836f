"""The square of limits: one surface in N and ħ."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from jaxwigner.theorems import square


def test_surface_is_monotone_in_the_number_and_below_its_bound():
    p = jw.Gaussian([0.0, 0.0], [[0.5, 0.1], [0.1, 0.3]])
    numbers, hbars = np.array([2.0, 10.0, 1e3]), np.array([0.01, 0.1])
    surface = jax.jit(lambda p: square.joint_surface(p, -0.5, hbars, numbers, duration=1.0))
    cost, bound = surface(p)
    assert cost.shape == bound.shape == (2, 3)
    assert np.all(np.asarray(cost) < np.asarray(bound))
    assert np.all(np.diff(np.asarray(cost), axis=0) > 0)


def test_upper_arrow_uniformly_in_hbar():
    """One body is free; a thousand cold ones nearly reach the bound; twice the force has another limit."""

    @jax.jit
    def sides(hbar, number, factor):
        R = jw.Gaussian(jnp.zeros(2), jnp.diag(jnp.stack([0.2, hbar**2 / 0.8])))
        options = {"duration": 1.0, "factor": factor}
        claim = square.husimi_uniformly(R, 0.5, hbar, number, **options)
        return claim.lhs.centre, claim.rhs.centre

    free, limit = sides(0.3, 1.0, 1.0)
    np.testing.assert_allclose(free, limit, rtol=1e-9)
    many, limit = sides(1e-8, 1e3, 1.0)
    assert 0.97 * limit < many < limit
    np.testing.assert_allclose(np.sqrt(1e3 * sides(1.0, 1e3, 1.0)[0]), 0.2039, rtol=1e-3)
    assert sides(1.0, 1e3, 2.0)[0] > 10 * sides(1.0, 1e3, 2.0)[1]


def test_cold_line_falls_like_the_root_of_the_number():
    """ħ → 0: Hartree's covariance has rank 1 and the other direction holds c/N, so that N dist² → ½c, c = |A|'s part across it."""
    w, t, hbar, N = np.sqrt(0.5), 1.0, 1e-11, 1e3
    R = jw.Gaussian([0.0, 0.0], [[0.2, 0.0], [0.0, hbar**2 / 0.8]])
    left = square.husimi_uniformly(R, 0.5, hbar, N, duration=t).lhs.centre
    line, free = np.array([np.cos(w * t), -w * np.sin(w * t)]), np.array([1.0, 0.0])
    A = 0.2 * ((1 - 1 / N) * np.outer(line, line) + np.outer(free, free) / N)
    B = 0.2 * np.outer(line, line)
    nearest = (
        np.trace(A) + np.trace(B) - 2 * np.sqrt(np.trace(A @ B))
    )  # rank one: tr(√B A √B)^½ = √tr(AB)
    np.testing.assert_allclose(left, 0.5 * N * nearest, rtol=5e-3)
