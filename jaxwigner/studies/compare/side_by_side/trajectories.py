"""The classical side: the ensemble at an ħ and one trajectory, in one program for all of them; and the paths of a few points.

q̇ = p/m, ṗ = −∇U(q) by the same composition as the quantum side.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.potentials import Potential
from jaxwigner.studies.compare.side_by_side.waves import TABLE, Saves


def _moved(potential: Potential, mass: Array, saves: Saves, z: tuple[Array, Array]) -> Any:
    """Positions and momenta (n, d) after an interval of time."""
    tau = saves.length / saves.steps

    def kick(q, p, weight):
        return p - tau * weight * jnp.stack(potential.gradient(*q.T), axis=-1)

    def step(_, z):
        q, p = z
        for a, b in zip(TABLE.kicks, TABLE.drifts):
            p = kick(q, p, a)
            q = q + tau * b * p / mass[None]
        return q, kick(q, p, TABLE.kicks[-1])

    return lax.fori_loop(0, saves.steps, step, z)


@once
def paths(
    potential: Potential, mass: Array, q: Array, p: Array, saves: Saves
) -> tuple[Array, Array]:
    """Positions and momenta (time, n, d) of a few points."""

    def save(z, _):
        z = _moved(potential, mass, saves, z)
        return z, z

    _, (later_q, later_p) = lax.scan(save, (q, p), None, length=saves.count)
    return jnp.concatenate([q[None], later_q]), jnp.concatenate([p[None], later_p])


@once
def ensembles(
    potential: Potential,
    mass: Array,
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

    def save(z, _):
        z = _moved(potential, mass, saves, z)
        return z, look(z)

    _, later = lax.scan(save, (q, p), None, length=saves.count)
    a, b, c = (jnp.concatenate([x[None], y]) for x, y in zip(look((q, p)), later))
    return a, b, c


def _seen(functions: Any, z: Any, weights: Array, scrambles: int, edges: Array) -> Any:
    """Means and histograms of each scramble, and of the last point."""
    q, p = z
    values = [jax.vmap(one)(q, p).astype(q.dtype) for one in functions]
    values = jnp.stack([*values, jnp.ones(len(q))], axis=1) * weights[:, None]
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
    place = jnp.clip(place, 0, count - 1).astype(int)
    whose = jnp.append(jnp.repeat(jnp.arange(scrambles), (len(q) - 1) // scrambles), scrambles)
    size = (scrambles + 1) * count
    sums = jnp.zeros(size).at[whose * count + place].add(weights).reshape(scrambles + 1, count)
    return sums / jnp.sum(sums, axis=1, keepdims=True)
