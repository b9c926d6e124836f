"""Every figure of a dataset, by the experiment it comes from, into files."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jaxwigner.disk.folders import workspace, write_bytes
from jaxwigner.plot.style import style
from jaxwigner.studies.claims import figures as claims
from jaxwigner.studies.experiments import catalogue
from jaxwigner.studies.experiments.experiment import Pictures


def draw(dataset: Any, directory: Path | str, format: str = "png") -> list[Path]:
    """Draw every figure of a dataset into a folder, made if it is not there.

    **Arguments:** `dataset`: what an experiment or `studies.claims.report.as_dataset` returned, known by its attribute `experiment`;
    `format`: one that matplotlib writes, "png", "pdf", "svg".

    **Returns:** the paths of the files, an animation among them where the dataset has frames.

    **Raises:** `ValueError` for a dataset of no known experiment, or an unknown format.
    """
    figures = _figures_of(dataset.attrs.get("experiment"))
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    with style():
        return [_written(figure, directory / stem, format) for stem, figure in figures(dataset)]


def _figures_of(name: Any) -> Callable[[Any], Pictures]:
    known = {key: one.figures for key, one in catalogue.experiments().items()}
    known["limits"] = claims.figures
    if name not in known:
        allowed = ", ".join(map(repr, sorted(known)))
        raise ValueError(f"Attribute `experiment` must be one of {allowed}, but is {name!r}")
    return known[name]


def _written(figure: Any, path: Path, format: str) -> Path:
    """The file of a figure; or of an animation, which comes as a function of the path."""
    if callable(figure):
        path = path.with_name(f"{path.name}.gif")
        with workspace(path) as work:
            figure(work / path.name)
            write_bytes((work / path.name).read_bytes(), path)
        return path
    known = figure.canvas.get_supported_filetypes()
    if format not in known:
        allowed = ", ".join(sorted(known))
        raise ValueError(f"Argument `format` must be one of {allowed}, but is {format!r}")
    path = path.with_name(f"{path.name}.{format}")
    content = io.BytesIO()
    figure.savefig(content, format=format)
    write_bytes(content.getvalue(), path)
    return path
