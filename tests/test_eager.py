"""What NumPy computes for the tests is what JAX would have computed, to the bit and in its types; the rest is compiled."""

import eager
import jax
import jax.numpy as jnp
import numpy as np
import pytest

pytestmark = pytest.mark.skipif(not eager.INSTALLED, reason="this run leaves all to JAX")
RNG = np.random.default_rng(3)
X, Y = (jnp.asarray(one) for one in RNG.normal(size=(2, 3, 7)))
ODD = jnp.asarray([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, 1e-307])
Z = jnp.asarray(RNG.normal(size=5) + 1j * RNG.normal(size=5))
N = jnp.arange(5)

BY_NUMPY = {
    "arithmetic": lambda: (X + Y, X - Y, X * Y, X / Y, -X, 2 * X, X / 3, 1 / X),
    "what is no number": lambda: (ODD + 1, 2 * ODD, ODD / ODD, jnp.sqrt(ODD), jnp.floor(ODD)),
    "roots and sizes": lambda: (jnp.sqrt(abs(X)), abs(X), X**2, jnp.floor(X), jnp.isfinite(ODD)),
    "comparisons": lambda: (X > Y, X <= 0, X == X, N != 2, ~(X > 0), (X > 0) & (Y > 0)),
    "larger and smaller": lambda: (jnp.maximum(X, Y), jnp.max(X), jnp.min(ODD), jnp.max(X, 1)),
    "choices": lambda: (jnp.where(X > 0, X, Y), jnp.where(X > 0, 1.0, X), jnp.all(X > -9)),
    "shapes": lambda: (X.T, X.reshape(7, 3), X[None], X[:, 1:5:2], X[1], jnp.stack([X, Y])),
    "whole numbers": lambda: (N + 1, N * N, -N, 7 - N, N.astype(float), N > 2),
    "parts": lambda: (Z.real, Z.imag, Z.conj(), X + 1j, Z + Z, -Z),
    "types": lambda: (X.astype(np.float32), jnp.asarray(1.5) * 2, jnp.add(1, 2.5), N * 1.0),
}


def bits(array):
    """Those of an array, with one NaN for all."""
    array = np.asarray(array)
    return np.where(array == array, array, np.nan).astype(array.dtype).tobytes()


@pytest.mark.parametrize("name", BY_NUMPY)
def test_the_same_bits(name, compilations):
    found = BY_NUMPY[name]()
    assert compilations[0] == 0
    expected = jax.jit(BY_NUMPY[name]).lower().compile()()
    assert compilations[0] == 1
    for one, other in zip(found, expected, strict=True):
        assert (one.dtype, one.shape, one.weak_type) == (other.dtype, other.shape, other.weak_type)
        assert one.sharding == other.sharding and one.committed == other.committed
        assert bits(one) == bits(other)


@pytest.mark.parametrize(
    "call",
    [
        lambda: jnp.exp(X[:, :6]),
        lambda: Z[:4] * Z[1:],
        lambda: jnp.sum(X[:, :5]),
        lambda: X[:, :4] ** 3,
        lambda: jnp.ones(eager.LARGEST + 1) + jnp.ones(eager.LARGEST + 1),
        lambda: jax.device_put(X, jax.devices()[0])[:, :3] + 1,
    ],
)
def test_what_is_compiled(call, compilations):
    call()
    assert compilations[0] > 0
