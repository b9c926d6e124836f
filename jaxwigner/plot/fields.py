"""Functions on phase space, and densities over space and time, as pictures.

A Wigner function takes a diverging map that is white at zero, from −max|W| to max|W|, so that its sign is seen; what cannot be
negative takes a sequential one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.grid import PhaseGrid
from jaxwigner.plot.style import POSITIVE, QUANTUM, SIGNED, axes_or_new, frame, new_figure

LABELS = ("$x$", "$p$")


def wigner(
    W: Any,
    axes: Any = None,
    *,
    hbar: float | None = None,
    ax: Any = None,
    labels: tuple[str, str] | None = None,
    title: str | None = "Wigner function",
    limit: float | None = None,
    equal: bool = True,
    colorbar: bool = True,
) -> Any:
    """A Wigner function W[x, p]: red positive, blue negative, white zero.

    **Arguments:** `axes`: a `PhaseGrid` or the pair (x, p) (a `DataArray` brings its own); `hbar`: shown in the title;
    `limit`: the value at the ends of the colours, default max|W|; `equal`: one unit of x as long as one of p.

    **Returns:** the axes.

    >>> import jaxwigner as jw
    >>> from jaxwigner import plot
    >>> grid = jw.Grid(-4.0, 4.0, 32)
    >>> phase = jw.phase_grid(grid, 0.5)
    >>> ax = plot.wigner(jw.wigner(jw.cat_state(grid, 2.0, 0.0, 0.5), grid, phase, 0.5), phase, hbar=0.5)
    >>> low, high = ax.images[0].get_clim()
    >>> low == -high
    True
    """
    values, x, p, labels = _plane(W, axes, labels)
    limit = float(np.max(np.abs(values))) if limit is None else limit
    limit = limit or 1.0
    ax = _picture(values, x, p, ax, SIGNED, (-limit, limit), labels, equal)
    return _finish(ax, title, hbar, colorbar, "")


def density(
    f: Any,
    axes: Any = None,
    *,
    hbar: float | None = None,
    ax: Any = None,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
    limit: float | None = None,
    equal: bool = True,
    colorbar: bool = True,
    symbol: str = "",
) -> Any:
    """A density f[x, p] ≥ 0 (a Husimi function, a classical ensemble), from white at zero.

    **Arguments, returns:** as for `wigner`.

    >>> import numpy as np
    >>> from jaxwigner import plot
    >>> ax = plot.density(np.ones((4, 6)), (np.arange(4.0), np.arange(6.0)), title="f")
    >>> ax.images[0].get_clim()
    (0.0, 1.0)
    """
    values, x, p, labels = _plane(f, axes, labels)
    limit = float(np.max(values)) if limit is None else limit
    ax = _picture(values, x, p, ax, POSITIVE, (0.0, limit or 1.0), labels, equal)
    return _finish(ax, title, hbar, colorbar, symbol)


def panels(
    fields: dict[str, Any],
    axes: Any = None,
    *,
    hbar: float | None = None,
    labels: tuple[str, str] | None = None,
    signed: tuple[str, ...] = ("Wigner",),
    equal: bool = True,
    title: str | None = None,
) -> Any:
    """Several functions on the same phase space side by side: for example {"Wigner": W, "Husimi": H, "Liouville": f}.

    **Arguments:** `signed`: the names of those that may be negative.

    **Returns:** the figure.

    >>> import numpy as np
    >>> from jaxwigner import plot
    >>> field = np.eye(5)
    >>> figure = plot.panels({"Wigner": field, "Husimi": field}, (np.arange(5.0), np.arange(5.0)))
    >>> len(figure.axes)  # two pictures, two scales
    4
    """
    figure = new_figure(3.4 * len(fields) + 0.4, 3.3)
    row = figure.subplots(1, len(fields), sharex=True, sharey=True, squeeze=False)[0]
    for ax, (name, values) in zip(row, fields.items()):
        show = wigner if name in signed else density
        show(values, axes, ax=ax, labels=labels, title=name, equal=equal)
        ax.label_outer()
    if title or hbar is not None:
        figure.suptitle(_with_hbar(title or "", hbar))
    return figure


def marginals(
    W: Any,
    axes: Any = None,
    *,
    hbar: float | None = None,
    labels: tuple[str, str] | None = None,
    title: str | None = "Wigner function",
) -> Any:
    """A Wigner function with its two marginals, ∫W dp above and ∫W dx beside it.

    **Returns:** the figure.

    >>> import numpy as np
    >>> from jaxwigner import plot
    >>> len(plot.marginals(np.eye(5), (np.arange(5.0), np.arange(5.0))).axes)
    3
    """
    values, x, p, labels = _plane(W, axes, labels)
    figure = new_figure(4.6, 4.6)
    layout = {"width_ratios": (4, 1), "height_ratios": (1, 4)}
    grid = figure.subplots(2, 2, sharex="col", sharey="row", gridspec_kw=layout)
    (above, corner), (main, beside) = grid
    corner.remove()
    wigner(values, (x, p), ax=main, labels=labels, title=None, equal=False, colorbar=False)
    above.fill_between(x, values.sum(1) * (p[1] - p[0]), color=QUANTUM, alpha=0.35, lw=0)
    beside.fill_betweenx(p, values.sum(0) * (x[1] - x[0]), color=QUANTUM, alpha=0.35, lw=0)
    above.set(ylabel=r"$\int W\,\mathrm{d}p$", ylim=(0, None))
    beside.set(xlabel=r"$\int W\,\mathrm{d}x$", xlim=(0, None))
    figure.suptitle(_with_hbar(title or "", hbar))
    return figure


def space_time(
    rho: Any,
    times: Any,
    positions: Any,
    *,
    ax: Any = None,
    labels: tuple[str, str] = ("$t$", "$x$"),
    title: str | None = None,
    limit: float | None = None,
    colorbar: bool = True,
) -> Any:
    """A density ρ[t, x]: time to the right, space upwards.

    **Returns:** the axes.

    >>> import numpy as np
    >>> from jaxwigner import plot
    >>> ax = plot.space_time(np.ones((3, 4)), np.arange(3.0), np.arange(4.0))
    >>> ax.get_xlabel()
    '$t$'
    """
    values = np.asarray(rho, float)
    top = float(np.max(values)) if limit is None else limit
    times, positions = np.asarray(times), np.asarray(positions)
    ax = _picture(values, times, positions, ax, POSITIVE, (0.0, top or 1.0), labels, False)
    return _finish(ax, title, None, colorbar, r"$\rho$")


def _plane(values: Any, axes: Any, labels: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, Any]:
    """Values, both axes as arrays, and their labels, of whatever was given."""
    named = None
    if isinstance(axes, PhaseGrid):
        axes = (axes.position.axes[0], axes.momentum.axes[0])
    elif axes is None:
        coordinates = [values[name] for name in values.dims]
        axes = tuple(one.values for one in coordinates)
        named = tuple(_name(one) for one in coordinates)
    x, p = (np.asarray(axis, float) for axis in axes)
    values = np.asarray(values, float)
    if values.shape != (x.size, p.size):
        raise ValueError(
            f"Argument `axes` must have lengths {values.shape}, but has {(x.size, p.size)}"
        )
    return values, x, p, labels or named or LABELS


def _name(coordinate: Any) -> str:
    """A coordinate's name with its unit, if it has one."""
    unit = coordinate.attrs.get("units", "1")
    name = coordinate.attrs.get("long_name", coordinate.name)
    return f"{name}" if unit == "1" else f"{name} ({unit})"


def _picture(values, x, p, ax, cmap, limits, labels, equal) -> Any:
    ax = axes_or_new(ax)
    # Points are the centres of pixels.
    half_x, half_p = 0.5 * (x[1] - x[0]), 0.5 * (p[1] - p[0])
    extent = (x[0] - half_x, x[-1] + half_x, p[0] - half_p, p[-1] + half_p)
    ax.imshow(
        values.T,
        origin="lower",
        extent=extent,
        cmap=cmap,
        vmin=limits[0],
        vmax=limits[1],
        aspect="equal" if equal else "auto",
        rasterized=True,
    )
    ax.set(xlabel=labels[0], ylabel=labels[1])
    frame(ax)
    return ax


def _finish(ax: Any, title: str | None, hbar: Any, colorbar: bool, symbol: str) -> Any:
    if title is not None:
        ax.set_title(_with_hbar(title, hbar))
    if colorbar:
        bar = ax.figure.colorbar(ax.images[0], ax=ax, shrink=0.85, pad=0.02, label=symbol)
        bar.outline.set_linewidth(0.5)
    return ax


def _with_hbar(title: str, hbar: Any) -> str:
    if hbar is None:
        return title
    shown = rf"$\hbar = {float(hbar):.4g}$"
    return f"{title}, {shown}" if title else shown
