"""Moments of clouds and of fields on phase space."""

import jax.numpy as jnp
import numpy as np
from exact import gaussian

import jaxwigner as jw
from jaxwigner import observables as obs

HBAR, MASS = 0.3, 1.7
GRID = jw.Grid(-5.0, 6.0, 110)
PSI = jw.squeezed_state(GRID, 0.7, -0.9, HBAR, 1.6)


def test_moments_of_clouds():
    rng = np.random.default_rng(0)
    weights = rng.uniform(size=9)
    weights /= weights.sum()
    q, p = rng.normal(size=(2, 9, 2))
    mean, covariance = obs.moments(jw.Particles(weights, q, p))
    z = np.concatenate([q, p], axis=1)
    np.testing.assert_allclose(mean, weights @ z, atol=1e-14)
    np.testing.assert_allclose(covariance, np.cov(z.T, aweights=weights, ddof=0), atol=1e-13)


def test_moments_of_fields():
    phase = jw.PhaseGrid(
        jw.Grid((-3.0, -3.2), (3.1, 3.4), (30, 32)), jw.Grid((-2.9, -3.1), (3.3, 3.0), (28, 34))
    )
    (x, y), (p, q) = phase.mesh
    covariance = np.diag([0.2, 0.22, 0.24, 0.21]) + 0.03
    W = 2.5 * gaussian((x, y, p, q), (0.1, -0.2, 0.3, 0.0), jnp.asarray(covariance))
    mean, found = obs.phase_moments(W, phase)
    np.testing.assert_allclose(mean, [0.1, -0.2, 0.3, 0.0], atol=1e-8)
    np.testing.assert_allclose(found, covariance, atol=1e-7)


def test_wigner_functions_have_the_quantum_covariance():
    phase = jw.phase_grid(GRID, HBAR)
    mean, covariance = obs.phase_moments(jw.wigner(PSI, GRID, phase, HBAR), phase)
    np.testing.assert_allclose(mean, [0.7, -0.9], atol=1e-11)
    np.testing.assert_allclose(covariance, HBAR * np.diag([0.8, 1 / 3.2]), atol=1e-11)
