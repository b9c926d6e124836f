"""Entropic optimal transport between weighted nodes, and what it proves about the transport without entropy.

    c(x, y) = ½|x − y|²,    soft(h)_i = −ε log Σ_j e^{(h_j − c_ij)/ε},    hard(h)_i = min_j (c_ij − h_j)

Sinkhorn's iteration alternates F = ε log a + soft(G), G = ε log b + soft(F). Its plan is P_ij = e^{(F_i + G_j − c_ij)/ε}.

    below    any ψ and φ = hard(ψ) satisfy φ_i + ψ_j ≤ c_ij;
    above    F ← min(F, ε log a + soft(G)), then the same for G, leaves marginals below a and b; what is missing is coupled as a
             product (Altschuler, Weed and Rigollet 2017): an exact plan, and its cost follows from sums over one index.

No cost matrix is stored: for clouds rows are treated in chunks, on a product grid soft and hard act along one axis at a time.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.transport.solvers.problem import Effort

CHUNK = 128  # rows of the cost matrix that exist at a time


class CloudCost(eqx.Module):
    """Costs between points x (K, m) and y (L, m)."""

    x: Float[Array, "k m"]
    y: Float[Array, "l m"]

    @property
    def transposed(self) -> CloudCost:
        return CloudCost(self.y, self.x)

    def soft(self, h: Float[Array, " l"], epsilon, scale=1.0) -> Float[Array, " k"]:
        """soft(h), with the cost multiplied by `scale`."""

        def row(x):
            cost = 0.5 * jnp.sum((x - self.y) ** 2, axis=1)
            return -epsilon * jax.nn.logsumexp((h - scale * cost) / epsilon)

        return lax.map(row, self.x, batch_size=min(CHUNK, self.x.shape[0]))

    def hard(self, h: Float[Array, " l"]) -> Float[Array, " k"]:
        """hard(h)."""

        def row(x):
            return jnp.min(0.5 * jnp.sum((x - self.y) ** 2, axis=1) - h)

        return lax.map(row, self.x, batch_size=min(CHUNK, self.x.shape[0]))

    def sums(self) -> tuple[Array, Array, Array, Array]:
        """½|x|², x, ½|y|², y."""
        return 0.5 * jnp.sum(self.x**2, 1), self.x, 0.5 * jnp.sum(self.y**2, 1), self.y


class GridCost(eqx.Module):
    """Costs between product grids, given by their axes; potentials are flat arrays of the grids' values."""

    x: tuple[Float[Array, "..."], ...]
    y: tuple[Float[Array, "..."], ...]

    @property
    def transposed(self) -> GridCost:
        return GridCost(self.y, self.x)

    def _along(self, values, reduce):
        """Apply `reduce(cost (n, m), columns (m, …))` along every axis in turn."""
        values = values.reshape(tuple(axis.shape[0] for axis in self.y))
        for i, (x, y) in enumerate(zip(self.x, self.y)):
            moved = jnp.moveaxis(values, i, 0)
            shape = moved.shape[1:]
            out = reduce(0.5 * (x[:, None] - y[None, :]) ** 2, moved.reshape(y.shape[0], -1))
            values = jnp.moveaxis(out.reshape((x.shape[0], *shape)), 0, i)
        return values.reshape(-1)

    def soft(self, h, epsilon, scale=1.0):
        def reduce(cost, columns):
            def row(c):
                return -epsilon * jax.nn.logsumexp((columns - scale * c[:, None]) / epsilon, axis=0)

            return -lax.map(row, cost, batch_size=4)

        return -self._along(h, reduce)

    def hard(self, h):
        def reduce(cost, columns):
            return lax.map(lambda c: jnp.max(columns - c[:, None], axis=0), cost, batch_size=4)

        return -self._along(h, reduce)

    def sums(self):
        x, y = _points(self.x), _points(self.y)
        return 0.5 * jnp.sum(x**2, 1), x, 0.5 * jnp.sum(y**2, 1), y


def _points(axes: tuple[Array, ...]) -> Float[Array, "k m"]:
    return jnp.stack([m.reshape(-1) for m in jnp.meshgrid(*axes, indexing="ij")], axis=1)


Cost = Any  # CloudCost or GridCost


def _log(weights: Float[Array, " k"]) -> Float[Array, " k"]:
    """log w, finite for empty nodes: derivatives must not meet ∞ − ∞."""
    return jnp.log(jnp.maximum(weights, 1e-300))


class Scalings(eqx.Module):
    """F and G of the plan e^{(F + G − c)/ε}."""

    F: Float[Array, " k"]
    G: Float[Array, " l"]
    epsilon: Float[Array, ""]


def sinkhorn(cost: Cost, a, b, start, schedule: Float[Array, " n"]) -> Scalings:
    """One sweep for every entry of `schedule`, the temperatures ε, from the potential `start` on the second side."""
    log_a, log_b = _log(a), _log(b)

    def sweep(carry, epsilon):
        psi, _ = carry
        phi = cost.soft(psi + epsilon * log_b, epsilon)
        return (cost.transposed.soft(phi + epsilon * log_a, epsilon), phi), None

    first = jnp.zeros_like(a)
    (psi, phi), _ = lax.scan(sweep, (start, first), schedule)
    epsilon = schedule[-1]
    return Scalings(phi + epsilon * log_a, psi + epsilon * log_b, epsilon)


class _Settling(eqx.Module):
    cost: Cost
    a: Array
    b: Array
    scalings: Scalings
    error: Array
    effort: Effort


def settle(cost: Cost, a, b, scalings: Scalings, tolerance: float, limit: int) -> Scalings:
    """More sweeps at the last temperature, until the first marginal is right to `tolerance` or `limit` is reached."""
    one = jnp.ones((), a.dtype)
    state = _Settling(cost, a, b, scalings, one, Effort.allowed(tolerance, limit, one))
    return lax.while_loop(_unsettled, _settle, state).scalings


def _unsettled(state: _Settling) -> Array:
    return (state.error > state.effort.tolerance) & state.effort.left


def _settle(state: _Settling) -> _Settling:
    epsilon = state.scalings.epsilon
    F = state.cost.soft(state.scalings.G, epsilon) + epsilon * _log(state.a)
    error = jnp.sum(jnp.abs(jnp.exp((state.scalings.F - F) / epsilon) - 1) * state.a)
    G = state.cost.transposed.soft(F, epsilon) + epsilon * _log(state.b)
    return eqx.tree_at(
        lambda s: (s.scalings, s.error, s.effort),
        state,
        (Scalings(F, G, epsilon), error, state.effort.spent()),
    )


class Repaired(eqx.Module):
    """An exact plan of marginals a and b: P of `scalings`, and what it lacks coupled as a product. `cost`: what it costs."""

    kernel: Cost
    scalings: Scalings
    a: Float[Array, " k"]
    b: Float[Array, " l"]
    cost: Float[Array, ""]

    @property
    def matrix(self) -> Float[Array, "k l"]:
        """The masses, as a matrix; what rounding did to exponents is mended once more, in sums."""
        F, G, epsilon = self.scalings.F, self.scalings.G, self.scalings.epsilon
        _, x, _, y = self.kernel.sums()
        costs = 0.5 * jnp.sum((x[:, None, :] - y[None, :, :]) ** 2, axis=2)
        P = jnp.exp((F[:, None] + G[None, :] - costs) / epsilon)
        P = P * _share(self.a, jnp.sum(P, axis=1))[:, None]
        P = P * _share(self.b, jnp.sum(P, axis=0))[None, :]
        lack_a = jnp.maximum(self.a - jnp.sum(P, axis=1), 0.0)
        lack_b = jnp.maximum(self.b - jnp.sum(P, axis=0), 0.0)
        return P + lack_a[:, None] * (lack_b / jnp.maximum(jnp.sum(lack_b), 1e-300))[None, :]


def _share(weights: Float[Array, " k"], masses: Float[Array, " k"]) -> Float[Array, " k"]:
    """What must be taken off masses that exceed their weights."""
    return jnp.minimum(1.0, weights / jnp.where(masses > 0, masses, 1.0))


def repaired(cost: Cost, a, b, scalings: Scalings, full: Any = None) -> Repaired:
    """An exact plan near P of `scalings`.

    `full`: cost and weights where those of P leave out what is light, if they do; all of this is coupled as a product.
    """
    whole, all_a, all_b = (cost, a, b) if full is None else full
    epsilon = scalings.epsilon
    F = jnp.minimum(scalings.F, epsilon * _log(a) + cost.soft(scalings.G, epsilon))
    columns = cost.transposed.soft(F, epsilon)
    G = jnp.minimum(scalings.G, epsilon * _log(b) + columns)
    # The mean cost of a row is −ε d/ds log Σ e^{(G − sc)/ε} at s = 1.
    rows, slope = jax.jvp(lambda s: cost.soft(G, epsilon, s), (jnp.ones(()),), (jnp.ones(()),))
    mass = jnp.where(a > 0, jnp.exp((F - rows) / epsilon), 0.0)
    lack_a = jnp.maximum(all_a - mass, 0.0)
    lack_b = jnp.maximum(all_b - jnp.where(b > 0, jnp.exp((G - columns) / epsilon), 0.0), 0.0)
    half_x, x, half_y, y = whole.sums()
    total_a, total_b = jnp.sum(lack_a), jnp.sum(lack_b)
    total = jnp.maximum(jnp.maximum(total_a, total_b), 1e-300)
    product = (lack_a @ half_x * total_b + lack_b @ half_y * total_a) / total
    product = product - (lack_a @ x) @ (lack_b @ y) / total
    terms: Any = jnp.where(mass > 0, mass * slope, 0.0)
    return Repaired(cost, Scalings(F, G, epsilon), all_a, all_b, jnp.sum(terms) + product)


def dual_pair(
    cost: Cost, psi: Float[Array, " l"], out: Any = None
) -> tuple[Float[Array, " k"], Float[Array, " l"]]:
    """φ = hard(ψ), ψ ← hard(φ): admissible, and no worse than ψ.

    `out`: which points of either side must not decide on the others, or None; they get what the others leave them.
    """
    back = cost.transposed
    if out is None:
        phi = cost.hard(psi)
        return phi, back.hard(phi)
    left, right = out
    phi = cost.hard(jnp.where(right, -jnp.inf, psi))
    others: Any = jnp.where(right, -jnp.inf, back.hard(jnp.where(left, -jnp.inf, phi)))
    prices: Any = jnp.where(left, cost.hard(others), phi)
    rest: Any = jnp.where(right, back.hard(prices), others)
    return prices, rest
