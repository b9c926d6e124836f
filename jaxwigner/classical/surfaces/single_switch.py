"""Single switch: classical motion on a level, and where the gap to a neighbour is least along the path, Landau and Zener's probability.

Near the minimum the two levels are ±|D|, D = (½(λ_b − λ_a), 0) in the adiabatic basis there, and D moves along a straight line:
Ḋ = (½(M_bb − M_aa), M_ab), M = Σ_i v_iQᵀ∂_iV Q. So the least gap is g = 2|D × Ḋ|/|Ḋ|, whatever the step, and

    P = exp(−(πg²/4ħ|Ḋ|)·r^{−(1 + 2κ)}),     r² = 1 ± g/2T  (+ from above),     κ = Σ_i(∂_ig)²/m_i · 2T/(2|Ḋ|)².

r is the velocity on the mean of both levels over that of the trajectory, whose kinetic energy is T. κ corrects the distance at which
the mean path passes: 0 where the gap changes along the path alone (d = 1: Landau and Zener's), 1 at a round cone, where g/r is the gap
of the straight path of the same angular momentum, b²/a² at a cone ±√(a²x² + b²y²) passed along x, to first order in g/T.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxwigner._checks import check_choice, check_integer
from jaxwigner._types import Array, PerAxis
from jaxwigner.classical.surfaces.hopping import (
    Course,
    Hoppers,
    Hopping,
    Start,
    checked,
    looked_at,
    marched,
    times_of,
)
from jaxwigner.classical.surfaces.levels import Sight, energies_of_motion, seen_at
from jaxwigner.compiled import Static, compiled
from jaxwigner.grid import Scalar
from jaxwigner.states import Particles

VELOCITIES = ("mean", "own")
SMALL = 1e-3  # a branch of a smaller share of its parent is not worth its cost: the hop is drawn


class _Branches(NamedTuple):
    """Branches (k, c) of each starting point: `closing`, the rate of every neighbouring gap; `used` (k,), how many there are."""

    x: Array
    p: Array
    level: Array
    share: Array
    closing: Array
    used: Array
    drawn: Array


def single_switch(
    potential: Any,
    cloud: Particles,
    level: int | str,
    *,
    hbar: Scalar,
    duration: Scalar,
    steps: int,
    mass: PerAxis = 1.0,
    saves: int = 1,
    branches: int = 8,
    velocity: str = "mean",
    seed: int = 0,
    copies: int = 1,
) -> Hopping:
    """Single-switch surface hopping: trajectories that change levels at minima of the gap only, with Landau and Zener's probability.

    C. Lasser, T. Swart, S. Teufel, Commun. Math. Sci. 5 (2007) 789; C. Fermanian Kammerer, C. Lasser, J. Chem. Phys. 128 (2008) 144102.
    With the velocity of the mean surface in the probability the error of populations is O(ħ), with that of the trajectory O(√ħ).

    **Arguments:**

    - `potential`: a `MatrixPotential`, or a function of d numbers that returns n rows of n numbers.
    - `cloud`: `Particles` that represent a Wigner function, weights with signs too (`cloud` of the states of `compare`). `level`: where
      all of them start, its number from below, or "lower" and "upper" of two.
    - `hbar`, `mass`: positive, may be traced, `mass` one number or one for each coordinate.
    - `duration`: positive, may be traced, in `steps` of Verlet's method.
    - `saves`: how many equal intervals of time are looked at.
    - `branches`: at a minimum a trajectory is split, with the weights 1 − P and P, while its starting point has fewer branches than
      that; then, and for P or 1 − P below 1e-3, the hop is drawn. 1: all are drawn.
    - `velocity`: "mean" of both levels, or the trajectory's "own".
    - `seed`: of what is drawn.
    - `copies`: of how many independent copies the cloud is made, one after another (`phase_space.ensembles.normal_points`). Errors are
      those of independent points, too large for points of low discrepancy; of several copies their spread tells them.

    The momentum keeps its direction and is scaled to conserve the energy; where that is not enough for the upper level, nothing hops.

    **Returns:** a `Hopping`. Gradients are those of the weights and paths, with hops where they are: forward and reverse mode.

    **Raises:** `ValueError` for arguments that cannot be right.

    >>> import jaxwigner as jw
    >>> from jaxwigner.phase_space.ensembles import gaussian_ensemble
    >>> cloud = gaussian_ensemble(-4.0, 1.5, (0.05**0.5, 0.05**0.5), (12, 12))
    >>> run = jw.single_switch(jw.potentials.DeltaGap(0.1), cloud, "lower", hbar=0.1, duration=6.0, steps=300)
    >>> run.observed["populations"][-1].round(2).tolist()  # quantum: .4691, .5309
    [0.46, 0.54]
    """
    check_integer("branches", branches, at_least=1)
    check_choice("velocity", velocity, VELOCITIES)
    numbers, counts = (hbar, mass, duration), (steps, saves, seed, copies)
    course, start = checked(potential, cloud, level, numbers, counts)
    return _single_switch(course, start, Static((int(branches), velocity == "mean")))


@compiled
def _single_switch(course: Course, start: Start, how: Static) -> Hopping:
    branches, mean = how.value
    weights = start.cloud.weights
    count, d = start.cloud.positions.shape
    many = lambda a: jnp.broadcast_to(a[:, None, :], (count, branches, d))  # noqa: E731
    x, p = many(start.cloud.positions), many(start.cloud.momenta)
    first = _Branches(
        x,
        p,
        jnp.broadcast_to(start.level, (count, branches)),
        jnp.zeros((count, branches), x.dtype).at[:, 0].set(1.0),
        _rates(course, seen_at(course.potential, x), p),
        jnp.ones(count, int),
        jnp.zeros(count, x.dtype),
    )
    last, (means, errors) = marched(
        course,
        first,
        start.key,
        lambda u, key: _step(course, u, key, mean),
        lambda u: looked_at(course, weights, u.share, u.x, u.p, u.level),
    )
    flat = lambda a: a.reshape(count * branches, *a.shape[2:])  # noqa: E731
    state = Hoppers(*map(flat, (weights[:, None] * last.share, last.x, last.p, last.level)))
    full = jnp.abs(weights) @ jnp.minimum(last.drawn, 1.0) / jnp.sum(jnp.abs(weights))
    return Hopping(times_of(course), means, errors, state, full)


def _rates(course: Course, sight: Sight, p: Array) -> Array:
    """dg/dt of the gaps between neighbouring levels."""
    along = _along(course, sight, p)
    return jnp.diff(jnp.diagonal(along, axis1=-2, axis2=-1), axis=-1)


def _along(course: Course, sight: Sight, p: Array) -> Array:
    """M = Σ_i v_iQᵀ∂_iV Q."""
    return jnp.sum(course.over_mass(p)[..., None, None] * sight.slopes, axis=-3)


def _step(course: Course, u: _Branches, key: Array, mean: bool) -> _Branches:
    """Drift, half a kick, what hops, half a kick, drift."""
    half = 0.5 * course.tau
    x = u.x + half * course.over_mass(u.p)
    sight = seen_at(course.potential, x)
    p = u.p + half * sight.force(u.level)
    target, chance, scale = _offer(course, sight, u, p, mean)
    split, slot = _split(u, chance)
    hops = ~split & (jax.random.uniform(key, chance.shape) < chance)
    settled = (chance < SMALL) | (chance > 1 - SMALL)
    drawn = u.drawn + jnp.sum(jnp.where(~split & ~settled, u.share, 0.0), axis=1)

    level = jnp.where(hops, target, u.level)
    hopped = scale[..., None] * p
    stay = jnp.where(hops[..., None], hopped, p) + half * sight.force(level)
    move = hopped + half * sight.force(target)
    share = jnp.where(split, u.share * (1 - chance), u.share)
    closing = _rates(course, sight, p)

    source, taken = _sources(split, slot)
    put = lambda new, old: _gathered(source, taken, new, old)  # noqa: E731
    p = put(move, stay)
    return _Branches(
        put(x, x) + half * course.over_mass(p),
        p,
        put(target, level),
        put(u.share * chance, share),
        put(closing, closing),
        u.used + jnp.sum(split, axis=1),
        drawn,
    )


def _split(u: _Branches, chance: Array) -> tuple[Array, Array]:
    """Which branches are split, and the places of their children."""
    worth = (chance >= SMALL) & (chance <= 1 - SMALL) & (u.share > 0)
    slot = u.used[:, None] + jnp.cumsum(worth, axis=1) - 1
    return worth & (slot < chance.shape[1]), slot


def _sources(split: Array, slot: Array) -> tuple[Array, Array]:
    """For every place the branch that is its parent, and whether it has one."""
    places = jnp.arange(split.shape[1])[None, :, None]
    match = split[:, None, :] & (slot[:, None, :] == places)
    return jnp.argmax(match, axis=-1), jnp.any(match, axis=-1)


def _gathered(source: Array, taken: Array, new: Array, old: Array) -> Array:
    """`new` of the parent where a place is taken now, `old` elsewhere."""
    shape = source.shape + (1,) * (new.ndim - 2)
    moved = jnp.take_along_axis(new, source.reshape(shape), axis=1)
    return jnp.where(taken.reshape(shape), moved, old)


def _offer(
    course: Course, sight: Sight, u: _Branches, p: Array, mean: bool
) -> tuple[Array, Array, Array]:
    """The level to go to, the probability (0 away from minima), and the factor of the momentum: the likelier of both neighbours."""
    along = _along(course, sight, p)
    slopes = jnp.diff(jnp.diagonal(along, axis1=-2, axis2=-1), axis=-1)
    minimum = (u.closing < 0) & (slopes >= 0)
    motion = energies_of_motion(p, course.masses)
    best = (u.level, jnp.zeros_like(motion), jnp.ones_like(motion))
    for low in range(course.potential.size - 1):
        on_low, on_high = u.level == low, u.level == low + 1
        side = jnp.where(on_high, 1.0, -1.0)
        gap = sight.levels[..., low + 1] - sight.levels[..., low]
        chance = _probability(course, sight, along, motion, side, low, mean)
        left = 1 + side * gap / motion  # of the kinetic energy
        allowed = minimum[..., low] & (on_low | on_high) & (left > 0)
        chance = jnp.where(allowed, chance, 0.0)
        target = jnp.where(on_high, low, low + 1)
        scale = jnp.sqrt(jnp.asarray(jnp.where(allowed, left, 1.0)))
        better = chance > best[1]
        offers = zip((target, chance, scale), best)
        best = tuple(jnp.asarray(jnp.where(better, a, b)) for a, b in offers)
    return best[0], best[1], best[2]


def _probability(
    course: Course, sight: Sight, along: Array, motion: Array, side: Array, low: int, mean: bool
) -> Array:
    """Landau and Zener's, of the pair (low, low + 1)."""
    high = low + 1
    across, apart = along[..., low, high], 0.5 * (along[..., high, high] - along[..., low, low])
    speed = jnp.sqrt(across**2 + apart**2) + jnp.finfo(motion.dtype).tiny  # |Ḋ|
    gap = (sight.levels[..., high] - sight.levels[..., low]) * jnp.abs(across) / speed
    exponent = jnp.pi * gap**2 / (4 * course.hbar * speed)
    if not mean:
        return jnp.exp(-exponent)
    slopes = sight.slopes
    tilt = 0.5 * (slopes[..., high, high] - slopes[..., low, low])
    # ∂_ig where the gap is least: D is there across the line along which it moves.
    turn = (apart[..., None] * slopes[..., low, high] - across[..., None] * tilt) / speed[..., None]
    kappa = jnp.sum(course.over_mass((2 * turn) ** 2), axis=-1) * 2 * motion / (2 * speed) ** 2
    ratio = 1 + side * gap / (2 * motion)
    reach = jnp.asarray(jnp.where(ratio > 0, ratio, 1.0)) ** (-0.5 * (1 + 2 * kappa))
    return jnp.where(ratio > 0, jnp.exp(-exponent * reach), 0.0)
