"""Ensembles in rounds of scrambles, until their spread can tell the tolerance; and one trajectory at each ħ."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.studies.compare.correction import student
from jaxwigner.studies.compare.side_by_side.trajectories import ensembles
from jaxwigner.studies.compare.side_by_side.waves import Saves
from jaxwigner.studies.compare.states import OwnSystem, State
from jaxwigner.studies.compare.states.state import sobol

SCRAMBLES = 8
EACH = 2**11  # points of a scramble
ROUNDS = 16
TELLS = 0.25  # of a tolerance: the half-width that can tell it


class Sample(NamedTuple):
    """Means (time, Q), half-widths of 95 %, masses of cells, how far scrambles are from them (W₁ in cells, half-width), a trajectory,
    its place, and how many points there are."""

    mean: np.ndarray
    error: np.ndarray
    cells: np.ndarray
    cells_error: np.ndarray
    trajectory: np.ndarray
    place: np.ndarray
    number: int


def sampled(
    system: OwnSystem,
    state: State,
    hbars: np.ndarray,
    span: float,
    saves: int,
    steps: int,
    functions: dict[str, Any],
    fine: Grid,
    tolerances: tuple[Any, ...],
    samples: int | None,
    seed: int,
) -> Sample:
    """As many rounds as the tolerance asks for; the number given, where one is."""
    run = Run(system, state, span, saves, steps, tuple(functions.values()), _edges(fine), seed)
    found = [_enough(run, float(hbar), tolerances, samples) for hbar in hbars]
    most = max(one.number for one in found)
    fields = [np.stack([one[i] for one in found]) for i in range(len(found[0]) - 1)]
    return Sample._make([*fields, most])


class Run(NamedTuple):
    """What does not depend on ħ."""

    system: OwnSystem
    state: State
    span: float
    saves: int
    steps: int
    functions: tuple[Any, ...]
    edges: Any
    seed: int


def _enough(run: Run, hbar: float, tolerances: tuple[Any, ...], samples: int | None) -> Sample:
    """Rounds at one ħ."""
    each = EACH if samples is None else samples // SCRAMBLES
    every = Saves(run.saves, jnp.asarray(run.span / run.saves), jnp.asarray(run.steps))
    mass, means, cells = jnp.asarray(run.system.mass, float), [], []
    made, worst = cast(Sample, None), np.inf
    for number in range(ROUNDS if samples is None else 1):
        start = _start(run, hbar, each, number)
        parts = (run.system.potential, mass, run.functions, start, SCRAMBLES, run.edges, every)
        found, masses, place = (np.asarray(one) for one in ensembles(*parts))
        means.append(found[:, :-1])
        cells.append(masses[:, :-1])
        made = _pooled(means, cells, (found[:, -1], place), each)
        if not np.isfinite(made.mean).all():
            must = "stay where `potential` is defined and bounded below"
            raise ValueError(f"Argument `state` must {must}, but some of its trajectories leave")
        worst = _worst(made, tolerances)
        if worst <= 1:
            return made
    needed = 2 ** int(np.ceil(np.log2(made.number * worst**2)))
    must = f"be larger, or `samples` about {needed}: sampling cannot tell it with {made.number}"
    raise ValueError(f"Argument `tolerance` must {must}, but is {tolerances}")


def _edges(fine: Grid) -> Any:
    """Of cells about the points of the fine grid (d = 1)."""
    if fine.dimension > 1:
        return jnp.zeros(1)
    x, step = np.asarray(fine.axes[0]), float(fine.spacing[0])
    return jnp.asarray(np.append(x, x[-1] + step) - step / 2)


def _start(run: Run, hbar: float, each: int, number: int) -> Any:
    """Positions and momenta (n + 1, d) and weights; last the centre of the packet."""
    keys = [[run.seed, number, s] for s in range(SCRAMBLES)]
    seeds = [int(np.random.SeedSequence(key).generate_state(1)[0]) for key in keys]
    uniforms = np.concatenate([sobol(2 * run.system.d, each, one) for one in seeds])
    points = run.state.points(run.system, hbar, uniforms)
    centre = [np.asarray(a, float)[None] for a in run.state.centre(run.system, hbar)]
    parts = zip(points, (*centre, np.ones(1)))
    return tuple(jnp.asarray(np.concatenate([np.asarray(a, float), b])) for a, b in parts)


def _pooled(means: list[Any], cells: list[Any], single: Any, each: int) -> Sample:
    every, masses = np.concatenate(means, axis=1), np.concatenate(cells, axis=1)
    count = every.shape[1]
    error = student(count) * np.std(every, axis=1, ddof=1)
    pooled = masses.mean(axis=1)
    apart = np.abs(np.cumsum(masses - pooled[:, None], axis=-1)).sum(axis=-1).mean(axis=1)
    wide = student(count) * np.sqrt(count / (count - 1)) * apart
    alone, place = single
    return Sample(every.mean(axis=1), error, pooled, wide, alone, place, count * each)


def _worst(made: Sample, tolerances: tuple[Any, ...]) -> float:
    """The largest half-width, in those that tell the smallest share; what does not move has no share."""
    shares = [one for one in tolerances if not isinstance(one, str)]
    if not shares or made.mean.shape[-1] == 0:
        return 0.0
    amplitude, error = np.ptp(made.mean, axis=0), made.error.max(axis=0)
    moves = amplitude > 1e-3 * np.abs(made.mean).max(axis=0) + 2 * error
    ratio = error / np.where(moves, TELLS * min(shares) * amplitude, np.inf)
    return float(ratio.max())
