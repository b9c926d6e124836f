"""Annotations: every one of them means something, and a value that breaks one is seen while the tests run."""

import importlib
import inspect
import pkgutil
import typing

import jax.numpy as jnp
import numpy as np
import pytest
import typed
from jaxtyping import Float

import jaxwigner as jw
from jaxwigner._types import Array, Scalar
from jaxwigner.compiled import identity

MODULES = ["jaxwigner"] + [m.name for m in pkgutil.walk_packages(jw.__path__, "jaxwigner.")]


def defined_in(module):
    """The functions and classes of a module, and the methods of those classes."""
    for thing in vars(module).values():
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(thing):
            yield thing
            for member in vars(thing).values():
                function = getattr(member, "fget", None) or getattr(member, "__func__", member)
                if inspect.isfunction(inspect.unwrap(function)):
                    yield inspect.unwrap(function)
        elif inspect.isfunction(inspect.unwrap(thing)):
            yield inspect.unwrap(thing)


def test_annotations_can_be_read():
    wrong = []
    for name in MODULES:
        for thing in defined_in(importlib.import_module(name)):
            try:
                typing.get_type_hints(thing, include_extras=True)
            except Exception as error:
                wrong.append((name, thing, error))
    assert wrong == []


@typed.checked
def scaled(x: Float[Array, " n"], y: Float[Array, " n"], factor: Scalar = 1.0) -> Float[Array, ""]:
    if jnp.ndim(factor) != 0:
        raise ValueError("Argument `factor` must be a single number, but is a vector")
    return factor * x @ y


@typed.checked
def wrong() -> Float[Array, ""]:
    return np.ones(2)


def test_arrays_and_numbers_are_of_one_type():
    for ones in (np.ones(3), jnp.ones(3)):
        for two in (2, 2.0, np.float32(2), np.int64(2), jnp.array(2.0), np.array(2)):
            assert scaled(jnp.ones(3), ones, two) == 6


def test_a_broken_annotation_is_seen():
    with pytest.raises(typed.BadType, match="`y` is annotated"):
        scaled(np.ones(3), np.ones(4))  # «n» is one number
    with pytest.raises(typed.BadType, match="`x` is annotated"):
        scaled(np.ones(3, int), np.ones(3))
    with pytest.raises(typed.BadType, match="`return` is annotated"):
        wrong()


def test_a_sentence_of_our_own_comes_first():
    with pytest.raises(ValueError, match="^Argument `factor` must be a single number"):
        scaled(np.ones(3), np.ones(3), np.ones(2))


@typed.checked_fields
class _Pair(jw.potentials.Potential):
    strengths: Float[Array, " n"]
    places: Float[Array, " n"]

    def __call__(self, *x):
        return sum(self.strengths)


def test_fields_are_seen():
    _Pair(np.ones(2), jnp.ones(2))
    with pytest.raises(typed.BadType, match="`places` is annotated"):
        _Pair(np.ones(2), jnp.ones(3))


def test_the_library_is_checked():
    grid = jw.Grid(-4.0, 4.0, 16)
    with pytest.raises(typed.BadType, match=r"grid\.spread: `axes` is annotated"):
        jw.grid.spread([[0.0], grid])


def test_checks_are_no_part_of_a_function():
    """Or a program would be made anew for every call in the tests, and in the tests alone."""
    assert identity.Identity("function", jw.grid.spread).unknown == []
    assert identity._in_packages(typed.__file__)
