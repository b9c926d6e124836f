"""The claims measured in several processes: each takes the next piece of work when it has done the last, the longest first.

A piece is a part of a claim, or all parts of a file that share a computation (`shared`). Every process is a fresh one with float64,
and has one thread of BLAS: matrices are small here, and threads would spend more time on waiting for each other than on them. So the
numbers are the same, bit for bit, from one process or four; the rows come back in the order of the table.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

import jax

from jaxwigner._checks import check_integer
from jaxwigner.inequality import require_double
from jaxwigner.progress import Progress, quiet
from jaxwigner.studies.claims.claim import CLAIMS, SHARING, Part, Row
from jaxwigner.studies.claims.compiling import sparingly
from jaxwigner.studies.claims.measure import known, rows_of

THREADS = "OPENBLAS_NUM_THREADS"
PATIENCE = 5.0  # seconds that a process has to end
Place = tuple[str, int]  # id, number of the part among those of its claim


def cores() -> int:
    """How many cores this process may use."""
    mine = getattr(os, "sched_getaffinity", None)
    return len(mine(0)) if mine else os.cpu_count() or 1


def pieces(ids: Iterable[str]) -> list[list[Place]]:
    """What is measured at one go, the longest first."""
    found: dict[Any, list[Place]] = {}
    for place in [(name, k) for name in ids for k in range(len(CLAIMS[name].parts))]:
        function = _part(place).function
        home = function.__module__
        found.setdefault(home if home in SHARING else function, []).append(place)
    return sorted(found.values(), key=lambda piece: -sum(_part(place).cost for place in piece))


def _part(place: Place) -> Part:
    return CLAIMS[place[0]].parts[place[1]]


def measure_in_processes(
    ids: Iterable[str] | None = None,
    full: bool = False,
    *,
    processes: int = 1,
    progress: Progress = quiet,
    seen: Callable[[list[Row]], None] | None = None,
) -> list[Row]:
    """All rows of the ids, in the order of the ids, from so many processes. `seen` is told those of each part at once.

    One is this process, where the environment has said how many threads BLAS has; else a fresh one, whose sums are those of many.

    **Raises:** `ValueError` for an unknown id; what measuring raises, from whatever process; `RuntimeError` for one that dies.
    """
    check_integer("processes", processes, at_least=1)
    chosen = known(ids, "only")
    require_double()
    work = pieces(dict.fromkeys(chosen))
    count = min(processes, len(work))
    here = count == 1 and THREADS in os.environ
    done = _here(work, full) if here else _elsewhere(work, full, count)
    total, found = sum(map(len, work)), {}
    progress("measuring", 0, total)
    with sparingly():
        for place, rows in done:
            found[place] = rows
            if seen is not None:
                seen(rows)
            progress(f"measuring, {place[0]} is done", len(found), total)
    return [
        row for name in chosen for k in range(len(CLAIMS[name].parts)) for row in found[name, k]
    ]


def _here(work: list[list[Place]], full: bool) -> Iterator[tuple[Place, list[Row]]]:
    for piece in work:
        for place in piece:
            yield place, list(rows_of(_part(place), full))


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    pipe: Connection


@dataclass(frozen=True)
class _Failure:
    error: Exception
    trace: str


def _elsewhere(
    work: list[list[Place]], full: bool, count: int
) -> Iterator[tuple[Place, list[Row]]]:
    """Rows of each part as they arrive; whatever ends this, the processes end with it."""
    waiting = list(work)
    workers: list[_Worker] = []
    try:
        # One by one: Ctrl-C may come before all have begun.
        workers.extend(_started() for _ in range(count))
        busy = {worker.pipe: worker for worker in workers}
        for worker in workers:
            worker.pipe.send((waiting.pop(0), full))
        while busy:
            for pipe in cast("list[Connection]", wait(list(busy))):
                answer = _received(busy[pipe])
                if answer is not None:
                    yield answer
                elif waiting:
                    pipe.send((waiting.pop(0), full))
                else:
                    busy.pop(pipe)
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join(PATIENCE)
            worker.process.kill()  # nothing, where it has ended
            worker.process.join()
            worker.pipe.close()


def _started() -> _Worker:
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    # Its start lets Ctrl-C through again: it comes before that is kept from the new process.
    resource_tracker.ensure_running()
    ours, theirs = context.Pipe()
    cache = jax.config.values["jax_compilation_cache_dir"]
    process = context.Process(target=_work, args=(theirs, cache), daemon=True)
    with _for_a_new_process():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextmanager
def _for_a_new_process() -> Iterator[None]:
    """A new process reads libraries and the files of the claims before it does anything: its environment says how, and keeps Ctrl-C
    from it."""
    before = dict(os.environ)
    os.environ["JAX_ENABLE_X64"] = "1"
    os.environ.setdefault(THREADS, "1")
    try:
        with _without_interrupts():
            yield
    finally:
        for name in ("JAX_ENABLE_X64", THREADS):
            if name in before:
                os.environ[name] = before[name]
            else:
                del os.environ[name]


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits; a process that begins now never sees it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _received(worker: _Worker) -> tuple[Place, list[Row]] | None:
    """The rows of a part, or None when the piece is finished."""
    try:
        answer = worker.pipe.recv()
    except EOFError:
        worker.process.join()
        status = worker.process.exitcode
        raise RuntimeError(
            f"A process that measured claims has died with status {status}"
        ) from None
    if isinstance(answer, _Failure):
        raise answer.error from RuntimeError(f"In another process:\n{answer.trace}")
    return answer


def _work(pipe: Connection, cache: str | None) -> None:
    """What a process does until it is ended: pieces come in, rows go out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    if cache is not None:
        jax.config.update("jax_compilation_cache_dir", cache)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    with sparingly():
        while True:
            try:
                piece, full = pipe.recv()
            except EOFError:  # nobody is there any more
                return
            _answer(pipe, piece, full)


def _answer(pipe: Connection, piece: list[Place], full: bool) -> None:
    try:
        for found in _here([piece], full):
            pipe.send(found)
    except Exception as error:
        pipe.send(_Failure(_portable(error), traceback.format_exc()))
    else:
        pipe.send(None)


def _portable(error: Exception) -> Exception:
    """The error, or its text where it cannot go through a pipe."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
