"""One look for all figures: sizes, fonts, and colours that the colour-blind can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SIGNED = "RdBu_r"  # Wigner functions: white is zero
POSITIVE = "Blues"  # densities: pale is zero
# Okabe and Ito's colours: quantum, classical, and what is left.
QUANTUM, CLASSICAL, SINGLE = "#0072B2", "#D55E00", "#7F7F7F"
CYCLE = (QUANTUM, CLASSICAL, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
VERDICTS = {
    "holds": ("#009E73", "o"),
    "tight": ("#0072B2", "D"),
    "undecided": ("#E69F00", "^"),
    "violated": ("#D55E00", "X"),
}


@contextmanager
def style() -> Iterator[None]:
    """The look of the figures, for as long as the context lasts.

    >>> from jaxwigner import plot
    >>> with plot.style():
    ...     figure = plot.new_figure(4.0, 3.0)
    """
    import matplotlib
    from cycler import cycler

    settings: Any = {
        "font.size": 9.0,
        "axes.titlesize": 9.5,
        "axes.labelsize": 9.0,
        "xtick.labelsize": 8.0,
        "ytick.labelsize": 8.0,
        "legend.fontsize": 8.0,
        "figure.titlesize": 11.0,
        "axes.linewidth": 0.7,
        "lines.linewidth": 1.2,
        "lines.markersize": 5.0,
        "legend.frameon": False,
        "axes.prop_cycle": cycler(color=CYCLE),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "savefig.dpi": 180,
        "figure.constrained_layout.use": True,
        "image.interpolation": "bilinear",
    }
    with matplotlib.rc_context(settings):
        yield


def new_figure(width: float, height: float) -> Any:
    """An empty figure of that size in inches, with a canvas of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def rows_over_time(
    path: Path | str,
    rows: Sequence[Any],
    draw: Callable[[Any, Any, Any], None],
    *,
    title: str,
    columns: int | None = None,
    height: float = 2.6,
    above: float = 0.0,
) -> Path:
    """Two panels over the time in femtoseconds for each row, one legend for all above them; the path of the file.

    **Arguments:** `draw`: (row, left, right) draws into two axes; `columns`: of the legend, by default one for each label;
    `height`: inches of a row; `above`: inches of the legend.
    """
    with style():
        figure = new_figure(8.4, height * len(rows) + above)
        axes = figure.subplots(len(rows), 2, sharex=True, squeeze=False)
        for row, pair in zip(rows, axes):
            draw(row, *pair)
        lines, labels = axes[0, 0].get_legend_handles_labels()
        columns = len(labels) if columns is None else columns
        figure.legend(lines, labels, loc="outside upper center", ncols=columns, title=title)
        for ax in axes[-1]:
            ax.set_xlabel("time [fs]")
        figure.savefig(path)
    return Path(path)


def axes_or_new(ax: Any, width: float = 4.2, height: float = 3.4) -> Any:
    """The axes given, or those of a new figure."""
    return new_figure(width, height).subplots() if ax is None else ax


def frame(ax: Any) -> None:
    """All four sides, as pictures want them."""
    ax.spines[["top", "right"]].set_visible(True)
