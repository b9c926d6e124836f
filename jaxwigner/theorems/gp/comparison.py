"""E_ħ against what it generalises: Golse–Paul §2.3 and Theorem 2.4, both sides of every statement.

    Töplitz      tr(f(ŷ)R_μ) = ∫ e^{ħΔ/4}f dμ,   S[R_μ] = Cov μ + ħ/2                               ((5), (8), with E10)
    (0)          E_ħ(p, R)² ≥ ½dħ
    (1)          E_ħ(p, R_μ)² ≤ dist(p, μ)² + ½dħ        equality for isotropic Gaussians and for μ = δ
    (2)          E_ħ(p, R)² ≥ dist(p, W̃[R])² − ½dħ       equality for p = δ and coherent R
    (3)          E_ħ(p, R_ħ) → dist(p, μ)                 rate ħ for Töplitz states of μ
    moments      E_ħ(p, R)² ≥ the value for Gaussians of the same moments                          (beyond the paper)

dist carries the factor ½; without it (2) is false, which is the negative control.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import ROUNDING, Inequality, rate
from jaxwigner.phase_space import ToeplitzState, toeplitz_state
from jaxwigner.states import Density, Gaussian, Particles
from jaxwigner.theorems.gp.gaussians import costs_of_pairs
from jaxwigner.transport import (
    gaussian_cost,
    gelbrich_bound,
    husimi_bound,
    moments,
    monge_kantorovich,
    quantum_moments,
    semiquantum,
    toeplitz_bound,
)


def toeplitz_average(
    particles: Particles, grid: Grid, hbar: Scalar, wavenumber: Scalar, *, factor: Scalar = 1.0
) -> Inequality:
    """tr(cos(kŷ)R_μ) = e^{−ħk²/4}∫cos(kx)dμ: (5) of Golse and Paul with the normalisation (2πħ)^d of R_μ, d = 1.

    `factor`: multiplies R_μ; 1/(2πħ) is the printed normalisation of (8) (a control).
    """
    check_positive_scalar("hbar", hbar)
    state = toeplitz_state(particles, grid, hbar)
    rho = state.weights @ (jnp.abs(state.orbitals) ** 2)
    left = factor * jnp.sum(jnp.cos(wavenumber * jnp.asarray(grid.axes[0])) * rho) * grid.cell
    heat = jnp.exp(-0.25 * hbar * wavenumber**2)
    right = heat * particles.weights @ jnp.cos(wavenumber * particles.positions[:, 0])
    return Inequality(
        "GP (5), (8)",
        "tr(cos(kŷ)R_μ) = e^{−ħk²/4}∫cos(kx)dμ",
        Bracket.estimated(left, 1e-11),
        right,
        kind="identity",
        width=1e-9,
        parameters={"hbar": hbar},
    )


def toeplitz_covariance(particles: Particles, grid: Grid, hbar: Scalar) -> Inequality:
    """tr S[R_μ] = tr Cov μ + dħ: (8) for φ = |x|², on a grid."""
    state = toeplitz_state(particles, grid, hbar)
    quantum = quantum_moments(state, grid=grid, hbar=hbar).covariance
    classical = moments(particles).covariance
    return Inequality(
        "GP (8)",
        "tr S[R_μ] = tr Cov μ + dħ",
        Bracket.estimated(jnp.trace(quantum), 1e-10),
        jnp.trace(classical) + particles.dimension * hbar,
        kind="identity",
        width=1e-8,
        parameters={"hbar": hbar},
    )


def ground_cost(psi: Array, position: Scalar, momentum: Scalar, grid: Grid, hbar: Scalar):
    """⟨ψ|c(z)|ψ⟩ ≥ ½dħ, with equality for ψ = |z⟩: Theorem 2.4 (0) and the spectrum ħ(n + d/2) of the cost."""
    point = Particles(jnp.ones(1), jnp.ravel(position)[None], jnp.ravel(momentum)[None])
    result = semiquantum(point, psi, grid=grid, hbar=hbar)
    return Inequality(
        "GP Theorem 2.4 (0)",
        "½dħ ≤ ⟨ψ|c(z)|ψ⟩",
        0.5 * grid.dimension * hbar,
        result.cost.widen(1e-11, rigorous=False),
        width=1e-8,
        parameters={"hbar": hbar},
    )


def smallest_distance(p: Any, R: Any, **options: Any) -> Inequality:
    """½dħ ≤ E_ħ(p, R)² (Theorem 2.4 (0)); equality exactly for R = R_p."""
    result = semiquantum(p, R, **options)
    hbar, d = result.state.hbar, result.state.dimension
    return Inequality(
        "GP Theorem 2.4 (0)",
        "½dħ ≤ E_ħ(p, R)²",
        0.5 * d * hbar,
        result.cost,
        width=1e-5 * hbar,
        parameters={"hbar": hbar},
    )


def _known(cost: Bracket | None, p: Any, R: Any, options: dict[str, Any]) -> Bracket:
    """E_ħ(p, R)², unless it has been measured before."""
    return semiquantum(p, R, **options).cost if cost is None else cost


def toeplitz_above(
    p: Particles, mu: Particles, hbar: Scalar, *, cost: Bracket | None = None, **options: Any
) -> Inequality:
    """E_ħ(p, R_μ)² ≤ dist(p, μ)² + ½dħ (Theorem 2.4 (1), by the coupling of Lemma 3.1).

    `cost`: the left side, where it is known already; else by `semiquantum` with the `options`.
    """
    left = _known(cost, p, ToeplitzState(mu, hbar), options)
    right = toeplitz_bound(p, ToeplitzState(mu, hbar), tolerance=1e-4)
    return Inequality(
        "GP Theorem 2.4 (1)",
        "E_ħ(p, R_μ)² ≤ dist(p, μ)² + ½dħ",
        left,
        right,
        width=1e-5,
        parameters={"hbar": hbar},
    )


def husimi_below(
    p: Particles,
    mu: Particles,
    hbar: Scalar,
    cells: Density,
    *,
    cost: Bracket | None = None,
    **options: Any,
) -> Inequality:
    """dist(p, W̃[R_μ])² − ½dħ ≤ E_ħ(p, R_μ)² (Theorem 2.4 (2)), W̃ given by its masses on cells (`husimi_cells`).

    The error of taking W̃ constant on cells is estimated by Σh²/12. `cost`: the right side, where it is known already.
    """
    left = husimi_bound(p, cells, hbar, tolerance=1e-4)
    steps = [*cells.grid.position.spacing, *cells.grid.momentum.spacing]
    left = left.widen(sum(step**2 for step in steps) / 12, rigorous=False)
    right = _known(cost, p, ToeplitzState(mu, hbar), options)
    return Inequality(
        "GP Theorem 2.4 (2)",
        "dist(p, W̃[R_μ])² − ½dħ ≤ E_ħ(p, R_μ)²",
        left,
        right,
        width=1e-3,
        parameters={"hbar": hbar},
    )


def gaussian_sides(
    p: Gaussian, mu: Gaussian, hbar: Scalar, *, convention: Scalar = 0.5
) -> tuple[Inequality, Inequality]:
    """Theorem 2.4 (1) and (2) for Gaussians and R_μ = N(m, Cov μ + ħ/2): all sides in closed form.

    `convention`: 1 takes W_2² in place of ½W_2² (a control of (2)).
    """
    half = 0.5 * jnp.eye(2 * mu.dimension)
    R = Gaussian(mu.mean, mu.covariance + hbar * half)
    cost, zero_point = gaussian_cost(p, R, hbar), 0.5 * mu.dimension * hbar
    above = (monge_kantorovich(p, mu) + zero_point).widen(ROUNDING)
    husimi = Gaussian(mu.mean, mu.covariance + 2 * hbar * half)
    distance = monge_kantorovich(p, husimi) * (convention / 0.5)
    below = (distance - zero_point).widen(ROUNDING)
    one = Inequality(
        "GP Theorem 2.4 (1)",
        "E_ħ(p, R_μ)² ≤ dist(p, μ)² + ½dħ, Gaussians",
        cost,
        above,
        parameters={"hbar": hbar},
    )
    other = Inequality(
        "GP Theorem 2.4 (2)",
        "dist(p, W̃[R_μ])² − ½dħ ≤ E_ħ(p, R_μ)², Gaussians",
        below,
        cost,
        parameters={"hbar": hbar},
    )
    return one, other


def classical_limit(
    p: Particles,
    mu: Particles,
    hbars: Float[Array, " n"],
    distance: Scalar,
    *,
    costs: Bracket | None = None,
    **options: Any,
) -> Inequality:
    """E_ħ(p, R_μ)² − dist(p, μ)² = O(ħ) (Theorem 2.4 (3) with a rate), `distance` = dist(p, μ)² known exactly.

    `costs`: E_ħ² at every ħ, where they are known already.
    """
    one = lambda hbar: semiquantum(p, ToeplitzState(mu, hbar), **options).cost  # noqa: E731
    measured: Bracket = lax.map(one, jnp.asarray(hbars)) if costs is None else costs
    gaps = measured.centre - distance
    return rate(
        "GP Theorem 2.4 (3)",
        "E_ħ(p, R_μ)² − dist(p, μ)² = O(ħ)",
        jnp.asarray(hbars),
        gaps,
        (0.85, 1.15),
    )


def duality(p: Any, R: Any, **options: Any) -> Inequality:
    """sup_B tr(BR) + ∫pλ_min(c − B) = inf_Q ∫tr(cQ): a dual point and a feasible coupling that agree."""
    result = semiquantum(p, R, **options)
    return Inequality(
        "GP Definition 2.2",
        "dual = primal value of E_ħ²",
        Bracket.exact(result.discrete.lower),
        Bracket(result.discrete.lower, result.discrete.upper),
        kind="identity",
        width=2e-6 * result.discrete.upper,
        parameters={"hbar": result.state.hbar},
    )


def moment_bound(p: Any, R: Any, *, cost: Bracket | None = None, **options: Any) -> Inequality:
    """The Gaussian value of the moments of p and R bounds E_ħ(p, R)² from below (beyond the paper); `cost`: E_ħ(p, R)², if known."""
    states = {name: options[name] for name in ("grid", "hbar") if name in options}
    hbar: Any = options.get("hbar", getattr(R, "hbar", None))
    left = gelbrich_bound(moments(p), quantum_moments(R, **states), hbar)
    return Inequality(
        "beyond GP, moments",
        "Gaussian value of the moments ≤ E_ħ(p, R)²",
        left,
        _known(cost, p, R, options),
        width=1e-6,
        parameters={"hbar": hbar},
    )


def additivity(parts: list[tuple[Gaussian, Gaussian]], hbar: Scalar) -> Inequality:
    """E_ħ(⊗p_j, ⊗R_j)² = ΣE_ħ(p_j, R_j)², here for Gaussians (beyond the paper)."""
    require(len(parts) >= 2, "parts", "have at least two pairs", len(parts))
    if concrete((parts, hbar)):
        total, *sides = (gaussian_cost(p, R, hbar) for p, R in parts)
    else:
        total, *sides = costs_of_pairs(parts, hbar)
    for side in sides:
        total = total + side
    p, R = (tensor_product(list(side)) for side in zip(*parts))
    joint = gaussian_cost(p, R, hbar)
    return Inequality(
        "beyond GP, tensor products",
        "E_ħ(p₁⊗p₂, R₁⊗R₂)² = E_ħ(p₁, R₁)² + E_ħ(p₂, R₂)²",
        joint,
        total,
        kind="identity",
        width=1e-8,
        parameters={"hbar": hbar},
    )


def tensor_product(factors: list[Gaussian]) -> Gaussian:
    """N(m₁, Σ₁) ⊗ N(m₂, Σ₂) …, all positions before all momenta."""
    d = [factor.dimension for factor in factors]
    # Arrays that are known are put together by NumPy: no program for each step.
    xp: Any = np if concrete(factors) else jnp
    covariance: Any = 0.0
    order, before, size = [], 0, 2 * sum(d)
    for count, factor in zip(d, factors):
        order.append((before, count))
        beside = (before, size - before - 2 * count)
        covariance = covariance + xp.pad(xp.asarray(factor.covariance), (beside, beside))
        before += 2 * count
    index = [b + i for b, n in order for i in range(n)] + [
        b + n + i for b, n in order for i in range(n)
    ]
    mean = xp.concatenate([xp.asarray(factor.mean) for factor in factors])
    chosen = np.asarray(index)
    return Gaussian(mean[chosen], covariance[chosen][:, chosen])
