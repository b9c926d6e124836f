"""Populations over time by every method, errors over ε with slopes 1 and ½, both levels at four times, and a film of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from jaxwigner.plot.animation import animate_panels
from jaxwigner.plot.fields import density, wigner
from jaxwigner.plot.rates import rates
from jaxwigner.plot.style import CLASSICAL, CYCLE, MARKERS, frame, new_figure

LEVELS = ("lower level", "upper level")
WAVES = CYCLE[-1]
COLUMNS = 4  # times at which both levels are shown
SEEN = 2e-4  # of the largest value: what is below is cut off at the sides


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure; the film last."""
    yield "crossing", _populations(dataset)
    yield "errors", _errors(dataset)
    names = [
        str(name).removeprefix("levels_") for name in dataset if str(name).startswith("levels_")
    ]
    for name in names:
        yield f"levels_{name}", _levels(dataset, name)
    if names and dataset.attrs["animate"]:
        yield f"film_{names[0]}", partial(_film, dataset, names[0])


def _populations(dataset: Any) -> Any:
    """A column for each run; above the largest ε, below the smallest."""
    order = np.argsort(-dataset["epsilon"].values)[[0, -1]]
    labels = [str(one) for one in dataset["run"].values]
    figure = new_figure(2.9 * max(len(labels), 2) + 0.4, 5.6)
    rows = figure.subplots(2, len(labels), sharex="col", sharey="col", squeeze=False)
    for row, index in zip(rows, order):
        for number, (ax, label) in enumerate(zip(row, labels)):
            one = dataset.isel(run=number, epsilon=index)
            _over_time(ax, one)
            ax.set_title(rf"{label}, $\varepsilon={float(one['epsilon']):g}$", loc="left")
    for ax in rows[1]:
        ax.set_xlabel("$t$")
    for ax in rows[:, 0]:
        ax.set_ylabel("population of the upper level")
    rows[0, 0].legend(loc="best", fontsize="x-small")
    figure.suptitle("Two levels that meet: waves (line) and classical nuclei (marks)")
    return figure


def _over_time(ax: Any, one: Any) -> None:
    t = one["time"].values
    ax.plot(t, one["exact"], color=WAVES, lw=1.4, label="waves")
    for number, method in enumerate(str(m) for m in one["motion"].values):
        part = one.sel(motion=method)
        style = {"marker": MARKERS[number], "ms": 2.8, "lw": 0.7, "elinewidth": 0.6}
        ax.errorbar(
            t,
            part["population"].values,
            2 * part["sampling"].values,
            color=CYCLE[number],
            label=method,
            **style,
        )
    limit = float(one["limit"])
    if np.isfinite(limit):
        ax.axhline(limit, color="0.4", lw=0.7, ls=":")
        ax.annotate(r"$\varepsilon\to 0$", (0.01, limit), xycoords=("axes fraction", "data"))


def _errors(dataset: Any) -> Any:
    """Log–log, one panel a run."""
    labels = [str(one) for one in dataset["run"].values]
    figure = new_figure(3.2 * max(len(labels), 2) + 0.4, 4.0)
    row = figure.subplots(1, len(labels), sharey=True, squeeze=False)[0]
    clear = dataset["error"].where(dataset["error"] > 2 * dataset["error_sampling"])
    for number, (ax, label) in enumerate(zip(row, labels)):
        _error(ax, dataset.isel(run=number), float(clear.min()))
        what = "at the end" if bool(dataset["at_end"][number]) else "rms over time"
        ax.set_title(f"{label}: {what}", loc="left")
        ax.label_outer()
    row[0].set_ylim(0.3 * float(clear.min()), 25 * float(clear.max()))
    figure.suptitle("Errors of the population of the upper level; bars: sampling, 2σ")
    return figure


def _error(ax: Any, one: Any, bottom: float) -> None:
    epsilon = one["epsilon"].values
    methods = [str(method) for method in one["motion"].values]
    series = {method: one["error"].sel(motion=method).values for method in methods}
    noise = {method: 2 * one["error_sampling"].sel(motion=method).values for method in methods}
    laws = {method: one["rate"].sel(motion=method).values for method in methods}
    slopes: Any = {
        name: tuple(map(float, law[:3])) for name, law in laws.items() if np.isfinite(law[0])
    }
    rates(epsilon, series, slopes=slopes, ax=ax, labels=(r"$\varepsilon$", r"error of $P$"))
    for number, method in enumerate(methods):
        low = np.minimum(noise[method], 0.9 * series[method])
        bars = {"fmt": "none", "ecolor": CYCLE[number], "elinewidth": 0.7, "capsize": 2}
        ax.errorbar(epsilon, series[method], yerr=(low, noise[method]), **bars)
    _guides(ax, epsilon, 0.5 * bottom)
    legend = ax.get_legend()
    legend.set_title("exponent ± sampling", prop={"size": 7})
    for text, method in zip(legend.get_texts(), methods):
        power, *_, moved = laws[method]
        known = f": {power:.2f} ± {2 * moved:.2f}" if np.isfinite(power) else ""
        text.set(text=f"{method}{known}", fontsize=6.5)


def _guides(ax: Any, epsilon: np.ndarray, bottom: float) -> None:
    """Slopes 1 and ½ in grey."""
    ends = np.array([epsilon.min(), epsilon.max()])
    for slope, name in ((1.0, r"$\varepsilon$"), (0.5, r"$\varepsilon^{1/2}$")):
        line = bottom * (ends / ends[0]) ** slope
        ax.plot(ends, line, color="0.6", lw=0.8, ls="--", zorder=0)
        ax.annotate(name, (ends[1], line[1]), color="0.4", fontsize=7, va="center")
    ax.set_xticks(epsilon, [f"{value:g}" for value in epsilon])
    ax.minorticks_off()


def _seen(dataset: Any, name: str) -> tuple[Any, tuple[Any, Any], bool]:
    """Frames (sample, level, x, y) cut to where something is, both axes, and whether they are Wigner functions."""
    frames = dataset[f"levels_{name}"].values.astype(float)
    axes = dataset[f"x_{name}"].values, dataset[f"y_{name}"].values
    high = np.abs(frames).max(axis=(0, 1))
    slices = []
    for axis in (0, 1):
        where = np.flatnonzero(high.max(axis=1 - axis) > SEEN * high.max())
        slices.append(slice(where[0], where[-1] + 1))
    cut = frames[:, :, slices[0], slices[1]]
    return cut, tuple(q[one] for q, one in zip(axes, slices)), bool(cut.min() < -1e-6 * cut.max())


def _labels(signed: bool) -> tuple[str, str]:
    return ("$x$", "$p$") if signed else ("$x_1$", "$x_2$")


def _show(signed: bool) -> Any:
    return wigner if signed else density


def _levels(dataset: Any, name: str) -> Any:
    """Above the upper level, below the lower one, each column on a scale of its own; in the last one trajectories at the end."""
    frames, axes, signed = _seen(dataset, name)
    number = next(i for i, one in enumerate(dataset["run"].values) if str(one).startswith(name))
    times = dataset["time"].values[number]
    looks = np.linspace(0, len(times) - 1, COLUMNS).round().astype(int)
    hops = f"hoppers_{name}" in dataset
    tall = 2.0 if signed else float(np.clip(2.4 * np.ptp(axes[1]) / np.ptp(axes[0]), 0.8, 2.6))
    figure = new_figure(2.7 * (COLUMNS + hops) + 0.4, 2 * tall + 1.4)
    grid = figure.subplots(2, COLUMNS + hops, sharex=True, sharey=True)
    options = {"labels": _labels(signed), "equal": not signed, "colorbar": False, "title": None}
    for column, look in zip(grid.T, looks):
        for ax, level in zip(column, (1, 0)):
            top = float(np.abs(frames[look]).max())
            _show(signed)(frames[look, level], axes, ax=ax, limit=top, **options)
            ax.set_title(f"{LEVELS[level]}, $t={times[look]:.4g}$", loc="left")
            ax.label_outer()
    for ax, level in zip(grid[:, -1], (1, 0)) if hops else ():
        _trajectories(ax, dataset[f"hoppers_{name}"].values, level)
        ax.set(xlabel=_labels(signed)[0], xlim=grid[0, 0].get_xlim(), ylim=grid[0, 0].get_ylim())
        ax.set_title(f"single switch, $t={times[-1]:.4g}$", loc="left")
        ax.set_aspect("auto" if signed else "equal")
        ax.label_outer()
    label, epsilon = str(dataset["run"].values[number]), float(dataset["epsilon"].min())
    what = "Wigner functions" if signed else "densities"
    figure.suptitle(rf"{label}, $\varepsilon={epsilon:g}$: {what} on both levels")
    return figure


def _trajectories(ax: Any, points: np.ndarray, level: int) -> None:
    x, y, levels, share = points.T
    here = levels == level
    ax.scatter(x[here], y[here], s=5 * share[here], color=CLASSICAL, alpha=0.7, lw=0)
    frame(ax)


def _film(dataset: Any, name: str, path: Any) -> None:
    """Both levels side by side."""
    frames, axes, signed = _seen(dataset, name)
    number = next(i for i, one in enumerate(dataset["run"].values) if str(one).startswith(name))
    captions = [f"$t = {t:.2f}$" for t in dataset["time"].values[number]]
    animate_panels(
        frames[:, ::-1],
        axes,
        path,
        names=LEVELS[::-1],
        captions=captions,
        labels=_labels(signed),
        signed=signed,
        equal=not signed,
        rate=8,
    )
