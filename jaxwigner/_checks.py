"""Eager checks of arguments: one plain sentence for whatever cannot be right, before anything is traced.

Every check looks only at concrete values: a tracer passes, since its value is not known yet.
"""

import math
from collections.abc import Collection
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

Shape = tuple[int | None, ...]


def concrete(value: Any) -> bool:
    """Whether every leaf of `value` is known now (no tracer among them)."""
    return not any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(value))


def require(condition: Any, name: str, must: str, value: Any) -> None:
    """Raise «Argument `name` must {must}, but is {value}» unless `condition` holds or is traced."""
    if concrete(condition) and not bool(np.all(np.asarray(condition))):
        raise ValueError(f"Argument `{name}` must {must}, but is {describe(value)}")


def entries(value: Any) -> tuple[Any, ...]:
    """The entries of a list, tuple or vector, which may hold tracers; a scalar counts as one entry."""
    if isinstance(value, (list, tuple)) or np.ndim(value) == 1:
        return tuple(value)
    return (value,)


def describe(value: Any) -> str:
    """A short form of a value for an error message; arrays are named by shape and type."""
    if isinstance(value, str) or value is None or callable(value):
        return repr(value)
    if _is_spread(value):
        return f"an array of shape {value.shape} and type {value.dtype}"
    array = _array(value)
    if array is None or array.dtype == object:
        return repr(value)
    if array.ndim == 0:
        return str(array[()])
    if array.size <= 4:
        return str(array.tolist())
    return f"an array of shape {array.shape} and type {array.dtype}"


def check_real(name: str, value: Any) -> None:
    """A real number or array of numbers: not complex, not text, not a bool, not None."""
    require(all(_kind(leaf) in "iuf" for leaf in _leaves(value)), name, "be real", value)
    _check_types(name, value)


def check_finite(name: str, value: Any, shape: Shape | None = None) -> None:
    """Real and without NaN or infinity, and of a shape where one is given."""
    check_real(name, value)
    _check_finite(name, value, shape)


def check_finite_complex(name: str, value: Any, shape: Shape | None = None) -> None:
    """A number or array of numbers, real or complex, without NaN or infinity, and of a shape where one is given."""
    require(all(_kind(leaf) in "iufc" for leaf in _leaves(value)), name, "be numbers", value)
    _check_types(name, value)
    _check_finite(name, value, shape)


def _check_finite(name: str, value: Any, shape: Shape | None) -> None:
    for leaf in filter(concrete, _leaves(value)):
        require(_all_finite(leaf), name, "be finite", value)
    if shape is not None:
        check_shape(name, value, shape)


def check_positive(name: str, value: Any) -> None:
    """Real, finite and > 0."""
    check_finite(name, value)
    if concrete(value):
        require(np.asarray(value) > 0, name, "be positive", value)


def check_scalar(name: str, value: Any) -> None:
    """A single real finite number."""
    check_finite(name, value)
    require(_rank(value) == 0, name, "be a single number", value)


def check_positive_scalar(name: str, value: Any) -> None:
    """A single number > 0: ħ, a mass, a width."""
    check_positive(name, value)
    require(_rank(value) == 0, name, "be a single number", value)


def per_axis(name: str, value: Any, dimension: int) -> tuple[Any, ...]:
    """One finite real number per axis; a single number serves every axis."""
    numbers = entries(value)
    for number in numbers:
        check_finite(name, number)
        require(_rank(number) == 0, name, "be one number per axis", value)
    if len(numbers) == 1:
        numbers = numbers * dimension
    if len(numbers) != dimension:
        must = f"have one number per axis ({dimension})"
        raise ValueError(f"Argument `{name}` must {must}, but has {len(numbers)}")
    return numbers


def check_masses(mass: Any, dimension: int | None = None) -> Any:
    """One mass > 0, as it is, or a tuple of one for each coordinate."""
    if _rank(mass) == 0:
        check_positive_scalar("mass", mass)
        return mass
    masses = entries(mass)
    for one in masses:
        check_positive_scalar("mass", one)
    if len(masses) != (dimension or len(masses)) or not masses:
        must = f"be one number, or one for each coordinate ({dimension or 'at least 1'})"
        raise ValueError(f"Argument `mass` must {must}, but has {len(masses)}")
    return masses


def each(value: Any, dimension: int) -> tuple[Any, ...]:
    """What `check_masses` returns, for every coordinate."""
    return value if isinstance(value, tuple) else (value,) * dimension


def nan_unless(condition: Any) -> Any:
    """A factor: 1, or NaN where a condition that only a program knows does not hold, which a known one would be refused for.

    >>> import jax, jax.numpy as jnp
    >>> from jaxwigner._checks import nan_unless
    >>> jax.vmap(lambda mass: mass * nan_unless(mass > 0))(jnp.array([2.0, -2.0])).tolist()
    [2.0, nan]
    """
    return 1.0 if concrete(condition) else jnp.where(condition, 1.0, jnp.nan)


def check_integer(name: str, value: Any, *, at_least: int) -> None:
    """An integer ≥ `at_least` (bools and floats are refused)."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    require(whole and value >= at_least, name, f"be an integer of at least {at_least}", value)


def check_apart(name: str, value: Any) -> None:
    """No value twice, by which one of them is asked for later: they differ by 1e-8 of their size at least."""
    every = entries(value)
    if concrete(every):
        a = np.sort(np.asarray(every, float))
        require(a[1:] - a[:-1] > 1e-8 * np.abs(a[1:]), name, "hold every value once", value)


def check_shape(name: str, value: Any, shape: Shape) -> None:
    """The shape, with None for an axis of any length."""
    actual = np.shape(value)
    fits = len(actual) == len(shape) and all(
        want is None or have == want for have, want in zip(actual, shape)
    )
    text = "(" + ", ".join("any" if want is None else str(want) for want in shape) + ")"
    if not fits:
        raise ValueError(f"Argument `{name}` must have shape {text}, but has shape {actual}")


def check_weights(name: str, value: Any, *, total: float | None = 1.0) -> None:
    """Non-negative weights which sum to `total` (None: to anything positive)."""
    check_finite(name, value)
    require(_rank(value) == 1 and len(value) > 0, name, "be a non-empty vector", value)
    if not concrete(value):
        return
    weights = np.asarray(value, dtype=float)
    require(weights >= 0, name, "be non-negative", value)
    if total is None:
        require(weights.sum() > 0, name, "have a positive sum", value)
    elif not math.isclose(weights.sum(), total, rel_tol=0, abs_tol=1e-6):
        raise ValueError(f"Argument `{name}` must sum to {total:g}, but sums to {weights.sum():g}")


def check_choice(name: str, value: Any, choices: Collection[str]) -> None:
    """One of a few names."""
    if not isinstance(value, str) or value not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"Argument `{name}` must be one of {allowed}, but is {describe(value)}")


def check_same_precision(**arrays: Any) -> None:
    """No mixture of single and double precision among the named arrays; the first one leads."""
    first, *others = arrays
    bits = {name: np.finfo(np.dtype(array.dtype)).bits for name, array in arrays.items()}
    for name in others:
        must = f"have the precision of `{first}` ({arrays[first].dtype})"
        require(bits[name] == bits[first], name, must, str(arrays[name].dtype))


def check_callable(name: str, value: Any) -> None:
    """A function."""
    require(callable(value), name, "be a function", value)


def _leaves(value: Any) -> list[Any]:
    """A value that is known as a whole; otherwise its parts, known and traced."""
    if concrete(value):
        return [value]
    return jax.tree.leaves(value, is_leaf=lambda leaf: leaf is None)


def _kind(leaf: Any) -> str:
    """NumPy's letter for the type: iuf real, c complex, O for what is no number."""
    array = leaf if isinstance(leaf, Tracer) or _is_spread(leaf) else _array(leaf)
    return "O" if array is None else np.dtype(array.dtype).kind


def _is_spread(value: Any) -> bool:
    """Whether an array lies over several devices, perhaps of other processes: it is not for the host to read."""
    known = isinstance(value, jax.Array) and not isinstance(value, Tracer)
    return known and len(value.sharding.device_set) > 1


def _all_finite(leaf: Any) -> bool:
    """Asked where the array lies, if that is on several devices, so that all processes hear the same."""
    if _is_spread(leaf):
        return bool(jnp.all(jnp.isfinite(leaf)))
    return bool(np.all(np.isfinite(np.asarray(leaf))))


def _check_types(name: str, value: Any) -> None:
    """Types that JAX computes with: half and extended precision and foreign byte orders, as files hold them, are not among them."""
    for leaf in filter(concrete, _leaves(value)):
        dtype = np.dtype(leaf.dtype) if _is_spread(leaf) else np.asarray(leaf).dtype
        usable = dtype.isnative and dtype.name not in ("float16", "longdouble", "clongdouble")
        usable = usable and dtype.itemsize <= (16 if dtype.kind == "c" else 8)
        must = "have a type that JAX computes with (convert it by `.astype(float)` or complex)"
        require(usable, name, must, f"of type {dtype}")


def _rank(value: Any) -> int:
    """Number of axes, also of nested lists that hold tracers."""
    if isinstance(value, (list, tuple)):
        return 1 + max((_rank(item) for item in value), default=0)
    return np.ndim(value)


def _array(value: Any) -> np.ndarray | None:
    try:
        return np.asarray(value)
    except (TypeError, ValueError):
        return None


def as_complex(array: jax.Array | np.ndarray) -> jax.Array | np.ndarray:
    """A complex array of the precision of a real or complex one."""
    if jnp.iscomplexobj(array):
        return array
    return jax.lax.complex(array * 1.0, jnp.zeros_like(array * 1.0))


def as_inexact(values: Any) -> jax.Array:
    """An array of floating point numbers: integers take the precision that JAX is set to."""
    array = jnp.asarray(values)
    return array if jnp.issubdtype(array.dtype, jnp.inexact) else array.astype(float)
