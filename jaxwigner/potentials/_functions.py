"""Plain functions of a user's as potentials: what they close over, their values, and what has to be written otherwise."""

from __future__ import annotations

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

    `closure`: what it closes over; `text`: its programs, one for each of the `counts` of coordinates that it takes, static, since
    half-flows that carry it go through `jax.vmap` and `lax.scan`.
    """

    closure: Any
    text: Any = eqx.field(static=True)
    counts: tuple[int, ...] = eqx.field(static=True)
    dtype: Any = eqx.field(static=True)

    def __init__(self, programs: dict[int, Any], dtype: Any):
        self.closure, self.text = eqx.partition(tuple(programs.values()), eqx.is_array)
        self.counts, self.dtype = tuple(programs), dtype

    def __call__(self, *x: Any) -> Array:
        programs = eqx.combine(self.closure, self.text)
        program = dict(zip(self.counts, programs)).get(len(x), programs[0])
        return jnp.vectorize(program)(*(jnp.asarray(q, self.dtype) for q in x))


def opened(function: Callable[..., Any]) -> Callable[..., Any]:
    """A plain function as a pytree: an `Opened` where it closes over tracers, else a `Partial` with the function in its structure."""
    plain = jax.tree_util.Partial(function)
    number = jax.ShapeDtypeStruct((), default_float())
    programs = {}
    for count in _counts(function):
        try:
            programs[count] = eqx.filter_closure_convert(function, *[number] * count)
        except Exception:  # what is wrong with it is said where its dimension is known
            continue
    traced = any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(programs))
    return Opened(programs, default_float()) if traced else plain


def _counts(function: Callable[..., Any]) -> tuple[int, ...]:
    """How many coordinates a function takes: its positional parameters without a default; 1, 2 or 3 where it takes any number."""
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = sum(one.kind in kinds and one.default is one.empty for one in parameters)
    return (named,) if named else (1, 2, 3)


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
