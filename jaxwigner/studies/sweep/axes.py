"""The axes of a sweep: what varies, what of it is traced, and which points share one compiled program.

The value of an axis is a number, an array or a pytree (a potential, a state). Its arrays are traced and everything else about it is
static, so that two values are of one kind when their structures, shapes, types and static parts agree. Points whose values are of
the same kinds make up a bucket: one compiled program.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import numpy as np

from jaxwigner.compiled.identity import Identity

Kinds = tuple[int, ...]


class Axis:
    """One named axis: `values` as given, the `kind` of each, and its arrays stacked by kind.

    **Arguments:** `values`: a sequence of at least one; `static`: pass every value as it is, untraced (a grid size).

    **Raises:** `ValueError` for an empty axis, and for NaN or infinity in it.

    >>> from jaxwigner.studies.sweep.axes import Axis
    >>> Axis("hbar", [0.1, 0.2]).kinds, Axis("points", [64, 96, 64], static=True).kinds
    ([0, 0], [0, 1, 0])
    """

    def __init__(self, name: str, values: Any, static: bool = False):
        self.name, self.static = name, static
        self.given = _listed(name, values)
        self.values = _numbers_of_one_type(self.given)
        split = [_split(name, value, static) for value in self.values]
        self.kinds, self._kind_of = _grouped([(structure, fixed) for structure, fixed, _ in split])
        self._row = _rows(self.kinds)
        members: list[list[Any]] = [[] for _ in self._kind_of]
        for (_, _, arrays), kind in zip(split, self.kinds):
            members[kind].append(arrays)
        self._stacked = [[np.stack(parts) for parts in zip(*arrays)] for arrays in members]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def mixed(self) -> bool:
        """Whether its values are of several kinds."""
        return len(self._kind_of) > 1

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers, which may turn out to be sizes."""
        return all(
            isinstance(value, (int, np.integer)) and not isinstance(value, bool)
            for value in self.given
        )

    @property
    def scalar(self) -> bool:
        """Whether all values are numbers."""
        return all(_is_number(value) for value in self.given)

    def value(self, index: int) -> Any:
        """The value as the function gets it when it is called without tracing."""
        return self.given[index] if self.static else self.values[index]

    def shapes(self, kind: int) -> list[jax.ShapeDtypeStruct]:
        """Shapes and types of the traced arrays of one value."""
        return [
            jax.ShapeDtypeStruct(array.shape[1:], jax.dtypes.canonicalize_dtype(array.dtype))
            for array in self._stacked[kind]
        ]

    def batch(self, kind: int, indices: np.ndarray) -> list[np.ndarray]:
        """The traced arrays of the values with these indices, stacked along a leading axis."""
        rows = self._row[indices]
        return [array[rows] for array in self._stacked[kind]]

    def rebuild(self, kind: int, arrays: Sequence[Any]) -> Any:
        """One value from its traced arrays."""
        structure, fixed = self._kind_of[kind]
        return eqx.combine(jax.tree.unflatten(structure, arrays), fixed)

    def labels(self) -> np.ndarray:
        """Coordinates: the numbers themselves, or a name for each value, made distinct."""
        if self.scalar:
            return np.asarray([np.asarray(value)[()] for value in self.given])
        names = [value if isinstance(value, str) else _short(value) for value in self.given]
        counts = Counter(names)
        labels = [f"{name} #{i}" if counts[name] > 1 else name for i, name in enumerate(names)]
        if len(set(labels)) < len(labels):  # somebody has called a value "name #1"
            labels = [f"{name} #{i}" for i, name in enumerate(names)]
        return np.array(labels, dtype=object)

    def identity(self) -> Identity:
        """The hashes of its values, the same in every process."""
        return Identity(self.name, np.asarray(self.given) if self.scalar else list(self.given))


def read_axes(axes: Mapping[str, Any], static: Sequence[str] = ()) -> list[Axis]:
    """The axes of a sweep, checked.

    **Raises:** `ValueError` if there are none, for a name that is no name, for empty axes and for NaN.
    """
    if not isinstance(axes, Mapping) or not axes:
        raise ValueError(f"Argument `axes` must map names to sequences of values, but is {axes!r}")
    for name in axes:
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(f"Argument `axes` must have names as keys, but has {name!r}")
    for name in static:
        if name not in axes:
            raise ValueError(f"Argument `static` must be among {', '.join(axes)}, but has {name!r}")
    return [Axis(name, values, name in static) for name, values in axes.items()]


def buckets(axes: Sequence[Axis]) -> list[Kinds]:
    """Every combination of kinds, in the order of first appearance."""
    kinds: list[Kinds] = [()]
    for axis in axes:
        kinds = [(*first, kind) for first in kinds for kind in range(max(axis.kinds) + 1)]
    return kinds


def _listed(name: str, values: Any) -> list[Any]:
    if isinstance(values, (str, bytes, Mapping)):
        raise ValueError(f"Argument `axes` must hold sequences, but `{name}` is {values!r}")
    try:
        # Arrays of any library, and `DataArray`s, by their numbers.
        listed = list(np.asarray(values) if hasattr(values, "__array__") else values)
    except TypeError as error:
        raise ValueError(
            f"Argument `axes` must hold sequences, but `{name}` is {values!r}"
        ) from error
    if not listed:
        raise ValueError(f"Argument `axes` must hold sequences of values, but `{name}` is empty")
    return listed


def _is_number(value: Any) -> bool:
    array = isinstance(value, (np.generic, np.ndarray, jax.Array)) and np.ndim(value) == 0
    number = array or isinstance(value, (int, float, complex))
    return number and np.asarray(value).dtype.kind in "iufc"


def _numbers_of_one_type(values: list[Any]) -> list[Any]:
    """Numbers in their common type, so that 0, 0.5 and 1 are of one kind; anything else as it is."""
    return list(np.asarray(values)) if all(map(_is_number, values)) else values


def _traced(leaf: Any) -> bool:
    """Arrays and numbers; a flag stays static, since nothing is computed with it but decisions."""
    return eqx.is_array_like(leaf) and not isinstance(leaf, (bool, np.bool_))


def _split(name: str, value: Any, static: bool) -> tuple[Any, Any, list[np.ndarray]]:
    """Structure of the traced part, with shapes and types; the static part; the arrays."""
    arrays, fixed = eqx.partition(value, lambda leaf: _traced(leaf) and not static)
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(arrays)]
    for leaf in [np.asarray(leaf) for leaf in jax.tree.leaves(value) if _traced(leaf)]:
        if leaf.dtype.kind in "fc" and not np.all(np.isfinite(leaf)):
            raise ValueError(f"Argument `axes` must be finite, but `{name}` has {value!r}")
    shapes = tuple((leaf.shape, leaf.dtype.str) for leaf in leaves)
    return (jax.tree.structure(arrays), shapes), fixed, leaves


def _grouped(kinds: list[tuple[Any, Any]]) -> tuple[list[int], list[tuple[Any, Any]]]:
    """The number of the kind of each value, and structure and static part of each kind."""
    known: list[tuple[Any, Any]] = []
    by_hash: dict[Any, list[int]] = {}  # only those of one hash are compared
    numbers = []
    for kind in kinds:
        alike = by_hash.setdefault(_hash_of(kind), [])
        number = next((i for i in alike if _same(kind, known[i])), len(known))
        if number == len(known):
            known.append(kind)
            alike.append(number)
        numbers.append(number)
    return numbers, [(structure, fixed) for (structure, _), fixed in known]


def _hash_of(kind: tuple[Any, Any]) -> Any:
    """The same for kinds that are the same; None for what has no hash."""
    (structure, shapes), fixed = kind
    leaves, tree = jax.tree.flatten(fixed)
    try:
        return hash((structure, shapes, tree, tuple((type(leaf), leaf) for leaf in leaves)))
    except TypeError:
        return None


def _same(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    if one[0] != other[0] or jax.tree.structure(one[1]) != jax.tree.structure(other[1]):
        return False
    pairs = zip(jax.tree.leaves(one[1]), jax.tree.leaves(other[1]))
    return all(a is b or (type(a) is type(b) and bool(np.all(a == b))) for a, b in pairs)


def _rows(kinds: list[int]) -> np.ndarray:
    """The place of each value among those of its kind."""
    seen: dict[int, int] = {}
    rows = []
    for kind in kinds:
        rows.append(seen.get(kind, 0))
        seen[kind] = rows[-1] + 1
    return np.array(rows)


def _short(value: Any) -> str:
    if callable(value) and hasattr(value, "__name__"):
        return value.__name__
    text = " ".join(re.sub(r" at 0x[0-9a-fA-F]+", "", _in_full(value)).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _in_full(value: Any) -> str:
    """The values of arrays, where they are small, rather than their types."""
    return eqx.tree_pformat(value, short_arrays=False)
