"""What is asked of a motion by name, or as a function of x, of p, or of both, as functions A(x, p) of one point of phase space."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxwigner._checks import check_choice, require
from jaxwigner._types import Array
from jaxwigner.potentials import Potential
from jaxwigner.potentials._functions import remedy

NAMES = ("position", "momentum", "kinetic", "potential", "energy", "|x|²", "|p|²")
UNITS = {"position": "bohr", "momentum": "ħ/bohr", "kinetic": "hartree", "potential": "hartree"}
UNITS |= {"energy": "hartree", "density": "bohr", "transmitted": "share"}
LETTERS = {"x": "x", "position": "x", "p": "p", "momentum": "p"}


class Named(eqx.Module):
    """An observable by its name."""

    name: str = eqx.field(static=True)
    potential: Potential
    mass: Array

    def __call__(self, x: Array, p: Array) -> Array:
        kinetic = jnp.sum(p**2 / (2 * self.mass))
        found = {
            "position": lambda: x[0] if len(x) == 1 else x,
            "momentum": lambda: p[0] if len(p) == 1 else p,
            "kinetic": lambda: kinetic,
            "potential": lambda: self.potential(*x),
            "energy": lambda: kinetic + self.potential(*x),
            "|x|²": lambda: jnp.sum(x**2),
            "|p|²": lambda: jnp.sum(p**2),
        }
        return found[self.name]()


class Own(eqx.Module):
    """A function of the user's, of x, of p, or of both; in one dimension of numbers, else of arrays (d,)."""

    function: Any
    wants: str = eqx.field(static=True)

    def __call__(self, x: Array, p: Array) -> Array:
        flat = {"x": x, "p": p} if len(x) > 1 else {"x": x[0], "p": p[0]}
        return jnp.asarray(self.function(*(flat[letter] for letter in self.wants)))


def observables(observe: Any, potential: Potential, mass: Array) -> dict[str, Callable[..., Any]]:
    """Functions A(x, p) by name, from names, functions, sequences of both or a dictionary."""
    if isinstance(observe, Mapping):
        pairs = list(observe.items())
    else:
        many = isinstance(observe, Sequence) and not isinstance(observe, str)
        pairs = [(_name(one), one) for one in (observe if many else (observe,))]
    require(len(pairs) > 0, "observe", "hold an observable at least", observe)
    names = [name for name, _ in pairs]
    must = "hold every name once (a dictionary gives functions names of their own)"
    require(len(set(names)) == len(names), "observe", must, ", ".join(names))
    return {name: _function(one, potential, mass) for name, one in pairs}


def _name(one: Any) -> str:
    return one if isinstance(one, str) else str(getattr(one, "__name__", type(one).__name__))


def _function(one: Any, potential: Potential, mass: Array) -> Callable[..., Any]:
    if isinstance(one, str):
        check_choice("observe", one, NAMES)
        return Named(one, potential, mass)
    require(callable(one), "observe", "hold names and functions of x, p or both", one)
    return Own(one, _wants(one))


def _wants(function: Callable[..., Any]) -> str:
    """ "x", "p" or "xp": a single argument is x unless it is called p or momentum."""
    every = inspect.signature(function).parameters.values()
    plain = [one.name for one in every if one.default is one.empty and one.kind not in (2, 4)]
    fits = len(plain) in (1, 2)
    require(fits, "observe", "hold functions of x, of p, or of x and p", function)
    return "xp" if len(plain) == 2 else LETTERS.get(plain[0], "x")


def shapes(functions: Mapping[str, Callable[..., Any]], dimension: int, dtype: Any) -> dict:
    """The shape of each observable's value."""
    point = jax.ShapeDtypeStruct((dimension,), dtype)
    found = {}
    for name, function in functions.items():
        try:
            value = eqx.filter_eval_shape(function, point, point)
        except Exception as error:
            why = remedy(error)
            must = (
                f"hold functions of one point (of {dimension} coordinates) written with jax.numpy"
            )
            raise ValueError(
                f"Argument `observe` must {must}, but {name!r} fails: {why}"
            ) from error
        real = not jnp.issubdtype(value.dtype, jnp.complexfloating)
        require(real, "observe", "hold functions with real values", name)
        found[name] = value.shape
    return found


def labelled(text: str, name: str) -> str:
    """With the unit of an observable that has one by its name, or by that of its component.

    >>> from jaxwigner.studies.compare.observed import labelled
    >>> labelled("difference", "position_2"), labelled("cos", "cos")
    ('difference [bohr]', 'cos')
    """
    unit = UNITS.get(name) or UNITS.get(name.rpartition("_")[0])
    return f"{text} [{unit}]" if unit else text
