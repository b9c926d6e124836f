"""What proves a Monge–Kantorovich cost: a plan above, a pair of potentials below.

    Σ_ij q_ij ½|x_i − y_j|²,   q ≥ 0, Σ_jq_ij = w_i, Σ_iq_ij = v_j   ≥   dist²   ≥   Σ w_iφ_i + Σ v_jψ_j,   φ_i + ψ_j ≤ ½|x_i − y_j|²

A plan of the network simplex or of a line sits on K + L − 1 pairs, an entropic one is a kernel e^{(F_i + G_j − c_ij)/ε} and a product:
neither is stored as a matrix before it is asked for.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Float, Int

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.states import Gaussian
from jaxwigner.transport.solvers.entropic import Repaired
from jaxwigner.transport.solvers.nodes import Frame, Nodes


class Pairs(eqx.Module):
    """A plan on few pairs: mass `masses` (T,) goes from node `rows` (T,) to node `columns` (T,)."""

    rows: Int[Array, " t"]
    columns: Int[Array, " t"]
    masses: Float[Array, " t"]
    shape: tuple[int, int] = eqx.field(static=True)

    @property
    def matrix(self) -> Float[Array, "k l"]:
        """The masses, as a matrix."""
        return jnp.zeros(self.shape).at[self.rows, self.columns].add(self.masses)

    def mean(self, x: Float[Array, "k m"], y: Float[Array, "l m"]) -> Float[Array, ""]:
        """Σ q_ij ½|x_i − y_j|²."""
        gaps = x[self.rows] - y[self.columns]
        return self.masses @ (0.5 * jnp.sum(gaps**2, axis=1))


class Found(eqx.Module):
    """What a solver found between two measures of nodes: potentials, plan and its cost, and a function's worth of derivatives."""

    phi: Float[Array, " k"]
    psi: Float[Array, " l"]
    plan: Pairs | Repaired
    above: Float[Array, ""]
    surrogate: Float[Array, ""]
    noise: Any = (
        0.0  # what rounding may have done to both bounds, where it is more than their last digits
    )

    def bracket(self, one: Nodes, other: Nodes, cells: Any) -> Bracket:
        """Both bounds between the measures themselves, with the derivative of `surrogate`."""
        below = one.hat_weights @ self.phi + other.hat_weights @ self.psi + one.below + other.below
        return self._between(below, self.above + cells)

    def between_nodes(self, one: Nodes, other: Nodes) -> Bracket:
        """Both bounds between the nodes alone."""
        return self._between(one.weights @ self.phi + other.weights @ self.psi, self.above)

    def _between(self, below: Array, above: Array) -> Bracket:
        below, above = lax.stop_gradient((below, above))
        slope = self.surrogate - lax.stop_gradient(self.surrogate)
        rounding = 1e-14 * jnp.abs(above) + self.noise
        lower = jnp.minimum(below, above) - rounding + slope
        return Bracket(jnp.maximum(lower, 0.0 * lower), above + rounding + slope)


class MongeKantorovich(eqx.Module):
    """dist_MK,2(p, q)² with its certificate.

    `cost`: bracket for p and q themselves; `discrete`: for their nodes alone; `potentials`: φ (K,) and ψ (L,) at `nodes`, those
    of p and of q. Between Gaussians the plan is a Gaussian and the potentials are functions of points (..., 2d), Brenier's quadratic
    ones, also where a covariance is singular: then φ(z) + ψ(z') ≤ ½|z − z'|² is meant for z, z' where p and q have mass.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> p = (jnp.array([0.5, 0.5]), jnp.array([0.0, 1.0]))  # weights and points on a line
    >>> q = (jnp.array([0.25, 0.75]), jnp.array([0.0, 3.0]))
    >>> result = jw.monge_kantorovich(p, q, plan=True)
    >>> result.plan.tolist()
    [[0.25, 0.25], [0.0, 0.5]]
    >>> phi, psi = result.potentials
    >>> bool(abs(p[0] @ phi + q[0] @ psi - result.cost.centre) < 1e-12)
    True
    """

    cost: Bracket
    discrete: Bracket
    potentials: Any  # (Float[Array,  k], Float[Array,  l]), or two functions between Gaussians
    nodes: Any  # (Nodes, Nodes), or None between Gaussians
    coupling: Pairs | Repaired | Gaussian
    method: str = eqx.field(static=True)

    @property
    def distance(self) -> Bracket:
        """dist_MK,2(p, q)."""
        return self.cost.sqrt()

    @property
    def plan(self) -> Any:
        """q (K, L): what goes from which node to which; between Gaussians the Gaussian of both coordinates, (z, z')."""
        return self.coupling if isinstance(self.coupling, Gaussian) else self.coupling.matrix


def described(
    found: Found, cost: Bracket, one: Nodes, other: Nodes, frame: Frame, method: str
) -> MongeKantorovich:
    """The result, seen from the origin of the space; no derivatives but those of the brackets."""
    square = frame.scale**2
    potentials = (found.phi * square, found.psi * square)
    nodes = (frame.put_back(one), frame.put_back(other))
    still = lax.stop_gradient((potentials, nodes, found.plan))
    return MongeKantorovich(cost, found.between_nodes(one, other) * square, *still, method)
