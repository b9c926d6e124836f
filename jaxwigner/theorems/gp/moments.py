"""Second moments along the Vlasov flow and distances between two Vlasov solutions.

Golse–Paul Lemma 4.1    m₂(t) ≤ e^t (m₂(0) + ‖V‖∞),   m₂ = ½∫(|x|² + |ξ|²)f
Dobrushin               dist(f, μ)(t)² ≤ e^{Λt} dist(f, μ)(0)²
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import Newton, VlasovParticles
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.potentials import as_potential
from jaxwigner.states import Particles
from jaxwigner.theorems.errors import by_steps
from jaxwigner.theorems.gp.rates import lipschitz, paper_rate
from jaxwigner.transport import (
    monge_kantorovich,
)


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

    def run(count):
        found = evolve(system, cloud, steps=count, **options)
        return found.observed, found.times

    (fine, times), (coarse, _) = by_steps(run, (steps, steps // 2), (cloud, pair, duration))
    error = jnp.abs(fine - coarse)
    left = Bracket(fine - error, fine + error, rigorous=False)
    return Inequality(
        "GP Lemma 4.1",
        "m₂(t) ≤ e^t(m₂(0) + ‖V‖∞)",
        left,
        jnp.exp(times) * (half_square(cloud) + size),
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
    steps: int | Array,
    rate: Scalar | None = None,
) -> Inequality:
    """dist(f, μ)(t)² ≤ e^{Λt}dist(f, μ)(0)² for two solutions of the Vlasov equation (the limit ħ → 0 of Theorem 2.5).

    In the error: how far the points are after half as many steps, by the triangle inequality.

    `rate`: another rate in place of Λ: L, as in Dobrushin's form, is too small (a control).
    """
    pair = as_potential(pair)
    L, system = lipschitz(pair), VlasovParticles(pair)

    def end(z: Particles) -> tuple[Particles, Array]:
        fine, coarse = (
            evolve(system, z, duration=duration, steps=n).state for n in (steps, steps // 2)
        )
        gaps = (fine.positions - coarse.positions) ** 2 + (fine.momenta - coarse.momenta) ** 2
        return fine, jnp.sqrt(0.5 * z.weights @ jnp.sum(gaps, axis=1))

    (f, here), (mu, there) = end(one), end(other)
    before, after = monge_kantorovich(one, other), monge_kantorovich(f, mu)
    off = here + there
    after = after.widen(1e-7 + (2 * jnp.sqrt(after.upper) + off) * off, rigorous=False)
    rate = paper_rate(L) if rate is None else rate
    return Inequality(
        "GP Theorem 2.5, ħ → 0",
        "dist(f, μ)(t)² ≤ e^{Λt}dist(f, μ)(0)²",
        after,
        before * jnp.exp(rate * duration),
        parameters={"L": L, "t": duration},
    )
