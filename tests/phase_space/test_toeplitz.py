"""Töplitz states are mixtures of coherent states, and their phase-space functions smoothed clouds."""

import jax.numpy as jnp
import numpy as np
import small
from exact import gaussian

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-6.0, 7.0, 96)
NATURAL = jw.phase_grid(GRID, HBAR)
PLANE = jw.Grid((-4.0, -4.5), (4.5, 4.2), (54, 60))


def test_toeplitz_states_are_coherent_states():
    cloud = jw.Particles([0.25, 0.75], [[0.1, 0.2], [-0.4, 0.3]], [[0.0, 1.0], [0.5, -0.5]])
    mixed = jw.toeplitz_state(cloud, PLANE, HBAR)
    np.testing.assert_array_equal(mixed.weights, cloud.weights)
    for psi, q, p in zip(mixed.orbitals, cloud.positions, cloud.momenta):
        np.testing.assert_allclose(
            psi, jw.coherent_state(PLANE, tuple(q), tuple(p), HBAR), atol=1e-14
        )


def test_toeplitz_states_are_smoothed_clouds():
    rng = np.random.default_rng(2)
    cloud = jw.Particles(np.full(5, 0.2), rng.normal(size=5), rng.normal(size=5))
    mixed = jw.toeplitz_state(cloud, GRID, HBAR)
    (x,), (p,) = NATURAL.mesh
    for transform, variance in ((jw.wigner, HBAR / 2), (jw.husimi, HBAR)):
        expected = sum(
            0.2 * gaussian((x, p), (q, k), variance * jnp.eye(2))
            for q, k in zip(cloud.positions[:, 0], cloud.momenta[:, 0])
        )
        np.testing.assert_allclose(transform(mixed, GRID, NATURAL, HBAR), expected, atol=1e-7)


PUBLIC = [small.call(jw.ToeplitzState, particles=small.CLOUD, hbar=0.5)]
