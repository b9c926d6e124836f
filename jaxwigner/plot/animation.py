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
        cloud(*frames[0].T, weights, ax=ax, labels=labels, title="")
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
) -> Path:
    """`first` draws a frame, `turn` changes what moves."""
    from matplotlib.animation import PillowWriter

    with style():
        figure = new_figure(5.0, 3.6)
        ax = figure.subplots()
        first(ax)
        ax.set_title(captions[0] if captions is not None else ax.get_title())
        # Laid out once: what moves is inside the axes.
        figure.canvas.draw()
        figure.set_layout_engine("none")
        writer = PillowWriter(fps=rate)
        with writer.saving(figure, str(path), dpi=90):
            for number, frame in enumerate(frames):
                turn(ax, frame)
                if captions is not None:
                    ax.set_title(captions[number])
                writer.grab_frame()
    return Path(path)
