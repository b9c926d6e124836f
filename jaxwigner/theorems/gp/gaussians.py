"""Theorems 2.5 and 2.6 of Golse and Paul for Gaussians under quadratic V, where both sides are known exactly."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_choice, check_positive_scalar, concrete
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality, rate
from jaxwigner.quantum import quadratic_marginal
from jaxwigner.states import Gaussian
from jaxwigner.states.quadratic import check_marginal
from jaxwigner.theorems.gp.rates import CONSTANTS, bound, mean_field_rate
from jaxwigner.transport import gaussian_cost, monge_kantorovich
from jaxwigner.transport.gaussians import check_uncertainty


def gaussian_growth(
    p: Gaussian,
    R: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    time: Scalar,
    *,
    number: Scalar = jnp.inf,
    constant: str = "paper",
) -> Inequality:
    """Theorem 2.5 (N = ∞) or 2.7 for Gaussian product data and V = ½κ|x|², exact on both sides.

    (1/N)E_ħ(F_N, R_N)² splits into the free centre of mass and N − 1 relative modes of frequency √κ; L = |κ|.
    """
    check_positive_scalar("hbar", hbar)
    check_choice("constant", constant, CONSTANTS)
    for state in (p, R):
        check_marginal(state, stiffness, number, time)
    check_uncertainty(R, hbar)
    cost, rights, width, share = _growth(p, R, stiffness, hbar, time, number)
    right = rights[constant]
    infinite = concrete(number) and np.isinf(number)
    paper = "GP Theorem 2.5" if infinite else "GP Theorem 2.7"
    return Inequality(
        paper if constant == "paper" else f"beyond {paper} (sharp)",
        "(1/N)E_ħ(F_N, R_N)² ≤ "
        + ("e^{Λt}E_ħ(0)²" if constant == "paper" else "δ cosh(θ_L + arccosh(E_ħ(0)²/δ))")
        + ", Gaussians",
        cost,
        right,
        width=width[constant],
        parameters={"hbar": hbar, "kappa": stiffness, "1/N": share, "t": time},
    )


@once
def _growth(p, R, stiffness, hbar, time, number):
    """(1/N)E_ħ² at `time`, both bounds with the widths of their claims, and 1/N."""
    cost, start, share = body_cost(costs_of_pairs, p, R, stiffness, hbar, time, number)
    floor, L = 0.5 * p.dimension * hbar, jnp.abs(stiffness)
    rights = {one: bound(start, floor, L, time, one).widen(ROUNDING) for one in CONSTANTS}
    widths = {one: 1e-7 * jnp.abs(right.upper) for one, right in rights.items()}
    return cost, rights, widths, share


def body_cost(
    costs: Callable, p: Gaussian, R: Gaussian, stiffness, hbar, time, number: Scalar
) -> tuple[Bracket, Bracket, Array]:
    """1/N of the squared distance of N bodies at `time`, by the centre of mass and N − 1 relative modes, that at 0, and 1/N.

    **Arguments:** `costs`: (pairs of Gaussians, ħ) ↦ their squared distances.
    """
    share = 1 / jnp.asarray(number, float)
    inner, other = (quadratic_marginal(one, stiffness, jnp.inf, time) for one in (p, R))
    free, unbound = (quadratic_marginal(one, 0.0, jnp.inf, time) for one in (p, R))
    pairs = [(_centred(inner), _centred(other)), (_centred(free), _centred(unbound)), (p, R)]
    relative, centre, start = costs(pairs, hbar)
    shift = 0.5 * jnp.sum((inner.mean - other.mean) ** 2)
    return relative * (1 - share) + centre * share + shift, start, share


def costs_of_pairs(pairs: list[tuple[Gaussian, Gaussian]], hbar: Scalar) -> list[Bracket]:
    """`gaussian_cost` of each pair; those of one dimension one after another in one loop, as a single program."""
    if len({p.dimension for p, _ in pairs}) > 1:
        return [gaussian_cost(p, R, hbar) for p, R in pairs]
    return in_a_loop(lambda p, R: gaussian_cost(p, R, hbar), pairs)


def in_a_loop(cost: Callable, pairs: list[tuple[Gaussian, Gaussian]]) -> list[Bracket]:
    """A cost of pairs of one dimension, one after another in one loop: inside of a program they are one, not several."""
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *pairs)
    costs = lax.map(lambda pair: cost(*pair), stacked)
    return [jax.tree.map(lambda leaf, k=k: leaf[k], costs) for k in range(len(pairs))]


def _centred(state: Gaussian) -> Gaussian:
    return Gaussian(jnp.zeros_like(state.mean), state.covariance)


def singular_vectors(L: Scalar, time: Scalar) -> Float[Array, "2 2"]:
    """Right singular vectors of Φ_L(t), the flow of ẍ = Lx, as rows; the first is stretched most."""
    root = jnp.sqrt(jnp.asarray(L, float))
    flow = jnp.array(
        [
            [jnp.cosh(root * time), jnp.sinh(root * time) / root],
            [root * jnp.sinh(root * time), jnp.cosh(root * time)],
        ]
    )
    _, _, right = jnp.linalg.svd(flow)
    return right


def extremal_growth(
    L: Scalar, hbar: Scalar, time: Scalar, *, squeezing: Scalar = 4.0
) -> Inequality:
    """p = δ_0, V = −½L|x|², R pure and squeezed by `squeezing` along the top singular vector of Φ_L(t): equality of the sharp bound."""
    p, R = _extremal_pair(L, hbar, time, squeezing)
    return gaussian_growth(p, R, -L, hbar, time, constant="sharp")


@once
def _extremal_pair(L, hbar, time, squeezing) -> tuple[Gaussian, Gaussian]:
    axes = singular_vectors(L, time)
    spread = 0.5 * hbar * axes.T @ jnp.diag(jnp.array([squeezing, 1 / squeezing])) @ axes
    point = Gaussian(jnp.zeros(2), jnp.zeros((2, 2)))
    return point, Gaussian(jnp.zeros(2), 0.5 * (spread + spread.T))


def position_spread(
    p: Gaussian, stiffness: Scalar, times: Float[Array, " n"]
) -> Float[Array, " n"]:
    """∫|x − m|²ρ_f(t) at several times, in the mean field of V = ½κ|x|²."""
    d = p.dimension

    def at(time):
        return jnp.trace(quadratic_marginal(p, stiffness, jnp.inf, time).covariance[:d, :d])

    return jax.vmap(at)(times)


GROUPINGS = ("paper", "grouped", "sharp")  # of Theorem 2.6


QUADRATURE = 65  # points of the integral over time, by Simpson's rule


def gaussian_mean_field(
    p: Gaussian,
    R: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    time: Scalar,
    number: Scalar,
    *,
    n: int = 1,
    form: str = "paper",
) -> Inequality:
    """Theorem 2.6 for Gaussian product data and V = ½κ|x|², with ½K_N in place of its bound, since ∇V is not bounded.

    `form`: "paper" keeps the rate Γ, "grouped" has Γ′ = 1 + max(2, 4L²) ≤ Γ, "sharp" is the form with square roots (both beyond the
    paper). Exact up to Simpson's rule in time.
    """
    check_choice("form", form, GROUPINGS)
    for state in (p, R):
        check_marginal(state, stiffness, number, time, n)
    check_uncertainty(R, hbar)
    left, rights = _mean_field(p, R, stiffness, hbar, time, number, n)
    return Inequality(
        "GP Theorem 2.6" if form == "paper" else "beyond GP Theorem 2.6",
        "(1/n)E_ħ(f^{⊗n}, R_N^n)² ≤ e^{Γt}(1/N)E_ħ(0)² + ½∫e^{Γ(t−s)}K_N ds, Gaussians"
        if form != "sharp"
        else "(E_n²/n)^{½} ≤ e^{gt}(E_N²(0)/N)^{½} + ∫e^{g(t−s)}(K_N/2)^{½}ds, squared, Gaussians",
        left,
        rights[form],
        parameters={"hbar": hbar, "kappa": stiffness, "N": number, "t": time, "n": n},
    )


@once
def _mean_field(p, R, stiffness, hbar, time, number, n: int) -> tuple[Bracket, dict[str, Bracket]]:
    """E_ħ²/n at `time`, and its bound in every form."""
    L = jnp.abs(stiffness)
    vlasov = quadratic_marginal(p, stiffness, jnp.inf, time, n=n)
    bodies = quadratic_marginal(R, stiffness, number, time, n=n)
    left, start = costs_of_pairs([(vlasov, bodies), (p, R)], hbar)
    s = jnp.linspace(0.0, 1.0, QUADRATURE) * time
    K = stiffness**2 * position_spread(p, stiffness, s) / number
    rates = {"paper": mean_field_rate(L), "grouped": 1 + jnp.maximum(2.0, 4 * L**2)}
    rights = {
        form: start * jnp.exp(rate * time) + _simpson(jnp.exp(rate * (time - s)) * K / 2, time)
        for form, rate in rates.items()
    }
    g = 0.5 * (1 + L)
    grown = _simpson(jnp.exp(g * (time - s)) * jnp.sqrt(K / 2), time)
    root = start.sqrt() * jnp.exp(g * time) + grown
    rights["sharp"] = root * root
    wide = lambda right: right.widen(ROUNDING).widen(1e-7 * right.upper, rigorous=False)  # noqa: E731
    return left * (1 / n), {form: wide(right) for form, right in rights.items()}


def gaussian_distance(
    p: Gaussian, R: Gaussian, stiffness: Scalar, hbar: Scalar, time: Scalar, number: Scalar
) -> Inequality:
    """dist(f(t), W̃[R¹_N(t)])² ≤ the bound of Theorem 2.6 + ½dħ (its second statement), Gaussians and V = ½κ|x|²."""
    one = gaussian_mean_field(p, R, stiffness, hbar, time, number)
    return Inequality(
        "GP Theorem 2.6",
        "dist(f, W̃[R¹_N])² ≤ e^{Γt}E_ħ(0)²/N + ½∫e^{Γ(t−s)}K_N ds + ½dħ, Gaussians",
        _distance(p, R, stiffness, hbar, time, number),
        (one.rhs + 0.5 * p.dimension * hbar).widen(ROUNDING),
        width=1e-6,
        parameters=one.parameters,
    )


@once
def _distance(p, R, stiffness, hbar, time, number) -> Bracket:
    """dist(f(t), W̃[R¹_N(t)])²."""
    vlasov = quadratic_marginal(p, stiffness, jnp.inf, time)
    bodies = quadratic_marginal(R, stiffness, number, time)
    husimi = Gaussian(bodies.mean, bodies.covariance + 0.5 * hbar * jnp.eye(2 * p.dimension))
    return monge_kantorovich(vlasov, husimi)


def _simpson(values: Float[Array, " n"], length: Scalar) -> Float[Array, ""]:
    weights = np.ones(QUADRATURE)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return jnp.sum(weights * values) * length / (3 * (QUADRATURE - 1))


def pair_sum_limit(
    R: Gaussian, stiffness: Scalar, time: Scalar, numbers: Float[Array, " n"], *, printed: bool
) -> Inequality:
    """|S¹_N(t) − S(t)| falls as 1/N for V = ½κ|x|²: S of the Hartree equation, S¹_N of N bodies with (1/N)Σ_{j<k}V.

    `printed`: the double sum of the paper, which doubles κ for the bodies alone (a control).
    """
    hartree = quadratic_marginal(R, stiffness, jnp.inf, time).covariance
    doubled = 2 * stiffness if printed else stiffness
    numbers = jnp.asarray(numbers, float)
    gaps = jax.vmap(
        lambda N: jnp.linalg.norm(quadratic_marginal(R, doubled, N, time).covariance - hartree)
    )(numbers)
    return rate(
        "GP (10), corrected" if not printed else "GP (10), as printed",
        "|S¹_N(t) − S(t)| = O(1/N)",
        1 / numbers,
        gaps,
        (0.95, 1.05),
    )
