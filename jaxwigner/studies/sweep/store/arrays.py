"""The arrays of a sweep, in memory or in a zarr store.

Every array is cut into tiles, boxes of neighbouring points, each one file with a checksum, replaced as a whole. A chunk of the sweep is
one or more tiles; `status` of a tile is written when all of its results are on the disk, so that a point whose status is known is
finished. When a store is opened again every tile is checked: points of a tile that is missing or damaged are pending again.
"""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner.disk import folders
from jaxwigner.studies.sweep.axes import Axis
from jaxwigner.studies.sweep.results import Variable
from jaxwigner.studies.sweep.store import manifest as manifests
from jaxwigner.studies.sweep.store.manifest import Manifest, no_store

PENDING, DONE, HAS_NAN, FAILED = -1, 0, 1, 2
STATUS = Variable(
    "status",
    (),
    "int8",
    {"flag_values": [-1, 0, 1, 2], "flag_meanings": "pending done nan failed"},
)
ERROR = Variable("error", (), "str", {"long_name": "what was raised at this point"})
KIND = "sweep"  # what the folder is marked as


class Results:
    """The arrays of a sweep by name (NumPy's or zarr's), the `Manifest` that says what they belong to, and the files behind them."""

    def __init__(
        self,
        arrays: Mapping[str, Any],
        manifest: Any,
        path: Path | None = None,
        files: Any = None,
    ):
        self.arrays, self.manifest, self.files = arrays, manifest, files
        self.path: Any = path

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What the function returns."""
        return self.manifest.variables

    def status(self) -> np.ndarray:
        """The status of every point now; pending where a result of its tile is missing or damaged."""
        status = np.array(self.arrays["status"][...])
        status[~np.isin(status, (DONE, HAS_NAN, FAILED))] = PENDING
        if self.files is None:
            return status
        for region, keys in self._tiles(status.shape):
            part = status[region]
            if np.any(part != PENDING) and not all(map(self.files.is_sound, keys)):
                part[...] = PENDING
        return status

    def _tiles(self, shape: tuple[int, ...]) -> Iterator[tuple[tuple[slice, ...], list[str]]]:
        """Every tile: its points, and the files of its results."""
        names = [v for v in self.variables if 0 not in v.shape] + [ERROR]
        counts = [range(-(-n // length)) for n, length in zip(shape, self.manifest.tile)]
        for corner in itertools.product(*counts):
            region = tuple(slice(i * n, (i + 1) * n) for i, n in zip(corner, self.manifest.tile))
            keys = [
                "/".join([v.name, "c", *map(str, corner), *("0" * len(v.shape))]) for v in names
            ]
            yield region, keys

    def check_there(self) -> None:
        """Complain if the store was removed since it was opened.

        **Raises:** `FileNotFoundError`.
        """
        if self.files is not None:
            self.files.check_there()
            for name in self.arrays:
                if not (self.path / name / "zarr.json").is_file():
                    raise FileNotFoundError(
                        f"Of the store {self.path} the array {name} was removed, so the sweep stops"
                    )

    def settle(self) -> None:
        """Wait until everything that was written is on the disk."""
        if self.files is not None:
            self.files.settle()

    def write(self, regions: Sequence[tuple[slice, ...]], columns: Mapping[str, np.ndarray]):
        """Write a chunk: for each region the next rows of every column, `status` last of all."""
        order = [name for name in columns if name != "status"] + ["status"]
        try:
            for name in order:
                self._write_column(name, regions, columns[name])
        except FileNotFoundError:  # the store is gone
            raise
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


def in_memory(axes: Sequence[Axis], manifest: Manifest) -> Results:
    """Arrays without a store."""
    shape = tuple(len(axis) for axis in axes)
    arrays = {v.name: np.full(shape + v.shape, v.empty, v.dtype) for v in manifest.variables}
    arrays["status"] = np.full(shape, PENDING, np.int8)
    arrays["error"] = np.full(shape, "", object)
    return Results(arrays, manifest)


def create(path: Path, axes: Sequence[Axis], manifest: Manifest, about: dict[str, Any]) -> Results:
    """A new store with empty arrays; it appears under its name when it is whole."""
    folders.sweep_up(path)
    with folders.workspace(path) as work:
        _make(work / "new", axes, manifest, about)
        folders.to_disk(work / "new")
        os.rename(work / "new", path)
        folders.sync_folder(path.parent)
    return reopen(path, axes, manifest)


def _make(path: Path, axes: Sequence[Axis], manifest: Manifest, about: dict[str, Any]) -> None:
    import zarr

    attributes = {**about, folders.KEY: KIND, "manifest": manifest.to_json()}
    group = zarr.open_group(path, mode="w-", zarr_format=3, attributes=attributes)
    names = tuple(axis.name for axis in axes)
    shape = tuple(len(axis) for axis in axes)
    for v in [*manifest.variables, STATUS, ERROR]:
        unit = {"units": manifest.units[v.name]} if v.name in manifest.units else {}
        group.create_array(
            v.name,
            shape=shape + v.shape,
            chunks=_tile_of(v, manifest),
            dtype=str if v is ERROR else v.dtype,
            fill_value="" if v is ERROR else v.empty,
            dimension_names=names + tuple(f"{v.name}_axis_{i}" for i in range(len(v.shape))),
            compressors=_compressors(),
            attributes={**v.attributes, **unit},
        )
    for axis in axes:
        labels = axis.labels()
        array = group.create_array(
            axis.name,
            shape=labels.shape,
            chunks=labels.shape,
            dtype=str if labels.dtype == object else labels.dtype,
            dimension_names=(axis.name,),
            compressors=_compressors(),
            config=_keep_empty(),
            attributes={"units": manifest.units.get(axis.name, "1")},
        )
        array[...] = labels
    with warnings.catch_warnings():
        # zarr warns that consolidated metadata is not yet in its specification; without it xarray warns when it opens the store.
        warnings.simplefilter("ignore")
        zarr.consolidate_metadata(path)


def _compressors() -> list[Any]:
    from zarr.codecs import Crc32cCodec, ZstdCodec

    return [ZstdCodec(level=0), Crc32cCodec()]


def _keep_empty() -> Any:
    """A tile of zeros is a file as well: what is missing is lost."""
    return {"write_empty_chunks": True}


def _tile_of(variable: Variable, manifest: Manifest) -> tuple[int, ...]:
    return manifest.tile + tuple(max(1, n) for n in variable.shape)


def read_manifest(path: Path) -> Manifest:
    """The manifest of a store, before anything else of it is believed.

    **Raises:** `ValueError` if the folder holds anything but a sweep of ours.
    """
    about = folders.read_json(path / "zarr.json", folders.LARGEST_STORE)
    attributes = about.get("attributes") if isinstance(about, dict) else None
    text = attributes.get("manifest") if isinstance(attributes, dict) else None
    if not isinstance(text, str):
        raise no_store(path, "its zarr.json has no manifest")
    found = manifests.from_json(text, path)
    if folders.kind_of(path) != KIND:
        raise no_store(path, "its mark is missing")
    return found


def reopen(
    path: Path, axes: Sequence[Axis], manifest: Manifest, *, read_only: bool = False
) -> Results:
    """The store of a sweep with this manifest; coordinates that are damaged are written again.

    **Raises:** `ValueError` if the folder holds anything else.
    """
    import zarr

    from jaxwigner.studies.sweep.store.tiles import TileStore

    manifests.check_cut(manifest, axes, path)
    files = TileStore(path, read_only=read_only, lenient=True)
    expected = {v.name: v for v in [*manifest.variables, STATUS, ERROR]}
    try:
        group = zarr.open_group(files, mode="r" if read_only else "r+")
        arrays: dict[str, Any] = {name: group[name] for name in expected}
        labels: dict[str, Any] = {axis.name: group[axis.name] for axis in axes}
    except Exception as error:  # whatever zarr says of metadata that somebody has made up
        raise no_store(path, f"zarr says {type(error).__name__}") from error
    shape = tuple(len(axis) for axis in axes)
    for name, array in arrays.items():
        v = expected[name]
        _check_array(array, v, shape + v.shape, _tile_of(v, manifest), path)
    for axis in axes:
        found, wanted = labels[axis.name], axis.labels()
        text = "str" if wanted.dtype == object else wanted.dtype.name
        _check_array(found, Variable(axis.name, (), text, {}), wanted.shape, wanted.shape, path)
        if not read_only and not np.array_equal(np.asarray(found[...]), wanted):
            found.with_config(_keep_empty())[...] = wanted
    kept = {name: array.with_config(_keep_empty()) for name, array in arrays.items()}
    return Results(kept, manifest, path, files)


def _check_array(
    array: Any, variable: Variable, shape: tuple[int, ...], tile: tuple[int, ...], path: Path
) -> None:
    """Complain about an array that a sweep would not have made.

    **Raises:** `ValueError`.
    """
    import zarr

    if not isinstance(array, zarr.Array):
        raise no_store(path, f"its `{variable.name}` is no array")
    about: Any = array.metadata
    text = "str" if np.dtype(array.dtype).kind == "T" else np.dtype(array.dtype).name
    found = (array.shape, array.chunks, text, [type(codec).__name__ for codec in about.codecs])
    first = "VLenUTF8Codec" if text == "str" else "BytesCodec"
    made = (shape, tile, variable.dtype, [first, "ZstdCodec", "Crc32cCodec"])
    pending = variable is not STATUS or array.fill_value == PENDING
    files = about.chunk_key_encoding.encode_chunk_key((0,) * len(shape))
    if found != made or not pending or files != "/".join(["c", *("0" * len(shape))]):
        raise no_store(path, f"its array `{variable.name}` is not as the manifest says")


def read(path: Path) -> Any:
    """The `xarray.Dataset` of a store, finished or not, whose tiles are checked when they are read.

    **Raises:** `ValueError` if the folder holds anything but a sweep of ours; when it is read, for a tile that is damaged or missing.
    """
    import xarray

    from jaxwigner.studies.sweep.store.tiles import TileStore

    files = TileStore(path, read_only=True, coordinates=list(read_manifest(path).axes))
    opened = xarray.open_zarr(files, chunks=None)
    del opened.attrs["manifest"], opened.attrs[folders.KEY]
    return opened


def dataset(results: Results, axes: Sequence[Axis], about: dict[str, Any]):
    """The `xarray.Dataset`: in memory, or read from the store when it is asked for numbers."""
    import xarray

    if results.path is not None:
        return read(results.path)
    names = tuple(axis.name for axis in axes)
    units = results.manifest.units
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
