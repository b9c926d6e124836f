"""Backwards: the reverse-mode gradient of a run, with memory independent of its steps and of its saved times.

Each half-flow over τ is undone by the half-flow over −τ. From the final state on: undo one half-flow, pull the cotangent back
through that half-flow at the recovered state, add up the cotangents of its prepared phases. Nothing is stored on the way.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from jaxwigner.engine.flows import SpectralFlow
from jaxwigner.engine.forward import (
    Plan,
    entry_of,
    opening_kick,
    prepare,
    run_segments,
    shared_plan,
    stage_of,
    take,
)
from jaxwigner.engine.methods import Method


@eqx.filter_custom_vjp
def run_reversible(inputs, counts, segments: int, method: Method):
    return run_segments(inputs, counts, segments, method)


@run_reversible.def_fwd
def _(perturbed, inputs, counts, segments, method):
    system, _, step, state = inputs
    plan = shared_plan(system, step, method, state)
    out = run_segments(inputs, counts, segments, method, plan=plan)
    return out, (out[0], plan)


@run_reversible.def_bwd
def _(residuals, cotangents, perturbed, inputs, counts, segments, method):
    final, plan = residuals
    system, observe, step, _ = inputs
    state_bar, (seen_bar, _) = cotangents
    state_bar = _zeros_for_none(state_bar, final)
    parameters = any(jax.tree.leaves(perturbed[0])) or any(jax.tree.leaves(perturbed[2]))
    undo = shared_plan(system, -step, method, final)
    # What a segment's plan is made from: one plan shared by all, or (system, step lengths) where steps differ.
    if plan is None:
        make = lambda source, i: prepare(source[0], source[1][i], method, final)  # noqa: E731
        source, undo_source = (system, step), (system, -step)
    else:
        make = lambda plan, i: plan  # noqa: E731
        source, undo_source = plan, undo

    def segment(carry, i):
        state, state_bar, observe_bar, source_bar = carry
        state_bar, observe_bar = _inject(observe, state, seen_bar, i, state_bar, observe_bar)
        plan, pull_plan = eqx.filter_vjp(make, source, i)
        undo = make(undo_source, i)
        count = entry_of(counts, i)
        plan_bar = _zeros(plan) if parameters else None
        state, state_bar, plan_bar = _pull(plan, undo, method, count, state, state_bar, plan_bar)
        if parameters:
            source_bar = _add(source_bar, pull_plan(plan_bar)[0])
        return (state, state_bar, observe_bar, source_bar), None

    start = (final, state_bar, _zeros(observe), _zeros(source) if parameters else None)
    backwards = jnp.arange(segments)[::-1]
    (_, state_bar, observe_bar, source_bar), _ = jax.lax.scan(segment, start, backwards)
    system_bar, step_bar = _zeros((system, step))
    if parameters:
        system_bar, step_bar = _pull_source(system, step, method, final, source_bar)
    return system_bar, observe_bar, step_bar, state_bar


def _pull_source(system, step, method, like, source_bar: PyTree) -> PyTree:
    if jnp.ndim(step) != 0:
        return source_bar
    _, pull = eqx.filter_vjp(lambda s, h: prepare(s, h, method, like), system, step)
    return pull(source_bar)


def _inject(observe, state, seen_bar, index, state_bar, observe_bar):
    """Add the cotangents of what was observed at the end of segment `index`."""
    if not jax.tree.leaves(seen_bar):
        return state_bar, observe_bar
    # What is not differentiable (an index, a flag) has no cotangent.
    look = lambda f, u: eqx.filter(f(u), eqx.is_inexact_array)  # noqa: E731
    seen, pull = eqx.filter_vjp(look, observe, state)
    here = jax.tree.map(lambda bar: bar[index], seen_bar)
    observe_more, state_more = pull(_zeros_for_none(here, seen))
    return _add(state_bar, state_more), _add(observe_bar, observe_more)


def _pull(plan, undo, method, steps, state, state_bar, plan_bar):
    """Back through one segment, half-flow by half-flow."""
    count = steps * method.stages
    drift_bar, kick_bar = (None, None) if plan_bar is None else (plan_bar.drifts, plan_bar.kicks)

    def stage(m, carry):
        state, state_bar, drift_bar, kick_bar = carry
        drift, kick = stage_of(method, count - 1 - m, count)
        state, state_bar, kick_bar = _pull_half(
            plan.kicks, undo.kicks, kick, state, state_bar, kick_bar
        )
        state, state_bar, drift_bar = _pull_half(
            plan.drifts, undo.drifts, drift, state, state_bar, drift_bar
        )
        return state, state_bar, drift_bar, kick_bar

    carry = (state, state_bar, drift_bar, kick_bar)
    state, state_bar, drift_bar, kick_bar = jax.lax.fori_loop(0, count, stage, carry)
    opening = opening_kick(method)
    state, state_bar, kick_bar = _pull_half(
        plan.kicks, undo.kicks, opening, state, state_bar, kick_bar
    )
    return state, state_bar, None if plan_bar is None else Plan(drift_bar, kick_bar)


def _pull_half(flows, inverses, index, state, state_bar, flows_bar):
    """Undo one half-flow; pull the cotangent through it at the recovered state; add the cotangent of its phases."""
    flow, inverse = take(flows, index), take(inverses, index)
    if isinstance(flow, SpectralFlow):
        state, flow_bar, state_bar = _pull_spectral(flow, inverse, state, state_bar)
    else:
        state = inverse(state)
        _, pull = eqx.filter_vjp(lambda flow, u: flow(u), flow, state)
        flow_bar, state_bar = pull(state_bar)
    if flows_bar is not None:
        flows_bar = jax.tree.map(lambda total, more: total.at[index].add(more), flows_bar, flow_bar)
    return state, state_bar, flows_bar


def _pull_spectral(flow, inverse, state, state_bar):
    """The same for a multiplication in Fourier space: undoing it has already transformed the state, which saves one of five FFTs."""
    spectrum = inverse.scale(flow.analyse(state))
    previous = flow.synthesise(spectrum)
    _, pull = eqx.filter_vjp(lambda flow, s: flow.synthesise(flow.scale(s)), flow, spectrum)
    flow_bar, spectrum_bar = pull(state_bar)
    _, pull = eqx.filter_vjp(flow.analyse, previous)
    return previous, flow_bar, pull(spectrum_bar)[0]


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
    return jax.tree.map(jnp.add, total, more)
