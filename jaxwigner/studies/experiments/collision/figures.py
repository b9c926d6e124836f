"""One page on the collision: distances, repulsion and differences above; below, one column an isotope, what is there at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxwigner.plot.rates import rates
from jaxwigner.plot.style import CLASSICAL, CYCLE, MARKERS, QUANTUM, new_figure

NAMES = {
    "w1_angle": r"$W_1$ of the angle (rad)",
    "w1_end": r"$W_1$ of $r$ at the end (bohr)",
    "square_gap": r"$\langle U_s^2\rangle$, max over $t$ (Hartree$^2$)",
    "cosine_gap": r"$\langle\cos\rangle$ of the angle at the end",
    "mean_gap": r"$\langle r\rangle$, max over $t$ (bohr)",
}


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure."""
    count = dataset.sizes["isotope"]
    figure = new_figure(11.0, 8.6)
    above, below = figure.subfigures(2, 1, height_ratios=(1.2, 1.7))
    first, second, third = above.subplots(1, 3)
    _over_time(first, dataset, "mean", r"$\langle r\rangle$ (bohr)")
    _over_time(second, dataset, "square", r"$\langle U_s^2\rangle$ (Hartree$^2$)")
    _differences(third, dataset)
    columns = below.subplots(2, count, sharex="row", squeeze=False)
    for index in range(count):
        _density(columns[0, index], dataset.isel(isotope=index))
        _angles(columns[1, index], dataset.isel(isotope=index))
    columns[0, 0].set_ylabel(r"density of $r$ at the end (bohr$^{-1}$)")
    columns[1, 0].set_ylabel(r"$dP/d\Omega$ (sr$^{-1}$)")
    columns[0, 0].legend(loc="upper left")
    energy, alpha = dataset.attrs["kinetic_energy_eV"], dataset.attrs["alpha"]
    figure.suptitle(
        rf"H$^+$ + H and its isotopes at {energy:.1f} eV, packets of width $\varepsilon^{{{alpha:g}}}$:"
        " quantum (lines) and classical (dots) molecular dynamics"
    )
    yield "collision", figure


def _colour(number: int) -> str:
    others = [colour for colour in CYCLE if colour not in (QUANTUM, CLASSICAL)]
    return (QUANTUM, CLASSICAL, *others)[number % len(CYCLE)]


def _over_time(ax: Any, dataset: Any, name: str, label: str) -> None:
    """Every isotope over the scaled time, in which they differ by ε alone."""
    time = dataset["scaled_time"].values
    for number, isotope in enumerate(dataset["isotope"].values):
        one, colour = dataset.sel(isotope=isotope), _colour(number)
        text = rf"{isotope}, $\varepsilon = {float(one['epsilon']):.4f}$"
        ax.plot(time, one[f"quantum_{name}"], color=colour, lw=1.0, label=text)
        dots = {"marker": MARKERS[number % len(MARKERS)], "ms": 3.5, "ls": "", "mfc": "none"}
        ax.plot(time[::2], one[f"classical_{name}"][::2], color=colour, mew=0.8, **dots)
    ax.set(xlabel=r"$t = \varepsilon\,\times$ time (atomic units)", ylabel=label)
    ax.set_ylim(0, None)
    ax.legend(loc="best", fontsize=7)


def _differences(ax: Any, dataset: Any) -> None:
    """Differences over ε with the fitted powers, and their sampling errors as pale marks."""
    epsilon = dataset["epsilon"].values
    series = {text: dataset[name].values for name, text in NAMES.items()}
    slopes = {}
    for name, text in NAMES.items():
        value, low, high, _ = dataset["rate"].sel(measure=name).values
        if np.isfinite(value):
            slopes[text] = (float(value), float(low), float(high))
    labels = (r"$\varepsilon$", "|QMD − MD|")
    rates(epsilon, series, slopes=slopes, ax=ax, labels=labels)
    for number, name in enumerate(NAMES):
        values, error = dataset[name].values, dataset[f"{name}_sampling"].values
        low = np.minimum(error, 0.9 * values)
        style = {"fmt": "none", "ecolor": CYCLE[number], "elinewidth": 0.7, "capsize": 2}
        ax.errorbar(epsilon, values, yerr=(low, error), **style)
    ax.set_xticks(epsilon, [f"{value:.3g}" for value in epsilon], rotation=45, ha="right")
    ax.minorticks_off()
    handles, texts = ax.get_legend_handles_labels()
    ax.get_legend().remove()
    everything = np.concatenate(list(series.values()))
    ax.set_ylim(0.2 * everything.min(), 150 * everything.max())
    title = "bars: sampling, 95 %; fitted power (95 %)"
    small = {"fontsize": 6.5, "title_fontsize": 7, "alignment": "left", "labelspacing": 0.3}
    ax.legend(handles, texts, title=title, loc="upper left", **small)


def _density(ax: Any, one: Any) -> None:
    """The density of the distance at the end."""
    r = one["r"].values
    ax.plot(r, one["quantum_density"], color=QUANTUM, lw=1.4, label="QMD")
    ax.plot(r, one["classical_density"], color=CLASSICAL, lw=0.9, ls="--", label="MD")
    ax.set(xlabel="$r$ (bohr)", xlim=(0, r[-1]))
    ax.set_ylim(0, 1.3 * float(one["quantum_density"].max()))
    end = float(one["time"][-1])
    ax.set_title(rf"{one['isotope'].item()}, $t$ = {end:.1f} fs", loc="left")
    _note(ax, one, "w1_end", "bohr")


def _angles(ax: Any, one: Any) -> None:
    """The distribution of the angle at the end, per solid angle."""
    angle = one["angle"].values
    ax.plot(angle, one["quantum_angles"], color=QUANTUM, lw=1.4)
    step = {"drawstyle": "steps-mid", "color": CLASSICAL, "lw": 0.9, "ls": "--"}
    ax.plot(angle, one["classical_angles"], **step)
    ax.set(xlabel="angle to the incoming direction (°)", xlim=(0, 180), yscale="log")
    ax.set_ylim(1e-5, 3.0)
    ax.set_xticks(range(0, 181, 45))
    _note(ax, one, "w1_angle", "rad")


def _note(ax: Any, one: Any, name: str, unit: str) -> None:
    """W₁ of the two curves, and what sampling alone may give."""
    gap, error = float(one[name]), float(one[f"{name}_sampling"])
    text = f"$W_1$ = {1e3 * gap:.2f}, sampling {1e3 * error:.2f}\n" + rf"($10^{{-3}}$ {unit})"
    place = {"xycoords": "axes fraction", "va": "top", "ha": "right", "fontsize": 7}
    ax.annotate(text, (0.99, 0.99), color="0.25", **place)
