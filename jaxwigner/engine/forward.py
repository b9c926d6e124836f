"""Forwards: the half-flows of a step as a method composes them, and loops over steps.

With D(a) and K(b) the flows over aτ and bτ, a segment of n steps is  K(−b₁) [K(b₁ + b_{s+1}) D(a_s) … K(b₂) D(a₁)]ⁿ K(b₁): kicks of two
steps are merged, and every step is the same program, so that nothing but transforms and products stands in the loop. Where a kick
cannot be undone (`System.reversible`), K(−b₁) is not there and kicks stay apart. Where a flow is
much code and no table (`Flow.unrolled`), the loop runs over single stages and takes a and b from a table: one drift and one kick.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import concrete
from jaxwigner._types import Array, Scalar
from jaxwigner.engine.flows import (
    Flow,
    PhaseFlow,
    is_single,
    rescaled,
    squares,
    to_single,
)
from jaxwigner.engine.methods import Method
from jaxwigner.engine.system import System

MOST_GROUPS = 3  # loops over segments of different lengths that one program holds, each compiled by itself: a lead, a rhythm, an end


class Plan(eqx.Module):
    """The drift over one step, and a kick over one step for each correction of the method."""

    drift: Flow
    kicks: tuple[Flow, ...]
    merged: bool = eqx.field(static=True, default=True)

    @property
    def unrolled(self) -> bool:
        """Whether a loop holds all stages of a step."""
        return (
            not self.merged
            or len(self.kicks) > 1
            or all(f.unrolled for f in (self.drift, *self.kicks))
        )

    @property
    def isometric(self) -> bool:
        """Whether no flow changes the norm of a field."""
        return all(f.isometric for f in (self.drift, *self.kicks))


class OwnFlow(Flow):
    """A flow of a system that returns any callable: made anew for every time."""

    unrolled = True

    system: System
    time: Scalar
    weight: Scalar | None
    kind: str = eqx.field(static=True)

    def made(self) -> Any:
        extra = () if self.weight is None else (self.weight,)
        return getattr(self.system, self.kind)(self.time, *extra)

    def ready(self, single: bool = False) -> Any:
        return jax.tree.map(to_single, self.made()) if single else self.made()

    def __call__(self, state: Any) -> Any:
        return self.made()(state)


class Kick(NamedTuple):
    """K(b) by kick number `which` of a plan."""

    which: int
    b: float


class Stages(NamedTuple):
    """A step as `Plan` runs it: drift a_j, then kick j; the last kick is that of two steps, if they are merged."""

    drifts: tuple[float, ...]
    kicks: tuple[Kick, ...]
    opening: Kick
    closing: Kick
    last: float


def corrections(method: Method) -> tuple[float, ...]:
    """The distinct corrections of a method: a plan holds a kick for each of them."""
    return tuple(dict.fromkeys(method.corrections)) or (0.0,)


def stages(method: Method, merged: bool = True) -> Stages:
    distinct = corrections(method)
    which = [distinct.index(c) for c in method.corrections or (0.0,) * (method.stages + 1)]
    first, *inner, last = (Kick(w, b) for w, b in zip(which, method.kicks))
    closing = Kick(first.which, -first.b) if merged else last
    last = Kick(first.which, first.b + last.b) if merged else last
    return Stages(method.drifts, (*inner, last), first, closing, method.kicks[-1])


def prepare(system: System, step: Scalar | Array, method: Method) -> Plan:
    """The flows over one step of length `step`."""
    kicks = []
    for correction in corrections(method):
        weight = correction * step**2 if method.modified else None
        name = "kick_flow" if weight is None else "modified_kick_flow"
        kicks.append(flow_of(system, name, step, weight))
    return Plan(flow_of(system, "drift_flow", step), tuple(kicks), system.reversible)


def flow_of(system: System, kind: str, step: Scalar | Array, weight: Any = None) -> Flow:
    """A flow of a system over one step, whatever it returns."""
    own = OwnFlow(system, step, weight, kind)
    made = own.made()
    return made if isinstance(made, Flow) else own


class Ready:
    """The flows of a method, each computed once, before a loop."""

    def __init__(self, plan: Plan, method: Method, state: Any):
        self.plan, self.single = plan, is_single(state)
        self.stages = stages(method, plan.merged)
        self.between = plan.unrolled and plan.merged
        # A pair of FFTs in single precision loses 5e-8 of the norm, always to the same side.
        self.norms = squares(state) if self.single and plan.isometric else None
        table = self.stages
        self._made: dict[tuple, Any] = {}
        for kick in (table.opening, table.closing, *table.kicks):
            self._make(_name(kick.which, kick.b), plan.kicks[kick.which], kick.b)
        for a in table.drifts:
            self._make(_name("drift", a), plan.drift, a)

    def _make(self, key: tuple, flow: Flow, c: float) -> None:
        if key not in self._made:
            back = self._made.get((key[0], -key[1]))
            known = isinstance(back, PhaseFlow)
            self._made[key] = back.inverse() if known else flow.times(c).ready(self.single)

    def drift(self, a: float) -> Any:
        return self._made[_name("drift", a)]

    def kick(self, kick: Kick) -> Any:
        return self._made[_name(kick.which, kick.b)]

    def begin(self, state: Any) -> Any:
        """The state as a loop over unrolled steps takes it: after the opening kick."""
        return self.kick(self.stages.opening)(state) if self.between else state

    def end(self, state: Any) -> Any:
        """The state after a loop, without the half of the last kick that belongs to a next step."""
        return self.kick(self.stages.closing)(state) if self.between else state

    def step(self, carry: Any) -> Any:
        """All stages of one step between an opening and a closing kick, of a state and the norm that it has lost and got back."""
        state, lost = carry
        if not self.plan.unrolled:
            drifts, kicks = self.tables
            go_on = lambda u, pair: (self.stage(pair[0], pair[1], u), None)  # noqa: E731
            return jax.lax.scan(go_on, state, (drifts, kicks[:-1]))[0], lost
        if not self.plan.merged:
            state = self.kick(self.stages.opening)(state)
        *inner, last = zip(self.stages.drifts, self.stages.kicks)
        for a, kick in inner:
            state = self.kick(kick)(self.drift(a)(state))
        state = self.drift(last[0])(state)
        if self.norms is not None:
            state, lacked = rescaled(state, self.norms)
            lost = lost + lacked
        return self.kick(last[1])(state), lost

    @property
    def tables(self) -> tuple[Array, Array]:
        """Coefficients of the drifts, and of the kicks with the one that ends a segment, for stages that are not unrolled."""
        kicks = [kick.b for kick in self.stages.kicks] + [self.stages.last]
        dtype = jnp.float32 if self.single else float
        return jnp.asarray(self.stages.drifts, dtype), jnp.asarray(kicks, dtype)

    def coefficients(self, i: Any, count: Any) -> tuple[Array, Array]:
        """Those of stage `i` of `count`: the very last kick is not merged."""
        drifts, kicks = self.tables
        stage = i % drifts.size
        return _entry(drifts, stage), _entry(kicks, jnp.where(i == count - 1, drifts.size, stage))

    def stage(self, a: Any, b: Any, state: Any) -> Any:
        """One stage of given coefficients, where nothing is computed beforehand."""
        drift, (kick,) = self.plan.drift, self.plan.kicks
        moved = drift.times(a).ready(self.single)(state)
        return kick.times(b).ready(self.single)(moved)


def _name(which: Any, c: float) -> tuple:
    return which, round(c, 15)


def _entry(array: Any, index: Any) -> Any:
    """`array[index]` for an index known not to be negative, which saves the compiled loop a few scalar operations."""
    return jax.lax.dynamic_index_in_dim(array, index, keepdims=False, allow_negative_indices=False)


def march(ready: Ready, steps: Any, carry: Any, most: int | None = None) -> Any:
    """`steps` steps, between `begin` and `end`, of a state and of the norm that it has got back."""
    if ready.plan.unrolled:
        return repeat(steps, ready.step, carry)
    state, lost = carry
    count = steps * len(ready.stages.drifts)
    stage = lambda i, u: ready.stage(*ready.coefficients(i, count), u)  # noqa: E731
    state = ready.kick(ready.stages.opening)(state)
    return jax.lax.fori_loop(0, count, stage, state), lost


def repeat(steps: Any, step: Any, state: Any) -> Any:
    """`step` applied `steps` times."""
    if concrete(steps) and int(steps) == 1:
        return step(state)
    return jax.lax.fori_loop(0, steps, lambda _, u: step(u), state)


def march_checkpointed(ready: Ready, steps: Any, carry: Any, most: int | None = None) -> Any:
    """The same in blocks of about √steps steps, of which reverse mode stores only the first states.

    `most`: where segments differ and one program serves all of them, the number of steps of the longest.
    """
    known = concrete(steps)
    if most is None and not known:
        must = "be known when `gradient` is 'checkpointed'"
        raise ValueError(f"Argument `steps` must {must}, but is 'traced'")
    count = int(steps) if most is None else most
    # Within a block every step keeps its first state, and what its stages need while the gradient is there.
    whole = jax.checkpoint(ready.step) if len(ready.stages.drifts) > 1 else ready.step

    def step(carry, i):
        return (whole(carry) if known else jax.lax.cond(i < steps, whole, _same, carry)), None

    @jax.checkpoint
    def block(carry, numbers):
        return jax.lax.scan(step, carry, numbers)

    def kicked(kick, carry):
        return carry if ready.plan.unrolled else (ready.kick(kick)(carry[0]), carry[1])

    size = _block(count)
    numbers, rest = np.split(np.arange(count), [count - count % size])
    carry = kicked(ready.stages.opening, carry)
    carry, _ = jax.lax.scan(block, carry, numbers.reshape(-1, size))
    carry = block(carry, rest)[0] if rest.size else carry
    return kicked(ready.stages.closing, carry)


def _same(carry: Any) -> Any:
    return carry


def _block(steps: int) -> int:
    """About √steps; a divisor, where one is near, makes all blocks alike."""
    root = math.isqrt(steps)
    near = [b for b in range(max(1, root // 2), 2 * root + 1) if steps % b == 0]
    return min(near, key=lambda b: abs(b - root)) if near else root


class Group(NamedTuple):
    """`size` segments from number `first` on, of `count` steps each (None: of their own number, `most` at most, if that is known)."""

    first: int
    size: int
    count: Any
    most: int | None = None


def groups(counts: Any, segments: int) -> tuple[Group, ...]:
    """Neighbouring segments of equal length: the compiler knows how often a loop turns, and no device asks its host."""
    if np.ndim(counts) == 0:
        return (Group(0, segments, counts),)
    if not concrete(counts):
        return (Group(0, segments, None),)
    starts = [0, *(np.flatnonzero(np.diff(counts)) + 1).tolist()]
    if len(starts) > MOST_GROUPS:
        return (Group(0, segments, None, max(counts)),)
    ends = [*starts[1:], segments]
    return tuple(Group(a, b - a, int(counts[a])) for a, b in zip(starts, ends))


def count_of(group: Group, counts: Any, index: Any) -> Any:
    """Number of steps of segment `index`."""
    return jnp.asarray(counts)[index] if group.count is None else group.count


def run_segments(inputs, counts, segments: int, method: Method, march=march):
    """All segments in turn; what is observed and diagnosed at the end of each."""
    system, observe, step, state = inputs
    one = np.ndim(step) == 0
    ready = Ready(prepare(system, step if one else step[0], method), method, state)
    lost = jnp.zeros(()) if ready.norms is not None else None

    def look(u, lost, i):
        return observe(u, row_after(i)), diagnosed(system, u, lost)

    def going_on(carry, i, group):
        """A kick that ends a segment is made to look at the state, and the run goes on from where it was before."""
        u, lost = march(ready, count_of(group, counts, i), carry, group.most)
        return (u, lost), look(ready.end(u), lost, i)

    def anew(carry, i, group):
        """A step of another length has kicks of its own."""
        here = Ready(prepare(system, step[i], method), method, state)
        carry = here.begin(carry[0]), carry[1]
        u, lost = march(here, count_of(group, counts, i), carry, group.most)
        u = here.end(u)
        return (u, lost), look(u, lost, i)

    carry, seen = (ready.begin(state) if one else state, lost), []
    for group in groups(counts, segments):
        segment = functools.partial(going_on if one else anew, group=group)
        # Reverse mode through blocks keeps the states between segments, and what one segment needs while it is there.
        kept = jax.checkpoint(segment) if march is march_checkpointed else segment
        carry, more = over(group, kept, segment, carry)
        seen.append(more)
    return ready.end(carry[0]) if one else carry[0], joined(seen)


def row_after(i: Any) -> Array:
    """The row, in what is seen, of the end of segment `i`."""
    return jnp.asarray(i, jnp.int32) + 1


def diagnosed(system: System, state: Any, lost: Any = None) -> dict[str, Array]:
    """What a system says of a state and of its books, and the share of its norm that it has lost and got back."""
    series = system.diagnose(state)
    series = dict.fromkeys(("work", "absorbed"), jnp.zeros_like(series["energy"])) | series
    lost = jnp.zeros(()) if lost is None else lost
    return series | {"restored": lost.astype(series["norm"].dtype)}


def over(group: Group, segment, single, state: Any):
    """A scan over the segments of a group. A loop of one turn is none: around blocks it would keep the state of every step."""
    if group.size == 1:
        state, seen = single(state, group.first)
        return state, jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], seen)
    return jax.lax.scan(segment, state, group.first + jnp.arange(group.size))


def joined(parts: Iterable[Any]) -> Any:
    """Series over time, one after the other."""
    parts = list(parts)
    return parts[0] if len(parts) == 1 else jax.tree.map(lambda *a: jnp.concatenate(a), *parts)
