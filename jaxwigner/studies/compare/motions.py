"""One packet, three motions on one potential: Schrödinger's equation, the classical ensemble of its Wigner function, its centre.

Everything is looked at through a window of distances: means over R in the window, given that the particle is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.classical import Newton
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid
from jaxwigner.phase_space.ensembles import STUDENT, Cloud
from jaxwigner.quantum import Schrodinger
from jaxwigner.states import Particles

BATCH = 8  # saved times between two reports of progress


@dataclass(frozen=True)
class Course:
    """What is followed: potential, ħ, mass, `duration` seen at `saves` + 1 times with `steps` between two, window of `points`."""

    potential: Any
    hbar: float
    mass: float
    duration: float
    saves: int
    steps: int
    window: Grid

    @property
    def interval(self) -> float:
        """Time between two looks."""
        return self.duration / self.saves


class Seen(NamedTuple):
    """Means and spreads in the window over time, ⟨1/R²⟩ (which is ⟨U_s²⟩ for U_s = 1/R), and the densities (time, R) there."""

    inside: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    square: np.ndarray
    density: np.ndarray


def quantum(course: Course, psi: Any, grid: Grid) -> tuple[Seen, np.ndarray, Any]:
    """Schrödinger's equation on `grid`, some points of which are the window's: what is seen, ψ there (time, R), diagnostics.

    **Raises:** `ValueError` if the run is under-resolved.
    """
    first = round((course.window.lower[0] - grid.lower[0]) / grid.cell)
    last = first + course.window.points[0]

    # Level before the window: nothing gets there but rounding errors, which a steep wall would magnify.
    values = course.potential(np.maximum(grid.axes[0], course.window.lower[0]))

    @jax.jit
    def program(psi):
        system = Schrodinger(grid, values, course.hbar, course.mass)
        run = evolve(
            system,
            psi,
            duration=course.duration,
            steps=course.saves * course.steps,
            saves=course.saves,
            observe=lambda u: u[first:last],
            throw=False,
        )
        return run.observed, run.diagnostics

    waves, diagnostics = jax.device_get(program(psi))
    if diagnostics.complaint():
        raise ValueError(f"The quantum run is under-resolved: {diagnostics.complaint()}")
    return seen(np.abs(waves) ** 2, course.window), waves, diagnostics


def seen(density: np.ndarray, window: Grid) -> Seen:
    """Moments of densities (time, R) on the points of the window."""
    R, cell = np.asarray(window.axes[0]), window.cell
    inside = density.sum(1) * cell
    mean = density @ R * cell / inside
    second = density @ R**2 * cell / inside
    square = density @ R**-2.0 * cell / inside
    return Seen(inside, mean, np.sqrt(second - mean**2), square, density)


class Sampled(NamedTuple):
    """The classical ensemble: what is seen, half-widths of 95 % intervals of the mean and of ⟨1/R²⟩, the densities (copy, time, R) of
    its independent copies, pictures in phase space at chosen looks."""

    seen: Seen
    error: np.ndarray
    square_error: np.ndarray
    copies: np.ndarray
    pictures: dict[int, Cloud]


def classical(
    course: Course, cloud: Cloud, wanted: tuple[int, ...], progress: Callable[[int], None]
) -> Sampled:
    """Newton's equations for a cloud; `wanted`: the looks at which positions and momenta are kept."""
    copies, each = cloud.weights.shape
    state = as_particles(cloud)

    @eqx.filter_jit
    def advance(state, steps, interval):
        system = Newton(course.potential, course.mass)
        run = evolve(system, state, duration=interval, steps=steps, throw=False)
        return run.state, look(run.state, cloud.weights, course.window)

    looks = [look_jitted(state, cloud.weights, course.window)]
    pictures = {}
    for index in range(course.saves + 1):
        if index:
            state, one = advance(state, course.steps, course.interval)
            looks.append(one)
        if index in wanted:
            shape = (copies, each)
            places = (state.positions.reshape(shape), state.momenta.reshape(shape))
            pictures[index] = Cloud(cloud.weights, *places)
        if index % BATCH == 0:
            jax.block_until_ready(looks[-1])
            progress(index)
    inside, mean, second, square, density = (np.stack(part) for part in zip(*jax.device_get(looks)))
    spread = np.sqrt(second.mean(1) - mean.mean(1) ** 2)
    errors = (STUDENT * part.std(1, ddof=1) / np.sqrt(copies) for part in (mean, square))
    averages = inside.mean(1), mean.mean(1), spread, square.mean(1), density.mean(1)
    return Sampled(Seen(*averages), *errors, np.moveaxis(density, 1, 0), pictures)


def as_particles(cloud: Cloud) -> Particles:
    """The points of a cloud; its signed weights are kept apart."""
    number = cloud.weights.size
    return Particles(np.full(number, 1 / number), cloud.positions.ravel(), cloud.momenta.ravel())


def look(state: Particles, weights: Any, window: Grid) -> tuple[Any, Any, Any, Any, Any]:
    """Share inside, mean, mean square, mean inverse square and density of every copy."""
    positions = state.positions.reshape(weights.shape)
    low, cell, count = window.lower[0], window.cell, window.points[0]
    # A cell is centred at its point.
    place = jnp.floor((positions - low) / cell + 0.5).astype(int)
    held = weights * ((place >= 0) & (place < count))
    inside = jnp.sum(held, axis=1)
    mean = jnp.sum(held * positions, axis=1) / inside
    second = jnp.sum(held * positions**2, axis=1) / inside
    square = jnp.sum(held / positions**2, axis=1) / inside
    copy = jnp.arange(weights.shape[0])[:, None]
    bins = jnp.zeros((weights.shape[0], count)).at[copy, jnp.clip(place, 0, count - 1)].add(held)
    return inside, mean, second, square, bins / cell


look_jitted = eqx.filter_jit(look)


def trajectory(course: Course, position: float, momentum: float) -> np.ndarray:
    """The position of a single classical particle at the looks."""

    @jax.jit
    def program(position, momentum):
        run = evolve(
            Newton(course.potential, course.mass),
            Particles(np.ones(1), position[None], momentum[None]),
            duration=course.duration,
            steps=course.saves * course.steps,
            saves=course.saves,
            observe=lambda z: z.positions[0, 0],
            throw=False,
        )
        return run.observed

    return np.asarray(program(jnp.asarray(position), jnp.asarray(momentum)))


def swing(mean: np.ndarray, period: int) -> np.ndarray:
    """Half of the range of a series over one period about each time: the amplitude of its oscillation."""
    half = max(1, period // 2)
    padded = np.pad(mean, half, mode="reflect")
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    return 0.5 * (views.max(1) - views.min(1))


def first_above(series: np.ndarray, threshold: float) -> int | None:
    """The first index at which the series exceeds the threshold."""
    above = np.nonzero(series > threshold)[0]
    return int(above[0]) if above.size else None
