"""What a swept function returns, as named variables: arrays, dictionaries of them, brackets and claims."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.inequality import VERDICTS
from jaxwigner.theorems import Inequality

WHOLE = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
TYPES = ("bool", *WHOLE, "float16", "float32", "float64", "complex64", "complex128")
RESERVED = ("status", "error")


@dataclass(frozen=True)
class Variable:
    """Name, shape at one point, type and attributes of one variable.

    >>> from jaxwigner.studies.sweep.results import describe
    >>> import numpy as np
    >>> describe({"mean": np.zeros(3)})
    [Variable(name='mean', shape=(3,), dtype='float64', attributes={})]
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    attributes: dict[str, Any]

    @property
    def empty(self) -> Any:
        """What stands at a point without a result: NaN, or the least number of a whole type (of an unsigned one the largest).

        A verdict has −1, a truth value has nothing to spare: False.

        >>> from jaxwigner.studies.sweep.results import describe
        >>> import numpy as np
        >>> [v.empty for v in describe({"n": np.int8(3), "x": np.float64(3)})]
        [-128, nan]
        """
        if "flag_meanings" in self.attributes:
            return -1
        kind = np.dtype(self.dtype).kind
        if kind in "iu":
            limits = np.iinfo(self.dtype)
            return int(limits.min if kind == "i" else limits.max)
        return {"f": np.nan, "c": complex(np.nan, np.nan)}.get(kind, False)


def describe(result: Any) -> list[Variable]:
    """The variables of a result at one point, whose leaves are arrays or only shapes and types.

    **Raises:** `ValueError` for what is no number, and for two results of one name.
    """
    return [
        Variable(name, tuple(leaf.shape), _type(name, leaf.dtype), attributes)
        for name, (leaf, attributes) in _named(result).items()
    ]


def _type(name: str, dtype: Any) -> str:
    text = getattr(dtype, "name", str(dtype))
    if text not in TYPES:
        raise ValueError(
            f"Argument `function` must return numbers of NumPy's types, but returns `{name}` of type {text}"
        )
    return text


def common(first: Sequence[Variable], other: Sequence[Variable]) -> list[Variable]:
    """The variables of two buckets as one: the wider type of each, and rigorous only if both are.

    **Raises:** `ValueError` unless names and shapes agree.

    >>> from jaxwigner.studies.sweep.results import common, describe
    >>> import numpy as np
    >>> [v.dtype for v in common(describe({"n": np.int32(1)}), describe({"n": np.float64(0.5)}))]
    ['float64']
    """
    one, two = ({variable.name: variable for variable in part} for part in (first, other))
    found = []
    for name in one | two:
        shapes = [part[name].shape if name in part else None for part in (one, two)]
        if shapes[0] != shapes[1]:
            raise different_shapes(name, *shapes)
        wider = np.result_type(one[name].dtype, two[name].dtype).name
        about = dict(one[name].attributes)
        if "rigorous" in about:
            about["rigorous"] = min(about["rigorous"], two[name].attributes.get("rigorous", 0))
        found.append(replace(one[name], dtype=wider, attributes=about))
    return found


def fitted(variable: Variable, value: np.ndarray) -> np.ndarray:
    """Values in the type of their variable, where it holds them exactly.

    **Raises:** `ValueError` where it does not: 7.5 is no whole number.

    >>> from jaxwigner.studies.sweep.results import describe, fitted
    >>> import numpy as np
    >>> (mean,) = describe({"mean": np.float64(7.5)})
    >>> fitted(mean, np.array([7, 8]))
    array([7., 8.])
    """
    if value.dtype == variable.dtype:
        return value
    if np.can_cast(value.dtype, variable.dtype, "safe"):
        found = value.astype(variable.dtype)
        with np.errstate(all="ignore"):
            back = found if value.dtype.kind == "c" else np.real(found)
            same = back.astype(value.dtype) == value
        if np.all(same | np.isnan(value)):
            return found
    raise ValueError(
        f"Argument `function` must return one type at every point, but returns `{variable.name}` of type "
        f"{variable.dtype} at first and then of type {value.dtype}: return {_wider(variable, value)} everywhere"
    )


def _wider(variable: Variable, value: np.ndarray) -> str:
    return f"{np.result_type(variable.dtype, value.dtype).name} numbers"


def check_names(names: Sequence[str], axes: Sequence[str]) -> None:
    """Complain about names of results that a dataset, or a folder, cannot have beside the axes and each other.

    **Raises:** `ValueError`.
    """
    dimensions = {f"{name}_axis_{i}" for name in (*names, *RESERVED) for i in range(33)}
    for name in names:
        if name in (*axes, *RESERVED):
            raise ValueError(
                "Argument `function` must return names other than the axes, status and error, "
                f"but returns `{name}`"
            )
        if name in dimensions:
            raise ValueError(
                "Argument `function` must return names other than those of the axes of its arrays, "
                f"but returns `{name}`"
            )
        file = re.fullmatch(r"(?!__|\.|zarr\.json$)[^/\\\0\n]+", name) and len(name.encode()) <= 200
        if not file:
            raise ValueError(
                f"Argument `function` must return names that a folder can have, but returns {name[:80]!r}"
            )
    for name in axes:
        if name in RESERVED or name in dimensions or name.startswith("__"):
            raise ValueError(
                f"Argument `axes` must have names other than status, error and those of results, but has `{name}`"
            )


def plain_attributes(attributes: Mapping[str, Any], taken: Sequence[str]) -> dict[str, Any]:
    """Attributes as a store keeps them: NumPy's numbers and arrays become plain ones.

    **Raises:** `ValueError` for a name that is `taken`, and for what is neither a text nor numbers nor lists and dictionaries of these.

    >>> from jaxwigner.studies.sweep.results import plain_attributes
    >>> import numpy as np
    >>> plain_attributes({"seed": np.int64(3), "box": np.array([1.0, 2.0])}, ["jax"])
    {'seed': 3, 'box': [1.0, 2.0]}
    """
    for name in attributes:
        if not isinstance(name, str):
            raise ValueError(f"Argument `attributes` must have texts as keys, but has {name!r}")
        if name in taken:
            raise ValueError(
                f"Argument `attributes` must have names other than {', '.join(taken)}, but has `{name}`"
            )
    return {name: _plain(name, value) for name, value in attributes.items()}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic, jax.Array)) and _is_numeric(value):
        value = np.asarray(value).tolist()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(name, entry) for entry in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(name, entry) for key, entry in value.items()}
    raise ValueError(
        f"Argument `attributes` must hold texts, numbers, lists and dictionaries of these, but `{name}` has {value!r}"
    )


def different_shapes(name: str, one: Any, other: Any) -> ValueError:
    """What a function is told whose results do not fit into one array."""
    return ValueError(
        "Argument `function` must return the same names and shapes at every point, "
        f"but returns `{name}` of shape {one} and of shape {other}"
    )


def values(result: Any) -> dict[str, np.ndarray]:
    """The arrays of a result, or of a batch of results, by the names that `describe` gives.

    >>> from jaxwigner import Bracket
    >>> from jaxwigner.studies.sweep.results import values
    >>> {name: float(value) for name, value in values({"cost": Bracket(1.0, 2.0)}).items()}
    {'cost_lower': 1.0, 'cost_upper': 2.0}
    """
    return {name: np.asarray(leaf) for name, (leaf, _) in _named(result).items()}


def _named(result: Any) -> dict[str, tuple[Any, dict[str, Any]]]:
    special = lambda node: isinstance(node, (Bracket, Inequality))  # noqa: E731
    found: dict[str, tuple[Any, dict[str, Any]]] = {}
    for path, leaf in jax.tree_util.tree_flatten_with_path(result, is_leaf=special)[0]:
        prefix = [part for part in map(_key, path) if part]
        for name, (value, attributes) in _parts(leaf).items():
            value = value if hasattr(value, "dtype") else np.asarray(value)
            full = "_".join([*prefix, name] if name else prefix) or "result"
            if full in found:
                raise ValueError(
                    f"Argument `function` must return different names, but returns `{full}` twice "
                    "(a bracket `c` has `c_lower` and `c_upper`)"
                )
            found[full] = value, attributes
    if not found:
        raise ValueError("Argument `function` must return arrays, but returns nothing")
    return found


def _key(entry: Any) -> str:
    """The name of one step into a pytree."""
    return str(getattr(entry, "key", getattr(entry, "name", getattr(entry, "idx", entry))))


def _parts(leaf: Any) -> dict[str, tuple[Any, dict[str, Any]]]:
    if isinstance(leaf, Bracket):
        about = {"rigorous": int(leaf.rigorous)}
        return {"lower": (leaf.lower, about), "upper": (leaf.upper, about)}
    if isinstance(leaf, Inequality):
        return _claim(leaf)
    if not (isinstance(leaf, jax.ShapeDtypeStruct) or _is_numeric(leaf)):
        raise ValueError(f"Argument `function` must return arrays, but returns {leaf!r}")
    return {"": (leaf, {})}


def _claim(claim: Inequality) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Both sides and the verdict, coded as in the CF conventions."""
    about = {"claim": claim.claim, "statement": claim.statement, "kind": claim.kind}
    found = {}
    for side in ("lhs", "rhs"):
        for end, (value, more) in _parts(getattr(claim, side)).items():
            found[f"{side}_{end}"] = (value, about | more)
    codes = {"flag_values": list(range(len(VERDICTS))), "flag_meanings": " ".join(VERDICTS)}
    lower = claim.lhs.lower
    if isinstance(lower, jax.ShapeDtypeStruct):
        verdict: Any = jax.ShapeDtypeStruct(lower.shape, np.int8)
    else:
        verdict = claim.ranks.astype(np.int8)
    return found | {"verdict": (verdict, about | codes)}


def _is_numeric(leaf: Any) -> bool:
    try:
        return np.asarray(leaf).dtype.kind in "biufc"
    except (TypeError, ValueError):
        return False
