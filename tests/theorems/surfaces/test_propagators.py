"""Products of exponentials: their order, and the order in which they act."""

import jax.numpy as jnp
import numpy as np

from jaxwigner.potentials.surfaces.algebra import exponential_of_two, unpacked
from jaxwigner.theorems import fitted_rate
from jaxwigner.theorems.surfaces.propagators import ordered_product, stages


def propagated(steps):
    """iċ = ((s, s²), (s², −s))c over 0 < s < 1.7: matrices that do not commute."""
    sums, h = stages(lambda s: jnp.stack([s, s**2], -1), 0.0, 1.7, steps)
    z, w = h * sums.T
    return ordered_product(unpacked(exponential_of_two(jnp.stack([z, w, -z]))))


def test_order_four():
    counts = np.array([8, 16, 32, 64])
    exact = propagated(2048)
    errors = [float(jnp.abs(propagated(n) - exact).max()) for n in counts]
    assert abs(float(fitted_rate(1 / counts, np.array(errors)).centre) - 4) < 0.15
    np.testing.assert_allclose(jnp.conj(exact).T @ exact, np.eye(2), atol=1e-12)


def test_the_last_factor_acts_last():
    factors = np.random.default_rng(1).normal(size=(8, 3, 2, 2))
    expected = np.broadcast_to(np.eye(2), (3, 2, 2))
    for one in factors:
        expected = one @ expected
    np.testing.assert_allclose(ordered_product(factors), expected, rtol=1e-12)
