"""From coarse and warm to fine and cold: the order in which Sinkhorn's method meets a problem.

Grids: cells are joined two by two along every axis until few are left; every level has ε = (its
largest spacing)², the last one `SHARPNESS` times that.
Clouds: every 4th, 16th, … point; then all points, ε going down by `COOLING` until its bias is the tolerance asked for.
Each level starts from the potentials of the one before, extended by the soft transform.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from jaxwigner.transport.ground_cost import CloudCost, GridCost
from jaxwigner.transport.sinkhorn import (
    Bounds,
    Level,
    Potentials,
    certify,
    relax,
    soft_transform,
)

COARSEST = 24  # nodes per axis
SHARPNESS = 0.5  # of the finest level; 1 before it
SUBSET = 512  # points of the smallest subset
COOLING = 4.0
STAGES = 5  # temperatures of a cloud
DENSE = 12  # sweeps with whole sums after the windowed ones


class Annealed(eqx.Module):
    """Certified bounds of the discrete problem, the last temperature, sweeps at the last level and their residual."""

    bounds: Bounds
    epsilon: Array
    sweeps: Array
    residual: Array


def anneal_grids(
    cost: GridCost, a: Array, b: Array, *, sweeps: int, epsilon: Any = None
) -> Annealed:
    """Entropic transport between two grids with masses `a`, `b`; m = number of axes."""
    levels = [_Pair(cost, a, b)]
    while max(levels[-1].a.shape + levels[-1].b.shape) > COARSEST:
        levels.append(_coarser(levels[-1]))
    scale = _scale(cost, a, b)
    size = 0.5 * len(cost.x)
    known = jnp.zeros_like(levels[-1].b)
    previous, warmth = levels[-1], scale
    for pair in reversed(levels):
        final = _largest_spacing(pair.cost) ** 2
        temperatures = [final]
        if pair is levels[0]:
            final = SHARPNESS * final if epsilon is None else jnp.asarray(epsilon, a.dtype)
            temperatures.append(final)
        f, g = _extended(previous, pair, known, warmth)
        for temperature in temperatures:
            level = _level(pair, temperature, scale, size)
            found = _two_passes(level, f, g, sweeps)
            f, g = found.f, found.g
        known, previous, warmth = g, pair, final
    bounds = certify(level, known)
    return Annealed(bounds, level.epsilon, found.sweeps, found.residual)


def anneal_clouds(
    cost: CloudCost, a: Array, b: Array, *, sweeps: int, tolerance: float, epsilon: Any = None
) -> Annealed:
    """Entropic transport between two weighted clouds; ε is such that its bias, ½mε, is `tolerance` × cost."""
    pairs = _subsets(cost, a, b)
    scale = _scale(cost, a, b)
    half = 0.5 * cost.x.shape[1]
    first = pairs[0]
    warmth = scale / COOLING
    f, g = jnp.zeros_like(first.a), jnp.zeros_like(first.b)
    found = relax(_level(first, warmth, scale, half), f, g, sweeps=sweeps, windowed=False)
    bounds = certify(_level(first, warmth, scale, half), found.g)
    value = jnp.sum(first.a * bounds.f) + jnp.sum(first.b * bounds.g)
    final = jnp.clip(tolerance * value / half, 1e-4 * scale, 0.25 * scale)
    final = final if epsilon is None else jnp.asarray(epsilon, a.dtype)
    known, previous = found.g, first
    for position, pair in enumerate(pairs):
        stages = STAGES if position == 0 else 1
        f, g = _extended(previous, pair, known, warmth)
        start = warmth
        for stage in range(1, stages + 1):
            warmth = jnp.where(final < start, start * (final / start) ** (stage / stages), final)
            level = _level(pair, warmth, scale, half)
            found = relax(level, f, g, sweeps=sweeps, windowed=False)
            f, g = found.f, found.g
        known, previous = g, pair
    return Annealed(certify(level, known), warmth, found.sweeps, found.residual)


class _Pair(eqx.Module):
    cost: Any
    a: Array
    b: Array


def _level(pair: _Pair, epsilon: Array, scale: Array, half: float) -> Level:
    stop = 0.3 * half * epsilon / scale
    return Level(pair.cost, pair.a, pair.b, epsilon, 0.5 * scale / half, stop)


def _two_passes(level: Level, f: Array, g: Array, sweeps: int) -> Potentials:
    """Windowed sweeps where axes are long; then whole sums, which stop at once if the windows missed nothing."""
    windows_pay = max(level.a.shape + level.b.shape) > 2 * COARSEST
    if not windows_pay:
        return relax(level, f, g, sweeps=sweeps, windowed=False)
    found = relax(level, f, g, sweeps=sweeps, windowed=True)
    again = relax(level, found.f, found.g, sweeps=min(sweeps, DENSE), windowed=False)
    return Potentials(again.f, again.g, found.sweeps + again.sweeps, again.residual)


def _extended(old: _Pair, new: _Pair, g: Array, epsilon: Array) -> tuple[Array, Array]:
    """Potentials at the nodes of `new` from g at those of `old`."""
    mixed = _between(new.cost, old.cost)
    f = soft_transform(mixed, g, old.b, epsilon)
    return f, soft_transform(new.cost.transposed, f, new.a, epsilon)


def _between(x_side: Any, y_side: Any) -> Any:
    return type(x_side)(x_side.x, y_side.y)


def _coarser(pair: _Pair) -> _Pair:
    x, a = _joined(pair.cost.x, pair.a)
    y, b = _joined(pair.cost.y, pair.b)
    return _Pair(GridCost(x, y), a, b)


def _joined(axes: tuple[Array, ...], masses: Array) -> tuple[tuple[Array, ...], Array]:
    """Neighbouring cells joined along every axis longer than `COARSEST`; an odd axis gets one empty cell."""
    coarse = []
    for axis, x in enumerate(axes):
        n = x.shape[0]
        if n <= COARSEST:
            coarse.append(x)
            continue
        half = (n + 1) // 2
        step = x[1] - x[0]
        coarse.append(x[0] + 0.5 * step + 2 * step * jnp.arange(half))
        widths = [(0, n % 2 if k == axis else 0) for k in range(len(axes))]
        padded = jnp.pad(masses, widths)
        shape = (*padded.shape[:axis], half, 2, *padded.shape[axis + 1 :])
        masses = padded.reshape(shape).sum(axis + 1)
    return tuple(coarse), masses


def _subsets(cost: CloudCost, a: Array, b: Array) -> list[_Pair]:
    """From few points to all."""
    pairs, stride = [_Pair(cost, a, b)], 4
    while max(a.shape[0], b.shape[0]) // stride >= SUBSET:
        x, a_part = _every(stride, cost.x, a)
        y, b_part = _every(stride, cost.y, b)
        pairs.append(_Pair(CloudCost(x, y), a_part, b_part))
        stride *= 4
    return pairs[::-1]


def _every(stride: int, points: Array, masses: Array) -> tuple[Array, Array]:
    """A side that is short already stays whole."""
    stride = min(stride, max(1, masses.shape[0] // SUBSET))
    part = masses[::stride]
    return points[::stride], part / jnp.maximum(jnp.sum(part), 1e-300)


def _largest_spacing(cost: GridCost) -> Array:
    return jnp.max(jnp.stack([axis[1] - axis[0] for axis in (*cost.x, *cost.y)]))


def _scale(cost: Any, a: Array, b: Array) -> Array:
    """½(⟨|x|²⟩ + ⟨|y|²⟩) ≥ σ_pσ_q for measures about the origin: what mass at the wrong place costs, roughly."""
    half_x, half_y = cost.squares()
    size = jnp.sum(a * half_x) + jnp.sum(b * half_y)
    return lax.stop_gradient(jnp.maximum(size, 1e-12 * (1 + jnp.max(half_x) + jnp.max(half_y))))
