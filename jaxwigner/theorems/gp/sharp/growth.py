"""Golse–Paul Theorems 2.5 with E_ħ itself at both ends: squeezed pure states, mixed ones that are no Töplitz states, f ≠ μ.

For p = δ_z and for pure R the product is the only coupling, E_ħ² = ½∫|z − m|²p + ½tr S, and the moments say all. For the rest
`semiquantum` is solved at the beginning and at the end. Beside the bound from above there is a value that the dynamics must
reach: a force of the wrong sign or size leaves the interval.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxwigner._types import Array
from jaxwigner.classical import VlasovParticles
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import toeplitz_state
from jaxwigner.potentials import as_potential
from jaxwigner.quantum import Hartree
from jaxwigner.states import MixedState, Particles
from jaxwigner.theorems.errors import halved, moment_errors, refined
from jaxwigner.theorems.gp.rates import bound, growth_claims, lipschitz
from jaxwigner.transport import monge_kantorovich, quantum_moments, semiquantum


def moved(
    p: Particles, R: MixedState, pair: Any, grid: Grid, hbar: Scalar, **options: Any
) -> tuple[Particles, MixedState]:
    """f(t) by Vlasov's equation and R(t) by Hartree's. `options`: duration, steps."""
    f = evolve(VlasovParticles(pair), p, **options, throw=False).state
    return f, evolve(Hartree(grid, pair, hbar), R, **options, throw=False).state


def growth(
    p: Particles,
    R: MixedState,
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
) -> dict[str, Inequality]:
    """Theorem 2.5 by E_ħ(f, R)² at 0 and at `duration`, for both constants.

    In the errors: half as many steps, and what the grid may hide (`moment_error`).
    """
    pair, rank = as_potential(pair), R.weights.shape[0]

    def cost(arguments):
        length, number = arguments
        f, end = moved(p, R, pair, grid, hbar, duration=length, steps=number)
        found = semiquantum(f, end, grid=grid, hbar=hbar, rank=rank).cost
        return found.widen(moment_errors(end, grid, hbar), rigorous=False)

    # One program for the beginning, the end, and the end by half as many steps.
    lengths = jnp.array([0.0, 1.0, 1.0]) * duration
    costs = lax.map(cost, (lengths, jnp.array([1, steps, steps // 2])))
    start, end, coarse = (jax.tree.map(lambda leaf, k=k: leaf[k], costs) for k in range(3))
    floor = 0.5 * grid.dimension * hbar
    what = "E_ħ(f(t), R(t))²"
    return growth_claims(
        "Theorem 2.5", what, refined(end, coarse), start, floor, pair, duration, hbar=hbar
    )


def point_distance(
    mu: Particles, pair: Any, grid: Grid, hbar: Scalar, *, duration: Scalar, steps: int
) -> Inequality:
    """dist(f(t), W̃[R(t)])² ≤ e^{Λt}(dist(f, μ)² + ½dħ) + ½dħ (the third statement of Theorem 2.5) for f = δ₀ ≠ μ and R = R_μ.

    μ must be symmetric, so that the point stays at 0: then dist² is the second moment of W̃, which is ½tr of ⟨ẑẑᵀ⟩ + ½dħ.
    """
    pair = as_potential(pair)
    R, d = toeplitz_state(mu, grid, hbar), grid.dimension
    origin = Particles(jnp.ones(1), jnp.zeros((1, d)), jnp.zeros((1, d)))

    def left(n: Array) -> tuple[Array, Array]:
        f, end = moved(origin, R, pair, grid, hbar, duration=duration, steps=n)
        seen = quantum_moments(end, grid=grid, hbar=hbar)
        gap = jnp.concatenate([f.positions[0], f.momenta[0]]) - seen.mean
        cost = 0.5 * (jnp.sum(gap**2) + jnp.trace(seen.covariance) + d * hbar)
        return cost, moment_errors(end, grid, hbar)

    start = monge_kantorovich(origin, mu) + 0.5 * d * hbar
    return Inequality(
        "GP Theorem 2.5",
        "dist(f(t), W̃[R(t)])² ≤ e^{Λt}(dist(f, μ)² + ½dħ) + ½dħ, f = δ₀",
        halved(left, steps),
        bound(start, 0.5 * d * hbar, lipschitz(pair), duration, "paper") + 0.5 * d * hbar,
        parameters={"hbar": hbar, "t": duration},
    )
