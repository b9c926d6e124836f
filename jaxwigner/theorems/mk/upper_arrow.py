"""The upper arrow of Diagram 1, from N bodies to the Hartree equation, in three rulers, for V = ½κ|x|² and a pure Gaussian (d = 1).

    trace norm   2(1 − F) ≤ ‖R¹_N − R‖₁ ≤ 2√(1 − F),  F = tr(R R¹_N) = ħ/√det(S + S_N)               → 2 as ħ → 0, whatever N is
    Husimi       dist(W̃[R¹_N], W̃[R]) ≤ dist(W̃[free R], W̃[R])/√N                                     uniformly in ħ
    MK_ħ         MK(R, R¹_N)² = ½tr(S + S_N) ≤ the bound of `mean_field` by K_N                          uniformly in ħ

S and S_N are the covariances at time t. What MK² has above MK(R, R)² = tr S is ½tr(S_N − S), exactly of order 1/N at every ħ.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.quantum import quadratic_marginal
from jaxwigner.states import Gaussian
from jaxwigner.theorems.gp.gaussians import position_spread
from jaxwigner.theorems.gp.square import husimi_uniformly
from jaxwigner.theorems.mk.mean_field import POINTS, mean_field_bound
from jaxwigner.transport import product_cost


class UpperArrow(eqx.Module):
    """For every ħ: the trace norm between its bounds, the claims in dist of Husimi functions (N dist²) and in MK_ħ², and MK(R, R)²."""

    trace_norm: Bracket
    husimi: Inequality
    cost: Inequality
    own: Float[Array, "*h"]

    @property
    def excess(self) -> Array:
        """MK(R, R¹_N)² − MK(R, R)²."""
        return jnp.asarray(self.cost.lhs.centre - self.own)


def upper_arrow(
    wide: Float[Array, "2"],
    stiffness: Scalar,
    hbars: Float[Array, " h"],
    number: Scalar,
    *,
    duration: Scalar,
    form: str = "roots",
) -> UpperArrow:
    """All three for the pure state of covariance `wide`⊗`wide` + ħ²/(4|wide|⁴)·(its normal)⊗(its normal), over ħ.

    **Arguments:** `wide`: the long half axis of the Wigner function, the same for every ħ; `form`: of the bound of MK².

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems import mk_upper_arrow
    >>> found = mk_upper_arrow.upper_arrow(jnp.array([0.4, 0.2]), -0.5, jnp.array([1.0, 1e-6]), 100.0, duration=1.0)
    >>> [bool(b) for b in found.trace_norm.upper[:1] < 0.3], [bool(b) for b in found.trace_norm.lower[1:] > 1.9]
    ([True], [True])
    >>> found.cost.verdict
    'holds'
    """
    normal = jnp.stack([-wide[1], wide[0]]) / (wide @ wide)

    square = lambda v: v[:, None] * v  # noqa: E731

    def one(hbar):
        S = square(wide) + 0.25 * hbar**2 * square(normal)
        R = Gaussian(jnp.zeros(2), S)
        limit, bodies = (quadratic_marginal(R, stiffness, n, duration) for n in (jnp.inf, number))
        F = hbar / jnp.sqrt(jnp.linalg.det(limit.covariance + bodies.covariance))
        F = jnp.minimum(F, 1.0)
        norm = Bracket(2 * (1 - F), 2 * jnp.sqrt(1 - F))
        husimi = husimi_uniformly(R, stiffness, hbar, number, duration=duration)
        cost = _claim(R, limit, bodies, (stiffness, hbar, duration, number), form)
        return UpperArrow(norm, husimi, cost, jnp.trace(limit.covariance))

    return jax.vmap(one)(jnp.asarray(hbars))


def _claim(R: Gaussian, limit: Gaussian, bodies: Gaussian, given, form: str) -> Inequality:
    """With a pure R, whose only coupling is the product."""
    stiffness, hbar, duration, number = given
    times = jnp.linspace(0.0, 1.0, POINTS) * duration
    K = stiffness**2 * position_spread(R, stiffness, times) / number
    start = Bracket.exact(product_cost(R, R))
    right = mean_field_bound(start, K, jnp.abs(stiffness), duration, hbar, form=form)
    law = f"MK(R, R¹_N)² ≤ bound by {form}, pure Gaussians"
    numbers = {"hbar": hbar, "kappa": stiffness, "N": number, "t": duration}
    left = Bracket.exact(product_cost(limit, bodies))
    return Inequality("MK_ħ, upper arrow", law, left, right, parameters=numbers)
