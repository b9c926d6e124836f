"""From the rim of a packet, run classically: a box, points that hold its momenta at every ħ, and steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import require
from jaxwigner.studies.compare.side_by_side.trajectories import paths
from jaxwigner.studies.compare.side_by_side.waves import Saves
from jaxwigner.studies.compare.states import OwnSystem, State

MARGIN = 0.12  # of the length of the path on either side
ROOM = 1.25  # of the momenta
RINGS = (5.2, 4.4, 3.6, 2.8, 2.0, 1.0)  # in standard deviations
FEWEST, MOST = 64, {1: 2**14, 2: 2**9}
SETTLED = 1e-3  # of the height of the path: by how much its energy may drift, for a box
ACCURATE = 3e-5  # of the spread of a few points: what twice the steps may change on average
MOST_STEPS = 2**8  # between two saves
WIDER = (
    0.0,
    0.5,
    2.0,
)  # boxes that are tried: waves are reflected above a barrier, where no particle is
EMPTY = 1e-6  # what may be near the ends of the box or of the spectrum
FEW = 512  # points that tell the share that is lost


class Plan(NamedTuple):
    """Box, points, the energy at which U is capped, and classical steps in each interval."""

    lower: np.ndarray
    upper: np.ndarray
    points: tuple[int, ...]
    cap: float
    steps: int


def plan(
    system: OwnSystem,
    state: State,
    hbars: np.ndarray,
    duration: float,
    saves: int,
    wider: float = 0.0,
) -> Plan:
    """From the rims at every ħ; `wider`: more on either side, of the length of the path."""
    q, p = _rims(system, state, hbars)
    q_all, p_all = _followed(system, q, p, duration, saves)
    if not (np.isfinite(q_all).all() and np.isfinite(p_all).all()):
        _refuse_lost(system, state, float(np.max(hbars)), duration, saves)
    widths = np.asarray(state.deviations(system, float(np.max(hbars)))[0], float)
    low, high = q_all.min(axis=(0, 1, 2)), q_all.max(axis=(0, 1, 2))
    margin = (MARGIN + wider) * (high - low) + widths
    ends = [np.broadcast_to(np.asarray(end, float), low.shape) for end in system.potential.domain]
    lower, upper = np.maximum(low - margin, ends[0]), np.minimum(high + margin, ends[1])
    waves = np.max(np.abs(p_all).max(axis=(0, 2)) / hbars[:, None], axis=0)
    need = ROOM * waves * (upper - lower) / np.pi
    points = tuple(_size(n) for n in need)
    if max(points) > MOST[system.d]:
        _refuse_long(system, state, float(np.max(hbars)), duration, saves, low, high, max(points))
    energy, height = _energies(system, q_all, p_all)
    steps = _steps(system, state, float(np.max(hbars)), duration, saves)
    return Plan(lower, upper, points, float(np.max(energy)) + 1.5 * height, steps)


def _rims(system: OwnSystem, state: State, hbars: np.ndarray) -> list[np.ndarray]:
    """Points (ħ, n, d) on the rim and within: near a separatrix it is not the rim that goes farthest."""
    found = []
    for hbar in hbars:
        rings = [state.rim(system, float(hbar), sigmas) for sigmas in RINGS]
        found.append(
            [np.concatenate([np.asarray(ring[i], float) for ring in rings]) for i in (0, 1)]
        )
    most = max(len(one[0]) for one in found)
    # Rims of different lengths: the last point again.
    fill = lambda a: np.concatenate([a, np.repeat(a[-1:], most - len(a), axis=0)])  # noqa: E731
    return [np.stack([fill(one[i]) for one in found]) for i in (0, 1)]


def _size(least: float) -> int:
    """The next 2ᵏ or 3·2ᵏ: few sizes, few programs."""
    n = FEWEST
    while n < least:
        n = 3 * n // 2 if n & (n - 1) == 0 else 4 * n // 3
    return n


def _followed(system: OwnSystem, q: Any, p: Any, duration: float, saves: int) -> Any:
    """Paths (time, ħ, point, d) with steps that are doubled until they keep their energy; near a separatrix nothing else settles."""
    flat = [jnp.asarray(one.reshape(-1, system.d)) for one in (q, p)]
    steps = 1
    while True:
        found = _paths(system, flat, duration, saves, steps)
        energy, range_ = _energies(system, *found)
        settled = np.max(np.abs(energy - energy[0])) <= SETTLED * range_
        if settled or steps >= MOST_STEPS:
            break
        steps = 2 * steps
    shape = (saves + 1, *q.shape)
    finite = all(np.isfinite(one).all() for one in found)
    must = f"be short enough to be followed with {MOST_STEPS} steps in each of {saves} intervals"
    require(settled or not finite, "duration", must, duration)
    return found[0].reshape(shape), found[1].reshape(shape)


def _energies(system: OwnSystem, q: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, float]:
    """The energy of each point over time, and how far it is from the bottom of the path."""
    on_path = np.asarray(system.potential(*np.moveaxis(q, -1, 0)), float)
    energy = on_path + np.sum(p**2 / (2 * np.asarray(system.mass, float)), axis=-1)
    return energy, float(np.max(energy) - np.min(on_path))


def _paths(system: OwnSystem, z: Any, duration: float, saves: int, steps: int) -> Any:
    mass = jnp.asarray(system.mass, float)
    every = Saves(saves, jnp.asarray(duration / saves), jnp.asarray(steps))
    with np.errstate(all="ignore"):
        q, p = z
        return [np.asarray(one) for one in paths(system.potential, mass, q, p, every)]


def _some(
    system: OwnSystem, state: State, hbar: float, duration: float, saves: int, steps: int = 16
) -> Any:
    cloud = state.cloud(system, hbar, FEW)
    z = [jnp.asarray(one) for one in (cloud.positions, cloud.momenta)]
    return _paths(system, z, duration, saves, steps), np.asarray(cloud.weights)


def _steps(system: OwnSystem, state: State, hbar: float, duration: float, saves: int) -> int:
    """Steps in an interval, doubled until a few points of the ensemble no longer move."""
    steps, now = 1, _some(system, state, hbar, duration, saves, 1)[0]
    while steps < MOST_STEPS:
        twice = _some(system, state, hbar, duration, saves, 2 * steps)[0]
        change = [np.mean(np.abs(a - b), axis=1).max(axis=0) for a, b in zip(twice, now)]
        spread = [np.std(a, axis=1).max(axis=0) for a in twice]
        if all(np.all(c <= ACCURATE * s) for c, s in zip(change, spread)):
            return steps
        steps, now = 2 * steps, twice
    must = f"be short enough for {MOST_STEPS} steps in each of {saves} intervals"
    raise ValueError(f"Argument `duration` must {must}, but is {duration:g}")


def _refuse_lost(system: OwnSystem, state: State, hbar: float, duration: float, saves: int):
    (q, _), weights = _some(system, state, hbar, duration, saves)
    share = float(weights @ ~np.isfinite(q).all(axis=(0, 2)))
    first, last = (np.asarray(end).tolist() for end in system.potential.domain)
    amount = f"{share:.1%} of it" if share > 0 else f"less than 1 in {FEW} of it"
    must = f"stay where `potential` is defined ({first} to {last}) and bounded below"
    raise ValueError(f"Argument `state` must {must}, but {amount} leaves at {hbar:g} ħ")


def _refuse_long(system, state, hbar, duration, saves, low, high, points):
    (q, _), weights = _some(system, state, hbar, duration, saves)
    start = np.ptp(q[0], axis=0)
    away = np.any(np.abs(q[-1] - q[0].mean(axis=0)) > 0.5 * (high - low) - start, axis=1)
    must = f"be short enough for a box of {MOST[system.d]} points along an axis"
    share = f"{float(weights @ away):.1%} of the packet goes far ({low.round(3).tolist()} to {high.round(3).tolist()} bohr)"
    raise ValueError(f"Argument `duration` must {must}, but takes {points}: {share}")


def check_kept(lost: np.ndarray) -> None:
    """Nothing has come to the ends of the box or of the spectrum."""
    edge, tail = (float(np.nanmax(lost[..., i])) for i in (0, 1))
    require(np.isfinite(lost), "potential", "be finite on the box of the quantum run", "not")
    must = "be short enough for the box of the rim of the packet"
    require(edge < EMPTY, "duration", must, f"{edge:.1e} of it at the ends")
    must = "leave a wave whose momenta are those of the rim of the packet"
    require(tail < EMPTY, "state", must, f"{tail:.1e} of it beyond")
