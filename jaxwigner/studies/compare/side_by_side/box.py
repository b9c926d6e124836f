"""From the rim of a packet, run classically: a box, and points that hold its momenta at every ħ."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import require
from jaxwigner.compiled import once
from jaxwigner.grid import Grid
from jaxwigner.studies.compare.side_by_side.trajectories import Motion, paths
from jaxwigner.studies.compare.side_by_side.waves import Saves
from jaxwigner.studies.compare.states import OwnSystem, State
from jaxwigner.studies.compare.states.own import fastest
from jaxwigner.studies.compare.states.scan import check_stays, refuse_leaving

MARGIN = 0.12  # of the length of the path on either side
ROOM = 1.25  # of the momenta
RINGS = (5.2, 4.4, 3.6, 2.8, 2.0, 1.0)  # in standard deviations
FEWEST, MOST = {1: 2**9, 2: 2**6}, {1: 2**15, 2: 2**9}
SETTLED = 1e-3  # of the height of the path: by how much its energy may drift, for a box
MOST_STEPS = 2**8  # between two saves
FOLLOWED = 0.3  # angle that such a step may turn by
WIDER = (
    0.0,
    0.5,
    2.0,
)  # boxes that are tried: waves are reflected above a barrier, where no particle is
CELLS = 2**10  # of a density
EMPTY = 1e-6  # what may be near the ends of the box or of the spectrum
FAR = 0.1  # of the length of a box that is too long: what has gone so far is on its way out
FEW = 512  # points that tell the share that is lost


class Plan(NamedTuple):
    """A box at each ħ (ħ, d), points, and the energies at which U is capped (ħ,)."""

    lower: np.ndarray
    upper: np.ndarray
    points: tuple[int, ...]
    cap: np.ndarray

    def fine(self, row: int) -> Grid:
        """The grid of twice the points at one ħ."""
        lower, upper = (tuple(one[row].tolist()) for one in (self.lower, self.upper))
        return Grid(lower, upper, tuple(2 * n for n in self.points))

    def cells(self) -> np.ndarray:
        """Edges of cells of a density, common to all ħ (d = 1)."""
        if len(self.points) > 1:
            return np.zeros(1)
        return np.linspace(self.lower.min(), self.upper.max(), CELLS + 1)


def plan(
    system: OwnSystem,
    state: State,
    hbars: np.ndarray,
    duration: float,
    saves: int,
    wider: float = 0.0,
) -> Plan:
    """From the rims at every ħ; `wider`: more on either side, of the length of the path."""
    if system.d == 1:
        rim, cloud = partial(state.rim, system), partial(_cloud, system, state)
        check_stays(system.potential, system.mass[0], hbars, duration, rim, cloud)
    q, p = _rims(system, state, hbars)
    q_all, p_all, top, height = _followed(system, q, p, duration, saves)
    if not (np.isfinite(q_all).all() and np.isfinite(p_all).all()):
        _refuse_lost(system, state, float(np.max(hbars)), duration, saves)
    widths = np.stack([np.asarray(state.deviations(system, float(h))[0], float) for h in hbars])
    low, high = q_all.min(axis=(0, 2)), q_all.max(axis=(0, 2))
    margin = (MARGIN + wider) * (high - low) + widths
    ends = [np.asarray(end, float) for end in system.potential.domain]
    lower, upper = np.maximum(low - margin, ends[0]), np.minimum(high + margin, ends[1])
    waves = np.abs(p_all).max(axis=(0, 2)) / hbars[:, None]
    need = ROOM * waves * (upper - lower) / np.pi
    points = tuple(_size(n, system.d) for n in need.max(axis=0))
    if max(points) > MOST[system.d]:
        row = int(np.argmax(need.max(axis=1)))
        ends = (low[row], high[row], max(points))
        _refuse_long(system, state, float(hbars[row]), duration, saves, *ends)
    return Plan(lower, upper, points, top + 1.5 * height)


def _cloud(system: OwnSystem, state: State, hbar: float) -> tuple[Any, Any, Any]:
    cloud = state.cloud(system, hbar, FEW)
    return cloud.positions, cloud.momenta, cloud.weights


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


def _size(least: float, d: int) -> int:
    """The next 2ᵏ, in two dimensions 3·2ᵏ too: few sizes, few programs."""
    n = FEWEST[d]
    while n < least:
        n = 2 * n if d == 1 else 3 * n // 2 if n & (n - 1) == 0 else 4 * n // 3
    return n


@once
def values(potential: Any, points: tuple[Any, ...]) -> Any:
    """U."""
    return potential(*points)


def _followed(system: OwnSystem, q: Any, p: Any, duration: float, saves: int) -> Any:
    """Paths (time, ħ, point, d), the highest energies (ħ,) and their heights above the bottom of the paths.

    Steps are doubled until energies are kept; near a separatrix nothing else settles.
    """
    flat = [jnp.asarray(one.reshape(-1, system.d)) for one in (q, p)]
    steps = 1
    while True:
        found = _paths(system, flat, duration, saves, steps)
        with np.errstate(all="ignore"):  # too long a step may leave all numbers
            energy, on_path = _energies(system, *found)
            drift = np.max(np.abs(energy - energy[0]))
            settled = drift <= SETTLED * (np.max(energy) - np.min(on_path))
        # What is lost by steps that are short enough has left.
        left = not np.isfinite(energy).all() and _short(system, flat[0], duration / saves / steps)
        if settled or left or steps >= MOST_STEPS:
            break
        steps = 2 * steps
    shape = (saves + 1, *q.shape)
    must = f"be short enough to be followed with {MOST_STEPS} steps in each of {saves} intervals"
    require(settled or left, "duration", must, duration)
    energy, on_path = (one.reshape(shape[:-1]) for one in (energy, on_path))
    top = energy.max(axis=(0, 2))
    return *(one.reshape(shape) for one in found), top, top - on_path.min(axis=(0, 2))


def _short(system: OwnSystem, x: Any, step: float) -> bool:
    """Whether a step is a small part of the fastest oscillation where the paths begin."""
    return abs(step) * fastest(system.potential, system.mass, x) < FOLLOWED


def _energies(system: OwnSystem, q: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The energy of each point over time, and U there."""
    coordinates = tuple(jnp.asarray(one) for one in np.moveaxis(q, -1, 0))
    on_path = np.asarray(values(system.potential, coordinates), float)
    with np.errstate(all="ignore"):
        energy = on_path + np.sum(p**2 / (2 * np.asarray(system.mass, float)), axis=-1)
    return energy, on_path


def _paths(system: OwnSystem, z: Any, duration: float, saves: int, steps: int) -> Any:
    every = Saves(saves, jnp.asarray(duration / saves), jnp.asarray(steps))
    with np.errstate(all="ignore"):
        q, p = z
        return [np.asarray(one) for one in paths(Motion.of(system), q, p, every)]


def _some(
    system: OwnSystem, state: State, hbar: float, duration: float, saves: int, steps: int = 16
) -> Any:
    *z, weights = _cloud(system, state, hbar)
    z = [jnp.asarray(one) for one in z]
    return _paths(system, z, duration, saves, steps), np.asarray(weights)


def _refuse_lost(system: OwnSystem, state: State, hbar: float, duration: float, saves: int):
    (q, _), weights = _some(system, state, hbar, duration, saves)
    share = float(weights @ ~np.isfinite(q).all(axis=(0, 2)))
    refuse_leaving(system.potential, share, FEW, hbar)


def _refuse_long(system, state, hbar, duration, saves, low, high, points):
    (q, _), weights = _some(system, state, hbar, duration, saves)
    away = np.any(np.abs(q[-1] - q[0].mean(axis=0)) > FAR * (high - low), axis=1)
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
