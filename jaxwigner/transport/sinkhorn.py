"""Entropic transport by Sinkhorn's method, and certified bounds of unregularised transport from what it leaves.

    P_ij = a_i b_j exp((f_i + g_j − c_ij)/ε),      f ← −ε log Σ_j b_j exp((g_j − c_ij)/ε),  g likewise

*Over-relaxation.* f ← f + ω(f_new − f) with the best ω for Gaussians of these variances: the number of sweeps falls from σ²/ε to
√(σ²/ε) (Thibault, Chizat, Dossal, Papadakis 2021). If the residual grows thirtyfold, 2 − ω is doubled.

*Levels.* The formula for f holds at every point of space: potentials of a coarse problem extend to the nodes of a finer one, where ε is
smaller. Nothing is interpolated.

*Below.* f̂_i = min_j (c_ij − g_j), ĝ_j = min_i (c_ij − f̂_i) satisfy f̂ + ĝ ≤ c; Σ a f̂ + Σ b ĝ bounds the cost for every g.
*Above.* Rows and columns that are too heavy are scaled down, and the missing masses e_a, e_b joined by e_a e_bᵀ/|e|
(Altschuler, Weed, Rigollet 2017): a coupling whose cost is computed exactly, never stored.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

FLOOR = -1e12  # log of zero mass: finite, so that differences of it are
PLAIN = 3  # sweeps before over-relaxation
GROWTH = 30.0  # of the residual that is tolerated
FIRST_RENEWAL = 4  # windows are searched again after 4, 8, 16, … sweeps


class Level(eqx.Module):
    """One discrete problem: the cost operator, masses of the nodes, temperature, and residual at which to stop."""

    cost: Any
    a: Array
    b: Array
    epsilon: Array
    spread: Array  # σ_pσ_q: sets ω
    stop: Array


class Potentials(eqx.Module):
    """f on x, g on y, sweeps made, mass at the wrong place after the last of them."""

    f: Array
    g: Array
    sweeps: Array
    residual: Array


class Bounds(eqx.Module):
    """A dual pair f̂ + ĝ ≤ c, the cost of a coupling, and the mass that had to be moved to make it one."""

    f: Array
    g: Array
    upper: Array
    moved: Array


def logarithm(masses: Array) -> Array:
    """log of masses, `FLOOR` where there is none."""
    positive = masses > 0
    return jnp.where(positive, jnp.log(jnp.where(positive, masses, 1.0)), FLOOR)


def soft_transform(cost: Any, g: Array, b: Array, epsilon: Array, windows: Any = None) -> Array:
    """−ε log Σ_j b_j exp((g_j − c_ij)/ε) at the nodes x of `cost`."""
    return -epsilon * cost.log_sums(g / epsilon + logarithm(b), 1 / epsilon, windows)


def best_relaxation(spread: Array, epsilon: Array) -> Array:
    """ω = 2/(1 + √(1 − ρ²)) for the correlation ρ/(1 − ρ²) = σ_pσ_q/ε of the entropic plan between Gaussians."""
    s = jnp.maximum(spread / epsilon, 1e-12)
    rho = 2 * s / (1 + jnp.sqrt(1 + 4 * s**2))
    return 2 / (1 + jnp.sqrt(1 - rho**2))


class _State(eqx.Module):
    f: Array
    g: Array
    omega: Array
    residual: Array
    best: tuple[Array, Array, Array]  # f, g and their residual
    sweep: Array
    windows: Any


def relax(level: Level, f: Array, g: Array, *, sweeps: int, windowed: bool) -> Potentials:
    """Sweeps until the residual is at most `level.stop`, `sweeps` at most; the best potentials that were met."""
    omega = best_relaxation(level.spread, level.epsilon)
    windows = _windows(level, f, g) if windowed else None
    far = jnp.full((), jnp.inf, f.dtype)
    start = _State(f, g, omega, far, (f, g, far), jnp.zeros((), int), windows)

    def unfinished(state):
        return (state.sweep < sweeps) & (state.residual > level.stop)

    end = lax.while_loop(unfinished, lambda state: _sweep(level, state, windowed), start)
    f, g, residual = end.best
    return Potentials(f, g, end.sweep, residual)


def _sweep(level: Level, state: _State, windowed: bool) -> _State:
    windows = state.windows
    if windowed:
        due = (state.sweep >= FIRST_RENEWAL) & (state.sweep & (state.sweep - 1) == 0)
        renew = lambda: _windows(level, state.f, state.g)  # noqa: E731
        windows = lax.cond(due, renew, lambda: state.windows)
    forth, back = windows if windowed else (None, None)
    omega = jnp.where(state.sweep < PLAIN, 1.0, state.omega)
    target = soft_transform(level.cost, state.g, level.b, level.epsilon, forth)
    f = state.f + omega * (target - state.f)
    target = soft_transform(level.cost.transposed, f, level.a, level.epsilon, back)
    change = target - state.g
    residual = _misplaced(level.b, change / level.epsilon)
    moved = (f, state.g + omega * change)
    return _kept(state, moved, target, residual, windows)


def _misplaced(b: Array, change: Array) -> Array:
    """½Σ_j |column sum − b_j| before a change of g by ε × `change`; NaN counts as everything."""
    residual = 0.5 * jnp.sum(b * jnp.abs(jnp.expm1(jnp.clip(-change, -50.0, 20.0))))
    return jnp.where(jnp.isnan(residual), jnp.inf, residual)


def _kept(state: _State, moved: tuple, target: Array, residual: Array, windows: Any) -> _State:
    """Over-relaxed residuals grow before they fall: only a large growth means that ω is too large. Back to the best then."""
    f, g = moved
    best = state.best
    better = residual < best[2]
    best = (
        jnp.where(better, f, best[0]),
        jnp.where(better, target, best[1]),
        jnp.where(better, residual, best[2]),
    )
    worse = residual > GROWTH * best[2]
    omega = jnp.where(worse, jnp.maximum(2 * state.omega - 2, 1.0), state.omega)
    f, g = jnp.where(worse, best[0], f), jnp.where(worse, best[1], g)
    return _State(f, g, omega, residual, best, state.sweep + 1, windows)


def _windows(level: Level, f: Array, g: Array) -> Any:
    beta = 1 / level.epsilon
    return (
        level.cost.windows(g * beta + logarithm(level.b), beta),
        level.cost.transposed.windows(f * beta + logarithm(level.a), beta),
    )


def certify(level: Level, g: Array) -> Bounds:
    """Both bounds of the unregularised cost from any g on y."""
    f_hat = level.cost.nearest(g)
    g_hat = level.cost.transposed.nearest(f_hat)
    upper, moved = _repaired_cost(level, g)
    return Bounds(f_hat, g_hat, upper, moved)


def _repaired_cost(level: Level, g: Array) -> tuple[Array, Array]:
    """Cost of the repaired plan. After f = soft(g) the rows are right; columns that are too heavy take g ← min(g, soft(f))."""
    cost, a, b, eps = level.cost, level.a, level.b, level.epsilon
    f = soft_transform(cost, g, b, eps)
    balanced = soft_transform(cost.transposed, f, a, eps)
    capped = jnp.minimum(g, balanced)
    h = capped / eps + logarithm(b)
    logs, slopes = jax.jvp(lambda beta: cost.log_sums(h, beta), (1 / eps,), (jnp.ones_like(eps),))
    rows = a * jnp.exp(jnp.minimum(f / eps + logs, 0.0))
    columns = b * jnp.exp(jnp.minimum((capped - balanced) / eps, 0.0))
    missing = (jnp.maximum(a - rows, 0.0), jnp.maximum(b - columns, 0.0))
    planned = -jnp.sum(rows * slopes)
    return planned + product_cost_of(cost, *missing), jnp.sum(missing[1])


def product_cost_of(cost: Any, a: Array, b: Array) -> Array:
    """Cost of a ⊗ b/|b| for two functions of the nodes with one mass."""
    half_x, half_y = cost.squares()
    mass = jnp.maximum(0.5 * (jnp.sum(a) + jnp.sum(b)), 1e-300)
    return jnp.sum(a * half_x) + jnp.sum(b * half_y) - cost.moment(a, b) / mass
