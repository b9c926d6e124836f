"""The named experiments of the command line, and the TOML files that describe them.

A file says `experiment = "…"` and any of that experiment's keys; what it leaves out is as in the file shipped with the package.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from jaxwigner.progress import Progress, quiet
from jaxwigner.studies.experiments import averages, banana, plasma
from jaxwigner.studies.experiments.bao_jin_markowich import experiment as bao_jin_markowich
from jaxwigner.studies.experiments.collision import experiment as collision
from jaxwigner.studies.experiments.h2plus import experiment as h2plus
from jaxwigner.studies.experiments.settings import read
from jaxwigner.studies.experiments.worst_case import experiment as worst_claims

STUDIES: dict[str, ModuleType] = {
    "banana": banana,
    "bao-jin-markowich": bao_jin_markowich,
    "collision": collision,
    "h2plus": h2plus,
    "plasma": plasma,
    "worst-case": worst_claims,
}
SWEEPS: dict[str, ModuleType] = {"averages": averages}


@dataclass(frozen=True)
class Experiment:
    """An experiment with all of its settings.

    >>> from jaxwigner.studies.experiments import experiment as experiments
    >>> experiments.load("bao-jin-markowich").settings.time
    0.54
    """

    name: str
    settings: Any

    def run(self, progress: Progress | None = None, **where: Any):
        """Compute; `progress(stage, done, total)` is called on the way. A sweep takes `store` and `resume`.

        **Returns:** an `xarray.Dataset` with named axes and units; numbers that sum it up are attributes.

        **Raises:** `ValueError` if a computation turns out to be under-resolved, with the remedy.
        """
        return (STUDIES | SWEEPS)[self.name].run(self.settings, progress or quiet, **where)


def restricted(experiment: Experiment, only: list[str]) -> Experiment:
    """The experiment for some of its `claims` alone.

    **Raises:** `ValueError` for an experiment without claims, and for a claim that it does not know.

    >>> from jaxwigner.studies.experiments import experiment as experiments
    >>> experiments.restricted(experiments.load("worst-case"), ["theorem-2.5"]).settings.claims
    ('theorem-2.5',)
    """
    if not hasattr(experiment.settings, "claims"):
        raise ValueError(
            f"Argument `only` must not be given for {experiment.name}, which has one claim"
        )
    settings = replace(experiment.settings, claims=tuple(only))
    settings.check()
    return Experiment(experiment.name, settings)


def names() -> list[str]:
    """Names of the experiments that ship with the package.

    >>> from jaxwigner.studies.experiments import experiment as experiments
    >>> experiments.names()
    ['banana', 'bao-jin-markowich', 'collision', 'h2plus', 'plasma', 'worst-case']
    """
    return sorted(STUDIES)


def load(name_or_path: str | Path) -> Experiment:
    """The experiment of a shipped name, or of a TOML file.

    **Raises:** `ValueError` for an unknown name, a file that is missing or no TOML, and for a key that is unknown, of the wrong
    type or out of range; it names the key, the value and what is allowed.
    """
    return _load(name_or_path, STUDIES)


def load_sweep(name_or_path: str | Path) -> Experiment:
    """The sweep of a shipped name, or of a TOML file.

    **Raises:** `ValueError` as `load` does.

    >>> from jaxwigner.studies.experiments import experiment as experiments
    >>> experiments.load_sweep("averages").settings.steps
    40
    """
    return _load(name_or_path, SWEEPS)


def _load(name_or_path: str | Path, studies: dict[str, ModuleType]) -> Experiment:
    if str(name_or_path) in studies:
        name = str(name_or_path)
        return Experiment(name, read(studies[name].Settings, _shipped(name)))
    path = Path(name_or_path)
    if not path.is_file():
        known = ", ".join(sorted(studies))
        raise ValueError(
            f"Argument `experiment` must be one of {known}, or a TOML file, but is {str(path)!r}"
        )
    try:
        return _from_file(path, studies)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _from_file(path: Path, studies: dict[str, ModuleType]) -> Experiment:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    name = table.pop("experiment", None)
    if not isinstance(name, str) or name not in studies:
        allowed = ", ".join(map(repr, sorted(studies)))
        raise ValueError(f"Key `experiment` must be one of {allowed}, but is {name!r}")
    return Experiment(name, read(studies[name].Settings, {**_shipped(name), **table}))


def _shipped(name: str) -> dict[str, Any]:
    """The keys of the file in `configs`, without the name."""
    text = files("jaxwigner").joinpath("configs", f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    table.pop("experiment")
    return table
