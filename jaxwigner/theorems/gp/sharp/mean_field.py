"""Golse–Paul Theorem 2.6 where its consistency term K_N counts, and what fixes the sign and size of the mean force.

For any V and n = N the centre of mass of R_N moves freely, that of f^{⊗N} does not, and E_ħ² is the sum over both, so that

    (1/N)E_ħ(f(t)^{⊗N}, R_N(t))² ≥ (1/N)E_G(Cov f(t), Φ_0(Cov f + ½ħ)Φ_0ᵀ)² + (1 − 1/N)½dħ          (beyond the paper)

with E_G the value for Gaussians of these covariances and Φ_0 the free flow. For f at rest and ħ ~ 1/N the left side of Theorem 2.6
begins near 0, and all of its bound is K_N.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_choice, check_integer
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import ManyBodyNewton, VlasovParticles
from jaxwigner.compiled import Static, once
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.potentials import Harmonic, as_potential
from jaxwigner.quantum import ManyBody, quadratic_marginal
from jaxwigner.states import Gaussian, Particles
from jaxwigner.states.quadratic import flow_matrix
from jaxwigner.theorems.gp.consistency import consistency
from jaxwigner.theorems.gp.rates import lipschitz, mean_field_rate
from jaxwigner.transport import gelbrich_bound, moments

FORMS = ("paper", "sharp")
NODES = 8  # intervals of Simpson's rule in time


def cold_bodies(
    cloud: Particles,
    pair: Any,
    hbar: Scalar,
    number: Scalar,
    *,
    duration: Scalar,
    steps: int,
    form: str = "sharp",
) -> Inequality:
    """The lower bound of (1/N)E_ħ(f^{⊗N}, R_N)² by the centre of mass ≤ the bound of Theorem 2.6 with K_N itself, d = 1.

    **Arguments:** `cloud`: f at time 0; R_N starts as the Töplitz state of f^{⊗N}, so that E_ħ(0)²/N = ½ħ; `form`: "paper"
    (rate Γ) or "sharp" (square roots, rate ½(1 + L)).
    """
    check_choice("form", form, FORMS)
    pair = as_potential(pair)
    left, rights = _cold(cloud, pair, hbar, number, duration, Static(steps))
    return Inequality(
        "GP Theorem 2.6" if form == "paper" else "beyond GP Theorem 2.6",
        "the centre of mass' part of (1/N)E_ħ(f^{⊗N}, R_N)² ≤ the bound with K_N itself",
        left,
        rights[form],
        parameters={"hbar": hbar, "N": number, "t": duration},
    )


@once
def _cold(cloud, pair, hbar, number, duration, steps: Static):
    """The part of the centre of mass, and the bound in both forms."""
    options = {"duration": duration, "steps": steps.value, "saves": NODES}
    run = evolve(VlasovParticles(pair), cloud, **options)
    K = jax.vmap(lambda f: consistency(f, pair, number))(run.observed)
    L, floor = lipschitz(pair), 0.5 * hbar
    rights = {
        form: by_halves(lambda K, form=form: bound_with(floor, K, L, duration, form), K)
        for form in FORMS
    }
    begin, end = moments(cloud), moments(run.state)
    free, half = flow_matrix(0.0, duration), floor * jnp.eye(2)
    quantum = Gaussian(jnp.zeros(2), free @ (begin.covariance + half) @ free.T)
    centre = gelbrich_bound(Gaussian(jnp.zeros(2), end.covariance), quantum, hbar)
    return centre / number + (1 - 1 / number) * floor, rights


def root_bound(start: Scalar, K: Array, L: Scalar, time: Scalar) -> Array:
    """(e^{gt}E + ∫e^{g(t−s)}(K_N(s)/2)^{½}ds)², g = ½(1 + L): K at equidistant times, an odd number of them, E² = `start`.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.gp.sharp.mean_field import NODES, root_bound
    >>> K = jnp.full(NODES + 1, 0.02)
    >>> round(float(root_bound(0.0, K, 1.0, 0.5)), 6)  # (.1(√e − 1))²
    0.004208
    """
    g = 0.5 * (1 + L)
    grown = jnp.sqrt(start) * jnp.exp(g * time)
    return (grown + _grown(jnp.sqrt(K / 2), g, time)) ** 2


def by_halves(bound_of: Callable[[Array], Array], K: Array) -> Bracket:
    """A bound from K at `NODES` + 1 times, with its distance to that from every other one as the error of the quadrature."""
    fine = bound_of(K)
    return Bracket.estimated(fine, jnp.abs(fine - bound_of(K[::2])))


def _grown(values: Array, rate: Scalar, time: Scalar) -> Array:
    """∫_0^t e^{rate(t−s)}f(s)ds by Simpson's rule."""
    intervals = len(values) - 1
    s = jnp.linspace(0.0, 1.0, intervals + 1) * time
    weights = np.array([1.0, *[4.0, 2.0] * (intervals // 2 - 1), 4.0, 1.0]) / (3 * intervals)
    return time * jnp.sum(weights * jnp.exp(rate * (time - s)) * values)


def bound_with(start: Scalar, K: Array, L: Scalar, time: Scalar, form: str) -> Array:
    """That of Theorem 2.6 with K_N itself, e^{Γt}E² + ½∫e^{Γ(t−s)}K_N(s)ds, or `root_bound`."""
    if form == "sharp":
        return root_bound(start, K, L, time)
    rate = mean_field_rate(L)
    return start * jnp.exp(rate * time) + _grown(K / 2, rate, time)


def correlated_consistency(cloud: Particles, pair: Any, number: Scalar) -> Inequality:
    """K_N for bodies 2 … N that are all at one place, against the bound for independent ones: a negative control of §5.4, d = 1.

    K_N = ∫∫|((N−1)/N)∇V(x − y) − ∇V⋆ρ(x)|²ρ(dx)ρ(dy) does not fall with N.
    """
    pair = as_potential(pair)
    x, w = cloud.positions[:, 0], cloud.weights
    (force,) = pair.gradient(x[:, None] - x[None, :])
    left = w @ (((1 - 1 / number) * force - (force @ w)[:, None]) ** 2) @ w
    right = 8 * pair.gradient_bound**2 / (number - 1)
    law = "K_N ≤ 8‖∇V‖²/(N−1), bodies 2 … N at one place"
    return Inequality("GP §5.4", law, left, right, parameters={"N": number})


def quantum_force(
    grid: Grid, hbar: Scalar, stiffness: Scalar, *, duration: Scalar, steps: int
) -> Inequality:
    """⟨x²⟩ of one of two bodies under V = ½κx² on the grid of both, against `quadratic_marginal`: (1/N)Σ_{j<k}V with N = 2."""
    (x,) = grid.axes
    psi = (jnp.pi * hbar) ** -0.25 * jnp.exp(-((x - 0.4) ** 2) / (2 * hbar)) + 0j
    system = ManyBody(grid, Harmonic(stiffness), hbar, 2, symmetric=False)
    options = {"duration": duration, "steps": steps, "throw": False}
    end = evolve(system, psi[:, None] * psi[None, :], **options).state
    left = jnp.sum(x[:, None] ** 2 * jnp.abs(end) ** 2) * grid.cell**2
    start = Gaussian(jnp.array([0.4, 0.0]), 0.5 * hbar * jnp.eye(2))
    return _second_moment(left, start, stiffness, 2, duration, 1e-6, "N bodies, Schrödinger")


def classical_force(
    stiffness: Scalar, number: int, *, duration: Scalar, steps: int, points: int = 2048
) -> Inequality:
    """The same for N classical bodies, started in a sample of f^{⊗N} whose covariances are those of f^{⊗N} exactly."""
    check_integer("number", number, at_least=2)
    z = np.random.default_rng(0).normal(size=(points // 2, 2 * number))
    z = np.concatenate([z, -z])
    z = z @ np.linalg.inv(np.linalg.cholesky(z.T @ z / points)).T
    start = Gaussian(jnp.zeros(2), jnp.diag(jnp.array([0.5, 0.3])))
    scale = np.sqrt(np.array([0.5, 0.3]))
    weights = jnp.full(points, 1 / points)
    Z = Particles(weights, scale[0] * z[:, :number], scale[1] * z[:, number:])
    options = {"duration": duration, "steps": steps, "throw": False}
    end = evolve(ManyBodyNewton(Harmonic(stiffness), number), Z, **options).state
    left = weights @ end.positions[:, 0] ** 2
    return _second_moment(left, start, stiffness, number, duration, 1e-6, "N bodies, Newton")


def _second_moment(left, start, stiffness, number, duration, error, who) -> Inequality:
    one = quadratic_marginal(start, stiffness, number, duration)
    return Inequality(
        "GP (10)",
        f"⟨x²⟩ of one body, V = ½κ|x|², exactly: {who}",
        Bracket.estimated(left, error),
        one.covariance[0, 0] + one.mean[0] ** 2,
        kind="identity",
        width=3 * error,
        parameters={"kappa": stiffness, "N": number, "t": duration},
    )
