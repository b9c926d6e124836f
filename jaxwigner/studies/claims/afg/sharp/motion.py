"""A9: the parts of K along a run, with a U_b; A7: how evenly the means of all ħ move, and to which limit."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.classical import Newton
from jaxwigner.grid import Grid
from jaxwigner.potentials import Gaussian, Torsion
from jaxwigner.quantum import PartialWaves, RadialGrid, packet_waves
from jaxwigner.states import Particles, coherent_state
from jaxwigner.studies.claims.claim import case, control, more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import rate
from jaxwigner.theorems.afg.sharp import energies


@more("A9", order=5, cost=3)
def parts(full: bool):
    """(54), (55), (20), (51) with a well for U_b: the four parts of K, norm and energy at all times. Control: ¾ of K."""

    def program(hbar, points, waves, saves=4):
        grid, well = RadialGrid(8.0, points, "lobatto"), Gaussian(-0.3, 3.0)
        system = PartialWaves(grid, 0.5, hbar, waves=waves, potential=well)
        u = packet_waves(system, 2.0, -1.0)
        return energies.parts_of_the_constant(system, u, duration=1.6, saves=saves)

    sizes = (0.1, 159, 52) if full else (0.25, 63, 24)
    found = lightly(lambda h: program(h, *sizes[1:]))(sizes[0])
    yield case("four parts, U_b a well", found["whole"])
    yield case("four parts: none is negative", found["least"])
    yield case("⟨T⟩, U_b a well", found["kinetic"])
    yield case("‖Ψ‖², U_b a well", found["norm"])
    yield case("⟨H⟩, U_b a well", found["energy"])
    yield from two_sided("2⟨U_bΨ, U_sΨ⟩, U_b a well", found["mixed"], 0.96 if full else 0.93)
    if full:
        closer = lightly(lambda h: program(h, 287, 110, 16))(0.03)["mixed"]
        yield from two_sided("2⟨U_bΨ, U_sΨ⟩, U_b a well, ħ = 0.03", closer, 0.98)
    yield control("three quarters of K", found["whole"].with_constant(0.75))


@more("A7", order=3, cost=2)
def uniform_limit(full: bool):
    """∫a|ψ|² of packets in a well moves as fast as (22) allows, and tends to a(x(t)) uniformly in time: O(ħ) for α = ½."""
    hbars = np.array([0.04, 0.02, 0.01] + ([0.005] if full else []))
    well, start, centre = Torsion(1.0), 1.2, 0.0
    times = {"duration": 3.0, "steps": 96, "saves": 48}

    def profile(x):
        return jnp.exp(-0.5 * (x - centre - 1.0) ** 2)

    def program(hbar):
        grid = Grid(-3.2, 3.1, 1024 if full else 512)
        psi = coherent_state(grid, start, 0.0, hbar)
        slope = math.exp(-0.5)
        claim, f = energies.equicontinuity(psi, well, grid, profile, hbar, slope=slope, **times)
        point = Particles(jnp.ones(1), jnp.full((1, 1), start), jnp.zeros((1, 1)))
        limit = energies.path(point, Newton(well), profile, **times)
        return claim, jnp.max(jnp.abs(f - limit))

    claim, distance = lightly(lambda hs: jax.lax.map(program, hs))(hbars)
    yield from two_sided("∫a|ψ|² in a well", claim, 0.9)
    law = "sup_t|∫a|ψ(t)|² − a(x(t))| = O(ħ)"
    series = {"hbar": hbars, "distance": distance}
    yield case("uniform limit", rate("AFG (23)", law, hbars, distance, (0.85, 1.15)), series=series)
