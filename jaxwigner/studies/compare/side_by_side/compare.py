"""`jw.compare`: one call for the user's own system, d = 1 and 2, in atomic units.

A box and points come from the rim of the packet; all ħ run in one program, steps are doubled until what is observed no longer changes;
the ensemble is drawn from the Wigner function in scrambles, whose spread is its error, until the tolerance can be told.
"""

from __future__ import annotations

from typing import Any, cast

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import (
    check_finite,
    check_integer,
    check_masses,
    check_positive_scalar,
    check_scalar,
    concrete,
    require,
)
from jaxwigner.grid import Grid
from jaxwigner.potentials import as_potential
from jaxwigner.states import Gaussian, MixedState
from jaxwigner.studies.compare import tolerances
from jaxwigner.studies.compare.several_levels.asked import checked_hbars, is_matrix
from jaxwigner.studies.compare.several_levels.compare import compare_levels
from jaxwigner.studies.compare.side_by_side.asked import Scaled, asked, rows, with_barrier
from jaxwigner.studies.compare.side_by_side.box import EMPTY, WIDER, Plan, check_kept, plan, values
from jaxwigner.studies.compare.side_by_side.sampling import STILL, sampled, stepped
from jaxwigner.studies.compare.side_by_side.together import together
from jaxwigner.studies.compare.side_by_side.waves import Box, Saves, waves
from jaxwigner.studies.compare.states import OwnSystem, State
from jaxwigner.units import quantity

ACCURATE = 2e-5  # of the amplitude: what twice the steps may change
MOST_STEPS = 2**12  # in an interval
LONGEST = 1000  # letters that say what was asked for


def compare(
    potential: Any,
    *,
    mass: Any,
    state: State | Gaussian,
    duration: Any,
    observe: Any = ("position",),
    hbar: Any = (2.0, 1.0, 0.5, 0.25),
    tolerance: Any = (0.02, 0.05),
    samples: int | None = None,
    seed: int = 0,
    memory: float | None = None,
    saves: int = 200,
    level: int | str | None = None,
) -> Any:
    """Until when classical mechanics is right: quantum dynamics, a classical ensemble and one trajectory side by side (d = 1, 2).

    iħ∂_tψ = (−Σħ²∂_i²/2m_i + U)ψ beside q̇ = p/m, ṗ = −∇U(q), started from the Wigner function of ψ; ⟨A⟩ of both, and their difference.
    ħ times s is the same molecule with masses m/s². Everything is in atomic units; `jw.units` has constants to multiply in, and text
    with a unit is taken as well: "100 fs", "0.948 u", "2.2 bohr".

    **Arguments:**

    - `potential`: U in hartree: a function of d coordinate arrays in bohr written with jax.numpy, any of `jw.potentials`, an
      `equinox.Module`, or `jw.read_curve("scan.csv")`. `mass`: in electron masses, a number or one for each coordinate.
    - `state`: a `jw.Packet`, `Level`, `Lift`, `Thermal`, `Wkb` or `Wave`; or a `jw.Gaussian` N(m, S), the Wigner function of a packet
      at ħ = 1, whose S is scaled with ħ.
    - `duration`: `100 * jw.units.fs`; `saves`: intervals of time after which everything is looked at.
    - `observe`: "position", "momentum", "kinetic", "potential", "energy", "|x|²", "|p|²", "transmitted" (beyond the highest barrier,
      d = 1), "density" (W₁ of densities, d = 1; with "position" where alone), functions of x or of p (of one point), or a dictionary
      of these. In d = 2 entries of vectors have names of their own: "position_1".
    - `hbar`: multiples of the real ħ. `tolerance`: shares of the classical amplitude, max − min of the classical mean, or absolute
      ones such as "0.01 bohr": what is printed, and what the sampling must be able to tell.
    - `samples`: trajectories at each ħ, a power of two; found where left out. `seed`: of the scrambles. `memory`: bytes.
    - `level`: with several electronic levels the one of the packet, its number from below, or "lower" and "upper" of two.

    A matrix potential (`jw.potentials.Tully(1)`, a function that returns n rows of n numbers) has several levels: waves on all of them
    beside single switch, Ehrenfest and motion on one level, from a `Packet`; "populations" (adiabatic: "population_0", …) besides
    "position" and "momentum"; 4096 trajectories where `samples` is left out.

    **Returns:** a `Comparison`: `print(found)`, `.trusted("position")`, `.rates`, `.figure(path)`, `.animate(path)`, `.to_xarray()`; of
    several levels a `LevelsComparison`, without `.rates` and `.animate`.

    **Raises:** `ValueError` for arguments that cannot be right, for a packet that leaves what `potential` defines or needs too large a
    box, and for a tolerance that the sampling cannot tell.

    >>> import jaxwigner as jw
    >>> from jaxwigner.units import fs
    >>> oh = jw.potentials.Morse(0.1994, 1.189, 1.821)
    >>> found = jw.compare(oh, mass=1728.539, state=jw.Packet(2.2), duration=30 * fs, hbar=(1,), saves=60)
    >>> bool(22.4 < found.trusted("position").upper / fs < 23.1)
    True
    """
    if is_matrix(potential, state):
        return compare_levels(
            potential,
            **{"mass": mass, "state": state, "level": level, "duration": duration},
            **{"observe": observe, "hbar": hbar, "tolerance": tolerance, "samples": samples},
            **{"seed": seed, "memory": memory, "saves": saves, "said": _said},
        )
    require(level is None, "level", "be left out with one surface", level)
    system, state, hbars, span = _checked(potential, mass, state, duration, hbar, saves, seed)
    shares = tolerances.checked(tolerance)
    _check_sampling(samples, memory)
    asked_for = asked(observe, system.potential, jnp.asarray(system.mass), system.d)
    names = (*asked_for.functions, *(["density"] if asked_for.density else []))
    tolerances.check_used(shares, names)
    every = system, state, hbars, span, int(saves)
    found, functions, quantum, steps, chosen = _resolved(every, asked_for.functions, shares, memory)
    edges = found.cells()
    classical = sampled(*every, chosen.steps, functions, edges, shares, samples, seed)
    return together(
        times=np.linspace(0.0, span, int(saves) + 1),
        hbars=hbars,
        names=tuple(functions),
        quantum=quantum,
        classical=classical,
        steps=chosen,
        edges=edges,
        potential=_of_cells(system, found, edges),
        asked_density=asked_for.density,
        settings={
            "tolerance": shares,
            "points": found.points,
            "steps": steps * int(saves),
            "classical_steps": chosen.steps * int(saves),
            "seed": int(seed),
            "asked": (
                ("potential", _said(potential)),
                ("mass", str(mass)),
                ("state", _said(state)),
                ("duration", str(span)),
                ("saves", str(saves)),
                ("observe", ", ".join(functions)),
            ),
        },
    )


def _said(tree: Any) -> str:
    """In words, with its numbers; of a long table the first ones."""
    said = " ".join(eqx.tree_pformat(tree, short_arrays=False).split())
    return said if len(said) <= LONGEST else said[:LONGEST] + " …"


def _resolved(every, functions, shares, memory):
    """Box, observables, the quantum run, its steps and those of the ensemble, in the first box that is wide enough."""
    done, lost = cast(Any, None), np.ones((1, 2))
    for wider in WIDER:
        done, lost = _in_box(every, functions, shares, memory, wider)
        if not np.max(lost[..., 0]) > EMPTY:
            break
    check_kept(lost)
    return done


def _in_box(every, functions, shares, memory, wider):
    """The same in one box, and what reaches its ends."""
    system, state, hbars, span, saves = every
    found = plan(system, state, hbars, span, saves, wider)
    grids = [found.fine(row) for row in range(len(hbars))]
    on_fine = [_capped(system, grid, cap) for grid, cap in zip(grids, found.cap)]
    placed = functions
    if system.d == 1:
        start = float(state.centre(system, float(hbars[0]))[0][0])
        widest = int(np.argmax(found.upper[:, 0] - found.lower[:, 0]))
        x = np.asarray(grids[widest].axes[0])
        placed = with_barrier(functions, x, on_fine[widest], start)
    box = _box(found, placed, grids, on_fine)
    chosen = stepped(system, state, hbars, span, saves, placed, shares)
    quantum, steps, lost = _quantum(every, box, placed, chosen.scale, memory)
    return (found, placed, quantum, steps, chosen), lost


def _checked(potential, mass, state, duration, hbar, saves, seed):
    """The system, the state, values of ħ and the duration, as numbers that are known."""
    require(isinstance(state, (State, Gaussian)), "state", "be a Packet or another state", state)
    potential = as_potential(potential)
    mass, duration = quantity(mass, "mass", "mass"), quantity(duration, "time", "duration")
    for name, value in {"duration": duration, "mass": mass, "hbar": hbar, "state": state}.items():
        require(concrete(value), name, "be known: `compare` chooses a box by it", "traced")
    check_masses(mass)
    check_scalar("duration", duration)
    require(float(duration) != 0, "duration", "not be 0", duration)
    hbars = np.asarray(checked_hbars(hbar, saves, seed))
    if isinstance(state, Gaussian):
        state = Scaled.of(state)
    place = getattr(state, "position", None)
    system = OwnSystem(potential, mass, None if place is None else len(place))
    require(system.d <= 2, "potential", "have 1 or 2 coordinates (see jw.predict)", system.d)
    require(concrete(system), "potential", "be known: `compare` chooses a box by it", "traced")
    return system, state, hbars, float(duration)


def _check_sampling(samples: Any, memory: Any) -> None:
    if samples is not None:
        check_integer("samples", samples, at_least=16)
        require(samples & (samples - 1) == 0, "samples", "be a power of two", samples)
    if memory is not None:
        check_finite("memory", memory)
        check_positive_scalar("memory", memory)


def _capped(system: OwnSystem, grid: Grid, cap: float) -> np.ndarray:
    """U on a grid, no higher than where a wave goes: a wall beyond that is as good as any."""
    U = np.broadcast_to(np.asarray(values(system.potential, tuple(grid.mesh)), float), grid.shape)
    return np.where(np.isnan(U), cap, np.minimum(U, cap))


def _of_cells(system: OwnSystem, found: Plan, edges: np.ndarray) -> Any:
    """U in the middle of cells, no higher than where a wave goes."""
    if system.d > 1:
        return None
    U = np.asarray(values(system.potential, (jnp.asarray(0.5 * (edges[1:] + edges[:-1])),)), float)
    return np.where(np.isnan(U), found.cap.max(), np.minimum(U, found.cap.max()))


def _box(found: Plan, functions: dict[str, Any], grids: list[Grid], on_fine: Any) -> Box:
    every_other = (slice(None), *(slice(None, None, 2) for _ in found.points))
    table = np.stack([rows(functions, *one) for one in zip(grids, on_fine)])
    rims = np.stack(on_fine)[every_other]
    lower, upper, rims, table, cells = (
        jnp.asarray(part) for part in (found.lower, found.upper, rims, table, found.cells())
    )
    return Box(lower, upper, rims, table, cells, found.points)


def _quantum(every, box, functions, scale, memory):
    """Means and their errors, densities; steps in an interval, doubled until what is observed no longer changes.

    `scale` (ħ, Q): deviations of what is observed, beside which means may be at rest.
    """
    system, state, hbars, span, saves = every
    psi, weights = _started(system, state, box, hbars)
    at_once = _at_once(psi, 2**30 if memory is None else memory)
    mass = jnp.asarray(system.mass, float)
    fixed = (
        box,
        mass,
        tuple(functions.values()),
        jnp.asarray(psi),
        jnp.asarray(weights),
        jnp.asarray(hbars),
    )

    def run(steps):
        times = Saves(saves, jnp.asarray(span / saves), jnp.asarray(steps))
        return [np.asarray(one) for one in waves(*fixed, times, at_once)]

    steps, now = 1, run(1)
    while True:
        twice = run(2 * steps)
        change = np.abs(twice[0] - now[0])
        moved = twice[2] - now[2]
        density = np.abs(moved).sum(axis=-1)
        still = STILL * (np.abs(twice[0]).max(axis=1) + scale)
        size = np.maximum(np.ptp(twice[0], axis=1), still)
        small = np.all(change.max(axis=1) <= ACCURATE * size) and np.all(density <= 1e-3)
        if small or steps >= MOST_STEPS:
            break
        steps, now = 2 * steps, twice
    require(small, "duration", f"be short enough for {MOST_STEPS} steps in an interval", span)
    step = float(jnp.ptp(box.edges)) / moved.shape[-1]
    shift = step * np.abs(np.cumsum(moved, axis=-1)).sum(axis=-1)
    return (twice[0], change + np.abs(twice[1]), twice[2], shift), 2 * steps, twice[3]


def _started(system: OwnSystem, state: State, box: Box, hbars: np.ndarray) -> Any:
    """Orbitals (ħ, r, *points) and their weights (ħ, r), with empty ones where mixtures have fewer."""
    found = []
    for row, hbar in enumerate(hbars):
        lower, upper = (tuple(np.asarray(one[row]).tolist()) for one in (box.lower, box.upper))
        psi = state.wave(system, Grid(lower, upper, box.points), float(hbar))
        if isinstance(psi, MixedState):
            found.append((np.asarray(psi.orbitals), np.asarray(psi.weights)))
        else:
            found.append((np.asarray(psi)[None], np.ones(1)))
    most = max(len(weights) for _, weights in found)
    more = lambda a: np.pad(a, [(0, most - len(a))] + [(0, 0)] * (a.ndim - 1))  # noqa: E731
    return tuple(np.stack([more(pair[i]) for pair in found]) for i in (0, 1))


def _at_once(psi: np.ndarray, memory: float) -> int:
    """How many ħ run at a time."""
    d = psi.ndim - 2
    each = psi[0].nbytes * (4 + 2 * 2**d) + psi[0, 0].nbytes * 40
    must = f"be at least {each:.3g} bytes for {psi[0].size} numbers of ψ"
    require(each <= memory, "memory", must, memory)
    return int(min(len(psi), max(1, memory // each)))
