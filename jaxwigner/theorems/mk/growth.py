"""How MK_ħ grows along two solutions of one equation: Hartree, N bodies, or Schrödinger, with L = Lip(∇V).

    Theorem S    MK²(t) ≤ δcosh(θ_L(t) + arccosh(MK²(0)/δ)) ≤ e^{(1+L)t}MK²(0),  δ = dħ,  sinh(θ_L/2) = ((1+L)/2√L)sinh(√L t)
    adapted      MK_ω²(t) ≤ δω cosh(2√L t + arccosh(MK_ω²(0)/δω)),  C_ω = ½(ω²u² + π²),  ω² = L
                 MK_ω(R, S)² = ω MK(D_ωR, D_ωS)², D_ω: x, p → √ω x, p/√ω

with u = x − x′ and π = p − p′, which satisfy [u, π] = 2iħ. Both are equalities for V = −½L|x|² and pure Gaussians R = S that are
squeezed along what the flow stretches most; for the second this is x + p/ω at every time. The same holds for (1/N)MK² of N bodies.
A carried coupling bounds MK² from above; Gaussians under quadratic V are exact on both sides.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jaxwigner._checks import check_choice, check_positive_scalar
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.fourier import fftn
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import ROUNDING, Inequality
from jaxwigner.quantum import Hartree, quadratic_marginal
from jaxwigner.states import Gaussian, MixedState
from jaxwigner.theorems.gp.gaussians import body_cost, singular_vectors
from jaxwigner.theorems.gp.rates import bound, lipschitz
from jaxwigner.theorems.gp.sharp.states import tilted_covariance
from jaxwigner.theorems.mk.costs import pair_costs
from jaxwigner.transport.quantum.carried import CarriedPair, carry_quantum

CONSTANTS = ("exponential", "sharp")


def growth_bound(
    start: Bracket, L: Scalar, t: Scalar | Array, hbar: Scalar, *, d: int = 1, constant="sharp"
) -> Bracket:
    """What MK_ħ(t)² cannot exceed: δcosh(θ_L + arccosh(MK²(0)/δ)) ("sharp") or e^{(1+L)t}MK²(0) ("exponential").

    >>> from jaxwigner import Bracket
    >>> from jaxwigner.theorems.mk.growth import growth_bound
    >>> round(float(growth_bound(Bracket.exact(0.1), 1.0, 0.5, 0.1).upper), 9)  # ħ cosh 1
    0.154308063
    """
    check_choice("constant", constant, CONSTANTS)
    if constant == "sharp":
        return bound(start, d * hbar, L, t, "sharp")
    return start * jnp.exp((1 + L) * t)


def gaussian_growth(
    R: Gaussian,
    S: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    time: Scalar,
    *,
    number: Scalar = jnp.inf,
    constant: str = "sharp",
) -> Inequality:
    """Theorem S for Gaussian product data and V = ½κ|x|², exact on both sides: Hartree (N = ∞), or (1/N)MK² of N bodies.

    (1/N)MK(R_N, S_N)² splits into the free centre of mass and N − 1 relative modes of frequency √κ; L = |κ|.
    """
    check_choice("constant", constant, CONSTANTS)
    found = both_growths(R, S, stiffness, hbar, time, number=number)
    return found[CONSTANTS.index(constant)]


def both_growths(
    R: Gaussian,
    S: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    time: Scalar,
    *,
    number: Any = jnp.inf,
) -> list[Inequality]:
    """`gaussian_growth` by each of `CONSTANTS`, with one left side."""
    check_positive_scalar("hbar", hbar)
    cost, start, share = body_cost(pair_costs, R, S, stiffness, hbar, time, number)
    numbers = {"hbar": hbar, "kappa": stiffness, "1/N": share, "t": time}
    return [_claim(cost, start, constant, R.dimension, numbers) for constant in CONSTANTS]


def _claim(cost: Bracket, start: Bracket, constant: str, d: int, numbers: dict) -> Inequality:
    L, time = jnp.abs(numbers["kappa"]), numbers["t"]
    right = growth_bound(start, L, time, numbers["hbar"], d=d, constant=constant).widen(ROUNDING)
    law = "δcosh(θ_L + arccosh(MK²(0)/δ))" if constant == "sharp" else "e^{(1+L)t}MK²(0)"
    return Inequality(
        "MK_ħ, growth",
        f"(1/N)MK(R_N, S_N)² ≤ {law}, Gaussians",
        cost,
        right,
        width=1e-9 * jnp.abs(right.upper),
        parameters=numbers,
    )


def extremal_growth(
    L: Scalar, hbar: Scalar, time: Scalar, *, squeezing: Scalar = 4.0, constant: str = "sharp"
) -> Inequality:
    """V = −½L|x|² and R = S pure, squeezed by `squeezing` along the top singular vector of Φ_L(t): equality of the sharp bound."""
    v = singular_vectors(L, time)[0]
    R = Gaussian(jnp.zeros(2), tilted_covariance(hbar, squeezing, v))
    return gaussian_growth(R, R, -L, hbar, time, constant=constant)


def adapted_growth(
    R: Gaussian, S: Gaussian, L: Scalar, hbar: Scalar, time: Scalar, *, rate: Scalar = 2.0
) -> Inequality:
    """MK_ω²(t) ≤ δω cosh(2√L t + arccosh(MK_ω²(0)/δω)), ω = √L, for Gaussians under V = −½L|x|²; `rate` in place of 2 (a control)."""
    omega = jnp.sqrt(jnp.asarray(L, float))
    floor = R.dimension * hbar * omega
    after = [quadratic_marginal(one, -L, jnp.inf, time) for one in (R, S)]
    pairs = [(_dilated(one, omega), _dilated(other, omega)) for one, other in (after, (R, S))]
    cost, start = (one * omega for one in pair_costs(pairs, hbar))

    def curve(value):
        ratio = jnp.maximum(value / floor, 1.0)
        return floor * jnp.cosh(rate * omega * time + jnp.arccosh(ratio))

    right = Bracket(curve(start.lower), curve(start.upper)).widen(ROUNDING)
    return Inequality(
        "MK_ħ, growth in an adapted metric",
        "MK_ω²(t) ≤ δω cosh(2√L t + arccosh(MK_ω²(0)/δω)), ω² = L",
        cost,
        right,
        width=1e-9 * jnp.abs(right.upper),
        parameters={"hbar": hbar, "L": L, "t": time},
    )


def _dilated(state: Gaussian, omega: Scalar) -> Gaussian:
    """D_ω: x, p → √ω x, p/√ω."""
    d = state.dimension
    scale = jnp.concatenate([jnp.full(d, jnp.sqrt(omega)), jnp.full(d, 1 / jnp.sqrt(omega))])
    return Gaussian(scale * state.mean, jnp.outer(scale, scale) * state.covariance)


def carried_growth(
    R: MixedState,
    S: MixedState,
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
    saves: int = 2,
    constant: str = "sharp",
) -> Inequality:
    """dħ ≤ MK² ≤ 𝓔(t) ≤ the bound for two Hartree solutions whose k-th orbitals are paired, at `saves` times after 0.

    The discretisation error is estimated by half as many steps, and by the second moments of the outer eighth of all momenta.
    """
    flow, L = Hartree(grid, pair, hbar), lipschitz(pair)
    options = {"grid": grid, "hbar": hbar, "duration": duration, "saves": saves, "throw": False}
    run, coarse = (carry_quantum(R, S, flow, flow, steps=n, **options) for n in (steps, steps // 2))
    start, cost = run.costs.cost[0], run.costs.cost[1:]
    error = jnp.abs(cost - coarse.costs.cost[1:]) + _unresolved(run, grid, hbar)
    floor = grid.dimension * hbar
    right = growth_bound(
        Bracket.exact(start), L, run.times[1:], hbar, d=grid.dimension, constant=constant
    )
    return Inequality(
        "MK_ħ, growth",
        "MK(R(t), S(t))² ≤ 𝓔(t) ≤ δcosh(θ_L + arccosh(𝓔(0)/δ)), Hartree",
        Bracket.estimated(cost, error + ROUNDING),
        right,
        parameters={"hbar": hbar, "L": L, "least": floor},
    )


def _unresolved(run: CarriedPair, grid: Grid, hbar: Scalar) -> Array:
    """Σw⟨p²⟩ of both states at the end, from the outer eighth of all wavenumbers: what reaches there is folded back."""
    (k,) = grid.wavenumbers
    outer = jnp.where(jnp.abs(k) > 0.875 * jnp.max(jnp.abs(k)), (hbar * k) ** 2, 0.0)

    def share(state):
        power = jnp.abs(fftn(state.orbitals, axes=(-1,))) ** 2
        return state.weights @ (power @ outer / jnp.sum(power, axis=-1))

    return share(run.first) + share(run.second)
