"""Classical nuclei from the Wigner function of the packet: single switch, Ehrenfest, and motion on one level; where they go.

Clouds come in independently scrambled Sobol copies: Student's 95 % of their spread is the error of sampling. Steps are doubled until
that changes means by less than sampling does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner.classical import Ehrenfest, Newton, single_switch
from jaxwigner.classical.surfaces.hopping import averaged
from jaxwigner.classical.surfaces.levels import on_levels
from jaxwigner.engine.evolve import evolve
from jaxwigner.phase_space.ensembles import COPIES
from jaxwigner.states import Particles
from jaxwigner.studies.compare.several_levels.asked import Asked, split
from jaxwigner.studies.compare.several_levels.waves import scale
from jaxwigner.studies.compare.states.state import sobol

STUDENT = 2.365  # 97.5 %, for 8 copies
FIRST = 256  # steps
LONGEST = 2**14
STILL = 1e-3  # of the size: a change of means that needs no more steps
PLACES = 33  # along each axis, at which the lowest level is looked for
Means = dict[str, np.ndarray]


def cloud_of(asked: Asked, hbar: float, samples: int) -> Particles:
    """Points of equal weight in `COPIES` copies, one after another."""
    d, each = asked.system.d, samples // COPIES
    uniforms = np.concatenate([sobol(2 * d, each, COPIES * asked.seed + i) for i in range(COPIES)])
    q, p, _ = asked.packet.points(asked.system, hbar, jnp.asarray(uniforms))
    return Particles(np.full(samples, 1 / samples), q, p)


def _seen(asked: Asked, own: Any, z: Any) -> list[Any]:
    """Means and errors of what is observed, from populations (k, n) of each point."""
    of_each = {"populations": own, "position": z.positions, "momentum": z.momenta}
    return [averaged(z.weights, of_each[name], COPIES) for name in asked.observe]


def _on_engine(
    asked: Asked, system: Any, start: Any, own: Callable[..., Any]
) -> Callable[..., Any]:
    def run(steps: int) -> list[Any]:
        options: dict[str, Any] = {"duration": asked.duration, "saves": asked.saves}
        options |= {"method": "strang", "gradient": "forward", "throw": False}
        look = lambda z: _seen(asked, own(z), z)  # noqa: E731
        return evolve(system, start, steps=steps, observe=look, **options).observed

    return run


def _switching(asked: Asked, hbar: float, cloud: Particles) -> Callable[..., Any]:
    def run(steps: int) -> list[Any]:
        options: dict[str, Any] = {"hbar": hbar, "duration": asked.duration, "saves": asked.saves}
        options |= {"mass": asked.system.mass, "seed": asked.seed, "copies": COPIES}
        found = single_switch(asked.potential, cloud, asked.level, steps=steps, **options)
        return [(found.observed[name], found.errors[name]) for name in asked.observe]

    return run


def _mean_field(asked: Asked, hbar: float, cloud: Particles) -> Callable[..., Any]:
    system = Ehrenfest(asked.potential, hbar, asked.system.mass, dimension=asked.system.d)
    own = lambda z: on_levels(asked.potential.vectors(*z.positions.T), z.amplitudes)  # noqa: E731
    return _on_engine(asked, system, system.on_level(cloud, asked.level), own)


def _one_level(asked: Asked, hbar: float, cloud: Particles) -> Callable[..., Any]:
    there = np.eye(asked.potential.size)[asked.level]
    own = lambda z: jnp.broadcast_to(there, (len(z.weights), len(there)))  # noqa: E731
    return _on_engine(asked, Newton(asked.system.potential, asked.system.mass), cloud, own)


MOTIONS = {"single switch": _switching, "Ehrenfest": _mean_field, "one level": _one_level}


def nuclei(asked: Asked, hbar: float, samples: int, motion: str) -> tuple[Means, Means, Means, int]:
    """Means over time, half-widths of 95 % of sampling, what twice the steps changed, and the steps."""
    run = MOTIONS[motion](asked, hbar, cloud_of(asked, hbar, samples))
    steps = asked.saves * -(-FIRST // asked.saves)
    (now, _) = _named(asked, run(steps))
    while True:
        steps *= 2
        twice, noise = _named(asked, run(steps))
        change = {name: np.abs(twice[name] - now[name]) for name in now}
        now = twice
        limits = {k: max(noise[k].max(), STILL * scale(now, k)) for k in now}
        if all(change[k].max() <= limits[k] for k in now) or steps >= LONGEST:
            return now, noise, change, steps


def _named(asked: Asked, seen: Any) -> tuple[Means, Means]:
    means, errors = {}, {}
    for name, (mean, error) in zip(asked.observe, seen):
        means |= split(mean, asked.numbers(name))
        errors |= split(STUDENT * np.asarray(error), asked.numbers(name))
    return means, errors


def reach(asked: Asked, hbar: float) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Ends of a box that mean-field paths from the rim of the packet stay in, and momenta that its energy allows there."""
    q, p = asked.packet.rim(asked.system, hbar)
    system = Ehrenfest(asked.potential, hbar, asked.system.mass, dimension=asked.system.d)
    cloud = Particles(np.full(len(q), 1 / len(q)), q, p)
    options: dict[str, Any] = {"duration": asked.duration, "saves": asked.saves, "steps": FIRST}
    options |= {"gradient": "forward", "method": "strang", "throw": False}
    paths = evolve(
        system, system.on_level(cloud, asked.level), observe=lambda z: z.positions, **options
    ).observed
    lower, upper = np.asarray(paths).min(axis=(0, 1)), np.asarray(paths).max(axis=(0, 1))
    axes = [np.linspace(low, high, PLACES) for low, high in zip(lower, upper)]
    lowest = np.asarray(asked.potential.levels(*np.meshgrid(*axes, indexing="ij")))[..., 0].min()
    mass = np.array([float(m) for m in asked.system.mass])
    height = asked.potential.levels(*jnp.asarray(q).T)[..., asked.level]
    energy = np.max(np.asarray(p) ** 2 @ (0.5 / mass) + np.asarray(height))
    top = np.sqrt(2 * mass * max(energy - lowest, 0.0))
    return (lower, upper), np.maximum(top, np.abs(np.asarray(p)).max(axis=0))
