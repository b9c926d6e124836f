"""H2+ born by ionisation: a quantum packet, a classical ensemble and a classical trajectory on the 1sσ_g surface.

An electron is taken from H2 at an instant; the vibrational ground state of H2 (Morse, from the constants of Huber and Herzberg)
moves on the surface U of H2+. In the relative coordinate, t = ε·time in atomic units (AFG with ε² = m_e/m_n):

    QMD   iε∂_t u = (−ε²∂_R² + U)u        (J = 0)
    MD    Ṙ = 2P,  Ṗ = −U′(R),            for the Wigner function of the same state, and for its centre alone

Ensemble and packet lose their phase alike; then the levels, being discrete, bring the packet back (a revival, at 4πε/|E″|
and half of it), which no classical ensemble does. One or two per cent dissociate: means are taken over R < `upper`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxwigner import units
from jaxwigner.grid import Grid, fast_length
from jaxwigner.molecules import h2plus, vibration
from jaxwigner.phase_space.ensembles import Cloud, signed_cloud
from jaxwigner.progress import Progress, quiet
from jaxwigner.quantum.levels import Composition, Levels, decompose
from jaxwigner.quantum.levels import levels as bound_levels
from jaxwigner.studies.compare import motions as side_by_side
from jaxwigner.studies.compare.motions import Course, Sampled, Seen
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.h2plus import pictures as h2plus_pictures
from jaxwigner.studies.experiments.h2plus.dataset import entries
from jaxwigner.studies.experiments.h2plus.figures import figures
from jaxwigner.studies.experiments.settings import Keys, demand, isotopes_key, key

MASS = 0.5  # of the relative coordinate, where ħ = ε
DISSOCIATION = -0.5  # U(∞) in Hartree
COPIES = 16


@dataclass(frozen=True)
class Settings(Keys):
    """What is followed, for how long, and in which window of distances."""

    isotopes: tuple[str, ...] = isotopes_key()
    revivals: float = key(
        0.6,
        "duration, in each isotope's revival time: half a revival is seen",
        within=(1e-3, 4.0),
    )
    saves: int = key(400, "times at which a run is looked at", within=(16, 20000))
    steps_per_period: int = key(22, "at least, of the vibration", within=(8, 400))
    initial: str = key("morse", "ground state of H2", choices=("morse", "harmonic"))
    lower: float = key(0.1, "where the window begins; 0.3 is enough without Mu", unit="bohr")
    upper: float = key(12.0, "where the window ends", unit="bohr")
    spacing: float = key(0.05, "of the grid", unit="bohr", within=(5e-3, 0.2))
    particles: int = key(131072, "of the classical ensemble", within=(64 * COPIES, 2**22))
    thresholds: tuple[float, ...] = key(
        (0.05, 0.1, 0.2, 0.4),
        "differences of the mean distances at which MD has failed",
        unit="bohr",
        within=(1e-4, 2.0),
    )
    refine: bool = key(True, "run again with another step, to state the errors")
    animate: bool = key(False, "also a GIF of the first isotope's Wigner function")

    def check(self) -> None:
        """The window lies where the surface is known; each packet, and its outer turning point, in the window."""
        demand(self.lower >= 0.1, "lower", "be at least 0.1, where the surface begins", self.lower)
        demand(self.upper <= 40.0, "upper", "be at most 40", self.upper)
        for isotope in self.isotopes:
            epsilon = units.mass_ratio_epsilon(isotope)
            R = np.linspace(0.02, 12.0, 1200)
            u = np.asarray(vibration.ground_state(R, epsilon, self.initial))
            held = R[u > 2e-4 * u.max()]  # all but about 1e-8 of the packet
            first, last = float(held[0]), float(held[-1])
            low = f"be below {first:.2f}: the packet of {isotope}2 begins there"
            demand(self.lower < first, "lower", low, self.lower)
            high = "be at least 6: the packet must turn inside"
            demand(self.upper >= max(6.0, last), "upper", high, self.upper)
            shortest = float(np.pi * epsilon) / 0.8
            fine = f"be below {shortest:.3f} for the momenta of {isotope}2"
            demand(self.spacing < shortest, "spacing", fine, self.spacing)


class Isotope(NamedTuple):
    """Everything that was found for one isotope; times in the units of the Schrödinger equation."""

    epsilon: float
    course: Course
    composition: Composition
    levels: Levels
    quantum: Seen
    waves: np.ndarray
    ensemble: Sampled
    single: np.ndarray
    looks: dict[str, int]
    errors: dict[str, float]
    pictures: dict[str, np.ndarray]


def run(settings: Settings, progress: Progress = quiet):
    """Quantum packet, classical ensemble and single trajectory for every isotope.

    **Returns:** an `xarray.Dataset` over (isotope, sample): times in femtoseconds, mean distance and spread of the three motions,
    radial densities, Wigner and Husimi functions and the ensemble at the start, the collapse and the revival; levels,
    revival times, when MD fails, and the errors of all that.

    **Raises:** `ValueError` if a quantum run is under-resolved.
    """
    found = {isotope: _follow(settings, isotope, progress) for isotope in settings.isotopes}
    movie = None
    if settings.animate:
        progress("Wigner functions of the animation", 0, 1)
        first = next(iter(found.values()))
        movie = h2plus_pictures.movie(first.course, first.waves, first.looks["revival"])
    return EXPERIMENT.labelled(*entries(settings, found, movie))


def vibrational_levels(settings: Settings, epsilon: float) -> Levels:
    """Levels of H2+ in the window, extended by one half so that the uppermost ones fit.

    >>> from jaxwigner import units
    >>> from jaxwigner.studies.experiments.h2plus import experiment as h2plus
    >>> epsilon = units.mass_ratio_epsilon("H")
    >>> found = h2plus.vibrational_levels(h2plus.Settings(), epsilon)
    >>> round(float(units.hartree_to_wavenumbers(found.energies[1] - found.energies[0])), 1)
    2192.0
    """
    upper = 1.5 * settings.upper
    points = int((upper - settings.lower) / settings.spacing)
    surface = h2plus.surface()
    return bound_levels(lambda R: surface(R), epsilon, settings.lower, upper, points)


def _follow(settings: Settings, isotope: str, progress: Progress) -> Isotope:
    epsilon = units.mass_ratio_epsilon(isotope)
    total = settings.saves
    progress(f"{isotope}2+: levels", 0, total)
    levels = vibrational_levels(settings, epsilon)
    state = vibration.ground_state(levels.distances, epsilon, settings.initial)
    composition = decompose(levels, state, epsilon, DISSOCIATION)
    course = _course(settings, epsilon, composition)
    grid = far_grid(settings, composition.highest, course.duration)
    psi = vibration.ground_state(grid.axes[0], epsilon, settings.initial)
    progress(f"{isotope}2+: Schrödinger equation", 0, total)
    quantum, waves, diagnostics = side_by_side.quantum(course, psi, grid)
    looks = landmarks(quantum, composition, course)
    sample = lambda u: signed_cloud(u, grid, epsilon, settings.particles, COPIES)  # noqa: E731
    cloud = jax.jit(sample)(psi)
    ensemble = side_by_side.classical(
        course,
        cloud,
        tuple(looks.values()),
        lambda done: progress(f"{isotope}2+: molecular dynamics", done, total),
    )
    single = side_by_side.trajectory(course, float(quantum.mean[0]), 0.0)
    progress(f"{isotope}2+: errors and pictures", 0, total)
    errors = {"sampling": float(ensemble.error.max()), "negative": _negative(cloud)}
    errors["tail"] = float(np.max(diagnostics.spectral_tail))
    if settings.refine:
        errors |= _refined(course, psi, grid, quantum, cloud)
    pictures = h2plus_pictures.pictures(course, waves, ensemble, looks)
    return Isotope(
        epsilon,
        course,
        composition,
        levels,
        quantum,
        waves,
        ensemble,
        single,
        looks,
        errors,
        pictures,
    )


def _course(settings: Settings, epsilon: float, composition: Composition) -> Course:
    duration = settings.revivals * composition.revival
    least = settings.steps_per_period * duration / composition.period
    steps = max(1, int(np.ceil(least / settings.saves)))
    window = observed_window(settings)
    return Course(h2plus.surface(), epsilon, MASS, duration, settings.saves, steps, window)


def observed_window(settings: Settings) -> Grid:
    """The distances that are looked at."""
    points = round((settings.upper - settings.lower) / settings.spacing)
    return Grid(settings.lower, settings.lower + points * settings.spacing, points)


def far_grid(settings: Settings, highest: float, duration: float) -> Grid:
    """The window continued as far as the fastest fragments, of energy `highest`, can fly; its outer twentieths stay empty."""
    speed = 2.0 * np.sqrt(max(highest - DISSOCIATION, 0.0))
    length = 1.2 * (settings.upper - settings.lower + speed * duration)
    points = fast_length(int(np.ceil(length / settings.spacing)))
    lower = settings.lower - (points // 18) * settings.spacing
    return Grid(lower, lower + points * settings.spacing, points)


def landmarks(quantum: Seen, composition: Composition, course: Course) -> dict[str, int]:
    """Looks of the start, of the collapse (least swing of ⟨R⟩) and of the half revival (narrowest packet)."""
    times = course.interval * np.arange(course.saves + 1) / composition.revival
    swing = side_by_side.swing(quantum.mean, round(composition.period / course.interval))
    before = np.where(times < 0.4, swing, np.inf)
    about = np.where((times > 0.4) & (times < 0.6), quantum.spread, np.inf)
    # A short run has no revival: the last look stands for it.
    revival = int(np.argmin(about)) if np.isfinite(about).any() else course.saves
    return {"start": 0, "collapse": int(np.argmin(before)), "revival": revival}


def _negative(cloud: Cloud) -> float:
    """Negative mass of the Wigner function: ∫(|W| − W)/2."""
    weights = np.asarray(cloud.weights)
    return float(-np.minimum(weights, 0.0).sum() / len(weights))


def _refined(course: Course, psi: Any, grid: Grid, quantum: Seen, cloud: Cloud) -> dict[str, float]:
    """Errors of ⟨R⟩ by the step, of the packet and of a part of the ensemble: from twice the step, or half of it."""
    longer = course.steps % 2 == 0
    other = replace(course, steps=course.steps // 2 if longer else 2 * course.steps)
    # The method is of order 4: a step twice as long has 16 times the error.
    share = 1 / 15 if longer else 16 / 15
    again = side_by_side.quantum(other, psi, grid)[0]
    part = Cloud(*(values[:2, : min(values.shape[1], 2048)] for values in cloud))
    one, two = (
        side_by_side.classical(each, part, (), lambda done: None).seen for each in (course, other)
    )
    return {
        "quantum": float(share * np.max(np.abs(again.mean - quantum.mean))),
        "classical": float(share * np.max(np.abs(one.mean - two.mean))),
    }


EXPERIMENT = Experiment(
    "h2plus",
    "H2+ after ionisation: quantum packet, classical ensemble, single trajectory",
    Settings,
    run,
    figures,
    "The vibrational ground state of H2, lifted onto the surface of H2+, at the masses of muonium, H, D and T.",
    "h2plus.png",
)
