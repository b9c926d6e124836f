"""The results of the H2+ experiment as a labelled dataset."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner import units
from jaxwigner.molecules.vibration import H2
from jaxwigner.studies.compare.differences import as_attributes, powers, transport
from jaxwigner.studies.compare.motions import first_above, swing
from jaxwigner.studies.experiments.h2plus.pictures import FRAMES, PICTURE, STAGES
from jaxwigner.studies.experiments.isotopes import columns, femtoseconds


def entries(settings: Any, found: dict[str, Any], movie: Any) -> tuple[dict, dict, dict]:
    """Variables over (isotope, sample, R), with pictures over (isotope, stage, picture_R, picture_p); coordinates; attributes."""
    every = list(found.values())
    window = every[0].course.window
    variables = _series(every) | _numbers(every) | _failures(settings, every) | _spectra(every)
    for name in ("wigner", "husimi", "ensemble"):
        stack = np.stack([one.pictures[name] for one in every]).astype(np.float32)
        axes = ("isotope", "stage", "picture_R", "picture_p")
        variables[f"{name}_picture"] = (axes, stack, "1/(a0 Eh^1/2)")
    coordinates = {
        "isotope": list(found),
        "stage": list(STAGES),
        "threshold": ("threshold", np.array(settings.thresholds), "a0"),
        "R": ("R", np.asarray(window.axes[0]), "a0"),
        "picture_R": ("picture_R", np.asarray(PICTURE.position.axes[0]), "a0"),
        "picture_p": ("picture_p", np.asarray(PICTURE.momentum.axes[0]), "Eh^1/2"),
    }
    if movie is not None:
        variables |= _frames(every[0], *movie)
    return variables, coordinates, _attributes(settings, found)


def _times(one: Any) -> np.ndarray:
    return femtoseconds(one.course.interval * np.arange(one.course.saves + 1), one.epsilon)


def _series(every: list[Any]) -> dict[str, Any]:
    """What depends on time."""
    wanted = {
        "time": (_times, "fs"),
        "quantum_mean": (lambda one: one.quantum.mean, "a0"),
        "quantum_spread": (lambda one: one.quantum.spread, "a0"),
        "quantum_inside": (lambda one: one.quantum.inside, "1"),
        "ensemble_mean": (lambda one: one.ensemble.seen.mean, "a0"),
        "ensemble_spread": (lambda one: one.ensemble.seen.spread, "a0"),
        "ensemble_inside": (lambda one: one.ensemble.seen.inside, "1"),
        "ensemble_error": (lambda one: one.ensemble.error, "a0"),
        "quantum_square": (lambda one: one.quantum.square, "Eh^2"),
        "ensemble_square": (lambda one: one.ensemble.seen.square, "Eh^2"),
        "w1": (lambda one: _w1(one)[0], "a0"),
        "w1_noise": (lambda one: _w1(one)[1], "a0"),
        "trajectory": (lambda one: one.single, "a0"),
        "autocorrelation": (_autocorrelation, "1"),
    }
    axes = ("isotope", "sample")
    series = columns(axes, every, wanted)
    for name, get in (
        ("quantum_density", lambda one: one.quantum.density),
        ("ensemble_density", lambda one: one.ensemble.seen.density),
    ):
        stack = np.stack([get(one) for one in every]).astype(np.float32)
        series[name] = ((*axes, "R"), stack, "1/a0")
    return series


def _w1(one: Any) -> tuple[Any, Any]:
    """W₁ = ∫|F_QMD − F_MD|dR of the densities in the window, each of mass 1, and its noise (see `transport`)."""

    def distribution(density):
        cumulative = np.cumsum(density, axis=-1)
        return cumulative / cumulative[..., -1:]

    exact, copies = distribution(one.quantum.density), distribution(one.ensemble.copies)
    return transport(exact, copies, one.course.window.cell)


def _gaps(one: Any) -> dict[str, tuple[float, float]]:
    """The largest differences of QMD and MD within the first period, with their sampling errors; W₁ also at the half revival."""
    looks = round(one.composition.period / one.course.interval) + 1
    w1, noise = _w1(one)
    seen = one.ensemble.seen
    found = {}
    for name, gap, error in (
        ("mean", np.abs(one.quantum.mean - seen.mean), one.ensemble.error),
        ("square", np.abs(one.quantum.square - seen.square), one.ensemble.square_error),
        ("w1", w1, 2 * noise),
    ):
        worst = int(np.argmax(gap[:looks]))
        found[f"first_period_{name}"] = float(gap[worst]), float(error[worst])
    there = one.looks["revival"]
    found["revival_w1"] = float(w1[there]), float(2 * noise[there])
    return found


def _autocorrelation(one: Any) -> np.ndarray:
    """|⟨ψ(0), ψ(t)⟩|²."""
    return np.abs(one.waves @ one.waves[0].conj() * one.course.window.cell) ** 2


def _numbers(every: list[Any]) -> dict[str, Any]:
    """One number for each isotope."""
    wanted = {
        "epsilon": (lambda one: one.epsilon, "1"),
        "fundamental": (_fundamental, "cm-1"),
        "period": (lambda one: femtoseconds(one.composition.period, one.epsilon), "fs"),
        "revival_time": (lambda one: femtoseconds(one.composition.revival, one.epsilon), "fs"),
        "mean_level": (lambda one: one.composition.mean_level, "1"),
        "bound_levels": (lambda one: one.composition.bound, "1"),
        "continuum": (lambda one: one.composition.continuum, "1"),
        "collapse_seen": (lambda one: _times(one)[one.looks["collapse"]], "fs"),
        "half_revival_seen": (lambda one: _times(one)[one.looks["revival"]], "fs"),
        "swing_start": (lambda one: _swing(one, "start"), "a0"),
        "swing_collapse": (lambda one: _swing(one, "collapse"), "a0"),
        "swing_revival": (lambda one: _swing(one, "revival"), "a0"),
        "ensemble_swing_revival": (lambda one: _swing(one, "revival", True), "a0"),
        "first_period_gap": (lambda one: _gaps(one)["first_period_mean"][0], "a0"),
        "first_period_square": (lambda one: _gaps(one)["first_period_square"][0], "Eh^2"),
        "first_period_w1": (lambda one: _gaps(one)["first_period_w1"][0], "a0"),
        "revival_w1": (lambda one: _gaps(one)["revival_w1"][0], "a0"),
        "sampling_error": (lambda one: one.errors["sampling"], "a0"),
        "quantum_error": (lambda one: one.errors.get("quantum", np.nan), "a0"),
        "classical_error": (lambda one: one.errors.get("classical", np.nan), "a0"),
        "spectral_tail": (lambda one: one.errors["tail"], "1"),
        "negative_mass": (lambda one: one.errors["negative"], "1"),
    }
    return columns("isotope", every, wanted)


def _fundamental(one: Any) -> float:
    return units.hartree_to_wavenumbers(one.levels.energies[1] - one.levels.energies[0])


def _swing(one: Any, stage: str, ensemble: bool = False) -> float:
    mean = one.ensemble.seen.mean if ensemble else one.quantum.mean
    period = round(one.composition.period / one.course.interval)
    return float(swing(mean, period)[one.looks[stage]])


def _failures(settings: Any, every: list[Any]) -> dict[str, Any]:
    """Times at which MD is first wrong by more than each threshold; NaN where it never is."""

    def times(one, mean):
        gap = np.abs(one.quantum.mean - mean)
        indices = [first_above(gap, threshold) for threshold in settings.thresholds]
        return [np.nan if index is None else float(_times(one)[index]) for index in indices]

    axes, unit = ("isotope", "threshold"), "fs"
    ensemble = [times(one, one.ensemble.seen.mean) for one in every]
    single = [times(one, one.single) for one in every]
    return {
        "failure_time": (axes, np.array(ensemble), unit),
        "trajectory_failure_time": (axes, np.array(single), unit),
    }


def _spectra(every: list[Any]) -> dict[str, Any]:
    """Populations and energies of the bound levels, padded with NaN to the largest number."""
    most = max(one.composition.bound for one in every)

    def padded(values, bound):
        return np.concatenate([values[:bound], np.full(most - bound, np.nan)])

    populations = [padded(one.composition.populations, one.composition.bound) for one in every]
    energies = [padded(one.levels.energies, one.composition.bound) for one in every]
    axes = ("isotope", "level")
    return {
        "population": (axes, np.stack(populations), "1"),
        "energy": (axes, np.stack(energies), "Eh"),
    }


def _frames(one: Any, looks: np.ndarray, frames: np.ndarray) -> dict[str, Any]:
    R, p = (np.asarray(grid.axes[0]) for grid in (FRAMES.position, FRAMES.momentum))
    return {
        "movie": (("frame", "movie_R", "movie_p"), frames.astype(np.float32)),
        "movie_time": ("frame", _times(one)[looks], "fs"),
        "movie_R_axis": ("movie_R", R, "a0"),
        "movie_p_axis": ("movie_p", p, "Eh^1/2"),
    }


def _attributes(settings: Any, found: dict[str, Any]) -> dict[str, Any]:
    """What was run, and the numbers that sum it up, by isotope."""
    attributes: dict[str, Any] = {
        "initial_state": f"{settings.initial} ground state of H2, lifted vertically",
        "constants": H2.reference,
        "particles": settings.particles,
        "upper": settings.upper,
    }
    every = list(found.values())
    numbers, failures = _numbers(every), _failures(settings, every)
    told = ("fundamental", "revival_time", "half_revival_seen", "first_period_gap")
    for number, isotope in enumerate(found):
        for name in told:
            attributes[f"{name}_{isotope}"] = float(numbers[name][1][number])
        for threshold, time in zip(settings.thresholds, failures["failure_time"][1][number]):
            attributes[f"failure_time_{isotope}_{threshold:g}"] = float(time)
    epsilons, gaps = np.array([one.epsilon for one in every]), [_gaps(one) for one in every]
    return attributes | as_attributes(powers(epsilons, gaps))
