"""One engine for every pair of exact half-flows: `evolve`, and its reverse-mode gradient with constant memory.

Every equation of this library reads du/dt = (A + B)u, where the free transport A (`drift`) and the potential B (`kick`) can each be
solved exactly. A method of `methods.py` composes them; neighbouring kicks of two steps are merged, and all phases are prepared
before the loop.

`schedule.py` says when it stops to be looked at, `forward.py` runs it, `backward.py` takes its gradient, `running/` is what stands
around the loop.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner._checks import check_choice, concrete, require
from jaxwigner._types import Array
from jaxwigner.engine.driven import left, with_books
from jaxwigner.engine.methods import DEFAULT_METHOD, Method, find_method
from jaxwigner.engine.run import Evolution
from jaxwigner.engine.running.goes_on import begun
from jaxwigner.engine.running.observing import Observe, looking
from jaxwigner.engine.running.origin import origin_of
from jaxwigner.engine.running.pieces import in_pieces, solve_visibly
from jaxwigner.engine.running.solve import Solved, Task
from jaxwigner.engine.running.stored import Store
from jaxwigner.engine.running.tolerance import check_one_of, found_steps
from jaxwigner.engine.schedule import listed_times, make_schedule
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar
from jaxwigner.progress import Progress

GRADIENTS = ("reversible", "checkpointed", "forward")
DIAGNOSED = 8  # times at which a run without saves is looked at


def evolve(
    system: System,
    state: Any,
    *,
    duration: Scalar,
    steps: int | np.integer | Array | None = None,
    method: str | Method = DEFAULT_METHOD,
    observe: Observe = None,
    saves: int | np.integer | Sequence[float] | Array | None = None,
    gradient: str = "reversible",
    throw: bool = True,
    start_time: Scalar | None = None,
    tolerance: float | None = None,
    keep: Path | str | None = None,
    progress: bool | Progress | None = None,
) -> Evolution:
    """Solve du/dt = (A + B)u from `state` over `duration` by a splitting method.

    **Arguments:**

    - `system`: any `System`. `state`: what it evolves (ψ, a `MixedState`, W, `Particles`), or an `Evolution` of the same system, which
      goes on from its end: times continue.
    - `duration`: time, may be negative or traced. `steps`: an integer ≥ 1 (it may be traced when `saves` is not a list of times).
    - `method`: a name in `METHODS` or a `Method`.
    - `observe`: a function f(u) of a state or f(t, u) of time and state (as many required positional parameters as it has), a name that
      the system knows (`"position"`, `"energy"`, …: `System.observables`), or a dict or sequence of these, evaluated during the run at
      the saved times; default: the state itself. Names and sequences come back as a dict by name.
    - `saves`: an integer S for S + 1 equally spaced times, both ends included; or the times themselves, from the start of the run to
      its end; or None for the final state only (with `observe`: both ends). Steps are adapted to the times, never longer than
      duration/steps.
    - `gradient`: `"reversible"` (reverse mode, memory independent of steps and saves), `"checkpointed"` (plain JAX with
      recomputation: every mode, Hessian-vector products; memory grows like √steps), `"forward"` (plain JAX, forward mode).
    - `throw`: raise if the run is under-resolved. Values known only under jit raise at run time through `equinox.error_if`; with
      `throw=False` the status is in `.diagnostics`.
    - `start_time`: the time at which the run begins, for U(x, t), f(t, u), `saves` and the times of the run: 0, or the end of the run
      that goes on.
    - `tolerance`: instead of `steps`, where everything is known: steps are doubled until the relative error of the final state (in L²)
      and of what is observed falls below it; `run.steps` and `run.error` say what was found.
    - `keep`: a folder in which a long run writes its pieces: called again after a kill it goes on from the last of them, to the
      same numbers bit for bit; `load_run` reads it when it is finished.
    - `progress`: True for a bar, on a terminal or in a notebook, over the pieces that `keep` would write; a function of (stage, done,
      total) instead of it; None for the seconds that a long run takes, on a terminal, which changes no number; False for nothing.

    **Returns:** an `Evolution` with `state`, `times`, `observed`, `diagnostics`; the diagnostics carry no gradient.

    **Raises:** `ValueError` for arguments that cannot be right, and for an under-resolved run, with the remedy named.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 128)
    >>> system = jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), hbar=0.5)
    >>> psi = jw.coherent_state(grid, 1.0, 0.0, hbar=0.5)
    >>> run = jw.evolve(system, psi, duration=2 * jnp.pi, steps=100, observe="position", saves=[jnp.pi])
    >>> bool(abs(abs(jnp.vdot(psi, run.state)) * grid.cell - 1) < 1e-6), run.observed["position"].round(6).tolist()
    (True, [[-1.0]])
    """
    require(isinstance(system, System), "system", "be a System", system)
    table = find_method(method)
    system.check_method(table)
    if not system.reversible and concrete(duration):
        must = "not be negative where the system loses something, which does not come back"
        require(np.asarray(duration) >= 0, "duration", must, duration)
    check_choice("gradient", gradient, GRADIENTS)
    check_one_of(steps, tolerance)
    state, start = begun(system, state, start_time)
    running = with_books(system, start)
    state = running.enter(state)

    def task(steps: Any, looks: int | None = None) -> Task:
        most = looks or (DIAGNOSED if gradient == "reversible" else 1)
        schedule = make_schedule(duration, steps, saves, most, start)
        look = looking(system, observe, saves, start + schedule.times)
        return Task(running, look, schedule, table, gradient)

    error = None
    if tolerance is not None:
        steps, error = found_steps(task, state, tolerance, (duration, start))
    whole = task(steps)
    store = None if keep is None else Store(keep, whole, state)
    run = None if store is None else store.run
    if run is None:
        solved = _solved(whole, state, progress, store)
        run = _result(system, whole, solved, start, saves, observe is None)
        run = dataclasses.replace(run, steps=steps, error=error)
        if store is not None:
            store.finish(run)
    return run.check() if throw else run


def _solved(task: Task, state: Any, progress: Any, store: Store | None) -> Solved:
    """In pieces where they are kept or counted, and can be."""
    if store is None and (not progress or not concrete((task, state))):
        return solve_visibly(task, state, progress)
    return in_pieces(task, state, progress, store)


def _result(
    system: System, task: Task, solved: Solved, start: Scalar, saves: Any, plain: bool
) -> Evolution:
    """What a run returns; `plain`: it was asked for nothing but states."""
    stops = start + task.schedule.times
    looks = solved.diagnostics.times  # of pieces, some more
    names = task.look.names
    axes = system.observed_axes() if names else {}
    return Evolution(
        state=left(solved.state),
        times=np.asarray(saves, float) if listed_times(saves) else stops,
        observed=None if saves is None and plain else solved.seen,
        diagnostics=dataclasses.replace(
            solved.diagnostics, times=stops if looks is None else start + looks
        ),
        # A plain dict comes out of `jax.jit` with its keys sorted, and momenta before positions.
        coordinates=OrderedDict(system.coordinates()),
        system=type(system).__name__,
        method=task.method,
        saves_states=plain,
        axes={key: axes[name] for key, name in names.items() if name in axes},
        names=tuple(sorted(names.items())),
        origin=origin_of(system),
    )
