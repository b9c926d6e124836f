"""Runs on disk: one that is finished (`run.npz`), and one in pieces that can be killed and resumed.

A run in pieces holds `task.json` (what it is a run of), `rows-….npz` (what was seen in each piece) and `state.npz` (how many pieces are
done, and the state after them), written in this order: whatever moment a process is killed at, what is there belongs together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxwigner._checks import concrete
from jaxwigner.compiled.identity import Identity, digest
from jaxwigner.disk.folders import LARGEST, kind_of, local_path, prepare, read_json, write_json
from jaxwigner.disk.stores import Damaged, read_tree, write_tree
from jaxwigner.engine.run import RUN_FILE, RUN_KIND, Evolution
from jaxwigner.engine.running.origin import origin_of
from jaxwigner.engine.running.solve import Task

TASK, STATE = "task.json", "state.npz"


def load_run(path: Path | str) -> Evolution:
    """A run that `run.save(path)` or `evolve(…, keep=path)` has kept, equal bit for bit; `evolve(system, run, …)` goes on from it.

    **Raises:** `ValueError` for a folder that holds no run, a run that is not finished, or files that were cut or changed.

    >>> import tempfile, jaxwigner as jw
    >>> newton = jw.Newton(lambda x: 0.5 * x**2)
    >>> run = jw.evolve(newton, jw.Particles([1.0], [1.0], [0.0]), duration=1.0, steps=20)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run.save(f"{folder}/run")
    ...     again = jw.load_run(f"{folder}/run")
    >>> jw.evolve(newton, again, duration=1.0, steps=20).times.tolist()[-1]
    2.0
    """
    folder = local_path("path", path)
    if kind_of(folder) != RUN_KIND:
        raise ValueError(f"Argument `path` must be a folder that holds a run, but {folder} is none")
    if not (folder / RUN_FILE).exists():
        must = "hold a finished run (call `evolve` with `keep` again to finish it)"
        raise ValueError(f"Argument `path` must {must}, but {folder} holds an unfinished one")
    return _read("path", folder / RUN_FILE, Evolution)


def _read(argument: str, path: Path, kind: type) -> Any:
    try:
        found = read_tree(path)
    except FileNotFoundError as error:
        raise ValueError(f"Argument `{argument}` must be whole, but lacks {path}") from error
    except Damaged as error:
        must = "hold what was written there"
        raise ValueError(
            f"Argument `{argument}` must {must}, but {path} is damaged ({error})"
        ) from error
    if not isinstance(found, kind):
        raise ValueError(f"Argument `{argument}` must hold a run, but {path} holds something else")
    return found


class Store:
    """The pieces of a run in a folder; `run`: the whole run, where it is finished already.

    **Raises:** `ValueError` for a folder that is not ours or holds another run, and for a run of what cannot be compared.
    """

    def __init__(self, path: Path | str, task: Task, state: Any):
        if not concrete((task, state)):
            raise ValueError("Argument `keep` must be None where a run is traced, but is a folder")
        about = _about(task, state)
        self.folder = prepare(path, RUN_KIND, (TASK, STATE, RUN_FILE), argument="keep")
        self.key = digest(about)
        found = read_json(self.folder / TASK, LARGEST)
        if found is None and (self.folder / RUN_FILE).exists():
            raise ValueError(
                f"Argument `keep` must be a new folder, but {self.folder} holds a saved run"
            )
        if found is None:
            write_json(about, self.folder / TASK)
        elif found != about:
            part = _difference(found, about)
            raise ValueError(
                f"Argument `keep` must be new or hold this run, but {self.folder} holds one of another `{part}`"
            )
        whole = self.folder / RUN_FILE
        self.run = _read("keep", whole, Evolution) if whole.exists() else None

    def resume(self, state: Any) -> tuple[int, Any, list[Any]]:
        """How many pieces are done, the state after them, and what was seen."""
        if not (self.folder / STATE).exists():
            return 0, state, []
        found = self._mine(STATE)
        done = found["done"]
        return done, found["state"], [self._mine(_rows(n))["rows"] for n in range(done)]

    def put(self, number: int, state: Any, rows: Any) -> None:
        """Keep a piece."""
        write_tree({"run": self.key, "rows": rows}, self.folder / _rows(number))
        end = {"run": self.key, "done": number + 1, "state": state}
        write_tree(end, self.folder / STATE)

    def finish(self, run: Evolution) -> None:
        """Keep the whole run in place of its pieces."""
        write_tree(run, self.folder / RUN_FILE)
        for name in [STATE, *(path.name for path in self.folder.glob("rows-*.npz"))]:
            (self.folder / name).unlink(missing_ok=True)

    def _mine(self, name: str) -> Any:
        found = _read("keep", self.folder / name, dict)
        if found.get("run") != self.key:
            raise ValueError(
                f"Argument `keep` must hold this run alone, but {self.folder / name} is of another"
            )
        return found


def _rows(number: int) -> str:
    return f"rows-{number:03d}.npz"


def _about(task: Task, state: Any) -> dict[str, str]:
    """What decides the numbers of a run, as text by name."""
    origin, schedule = origin_of(task.system), task.schedule
    look = Identity("observe", (task.look.functions, task.look.timed))
    for name, unknown in (("system", origin.parts is None), ("observe", look.unknown)):
        if unknown:
            must = f"be None where `{name}` cannot be compared with that of another process"
            raise ValueError(f"Argument `keep` must {must}, but is a folder")
    times = np.asarray(schedule.times, float)
    return {
        "system": digest((type(task.system).__name__, origin.parts)),
        "state": digest(jax.tree.map(np.asarray, state)),
        "duration": repr(float(times[-1] - times[0])),
        "steps": repr(sum(schedule.each)),
        "method": digest(task.method),
        "observe": digest((task.look.plain, sorted(look.parts.items()))),
        "gradient": task.gradient,
        "saves": digest((schedule.each, times, schedule.asked, _clock(task))),
        "precision": str(jax.numpy.asarray(1.0).dtype),
    }


def _clock(task: Task) -> Any:
    """The times that functions of time see."""
    return None if task.look.times is None else np.asarray(task.look.times)


def _difference(found: Any, about: dict[str, str]) -> str:
    if not isinstance(found, dict):
        return TASK
    return next((name for name in about if found.get(name) != about[name]), TASK)
