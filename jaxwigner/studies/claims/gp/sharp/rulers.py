"""G2, G4, G20: coherent states resolve the identity, the heat that makes W positive; two packets in the plane; points that part."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.inequality import Inequality
from jaxwigner.states import Particles
from jaxwigner.studies.claims.claim import case, control, more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.studies.claims.gp.data import cloud
from jaxwigner.theorems import comparison, stability
from jaxwigner.theorems.gp.sharp import coherent, states
from jaxwigner.transport import monge_kantorovich


@more("G2", cost=3)
def coherent_states(full: bool):
    """(4) and (6) of GP §2.1, and ¼ as the least time of the heat flow. Controls: a factor, a lattice that is too thin, less heat."""
    grid, levels = Grid(-12.0, 12.0, 192), 8
    phase = PhaseGrid(Grid(-7.0, 7.0, 96), Grid(-7.0, 7.0, 90))
    rng = np.random.default_rng(0)
    v = rng.normal(size=levels) + 1j * rng.normal(size=levels)
    span = lambda h, rho: coherent.spanned(grid, h, rho, jnp.asarray(v), allowed=1e-9)  # noqa: E731

    @lightly
    def program(h):
        return (
            coherent.identity_resolved(grid, h),
            coherent.identity_resolved(grid, h, factor=1.0),
            span(h, 2.0),
            span(h, 0.7),
            coherent.heated(grid, phase, h, 0.25),
            coherent.heated(grid, phase, h, 0.24),
        )

    resolved, bare, dense, thin, positive, early = program(0.5)
    yield case("OP(1) = 1", resolved)
    yield control("OP(1) without (2πħ)⁻¹", bare)
    yield case("lattice of two packets per 2πħ", dense)
    yield control("lattice of .7 packets per 2πħ", thin)
    yield case("heat of time ħ/4, level 3", positive)
    yield control("heat of time .24ħ, level 3", early)


@more("G4", cost=3)
def in_the_plane(full: bool):
    """d = 2, two packets: equality for p = μ and for p a point; all of the bound for two others. Control: ½ħ, the floor of d = 1."""
    mu, half = (
        (np.array([[0.6, -0.2], [-0.5, 0.4]]), np.array([[0.1, 0.3], [0.2, -0.6]])),
        [0.5] * 2,
    )
    point = np.array([[0.3, 0.2]] * 2), np.array([[-0.1, 0.4]] * 2)
    others = np.array([[1.5, -0.4], [-0.9, 1.2]]), np.array([[0.9, 0.3], [0.0, -1.4]])
    above = lightly(
        lambda x, xi: comparison.toeplitz_above(
            Particles(half, x, xi), Particles(half, *mu), 0.15, rank=2
        )
    )
    same = above(*mu)
    yield case("d = 2, p = μ: equality", same, "tight")
    yield case("d = 2, p a point: equality", above(*point), "tight")
    yield from two_sided("d = 2, two points and two packets", above(*others), 0.99, 1.001)
    yield control("d = 2, p = μ, the floor of d = 1", same.with_constant(0.5))


@more("G20", cost=2)
def shifted_cloud(full: bool):
    """dist of a cloud and its shift is ½|a|²: the solver for clouds by Sinkhorn's iteration has the ½ of the definition."""
    z, a = cloud(48), (0.3, -0.4)
    shifted = Particles(z.weights, z.positions + a[0], z.momenta + a[1])
    found = lightly(lambda p, q: monge_kantorovich(p, q, method="sinkhorn"))(z, shifted)
    law = "dist(f, f(· − a))² = ½|a|², the ruler of Dobrushin's estimate"
    exact = 0.5 * (a[0] ** 2 + a[1] ** 2)
    claim = Inequality("GP Theorem 2.5", law, found, exact, kind="identity", width=2e-3 * exact)
    yield case("shifted cloud", claim)
    yield control("W₂² in place of ½W₂²", claim.with_constant(2.0))


@more("G20", cost=2)
def points_that_part(full: bool):
    """δ₀ and ½(δ_{cv} + δ_{−cv}) under V = (L/k²)cos kx, nearly −½L|x|²: the two points are stretched by e^{θ_L/2}, which is .59 of the
    paper's bound and all of the sharp one. Λ = 1 in place of 2, or e^{Lt}, is 1.6 or 2.7 times too small (a control).
    """
    L, time, c = 0.5, 1.0, 0.1
    v = states.stretched(L, time)
    one = Particles(jnp.ones(1), jnp.zeros(1), jnp.zeros(1))
    places = c * jnp.array([1.0, -1.0])
    two = Particles(jnp.full(2, 0.5), places * v[0], places * v[1])

    numbers = {"duration": time, "steps": 64}
    paper = lightly(lambda f, mu: stability.dobrushin(f, mu, states.hill(L), **numbers))(one, two)
    law = "dist(f, μ)(t)² ≤ e^{θ_L(t)}dist(f, μ)(0)²"
    grown = 0.5 * c**2 * jnp.exp(stability.angle(L, time))
    sharp = Inequality("beyond GP Theorem 2.5 (sharp)", law, paper.lhs, grown)
    yield from two_sided("a point and two that part", paper, 0.585, 0.605)
    yield from two_sided("a point and two that part, sharp form", sharp, 0.99, 1.001)
    printed = paper.with_constant(jnp.exp((L - stability.paper_rate(L)) * time))
    yield control("e^{Lt}, a point and two that part", printed)
