"""What a swept function returns, as named variables: arrays, dictionaries of them, brackets and claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.inequality import VERDICTS
from jaxwigner.theorems import Inequality


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
        """What stands at a point without a result: NaN, or 0 (of a verdict −1) where the type has none."""
        if "flag_meanings" in self.attributes:
            return -1
        return {"f": np.nan, "c": complex(np.nan, np.nan)}.get(np.dtype(self.dtype).kind, 0)


def describe(result: Any) -> list[Variable]:
    """The variables of a result at one point, whose leaves are arrays or only shapes and types."""
    return [
        Variable(name, tuple(leaf.shape), np.dtype(leaf.dtype).name, attributes)
        for name, (leaf, attributes) in _named(result).items()
    ]


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
            found["_".join([*prefix, name] if name else prefix) or "result"] = value, attributes
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
