"""Both levels over time: densities |φ_j|² on a plane, Wigner functions of φ_j on a line, trajectories of single switch at the end."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.phase_space import wigner
from jaxwigner.potentials.surfaces.algebra import packed, vectors_of
from jaxwigner.quantum.surfaces.adiabatic import level_densities

MOST = 160  # pixels along an axis
SHOWN = 400  # trajectories


def pixels_of(case: Any, grid: Grid, hbar: float, states: Any, hoppers: Any) -> dict[str, Any]:
    """Variables `levels_NAME` (sample, level, x, y) with their axes, and `hoppers_NAME` (trajectory, column): x, y, level, weight."""
    axes = f"x_{case.name}", f"y_{case.name}"
    if case.dimension == 1:
        window = case.window(hbar / case.scale, MOST)
        frames = _phase_space(case, grid, hbar, states, window)
        places = window.position.axes[0], window.momentum.axes[0]
    else:
        frames = _plane(case, grid, hbar, states)
        places = tuple(_means(np.asarray(q), step) for q, step in zip(grid.axes, _steps(grid)))
    variables = {
        f"levels_{case.name}": (("sample", "level", *axes), frames),
        axes[0]: (axes[0], np.asarray(places[0])),
        axes[1]: (axes[1], np.asarray(places[1])),
    }
    if hoppers is not None:
        variables[f"hoppers_{case.name}"] = ((f"trajectory_{case.name}", "column"), _some(hoppers))
    return variables


def _steps(grid: Grid) -> tuple[int, ...]:
    """How many points a pixel is the mean of."""
    return tuple(-(-n // MOST) for n in grid.points)


def _means(values: np.ndarray, step: int, axis: int = -1) -> np.ndarray:
    """Means of `step` neighbours along an axis; what is left over at its end is cut off."""
    values = np.moveaxis(values, axis, -1)
    whole = values.shape[-1] // step * step
    parts = values[..., :whole].reshape(*values.shape[:-1], -1, step)
    return np.moveaxis(parts.mean(axis=-1), -1, axis)


def _plane(case: Any, grid: Grid, hbar: float, states: Any) -> np.ndarray:
    V = case.potential(hbar)(*grid.mesh)
    density = jax.jit(lambda u: level_densities(u, V))
    frames = []
    for state in states:
        frame = np.asarray(density(jnp.asarray(state)))
        for axis, step in enumerate(_steps(grid)):
            frame = _means(frame, step, axis + 1)
        frames.append(frame.astype(np.float32))
    return np.stack(frames)


def _phase_space(case: Any, grid: Grid, hbar: float, states: Any, window: Any) -> np.ndarray:
    Q = vectors_of(packed(case.potential(hbar)(*grid.mesh)))
    Q = Q * jnp.where(Q[:, :1, :] < 0, -1.0, 1.0)  # of one sign along a line

    @jax.jit
    def transform(u):
        own = jnp.einsum("xaj,ax->jx", Q, u)
        return jnp.stack([wigner(one, grid, window, hbar) for one in own])

    every = [np.asarray(transform(jnp.asarray(state, complex))) for state in states]
    return np.stack(every).astype(np.float32)


def _some(hoppers: Any) -> np.ndarray:
    """Some of the trajectories that carry weight: their first two coordinates of phase space, level, weight."""
    weights = np.asarray(hoppers.weights)
    held = np.flatnonzero(weights > 0)
    held = held[:: max(1, len(held) // SHOWN)]
    x, p = (np.asarray(part)[held] for part in (hoppers.positions, hoppers.momenta))
    plane = x[:, :2] if x.shape[1] > 1 else np.concatenate([x, p], axis=1)
    share = weights[held] / weights[held].max()
    rest = np.asarray(hoppers.levels)[held], share
    return np.concatenate([plane, np.stack(rest, axis=1)], axis=1)
