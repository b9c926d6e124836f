"""A9, A11, A12, A14, A16: three nuclei that collide head-on, breathing, in full quantum mechanics at J = 0; their classical twin."""

from __future__ import annotations

import jax
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.phase_space import ensembles
from jaxwigner.quantum import RadialGrid, ThreeNuclei, equilateral
from jaxwigner.studies.claims.claim import case, control, more, shared, two_sided
from jaxwigner.studies.claims.compiling import lightly, on_host
from jaxwigner.theorems import Inequality, three_nuclei
from jaxwigner.theorems.afg.coulomb.observables import Difference, convergence

DISTANCE, VELOCITY = 3.0, -2.0  # all the energy is U_s at |R_αβ| ≈ 0.97
TIMES = {"duration": 1.4, "saves": 7}
TURN, BEFORE = 6, 4  # the times 1.2, near the turning point, and 0.8, at which means are compared
POWER = (1.6, 2.4)
RADII = np.array([0.6, 1.0, 1.5, 2.0])
POINT = 1e-8  # the ħ of an ensemble that is a point
# ħ of one program; lengths and points of R and r, angles, steps of the coarser run, configurations
QUICK = (0.2, 0.14, 0.1), (5.5, 50), (6.4, 54), 16, 14, 2**13
FULL = (
    ((0.07,), (5.2, 74), (6.0, 78), 22, 20, 2**15),
    ((0.05,), (5.1, 96), (5.9, 100), 30, 28, 2**16),
)


@shared
def collisions(full: bool):
    """ħ, the claims about the collision, the means beside those of ensembles, and of one ensemble that is a point."""
    parts = [_collisions(full, *group) for group in (QUICK, *(FULL if full else ()))]
    return jax.tree.map(lambda *sides: np.concatenate(sides), *parts)


def _collisions(full: bool, hbars, outer, inner, angles: int, steps: int, count: int):
    hbars = np.array(hbars)

    def quantum(hbar):
        grids = RadialGrid(*outer), RadialGrid(*inner)
        system = ThreeNuclei(hbar=hbar, radii=grids, angles=angles, exchange="even")
        packet = equilateral(system, DISTANCE, VELOCITY)
        motion = three_nuclei.watch(system, packet, steps=steps, radii=RADII, **TIMES)
        claims = {
            "singular": three_nuclei.singular_bound(motion),
            "near": three_nuclei.near_collision(motion),
            "some": three_nuclei.some_pair(motion),
            "force": three_nuclei.force_bound(motion),
            "covers": three_nuclei.cut_off_covers(motion),
            "printed": three_nuclei.cut_off_covers(motion, printed=True),
        }
        if full:
            claims["sharp"] = three_nuclei.near_collision(motion, sharp=True)
        return claims, motion

    def classical(spread, motion):
        cloud = ensembles.cloud_three(spread, DISTANCE, VELOCITY, count=count)
        return three_nuclei.against_ensemble(motion, cloud, steps=3 * steps)

    claims, motions = lightly(lambda hs: jax.lax.map(quantum, hs))(hbars)
    spreads = np.append(hbars, POINT)
    motions = jax.tree.map(lambda leaf: np.concatenate([leaf, leaf[-1:]]), motions)
    program = jax.jit(lambda every: jax.lax.map(lambda one: classical(*one), every))
    found = on_host(program((spreads, motions)))
    means = jax.tree.map(lambda leaf: leaf[:-1], found)
    points = {
        name: Difference(
            one.quantum, np.broadcast_to(found[name].classical[-1], one.gap.shape), one.sampling
        )
        for name, one in means.items()
    }
    return hbars, claims, means, points


@more("A9", order=8, cost=9)
def singular_bound(full: bool):
    """Three nuclei in motion: at the turning point nearly all of the energy is U_s, and the bound is approached as ħ → 0."""
    hbars, claims, *_ = collisions(full)
    bound = claims["singular"]
    series = {"hbar": hbars, "largest": bound.lhs.centre, "bound": bound.rhs.centre}
    yield from two_sided("M = 3 in motion, every ħ", bound, 0.93 if full else 0.86, series=series)
    yield control("M = 3 in motion, 0.7 of the constant", bound.with_constant(0.7))


@more("A11", order=8, cost=1)
def near_collision(full: bool):
    """(9) for each of three pairs along a collision, (27) for any of them: at the turning point each |R_αβ| has a ninth of K."""
    _, claims, *_ = collisions(full)
    yield from two_sided("M = 3 in motion, each pair", claims["near"], 0.03, 1 / 9)
    yield from two_sided("M = 3 in motion, some pair", claims["some"], 0.06)
    yield control("M = 3 in motion, a fiftieth of the bound", claims["near"].with_constant(0.02))
    if full:
        yield from two_sided("M = 3 in motion, each pair, sharp γ", claims["sharp"], 0.08)


@more("A12", order=8, cost=1)
def force(full: bool):
    """(28) in R⁹ along a collision; three equal pairs use √2/6 of it at most. Control: a tenth."""
    _, claims, *_ = collisions(full)
    yield from two_sided("M = 3 in motion, R⁹", claims["force"], 0.2, np.sqrt(2) / 6)
    yield control("M = 3 in motion, a tenth", claims["force"].with_constant(0.1))


@more("A14", order=8, cost=1)
def cut_off(full: bool):
    """Where some pair is closer than δ/2 the corrected η_δ is 1, the printed one is not: seen by |Ψ(t)|²."""
    _, claims, *_ = collisions(full)
    yield case("M = 3 in motion, η_δ covers S", claims["covers"], ("holds", "tight"))
    yield control("M = 3 in motion, η_δ as printed", claims["printed"])


@more("A16", order=8, cost=1)
def classical_limit(full: bool):
    """Three nuclei in motion: ⟨U_s⟩, and ⟨(1 − η_δ)U_s⟩ off the corrected cut-off, are those of the ensemble up to O(ħ²). Controls:
    those of the point that the packet tends to, and ħ² itself.
    """
    hbars, _, means, points = collisions(full)
    place, law = "AFG Theorem 1.1 (iii)", "|⟨U_s⟩ − ∫U_sdW(t)| = O(ħ²), M = 3"
    found, point = _at(means["singular"], TURN), _at(points["singular"], BEFORE)
    series = {"hbar": hbars, "difference": found.gap}
    claim = convergence(hbars, found, POWER, law, place)
    yield case("M = 3 in motion, ⟨U_s⟩", claim, series=series)
    law = "|⟨U_s⟩ − U_s at the point| = O(ħ²), M = 3"
    yield control("M = 3 in motion, ⟨U_s⟩ of a point", convergence(hbars, point, POWER, law, place))
    outside = _at(means["outside"], TURN, 0)
    law = "|⟨(1−η_δ)U_s⟩ − ∫(1−η_δ)U_sdW(t)| ≤ 2.5ħ², M = 3, δ = 0.6"
    gap = Bracket(
        np.maximum(outside.gap - outside.sampling, 0.0),
        outside.gap + outside.sampling,
        rigorous=False,
    )
    within = Inequality(place, law, gap, 2.5 * hbars**2, parameters={"hbar": hbars})
    yield case("M = 3 in motion, ⟨(1−η_δ)U_s⟩", within)
    yield control("M = 3 in motion, ⟨(1−η_δ)U_s⟩, 0.4 of that", within.with_constant(0.4))


def _at(found: Difference, *place: int) -> Difference:
    """A difference at one time, for every ħ."""
    return jax.tree.map(lambda side: side[(slice(None), *place)], found)
