"""Animations: pictures of one kind after another, on one scale, as GIF files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner.plot.fields import density, wigner
from jaxwigner.plot.runs import cloud, line_density
from jaxwigner.plot.style import new_figure, style


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
    signed: bool = True,
) -> Path:
    """Wigner functions W[frame, x, p] as an animated GIF, on one scale.

    **Arguments:** `axes`: a `PhaseGrid` or (x, p); `captions`: a title for each frame; `rate`: frames per second; `signed`: whether
    they may be negative (otherwise densities).

    **Returns:** the path.
    """
    frames = np.asarray(frames, float)
    highest = np.abs(frames).max(axis=(1, 2))
    limit = float(np.quantile(highest, 0.5) if signed else np.max(highest))
    show, title = (wigner, "Wigner function") if signed else (density, "")

    def first(ax):
        show(
            frames[0], axes, hbar=hbar, ax=ax, labels=labels, limit=limit, equal=equal, title=title
        )

    def turn(ax, frame):
        ax.images[0].set_data(frame.T)

    return _written(frames, path, captions, rate, first, turn)


def animate_panels(
    frames: Any,
    axes: Any,
    path: Path | str,
    *,
    names: tuple[str, ...],
    captions: Any = None,
    labels: tuple[str, str] | None = None,
    equal: bool = True,
    rate: int = 15,
    signed: bool = False,
) -> Path:
    """Functions of two variables side by side, f[frame, panel, x, y], as an animated GIF, on one scale: what is on each of two levels.

    **Arguments:** as of `animate`; `names`: a title for each panel; `captions`: one above all of them for each frame.

    **Returns:** the path.
    """
    frames = np.asarray(frames, float)
    limit = float(np.quantile(np.abs(frames).max(axis=(1, 2, 3)), 0.5))
    show = wigner if signed else density
    count = frames.shape[1]

    def first(row):
        for ax, name, frame in zip(row, names, frames[0]):
            show(frame, axes, ax=ax, labels=labels, limit=limit, equal=equal, title=name)
            ax.label_outer()

    def turn(row, frame):
        for ax, one in zip(row, frame):
            ax.images[0].set_data(one.T)

    return _written(frames, path, captions, rate, first, turn, count)


def animate_lines(
    frames: Any,
    x: Any,
    path: Path | str,
    *,
    potential: Any = None,
    captions: Any = None,
    labels: tuple[str, str] = ("$x$", r"$\rho$"),
    rate: int = 15,
) -> Path:
    """Densities ρ[frame, x] as an animated GIF, with the potential in grey.

    **Returns:** the path.
    """
    frames, x = np.asarray(frames, float), np.asarray(x, float)
    envelope = np.max(frames, axis=0)
    fixed: dict[str, Any] = {"limit": float(np.max(envelope)), "envelope": envelope}

    def first(ax):
        line_density(frames[0], x, potential=potential, ax=ax, labels=labels, title="", **fixed)

    def turn(ax, frame):
        colour = ax.lines[0].get_color()
        ax.lines[0].set_ydata(frame)
        ax.collections[0].remove()
        ax.fill_between(x, frame, color=colour, alpha=0.35, lw=0)

    return _written(frames, path, captions, rate, first, turn)


def animate_clouds(
    frames: Any,
    path: Path | str,
    *,
    weights: Any = None,
    captions: Any = None,
    labels: tuple[str, str] = ("$x$", "$p$"),
    rate: int = 15,
) -> Path:
    """Clouds of points (x, y)[frame, point, 2] as an animated GIF.

    **Returns:** the path.
    """
    frames = np.asarray(frames, float)
    low, high = np.nanmin(frames, axis=(0, 1)), np.nanmax(frames, axis=(0, 1))
    room = 0.05 * np.where(high > low, high - low, 1.0)

    def first(ax):
        x, y = frames[0].T
        cloud(x, y, weights, ax=ax, labels=labels, title="")
        ax.set(
            xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1])
        )

    def turn(ax, frame):
        ax.collections[0].set_offsets(frame)

    return _written(frames, path, captions, rate, first, turn)


def _written(
    frames: np.ndarray,
    path: Path | str,
    captions: Any,
    rate: int,
    first: Callable[[Any], None],
    turn: Callable[[Any, np.ndarray], None],
    panels: int | None = None,
) -> Path:
    """`first` draws a frame, `turn` changes what moves; in one picture, or in a row of panels below one caption."""
    from matplotlib.animation import PillowWriter

    with style():
        figure = new_figure(5.0 if panels is None else 3.6 * panels + 0.4, 3.6)
        ax = figure.subplots() if panels is None else figure.subplots(1, panels, squeeze=False)[0]
        caption = ax.set_title if panels is None else figure.suptitle
        first(ax)
        if captions is not None:
            caption(captions[0])
        # Laid out once: what moves is inside the axes.
        figure.canvas.draw()
        figure.set_layout_engine("none")
        writer = PillowWriter(fps=rate)
        with writer.saving(figure, str(path), dpi=90):
            for number, frame in enumerate(frames):
                turn(ax, frame)
                if captions is not None:
                    caption(captions[number])
                writer.grab_frame()
    return Path(path)
