"""How E_ħ grows along two flows: Golse–Paul Lemma 4.1, Theorems 2.5 and 2.7, and their sharp form.

    Lemma 4.1      m₂(t) ≤ e^t (m₂(0) + ‖V‖∞)                                       m₂ = ½∫(|x|² + |ξ|²)f
    Theorem 2.5    E_ħ(f(t), R(t))² ≤ e^{Λt} E_ħ(f, R)²,   Λ = 1 + max(4L², 1)       Vlasov and Hartree, L = Lip(∇V)
    Theorem 2.7    the same for (1/n)E_ħ(F_N^n, R_N^n)² from (1/N)E_ħ(F_N, R_N)²     N-body Liouville and Schrödinger
    sharp          E_ħ² ≤ δ cosh(θ_L(t) + arccosh(E_ħ(0)²/δ)),  δ = ½dħ,  sinh(θ_L/2) = (1+L)/(2√L) sinh(√L t)
                   (beyond the paper: rate 1 + L, attained by p = δ_0, V = −½L|x|² and a squeezed R)
    distances      dist(f(t), W̃[R(t)])² ≤ E_ħ² + ½dħ;   dist(f, μ)(t)² ≤ e^{Λt} dist(f, μ)(0)² (Dobrushin)

A carried coupling bounds E_ħ² from above, ½dħ bounds it from below; Gaussians under quadratic V are exact on both sides.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jaxwigner._checks import check_choice, check_positive_scalar, concrete, require
from jaxwigner.brackets import Bracket
from jaxwigner.classical import Newton, VlasovParticles
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.inequality import ROUNDING, Inequality
from jaxwigner.observables import density_of
from jaxwigner.phase_space import husimi, toeplitz_state
from jaxwigner.potentials import Harmonic, as_potential
from jaxwigner.potentials.pairs.on_grids import PairSum, force_field
from jaxwigner.quantum import Hartree, Schrodinger, quadratic_marginal
from jaxwigner.states import Density, Gaussian, Particles, flow_matrix, squeezed_state
from jaxwigner.transport import (
    carry,
    gaussian_cost,
    monge_kantorovich,
    packet_cost,
    packet_rate,
    semiquantum,
)

CONSTANTS = ("paper", "sharp")


def paper_rate(L: Scalar) -> Scalar:
    """Λ = 1 + max(4L², 1) of Theorems 2.5 and 2.7.

    >>> from jaxwigner.theorems.gp.stability import paper_rate
    >>> float(paper_rate(1.0))
    5.0
    """
    return 1 + jnp.maximum(4 * L**2, 1.0)


def angle(L: Scalar, t: Scalar) -> Scalar:
    """θ_L(t) = 2 arsinh((1 + L)/(2√L) sinh(√L t)); 2 arsinh(t/2) for L = 0. At most (1 + L)t.

    >>> from jaxwigner.theorems.gp.stability import angle
    >>> round(float(angle(1.0, 0.5)), 9)  # = 2t for L = 1
    1.0
    """
    L = jnp.asarray(L, float)
    root = jnp.sqrt(jnp.where(L > 1e-12, L, 1.0))
    ratio = jnp.where(L > 1e-12, jnp.sinh(root * t) / root, t)
    return 2 * jnp.arcsinh(0.5 * (1 + L) * ratio)


def lipschitz(pair: Any) -> Scalar:
    """L = Lip(∇V), which has to be finite for every bound here.

    >>> from jaxwigner.potentials import Cosine
    >>> from jaxwigner.theorems.gp.stability import lipschitz
    >>> float(lipschitz(Cosine(0.5, 2.0)))
    2.0
    """
    L = as_potential(pair).hessian_bound
    if concrete(L):
        require(np.isfinite(L), "pair", "state a Lipschitz constant of ∇V (`hessian_bound`)", L)
    return L


def bound(start: Bracket, zero_point: Scalar, L: Scalar, t: Scalar, constant: str) -> Bracket:
    """What E_ħ(t)² cannot exceed: e^{Λt}E_ħ(0)² ("paper") or δ cosh(θ_L + arccosh(E_ħ(0)²/δ)) ("sharp", beyond the paper)."""
    check_choice("constant", constant, CONSTANTS)
    if constant == "paper":
        return start * jnp.exp(paper_rate(L) * t)

    def curve(value):
        ratio = jnp.maximum(value / zero_point, 1.0)
        return zero_point * jnp.cosh(angle(L, t) + jnp.arccosh(ratio))

    return Bracket(curve(start.lower), curve(start.upper), start.rigorous)


def carried_coupling(
    cloud: Particles,
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
    saves: int = 3,
    constant: str = "paper",
) -> Inequality:
    """Theorem 2.5 for Töplitz data with f = μ a cloud: ½dħ ≤ E_ħ² ≤ 𝓔(t) ≤ bound, at `saves` times after 0.

    The discretisation error is estimated by half as many steps. `constant`: "paper" or "sharp".
    """
    pair = as_potential(pair)
    state = toeplitz_state(cloud, grid, hbar)
    flows = VlasovParticles(pair), Hartree(grid, pair, hbar)
    options = {"grid": grid, "hbar": hbar, "duration": duration, "saves": saves, "throw": False}
    run, coarse = (carry(cloud, state, *flows, steps=n, **options) for n in (steps, steps // 2))
    cost = run.costs.cost[1:]
    error = jnp.abs(cost - coarse.costs.cost[1:])
    floor = 0.5 * grid.dimension * hbar
    L = lipschitz(pair)
    start = Bracket.exact(jnp.asarray(floor) * jnp.ones_like(cost))
    right = bound(start, floor, L, run.times[1:], constant)
    return Inequality(
        "GP Theorem 2.5" if constant == "paper" else "beyond GP Theorem 2.5 (sharp)",
        "E_ħ(f(t), R(t))² ≤ " + ("e^{Λt}·½dħ" if constant == "paper" else "½dħ cosh θ_L(t)"),
        Bracket(floor * jnp.ones_like(cost), cost + error, rigorous=False),
        right,
        parameters={"hbar": hbar, "L": L},
    )


def frozen_growth(cloud: Particles, pair: Any, *, duration: Scalar, steps: int) -> Float[Array, ""]:
    """(1/2d)Σw_k tr(DZ_kᵀDZ_k), DZ the Jacobian of the characteristics in the frozen field of the cloud: lim 𝓔/(½dħ) as ħ → 0.

    Tracers without weight feel the field and do not change it: their derivatives are those of the frozen characteristics.
    """
    K, d = cloud.positions.shape
    weights = jnp.concatenate([cloud.weights, jnp.zeros(K)])
    system = VlasovParticles(pair)

    def tracers(x, xi):
        both = Particles(
            weights,
            jnp.concatenate([cloud.positions, x]),
            jnp.concatenate([cloud.momenta, xi]),
        )
        end = evolve(
            system, both, duration=duration, steps=steps, gradient="forward", throw=False
        ).state
        return jnp.concatenate([end.positions[K:], end.momenta[K:]], axis=1)

    start = (cloud.positions, cloud.momenta)
    total = jnp.zeros(())
    for axis in range(2 * d):
        push = [jnp.zeros((K, d)), jnp.zeros((K, d))]
        push[axis // d] = push[axis // d].at[:, axis % d].set(1.0)
        _, column = jax.jvp(tracers, start, tuple(push))
        total = total + cloud.weights @ jnp.sum(column**2, axis=1)
    return total / (2 * d)


def semiclassical_growth(
    cloud: Particles,
    pair: Any,
    grid: Grid,
    hbars: Float[Array, " n"],
    *,
    duration: Scalar,
    steps: int,
    width: float = 0.01,
) -> Inequality:
    """lim_{ħ→0} 𝓔(t)/(½dħ) = (1/2d)E tr(DZᵀDZ), extrapolated linearly from the two smallest ħ (beyond the paper)."""
    pair = as_potential(pair)
    require(len(hbars) >= 2, "hbars", "have at least two entries", hbars)

    def growth(hbar):
        state = toeplitz_state(cloud, grid, hbar)
        run = carry(
            cloud,
            state,
            VlasovParticles(pair),
            Hartree(grid, pair, hbar),
            grid=grid,
            hbar=hbar,
            duration=duration,
            steps=steps,
            saves=1,
            throw=False,
        )
        return run.costs.cost[-1] / (0.5 * grid.dimension * hbar)

    hbars = jnp.sort(jnp.asarray(hbars))[::-1]
    values = lax.map(growth, hbars)
    slope = (values[-2] - values[-1]) / (hbars[-2] - hbars[-1])
    limit = values[-1] - slope * hbars[-1]
    exact = frozen_growth(cloud, pair, duration=duration, steps=200)
    return Inequality(
        "beyond GP Theorem 2.5",
        "𝓔(t)/½dħ → (1/2d)E tr(DZᵀDZ) as ħ → 0",
        Bracket.estimated(limit, 0.2 * jnp.abs(slope * hbars[-1])),
        exact,
        kind="identity",
        width=width * exact,
        parameters={"t": duration},
    )


def cost_rate(
    cloud: Particles,
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
    step: float = 1e-3,
) -> Inequality:
    """𝓔′(t) = Re⟨u·P⟩ + Re⟨ΔF·P⟩ (Golse–Paul §4.3), at t = `duration`, against a fourth-order difference quotient over `step`."""
    pair = as_potential(pair)
    vlasov, hartree = VlasovParticles(pair), Hartree(grid, pair, hbar)
    state = toeplitz_state(cloud, grid, hbar)
    there = {"duration": duration, "steps": steps, "throw": False}
    particles, R = (
        evolve(system, u, **there).state for system, u in ((vlasov, cloud), (hartree, state))
    )
    field = force_field(pair, grid)(density_of(R))
    force = PairSum(pair).slope(particles.positions, particles.weights)
    exact = sum(packet_rate(particles, R, grid, hbar, force, field))

    def cost(shift):
        moved = {"duration": shift, "steps": 1, "throw": False}
        near = (evolve(vlasov, particles, **moved).state, evolve(hartree, R, **moved).state)
        return packet_cost(*near, grid, hbar).cost

    shifts = step * jnp.array([-2.0, -1.0, 1.0, 2.0])
    quotient = lax.map(cost, shifts) @ jnp.array([1.0, -8.0, 8.0, -1.0]) / (12 * step)
    error = 1e-6 * jnp.abs(exact) + 1e-9
    return Inequality(
        "GP §4.3",
        "𝓔′ = Re⟨u·P⟩ + Re⟨ΔF·P⟩",
        Bracket.estimated(quotient, error),
        exact,
        kind="identity",
        width=3 * error,
        parameters={"hbar": hbar, "t": duration},
    )


def optimal_coupling(
    p: Particles,
    mu: Particles,
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
    rank: int | None = None,
) -> tuple[Inequality, Inequality]:
    """E_ħ(t)² ≤ 𝓔(t) for the optimal coupling of t = 0 carried along, and Theorem 2.5 with E_ħ(t)² itself, for p ≠ μ.

    The step error of 𝓔 is estimated from half as many steps; `rank`: of R_μ (static).
    """
    pair = as_potential(pair)
    state = toeplitz_state(mu, grid, hbar)
    options = {"grid": grid, "hbar": hbar}
    start = semiquantum(p, state, **options, rank=rank)
    flows = VlasovParticles(pair), Hartree(grid, pair, hbar)
    settings = {**options, "duration": duration, "saves": 1, "coupling": start, "throw": False}
    run, coarse = (carry(p, state, *flows, steps=n, **settings) for n in (steps, steps // 2))
    error = jnp.abs(run.costs.cost[-1] - coarse.costs.cost[-1])
    end = semiquantum(run.particles, run.state, **options, rank=rank, warm_start=start).cost
    end = end.widen(error, rigorous=False)
    above = Inequality(
        "GP Lemma 4.2",
        "E_ħ(f(t), R(t))² ≤ 𝓔(t)",
        end,
        Bracket.estimated(run.costs.cost[-1], error),
        width=1e-6,
        parameters={"hbar": hbar, "t": duration},
    )
    stable = Inequality(
        "GP Theorem 2.5",
        "E_ħ(f(t), R(t))² ≤ e^{Λt}E_ħ(f, R)²",
        end,
        bound(start.cost, 0.5 * grid.dimension * hbar, lipschitz(pair), duration, "paper"),
        parameters={"hbar": hbar, "t": duration},
    )
    return above, stable


def husimi_distance(
    cloud: Particles,
    pair: Any,
    grid: Grid,
    phase_grid: PhaseGrid,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
) -> Inequality:
    """dist(f(t), W̃[R(t)])² ≤ e^{Λt}·½dħ + ½dħ for Töplitz data with f = μ (Theorem 2.5, second statement).

    W̃ is taken constant on the cells of `phase_grid`; what that changes is estimated by Σh²/12.
    """
    pair, state = as_potential(pair), toeplitz_state(cloud, grid, hbar)
    options = {"duration": duration, "steps": steps, "throw": False}
    f = evolve(VlasovParticles(pair), cloud, **options).state
    R = evolve(Hartree(grid, pair, hbar), state, **options).state
    values = husimi(R, grid, phase_grid, hbar)
    cells = Density(values / (jnp.sum(values) * phase_grid.cell), phase_grid)
    steps_of = [*phase_grid.position.spacing, *phase_grid.momentum.spacing]
    left = monge_kantorovich(f, cells, tolerance=1e-4)
    left = left.widen(sum(h**2 for h in steps_of) / 12, rigorous=False)
    floor = 0.5 * grid.dimension * hbar
    return Inequality(
        "GP Theorem 2.5",
        "dist(f(t), W̃[R(t)])² ≤ e^{Λt}½dħ + ½dħ",
        left,
        floor * jnp.exp(paper_rate(lipschitz(pair)) * duration) + floor,
        parameters={"hbar": hbar, "t": duration},
    )


def pure_state(
    cloud: Particles, grid: Grid, hbar: Scalar, stiffness: Scalar, *, duration: Scalar, steps: int
) -> Inequality:
    """E_ħ(f(t), |ψ(t)⟩⟨ψ(t)|)² = ½(|m−m′|² + tr Σ + tr S) under U = ½κx², against the moments moved by Φ_√κ (d = 1).

    For a pure R it does not tend to 0 with ħ: it is never below ½tr Σ(t).
    """
    psi = squeezed_state(grid, 0.4, -0.2, hbar, 1.5)
    options = {"duration": duration, "steps": steps, "throw": False}
    U = Harmonic(stiffness)
    f = evolve(Newton(U), cloud, **options).state
    end = evolve(Schrodinger(grid, U, hbar), psi, **options).state
    left = semiquantum(f, end, grid=grid, hbar=hbar).cost
    R = Gaussian(jnp.array([0.4, -0.2]), 0.5 * hbar * jnp.diag(jnp.array([1.5, 1 / 1.5])))
    flow = flow_matrix(stiffness, duration)
    z = jnp.concatenate([cloud.positions, cloud.momenta], axis=1) @ flow.T
    moved = flow @ R.covariance @ flow.T
    gaps = jnp.sum((z - (flow @ R.mean)[None, :]) ** 2, axis=1)
    right = 0.5 * (cloud.weights @ gaps + jnp.trace(moved))
    return Inequality(
        "GP §2.3, pure R",
        "E_ħ(f(t), |ψ⟩⟨ψ|)² = ½∫|z − m|²f + ½tr S(t)",
        left.widen(1e-7, rigorous=False),
        right,
        kind="identity",
        width=1e-6,
        parameters={"hbar": hbar, "t": duration},
    )


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
    share = 1 / jnp.asarray(number, float)
    modes = [quadratic_marginal(state, stiffness, jnp.inf, time) for state in (p, R)]
    centre = [quadratic_marginal(state, 0.0, jnp.inf, time) for state in (p, R)]
    shift = 0.5 * jnp.sum((modes[0].mean - modes[1].mean) ** 2)
    inner, outer = (gaussian_cost(_centred(a), _centred(b), hbar) for a, b in (modes, centre))
    cost = inner * (1 - share) + outer * share + shift
    start, floor = gaussian_cost(p, R, hbar), 0.5 * p.dimension * hbar
    right = bound(start, floor, jnp.abs(stiffness), time, constant).widen(ROUNDING)
    infinite = concrete(number) and np.isinf(number)
    paper = "GP Theorem 2.5" if infinite else "GP Theorem 2.7"
    return Inequality(
        paper if constant == "paper" else f"beyond {paper} (sharp)",
        "(1/N)E_ħ(F_N, R_N)² ≤ "
        + ("e^{Λt}E_ħ(0)²" if constant == "paper" else "δ cosh(θ_L + arccosh(E_ħ(0)²/δ))")
        + ", Gaussians",
        cost,
        right,
        width=1e-7 * jnp.abs(right.upper),
        parameters={"hbar": hbar, "kappa": stiffness, "1/N": share, "t": time},
    )


def _centred(state: Gaussian) -> Gaussian:
    return Gaussian(jnp.zeros_like(state.mean), state.covariance)


def _singular_vectors(L: Scalar, time: Scalar) -> Float[Array, "2 2"]:
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
    axes = _singular_vectors(L, time)
    spread = 0.5 * hbar * axes.T @ jnp.diag(jnp.array([squeezing, 1 / squeezing])) @ axes
    p = Gaussian(jnp.zeros(2), jnp.zeros((2, 2)))
    R = Gaussian(jnp.zeros(2), 0.5 * (spread + spread.T))
    return gaussian_growth(p, R, -L, hbar, time, constant="sharp")


def second_moment(
    cloud: Particles, pair: Any, *, duration: Scalar, steps: int, saves: int = 4
) -> Inequality:
    """Lemma 4.1: m₂(t) ≤ e^t(m₂(0) + ‖V‖∞) along the Vlasov flow of a cloud, at sampled times."""
    pair = as_potential(pair)
    size = jnp.maximum(jnp.abs(pair.lower_bound), jnp.abs(pair.upper_bound))
    require(jnp.isfinite(size), "pair", "be bounded", size)

    def half_square(z):
        squares = jnp.sum(z.positions**2 + z.momenta**2, axis=1)
        return 0.5 * z.weights @ squares

    system = VlasovParticles(pair)
    options = {"duration": duration, "saves": saves, "observe": half_square}
    fine, coarse = (evolve(system, cloud, steps=n, **options) for n in (steps, steps // 2))
    error = jnp.abs(fine.observed - coarse.observed)
    left = Bracket(fine.observed - error, fine.observed + error, rigorous=False)
    return Inequality(
        "GP Lemma 4.1",
        "m₂(t) ≤ e^t(m₂(0) + ‖V‖∞)",
        left,
        jnp.exp(fine.times) * (half_square(cloud) + size),
    )


def free_second_moment(cloud: Particles, duration: Scalar) -> Inequality:
    """m₂(t) = ½(⟨x²⟩ + 2t⟨xξ⟩ + (1 + t²)⟨ξ²⟩) for V = 0: the flow against the closed form."""
    end = evolve(Newton(lambda *x: 0 * x[0]), cloud, duration=duration, steps=4).state
    left = 0.5 * end.weights @ jnp.sum(end.positions**2 + end.momenta**2, axis=1)
    x, p, w = cloud.positions, cloud.momenta, cloud.weights
    right = jnp.sum(x**2 + 2 * duration * x * p + (1 + duration**2) * p**2, axis=1)
    return Inequality(
        "GP Lemma 4.1, V = 0",
        "m₂(t) = ½⟨|x + tξ|² + |ξ|²⟩",
        Bracket.estimated(left, 1e-13 * jnp.abs(left)),
        0.5 * w @ right,
        kind="identity",
        width=1e-11,
    )


def dobrushin(
    one: Particles,
    other: Particles,
    pair: Any,
    *,
    duration: Scalar,
    steps: int,
    rate: Scalar | None = None,
) -> Inequality:
    """dist(f, μ)(t)² ≤ e^{Λt}dist(f, μ)(0)² for two solutions of the Vlasov equation (the limit ħ → 0 of Theorem 2.5).

    `rate`: another rate in place of Λ: L, as in Dobrushin's form, is too small (a control).
    """
    pair = as_potential(pair)
    L = lipschitz(pair)
    rate = paper_rate(L) if rate is None else rate
    system = VlasovParticles(pair)
    ends = [evolve(system, z, duration=duration, steps=steps).state for z in (one, other)]
    before, after = monge_kantorovich(one, other), monge_kantorovich(*ends)
    return Inequality(
        "GP Theorem 2.5, ħ → 0",
        "dist(f, μ)(t)² ≤ e^{Λt}dist(f, μ)(0)²",
        after.widen(1e-7, rigorous=False),
        before * jnp.exp(rate * duration),
        parameters={"L": L, "t": duration},
    )
