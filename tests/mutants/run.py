"""Mutants measured: each in a copy of the package and a process of its own, so many at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .mutant import DoesNotApply, Mutant, copied

MEASURE = Path(__file__).with_name("measure.py")
PATIENCE = 900.0  # seconds for one mutant
CACHE = "JAX_COMPILATION_CACHE_DIR"
NOTICED, SURVIVED, BROKEN, GONE = "noticed", "survived", "broken", "does not apply"


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: the `row` that noticed it, as a dictionary, or what is to be said instead."""

    mutant: Mutant
    verdict: str
    row: dict | None = None
    said: str = ""
    seconds: float = 0.0


def measured(folder: Path, full: bool, until: str, names: Iterable[str]) -> tuple[list[dict], str]:
    """The rows that a process printed which takes the package from `folder`, and its last line of complaint."""
    command = [sys.executable, "-P", str(MEASURE), str(folder), "full" if full else "quick", until]
    paths = [str(folder), os.environ.get("PYTHONPATH", "")]
    settings = {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JAX_PLATFORMS": "cpu",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    try:
        done = subprocess.run(
            [*command, *names],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return [], f"took more than {PATIENCE:.0f} s"
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    complaint = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    return rows, "".join(complaint) or ("" if done.returncode == 0 else "died")


def judged(mutant: Mutant) -> Outcome:
    """A mutant is noticed when a verdict is wrong; a process that fails before that notices nothing."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        try:
            mutant.copy(Path(name))
        except DoesNotApply as error:
            return Outcome(mutant, GONE, said=str(error))
        rows, complaint = measured(Path(name), mutant.full, "first", [mutant.rows])
    seconds = sum(row["seconds"] for row in rows)
    wrong = [row for row in rows if not row["as_expected"]]
    if wrong:
        return Outcome(mutant, NOTICED, wrong[0], seconds=seconds)
    if complaint:
        return Outcome(mutant, BROKEN, said=complaint, seconds=seconds)
    return Outcome(mutant, SURVIVED, said=f"none of {len(rows)} rows is wrong", seconds=seconds)


def untouched(names: Iterable[str], full: bool) -> list[dict]:
    """All rows of these parts, measured in a copy without a change.

    **Raises:** `RuntimeError` where they cannot be measured.
    """
    with tempfile.TemporaryDirectory(prefix="original-") as folder:
        copied(Path(folder))
        rows, complaint = measured(Path(folder), full, "all", names)
    if complaint:
        raise RuntimeError(f"The library as it is cannot be measured: {complaint}")
    return rows


def run(mutants: Iterable[Mutant], workers: int) -> Iterator[Outcome]:
    """The outcomes as they come, with one cache of compiled programs for all."""
    with one_cache(), ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(judged, mutant) for mutant in mutants]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for one in waiting:
                one.cancel()


@contextmanager
def one_cache() -> Iterator[None]:
    """A folder of compiled programs for all processes, where the environment names none."""
    if CACHE in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="compiled-") as folder:
        os.environ[CACHE] = folder
        try:
            yield
        finally:
            del os.environ[CACHE]
