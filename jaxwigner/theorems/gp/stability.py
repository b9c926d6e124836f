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
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_choice, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import Newton, VlasovParticles
from jaxwigner.compiled import Static, once
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.observables import density_of
from jaxwigner.phase_space import husimi, toeplitz_state
from jaxwigner.potentials import Harmonic, as_potential
from jaxwigner.potentials.pairs.on_grids import force_field
from jaxwigner.potentials.pairs.on_particles import PairSum
from jaxwigner.quantum import Hartree, Schrodinger
from jaxwigner.states import Density, Gaussian, Particles, squeezed_state
from jaxwigner.states.quadratic import flow_matrix
from jaxwigner.theorems.errors import by_steps
from jaxwigner.theorems.gp.gaussians import extremal_growth as extremal_growth
from jaxwigner.theorems.gp.gaussians import gaussian_growth as gaussian_growth
from jaxwigner.theorems.gp.moments import dobrushin as dobrushin
from jaxwigner.theorems.gp.moments import free_second_moment as free_second_moment
from jaxwigner.theorems.gp.moments import second_moment as second_moment
from jaxwigner.theorems.gp.rates import CONSTANTS as CONSTANTS
from jaxwigner.theorems.gp.rates import angle as angle
from jaxwigner.theorems.gp.rates import bound as bound
from jaxwigner.theorems.gp.rates import lipschitz as lipschitz
from jaxwigner.theorems.gp.rates import paper_rate as paper_rate
from jaxwigner.theorems.gp.toeplitz import carried
from jaxwigner.transport import (
    monge_kantorovich,
    moving_cost,
    packet_cost,
    packet_rate,
    semiquantum,
)


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
    check_choice("constant", constant, CONSTANTS)
    pair = as_potential(pair)
    L = lipschitz(pair)
    left, rights = _carried_twice(cloud, pair, grid, hbar, duration, Static((steps, saves)))
    return Inequality(
        "GP Theorem 2.5" if constant == "paper" else "beyond GP Theorem 2.5 (sharp)",
        "E_ħ(f(t), R(t))² ≤ " + ("e^{Λt}·½dħ" if constant == "paper" else "½dħ cosh θ_L(t)"),
        left,
        rights[constant],
        parameters={"hbar": hbar, "L": L},
    )


@once
def _carried_twice(cloud, pair, grid, hbar, duration, counts: Static):
    """Between which values E_ħ² lies after the start, and its bound by each constant."""
    steps, saves = counts.value

    def costs(count):
        run = carried(cloud, pair, grid, hbar, steps=count, saves=saves, duration=duration)
        return run.times[1:], run.costs.cost[1:]

    (times, cost), (_, coarse) = by_steps(costs, (steps, steps // 2), (cloud, pair, hbar, duration))
    floor, L = 0.5 * grid.dimension * hbar, lipschitz(pair)
    least = floor * jnp.ones_like(cost)
    start = Bracket.exact(least)
    rights = {one: bound(start, floor, L, times, one) for one in CONSTANTS}
    return Bracket(least, cost + jnp.abs(cost - coarse), rigorous=False), rights


def frozen_growth(
    cloud: Particles, pair: Any, *, duration: Scalar, steps: int | Array
) -> Float[Array, ""]:
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
    """lim_{ħ→0} 𝓔(t)/(½dħ) = (1/2d)E tr(DZᵀDZ), extrapolated linearly from the two smallest ħ (beyond the paper).

    The right side is a run of twice as many `steps`; its error is estimated from one of `steps`.
    """
    pair = as_potential(pair)
    require(len(hbars) >= 2, "hbars", "have at least two entries", hbars)

    def growth(hbar):
        run = carried(cloud, pair, grid, hbar, duration=duration, steps=steps, saves=1)
        return run.costs.cost[-1] / (0.5 * grid.dimension * hbar)

    hbars = jnp.sort(jnp.asarray(hbars))[::-1]
    values = lax.map(growth, hbars)
    slope = (values[-2] - values[-1]) / (hbars[-2] - hbars[-1])
    limit = values[-1] - slope * hbars[-1]
    exact, coarse = by_steps(
        lambda count: frozen_growth(cloud, pair, duration=duration, steps=count),
        (2 * steps, steps),
        (cloud, pair, duration),
    )
    return Inequality(
        "beyond GP Theorem 2.5",
        "𝓔(t)/½dħ → (1/2d)E tr(DZᵀDZ) as ħ → 0",
        Bracket.estimated(limit, 0.2 * jnp.abs(slope * hbars[-1])),
        Bracket.estimated(exact, jnp.abs(exact - coarse)),
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
    flows, data = (VlasovParticles(pair), Hartree(grid, pair, hbar)), (p, state)
    settings = {"duration": duration, "throw": False}
    later, coarse = by_steps(
        lambda count: [evolve(*one, steps=count, **settings).state for one in zip(flows, data)],
        (steps, steps // 2),
        (data, flows, duration),
    )
    start, end = _at_both_times(
        lambda one: semiquantum(*one, **options, rank=rank), [data, tuple(later)]
    )
    carried_cost, other = (moving_cost(start, *one, **options).cost for one in (later, coarse))
    error = jnp.abs(carried_cost - other)
    end = end.cost.widen(error, rigorous=False)
    above = Inequality(
        "GP Lemma 4.2",
        "E_ħ(f(t), R(t))² ≤ 𝓔(t)",
        end,
        Bracket.estimated(carried_cost, error),
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


def _at_both_times(measure: Any, pairs: list[Any]) -> list[Any]:
    """What is measured of each pair; inside of a program one after the other in a loop: one program, not two."""
    if concrete(pairs):
        return [measure(pair) for pair in pairs]
    found = lax.map(measure, jax.tree.map(lambda *leaves: jnp.stack(leaves), *pairs))
    return [jax.tree.map(lambda leaf, k=k: leaf[k], found) for k in range(len(pairs))]


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
