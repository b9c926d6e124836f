"""A feasible-start primal–dual interior-point method for the discrete problem of `feasibility`.

In scaled variables Q̃, C̃ = ρ^½Cρ^½ and slacks S_k = C̃_k − B̃ − a_kρ ≥ 0 the duality gap is Σ tr(Q̃_kS_k); the central path is
Q̃_kS_k = μ. The start Q_k = w_kR, B = −R^{−1}, a = 0 (Q̃ = w_k, S = C̃ + 1) is feasible and every step stays so: the gap bounds the
error at every iteration. The direction of Helmberg–Kojima–Monteiro, with T = S^{−1},

    dQ̃ = μT − Q̃ + ½(Q̃ dX T + T dX Q̃),   dX_k = dB̃ + da_kρ = −dS_k,

leaves one Hermitian positive system for the r × r matrix dB̃ after the a_k are eliminated; its matrix is one product of a
(r², K) with a (K, r²) matrix. Mehrotra's predictor and corrector share its factorisation. About 15 steps, whatever K is.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.transport.solvers.matrices import after, hermitian
from jaxwigner.transport.solvers.problem import Discrete, Effort

STEPS = np.cumprod([1.0, *[0.85] * 86])  # lengths tried: down to 1e-6
INSIDE = 0.98  # share of the step to the boundary that is taken
DRAWN = 0.01  # share of the cold start in a warm one
GROWTH = 10.0  # of a node's own gap in a step: light nodes start below the central path and must not hold up the others


class Point(eqx.Module):
    """Q̃, B̃ and a."""

    Q: Complex[Array, "k r r"]
    B: Complex[Array, "r r"]
    a: Float[Array, " k"]


class Path(eqx.Module):
    """The problem in scaled variables, the point that was reached, its gap, and the length of the step that led there."""

    problem: Discrete
    here: Point
    gap: Float[Array, ""]
    length: Float[Array, ""]
    effort: Effort


class Solution(eqx.Module):
    """Q̃ (K, r, r), the dual matrix B (r, r) of the unscaled problem, and the number of iterations."""

    scaled: Complex[Array, "k r r"]
    potential: Complex[Array, "r r"]
    iterations: Array


def interior_point(
    problem: Discrete, tolerance: Scalar = 1e-7, limit: int | Array = 60, start: Any = None
) -> Solution:
    """Solve the discrete problem to a relative duality gap of `tolerance`, or until steps no longer advance.

    **Arguments:** `start`: a feasible coupling Q̃ > 0 in scaled variables and any dual point B, or None.
    """
    root = jnp.sqrt(problem.eigenvalues)
    costs = root[:, None] * problem.costs * root
    Q, B, a = _cold(problem) if start is None else _warm(problem, *start)
    one = jnp.ones((), problem.weights.dtype)
    gap = _inner(Q, costs - B - _times(a, problem.eigenvalues))
    scaled = Discrete(costs, problem.weights, problem.eigenvalues)
    path = Path(scaled, Point(Q, B, a), gap, one, Effort.allowed(tolerance, limit, one))
    path = lax.while_loop(_unfinished, _advance, path)
    return Solution(path.here.Q, path.here.B / (root[:, None] * root), path.effort.steps)


def _cold(problem: Discrete):
    """Q = w_kR, B = −R^{−1}, a = 0."""
    identity = jnp.eye(problem.eigenvalues.shape[0], dtype=problem.costs.dtype)
    Q = problem.weights[:, None, None] * identity
    return Q, -identity, jnp.zeros_like(problem.weights)


def _warm(problem: Discrete, Q: Complex[Array, "k r r"], B: Complex[Array, "r r"]):
    """Both points drawn back from the boundary by `DRAWN`, or the steps would be short."""
    root = jnp.sqrt(problem.eigenvalues)
    cold, _, _ = _cold(problem)
    Q = (1 - DRAWN) * Q + DRAWN * cold
    # S_k ≥ ½DRAWN(1 + ρ) in units of ħ, whatever B was.
    values = jnp.linalg.eigvalsh(problem.costs - after(Q, B))[:, 0]
    B = root[:, None] * B * root - DRAWN * jnp.eye(root.shape[0])
    return Q, B, values


# The loop's functions are module-level and everything they use is in the carry: an eager call then compiles them once.
def _unfinished(path: Path) -> Array:
    cost = _inner(path.problem.costs, path.here.Q)
    wanted = path.gap > path.effort.tolerance * jnp.abs(cost)
    return wanted & path.effort.left & (path.length > 1e-4)


def _advance(path: Path) -> Path:
    here, rho = path.here, path.problem.eigenvalues
    K, r = path.problem.weights.shape[0], rho.shape[0]
    S = path.problem.costs - here.B - _times(here.a, rho)
    T = hermitian(jnp.linalg.inv(S))
    system = _System.factorised(path, T)
    dQ, dB, da = system.direction(jnp.zeros_like(T))
    dS = -dB - _times(da, rho)
    primal, dual = _lengths(here.Q, dQ, S, dS)
    reached = _inner(here.Q + primal * dQ, S + dual * dS)
    centring = jnp.clip((reached / path.gap) ** 3, 1e-4, 0.5)
    current = jnp.real(jnp.sum(here.Q * S.conj(), axis=(1, 2))) / r
    centre = jnp.minimum(centring * path.gap / (K * r), GROWTH * current)
    target = centre[:, None, None] * T - hermitian(dQ @ dS @ T)
    dQ, dB, da = system.direction(target)
    dS = -dB - _times(da, rho)
    primal, dual = _lengths(here.Q, dQ, S, dS)
    Q, S = here.Q + primal * dQ, S + dual * dS
    gap, length = _inner(Q, S), jnp.minimum(primal, dual)
    moved = Point(Q, here.B + dual * dB, here.a + dual * da), gap, length
    stays = here, path.gap, jnp.zeros_like(length)
    healthy = jnp.isfinite(gap)
    here, gap, length = jax.tree.map(lambda x, y: jnp.where(healthy, x, y), moved, stays)
    return Path(path.problem, here, gap, length, path.effort.spent())


class _System(eqx.Module):
    """The factorised equation for dB̃ at one point of the path."""

    path: Path
    T: Complex[Array, "k r r"]
    columns: Complex[Array, "k rr"]
    diagonal: Float[Array, " k"]
    factor: Complex[Array, "rr rr"]

    @classmethod
    def factorised(cls, path: Path, T: Complex[Array, "k r r"]) -> _System:
        rho = path.problem.eigenvalues
        K, r = path.problem.weights.shape[0], rho.shape[0]
        u = hermitian((path.here.Q * rho) @ T)
        diagonal = jnp.real(jnp.diagonal(u, axis1=1, axis2=2)) @ rho
        columns = u.reshape(K, r * r)
        # G_iklj = Σ Q_ik T_lj; the symmetrised operator is ½(G_iklj + G_ljik) acting on dB_kl.
        G = (path.here.Q.reshape(K, r * r).T @ T.reshape(K, r * r)).reshape(r, r, r, r)
        M = 0.5 * (G.transpose(0, 3, 1, 2) + G.transpose(2, 1, 3, 0)).reshape(r * r, r * r)
        M = hermitian(M - (columns / diagonal[:, None]).T @ columns.conj())
        # B̃ + cρ, a − c is the same dual point: this direction is pinned.
        size = jnp.real(jnp.trace(M)) / (r * r)
        gauge = jnp.diag(rho).reshape(-1)
        gauge = gauge / jnp.linalg.norm(gauge)
        M = M + size * (gauge[:, None] * gauge + 1e-15 * jnp.eye(r * r))
        return cls(path, T, columns, diagonal, jnp.linalg.cholesky(M))

    def direction(self, target: Complex[Array, "k r r"]):
        """(dQ̃, dB̃, da) towards Q̃S = target·S."""
        rho, r = self.path.problem.eigenvalues, self.path.here.B.shape[0]
        missing = jnp.eye(r) - jnp.sum(target, axis=0)
        masses = self.path.problem.weights - jnp.real(jnp.diagonal(target, axis1=1, axis2=2)) @ rho
        right = missing.reshape(-1) - self.columns.T @ (masses / self.diagonal)
        solution = jax.scipy.linalg.cho_solve((self.factor, True), right)
        dB = hermitian(solution.reshape(r, r))
        da = (masses - jnp.real(self.columns.conj() @ dB.reshape(-1))) / self.diagonal
        dX = dB + _times(da, rho)
        dQ = hermitian(target - self.path.here.Q + self.path.here.Q @ dX @ self.T)
        return dQ, dB, da


def _times(a: Float[Array, " k"], rho: Float[Array, " r"]) -> Float[Array, "k r r"]:
    """a_k diag(ρ)."""
    return a[:, None, None] * jnp.diag(rho)


def _inner(Q: Array, S: Array) -> Float[Array, ""]:
    return jnp.real(jnp.sum(Q * S.conj()))


def _lengths(Q: Array, dQ: Array, S: Array, dS: Array) -> tuple[Array, Array]:
    """Steps of both sides, searched one after the other."""
    one = jnp.ones((), jnp.real(Q).dtype)
    primal = _length(Q, dQ, one)
    return primal, _length(S, dS, after(primal, one))


def _length(
    A: Complex[Array, "k r r"], dA: Complex[Array, "k r r"], one: Float[Array, ""]
) -> Float[Array, ""]:
    """A step that keeps all A_k + step·dA_k positive: 1, or a share of the longest of `STEPS` that does.

    They form a convex set: bisection finds it in as many Cholesky factors as `STEPS` has bits, a number that a compiler knows.
    """
    steps = one * STEPS

    def halved(_, ends):
        shorter, longer = ends  # the steps between which the first allowed one lies
        middle = (shorter + longer) // 2
        factor = jnp.linalg.cholesky(A + steps[middle] * dA)
        allowed = jnp.all(jnp.isfinite(jnp.real(factor)))
        return jnp.where(allowed, shorter, middle + 1), jnp.where(allowed, middle, longer)

    last = len(STEPS) - 1
    first, _ = lax.fori_loop(0, last.bit_length(), halved, (0 * last, last))
    return jnp.where(first > 0, INSIDE * steps[first], steps[first])
