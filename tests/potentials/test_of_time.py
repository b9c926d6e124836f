"""Potentials that depend on the time: what makes a function one, and what sums and axes of them are."""

import functools

import jax
import jax.numpy as jnp
import pytest

from jaxwigner import potentials as pot


def test_a_function_of_the_time_is_known_by_its_last_argument():
    """Bound arguments and classes count; what is closed over may be traced."""

    class Pulse(pot.Potential):
        size: float

        def __call__(self, x, time):
            return -self.size * x * time

    drives = [
        lambda x, t: -2.0 * x * t,
        lambda x, time: -2.0 * x * time,
        lambda x, t, size=2.0: -size * x * t,
        functools.partial(lambda size, x, t: -size * x * t, 2.0),
        Pulse(2.0),
        pot.Driven(lambda x, s: -2.0 * x * s),
        pot.Driven(lambda *z: -2.0 * z[0] * z[1]),
    ]
    for drive in drives:
        drive = pot.as_potential(drive)
        assert isinstance(drive, pot.Driven)
        assert float(drive.at(3.0)(0.5)) == -3.0 and float(drive.at(3.0).gradient(0.5)[0]) == -6.0
    traced = jax.grad(lambda a: pot.as_potential(lambda x, t: a * x * t).at(3.0)(0.5))(1.0)
    assert float(traced) == 1.5


def test_static_functions_stay_what_they_are():
    fixed = functools.partial(lambda x, t: x * t, t=2.0)
    for function in (fixed, lambda *x: 2.0 * x[0], lambda x, size=2.0: size * x):
        assert isinstance(pot.as_potential(function), pot.Function)
        assert float(pot.as_potential(function).at(9.0)(0.5)) == 1.0


def test_a_drive_in_sums_multiples_and_axes():
    drive = pot.Driven(lambda x, t: x * t)
    one = pot.Harmonic(2.0) + drive - (lambda x, t: 3.0 * t * x)
    assert float(one.at(0.5)(2.0)) == 4.0 - 2.0
    assert float((-2.0 * drive).at(0.5)(2.0)) == -2.0
    both = pot.Separable([pot.Harmonic(2.0), drive])
    assert float(both.at(0.5)(1.0, 4.0)) == 3.0
    assert float(one.at(0.5).gradient(2.0)[0]) == 4.0 - 1.0
    assert one.dimension == 1 and pot.Driven(lambda x, y, t: x * y * t).dimension == 2
    with pytest.raises(ValueError, match="`potential` must be static here"):
        one(2.0)


@pytest.mark.parametrize(
    "function",
    [
        lambda t: jnp.sin(t),
        lambda x, t=0.0: x * t,
        lambda t, x: x * t,
        lambda *x, t: x[0] * t,
        lambda x, *t: x * t[0],
        lambda x, t, time: x * t * time,
    ],
)
def test_a_time_that_might_be_something_else(function):
    match = "`potential` must take the time `t(ime)?` as its last argument"
    with pytest.raises(ValueError, match=match):
        pot.as_potential(function)
    with pytest.raises(ValueError, match=match):
        pot.Harmonic(1.0) + function
    with pytest.raises(ValueError, match="`function` must be a function of \\(x, t\\)"):
        pot.Driven(3.0)
