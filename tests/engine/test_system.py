"""What a system needs: the two flows and nothing else."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw


class Rotation(jw.System):
    """A system of one's own: q̈ = −q on a pair of numbers, without anything beyond the two flows."""

    def drift_flow(self, tau):
        return jax.tree_util.Partial(lambda tau, z: jnp.stack([z[0] + tau * z[1], z[1]]), tau)

    def kick_flow(self, tau):
        return jax.tree_util.Partial(lambda tau, z: jnp.stack([z[0], z[1] - tau * z[0]]), tau)

    def enter(self, state):
        return jnp.asarray(state)

    def diagnose(self, state):
        zero, one = jnp.zeros(()), jnp.ones(())
        energy = 0.5 * jnp.sum(state**2)
        return {
            "norm": one,
            "energy": energy,
            "kinetic": 0.5 * state[1] ** 2,
            "spectral_tail": zero,
            "edge_mass": zero,
        }


def test_a_system_of_ones_own_has_gradients_too():
    final = lambda z: jw.evolve(Rotation(), z, duration=1.1, steps=30, throw=False).state  # noqa: E731
    start = jnp.array([0.3, -0.8])
    exact = np.array([[np.cos(1.1), np.sin(1.1)], [-np.sin(1.1), np.cos(1.1)]])
    np.testing.assert_allclose(final(start), exact @ start, atol=1e-8)
    np.testing.assert_allclose(jax.jit(jax.jacrev(final))(start), exact, atol=1e-8)
    with pytest.raises(ValueError, match="Argument `method` must not need a modified kick"):
        jw.evolve(Rotation(), start, duration=1.0, steps=2, method="chin-4a")
