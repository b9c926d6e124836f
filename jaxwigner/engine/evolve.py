"""One engine for every pair of exact half-flows: `evolve`, and its reverse-mode gradient with constant memory.

Every equation of this library reads du/dt = (A + B)u, where the free transport A (`drift`) and the potential B (`kick`) can each be
solved exactly. A method of `methods.py` composes them; neighbouring kicks of two steps are merged, and all phases are prepared
before the loop.

`schedule.py` says when it stops to be looked at, `forward.py` runs it, `backward.py` takes its gradient.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import (
    check_callable,
    check_choice,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.compiled import compiled, numbers_as_arrays, structure_key, with_known_functions
from jaxwigner.engine.backward import run_reversible
from jaxwigner.engine.driven import left, with_books
from jaxwigner.engine.forward import diagnosed, march, march_checkpointed, run_segments
from jaxwigner.engine.methods import DEFAULT_METHOD, Method, find_method
from jaxwigner.engine.run import Diagnostics, Evolution
from jaxwigner.engine.schedule import Schedule, make_schedule
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar

GRADIENTS = ("reversible", "checkpointed", "forward")
DIAGNOSED = 8  # times at which a run without saves is looked at


def evolve(
    system: System,
    state: Any,
    *,
    duration: Scalar,
    steps: int | np.integer | Array,
    method: str | Method = DEFAULT_METHOD,
    observe: Callable | Mapping[str, Callable] | None = None,
    saves: int | np.integer | Sequence[float] | Array | None = None,
    gradient: str = "reversible",
    throw: bool = True,
    start_time: Scalar = 0.0,
) -> Evolution:
    """Solve du/dt = (A + B)u from `state` over `duration` by a splitting method.

    **Arguments:**

    - `system`: any `System`. `state`: what it evolves (ψ, a `MixedState`, W, `Particles`).
    - `duration`: time, may be negative or traced. `steps`: an integer ≥ 1 (it may be traced when `saves` is not a list of times).
    - `method`: a name in `METHODS` or a `Method`.
    - `observe`: a function of a state, or a dict of them, evaluated during the run at the saved times; default: the state itself.
    - `saves`: an integer S for S + 1 equally spaced times, both ends included; or increasing times from 0 to `duration`; or None for
      the final state only (with `observe`: both ends). Steps are adapted to the times, never longer than duration/steps.
    - `gradient`: `"reversible"` (reverse mode, memory independent of steps and saves), `"checkpointed"` (plain JAX with
      recomputation: every mode, Hessian-vector products; memory grows like √steps), `"forward"` (plain JAX, forward mode).
    - `throw`: raise if the run is under-resolved. Values known only under jit raise at run time through `equinox.error_if`; with
      `throw=False` the status is in `.diagnostics`.
    - `start_time`: the time t of U(x, t) at which the run begins, where U depends on time; times of the run count from its start.

    **Returns:** an `Evolution` with `state`, `times`, `observed`, `diagnostics`; the diagnostics carry no gradient.

    **Raises:** `ValueError` for arguments that cannot be right, and for an under-resolved run, with the remedy named.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 128)
    >>> system = jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), hbar=0.5)
    >>> psi = jw.coherent_state(grid, 1.0, 0.0, hbar=0.5)
    >>> run = jw.evolve(system, psi, duration=2 * jnp.pi, steps=100)
    >>> bool(abs(abs(jnp.vdot(psi, run.state)) * grid.cell - 1) < 1e-6)
    True
    """
    require(isinstance(system, System), "system", "be a System", system)
    table = find_method(method)
    system.check_method(table)
    if not system.reversible and concrete(duration):
        must = "not be negative where the system loses something, which does not come back"
        require(np.asarray(duration) >= 0, "duration", must, duration)
    check_choice("gradient", gradient, GRADIENTS)
    schedule = make_schedule(
        duration, steps, saves, looks=DIAGNOSED if gradient == "reversible" else 1
    )
    running = with_books(system, start_time)
    state = running.enter(state)
    look = _observer(observe, saves)
    inputs = numbers_as_arrays((running, look, schedule.step, state))
    known = with_known_functions(inputs) if concrete(schedule.counts) else None
    key = structure_key(inputs)
    if known is None or key is None:
        # A closure over tracers becomes a part of the tree: gradients reach what it closes over.
        look = numbers_as_arrays(eqx.filter_closure_convert(look, state))
        inputs = (inputs[0], look, *inputs[2:])
        final, seen, diagnostics = _solve(inputs, schedule, table, gradient)
    else:
        final, seen, diagnostics = _solve_once(known, schedule, table, gradient, key)
    result = Evolution(
        state=left(final),
        times=schedule.times,
        observed=None if saves is None and observe is None else seen,
        diagnostics=diagnostics,
        # A plain dict comes out of `jax.jit` with its keys sorted, and momenta before positions.
        coordinates=OrderedDict(system.coordinates()),
        system=type(system).__name__,
        method=table,
        saves_states=observe is None,
    )
    return result.check() if throw else result


def _solve(inputs, schedule: Schedule, table: Method, gradient: str) -> tuple:
    """The final state, what was seen at the start and at the end of every segment, and the diagnostics there."""
    counts, segments = schedule.counts, schedule.segments
    if gradient == "reversible":
        final, later = _reversible(inputs, counts, segments, table)
    else:
        loop = march if gradient == "forward" else march_checkpointed
        final, later = run_segments(inputs, counts, segments, table, loop)
    system, look, _, state = inputs
    seen, series = jax.tree.map(
        lambda start, rest: jnp.concatenate([jnp.asarray(start)[None], rest]),
        (look(state), diagnosed(system, state)),
        later,
    )
    if "heating" in series:
        series["heat"] = _over_time(series.pop("heating"), inputs[2] * jnp.asarray(counts))
    return final, seen, Diagnostics.of(jax.lax.stop_gradient(series))


def _over_time(rate: Array, spans: Array) -> Array:
    """∫ of a rate over the segments of a run until each look, by the trapezoidal rule."""
    steps = 0.5 * (rate[1:] + rate[:-1]) * spans
    return jnp.concatenate([jnp.zeros_like(rate[:1]), jnp.cumsum(steps)]).astype(rate.dtype)


def _reversible(inputs, counts, segments: int, table: Method) -> tuple:
    """A run with the reverse-mode rule; JAX's complaint about forward mode gets the remedy."""
    try:
        return run_reversible(inputs, counts, segments, table)
    except TypeError as error:
        if "forward-mode" not in str(error):
            raise
        raise TypeError(
            'Argument `gradient` must be "forward" for forward-mode differentiation (`jax.jvp`, `jax.jacfwd`), '
            'or "checkpointed" for both modes, but is "reversible"'
        ) from error


def _solve_once(inputs, schedule: Schedule, table: Method, gradient: str, key: str) -> tuple:
    """The same by a program that is kept for the next run of these shapes and steps, whatever its ħ, masses and times."""
    counts = schedule.counts if isinstance(schedule.counts, tuple) else int(schedule.counts)
    return _program(inputs, counts, schedule.segments, table, gradient, key)


@compiled
def _program(
    inputs, counts: int | tuple[int, ...], segments: int, table: Method, gradient: str, key: str
):
    plan = Schedule(inputs[2], counts, segments, None)
    return _solve(inputs, plan, table, gradient)


class Look(eqx.Module):
    """What is observed of a state, as arrays: all of it, nothing, or what functions make of it."""

    functions: Any

    def __call__(self, state: Any) -> Any:
        every, state = self.functions, left(state)
        many = isinstance(every, dict)
        seen = {name: one(state) for name, one in every.items()} if many else every(state)
        return jax.tree.map(jnp.asarray, seen)


def _nothing(state: Any) -> tuple:
    return ()


def _everything(state: Any) -> Any:
    return state


def _observer(observe: Any, saves: Any) -> Look:
    """`observe` as one function of a state."""
    if observe is None:
        return Look(_nothing if saves is None else _everything)
    if isinstance(observe, Mapping):
        for name, one in observe.items():
            check_callable(f"observe[{name!r}]", one)
        return Look(dict(observe))
    require(callable(observe), "observe", "be a function or a dict of functions", observe)
    return Look(observe)
