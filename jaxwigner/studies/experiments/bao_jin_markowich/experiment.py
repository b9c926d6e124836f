"""Example 1 of Bao, Jin and Markowich, J. Comput. Phys. 175 (2002) 487: a focusing WKB state, followed past its caustic.

    ψ_0 = √ρ_0 e^{iS_0/ε},   √ρ_0 = e^{−25(x−½)²},   S_0 = −(1/5) ln(e^{5(x−½)} + e^{−5(x−½)}),   U constant

(not normalised). As ε → 0 the Wigner measure is ρ_0(x) δ(p − S_0′(x)) transported freely: mass at y goes to y + tS_0′(y), with
momentum S_0′(y) = −tanh 5(y−½). From the caustic time −1/min S_0″ = 1/5 on it is multivalued: density and current converge
only weakly. With U constant free motion gives exactly

    ∫ρ_ε(t,x) e^{ikx} dx = ∫ψ_0*(x−h) ψ_0(x+h) e^{ikx} dx,   h = εkt/2,

whose integrand is even in ε: against a fixed analytic function the error is O(ε²). In the Wasserstein distance W_1, where test
functions are only Lipschitz, the oscillations of wavelength ε count for O(ε), at the caustic for O(ε log 1/ε).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner import observables
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, PhaseGrid, fast_length
from jaxwigner.phase_space import husimi, wigner
from jaxwigner.potentials import Harmonic
from jaxwigner.progress import Progress, quiet
from jaxwigner.quantum import Schrodinger
from jaxwigner.studies.experiments.bao_jin_markowich.figures import figures
from jaxwigner.studies.experiments.bao_jin_markowich.state import (
    CAUSTIC_TIME,
    LABELS,
    closed_form,
    initial_state,
    limit,
    limit_observables,
    slope,
)
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, demand, key
from jaxwigner.theorems import fitted_rate

TAIL = 60.0  # half-width of the spectrum of √ρ_0 down to 1e-16
ERRORS = ("observable", "current_observable", "density", "current", "transport")
PIXELS = (360, 420)


@dataclass(frozen=True)
class Settings(Keys):
    """Lengths, times and ε without units."""

    epsilons: tuple[float, ...] = key(
        (0.0256, 0.0064, 0.0016, 0.0004, 0.0001),
        "their ε, the ħ of this library",
        within=(2e-5, 0.5),
        least=3,
        distinct=True,
    )
    time: float = key(0.54, "the caustic forms at 0.2", within=(0.0, 10.0))
    potential: float = key(10.0, "constant, so that splitting is exact", within=(-1e6, 1e6))
    lower: float = key(-1.0, "where the periodic box begins", within=(-100.0, 100.0))
    upper: float = key(2.0, "where it ends", within=(-100.0, 100.0))
    smoothing: float = key(
        0.05, "standard deviation at which densities are compared", within=(1e-3, 0.5)
    )
    picture_epsilon: float = key(0.0032, "of the phase-space pictures", within=(5e-4, 0.5))

    def check(self) -> None:
        """Momenta lie in (−1, 1): the packet, of half-width 0.8, cannot leave [½ − 0.8 − t, ½ + 0.8 + t]."""
        reach = 0.8 + max(0.0, self.time - 2 * CAUSTIC_TIME)
        fits = f"the packet, at ½ ± {reach:g}, fits into the box"
        low, high = 0.5 - reach, 0.5 + reach
        demand(self.lower <= low, "lower", f"be at most {low:g}: {fits}", self.lower)
        demand(self.upper >= high, "upper", f"be at least {high:g}: {fits}", self.upper)


def grid_for(settings: Settings, epsilon: float) -> Grid:
    """The grid whose wavenumbers hold momenta in (−1, 1) and the tail of the envelope, with a fifth to spare."""
    highest = 1.2 * (1.0 / epsilon + TAIL)
    points = (settings.upper - settings.lower) * highest / np.pi
    return Grid(settings.lower, settings.upper, fast_length(int(np.ceil(points / 2))) * 2)


def measure_limit(grid: Grid, time: Any, width: float) -> dict[str, Any]:
    """The limit: masses pushed into the cells of the grid, low Fourier modes of density and current, both observables."""
    pushed = limit(time)
    low, cell = grid.lower[0], grid.cell
    # A point mass is shared between its two neighbours: mean position and mass are kept.
    place = (pushed.positions - low) / cell
    left = jnp.floor(place).astype(int)
    share = place - left

    def deposit(masses):
        empty = jnp.zeros(grid.shape)
        filled = empty.at[left].add(masses * (1 - share))
        return filled.at[left + 1].add(masses * share) / cell

    observable, moving = limit_observables(time)
    return {
        "density": deposit(pushed.masses),
        "current": deposit(pushed.masses * pushed.momenta),
        "modes": _modes_of_limit(grid, time, width),
        "observable": observable,
        "current_observable": moving,
    }


def _modes(grid: Grid, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Wavenumbers ≥ 0 that a Gaussian mean of that width lets pass, and by how much."""
    spacing = 2 * np.pi / grid.length[0]
    k = spacing * np.arange(min(int(7.0 / (width * spacing)), grid.points[0] // 2))
    return k, np.exp(-0.5 * (width * k) ** 2)


def _modes_of_limit(grid: Grid, time: Any, width: float) -> Any:
    """∫e^{−ik(x−lower)} of density and current: exact, where masses in cells would be off by the square of the cell."""
    k, _ = _modes(grid, width)
    pushed = limit(time, LABELS // 32)
    offsets = pushed.positions - grid.lower[0]
    waves = jnp.exp(-1j * jnp.asarray(k)[:, None] * offsets[None, :])
    masses = jnp.stack([pushed.masses, pushed.masses * pushed.momenta])
    return jnp.einsum("kl,fl->fk", waves, masses + 0j)


def measure_quantum(settings: Settings, grid: Grid, epsilon: Any) -> tuple[dict[str, Any], Any]:
    """Density, current and both observables at the final time; and the diagnostics of the run."""
    (x,) = grid.mesh
    system = Schrodinger(grid, jnp.full(grid.shape, settings.potential), epsilon)
    start = initial_state(x, epsilon)
    # Kick and drift commute: one step of any length is exact.
    run = evolve(
        system, start, duration=settings.time, steps=1, method="strang", saves=1, throw=False
    )
    rho = observables.position_density(run.state, grid)
    (current,) = observables.current(run.state, grid, epsilon)
    found = {
        "density": rho,
        "current": current,
        "observable": jnp.sum(jnp.cos(2 * jnp.pi * x) * rho) * grid.cell,
        "current_observable": jnp.sum(jnp.sin(2 * jnp.pi * x) * current) * grid.cell,
        "closed_form": closed_form(grid, settings.time, epsilon),
    }
    return found, run.diagnostics


def distances(found: Any, expected: Any, grid: Grid, width: float) -> dict[str, Any]:
    """How far a result is from the limit, in each of `ERRORS`."""
    k, damping = _modes(grid, width)
    fields = jnp.stack([found["density"], found["current"]])
    modes = jnp.fft.rfft(fields)[:, : k.size] * grid.cell - expected["modes"]
    smooth = jnp.fft.irfft(damping[None, :] * modes, n=grid.points[0]) / grid.cell
    density, current = jnp.max(jnp.abs(smooth), axis=1)
    excess = jnp.cumsum(found["density"] - expected["density"]) * grid.cell
    return {
        "observable": jnp.abs(found["observable"] - expected["observable"]),
        "current_observable": jnp.abs(found["current_observable"] - expected["current_observable"]),
        "density": density,
        "current": current,
        # W_1 on a line is the L¹ distance of the distribution functions.
        "transport": jnp.sum(jnp.abs(excess)) * grid.cell,
    }


def run(settings: Settings, progress: Progress = quiet):
    """Density, current and ∫ρ cos 2πx for every ε, against the limit ε → 0.

    **Returns:** an `xarray.Dataset`: `density` and `current` over (epsilon, x) and of the limit, `error_…` over epsilon, Wigner and
    Husimi functions at one ε; attributes `rate_…` with their 95 % intervals.

    **Raises:** `ValueError` if a run is under-resolved.
    """
    finest = grid_for(settings, min(settings.epsilons))
    # The time is an argument, lest the compiler work the whole measure out itself, slowly.
    expected = jax.jit(lambda time: measure_limit(finest, time, settings.smoothing))(settings.time)

    @jax.jit
    def program(epsilon):
        found, diagnostics = measure_quantum(settings, finest, epsilon)
        return found, distances(found, expected, finest, settings.smoothing), diagnostics

    results = []
    for number, epsilon in enumerate(settings.epsilons):
        progress("Schrödinger equations", number, len(settings.epsilons))
        found, errors, diagnostics = jax.device_get(program(epsilon))
        if diagnostics.complaint():
            raise ValueError(f"Run at ε = {epsilon:g} is under-resolved: {diagnostics.complaint()}")
        results.append((found, errors, diagnostics))
    progress("phase-space pictures", 0, 1)
    picture = _picture(settings)
    return _dataset(settings, finest, jax.device_get(expected), results, picture)


class Picture(NamedTuple):
    """Wigner and Husimi functions on a window of phase space."""

    grid: PhaseGrid
    wigner: np.ndarray
    husimi: np.ndarray


def _picture(settings: Settings) -> Picture:
    epsilon = settings.picture_epsilon
    grid = grid_for(settings, epsilon)
    window = PhaseGrid(Grid(0.1, 0.9, PIXELS[0]), Grid(-1.05, 1.05, PIXELS[1]))

    def program():
        system = Schrodinger(grid, Harmonic(0.0), epsilon)
        psi = system.drift(initial_state(grid.mesh[0], epsilon), settings.time)
        return wigner(psi, grid, window, epsilon), husimi(psi, grid, window, epsilon)

    return Picture(window, *jax.device_get(jax.jit(program)()))


def _stacked(results: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """One array over ε for each quantity."""
    return {name: np.stack([one[name] for one in results]) for name in results[0]}


def _dataset(settings, grid, expected, results, picture):
    found, errors = _stacked([one[0] for one in results]), _stacked([one[1] for one in results])
    diagnostics = [one[2] for one in results]
    window = picture.grid
    labels = np.linspace(0.1, 0.9, 801)
    variables = {
        "density": (("epsilon", "x"), found["density"], "", "density ρ"),
        "current": (("epsilon", "x"), found["current"], "", "current J"),
        "limit_density": ("x", expected["density"], "", "density ρ, ε → 0"),
        "limit_current": ("x", expected["current"], "", "current J, ε → 0"),
        "observable": ("epsilon", found["observable"], "", "∫ρ cos 2πx dx"),
        "closed_form": ("epsilon", found["closed_form"], "", "∫ρ cos 2πx dx, exact"),
        "wigner": (("picture_x", "picture_p"), picture.wigner),
        "husimi": (("picture_x", "picture_p"), picture.husimi),
        "curve_x": ("label", labels + settings.time * np.asarray(slope(labels))),
        "curve_p": ("label", np.asarray(slope(labels))),
    }
    for name in ERRORS:
        variables[f"error_{name}"] = ("epsilon", errors[name])
    coordinates = {
        "epsilon": ("epsilon", np.array(settings.epsilons), "1", "ε (ħ)"),
        "x": ("x", np.asarray(grid.axes[0]), "1"),
        "picture_x": np.asarray(window.position.axes[0]),
        "picture_p": np.asarray(window.momentum.axes[0]),
        "label": labels,
    }
    attributes = _attributes(settings, grid, expected, found, errors, diagnostics)
    return EXPERIMENT.labelled(variables, coordinates, attributes)


def _attributes(settings, grid, expected, found, errors, diagnostics) -> dict[str, Any]:
    """Everything that sums the experiment up in a number."""
    attributes = {
        "reference": "W. Bao, S. Jin, P. A. Markowich, J. Comput. Phys. 175 (2002) 487, Example 1",
        "time": settings.time,
        "caustic_time": CAUSTIC_TIME,
        "smoothing": settings.smoothing,
        "picture_epsilon": settings.picture_epsilon,
        "points": grid.points[0],
        "splitting_error": "none: the potential is constant",
        "limit_observable": float(expected["observable"]),
        "limit_current_observable": float(expected["current_observable"]),
        "largest_gap_to_closed_form": float(
            np.max(np.abs(found["observable"] - found["closed_form"]))
        ),
        "largest_spectral_tail": max(float(np.max(one.spectral_tail)) for one in diagnostics),
    }
    for name in ERRORS:
        fit = fitted_rate(jnp.array(settings.epsilons), jnp.asarray(errors[name]))
        attributes[f"rate_{name}"] = float(fit.centre)
        attributes[f"rate_{name}_interval"] = [float(fit.lower), float(fit.upper)]
    return attributes


EXPERIMENT = Experiment(
    "bao-jin-markowich",
    "Bao, Jin and Markowich (2002), Example 1: a focusing WKB state past its caustic",
    Settings,
    run,
    figures,
    "Density and current past the caustic converge only weakly: in smoothed densities like ε², in the distance W₁ like ε.",
)
