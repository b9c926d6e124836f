"""Transport on a line, where the order decides: the plan couples quantile with quantile.

    dist² = ½∫_0^1 |X(u) − Y(u)|² du,   X, Y the quantile functions

The pairs that carry mass form a staircase: from the first point of either side to the last, where one side advances at a time. Along it
φ_i + ψ_j = ½|x_i − y_j|² fixes both potentials; off it the inequality holds, since ½|x − y|² is submodular.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_finite, check_weights
from jaxwigner._types import Array
from jaxwigner.transport.plan import Found, Pairs
from jaxwigner.transport.solvers.entropic import CloudCost, dual_pair
from jaxwigner.transport.solvers.envelope import slope_of
from jaxwigner.transport.solvers.matrices import broadcasting
from jaxwigner.transport.solvers.nodes import Nodes, light

NOISE = 2e-16  # of one step along the staircase, in units of the mean square


@broadcasting
def line_distance(
    x: Float[Array, " k"],
    weights: Float[Array, " k"],
    y: Float[Array, " l"],
    others: Float[Array, " l"],
) -> Float[Array, ""]:
    """dist² between Σ w_kδ_{x_k} and Σ v_lδ_{y_l} on the line: ½∫_0^1 |X(u) − Y(u)|² du with the quantile functions X, Y.

    For bounds, plan and potentials: `monge_kantorovich((weights, x), (others, y), plan=True)`.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.transport import line_distance
    >>> half = jnp.array([0.5, 0.5])
    >>> float(line_distance(jnp.array([0.0, 1.0]), half, jnp.array([3.0, 2.0]), half))
    2.0
    """
    for name, value in (("x", x), ("y", y)):
        check_finite(name, value)
    for name, value in (("weights", weights), ("others", others)):
        check_weights(name, value)
    x, y, a, b = map(jnp.asarray, (x, y, weights, others))
    near = x[jnp.argmax(a)]
    u, v = lax.stop_gradient((x - near, y - near))
    square = a @ u**2 + b @ v**2
    u, v = (_first(z, light(z[:, None], w, square)) for z, w in ((u, a), (v, b)))
    return staircase(u, a, v, b).mean(x[:, None], y[:, None])


def staircase(x: Array, a: Array, y: Array, b: Array) -> Pairs:
    """The monotone plan between Σ a_iδ_{x_i} and Σ b_jδ_{y_j}, in the order of its steps."""
    first, second = jnp.argsort(x), jnp.argsort(y)
    here, there = jnp.cumsum(a[first]), jnp.cumsum(b[second])
    total = jnp.maximum(here[-1], there[-1])
    breaks = jnp.concatenate([here[:-1], there[:-1]])
    order = jnp.argsort(breaks)
    left = order < x.shape[0] - 1  # whether it is the first side that advances
    i, j = (jnp.concatenate([jnp.zeros(1, int), jnp.cumsum(s)]) for s in (left, ~left))
    ends = jnp.concatenate([jnp.minimum(breaks[order], total), total[None]])
    masses = jnp.diff(ends, prepend=0.0)
    return Pairs(first[i], second[j], masses, (x.shape[0], y.shape[0]))


def _first(z: Array, far: Array) -> Array:
    """Light points before all others: the masses of the first steps are exact, that of the last is what rounding leaves."""
    others = jnp.where(far, 0.0, z)
    lowest = jnp.min(jnp.where(far, jnp.inf, z))
    return jnp.where(far, lowest - jnp.max(jnp.abs(others)) - 1, z)


def on_the_line(one: Nodes, other: Nodes, out: tuple[Array, Array]) -> Found:
    """The staircase and its potentials. `out`: the light points of either side."""
    still = lax.stop_gradient
    x, y, a, b = still((one.points, other.points, one.weights, other.weights))
    u, v = (_first(z[:, 0], far) for far, z in zip(out, (x, y)))
    plan = staircase(u, a, v, b)
    phi, psi = lax.cond(
        jnp.any(out[0]) | jnp.any(out[1]),
        lambda phi, psi: dual_pair(CloudCost(x, y), psi, out),
        lambda phi, psi: (phi, psi),
        *_potentials(u, v, plan),
    )

    def surrogate(one, other):
        moved = plan.mean(one.points, other.points)
        return moved + one.weights @ phi + other.weights @ psi

    slope = slope_of(surrogate, one, other)
    noise = NOISE * plan.masses.shape[0] * (a @ u**2 + b @ v**2)
    return Found(phi, psi, plan, plan.mean(x, y), slope, noise)


def _potentials(x: Array, y: Array, plan: Pairs) -> tuple[Array, Array]:
    """Every step of the staircase adds what its side must gain for the sum to stay ½|x_i − y_j|²."""
    costs = 0.5 * (x[plan.rows] - y[plan.columns]) ** 2
    gains, moved = jnp.diff(costs), jnp.diff(plan.rows) != 0
    zero = jnp.zeros(1, costs.dtype)
    along = [jnp.concatenate([zero, jnp.cumsum(jnp.where(m, gains, 0.0))]) for m in (moved, ~moved)]
    phi = jnp.zeros_like(x).at[plan.rows].set(costs[0] + along[0])
    return phi, jnp.zeros_like(y).at[plan.columns].set(along[1])
