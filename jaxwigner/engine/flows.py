"""Exact half-flows, prepared for one time step τ: what `drift_flow(τ)` and `kick_flow(τ)` of a system return.

A prepared flow is a small module that is called on a state; everything that depends on τ alone (a phase, a shift) is computed
when it is made and is a leaf of it. Three kinds serve every wave and phase-space equation of this library:

    multiplication in position           ψ ↦ e^{−iU τ/ħ} ψ
    multiplication in Fourier space      ψ ↦ F⁻¹ e^{−iħ|k|²τ/2m} F ψ
    the same for real fields             W(x, p) ↦ W(x − pτ/m, p)   and   w(x, y) ↦ e^{−iδU(x, y) τ} w(x, y)

The last line is the whole difference between quantum and classical phase-space dynamics: with w(x, y) = ∫W(x, p) e^{+ip·y} dp,
δU is (U(x + ħy/2) − U(x − ħy/2))/ħ in the Wigner equation and its limit ∇U(x)·y in the Liouville equation (AFG §1).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.fourier import fftn, ifftn, irfftn, rfftn
from jaxwigner.states import MixedState


class Multiplication(eqx.Module):
    """ψ ↦ factor · ψ; orbital by orbital for mixed states."""

    factor: Complex[Array, "*shape"]

    def __call__(self, psi: Any) -> Any:
        return each_orbital(lambda orbital: self.factor * orbital, psi)


class SpectralFlow(eqx.Module):
    """A flow that multiplies in Fourier space: u ↦ F⁻¹(factor · Fu), in three parts so that a gradient can share a transform."""

    @abstractmethod
    def analyse(self, state: Any, /) -> Any:
        """Fu."""

    @abstractmethod
    def scale(self, spectrum: Any, /) -> Any:
        """factor · Fu."""

    @abstractmethod
    def synthesise(self, spectrum: Any, /) -> Any:
        """F⁻¹."""

    def __call__(self, state: Any) -> Any:
        return self.synthesise(self.scale(self.analyse(state)))


class FourierMultiplication(SpectralFlow):
    """ψ ↦ F⁻¹(Π_i factor_i(k_i) · Fψ) over all axes; orbital by orbital for mixed states.

    One vector per axis: the product is formed while it is applied, and a three-dimensional run holds no second large array.
    """

    factors: tuple[Complex[Array, "..."], ...]

    def analyse(self, psi: Any) -> Any:
        return each_orbital(fftn, psi)

    def scale(self, spectrum: Any) -> Any:
        for factor in self.factors:
            spectrum = each_orbital(lambda s, factor=factor: factor * s, spectrum)
        return spectrum

    def synthesise(self, spectrum: Any) -> Any:
        return each_orbital(ifftn, spectrum)


class RealFourierMultiplication(SpectralFlow):
    """W ↦ F⁻¹(factor · FW) over some axes, of given lengths, of a real field; only half of the spectrum is computed."""

    factor: Complex[Array, "*shape"]
    axes: tuple[int, ...] = eqx.field(static=True)
    lengths: tuple[int, ...] = eqx.field(static=True)

    def analyse(self, field: Float[Array, "*field"]) -> Complex[Array, "*spectrum"]:
        return rfftn(field, axes=self.axes)

    def scale(self, spectrum: Complex[Array, "*spectrum"]) -> Complex[Array, "*spectrum"]:
        return self.factor * spectrum

    def synthesise(self, spectrum: Complex[Array, "*spectrum"]) -> Float[Array, "*field"]:
        return irfftn(spectrum, s=self.lengths, axes=self.axes)


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
    """e^{−iθ} in a loop of two turns, which XLA does not fuse into what follows: it would evaluate a sine for every orbital."""
    if phase.size % 2:
        return phase_factor(phase)
    return jax.lax.map(phase_factor, phase.reshape(2, -1)).reshape(phase.shape)


def _along_last(j: np.ndarray, like: Array) -> Array:
    return jnp.asarray(j, like.dtype).reshape((1,) * like.ndim + (-1,))
