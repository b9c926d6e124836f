"""The results of the Coulomb explosion as a labelled dataset."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.studies.experiments.explosion.motion import energies
from jaxwigner.studies.experiments.explosion.spins import ground_state_weight
from jaxwigner.studies.experiments.isotopes import columns, femtoseconds

MOMENTS = ("mean", "standard deviation", "skewness")
STAGES = 4  # densities that are shown, equal times apart
MOVIE = 60  # frames
SEEN = {
    "r12": ("mean distance of two nuclei", "a0"),
    "spread": ("its standard deviation", "a0"),
    "R": ("mean distance of the third from their middle", "a0"),
    "cos2": ("mean cos^2 of the angle between both", "1"),
    "singular": ("mean repulsion", "Eh"),
    "square": ("mean square of it", "Eh^2"),
}


def entries(settings: Any, found: dict[str, Any]) -> tuple[dict, dict, dict]:
    """Variables over (isotope, energy or lag or moment) and of the first isotope's motion; coordinates; attributes."""
    every = list(found.values())
    first = every[0]
    variables = _energies(settings, every) | _numbers(found) | _motion(settings, first)
    variables |= _densities(first)
    if settings.animate:
        variables |= _movie(settings, first)
    coordinates = {
        "isotope": list(found),
        "energy": ("energy", energies(settings), "eV"),
        "moment": list(MOMENTS),
        "R": ("R", np.asarray(first.system.R), "a0"),
        "r": ("r", np.asarray(first.system.r), "a0"),
    }
    return variables, coordinates, _attributes(settings, found)


def _femtoseconds(settings: Any, one: Any, looks: Any) -> np.ndarray:
    scaled = settings.interval * np.asarray(looks)
    return femtoseconds(scaled, one.epsilon)


def _energies(settings: Any, every: list[Any]) -> dict[str, Any]:
    """P(E) and what it was made of."""
    axes = ("isotope", "energy")
    copies = np.stack([one.classical.density for one in every])
    half = copies.shape[1] // 2
    apart = copies[:, :half].mean(axis=1) - copies[:, half:].mean(axis=1)
    variables: dict[str, Any] = {
        "quantum_release": (axes, np.stack([one.quantum.density for one in every]), "1/eV"),
        "classical_release": (axes, copies.mean(axis=1), "1/eV"),
        "classical_noise": (axes, 0.5 * abs(apart), "1/eV"),
    }
    cell = np.diff(energies(settings))[0]
    gap = variables["quantum_release"][1] - variables["classical_release"][1]
    told = "integral of |P_QM - P_MD|"
    variables["release_gap"] = ("isotope", abs(gap).sum(axis=1) * cell, "", told)
    variables["release_gap_noise"] = ("isotope", 0.5 * abs(apart).sum(axis=1) * cell)
    for kind in ("quantum", "classical"):
        released = [getattr(one, kind) for one in every]
        axes = ("isotope", "moment")
        variables[f"{kind}_moments"] = (axes, np.stack([one.moments for one in released]))
        variables[f"{kind}_moments_error"] = (axes, np.stack([one.errors for one in released]))
        longest = max(one.quantum.correlation.size for one in every)
        padded = [abs(one.correlation) for one in released]
        padded = [np.pad(one, (0, longest - one.size), constant_values=np.nan) for one in padded]
        variables[f"{kind}_autocorrelation"] = (("isotope", "lag"), np.stack(padded))
    lags = _femtoseconds(settings, every[0], 2 * np.arange(longest))
    scale = [one.epsilon / every[0].epsilon for one in every]
    variables["lag_time"] = (("isotope", "lag"), np.stack([lags / s for s in scale]), "fs")
    return variables


def _numbers(found: dict[str, Any]) -> dict[str, Any]:
    """One number for each isotope."""
    every = list(found.values())
    wanted = {
        "epsilon": (lambda one: one.epsilon, ""),
        "spectral_tail": (lambda one: one.numbers["tail"], ""),
        "norm_error": (lambda one: one.numbers["norm"], ""),
        "angles": (lambda one: one.system.shape[0], ""),
        "points_R": (lambda one: one.system.shape[1], ""),
        "points_r": (lambda one: one.system.shape[2], ""),
        "length_R": (lambda one: one.system.radii[0].length, "a0"),
        "length_r": (lambda one: one.system.radii[1].length, "a0"),
    }
    variables = columns("isotope", every, wanted)
    weights = np.array([ground_state_weight(isotope) for isotope in found])
    told = "spin states with which nature allows the state (0: it does not occur)"
    variables["spin_weight"] = ("isotope", weights, "", told)
    return variables


def _motion(settings: Any, first: Any) -> dict[str, Any]:
    """Means of the first isotope over time, with the sampling errors of the classical ones."""
    quantum, classical = first.moved
    looks = np.arange(quantum.series["r12"].size)
    variables: dict[str, Any] = {
        "time": ("sample", _femtoseconds(settings, first, looks), "fs"),
        "scaled_time": ("sample", settings.interval * looks),
        "square_bound": ((), quantum.numbers["bound"], "Eh^2"),
    }
    for name, (text, unit) in SEEN.items():
        for kind, moved in (("quantum", quantum), ("classical", classical)):
            variables[f"{kind}_{name}"] = ("sample", moved.series[name], unit, text)
        if name in classical.errors:
            variables[f"classical_{name}_error"] = ("sample", classical.errors[name], unit)
    return variables


def _densities(first: Any) -> dict[str, Any]:
    """In the plane (R, r), equal times apart."""
    looks = np.linspace(0, first.moved[0].density.shape[0] - 1, STAGES).round().astype(int)
    variables: dict[str, Any] = {"stage_sample": ("stage", looks)}
    for kind, moved in zip(("quantum", "classical"), first.moved):
        picture = moved.density[looks].astype(np.float32)
        variables[f"{kind}_density"] = (("stage", "R", "r"), picture, "1/a0^2")
    return variables


def _movie(settings: Any, first: Any) -> dict[str, Any]:
    density = first.moved[0].density
    looks = np.unique(np.linspace(0, len(density) - 1, MOVIE).round().astype(int))
    frames = density[looks].astype(np.float32)
    return {
        "movie": (("frame", "R", "r"), frames, "1/a0^2"),
        "movie_time": ("frame", _femtoseconds(settings, first, looks), "fs"),
    }


def _attributes(settings: Any, found: dict[str, Any]) -> dict[str, Any]:
    """What was run, and the numbers that sum it up."""
    attributes: dict[str, Any] = {
        "initial_state": "harmonic ground state of the ion, J = 0",
        "distance": settings.distance,
        "breathing": settings.breathing,
        "bending": settings.bending,
        "particles": settings.particles,
    }
    for isotope, one in found.items():
        for kind, released in (("quantum", one.quantum), ("classical", one.classical)):
            for name, value in zip(MOMENTS, released.moments):
                attributes[f"{kind}_{name.replace(' ', '_')}_{isotope}"] = float(value)
    return attributes
