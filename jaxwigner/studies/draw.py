"""Every figure of a dataset, by the experiment it comes from, into files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jaxwigner.plot import averages, banana, plasma
from jaxwigner.plot.animation import animate
from jaxwigner.plot.style import style
from jaxwigner.studies.claims import figures as limits
from jaxwigner.studies.experiments.bao_jin_markowich import figures as bao_jin_markowich
from jaxwigner.studies.experiments.collision import figures as collision
from jaxwigner.studies.experiments.h2plus import figures as h2plus
from jaxwigner.studies.experiments.worst_case import figures as worst_case

Figures = Callable[[Any], Iterator[tuple[str, Any]]]


FIGURES: dict[str, Figures] = {
    "averages": averages.figures,
    "banana": banana.figures,
    "bao-jin-markowich": bao_jin_markowich.figures,
    "collision": collision.figures,
    "h2plus": h2plus.figures,
    "limits": limits.figures,
    "plasma": plasma.figures,
    "worst-case": worst_case.figures,
}


def draw(dataset: Any, directory: Path | str, format: str = "png") -> list[Path]:
    """Draw every figure of a dataset into a folder, made if it is not there.

    **Arguments:** `dataset`: what an experiment or `studies.report.as_dataset` returned, known by its attribute `experiment`;
    `format`: one that matplotlib writes, "png", "pdf", "svg".

    **Returns:** the paths of the files, an animation among them where the dataset has frames.

    **Raises:** `ValueError` for a dataset of no known experiment, or an unknown format.
    """
    name = dataset.attrs.get("experiment")
    if name not in FIGURES:
        allowed = ", ".join(map(repr, FIGURES))
        raise ValueError(f"Attribute `experiment` must be one of {allowed}, but is {name!r}")
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    with style():
        for stem, figure in FIGURES[name](dataset):
            _known(figure, format)
            paths.append(directory / f"{stem}.{format}")
            figure.savefig(paths[-1])
    if "movie" in dataset:
        paths.append(_movie(dataset, directory / f"{name}.gif"))
    return paths


def _known(figure: Any, format: str) -> None:
    known = figure.canvas.get_supported_filetypes()
    if format not in known:
        allowed = ", ".join(sorted(known))
        raise ValueError(f"Argument `format` must be one of {allowed}, but is {format!r}")


def _movie(dataset: Any, path: Path) -> Path:
    isotope = str(dataset["isotope"].values[0])
    epsilon = float(dataset["epsilon"][0])
    times = dataset["movie_time"].values
    captions = [
        rf"{h2plus.ion(isotope)}, $\hbar = {epsilon:.4g}$, {time:5.0f} fs" for time in times
    ]
    plane = (dataset["movie_R_axis"].values, dataset["movie_p_axis"].values)
    return animate(
        dataset["movie"].values, plane, path, captions=captions, labels=h2plus.LABELS, rate=12
    )
