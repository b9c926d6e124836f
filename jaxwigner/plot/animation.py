"""Every figure of a dataset, by the experiment it comes from; files and animations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner.plot.fields import wigner
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
