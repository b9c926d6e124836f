"""The five arrows of Golse–Paul's Diagram 1, each measured along its parameter with the theorem's bound beside it.

    N-body Schrödinger ──N→∞──▶ Hartree          trace norm of R¹_N − R; dist(W̃[R¹_N], W̃[R]) against Theorems 2.5 and 2.6 joined
          │ ħ→0       ╲             │ ħ→0        Theorem 2.7 left, Theorem 2.5 right: E_ħ² = O(ħ), uniformly in N
    N-body Liouville ──N→∞──▶ Vlasov             dist(F¹_N, f) against Theorem 2.6 for ħ → 0; the diagonal is Theorem 2.6 itself

The paper cites the horizontal arrows; the bound on the upper one follows by the triangle inequality and is ours:
dist(W̃[R¹_N], W̃[R]) ≤ √(bound of 2.6 + ½dħ) + √(bound of 2.5 + ½dħ).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import concrete
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality, rate
from jaxwigner.potentials import as_potential
from jaxwigner.quantum import FockExcitations, quadratic_marginal
from jaxwigner.states import Gaussian, Particles, coherent_state
from jaxwigner.theorems.gp.gaussians import gaussian_growth, gaussian_mean_field, position_spread
from jaxwigner.theorems.gp.mean_field import body_coupling
from jaxwigner.theorems.gp.rates import bound, mean_field_rate, paper_rate
from jaxwigner.theorems.gp.toeplitz import carried
from jaxwigner.transport import monge_kantorovich, quantum_moments


class Arrow(eqx.Module):
    """One arrow: `measured` at each of `scales` (ħ or 1/N) with `error`, and the theorem's `bounds`."""

    name: str = eqx.field(static=True)
    measure: str = eqx.field(static=True)
    scale: str = eqx.field(static=True)
    claim: str = eqx.field(static=True)
    scales: Float[Array, " n"]
    measured: Float[Array, " n"]
    error: Float[Array, " n"]
    bounds: Float[Array, " n"]

    def rate(self, predicted: tuple[float, float]) -> Inequality:
        """measured ~ scaleʳ."""
        statement = f"{self.measure} = O({self.scale})"
        return rate(self.claim, statement, self.scales, self.measured, predicted)

    def below(self) -> Inequality:
        """measured ≤ bound at every scale."""
        left = Bracket(
            jnp.maximum(self.measured - self.error, 0.0), self.measured + self.error, False
        )
        return Inequality(
            self.claim, f"{self.measure} ≤ the bound of the theorem", left, self.bounds
        )


def _twice(cost: Callable, hbars: Array, steps: int) -> tuple[Array, Array]:
    """The cost at every ħ, and how far half as many steps are from it."""
    both = lax.map(
        lambda count: lax.map(lambda h: cost(h, count), hbars), jnp.array([steps, steps // 2])
    )
    fine, coarse = both
    return fine, jnp.abs(fine - coarse)


def hartree_to_vlasov(
    cloud: Particles,
    pair: Any,
    grid: Grid,
    hbars: Float[Array, " n"],
    *,
    duration: Scalar,
    steps: int,
) -> Arrow:
    """Right: 𝓔(t) ≥ E_ħ(f(t), R(t))² for Töplitz data with f = μ, against e^{Λt}½dħ (Theorem 2.5)."""
    pair = as_potential(pair)

    def cost(hbar, count):
        run = carried(cloud, pair, grid, hbar, duration=duration, steps=count, saves=1)
        return run.costs.cost[-1]

    hbars = jnp.asarray(hbars)
    fine, error = _twice(cost, hbars, steps)
    floor = 0.5 * grid.dimension * hbars
    bounds = floor * jnp.exp(paper_rate(pair.hessian_bound) * duration)
    return Arrow("right", "E_ħ(f, R)²", "ħ", "GP Theorem 2.5", hbars, fine, error, bounds)


def bodies_to_liouville(
    cloud: Particles,
    pair: Any,
    grid: Grid,
    hbars: Float[Array, " n"],
    *,
    duration: Scalar,
    steps: int,
) -> Arrow:
    """Left, N = 2: 𝓓_{ħ,2}(t) between N-body Liouville and Schrödinger, against e^{Λt}½ħ (Theorem 2.7)."""
    pair, hbars = as_potential(pair), jnp.asarray(hbars)

    def cost(hbar, count):
        return body_coupling(
            cloud, pair, grid, hbar, duration=duration, steps=count, classical="nbody"
        ).whole

    fine, error = _twice(cost, hbars, steps)
    bounds = 0.5 * hbars * jnp.exp(paper_rate(pair.hessian_bound) * duration)
    return Arrow("left", "E_ħ(F_2, R_2)²/2", "ħ", "GP Theorem 2.7", hbars, fine, error, bounds)


def liouville_uniformly(
    p: Gaussian, stiffness: Scalar, hbars: Array, number: Scalar, *, duration: Scalar
) -> Arrow:
    """Left, any N: (1/N)E_ħ(F_N, R_N)² for V = ½κ|x|² and Töplitz Gaussian data, exactly (Theorem 2.7)."""

    def claim(hbar):
        return gaussian_growth(p, toeplitz(p, hbar), stiffness, hbar, duration, number=number)

    claims = _each(claim, hbars)
    return Arrow(
        "left",
        "E_ħ(F_N, R_N)²/N",
        "ħ",
        "GP Theorem 2.7",
        jnp.asarray(hbars),
        claims.lhs.centre,
        0.5 * claims.lhs.width,
        claims.rhs.lower,
    )


def toeplitz(p: Gaussian, hbar: Scalar) -> Gaussian:
    """The quantum Gaussian whose Wigner function is p ∗ N(0, ħ/2)."""
    return Gaussian(p.mean, p.covariance + 0.5 * hbar * np.eye(2 * p.dimension))


def _each(function: Callable[[Any], Any], values: Any) -> Any:
    """What it gives at each value, in an array: by one program after another where they are known, else by one for all."""
    if not concrete(values):
        return jax.vmap(function)(values)
    found = [function(value) for value in np.asarray(values, float)]
    stack = np.stack if concrete(found) else jnp.stack
    return jax.tree.map(lambda *leaves: stack(leaves), *found)


class CondensateRun(eqx.Module):
    """For every ħ and N: ‖R¹_N − |φ⟩⟨φ|‖₁, E_ħ(δ_z, R¹_N)², mean number of excitations, and the certificates."""

    trace_norm: Float[Array, "*h_n"]
    cost: Float[Array, "*h_n"]
    excitations: Float[Array, "*h_n"]
    worst: Float[Array, "*h_n"]


def condensates(
    pair: Any,
    hbars: Float[Array, " h"],
    numbers: Float[Array, " n"],
    *,
    duration: Scalar,
    steps: int,
    points: int = 64,
    half: float = 10.0,
) -> CondensateRun:
    """N bosons that start in a coherent state at rest at the origin, all N in one batch, ħ after ħ (d = 1).

    V is even, so that z = 0 for ever: E_ħ(δ_0, R¹_N)² = ½(|m|² + tr S) of R¹_N. The box is `half` in units of √ħ.
    """
    pair = as_potential(pair)

    def one(hbar, number):
        side = half * jnp.sqrt(hbar)
        grid = Grid(-side, side, points)
        bosons = FockExcitations(grid, pair, hbar=hbar, number=number)
        phi = coherent_state(grid, 0.0, 0.0, hbar)
        run = bosons.evolve(phi, duration=duration, steps=steps, throw=False)
        moments = quantum_moments(run.state, grid=grid, hbar=hbar)
        cost = 0.5 * (jnp.sum(moments.mean**2) + jnp.trace(moments.covariance))
        worst = jnp.max(
            jnp.stack([run.norm_error, run.shell_mass, run.mode_tail, run.spectral_tail])
        )
        return CondensateRun(run.distance / number, cost, run.excitations, worst)

    numbers = jnp.asarray(numbers)
    every = lambda hbar: jax.vmap(lambda number: one(hbar, number))(numbers)  # noqa: E731
    return lax.map(every, jnp.asarray(hbars))


def bodies_to_hartree(run: CondensateRun, numbers: Float[Array, " n"], which: int = 0) -> Arrow:
    """Top: ‖R¹_N − |φ⟩⟨φ|‖₁ against 2, the largest that it can be; the rate 1/N is what the paper cites."""
    norms = run.trace_norm[which]
    error = jnp.maximum(run.worst[which], 1e-9) * norms
    scales = 1 / jnp.asarray(numbers)
    bounds = jnp.full_like(norms, 2.0)
    return Arrow("top", "‖R¹_N − R‖₁", "1/N", "mean-field limit", scales, norms, error, bounds)


def husimi_to_hartree(
    p: Gaussian, stiffness: Scalar, hbar: Scalar, numbers: Float[Array, " n"], *, duration: Scalar
) -> Arrow:
    """Top, spread data: dist(W̃[R¹_N], W̃[R]) for V = ½κ|x|², against √(2.6 + ½dħ) + √(2.5 + ½dħ) (derived, ours)."""
    R, floor = toeplitz(p, hbar), 0.5 * p.dimension * hbar

    def sides(number):
        distance, alone = _husimi_sides(R, stiffness, hbar, number, duration)
        mean = gaussian_mean_field(p, R, stiffness, hbar, duration, number).rhs
        return distance, (mean + floor).sqrt().lower + alone

    measured, bounds = _each(sides, numbers)
    scales, error = 1 / jnp.asarray(numbers), 1e-7 * jnp.ones_like(measured)
    paper = "beyond GP, from Theorems 2.5 and 2.6"
    return Arrow("top", "dist(W̃[R¹_N], W̃[R])", "1/N", paper, scales, measured, error, bounds)


@once
def _husimi_sides(R, stiffness, hbar, number, duration) -> tuple[Array, Array]:
    """dist(W̃[R¹_N], W̃[R]), and the part of its bound that does not depend on N."""
    floor = 0.5 * R.dimension * hbar
    states = (quadratic_marginal(R, stiffness, n, duration) for n in (number, jnp.inf))
    distance = monge_kantorovich(*(toeplitz(state, hbar) for state in states)).sqrt()
    one = bound(Bracket.exact(floor), floor, jnp.abs(stiffness), duration, "paper")
    return distance.centre, (one + floor).sqrt().lower


def husimi_uniformly(
    R: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    number: Scalar,
    *,
    duration: Scalar,
    factor: Scalar = 1.0,
) -> Inequality:
    """Top, uniformly in ħ: N dist(W̃[R¹_N], W̃[R])² ≤ dist(W̃[free R], W̃[R])² for V = ½κ|x|², with equality for N = 1 (ours).

    R¹_N has 1/N of the covariance of free motion and 1 − 1/N of Hartree's; the mixture of the two is coupled with the second at 1/N
    of the cost, and no pair with these covariances is nearer than the Gaussians (Gelbrich). `factor`: of the forces between the bodies
    alone; 2 is that of the printed double sum, a negative control.
    """

    def husimi(kappa, bodies):
        return toeplitz(quadratic_marginal(R, kappa, bodies, duration), hbar)

    limit = husimi(stiffness, jnp.inf)
    return Inequality(
        "beyond GP, the upper arrow",
        "N dist(W̃[R¹_N], W̃[R])² ≤ dist(W̃[free R], W̃[R])²",
        monge_kantorovich(husimi(factor * stiffness, number), limit) * number,
        monge_kantorovich(husimi(0.0, jnp.inf), limit),
        parameters={"N": number, "hbar": hbar, "t": duration},
    )


def liouville_to_vlasov(
    p: Gaussian, stiffness: Scalar, numbers: Float[Array, " n"], *, duration: Scalar
) -> Arrow:
    """Bottom: dist(F¹_N(t), f(t)) for V = ½κ|x|², against Theorem 2.6 with ħ → 0: (½∫e^{Γ(t−s)}K_N ds)^{½}."""

    def sides(number):
        bodies = quadratic_marginal(p, stiffness, number, duration)
        limit = quadratic_marginal(p, stiffness, jnp.inf, duration)
        s = jnp.linspace(0.0, 1.0, 129) * duration
        spread = position_spread(p, stiffness, s)
        gamma = mean_field_rate(jnp.abs(stiffness))
        K = stiffness**2 * spread / number
        excess = jnp.trapezoid(0.5 * jnp.exp(gamma * (duration - s)) * K, s)
        return monge_kantorovich(bodies, limit).sqrt().centre, jnp.sqrt(excess)

    measured, bounds = jax.vmap(sides)(jnp.asarray(numbers))
    scales, error = 1 / jnp.asarray(numbers), 1e-9 * jnp.ones_like(measured)
    paper = "GP Theorem 2.6, ħ → 0"
    return Arrow("bottom", "dist(F¹_N, f)", "1/N", paper, scales, measured, error, bounds)


def joint_surface(
    p: Gaussian, stiffness: Scalar, hbars: Array, numbers: Array, *, duration: Scalar
) -> tuple[Float[Array, "h n"], Float[Array, "h n"]]:
    """E_ħ(f(t), R¹_N(t))² and the bound of Theorem 2.6 over ħ and N, for V = ½κ|x|² and Töplitz Gaussian data, exactly."""

    def sides(hbar, number):
        claim = gaussian_mean_field(p, toeplitz(p, hbar), stiffness, hbar, duration, number)
        return claim.lhs.centre, claim.rhs.lower

    hbars, numbers = jnp.asarray(hbars), jnp.asarray(numbers)
    shape = hbars.size, numbers.size
    # One batch of all pairs: two, one in the other, take twice as long to trace.
    found = jax.vmap(sides)(jnp.repeat(hbars, shape[1]), jnp.tile(numbers, shape[0]))
    return tuple(side.reshape(shape) for side in found)


def bodies_to_vlasov(
    p: Gaussian, stiffness: Scalar, hbars: Float[Array, " n"], *, duration: Scalar
) -> Arrow:
    """Diagonal: E_ħ(f(t), R¹_N(t))² along ħ = 1/N, against Theorem 2.6 with ½∫e^{Γ(t−s)}K_N ds for its last term."""

    def sides(hbar):
        claim = gaussian_mean_field(p, toeplitz(p, hbar), stiffness, hbar, duration, 1 / hbar)
        return claim.lhs.centre, claim.rhs.lower

    hbars, (measured, bounds) = jnp.asarray(hbars), _each(sides, hbars)
    return Arrow(
        "diagonal",
        "E_ħ(f, R¹_N)²",
        "ħ = 1/N",
        "GP Theorem 2.6",
        hbars,
        measured,
        1e-7 * measured,
        bounds,
    )
