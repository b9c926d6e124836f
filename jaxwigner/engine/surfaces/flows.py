"""Half-flows of waves on several surfaces, ψ of shape (n, *grid): ψ ↦ e^{−iVτ/ħ}ψ at every point, and free transport level by level.

The kick holds the packed matrices Vτ/ħ. e^{−iG} is symmetric and unitary: its complex conjugate undoes it, and is its adjoint.
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.engine.flows import (
    Flow,
    FourierMultiplication,
    conjugate,
    each_orbital,
    is_single,
    paired,
    parts,
    to_single,
)
from jaxwigner.fourier import fftn, ifftn
from jaxwigner.grid import Scalar
from jaxwigner.potentials.surfaces.algebra import (
    applied,
    decomposed,
    exponential,
    exponential_of_two,
    turned,
)


class LevelsDrift(FourierMultiplication):
    """ψ_a ↦ F⁻¹(Π_j e^{−iθ_j(k_j)} · Fψ_a); phases have a leading axis of one."""

    def analyse(self, u: Complex[Array, " n *shape"]) -> Complex[Array, " n *shape"]:
        return fftn(u, axes=range(1, u.ndim))

    def synthesise(self, spectrum: Complex[Array, " n *shape"]) -> Complex[Array, " n *shape"]:
        return ifftn(spectrum, axes=range(1, spectrum.ndim))

    def weight(self, shape: tuple[int, ...]) -> float:
        return super().weight(shape[1:])


class MatrixKick(Flow):
    """ψ ↦ e^{−iG}ψ with the packed real symmetric matrices G = Vτ/ħ (`fields`); orbital by orbital for mixed states."""

    scaled: ClassVar[tuple[str, ...]] = ("fields",)
    unrolled: ClassVar[bool] = True
    isometric: ClassVar[bool] = True

    fields: Float[Array, " pair *shape"]

    @abstractmethod
    def exponential(self) -> Complex[Array, " pair *shape"]:
        """e^{−iG}, packed."""

    @abstractmethod
    def torque(self, c: Scalar, before: Any, costate: Any) -> MatrixKick:
        """The cotangent of this generator from the kick by cG."""

    def ready(self, single: bool = False) -> Any:
        """Matrices are formed in the precision that they have, and rounded once."""
        factors = self.exponential()
        return Prepared(to_single(factors) if single else factors)

    def __call__(self, state: Any) -> Any:
        return self.ready(is_single(state))(state)

    def pull(self, c: Scalar, ready: Prepared, pair: Any) -> tuple[Any, MatrixKick]:
        after, costate = parts(pair)
        before = ready.undone(after)
        return paired(before, ready.undone(costate)), self.torque(c, before, costate)


class Prepared(eqx.Module):
    """ψ ↦ Uψ with packed symmetric unitary matrices U."""

    factors: Complex[Array, " pair *shape"]

    def __call__(self, state: Any) -> Any:
        return each_orbital(lambda u: applied(self.factors, u), state)

    def undone(self, state: Any) -> Any:
        """U*ψ; U* is never formed: a compiler would keep it as a second table."""
        return each_orbital(lambda u: jnp.conj(applied(self.factors, jnp.conj(u))), state)


class TwoLevelKick(MatrixKick):
    """The kick of two levels in closed form."""

    def exponential(self) -> Complex[Array, " pair *shape"]:
        return exponential_of_two(self.fields)

    def torque(self, c: Scalar, before: Any, costate: Any) -> TwoLevelKick:
        _, pull = eqx.filter_vjp(lambda flow: flow.times(c)(before), self)
        return pull(conjugate(costate))[0]


class ManyLevelKick(MatrixKick):
    """The kick of more levels, from eigenvalues and eigenvectors that are found once for all multiples of G."""

    scaled: ClassVar[tuple[str, ...]] = ("fields", "levels")

    levels: Float[Array, "*shape n"]
    vectors: Float[Array, "*shape n n"]

    def exponential(self) -> Complex[Array, " pair *shape"]:
        return exponential(self.fields, self.levels, self.vectors)

    def torque(self, c: Scalar, before: Any, costate: Any) -> ManyLevelKick:
        """By Daleckii and Krein's formula, linear in dG."""
        single = is_single(before)

        def along(direction):
            change = turned(c * self.levels, self.vectors, c * direction)
            return Prepared(to_single(change) if single else change)(before)

        _, pull = jax.vjp(along, self.fields)
        zeros = jax.tree.map(jnp.zeros_like, (self.levels, self.vectors))
        fields, (levels, vectors) = pull(conjugate(costate))[0], zeros
        return dataclasses.replace(self, fields=fields, levels=levels, vectors=vectors)


def matrix_kick(fields: Float[Array, " pair *shape"]) -> MatrixKick:
    """The kick by e^{−iG} of packed matrices G."""
    if fields.shape[0] == 3:
        return TwoLevelKick(fields)
    levels, vectors = decomposed(jax.lax.stop_gradient(fields))
    return ManyLevelKick(fields, levels, vectors)
