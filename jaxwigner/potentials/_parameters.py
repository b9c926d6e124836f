"""Helpers shared by the potentials: parameters, their types, and the arithmetic of bounds."""

import contextlib
import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, check_positive, concrete, require
from jaxwigner._types import Array

Bound = Float[Array, ""] | float


class Bounds(NamedTuple):
    """inf U, sup U, sup|∇U|, sup‖D²U‖ and sup‖D³U‖, or valid bounds for them."""

    lower: Bound = -math.inf
    upper: Bound = math.inf
    gradient: Bound = math.inf
    hessian: Bound = math.inf
    third: Bound = math.inf


def default_float() -> np.dtype:
    """The precision that JAX is set to."""
    return jnp.result_type(float)


def parameter(
    name: str, value: Any, *, positive: bool = False, vector: bool | None = False
) -> Array:
    """A checked real leaf. `vector`: False for a number, True for a vector, None for either."""
    if isinstance(value, (list, tuple)) and not concrete(value):
        value = jnp.stack([jnp.asarray(item, dtype=default_float()) for item in value])
    (check_positive if positive else check_finite)(name, value)
    ranks = {False: (0,), True: (1,), None: (0, 1)}[vector]
    words = {False: "a single number", True: "a vector", None: "a number or a vector"}[vector]
    fits = np.ndim(value) in ranks and np.size(value) > 0
    require(fits, name, f"be {words}", value)
    # A value that is known stays known under `jax.jit`, so that eager checks still see it.
    known = jax.ensure_compile_time_eval if concrete(value) else contextlib.nullcontext
    with known():
        return jnp.asarray(value, dtype=default_float())


def cast(leaf: Any, like: Array) -> Array:
    """The leaf in the type of the coordinates: float32 coordinates give float32 values."""
    return jnp.asarray(leaf, dtype=like.dtype)


def interval(nodes: Array, x: Array) -> tuple[Array, Array]:
    """x moved to the nearest point between the first and the last of increasing nodes, and the interval that it lies in."""
    inside = jnp.where(x < nodes[0], nodes[0], jnp.where(x > nodes[-1], nodes[-1], x))
    index = jnp.searchsorted(nodes, inside, side="right") - 1
    return inside, jnp.clip(index, 0, nodes.shape[0] - 2)


def component(leaf: Array, axis: int, like: Array) -> Array:
    """The part of a number or vector that belongs to one coordinate, in its type."""
    return cast(leaf if jnp.ndim(leaf) == 0 else leaf[axis], like)


def broadcast_shape(x: Sequence[Array]) -> tuple[int, ...]:
    """The shape to which the coordinates broadcast."""
    return np.broadcast_shapes(*(array.shape for array in x))


def spread(parts: Sequence[Array], x: Sequence[Array]) -> tuple[Array, ...]:
    """Every part broadcast to the shape of all coordinates together."""
    return tuple(jnp.broadcast_to(part, broadcast_shape(x)) for part in parts)


def total(terms: Sequence[Array]) -> Array:
    """The sum of arrays, without a leading zero."""
    return functools.reduce(jnp.add, terms)


def bound(value: Any) -> jax.Array:
    """A bound in the precision that JAX is set to, so that bounds of all parts can be mixed."""
    return jnp.asarray(value, dtype=default_float())


def multiple(factor: Any, value: Any) -> Array:
    """factor · value with 0 · ∞ = 0, since the zero potential is bounded; no NaN in gradients."""
    number = bound(factor)
    zero = number == 0
    return jnp.where(zero, 0.0, jnp.where(zero, 1.0, number) * bound(value))


def unbounded(strength: Any) -> Array:
    """∞ unless every strength is exactly zero."""
    return jnp.where(jnp.any(jnp.asarray(strength) != 0), jnp.inf, 0.0).astype(default_float())


def length(vector: Array) -> Array:
    """The Euclidean norm, with the gradient 0 (not NaN) at the zero vector."""
    square = jnp.sum(vector**2)
    return jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1.0)), 0.0)


def common_dimension(parts: Sequence[Any]) -> int | None:
    """The one dimension of several potentials (None: any)."""
    found = sorted({part.dimension for part in parts if part.dimension is not None})
    require(len(found) <= 1, "parts", "have one dimension", found)
    return found[0] if found else None


def common_period(parts: Sequence[Any]) -> float | None:
    """The longest period, where it is a whole multiple of every other."""
    periods = [part.period for part in parts]
    if any(period is None for period in periods):
        return None
    ratios = [max(periods) / period for period in periods]
    whole = all(abs(ratio - round(ratio)) <= 1e-12 * ratio for ratio in ratios)
    return max(periods) if whole else None
