"""The leading quantum correction along classical trajectories: the program that `correction` compiles.

    ⟨A⟩_q − ⟨A⟩_c = (ħ²/24) ∫₀ᵗ ds E_{z∼f_s}[Σ ∂_ijkU(x) ∂_{p_i}∂_{p_j}∂_{p_k}(A∘Φ_{t−s})(z)] + O(ħ⁴)

(the Wigner equation to second order in ħ, integrated by parts three times; cf. Gaim and Lasser 2014).
A lane is one z₀ with one time s: it runs to s, where (c, v) with E[c v⊗v⊗v] = D³U is drawn; six copies p + kδv/|v|, k = ±1, ±2, ±3,
run from s to the end, and

    D³_v A = |v|³ Σ_k γ_k A_k/(8δ³) + O(δ⁴),   γ = (1, −8, 13, −13, 8, −1).

Lanes come in as many groups as there are intervals of time, group g with its s in interval g. Groups g and G−1−g together have G+1
intervals left, two of them in part: they share a loop in which every lane is always busy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.engine.methods import METHODS
from jaxwigner.potentials import Potential
from jaxwigner.potentials.pairs.cubic import drawn

TABLE = METHODS["blanes-moan-4"]
KICK = 0.3  # δ, in widths of W₀ in p: beyond 0.5 they bias
PLACES = (-3, -2, -1, 1, 2, 3)
SIX = np.array([1, -8, 13, -13, 8, -1]) / 8
FOUR = np.array([0, -0.5, 1, -1, 0.5, 0])


class Motion(eqx.Module):
    """What moves, from which law it starts, and what is seen of it.

    `draw`: (uniforms (n, 2d), ħ) ↦ x, p (n, d) and weights (n,) of mean 1; `widths`: ħ ↦ deviations of p (d,); `observe`: functions
    of one point x (d,), p (d,) with values of any shape; `exact`: whether D³U is drawn by terms.
    """

    potential: Potential
    mass: Array
    draw: Any
    widths: Any
    observe: tuple[Callable[..., Any], ...]
    exact: bool = eqx.field(static=True)


class Times(NamedTuple):
    """Lengths of the intervals, one for each group of lanes, and the steps in each."""

    lengths: Array
    steps: Any


class Flight(NamedTuple):
    """x, p and ∇U(x), each (d, …): the gradient is carried from step to step."""

    x: Array
    p: Array
    slope: Array


def slope_of(motion: Motion, x: Array) -> Array:
    return jnp.stack(jnp.broadcast_arrays(*motion.potential.gradient(*x)))


def started(motion: Motion, x: Array, p: Array) -> Flight:
    return Flight(x, p, slope_of(motion, x))


def advance(motion: Motion, flight: Flight, tau: Array, steps: Any) -> Flight:
    """`steps` steps of length `tau`, which may differ from lane to lane."""
    dtype = flight.x.dtype
    mass = motion.mass.reshape(-1, *[1] * (flight.x.ndim - 1))
    tau = tau[None] if jnp.ndim(tau) else tau
    drifts = jnp.asarray(TABLE.drifts, dtype)
    # The last kick of a step and the first one of the next are one.
    kicks = jnp.asarray((*TABLE.kicks[1:-1], TABLE.kicks[-1] + TABLE.kicks[0]), dtype)
    opening = TABLE.kicks[0] * tau

    # One stage is the body: a step of six would compile six times as long.
    def stage(number, now):
        x, p, _ = now
        x = x + drifts[number % TABLE.stages] * tau * (p / mass)
        slope = slope_of(motion, x)
        return Flight(x, p - kicks[number % TABLE.stages] * tau * slope, slope)

    # Recomputed on the way back: a gradient keeps one state an interval.
    @jax.checkpoint
    def run(flight):
        opened = flight._replace(p=flight.p - opening * flight.slope)
        x, p, slope = lax.fori_loop(0, TABLE.stages * steps, stage, opened)
        return Flight(x, p + opening * slope, slope)

    return run(flight)


def seen(motion: Motion, flight: Flight) -> Array:
    """All observables at every point, one after another: (…, values)."""
    shape = flight.x.shape
    rows = [array.reshape(shape[0], -1).T for array in (flight.x, flight.p)]

    def one(x, p):
        return jnp.concatenate([jnp.ravel(jnp.asarray(f(x, p), x.dtype)) for f in motion.observe])

    return jax.vmap(one)(*rows).reshape(*shape[1:], -1)


def corrections(motion: Motion, times: Times, hbars: Array, uniforms: Array, at_once: int) -> tuple:
    """Classical means and corrections by six and by four copies, each (ħ, scramble, time, value).

    `uniforms`: (scramble, chunk, group, lane, 3d + 3), the first of each the place of s in its interval; `at_once`: chunks in memory.
    """
    scrambles, chunks = uniforms.shape[:2]
    jobs = uniforms.reshape(-1, *uniforms.shape[2:])

    def at(hbar):
        job = lambda one: chunk(motion, times, hbar, one)  # noqa: E731
        found = lax.map(job, jobs, batch_size=at_once) if at_once > 1 else lax.map(job, jobs)
        split = lambda a: jnp.mean(a.reshape(scrambles, chunks, *a.shape[1:]), axis=1)  # noqa: E731
        return jax.tree.map(split, found)

    return lax.map(at, hbars)


def chunk(motion: Motion, times: Times, hbar: Array, uniforms: Array) -> tuple:
    """Means over the lanes of a chunk: (time, value) each, the times being the ends of all intervals."""
    groups, lanes, size = uniforms.shape
    d = (size - 3) // 3
    flat = uniforms.reshape(-1, size)
    x, p, weights = motion.draw(flat[:, 1 : 2 * d + 1], hbar)
    shape = (d, groups, lanes)
    flight = started(motion, x.T.reshape(shape), p.T.reshape(shape))
    weights = weights.reshape(groups, lanes)
    place = uniforms[..., 0]
    here, after = (times.lengths[:, None] * share for share in (place, 1 - place))
    means, at_s = classical(motion, times, flight, weights, here)
    copies, factors = kicked(motion, at_s, hbar, flat[:, 2 * d + 1 :])
    # s has the density 1/(G·length) in its interval.
    factors = factors * (weights * groups * times.lengths[:, None])[..., None, None]
    factors = factors * hbar**2 / (24 * groups * lanes)
    six, four = onwards(motion, times, copies, factors, after)
    return means, six, four


def classical(
    motion: Motion, times: Times, flight: Flight, weights: Array, here: Array
) -> tuple[Array, Flight]:
    """Means at the ends of the intervals, and every lane at its s: after the run each goes on from the start of its interval."""
    count = len(times.lengths)
    groups = jnp.arange(count)[:, None]

    def interval(carry, number):
        flight, kept = carry
        mean = jnp.tensordot(weights, seen(motion, flight), axes=2) / weights.size
        over, own = number == count, groups == number
        kept = jax.tree.map(lambda a, b: jnp.where(own[None], a, b), flight, kept)
        start = jax.tree.map(lambda a, b: jnp.where(over, a, b), kept, flight)
        length = jnp.where(over, here, times.lengths[jnp.minimum(number, count - 1)])
        return (advance(motion, start, length / times.steps, times.steps), kept), mean

    (at_s, _), means = lax.scan(interval, (flight, flight), jnp.arange(count + 1))
    return means, at_s


def kicked(motion: Motion, flight: Flight, hbar: Array, uniforms: Array) -> tuple[Flight, Array]:
    """Six copies (d, group, lane, copy), and c|v|³γ_k/δ³ of both formulas, (group, lane, copy, 2)."""
    shape = flight.x.shape
    x = flight.x.reshape(shape[0], -1)
    c, v = drawn(motion.potential, x, uniforms.T, motion.exact)
    length = jnp.sqrt(jnp.sum(v**2, axis=0))
    unit = v / length[None]
    delta = KICK * jnp.sqrt(jnp.sum((motion.widths(hbar)[:, None] * unit) ** 2, axis=0))
    places = jnp.asarray(PLACES, x.dtype)
    shift = (delta[None] * unit)[..., None] * places[None, None]
    p = flight.p[..., None] + shift.reshape(*shape, -1)
    wide = lambda a: jnp.broadcast_to(a[..., None], p.shape)  # noqa: E731
    rules = jnp.asarray(np.stack([SIX, FOUR], axis=-1), x.dtype)
    factors = (c * (length / delta) ** 3)[:, None, None] * rules[None]
    return Flight(wide(flight.x), p, wide(flight.slope)), factors.reshape(*shape[1:], *rules.shape)


def onwards(
    motion: Motion, times: Times, copies: Flight, factors: Array, after: Array
) -> tuple[Array, Array]:
    """Σ over copies and lanes at the ends of all intervals, (time, value), six and four; `after`: what is left of a lane's own one."""
    groups = len(times.lengths)
    half = groups // 2
    pair = jnp.arange(half)

    def split(a, axis):
        early, late = jnp.split(a, [half], axis=axis)
        return early, jnp.flip(late, axis=axis)

    early, late = (Flight(*both) for both in zip(*(split(a, 1) for a in copies)))
    factors_early, factors_late = split(factors, 0)
    after_early, after_late = split(after, 0)

    def interval(flight, number):
        turn = groups - pair  # intervals that the early group of each pair has left
        now, done = number == turn, (number >= turn)[:, None]
        flight = jax.tree.map(lambda a, b: jnp.where(now[:, None, None], b, a), flight, late)
        end = jnp.where(number < turn, pair + 1 + number, number)
        own = ((number == 0) | now)[:, None]
        rest = jnp.where(done, after_late, after_early)
        tau = jnp.where(own, rest, times.lengths[end - 1][:, None]) / times.steps
        flight = advance(motion, flight, tau[..., None], times.steps)
        held = jnp.where(done[..., None, None], factors_late, factors_early)
        return flight, (end, jnp.einsum("glkr,glka->gra", held, seen(motion, flight)))

    _, (where, found) = lax.scan(interval, early, jnp.arange(groups + 1))
    ends = jnp.zeros((groups + 1, *found.shape[2:]), found.dtype)
    ends = ends.at[where.reshape(-1)].add(found.reshape(-1, *found.shape[2:]))
    return ends[:, 0], ends[:, 1]


@once
def trial(motion: Motion, uniforms: Array, hbar: Array, duration: Array, steps: Any) -> Array:
    """Final x and p, (2, d, lane), of a few trajectories by `steps` steps."""
    x, p, _ = motion.draw(uniforms, hbar)
    flight = advance(motion, started(motion, x.T, p.T), duration / steps, steps)
    return jnp.stack([flight.x, flight.p])
