"""Going on with a sweep notices what its function is made of, or says what it cannot know."""

import functools
import os
import subprocess
import sys
import threading
import types

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sweeps import ROOT

import jaxwigner as jw
from jaxwigner.compiled.identity import Identity, digest

AXES = {"x": [1.0, 2.0], "name": ["a", "b"]}  # a text, and `float`: called point by point


def closing(value):
    return lambda x, name: float(x) * np.sum(value)


def defaulting(value):
    def function(x, name, factor=value):
        return float(x) * factor

    return function


def keyword(value):
    def function(x, name, *, factor=value):
        return float(x) * factor

    return function


def scaled(x, name, factor):
    return float(x) * np.sum(factor)


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x, name):
        return float(x) * self.factor


def in_a_module(text):
    module = types.ModuleType("users")
    exec(text, module.__dict__)
    return module.function


def helped(value):
    lines = f"def inner(x): return {value} * x\ndef outer(x): return inner(x)\n"
    return in_a_module(lines + "def function(x, name): return outer(float(x))\n")


def with_constant(value):
    return in_a_module(f"K = {value}\ndef function(x, name): return K * float(x)\n")


def with_class_value(value):
    return type("Scale", (), {"k": value, "__call__": lambda self, x, name: self.k * float(x)})()


KINDS = {
    "closure": closing,
    "closure of an array": lambda value: closing(np.array([value, 1.0])),
    "closure of a list": lambda value: closing([value, 1.0]),
    "default": defaulting,
    "keyword default": keyword,
    "helper of a helper": helped,
    "constant of the module": with_constant,
    "partial": lambda value: functools.partial(scaled, factor=value),
    "partial of an array": lambda value: functools.partial(scaled, factor=np.array([value])),
    "attribute": Scale,
    "method": lambda value: Scale(value).__call__,
    "attribute of the class": with_class_value,
    "cached": lambda value: functools.lru_cache(closing(value)),
    "vectorized": lambda value: np.vectorize(closing(value)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_function_is_noticed(tmp_path, kind):
    made, store = KINDS[kind], tmp_path / "a.zarr"
    first = jw.sweep(made(2.0), AXES, store=store)
    assert first.attrs["compiled"] != "yes"
    jw.sweep(made(2.0), AXES, store=store, resume=True)
    with pytest.raises(ValueError, match="has other function: `"):
        jw.sweep(made(3.0), AXES, store=store, resume=True)


def called_back(value, seen=None):
    def host(x):
        if seen is not None:
            seen.append(1)
        return np.asarray(value * x)

    def function(x):
        shape = jax.ShapeDtypeStruct((), jnp.result_type(x))
        return jax.pure_callback(host, shape, x, vmap_method="sequential")

    return function


def test_a_changed_callback_is_noticed(tmp_path):
    axes, store = {"x": [1.0, 2.0]}, tmp_path / "a.zarr"
    assert jw.sweep(called_back(2.0), axes, store=store).attrs["compiled"] == "yes"
    jw.sweep(called_back(2.0), axes, store=store, resume=True)
    with pytest.raises(ValueError, match="has other function"):
        jw.sweep(called_back(3.0), axes, store=store, resume=True)


@pytest.mark.parametrize("kind", ["counts", "remembers", "draws", "calls back"])
def test_what_a_function_changes_itself_is_no_change(tmp_path, kind):
    calls, random = [], np.random.default_rng(0)

    def counts(x, name):
        calls.append(name)
        return float(x)

    def draws(x, name):
        return float(x) + random.normal()

    class Remembers(Scale):
        def __call__(self, x, name):
            self.last = float(x)
            return self.factor * self.last

    function, axes = {
        "counts": (counts, AXES),
        "draws": (draws, AXES),
        "remembers": (Remembers(2.0), AXES),
        "calls back": (called_back(2.0, calls), {"x": [1.0, 2.0]}),
    }[kind]
    found = jw.sweep(function, axes, store=tmp_path / "a.zarr")
    if kind != "calls back":
        assert "changes while the function runs" in found.attrs["unchecked"]
    jw.sweep(function, axes, store=tmp_path / "a.zarr", resume=True)


def test_what_cannot_be_compared_is_said(tmp_path):
    store, lock = tmp_path / "a.zarr", threading.Lock()

    def made(factor):
        def function(x, name):
            with lock:
                return factor * float(x)

        return function

    found = jw.sweep(made(2.0), AXES, store=store)
    assert "lock` cannot be compared" in found.attrs["unchecked"]
    with pytest.warns(UserWarning, match="is not known for all of it: .*lock` cannot be compared"):
        jw.sweep(made(2.0), AXES, store=store, resume=True)
    with pytest.raises(ValueError, match="other function: .*factor`"):
        jw.sweep(made(3.0), AXES, store=store, resume=True)


def test_an_error_on_the_device_is_the_same_function(tmp_path):
    """The callbacks of equinox hold the stack of the place that made them: not theirs to compare."""
    function = lambda x: eqx.error_if(x, x > 5.0, "too large")  # noqa: E731
    for resume in (False, True):
        jw.sweep(function, {"x": [1.0]}, store=tmp_path / "a.zarr", resume=resume)


def test_values_of_axes_that_are_functions(tmp_path):
    made = lambda factor: {"u": [lambda x: factor * x]}  # noqa: E731
    jw.sweep(lambda u: u(2.0), made(1.0), store=tmp_path / "a.zarr")
    with pytest.raises(ValueError, match="other axes: `u`"):
        jw.sweep(lambda u: u(2.0), made(3.0), store=tmp_path / "a.zarr", resume=True)


PROGRAM = """
from jaxwigner.compiled.identity import digest
def function(x, d={"k": {1, 2}}):
    return x in {"a", "b", "c"} or d
class Shape:
    sides = ("a", "b")
    def area(self): return self.sides
print(digest([function, Shape(), {"a", "b", "c"}, frozenset({"x", "y"})]))
"""


@pytest.mark.slow
def test_the_same_in_every_process():
    """Sets come in another order in each."""
    found = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PROGRAM]
        found.add(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert len(found) == 1


def test_circles_and_depth():
    circle = [1.0]
    circle.append(circle)
    assert digest(circle) == digest(circle)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert Identity("deep", deep).unknown == ["deep"]


class Rude:
    def __getattribute__(self, name):
        raise RuntimeError("not mine to say")


def test_objects_that_raise_when_they_are_looked_at():
    rude = Rude()
    found = Identity("function", lambda x, factor=2.0: (rude, x, factor))
    assert found.unknown == ["function.rude"] and "function.factor" in found.parts


@pytest.mark.parametrize(
    "one, other",
    [
        (0.0, -0.0),
        (1, True),
        (1, 1.0),
        ("1", 1),
        ([1, 2], (1, 2)),
        ({1: 2}, {1: 3}),
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), np.zeros(3, np.float32)),
        (np.array([1.0, None]), np.array([2.0, None])),
        (jax.random.key(0), jax.random.key(1)),
        (jw.potentials.Harmonic(1.0), jw.potentials.Harmonic(2.0)),
        (jw.potentials.Harmonic(1.0), jw.potentials.Torsion(1.0)),
        (np.sin, np.cos),
        (jnp.sin, jnp.cos),
        (np.dtype("f4"), np.dtype("f8")),
    ],
)
def test_different_values_are_different(one, other):
    assert digest(one) != digest(other)
    assert digest(one) == digest(one)


def test_functions_of_this_library_are_what_they_close_over():
    """A system, which is no function and no number, in a function that the library made."""
    made = [jw.Surfaces(jw.Grid(-4.0, 4.0, 8), jw.potentials.DeltaGap(0.3), h) for h in (0.1, 0.2)]
    first, second = (digest(system.observables()["density"]) for system in made)
    assert first != second
    assert digest(made[0].observables()["density"]) == first
