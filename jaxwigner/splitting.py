"""One engine for every pair of exact half-flows: `evolve`, and its reverse-mode gradient with constant memory.

Every equation of this library reads du/dt = (A + B)u, where the free transport A (`drift`) and the potential B (`kick`) can each be
solved exactly. A method of `methods.py` composes them; neighbouring kicks of two steps are merged, and all phases are prepared
before the loop.

Each half-flow over τ is undone by the half-flow over −τ. The gradient uses this: backwards from the final state, undo one
half-flow, pull the cotangent back through that half-flow at the recovered state, add up the cotangents of its prepared phases.
Nothing is stored on the way, so memory depends neither on the number of steps nor on the number of saved times.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from jaxwigner._checks import (
    check_callable,
    check_choice,
    check_finite,
    check_integer,
    check_scalar,
    concrete,
    require,
)
from jaxwigner.evolution import Diagnostics, Evolution
from jaxwigner.grid import Scalar
from jaxwigner.methods import DEFAULT_METHOD, Method, find_method

GRADIENTS = ("reversible", "checkpointed", "forward")
DIAGNOSED = 8  # times at which a run without saves is looked at


class System(eqx.Module):
    """An equation du/dt = (A + B)u given by its two exact half-flows; everything else is shared by `evolve`."""

    @abstractmethod
    def drift_flow(self, tau: Scalar) -> Callable:
        """The exact flow of free transport over τ, prepared: a module called on a state."""

    @abstractmethod
    def kick_flow(self, tau: Scalar) -> Callable:
        """The exact flow of the potential over τ, prepared."""

    @abstractmethod
    def enter(self, state: Any) -> Any:
        """The state as the flows take it: checked, of one precision, without modes that no flow inverts."""

    @abstractmethod
    def diagnose(self, state: Any) -> dict[str, Array]:
        """`norm`, `energy`, `kinetic`, `spectral_tail` and `edge_mass` of a state."""

    def modified_kick_flow(self, tau: Scalar, weight: Scalar) -> Callable:
        """The exact flow of U − weight·|∇U|²/m over τ; only systems with a gradient of U have it."""
        name = type(self).__name__
        raise ValueError(f"Argument `method` must not need a modified kick, but {name} has none")

    def drift(self, state: Any, tau: Scalar) -> Any:
        """Free transport of a state over τ."""
        return self.drift_flow(tau)(state)

    def kick(self, state: Any, tau: Scalar) -> Any:
        """Action of the potential on a state over τ."""
        return self.kick_flow(tau)(state)

    def coordinates(self) -> dict[str, Any]:
        """Names and values of the axes of a state, for labelled results."""
        return {}


def evolve(
    system: System,
    state: Any,
    *,
    duration: Scalar,
    steps: int | Array,
    method: str | Method = DEFAULT_METHOD,
    observe: Callable | Mapping[str, Callable] | None = None,
    saves: int | Sequence[float] | None = None,
    gradient: str = "reversible",
    throw: bool = True,
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
    check_choice("gradient", gradient, GRADIENTS)
    schedule = _schedule(duration, steps, saves)
    state = system.enter(state)
    look = _observer(observe, saves, state)
    inputs = (system, look, schedule.step, state)
    if gradient == "reversible":
        final, (seen, diagnosed) = _reversible(inputs, schedule.counts, schedule.segments, table)
    else:
        march = _march if gradient == "forward" else _march_checkpointed
        final, (seen, diagnosed) = _segments(
            inputs, schedule.counts, schedule.segments, table, march
        )
    first = (look(state), system.diagnose(state))
    seen, diagnosed = jax.tree.map(
        lambda start, later: jnp.concatenate([jnp.asarray(start)[None], later]),
        first,
        (seen, diagnosed),
    )
    diagnostics = Diagnostics.of(jax.lax.stop_gradient(diagnosed))
    result = Evolution(
        state=final,
        times=schedule.times,
        observed=None if saves is None and observe is None else seen,
        diagnostics=diagnostics,
        coordinates=system.coordinates(),
        system=type(system).__name__,
        method=table,
    )
    return result.check() if throw else result


# --------------------------------------------------------------------------------------------------------------------
# When: segments of equal steps between two saved times
# --------------------------------------------------------------------------------------------------------------------


class _Schedule(eqx.Module):
    """`segments` runs of `counts` steps of length `step`; a vector where segments differ, a scalar where they agree."""

    step: Any
    counts: Any
    segments: int
    times: Any


def _schedule(duration: Scalar, steps: Any, saves: Any) -> _Schedule:
    check_scalar("duration", duration)
    if concrete(steps):
        check_integer("steps", steps.item() if _is_number(steps) else steps, at_least=1)
    else:
        whole = steps.ndim == 0 and jnp.issubdtype(steps.dtype, jnp.integer)
        require(whole, "steps", "be a single integer", f"{steps.dtype} of shape {steps.shape}")
    if saves is None:
        return _unsaved_schedule(duration, steps)
    if isinstance(saves, (int, np.integer)):
        check_integer("saves", saves, at_least=1)
        counts = -(-steps // saves)
        step = duration / (counts * saves) if concrete(steps) else duration / (1.0 * counts * saves)
        return _Schedule(
            jnp.asarray(step), counts, int(saves), np.linspace(0, 1, saves + 1) * duration
        )
    return _listed_schedule(duration, steps, saves)


def _is_number(value: Any) -> bool:
    """A NumPy or JAX scalar."""
    return getattr(value, "ndim", None) == 0


def _unsaved_schedule(duration: Scalar, steps: Any) -> _Schedule:
    """Nothing is saved, but the diagnostics look at the state a few times on the way."""
    if not concrete(steps):
        step = duration / steps.astype(float)
        return _Schedule(jnp.asarray(step), steps, 1, jnp.stack([0.0 * step, 1.0 * duration]))
    segments = min(DIAGNOSED, int(steps))
    edges = np.arange(segments + 1) * int(steps) // segments
    return _Schedule(
        jnp.asarray(duration / int(steps)), np.diff(edges), segments, edges / int(steps) * duration
    )


def _listed_schedule(duration: Scalar, steps: Any, saves: Any) -> _Schedule:
    """Times on their own schedule: each interval is cut into equal steps no longer than duration/steps."""
    require(concrete(saves), "saves", "be known", "traced")
    require(concrete(duration), "duration", "be known when `saves` lists times", "traced")
    require(concrete(steps), "steps", "be known when `saves` lists times", "traced")
    check_finite("saves", saves)
    times = np.asarray(saves, float)
    require(times.ndim == 1 and times.size > 0, "saves", "be a list of times", saves)
    sign = 1.0 if duration >= 0 else -1.0
    reached = sign * times
    inside = (reached >= 0) & (reached <= sign * duration * (1 + 1e-12))
    require(inside, "saves", f"lie between 0 and `duration` ({float(duration):g})", saves)
    require(np.diff(reached) > 0, "saves", "be strictly ordered in time", saves)
    times = np.unique(np.concatenate([[0.0], reached, [sign * duration]]))
    keep = np.concatenate([[True], np.diff(times) > 1e-12 * abs(duration)])
    times = sign * times[keep]
    lengths = np.diff(times)
    require(lengths.size > 0, "duration", "differ from zero when `saves` lists times", duration)
    longest = abs(float(duration)) / int(steps)
    counts = np.maximum(np.ceil(abs(lengths) / longest - 1e-9), 1).astype(int)
    sizes = lengths / counts
    if np.ptp(sizes) <= 1e-13 * longest:
        sizes = sizes[0]
    return _Schedule(jnp.asarray(sizes), counts, counts.size, times)


def _observer(observe: Any, saves: Any, state: Any) -> Callable:
    """`observe` as one function whose closed-over arrays are leaves, so that gradients reach them too."""
    if observe is None:
        function = (lambda u: ()) if saves is None else (lambda u: u)
    elif isinstance(observe, Mapping):
        for name, one in observe.items():
            check_callable(f"observe[{name!r}]", one)
        function = lambda u: {name: one(u) for name, one in observe.items()}  # noqa: E731
    else:
        must = "be a function or a dict of functions"
        require(callable(observe), "observe", must, observe)
        function = observe
    return eqx.filter_closure_convert(lambda u: jax.tree.map(jnp.asarray, function(u)), state)


# --------------------------------------------------------------------------------------------------------------------
# Forwards
# --------------------------------------------------------------------------------------------------------------------


class _Plan(eqx.Module):
    """Prepared half-flows of one step, stacked along a leading axis; the last kick closes (and opens) a segment."""

    drifts: Any
    kicks: Any


def _distinct(values: Sequence[tuple]) -> tuple[list[tuple], np.ndarray]:
    table = list(dict.fromkeys(values))
    return table, np.array([table.index(value) for value in values])


def _tables(method: Method):
    """Distinct drifts and kicks, and which of them each stage uses; neighbouring end kicks are merged into one."""
    corrections = method.corrections or (0.0,) * (method.stages + 1)
    kicks = [round(b, 15) for b in method.kicks]
    inner = list(zip(kicks[1:-1], corrections[1:-1]))
    merged, end = (round(kicks[0] + kicks[-1], 15), corrections[0]), (kicks[0], corrections[0])
    drifts, drift_of = _distinct([(round(a, 15),) for a in method.drifts])
    kick_table, kick_of = _distinct([*inner, merged, end])
    return np.array(drifts)[:, 0], drift_of, np.array(kick_table), kick_of


def _prepare(system: System, step: Array, method: Method, like: Any) -> _Plan:
    """All half-flows of a step of length `step`, in the precision of the state."""
    drifts, _, kicks, _ = _tables(method)
    plan = _Plan(
        jax.vmap(system.drift_flow)(drifts * step),
        _stacked_kicks(system, step, kicks, method),
    )
    single = any(leaf.dtype in (jnp.float32, jnp.complex64) for leaf in jax.tree.leaves(like))
    return jax.tree.map(_to_single, plan) if single else plan


def _stacked_kicks(system: System, step: Array, kicks: np.ndarray, method: Method) -> Any:
    if not method.modified:
        return jax.vmap(system.kick_flow)(kicks[:, 0] * step)
    return jax.vmap(system.modified_kick_flow)(kicks[:, 0] * step, kicks[:, 1] * step**2)


def _to_single(leaf: Array) -> Array:
    return leaf.astype({"c": jnp.complex64, "f": jnp.float32}.get(leaf.dtype.kind, leaf.dtype))


def _take(flows: Any, index: Any) -> Any:
    return jax.tree.map(lambda leaf: leaf[index], flows)


def _stage(method: Method, index: Any, count: Any):
    """Which drift and which kick half-flow number `index` of `count` uses: the very last kick is not merged."""
    _, drift_of, _, kick_of = _tables(method)
    stage = index % method.stages
    kick = jnp.where(index == count - 1, kick_of[-1], jnp.asarray(kick_of[:-1])[stage])
    return jnp.asarray(drift_of)[stage], kick


def _opening_kick(method: Method) -> int:
    return int(_tables(method)[3][-1])


def _advance(plan: _Plan, method: Method, count: Any, index: Any, state: Any) -> Any:
    drift, kick = _stage(method, index, count)
    return _take(plan.kicks, kick)(_take(plan.drifts, drift)(state))


def _march(plan: _Plan, method: Method, steps: Any, most: int | None, state: Any) -> Any:
    """`steps` steps; the loop runs over single stages, so that the compiled program holds one drift and one kick."""
    count = steps * method.stages
    state = _take(plan.kicks, _opening_kick(method))(state)
    return jax.lax.fori_loop(0, count, lambda i, u: _advance(plan, method, count, i, u), state)


def _march_checkpointed(
    plan: _Plan, method: Method, steps: Any, most: int | None, state: Any
) -> Any:
    """The same in blocks of about √count stages, of which reverse mode stores only the first states."""
    require(most is not None, "steps", "be known when `gradient` is 'checkpointed'", "traced")
    count = steps * method.stages
    block = max(1, round((most * method.stages) ** 0.5))
    state = _take(plan.kicks, _opening_kick(method))(state)

    def stage(u, i):
        return jax.lax.cond(
            i < count, lambda u: _advance(plan, method, count, i, u), lambda u: u, u
        ), None

    @jax.checkpoint
    def run_block(u, start):
        return jax.lax.scan(stage, u, start + jnp.arange(block))

    return jax.lax.scan(run_block, state, jnp.arange(0, most * method.stages, block))[0]


def _segments(inputs, counts, segments: int, method: Method, march=_march):
    """All segments in turn; what is observed and diagnosed at the end of each."""
    system, observe, step, state = inputs
    uniform = step.ndim == 0
    shared = _prepare(system, step, method, state) if uniform else None
    most = int(np.max(counts)) if concrete(counts) else None

    def segment(u, i):
        plan = shared if uniform else _prepare(system, step[i], method, state)
        u = march(plan, method, _entry(counts, i), most, u)
        return u, (observe(u), system.diagnose(u))

    return jax.lax.scan(segment, state, jnp.arange(segments))


def _entry(counts: Any, index: Any) -> Any:
    """Number of steps of a segment; stays a plain number where all segments agree."""
    if np.ndim(counts) == 0:
        return counts
    if concrete(counts) and np.ptp(counts) == 0:
        return int(counts[0])
    return jnp.asarray(counts)[index]


# --------------------------------------------------------------------------------------------------------------------
# Backwards
# --------------------------------------------------------------------------------------------------------------------


@eqx.filter_custom_vjp
def _reversible(inputs, counts, segments: int, method: Method):
    return _segments(inputs, counts, segments, method)


@_reversible.def_fwd
def _(perturbed, inputs, counts, segments, method):
    out = _segments(inputs, counts, segments, method)
    return out, out[0]


@_reversible.def_bwd
def _(final, cotangents, perturbed, inputs, counts, segments, method):
    system, observe, step, _ = inputs
    state_bar, (seen_bar, _) = cotangents
    state_bar = _zeros_for_none(state_bar, final)
    parameters = any(jax.tree.leaves(perturbed[0])) or any(jax.tree.leaves(perturbed[2]))
    make, source = _plan_source(system, step, method, final)
    _, undo_source = _plan_source(system, -step, method, final)

    def segment(carry, i):
        state, state_bar, observe_bar, source_bar = carry
        state_bar, observe_bar = _inject(observe, state, seen_bar, i, state_bar, observe_bar)
        plan, pull_plan = eqx.filter_vjp(make, source, i)
        undo = make(undo_source, i)
        count = _entry(counts, i)
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


def _plan_source(system, step, method, like):
    """What a segment's plan is made from: one plan shared by all, or (system, step lengths) where steps differ."""
    if step.ndim == 0:
        return (lambda plan, i: plan), _prepare(system, step, method, like)
    return (lambda source, i: _prepare(source[0], source[1][i], method, like)), (system, step)


def _pull_source(system, step, method, like, source_bar):
    if step.ndim != 0:
        return source_bar
    _, pull = eqx.filter_vjp(lambda s, h: _prepare(s, h, method, like), system, step)
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
        drift, kick = _stage(method, count - 1 - m, count)
        state, state_bar, kick_bar = _pull_half(
            plan.kicks, undo.kicks, kick, state, state_bar, kick_bar
        )
        state, state_bar, drift_bar = _pull_half(
            plan.drifts, undo.drifts, drift, state, state_bar, drift_bar
        )
        return state, state_bar, drift_bar, kick_bar

    carry = (state, state_bar, drift_bar, kick_bar)
    state, state_bar, drift_bar, kick_bar = jax.lax.fori_loop(0, count, stage, carry)
    opening = _opening_kick(method)
    state, state_bar, kick_bar = _pull_half(
        plan.kicks, undo.kicks, opening, state, state_bar, kick_bar
    )
    return state, state_bar, None if plan_bar is None else _Plan(drift_bar, kick_bar)


def _pull_half(flows, inverses, index, state, state_bar, flows_bar):
    """Undo one half-flow; pull the cotangent through it at the recovered state; add the cotangent of its phases."""
    state = _take(inverses, index)(state)
    flow = _take(flows, index)
    if flows_bar is None:
        _, pull = jax.vjp(flow, state)
        return state, pull(state_bar)[0], None
    _, pull = eqx.filter_vjp(lambda flow, u: flow(u), flow, state)
    flow_bar, state_bar = pull(state_bar)
    flows_bar = jax.tree.map(lambda total, more: total.at[index].add(more), flows_bar, flow_bar)
    return state, state_bar, flows_bar


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
