"""The engine of `sweep`: plans the chunks, runs those that are not finished, and records what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxwigner.progress import Progress
from jaxwigner.provenance import provenance
from jaxwigner.studies.sweep import chunks, processes
from jaxwigner.studies.sweep import store as stores
from jaxwigner.studies.sweep.axes import Axis, Kinds, buckets
from jaxwigner.studies.sweep.chunks import Chunk
from jaxwigner.studies.sweep.lock import locked
from jaxwigner.studies.sweep.programs import (
    Program,
    different_shapes,
    is_out_of_memory,
    whole_axes_as_sizes,
)
from jaxwigner.studies.sweep.results import Variable, describe
from jaxwigner.studies.sweep.store import Results

RESERVED = ("status", "error")


def with_sizes(function: Callable[..., Any], axes: Sequence[Axis]) -> list[Axis]:
    """The axes, with whole numbers static where the function needs them so."""
    given = {axis.name: axis.given for axis in axes}
    return whole_axes_as_sizes(function, axes, lambda name: Axis(name, given[name], True))


def local_devices(devices: Sequence[Any] | int | None) -> list[Any]:
    """The devices of this process that a sweep uses.

    **Raises:** `ValueError` for none, or for more than there are.
    """
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

    @property
    def points(self) -> int:
        """How many points there are."""
        return int(np.prod([len(axis) for axis in self.axes]))

    @cached_property
    def programs(self) -> dict[Kinds, Program]:
        """One traced program for each bucket."""
        return {kinds: Program(self.function, self.axes, kinds) for kinds in buckets(self.axes)}

    @cached_property
    def traced_template(self) -> list[Variable] | None:
        """The variables that the traced programs return, all the same; None where none can be traced."""
        first = None
        for program in self.programs.values():
            if program.template is None:
                continue
            first = first or program.template
            _check_template(first, program.template)
        return first

    def template(self) -> list[Variable]:
        """The variables; of a function that cannot be traced, from its first point that succeeds."""
        found = self.traced_template or self._called_template()
        names = [axis.name for axis in self.axes]
        for variable in found:
            if variable.name in (*names, *RESERVED):
                raise ValueError(
                    f"Argument `function` must return names other than the axes, status and error, "
                    f"but returns `{variable.name}`"
                )
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

    def manifest(self) -> dict[str, Any]:
        """What identifies the sweep, without how it is cut."""
        about = provenance()
        prints = [program.fingerprint() for program in self.programs.values()]
        return {
            "format": stores.FORMAT,
            "function": prints,
            "axes": {axis.name: axis.fingerprint() for axis in self.axes},
            "versions": {name: about[name] for name in ("version", "jax", "precision")}
            | {"format": stores.FORMAT},
            "units": self.units,
        }

    def about(self, batch: int) -> dict[str, Any]:
        """Attributes of the dataset."""
        reasons = [repr(p.reason) for p in self.programs.values() if p.template is None]
        return {
            "function": _name(self.function),
            "batch": batch,
            "buckets": len(self.programs),
            "compiled": f"not everywhere: {_line(reasons[0])}" if reasons else "yes",
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
        self._run(results)
        return stores.dataset(results, self.axes, about)

    def in_store(self, path: Path, resume: bool) -> Any:
        """Run what the store does not yet hold; of several processes each its own chunks."""
        with ExitStack() as held:

            def begin() -> Results:
                if path.exists() and not resume:
                    raise ValueError(
                        f"Argument `store` must be new unless `resume` is set, but {path} is there"
                    )
                path.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(locked(path))
                return self._open(path)

            results = processes.first_then_others(begin, lambda: self._open(path))
            self._run(results)
            processes.meet()  # the lock is held until all have written
        return stores.dataset(results, self.axes, {})

    def _open(self, path: Path) -> Results:
        if not path.exists():
            manifest, about = self._new()
            return stores.create(path, self.axes, manifest, about)
        results = stores.reopen(path)
        wanted = self.manifest()
        if self.traced_template is not None:
            wanted["variables"] = _rows(self.traced_template)
        else:  # calling it to find out would repeat a finished point
            wanted["variables"] = results.manifest["variables"]
        stores.check_same(results.manifest, wanted, path)
        return results

    def _new(self) -> tuple[dict[str, Any], dict[str, Any]]:
        template = self.template()
        batch = self.chosen_batch()
        cutting = {"tile": chunks.tile_shape(self.axes, batch), "batch": batch}
        manifest = self.manifest() | cutting | {"variables": _rows(template)}
        return manifest, self.about(batch)

    def _run(self, results: Results) -> None:
        """Every chunk of which a point is still pending."""
        batch = results.manifest["batch"]
        status = results.status()
        done = 0
        for number, chunk in enumerate(chunks.cut(self.axes, results.tile, batch)):
            indices = chunk.indices()
            pending = np.any(status[tuple(indices.T)] == stores.PENDING)
            if pending and processes.mine(number):
                self.progress("sweep", done, self.points)
                results.write(chunk.regions, self._columns(chunk, indices, results.variables))
            done += len(indices)
        self.progress("sweep", done, self.points)

    def _columns(
        self, chunk: Chunk, indices: np.ndarray, variables: Sequence[Variable]
    ) -> dict[str, np.ndarray]:
        """Results, status and errors of the points of a chunk."""
        size = chunks.padded(chunk.size, self.devices)
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
        column = np.full((count, *v.shape), v.empty, v.dtype)
        if found is not None:
            value = found.get(v.name)
            if value is None or value.shape != column.shape:
                raise different_shapes(v.name, v.shape, None if value is None else value.shape[1:])
            column[~failed] = value[~failed]
            bad = np.isnan(column).reshape(count, -1).any(1)
            status[bad] = stores.HAS_NAN
        columns[v.name] = column
    status[failed] = stores.FAILED
    texts = [errors.get(lane, "") for lane in range(count)]
    texts = ["the result has a NaN" if s == stores.HAS_NAN else t for s, t in zip(status, texts)]
    return columns | {"error": np.array(texts, dtype=object), "status": status}


def _rows(template: Sequence[Variable]) -> list[list[Any]]:
    return [[v.name, list(v.shape), v.dtype, v.attributes] for v in template]


def _check_template(first: Sequence[Variable], other: Sequence[Variable]) -> None:
    """Complain unless two buckets return the same names and shapes."""
    one, two = ({v.name: v.shape for v in template} for template in (first, other))
    for name in one | two:
        if one.get(name) != two.get(name):
            raise different_shapes(name, one.get(name), two.get(name))


def _too_little_memory(program: Program, size: int, devices: Sequence[Any]) -> str:
    """What to ask for, from what the compiler says a point takes."""
    free = chunks.default_memory(devices)
    try:
        fits = int(size * free / program.bytes_needed(size, devices))
    except Exception:  # not even the compilation fits
        fits = size // 2
    fits = max(1, min(fits, size // 2))
    return f"Argument `batch` must be at most about {fits} to fit into the memory of {devices[0]}, but is {size}"


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def _name(function: Any) -> str:
    while hasattr(function, "func"):  # of `functools.partial`
        function = function.func
    return getattr(function, "__qualname__", type(function).__name__)
