"""The engine of `sweep`: plans the chunks, runs those that are not finished, and records what comes out."""

from __future__ import annotations

import errno
import functools
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxwigner._checks import require
from jaxwigner.compiled.identity import Identity, digest
from jaxwigner.progress import Progress
from jaxwigner.provenance import device_of, may_wait_for_ever, provenance
from jaxwigner.studies.sweep import chunks, processes
from jaxwigner.studies.sweep import store as stores
from jaxwigner.studies.sweep.axes import Axis, Kinds, buckets
from jaxwigner.studies.sweep.chunks import Chunk
from jaxwigner.studies.sweep.lock import locked
from jaxwigner.studies.sweep.programs import Program, is_out_of_memory, whole_axes_as_sizes
from jaxwigner.studies.sweep.results import (
    Variable,
    check_names,
    common,
    describe,
    different_shapes,
    fitted,
    plain_attributes,
)
from jaxwigner.studies.sweep.store import Manifest, Results

UNWRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)
# What a dataset says of itself, which no attribute replaces.
OWN = ("function", "batch", "buckets", "compiled", "unchecked", "manifest", "jaxwigner")
# Why a part of a function is not compared when a sweep goes on.
MOVING, OPAQUE = "changes while the function runs", "cannot be compared"


def with_sizes(function: Callable[..., Any], axes: Sequence[Axis]) -> list[Axis]:
    """The axes, with whole numbers static where the function needs them so."""
    given = {axis.name: axis.given for axis in axes}
    return whole_axes_as_sizes(function, axes, lambda name: Axis(name, given[name], True))


def identity_of(function: Callable[..., Any]) -> Identity:
    """What the function is made of, as long as it has not been called."""
    return Identity(_name(function), function)


def local_devices(devices: Sequence[Any] | str | int | None) -> list[Any]:
    """The devices of this process that a sweep uses.

    **Raises:** `ValueError` for none, for more than there are, for a platform that is not there or has no float64, and for several CPU
    devices under a jax that may never come back there.
    """
    chosen = _chosen(devices)
    if len(chosen) > 1 and may_wait_for_ever():
        raise ValueError(
            f"Argument `devices` must be 1 on CPUs with jax {jax.__version__}, whose batched LAPACK calls may wait for each other "
            f"for ever, but is {len(chosen)}: install jax 0.9.2"
        )
    return chosen


def _chosen(devices: Sequence[Any] | str | int | None) -> list[Any]:
    if isinstance(devices, str):
        require(devices, "devices", "name a platform", devices)
        return jax.local_devices(backend=device_of(devices, "devices").platform)
    here = jax.local_devices()
    if devices is None:
        return here
    if isinstance(devices, (int, np.integer)) and not isinstance(devices, bool):
        if not 1 <= devices <= len(here):
            raise ValueError(
                f"Argument `devices` must be between 1 and {len(here)}, but is {devices}"
            )
        return here[: int(devices)]
    chosen = list(devices) if isinstance(devices, (list, tuple)) else []
    if not chosen or any(device not in here for device in chosen):
        raise ValueError(f"Argument `devices` must be among {here}, but is {devices!r}")
    return chosen


@dataclass
class Plan:
    """One sweep: what is asked for, and from it the programs, the chunks and the manifest."""

    function: Callable[..., Any]
    axes: list[Axis]
    batch: int | None
    memory: int | None
    devices: list[Any]
    units: dict[str, str]
    attributes: dict[str, Any]
    progress: Progress
    identity: Identity | None = None  # of the function, before it was called; only a store asks

    def __post_init__(self) -> None:
        taken = (*OWN, *provenance())
        self.attributes = plain_attributes(self.attributes, taken)

    @property
    def points(self) -> int:
        """How many points there are."""
        return int(np.prod([len(axis) for axis in self.axes]))

    @cached_property
    def programs(self) -> dict[Kinds, Program]:
        """One traced program for each bucket."""
        compiled: dict[Any, Any] = {}
        return {
            kinds: Program(self.function, self.axes, kinds, compiled)
            for kinds in buckets(self.axes)
        }

    @property
    def traced(self) -> bool:
        """Whether every bucket could be traced."""
        return all(program.template is not None for program in self.programs.values())

    @cached_property
    def traced_template(self) -> list[Variable] | None:
        """The variables that the traced programs return, in types that hold those of all; None where none can be traced."""
        templates = [p.template for p in self.programs.values() if p.template is not None]
        return functools.reduce(common, templates) if templates else None

    def template(self) -> list[Variable]:
        """The variables; of a function that cannot be traced, from its first point that succeeds."""
        found = self.traced_template or self._called_template()
        check_names([variable.name for variable in found], [axis.name for axis in self.axes])
        return found

    def _called_template(self) -> list[Variable]:
        program = next(iter(self.programs.values()))
        first_error: Exception | None = None
        for index in np.ndindex(*(len(axis) for axis in self.axes)):
            try:
                result = self.function(**program.point(index))
            except Exception as error:
                first_error = first_error or error
                continue
            return describe(result)
        raise ValueError(
            f"Argument `function` must succeed at one point at least, but raises {first_error!r}"
        ) from first_error

    def chosen_batch(self) -> int:
        """Points of a chunk: what is asked for, or what is sensible, as far as memory goes.

        **Raises:** `ValueError` where a `batch` that is asked for does not fit into the `memory` that is given.
        """
        wanted = min(self.batch or self.points, self.points)
        if self.batch is None:
            wanted = chunks.default_batch(self.points, self.devices)
        elif self.memory is None:
            return wanted
        memory = self.memory or chunks.default_memory(self.devices)
        programs = list(self.programs.values())
        fits = chunks.fitting_batch(self.axes, programs, wanted, memory, self.devices)
        if self.batch is not None and fits < wanted:
            raise ValueError(
                f"Argument `batch` must be at most {fits} to fit `memory` ({memory} bytes), but is {self.batch}"
            )
        return fits

    def manifest(
        self, variables: Sequence[Variable], batch: int, tile: tuple[int, ...], after: bool = False
    ) -> Manifest:
        """What identifies the sweep, and how it is cut; `after` its function was called, what that has changed is left out."""
        about = provenance()
        parts = {
            f"bucket {number}": program.fingerprint()
            for number, program in enumerate(self.programs.values())
        }
        unchecked = dict.fromkeys(self._opaque(), OPAQUE)
        if not self.traced and self.identity is not None:
            before = self.identity.parts
            parts |= before
            now = identity_of(self.function).parts if after else before
            moved = [name for name in before | now if before.get(name) != now.get(name)]
            unchecked |= dict.fromkeys(moved, MOVING)
        return Manifest(
            function={name: text for name, text in parts.items() if name not in unchecked},
            axes={axis.name: digest(axis.identity().parts) for axis in self.axes},
            versions={name: about[name] for name in ("version", "jax", "precision")},
            units={str(name): str(unit) for name, unit in self.units.items()},
            variables=tuple(variables),
            tile=tile,
            batch=batch,
            unchecked=dict(sorted(unchecked.items())),
        )

    def _opaque(self) -> list[str]:
        """What of the function and the axes cannot be compared."""
        found = [] if self.traced or self.identity is None else list(self.identity.unknown)
        for program in self.programs.values():
            found += [name for callback in program.callbacks for name in callback.unknown]
        return found + [name for axis in self.axes for name in axis.identity().unknown]

    def about(self, manifest: Manifest) -> dict[str, Any]:
        """Attributes of the dataset."""
        reasons = [repr(p.reason) for p in self.programs.values() if p.template is None]
        said = {"unchecked": _sentence(manifest.unchecked)} if manifest.unchecked else {}
        return {
            "function": _name(self.function),
            "batch": manifest.batch,
            "buckets": len(self.programs),
            "compiled": f"not everywhere: {_line(reasons[0])}" if reasons else "yes",
            **said,
            **provenance(),
            **self.attributes,
        }

    def in_memory(self) -> Any:
        """Run everything and keep it here."""
        if jax.process_count() > 1:
            raise ValueError(
                "Argument `store` must be given where several processes run, but is None"
            )
        manifest, about = self._new()
        results = stores.in_memory(self.axes, manifest)
        self._run(results, results.status())
        return stores.dataset(results, self.axes, about)

    def in_store(self, path: Path, resume: bool) -> Any:
        """Run what the store does not yet hold; of several processes each its own chunks."""
        with ExitStack() as held:

            def begin() -> Results:
                if os.path.lexists(path) and not resume:
                    raise ValueError(
                        f"Argument `store` must be new unless `resume` is set, but {path} is there"
                    )
                if path.is_symlink():
                    raise ValueError(
                        f"Argument `store` must be a folder or new, but {path} is a link to none"
                    )
                path.parent.mkdir(parents=True, exist_ok=True)
                try:
                    held.enter_context(locked(path))
                except OSError as error:
                    if error.errno not in UNWRITABLE or not path.exists():
                        raise
                    return self._finished(path, error)
                return self._open(path, clear=True)

            results = processes.first_then_others(begin, lambda: self._open(path))
            self._run(results, results.status())
            processes.meet()  # the lock is held until all have written
        return stores.dataset(results, self.axes, {})

    def _finished(self, path: Path, error: OSError) -> Results:
        """A store on a disk that cannot be written, if nothing is left to do."""
        results = self._there(path, read_only=True)
        if np.any(results.status() == stores.PENDING):
            raise error
        return results

    def _open(self, path: Path, clear: bool = False) -> Results:
        if not path.exists():
            manifest, about = self._new()
            return stores.create(path, self.axes, manifest, about)
        results = self._there(path)
        if clear:
            results.files.clear_partial(list(results.arrays))
        return results

    def _there(self, path: Path, read_only: bool = False) -> Results:
        """The store that is there, if it is of this sweep; what cannot be known is said."""
        manifest = stores.read_manifest(path)
        # Calling a function to find out what it returns would repeat a finished point.
        variables = self.traced_template or manifest.variables
        wanted = self.manifest(variables, manifest.batch, manifest.tile)
        stores.check_same(manifest, wanted, path)
        opaque = {name: why for name, why in manifest.unchecked.items() if why == OPAQUE}
        if opaque:
            warnings.warn(
                f"Whether {path} holds the same sweep is not known for all of it: {_sentence(opaque)}",
                stacklevel=5,
            )
        return stores.reopen(path, self.axes, manifest, read_only=read_only)

    def _new(self) -> tuple[Manifest, dict[str, Any]]:
        template = self.template()
        batch = self.chosen_batch()
        tile = chunks.tile_shape(self.axes, batch)
        manifest = self.manifest(template, batch, tile, after=True)
        return manifest, self.about(manifest)

    def _lanes(self, manifest: Manifest) -> int:
        """Points that run at once: those of the store's chunks, or fewer where that is asked for."""
        lanes = min(self.batch or manifest.batch, manifest.batch)
        if self.memory is None or lanes == 1:
            return lanes
        return chunks.fitting_lanes(list(self.programs.values()), lanes, self.memory, self.devices)

    def _run(self, results: Results, status: np.ndarray) -> None:
        """Every chunk of which a point is still pending."""
        if not np.any(status == stores.PENDING):
            self.progress("sweep", self.points, self.points)
            return
        tile, lanes = results.manifest.tile, self._lanes(results.manifest)
        done = 0
        whole = max(lanes, int(np.prod(tile)))  # a tile is written at once
        for number, chunk in enumerate(chunks.cut(self.axes, tile, whole)):
            indices = chunk.indices()
            pending = np.any(status[tuple(indices.T)] == stores.PENDING)
            if pending and processes.mine(number):
                self.progress("sweep", done, self.points)
                results.check_there()
                columns = self._columns(chunk, indices, lanes, results.variables)
                results.write(chunk.regions, columns)
            done += len(indices)
        results.settle()
        self.progress("sweep", done, self.points)

    def _columns(
        self, chunk: Chunk, indices: np.ndarray, lanes: int, variables: Sequence[Variable]
    ) -> dict[str, np.ndarray]:
        """Results, status and errors of the points of a chunk."""
        size = chunks.padded(min(chunk.size, lanes), self.devices)
        program = self.programs[chunk.kinds]
        try:
            found, errors = program.run(indices, size, self.devices)
        except Exception as error:
            if is_out_of_memory(error):
                raise ValueError(_too_little_memory(program, size, self.devices)) from error
            raise
        return _recorded(found, errors, len(indices), variables)


def _recorded(
    found: Mapping[str, np.ndarray] | None,
    errors: Mapping[int, str],
    count: int,
    variables: Sequence[Variable],
) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    status = np.full(count, stores.DONE, np.int8)
    failed = np.array([lane in errors for lane in range(count)])
    for v in variables:
        value = None
        if found is not None:
            value = found.get(v.name)
            if value is None or value.shape != (count, *v.shape):
                raise different_shapes(v.name, v.shape, None if value is None else value.shape[1:])
            value = fitted(v, value[~failed])
        column = np.full((count, *v.shape), v.empty, v.dtype)
        if value is not None:
            column[~failed] = value
            status[np.isnan(column).reshape(count, -1).any(1)] = stores.HAS_NAN
        columns[v.name] = column
    _check_no_more(found, variables)
    status[failed] = stores.FAILED
    texts = [errors.get(lane, "") for lane in range(count)]
    texts = ["the result has a NaN" if s == stores.HAS_NAN else t for s, t in zip(status, texts)]
    return columns | {"error": np.array(texts, dtype=object), "status": status}


def _check_no_more(found: Mapping[str, Any] | None, variables: Sequence[Variable]) -> None:
    """Complain about a result that the first point did not have."""
    known = {variable.name for variable in variables}
    for name, value in (found or {}).items():
        if name not in known:
            raise different_shapes(name, None, np.shape(value)[1:])


def _too_little_memory(program: Program, size: int, devices: Sequence[Any]) -> str:
    """What to ask for, from what the compiler says a point takes."""
    free = chunks.default_memory(devices)
    try:
        fits = int(size * free / program.bytes_needed(size, devices))
    except Exception:  # not even the compilation fits
        fits = size // 2
    fits = max(1, min(fits, size // 2))
    return f"Argument `batch` must be at most about {fits} to fit into the memory of {devices[0]}, but is {size}"


def _sentence(unchecked: Mapping[str, str]) -> str:
    """What is not compared, and why, in a line."""
    found = [f"`{name}` {why}" for name, why in unchecked.items()]
    return "; ".join(found[:5]) + ("; and more" if len(found) > 5 else "")


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def _name(function: Any) -> str:
    while hasattr(function, "func"):  # of `functools.partial`
        function = function.func
    return getattr(function, "__qualname__", type(function).__name__)
