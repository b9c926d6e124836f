"""The exact side at one ħ: `Surfaces` on a grid that grows until it holds the waves, steps doubled until what is observed stays."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np

from jaxwigner._checks import require
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.run import LIMITS
from jaxwigner.grid import Grid
from jaxwigner.quantum import Surfaces
from jaxwigner.studies.compare.several_levels.asked import Asked, split

ACCURATE = 1e-4  # of what is observed: what twice the steps may change
ORDER = 4
TRIES = 12  # grids
MOST = 2**22  # points
EMPTY = 0.08  # of a box, at each end
WIDER, FINER = 0.2, 1.25
LONGEST = 2**14  # steps


class Found(NamedTuple):
    """Means (time,) and their errors by name, the points of the grid, the steps."""

    means: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    points: tuple[int, ...]
    steps: int


def waves(asked: Asked, hbar: float, ends: tuple[np.ndarray, np.ndarray], top: np.ndarray) -> Found:
    """From the ends of the box (lower, upper) and the momenta that classical paths reach.

    **Raises:** `ValueError` where no grid of a reasonable size holds the waves, or where steps do not settle.
    """
    (lower, upper), edge, tail = ends, np.inf, np.inf
    for _ in range(TRIES):
        grid = _grid(lower, upper, top, hbar)
        run, means = _on(asked, hbar, grid)
        edge, tail = (
            float(np.max(one)) for one in (run.diagnostics.edge_mass, run.diagnostics.spectral_tail)
        )
        if edge <= LIMITS["edge_mass"] and tail <= LIMITS["spectral_tail"]:
            return _settled(asked, means, grid)
        if edge > LIMITS["edge_mass"]:
            more = WIDER * (upper - lower)
            lower, upper = lower - more, upper + more
        if tail > LIMITS["spectral_tail"]:
            top = FINER * top
    must = f"be short enough for a box that holds the waves (edge mass {edge:.0e}, tail {tail:.0e})"
    require(False, "duration", must, asked.duration)
    raise AssertionError


def _grid(lower: np.ndarray, upper: np.ndarray, top: np.ndarray, hbar: float) -> Grid:
    room = EMPTY * (upper - lower)
    lower, upper = lower - room, upper + room
    least = (1 + 2 * EMPTY) * top * (upper - lower) / (np.pi * hbar)
    points = tuple(smooth(max(n, 32.0)) for n in least)
    must = f"be large enough for at most {MOST} points, which {points} exceed"
    require(np.prod(points) <= MOST, "hbar", must, hbar)
    return Grid(tuple(lower.tolist()), tuple(upper.tolist()), points)


def smooth(least: float) -> int:
    """An even number of points that transforms are fast with.

    >>> from jaxwigner.studies.compare.several_levels.waves import smooth
    >>> smooth(131.0)
    132
    """
    from scipy.fft import next_fast_len

    fast: Any = next_fast_len
    return 2 * int(fast(int(np.ceil(least / 2))))


def _on(asked: Asked, hbar: float, grid: Grid) -> tuple[Any, Any]:
    """A run on a grid with few steps, and the means for any number of them."""
    system = Surfaces(grid, asked.potential, hbar, asked.system.mass)
    psi = system.on_level(asked.packet.wave(asked.system, grid, hbar), asked.level)
    options: dict[str, Any] = {"duration": asked.duration, "saves": asked.saves}
    options |= {"method": "symmetric-4", "gradient": "forward", "throw": False}
    options |= {"observe": list(asked.observe)}
    program = jax.jit(lambda u, steps: evolve(system, u, steps=steps, **options))

    def run(steps: int) -> Any:
        return program(psi, steps)

    return run(asked.saves), run


def _settled(asked: Asked, run: Any, grid: Grid) -> Found:
    def means(steps: int) -> dict[str, np.ndarray]:
        seen = run(steps).observed
        parts = (split(seen[name], asked.numbers(name)) for name in asked.observe)
        return {name: values for part in parts for name, values in part.items()}

    steps, now = asked.saves, means(asked.saves)
    while True:
        twice = means(2 * steps)
        change = {name: np.abs(twice[name] - now[name]) for name in now}
        steps, now = 2 * steps, twice
        small = all(
            change[k].max() <= ACCURATE * max(np.ptp(now[k]), 1e-2 * scale(now, k)) for k in now
        )
        if small or steps >= LONGEST:
            break
    require(small, "duration", f"be short enough for {LONGEST} steps", asked.duration)
    return Found(now, {k: one / (2**ORDER - 1) for k, one in change.items()}, grid.points, steps)


def scale(means: dict[str, np.ndarray], name: str) -> float:
    """What a change is small beside: 1 for populations, the size of all numbers of a vector for one of them."""
    if name.startswith("population_"):
        return 1.0
    family = name.rstrip("0123456789").rstrip("_")
    return max(float(np.abs(one).max()) for key, one in means.items() if key.startswith(family))
