"""Half-flows of waves on several surfaces, ψ of shape (n, *grid): ψ ↦ e^{−iVτ/ħ}ψ at every point, and free transport level by level.

The kick holds the packed matrices Vτ/ħ. e^{−iG} is symmetric and unitary: its complex conjugate undoes it, and is its adjoint.
"""

from __future__ import annotations

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
    pulled,
    pulled_of_two,
    slopes_of_levels,
    slopes_of_two,
)
from jaxwigner.states import MixedState


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
    def slopes(self) -> Complex[Array, "..."]:
        """What d e^{−iG} is made of, beside G: found before a loop backwards, as e^{−iG} is."""

    @abstractmethod
    def torque(self, c: Scalar, slopes: Array, pairs: Complex[Array, "n n *shape"]) -> MatrixKick:
        """The cotangent of this generator from the kick by cG, its slopes, and λ_a*u_b of the costate after it and the state before."""

    def ready(self, single: bool = False) -> Any:
        """Matrices are formed in the precision that they have, and rounded once."""
        factors = self.exponential()
        return Prepared(to_single(factors) if single else factors, self.slopes())

    def __call__(self, state: Any) -> Any:
        return self.ready(is_single(state))(state)

    def pull(self, c: Scalar, ready: Prepared, pair: Any) -> tuple[Any, MatrixKick]:
        after, costate = parts(pair)
        before, back = ready.undone(after), ready.undone(costate)
        pairs = overlaps(costate, before, self.fields.ndim - 1)
        return paired(before, back), self.torque(c, ready.slopes, pairs)


class Prepared(eqx.Module):
    """ψ ↦ Uψ with packed symmetric unitary matrices U, and the slopes of U, which a loop forwards leaves alone."""

    factors: Complex[Array, " pair *shape"]
    slopes: Complex[Array, "..."]

    def __call__(self, state: Any) -> Any:
        return each_orbital(lambda u: applied(self.factors, u), state)

    def undone(self, state: Any) -> Any:
        """U*ψ; U* is never formed: a compiler would keep it as a second table."""
        return each_orbital(lambda u: jnp.conj(applied(self.factors, jnp.conj(u))), state)


def overlaps(costate: Any, state: Any, axes: int) -> Complex[Array, "n n *shape"]:
    """Σλ_a*u_b over orbitals, and over what lies between the first axis and the last `axes`, those of the points."""
    if isinstance(state, MixedState):
        costate, state = (jnp.moveaxis(R.orbitals, 0, 1) for R in (costate, state))
    between = tuple(range(state.ndim - 1 - axes))
    rows = [[jnp.sum(jnp.conj(a) * b, axis=between) for b in state] for a in costate]
    return jnp.stack([jnp.stack(row) for row in rows])


class TwoLevelKick(MatrixKick):
    """The kick of two levels in closed form."""

    def exponential(self) -> Complex[Array, " pair *shape"]:
        return exponential_of_two(self.fields)

    def slopes(self) -> Complex[Array, " two *shape"]:
        return slopes_of_two(self.fields)

    def torque(self, c: Scalar, slopes: Array, pairs: Array) -> TwoLevelKick:
        return TwoLevelKick(c * pulled_of_two(c * self.fields, slopes, pairs))


class ManyLevelKick(MatrixKick):
    """The kick of more levels, from eigenvalues and eigenvectors that are found once for all multiples of G."""

    scaled: ClassVar[tuple[str, ...]] = ("fields", "levels")

    levels: Float[Array, "*shape n"]
    vectors: Float[Array, "*shape n n"]

    def exponential(self) -> Complex[Array, " pair *shape"]:
        return exponential(self.fields, self.levels, self.vectors)

    def slopes(self) -> Complex[Array, "*shape n n"]:
        return slopes_of_levels(self.levels)

    def torque(self, c: Scalar, slopes: Array, pairs: Array) -> ManyLevelKick:
        """By Daleckii and Krein's formula."""
        levels, vectors = (jnp.zeros_like(one) for one in (self.levels, self.vectors))
        return ManyLevelKick(c * pulled(self.vectors, slopes, pairs), levels, vectors)


def matrix_kick(fields: Float[Array, " pair *shape"]) -> MatrixKick:
    """The kick by e^{−iG} of packed matrices G."""
    if fields.shape[0] == 3:
        return TwoLevelKick(fields)
    levels, vectors = decomposed(jax.lax.stop_gradient(fields))
    return ManyLevelKick(fields, levels, vectors)
