"""Tables of one length, and steps that are those of the engine."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import surfaces_orders as orders

RING = jw.Grid(-np.pi, np.pi, 16, periodic=True)
SYSTEM = jw.Surfaces(RING, lambda x: [[jnp.sin(x), 0.7 + 0 * x], [0.7 + 0 * x, -jnp.sin(x)]], 0.5)


def test_tables_are_filled_up():
    found = orders.tables(["strang", "symmetric-6"])
    assert found.shape == (2, 2, 11)
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-12)
    np.testing.assert_array_equal(found[0, :, 2:], 0.0)


@pytest.mark.parametrize("method", ["strang", "symmetric-4"])
def test_steps_are_those_of_the_engine(method):
    one = jw.coherent_state(RING, -0.5, 0.6, 0.5)
    psi = jnp.stack([0.6 * one, 0.8j * one])
    options = {"duration": 1.0, "throw": False}
    end, exact = (
        jw.evolve(SYSTEM, psi, steps=n, method=by, **options).state
        for n, by in ((3, method), (40, "symmetric-6"))
    )
    expected = jnp.sqrt(jnp.sum(jnp.abs(end - exact) ** 2) * RING.cell)
    found = orders.splitting_errors(
        SYSTEM, psi, [method], np.array([3]), duration=1.0, exact=("symmetric-6", 40)
    )
    assert float(found[0, 0]) == pytest.approx(float(expected), rel=1e-6)


def test_verdicts():
    steps = np.array([8, 12, 16])
    assert orders.order(3.0 * steps**-4.0, steps, 4).verdict == "holds"
    assert orders.order(3.0 * steps**-4.0, steps, 6).verdict == "violated"
