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
    Kick,
    Plan,
    Ready,
    count_of,
    groups,
    prepare,
    repeat,
    run_segments,
)
from jaxwigner.engine.methods import Method


@eqx.filter_custom_vjp
def run_reversible(inputs, counts, segments: int, method: Method):
    return run_segments(inputs, counts, segments, method)


@run_reversible.def_fwd
def _(perturbed, inputs, counts, segments, method):
    out = run_segments(inputs, counts, segments, method)
    return out, out[0]


@run_reversible.def_bwd
def _(final, cotangents, perturbed, inputs, counts, segments, method):
    system, observe, step, _ = inputs
    state_bar, (seen_bar, _) = cotangents
    costate = conjugate(_zeros_for_none(state_bar, final))
    parameters = any(jax.tree.leaves(perturbed[0])) or any(jax.tree.leaves(perturbed[2]))
    moving, fixed = eqx.partition((system, step), (perturbed[0], perturbed[2]))
    planned = lambda moving, i=...: _planned(eqx.combine(moving, fixed), i, method)  # noqa: E731
    # What a segment's plan is made from: one plan shared by all, or the parameters where steps differ.
    if jnp.ndim(step) == 0:
        source, pull_source = eqx.filter_vjp(planned, moving)
        make = lambda plan, i: plan  # noqa: E731
    else:
        source, pull_source, make = moving, lambda bar: (bar,), planned

    def segment(carry, here, group):
        i, seen_bar = here
        state, costate, observe_bar, source_bar = carry
        costate, observe_bar = _inject(observe, state, seen_bar, costate, observe_bar)
        plan, pull_plan = eqx.filter_vjp(make, source, i)
        plan_bar = _zeros(plan) if parameters else None
        count = count_of(group, counts, i)
        state, costate, plan_bar = _pull(plan, method, count, state, costate, plan_bar)
        if parameters:
            source_bar = _add(source_bar, pull_plan(plan_bar)[0])
        return (state, costate, observe_bar, source_bar), None

    carry = (final, costate, _zeros(observe), _zeros(source) if parameters else None)
    for group in reversed(groups(counts, segments)):
        rows = group.first + jnp.arange(group.size)
        seen = jax.tree.map(lambda bar, g=group: bar[g.first : g.first + g.size], seen_bar)
        turn = functools.partial(segment, group=group)
        carry, _ = jax.lax.scan(turn, carry, (rows, seen), reverse=True)
    _, costate, observe_bar, source_bar = carry
    like = eqx.filter((system, step), eqx.is_inexact_array)
    if parameters:
        system_bar, step_bar = _zeros_for_none(pull_source(source_bar)[0], like)
    else:
        system_bar, step_bar = _zeros(like)
    return system_bar, observe_bar, step_bar, conjugate(costate)


def _planned(parameters, i, method: Method) -> Plan:
    system, step = parameters
    return prepare(system, step[i], method)


def _inject(observe, state, seen_bar, costate, observe_bar):
    """Add the cotangents of what was observed at the end of a segment."""
    if not jax.tree.leaves(seen_bar):
        return costate, observe_bar
    # What is not differentiable (an index, a flag) has no cotangent.
    look = lambda f, u: eqx.filter(f(u), eqx.is_inexact_array)  # noqa: E731
    seen, pull = eqx.filter_vjp(look, observe, state)
    observe_more, state_more = pull(_zeros_for_none(seen_bar, seen))
    return _add(costate, conjugate(state_more)), _add(observe_bar, observe_more)


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


def _pull(plan, method, steps, state, costate, plan_bar):
    """Back through one segment, half-flow by half-flow."""
    ready = Ready(plan, method, state)
    table = ready.stages
    carry = _Back(paired(state, costate), plan_bar)
    if plan.unrolled:
        carry = _back_kick(ready, table.closing, carry)
        # The adjoint of what is linear and keeps norms keeps them too.
        linear = all(isinstance(flow, PhaseFlow) for flow in (plan.drift, *plan.kicks))
        norms = jax.vmap(squares)(carry.pair) if ready.norms is not None and linear else None
        carry = repeat(steps, lambda carry: _back_step(ready, norms, carry), carry)
    else:
        carry = _back_stages(ready, method, steps, carry)
    pair, plan_bar = _back_kick(ready, table.opening, carry)
    return *parts(pair), plan_bar


def _back_kick(ready: Ready, kick: Kick, carry: _Back) -> _Back:
    where = lambda plan: plan.kicks[kick.which]  # noqa: E731
    return carry.through(where, ready.plan, kick.b, ready.kick(kick))


def _back_step(ready: Ready, norms: PyTree, carry: _Back) -> _Back:
    table = ready.stages
    if norms is not None:
        carry = _Back(jax.vmap(rescaled)(carry.pair, norms)[0], carry.plan_bar)
    for a, kick in reversed(list(zip(table.drifts, table.kicks))):
        carry = _back_kick(ready, kick, carry)
        carry = carry.through(lambda plan: plan.drift, ready.plan, a, ready.drift(a))
        # Sums of cotangents of several stages in one kernel would keep the states of all of them.
        carry = jax.lax.optimization_barrier(carry)
    return carry


def _back_stages(ready: Ready, method: Method, steps, carry: _Back) -> _Back:
    count = steps * method.stages

    def stage(m, carry):
        a, b = ready.coefficients(count - 1 - m, count)
        for where, c in ((lambda plan: plan.kicks[0], b), (lambda plan: plan.drift, a)):
            carry = carry.through(where, ready.plan, c, where(ready.plan))
        return carry

    return jax.lax.fori_loop(0, count, stage, carry)


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
