"""A run from its first to its last stop: by a program that is kept where everything is known, else as it stands in other programs."""

from __future__ import annotations

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxwigner._checks import concrete
from jaxwigner._types import Array
from jaxwigner.compiled import compiled, numbers_as_arrays, structure_key, with_known_functions
from jaxwigner.engine.backward import run_reversible
from jaxwigner.engine.forward import diagnosed, march, march_checkpointed, row_after, run_segments
from jaxwigner.engine.methods import Method
from jaxwigner.engine.run import Diagnostics
from jaxwigner.engine.running.observing import Look
from jaxwigner.engine.schedule import Schedule
from jaxwigner.engine.system import System


class Task(NamedTuple):
    """All that a run is made of, but for where it begins."""

    system: System
    look: Look
    schedule: Schedule
    method: Method
    gradient: str


class Solved(NamedTuple):
    """The final state, what was seen at every stop, and the diagnostics there."""

    state: Any
    seen: Any
    diagnostics: Diagnostics


def solve(task: Task, state: Any) -> Solved:
    """The run of a task from a state that its system has taken."""
    schedule, how = task.schedule, (task.method, task.gradient)
    inputs, known, key = _told(task, state)
    if known is not None and key is not None:
        return _solve_once(known, schedule, *how, key)
    # A closure over tracers becomes a part of the tree: gradients reach what it closes over.
    look = eqx.filter_closure_convert(task.look, state, row_after(-1))
    return _solve((inputs[0], numbers_as_arrays(look), *inputs[2:]), schedule, *how)


def solve_uncounted(task: Task, state: Any) -> Solved:
    """The same by a program that is kept for all numbers of steps; without a gradient."""
    schedule = task.schedule
    _, known, key = _told(task, state)
    if known is None or key is None:
        return solve(task, state)
    counts = jnp.asarray(schedule.counts)
    return _uncounted(known, counts, schedule.segments, schedule.asked, task.method, key)


def _told(task: Task, state: Any) -> tuple[Any, Any, str | None]:
    """What a program takes; the same with known functions, and what its classes depend on, where that can be told."""
    inputs = numbers_as_arrays((task.system, task.look, task.schedule.step, state))
    known = with_known_functions(inputs) if concrete(task.schedule.counts) else None
    return inputs, known, structure_key(inputs)


def _solve(inputs, schedule: Schedule, table: Method, gradient: str) -> Solved:
    counts, segments = schedule.counts, schedule.segments
    if gradient == "reversible":
        final, later = _reversible(inputs, counts, segments, table)
    else:
        loop = march if gradient == "forward" else march_checkpointed
        final, later = run_segments(inputs, counts, segments, table, loop)
    system, look, _, state = inputs
    seen, series = jax.tree.map(
        lambda start, rest: jnp.concatenate([jnp.asarray(start)[None], rest]),
        (look(state, row_after(-1)), diagnosed(system, state)),
        later,
    )
    if "heating" in series:
        series["heat"] = _over_time(series.pop("heating"), inputs[2] * jnp.asarray(counts))
    return Solved(final, schedule.shown(seen), Diagnostics.of(jax.lax.stop_gradient(series)))


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


def _solve_once(inputs, schedule: Schedule, table: Method, gradient: str, key: str) -> Solved:
    """The same by a program that is kept for the next run of these shapes and steps, whatever its ħ, masses and times."""
    counts = schedule.counts if isinstance(schedule.counts, tuple) else int(schedule.counts)
    return _program(inputs, counts, schedule.segments, schedule.asked, table, gradient, key)


@compiled
def _program(
    inputs,
    counts: int | tuple[int, ...],
    segments: int,
    asked: tuple[int, int] | None,
    table: Method,
    gradient: str,
    key: str,
):
    plan = Schedule(inputs[2], counts, segments, None, asked)
    return _solve(inputs, plan, table, gradient)


@compiled
def _uncounted(
    inputs, counts: Array, segments: int, asked: tuple[int, int] | None, table: Method, key: str
):
    return _solve(inputs, Schedule(inputs[2], counts, segments, None, asked), table, "forward")
