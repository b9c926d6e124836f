"""A9–A12, A14, A16, A18, A21 for three nuclei in R³: product packets near the singular set, and a classical ensemble."""

from __future__ import annotations

import jax
import numpy as np

from jaxwigner.classical import CoulombBodies
from jaxwigner.potentials import Gaussian
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.studies.claims.claim import case, control, more, shared
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import coulomb_bodies, coulomb_bodies_cutoff, coulomb_bodies_limit
from jaxwigner.theorems.afg.coulomb.bodies_cutoff import BodyTest

# A scalene triangle and three charges: no symmetry hides an error.
TRIANGLE = np.array([[0.0, 0.0, 0.0], [0.0, 0.1, 0.8], [0.9, -0.2, 0.1]])
CHARGES = np.array([[0.0, 0.5, 0.8], [0.5, 0.0, 0.3], [0.8, 0.3, 0.0]])
INWARD = 0.6 * (TRIANGLE.mean(0) - TRIANGLE)
DRIFT = np.array([0.3, 0.0, -0.4])
RADII = np.array([0.3, 0.5, 0.7, 0.9, 1.2])
WELL = -0.6, 1.2  # height and width of U_b
SIZE = 3 * len(TRIANGLE)


def _points(full: bool, copies: int = 1):
    return coulomb_bodies.normal_points(copies * SIZE, 2**12 if full else 2**9)


@shared
def measured(full: bool):
    """The claims about three nuclei at rest, those about a wide packet, and the controls, from one compiled program."""
    hbars = np.array([0.1, 0.03, 0.01] + ([0.003] if full else []))
    points = _points(full)
    many = coulomb_bodies.normal_points(SIZE, 2**13 if full else 2**12)

    def at_rest(hbar, points):
        packets = ProductPackets(TRIANGLE, 0.0 * TRIANGLE, hbar)
        seen = coulomb_bodies.measure(packets, CHARGES, points=points)
        each, some = coulomb_bodies.near_collision(seen, RADII)
        claims = coulomb_bodies.singular_bound(seen), *coulomb_bodies.energy_bounds(seen)
        return *claims, each, some, coulomb_bodies.force_bound(seen)

    def others(points, many):
        moving = ProductPackets(TRIANGLE, INWARD, 0.03)
        shifted = ProductPackets(TRIANGLE, INWARD + DRIFT, 0.03)
        well, further = (
            coulomb_bodies.measure(one, CHARGES, Gaussian(*WELL), points=points)
            for one in (moving, shifted)
        )
        wide = ProductPackets(0.6 * TRIANGLE, 0.5 * INWARD, 0.4)
        near = coulomb_bodies.measure(wide, CHARGES, points=many)
        # A width at which kinetic and attractive energy almost cancel.
        bound = ProductPackets(TRIANGLE, 0.0 * TRIANGLE, 0.5, 0.8)
        fallen = coulomb_bodies.measure(bound, -CHARGES, points=points, attractive=True)
        return {
            "well": coulomb_bodies.singular_bound(well),
            "identity": coulomb_bodies.singular_identity(near),
            "closed": coulomb_bodies.closed_cross_term(near),
            "without": coulomb_bodies.singular_identity(near, origin=False),
            "centre": coulomb_bodies.centre_of_mass(well, further),
            "two": coulomb_bodies.centre_of_mass(well, further, mass=2.0),
            "attraction": coulomb_bodies.singular_bound(fallen),
        }

    @lightly
    def program(hbars, points, many):
        return jax.lax.map(lambda h: at_rest(h, points), hbars), others(points, many)

    return hbars, *program(hbars, points, many)


@more("A9", order=2, cost=2)
def singular_bound(full: bool):
    """Lemma 5.1 and (53) for three nuclei at rest: sharp as ε → 0, where all the energy is U_s."""
    hbars, (bound, kinetic, potential, *_), others = measured(full)
    series = {"hbar": hbars, "largest": bound.lhs.centre, "bound": bound.rhs.centre}
    yield case("M = 3 at rest, every ħ", bound, series=series)
    yield control("M = 3, half the constant", bound.with_constant(0.5))
    yield case("M = 3, U_b in R⁹, towards each other", others["well"])
    yield case("M = 3, (53) kinetic", kinetic)
    yield case("M = 3, (53) potential", potential)


@more("A10", cost=0.2)
def identity(full: bool):
    """(56) for three nuclei whose packets overlap."""
    _, _, others = measured(full)
    yield case("M = 3, overlapping packets", others["identity"])
    yield case("M = 3, closed form", others["closed"])
    yield control("M = 3, without the points R_α = R_β", others["without"])


@more("A11", cost=0.2)
def near_collision(full: bool):
    """(9) for each of three pairs, (27) for any of them."""
    hbars, (*_, each, some, _), _ = measured(full)
    series = {"radius": RADII, "hbar": hbars, "mass": some.lhs.centre, "bound": some.rhs.centre}
    yield case("M = 3, each pair", each)
    yield case("M = 3, some pair", some, series=series)
    yield control("M = 3, a fortieth of the bound", each.with_constant(0.025))


@more("A12", cost=0.2)
def force(full: bool):
    """(28) in R⁹."""
    hbars, (*_, bound), _ = measured(full)
    series = {"hbar": hbars, "largest": bound.lhs.centre, "bound": bound.rhs.centre}
    yield case("three nuclei, R⁹", bound, series=series)
    yield control("three nuclei, a tenth", bound.with_constant(0.1))


@more("A14", cost=1)
def cut_off(full: bool):
    """(48), (49) with the corrected η_δ, and what Step 2 needs of the rest."""
    hbars = np.array([0.1, 0.05, 0.02] + ([0.01] if full else []))
    radii = np.array([0.4, 0.7])
    points, places = _points(full, 2), _points(full)[0]
    # The first two nuclei overlap: one pair collides, the third is away.
    centres = TRIANGLE * np.array([[1.0], [0.4], [1.0]])
    test = BodyTest(centres, 0.3 * INWARD, spread=1.0, width=1.0, growth=0.5)

    def program(hbar, points, places):
        packets = ProductPackets(centres, INWARD, hbar)
        seen = coulomb_bodies.measure(packets, CHARGES, points=points[:, :, :SIZE])

        def one(delta):
            mass, bound = coulomb_bodies_cutoff.near_part(seen, test, delta, points)
            far = coulomb_bodies_cutoff.far_part(packets, test, delta, points)
            rest = coulomb_bodies_cutoff.force_off_cut(
                packets.configurations(places), CHARGES, delta
            )
            return mass, bound, far, rest

        return jax.lax.map(one, radii)

    compiled = lightly(lambda hs, *all: jax.lax.map(lambda h: program(h, *all), hs))
    mass, bound, far, rest = compiled(hbars, points, places)
    series = {"hbar": hbars, "radius": radii, "near": bound.lhs.centre, "bound": bound.rhs.centre}
    yield case("M = 3, Q₁, every ħ and δ", bound, series=series)
    yield case("M = 3, Q₁ by the mass near S", mass)
    yield control("M = 3, a thousandth of that bound", mass.with_constant(1e-3))
    # For the smallest ε both sides are below rounding errors.
    yield case("M = 3, Q₂", far, ("holds", "tight"))
    yield case("M = 3, ∇U_s where η_δ < 1", rest)


@more("A16", cost=1)
def classical_limit(full: bool):
    """Three particles for each point of W₀ keep their distances; their mean force is finite."""
    hbars = np.array([0.04, 0.01])
    points = coulomb_bodies.normal_points(2 * SIZE, 2**12 if full else 2**8)[0]
    system = CoulombBodies(CHARGES)

    def program(hbar, points):
        cloud = coulomb_bodies_limit.wigner_cloud(ProductPackets(TRIANGLE, INWARD, hbar), points)
        return coulomb_bodies_limit.repulsion(system, cloud, duration=1.0, steps=20, saves=5)

    compiled = lightly(lambda hs, points: jax.lax.map(lambda h: program(h, points), hs))
    near, mean = compiled(hbars, points)
    yield case("M = 3, |R_α−R_β| ≥ C_αβ/(h−κ)", near)
    yield control("M = 3, a quarter of |R_α−R_β|", near.with_constant(0.25))
    yield case("M = 3, ∫|∇U_s|dW(t)", mean)


@more("A18", cost=0.2)
def reduction(full: bool):
    """The relative motion of three nuclei does not know of their total momentum."""
    _, _, others = measured(full)
    yield case("M = 3, centre of mass of mass 3", others["centre"])
    yield control("M = 3, mass 2", others["two"])


@more("A21", cost=0.2)
def controls(full: bool):
    """Attraction of three nuclei; the printed η_δ leaves the force of a colliding pair unbounded."""
    _, _, others = measured(full)
    yield control("attraction, M = 3", others["attraction"])
    packets = ProductPackets(TRIANGLE * np.array([[1.0], [0.1], [1.0]]), 0.0 * TRIANGLE, 0.01)

    @lightly
    def program(points):
        R = packets.configurations(points)
        return [
            coulomb_bodies_cutoff.force_off_cut(R, CHARGES, 0.5, printed=p) for p in (False, True)
        ]

    corrected, printed = program(_points(full)[0])
    yield case("∇U_s off the corrected η_δ, M = 3", corrected)
    yield control("∇U_s off the printed η_δ, M = 3", printed)
