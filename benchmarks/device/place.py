"""Where a theme runs: the device, the CPU beside it, the time that is left, and the memory that was taken."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax

from benchmarks.timing import Program, compiled


@dataclass
class Place:
    """A device and the CPU of the same process. `small`: sizes of a rehearsal; `left`: seconds until the run has to end."""

    device: Any
    cpu: Any
    small: bool = False
    left: Callable[[], float] = field(default=lambda: float("inf"))

    def size(self, device: Any, small: Any) -> Any:
        """A size of the measurement, or the one of its rehearsal."""
        return small if self.small else device

    def target(self, bound: float | None) -> float | None:
        """A target of the measurement; a rehearsal has none."""
        return None if self.small else bound

    def on(self, device: Any | None = None):
        """What is made inside lives on the device."""
        return jax.default_device(device or self.device)

    def peak(self) -> int | None:
        """The most bytes that the process has taken on the device so far, where the device says so."""
        stats = self.device.memory_stats() or {}
        return stats.get("peak_bytes_in_use")

    def most(self, count: int, program: Program) -> int:
        """How large a size may be, of which a program of `count` is: its memory grows with it in proportion, at most."""
        needed, free = bytes_of(program), self.free()
        if needed is None or free is None or needed <= free:
            return count
        return max(0, int(count * free / needed))

    def refuse(self, name: str, count: int, program: Program) -> None:
        """**Raises:** `ValueError` that says which size fits, where a program of this one needs more than is free."""
        most = self.most(count, program)
        if most < count:
            sizes = (
                f"{bytes_of(program) / 2**30:.3g} GiB needed, {self.free() / 2**30:.3g} GiB free"
            )
            must = f"Argument `{name}` must be at most {most} on this device, but is {count}"
            raise ValueError(f"{must} ({sizes})")

    def free(self) -> int | None:
        """Bytes that can still be taken."""
        stats = self.device.memory_stats() or {}
        limit = stats.get("bytes_limit")
        return None if limit is None else limit - stats.get("bytes_in_use", 0)


def seconds_of(call: Callable[[], Any], repeats: int = 3) -> float:
    """The shortest of a few calls, each waited for; one call before the clock starts."""
    jax.block_until_ready(call())
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(call())
        times.append(time.perf_counter() - start)
    return min(times)


def timed(function: Callable, *arguments: Any, repeats: int = 3) -> tuple[float, Program]:
    """Seconds of a compiled call, and its program."""
    program = compiled(function, *arguments)
    return seconds_of(lambda: program.call(*arguments), repeats), program


def bytes_of(program: Program) -> int | None:
    """What a program takes: arguments, results and what it needs between, as its compiler says."""
    used = program.call.memory_analysis()
    if used is None:
        return None
    return used.argument_size_in_bytes + used.output_size_in_bytes + used.temp_size_in_bytes


@contextlib.contextmanager
def two_cores() -> Iterator[str]:
    """Every thread of the process on two cores meanwhile, so that a CPU can be compared with others; what was done, in words."""
    tasks = Path("/proc/self/task")
    if not hasattr(os, "sched_setaffinity") or not tasks.is_dir():
        yield f"{os.cpu_count()} CPU cores"
        return
    before = os.sched_getaffinity(0)
    few = set(sorted(before)[:2])
    try:
        _bind(tasks, few)
        yield f"{len(few)} CPU cores"
    finally:
        _bind(tasks, before)


def _bind(tasks: Path, cores: set[int]) -> None:
    for task in tasks.iterdir():
        with contextlib.suppress(OSError):  # a thread that has ended
            os.sched_setaffinity(int(task.name), cores)
