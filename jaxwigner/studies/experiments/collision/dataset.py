"""The results of the collision experiment as a labelled dataset, with differences, their sampling errors and their powers of ε."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner import units
from jaxwigner.studies.compare.differences import as_attributes, powers, transport
from jaxwigner.studies.experiments.isotopes import columns, femtoseconds

STUDENT = 2.365  # 97.5 %, for 8 copies
MEASURES = {
    "mean_gap": ("largest difference of the mean distances over time", "a0"),
    "square_gap": ("largest difference of <U_s^2> over time", "Eh^2"),
    "cosine_gap": ("difference of the mean cosine of the angle at the end", "1"),
    "w1_end": ("W1 of the distance at the end", "a0"),
    "w1_max": ("largest W1 of the distance over time", "a0"),
    "w1_angle": ("W1 of the angle at the end", "rad"),
}


def entries(settings: Any, found: dict[str, Any]) -> tuple[dict, dict, dict]:
    """Variables over (isotope, sample) and of the end, coordinates, attributes."""
    every = list(found.values())
    gaps = [differences(one, settings.angles) for one in every]
    variables = _series(settings, every, gaps) | _ends(settings, every) | _numbers(every)
    for name, (text, unit) in MEASURES.items():
        for part, suffix in ((0, ""), (1, "_sampling")):
            values = np.array([gap[name][part] for gap in gaps])
            variables[f"{name}{suffix}"] = ("isotope", values, unit, text)
    epsilons = np.array([one.epsilon for one in every])
    rates = powers(epsilons, gaps)
    variables["rate"] = (("measure", "part"), np.array(list(rates.values())))
    edges = np.linspace(0, 180, settings.angles + 1)
    coordinates = {
        "isotope": list(found),
        "measure": list(MEASURES),
        "part": ["value", "low", "high", "sampling"],
        "angle": ("angle", 0.5 * (edges[1:] + edges[:-1]), "degree"),
    }
    return variables, coordinates, _attributes(settings, every, rates)


def differences(one: Any, angles: int) -> dict[str, tuple[float, float]]:
    """Each measure of the difference of QMD and MD, and its sampling error (95 %, from the copies; for W₁ twice the noise)."""
    quantum, classical = one.quantum, one.classical
    found = {}
    for name, exact, copies in (
        ("mean_gap", quantum.mean, classical.mean),
        ("square_gap", quantum.square, classical.square),
        ("cosine_gap", quantum.cosine[None], classical.cosine[:, None]),
    ):
        error = STUDENT * np.std(copies, axis=0, ddof=1) / np.sqrt(len(copies))
        gap = np.abs(exact - copies.mean(axis=0))
        found[name] = float(gap.max()), float(error[np.argmax(gap)])
    w1, noise = transport(quantum.radial, classical.radial, one.spacing)
    found["w1_end"] = float(w1[-1]), 2 * float(noise[-1])
    found["w1_max"] = float(w1.max()), 2 * float(noise[np.argmax(w1)])
    cell = np.pi / quantum.angular.shape[-1]
    w1, noise = transport(quantum.angular, classical.angular, cell)
    found["w1_angle"] = float(w1), 2 * float(noise)
    return found


def _series(settings: Any, every: list[Any], gaps: list[Any]) -> dict[str, Any]:
    """What depends on time."""
    times = np.linspace(0.0, settings.duration, settings.saves + 1)
    wanted = {
        "time": (lambda one: femtoseconds(times, one.epsilon), "fs"),
        "quantum_mean": (lambda one: one.quantum.mean, "a0"),
        "classical_mean": (lambda one: one.classical.mean.mean(axis=0), "a0"),
        "quantum_square": (lambda one: one.quantum.square, "Eh^2"),
        "classical_square": (lambda one: one.classical.square.mean(axis=0), "Eh^2"),
        "w1": (lambda one: _w1(one)[0], "a0"),
        "w1_noise": (lambda one: _w1(one)[1], "a0"),
    }
    series: dict[str, Any] = {"scaled_time": ("sample", times)}
    return series | columns(("isotope", "sample"), every, wanted)


def _w1(one: Any) -> tuple[Any, Any]:
    return transport(one.quantum.radial, one.classical.radial, one.spacing)


def _ends(settings: Any, every: list[Any]) -> dict[str, Any]:
    """Radial densities and angular distributions at the end, per bin."""
    cells = 200
    top = max(_reach(one) for one in every)
    edges = np.linspace(0.0, top, cells + 1)
    stacks: dict[str, list[Any]] = {}
    for one in every:
        for name, seen in (("quantum", one.quantum), ("classical", one.classical)):
            single = seen if name == "quantum" else _mean(seen)
            ends = one.spacing * np.arange(1 + single.radial.shape[-1])
            at = np.interp(edges, ends, np.concatenate([[0.0], single.radial[-1]]))
            stacks.setdefault(f"{name}_density", []).append(np.diff(at) / (edges[1] - edges[0]))
            shares = np.concatenate([[0.0], single.angular])
            per_bin = np.diff(shares[:: (len(shares) - 1) // settings.angles])
            theta = np.linspace(0, np.pi, settings.angles + 1)
            sphere = 2 * np.pi * -np.diff(np.cos(theta))
            stacks.setdefault(f"{name}_angles", []).append(per_bin / sphere)
    units_of = {"density": ("r", "1/a0"), "angles": ("angle", "1/sr")}
    variables = {}
    for name, stack in stacks.items():
        axis, unit = units_of[name.split("_")[1]]
        variables[name] = (("isotope", axis), np.stack(stack), unit)
    variables["r"] = ("r", 0.5 * (edges[1:] + edges[:-1]), "a0")
    return variables


def _reach(one: Any) -> float:
    """The distance that all but 1e-5 of the packet is within at the end."""
    return one.spacing * float(np.searchsorted(one.quantum.radial[-1], 1 - 1e-5) + 1)


def _mean(seen: Any) -> Any:
    """The mean over the copies of the ensemble."""
    return type(seen)(*(part.mean(axis=0) for part in seen))


def _numbers(every: list[Any]) -> dict[str, Any]:
    """One number for each isotope."""
    numbers = {"epsilon": ("isotope", np.array([one.epsilon for one in every]))}
    for part in ("sizes", "errors"):
        for name in getattr(every[0], part):
            values = np.array([getattr(one, part)[name] for one in every])
            numbers[name if part == "sizes" else f"{name}_error"] = ("isotope", values)
    return numbers


def _attributes(settings: Any, every: list[Any], rates: dict[str, Any]) -> dict[str, Any]:
    energy = settings.momentum**2 * units.ELECTRONVOLTS_PER_HARTREE
    attributes: dict[str, Any] = {
        "distance": settings.distance,
        "momentum": settings.momentum,
        "kinetic_energy_eV": float(energy),
        "alpha": settings.alpha,
        "particles": settings.particles,
    }
    return attributes | as_attributes(rates)
