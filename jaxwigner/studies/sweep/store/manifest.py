"""What a store of a sweep belongs to: read from a file that anybody may have written, and so checked in every part."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner.studies.sweep.axes import Axis
from jaxwigner.studies.sweep.results import TYPES, Variable, check_names

FORMAT = 2  # of the store
BOUND = 2**31  # numbers in one variable at one tile
Checks = Mapping[str, Callable[[Any], bool]]


@dataclass(frozen=True)
class Manifest:
    """What identifies a sweep, and how it is cut.

    **Arguments:** `function`, `axes`: hashes of their parts by name; `versions`; `units`; `variables`: what the function returns;
    `tile`: points of a tile along each axis; `batch`: points of a chunk; `unchecked`: parts of the function that cannot be compared,
    and parts that it changes itself.
    """

    function: dict[str, str]
    axes: dict[str, str]
    versions: dict[str, str]
    units: dict[str, str]
    variables: tuple[Variable, ...]
    tile: tuple[int, ...]
    batch: int
    unchecked: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self), ensure_ascii=False)


def from_json(text: str, path: Path) -> Manifest:
    """The manifest of the store at `path`.

    **Raises:** `ValueError` for a store of an older or newer format, and for anything that no sweep has written.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise no_store(path, "its manifest cannot be read") from error
    if not isinstance(found, dict):
        raise no_store(path, "its manifest is no table")
    number = found.get("format")
    if number != FORMAT:
        raise ValueError(
            f"Argument `store` must have format {FORMAT}, but {path} has {_short(number)}: read it by `xarray.open_zarr`, "
            "and run the sweep again into a new store"
        )
    checks = _checks()
    for name in (*checks, *found):
        if name not in found or name not in checks or not checks[name](found[name]):
            raise no_store(path, f"its manifest has `{_short(name)}` wrong")
    rows = found.pop("variables")
    variables = tuple(Variable(**{**row, "shape": tuple(row["shape"])}) for row in rows)
    check_names([variable.name for variable in variables], list(found["axes"]))
    return Manifest(**{**found, "tile": tuple(found["tile"]), "variables": variables})


def check_cut(manifest: Manifest, axes: Sequence[Axis], path: Path) -> None:
    """Complain about tiles that do not fit the axes.

    **Raises:** `ValueError`.
    """
    tile = manifest.tile
    fits = len(tile) == len(axes) and all(
        1 <= length <= (1 if axis.mixed else len(axis)) for length, axis in zip(tile, axes)
    )
    points = int(np.prod([len(axis) for axis in axes], dtype=object))
    if not fits or not 1 <= manifest.batch <= points or int(np.prod(tile)) > manifest.batch:
        raise no_store(path, "its tiles do not fit the axes")
    for variable in manifest.variables:
        if int(np.prod((*tile, *variable.shape), dtype=object)) > BOUND:
            raise no_store(path, f"its tiles of `{variable.name}` fit into no memory")


def check_same(found: Manifest, wanted: Manifest, path: Path) -> None:
    """Complain if a store was begun with another function, other axes or other versions.

    **Raises:** `ValueError` that names the first difference.
    """
    for what in ("versions", "axes", "function", "variables", "units"):
        old, new = getattr(found, what), getattr(wanted, what)
        if what == "function":  # but what it changes itself
            old, new = (
                {k: v for k, v in p.items() if k not in found.unchecked} for p in (old, new)
            )
        if json.dumps(_plain(old), sort_keys=True) != json.dumps(_plain(new), sort_keys=True):
            raise ValueError(
                f"Argument `store` must hold the same sweep to go on with it, but {path} has other {what}"
                f"{_difference(what, old, new)}"
            )


def _plain(value: Any) -> Any:
    return [asdict(variable) for variable in value] if isinstance(value, tuple) else value


def _difference(what: str, old: Any, new: Any) -> str:
    """What differs, by name."""
    if not isinstance(old, dict):
        return ""
    changed = [key for key in dict.fromkeys((*new, *old)) if new.get(key) != old.get(key)]
    if what == "versions":
        named = [f"{key} {old.get(key)} there, {new.get(key)} here" for key in changed]
    else:  # buckets are ours, and have no names
        named = [f"`{key}`" for key in changed if not key.startswith("bucket ")]
    return ": " + ", ".join(named[:5]) if named else ""


def _checks() -> Checks:
    return {
        "function": _texts,
        "axes": _texts,
        "versions": _texts,
        "units": _texts,
        "unchecked": _texts,
        "variables": lambda rows: _list(rows) and bool(rows) and all(map(_variable, rows)),
        "tile": lambda tile: _list(tile) and all(map(_size, tile)),
        "batch": _size,
        "format": _size,
    }


def _variable(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and set(row) == {"name", "shape", "dtype", "attributes"}
        and isinstance(row["name"], str)
        and _list(row["shape"])
        and len(row["shape"]) <= 32
        and all(_size(n, 0) for n in row["shape"])
        and row["dtype"] in TYPES
        and isinstance(row["attributes"], dict)
        and all(map(_plain_entry, row["attributes"].values()))
    )


def _plain_entry(value: Any) -> bool:
    numbers = isinstance(value, list) and all(isinstance(v, int) for v in value)
    return numbers or isinstance(value, (str, int))


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _size(value: Any, least: int = 1) -> bool:
    return type(value) is int and least <= value <= BOUND


def _short(value: Any) -> str:
    text = str(value)[:40] if isinstance(value, (str, int)) else type(value).__name__
    return re.sub(r"[^ -~]", "?", text) or "none"


def no_store(path: Path, why: str) -> ValueError:
    return ValueError(f"Argument `store` must be new or hold a sweep, but {path} does not: {why}")
