"""A11, A22: packets that come as near to R = 0 as (9) allows, γ for every U_b and every M; A21: what breaks a hypothesis of (9)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.quantum import PartialWaves, RadialGrid, evolve_exactly
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.partial_waves.packets import gaussian_waves
from jaxwigner.studies.claims.claim import case, claim, control, more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.studies.search.coulomb_classes import Bumps
from jaxwigner.theorems import Inequality, coulomb, rate
from jaxwigner.theorems.afg.sharp import comparison, extremisers

DELTAS, CHARGES = np.array([0.05, 16.0]), np.array([0.5, 2.0])
SMALL = 0.1  # h = ħ/√(Cδ)


def collision(delta, charge, h, points: int, wall=None):
    """The extremiser of (9) at one δ, from far away until it arrives; `wall`: height of a U_b around 3δ, in units of C/δ."""
    hbar = h * jnp.sqrt(charge * delta)
    grid = RadialGrid(24 * delta, points, "lobatto")
    bump = None
    if wall is not None:
        height, place, width = (
            jnp.asarray(part)[None] for part in (wall * charge / delta, 3 * delta, delta)
        )
        bump = Bumps(height, place, width, 24 * delta)
    system = PartialWaves(grid, charge, hbar, waves=1, potential=bump)
    v = extremisers.collider(system, delta)
    arrived = extremisers.with_far_packet(v, system, 0.28, 15 * delta, 2 * delta)
    time = 3.5 * delta * jnp.sqrt(delta / charge)
    start = evolve_exactly(system, arrived, -time[None])[0]
    radii = jnp.asarray(delta)[None]
    return coulomb.watch(system, start, duration=time, saves=3, radii=radii)


@more("A11", cost=3)
def extremisers_arrive(full: bool):
    """At one δ, on both sides of 1 and with C ≠ 1; one packet for a range of δ. The bounds are below 1, and no mass is near before."""
    points = 480 if full else 352

    def one(arguments):
        delta, charge = arguments
        passage = collision(delta, charge, SMALL, points)
        return coulomb.near_collision(passage), coulomb.near_collision(passage, sharp=True)

    def flat(arguments):
        inner, charge, hbar = arguments
        system = PartialWaves(RadialGrid(36 * inner, 288, "lobatto"), charge, hbar, waves=1)
        v = extremisers.flat_collider(system, inner, 4 * inner)
        arrived = extremisers.with_far_packet(v, system, 0.33, 24 * inner, 2.5 * inner)
        time = 6 * inner * jnp.sqrt(inner / charge)
        start = evolve_exactly(system, arrived, -time[None])[0]
        radii = inner * np.geomspace(1.0, 4.0, 6)
        passage = coulomb.watch(system, start, duration=time, saves=2, radii=radii)
        return coulomb.near_collision(passage)

    starts = np.array([0.05, 4.0])
    ranges = starts, CHARGES, SMALL * np.sqrt(CHARGES * starts)
    plain, sharp, wide = lightly(
        lambda a, b: (*jax.lax.map(one, a), jax.lax.map(flat, b)),
    )((DELTAS, CHARGES), ranges)
    yield from two_sided("extremiser, δ = 0.05 and 16", plain, 0.455, 0.475)
    yield from two_sided("extremiser, of γ", sharp, 0.98, 1.003)
    yield from two_sided("one packet, δ from 0.05 to 0.2 and from 4 to 16", wide, 0.18, 0.265)
    deltas = (starts[:, None] * np.geomspace(1.0, 4.0, 6)).ravel()
    ratios = np.asarray(wide.ratio[:, -1]).ravel()
    law = "share of Kδ²/C² ~ δ⁰ for one packet: mass ~ δ²"
    flatness = rate("AFG (9), explicit", law, deltas, ratios, (-0.1, 0.1))
    yield case("one packet: exponent", flatness, series={"radius": deltas, "share": ratios})
    yield control("half of γ", sharp.with_constant(0.5))
    if full:
        yield from _deeper()


def _deeper():
    """h = 0.03, where γ is nearer to 1: two thirds of the bound of (9)."""

    def program(h):
        passage = collision(1.0, 1.0, h, 900)
        return coulomb.near_collision(passage), coulomb.near_collision(passage, sharp=True)

    plain, sharp = lightly(program)(0.03)
    yield from two_sided("extremiser, h = 0.03", plain, 0.66, 0.7)
    yield from two_sided("extremiser, h = 0.03, of γ", sharp, 0.97, 1.01)


@claim("A22", "AFG (9)", cost=3)
def every_potential(full: bool):
    """with γ(h), the sharp constant of two nuclei with U_b = 0, for every U_b and every M.

    *Given* C_αβ > 0, ℝ³ for each nucleus. **Beyond:** all of it.

    (H − κ)⁻¹ has a kernel between 0 and that of (T + C/|R_αβ|)⁻¹, whatever U_b ≥ κ and the other nuclei: the kernels and the norms
    of random U_b, and those of three nuclei, by an M-matrix, and extremisers for a U_b. Controls: W < 0, κ forgotten.
    """
    s = np.asarray(comparison.distances())
    rng = np.random.default_rng(0)
    count = 24 if full else 6
    heights, places = 10.0 ** rng.uniform(-1, 1, (count, 1)), rng.uniform(0, 1.5, (count, 1))
    walls = heights * np.exp(-0.5 * ((s - places) / rng.uniform(0.2, 1, (count, 1))) ** 2)
    walls = np.concatenate([walls, 0.5 / s[None], 2 * SMALL**2 / s[None] ** 2])  # C/r, ℓ = 1

    @lightly
    def program(walls, charge):
        passage = collision(1.0, charge, SMALL, 256, wall=0.3)
        return (
            *comparison.kernels(SMALL, walls),
            comparison.norms(SMALL, walls),
            comparison.norms(SMALL, -0.02 * walls),
            coulomb.near_collision(passage, sharp=True),
            jax.lax.map(lambda c: comparison.third_nucleus(SMALL, c), np.array([0.1, 0.5, -0.1])),
        )

    positive, below, norms, negative, arrived, three = program(walls, 0.7)
    third, attracting = (jax.tree.map(lambda leaf, k=k: leaf[k], three) for k in (slice(2), 2))
    yield case("kernel ≥ 0", positive)
    yield case("kernel ≤ that without W", below)
    yield from two_sided("norm of random U_b, C/r and ℓ = 1", norms, 0.9)
    yield control("W < 0", negative)
    yield from two_sided("extremiser for a U_b", arrived, 0.5)
    yield from two_sided("M = 3, norms with a third nucleus", third, 0.97)
    yield control("M = 3, a third nucleus that attracts", attracting)


@more("A21", order=2, cost=2)
def broken_hypotheses(full: bool):
    """(9) for attraction: s-states of hydrogen; for packets whose ‖Hψ‖ is not bounded, those on S; Lemma 5.1 in two dimensions."""
    level = 10 if full else 5

    def bound_state(hbar):
        grid = RadialGrid(4.0 * (2 * hbar**2) * level**2 + 1.0, 40 * level, "lobatto")
        system = PartialWaves(grid, -1.0, hbar, waves=1)
        H = system.inertia * grid.kinetic_matrix + jnp.diag(system.values[0])
        vector = jnp.linalg.eigh(H)[1][:, level - 1]
        u = (vector / jnp.sqrt(grid.weights))[None].astype(complex)
        passage = coulomb.watch(
            system, u, duration=0.1, saves=1, radii=np.array([0.1]), attractive=True
        )
        return coulomb.near_collision(passage)

    def on_the_set(hbar):
        system = PartialWaves(RadialGrid(8 * jnp.sqrt(hbar), 64, "lobatto"), 0.5, hbar, waves=1)
        u = gaussian_waves(system, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), jnp.sqrt(hbar))
        bound = radial.hamiltonian_square(u, system) * (0.2 / system.charge) ** 2
        return radial.inner_mass(u, system, 0.2), bound

    hbars = np.array([0.2, 0.05, 0.01])
    attraction, (mass, bound), plane = lightly(
        lambda h, hs: (
            bound_state(h),
            jax.lax.map(on_the_set, hs),
            [comparison.singular_supremum(1.0, d, n) for d in (2, 3) for n in (200, 400)],
        )
    )(0.2, hbars)
    yield control(f"attraction, (9), s-state n = {level}", attraction)
    law = "∫_{|R|<δ}|Ψ|² ≤ cδ²/C² with the c ≥ ‖HΨ₀‖² of the largest ħ, packets on S"
    yield control("‖HΨ₀‖ not bounded in ħ", Inequality("AFG (9)", law, mass, bound[0]))
    law = "sup‖U_sψ‖²/‖Hψ‖² ≤ 1"
    for dimension, pair in ((2, plane[:2]), (3, plane[2:])):
        row = Inequality("AFG Lemma 5.1", f"{law} in R^{dimension}", pair[1], 1.0)
        yield (control if dimension == 2 else case)(f"finite differences in R^{dimension}", row)
