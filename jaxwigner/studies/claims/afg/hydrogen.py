"""A9, A15, A19 for H2, AFG's Remark 5: the published curve, Lemma 5.1 on it, and classical dynamics at the masses of its isotopes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.classical import CoulombFlow
from jaxwigner.classical.kepler import distances
from jaxwigner.engine.evolve import evolve
from jaxwigner.molecules import h2
from jaxwigner.phase_space.ensembles import COPIES, packet_copies
from jaxwigner.quantum import PartialWaves, RadialGrid, packet_waves
from jaxwigner.states import Particles
from jaxwigner.studies.claims.claim import CONTROL, row
from jaxwigner.theorems import coulomb, coulomb_observables, hydrogen_molecule

# ε = (m_e/m_n)^{1/2} of T, D, H: CODATA 2018 nuclear masses in units of that of the electron.
EPSILON = np.array([5496.92153573, 3670.48296788, 1836.15267343]) ** -0.5
DISTANCE, MOMENTUM = 2.2, -0.3


def curve(full: bool):
    """U_b bounded, Lipschitz and analytic; two published curves are the same; a kink and the whole U are not."""
    R, U = h2.published()
    yield row("A19", "H2, two published curves", hydrogen_molecule.two_sources(R, U))
    below, above = hydrogen_molecule.electronic_bounds(R, U)
    yield row("A19", "H2, U_b bounded below", below)
    yield row("A19", "H2, U_b bounded above", above)
    yield row("A19", "H2, U_b Lipschitz", hydrogen_molecule.lipschitz(R, U))
    whole = hydrogen_molecule.lipschitz(R, U, whole=True)
    yield row("A19", "H2, U itself is not Lipschitz", whole, CONTROL)
    yield row("A19", "H2, U_b analytic", hydrogen_molecule.analytic(R, U))
    crossing = hydrogen_molecule.analytic(R, U + 0.01 * np.abs(R - 2.0))
    yield row("A19", "H2, a crossing at R = 2", crossing, CONTROL)


def singular_bound(full: bool):
    """Lemma 5.1 on the surface of H2 at its physical ħ."""

    def molecule(hbar):
        system = PartialWaves(
            RadialGrid(5.0, 151), 1.0, hbar, waves=90, potential=h2.bounded_part()
        )
        u = packet_waves(system, DISTANCE, MOMENTUM)
        return coulomb.singular_bound(coulomb.watch(system, u, duration=1.5, steps=28, saves=12))

    yield row("A9", "H2, U_b = E_el", jax.jit(molecule)(EPSILON[-1]))


def classical_dynamics(full: bool):
    """∫Wφ on the surface of T2, D2, H2 against the classical ensemble of W₀, and against one trajectory; φ = e^{−(r−1.4)²}."""
    points, waves, steps, count = (255, 140, 48, 2**17) if full else (191, 140, 32, 2**14)
    flow = CoulombFlow(1.0, h2.bounded_part())
    numbers = {"duration": 1.6, "steps": steps}
    point = Particles(
        jnp.ones(1), jnp.array([[0.0, 0.0, DISTANCE]]), jnp.array([[0.0, 0.0, MOMENTUM]])
    )

    def difference(arguments):
        hbar, cloud = arguments
        grid = RadialGrid(4.8, points)
        system = PartialWaves(grid, 1.0, hbar, waves=waves, potential=h2.bounded_part())
        u = packet_waves(system, DISTANCE, MOMENTUM)
        options = {**numbers, "copies": COPIES}
        return coulomb_observables.observable_difference(system, u, flow, cloud, _well, **options)

    @jax.jit
    def program(hbars, clouds):
        gaps = jax.lax.map(difference, (hbars, clouds))
        moved = evolve(flow, point, **numbers, gradient="forward", throw=False).state
        return gaps, jnp.abs(gaps.quantum - _well(distances(moved)[0]))

    clouds = [packet_copies(DISTANCE, MOMENTUM, float(e), count) for e in EPSILON]
    clouds = jax.tree.map(lambda *leaves: jnp.stack(leaves), *clouds)
    gaps, single = program(EPSILON, clouds)
    claim = hydrogen_molecule.classical_dynamics(EPSILON, gaps.gap, gaps.sampling)
    series = {"epsilon": EPSILON, "error": gaps.gap, "sampling": gaps.sampling}
    yield row("A15", "T2, D2, H2 on their surface, ensemble W₀", claim, series=series)
    wrong = hydrogen_molecule.classical_dynamics(EPSILON, single, 0.0 * single)
    yield row("A15", "T2, D2, H2, one trajectory", wrong, CONTROL)


def _well(r):
    return jnp.exp(-((r - 1.4) ** 2))
