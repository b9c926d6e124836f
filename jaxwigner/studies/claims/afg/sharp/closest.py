"""A11, A12, A14, A16, A22: turning points of particles, two of three nuclei that are close, configurations at the edge of η_δ."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.classical import CoulombBodies, CoulombFlow
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.states import Particles
from jaxwigner.studies.claims.claim import control, more, shared, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import (
    coulomb_bodies,
    coulomb_bodies_cutoff,
    coulomb_bodies_limit,
    coulomb_limit,
)

CHARGE, DISTANCE, SPEED = 0.5, 1.5, 1.0  # h = 1 + 1/3, so that a power of it is seen
TIMES = {"duration": 1.2, "steps": 64, "saves": 64}


@more("A16", order=5, cost=2)
def turning_points(full: bool):
    """Two particles head-on: at the turning point |R| = C/(h − κ), and the force is all that (h − κ)²/C allows."""
    along = np.array([0.0, 0.0, 1.0])
    one = Particles([1.0], [DISTANCE * along], [-SPEED * along])
    apart = np.concatenate([along, -along])
    both = Particles([1.0], [0.5 * DISTANCE * apart], [-SPEED * apart])
    flow, bodies = CoulombFlow(CHARGE), CoulombBodies(CHARGE * (1 - np.eye(2)))

    @lightly
    def program(one, both):
        return (
            coulomb_limit.closest_approach(flow, one, **TIMES),
            coulomb_limit.classical_force(flow, one, **TIMES),
            *coulomb_bodies_limit.repulsion(bodies, both, **TIMES),
        )

    distance, force, gap, push = program(one, both)
    yield from two_sided("head-on, |R|", distance, 0.98)
    yield from two_sided("head-on, force", force, 0.96)
    yield from two_sided("two bodies head-on, |R₁−R₂|", gap, 0.98)
    yield from two_sided("two bodies head-on, force in R⁶", push, 0.96)


@more("A12", order=6, cost=2)
def smallest_charge(full: bool):
    """m in (28) is the smallest C_αβ: it belongs to the pair that is close, the third nucleus is far away."""
    places = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.4], [20.0, 0.0, 0.0]])
    charges = np.array([[0.0, 0.3, 0.8], [0.3, 0.0, 0.8], [0.8, 0.8, 0.0]])

    def program(points):
        packets = ProductPackets(places, 0.0 * places, 0.001)
        return coulomb_bodies.force_bound(coulomb_bodies.measure(packets, charges, points=points))

    claim = lightly(program)(coulomb_bodies.normal_points(9, 2**9))
    yield from two_sided("the pair of the smallest charge is close", claim, 0.78)


@shared
def two_of_three():
    """(9) with γ and (27) for two nuclei at rest at a little more than δ, the third far away; the bounds are below 1."""
    delta, charge = 0.4, 0.3
    places = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.015 * delta], [200.0, 0.0, 0.0]])
    charges = charge * (1 - np.eye(3))
    hbars, radii = np.array([0.001, 0.0001]), np.array([delta])

    def one(hbar, points):
        packets = ProductPackets(places, 0.0 * places, hbar)
        seen = coulomb_bodies.measure(packets, charges, points=points)
        near = coulomb_bodies.near_collision
        return near(seen, radii, sharp=True)[0], near(seen, radii)[1]

    program = lightly(lambda hs, points: jax.lax.map(lambda h: one(h, points), hs))
    return program(hbars, coulomb_bodies.normal_points(9, 2**7))


@more("A11", order=3, cost=1)
def some_pair_of_three(full: bool):
    """(27) for two of three nuclei at rest: two fifths of a bound below 1."""
    _, some = two_of_three()
    yield from two_sided("M = 3, two at rest", some, 0.385, 0.415)


@more("A22", cost=1)
def packets_of_three(full: bool):
    """(9) with γ for three nuclei as product packets: two at rest, the third far away. Control: two fifths of γ."""
    claim, _ = two_of_three()
    yield from two_sided("M = 3, product packets", claim, 0.42, 0.45)
    yield control("M = 3, product packets, two fifths of γ", claim.with_constant(0.4))


@more("A14", order=6, cost=1)
def edge_of_the_cut(full: bool):
    """(1 − η_δ)|∇U_s| of two nuclei is largest near 0.8δ, where it is three tenths of its bound, at every δ."""
    deltas, shares = (0.05, 4.0), np.linspace(0.4, 1.2, 81)
    places = np.zeros((len(shares), 2, 3))
    places[:, 1, 2] = shares
    off = coulomb_bodies_cutoff.force_off_cut

    @lightly
    def program(places):
        return [off(delta * places, jnp.ones((2, 2)), delta) for delta in deltas]

    for delta, claim in zip(deltas, program(places)):
        yield from two_sided(f"force at the edge of η_δ, δ = {delta:g}", claim, 0.28, 0.32)
