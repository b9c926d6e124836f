"""Bounds of MK_ħ² that hold whatever the solver did, in units of ħ.

    below   tr(AR) + tr(BS) + λ_min(C − A⊗1 − 1⊗B)                          for all Hermitian A, B
    above   tr(CF)                                                          for every F ≥ 0 with tr₂F = R, tr₁F = S

`repair` makes such an F of any positive one: sandwiches with √R(tr₂F)^−½ and its sibling bring the marginals near, a factor makes
them smaller than R and S, and what is missing is added as a product, which is positive and exact.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float, Num

from jaxwigner._types import Array
from jaxwigner.transport.quantum.program.pair import Pair, between, inner, local, marginals
from jaxwigner.transport.solvers.matrices import adjoint, after, hermitian

ROUNDS = 3  # sandwiches that are tried; the cheapest coupling is kept


class CouplingResiduals(eqx.Module):
    """How far a coupling is from feasible: max|tr₂F − R|, max|tr₁F − S|, the least eigenvalue of F."""

    first: Float[Array, ""]
    second: Float[Array, ""]
    positivity: Float[Array, ""]


def dual_bound(
    pair: Pair, cost: Num[Array, "n n"], A: Num[Array, "r r"], B: Num[Array, "s s"]
) -> tuple[Array, Array, Array]:
    """(tr(AR) + tr(BS) + λ_min, λ_min, what rounding may have added)."""
    slack = cost - local(A, B).reshape(cost.shape)
    least = jnp.linalg.eigvalsh(slack)[0]
    epsilon = float(np.finfo(least.dtype).eps)
    rho, sigma = pair.first.eigenvalues, pair.second.eigenvalues
    a, b = (jnp.real(jnp.diagonal(X)) for X in (A, B))
    value = a @ rho + b @ sigma + least
    rounding = epsilon * (jnp.abs(a) @ rho + jnp.abs(b) @ sigma)
    rounding = rounding + epsilon * np.sqrt(pair.size) * jnp.linalg.norm(slack)
    return value, least, rounding


def repair(pair: Pair, cost: Num[Array, "n n"], F: Num[Array, "n n"]) -> Num[Array, "n n"]:
    """The cheapest of a few feasible couplings near F ≥ 0, and no dearer than R⊗S."""
    best = jnp.diag(pair.weights).astype(F.dtype)
    start = (pair, cost, F, best, inner(cost, best))
    return lax.fori_loop(0, ROUNDS, _round, start)[3]


def _round(i: Array, state):
    """The cheapest so far, and one sandwich more."""
    pair, cost, F, best, least = state
    found = _completed(pair, after(best, F))
    price = inner(cost, found)
    better = price < least  # never for NaN
    best, least = jnp.where(better, found, best), jnp.where(better, price, least)
    return pair, cost, _sandwiched(pair, after(found, F)), best, least


def _sandwiched(pair: Pair, F: Num[Array, "n n"]) -> Num[Array, "n n"]:
    """F between the matrices that give it the first marginal, then between those that give it the second."""
    ones = [jnp.eye(r, dtype=F.dtype) for r in pair.ranks]
    first = _towards(marginals(F, pair.ranks)[0], pair.first.eigenvalues)
    F = between(first, ones[1], F)
    second = _towards(after(F, marginals(F, pair.ranks)[1]), pair.second.eigenvalues)
    return between(ones[0], second, F)


def _towards(X: Num[Array, "r r"], eigenvalues: Float[Array, " r"]) -> Num[Array, "r r"]:
    """√R(R^−½XR^−½)^−½R^−½: P with PXP* = R."""
    root = jnp.sqrt(eigenvalues)
    values, vectors = jnp.linalg.eigh(hermitian(X / (root[:, None] * root)))
    middle = (vectors / jnp.sqrt(jnp.maximum(values, 1e-6))) @ adjoint(vectors)
    return root[:, None] * middle / root


def _completed(pair: Pair, F: Num[Array, "n n"]) -> Num[Array, "n n"]:
    """F scaled until its marginals are at most R and S, with what is missing as a product."""
    states = pair.first.eigenvalues, pair.second.eigenvalues
    found = marginals(F, pair.ranks)
    excess, seen = [], F
    for eigenvalues, marginal in zip(states, found):
        root = jnp.sqrt(eigenvalues)
        relative = after(seen, hermitian(marginal / (root[:, None] * root)))
        excess.append(jnp.linalg.eigvalsh(relative)[-1])
        seen = excess[-1]
    share = 1 / jnp.maximum(jnp.maximum(*excess), 1.0) / (1 + 4 * np.finfo(float).eps)
    left = [_positive(jnp.diag(w).astype(F.dtype) - share * X) for w, X in zip(states, found)]
    masses = [jnp.real(jnp.trace(X)) for X in left]
    missing = jnp.maximum(*masses)
    product = jnp.einsum("ik,lm->ilkm", *left).reshape(F.shape)
    return share * F + product / jnp.where(missing > 0, missing, 1.0)


def _positive(X: Num[Array, "r r"]) -> Num[Array, "r r"]:
    values, vectors = jnp.linalg.eigh(hermitian(X))
    return hermitian((vectors * jnp.maximum(values, 0.0)) @ adjoint(vectors))


def residuals(pair: Pair, F: Num[Array, "n n"]) -> CouplingResiduals:
    """How exactly F couples R and S."""
    found = marginals(F, pair.ranks)
    first = jnp.max(jnp.abs(found[0] - jnp.diag(pair.first.eigenvalues)))
    second = jnp.max(jnp.abs(found[1] - jnp.diag(pair.second.eigenvalues)))
    return CouplingResiduals(first, second, jnp.linalg.eigvalsh(F)[0])
