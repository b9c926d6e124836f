"""MK_ħ² of two states that are diagonal in one oscillator basis: a cone program over couplings of their populations (d = 1).

    MK²/ħ = max{Σρ_nα_n + Σσ_mβ_m : D_s ≥ 0 for all s}  =  ⟨n⟩ + ⟨m⟩ + 1 − 2max_f Σ√((n+1)m f_{n,m} f_{n+1,m−1})

f ≥ 0 has the marginals ρ and σ. The cost commutes with n + m = s: D_s is the Jacobi matrix with n + m + 1 − α_n − β_m on its diagonal
and −√((n+1)m) beside it, over the levels with that sum, and a block of the optimal coupling may have rank one, F_s = √f√fᵀ.
Any α, β that are feasible bound MK² from below, any f from above. They are found by the primal–dual interior point method in the
blocks: dF = μD⁻¹ − F + ½(Fδ D⁻¹ + D⁻¹δ F), δ = dα + dβ, whose Newton matrix is made of the entrywise products F∘D⁻¹.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, check_weights
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Scalar
from jaxwigner.transport.quantum.gaussian_pairs import around, check_double
from jaxwigner.transport.solvers.envelope import slope_of
from jaxwigner.transport.solvers.matrices import after, broadcasting

STEPS = 60  # at most
GAP = 1e-13  # of the iteration, in units of ħ
EMPTY = 1e-28  # populations below are left out of the iteration
ROUNDS = 30  # of scaling rows and columns


@broadcasting
def fock_diagonal_cost(
    p: Float[Array, " n"], q: Float[Array, " m"], hbar: Scalar
) -> tuple[Bracket, Float[Array, "n m"]]:
    """MK_ħ(R, S)² of R = Σp_n|n⟩⟨n| and S = Σq_m|m⟩⟨m|, and the coupling of populations that gives the upper bound.

    **Arguments:** `p`, `q`: populations of the levels 0, 1, … of one oscillator of frequency 1, each of sum 1; `hbar`: ħ > 0.

    **Returns:** a `Bracket`, of relative width near 1e-11, and f (n, m) with f_nm ≥ 0, Σ_mf_nm = p_n, Σ_nf_nm = q_m. The cost can
    be differentiated once in p and q (levels that are empty stay empty: there the derivative is −∞ and 0 is put) and in ħ.

    **Raises:** `ValueError` for populations that are negative or do not sum to 1, and in single precision.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.transport import fock_diagonal_cost
    >>> cost, f = fock_diagonal_cost(jnp.array([0.7, 0.3]), jnp.array([0.6, 0.4]), 1.0)
    >>> round(float(cost.centre), 9)  # 1 + p + q − 2√pq
    1.007179677
    """
    check_double()
    check_positive_scalar("hbar", hbar)
    check_weights("p", p)
    check_weights("q", q)
    found = fock_diagonal(jnp.asarray(p, float), jnp.asarray(q, float), hbar)
    return found.cost, found.f


class FockDiagonal(NamedTuple):
    """MK_ħ², the coupling of populations f (n, m), the potentials α (n,) and β (m,) in units of ħ, and the number of iterations."""

    cost: Bracket
    f: Float[Array, "n m"]
    alpha: Float[Array, " n"]
    beta: Float[Array, " m"]
    iterations: Array


def fock_diagonal(p: Float[Array, " n"], q: Float[Array, " m"], hbar: Scalar) -> FockDiagonal:
    """The cone program of populations that have been checked."""
    if p.shape[0] > q.shape[0]:
        cost, f, beta, alpha, count = _cost(q, p, hbar)
        return FockDiagonal(cost, f.T, alpha, beta, count)
    return _cost(p, q, hbar)


class _Blocks(NamedTuple):
    """Where (n, m = s − n) is a pair of levels: `alive` (s, n), `place` (s, n, m) as 0 and 1, and the cost of each block (s, n, n)."""

    alive: Array
    place: Array
    cost: Array

    def diagonal(self, alpha: Array, beta: Array) -> Array:
        """α_n + β_{s−n}, (s, n)."""
        return alpha + jnp.einsum("snm,m->sn", self.place, beta)

    def marginals(self, f: Array) -> tuple[Array, Array]:
        """Sums of f (s, n) over m and over n."""
        f = jnp.where(self.alive, f, 0.0)
        return jnp.sum(f, axis=0), jnp.einsum("snm,sn->m", self.place, f)

    def slack(self, alpha: Array, beta: Array) -> Array:
        """D_s (s, n, n), with 1 on the diagonal where there is no pair."""
        return self.cost - _diag(jnp.where(self.alive, self.diagonal(alpha, beta), 0.0))


class _Point(eqx.Module):
    F: Array
    alpha: Array
    beta: Array
    gap: Array
    falling: Array
    count: Array


@once
def _cost(p: Array, q: Array, hbar: Scalar) -> FockDiagonal:
    rho, sigma = lax.stop_gradient((p / jnp.sum(p), q / jnp.sum(q)))
    blocks = _blocks(rho > EMPTY, sigma > EMPTY)
    end = _iterated(blocks, rho, sigma)
    alpha, beta = _feasible_potentials(blocks, end.alpha, end.beta)
    alpha, beta = jnp.where(rho > EMPTY, alpha, 0.0), jnp.where(sigma > EMPTY, beta, 0.0)
    lower = rho @ alpha + sigma @ beta - _left_out(rho, sigma, alpha, beta)
    f = _feasible_coupling(_as_matrix(jnp.diagonal(end.F, axis1=1, axis2=2), blocks), rho, sigma)
    upper = _value(f)
    ends = jnp.minimum(lower, upper), jnp.maximum(lower, upper)
    rounding = 1e-15 * (1 + rho @ jnp.abs(alpha) + sigma @ jnp.abs(beta))

    def dual(p, q, hbar, alpha, beta):
        return hbar * (p @ alpha / jnp.sum(p) + q @ beta / jnp.sum(q))

    hbar = jnp.asarray(hbar)
    slope = slope_of(dual, p, q, hbar, alpha, beta)
    half = lax.stop_gradient(hbar) * (0.5 * (ends[1] - ends[0]) + rounding)
    cost = around(lax.stop_gradient(hbar) * 0.5 * (ends[0] + ends[1]), half, slope)
    return FockDiagonal(cost, f, alpha, beta, end.count)


def _blocks(here: Array, there: Array) -> _Blocks:
    r, c = here.shape[0], there.shape[0]
    s, n = np.arange(r + c - 1)[:, None], np.arange(r)
    place = jnp.asarray((s - n)[:, :, None] == np.arange(c), float)
    place = place * here[:, None] * there
    alive = jnp.sum(place, axis=2) > 0
    beside = np.sqrt(np.maximum((n[:-1] + 1.0) * (s - n[:-1]), 0.0))  # (n, m) with (n + 1, m − 1)
    beside = jnp.where(alive[:, :-1] & alive[:, 1:], beside, 0.0)
    cost = jnp.asarray(_diag(jnp.where(alive, s + 1.0, 1.0)))
    cost = cost.at[:, n[:-1], n[1:]].add(-beside).at[:, n[1:], n[:-1]].add(-beside)
    return _Blocks(alive, place, cost)


def _diag(values: Array) -> Array:
    return values[..., None] * np.eye(values.shape[-1])


def _iterated(blocks: _Blocks, rho: Array, sigma: Array) -> _Point:
    """From F ≈ 1/(a_n + b_m) with the right marginals and D ≈ κ(a_n + b_m), a = c/ρ, b = r/σ: nearly centred."""
    r, c = rho.shape[0], sigma.shape[0]
    a, b = c / jnp.maximum(rho, EMPTY), r / jnp.maximum(sigma, EMPTY)
    held = [jnp.where(v > EMPTY, v, 0.0) for v in (rho, sigma)]
    f = _feasible_coupling(1 / (a[:, None] + b), *held)
    F = _diag(jnp.where(blocks.alive, jnp.einsum("snm,nm->sn", blocks.place, f), 1.0))
    size = 2.0 * (r + c) / min(r, c)
    alpha, beta = -size * a, -size * b
    gap = _gap(blocks, F, blocks.slack(alpha, beta))
    start = _Point(F, alpha, beta, gap, jnp.array(True), jnp.zeros((), int))
    going = lambda p: p.falling & (p.count < STEPS) & (p.gap > GAP)  # noqa: E731
    return lax.while_loop(going, lambda p: _step(blocks, rho, sigma, p), start)


def _gap(blocks: _Blocks, F: Array, D: Array) -> Array:
    return jnp.sum(F * D) - jnp.sum(jnp.where(blocks.alive, 0.0, 1.0))


def _step(blocks: _Blocks, rho: Array, sigma: Array, point: _Point) -> _Point:
    """Predictor and corrector; the point before it where rounding has the last word."""
    F, D = point.F, blocks.slack(point.alpha, point.beta)
    unrooted = jnp.linalg.inv(after(F, jnp.linalg.cholesky(jnp.stack([F, D]))))
    V = unrooted[1].swapaxes(-1, -2) @ unrooted[1]
    solve = _newton_solver(blocks, F * V)
    there = blocks.alive[:, :, None] & blocks.alive[:, None, :]

    def direction(wanted):
        """dα, dβ and dF = `wanted` − F + ½(FδV + VδF)."""
        rows, columns = blocks.marginals(jnp.diagonal(wanted, axis1=1, axis2=2))
        dalpha, dbeta = solve(rho - rows, sigma - columns)
        delta = jnp.where(blocks.alive, blocks.diagonal(dalpha, dbeta), 0.0)
        moved = F * delta[:, None, :] @ V
        dF: Any = jnp.where(there, wanted - F + 0.5 * (moved + moved.swapaxes(-1, -2)), 0.0)
        return dalpha, dbeta, delta, dF

    number = jnp.sum(blocks.alive)
    _, _, delta, dF = direction(jnp.zeros_like(F))
    one, other = _lengths(unrooted, dF, -_diag(delta))
    ahead = _gap(blocks, F + one * dF, D - other * _diag(delta))
    mu = jnp.clip((ahead / point.gap) ** 3, 1e-6, 0.5) * point.gap / number
    second = dF * delta[:, None, :] @ V
    correction = 0.5 * (second + second.swapaxes(-1, -2))
    dalpha, dbeta, delta, dF = direction(mu * V + correction)
    one, other = _lengths(unrooted, dF, -_diag(delta))
    F, alpha, beta = F + one * dF, point.alpha + other * dalpha, point.beta + other * dbeta
    gap = _gap(blocks, F, blocks.slack(alpha, beta))
    good = (gap < point.gap) & (gap > 0)
    kept = lambda new, old: jnp.where(good, new, old)  # noqa: E731
    return _Point(
        kept(F, point.F),
        kept(alpha, point.alpha),
        kept(beta, point.beta),
        kept(gap, point.gap),
        good,
        point.count + 1,
    )


def _newton_solver(blocks: _Blocks, H: Array):
    """The inverse of (dα, dβ) ↦ the marginals of H δ, with the gauge (1, −1) held."""
    first = jnp.sum(jnp.where(blocks.alive[:, :, None] & blocks.alive[:, None, :], H, 0.0), axis=0)
    half = jnp.einsum("snj,sjm->snm", H, blocks.place)
    mixed = jnp.einsum("snm,sn->nm", half, blocks.alive.astype(float))
    second = jnp.einsum("snm,snk->mk", blocks.place, half)
    r, whole = first.shape[0], jnp.block([[first, mixed], [mixed.T, second]])
    held = jnp.diagonal(whole)
    safe: Any = jnp.where(held > 0, held, 1.0)
    scale = 1 / jnp.sqrt(safe)
    gauge = jnp.concatenate([jnp.ones(r), -jnp.ones(whole.shape[0] - r)]) / scale
    gauge = jnp.where(held > 0, gauge, 0.0) / jnp.linalg.norm(gauge)
    whole = jnp.outer(scale, scale) * whole + _diag(jnp.where(held > 0, 1e-15, 1.0))
    factor = jnp.linalg.cholesky(after(H, whole + jnp.outer(gauge, gauge)))

    def solve(rows, columns):
        wanted = after(factor, scale * jnp.concatenate([rows, columns]))
        inner = jax.scipy.linalg.solve_triangular(factor, wanted, lower=True)
        whole = jax.scipy.linalg.solve_triangular(factor.T, after(inner, inner), lower=False)
        return (scale * whole)[:r], (scale * whole)[r:]

    return solve


def _lengths(unrooted: Array, dF: Array, dD: Array) -> Array:
    """The longest steps, at most 1, that keep F and D positive."""
    moved = unrooted @ jnp.stack([dF, dD]) @ unrooted.swapaxes(-1, -2)
    least = jnp.min(jnp.linalg.eigvalsh(after(moved, moved)), axis=(1, 2))
    return jnp.minimum(1.0, 0.97 / jnp.maximum(-least, 1e-300))


def _feasible_potentials(blocks: _Blocks, alpha: Array, beta: Array) -> tuple[Array, Array]:
    """Lowered by multiples of 1 + |α|, 1 + |β| until D_s ≥ 0, less what rounding may have added."""
    here, there = 1 + jnp.abs(alpha), 1 + jnp.abs(beta)
    size = jnp.where(blocks.alive, blocks.diagonal(here, there), 1.0)
    root = 1 / jnp.sqrt(size)
    scaled = blocks.slack(alpha, beta) * root[:, :, None] * root[:, None, :]
    least = jnp.min(jnp.linalg.eigvalsh(after(scaled, scaled)))
    shift = jnp.maximum(0.0, 1e-15 - least)
    return alpha - shift * here, beta - shift * there


def _left_out(rho: Array, sigma: Array, alpha: Array, beta: Array) -> Array:
    """What populations below EMPTY can lower MK²/ħ by: each row of mass τ is in two sums of √(wff′) ≤ √(τ rc)."""
    lost = jnp.concatenate([jnp.where(v > EMPTY, 0.0, v) for v in (rho, sigma)])
    sums = 4 * jnp.sqrt(rho.shape[0] * sigma.shape[0] * 1.0) * jnp.sum(jnp.sqrt(lost))
    most = jnp.maximum(0.0, jnp.maximum(jnp.max(alpha), jnp.max(beta)))
    return sums + 2 * most * jnp.sum(lost)


def _as_matrix(f: Array, blocks: _Blocks) -> Array:
    return jnp.einsum("snm,sn->nm", blocks.place, f)


def _feasible_coupling(f: Array, rho: Array, sigma: Array) -> Array:
    """Rows and columns scaled in turn, then cut to the marginals, then filled with a product: these exactly."""
    share = lambda want, have: want / jnp.where(have > 0, have, 1.0)  # noqa: E731

    def scaled(_, f):
        f = f * share(rho, jnp.sum(f, axis=1))[:, None]
        return f * share(sigma, jnp.sum(f, axis=0))

    f = lax.fori_loop(0, ROUNDS, scaled, jnp.maximum(f, 0.0))
    f = f * jnp.minimum(1.0, share(rho, jnp.sum(f, axis=1)))[:, None]
    rows = jnp.maximum(rho - jnp.sum(f, axis=1), 0.0)
    columns = jnp.maximum(sigma - jnp.sum(f, axis=0), 0.0)
    return f + jnp.outer(rows, columns) / jnp.maximum(jnp.sum(columns), 1e-300)


def _value(f: Array) -> Array:
    """Σ(n + m + 1)f − 2Σ√((n+1)m f_{n,m}f_{n+1,m−1})."""
    n, m = np.arange(f.shape[0])[:, None], np.arange(f.shape[1])
    beside = jnp.sqrt((n[:-1] + 1.0) * m[1:] * f[:-1, 1:] * f[1:, :-1])
    return jnp.sum((n + m + 1.0) * f) - 2 * jnp.sum(beside)
