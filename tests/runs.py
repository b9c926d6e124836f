"""Runs compiled as a whole, and what their gradients must agree with."""

import jax
import numpy as np

import jaxwigner as jw


def evolved(system, state, **options):
    """A run that was resolved."""
    run = jax.jit(lambda u: jw.evolve(system, u, throw=False, **options))(state)
    return run.check()


def check_gradients(loss, at, *, checkpointed=1e-12, differences=1e-8):
    """That reversible slopes of loss(numbers, gradient) are those of checkpointing, and of central differences, as near as that."""
    slopes = jax.jit(jax.grad(loss), static_argnums=1)
    found = slopes(at, "reversible")
    np.testing.assert_allclose(found, slopes(at, "checkpointed"), atol=checkpointed)
    value, h = jax.jit(lambda p: loss(p, "forward")), 1e-5
    ends = [(value(at.at[i].add(h)), value(at.at[i].add(-h))) for i in range(at.size)]
    exact = [(after - before) / (2 * h) for after, before in ends]
    np.testing.assert_allclose(found, exact, atol=differences)
