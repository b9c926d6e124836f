"""Backwards: the reverse-mode gradient of a run, with memory independent of its steps and of its saved times.

Each half-flow over τ is undone by the half-flow over −τ. From the final state on: undo one half-flow, pull the cotangent back
through that half-flow at the recovered state, add up the cotangents of the generators. Nothing is stored on the way.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from jaxwigner._types import Scalar
from jaxwigner.engine.flows import Flow, PhaseFlow, conjugate, paired, parts, rescaled, squares
from jaxwigner.engine.forward import (
    Group,
    Kick,
    Plan,
    Ready,
    count_of,
    groups,
    prepare,
    repeat,
    row_after,
    run_segments,
)
from jaxwigner.engine.methods import Method


@eqx.filter_custom_vjp
def run_reversible(inputs, counts, segments: int, method: Method):
    return run_segments(inputs, counts, segments, method)


@run_reversible.def_fwd
def _(perturbed, inputs, counts, segments, method):
    if not inputs[0].reversible:
        must = 'be "checkpointed" (or "forward") where the system loses something, which does not come back'
        raise ValueError(f'Argument `gradient` must {must}, but is "reversible"')
    out = run_segments(inputs, counts, segments, method)
    return out, out[0]


@run_reversible.def_bwd
def _(final, cotangents, perturbed, inputs, counts, segments, method):
    system, observe, step, _ = inputs
    state_bar, (seen_bar, _) = cotangents
    pair = paired(final, conjugate(_zeros_for_none(state_bar, final)))
    moving, fixed = eqx.partition((system, step), (perturbed[0], perturbed[2]))
    one = jnp.ndim(step) == 0

    def planned(moving, i):
        system, step = eqx.combine(moving, fixed)
        return prepare(system, step if one else step[i], method)

    go = _with_one_plan if one else _with_many_plans
    run = _Run(planned, moving, bool(jax.tree.leaves(moving)), observe, method)
    turns = [_turn(group, counts, seen_bar) for group in reversed(groups(counts, segments))]
    costate, observe_bar, moving_bar = go(run, turns, pair)
    like = eqx.filter((system, step), eqx.is_inexact_array)
    system_bar, step_bar = _zeros(like) if moving_bar is None else _zeros_for_none(moving_bar, like)
    return system_bar, observe_bar, step_bar, conjugate(costate)


class _Run(NamedTuple):
    """What is gone back through: the plan of segment `i` as a function of what is differentiated, and what is observed."""

    planned: Callable[[Any, Any], Plan]
    moving: PyTree
    parameters: bool
    observe: Callable[[Any], Any]
    method: Method

    def zeros(self, plan: Plan) -> PyTree:
        return _zeros(plan) if self.parameters else None


def _turn(group: Group, counts, seen_bar: PyTree):
    """Segments of one length: their numbers and what was seen at the end of each, and how many steps segment `i` has."""
    rows = group.first + jnp.arange(group.size)
    seen = jax.tree.map(lambda bar: bar[group.first : group.first + group.size], seen_bar)
    return (rows, seen), lambda i: count_of(group, counts, i)


def _with_one_plan(run: _Run, turns, pair: PyTree):
    """All segments by one plan: the state is carried between the closing and the opening kick, as on the way there."""
    plan, pull_plan = eqx.filter_vjp(lambda moving: run.planned(moving, None), run.moving)
    ready = Ready(plan, run.method, parts(pair)[0])

    def segment(carry, here, count):
        (i, seen_bar), (back, observe_bar) = here, carry
        back, observe_bar = _seen_inside(ready, run.observe, i, seen_bar, back, observe_bar)
        return (_back_march(ready, count(i), back), observe_bar), None

    carry = _back_end(ready, _Back(pair, run.zeros(plan))), _zeros(run.observe)
    for here, count in turns:
        turn = functools.partial(segment, count=count)
        carry, _ = jax.lax.scan(turn, carry, here, reverse=True)
    back, observe_bar = carry
    back = _back_begin(ready, back)
    moving_bar = pull_plan(back.plan_bar)[0] if run.parameters else None
    return parts(back.pair)[1], observe_bar, moving_bar


def _with_many_plans(run: _Run, turns, pair: PyTree):
    """Segments of steps of their own length."""

    def segment(carry, here, count):
        (i, seen_bar), (pair, observe_bar, moving_bar) = here, carry
        plan, pull_plan = eqx.filter_vjp(lambda moving: run.planned(moving, i), run.moving)
        state, costate = parts(pair)
        ready = Ready(plan, run.method, state)
        more, observe_bar = _seen(run.observe, i, state, seen_bar, observe_bar)
        costate = costate if more is None else _add(costate, more)
        back = _back_end(ready, _Back(paired(state, costate), run.zeros(plan)))
        back = _back_begin(ready, _back_march(ready, count(i), back))
        if run.parameters:
            moving_bar = _add(moving_bar, pull_plan(back.plan_bar)[0])
        return (back.pair, observe_bar, moving_bar), None

    carry = pair, _zeros(run.observe), _zeros(run.moving) if run.parameters else None
    for here, count in turns:
        turn = functools.partial(segment, count=count)
        carry, _ = jax.lax.scan(turn, carry, here, reverse=True)
    return parts(carry[0])[1], *carry[1:]


def _seen(observe, i, state, seen_bar, observe_bar):
    """The costate of what was observed of a state, or None, and the cotangent of the observer."""
    if not jax.tree.leaves(seen_bar):
        return None, observe_bar
    # What is not differentiable (an index, a flag) has no cotangent.
    look = lambda f, u: eqx.filter(f(u, row_after(i)), eqx.is_inexact_array)  # noqa: E731
    seen, pull = eqx.filter_vjp(look, observe, state)
    observe_more, state_more = pull(_zeros_for_none(seen_bar, seen))
    return conjugate(state_more), _add(observe_bar, observe_more)


def _seen_inside(ready: Ready, observe, i, seen_bar, back: _Back, observe_bar):
    """The same where the state is carried without the kick that was made to look at it."""
    inner, costate = parts(back.pair)
    state = ready.end(inner)
    more, observe_bar = _seen(observe, i, state, seen_bar, observe_bar)
    if more is None:
        return back, observe_bar
    (_, more), plan_bar = _split(_back_end(ready, _Back(paired(state, more), back.plan_bar)))
    return _Back(paired(inner, _add(costate, more)), plan_bar), observe_bar


class _Back(NamedTuple):
    """What is carried back: a state with its costate, and the cotangent of the plan (or None)."""

    pair: PyTree
    plan_bar: Plan | None

    def through(self, where: Callable[[Plan], Flow], plan: Plan, c: Scalar, ready: Any) -> _Back:
        """Undo the flow over cτ; pull the costate through it at the recovered state; add the cotangent of its generator."""
        pair, more = where(plan).pull(c, ready, self.pair)
        if self.plan_bar is None:
            return _Back(pair, None)
        total = _add(where(self.plan_bar), more)
        return _Back(pair, eqx.tree_at(where, self.plan_bar, total))


def _split(back: _Back):
    return parts(back.pair), back.plan_bar


def _back_begin(ready: Ready, back: _Back) -> _Back:
    return _back_kick(ready, ready.stages.opening, back) if ready.plan.unrolled else back


def _back_end(ready: Ready, back: _Back) -> _Back:
    return _back_kick(ready, ready.stages.closing, back) if ready.plan.unrolled else back


def _back_march(ready: Ready, steps, back: _Back) -> _Back:
    """Back through the steps of one segment."""
    plan = ready.plan
    if not plan.unrolled:
        return _back_kick(ready, ready.stages.opening, _back_stages(ready, steps, back))
    # The adjoint of what is linear and keeps norms keeps them too.
    linear = all(isinstance(flow, PhaseFlow) for flow in (plan.drift, *plan.kicks))
    norms = jax.vmap(squares)(back.pair) if ready.norms is not None and linear else None
    return repeat(steps, lambda back: _back_step(ready, norms, back), back)


def _back_kick(ready: Ready, kick: Kick, back: _Back) -> _Back:
    where = lambda plan: plan.kicks[kick.which]  # noqa: E731
    return back.through(where, ready.plan, kick.b, ready.kick(kick))


def _back_step(ready: Ready, norms: PyTree, back: _Back) -> _Back:
    table = ready.stages
    if norms is not None:
        back = _Back(jax.vmap(rescaled)(back.pair, norms)[0], back.plan_bar)
    for a, kick in reversed(list(zip(table.drifts, table.kicks))):
        back = _back_kick(ready, kick, back)
        back = back.through(lambda plan: plan.drift, ready.plan, a, ready.drift(a))
        # Sums of cotangents of several stages in one kernel would keep the states of all of them.
        back = jax.lax.optimization_barrier(back)
    return back


def _back_stages(ready: Ready, steps, back: _Back) -> _Back:
    count = steps * len(ready.stages.drifts)

    def stage(m, back):
        a, b = ready.coefficients(count - 1 - m, count)
        for where, c in ((lambda plan: plan.kicks[0], b), (lambda plan: plan.drift, a)):
            back = back.through(where, ready.plan, c, where(ready.plan))
        return back

    return jax.lax.fori_loop(0, count, stage, back)


def _zeros(tree: PyTree) -> PyTree:
    return jax.tree.map(jnp.zeros_like, eqx.filter(tree, eqx.is_inexact_array))


def _zeros_for_none(tree: PyTree, like: PyTree) -> PyTree:
    return jax.tree.map(
        lambda bar, leaf: jnp.zeros_like(leaf) if bar is None and leaf is not None else bar,
        tree,
        like,
        is_leaf=lambda leaf: leaf is None,
    )


def _add(total: PyTree, more: PyTree) -> PyTree:
    """Sums of cotangents, in the precision of the total."""
    return jax.tree.map(
        lambda a, b: a + b.astype(a.dtype), total, eqx.filter(more, eqx.is_inexact_array)
    )
