"""Figures of the Coulomb explosion: energies and autocorrelation, the motion, densities in the plane (R, r), an animation."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.animation import animate
from jaxwigner.plot.fields import density
from jaxwigner.plot.style import CLASSICAL, CYCLE, QUANTUM, SINGLE, new_figure

LABELS = ("$R$ (bohr)", "$r$ (bohr)")
GAPS = {
    "singular": r"$\langle U_s\rangle$ (Hartree)",
    "r12": r"$\langle r_{12}\rangle$ (bohr)",
    "R": r"$\langle R\rangle$ (bohr)",
    "cos2": r"$\langle\cos^2\gamma\rangle$",
}


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Names and figures: the release, the motion and the densities of the first isotope; the animation, if there are frames."""
    yield "explosion", _release(dataset)
    yield "explosion_motion", _motion(dataset)
    yield "explosion_density", _densities(dataset)
    if "movie" in dataset:
        yield "explosion", _movie(dataset)


def ion(isotope: Any) -> str:
    """H₃⁺ in mathematical type."""
    return rf"$\mathrm{{{isotope}}}_3^{{+}}$"


def _release(dataset: Any) -> Any:
    """P(E), the difference of both, and what they were made of; one row an isotope."""
    count = dataset.sizes["isotope"]
    figure = new_figure(11.0, 2.5 * count + 0.6)
    grid = figure.subplots(count, 3, squeeze=False, sharex="col", width_ratios=(4, 3, 3))
    for index, row in enumerate(grid):
        one = dataset.isel(isotope=index)
        _distribution(row[0], one)
        _difference(row[1], one)
        _autocorrelation(row[2], one)
    for ax, text in zip(grid[-1], (*["kinetic energy release (eV)"] * 2, "$t$ (fs)")):
        ax.set_xlabel(text)
    handles = grid[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper right", ncols=2)
    return figure


def _distribution(ax: Any, one: Any) -> None:
    energy = one["energy"]
    ax.plot(energy, one["quantum_release"], color=QUANTUM, lw=1.6, label="quantum mechanics")
    dashed = {"color": CLASSICAL, "lw": 1.1, "ls": "--"}
    ax.plot(energy, one["classical_release"], label="classical ensemble", **dashed)
    ax.set(ylabel=r"$P(E)$ (eV$^{-1}$)", xlim=(energy[0], energy[-1]))
    ax.set_ylim(0, 1.15 * float(one["quantum_release"].max()))
    name = ion(one["isotope"].item())
    real = "" if int(one["spin_weight"]) else "  (spin ½: not in nature)"
    text = rf"{name},  $\hbar = \varepsilon = {float(one['epsilon']):.4f}${real}"
    ax.set_title(text, loc="left")
    lines = ["            mean        std        skewness"]
    for kind, letter in (("quantum", "QM"), ("classical", "MD")):
        mean, std, skewness = one[f"{kind}_moments"].values
        lines.append(f"{letter}   {mean:.3f} eV   {std:.3f} eV   {skewness:.4f}")
    place = {"xycoords": "axes fraction", "ha": "right", "va": "top", "fontsize": 7.5}
    ax.annotate("\n".join(lines), (0.99, 0.97), **place)


def _difference(ax: Any, one: Any) -> None:
    energy, gap = one["energy"], one["quantum_release"] - one["classical_release"]
    noise = 2 * one["classical_noise"]
    ax.fill_between(energy, -noise, noise, color="0.85", lw=0, label="sampling")
    ax.plot(energy, gap, color=SINGLE)
    ax.axhline(0, color="0.6", lw=0.6)
    ax.set(title="quantum − classical", ylabel=r"(eV$^{-1}$)", xlim=(energy[0], energy[-1]))
    top = 1.15 * float(abs(gap).max())
    ax.set_ylim(-top, top)
    ax.legend(loc="lower right")


def _autocorrelation(ax: Any, one: Any) -> None:
    time = one["lag_time"]
    ax.plot(time, one["quantum_autocorrelation"], color=QUANTUM, lw=1.6)
    ax.plot(time, one["classical_autocorrelation"], color=CLASSICAL, lw=1.1, ls="--")
    last = np.flatnonzero(one["quantum_autocorrelation"].values > 3e-4).max()
    ax.set(yscale="log", ylim=(3e-4, 1.3), xlim=(0, float(time[last])))
    ax.set_title(r"$|\langle\psi(0)|\psi(t)\rangle|$ and $|\langle e^{-iht/\hbar}\rangle|$")


def _motion(dataset: Any) -> Any:
    """The first isotope over time: distances, repulsion, Lemma 5.1, and differences in units of ε²."""
    figure = new_figure(10.0, 5.8)
    first, second, third, fourth = figure.subplots(2, 2, sharex=True).ravel()
    time = dataset["time"]
    for name, text, colour in (("r12", "$r_{12}$", QUANTUM), ("R", "$R$", CYCLE[2])):
        first.plot(time, dataset[f"quantum_{name}"], color=colour, label=text)
        _dots(first, time, dataset[f"classical_{name}"])
    low, high = (dataset["quantum_r12"] + sign * dataset["quantum_spread"] for sign in (-1, 1))
    first.fill_between(time, low, high, color=QUANTUM, alpha=0.15, lw=0)
    first.set(ylabel="mean distance (bohr)", ylim=(0, None))
    first.legend(title="band: standard deviation; dots: classical", alignment="left")
    second.plot(time, dataset["quantum_singular"], color=QUANTUM)
    _dots(second, time, dataset["classical_singular"])
    second.set(ylabel=r"$\langle U_s\rangle$ (Hartree)", ylim=(0, None))
    third.plot(time, dataset["quantum_square"] / dataset["square_bound"], color=QUANTUM)
    third.axhline(1, color="0.4", lw=0.8, ls=":")
    third.set(ylabel=r"$\|U_s\Psi\|^2/K$", ylim=(0, 1.1), title="Lemma 5.1: at most 1")
    _gaps(fourth, dataset)
    for ax in (third, fourth):
        ax.set(xlabel="time (fs)", xlim=(0, float(time[-1])))
    isotope = dataset["isotope"].values[0]
    figure.suptitle(f"{ion(isotope)} without electrons: quantum and classical motion")
    return figure


def _dots(ax: Any, time: Any, values: Any) -> None:
    each = max(1, len(time) // 16)
    ax.plot(time[::each], values[::each], "o", ms=3.5, mfc="none", mew=0.9, color=CLASSICAL)


def _gaps(ax: Any, dataset: Any) -> None:
    square = float(dataset["epsilon"][0]) ** 2
    for number, (name, text) in enumerate(GAPS.items()):
        gap = (dataset[f"quantum_{name}"] - dataset[f"classical_{name}"]) / square
        error = 2 * dataset[f"classical_{name}_error"] / square
        colour = CYCLE[(number + 2) % len(CYCLE)]
        ax.plot(dataset["time"], gap, color=colour, label=text)
        ax.fill_between(dataset["time"], gap - error, gap + error, color=colour, alpha=0.2, lw=0)
    ax.axhline(0, color="0.6", lw=0.6)
    ax.set(title=r"(quantum − classical)/$\varepsilon^2$, bands: sampling")
    ax.legend(fontsize=7)


def _densities(dataset: Any) -> Any:
    """Quantum above, classical below."""
    stages = dataset["stage_sample"].values
    figure = new_figure(9.6, 5.6)
    grid = figure.subplots(2, len(stages), sharex=True, sharey=True)
    plane = (dataset["R"].values, dataset["r"].values)
    for row, kind, text in zip(grid, ("quantum", "classical"), ("QM", "MD")):
        for ax, stage, look in zip(row, range(len(stages)), stages):
            values = dataset[f"{kind}_density"].isel(stage=stage).values
            limit = float(dataset["quantum_density"].isel(stage=stage).max())
            title = f"{text}, {float(dataset['time'][look]):.2f} fs"
            how = {"labels": LABELS, "equal": True, "limit": limit, "colorbar": False}
            density(values, plane, ax=ax, title=title, **how)
            # The shapes of equilateral triangles.
            ax.axline((0, 0), slope=2 / np.sqrt(3), color="0.5", lw=0.6, ls=":")
            ax.label_outer()
    far = [_reach(dataset["quantum_density"].sum(other).isel(stage=-1)) for other in ("r", "R")]
    near = [
        _reach(dataset["quantum_density"].sum(other).isel(stage=0), False) for other in ("r", "R")
    ]
    for ax in grid.ravel():
        ax.set(xlim=(near[0], far[0]), ylim=(near[1], far[1]))
    isotope = dataset["isotope"].values[0]
    figure.suptitle(f"{ion(isotope)}: density of the shapes; dotted: equilateral triangles")
    return figure


def _reach(values: Any, end: bool = True) -> float:
    """Where all but 1e-4 of a distribution ends, or begins."""
    share = np.cumsum(values.values) / float(values.sum())
    place = np.searchsorted(share, 1 - 1e-4 if end else 1e-4)
    return float(values[values.dims[0]][min(place, values.size - 1)])


def _movie(dataset: Any) -> Any:
    """The density of the first isotope over time: a function that writes the animation to a path."""
    name = ion(dataset["isotope"].values[0])
    captions = [f"{name}, {time:.2f} fs" for time in dataset["movie_time"].values]
    plane = (dataset["R"].values, dataset["r"].values)
    frames = dataset["movie"].values
    # Each frame on its own scale: the density falls by orders of magnitude.
    frames = frames / frames.max(axis=(1, 2), keepdims=True)
    told = {"captions": captions, "labels": LABELS, "rate": 12, "signed": False, "equal": True}
    return functools.partial(animate, frames, plane, **told)
