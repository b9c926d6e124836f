"""The mean of c v⊗v⊗v is D³U, by every way of drawing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import qmc

from jaxwigner.potentials import Cosine, Free, Function, Harmonic, Morse, Pairs, Ridges, Separable
from jaxwigner.potentials.pairs import cubic


def soft(r):
    return jnp.exp(-r) + 1 / r


ROWS = np.random.default_rng(3).normal(size=(4, 6))
MIXED = Pairs(soft, 2) + Harmonic(1.0) + 0.3 * Ridges(jnp.sin, ROWS)
PLANE = Function(lambda x, y: x**2 * y - y**3 / 3 + jnp.sin(x * y))
CASES = {
    "three bodies on a line": (Pairs(soft, 3, 1), 3, True, 1e-3),
    "three bodies in a plane": (Pairs(soft, 3, 2), 6, True, 1e-3),
    "a pair, a trap and ridges": (MIXED, 6, True, 1e-3),
    "separable": (Separable([Morse(1.0, 1.0), Cosine(1.0)]), 2, True, 1e-3),
    "one coordinate": (Function(jnp.sin), 1, True, 1e-12),
    "one coordinate, sphere": (Function(jnp.sin), 1, False, 1e-9),
    "sphere": (PLANE, 2, False, 3e-3),
}


@pytest.mark.parametrize("name", CASES)
def test_the_mean_is_the_third_derivative(name):
    potential, d, exact, tolerance = CASES[name]
    point = jnp.asarray(np.random.default_rng(0).normal(size=d) + 0.7 * np.arange(d))

    def value(x):
        return potential(*x)

    wanted = jax.jacfwd(jax.jacfwd(jax.jacfwd(value)))(point)
    number = 2**14
    uniforms = np.clip(qmc.Sobol(d + 2, rng=np.random.default_rng(1)).random(number).T, 1e-12, 1)
    x = jnp.broadcast_to(point[:, None], (d, number))
    c, v = jax.jit(lambda x, u: cubic.drawn(potential, x, u, exact))(x, jnp.asarray(uniforms))
    mean = jnp.einsum("n,in,jn,kn->ijk", c, v, v, v) / number
    assert jnp.max(jnp.abs(mean - wanted)) < tolerance * jnp.max(jnp.abs(wanted))


def test_what_is_known_and_what_is_not():
    x = jnp.ones((2, 1))
    assert cubic.terms(Harmonic(1.0) + 2 * Free(), x) == []
    assert cubic.terms(PLANE + Harmonic(1.0), x) is None
    assert cubic.terms(3 * PLANE, x) is None
