"""Fewest switches (J. C. Tully, J. Chem. Phys. 93 (1990) 1061): amplitudes along each path, hops that follow their populations.

iħċ = V(q)c along the path; with a_j = (Qᵀc)_j on the level j that a trajectory is on, it leaves within a step with the probability

    g = max(0, 1 − |a_j(t + τ)|²/|a_j(t)|²),

to another level b in the ratio of what |a_b|² gains. At fixed q the exact e^{−iVτ/ħ} leaves all |a_j|² as they are: they change between
the middles of two steps, where they are compared, and no coupling d_ab, infinite at a cone, is asked for. The amplitudes stay coherent
whichever level the trajectory takes: where the packets of two levels part and meet again, they interfere as they should not.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxwigner._types import Array, PerAxis
from jaxwigner.classical.surfaces.hopping import (
    Course,
    Hoppers,
    Hopping,
    Start,
    averaged,
    checked,
    looked_at,
    marched,
    times_of,
)
from jaxwigner.classical.surfaces.levels import Sight, energies_of_motion, on_levels, seen_at
from jaxwigner.compiled import compiled
from jaxwigner.grid import Scalar
from jaxwigner.potentials.surfaces.algebra import transposed
from jaxwigner.states import Particles


class _Walkers(NamedTuple):
    """Trajectories (k,), amplitudes c (k, n) in the diabatic basis, adiabatic populations at the last look (k, n)."""

    x: Array
    p: Array
    level: Array
    c: Array
    before: Array


def fewest_switches(
    potential: Any,
    cloud: Particles,
    level: int | str,
    *,
    hbar: Scalar,
    duration: Scalar,
    steps: int,
    mass: PerAxis = 1.0,
    saves: int = 1,
    seed: int = 0,
    copies: int = 1,
) -> Hopping:
    """Tully's fewest switches: every trajectory follows one level, and hops as the populations of its electronic amplitudes change.

    After a hop the momentum is changed along the coupling vector d_ab so that the energy is conserved; where that cannot be, the hop is
    left out (a frustrated one) and the momentum stays. There is no correction for decoherence: the populations `"amplitudes"`, of the
    electronic amplitudes, and those of the levels that trajectories are on, `"populations"`, part where packets do.

    **Arguments:** as of `single_switch`; every starting point is one trajectory, and all hops are drawn.

    **Returns:** a `Hopping`, its `errors` those of the points and of the hops together. Derivatives do not see how hops move.

    **Raises:** `ValueError` for arguments that cannot be right.

    >>> import numpy as np, jaxwigner as jw
    >>> rng = np.random.default_rng(0)
    >>> z = 0.05**0.5 * rng.normal(size=(2, 2000))
    >>> cloud = jw.Particles(np.full(2000, 1 / 2000), -4.0 + z[0], 1.5 + z[1])
    >>> run = jw.fewest_switches(jw.potentials.DeltaGap(0.1), cloud, "lower", hbar=0.1, duration=6.0, steps=300)
    >>> bool(abs(run.observed["populations"][-1, 1] - 0.531) < 0.04)  # the exact one
    True
    """
    numbers, counts = (hbar, mass, duration), (steps, saves, seed, copies)
    course, start = checked(potential, cloud, level, numbers, counts)
    return _fewest_switches(course, start)


@compiled
def _fewest_switches(course: Course, start: Start) -> Hopping:
    weights, x, p = start.cloud.weights, start.cloud.positions, start.cloud.momenta
    count = weights.shape[0]
    level = jnp.broadcast_to(start.level, (count,))
    Q = course.potential.vectors(*x.T)
    c = jnp.take_along_axis(Q, level[:, None, None], axis=-1)[..., 0].astype(complex)
    first = _Walkers(x, p, level, c, on_levels(Q, c))

    def look(u):
        ones = jnp.ones((count, 1), x.dtype)
        of_one = (a[:, None] for a in (u.x, u.p, u.level))
        means, errors = looked_at(course, weights, ones, *of_one)
        inner = on_levels(course.potential.vectors(*u.x.T), u.c)
        mean, error = averaged(weights, inner, course.copies)
        return means | {"amplitudes": mean}, errors | {"amplitudes": error}

    step = lambda u, key: _step(course, u, key)  # noqa: E731
    last, (means, errors) = marched(course, first, start.key, step, look)
    state = Hoppers(weights, last.x, last.p, last.level)
    return Hopping(times_of(course), means, errors, state, jnp.ones((), x.dtype))


def _step(course: Course, u: _Walkers, key: Array) -> _Walkers:
    """Drift, half a kick, what hops, half a kick, drift; the amplitudes turn by the matrix in the middle."""
    half = 0.5 * course.tau
    x = u.x + half * course.over_mass(u.p)
    sight = seen_at(course.potential, x)
    p = u.p + half * sight.force(u.level)
    now = on_levels(sight.vectors, u.c)
    target, wants = _drawn(u, now, jax.random.uniform(key, u.level.shape, now.dtype))
    hopped, can = _hopped(course, sight, p, u.level, target)
    hops = wants & can
    level = jnp.where(hops, target, u.level)
    p = jnp.where(hops[:, None], hopped, p) + half * sight.force(level)
    turned = _turned(course, sight, u.c)
    return _Walkers(x + half * course.over_mass(p), p, level, turned, now)


def _drawn(u: _Walkers, now: Array, uniform: Array) -> tuple[Array, Array]:
    """To which level, and whether."""
    own = jax.nn.one_hot(u.level, now.shape[1], dtype=bool)
    pick = lambda a: jnp.sum(own * a, axis=1)  # noqa: E731
    had = pick(u.before)
    leave = jnp.maximum(0.0, 1 - pick(now) / jnp.where(had > 0, had, 1.0))
    gains = jnp.where(own, 0.0, jnp.maximum(now - u.before, 0.0))
    total = jnp.sum(gains, axis=1)
    share = jnp.cumsum(gains, axis=1) / jnp.where(total > 0, total, 1.0)[:, None]
    # What is left of the same random number, within [0, 1), chooses among the others.
    rest = uniform / jnp.where(leave > 0, leave, 1.0)
    target = jnp.argmax(share > rest[:, None], axis=1)
    return target, (uniform < leave) & (total > 0)


def _hopped(
    course: Course, sight: Sight, p: Array, level: Array, target: Array
) -> tuple[Array, Array]:
    """p + μd_ab of the same energy, with the smaller |μ|, and whether there is one: μ²A + μB + Δλ = 0."""
    rows = jnp.take_along_axis(sight.slopes, level[:, None, None, None], axis=-2)
    d = jnp.take_along_axis(rows, target[:, None, None, None], axis=-1)[..., 0, 0]
    # Its length does not matter; it is the gradient's where levels meet.
    d = d / (jnp.sqrt(jnp.sum(d**2, axis=1, keepdims=True)) + jnp.finfo(p.dtype).tiny)
    A = energies_of_motion(d, course.masses)
    B = jnp.sum(course.over_mass(p * d), axis=1)
    rise = sight.height(target) - sight.height(level)
    inside = B**2 - 4 * A * rise
    can = (inside >= 0) & (A > 0)
    root = jnp.sqrt(jnp.where(can, inside, 1.0))
    # The root of smaller |μ|: 2Δλ over the larger of both sums.
    divisor = B + jnp.where(B < 0, -root, root)
    mu = jnp.where(can, -2 * rise / jnp.where(divisor == 0, 1.0, divisor), 0.0)
    return p + mu[:, None] * d, can


def _turned(course: Course, sight: Sight, c: Array) -> Array:
    """e^{−iVτ/ħ}c."""
    Q, angle = sight.vectors, sight.levels * (course.tau / course.hbar)
    own = jnp.sum(transposed(Q) * c[:, None, :], axis=-1)
    own = jax.lax.complex(jnp.cos(angle), -jnp.sin(angle)) * own
    return jnp.sum(Q * own[:, None, :], axis=-1)
