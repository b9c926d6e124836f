"""The compiled program of a bucket of points: one trace, one compilation, chunks of one size, spread over the devices.

A function that cannot be traced with these axes runs point by point instead. A chunk that raises is halved until the points that
are at fault are alone; its program is reused, with copies of a point in the empty lanes.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxpr_as_fun
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxwigner.compiled.identity import Identity, digest
from jaxwigner.studies.sweep import results as sweep_results
from jaxwigner.studies.sweep.axes import Axis, Kinds

Outcome = tuple[dict[str, np.ndarray] | None, dict[int, str]]  # values by name, errors by lane


class Program:
    """The function for one bucket: traced once, compiled once for chunks of `size` points.

    **Arguments:** `function`, `axes`, `kinds`: of the values on each axis; `compiled`: where programs that came out the same share
    one executable.

    After `trace`, `template` lists the variables (None: the function cannot be traced, `reason` says why).
    """

    def __init__(
        self,
        function: Callable[..., Any],
        axes: Sequence[Axis],
        kinds: Kinds,
        compiled: dict[Any, Any] | None = None,
    ):
        self.function, self.axes, self.kinds = function, axes, kinds
        self.template: list[sweep_results.Variable] | None = None
        self.reason: Exception | None = None
        self._compiled = {} if compiled is None else compiled
        self._trace()

    def _trace(self) -> None:
        shapes = [axis.shapes(kind) for axis, kind in zip(self.axes, self.kinds)]
        leaves, self._structure = jax.tree.flatten(shapes)

        def flat(*leaves):
            arrays = jax.tree.unflatten(self._structure, leaves)
            point = {
                axis.name: axis.rebuild(kind, part)
                for axis, kind, part in zip(self.axes, self.kinds, arrays)
            }
            return self.function(**point)

        try:
            self._jaxpr, result = jax.make_jaxpr(flat, return_shape=True)(*leaves)
        except Exception as error:  # whatever user code raises: the points say it again, one by one
            self.reason = error
            return
        self._result = jax.tree.structure(result)
        self.template = sweep_results.describe(result)

    @property
    def weight(self) -> int:
        """A rough size of what the program computes with, to tell the largest bucket."""
        if self.template is None:
            return 0
        outputs = [v.aval for e in self._jaxpr.jaxpr.eqns for v in e.outvars]
        return sum(getattr(aval, "size", 0) for aval in outputs)

    def fingerprint(self) -> str:
        """A hash of the traced program with its constants and the code that it calls back; of what is not traced, nothing."""
        if self.template is None:
            return "called"
        text = re.sub(r"0x[0-9a-fA-F]+", "0x", self._text)
        called = [digest(sorted(found.parts.items())) for found in self.callbacks]
        parts = [text.encode(), str(self.template).encode(), *_constants(self._jaxpr)]
        return hashlib.sha256(b"|".join([*parts, *(c.encode() for c in called)])).hexdigest()[:16]

    @cached_property
    def callbacks(self) -> list[Identity]:
        """The Python functions that the program calls while it runs, without the lists that they may write to."""
        found = [] if self.template is None else _callbacks(self._jaxpr)
        return [
            Identity("callback", getattr(function, "callback_func", function), changing=False)
            for function in found
        ]

    @cached_property
    def _text(self) -> str:
        with np.printoptions(threshold=sys.maxsize):
            return str(self._jaxpr)

    @cached_property
    def _content(self) -> str:
        """What two programs share an executable by: addresses are part of it."""
        parts = (self._text.encode(), *_constants(self._jaxpr))
        return hashlib.sha256(b"|".join(parts)).hexdigest()

    def compile(self, size: int, devices: Sequence[Any]) -> Any:
        """The executable for `size` points (a multiple of the number of devices); kept."""
        key = self._content, size, len(devices)
        if key not in self._compiled:
            self._compiled[key] = self._lowered(size, devices).compile()
        return self._compiled[key]

    def _lowered(self, size: int, devices: Sequence[Any]) -> Any:
        call = jaxpr_as_fun(self._jaxpr)
        program = jax.vmap(lambda lane, *leaves: call(*leaves))
        mesh = Mesh(np.array(devices), ("points",))
        lanes = PartitionSpec("points")
        if len(devices) > 1:
            # Each device runs its own points: nothing is left for a partitioner to gather.
            program = jax.shard_map(
                program, mesh=mesh, in_specs=lanes, out_specs=lanes, check_vma=False
            )
        placed = NamedSharding(mesh, lanes)
        jitted = jax.jit(program, in_shardings=placed, out_shardings=placed)
        return jitted.lower(*self._arguments(np.zeros((size, 0), int)))

    def bytes_needed(self, size: int, devices: Sequence[Any]) -> int:
        """Memory of one device for a chunk of `size` points, as the compiler says: arguments, results and temporaries."""
        memory = self.compile(size, devices).memory_analysis()
        parts = ("argument_size_in_bytes", "output_size_in_bytes", "temp_size_in_bytes")
        return int(sum(getattr(memory, part, 0) for part in parts))

    def _arguments(self, indices: np.ndarray) -> list[Any]:
        """Lane numbers and the traced arrays of these points (of shapes only where there are no indices)."""
        size = len(indices)
        if indices.shape[1] == 0:
            shapes = [axis.shapes(kind) for axis, kind in zip(self.axes, self.kinds)]
            lane = jax.ShapeDtypeStruct((size,), jnp.int32)
            batched = lambda s: jax.ShapeDtypeStruct((size, *s.shape), s.dtype)  # noqa: E731
            return [lane, *map(batched, jax.tree.leaves(shapes))]
        arrays = [
            axis.batch(kind, indices[:, i])
            for i, (axis, kind) in enumerate(zip(self.axes, self.kinds))
        ]
        return [np.arange(size, dtype=np.int32), *jax.tree.leaves(arrays)]

    def run(self, indices: np.ndarray, size: int, devices: Sequence[Any]) -> Outcome:
        """Results and errors of the points with these indices, shape (points, axes), `size` at a time."""
        if self.template is None:
            return self._one_by_one(indices)
        # Outside what is forgiven: a program that cannot be compiled is no fault of a point.
        execute = functools.partial(self._execute, self.compile(size, devices), size)
        with _quiet_callbacks():
            parts = [
                _halving(execute, indices, list(range(start, min(start + size, len(indices)))))
                for start in range(0, len(indices), size)
            ]
        errors = {lane: text for _, wrong in parts for lane, text in wrong.items()}
        if len(parts) == 1:
            return parts[0][0], errors
        counts = [min(size, len(indices) - start) for start in range(0, len(indices), size)]
        rows = [row for part, n in zip(parts, counts) for row in _rows(part[0], n)]
        return _stacked(rows), errors

    def _execute(self, program: Any, size: int, indices: np.ndarray) -> dict[str, np.ndarray]:
        full = np.concatenate([indices, np.repeat(indices[-1:], size - len(indices), axis=0)])
        results = program(*self._arguments(full))
        arrays = [np.asarray(array)[: len(indices)] for array in jax.device_get(results)]
        return sweep_results.values(jax.tree.unflatten(self._result, arrays))

    def _one_by_one(self, indices: np.ndarray) -> Outcome:
        found: list[dict[str, np.ndarray] | None] = []
        errors = {}
        for lane, index in enumerate(indices):
            try:
                result = self.function(**self.point(index))
            except MemoryError:
                raise
            except Exception as error:  # recorded with the point
                errors[lane] = _message(error)
                found.append(None)
            else:
                found.append(sweep_results.values(result))
        return _stacked(found), errors

    def point(self, index: Sequence[int] | np.ndarray) -> dict[str, Any]:
        """The arguments of the function at one point."""
        return {axis.name: axis.value(int(i)) for axis, i in zip(self.axes, index)}


def whole_axes_as_sizes(
    function: Callable[..., Any], axes: Sequence[Axis], make: Callable[[str], Axis]
) -> list[Axis]:
    """The axes, with those of whole numbers static where the function cannot be traced otherwise (sizes, not seeds)."""
    first = tuple(axis.kinds[0] for axis in axes)
    doubtful = [axis.name for axis in axes if axis.whole and not axis.static]

    def works(static: set[str]) -> bool:
        tried = [make(axis.name) if axis.name in static else axis for axis in axes]
        return Program(function, tried, first).template is not None

    static = set(doubtful)
    if not doubtful or works(set()) or not works(static):
        return list(axes)
    for name in doubtful:
        if len(static) > 1 and works(static - {name}):
            static -= {name}
    return [make(axis.name) if axis.name in static else axis for axis in axes]


def _constants(value: Any) -> Iterator[bytes]:
    """The arrays inside a traced program at any depth, which its text only names."""
    for constant in getattr(value, "consts", ()):
        yield _bytes(constant)
    for equation in getattr(getattr(value, "jaxpr", value), "eqns", ()):
        for operand in equation.invars:
            if np.ndim(getattr(operand, "val", 0)) > 0:
                yield _bytes(operand.val)
        for parameter in equation.params.values():
            for inner in parameter if isinstance(parameter, (tuple, list)) else (parameter,):
                if hasattr(inner, "eqns") or hasattr(inner, "jaxpr"):
                    yield from _constants(inner)


def _callbacks(value: Any) -> list[Any]:
    """The host functions inside a traced program at any depth."""
    found = []
    for equation in getattr(getattr(value, "jaxpr", value), "eqns", ()):
        if "callback" in equation.primitive.name and callable(equation.params.get("callback")):
            found.append(equation.params["callback"])
        for parameter in equation.params.values():
            for inner in parameter if isinstance(parameter, (tuple, list)) else (parameter,):
                if hasattr(inner, "eqns") or hasattr(inner, "jaxpr"):
                    found += _callbacks(inner)
    return found


def _rows(found: dict[str, np.ndarray] | None, count: int) -> list[dict[str, Any] | None]:
    if found is None:
        return [None] * count
    return [{name: array[row] for name, array in found.items()} for row in range(count)]


def _bytes(array: Any) -> bytes:
    if jnp.issubdtype(array.dtype, jax.dtypes.prng_key):
        array = jax.random.key_data(array)
    return np.asarray(array).tobytes()


def _halving(
    execute: Callable[[np.ndarray], dict], indices: np.ndarray, lanes: list[int]
) -> Outcome:
    """Run all points; if that raises, each half, down to the single point that is at fault."""
    try:
        return execute(indices[lanes]), {}
    except Exception as error:
        # A compiled program raises what its points raise through callbacks; anything else is the machine's fault, not theirs.
        if is_out_of_memory(error) or not re.search("callback|equinox", str(error), re.I):
            raise
        if len(lanes) == 1:
            return None, {lanes[0]: _message(error)}
    middle = len(lanes) // 2
    parts = [(part, *_halving(execute, indices, part)) for part in (lanes[:middle], lanes[middle:])]
    rows: dict[int, dict[str, np.ndarray] | None] = {}
    for part, found, _ in parts:
        if found is not None:
            rows |= dict(zip(part, _rows(found, len(part))))
    return _stacked([rows.get(lane) for lane in lanes]), parts[0][2] | parts[1][2]


def _stacked(rows: Sequence[dict[str, Any] | None]) -> dict[str, np.ndarray] | None:
    """One array a name from rows of which some are missing (zeros there; the errors tell)."""
    known = [row for row in rows if row is not None]
    if not known:
        return None
    for row in known:
        for name in known[0].keys() | row.keys():
            shapes = [np.shape(r[name]) if name in r else None for r in (known[0], row)]
            if shapes[0] != shapes[1]:
                raise sweep_results.different_shapes(name, *shapes)
    empty = {name: np.zeros_like(array) for name, array in known[0].items()}
    return {name: _column(name, [(row or empty)[name] for row in rows]) for name in empty}


def _column(name: str, rows: Sequence[Any]) -> np.ndarray:
    """The results of one name; of several types in one that holds them all exactly."""
    if len({row.dtype for row in rows}) > 1:
        wide = np.result_type(*rows)
        variable = sweep_results.Variable(name, rows[0].shape, wide.name, {})
        rows = [sweep_results.fitted(variable, np.asarray(row)) for row in rows]
    return np.stack(rows)


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device, or the machine, has too little memory."""
    return isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error)


def _message(error: Exception) -> str:
    """One line: of an error that was raised on a device, the line that its author wrote."""
    text = str(error)
    inner = re.search(r"EquinoxRuntimeError: (.*?)(?:\n\s*\n|\n-{5}|$)", text, flags=re.S)
    text = inner.group(1) if inner else f"{type(error).__name__}: {text}"
    return " ".join(text.split())[:400]


@contextmanager
def _quiet_callbacks() -> Iterator[None]:
    """Errors inside a chunk are recorded with their points: jax need not log each with a traceback."""
    logger = logging.getLogger("jax._src.callback")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
