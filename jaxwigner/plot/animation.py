"""Every figure of a dataset, by the experiment it comes from; files and animations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner.plot import averages, banana, plasma
from jaxwigner.plot.fields import wigner
from jaxwigner.plot.style import new_figure, style
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


def animate(
    frames: Any,
    axes: Any,
    path: Path | str,
    *,
    captions: Any = None,
    hbar: float | None = None,
    labels: tuple[str, str] | None = None,
    equal: bool = False,
    rate: int = 15,
) -> Path:
    """Wigner functions W[frame, x, p] as an animated GIF, on one scale.

    **Arguments:** `axes`: a `PhaseGrid` or (x, p); `captions`: a title for each frame; `rate`: frames per second.

    **Returns:** the path.
    """
    from matplotlib.animation import PillowWriter

    frames = np.asarray(frames, float)
    limit = float(np.quantile(np.abs(frames).max(axis=(1, 2)), 0.5))
    with style():
        figure = new_figure(5.0, 3.6)
        ax = figure.subplots()
        wigner(frames[0], axes, hbar=hbar, ax=ax, labels=labels, limit=limit, equal=equal)
        if captions is not None:
            ax.set_title(captions[0])
        # Laid out once: what moves is inside the axes.
        figure.canvas.draw()
        figure.set_layout_engine("none")
        writer = PillowWriter(fps=rate)
        with writer.saving(figure, str(path), dpi=90):
            for number, frame in enumerate(frames):
                ax.images[0].set_data(frame.T)
                if captions is not None:
                    ax.set_title(captions[number])
                writer.grab_frame()
    return Path(path)


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
