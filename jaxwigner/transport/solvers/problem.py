"""The discrete problem behind E_ħ²: finitely many nodes, R on its range, everything in units of ħ about the mean of R.

How far an iteration goes, on this problem or another one, is its `Effort`.

    C_k = c(z_k)/ħ compressed to ran R,   weights w_k,   R = diag(ρ)

E_ħ does not change when p and R are shifted together, so that the origin may be the mean of R; distances are in units of √ħ.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.transport.solvers.matrices import hermitian
from jaxwigner.transport.solvers.nodes import Nodes, light
from jaxwigner.transport.solvers.range import CompressedState

ENORMOUS = 1e6  # mean cost in units of ħ


class Effort(eqx.Module):
    """Steps that an iteration has taken, the `tolerance` that it aims at, and the most steps that it may take."""

    steps: Array
    tolerance: Float[Array, ""]
    limit: Array

    @classmethod
    def allowed(cls, tolerance: Scalar, limit: int | Array, like: Array) -> Effort:
        """Nothing done yet; the numbers are of the precision of `like`."""
        one = jnp.ones((), like.dtype)
        return cls(jnp.zeros((), int), tolerance * one, jnp.asarray(limit))

    @property
    def left(self) -> Array:
        """Whether there may be another step."""
        return self.steps < self.limit

    def spent(self) -> Effort:
        """One step more."""
        return Effort(self.steps + 1, self.tolerance, self.limit)


class Discrete(eqx.Module):
    """The discrete problem in units of ħ: `costs` C (K, r, r), `weights` w (K,) and `eigenvalues` ρ (r,), both summing to 1."""

    costs: Complex[Array, "k r r"]
    weights: Float[Array, " k"]
    eigenvalues: Float[Array, " r"]


def discretise(nodes: Nodes, state: CompressedState) -> Discrete:
    """C_k = ½|y_k|² − y_k·Ẑ + N with y_k, Ẑ and N centred and scaled."""
    y = scaled_points(nodes, state)
    Z, half = centred(state)
    costs = 0.5 * jnp.sum(y**2, axis=1)[:, None, None] * jnp.eye(state.rank) + half
    eigenvalues = state.eigenvalues / jnp.sum(state.eigenvalues)
    return Discrete(costs - jnp.tensordot(y, Z, 1), nodes.weights, eigenvalues)


def mean_of(state: CompressedState) -> Float[Array, " m"]:
    """tr(ẐR)."""
    return jnp.real(jnp.diagonal(state.quadratures, axis1=1, axis2=2)) @ state.eigenvalues


def scaled_points(nodes: Nodes, state: CompressedState) -> Float[Array, "k m"]:
    """(z_k − mean of R)/√ħ."""
    return (nodes.points - mean_of(state)) / jnp.sqrt(state.hbar)


def centred(state: CompressedState) -> tuple[Array, Array]:
    """(Ẑ − mean)/√ħ and ½|Ẑ − mean|²/ħ on the range."""
    identity, centre = jnp.eye(state.rank), mean_of(state)
    Z = (state.quadratures - centre[:, None, None] * identity) / jnp.sqrt(state.hbar)
    half = state.half_square - jnp.tensordot(centre, state.quadratures, 1)
    half = (half + 0.5 * jnp.sum(centre**2) * identity) / state.hbar
    return hermitian(Z), hermitian(half)


def light_nodes(nodes: Nodes, state: CompressedState) -> Array:
    """Nodes far off that weigh nothing, by the spread of p about the mean of R."""
    y = scaled_points(nodes, state)
    weights = jnp.maximum(nodes.weights, nodes.hat_weights)
    return light(y, weights, 1 + weights @ jnp.sum(y**2, axis=1))


def floored(problem: Discrete, half: Array, out: Array, share: float = 1e-9) -> Discrete:
    """The problem with every weight and eigenvalue raised by a share of the mean, so that no block degenerates.

    Its dual point is as good for the true problem up to that share, and its coupling is repaired to the true marginals. What is
    `out`, the light nodes, stands at the mean of R, where its cost is `half`: with a raised weight it would be all that counts.
    """

    def raised(x):
        return (x + share / x.shape[0]) / (1 + share)

    costs = jnp.where(out[:, None, None], half, problem.costs)
    return Discrete(costs, raised(problem.weights), raised(problem.eigenvalues))


def scaled(problem: Discrete) -> tuple[Discrete, Array]:
    """Costs that are enormous in units of ħ in units of their mean, and this: solvers begin with numbers of size 1."""
    energies = jnp.real(jnp.diagonal(problem.costs, axis1=1, axis2=2)) @ problem.eigenvalues
    mean = problem.weights @ energies
    unit = jnp.where(mean > ENORMOUS, mean, 1.0)
    return eqx.tree_at(lambda p: p.costs, problem, problem.costs / unit), unit
