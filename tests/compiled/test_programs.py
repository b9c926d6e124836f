"""Eager calls: one program for all numbers, and never one that is out of date."""

import importlib.util
import os

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.compiled import once, with_known_functions

GRID = jw.Grid(-4.0, 4.0, 48)
PSI = jw.coherent_state(GRID, 0.4, 0.1, 0.3)
STRENGTH = 0.7


def final(potential, hbar, **options):
    options = {"duration": 0.5, "steps": 7, "throw": False} | options
    return jw.evolve(jw.Schrodinger(GRID, potential, hbar), PSI, **options)


def named(x):
    return STRENGTH * x**2


def with_attribute(x):
    return with_attribute.k * x**2


def helper(x):
    return named(x)


WRITTEN = {
    "a potential of the library": lambda: jw.potentials.Harmonic(1.4),
    "a lambda": lambda: lambda x: 0.7 * x**2,
    "a closure": lambda a=0.7: lambda x: a * x**2,
    "a function that names a global": lambda: named,
}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_loop_over_hbar_makes_one_program(way, compilations):
    observe = {"x": lambda u: jnp.sum(GRID.axes[0] * jnp.abs(u) ** 2)}
    runs = [final(WRITTEN[way](), 0.3, saves=2, observe=observe)]
    first = compilations[0]
    again = (
        final(WRITTEN[way](), hbar, saves=2, observe=dict(observe))
        for hbar in np.linspace(0.31, 0.4, 4)
    )
    runs += list(again)
    assert compilations[0] == first
    assert len({float(run.observed["x"][-1]) for run in runs}) == len(runs)


def test_what_a_function_depends_on_is_seen(monkeypatch):
    """A global, a closure, a default, a table that was changed in place, a method's state: every one makes another run."""
    table = np.array([0.7])

    class Spring:
        k = 0.7

        def __call__(self, x):
            return self.k * x**2

    spring, options = Spring(), {"k": 0.7}
    ways = {
        "global": lambda: named,
        "table": lambda: lambda x: table[0] * x**2,
        "state": lambda: spring,
        "dict": lambda: lambda x: options["k"] * x**2,
        "attribute": lambda: with_attribute,
        "environment": lambda: lambda x: float(os.environ["STRENGTH"]) * x**2,
        "helper": lambda: lambda x: helper(x),
    }
    monkeypatch.setattr(with_attribute, "k", 0.7, raising=False)
    monkeypatch.setenv("STRENGTH", "0.7")
    before = {name: final(way(), 0.3).state for name, way in ways.items()}
    monkeypatch.setattr(__import__("sys").modules[__name__], "STRENGTH", 0.2)
    monkeypatch.setenv("STRENGTH", "0.2")
    table[0], spring.k, options["k"], with_attribute.k = 0.2, 0.2, 0.2, 0.2
    wanted = final(jw.potentials.Harmonic(0.4), 0.3).state
    for name, way in ways.items():
        np.testing.assert_allclose(final(way(), 0.3).state, wanted, atol=1e-13, err_msg=name)
        assert float(jnp.max(jnp.abs(before[name] - wanted))) > 1e-3


def test_classes_of_ones_own_are_looked_into(tmp_path):
    """A Potential whose method names a global of its module."""
    file = tmp_path / "own.py"
    file.write_text(
        "import jaxwigner as jw\nk = 0.7\n"
        "class Own(jw.potentials.Potential):\n"
        "    def __call__(self, x):\n        return k * x**2\n"
    )
    spec = importlib.util.spec_from_file_location("own", file)
    own = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(own)
    one = final(own.Own(), 0.3).state
    own.k = 0.2
    other = final(own.Own(), 0.3).state
    np.testing.assert_allclose(other, final(jw.potentials.Harmonic(0.4), 0.3).state, atol=1e-13)
    assert float(jnp.max(jnp.abs(one - other))) > 1e-3


def test_classes_are_looked_into_where_no_function_is(monkeypatch):
    """`once`, of a module whose class is the user's and which holds numbers alone."""

    class Line(eqx.Module):
        a: float

        def __call__(self, x):
            return STRENGTH * self.a * x

    applied = once(lambda line, x: line(x))
    assert float(applied(Line(2.0), 1.0)) == 2.0 * STRENGTH
    monkeypatch.setattr(__import__("sys").modules[__name__], "STRENGTH", 0.2)
    assert float(applied(Line(2.0), 1.0)) == 0.4


def test_what_cannot_be_told_is_not_kept():
    def imports(x):
        import conftest

        return 0.7 * x**2 * (conftest is not None)

    assert with_known_functions((imports,)) is None
    assert with_known_functions((lambda x: np.random.normal() * x,)) is None
    assert with_known_functions((lambda x: np.pi * x,)) is not None
    assert with_known_functions((lambda x: open, jnp.ones(2))) is not None

    def about(a):
        assert (
            with_known_functions((a,)) is None and with_known_functions((lambda x: a * x,)) is None
        )
        return a

    jax.jit(about)(1.0)
    jax.grad(about)(1.0)
