"""Two density operators on their ranges: all that the cost of MK_ħ sees of them, in units of ħ.

    C = N⊗1 + 1⊗N − ΣẐ_i⊗Ẑ_i = ½Σ((x⊗1 − 1⊗x)² + (p⊗1 − 1⊗p)²)

A coupling F ≥ 0 of R and S lives on ran R ⊗ ran S, so that Ẑ and N enter compressed to each range on its own. Each state is seen
from its own mean: with Δ the difference of the means, C = C₀ + Δ·(Ẑ⊗1 − 1⊗Ẑ) + ½|Δ|², and what is linear is the same for every
coupling: MK² = ½|Δ|² + MK₀². Operators on the product space are matrices (n, n), n = r₁r₂, or arrays (r₁, r₂, r₁, r₂).

Where both states are real (time reversal), x̂ and N are real matrices, p̂ = i times one, and C is real: so is the arithmetic then.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Num

from jaxwigner._checks import concrete
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.transport.solvers.problem import centred
from jaxwigner.transport.solvers.range import CompressedState

NEGLIGIBLE = 1e-13  # share of the matrices that is dropped where they are real but for rounding


class Side(eqx.Module):
    """One state: eigenvalues ρ (r,) of sum 1, Ẑ/√ħ (2d, r, r), or with p̂/i in a real one, and N/ħ (r, r) about its mean."""

    eigenvalues: Float[Array, " r"]
    quadratures: Num[Array, "m r r"]
    half_square: Num[Array, "r r"]

    @property
    def rank(self) -> int:
        """r."""
        return self.eigenvalues.shape[0]

    @property
    def energy(self) -> Array:
        """tr(NR)."""
        return jnp.real(jnp.diagonal(self.half_square)) @ self.eigenvalues


class Pair(eqx.Module):
    """Both sides, real or complex alike."""

    first: Side
    second: Side

    @property
    def ranks(self) -> tuple[int, int]:
        """(r₁, r₂)."""
        return self.first.rank, self.second.rank

    @property
    def size(self) -> int:
        """n = r₁r₂."""
        return self.first.rank * self.second.rank

    @property
    def weights(self) -> Float[Array, " n"]:
        """The eigenvalues of R⊗S."""
        return (self.first.eigenvalues[:, None] * self.second.eigenvalues).reshape(-1)

    def partners(self) -> Num[Array, "m s s"]:
        """What Ẑ_i of the first side is multiplied with: (p̂/i)⊗(p̂/i) = −p̂⊗p̂."""
        Z = self.second.quadratures
        if jnp.iscomplexobj(Z):
            return Z
        return Z * np.repeat([1.0, -1.0], Z.shape[0] // 2)[:, None, None]

    def cost(self) -> Num[Array, "n n"]:
        """C, the only operator on the product space that is written out beside F, its slack and their steps."""
        coupled = jnp.einsum("aik,alm->ilkm", self.first.quadratures, self.partners())
        together = local(self.first.half_square, self.second.half_square) - coupled
        return together.reshape(self.size, self.size)

    def product_energy(self) -> Array:
        """tr(C R⊗S) = tr(NR) + tr(NS), since the means vanish."""
        return self.first.energy + self.second.energy


def local(A: Num[Array, "r r"], B: Num[Array, "s s"]) -> Num[Array, "r s r s"]:
    """A⊗1 + 1⊗B."""
    one, other = (jnp.eye(X.shape[0], dtype=X.dtype) for X in (A, B))
    left = A[:, None, :, None] * other[None, :, None, :]
    return left + one[:, None, :, None] * B[None, :, None, :]


def marginals(
    F: Num[Array, "n n"], ranks: tuple[int, int]
) -> tuple[Num[Array, "r r"], Num[Array, "s s"]]:
    """tr₂F and tr₁F."""
    four = F.reshape(*ranks, *ranks)
    return jnp.einsum("ilkl->ik", four), jnp.einsum("ilim->lm", four)


def between(P: Num[Array, "r r"], Q: Num[Array, "s s"], F: Num[Array, "n n"]) -> Num[Array, "n n"]:
    """(P⊗Q)F(P⊗Q)*."""
    four = F.reshape(P.shape[0], Q.shape[0], P.shape[0], Q.shape[0])
    left = jnp.einsum("ai,cl,ilkm->ackm", P, Q, four, optimize=True)
    both = jnp.einsum("ackm,bk,dm->acbd", left, P.conj(), Q.conj(), optimize=True)
    whole = both.reshape(F.shape)
    return 0.5 * (whole + whole.conj().T)


def inner(X: Array, Y: Array) -> Array:
    """Re tr(X*Y)."""
    return jnp.real(jnp.sum(X.conj() * Y))


def pair_of(R: CompressedState, S: CompressedState) -> tuple[Pair, Array]:
    """The discrete problem, real where both states are, and a bound for |⟨C⟩| of what was dropped to make it so (units of ħ)."""
    one, other, (here, there), sizes = _sides(R, S)
    dropped = sizes[0] * there + sizes[1] * here + here + there
    if not (_is_small(sizes[0], here) and _is_small(sizes[1], there)):
        return Pair(one, other), jnp.zeros_like(dropped)
    return _real(Pair(one, other)), dropped


@once
def _sides(R: CompressedState, S: CompressedState):
    """Both sides, what is imaginary in them, and their sizes."""
    one, other = _side(R), _side(S)
    return one, other, (_imaginary(one), _imaginary(other)), (_size(one), _size(other))


def _side(state: CompressedState) -> Side:
    Z, half = centred(state)
    return Side(state.eigenvalues / jnp.sum(state.eigenvalues), Z, half)


def _parts(side: Side) -> tuple[Array, Array]:
    """What must vanish in a real state: the imaginary parts of x̂ and N, the real part of p̂."""
    x, p = jnp.split(side.quadratures, 2)
    return jnp.concatenate([jnp.imag(x), jnp.real(p)]), jnp.imag(side.half_square)


def _imaginary(side: Side) -> Array:
    Z, half = _parts(side)
    return jnp.sqrt(jnp.sum(Z**2)) + jnp.sqrt(jnp.sum(half**2))


def _size(side: Side) -> Array:
    return jnp.sqrt(jnp.sum(jnp.abs(side.quadratures) ** 2))


def _is_small(size: Array, part: Array) -> bool:
    return concrete(part) and float(part) <= NEGLIGIBLE * float(size)


@once
def _real(pair: Pair) -> Pair:
    return Pair(_real_side(pair.first), _real_side(pair.second))


def _real_side(side: Side) -> Side:
    x, p = jnp.split(side.quadratures, 2)
    Z = jnp.concatenate([jnp.real(x), jnp.imag(p)])
    return Side(side.eigenvalues, Z, jnp.real(side.half_square))
