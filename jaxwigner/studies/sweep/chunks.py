"""How the points of a sweep are cut: tiles of neighbouring points, and chunks of tiles that one program runs at once."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxwigner.studies.sweep.axes import Axis, Kinds
from jaxwigner.studies.sweep.programs import Program

# Points of a chunk on one device, unless asked for. Larger ones leave the cache of a CPU and are slower there.
LARGEST = {"cpu": 128, "gpu": 4096}
PARTS = 8  # chunks that a process has at least, so that a kill costs a part of them

Region = tuple[slice, ...]


@dataclass(frozen=True)
class Chunk:
    """Points that run together: whole tiles of one bucket, padded to `size` points."""

    kinds: Kinds
    regions: tuple[Region, ...]
    size: int

    def indices(self) -> np.ndarray:
        """Indices of its points, shape (points, axes), region by region."""
        parts = []
        for region in self.regions:
            ranges = [np.arange(part.start, part.stop) for part in region]
            parts.append(np.stack(np.meshgrid(*ranges, indexing="ij"), -1).reshape(-1, len(ranges)))
        return np.concatenate(parts)


def tile_shape(axes: Sequence[Axis], batch: int) -> tuple[int, ...]:
    """Points of a tile along each axis: at most `batch` in all, the last axes first, one along an axis of several kinds.

    >>> from jaxwigner.studies.sweep.axes import Axis
    >>> from jaxwigner.studies.sweep.chunks import tile_shape
    >>> tile_shape([Axis("hbar", [0.1] * 10), Axis("p", [0.0] * 8)], 30)
    (3, 8)
    """
    tile, room = [], batch
    for axis in reversed(axes):
        length = 1 if axis.mixed else min(len(axis), room)
        # As even as they come: 2 tiles of 5 rather than 9 and 1.
        length = -(-len(axis) // -(-len(axis) // length)) if not axis.mixed else 1
        tile.append(length)
        room = 1 if length < len(axis) and not axis.mixed else max(1, room // length)
    return tuple(reversed(tile))


def cut(axes: Sequence[Axis], tile: tuple[int, ...], batch: int) -> list[Chunk]:
    """All chunks of a sweep, always in the same order."""
    by_kinds: dict[Kinds, list[Region]] = {}
    starts = [range(0, len(axis), length) for axis, length in zip(axes, tile)]
    for corner in itertools.product(*starts):
        kinds = tuple(axis.kinds[start] for axis, start in zip(axes, corner))
        region = tuple(
            slice(start, min(start + length, len(axis)))
            for axis, start, length in zip(axes, corner, tile)
        )
        by_kinds.setdefault(kinds, []).append(region)
    points = int(np.prod(tile))
    chunks = []
    for kinds, regions in by_kinds.items():
        together = min(max(1, batch // points), len(regions))
        for start in range(0, len(regions), together):
            group = tuple(regions[start : start + together])
            chunks.append(Chunk(kinds, group, points * together))
    return chunks


def default_batch(points: int, devices: Sequence[Any]) -> int:
    """Points of a chunk where memory does not matter.

    >>> import jax
    >>> from jaxwigner.studies.sweep.chunks import default_batch
    >>> default_batch(1000, jax.devices()[:1]), default_batch(100, jax.devices()[:1])
    (125, 16)
    """
    largest = LARGEST.get(devices[0].platform, 1024) * len(devices)
    return min(points, max(16, min(largest, -(-points // (PARTS * jax.process_count())))))


def default_memory(devices: Sequence[Any]) -> int:
    """Bytes that a chunk may take on one device: most of what a GPU has free, a quarter of a machine's memory."""
    stats = devices[0].memory_stats() or {}
    if "bytes_limit" in stats:
        return int(0.8 * (stats["bytes_limit"] - stats.get("bytes_in_use", 0)))
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        whole = 8 * 2**30
    return int(whole / 4 / len(devices))


def padded(size: int, devices: Sequence[Any]) -> int:
    """A number of lanes that divides evenly among the devices."""
    return -(-size // len(devices)) * len(devices)


def fitting_batch(
    axes: Sequence[Axis],
    programs: Sequence[Program],
    batch: int,
    memory: int,
    devices: Sequence[Any],
) -> int:
    """The largest batch, at most `batch`, whose chunks take at most `memory` bytes on a device, in every bucket.

    **Raises:** `ValueError` if a single point a device does not fit.
    """

    @functools.cache
    def sizes(batch: int) -> dict[Kinds, int]:
        chunks = cut(axes, tile_shape(axes, batch), batch)
        # The first chunk of a bucket is its largest.
        return {chunk.kinds: chunk.size for chunk in reversed(chunks)}

    # Of programs of the same kinds the last one counts.
    tried = {program.kinds: program for program in programs if program.template is not None}
    return _fitting(tried.values(), batch, lambda kinds, n: sizes(n)[kinds], memory, devices)


def fitting_lanes(
    programs: Sequence[Program], lanes: int, memory: int, devices: Sequence[Any]
) -> int:
    """The most points, at most `lanes`, that every program runs at once in `memory` bytes on a device.

    **Raises:** `ValueError` if a single point a device does not fit.
    """
    tried = [program for program in programs if program.template is not None]
    return _fitting(tried, lanes, lambda kinds, n: n, memory, devices)


def _fitting(
    programs: Iterable[Program],
    most: int,
    size_of: Callable[[Kinds, int], int],
    memory: int,
    devices: Sequence[Any],
) -> int:
    """The largest number, at most `most`, with which every program fits; `size_of`: the points that it then runs at once."""
    for program in sorted(programs, key=lambda program: -program.weight):
        while True:
            size = padded(size_of(program.kinds, most), devices)
            needed = program.bytes_needed(size, devices)
            if needed <= memory:
                break
            if size <= len(devices):
                raise _too_small(memory, needed)
            most = max(1, min(most - 1, int(size * memory / needed)))
    return most


def _too_small(memory: int, needed: int) -> ValueError:
    return ValueError(
        f"Argument `memory` must be at least {needed}, what a single point takes, but is {memory}"
    )
