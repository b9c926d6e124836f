"""The pictures of the pages in docs/, one function each: (figure, names that the page has defined) → a figure."""

from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner import plot
from jaxwigner.plot.style import CLASSICAL, CYCLE, QUANTUM, SIGNED, SINGLE, frame
from jaxwigner.units import cm1, eV, fs

DRAWN = {}
DPI = 110


def picture(width: float, height: float):
    """The mark of a function that draws the picture of its name, on a figure of that size in inches."""

    def marked(function):
        DRAWN[function.__name__] = function, (width, height)
        return function

    return marked


def draw(name: str, names: dict[str, Any], folder: Path) -> None:
    """Write `name`.png into a folder."""
    with plot.style():
        if name in DRAWN:
            function, size = DRAWN[name]
            figure = plot.new_figure(*size)
            function(figure, names)
        else:  # one that the page makes itself
            figure = names["figure"]
        figure.savefig(folder / f"{name}.png", dpi=DPI, metadata={"Software": None})


@picture(7.2, 2.7)
def pulse(figure, n):
    left, right = figure.subplots(1, 2)
    times = np.asarray(n["run"].times) / fs
    for v, row in enumerate(np.asarray(n["run"].observed).T[:7]):
        left.plot(times, row, label=f"v = {v}")
    left.set(xlabel="time [fs]", ylabel="population", ylim=(0, 1.02))
    left.legend(loc=(0.02, 0.22))
    seen = n["run"].diagnostics
    energy = np.asarray(seen.energy - seen.energy[0]) / cm1 / 1e3
    right.plot(times, energy, lw=0.8, label="energy")
    right.plot(times, energy - np.asarray(seen.work) / cm1 / 1e3, label="energy − work")
    right.set(xlabel="time [fs]", ylabel="since the beginning [10³ cm⁻¹]")
    right.legend()


@picture(6.0, 2.7)
def absorber(figure, n):
    ax, box, run = figure.subplots(), n["box"], n["run"]
    rho = np.abs(np.asarray(run.observed["psi"])) ** 2
    times, labels = np.asarray(run.times) / fs, ("time [fs]", "$x$ [bohr]")
    plot.space_time(rho, times, box.axes[0], ax=ax, labels=labels, limit=0.3)
    absorb = n["open_box"].absorb
    width = float(absorb.widths) * 2 * np.pi / absorb.slowest
    for end in (box.lower[0] + width, box.upper[0] - width):
        ax.axhline(end, color=CLASSICAL, lw=0.9, ls="--")
        ax.text(240, 1.3 * end, "absorbs", color=CLASSICAL, ha="right", va="center")
    ax.axhline(0.0, color=SINGLE, lw=0.9, ls=":")
    ax.set(ylim=(-26, 26), xlim=(0, 250))


@picture(7.2, 2.7)
def flux(figure, n):
    left, right = figure.subplots(1, 2)
    times = np.asarray(n["run"].times) / fs
    left.plot(times, np.asarray(n["run"].observed["flux"]) * fs)
    left.set(xlabel="time [fs]", xlim=(0, 250), ylim=(0, None))
    left.set_ylabel("flux at 4 bohr [1/fs]", color=QUANTUM)
    other = left.twinx()
    other.plot(times, np.asarray(n["run"].observed["beyond"]), "--", color=CLASSICAL)
    other.set(ylim=(0, 0.5))
    other.set_ylabel("share beyond 4 bohr", color=CLASSICAL)
    other.spines["right"].set(visible=True)
    energies = n["energies"] / eV
    right.plot(energies, n["eckart"](n["m"] * n["speed"]), color=SINGLE, lw=3, label="closed form")
    right.plot(energies, n["share"], "o", ms=2.5, label="from one run")
    right.axvline(0.425, color=SINGLE, lw=0.7, ls=":")
    right.set(xlabel="energy [eV] (dotted: height of the barrier)", ylabel="$T(E)$", ylim=(0, 1.03))
    right.legend()


@picture(6.0, 2.7)
def ring(figure, n):
    ax, run = figure.subplots(), n["run"]
    rho = np.abs(np.asarray(run.observed)) ** 2
    plot.space_time(rho, np.asarray(run.times), n["ring"].axes[0], ax=ax, limit=1.0)
    ax.set(xlabel=r"$t$ (revival at $4\pi/\hbar = 62.8$)", ylabel="angle")
    ax.set_yticks([0, np.pi, 2 * np.pi], ["0", "π", "2π"])


@picture(6.0, 2.7)
def band(figure, n):
    ax, run = figure.subplots(), n["run"]
    times = np.asarray(run.times)
    plot.space_time(n["rho"], times, n["lattice"].axes[0], ax=ax)
    ax.plot(times, np.asarray(n["mean"]), color=CLASSICAL, label=r"$\langle x\rangle$")
    points = np.asarray(n["point"].observed.positions)[:, 0, 0]
    ax.plot(times, points, color="k", ls="--", label="Newton's point")
    ax.set(ylim=(-16, 8), xlabel="$t$ (a Bloch period: 31.4)")
    ax.legend(loc="upper right")


@picture(7.2, 3.2)
def diffusion(figure, n):
    run = n["run"]
    left, right = figure.subplots(1, 2)
    for ax, W, t in ((left, run.observed[0], "0"), (right, run.observed[-1], "π")):
        title = f"$t = {t}$"
        plot.wigner(W, n["plane"], hbar=0.5, ax=ax, title=title, limit=0.4, colorbar=ax is right)
        ax.set(xlim=(-4, 4), ylim=(-3, 3))


@picture(7.4, 2.4)
def masses(figure, n):
    row = figure.subplots(1, 4, sharey=True)
    for ax, psi, E in zip(row, n["both"].states, n["both"]):
        x, y = (np.asarray(axis) for axis in n["square"].axes)
        top = float(np.max(np.abs(psi)))
        ax.imshow(
            np.asarray(psi).T,
            extent=(x[0], -x[0], y[0], -y[0]),
            origin="lower",
            cmap=SIGNED,
            vmin=-top,
            vmax=top,
        )
        ax.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal", xlabel="$x_1$ (mass 1)")
        frame(ax)
        ax.set_title(f"$E$ = {float(E):.4f}")
    row[0].set_ylabel("$x_2$ (mass 4)")


@picture(5.0, 3.0)
def levels(figure, n):
    ax, x = figure.subplots(), np.asarray(n["grid"].axes[0])
    U = np.asarray(n["well"](0.3)(x))
    ax.plot(x, U, color=SINGLE)
    for i, (E, psi) in enumerate(zip(n["states"], n["states"].states)):
        color = QUANTUM if i % 2 == 0 else CLASSICAL
        ax.plot(
            x,
            float(E) + 0.7 * np.asarray(psi),
            color=color,
            label=("even", "odd")[i] if i < 2 else None,
        )
    ax.set(xlim=(-4.2, 4.2), ylim=(-5.2, 4.5), xlabel="$x$", ylabel="$U$, and $E_n$ + states")
    ax.legend(loc="upper center", ncols=2)


@picture(7.2, 2.7)
def bosons(figure, n):
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.2))
    x, ground = np.asarray(n["trap"].axes[0]), n["ground"]
    left.plot(x, np.asarray(ground.state) ** 2, label="ground state")
    # Without its kinetic energy: ρ = (μ − U)/g, of mass 1.
    mu = 0.5 * (1.5 * 12.5484) ** (2 / 3)
    left.plot(x, np.maximum(mu - 0.5 * x**2, 0) / 12.5484, "--", label="Thomas–Fermi")
    left.set(xlim=(-5, 5), xlabel="$x$", ylabel=r"$\rho$", ylim=(0, 0.38))
    left.legend(loc="upper right")
    run = n["run"]
    rho = np.abs(np.asarray(run.observed)) ** 2
    plot.space_time(rho, np.asarray(run.times), x, ax=right)
    right.plot(
        np.asarray(run.times), np.asarray(n["swing"]), color=CLASSICAL, label=r"$\langle x\rangle$"
    )
    right.set(ylim=(-5, 5))
    right.legend(loc="upper right")


@picture(6.4, 2.8)
def spectrum(figure, n):
    ax = figure.subplots()
    density = np.asarray(n["drawn"].density) * cm1 * 1e3
    ax.plot(
        np.asarray(n["drawn"].energies) / cm1 / 1e3,
        density,
        color=SINGLE,
        label="spectrum of 48 fs",
    )
    ax.set(xlabel="energy [10³ cm⁻¹]", ylabel="density [10⁻³ cm]", xlim=(0, 26), ylim=(0, None))
    other = ax.twinx()
    places = np.asarray(n["found"].energies) / cm1 / 1e3
    other.vlines(places, 0, np.asarray(n["found"].weights), color=QUANTUM, lw=1.6, label="lines")
    other.set(ylabel="weight", ylim=(0, 0.5))
    other.spines["right"].set(visible=True, color=QUANTUM)
    other.yaxis.label.set_color(QUANTUM)
    handles = [*ax.get_legend_handles_labels()[0], *other.get_legend_handles_labels()[0]]
    ax.legend(handles, ["spectrum of 48 fs", "lines by matrix pencil"])


@picture(7.2, 3.0)
def trust(figure, n):
    """⟨R⟩ of the three at the real ħ, and the brackets of the ensemble as bands."""
    ax, found = figure.subplots(), n["found"]
    times, row = np.asarray(found.times) / fs, list(np.asarray(found.hbar)).index(1.0)
    for label, means, colour in (
        ("one trajectory", found.trajectory, SINGLE),
        ("classical ensemble", found.classical, CLASSICAL),
        ("quantum", found.quantum, QUANTUM),
    ):
        ax.plot(times, np.asarray(means["position"])[row], color=colour, label=label)
    ax.set(
        xlabel="time [fs]", ylabel="mean O–H distance [bohr]", xlim=(0, times[-1]), ylim=(1.5, 2.42)
    )
    for motion, colour, words in (
        ("trajectory", SINGLE, ""),
        ("ensemble", CLASSICAL, " off at {:.3g} fs"),
    ):
        for share in found.tolerance:
            bracket = found.trusted("position", share, motion=motion)
            ends = float(bracket.lower) / fs, float(bracket.upper) / fs
            ax.axvspan(*ends, color=colour, alpha=0.35, lw=0)
            if words or share == found.tolerance[-1]:
                text = (
                    f" {100 * share:g} %{words.format(ends[1])}"
                    if words
                    else " one trajectory: 2 %, 5 % off"
                )
                ax.text(ends[1], 2.31, text, color=colour, fontsize=7.5)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=3)


@picture(5.4, 4.8)
def cone(figure, n):
    """Densities on both levels, above the upper one; the tip as a cross."""
    rows = figure.subplots(2, 2, sharex=True, sharey=True)
    axes = tuple(np.asarray(axis) for axis in n["plane"].axes)
    for column, (beta, psi) in zip(rows.T, n["behind"].items()):
        rho = np.abs(np.asarray(n["cone"].adiabatic(psi))) ** 2
        for ax, level in zip(column, (1, 0)):
            title = rf"$\beta = {beta:g}$, {('lower', 'upper')[level]} level"
            plot.density(rho[level], axes, ax=ax, labels=("$x_1$", "$x_2$"), title=title)
            ax.plot(0, 0, "+", color=CLASSICAL, ms=6)
            ax.set(xlim=(-1, 4), ylim=(-2.2, 3))
            ax.label_outer()
    figure.suptitle(rf"behind the tip, $\varepsilon = {n['eps']:g}$")


@picture(7.4, 2.4)
def passage(figure, n):
    row, W = figure.subplots(1, 3, sharey=True), np.asarray(n["ends"][1])
    shown = {"upper level": W[1, 1], "lower level": W[0, 0], "coherence, Re $W_{01}$": W[0, 1]}
    for ax, (name, field) in zip(row, shown.items()):
        plot.wigner(np.real(field), n["phase"], ax=ax, title=name)
        ax.set(xlim=(-0.8, 3.4), ylim=(0, 2.4))
        ax.label_outer()
    figure.suptitle(rf"behind the gap, $\hbar = {n['hbar']:g}$")


@picture(6.4, 3.0)
def hopping(figure, n):
    ax, times = figure.subplots(), np.asarray(n["found"]["waves"].times)
    looks = zip(n["up"].items(), CYCLE, ("-", "--", (0, (6, 2)), "-.", ":"))
    for (name, values), colour, line in looks:
        width = 2.4 if name == "waves" else 1.3
        ax.plot(times, np.asarray(values), ls=line, lw=width, color=colour, label=name)
    ax.set(xlabel="$t$", ylabel="population of the upper level", ylim=(0, 1.03))
    ax.set_title(rf"$\varepsilon = {n['eps']:g}$")
    ax.legend(ncols=2)


@picture(7.2, 2.7)
def release(figure, n):
    left, right = figure.subplots(1, 2)
    how = dict(bins=120, range=(34, 73), density=True, color=CLASSICAL, alpha=0.35)
    left.hist(np.asarray(n["h"]) / eV, label="classical", **how)
    left.plot(np.asarray(n["energies"]) / eV, np.asarray(n["P"]) * eV, label="quantum")
    left.set(xlabel="kinetic energy release [eV]", ylabel="P [1/eV]", xlim=(34, 73))
    left.legend()
    times = n["dt"] * np.arange(n["C"].size) / n["eps"] / fs
    right.semilogy(times, np.abs(np.asarray(n["C"])))
    right.set(xlabel="t [fs]", ylabel="|⟨ψ(0)|ψ(t)⟩|", xlim=(0, 1), ylim=(1e-5, 1.5))
