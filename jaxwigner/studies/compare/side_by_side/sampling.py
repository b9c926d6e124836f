"""Ensembles: their steps, doubled until a few points at every ħ tell that no mean changes, and rounds of scrambles, until their spread
can tell the tolerance; and one trajectory at each ħ.

Where steps cost little they are fine enough for rates; near a separatrix, where single points never settle, for the tolerance.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import require
from jaxwigner.studies.compare.correction import student
from jaxwigner.studies.compare.observed import Named
from jaxwigner.studies.compare.side_by_side.asked import levels
from jaxwigner.studies.compare.side_by_side.trajectories import Apart, Motion, apart, ensembles
from jaxwigner.studies.compare.side_by_side.waves import Saves
from jaxwigner.studies.compare.states import OwnSystem, State
from jaxwigner.studies.compare.states.state import sobol

ACCURATE = 1e-5  # of the amplitude: what twice the steps may change where that is cheap
STILL = 0.01  # of the size of a mean: an amplitude that counts, at least
CHEAP = 2**11  # steps of the whole run
LAX = 0.3  # of a tolerance: what twice the steps may change where it is not
MOST_STEPS = 2**9  # between two saves
FEW = 512  # points
SCRAMBLES = 8
EACH = 2**11  # points of a scramble
ROUNDS = 16
HOPELESS = 2  # times the points of all rounds: what the first ones say it takes
TELLS = 0.25  # of a tolerance: the half-width that can tell it


class Stepped(NamedTuple):
    """Steps in an interval, and half-widths (ħ, time, Q) of what they do to the means of the ensemble and to one trajectory;
    (ħ, time): by how much they move points of the ensemble on average (a bound of W₁), and the trajectory; (ħ, Q): deviations."""

    steps: int
    error: np.ndarray
    single: np.ndarray
    shift: np.ndarray
    single_shift: np.ndarray
    scale: np.ndarray


def stepped(
    system: OwnSystem,
    state: State,
    hbars: np.ndarray,
    span: float,
    saves: int,
    functions: dict[str, Any],
    tolerances: tuple[Any, ...],
) -> Stepped:
    """The fewest steps, a power of two in each interval, that are fine enough."""
    start, motion = few(system, state, hbars), Motion.of(system)
    steps = 1
    while True:
        every = Saves(saves, jnp.asarray(span / saves), jnp.asarray(steps))
        found = apart(motion, tuple(functions.values()), start, every)
        found = Apart(*(np.asarray(one) for one in found))
        asked_for = (functions, tolerances) if saves * steps > CHEAP else None
        with np.errstate(all="ignore"):  # too long a step may leave all numbers
            made = _made(steps, found)
            fine = _fine(np.asarray(found.means), made.scale, asked_for)
        finite = np.isfinite(made.shift).all()
        if finite and np.all(made.error <= fine):
            return made._replace(error=made.error + _unseen(functions, start, made))
        if steps >= MOST_STEPS:
            break
        steps *= 2
    must = "stay where `potential` is defined and bounded below"
    require(finite, "state", must, "some of its trajectories leave")
    must = f"be short enough for {MOST_STEPS} steps in each of {saves} intervals"
    raise ValueError(f"Argument `duration` must {must}, but is {span:g}")


def few(system: OwnSystem, state: State, hbars: np.ndarray) -> Any:
    """Positions, momenta (ħ, n + 1, d) and weights of a few points; last the centre."""
    found = []
    for hbar in hbars:
        cloud = state.cloud(system, float(hbar), FEW)
        centre = [np.asarray(a, float)[None] for a in state.centre(system, float(hbar))]
        parts = zip((cloud.positions, cloud.momenta, cloud.weights), (*centre, np.ones(1)))
        found.append([np.concatenate([np.asarray(a, float), b]) for a, b in parts])
    return tuple(jnp.asarray(np.stack(one)) for one in zip(*found))


def _made(steps: int, found: Apart) -> Stepped:
    """A mean change, and twice its standard error: what so few points leave open."""
    error = np.abs(found.change) + 2 * found.spread
    error, single, shift, single_shift = (
        np.swapaxes(one, 0, 1)
        for one in (error, np.abs(found.single), found.shift, found.single_shift)
    )
    return Stepped(steps, error, single, shift, single_shift, np.max(found.deviations, axis=0))


def _unseen(functions: dict[str, Any], start: Any, made: Stepped) -> np.ndarray:
    """(ħ, time, Q) what functions that may jump can hide from so few points: the share that may have crossed, 3/n if none did."""
    spread = np.std(np.asarray(start[0])[:, :-1, 0], axis=1)[:, None]
    share = np.minimum(made.shift / spread, 3 / FEW)
    jumps = np.array([not isinstance(one, Named) for one in functions.values()])
    return 2 * share[..., None] * made.scale[:, None] * jumps


def _fine(means: np.ndarray, scale: np.ndarray, asked_for: Any) -> np.ndarray:
    """What twice the steps may change, (ħ, 1, Q): a share of the amplitude; where that takes too many steps, a share of the tolerances,
    no less than what so few points can tell."""
    if asked_for is None:
        size = np.maximum(np.ptp(means, axis=0), STILL * (np.abs(means).max(axis=0) + scale))
        return ACCURATE * size[:, None]
    functions, tolerances = asked_for
    least = [
        [levels(tolerances, name, one) for name, one in zip(functions, each)]
        for each in np.moveaxis(means, 0, -1)
    ]
    return np.maximum(LAX * np.asarray(least).reshape(scale.shape), 6 / FEW * scale)[:, None]


class Sample(NamedTuple):
    """Means (time, Q), half-widths of 95 %, masses of cells, how far scrambles are from them (W₁ in cells, half-width), means and
    masses of each scramble, (time, scramble, …), a trajectory, its place, and how many points there are."""

    mean: np.ndarray
    error: np.ndarray
    cells: np.ndarray
    cells_error: np.ndarray
    replicas: np.ndarray
    cell_replicas: np.ndarray
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
    edges: np.ndarray,
    tolerances: tuple[Any, ...],
    samples: int | None,
    seed: int,
) -> Sample:
    """As many rounds as the tolerance asks for; the number given, where one is."""
    run = Run(system, state, span, saves, steps, functions, jnp.asarray(edges), seed)
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
    functions: dict[str, Any]
    edges: Any
    seed: int


def _enough(run: Run, hbar: float, tolerances: tuple[Any, ...], samples: int | None) -> Sample:
    """Rounds at one ħ."""
    each = EACH if samples is None else samples // SCRAMBLES
    every = Saves(run.saves, jnp.asarray(run.span / run.saves), jnp.asarray(run.steps))
    motion, means, cells = Motion.of(run.system), [], []
    worst, name = np.inf, ""
    for number in range(ROUNDS if samples is None else 1):
        start = _start(run, hbar, each, number)
        functions = tuple(run.functions.values())
        parts = (motion, functions, start, SCRAMBLES, run.edges, every)
        found, masses, place = (np.asarray(one) for one in ensembles(*parts))
        means.append(found[:, :-1])
        cells.append(masses[:, :-1])
        mean, error = _told(means)
        if not np.isfinite(mean).all():
            must = "stay where `potential` is defined and bounded below"
            raise ValueError(f"Argument `state` must {must}, but some of its trajectories leave")
        worst, name = _worst(mean, error, tuple(run.functions), tolerances)
        if worst <= 1:
            return _pooled(mean, error, means, cells, (found[:, -1], place), each)
        if len(means) * worst**2 > HOPELESS * ROUNDS * EACH / each:
            break
    made = len(means) * SCRAMBLES * each
    needed = 2 ** int(np.ceil(np.log2(made * worst**2)))
    cannot = f"sampling cannot tell it for {name!r} at {hbar:g} ħ with {made}"
    must = f"be larger, or `samples` about {needed}: {cannot}"
    raise ValueError(f"Argument `tolerance` must {must}, but is {tolerances}")


def _start(run: Run, hbar: float, each: int, number: int) -> Any:
    """Positions and momenta (n + 1, d) and weights; last the centre of the packet."""
    keys = [[run.seed, number, s] for s in range(SCRAMBLES)]
    seeds = [int(np.random.SeedSequence(key).generate_state(1)[0]) for key in keys]
    uniforms = np.concatenate([sobol(2 * run.system.d, each, one) for one in seeds])
    points = run.state.points(run.system, hbar, uniforms)
    centre = [np.asarray(a, float)[None] for a in run.state.centre(run.system, hbar)]
    parts = zip(points, (*centre, np.ones(1)))
    return tuple(jnp.asarray(np.concatenate([np.asarray(a, float), b])) for a, b in parts)


def _told(means: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Means (time, Q) over all scrambles so far, and half-widths of 95 %."""
    every = np.concatenate(means, axis=1)
    return every.mean(axis=1), student(every.shape[1]) * np.std(every, axis=1, ddof=1)


def _pooled(
    mean: np.ndarray, error: np.ndarray, means: list[Any], cells: list[Any], single: Any, each: int
) -> Sample:
    """What is shown of all rounds: a scramble of the one is averaged with that of the others."""
    count = SCRAMBLES * len(cells)
    shown = cells[0] if len(cells) == 1 else np.mean(cells, axis=0)
    pooled, apart = shown.mean(axis=1), 0.0
    for masses in cells:
        off = masses - pooled[:, None]
        np.abs(np.cumsum(off, axis=-1, out=off), out=off)  # most of the time is that of memory
        apart = apart + off.sum(axis=(1, 2)) / count
    wide = student(count) * np.sqrt(count / (count - 1)) * apart
    parts: Any = (mean, error, pooled, wide, np.mean(means, axis=0), shown, *single, count * each)
    return Sample(*parts)


def _worst(
    mean: np.ndarray, error: np.ndarray, names: tuple[str, ...], tolerances: tuple[Any, ...]
) -> tuple[float, str]:
    """The largest half-width, in those that tell the smallest tolerance, and whose it is."""
    errors = error.max(axis=0).tolist() if names else []
    each = zip(names, mean.T, errors)
    found = [(e / (TELLS * levels(tolerances, name, one, e)), name) for name, one, e in each]
    return max(found, default=(0.0, ""))
