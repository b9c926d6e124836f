"""Exact half-flows: what `drift_flow(τ)` and `kick_flow(τ)` of a system return, modules that are called on a state.

A flow over τ is the generator of all flows over cτ (`times(c)`): a splitting method needs nothing else of a system than its drift and
its kick over one step. Three kinds serve every wave and phase-space equation of this library, each e^{−iθ} with a real phase θ ∝ τ:

    multiplication in position           ψ ↦ e^{−iU τ/ħ} ψ
    multiplication in Fourier space      ψ ↦ F⁻¹ e^{−iħ|k|²τ/2m} F ψ
    the same for real fields             W(x, p) ↦ W(x − pτ/m, p)   and   w(x, y) ↦ e^{−iδU(x, y) τ} w(x, y)

The last line is the whole difference between quantum and classical phase-space dynamics: with w(x, y) = ∫W(x, p) e^{+ip·y} dp,
δU is (U(x + ħy/2) − U(x − ħy/2))/ħ in the Wigner equation and its limit ∇U(x)·y in the Liouville equation (AFG §1).
"""

from __future__ import annotations

import dataclasses
import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.fourier import fftn, ifftn, irfftn, rfftn
from jaxwigner.grid import Scalar
from jaxwigner.observables import density_of, total
from jaxwigner.states import MixedState


class Flow(eqx.Module):
    """The flow over a time τ, to which the fields named in `scaled` are proportional."""

    scaled: ClassVar[tuple[str, ...]] = ("time",)
    # Whether a loop over steps holds every stage with its own prepared flow: for flows that are few operations and large tables.
    unrolled: ClassVar[bool] = False
    # Whether it keeps Σ|u|² of a field, or of every orbital.
    isometric: ClassVar[bool] = False

    @abstractmethod
    def __call__(self, state: Any, /) -> Any:
        """The state after τ."""

    def times(self, c: Scalar) -> Flow:
        """The flow over cτ."""
        names = self.scaled
        fields = [jax.tree.map(lambda leaf: c * leaf, getattr(self, name)) for name in names]
        return eqx.tree_at(lambda flow: [getattr(flow, name) for name in names], self, fields)

    def ready(self, single: bool = False) -> Flow:
        """This flow with all that can be computed before a loop, for states of single precision or of double."""
        return jax.tree.map(to_single, self) if single else self

    def pull(self, c: Scalar, ready: Any, pair: Any) -> tuple[Any, Any]:
        """Back through the flow over cτ (`ready`): state and costate before it, and the cotangent of this generator.

        A costate is the complex conjugate of JAX's cotangent: what the adjoint of a linear flow acts on. A pair holds both, as a state
        whose arrays have a leading axis of two.
        """
        after, costate = parts(pair)
        before = self.times(-c).ready(is_single(after))(after)
        through = lambda flow, u: flow.times(c).ready(is_single(after))(u)  # noqa: E731
        _, back = eqx.filter_vjp(through, self, before)
        self_bar, before_bar = back(conjugate(costate))
        return paired(before, conjugate(before_bar)), self_bar


class SpectralFlow(Flow):
    """A flow that multiplies in Fourier space, in three parts so that a gradient can share a transform."""

    unrolled: ClassVar[bool] = True
    isometric: ClassVar[bool] = True

    @abstractmethod
    def analyse(self, u: Array, /) -> Array:
        """Fu of one field, or of one orbital."""

    @abstractmethod
    def scale(self, spectrum: Array, /) -> Array:
        """factor · Fu."""

    @abstractmethod
    def synthesise(self, spectrum: Array, /) -> Array:
        """F⁻¹."""

    def __call__(self, state: Any) -> Any:
        return each_orbital(lambda u: self.synthesise(self.scale(self.analyse(u))), state)

    def pull(self, c: Scalar, ready: Any, pair: Any) -> tuple[Any, Any]:
        """The same with one of five FFTs less: undoing has already transformed the state."""
        after, costate = parts(pair)
        single = is_single(after)
        back_by: Any = self.times(-c).ready(single)
        spectrum = back_by.scale(self.analyse(after))
        before = self.synthesise(spectrum)
        through = lambda flow, s: flow.synthesise(flow.times(c).ready(single).scale(s))  # noqa: E731
        _, back = eqx.filter_vjp(through, self, spectrum)
        self_bar, spectrum_bar = back(conjugate(costate))
        _, back = eqx.filter_vjp(self.analyse, before)
        return paired(before, conjugate(back(spectrum_bar)[0])), self_bar


class PhaseFlow(SpectralFlow):
    """u ↦ F⁻¹ e^{−i Σθ_j} Fu; orbital by orbital for mixed states.

    Each real phase θ_j broadcasts to Fu: one vector per axis where the phase is a sum over axes, so that a run in three dimensions
    holds no second large array. `factors` are the e^{−iθ_j}, once they are computed; their conjugates undo the flow.
    """

    scaled: ClassVar[tuple[str, ...]] = ("phases",)

    phases: tuple[Float[Array, "..."], ...]
    factors: tuple[Complex[Array, "..."], ...] | None = None
    backwards: bool = eqx.field(static=True, default=False, kw_only=True)

    def ready(self, single: bool = False) -> PhaseFlow:
        """Phases are formed in the precision that they have, and rounded once."""
        factors = tuple(phase_factor(phase) for phase in self.phases)
        factors = tuple(map(to_single, factors)) if single else factors
        return eqx.tree_at(lambda f: f.factors, self, factors, is_leaf=lambda leaf: leaf is None)

    def inverse(self) -> PhaseFlow:
        """What undoes this flow, by the same factors."""
        return dataclasses.replace(self, backwards=not self.backwards)

    def scale(self, spectrum: Array) -> Array:
        factors = self.ready().factors if self.factors is None else self.factors
        for factor in factors or ():
            # Its conjugate is never formed: a compiler would keep it as a second table.
            turned = jnp.conj(factor * jnp.conj(spectrum)) if self.backwards else factor * spectrum
            spectrum = turned
        return spectrum

    def weight(self, shape: tuple[int, ...]) -> Any:
        """w of Parseval's equation Σ uv = Re Σ w (Fu)* Fv, for real or complex fields u*, v of this shape."""
        return 1.0

    def pull(self, c: Scalar, ready: PhaseFlow, pair: Any) -> tuple[Any, Any]:
        """The adjoint of a unitary flow is its inverse: it acts on state u and costate λ at once, and θ has c·w·Im((Fλ)* Fu)."""
        undo = ready.inverse()

        def both(pair):
            spectra = jax.vmap(self.analyse)(pair)
            torque = jnp.imag(jnp.conj(spectra[1]) * spectra[0])
            torque = jnp.asarray(self.weight(pair.shape[1:]), torque.dtype) * torque
            return jax.vmap(lambda s: self.synthesise(undo.scale(s)))(spectra), torque

        if isinstance(pair, MixedState):
            orbitals, torques = jax.vmap(both, in_axes=1, out_axes=(1, 0))(pair.orbitals)
            before = eqx.tree_at(lambda R: R.orbitals, pair, orbitals)
            torque = jnp.sum(torques, axis=0)
        else:
            before, torque = both(pair)
        phases_bar = tuple(c * _folded(torque, phase) for phase in self.phases)
        return before, eqx.tree_at(lambda f: f.phases, self, phases_bar)


class Multiplication(PhaseFlow):
    """ψ ↦ e^{−iθ(x)} ψ; orbital by orbital for mixed states."""

    def analyse(self, u: Array) -> Array:
        return u

    def synthesise(self, spectrum: Array) -> Array:
        return spectrum


class FourierMultiplication(PhaseFlow):
    """ψ ↦ F⁻¹(Π_j e^{−iθ_j(k_j)} · Fψ) over all axes; orbital by orbital for mixed states."""

    def analyse(self, u: Complex[Array, "*shape"]) -> Complex[Array, "*shape"]:
        return fftn(u)

    def synthesise(self, spectrum: Complex[Array, "*shape"]) -> Complex[Array, "*shape"]:
        return ifftn(spectrum)

    def weight(self, shape: tuple[int, ...]) -> float:
        return 1 / math.prod(shape)


class RealFourierMultiplication(PhaseFlow):
    """W ↦ F⁻¹(e^{−iθ} · FW) over some axes, of given lengths, of a real field; only half of the spectrum is computed."""

    axes: tuple[int, ...] = eqx.field(static=True, kw_only=True)
    lengths: tuple[int, ...] = eqx.field(static=True, kw_only=True)

    def analyse(self, u: Float[Array, "*field"]) -> Complex[Array, "*spectrum"]:
        return rfftn(u, axes=self.axes)

    def synthesise(self, spectrum: Complex[Array, "*spectrum"]) -> Float[Array, "*field"]:
        return irfftn(spectrum, s=self.lengths, axes=self.axes)

    def weight(self, shape: tuple[int, ...]) -> np.ndarray:
        """Every mode of the half spectrum stands for itself and its conjugate, but those that are their own."""
        last, n = self.axes[-1], self.lengths[-1]
        twice = np.where(np.arange(n // 2 + 1) % ((n + 1) // 2 if n % 2 == 0 else n) == 0, 1.0, 2.0)
        alone = [1] * len(shape)
        alone[last] = twice.size
        return twice.reshape(alone) / math.prod(self.lengths)


class Absorption(Flow):
    """ψ ↦ e^{−θ(x)} of what another flow makes of ψ, both at once: they commute; orbital by orbital for mixed states.

    θ ≥ 0 absorbs. The flow says what it takes, and, by `watch`, how much comes back for each unit of time.
    """

    unrolled: ClassVar[bool] = True

    flow: Any
    decay: Float[Array, "*shape"]
    time: Scalar
    cell: Scalar
    watch: Callable[[Any], Array]
    factor: Float[Array, "*shape"] | None = None

    def times(self, c: Scalar) -> Absorption:
        flow, decay, time = self.flow.times(c), c * self.decay, c * self.time
        return dataclasses.replace(self, flow=flow, decay=decay, time=time)

    def ready(self, single: bool = False) -> Absorption:
        factor = jnp.exp(-self.decay)
        factor = to_single(factor) if single else factor
        return dataclasses.replace(self, flow=self.flow.ready(single), factor=factor)

    def __call__(self, state: Any) -> Any:
        factor = jnp.exp(-self.decay) if self.factor is None else self.factor
        return each_orbital(lambda psi: factor * psi, self.flow(state))

    def booked(self, state: Any) -> tuple[Array, Array]:
        """The mass that this flow takes from a state, ∫(1 − e^{−2θ})ρ dx, and what comes back meanwhile; no gradients."""
        state = jax.lax.stop_gradient(state)
        decay, time = (jax.lax.stop_gradient(one) for one in (self.decay, self.time))
        taken = -total(jnp.expm1(-2 * decay) * density_of(state)) * self.cell
        return taken, time * self.watch(state)


class Booked(eqx.Module):
    """A state and its books: the clock, the work that a drive has done, the mass that was absorbed, and what has come back."""

    state: Any
    clock: Any
    work: Any
    absorbed: Any
    returned: Any
    ahead: Any  # how much the clock has gained by rounding: thousands of small steps add up to their sum

    def after(self, state: Any, flow: Any) -> Booked:
        """After a flow that may have absorbed."""
        if not isinstance(flow, Absorption):
            return dataclasses.replace(self, state=state)
        dtype = self.absorbed.dtype
        more = [jax.lax.stop_gradient(one).astype(dtype) for one in flow.booked(self.state)]
        absorbed, returned = self.absorbed + more[0], self.returned + more[1]
        return dataclasses.replace(self, state=state, absorbed=absorbed, returned=returned)

    def later(self, advance: Any) -> tuple[Any, Any]:
        """The clock a time later, and how much it is ahead then (Kahan, Comm. ACM 8, 40 (1965))."""
        step = advance - self.ahead
        clock = self.clock + step
        return clock, (clock - self.clock) - step


class DampedFourierMultiplication(RealFourierMultiplication):
    """W ↦ F⁻¹(e^{−iθ − δ} · FW), δ ≥ 0: diffusion beside the phase, both exact. Nothing undoes it."""

    scaled: ClassVar[tuple[str, ...]] = ("phases", "decay")
    isometric: ClassVar[bool] = False

    decay: Float[Array, "..."] = eqx.field(kw_only=True)

    def ready(self, single: bool = False) -> PhaseFlow:
        turns: Any = super().ready().factors
        factors = (jnp.exp(-self.decay) * turns[0], *turns[1:])
        factors = tuple(map(to_single, factors)) if single else factors
        return eqx.tree_at(lambda f: f.factors, self, factors, is_leaf=lambda leaf: leaf is None)


def conjugate(tree: Any) -> Any:
    """Between a cotangent of JAX and a costate."""
    return jax.tree.map(jnp.conj, tree)


def paired(state: Any, costate: Any) -> Any:
    """A state and its costate, array by array along a leading axis."""
    return jax.tree.map(lambda *both: jnp.stack(both), state, costate)


def parts(pair: Any) -> tuple[Any, Any]:
    """The state and the costate of a pair."""
    return tuple(jax.tree.map(lambda leaf, i=i: leaf[i], pair) for i in range(2))


def _folded(field: Array, like: Array) -> Array:
    """The transpose of a broadcast: the sum over the axes along which `like` is constant."""
    constant = tuple(i for i, n in enumerate(like.shape) if n == 1 and field.shape[i] != 1)
    return jnp.sum(field, axis=constant, keepdims=True) if constant else field


def squares(state: Any) -> Float[Array, " orbital"]:
    """Σ|u|² of a field, or of every orbital of a mixed state, summed in double precision where JAX has it."""
    state = state.state if isinstance(state, Booked) else state
    orbitals = state.orbitals if isinstance(state, MixedState) else state[None]
    wide = jnp.promote_types(orbitals.dtype, jnp.result_type(float))
    flat = orbitals.reshape(orbitals.shape[0], -1).astype(wide)
    return jnp.sum(jnp.real(flat) ** 2 + jnp.imag(flat) ** 2, axis=1)


def rescaled(state: Any, norms: Float[Array, " orbital"]) -> tuple[Any, Float[Array, ""]]:
    """The state with these Σ|u|², and the share of them that it lacked; what rounding has lost has no derivative."""
    if isinstance(state, Booked):
        whole, lacked = rescaled(state.state, norms)
        return eqx.tree_at(lambda booked: booked.state, state, whole), lacked
    found = squares(jax.lax.stop_gradient(state))
    known = (found > 0) & (norms > 0)
    factors = jnp.sqrt(jnp.where(known, norms / jnp.where(known, found, 1.0), 1.0))
    total = jnp.sum(norms)
    lacked = jnp.where(total > 0, 1 - jnp.sum(found) / jnp.where(total > 0, total, 1.0), 0.0)
    if isinstance(state, MixedState):
        alone = factors.reshape((-1,) + (1,) * (state.orbitals.ndim - 1))
        orbitals = alone.astype(jnp.real(state.orbitals).dtype) * state.orbitals
        return eqx.tree_at(lambda R: R.orbitals, state, orbitals), lacked
    return factors[0].astype(jnp.real(state).dtype) * state, lacked


def is_single(state: Any) -> bool:
    """Whether a state is held in single precision."""
    return any(leaf.dtype in (jnp.float32, jnp.complex64) for leaf in jax.tree.leaves(state))


def to_single(leaf: Array) -> Array:
    return leaf.astype({"c": jnp.complex64, "f": jnp.float32}.get(leaf.dtype.kind, leaf.dtype))


def each_orbital(function: Callable[[Array], Array], state: Any) -> Any:
    """A function of one wave function applied to ψ, or to every orbital of a mixed state."""
    if isinstance(state, MixedState):
        return eqx.tree_at(lambda R: R.orbitals, state, jax.vmap(function)(state.orbitals))
    return function(state)


def phase_factor(phase: Float[Array, "*shape"]) -> Complex[Array, "*shape"]:
    """e^{−iθ}."""
    return jax.lax.complex(jnp.cos(phase), -jnp.sin(phase))


def phase_powers(phase: Float[Array, "*shape"], count: int) -> Complex[Array, "*shape n"]:
    """e^{−ijθ} for j = 0 … count − 1 along a new last axis: products of √count coarse and √count fine powers, not `count` sines."""
    base = math.isqrt(max(count - 1, 0)) + 1
    j = np.arange(base)
    fine = phase_factor_once(phase[..., None] * _along_last(j, phase))
    coarse = phase_factor_once(phase[..., None] * _along_last(base * j, phase))
    product = coarse[..., :, None] * fine[..., None, :]
    return product.reshape((*phase.shape, base * base))[..., :count]


def phase_factor_once(phase: Float[Array, "*shape"]) -> Complex[Array, "*shape"]:
    """e^{−iθ}, once: on a CPU XLA would fuse it into what follows, and evaluate a sine for every orbital."""
    if phase.size % 2:
        return phase_factor(phase)
    return jax.lax.platform_dependent(phase, cpu=_in_two_turns, default=phase_factor)


def _in_two_turns(phase: Float[Array, "*shape"]) -> Complex[Array, "*shape"]:
    """A loop, which is not fused."""
    return jax.lax.map(phase_factor, phase.reshape(2, -1)).reshape(phase.shape)


def _along_last(j: np.ndarray, like: Array) -> Array:
    return jnp.asarray(j, like.dtype).reshape((1,) * like.ndim + (-1,))
