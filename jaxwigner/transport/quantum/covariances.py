"""The covariance program of two Gaussian states, by a primal–dual interior point method, with two bounds.

    max tr C  over real C with  Z = [[A, C], [Cᵀ, B]] ≥ 0,     A = S + iħJ/2,  B = S′ + iħJ/2     (both signs +)
    min tr AW₁₁ + tr BW₂₂  over Hermitian W ≥ 0 with  Re W₁₂ = −½

Both bounds hold wherever the iteration ends: C is scaled until Z ≥ 0, W is shifted until it is ≥ 0. What is iterated is of size 1,
however near to pure the states are:  C = L y L′ᵀ with  LLᵀ = S − (ħ/2)²JS⁻¹Jᵀ = 2(A⁻¹ + Ā⁻¹)⁻¹, which is 0 along pure modes, and
A^{-½}, B^{-½} on both sides of Z. The direction is that of Helmberg, Rendl, Vanderbei and Wolkowicz, W dZ + dW Z = μ − WZ in its
symmetric part, with Mehrotra's corrector; y = 0 is feasible to begin with, and centred with W = t − ½A^½B^½ at its corners.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxwigner._types import Array
from jaxwigner.transport.solvers.matrices import adjoint, after, hermitian, symplectic

STEPS = 40  # at most
GAP = 1e-14  # of the iteration, relative
FLOOR = 1e-15  # of eigenvalues of A, relative: rounding
PURE = 2e-15  # eigenvalues of LLᵀ, relative, that are none: the mode is pure


class CovariancePoint(NamedTuple):
    """C with Z ≥ 0, W₁₁ and W₂₂ of a feasible W, and `most` = tr AW₁₁ + tr BW₂₂: tr C ≤ max tr C ≤ `most`."""

    C: Array
    weights: tuple[Array, Array]
    most: Array


class _Side(NamedTuple):
    """A^½, A^{-½}, L and A^{-½}L of one state."""

    root: Array
    unrooted: Array
    L: Array
    P: Array


class _Point(eqx.Module):
    y: Array
    W: Array
    gap: Array
    falling: Array
    count: Array


def covariance_point(S: Array, T: Array, hbar: Array) -> CovariancePoint:
    """Nearly optimal C and W of two covariances S and T, made feasible; no derivatives pass through them."""
    S, T, hbar = lax.stop_gradient((S, T, jnp.asarray(hbar, S.dtype)))
    a = _side(S, hbar)
    b = _side(after(a.P, T), hbar)
    end = _iterated(a, b)
    C = a.L @ end.y @ b.L.T
    inner = a.unrooted @ C @ adjoint(b.unrooted)
    most = jnp.linalg.norm(after(inner, inner), 2)
    W = lax.fori_loop(0, 2, lambda _, W: _turned(a, b, W), after(most, end.W))
    W, m = _feasible_dual(W), S.shape[0]
    bound = jnp.real(jnp.trace(W)) + _allowance(a, b, W)
    weights = (
        adjoint(a.unrooted) @ W[:m, :m] @ a.unrooted,
        adjoint(b.unrooted) @ W[m:, m:] @ b.unrooted,
    )
    return CovariancePoint(C / jnp.maximum(most, 1.0), weights, bound)


def _side(S: Array, hbar: Array) -> _Side:
    m = S.shape[0]
    J = symplectic(m)
    units = jnp.sqrt(jnp.diagonal(S))  # x and p may be of very different sizes
    outer = jnp.outer(units, units)
    K = 0.5 * hbar * J / outer
    s = S / outer
    values, vectors = jnp.linalg.eigh(s + 1j * K)
    values = jnp.maximum(values, FLOOR * m)
    root = units[:, None] * vectors * jnp.sqrt(values)
    unrooted = adjoint(vectors) / units / jnp.sqrt(values)[:, None]
    spread = s - K @ jnp.linalg.inv(after(values, s)) @ K.T
    roots, axes = jnp.linalg.eigh(after(spread, 0.5 * (spread + spread.T)))
    mixed: Any = jnp.where(roots > PURE * m, roots, 0.0)
    L = units[:, None] * axes * jnp.sqrt(mixed)
    return _Side(root, unrooted, L, unrooted @ L)


def _iterated(a: _Side, b: _Side) -> _Point:
    m = a.L.shape[0]
    X = -0.5 * adjoint(a.root) @ b.root
    t = 2 * jnp.linalg.norm(X)
    eye = np.eye(m)
    W = _blocks(t * eye, X, t * eye)
    gap = 2 * m * t
    start = _Point(jnp.zeros((m, m)), W, gap, jnp.array(True), jnp.zeros((), int))
    going = lambda p: p.falling & (p.count < STEPS) & (p.gap > GAP * gap)  # noqa: E731
    return lax.while_loop(going, lambda p: _step(a, b, p), start)


def _step(a: _Side, b: _Side, point: _Point) -> _Point:
    """Predictor and corrector; the point before it where rounding has the last word."""
    y, W = point.y, point.W
    m = y.shape[0]
    Z = _slack(a, b, y)
    unrooted = _inverse_factors(Z, W)
    V = adjoint(unrooted[0]) @ unrooted[0]
    solve = _schur_solver(a, b, W, V)
    off = lambda dy: _off(a, b, dy)  # noqa: E731

    def direction(wanted):
        """dy and dW with dW = `wanted` − W − ½(W dZ V + V dZ W)."""
        dy = solve(_missing(a, b, wanted))
        return dy, wanted - W - hermitian(W @ off(dy) @ V)

    dy, dW = direction(jnp.zeros_like(W))
    one, other = _lengths(unrooted, off(dy), dW)
    ahead = _product(Z + one * off(dy), W + other * dW)
    mu = jnp.clip((ahead / point.gap) ** 3, 1e-6, 0.5) * point.gap / (2 * m)
    dy, dW = direction(mu * V - hermitian(dW @ off(dy) @ V))
    one, other = _lengths(unrooted, off(dy), dW)
    y, W = y + one * dy, W + other * dW
    gap = _product(_slack(a, b, y), W)
    good = (gap < point.gap) & (gap > 0)
    kept = lambda new, old: jnp.where(good, new, old)  # noqa: E731
    return _Point(kept(y, point.y), kept(W, point.W), kept(gap, point.gap), good, point.count + 1)


def _inverse_factors(Z: Array, W: Array) -> Array:
    roots = jnp.linalg.cholesky(jnp.stack([Z, W]))
    return jnp.linalg.inv(after(roots, roots))


def _lengths(unrooted: Array, dZ: Array, dW: Array) -> Array:
    """The longest steps, at most 1, that keep Z and W positive."""
    moved = unrooted @ jnp.stack([dZ, dW]) @ adjoint(unrooted)
    least = jnp.linalg.eigvalsh(after(moved, moved))[:, 0]
    return jnp.minimum(1.0, 0.97 / jnp.maximum(-least, 1e-300))


def _schur_solver(a: _Side, b: _Side, W: Array, V: Array):
    """The inverse of dy ↦ Re P*½(W dZ V + V dZ W)₁₂Q, dZ₁₂ = P dy Q*."""
    m = a.L.shape[0]
    between = lambda F, left, right: adjoint(left) @ F @ right  # noqa: E731
    (W1, X, W2), (V1, Y, V2) = (
        (
            between(F[:m, :m], a.P, a.P),
            between(F[:m, m:], a.P, b.P),
            between(F[m:, m:], b.P, b.P),
        )
        for F in (W, V)
    )
    straight = jnp.einsum("ik,lj->ijkl", W1, V2) + jnp.einsum("ik,lj->ijkl", V1, W2)
    crossed = jnp.einsum("il,kj->ijkl", X, Y) + jnp.einsum("il,kj->ijkl", Y, X)
    schur = 0.5 * jnp.real(straight + crossed).reshape(m * m, m * m)
    scale = 1 / jnp.sqrt(jnp.maximum(jnp.diagonal(schur), 1e-300))
    schur = jnp.outer(scale, scale) * 0.5 * (schur + schur.T) + 1e-15 * np.eye(m * m)
    factor = jnp.linalg.cholesky(after(V, schur))

    def solve(wanted):
        inner = after(factor, scale * wanted.reshape(-1))
        half = jax.scipy.linalg.solve_triangular(factor, inner, lower=True)
        whole = jax.scipy.linalg.solve_triangular(factor.T, after(half, half), lower=False)
        return (scale * whole).reshape(m, m)

    return solve


def _slack(a: _Side, b: _Side, y: Array) -> Array:
    return np.eye(2 * y.shape[0]) + _off(a, b, y)


def _off(a: _Side, b: _Side, y: Array) -> Array:
    """Z − 1 for y."""
    zero = np.zeros(y.shape)
    return _blocks(zero, a.P @ y @ adjoint(b.P), zero)


def _blocks(A: Array | np.ndarray, C: Array, B: Array | np.ndarray) -> Array:
    upper = jnp.concatenate([A.astype(C.dtype), C], axis=1)
    return jnp.concatenate([upper, jnp.concatenate([adjoint(C), B.astype(C.dtype)], axis=1)])


def _product(Z: Array, W: Array) -> Array:
    return jnp.real(jnp.sum(Z.conj() * W))


def _feasible_dual(W: Array) -> Array:
    """W ≥ 0 by a shift, in the coordinates of Ẑ a multiple of A⁻¹ and B⁻¹."""
    least = jnp.linalg.eigvalsh(after(W, W))[0]
    return W + jnp.maximum(0.0, 1e-15 * jnp.max(jnp.abs(W)) - least) * np.eye(W.shape[0])


def _allowance(a: _Side, b: _Side, W: Array) -> Array:
    """2⟨y, r⟩ at most, for the r that W misses and every feasible y: |y|² ≤ |PyQ*|²/(1 − κκ′), P*P = 1 + iK, κ = ‖K‖."""
    m = W.shape[0] // 2
    squares = adjoint(jnp.stack([a.P, b.P])) @ jnp.stack([a.P, b.P])
    kappa = jnp.linalg.eigvalsh(after(W, squares))[:, -1] - 1
    rest = jnp.maximum(1 - kappa[0] * kappa[1], 1e-15)
    return 2 * jnp.sqrt(m / rest) * jnp.linalg.norm(_missing(a, b, W))


def _turned(a: _Side, b: _Side, W: Array) -> Array:
    """(1 + G)W(1 + G) ≥ 0, which is nearer to the constraint by a Newton step in G."""
    eye = np.eye(W.shape[0])
    dy = _schur_solver(a, b, W, eye + 0j)(-_missing(a, b, W))
    G = eye + 0.5 * _off(a, b, dy)
    return hermitian(G @ W @ G)


def _missing(a: _Side, b: _Side, W: Array) -> Array:
    """Lᵀ(Re W₁₂ + ½)L′."""
    m = W.shape[0] // 2
    return jnp.real(adjoint(a.P) @ W[:m, m:] @ b.P) + 0.5 * a.L.T @ b.L
