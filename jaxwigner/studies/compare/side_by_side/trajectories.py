"""The classical side: the ensemble at an ħ and one trajectory, in one program for all of them; and the paths of a few points.

q̇ = p/m, ṗ = −∇U(q) by the same composition as the quantum side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.potentials import Potential
from jaxwigner.studies.compare.side_by_side.waves import TABLE, Saves
from jaxwigner.studies.compare.states import OwnSystem

Moving = tuple[Array, Array, Array]  # positions, momenta and forces (n, d)


class Motion(NamedTuple):
    """Newton's equations."""

    potential: Potential
    mass: Array

    @classmethod
    def of(cls, system: OwnSystem) -> Motion:
        """That of a system."""
        return cls(system.potential, jnp.asarray(system.mass, float))

    def start(self, q: Array, p: Array) -> Moving:
        """Points with the forces on them."""
        return q, p, self._force(q)

    def after(self, length: Array, steps: Array, z: Moving) -> Moving:
        """After an interval of time; the force at the end of a step is that at the start of the next."""
        tau = length / steps

        def step(_, z):
            q, p, force = z
            p = p + tau * TABLE.kicks[0] * force
            for a, b in zip(TABLE.kicks[1:], TABLE.drifts):
                q = q + tau * b * p / self.mass[None]
                force = self._force(q)
                p = p + tau * a * force
            return q, p, force

        return lax.fori_loop(0, steps, step, z)

    def _force(self, q: Array) -> Array:
        return -jnp.stack(self.potential.gradient(*q.T), axis=-1)


@once
def paths(motion: Motion, q: Array, p: Array, saves: Saves) -> tuple[Array, Array]:
    """Positions and momenta (time, n, d) of a few points."""

    def save(z, _):
        z = motion.after(saves.length, saves.steps, z)
        return z, z[:2]

    _, (later_q, later_p) = lax.scan(save, motion.start(q, p), None, length=saves.count)
    return jnp.concatenate([q[None], later_q]), jnp.concatenate([p[None], later_p])


class Apart(NamedTuple):
    """By how much twice the steps change a few points, at each time and ħ: means and deviations, changes of means and their standard
    errors, the changes of the last point (a trajectory by itself), and those of the first coordinate (mean of moduli; of the last)."""

    means: Array
    deviations: Array
    change: Array
    spread: Array
    single: Array
    shift: Array
    single_shift: Array


@once
def apart(
    motion: Motion, functions: tuple[Any, ...], start: tuple[Array, Array, Array], saves: Saves
) -> Apart:
    """Points (ħ, n + 1, d) with weights (ħ, n + 1), run with the steps given and with twice as many."""
    q, p, weights = start
    many, n, d = q.shape
    first = motion.start(q.reshape(-1, d), p.reshape(-1, d))

    def look(both):
        one, other = both
        here, there = (jnp.moveaxis(_values(functions, z).reshape(many, n, -1), 1, 2) for z in both)
        shift = jnp.abs(one[0][:, 0] - other[0][:, 0]).reshape(many, n)
        return _apart(here, there, shift, weights)

    def move(both):
        steps = saves.steps, 2 * saves.steps
        return tuple(motion.after(saves.length, n, z) for n, z in zip(steps, both))

    return Apart(*_watched(look, move, (first, first), saves.count))


def _watched(look: Callable, move: Callable, state: Any, count: int) -> tuple[Array, ...]:
    """What is seen of a state at the start and after each of `count` moves."""

    def save(z, _):
        z = move(z)
        return z, look(z)

    _, later = lax.scan(save, state, None, length=count)
    return tuple(jnp.concatenate([x[None], y]) for x, y in zip(look(state), later))


def _apart(one: Array, other: Array, shift: Array, weights: Array) -> Apart:
    """Values (ħ, Q, n + 1)."""
    share = weights[:, :-1] / jnp.sum(weights[:, :-1], axis=1, keepdims=True)
    mean = lambda a: jnp.sum(a[..., :-1] * share[:, None], axis=-1)  # noqa: E731
    change = other - one
    centred = (change[..., :-1] - mean(change)[..., None]) * share[:, None]
    spread = jnp.sqrt(jnp.sum(centred**2, axis=-1))
    moved = jnp.sum(shift[:, :-1] * jnp.abs(share), axis=1)
    squares = mean(one**2) - mean(one) ** 2
    wide = jnp.sqrt(jnp.maximum(squares, 0.0))
    return Apart(mean(one), wide, mean(change), spread, change[..., -1], moved, shift[:, -1])


@once
def ensembles(
    motion: Motion,
    functions: tuple[Any, ...],
    start: tuple[Array, Array, Array],
    scrambles: int,
    edges: Array,
    saves: Saves,
) -> tuple[Array, Array, Array]:
    """Means (time, scramble, Q), mass in each cell between equidistant edges (time, scramble, cell), place of the trajectory.

    `start`: positions, momenta (n + 1, d) and weights; the last point is a trajectory by itself, the last scramble.
    """

    q, p, weights = start

    def look(z):
        return _seen(functions, z, weights, scrambles, edges)

    def move(z):
        return motion.after(saves.length, saves.steps, z)

    a, b, c = _watched(look, move, motion.start(q, p), saves.count)
    return a, b, c


def _values(functions: Any, z: Any) -> Array:
    """A at points, (n, Q)."""
    q, p = z[:2]
    values = [jax.vmap(one)(q, p).astype(q.dtype) for one in functions]
    return jnp.stack(values, axis=1) if values else jnp.zeros((len(q), 0))


def _seen(functions: Any, z: Any, weights: Array, scrambles: int, edges: Array) -> Any:
    """Means and histograms of each scramble, and of the last point."""
    q = z[0]
    values = jnp.append(_values(functions, z), jnp.ones((len(q), 1)), axis=1) * weights[:, None]
    sums = jnp.sum(values[:-1].reshape(scrambles, -1, values.shape[1]), axis=1)
    sums = jnp.concatenate([sums, values[-1:]])
    lost = jnp.isnan(jnp.sum(q))
    means = jnp.where(lost, jnp.nan, sums[:, :-1] / sums[:, -1:])
    return means, _cells(q[:, 0], weights, scrambles, edges), q[-1, 0]


def _cells(q: Array, weights: Array, scrambles: int, edges: Array) -> Array:
    """Mass in each cell; what lies outside counts for the first and the last."""
    count = len(edges) - 1
    if count < 1:
        return jnp.zeros((scrambles + 1, 0))
    place = jnp.floor((q - edges[0]) / (edges[1] - edges[0]))
    place = jnp.clip(place, 0, count - 1).astype(jnp.int32)  # half as wide: half of the time
    first = np.append(np.repeat(np.arange(scrambles), (len(q) - 1) // scrambles), scrambles)
    which = jnp.asarray(first * count, jnp.int32) + place
    sums = jnp.zeros((scrambles + 1) * count).at[which].add(weights)
    sums = sums.reshape(scrambles + 1, count)
    return sums / jnp.sum(sums, axis=1, keepdims=True)
