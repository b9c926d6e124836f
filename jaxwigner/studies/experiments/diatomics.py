"""How long molecular dynamics is right for ten diatomic molecules, by their spectroscopic constants.

    U(R) = D(1 − e^{−a(R − r_e)})²,   D = ω_e²/(4ω_ex_e),   a = ω_e√(μ/2D)

has the levels ω_e(v + ½) − ω_ex_e(v + ½)². The packet is the harmonic ground state of the well, moved outwards by a multiple of
its standard deviation (ħ/2μω_e)^½, so that in units of width and period only x_e is left. Each row is one `jw.compare` at the
real ħ, until a share of the revival time, 1/x_e periods; at half of it at the latest packets come together, and ensembles do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from jaxwigner.plot.style import CYCLE, SINGLE, new_figure
from jaxwigner.potentials import Morse
from jaxwigner.progress import Progress, quiet
from jaxwigner.studies.compare.side_by_side import compare
from jaxwigner.studies.compare.states import Packet
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, key
from jaxwigner.units import angstrom, cm1, fs, reduced_mass


class Constants(NamedTuple):
    """Two isotopes; ω_e and ω_ex_e in cm⁻¹, r_e in Å, of the electronic ground state."""

    isotopes: tuple[str, str]
    frequency: float
    anharmonicity: float
    distance: float

    @property
    def ratio(self) -> float:
        """x_e."""
        return self.anharmonicity / self.frequency

    @property
    def period(self) -> float:
        """2π/ω_e in atomic units."""
        return 2 * math.pi / (self.frequency * cm1)

    @property
    def mass(self) -> float:
        """μ in electron masses."""
        return reduced_mass(*self.isotopes)

    def curve(self) -> Morse:
        """U in atomic units."""
        depth = self.frequency / (4 * self.ratio) * cm1
        steepness = self.frequency * cm1 * math.sqrt(self.mass / (2 * depth))
        return Morse(depth, steepness, self.distance * angstrom)


# K. P. Huber and G. Herzberg, Molecular Spectra and Molecular Structure IV: Constants of Diatomic Molecules (Van Nostrand 1979).
CONSTANTS = {
    "H2": Constants(("1H", "1H"), 4401.21, 121.33, 0.74144),
    "OH": Constants(("16O", "1H"), 3737.761, 84.8813, 0.96966),
    "HF": Constants(("1H", "19F"), 4138.32, 89.88, 0.91681),
    "HCl": Constants(("1H", "35Cl"), 2990.946, 52.8186, 1.27455),
    "LiH": Constants(("7Li", "1H"), 1405.65, 23.20, 1.5957),
    "O2": Constants(("16O", "16O"), 1580.193, 11.981, 1.20752),
    "CO": Constants(("12C", "16O"), 2169.81358, 13.28831, 1.128323),
    "N2": Constants(("14N", "14N"), 2358.57, 14.324, 1.09769),
    "Cl2": Constants(("35Cl", "35Cl"), 559.72, 2.675, 1.988),
    "I2": Constants(("127I", "127I"), 214.50, 0.614, 2.666),
}
SIDES = ["lower", "upper"]


@dataclass(frozen=True)
class Settings(Keys):
    """Which molecules, how they are excited, and what is asked."""

    molecules: tuple[str, ...] = key(
        tuple(CONSTANTS), "of Huber and Herzberg", choices=tuple(CONSTANTS), distinct=True
    )
    displacement: float = key(
        3.0, "of the packet, outwards", unit="standard deviations", within=(0.5, 5.0)
    )
    tolerances: tuple[float, ...] = key(
        (0.02, 0.05), "shares of the classical amplitude", within=(1e-3, 0.5), distinct=True
    )
    share: float = key(0.55, "of the revival time that is followed", within=(0.02, 1.5))
    saves: int = key(24, "in a period", within=(8, 200))
    seed: int = key(0, "of the ensembles", within=(0, 2**31))


def run(settings: Settings, progress: Progress = quiet):
    """Until when ⟨R⟩ of the ensemble and of one trajectory is right, for every molecule.

    **Returns:** `xarray.Dataset` over `molecule`, `accuracy` and `side` (lower and upper end of the bracket): `ensemble`, `trajectory`
    in fs (infinite where the tolerance is never left), and the constants; an attribute for each molecule says it in words.

    >>> from jaxwigner.studies.experiments import diatomics
    >>> curve = diatomics.CONSTANTS["OH"].curve()
    >>> round(float(curve.depth), 4), round(float(curve.centre), 4)
    (0.1875, 1.8324)
    """
    found = []
    for done, name in enumerate(settings.molecules):
        progress(name, done, len(settings.molecules))
        found.append(_trusted(CONSTANTS[name], settings))
    names = list(settings.molecules)
    chosen = [CONSTANTS[name] for name in names]
    times = np.asarray(found) / fs  # molecule, motion, tolerance, side
    periods = np.array([one.period for one in chosen]) / fs
    dims = ("molecule", "accuracy", "side")
    variables: dict[str, Any] = {
        "ensemble": (dims, times[:, 0], "fs", "an ensemble is right until"),
        "trajectory": (dims, times[:, 1], "fs", "one trajectory is right until"),
        "period": ("molecule", periods, "fs", "2π/ω_e"),
        "frequency": ("molecule", [one.frequency for one in chosen], "cm⁻¹", "ω_e"),
        "ratio": ("molecule", [one.ratio for one in chosen], "1", "x_e"),
        "mass": ("molecule", [one.mass for one in chosen], "m_e", "reduced mass"),
    }
    coordinates = {"molecule": names, "accuracy": list(settings.tolerances), "side": SIDES}
    said = {name: _said(row, settings, T) for name, row, T in zip(names, times[:, 0], periods)}
    kept = {"displacement": settings.displacement, "share": settings.share, "seed": settings.seed}
    return EXPERIMENT.labelled(variables, coordinates, {**said, **kept})


def _trusted(one: Constants, settings: Settings) -> list[list[list[float]]]:
    """Brackets of times, by motion and tolerance."""
    width = math.sqrt(1 / (2 * one.mass * one.frequency * cm1))
    saves = math.ceil(settings.saves * settings.share / one.ratio)
    found = compare(
        one.curve(),
        mass=one.mass,
        state=Packet(one.distance * angstrom + settings.displacement * width),
        duration=saves / settings.saves * one.period,
        hbar=(1.0,),
        tolerance=settings.tolerances,
        saves=saves,
        seed=settings.seed,
    )
    return [
        [_ends(found.trusted("position", share, motion=motion)) for share in settings.tolerances]
        for motion in ("ensemble", "trajectory")
    ]


def _ends(bracket: Any) -> list[float]:
    return [float(bracket.lower), float(bracket.upper)]


def _said(times: np.ndarray, settings: Settings, period: float) -> str:
    """The brackets of one molecule in words."""
    said = []
    for share, ends in zip(settings.tolerances, times):
        in_periods = f" ({between(ends / period)} periods)" if np.isfinite(ends[0]) else ""
        said.append(f"{100 * share:g} %: {between(ends, ' fs')}{in_periods}")
    return "; ".join(said)


def between(ends: Any, unit: str = "") -> str:
    """A bracket of times to read, three digits, rounded outwards.

    >>> from jaxwigner.studies.experiments.diatomics import between
    >>> between([23.93, 24.31], " fs")
    '23.9 … 24.4 fs'
    """
    low, high = (float(end) for end in ends)
    if math.isinf(low):
        return "throughout"
    largest = max(high if math.isfinite(high) else low, 1e-9)
    digits = max(0, 2 - math.floor(math.log10(largest)))
    first = math.floor(low * 10**digits) / 10**digits
    if math.isinf(high):
        return f"{first:.{digits}f} … ?"
    return f"{first:.{digits}f} … {math.ceil(high * 10**digits) / 10**digits:.{digits}f}{unit}"


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Names and figures."""
    yield "diatomics", _figure(dataset)


def _figure(dataset: Any) -> Any:
    """Brackets in femtoseconds by molecule, and in periods over x_e."""
    figure = new_figure(8.6, 3.6)
    left, right = figure.subplots(1, 2)
    ratio, period = dataset["ratio"].values, dataset["period"].values[:, None]
    rows = np.arange(len(ratio))
    for share, shift, colour in zip(dataset["accuracy"].values, (-0.15, 0.15, 0), CYCLE):
        ensemble, one = (dataset[k].sel(accuracy=share).values for k in ("ensemble", "trajectory"))
        left.semilogx(ensemble.mean(1), rows + shift, "o", color=colour, label=f"{100 * share:g} %")
        left.plot(one.mean(1), rows + shift, "x", color=SINGLE, ms=4)
        _bars(right, ratio, ensemble / period, colour)
    left.plot([], [], "x", color=SINGLE, ms=4, label="one trajectory")
    left.set(xlabel="right until [fs]", yticks=rows, yticklabels=dataset["molecule"].values)
    left.invert_yaxis()
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=4)
    _over_anharmonicity(right, dataset, ratio)
    return figure


def _over_anharmonicity(ax: Any, dataset: Any, ratio: np.ndarray) -> None:
    """Axes, names, and a third of the revival time."""
    from matplotlib.ticker import NullFormatter

    ends = np.array([0.8 * ratio.min(), 1.25 * ratio.max()])
    ax.plot(ends, 1 / (3 * ends), color="0.6", lw=0.8, ls="--", zorder=0)
    ax.annotate(r"$1/3x_e$", (0.75 * ends[1], 1 / (2 * ends[1])), fontsize=7, color="0.4")
    ticks = [t for t in (0.003, 0.005, 0.01, 0.02, 0.03) if ends[0] <= t <= ends[1]]
    ax.set(xscale="log", yscale="log", xlabel="$x_e$", ylabel="right until [periods]", xlim=ends)
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())
    first = dataset["ensemble"].values[:, 0, 0] / dataset["period"].values
    for place, k in enumerate(np.argsort(ratio)):
        name, low = str(dataset["molecule"].values[k]), (0, -10 - 8 * (place % 2))
        if np.isfinite(first[k]):
            ax.annotate(
                name, (ratio[k], first[k]), low, textcoords="offset points", ha="center", fontsize=6
            )
    ax.set_ylim(bottom=0.6 * ax.get_ylim()[0])


def _bars(ax: Any, ratio: np.ndarray, times: np.ndarray, colour: str) -> None:
    """Brackets as bars with a dot in the middle; those that never end are left out."""
    ends = np.isfinite(times).all(1)
    middle, half = times[ends].mean(1), 0.5 * np.ptp(times[ends], axis=1)
    ax.errorbar(ratio[ends], middle, yerr=half, fmt="o", color=colour, ms=3.5, lw=1.0)


EXPERIMENT = Experiment(
    "diatomics",
    "Ten diatomic molecules: how long molecular dynamics is right",
    Settings,
    run,
    figures,
    "A packet three widths outside the minimum of H2, OH, HF, … I2: until when ⟨R⟩ of a classical ensemble is right to 2 % and 5 % "
    "([the table](diatomics.md)).",
    "diatomics.png",
)
