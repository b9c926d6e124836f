"""Plain functions of a user's as potentials: what they close over, their values, and what has to be written otherwise."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer

from jaxwigner._types import Array
from jaxwigner.potentials._parameters import broadcast_shape, default_float

TIMES = ("t", "time")  # what a function calls the time


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


def as_tree(function: Any, more: int = 0) -> Any:
    """A function as a pytree that may cross `jax.jit`; `more`: how many arguments it takes beside coordinates."""
    is_tree = isinstance(function, (eqx.Module, jax.tree_util.Partial))
    return function if is_tree else opened(function, more)


def opened(function: Callable[..., Any], more: int = 0) -> Callable[..., Any]:
    """A plain function as a pytree: an `Opened` where it closes over tracers, else a `Partial` with the function in its structure."""
    plain = jax.tree_util.Partial(function)
    number = jax.ShapeDtypeStruct((), default_float())
    programs = {}
    for count in counts_of(function, more):
        try:
            programs[count] = eqx.filter_closure_convert(function, *[number] * count)
        except Exception:  # what is wrong with it is said where its dimension is known
            continue
    traced = any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(programs))
    return Opened(programs, default_float()) if traced else plain


def counts_of(function: Callable[..., Any], more: int = 0) -> tuple[int, ...]:
    """How many arguments a function takes: its positional ones without a default; 1, 2, 3 and `more` where it takes any number."""
    if isinstance(function, Opened):
        return function.counts
    needed = [one for one in inspect.signature(function).parameters.values() if _is_needed(one)]
    return (len(needed),) if needed else tuple(d + more for d in (1, 2, 3))


def _is_needed(parameter: inspect.Parameter) -> bool:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return parameter.kind in kinds and parameter.default is parameter.empty


def takes_time(function: Callable[..., Any]) -> bool:
    """Whether a function is one of coordinates and of the time behind them: of an argument called `t` or `time`.

    **Raises:** `ValueError` where such an argument stands elsewhere, alone, or has a default: it might be meant for either.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # what Python cannot look into
        return False
    bound = isinstance(function, functools.partial)  # `partial(U, t=0.0)` says which time is meant
    named = [one for one in parameters if one.name in TIMES]
    named = [one for one in named if not (bound and one.kind is one.KEYWORD_ONLY)]
    if not named:
        return False
    needed = [one for one in parameters if _is_needed(one)]
    fits = len(named) == 1 and len(needed) > 1 and named[0] is needed[-1]
    fits = fits and all(one.kind is not one.VAR_POSITIONAL for one in parameters)
    if not fits:
        must = f"take the time `{named[0].name}` as its last argument, behind all coordinates and without a default"
        kinds = ", ".join(map(str, parameters))
        raise ValueError(f"Argument `potential` must {must}, but is a function of ({kinds})")
    return True


def elementwise(function: Callable[..., Any], x: tuple[Array, ...], *time: Any) -> Array:
    """The values of a function of the user's in the shape and the type of its coordinates."""
    value = value_of(function, x, *time)
    if value.shape != broadcast_shape(x):
        # A constant, or a function that took all points for one (`jnp.sum(x**2)`): point by point both are right.
        value = jnp.vectorize(function)(*x, *time)
    if jnp.iscomplexobj(value) and not jnp.iscomplexobj(x[0]):
        raise ValueError("Argument `function` must return real values, but they are complex")
    if value.shape != broadcast_shape(x):
        must = f"return one number for each point, an array of shape {broadcast_shape(x)} here"
        raise ValueError(f"Argument `function` must {must}, but returns one of {value.shape}")
    return value.astype(x[0].dtype)


def value_of(function: Callable[..., Any], x: tuple[Array, ...], *time: Any) -> Array:
    """The function's value as an array, or what has to be written otherwise."""
    try:
        return jnp.asarray(function(*x, *time))
    except Exception as error:
        if str(error).startswith("Argument"):
            raise
        behind = " and of the time" if time else ""
        must = f"be a function of {len(x)} coordinate array(s){behind} written with jax.numpy"
        why = remedy(error)
        if _takes_one_point(function, len(x) + len(time)):
            why = f"it takes one point at a time (wrap it in `jnp.vectorize`): {why}"
        raise ValueError(f"Argument `function` must {must}, but fails on them: {why}") from error


def _takes_one_point(function: Callable[..., Any], count: int) -> bool:
    """Whether single numbers give a number where arrays fail, as with a network of one vector."""
    try:
        number = jax.ShapeDtypeStruct((), default_float())
        return jax.eval_shape(function, *[number] * count).shape == ()
    except Exception:
        return False


def remedy(error: Exception) -> str:
    """What JAX says at length, in the words of the user's own code."""
    if isinstance(error, jax.errors.TracerArrayConversionError):
        return "it calls NumPy or SciPy on an array that is traced (use jax.numpy: `jnp.cos` in place of `np.cos`)"
    if isinstance(error, jax.errors.TracerBoolConversionError) or "truth value" in str(error):
        return "it decides by the value of an array (`jnp.where` in place of `if`)"
    if "Python scalars" in str(error) or isinstance(error, jax.errors.ConcretizationTypeError):
        return "it makes a Python number of an array (use jax.numpy: `jnp.cos` in place of `math.cos`, no `float`)"
    first = str(error).partition("\n")[0]
    if "missing 1 required positional argument" in first:
        return f"{first} (call it `t` if it is the time)"
    return first
