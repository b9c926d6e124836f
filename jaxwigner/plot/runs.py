"""What a run leaves: observables over time, a density with its potential, a cloud on phase space."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.plot.style import CLASSICAL, QUANTUM, SINGLE, axes_or_new

SEEN = 1e-4  # of the largest density: what is below is not shown


def series(
    times: Any,
    values: Any,
    *,
    label: str = "",
    components: tuple[str, ...] | None = None,
    ax: Any = None,
    labels: tuple[str, str] = ("$t$", ""),
) -> Any:
    """An observable over time, values (time,) or (time, component); of complex ones real and imaginary part.

    **Returns:** the axes.

    >>> import numpy as np
    >>> from jaxwigner import plot
    >>> ax = plot.series(np.arange(3.0), np.ones((3, 2)), components=("x1", "x2"))
    >>> [line.get_label() for line in ax.lines]
    ['x1', 'x2']
    """
    ax = axes_or_new(ax)
    rows = np.asarray(values).reshape(np.size(times), -1)
    if components is None:
        components = (label,) if rows.shape[1] == 1 else tuple(map(str, range(rows.shape[1])))
    parts = [("", rows.real)]
    if np.iscomplexobj(rows):
        parts = [("Re ", rows.real), ("Im ", rows.imag)]
    marker = "o" if np.size(times) <= 12 else None
    for sign, part in parts:
        for name, row in zip(components, part.T):
            ax.plot(np.asarray(times), row, label=f"{sign}{name}".strip(), marker=marker, ms=3)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    _room(ax, np.concatenate([part.ravel() for _, part in parts]))
    if len(ax.lines) > 1:
        ax.legend()
    return ax


def _room(ax: Any, values: np.ndarray) -> None:
    """Rounding is no motion: a constant is drawn as one."""
    known = values[np.isfinite(values)]
    if known.size and np.ptp(known) <= 1e-9 * np.max(np.abs(known)):
        middle, half = float(np.mean(known)), 0.05 * float(np.max(np.abs(known)))
        ax.set_ylim(middle - (half or 1.0), middle + (half or 1.0))
        ax.ticklabel_format(axis="y", useOffset=False)


def line_density(
    rho: Any,
    x: Any,
    *,
    potential: Any = None,
    ax: Any = None,
    labels: tuple[str, str] = ("$x$", r"$\rho$"),
    title: str | None = None,
    limit: float | None = None,
    span: tuple[float, float] | None = None,
    envelope: Any = None,
) -> Any:
    """A density ρ(x), with the potential in grey on a scale of its own.

    **Arguments:** `limit`: the top of the scale of ρ; `span`: the part of the line that is shown, default where there is a density;
    `envelope`: the largest density at each point over all pictures of a row, default ρ: where it lies the potential is seen.

    **Returns:** the axes.

    >>> import numpy as np
    >>> from jaxwigner import plot
    >>> x = np.linspace(-4.0, 4.0, 81)
    >>> ax = plot.line_density(np.exp(-(x**2)), x, potential=x**2)
    >>> len(ax.figure.axes)  # one for the potential
    2
    """
    ax = axes_or_new(ax)
    rho, x = np.asarray(rho, float), np.asarray(x, float)
    envelope = rho if envelope is None else np.asarray(envelope, float)
    span = shown_span(envelope, x) if span is None else span
    ax.fill_between(x, rho, color=QUANTUM, alpha=0.35, lw=0)
    ax.plot(x, rho, color=QUANTUM)
    top = float(np.max(rho)) if limit is None else limit
    ax.set(xlim=span, ylim=(0.0, 1.08 * (top or 1.0)), xlabel=labels[0], ylabel=labels[1])
    if title is not None:
        ax.set_title(title)
    if potential is not None:
        _potential(ax, x, np.asarray(potential, float), envelope)
    return ax


def _potential(ax: Any, x: np.ndarray, values: np.ndarray, envelope: np.ndarray) -> None:
    other = ax.twinx()
    shown = values[(envelope > 0.02 * np.max(envelope)) & np.isfinite(values)]
    other.plot(x, values, color=SINGLE, lw=1.0)
    if shown.size:
        # Walls rise far above what a state sees of them.
        low, high = float(np.min(shown)), float(np.max(shown))
        room = 0.1 * (high - low) or 1.0
        other.set_ylim(low - room, high + 5 * room)
    other.set_ylabel("$U$", color=SINGLE)
    other.tick_params(axis="y", colors=SINGLE)
    other.spines["right"].set(visible=True, color=SINGLE)
    ax.set_zorder(other.get_zorder() + 1)
    ax.patch.set_visible(False)


def shown_span(rho: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """The part of a line where densities (…, x) are more than `SEEN` of the largest, with some room."""
    high = np.max(np.abs(rho).reshape(-1, x.size), axis=0)
    where = np.flatnonzero(high > SEEN * np.max(high))
    if not where.size:
        return float(x[0]), float(x[-1])
    low, top = float(x[where[0]]), float(x[where[-1]])
    room = 0.08 * (top - low) or 0.5 * float(x[-1] - x[0])
    return max(low - room, float(x[0])), min(top + room, float(x[-1]))


def cloud(
    x: Any,
    y: Any,
    weights: Any = None,
    *,
    ax: Any = None,
    labels: tuple[str, str] = ("$x$", "$p$"),
    title: str | None = None,
) -> Any:
    """Points of a measure, their areas as their weights.

    **Returns:** the axes.

    >>> import numpy as np
    >>> from jaxwigner import plot
    >>> plot.cloud(np.zeros(3), np.ones(3)).get_ylabel()
    '$p$'
    """
    ax = axes_or_new(ax)
    x, y = np.asarray(x, float), np.asarray(y, float)
    share = np.ones(x.size) if weights is None else np.asarray(weights, float) * x.size
    size = np.clip(2000 / max(x.size, 1), 2.0, 40.0) * share
    ax.scatter(x, y, s=size, color=CLASSICAL, alpha=0.7, lw=0, rasterized=x.size > 2000)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    if title is not None:
        ax.set_title(title)
    return ax
