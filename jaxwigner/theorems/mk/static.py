"""MK_ħ at a fixed time: its floor, what moments, symbols and Husimi functions say, invariances, loss, tensor products.

    floor         dħ ≤ MK(R, S)², equal exactly for R = S = 𝓔_½(G)                    (all Töplitz states, and others)
    Töplitz       MK(R_μ, R_ν)² ≤ dist(μ, ν)² + dħ,   MK(R_μ, S)² ≤ E(μ, S)² + ½dħ
    Husimi        dist(W̃[R], W̃[S])² − dħ ≤ E(W̃[R], S)² − ½dħ ≤ MK(R, S)²
    loss          MK(𝓔_ηR, 𝓔_ηS)² − dħ ≤ η(MK(R, S)² − dħ)
    products      MK(R₁⊗R₂, S₁⊗S₂)² = MK(R₁, S₁)² + MK(R₂, S₂)²
    moments       the value for Gaussians of the same moments is a lower bound

States are Gaussians or populations of oscillator levels, whose cost is explicit.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jaxwigner._checks import require
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality
from jaxwigner.states import Gaussian
from jaxwigner.theorems.gp.comparison import tensor_product
from jaxwigner.theorems.mk.costs import attenuated, cost_of, dimension_of
from jaxwigner.transport import (
    gaussian_cost,
    gaussian_pair_cost,
    moment_bounds,
    monge_kantorovich,
    self_distance,
)

PLACE = "MK_ħ"


def floor(R: Any, S: Any, hbar: Scalar, *, factor: Scalar = 1.0) -> Inequality:
    """dħ ≤ MK_ħ(R, S)²; `factor` multiplies dħ (a control)."""
    least = factor * dimension_of(R) * hbar
    cost = cost_of(R, S, hbar).widen(ROUNDING)
    return _claim("dħ ≤ MK(R, S)²", least, cost, hbar, width=1e-8 * hbar)


def floor_attained(G: Any, hbar: Scalar, *, transmission: Scalar = 0.5) -> Inequality:
    """MK_ħ(R, R)² = dħ for R = 𝓔_½(G), whatever G is; another `transmission` above ½ is a control."""
    R = attenuated(G, transmission, hbar)
    cost = cost_of(R, R, hbar).widen(ROUNDING)
    law = "MK(R, R)² = dħ for R = 𝓔_½(G)"
    return _claim(law, cost, dimension_of(G) * hbar, hbar, kind="identity", width=1e-8 * hbar)


def own_cost(R: Gaussian, hbar: Scalar) -> Inequality:
    """MK_ħ(R, R)² = ħcosh 2(r−θ)₊ for d = 1 and a covariance of eigenvalues νe^{±2r}, ν = ½ħcosh 2θ: two formulas."""
    law, formula = "MK(R, R)² = ħcosh 2(r−θ)₊", self_distance(R, hbar)
    cost = gaussian_pair_cost(R, R, hbar).widen(ROUNDING)
    return _claim(law, cost, formula, hbar, kind="identity", width=1e-8 * hbar)


def toeplitz_above(mu: Gaussian, nu: Gaussian, hbar: Scalar) -> tuple[Inequality, Inequality]:
    """MK(R_μ, R_ν)² ≤ E(μ, R_ν)² + ½dħ ≤ dist(μ, ν)² + dħ for Gaussians, R_μ = N(m, Cov μ + ½ħ): both inequalities."""
    half = 0.5 * mu.dimension * hbar
    R, S = (_blurred(one, 0.5 * hbar) for one in (mu, nu))
    middle = (gaussian_cost(mu, S, hbar) + half).widen(ROUNDING)
    outer = (monge_kantorovich(mu, nu) + 2 * half).widen(ROUNDING)
    cost = gaussian_pair_cost(R, S, hbar)
    return (
        _claim("MK(R_μ, S)² ≤ E(μ, S)² + ½dħ", cost, middle, hbar),
        _claim("MK(R_μ, R_ν)² ≤ dist(μ, ν)² + dħ", cost, outer, hbar),
    )


def husimi_below(
    R: Gaussian, S: Gaussian, hbar: Scalar, *, floors: Scalar = 1.0
) -> tuple[Inequality, Inequality]:
    """dist(W̃[R], W̃[S])² − dħ ≤ E(W̃[R], S)² − ½dħ ≤ MK(R, S)² for Gaussians: the outer and the right inequality.

    `floors` multiplies what is subtracted (a control).
    """
    half = 0.5 * floors * R.dimension * hbar
    one, other = (_blurred(state, 0.5 * hbar) for state in (R, S))
    outer = (monge_kantorovich(one, other) - 2 * half).widen(ROUNDING)
    middle = (gaussian_cost(one, S, hbar) - half).widen(ROUNDING)
    cost = gaussian_pair_cost(R, S, hbar).widen(ROUNDING)
    return (
        _claim("dist(W̃[R], W̃[S])² − dħ ≤ MK(R, S)²", outer, cost, hbar),
        _claim("E(W̃[R], S)² − ½dħ ≤ MK(R, S)²", middle, cost, hbar),
    )


def loss(R: Any, S: Any, hbar: Scalar, transmission: Scalar, *, power: Scalar = 1.0) -> Inequality:
    """MK(𝓔_ηR, 𝓔_ηS)² − dħ ≤ η(MK(R, S)² − dħ); with η^`power` for a power above 1 it is false (a control)."""
    least = dimension_of(R) * hbar
    one, other = (attenuated(state, transmission, hbar) for state in (R, S))
    after = cost_of(one, other, hbar) - least
    before = (cost_of(R, S, hbar) - least) * transmission**power
    law = "MK(𝓔_ηR, 𝓔_ηS)² − dħ ≤ η(MK(R, S)² − dħ)"
    return _claim(law, after, before.widen(ROUNDING), hbar, parameters={"eta": transmission})


def additivity(parts: list[tuple[Gaussian, Gaussian]], hbar: Scalar) -> Inequality:
    """MK(⊗R_j, ⊗S_j)² = ΣMK(R_j, S_j)² for Gaussians, the left side by the covariance program."""
    require(len(parts) >= 2, "parts", "have at least two pairs", len(parts))
    total = gaussian_pair_cost(*parts[0], hbar)
    for R, S in parts[1:]:
        total = total + gaussian_pair_cost(R, S, hbar)
    one, other = (tensor_product(list(side)) for side in zip(*parts))
    joint = gaussian_pair_cost(one, other, hbar)
    law = "MK(R₁⊗R₂, S₁⊗S₂)² = MK(R₁, S₁)² + MK(R₂, S₂)²"
    return _claim(law, joint.widen(1e-9), total, hbar, kind="identity", width=1e-8)


def correlated(R: Gaussian, S: Gaussian, hbar: Scalar) -> Inequality:
    """MK(R₁, S₁)² + MK(R₂, S₂)² ≤ MK(R, S)² for the marginals of Gaussians R and S with d = 2."""
    require(R.dimension == 2 and S.dimension == 2, "R", "have dimension 2, as S", R.dimension)
    parts = [
        [Gaussian(one.mean[k::2], one.covariance[k::2, k::2]) for k in (0, 1)] for one in (R, S)
    ]
    total = gaussian_pair_cost(parts[0][0], parts[1][0], hbar)
    total = total + gaussian_pair_cost(parts[0][1], parts[1][1], hbar)
    joint = gaussian_pair_cost(R, S, hbar).widen(ROUNDING)
    law = "MK(R₁, S₁)² + MK(R₂, S₂)² ≤ MK(R, S)², marginals of correlated states"
    return _claim(law, total, joint, hbar, width=1e-8)


def moment_bound(p: Any, q: Any, hbar: Scalar) -> tuple[Inequality, Inequality]:
    """The value for Gaussians of the same moments ≤ MK_ħ² ≤ that of the product, for populations of levels.

    A vector of populations has the mean 0 and the covariance ħ(⟨n⟩ + ½).
    """
    energies = [hbar * (jnp.arange(len(one)) @ jnp.asarray(one) + 0.5) for one in (p, q)]
    R, S = (Gaussian(jnp.zeros(2), energy * jnp.eye(2)) for energy in energies)
    bounds, cost = moment_bounds(R, S, hbar), cost_of(p, q, hbar)
    return (
        _claim("Gaussian value of the moments ≤ MK²", bounds.gelbrich, cost, hbar, width=1e-8),
        _claim("MK² ≤ tr(C R⊗S)", cost, bounds.product + ROUNDING, hbar, width=1e-8),
    )


def invariance(
    R: Gaussian, S: Gaussian, hbar: Scalar, moved: tuple[Gaussian, Gaussian], *, name: str
) -> Inequality:
    """MK(VRV*, VSV*)² = MK(R, S)² for the `moved` pair: displacements, rotations of phase space, an exchange; not squeezing."""
    return _claim(
        f"MK² is the same after {name}",
        gaussian_pair_cost(*moved, hbar).widen(1e-11),
        gaussian_pair_cost(R, S, hbar),
        hbar,
        kind="identity",
        width=1e-9,
    )


def _blurred(state: Gaussian, spread: Scalar) -> Gaussian:
    return Gaussian(state.mean, state.covariance + spread * jnp.eye(2 * state.dimension))


def _claim(law: str, left: Any, right: Any, hbar: Scalar, **options: Any) -> Inequality:
    sides = (one if isinstance(one, Bracket) else Bracket.exact(one) for one in (left, right))
    parameters = {"hbar": hbar, **options.pop("parameters", {})}
    return Inequality(PLACE, law, *sides, parameters=parameters, **options)
