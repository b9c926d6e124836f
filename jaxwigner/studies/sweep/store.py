"""Where a sweep keeps its results: arrays over the axes, in memory or in a zarr store that survives being killed.

Every array is cut into tiles, boxes of neighbouring points, each one file that zarr replaces as a whole. A chunk of the sweep is one
or more tiles; `status` of a tile is written after all of its results, so that a point whose status is known is finished.
"""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner.studies.sweep.axes import Axis
from jaxwigner.studies.sweep.results import Variable

PENDING, DONE, HAS_NAN, FAILED = -1, 0, 1, 2
STATUS = Variable(
    "status",
    (),
    "int8",
    {"flag_values": [-1, 0, 1, 2], "flag_meanings": "pending done nan failed"},
)
ERROR = Variable("error", (), "str", {"long_name": "what was raised at this point"})
FORMAT = 1  # of the store


class Results:
    """The arrays of a sweep by name (NumPy's or zarr's), and the manifest that says what they belong to."""

    def __init__(self, arrays: Mapping[str, Any], manifest: dict[str, Any], path: Path | None):
        self.arrays, self.manifest, self.path = arrays, manifest, path

    @property
    def tile(self) -> tuple[int, ...]:
        """Points of a tile along each axis."""
        return tuple(self.manifest["tile"])

    @property
    def variables(self) -> list[Variable]:
        """What the function returns."""
        rows = self.manifest["variables"]
        return [Variable(name, tuple(shape), dtype, about) for name, shape, dtype, about in rows]

    def status(self) -> np.ndarray:
        """The status of every point now."""
        return np.asarray(self.arrays["status"][...])

    def write(self, regions: Sequence[tuple[slice, ...]], columns: Mapping[str, np.ndarray]):
        """Write a chunk: for each region the next rows of every column, `status` last of all."""
        order = [name for name in columns if name != "status"] + ["status"]
        try:
            for name in order:
                self._write_column(name, regions, columns[name])
        except OSError as error:
            error.add_note(f"What is finished stays in {self.path}: `resume` goes on from there")
            raise

    def _write_column(
        self, name: str, regions: Sequence[tuple[slice, ...]], column: np.ndarray
    ) -> None:
        start = 0
        for region in regions:
            extent = tuple(part.stop - part.start for part in region)
            rows = column[start : start + int(np.prod(extent))]
            self.arrays[name][region] = rows.reshape(extent + rows.shape[1:])
            start += len(rows)


def in_memory(axes: Sequence[Axis], manifest: dict[str, Any]) -> Results:
    """Arrays without a store."""
    results = Results({}, manifest, None)
    shape = tuple(len(axis) for axis in axes)
    arrays = {v.name: np.full(shape + v.shape, v.empty, v.dtype) for v in results.variables}
    arrays["status"] = np.full(shape, PENDING, np.int8)
    arrays["error"] = np.full(shape, "", object)
    results.arrays = arrays
    return results


def create(
    path: Path, axes: Sequence[Axis], manifest: dict[str, Any], about: dict[str, Any]
) -> Results:
    """A new store with empty arrays; it appears under its name when it is whole."""
    import zarr

    fresh = path.with_name(path.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    group = zarr.open_group(fresh, mode="w", zarr_format=3)
    names = tuple(axis.name for axis in axes)
    shape, tile = tuple(len(axis) for axis in axes), tuple(manifest["tile"])
    for variable in [*Results({}, manifest, None).variables, STATUS, ERROR]:
        own = tuple(f"{variable.name}_axis_{i}" for i in range(len(variable.shape)))
        text = variable.name == "error"
        array = group.create_array(
            variable.name,
            shape=shape + variable.shape,
            chunks=tile + tuple(max(1, n) for n in variable.shape),
            dtype=str if text else variable.dtype,
            fill_value="" if text else variable.empty,
            dimension_names=names + own,
        )
        array.attrs.update(variable.attributes)
    for axis in axes:
        _write_coordinate(group, axis, manifest["units"].get(axis.name, "1"))
    for name, unit in manifest["units"].items():
        if name in group:
            group[name].attrs["units"] = unit
    group.attrs.update({**about, "manifest": json.dumps(manifest, ensure_ascii=False)})
    with warnings.catch_warnings():
        # zarr warns that consolidated metadata is not yet in its specification; without it xarray warns when it opens the store.
        warnings.simplefilter("ignore")
        zarr.consolidate_metadata(fresh)
    os.rename(fresh, path)
    return reopen(path)


def _write_coordinate(group: Any, axis: Axis, unit: str) -> None:
    labels = axis.labels()
    array = group.create_array(
        axis.name,
        shape=labels.shape,
        chunks=labels.shape,
        dtype=str if labels.dtype == object else labels.dtype,
        dimension_names=(axis.name,),
    )
    array[...] = labels
    array.attrs["units"] = unit


def reopen(path: Path) -> Results:
    """The store of a sweep.

    **Raises:** `ValueError` if the folder holds anything else.
    """
    import zarr

    try:
        group = zarr.open_group(path, mode="r+")
        manifest = json.loads(str(group.attrs["manifest"]))
        arrays = {row[0]: group[row[0]] for row in manifest["variables"]}
        arrays |= {name: group[name] for name in ("status", "error")}
    except (KeyError, ValueError, TypeError, FileNotFoundError) as error:
        raise ValueError(
            f"Argument `store` must be new or hold a sweep, but {path} does not"
        ) from error
    for left in path.rglob("*.partial"):  # of a process killed while it wrote
        left.unlink(missing_ok=True)
    return Results(arrays, manifest, path)


def check_same(found: Mapping[str, Any], wanted: Mapping[str, Any], path: Path) -> None:
    """Complain if a store was begun with another function, other axes or other versions.

    **Raises:** `ValueError` that names the first difference.
    """
    for what in ("versions", "axes", "function", "variables", "units"):
        old, new = found.get(what), json.loads(json.dumps(wanted[what]))
        if old == new:
            continue
        detail = ""
        if isinstance(old, dict) and isinstance(new, dict):
            changed = [key for key in (*new, *old) if new.get(key) != old.get(key)]
            plain = what == "versions"
            detail = ": " + ", ".join(
                f"{key} {old.get(key)} there, {new.get(key)} here" if plain else f"`{key}`"
                for key in dict.fromkeys(changed)
            )
        raise ValueError(
            f"Argument `store` must hold the same sweep to go on with it, but {path} has other {what}{detail}"
        )


def dataset(results: Results, axes: Sequence[Axis], about: dict[str, Any]):
    """The `xarray.Dataset`: in memory, or read from the store when it is asked for numbers."""
    import xarray

    if results.path is not None:
        opened = xarray.open_zarr(results.path, chunks=None)
        del opened.attrs["manifest"]
        return opened
    names = tuple(axis.name for axis in axes)
    units = results.manifest["units"]
    variables = {}
    for v in [*results.variables, STATUS, ERROR]:
        own = tuple(f"{v.name}_axis_{i}" for i in range(len(v.shape)))
        unit = {"units": units[v.name]} if v.name in units else {}
        array = results.arrays[v.name]
        variables[v.name] = (names + own, array, {**v.attributes, **unit})
    texts = np.asarray(results.arrays["error"], np.dtypes.StringDType())
    variables["error"] = (names, texts, ERROR.attributes)
    coordinates = {
        axis.name: (axis.name, _text(axis.labels()), {"units": units.get(axis.name, "1")})
        for axis in axes
    }
    return xarray.Dataset(variables, coordinates, about)


def _text(labels: np.ndarray) -> np.ndarray:
    return np.asarray(labels, np.dtypes.StringDType()) if labels.dtype == object else labels
