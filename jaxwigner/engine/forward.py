"""Forwards: the prepared half-flows of a step, and loops over them.

The loop runs over single stages, so that the compiled program holds one drift and one kick whatever the method.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import concrete
from jaxwigner._types import Array, Scalar
from jaxwigner.engine.methods import Method
from jaxwigner.engine.system import System


class Plan(eqx.Module):
    """Prepared half-flows of one step, stacked along a leading axis; the last kick closes (and opens) a segment."""

    drifts: Any
    kicks: Any


def _distinct(values: Sequence[tuple[float, ...]]) -> tuple[list[tuple[float, ...]], np.ndarray]:
    table = list(dict.fromkeys(values))
    return table, np.array([table.index(value) for value in values])


def _tables(method: Method) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Distinct drifts and kicks, and which of them each stage uses; neighbouring end kicks are merged into one."""
    corrections = method.corrections or (0.0,) * (method.stages + 1)
    kicks = [round(b, 15) for b in method.kicks]
    inner = list(zip(kicks[1:-1], corrections[1:-1]))
    merged, end = (round(kicks[0] + kicks[-1], 15), corrections[0]), (kicks[0], corrections[0])
    drifts, drift_of = _distinct([(round(a, 15),) for a in method.drifts])
    kick_table, kick_of = _distinct([*inner, merged, end])
    return np.array(drifts)[:, 0], drift_of, np.array(kick_table), kick_of


def prepare(system: System, step: Scalar | Array, method: Method, like: Any) -> Plan:
    """All half-flows of a step of length `step`, in the precision of the state."""
    drifts, _, kicks, _ = _tables(method)
    plan = Plan(
        jax.vmap(system.drift_flow)(drifts * step),
        _stacked_kicks(system, step, kicks, method),
    )
    single = any(leaf.dtype in (jnp.float32, jnp.complex64) for leaf in jax.tree.leaves(like))
    return jax.tree.map(_to_single, plan) if single else plan


def _stacked_kicks(system: System, step: Scalar | Array, kicks: np.ndarray, method: Method) -> Any:
    if not method.modified:
        return jax.vmap(system.kick_flow)(kicks[:, 0] * step)
    return jax.vmap(system.modified_kick_flow)(kicks[:, 0] * step, kicks[:, 1] * step**2)


def _to_single(leaf: Array) -> Array:
    return leaf.astype({"c": jnp.complex64, "f": jnp.float32}.get(leaf.dtype.kind, leaf.dtype))


def take(flows: Any, index: Any) -> Any:
    return jax.tree.map(lambda leaf: _entry(leaf, index), flows)


def _entry(array: Any, index: Any) -> Any:
    """`array[index]` for an index known not to be negative, which saves the compiled loop a few scalar operations."""
    return jax.lax.dynamic_index_in_dim(array, index, keepdims=False, allow_negative_indices=False)


def stage_of(method: Method, index: Any, count: Any):
    """Which drift and which kick half-flow number `index` of `count` uses: the very last kick is not merged."""
    _, drift_of, _, kick_of = _tables(method)
    stage = index % method.stages
    return _entry(drift_of, stage), _entry(
        kick_of, jnp.where(index == count - 1, method.stages, stage)
    )


def opening_kick(method: Method) -> int:
    return int(_tables(method)[3][-1])


def _advance(plan: Plan, method: Method, count: Any, index: Any, state: Any) -> Any:
    drift, kick = stage_of(method, index, count)
    return take(plan.kicks, kick)(take(plan.drifts, drift)(state))


def march(plan: Plan, method: Method, steps: Any, most: int | None, state: Any) -> Any:
    """`steps` steps; the loop runs over single stages, so that the compiled program holds one drift and one kick."""
    count = steps * method.stages
    state = take(plan.kicks, opening_kick(method))(state)
    return jax.lax.fori_loop(0, count, lambda i, u: _advance(plan, method, count, i, u), state)


def march_checkpointed(plan: Plan, method: Method, steps: Any, most: int | None, state: Any) -> Any:
    """The same in blocks of about √count stages, of which reverse mode stores only the first states."""
    if most is None:
        must = "be known when `gradient` is 'checkpointed'"
        raise ValueError(f"Argument `steps` must {must}, but is 'traced'")
    count = steps * method.stages
    block = max(1, round((most * method.stages) ** 0.5))
    state = take(plan.kicks, opening_kick(method))(state)

    def stage(u, i):
        return jax.lax.cond(
            i < count, lambda u: _advance(plan, method, count, i, u), lambda u: u, u
        ), None

    @jax.checkpoint
    def run_block(u, start):
        return jax.lax.scan(stage, u, start + jnp.arange(block))

    return jax.lax.scan(run_block, state, jnp.arange(0, most * method.stages, block))[0]


def shared_plan(system: System, step: Scalar | Array, method: Method, like: Any) -> Plan | None:
    """One plan for all segments, where their steps agree."""
    return prepare(system, step, method, like) if np.ndim(step) == 0 else None


def run_segments(inputs, counts, segments: int, method: Method, march=march, plan=None):
    """All segments in turn; what is observed and diagnosed at the end of each. `plan`: the shared one, if it is made already."""
    system, observe, step, state = inputs
    shared = shared_plan(system, step, method, state) if plan is None else plan
    most = int(np.max(counts)) if concrete(counts) else None

    def segment(u, i):
        plan = prepare(system, step[i], method, state) if shared is None else shared
        u = march(plan, method, entry_of(counts, i), most, u)
        return u, (observe(u), system.diagnose(u))

    if march is march_checkpointed:
        return _checkpointed_segments(segment, state, segments)
    return jax.lax.scan(segment, state, jnp.arange(segments))


def _checkpointed_segments(segment, state, segments: int):
    """Reverse mode keeps the states between segments, and what one segment needs while it is there.

    A loop of one turn is none: around the blocks of a segment it would keep the state of every step.
    """
    if segments > 1:
        return jax.lax.scan(jax.checkpoint(segment), state, jnp.arange(segments))
    state, seen = segment(state, 0)
    return state, jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], seen)


def entry_of(counts: Any, index: Any) -> Any:
    """Number of steps of a segment; stays a plain number where all segments agree."""
    if np.ndim(counts) == 0:
        return counts
    if concrete(counts) and np.ptp(counts) == 0:
        return int(counts[0])
    return jnp.asarray(counts)[index]
