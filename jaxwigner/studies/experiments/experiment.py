"""What an experiment is: its name, its settings, what it computes and what is drawn, declared once in its room as `EXPERIMENT`.

The command line (`run`, `sweep`, `plot`, their help, `--show`), `draw`, the gallery and the tests read this declaration and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from jaxwigner.progress import Progress, quiet
from jaxwigner.provenance import labelled
from jaxwigner.studies.experiments.settings import as_toml

Pictures = Iterator[tuple[str, Any]]


@dataclass(frozen=True)
class Experiment:
    """An experiment as it is declared.

    **Arguments:** `name`: as `jaxwigner run` takes it; `title`: in a line; `Settings`: a frozen dataclass of `key`s;
    `run(settings, progress)`: to a dataset made by `labelled`; `figures(dataset)`: a name and a figure each, or a name and a function
    that writes an animation to a path; `about`: what the gallery says below the title; `picture`: its file in docs/, if there is one.
    """

    name: str
    title: str
    Settings: type
    run: Callable[..., Any]
    figures: Callable[[Any], Pictures]
    about: str = ""
    picture: str = ""
    command: ClassVar[str] = "run"

    @property
    def label(self) -> dict[str, str]:
        """By which a result is known, and called."""
        return {"experiment": self.name, "title": self.title}

    def labelled(
        self,
        variables: Mapping[str, Any],
        coordinates: Mapping[str, Any],
        attributes: Mapping[str, Any],
    ) -> Any:
        """The results as an `xarray.Dataset` with units, that says what it is and what it was computed on (see `labelled`)."""
        return labelled(variables, coordinates, {**self.label, **attributes})

    def with_settings(self, settings: Any) -> Planned:
        """The experiment, ready to run."""
        return Planned(self, settings)


@dataclass(frozen=True)
class Sweep(Experiment):
    """An experiment that is a sweep over named axes: its `run` takes `store` and `resume` besides."""

    command: ClassVar[str] = "sweep"


@dataclass(frozen=True)
class Planned:
    """An experiment with all of its settings.

    >>> from jaxwigner.studies.experiments import catalogue
    >>> catalogue.load("bao-jin-markowich").settings.time
    0.54
    """

    experiment: Experiment
    settings: Any

    @property
    def name(self) -> str:
        """Of the experiment."""
        return self.experiment.name

    def run(self, progress: Progress | None = None, **where: Any):
        """Compute; `progress(stage, done, total)` is called on the way. A sweep takes `store` and `resume`.

        **Returns:** an `xarray.Dataset` with named axes and units; numbers that sum it up are attributes.

        **Raises:** `ValueError` if a computation turns out to be under-resolved, with the remedy.
        """
        return self.experiment.run(self.settings, progress or quiet, **where)

    def changed(self, **settings: Any) -> Planned:
        """The same with other values for some keys."""
        return replace(self, settings=replace(self.settings, **settings))

    def restricted(self, only: list[str]) -> Planned:
        """The experiment for some of its `claims` alone.

        **Raises:** `ValueError` for an experiment without claims, and for a claim that it does not know.

        >>> from jaxwigner.studies.experiments import catalogue
        >>> catalogue.load("worst-case").restricted(["theorem-2.5"]).settings.claims
        ('theorem-2.5',)
        """
        if not hasattr(self.settings, "claims"):
            raise ValueError(
                f"Argument `only` must not be given for {self.name}, which has one claim"
            )
        return self.changed(claims=tuple(only))

    def show(self) -> str:
        """As a TOML file that `jaxwigner run` or `jaxwigner sweep` takes; what is deleted from it keeps its default.

        >>> from jaxwigner.studies.experiments import catalogue
        >>> print(catalogue.load("bao-jin-markowich").show().splitlines()[1])
        experiment = "bao-jin-markowich"
        """
        head = f'# {self.experiment.title}\nexperiment = "{self.name}"\n\n'
        return head + as_toml(self.settings)
