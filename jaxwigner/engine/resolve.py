"""Box, points and steps from ħ, the energy and a tolerance.

Box: a wave of energy E decays like e^{−∫√(2m(U−E))dx/ħ} beyond its turning points; the box ends where that is below the tolerance,
or, where U stays below E, at the distance that the fastest part can travel. Points: momenta up to √(2m(E − min U)) and a tail
of √(2ħ log 1/tol) must fit below the highest wavenumber. Steps: the local error of the method is measured on pilot packets
on the energy shell, and multiplied by the number of steps. Then the plan is tried on the packet itself, with n and with 2n steps: a
tunnelling tail, a barrier that no pilot met or a box that is too narrow shows there, and the plan is mended until it holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import (
    check_callable,
    check_integer,
    check_masses,
    check_positive_scalar,
    check_scalar,
    concrete,
    each,
    per_axis,
    require,
)
from jaxwigner.compiled import compiled, once
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.methods import DEFAULT_METHOD, Method, find_method
from jaxwigner.engine.run import LIMITS
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, even_length
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.states import coherent_state

SCANNED = 4000  # points at which the potential is looked at along each axis, on either side
LADDER = 12  # step lengths tried on the pilots
ATTEMPTS = 12
MOST_POINTS, MOST_WORK = {1: 2**17, 2: 2**20, 3: 2**22}, 5 * 10**8
PROBE = 1e-3  # half-width, relative to the position, of the grid on which a system is asked for what is not given
SAFE_BAND = 0.85  # share of the momentum band that is used: its outer tenth must stay empty


class Resolution(eqx.Module):
    """What `resolve` chose: `grid`, `steps`, `method`, the predicted final `error` in L², and the `energy` it was made for."""

    grid: Grid
    steps: int
    method: Method = eqx.field(static=True)
    error: float
    energy: float


def resolve(
    make_system: Callable[[Grid], System],
    potential: Any = None,
    hbar: Any = None,
    *,
    duration: float,
    energy: float | None = None,
    position: Any = 0.0,
    momentum: Any = 0.0,
    tolerance: float = 1e-6,
    mass: Any = None,
    dimension: int = 1,
    method: str | Method = DEFAULT_METHOD,
) -> Resolution:
    """Choose box, points and steps for a packet in a potential.

    The box is found along the coordinate axes through `position`; for d > 1 the potential should not open up elsewhere. A run
    is checked by its diagnostics in any case.

    **Arguments:**

    - `make_system`: from a grid to the system, for example `lambda grid: jw.Schrodinger(grid, potential, hbar)`.
    - `potential`, `hbar`, `mass`: known numbers, since sizes follow from them (`mass` one, or one for each coordinate). Default: those
      of the system, whose kinetic energy must be p²/2m; mass 1 where the other two are given. The system is then made once more, on
      a small grid about `position`.
    - `energy`: highest energy that matters. Default: the highest classical energy within √(ħ log 1/tol) of (position, momentum),
      which holds all but `tolerance` of a coherent state there.
    - `position`, `momentum`: the centre of the packet. `tolerance`: of the final state in L².

    **Returns:** a `Resolution`.

    **Raises:** `ValueError` if the potential at `position` exceeds the energy, or if an argument cannot be right.

    >>> import jaxwigner as jw
    >>> U = jw.potentials.Harmonic(1.0)
    >>> make = lambda grid: jw.Schrodinger(grid, U, 0.1)
    >>> plan = jw.resolve(make, duration=6.3, position=1.0)
    >>> psi = jw.coherent_state(plan.grid, 1.0, 0.0, 0.1)
    >>> run = jw.evolve(make(plan.grid), psi, duration=6.3, steps=plan.steps)
    >>> run.diagnostics.complaint()
    ''
    """
    table = find_method(method)
    check_callable("make_system", make_system)
    check_integer("dimension", dimension, at_least=1)
    q = np.array(per_axis("position", position, dimension), float)
    p = np.array(per_axis("momentum", momentum, dimension), float)
    potential, hbar, mass = _of_system(make_system, q, potential, hbar, mass)
    for name, value in (("hbar", hbar), ("mass", mass), ("tolerance", tolerance)):
        require(concrete(value), name, "be known, since sizes follow from it", "traced")
    for name, value in (("hbar", hbar), ("tolerance", tolerance)):
        check_positive_scalar(name, value)
    mass = np.array(each(check_masses(mass, dimension), dimension), float)
    check_scalar("duration", duration)
    require(tolerance < 0.1, "tolerance", "be below 0.1", tolerance)
    potential = as_potential(potential)
    here = float(potential(*q))
    shell = here + float(p @ (p / mass)) / 2 if energy is None else energy
    if energy is None:
        energy = _packet_energy(potential, q, p, hbar, mass, tolerance)
    check_scalar("energy", energy)
    require(here <= energy, "energy", f"be at least U(position) = {here:g}", energy)
    grid = _choose_grid(potential, q, hbar, energy, duration, tolerance, mass)
    pilots = _pilots(grid, potential, q, shell, hbar, mass)
    system = make_system(grid)
    _check_plain(system)
    steps, _ = _choose_steps(system, pilots, grid, duration, tolerance, table)
    trial = _Trial(make_system, potential, q, p, hbar, float(duration), tolerance, table)
    grid, steps, error = trial.mended(grid, steps)
    return Resolution(grid, steps, table, error, float(energy))


def _of_system(make_system, q, potential, hbar, mass) -> tuple[Any, Any, Any]:
    """U, ħ and the mass: as given, or else as the system says that `make_system` makes on a small grid about q."""
    if potential is not None and hbar is not None:
        return potential, hbar, 1.0 if mass is None else mass
    near = PROBE * np.maximum(1.0, np.abs(q))
    grid = Grid(tuple((q - near).tolist()), tuple((q + near).tolist()), (16,) * len(q))
    system, found = make_system(grid), []
    _check_plain(system)
    for name, value in (("potential", potential), ("hbar", hbar), ("mass", mass)):
        value = getattr(system, name, None) if value is None else value
        require(value is not None, name, "be given where the system has none", value)
        found.append(value)
    return tuple(found)


def _check_plain(system: Any) -> None:
    """Box and points are those of p²/2m and of a flow that can be undone."""
    for name in ("kinetic", "diffusion"):
        must = "make a system of kinetic energy p²/2m without diffusion, from which box and points follow"
        require(getattr(system, name, None) is None, "make_system", must, f"with `{name}`")


@dataclass
class _Trial:
    """A plan tried on the packet: what it is for, and the mending."""

    make_system: Callable[[Grid], System]
    potential: Potential
    position: np.ndarray
    momentum: np.ndarray
    hbar: float
    duration: float
    tolerance: float
    method: Method

    def mended(self, grid: Grid, steps: int) -> tuple[Grid, int, float]:
        """Box, points and steps at which a run is resolved and its error is below the tolerance.

        **Raises:** `ValueError` where that takes more than `MOST_POINTS` or `MOST_WORK`.
        """
        error = math.inf
        for _ in range(ATTEMPTS):
            _check_size("hbar", "points", grid.points, MOST_POINTS[grid.dimension])
            _check_size("tolerance", "points times steps", (*grid.points, steps), MOST_WORK)
            error, worst = self.run(grid, steps)
            poor = {name for name, limit in LIMITS.items() if not worst[name] <= limit}
            if error <= self.tolerance and not poor:
                return grid, steps, error
            if poor & {"edge_mass", "spectral_tail"}:
                grid = self.larger(grid, "edge_mass" in poor, "spectral_tail" in poor)
            if error > self.tolerance or poor & {"energy_error", "norm_error"}:
                gain = (max(error / self.tolerance, 1.0)) ** (1 / self.method.order)
                steps = int(np.ceil(steps * np.clip(1.1 * gain, 1.3, 4.0)))
        must = f"be larger: {steps} steps on {grid.points} points leave an error of {error:.1e}"
        raise ValueError(f"Argument `tolerance` must {must}, but is {self.tolerance:g}")

    def run(self, grid: Grid, steps: int) -> tuple[float, dict[str, float]]:
        """The error of the final state in L², from a run of twice as many steps, and the worst diagnostics of that run."""
        system = self.make_system(grid)
        psi = coherent_state(grid, tuple(self.position), tuple(self.momentum), self.hbar)
        apart, worst = _tried(
            system, psi, self.duration, jnp.asarray([steps, 2 * steps]), self.method
        )
        error = float(apart) / (1 - 0.5**self.method.order)
        return error, {name: float(values[1]) for name, values in worst.items()}

    def larger(self, grid: Grid, wider: bool, finer: bool) -> Grid:
        """A box of 1.3 times the width, as far as the potential is defined, and 1.3 times the points per length."""
        ends = []
        for low, high in zip(grid.lower, grid.upper):
            reach = 0.15 * (high - low) if wider else 0.0
            first, last = (float(np.asarray(end)) for end in self.potential.domain)
            ends.append((max(low - reach, first), min(high + reach, last)))
        points = tuple(
            even_length(int(n * (b - a) / (high - low) * (1.3 if finer else 1.0)) + 1)
            for n, (a, b), low, high in zip(grid.points, ends, grid.lower, grid.upper)
        )
        return Grid(tuple(a for a, _ in ends), tuple(b for _, b in ends), points)


def _check_size(name: str, what: str, needed: tuple[int, ...], most: int) -> None:
    """What no machine does in reasonable time is said before it is tried."""
    total = float(math.prod(needed))
    units = "are all numbers in one system of units, of order one as `jw.natural` makes them?"
    must = f"allow a plan of at most {most:.0e} {what} ({units})"
    if total > most:
        raise ValueError(f"Argument `{name}` must {must}, but takes {total:.3g}")


def _packet_energy(potential, q, p, hbar, mass, tolerance) -> float:
    """The highest classical energy on a ball that holds all but `tolerance` of a coherent state."""
    radius = np.sqrt(hbar * np.log(1 / tolerance))
    angles = np.linspace(0, 2 * np.pi, 65)
    energies = []
    for axis in range(len(q)):
        x = [np.full(angles.shape, centre) for centre in q]
        x[axis] = q[axis] + radius * np.cos(angles)
        momenta = np.tile(p, (angles.size, 1))
        momenta[:, axis] += radius * np.sin(angles)
        kinetic = np.sum(momenta**2 / mass, axis=1) / 2
        energies.append(np.max(np.asarray(_values(potential, tuple(x))) + kinetic))
    return float(max(energies))


def _choose_grid(potential, q, hbar, energy, duration, tolerance, mass) -> Grid:
    tail = np.sqrt(2 * hbar * np.log(1 / tolerance))
    lower_bound = float(np.asarray(potential.lower_bound))
    floor = lower_bound if np.isfinite(lower_bound) else float(potential(*q))
    # The floor of an unbounded potential is found on the region itself: scan twice.
    ends: tuple[tuple[float, float], ...] = ()
    for _ in range(2):
        speeds = np.sqrt(2 * max(energy - floor, 0.0) / mass)
        reach = speeds * abs(duration) + 2 * tail
        scans = (
            _scan(potential, q, axis, reach[axis], hbar, energy, tolerance, mass[axis])
            for axis in range(len(q))
        )
        ends, lows = zip(*scans)
        floor = min(lows)
    highest = np.sqrt(2 * mass * max(energy - floor, 0.0)) + tail
    lower, upper = (tuple(end[side] for end in ends) for side in (0, 1))
    needed = [(b - a) * p / (np.pi * hbar * SAFE_BAND) for (a, b), p in zip(ends, highest)]
    most = MOST_POINTS[len(needed)]
    _check_size("hbar", "points", tuple(int(min(n, 1e18)) + 1 for n in needed), most)
    return Grid(lower, upper, tuple(even_length(int(np.ceil(n))) for n in needed))


def _scan(potential, q, axis, reach, hbar, energy, tolerance, mass):
    """Ends of the box along one axis, and the lowest value of U seen between them."""
    ends, lows = [], []
    first, last = (float(np.asarray(end)) for end in potential.domain)
    for sign in (-1, 1):
        border = first if sign < 0 else last
        far = min(reach, abs(border - q[axis]) * 0.98)
        # Quadratic spacing sees both the packet's own scale and the far end.
        s = far * np.linspace(0, 1, SCANNED) ** 2
        x = [np.full(s.shape, centre) for centre in q]
        x[axis] = q[axis] + sign * s
        values = np.asarray(_values(potential, tuple(x)))
        with np.errstate(over="ignore"):  # a wall, or units that do not fit: both end the box
            kappa = np.sqrt(2 * mass * np.maximum(values - energy, 0.0)) / hbar
        decay = np.concatenate([[0.0], np.cumsum(0.5 * (kappa[1:] + kappa[:-1]) * np.diff(s))])
        # Decay counts only beyond the last point that is classically reached.
        decay = decay - np.maximum.accumulate(np.where(values <= energy, decay, 0.0))
        closed = np.nonzero(decay > np.log(1 / tolerance))[0]
        end = s[closed[0]] if closed.size else far
        # The outer twentieth of the box must stay empty.
        ends.append(q[axis] + sign * end * 1.12)
        lows.append(float(np.min(values[s <= end])))
    return (ends[0], ends[1]), min(lows)


def _pilots(grid, potential, q, energy, hbar, mass):
    """Coherent states on the energy shell: fastest, at the given position, and at rest at the walls."""
    dimension = len(q)
    first = mass[0]  # they move along the first axis
    centres = [(q, np.sqrt(2 * first * max(energy - float(potential(*q)), 0.0)))]
    for fraction in (0.25, 0.75):
        wall = np.array([a + fraction * (b - a) for a, b in zip(grid.lower, grid.upper)])
        value = float(potential(*wall))
        if value <= energy:
            centres.append((wall, np.sqrt(2 * first * (energy - value))))
    packets = [
        coherent_state(grid, tuple(x), (float(k),) + (0.0,) * (dimension - 1), hbar)
        for x, k in centres
    ]
    return jnp.stack(packets)


@once
@compiled
def _tried(system: System, psi: Any, duration: Any, steps: Any, method: Method) -> tuple[Any, Any]:
    """How far two runs of different steps are apart in L², and the worst diagnostics of each."""

    def run(number):
        found = evolve(system, psi, duration=duration, steps=number, **_options(method))
        return found.state, found.diagnostics.worst()

    states, worst = jax.vmap(run)(steps)
    return _apart(states[0], states[1], system), worst


@once
@compiled
def _local_errors(system: System, pilots: Any, lengths: Any, method: Method) -> Any:
    """What a step and two of half its length differ by, (length, pilot)."""

    def error(length, psi):
        run = lambda n: evolve(system, psi, duration=length, steps=n, **_options(method)).state  # noqa: E731
        one, two = jax.vmap(run)(jnp.asarray([1, 2]))
        return _apart(one, two, system)

    return jax.vmap(jax.vmap(error, (None, 0)), (0, None))(lengths, pilots)


def _options(method: Method) -> dict[str, Any]:
    return {"method": method, "gradient": "forward", "throw": False}


def _apart(one: Any, two: Any, system: Any) -> Any:
    return jnp.sqrt(jnp.sum(jnp.abs(one - two) ** 2) * system.grid.cell)


@once
def _values(potential: Potential, x: tuple[Any, ...]) -> Any:
    """U, as one program."""
    return potential(*x)


def _choose_steps(system, pilots, grid, duration, tolerance, method) -> tuple[int, float]:
    """The fewest steps whose summed local errors stay below the tolerance on every pilot."""
    if duration == 0:
        return 1, 0.0
    ladder = abs(duration) * 0.5 ** np.arange(1, LADDER + 1)
    sign = np.sign(duration)

    errors = np.asarray(_local_errors(system, pilots, sign * ladder, method))
    worst = errors.max(axis=1) / (1 - 0.5**method.order) * (abs(duration) / ladder)
    good = np.nonzero(worst <= tolerance)[0]
    rung = good[0] if good.size else LADDER - 1
    # Between two rungs the error grows like the power `order`; the last rung is extrapolated.
    gain = (tolerance / max(worst[rung], 1e-300)) ** (1 / method.order)
    steps = max(1, int(np.ceil(abs(duration) / (ladder[rung] * min(2.0, gain)))))
    predicted = worst[rung] * (abs(duration) / (steps * ladder[rung])) ** method.order
    return steps, float(predicted)
