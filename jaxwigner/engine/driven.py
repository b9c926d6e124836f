"""Books that a run keeps beside its state: the clock t, the work ∫⟨∂_tU⟩dt of a drive, and the mass that an end has absorbed.

With t as one more coordinate and p_t its momentum, T(p) + U(x, t) becomes the autonomous (T(p) + p_t) + U(x, t): the drift advances t,
the kick reads U at a t that stands still. Both flows stay exact and [U, [T + p_t, U]] is what it was, so that every method keeps its
order (a U frozen in the middle of each step has order 2). p_t takes −τ⟨∂_tU⟩ in a kick, exactly, for a kick moves no density:
H − work is conserved.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxwigner._checks import check_scalar
from jaxwigner._types import Array
from jaxwigner.engine.flows import Absorption, Booked, Flow, is_single, parts
from jaxwigner.engine.forward import flow_of
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar
from jaxwigner.potentials.combined import corrected, is_driven
from jaxwigner.potentials.potential import frozen


def with_books(system: System, start: Scalar) -> System:
    """The system as it runs: with books where it is driven or absorbs, else itself.

    **Raises:** `ValueError` for a start that is no time.
    """
    check_scalar("start_time", start)
    driven, absorbs = is_driven(system), getattr(system, "absorb", None) is not None
    return BookedSystem(system, start, driven, absorbs) if driven or absorbs else system


def left(state: Any) -> Any:
    """A state as it leaves a run, without its books."""
    return state.state if isinstance(state, Booked) else state


class BookedSystem(System):
    """A system with a `Booked` state."""

    system: System
    start: Scalar
    driven: bool = eqx.field(static=True)
    absorbs: bool = eqx.field(static=True)

    @property
    def reversible(self) -> bool:
        return self.system.reversible

    def drift_flow(self, tau: Scalar) -> Flow:
        # A drift knows no U: any time will do where a system looks at it all the same.
        still = frozen(self.system, self.start)
        return Carried.of(flow_of(still, "drift_flow", tau), jnp.asarray(tau))

    def kick_flow(self, tau: Scalar) -> Flow:
        return self._kick("kick_flow", tau, None)

    def modified_kick_flow(self, tau: Scalar, weight: Scalar) -> Flow:
        return self._kick("modified_kick_flow", tau, weight)

    def _kick(self, kind: str, tau: Scalar, weight: Any) -> Flow:
        if self.driven:
            return DrivenKick.of(self.system, kind, tau, weight)
        return Carried.of(flow_of(self.system, kind, tau, weight), None)

    def enter(self, state: Any) -> Booked:
        dtype = jnp.result_type(float)
        zero = jnp.zeros((), dtype)
        clock = jnp.asarray(self.start, dtype)
        return Booked(frozen(self.system, clock).enter(state), clock, *(zero,) * 4)

    def diagnose(self, state: Booked) -> dict[str, Array]:
        series = frozen(self.system, state.clock).diagnose(state.state)
        books = {"work": state.work, "absorbed": state.absorbed}
        if not self.absorbs:
            return series | books
        # Shares are of what there was: when all is absorbed, of the rest nothing is asked.
        tiny = jnp.finfo(series["norm"].dtype).tiny
        whole = series["norm"] + jnp.maximum(state.absorbed, 0.0) + tiny
        shares = {
            "spectral_tail": series["spectral_tail"] * series["norm"] / whole,
            "edge_mass": (series["edge_mass"] * series["norm"] + state.returned) / whole,
        }
        return series | shares | books

    def coordinates(self) -> dict[str, Any]:
        return self.system.coordinates()


class Carried(Flow):
    """A flow of a state that needs no books, which go on: the clock by `advance`, what is absorbed by what the flow takes."""

    flow: Any
    advance: Scalar | None
    unrolled: bool = eqx.field(static=True, kw_only=True)  # pyright: ignore[reportIncompatibleVariableOverride]
    isometric: bool = eqx.field(static=True, kw_only=True)  # pyright: ignore[reportIncompatibleVariableOverride]

    @classmethod
    def of(cls, flow: Flow, advance: Any) -> Carried:
        return cls(flow, advance, unrolled=flow.unrolled, isometric=flow.isometric)

    def times(self, c: Scalar) -> Carried:
        advance = None if self.advance is None else c * self.advance
        return dataclasses.replace(self, flow=self.flow.times(c), advance=advance)

    def ready(self, single: bool = False) -> Carried:
        return dataclasses.replace(self, flow=self.flow.ready(single))

    def __call__(self, state: Booked) -> Booked:
        after = state.after(self.flow(state.state), self.flow)
        if self.advance is None:
            return after
        clock, ahead = state.later(self.advance)
        return dataclasses.replace(after, clock=clock, ahead=ahead)

    def pull(self, c: Scalar, ready: Carried, pair: Booked) -> tuple[Booked, Carried]:
        before, flow_bar = self.flow.pull(c, ready.flow, pair.state)
        if self.advance is None:
            return dataclasses.replace(pair, state=before), dataclasses.replace(self, flow=flow_bar)
        then, costate = parts(pair)
        clock, ahead = then.later(-c * self.advance)
        books = {"clock": pair.clock.at[0].set(clock), "ahead": pair.ahead.at[0].set(ahead)}
        more = dataclasses.replace(self, flow=flow_bar, advance=c * costate.clock)
        return dataclasses.replace(pair, state=before, **books), more


class DrivenKick(Flow):
    """The kick over τ of a system whose potential is read by the clock of the state."""

    system: System
    time: Scalar
    weight: Scalar | None
    kind: str = eqx.field(static=True)
    unrolled: bool = eqx.field(static=True, kw_only=True)  # pyright: ignore[reportIncompatibleVariableOverride]
    isometric: bool = eqx.field(static=True, kw_only=True)  # pyright: ignore[reportIncompatibleVariableOverride]

    @classmethod
    def of(cls, system: System, kind: str, tau: Scalar, weight: Any) -> DrivenKick:
        like = eqx.filter_eval_shape(
            lambda at: flow_of(frozen(system, at), kind, tau, weight), jnp.zeros(())
        )
        return cls(system, tau, weight, kind, unrolled=like.unrolled, isometric=like.isometric)

    def ready(self, single: bool = False) -> DrivenKick:
        """Nothing is known beforehand; the phases are formed in the precision that they have."""
        return self

    def made(self, clock: Any) -> Flow:
        """The kick of the potential as it is now."""
        return flow_of(frozen(self.system, clock), self.kind, self.time, self.weight)

    def __call__(self, state: Booked) -> Booked:
        u, made = state.state, self.made(state.clock)
        after = made.ready(is_single(u))(u)
        power = self.power(state.clock, u)
        if isinstance(
            made, Absorption
        ):  # what is there during the kick, to second order, and the same for −τ
            power = 0.5 * (power + self.power(state.clock, after))
        work = state.work + (_known(self.time) * power).astype(state.work.dtype)
        return eqx.tree_at(lambda booked: booked.work, state.after(after, made), work)

    def power(self, clock: Any, state: Any) -> Array:
        """⟨∂_tU⟩ of the U that this kick is of, a modified one too; a number of the books, which has no gradient."""
        system, weight, clock, state = _known((self.system, self.weight, clock, state))
        energy = lambda t: _felt(frozen(system, t), weight).diagnose(state)["energy"]  # noqa: E731
        return jax.jvp(energy, (clock,), (jnp.ones_like(clock),))[1]

    def pull(self, c: Scalar, ready: DrivenKick, pair: Booked) -> tuple[Booked, DrivenKick]:
        """Through the kick as it was at that time, and through the making of it."""
        clock = pair.clock[0]
        moving = self.system, self.time, self.weight
        made, back = eqx.filter_vjp(
            lambda moving, clock: flow_of(frozen(moving[0], clock), self.kind, *moving[1:]),
            moving,
            clock,
        )
        undone = made.times(c).ready(is_single(parts(pair.state)[0]))
        before, made_bar = made.pull(c, undone, pair.state)
        (system, time, weight), clock_bar = back(_like(made_bar, made))
        more = pair.clock.at[1].add(clock_bar)
        bar = dataclasses.replace(self, system=system, time=time, weight=weight)
        return dataclasses.replace(pair, state=before, clock=more), bar


def _felt(system: Any, weight: Scalar | None) -> System:
    """The system whose plain kick is the kick with this weight."""
    if weight is None:
        return system
    lower = corrected(system.potential, weight, system.mass)
    return eqx.tree_at(lambda one: one.potential, system, lower)


def _like(bar: Any, made: Any) -> Any:
    """A cotangent with zeros where it has none, in the precision of what was made."""

    def cast(leaf, one):
        if leaf is None:
            return None
        return jnp.zeros_like(leaf) if one is None else one.astype(leaf.dtype)

    wanted, given = (eqx.filter(tree, eqx.is_inexact_array) for tree in (made, bar))
    return jax.tree.map(cast, wanted, given, is_leaf=lambda leaf: leaf is None)


def _known(tree: Any) -> Any:
    """A tree whose arrays have no gradient; numbers that are known stay known."""
    stop = lambda leaf: jax.lax.stop_gradient(leaf) if isinstance(leaf, jax.Array) else leaf  # noqa: E731
    return jax.tree.map(stop, tree)
