"""Couplings that are feasible to rounding, and bounds of the discrete problem that hold whatever the solver did.

    primal   min Σ_k tr(C_kQ_k),           Q_k ≥ 0, tr Q_k = w_k, Σ_k Q_k = R
    dual     max tr(BR) + Σ_k w_k λ_min(C_k − B)          over all Hermitian B

in units of ħ, in the eigenbasis of R = diag(ρ). Any B bounds the minimum from below, any feasible Q from above. `repair` makes a
feasible Q of any positive one. With Q_k = ρ^½ Q̃_k ρ^½ (which never divides by an eigenvalue of R) the constraints read
ΣQ̃_k = 1, tr(ρQ̃_k) = w_k: sandwich with (ΣQ̃)^−½, scale the traces, and hand what is left of R to the nodes that lack mass.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.transport.solvers.matrices import adjoint, hermitian
from jaxwigner.transport.solvers.problem import Discrete

ROUNDS = 40  # of sandwich and scaling at most
PRODUCT = 1e-9  # share of the product coupling that every repair begins with
FEASIBLE = 1e-12  # residuals that a coupling may have


class Residuals(eqx.Module):
    """How far a coupling is from feasible: max|ΣQ − R|, max|tr Q_k − w_k|, the least eigenvalue of all Q_k."""

    state: Float[Array, ""]
    nodes: Float[Array, ""]
    positivity: Float[Array, ""]


def discrete_cost(problem: Discrete, Q: Complex[Array, "k r r"]) -> Float[Array, ""]:
    """Σ_k tr(C_kQ_k)."""
    return jnp.real(jnp.sum(problem.costs * Q.conj()))


def dual_values(problem: Discrete, B: Complex[Array, "r r"]) -> Float[Array, " k"]:
    """λ_min(C_k − B), node by node."""
    return jnp.linalg.eigvalsh(problem.costs - B)[:, 0]


def dual_bound(problem: Discrete, B: Complex[Array, "r r"], values: Float[Array, " k"]):
    """tr(BR) + Σ w_kλ_k less what rounding may have added: (value, allowance)."""
    epsilon = float(np.finfo(values.dtype).eps) * B.shape[0]
    sizes = jnp.sqrt(jnp.sum(jnp.abs(problem.costs - B) ** 2, axis=(1, 2)))
    trace = jnp.real(jnp.diagonal(B)) @ problem.eigenvalues
    allowance = epsilon * (problem.weights @ sizes + jnp.abs(jnp.diagonal(B)) @ problem.eigenvalues)
    return trace + problem.weights @ values, allowance


def unscale(problem: Discrete, scaled: Complex[Array, "k r r"]) -> Complex[Array, "k r r"]:
    """Q = ρ^½ Q̃ ρ^½."""
    root = jnp.sqrt(problem.eigenvalues)
    return root[:, None] * scaled * root


def repair(problem: Discrete, scaled: Complex[Array, "k r r"]) -> Complex[Array, "k r r"]:
    """A feasible coupling Q near ρ^½Q̃ρ^½, for any Q̃_k ≥ 0.

    A little of the product coupling makes the sum invertible; where that is not enough, all of it is taken: a bound must hold.

    **Returns:** Q (K, r, r): ΣQ = R and tr Q_k = w_k to rounding, Q_k ≥ 0 by construction.
    """
    w = problem.weights
    product = w[:, None, None] * jnp.eye(scaled.shape[1], dtype=scaled.dtype)
    Q = _repaired(problem, hermitian(scaled) + PRODUCT * product)
    found = residuals(problem, Q)
    good = (found.state < FEASIBLE) & (found.nodes < FEASIBLE) & (found.positivity > -FEASIBLE)
    return jnp.where(good, Q, unscale(problem, product))


def _repaired(problem: Discrete, scaled: Complex[Array, "k r r"]) -> Complex[Array, "k r r"]:
    w = problem.weights
    sweeps = (problem, scaled, jnp.ones((), w.dtype), jnp.zeros((), int))
    Q = _sandwich(lax.while_loop(_unbalanced, _sweep, sweeps)[1])
    Q = Q * jnp.minimum(1.0, _share(w, _masses(problem, Q)))[:, None, None]
    Q = unscale(problem, Q)
    left = _positive(jnp.diag(problem.eigenvalues).astype(Q.dtype) - jnp.sum(Q, axis=0))
    missing = jnp.maximum(w - jnp.real(jnp.trace(Q, axis1=1, axis2=2)), 0.0)
    total = jnp.sum(missing)
    share = missing / jnp.where(total > 0, total, 1.0)
    return Q + share[:, None, None] * left


def _unbalanced(sweeps) -> Array:
    _, _, error, rounds = sweeps
    return (error > 1e-13) & (rounds < ROUNDS)


def _sweep(sweeps):
    """Sum to the identity, then the right traces; and by how much these were off."""
    problem, Q, _, rounds = sweeps
    Q = _sandwich(Q)
    masses = _masses(problem, Q)
    error = jnp.sum(jnp.abs(masses - problem.weights))
    return problem, Q * _share(problem.weights, masses)[:, None, None], error, rounds + 1


def _positive(A: Complex[Array, "r r"]) -> Complex[Array, "r r"]:
    """The positive part: the remainder is positive up to rounding, which must not reach the coupling."""
    values, vectors = jnp.linalg.eigh(hermitian(A))
    return hermitian((vectors * jnp.maximum(values, 0.0)) @ adjoint(vectors))


def _masses(problem: Discrete, scaled: Complex[Array, "k r r"]) -> Float[Array, " k"]:
    return jnp.real(jnp.diagonal(scaled, axis1=1, axis2=2)) @ problem.eigenvalues


def _share(w: Float[Array, " k"], masses: Float[Array, " k"]) -> Float[Array, " k"]:
    return w / jnp.where(masses > 0, masses, 1.0)


def _sandwich(Q: Complex[Array, "k r r"]) -> Complex[Array, "k r r"]:
    """Y^−½ Q_k Y^−½ with Y = ΣQ."""
    values, vectors = jnp.linalg.eigh(hermitian(jnp.sum(Q, axis=0)))
    floor = 1e-14 * values[-1]
    root = (vectors / jnp.sqrt(jnp.maximum(values, floor))) @ adjoint(vectors)
    return hermitian(root @ Q @ root)


def residuals(problem: Discrete, Q: Complex[Array, "k r r"]) -> Residuals:
    """How exactly Q couples w and R."""
    missing = jnp.sum(Q, axis=0) - jnp.diag(problem.eigenvalues)
    traces = jnp.real(jnp.trace(Q, axis1=1, axis2=2)) - problem.weights
    least = jnp.min(jnp.linalg.eigvalsh(Q)[:, 0])
    return Residuals(jnp.max(jnp.abs(missing)), jnp.max(jnp.abs(traces)), least)
