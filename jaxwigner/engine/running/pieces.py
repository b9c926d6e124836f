"""Long runs in pieces, one after another: each is a run of its own from the last state on, so that it can be kept and resumed.

Where a run is cut depends on its schedule alone. A run in pieces is the same to the last bit, whether somebody looks at a bar, whether
its pieces were kept, and whether it was killed between two of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import concrete
from jaxwigner.engine.run import Diagnostics
from jaxwigner.engine.running.solve import Solved, Task, solve
from jaxwigner.engine.running.stored import Store
from jaxwigner.engine.schedule import Schedule
from jaxwigner.progress import bar, clock, on_terminal, quiet

PIECES = 32  # at least, of a run of as many steps
STAGE = "evolving"
ANEW = ("restored", "heat")  # what a run counts from its beginning


class Piece(NamedTuple):
    """A part of a run: its schedule, and which of its stops, the first one left out, belong to the whole run."""

    schedule: Schedule
    kept: tuple[bool, ...]


def solve_visibly(task: Task, state: Any, progress: Any) -> Solved:
    """A run as a whole; a terminal is told how long it takes."""
    if progress is False or not concrete((task, state)) or not on_terminal():
        return solve(task, state)
    with clock(STAGE):
        return jax.block_until_ready(solve(task, state))


def in_pieces(task: Task, state: Any, progress: Any, store: Store | None) -> Solved:
    """A run in pieces: those that a store holds already are taken from it, the others are kept there."""
    parts = list(pieces(task.schedule))
    done, state, seen = (0, state, []) if store is None else store.resume(state)
    given: Any = progress if callable(progress) else quiet
    told = bar() if progress is True else nullcontext(given)
    with told as tell:
        for number, part in enumerate(parts[done:], done):
            tell(STAGE, number, len(parts))
            state, rows = _solved(task, part, state, first=number == 0)
            seen.append(rows)
            if store is not None:
                store.put(number, state, rows)
        tell(STAGE, len(parts), len(parts))
    return _joined(task, state, seen)


def pieces(schedule: Schedule) -> Iterator[Piece]:
    """A known schedule cut into about `PIECES` parts of neighbouring segments, or of parts of a long one."""
    counts, size = schedule.each, max(1, -(-sum(schedule.each) // PIECES))
    first = 0
    while first < len(counts):
        last, total = first + 1, counts[first]
        if total > size:
            yield from _parts_of(schedule, first, size)
        else:
            while last < len(counts) and total + counts[last] <= size:
                total, last = total + counts[last], last + 1
            yield _piece(schedule, first, last)
        first = last


def _piece(schedule: Schedule, first: int, last: int) -> Piece:
    """Whole segments."""
    step, counts = np.asarray(schedule.step), schedule.each[first:last]
    step = step[first:last] if step.ndim else step
    times = np.asarray(schedule.times)[first : last + 1]
    plan = Schedule(jnp.asarray(step), counts, len(counts), times)
    return Piece(plan, (True,) * len(counts))


def _parts_of(schedule: Schedule, index: int, size: int) -> Iterator[Piece]:
    """One long segment, cut into equal parts and a shorter one."""
    step, count = np.asarray(schedule.step), schedule.each[index]
    step = step[index] if step.ndim else step
    start, end = np.asarray(schedule.times)[index : index + 2]
    equal = -(-count // -(-count // size))
    for done in range(0, count, equal):
        now = min(equal, count - done)
        edges = [start + (end - start) * m / count for m in (done, done + now)]
        whole = done + now == count
        times = np.array([edges[0], end if whole else edges[1]])
        yield Piece(Schedule(jnp.asarray(step), (now,), 1, times), (whole,))


def _solved(task: Task, part: Piece, state: Any, first: bool) -> tuple[Any, Any]:
    """The state after a piece, and what was seen and diagnosed at its stops, on the host."""
    look, offset = task.look, 0.0
    if look.times is not None:
        offset = np.asarray(look.times)[0] - np.asarray(task.schedule.times)[0]
        look = dataclasses.replace(look, times=jnp.asarray(part.schedule.times + offset))
    solved = solve(task._replace(look=look, schedule=part.schedule), state)
    rows = np.flatnonzero([first, *part.kept])
    seen = jax.tree.map(lambda leaf: np.asarray(leaf)[rows], solved.seen)
    series = jax.tree.map(lambda leaf: np.asarray(leaf), solved.diagnostics.series())
    series = {name: leaf[0 if first else 1 :] for name, leaf in series.items()}
    times = part.schedule.times[0 if first else 1 :]
    return solved.state, {"seen": seen, "series": series, "times": times}


def _going_on(parts: list[Any]) -> list[dict[str, Any]]:
    """The series of all pieces; each of them counted some things anew."""
    series, before = [], dict.fromkeys(ANEW, 0.0)
    for part in parts:
        found = dict(part["series"])
        for name in before.keys() & found.keys():
            found[name] = (found[name] + before[name]).astype(found[name].dtype)
            before[name] = found[name][-1]
        series.append(found)
    return series


def _joined(task: Task, state: Any, parts: list[Any]) -> Solved:
    """All pieces as one run."""
    seen = jax.tree.map(lambda *rows: jnp.concatenate(rows), *(part["seen"] for part in parts))
    every = jax.tree.map(lambda *rows: jnp.concatenate(rows), *_going_on(parts))
    times = np.concatenate([part["times"] for part in parts])
    diagnostics = dataclasses.replace(Diagnostics.of(every), times=times)
    return Solved(state, task.schedule.shown(seen), diagnostics)
