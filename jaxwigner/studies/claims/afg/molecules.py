"""The surfaces of H2+ and H2 (AFG's Remarks 5 and 6), dynamics on them at physical masses, and the cone of a level crossing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.classical import CoulombFlow
from jaxwigner.classical.kepler import distances
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid
from jaxwigner.molecules import h2
from jaxwigner.phase_space import GaussianTest
from jaxwigner.phase_space.ensembles import COPIES, packet_copies
from jaxwigner.potentials import Cone
from jaxwigner.quantum import PartialWaves, RadialGrid, packet_waves
from jaxwigner.states import Particles, coherent_state, wave_packet
from jaxwigner.studies.claims.claim import case, claim, control, more
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import (
    born_oppenheimer,
    coulomb_observables,
    hydrogen_molecule,
    liouville_defect,
    rate,
)


@claim("A19", "AFG (2), Remark 6, Remark 5", cost=3)
def surface(full: bool):
    """H2+ has U = U_b + 1/R with U_b bounded and Lipschitz; no crossing.

    The ground surface of H2+ has the form U_b + 1/R with bounded Lipschitz U_b, and its gap never closes. For H2 the ground
    state is nondegenerate at every distance, so that the theorem holds without exception (Remark 5); this is measured on a
    published curve. Controls: U itself is not Lipschitz; a kink, as a crossing makes, is not analytic.
    """
    distances = np.geomspace(0.1, 40.0, 200 if full else 60)

    def program(R):
        energies, slopes = born_oppenheimer.levels(R)
        return (
            born_oppenheimer.electronic_bounds(energies),
            born_oppenheimer.electronic_lipschitz(slopes),
            born_oppenheimer.surface_split(R, energies),
            born_oppenheimer.level_gap(R),
            born_oppenheimer.surface_lipschitz(R, slopes),
        )

    (below, above), lipschitz, split, gap, whole = lightly(program)(distances)
    yield case("U_b bounded below", below)
    yield case("U_b bounded above", above)
    yield case(
        "U_b Lipschitz",
        lipschitz,
        series={"distance": distances, "slope": lipschitz.lhs.centre},
    )
    yield case("U = U_b + U_s", split)
    yield case("levels do not cross", gap, series={"distance": distances, "gap": gap.rhs.centre})
    yield control("U itself is not Lipschitz", whole)


def bump(x, y):
    """A smooth function with support |(x, y) − (1, 0)| ≤ 0.9, away from the tip."""
    inside = 1 - ((x - 1) ** 2 + y**2) / 0.81
    safe = jnp.maximum(inside, 1e-3)
    return jnp.where(inside > 1e-3, jnp.exp(1 - 1 / safe), 0.0)


@claim("A20", "AFG Remark 1, Theorem 1.1 (iv)")
def cone(full: bool):
    """the crossing −|ρ|, where the Liouville equation is not implied.

    ∫∫gφ = O(ħ²) off the tip of U = −|ρ|; controls: packets of width ħ at the tip keep it. *Corrected:* the matrix of Remark 1
    is ((ρ₁, ρ₂), (ρ₂, −ρ₁)), whose eigenvalues are ±|ρ|; as printed it is a control.
    """
    hbars = np.array([0.02, 0.01, 0.005, 0.0025])
    points = (56, 54) if full else (48, 46)
    off_tip = GaussianTest(bump, (0.4, 0.2), 0.25)
    at_tip = GaussianTest(lambda x, y: jnp.exp(-(x**2) - y**2), (0.3, 0.0), 1.0)

    def box(centre, width):
        lower = tuple(c - 6.0 * width for c in centre)
        upper = tuple(c + 6.0 * width for c in centre)
        return Grid(lower, upper, points)

    def program(hbar):
        away = box((1.0, 0.0), jnp.sqrt(hbar))
        psi = coherent_state(away, (1.0, 0.1), (0.3, 0.4), hbar)
        smooth = liouville_defect.defect(psi, Cone(1.0), away, off_tip, hbar, lags=20)
        tip = box((0.0, 0.0), hbar)
        narrow = wave_packet(tip, (0.5 * hbar, 0.0), (1.0, 0.0), hbar, alpha=1.0)
        singular = liouville_defect.defect(narrow, Cone(1.0), tip, at_tip, hbar, lags=20)
        return jnp.abs(smooth), jnp.abs(singular)

    # One ħ after another: a batch of them would need the memory of all.
    smooth, singular = lightly(lambda hs: jax.lax.map(program, hs))(hbars)
    series = {"hbar": hbars, "off_tip": smooth, "tip": singular}
    law = "∫∫gφ = O(ħ²) for φ off the tip of U = −|ρ|"
    off = rate("AFG Theorem 1.1 (iv)", law, hbars, smooth, (1.85, 2.15))
    yield case("off the tip", off, series=series)
    law = "∫∫gφ = O(ħ²) at the tip of U = −|ρ|, packets of width ħ"
    tip = rate("AFG Theorem 1.1 (iv)", law, hbars, singular, (1.85, 2.15))
    yield control("at the tip ∫∫gφ does not vanish", tip)
    corrected, printed = lightly(_crossings)(np.random.default_rng(0).normal(size=(2, 50)))
    yield case("crossing matrix", corrected)
    yield control("crossing matrix as printed", printed)


def _crossings(rho):
    return tuple(
        born_oppenheimer.crossing_eigenvalues((rho[0], rho[1]), printed=printed)
        for printed in (False, True)
    )


# ε = (m_e/m_n)^{1/2} of T, D, H: CODATA 2018 nuclear masses in units of that of the electron.
EPSILON = np.array([5496.92153573, 3670.48296788, 1836.15267343]) ** -0.5
DISTANCE, MOMENTUM = 2.2, -0.3


@more("A19")
def curve(full: bool):
    """U_b bounded, Lipschitz and analytic; two published curves are the same; a kink and the whole U are not."""
    R, U = h2.published()
    yield case("H2, two published curves", lightly(lambda: hydrogen_molecule.two_sources(R, U))())
    below, above = hydrogen_molecule.electronic_bounds(R, U)
    yield case("H2, U_b bounded below", below)
    yield case("H2, U_b bounded above", above)
    yield case("H2, U_b Lipschitz", hydrogen_molecule.lipschitz(R, U))
    whole = hydrogen_molecule.lipschitz(R, U, whole=True)
    yield control("H2, U itself is not Lipschitz", whole)
    yield case("H2, U_b analytic", hydrogen_molecule.analytic(R, U))
    crossing = hydrogen_molecule.analytic(R, U + 0.01 * np.abs(R - 2.0))
    yield control("H2, a crossing at R = 2", crossing)


@more("A15", order=1, cost=4)
def classical_dynamics(full: bool):
    """∫Wφ on the surface of T2, D2, H2 against the classical ensemble of W₀, and against one trajectory; φ = e^{−(r−1.4)²}."""
    points, waves, steps, count = (255, 140, 12, 2**17) if full else (191, 140, 8, 2**14)
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

    @lightly
    def program(hbars, clouds):
        gaps = jax.lax.map(difference, (hbars, clouds))
        moved = evolve(flow, point, **numbers, gradient="forward", throw=False).state
        return gaps, jnp.abs(gaps.quantum - _well(distances(moved)[0]))

    clouds = [packet_copies(DISTANCE, MOMENTUM, float(e), 0.5, count) for e in EPSILON]
    clouds = jax.tree.map(lambda *leaves: np.stack(leaves), *clouds)
    gaps, single = program(EPSILON, clouds)
    claim = hydrogen_molecule.classical_dynamics(EPSILON, gaps.gap, gaps.sampling)
    series = {"epsilon": EPSILON, "error": gaps.gap, "sampling": gaps.sampling}
    yield case("T2, D2, H2 on their surface, ensemble W₀", claim, series=series)
    wrong = hydrogen_molecule.classical_dynamics(EPSILON, single, 0.0 * single)
    yield control("T2, D2, H2, one trajectory", wrong)


def _well(r):
    return jnp.exp(-((r - 1.4) ** 2))
