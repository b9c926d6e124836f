"""Figures of the H2+ experiment."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.animation import animate
from jaxwigner.plot.fields import density, space_time, wigner
from jaxwigner.plot.style import CLASSICAL, CYCLE, MARKERS, QUANTUM, SINGLE, new_figure

LABELS = ("$R$ (bohr)", r"$p$ ($\sqrt{E_\mathrm{h}}$)")


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Names and figures: means, densities, phase space for each isotope, when MD fails, levels; the animation, if there are frames."""
    yield "h2plus_means", _means(dataset)
    yield "h2plus_densities", _densities(dataset)
    for isotope in dataset["isotope"].values:
        yield f"h2plus_phase_space_{isotope}", _phase_space(dataset.sel(isotope=isotope))
    yield "h2plus_failure", _failure(dataset)
    yield "h2plus_levels", _levels(dataset)
    if "movie" in dataset:
        yield "h2plus", _movie(dataset)


def _movie(dataset: Any) -> Any:
    """The Wigner function of the first isotope over time: a function that writes the animation to a path."""
    name, epsilon = ion(dataset["isotope"].values[0]), float(dataset["epsilon"][0])
    times = dataset["movie_time"].values
    captions = [rf"{name}, $\hbar = {epsilon:.4g}$, {time:5.0f} fs" for time in times]
    plane = (dataset["movie_R_axis"].values, dataset["movie_p_axis"].values)
    told = {"captions": captions, "labels": LABELS, "rate": 12}
    return functools.partial(animate, dataset["movie"].values, plane, **told)


def ion(isotope: Any) -> str:
    """H₂⁺ in mathematical type."""
    return rf"$\mathrm{{{isotope}}}_2^{{+}}$"


def _name(one: Any) -> str:
    return rf"{ion(one['isotope'].item())},  $\hbar = \varepsilon = {float(one['epsilon']):.4f}$"


def _means(dataset: Any) -> Any:
    """⟨R⟩ and the spread over time, the three motions together."""
    count = dataset.sizes["isotope"]
    figure = new_figure(10.0, 2.1 * count + 0.7)
    grid = figure.subplots(count, 2, sharey="col", squeeze=False, width_ratios=(3, 2))
    for index, row in enumerate(grid):
        one = dataset.isel(isotope=index)
        _motions(row[0], one)
        _spreads(row[1], one)
        for ax in row:
            ax.set_xlim(0, float(one["time"][-1]))
    for ax in grid[-1]:
        ax.set_xlabel("time (fs)")
    grid[0, 1].set_title("spread of $R$")
    handles = grid[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=4)
    return figure


def _motions(ax: Any, one: Any) -> None:
    time = one["time"]
    ax.plot(time, one["trajectory"], color=SINGLE, lw=0.6, label="single trajectory", zorder=1)
    ax.plot(time, one["ensemble_mean"], color=CLASSICAL, lw=1.8, label="MD ensemble")
    ax.plot(time, one["quantum_mean"], color=QUANTUM, lw=1.1, label="QMD")
    marks = (("collapse_seen", "collapse", 1), ("half_revival_seen", "half revival", -1))
    for name, text, side in marks:
        where = float(one[name])
        ax.axvline(where, color="0.35", lw=0.7, ls=":", zorder=0)
        ax.annotate(
            text,
            (where, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(3 * side, -1),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="top",
            fontsize=8,
            color="0.25",
        )
    ax.set(ylabel=r"$\langle R\rangle$ (bohr)")
    half = 0.5 * float(one["revival_time"])
    ax.set_title(rf"{_name(one)},  $T_\mathrm{{rev}}/2 = {half:.0f}$ fs", loc="left")


def _spreads(ax: Any, one: Any) -> None:
    ax.plot(one["time"], one["ensemble_spread"], color=CLASSICAL, lw=1.8)
    ax.plot(one["time"], one["quantum_spread"], color=QUANTUM, lw=1.1)
    ax.set(ylabel=r"$\Delta R$ (bohr)", ylim=(0, None))


def _densities(dataset: Any) -> Any:
    """Radial densities over space and time: quantum left, classical right."""
    count = dataset.sizes["isotope"]
    figure = new_figure(10.0, 2.0 * count + 0.5)
    grid = figure.subplots(count, 2, sharey=True, squeeze=False)
    R = dataset["R"].values
    for index, row in enumerate(grid):
        one = dataset.isel(isotope=index)
        both = [one[f"{name}_density"].values for name in ("quantum", "ensemble")]
        bright = float(np.quantile(both[0], 0.998))
        for ax, values, text in zip(row, both, ("QMD", "MD ensemble")):
            title = f"{_name(one)}: {text}"
            space_time(
                values,
                one["time"].values,
                R,
                ax=ax,
                labels=("", "$R$ (bohr)"),
                title=title,
                limit=bright,
                colorbar=False,
            )
            ax.set_ylim(0.6, 7.0)
        row[1].set_ylabel("")
        bar = figure.colorbar(row[1].images[0], ax=row[1], pad=0.02, extend="max")
        bar.set_label(r"$\rho$ (bohr$^{-1}$)")
    for ax in grid[-1]:
        ax.set_xlabel("time (fs)")
    return figure


def _phase_space(one: Any) -> Any:
    """Wigner and Husimi functions and the ensemble, at the start, the collapse and the half revival."""
    stages = [str(stage) for stage in one["stage"].values]
    times = (0.0, float(one["collapse_seen"]), float(one["half_revival_seen"]))
    figure = new_figure(10.0, 2.45 * len(stages) + 0.5)
    grid = figure.subplots(len(stages), 3, sharex=True, sharey=True)
    plane = (one["picture_R"].values, one["picture_p"].values)
    shows = (("wigner", wigner, "Wigner"), ("husimi", density, "Husimi"))
    for row, stage, time in zip(grid, stages, times):
        here = one.sel(stage=stage)
        for ax, (name, show, _) in zip(row, shows):
            show(here[f"{name}_picture"].values, plane, ax=ax, title="", labels=LABELS, equal=False)
        f = here["ensemble_picture"].values
        # Filaments a pixel wide would leave the rest invisible.
        bright = float(np.quantile(f[f > 0], 0.97))
        density(f, plane, ax=row[2], title="", labels=LABELS, equal=False, limit=bright)
        word = "half revival" if stage == "revival" else stage
        row[0].set_title(f"{word}, {time:.0f} fs", loc="left")
        for ax in row:
            ax.label_outer()
    for ax, text in zip(grid[0], ("Wigner function $W$", "Husimi function", "MD ensemble $f$")):
        ax.set_title(text, loc="right")
    figure.suptitle(_name(one))
    return figure


def _failure(dataset: Any) -> Any:
    """The difference of the means, W₁ of the densities over time, and when the means differ by the thresholds, over ε."""
    figure = new_figure(12.5, 3.8)
    left, middle, right = figure.subplots(1, 3, width_ratios=(4, 4, 2))
    for number, isotope in enumerate(dataset["isotope"].values):
        one = dataset.sel(isotope=isotope)
        scaled = one["time"] / one["revival_time"]
        style = {"color": CYCLE[number % len(CYCLE)], "lw": 0.8, "label": ion(isotope)}
        left.plot(scaled, np.abs(one["quantum_mean"] - one["ensemble_mean"]), **style)
        middle.plot(scaled, one["w1"], **style)
    noise = float(dataset["sampling_error"].max()), float(2 * dataset["w1_noise"].max())
    texts = (
        r"$|\langle R\rangle_\mathrm{QMD} - \langle R\rangle_\mathrm{MD}|$ (bohr)",
        r"$W_1$ of the densities (bohr)",
    )
    for ax, sampling, text in zip((left, middle), noise, texts):
        ax.axhspan(1e-5, sampling, color="0.85", lw=0, zorder=0, label="sampling error")
        ax.set(yscale="log", ylim=(1e-3, 2.0), xlim=(0, float(scaled[-1])), ylabel=text)
        ax.set_xlabel(r"time / $T_\mathrm{rev}$")
    handles = left.get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper left", ncols=5)
    _thresholds(right, dataset)
    return figure


def _thresholds(ax: Any, dataset: Any) -> None:
    epsilon = dataset["epsilon"].values
    for number, threshold in enumerate(dataset["threshold"].values):
        times = dataset["failure_time"].sel(threshold=threshold)
        style = {"color": CYCLE[number % len(CYCLE)], "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(epsilon, times, ls="", label=f"exceeds {threshold:g} bohr", **style)
    order = np.argsort(epsilon)
    half = 0.5 * dataset["revival_time"].values
    ax.plot(epsilon[order], half[order], color="0.35", lw=0.9, label=r"$T_\mathrm{rev}/2$")
    period = dataset["period"].values
    ax.plot(epsilon[order], period[order], color="0.35", lw=0.9, ls="--", label="period")
    ax.set(xscale="log", yscale="log", xlabel=r"$\varepsilon$", ylabel="MD first wrong at (fs)")
    ax.set_xticks(epsilon, [ion(isotope) for isotope in dataset["isotope"].values])
    ax.minorticks_off()
    ax.margins(0.12)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _levels(dataset: Any) -> Any:
    """Populations of the vibrational levels."""
    figure = new_figure(6.0, 3.2)
    ax = figure.subplots()
    for number, isotope in enumerate(dataset["isotope"].values):
        one = dataset.sel(isotope=isotope)
        label = f"{ion(isotope)}: {float(one['fundamental']):.1f} cm$^{{-1}}$"
        style = {"color": CYCLE[number % len(CYCLE)], "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(one["population"], lw=0.9, ms=4, label=label, **style)
    ax.set(xlabel="vibrational level $v$", ylabel="population", ylim=(0, None), xlim=(-0.5, 24))
    ax.legend(title="fundamental $E_1 - E_0$", alignment="left")
    return figure
