"""The Franck–Condon packet on the H2+ surface: quantum dynamics, the Wigner-sampled ensemble, one trajectory.

Photoionisation lifts the vibrational ground state of H2 onto the 1sσ_g surface of H2+ faster than the nuclei move. The packet then
follows iε ∂_tψ = −ε²ψ″ + U(R)ψ at the physical ε = (m_e/m_n)^{1/2} (AFG (SE), (2); relative motion: mass ½). Molecular dynamics is
right until quantum levels are resolved: the packet collapses in both, but only quantum mechanics lets it revive at T_rev/2.

H2 constants: K. P. Huber, G. Herzberg, Constants of Diatomic Molecules (1979), X ¹Σg⁺ of H2, as in the NIST WebBook:
ω_e = 4401.21 cm⁻¹, ω_ex_e = 121.33 cm⁻¹, R_e = 0.74144 Å. The ground state is that of the Morse curve with these constants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner import units
from jaxwigner._checks import check_choice, check_integer, check_positive_scalar, require
from jaxwigner.classical import Newton
from jaxwigner.evolution import Evolution
from jaxwigner.grid import Grid, PhaseGrid, fast_length
from jaxwigner.molecules import h2plus
from jaxwigner.phase_space import wigner
from jaxwigner.quantum import Schrodinger
from jaxwigner.splitting import evolve
from jaxwigner.states import Particles
from jaxwigner.studies.vibration import MorseState, Spectrum, levels, spectrum, wigner_sample

OMEGA, ANHARMONICITY, EQUILIBRIUM = 4401.21, 121.33, 0.74144  # cm⁻¹, cm⁻¹, Å
MASS = 0.5  # of the relative motion of two equal nuclei, in units of one of them
TOGETHER = 12.0  # bohr: molecules nearer than this have not dissociated
DISSOCIATION = -0.5  # Hartree
CEILING = 2.0  # Hartree: far above every energy in the packet
BINS = Grid(0.6, 9.0, 336)  # of the radial densities
WINDOW = PhaseGrid(Grid(0.6, 7.0, 256), Grid(-0.55, 0.55, 192))
LEGS = 3  # start → collapse → revival → end
QUANTUM_STEPS, CLASSICAL_STEPS = 100, 24  # per vibrational period
MOMENTS = ("start", "collapse", "first revival")


@dataclass(frozen=True)
class Settings:
    """Settings of the experiment; see configs/h2plus.toml for their meaning."""

    isotopes: tuple[str, ...] = ("H", "D", "T")
    revivals: float = 0.6
    frames: int = 480
    particles: int = 131072
    lower: float = 0.3
    upper: float = 380.0
    momentum: float = 1.0
    threshold: float = 0.1
    animate: bool = False

    def __post_init__(self):
        for isotope in self.isotopes:
            check_choice("isotopes", isotope, units.NUCLEAR_MASSES)
        for name in ("revivals", "lower", "momentum", "threshold"):
            check_positive_scalar(name, getattr(self, name))
        for name, least in (("frames", 30), ("particles", 16)):
            check_integer(name, getattr(self, name), at_least=least)
        require(0.1 <= self.lower <= 0.6, "lower", "lie between 0.1 and 0.6 bohr", self.lower)
        must = "hold the packet and the radial densities: at least 12 bohr"
        require(self.upper >= TOGETHER, "upper", must, self.upper)
        require(0.1 < self.revivals <= 3, "revivals", "lie between 0.1 and 3", self.revivals)


def run(settings: Settings, progress: Callable[[str, int, int], None]):
    """All isotopes, as an `xarray.Dataset` over (isotope, frame, R)."""
    import xarray

    parts, total = [], len(settings.isotopes)
    for number, isotope in enumerate(settings.isotopes):
        parts.append(_isotope(isotope, settings, lambda stage, n=number: progress(stage, n, total)))
    dataset = xarray.concat(parts, xarray.DataArray(list(settings.isotopes), dims="isotope", name="isotope"))
    for name, (unit, text) in _UNITS.items():
        dataset[name].attrs = {"units": unit, "long_name": text}
    dataset.attrs = {
        "experiment": "h2plus",
        "title": "Franck–Condon packet on the H2+ surface",
        "threshold": settings.threshold,
        "together": TOGETHER,
        "animate": int(settings.animate),
        "source": "H2 constants: Huber & Herzberg 1979 (NIST WebBook)",
        **_summary(dataset),
    }
    return dataset


_UNITS = {
    "time": ("fs", "time"),
    "mean_quantum": ("bohr", "⟨R⟩, quantum"),
    "mean_ensemble": ("bohr", "⟨R⟩, classical ensemble"),
    "single": ("bohr", "R of one trajectory"),
    "spread_quantum": ("bohr", "spread of R, quantum"),
    "spread_ensemble": ("bohr", "spread of R, ensemble"),
    "density_quantum": ("1/bohr", "radial density, quantum"),
    "density_ensemble": ("1/bohr", "radial density, ensemble"),
    "R": ("bohr", "distance of the nuclei"),
    "fundamental": ("1/cm", "fundamental of H2+"),
    "revival_time": ("fs", "revival time"),
    "period": ("fs", "vibrational period"),
    "fails_ensemble": ("fs", "when the ensemble stops being right"),
    "fails_single": ("fs", "when one trajectory stops being right"),
}


def _summary(dataset: Any) -> dict[str, float]:
    """The numbers of every isotope, for the table that is printed."""
    names = (
        "epsilon",
        "fundamental",
        "fundamental_error",
        "bound_share",
        "mean_level",
        "period",
        "revival_time",
        "collapse_time",
        "observed_revival",
        "fails_ensemble",
        "fails_single",
        "step_error",
        "sampling_error",
        "negative_weight",
    )
    return {
        f"{name}_{isotope}": float(dataset[name].sel(isotope=isotope))
        for isotope in dataset.isotope.values
        for name in names
    }


# --------------------------------------------------------------------------------------------------------------------


def _isotope(isotope: str, settings: Settings, report: Callable[[str], None]):
    """One isotope: levels, packet, the three dynamics, the phase-space pictures."""
    import xarray

    epsilon = units.mass_ratio_epsilon(isotope)
    potential = h2plus.surface(lower=settings.lower)
    report(f"{isotope}2+: levels")
    state = MorseState.from_constants(
        OMEGA,
        ANHARMONICITY,
        float(units.angstroms_to_bohr(EQUILIBRIUM)),
        epsilon,
        units.mass_ratio_epsilon("H"),
    )
    spectral, fundamental_error = _spectrum(potential, epsilon, state)
    grid = _box(settings, epsilon)
    # Inside the wall the wave is zero; its height there would only force shorter steps.
    values = jnp.minimum(potential(jnp.asarray(grid.axes[0])), CEILING)
    system = Schrodinger(grid, values, epsilon, MASS)
    psi = jnp.asarray(state(jnp.asarray(grid.axes[0])), complex)
    rho = np.abs(np.asarray(psi)) ** 2 * grid.cell
    mean = float(rho @ grid.axes[0])
    spread = float(np.sqrt(rho @ (grid.axes[0] - mean) ** 2))

    report(f"{isotope}2+: collapse and revival")
    scale = float(units.scaled_time(1.0, epsilon))  # scaled units per atomic unit of time
    whole = settings.revivals * spectral.revival
    times, means = _means(system, psi, whole * scale, spectral.period * scale, settings.frames)
    step_error = _step_error(system, psi, whole * scale, spectral.period * scale, means)
    ends = np.array([*_collapse_and_revival(times / scale, means, spectral), whole])

    report(f"{isotope}2+: quantum dynamics")
    period = spectral.period * scale
    quantum = _legs(system, psi, ends * scale, period, settings.frames, _quantum_view(grid))
    report(f"{isotope}2+: classical ensemble")
    R, p, weights = jax.jit(
        lambda: wigner_sample(state, mean, spread, epsilon, settings.particles)
    )()
    newton = Newton(potential, MASS)
    cloud = Particles(jnp.full(R.shape, 1 / R.size), R, p)
    view = _ensemble_view(weights)
    ensemble = _legs(newton, cloud, ends * scale, period, settings.frames, view)
    one = Particles(jnp.ones(1), jnp.array([mean]), jnp.zeros(1))
    single = _legs(newton, one, ends * scale, period, settings.frames, lambda z: z.positions[0, 0])

    femto = float(units.atomic_to_femtoseconds(1.0)) / scale
    time = quantum["times"] * femto
    quantum_seen, ensemble_seen = quantum["observed"], ensemble["observed"]
    pictures = [
        np.asarray(jax.jit(lambda u: wigner(u, grid, WINDOW, epsilon))(u))
        for u in (psi, *quantum["states"][:2])
    ]
    clouds = [_histogram(z, weights) for z in (cloud, *ensemble["states"][:2])]
    gap = np.abs(quantum_seen["mean"] - ensemble_seen["mean"])
    lonely = np.abs(quantum_seen["mean"] - single["observed"])
    frame = ("frame",)
    return xarray.Dataset(
        {
            "time": (frame, time),
            "mean_quantum": (frame, quantum_seen["mean"]),
            "spread_quantum": (frame, quantum_seen["spread"]),
            "together_quantum": (frame, quantum_seen["together"]),
            "density_quantum": (("frame", "R"), quantum_seen["density"]),
            "mean_ensemble": (frame, ensemble_seen["mean"]),
            "spread_ensemble": (frame, ensemble_seen["spread"]),
            "together_ensemble": (frame, ensemble_seen["together"]),
            "density_ensemble": (("frame", "R"), ensemble_seen["density"]),
            "single": (frame, single["observed"]),
            "wigner": (("moment", "Rw", "p"), np.array(pictures)),
            "liouville": (("moment", "Rw", "p"), np.array(clouds)),
            "moment_time": (("moment",), np.array([0.0, *(ends[:2] * scale * femto)])),
            "epsilon": epsilon,
            "fundamental": spectral.fundamental,
            "fundamental_error": fundamental_error,
            "bound_share": spectral.bound,
            "mean_level": spectral.mean_level,
            "period": spectral.period * scale * femto,
            "revival_time": spectral.revival * scale * femto,
            "collapse_time": ends[0] * scale * femto,
            "observed_revival": ends[1] * scale * femto,
            "fails_ensemble": _first_above(time, gap, settings.threshold),
            "fails_single": _first_above(time, lonely, settings.threshold),
            "step_error": step_error,
            "sampling_error": _sampling_error(R, weights, mean),
            "negative_weight": float(-jnp.sum(jnp.minimum(weights, 0))),
        },
        {
            "R": np.asarray(BINS.axes[0]) + 0.5 * BINS.spacing[0],
            "Rw": np.asarray(WINDOW.position.axes[0]),
            "p": np.asarray(WINDOW.momentum.axes[0]),
            "moment": list(MOMENTS),
        },
    )


def _box(settings: Settings, epsilon: float) -> Grid:
    """A box whose outer twentieth, which must stay empty, ends at `lower`, inside the repulsive wall.

    Times grow like 1/ε² and speeds like ε, so that the dissociating part of a heavier isotope gets further, like 1/ε.
    """
    upper = settings.upper * units.mass_ratio_epsilon("H") / epsilon
    start = (settings.lower - 0.05 * upper) / 0.95
    points = (upper - start) * settings.momentum / (np.pi * epsilon)
    return Grid(start, upper, fast_length(int(np.ceil(points))))


def _spectrum(potential, epsilon: float, state: MorseState) -> tuple[Spectrum, float]:
    """Levels of H2+ and the packet among them; the fundamental's error from a coarser basis."""
    results = []
    for points in (420, 360):
        nodes, energies, functions = levels(potential, epsilon, 0.3, 16.0, points)
        overlaps = functions.T @ np.asarray(state(jnp.asarray(nodes))) * (nodes[1] - nodes[0])
        results.append(spectrum(energies, overlaps, DISSOCIATION))
    return results[0], abs(results[0].fundamental - results[1].fundamental)


def _means(system, psi, duration: float, period: float, frames: int, refine: int = 1):
    """⟨R⟩ of the molecules still together, at equal times."""
    view = _quantum_view(system.grid)
    steps = refine * int(np.ceil(QUANTUM_STEPS * duration / period))

    def program(psi):
        return evolve(
            system,
            psi,
            duration=duration,
            steps=steps,
            saves=frames,
            observe=lambda u: view(u)["mean"],
            throw=False,
        )

    result = jax.jit(program)(psi)
    result.check()
    return np.asarray(result.times), np.asarray(result.observed)


def _step_error(system, psi, duration: float, period: float, means: np.ndarray) -> float:
    """Largest change of ⟨R⟩ when the step is halved."""
    frames = means.size - 1
    _, finer = _means(system, psi, duration, period, frames, refine=2)
    return float(np.max(np.abs(finer - means)))


def _collapse_and_revival(times, means, spectral: Spectrum) -> tuple[float, float]:
    """Times (atomic units) where the oscillation of ⟨R⟩ is smallest before T_rev/2 and largest about it."""
    window = max(3, round(spectral.period / (times[1] - times[0])))
    padded = np.lib.stride_tricks.sliding_window_view(means, window)
    envelope = padded.max(axis=1) - padded.min(axis=1)
    centres = times[: envelope.size] + 0.5 * spectral.period
    half = 0.5 * spectral.revival
    before = (centres > 0.02 * spectral.revival) & (centres < 0.45 * spectral.revival)
    about = (centres >= 0.9 * half) & (centres <= 1.15 * half)
    require(np.any(before), "revivals", "be long enough to see the collapse", float(times[-1]))
    collapse = float(centres[before][np.argmin(envelope[before])])
    revival = centres[about][np.argmax(envelope[about])] if np.any(about) else 0.98 * times[-1]
    return collapse, float(revival)


def _legs(system, state, ends, period: float, frames: int, view) -> dict[str, Any]:
    """Evolve from end to end, compiled once for all legs; states at the ends, observables at all frames."""
    share = frames // LEGS

    def leg(state, duration, steps):
        return evolve(
            system, state, duration=duration, steps=steps, saves=share, observe=view, throw=False
        )

    program = jax.jit(leg)
    per_period = QUANTUM_STEPS if isinstance(system, Schrodinger) else CLASSICAL_STEPS
    times, observed, states = [], [], []
    for start, end in zip([0.0, *ends[:-1]], ends):
        steps = int(np.ceil(per_period * (end - start) / period))
        result = program(state, end - start, jnp.asarray(steps))
        result.check()
        state = result.state
        skip = 0 if not times else 1
        times.append(start + np.asarray(result.times)[skip:])
        observed.append(jax.tree.map(lambda a, skip=skip: np.asarray(a)[skip:], result.observed))
        states.append(state)
    joined = jax.tree.map(lambda *parts: np.concatenate(parts), *observed)
    return {"times": np.concatenate(times), "observed": joined, "states": states}


def _quantum_view(grid: Grid) -> Callable:
    """Mean, spread and share of the molecules still together, and the radial density in bins."""
    R = np.asarray(grid.axes[0])
    near = R < TOGETHER
    fraction = (R - BINS.lower[0]) / BINS.spacing[0]
    edges = np.arange(BINS.points[0] + 1)

    def view(psi):
        rho = jnp.abs(psi) ** 2 * grid.cell
        cumulative = jnp.interp(edges, fraction + 0.5 * grid.spacing[0] / BINS.spacing[0], jnp.cumsum(rho))
        return _moments(jnp.where(near, rho, 0.0), R) | {
            "density": jnp.diff(cumulative) / BINS.spacing[0]
        }

    return view


def _ensemble_view(weights) -> Callable:
    """The same of weighted trajectories."""

    def view(particles: Particles):
        R = particles.positions[:, 0]
        share = jnp.where(R < TOGETHER, weights, 0.0)
        bins = jnp.floor((R - BINS.lower[0]) / BINS.spacing[0]).astype(int)
        inside = (bins >= 0) & (bins < BINS.points[0])
        counts = jnp.zeros(BINS.points[0]).at[jnp.where(inside, bins, 0)].add(
            jnp.where(inside, weights, 0.0)
        )
        return _moments(share, R) | {"density": counts / BINS.spacing[0]}

    return view


def _moments(share, R) -> dict[str, Any]:
    together = jnp.sum(share)
    mean = jnp.sum(share * R) / together
    return {
        "mean": mean,
        "spread": jnp.sqrt(jnp.maximum(jnp.sum(share * (R - mean) ** 2) / together, 0.0)),
        "together": together,
    }


def _histogram(particles: Particles, weights) -> np.ndarray:
    """The ensemble as a density on the window of the Wigner pictures."""
    axes = []
    for grid in (WINDOW.position, WINDOW.momentum):
        axis, step = np.asarray(grid.axes[0]), grid.spacing[0]
        axes.append(np.append(axis - 0.5 * step, axis[-1] + 0.5 * step))
    counts, _, _ = np.histogram2d(
        np.asarray(particles.positions[:, 0]),
        np.asarray(particles.momenta[:, 0]),
        bins=axes,
        weights=np.asarray(weights),
    )
    return counts / float(WINDOW.cell)


def _first_above(time: np.ndarray, values: np.ndarray, threshold: float) -> float:
    """The first time at which `values` exceeds the threshold; NaN if it never does."""
    above = np.nonzero(values > threshold)[0]
    return float(time[above[0]]) if above.size else float("nan")


def _sampling_error(R, weights, mean: float) -> float:
    """Error of the ensemble's ⟨R⟩ at the start, where the exact value is known."""
    return float(abs(jnp.sum(weights * R) / jnp.sum(weights) - mean))
