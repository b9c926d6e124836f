"""A9, A11, A16: a packet of fixed width (α = 0) about the singular set, which attains Lemma 5.1 and explodes from rest."""

from __future__ import annotations

import jax
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.quantum import PartialWaves, RadialGrid
from jaxwigner.quantum.partial_waves.packets import gaussian_waves
from jaxwigner.studies.claims.claim import case, control, more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import Inequality, coulomb, rate
from jaxwigner.theorems.afg.sharp import from_rest

CHARGE, WIDTH = 1.0, 1.0
POWER = 1.85, 2.15
# Later and at smaller ħ: Student's interval of a few points, which the next power of ħ bends.
LATE = 1.7, 2.3


def at_rest(hbar, points: int, length: float = 8.0, kind: str = "lobatto"):
    """The s-wave, which is all there is of a packet at rest about R = 0."""
    system = PartialWaves(RadialGrid(length, points, kind), CHARGE, hbar, waves=1)
    return system, gaussian_waves(system, from_rest.REST, from_rest.REST, WIDTH)


@more("A9", order=7, cost=3)
def attained(full: bool):
    """α = 0 on S: K is ‖U_sΨ₀‖² and O(ħ²), so that the bound is used up at t = 0, and ‖U_sΨ(t)‖² decreases. Control: 0.97 K."""
    hbars = np.array([0.3, 0.1, 0.03, 0.01])

    def program(hbar):
        system, _ = at_rest(hbar, 95)
        return from_rest.start(system, WIDTH)

    share, left = lightly(lambda hs: jax.lax.map(program, hs))(hbars)
    series = {"hbar": hbars, "share": share.lhs.centre}
    yield case("packet on S, ‖U_sΨ₀‖²/K in closed form", share, series=series)
    law = "1 − ‖U_sΨ₀‖²/K = O(ħ²)"
    small = slice(1, None)
    yield case(
        "packet on S: what is left",
        rate("AFG Lemma 5.1, α = 0", law, hbars[small], left.centre[small], (1.9, 2.05)),
    )
    scale = np.sqrt(np.pi) * CHARGE * WIDTH / (4 * hbars[-1] ** 2)
    last = Bracket(left.lower[-1] * scale, left.upper[-1] * scale, rigorous=False)
    law = "(1 − ‖U_sΨ₀‖²/K)√π Cs/4ħ² → 1"
    limit = Inequality("AFG Lemma 5.1, α = 0", law, last, Bracket(0.999, 1.0), kind="rate")
    yield case(f"packet on S: what is left, ħ = {hbars[-1]:g}", limit)
    yield from _later(full)


def _later(full: bool):
    """The same along a run: the largest value is the first."""
    hbars = np.array([0.3, 0.1] + ([0.03, 0.01] if full else []))

    def program(hbar):
        system, u = at_rest(hbar, 639 if full else 191)
        passage = coulomb.watch(system, u, duration=0.25, saves=5)
        each = passage.side("singular")
        law = "‖U_sΨ(t)‖² ≤ ‖U_sΨ₀‖², fixed packet on S"
        first = Bracket(each.lower[0], each.upper[0], rigorous=False)
        rest = Bracket(each.lower[1:], each.upper[1:], rigorous=False)
        return coulomb.singular_bound(passage), Inequality("AFG Lemma 5.1, α = 0", law, rest, first)

    bound, first = lightly(lambda hs: jax.lax.map(program, hs))(hbars)
    yield from two_sided("packet on S, sup over t", bound, 0.999 if full else 0.975)
    yield control("packet on S, 0.97 K", bound.with_constant(0.97))
    yield case("packet on S: the largest value is at t = 0", first)
    yield control("packet on S: it falls by half at once", first.with_constant(0.5))


@more("A11", order=7, cost=2)
def bounded_density(full: bool):
    """The density of a packet on S is bounded there: its mass in |R| < δ is of third order, and at ħ ≈ Cs two thirds of what the sharp
    bound allows as δ → 0. Control: half the sharp bound.
    """
    radii = np.array([0.025, 0.05, 0.1])

    def program(hbar, radii):
        system, u = at_rest(hbar, 95)
        passage = coulomb.watch(system, u, duration=1e-4, saves=1, radii=radii)
        masses = passage.seen["masses"][0]
        return coulomb.near_collision(passage, sharp=True), masses

    compiled = lightly(program)
    sharp, _ = compiled(0.85, np.array([0.01, 0.02, 0.04]))
    yield from two_sided("packet on S, sharp γ, δ → 0", sharp, 0.64)
    yield control("packet on S, half of the sharp bound", sharp.with_constant(0.5))
    _, masses = compiled(0.1, radii)
    law = "∫_{|R|<δ}|Ψ₀|² = O(δ³), bounded density on S"
    series = {"radius": radii, "mass": masses}
    claim = rate("AFG (9), cubic", law, radii, masses, (2.95, 3.03))
    yield case("packet on S, power of δ", claim, series=series)


@more("A16", order=7, cost=3)
def explosion_from_rest(full: bool):
    """A fixed packet on S explodes like the ensemble |Ψ₀|²⊗δ from rest: ‖U_sΨ(t)‖² differs by O(ħ²). Control: an ensemble of another
    mass.
    """
    hbars, times = np.array([0.2, 0.14, 0.1]), np.array([0.1, 0.5] + ([1.0] if full else []))
    gaps = _gaps(hbars, times, *((767, 12.0) if full else (255, 8.0)), "sine")
    place, law = "AFG Theorem 1.1 (iii), α = 0", "|‖U_sΨ(t)‖² − ∫|U_s|²dW(t)| = O(ħ²), from rest"
    for k, time in enumerate(times):
        claim = rate(place, law, hbars, gaps[:, k], LATE if time > 0.5 else POWER)
        series = {"hbar": hbars, "difference": gaps[:, k]}
        yield case(f"explosion from rest, t = {time:g}", claim, series=series, time=time)
    square = lightly(lambda m: from_rest.classical_square(CHARGE, WIDTH, times, mass=m))
    moved = np.abs(gaps + square(0.5)[None] - square(0.25)[None])
    light = rate(place, law, hbars, moved[:, 0], POWER)
    yield control("explosion of an ensemble of mass ¼", light)
    if full:
        # A sine grid would have to resolve ħ²/C.
        small, early = np.array([0.07, 0.05]), times[:2]
        every = np.concatenate([gaps[:, :2], _gaps(small, early, 900, 8.0, "lobatto")])
        for k, time in enumerate(early):
            claim = rate(place, law, np.append(hbars, small), every[:, k], LATE)
            yield case(f"explosion from rest down to ħ = 0.05, t = {time:g}", claim, time=time)


def _gaps(hbars, times, points: int, length: float, kind: str):
    """|‖U_sΨ(t)‖² − ∫|U_s|²dW(t)|, (ħ, time)."""

    def program(hbar):
        system, _ = at_rest(hbar, points, length, kind)
        return from_rest.explosion_gap(system, WIDTH, times)

    return lightly(lambda hs: jax.lax.map(program, hs))(hbars)
