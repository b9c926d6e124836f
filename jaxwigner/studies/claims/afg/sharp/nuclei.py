"""A9, A12, A7, A14: two nuclei at rest close to each other, and a packet on the steepest place of the cut-off η_δ."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.studies.claims.claim import case, more, shared, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import coulomb_bodies, coulomb_bodies_cutoff, rate
from jaxwigner.theorems.afg.coulomb.bodies_cutoff import BodyTest
from jaxwigner.theorems.afg.sharp import nuclei

APART = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, -0.5]])
CHARGE, DISTANCE = 0.7, 0.8


@shared
def measured(full: bool):
    """Two nuclei at rest: all their energy is that of their repulsion."""
    hbars = np.array([0.01, 0.003, 0.001] if full else [0.001])
    points = coulomb_bodies.normal_points(6, 2**11 if full else 2**9)
    charges = CHARGE * np.ones((2, 2))

    def at_rest(hbar, points):
        packets = ProductPackets(DISTANCE * APART, 0.0 * APART, hbar)
        seen = coulomb_bodies.measure(packets, charges, points=points)
        _, potential = coulomb_bodies.energy_bounds(seen)
        return {
            "singular": coulomb_bodies.singular_bound(seen),
            "potential": potential,
            "force": coulomb_bodies.force_bound(seen),
            "gradient": nuclei.force_by_differentiation(seen, points),
            "test": nuclei.force_on_a_test(seen, APART, 1.0, points),
        }

    return lightly(lambda hs, points: jax.lax.map(lambda h: at_rest(h, points), hs))(hbars, points)


@more("A9", order=4, cost=2)
def energies_at_rest(full: bool):
    """‖U_sΨ‖² and ⟨U_s⟩ of two nuclei at rest are all that (50) and (53) allow."""
    found = measured(full)
    yield from two_sided("two nuclei at rest", found["singular"], 0.99)
    yield from two_sided("two nuclei at rest, ⟨U_s⟩", found["potential"], 0.99)


@more("A12", order=4, cost=1)
def force_at_rest(full: bool):
    """√2 in R⁶: the force of two nuclei at rest, closed and by automatic differentiation of U_s."""
    found = measured(full)
    yield from two_sided("two nuclei at rest, R⁶", found["force"], 0.99)
    yield case("∇U_s by differentiation in R⁶", found["gradient"])


@more("A7", order=2, cost=1)
def coulomb_force(full: bool):
    """The Coulomb term of (21), by a φ that is seen at one lag along the line between the nuclei."""
    yield from two_sided("Coulomb force at the one lag of φ", measured(full)["test"], 0.99)


@more("A14", order=3, cost=2)
def steepest_place(full: bool):
    """Q₁ of a packet at |R| = 0.75δ, where η_δ is steepest, that leaves: the mass form is nearly used up, and |Q₁|/K ~ δ, the first
    power, is attained.
    """
    radii, hbar, speed = np.array([0.05, 0.1, 0.2, 0.4, 0.8]), 1e-6, 0.3
    points = coulomb_bodies.normal_points(12, 2**11 if full else 2**9)

    def one(delta, points, rest=np.zeros((0, 3))):
        places = jnp.concatenate([0.75 * delta * APART, rest])
        momenta = jnp.concatenate([2 * speed * APART, 0 * rest])
        packets = ProductPackets(places, momenta, hbar)
        half = points.shape[2] // 2
        charges = 4.0 * np.ones((len(places), len(places)))
        seen = coulomb_bodies.measure(packets, charges, points=points[:, :, :half])
        test = BodyTest(places, momenta, spread=4.0, width=0.03)
        near = coulomb_bodies_cutoff.near_part(seen, test, delta, points)
        return *near, seen.constant.centre

    compiled = lightly(lambda ds, points: jax.lax.map(lambda d: one(d, points), ds))
    mass, explicit, constant = compiled(radii, points)
    yield from two_sided("steepest place, Q₁ by the mass", mass, 0.95)
    yield from two_sided("steepest place, Q₁ by K", explicit, 0.12, 0.15)
    law = "|Q₁|/K ~ δ for packets that scale with δ: the first power is attained"
    shares = mass.lhs.centre / constant
    attained = rate("AFG (49), explicit", law, radii, shares, (0.9, 1.05))
    yield case("steepest place: power of δ", attained, series={"radius": radii, "near": shares})
    if full:
        third = np.array([[200.0, 0.0, 0.0]])
        points = coulomb_bodies.normal_points(18, 2**11)
        mass, explicit, _ = lightly(lambda d, points: one(d, points, third))(0.05, points)
        # C₁ counts the three pairs, of which one is near.
        yield from two_sided("M = 3, steepest place, Q₁ by the mass", mass, 0.25, 0.34)
        yield from two_sided("M = 3, steepest place, Q₁ by K", explicit, 0.03, 0.05)
