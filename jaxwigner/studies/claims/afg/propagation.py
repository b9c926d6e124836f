"""A7, A8: bounds along an evolution that do not know ħ."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.phase_space import GaussianTest
from jaxwigner.potentials import Cosine, Harmonic
from jaxwigner.states import coherent_state
from jaxwigner.studies.claims.claim import case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import propagation


@claim("A7", "AFG (21), (22), (23)", cost=3)
def time_derivative(full: bool):
    """d/dt ∫∫Wφ is bounded uniformly in ħ.

    **Beyond:** the explicit constant.

    The time derivative of ∫∫Wφ for a packet that crosses the slope of φ, at several ħ; each of its terms alone, nearly attained by a
    φ that is seen at one lag. Means of positions move as fast as (22) allows. Control: half the constant.
    """
    hbars = np.array([0.08, 0.04, 0.02] + ([0.01] if full else []))
    grid = Grid(-3.0, 3.5, 1024 if full else 512)
    width = 0.5
    test = GaussianTest(lambda x: jnp.exp(-((x - 0.2) ** 2) / (2 * width**2)), 1.5, width)
    slope = math.exp(-0.5) / width
    lags = int(test.reach(1e-14) * hbars[0] / grid.spacing[0])

    def program(hbar):
        psi = coherent_state(grid, -0.6, 1.5, hbar)
        return propagation.rate_of_change(
            psi,
            Cosine(0.2),
            grid,
            test,
            hbar,
            slope=slope,
            duration=1.2,
            steps=24,
            saves=12,
            lags=lags,
        )

    claims = lightly(jax.vmap(program))(hbars)
    series = {"hbar": hbars, "largest": claims.lhs.centre, "bound": claims.rhs.centre}
    yield case("packet across φ, every ħ", claims, series=series)
    yield control("half the constant", claims.with_constant(0.5))


@claim("A8", "AFG Lemma 3.3, Theorem 1.1 (ii)", cost=3)
def tightness(full: bool):
    """positions and momenta stay tight, with explicit constants.

    *Given* U bounded below. **Beyond:** the constants; AFG have R₀ = R/2.

    *Corrected:* the sign of the commutator in the proof (harmless), and which cut-off is taken: one that is 1 at infinity.
    Controls: half the constant, and U = −3x², which is not bounded below.
    """
    hbars = np.array([0.08, 0.04, 0.02] + ([0.01] if full else []))
    grid = Grid(-3.5, 6.5, 1280 if full else 640)
    times = {"duration": 1.6, "steps": 48, "saves": 16}

    def program(hbar):
        psi = coherent_state(grid, 0.6, 1.8, hbar)
        potential = Cosine(0.2)
        return (
            propagation.position_tail(psi, potential, grid, hbar, radius=3.0, inner=1.0, **times),
            # Further out the bound is below 1, the most that a mass can be.
            propagation.position_tail(psi, potential, grid, hbar, radius=5.0, inner=1.0, **times),
            propagation.momentum_tail(psi, potential, grid, hbar, radius=2.2, **times),
        )

    position, outer, momentum = lightly(jax.vmap(program))(hbars)
    moments = np.linspace(0.0, times["duration"], times["saves"] + 1)
    series = {
        "hbar": hbars,
        "time": moments,
        "mass": position.lhs.centre,
        "bound": position.rhs.centre,
    }
    yield case("positions stay tight", position, series=series)
    yield case("positions stay tight, bound below 1", outer)
    yield case("momenta stay tight", momentum)
    yield control("half the constant", position.with_constant(0.5))

    def unbounded(hbar):
        wide = Grid(-3.5, 5.5, 768)
        psi = coherent_state(wide, 0.7, 0.5, hbar)
        pretended = -3.0 * 0.7**2  # U at the start
        falling = {**times, "duration": 0.6}
        return propagation.position_tail(
            psi, Harmonic(-6.0), wide, hbar, radius=2.0, inner=1.0, lower_bound=pretended, **falling
        )

    yield control("U = −3x², not bounded below", lightly(unbounded)(0.05))
