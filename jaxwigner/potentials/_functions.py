"""Plain functions of a user's as potentials: what they close over, their values, and what has to be written otherwise."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer

from jaxwigner._types import Array
from jaxwigner.potentials._parameters import default_float


class Opened(eqx.Module):
    """A function of d numbers whose traced closure is a part of it, so that custom derivatives see it; elementwise on arrays.

    `closures`: what it closes over; `texts`: its programs by number of coordinates, static, since half-flows that carry it go through
    `jax.vmap` and `lax.scan`.
    """

    closures: dict[int, Any]
    texts: Any = eqx.field(static=True)
    dtype: Any = eqx.field(static=True)

    def __init__(self, programs: dict[int, Any], dtype: Any):
        split = {d: eqx.partition(program, eqx.is_array) for d, program in programs.items()}
        self.closures = {d: closure for d, (closure, _) in split.items()}
        self.texts = {d: text for d, (_, text) in split.items()}
        self.dtype = dtype

    def __call__(self, *x: Any) -> Array:
        program = eqx.combine(self.closures[len(x)], self.texts[len(x)])
        return jnp.vectorize(program)(*(jnp.asarray(q, self.dtype) for q in x))


def opened(function: Callable[..., Any]) -> Callable[..., Any]:
    """A plain function as a pytree: an `Opened` where it closes over tracers, else a `Partial` with the function in its structure."""
    plain = jax.tree_util.Partial(function)
    number = jax.ShapeDtypeStruct((), default_float())
    programs = {}
    for d in _coordinates(function):
        with contextlib.suppress(Exception):  # what is wrong with it is said where d is known
            programs[d] = eqx.filter_closure_convert(function, *[number] * d)
    traced = any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(programs))
    return Opened(programs, default_float()) if traced else plain


def _coordinates(function: Callable[..., Any]) -> tuple[int, ...]:
    """How many coordinates a function takes: its positional parameters without a default; 1 to 3 where it takes any number."""
    parameters = inspect.signature(function).parameters.values()
    if any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in parameters):
        return (1, 2, 3)
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return (sum(one.kind in kinds and one.default is one.empty for one in parameters) or 1,)


def value_of(function: Callable[..., Any], x: tuple[Array, ...]) -> Array:
    """The function's value as an array, or what has to be written otherwise."""
    try:
        return jnp.asarray(function(*x))
    except Exception as error:
        if str(error).startswith("Argument"):
            raise
        must = f"be a function of {len(x)} coordinate array(s) written with jax.numpy"
        raise ValueError(
            f"Argument `function` must {must}, but fails on them: {_remedy(error)}"
        ) from error


def _remedy(error: Exception) -> str:
    """What JAX says at length, in the words of the user's own code."""
    if isinstance(error, jax.errors.TracerArrayConversionError):
        return "it calls NumPy or SciPy on an array that is traced (`jnp.cos` in place of `np.cos`)"
    if isinstance(error, jax.errors.TracerBoolConversionError) or "truth value" in str(error):
        return "it decides by the value of an array (`jnp.where` in place of `if`)"
    if "Python scalars" in str(error) or isinstance(error, jax.errors.ConcretizationTypeError):
        return "it makes a Python number of an array (`jnp.cos` in place of `math.cos`, no `float`)"
    return str(error).partition("\n")[0]
