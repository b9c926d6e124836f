"""G2, G20: coherent states as a resolution of the identity, the heat that makes W positive, and dist of a cloud and its shift."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.inequality import Inequality
from jaxwigner.states import Particles
from jaxwigner.studies.claims.claim import case, control, more
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.studies.claims.gp.data import cloud
from jaxwigner.theorems.gp.sharp import coherent
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
