"""Observables by name and as functions of x, of p, or of both."""

import jax.numpy as jnp
import numpy as np

from jaxwigner.potentials import Harmonic
from jaxwigner.studies.compare.observed import NAMES, observables

X, P = jnp.array([1.0, 2.0]), jnp.array([3.0, -1.0])
MASS = jnp.array([2.0, 0.5])


def test_names():
    found = observables(NAMES, Harmonic(2.0), MASS)
    kinetic, potential = 9 / 4 + 1, 5.0
    wanted = [X, P, kinetic, potential, kinetic + potential, 5.0, 10.0]
    for name, value in zip(NAMES, wanted):
        np.testing.assert_allclose(found[name](X, P), value, rtol=1e-14)
    one = observables("position", Harmonic(2.0), MASS[:1])["position"](X[:1], P[:1])
    assert one.shape == ()


def test_functions():
    own = {"a": lambda x: x[0] * x[1], "b": lambda p: p[0], "c": lambda x, p: x @ p}
    own |= {"d": lambda momentum: momentum[1], "e": lambda q, scale=2.0: scale * q[0]}
    found = observables(own, Harmonic(1.0), MASS)
    values = [float(f(X, P)) for f in found.values()]
    assert values == [2.0, 3.0, 1.0, -1.0, 2.0]
    square = observables(lambda x: x**2, Harmonic(1.0), MASS[:1])
    assert [float(f(X[:1], P[:1])) for f in square.values()] == [1.0]
