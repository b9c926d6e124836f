"""Real symmetric matrices at every point: levels, vectors, and e^{−iG} with derivatives that are right where levels meet.

Two levels: G = m + zσ_z + wσ_x, and with q = z² + w² the entire functions C(q) = cos √q, S(q) = sin √q/√q give
e^{−iG} = e^{−im}(C − iS(zσ_z + wσ_x)): nothing is divided by a gap. More levels: G = QλQᵀ, and in every direction (Daleckii–Krein)
d e^{−iG} = Q[F ∘ (Qᵀ dG Q)]Qᵀ,  F_jk = −i e^{−i(λ_j + λ_k)/2} sinc((λ_j − λ_k)/2).

A symmetric matrix is packed as its upper triangle, row by row, along the first axis: n(n + 1)/2 fields. e^{−iG} is symmetric too.
"""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float, Num

from jaxwigner._types import Array

_TERMS = 12  # of the series of C and S for q < 1: the next is below 1e-25


def packed(matrices: Num[Array, "*shape n n"]) -> Num[Array, " pair *shape"]:
    """The upper triangle of (V + Vᵀ)/2."""
    rows, columns = np.triu_indices(matrices.shape[-1])
    both = 0.5 * (matrices[..., rows, columns] + matrices[..., columns, rows])
    return jnp.moveaxis(both, -1, 0)


def unpacked(fields: Num[Array, " pair *shape"]) -> Num[Array, "*shape n n"]:
    """The whole matrices."""
    return jnp.moveaxis(fields, 0, -1)[..., _places(_size(fields))]


def applied(
    fields: Num[Array, " pair *shape"], psi: Num[Array, " n *columns"]
) -> Num[Array, " n *columns"]:
    """Σ_b G_ab ψ_b at every point; of several ψ at once, with axes in front of those of the points."""
    n = psi.shape[0]
    place = _places(n)
    alone = (1,) * (psi.ndim - fields.ndim)
    fields = fields.reshape(fields.shape[0], *alone, *fields.shape[1:])
    rows = [sum(fields[place[a, b]] * psi[b] for b in range(n)) for a in range(n)]
    return jnp.stack([jnp.asarray(row) for row in rows])


def product(A: Num[Array, "*shape n n"], B: Num[Array, "*shape n n"]) -> Num[Array, "*shape n n"]:
    """AB of small matrices by sums that a compiler fuses, which is faster than its batched products of small matrices."""
    return jnp.sum(A[..., :, :, None] * B[..., None, :, :], axis=-2)


def transposed(A: Num[Array, "*shape n n"]) -> Num[Array, "*shape n n"]:
    """Aᵀ."""
    return jnp.swapaxes(A, -1, -2)


def rotated(Q: Float[Array, "*shape n n"], A: Num[Array, "*shape n n"]) -> Num[Array, "*shape n n"]:
    """QᵀAQ."""
    return product(transposed(Q), product(A, Q))


def _size(fields: Array) -> int:
    """n of n(n + 1)/2 fields."""
    return (math.isqrt(8 * fields.shape[0] + 1) - 1) // 2


@functools.cache
def _places(n: int) -> np.ndarray:
    """Where the entry (a, b) is in the packed fields."""
    place = np.zeros((n, n), int)
    rows, columns = np.triu_indices(n)
    place[rows, columns] = place[columns, rows] = np.arange(rows.size)
    return place


# Two levels, in closed form


def halves(fields: Float[Array, " three *shape"]) -> tuple[Array, Array, Array, Array]:
    """m, z, w of a 2 × 2 matrix and q = z² + w², the square of half the gap."""
    mean, z, w = 0.5 * (fields[0] + fields[2]), 0.5 * (fields[0] - fields[2]), fields[1]
    return mean, z, w, z**2 + w**2


def entire(q: Float[Array, "*shape"]) -> tuple[Array, Array]:
    """cos √q and sin √q/√q for q ≥ 0, whose derivatives of every order are those of entire functions."""
    near = q < 1
    root = jnp.sqrt(jnp.where(near, 1.0, q))
    small = jnp.where(near, q, 0.0)
    cosine, sine = jnp.zeros_like(q), jnp.zeros_like(q)
    for k in range(_TERMS, 0, -1):
        cosine = -small / ((2 * k) * (2 * k - 1)) * (1 + cosine)
        sine = -small / ((2 * k) * (2 * k + 1)) * (1 + sine)
    return (
        jnp.where(near, 1 + cosine, jnp.cos(root)),
        jnp.where(near, 1 + sine, jnp.sin(root) / root),
    )


def exponential_of_two(fields: Float[Array, " three *shape"]) -> Complex[Array, " three *shape"]:
    """e^{−iG} of 2 × 2 matrices, packed."""
    mean, z, w, q = halves(fields)
    cosine, sine = entire(q)
    turn = jax.lax.complex(jnp.cos(mean), -jnp.sin(mean))
    up, down = jax.lax.complex(cosine, -sine * z), jax.lax.complex(cosine, sine * z)
    across = jax.lax.complex(jnp.zeros_like(w), -sine * w)
    return turn[None] * jnp.stack([up, across, down])


def slopes_of_two(fields: Float[Array, " three *shape"]) -> Complex[Array, " two *shape"]:
    """e^{−im}S and e^{−im}T, T = (C − S)/q = 2 dS/dq: with them d e^{−iG} costs no function of G anew (`pulled_of_two`)."""
    mean, *_, q = halves(fields)
    cosine, sine = entire(q)
    near, bend = q < 1, jnp.zeros_like(q)
    for k in range(_TERMS, 0, -1):
        bend = -2 * k / math.factorial(2 * k + 1) - jnp.where(near, q, 0.0) * bend
    bend = jnp.where(near, bend, (cosine - sine) / jnp.where(near, 1.0, q))
    turn = jax.lax.complex(jnp.cos(mean), -jnp.sin(mean))
    return turn[None] * jnp.stack([sine, bend])


def pulled_of_two(
    fields: Float[Array, " three *shape"],
    slopes: Complex[Array, " two *shape"],
    pairs: Complex[Array, "two two *shape"],
) -> Float[Array, " three *shape"]:
    """The cotangent of G of Re Σ_ab X_ab(e^{−iG})_ab, from X (`pairs`) and `slopes_of_two`; its part along m is that of a phase.

    d e^{−iG} = −i dm e^{−iG} − e^{−im}[S dq/2 + i(T dq/2)(zσ_z + wσ_x) + iS(dz σ_z + dw σ_x)], dq/2 = z dz + w dw.
    """
    _, z, w, q = halves(fields)
    (sine, bend), one = slopes, pairs[0, 0] + pairs[1, 1]
    along, across = pairs[0, 0] - pairs[1, 1], pairs[0, 1] + pairs[1, 0]
    inner = z * along + w * across
    common = -sine * one - 1j * bend * inner
    z_bar = jnp.real(z * common - 1j * sine * along)
    w_bar = jnp.real(w * common - 1j * sine * across)
    mean_bar = jnp.real(-1j * (sine + q * bend) * one - sine * inner)
    return jnp.stack([0.5 * (mean_bar + z_bar), w_bar, 0.5 * (mean_bar - z_bar)])


def half_gap(q: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """√q, with the derivative 0 at the tip of a cone, where it has none."""
    away = q > 0
    return jnp.where(away, jnp.sqrt(jnp.where(away, q, 1.0)), 0.0)


def levels_of(fields: Float[Array, " pair *shape"]) -> Float[Array, " n *shape"]:
    """Eigenvalues, ascending."""
    if fields.shape[0] == 3:
        mean, *_, q = halves(fields)
        return jnp.stack([mean - half_gap(q), mean + half_gap(q)])
    return jnp.moveaxis(jnp.linalg.eigvalsh(unpacked(fields)), -1, 0)


def vectors_of(fields: Float[Array, " pair *shape"]) -> Float[Array, "*shape n n"]:
    """Q, whose columns belong to `levels_of`; of two levels by the half angle, which is cut where z < 0 and w = 0."""
    if fields.shape[0] != 3:
        return steady(unpacked(fields))
    _, z, w, q = halves(fields)
    half = 0.5 * jnp.arctan2(jnp.where(q > 0, w, 0.0), jnp.where(q > 0, z, 1.0))
    cosine, sine = jnp.cos(half), jnp.sin(half)
    rows = jnp.stack([-sine, cosine], -1), jnp.stack([cosine, sine], -1)
    return jnp.stack(rows, -2)


# More levels


def decomposed(
    fields: Float[Array, " pair *shape"],
) -> tuple[Float[Array, "*shape n"], Float[Array, "*shape n n"]]:
    """λ and Q of LAPACK."""
    levels, vectors = jnp.linalg.eigh(unpacked(fields))
    return levels, vectors


@jax.custom_jvp
def steady(matrices: Float[Array, "*shape n n"]) -> Float[Array, "*shape n n"]:
    """Eigenvectors whose derivative leaves out pairs of equal levels, between which they have none."""
    return jnp.linalg.eigh(matrices)[1]


@steady.defjvp
def _(primals, tangents):
    levels, vectors = jnp.linalg.eigh(primals[0])
    gap = levels[..., None, :] - levels[..., :, None]
    rounding = 8 * jnp.finfo(levels.dtype).eps * jnp.max(jnp.abs(levels), -1)[..., None, None]
    apart = jnp.abs(gap) > rounding
    inner = rotated(vectors, tangents[0])
    divisor = jnp.asarray(jnp.where(apart, gap, 1.0))
    turn = jnp.asarray(jnp.where(apart, inner / divisor, 0.0))
    return vectors, product(vectors, turn)


@jax.custom_jvp
def exponential(
    fields: Float[Array, " pair *shape"],
    levels: Float[Array, "*shape n"],
    vectors: Float[Array, "*shape n n"],
) -> Complex[Array, " pair *shape"]:
    """e^{−iG}, packed, from what `decomposed` gives of G. Its second derivatives are no numbers where levels are equal."""
    factors = jax.lax.complex(jnp.cos(levels), -jnp.sin(levels))
    return packed(product(vectors * factors[..., None, :], transposed(vectors)))


@exponential.defjvp
def _(primals, tangents):
    fields, levels, vectors = primals
    # The eigenvectors that came along have no derivative; these have, for what differentiates twice.
    return exponential(fields, levels, vectors), turned(*decomposed(fields), tangents[0])


def turned(
    levels: Float[Array, "*shape n"],
    vectors: Float[Array, "*shape n n"],
    direction: Float[Array, " pair *shape"],
) -> Complex[Array, " pair *shape"]:
    """d e^{−iG} along dG: linear in dG, and smooth through equal levels."""
    inner = rotated(vectors, unpacked(direction))
    return packed(rotated(transposed(vectors), slopes_of_levels(levels) * inner))


def slopes_of_levels(levels: Float[Array, "*shape n"]) -> Complex[Array, "*shape n n"]:
    """F."""
    mean = 0.5 * (levels[..., :, None] + levels[..., None, :])
    gap = 0.5 * (levels[..., :, None] - levels[..., None, :])
    size = entire(gap**2)[1]
    return jax.lax.complex(-size * jnp.sin(mean), -size * jnp.cos(mean))


def pulled(
    vectors: Float[Array, "*shape n n"],
    slopes: Complex[Array, "*shape n n"],
    pairs: Complex[Array, "n n *shape"],
) -> Float[Array, " pair *shape"]:
    """The cotangent of G of Re Σ_ab X_ab(e^{−iG})_ab, from X (`pairs`): Re Q[F ∘ (QᵀXQ)]Qᵀ, both halves of a pair together."""
    inner = rotated(vectors, jnp.moveaxis(pairs, (0, 1), (-2, -1)))
    whole = packed(jnp.real(rotated(transposed(vectors), slopes * inner)))
    rows, columns = np.triu_indices(vectors.shape[-1])
    twice = jnp.asarray(np.where(rows == columns, 1.0, 2.0), whole.dtype)
    return twice.reshape(-1, *[1] * (whole.ndim - 1)) * whole
