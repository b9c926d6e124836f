"""G9–G17, G19, G20: the square of limits. N bodies and one, quantum and classical, and how E_ħ grows along the four flows."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.potentials import Cosine
from jaxwigner.potentials import Gaussian as Hill
from jaxwigner.states import Particles
from jaxwigner.studies.claims.claim import CONTROL, measures, row
from jaxwigner.studies.claims.gp.data import COSINE, HBAR, box, cloud, pair_of_gaussians, two_bodies
from jaxwigner.theorems import mean_field, stability


@measures("G9")
def second_moments(full: bool):
    """Lemma 4.1 for repulsion and attraction; free motion in closed form; the control starts the bound at half its value."""
    z = cloud(64)
    for name, pair in (("cosine", COSINE), ("attractive hill", Hill(-1.0, 1.0))):
        claim = jax.jit(
            lambda z, pair=pair: stability.second_moment(z, pair, duration=2.0, steps=60)
        )(z)
        yield row("G9", name, claim)
    yield row("G9", "free motion", stability.free_second_moment(z, 2.0))
    yield row("G9", "a quarter of the constant", claim.with_constant(0.25), CONTROL)


@measures("G10")
def gaussian_data(full: bool):
    """Theorem 2.5 for quadratic V, both sides exact; equality of the sharp form; the control is e^{Lt}."""
    p, R = pair_of_gaussians()

    @jax.jit
    def both(stiffness, time):
        return [
            stability.gaussian_growth(p, R, stiffness, 0.2, time, constant=constant)
            for constant in stability.CONSTANTS
        ]

    for stiffness in (1.0, -1.0, 0.25):
        paper, sharp = both(stiffness, 1.0)
        yield row("G10", f"κ = {stiffness}", paper)
        yield row("G10", f"κ = {stiffness}, sharp form", sharp)
    extremal = jax.jit(lambda L, t: stability.extremal_growth(L, 0.2, t))
    for L in (0.25, 1.0, 4.0):
        yield row("G10", f"extremal state, L = {L}", extremal(L, 1.0), ("tight", "holds"))
    yield row("G10", "rate L in place of 1 + L", _with_rate_L(extremal(1.0, 1.0)), CONTROL)


def _with_rate_L(claim):
    """e^{Lt}E_ħ(0)² at L = t = 1: E_ħ(0)² is ½ħ cosh of the squeezing, here 4."""
    start = 0.5 * 0.2 * 0.5 * (4 + 1 / 4)
    return claim.with_constant(np.e * start / claim.rhs.upper)


@measures("G11")
def nonlinear(full: bool):
    """Theorem 2.5 for V = cos x and 64 packets; its limit ħ → 0; the identity for 𝓔′; p ≠ μ with the optimal coupling."""
    z, grid = cloud(150 if full else 64), box(512)
    program = jax.jit(
        lambda hbar, constant: stability.carried_coupling(
            z, COSINE, grid, hbar, duration=1.5, steps=60, constant=constant
        ),
        static_argnums=1,
    )
    for constant in stability.CONSTANTS:
        yield row("G11", f"cosine, {constant} constant", program(HBAR, constant))
    hbars = np.array([0.05, 0.025]) if full else np.array([0.1, 0.05])
    fine = box(2048 if full else 1024)
    limit = jax.jit(
        lambda h: stability.semiclassical_growth(z, COSINE, fine, h, duration=1.0, steps=120)
    )
    yield row("G11", "ħ → 0", limit(hbars))
    rate = jax.jit(
        lambda h: stability.cost_rate(cloud(16), COSINE, grid, h, duration=1.0, steps=40)
    )
    yield row("G11", "𝓔′ of §4.3", rate(HBAR))
    yield from _between_two_clouds()
    yield row("G11", "a tenth of the bound", program(HBAR, "sharp").with_constant(0.1), CONTROL)


def _between_two_clouds():
    p, mu, grid = cloud(12, 0.5, 1), cloud(4, 0.3, 2), box(256)
    above, stable = jax.jit(
        lambda h: stability.optimal_coupling(p, mu, COSINE, grid, h, duration=0.5, steps=30, rank=4)
    )(0.2)
    yield row("G11", "p ≠ μ: coupling carried", above, ("holds", "tight"))
    yield row("G11", "p ≠ μ: Theorem 2.5", stable)


@measures("G12")
def distances(full: bool):
    """The same in terms of Husimi functions; the control has neither growth nor the second ½dħ."""
    phase = PhaseGrid(Grid(-4.5, 4.5, 32), Grid(-4.5, 4.5, 34))
    claim = jax.jit(
        lambda z: stability.husimi_distance(z, COSINE, box(256), phase, 0.2, duration=0.5, steps=30)
    )(cloud(12))
    yield row("G12", "cosine, 12 packets", claim)
    yield row("G12", "a hundredth of the bound", claim.with_constant(0.01), CONTROL)


@measures("G13")
def pure_states(full: bool):
    """A pure R is coupled to everything alike; the control is the value that a Töplitz state would have."""
    program = jax.jit(
        lambda z: stability.pure_state(z, Grid(-9.0, 9.5, 192), 0.2, 1.3, duration=0.8, steps=20)
    )
    claim = program(cloud(20))
    yield row("G13", "squeezed state in a trap", claim)
    yield row("G13", "half the value", claim.with_constant(0.5), CONTROL)


@measures("G17")
def uniform_in_the_number(full: bool):
    """Theorem 2.7 from N = 2 to 10⁴ (quadratic V) and on the grid of two bodies (V = cos x)."""
    p, R = pair_of_gaussians()
    numbers = jnp.array([2.0, 3.0, 10.0, 100.0, 1e4])
    for constant in stability.CONSTANTS:
        claims = jax.jit(
            jax.vmap(
                lambda N, constant=constant: stability.gaussian_growth(
                    p, R, -1.0, 0.2, 1.0, number=N, constant=constant
                )
            )
        )(numbers)
        yield row("G17", f"quadratic V, {constant} constant", claims)
    run, coarse = two_bodies("nbody")
    for constant in stability.CONSTANTS:
        claim = mean_field.body_bound(
            run, coarse, COSINE, 0.3, 1.0, theorem="2.7", constant=constant
        )
        yield row("G17", f"cosine, N = 2, {constant} constant", claim)
    yield row("G17", "a fifth of the sharp bound", claim.with_constant(0.2), CONTROL)


@measures("G20")
def two_solutions(full: bool):
    """Dobrushin's estimate between two Vlasov solutions; with e^{Lt} it fails for free motion."""
    z = cloud(64)
    shift = np.random.default_rng(4).normal(size=(2, 64, 1)) * 0.05
    other = Particles(z.weights, z.positions + shift[0], z.momenta + shift[1] + 0.05)
    claim = stability.dobrushin(z, other, COSINE, duration=1.0, steps=40)
    yield row("G20", "cosine", claim)
    boosted = Particles(z.weights, z.positions, z.momenta + 0.1)
    free = Cosine(0.0, 1.0)
    yield row("G20", "free motion", stability.dobrushin(z, boosted, free, duration=2.0, steps=10))
    printed = stability.dobrushin(z, boosted, free, duration=2.0, steps=10, rate=0.0)
    yield row("G20", "e^{Lt}, free motion", printed, CONTROL)
