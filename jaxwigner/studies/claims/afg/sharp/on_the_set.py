"""A14, A16: a packet that lies on the singular set S, seen by test functions that do not vanish there."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.quantum import PartialWaves, RadialGrid, evolve_exactly
from jaxwigner.quantum.partial_waves.packets import gaussian_waves
from jaxwigner.studies.claims.afg.cutoff import later
from jaxwigner.studies.claims.claim import case, control, more, shared
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import Inequality, coulomb_cutoff
from jaxwigner.theorems.afg.coulomb.cutoff import CutTest

TIMES = np.linspace(0.0, 0.4, 5)
SIMPSON = np.array([1.0, 4.0, 2.0, 4.0, 1.0]) * (TIMES[1] / 3)
COARSE = np.array([1.0, 4.0, 1.0]) * (TIMES[2] / 3)
WIDTH = 1.0
TEST = CutTest(centre=0.2, spread=0.8, momentum=0.0, width=WIDTH)
RADII = np.array([1.6, 0.8, 0.4, 0.2])  # η_δ = 1 for |R| < 0.8, where the packet is, at the first


@shared
def measured(full: bool):
    """∫₀^0.4 dt of ∫∫gη_δφ and of T4 for η_δφ, (ħ, δ) each, from a packet of fixed width (α = 0) about R = 0."""
    hbars, waves, points = (
        (np.array([0.4, 0.2, 0.1, 0.05]), 32, 128) if full else (np.array([0.4, 0.1]), 20, 80)
    )
    nodes = coulomb_cutoff.nodes(WIDTH, count=2**11 if full else 2**9, central=True)

    def over_time(states, system, delta, nodes, kind: str) -> Bracket:
        found = jax.lax.map(
            lambda u: coulomb_cutoff.cut_integral(u, system, TEST, delta, nodes, kind), states
        )
        whole = Bracket(SIMPSON @ found.lower, SIMPSON @ found.upper, rigorous=False)
        # Simpson's rule of fourth order, beside the same with twice the step.
        apart = jnp.abs(SIMPSON @ found.centre - COARSE @ found.centre[::2])
        return whole.widen(apart / 15, rigorous=False)

    def program(hbar, nodes):
        grid = RadialGrid(4.0, points, "lobatto")
        system = PartialWaves(grid, 0.5, hbar, waves=waves)
        u = gaussian_waves(system, (0.0, 0.0, 0.0), (0.0, 0.0, 0.5), 0.5)
        states = evolve_exactly(system, u, TIMES)
        kinds = "defect", "liouville"
        return jax.lax.map(
            lambda d: [over_time(states, system, d, nodes, kind) for kind in kinds], RADII
        )

    compiled = lightly(lambda hs, nodes: jax.lax.map(lambda h: program(h, nodes), hs))
    return hbars, *compiled(hbars, nodes)


@more("A14", order=4, cost=4)
def nothing_is_hidden(full: bool):
    """(45) for a packet on S: what η_δφ sees of f, over time, falls at least like δ, uniformly in ħ. Control: not like δ⁴."""
    _, defect, transport = measured(full)
    force = abs(defect + transport)
    whole = Bracket(force.lower[:, 1].max(), force.upper[:, 1].max(), rigorous=False)
    law = "sup_ħ|∫dt∫∫fη_δφ| ≤ (δ/δ₀) × the same at δ₀ = 0.8"
    for power, row in ((1, case), (4, control)):
        scale = (RADII[None, 2:] / RADII[1]) ** power
        bound = Bracket(whole.lower * scale, whole.upper * scale, rigorous=False)
        lhs = Bracket(force.lower[:, 2:], force.upper[:, 2:], rigorous=False)
        claim = Inequality("AFG (45)", law.replace("(δ/δ₀)", f"(δ/δ₀)^{power}"), lhs, bound)
        yield row(f"packet on S: like δ^{power}", claim)


@more("A16", order=4, cost=1)
def across_the_set(full: bool):
    """(8), the Liouville equation against a φ ≠ 0 on S, for a packet on S: what remains of it is small beside its force term, for
    small ħ. Control: ħ = 0.4.
    """
    hbars, defect, transport = measured(full)
    rest, force = abs(defect), abs(transport)
    law = "|∫dt∫∫gφ| ≤ |∫dt T4|/{}, φ ≠ 0 on S"
    for k, row in ((-1, case), (0, control)):
        claim = small_beside(rest, force, (k, 0), 20, law, hbars[k])
        yield row(f"packet on S, ħ = {hbars[k]:g}", claim)
    if full:
        yield from _head_on()


def small_beside(rest: Bracket, force: Bracket, at, part: int, law: str, hbar) -> Inequality:
    """What remains of (8) ≤ 1/`part` of its force term, at this entry of both."""
    rhs = Bracket(force.lower[at] / part, force.upper[at] / part, rigorous=False)
    lhs = Bracket(rest.lower[at], rest.upper[at], rigorous=False)
    return Inequality("AFG (8)", law.format(part), lhs, rhs, parameters={"hbar": hbar})


def _head_on():
    """A packet that runs at S, near the turn and after it, at one time each; φ ≠ 0 on S."""
    test = CutTest(centre=0.3, spread=0.5, momentum=0.0, width=WIDTH)
    nodes, hbar = coulomb_cutoff.nodes(WIDTH, count=2**12, central=True), 0.03

    def program(hbar, time, nodes):
        system, _, u = later(hbar, 191, 84, time)
        parts = "defect", "liouville"
        return [coulomb_cutoff.cut_integral(u, system, test, 3.0, nodes, part) for part in parts]

    compiled = lightly(program)
    for time, part in ((0.8, 200), (1.2, 500), (1.6, 500)):
        rest, force = (abs(one) for one in compiled(hbar, time, nodes))
        law = "|∫∫gφ| ≤ |T4|/{}, φ ≠ 0 on S"
        claim = small_beside(rest, force, (), part, law, hbar)
        yield case(f"head-on packet, t = {time:g}", claim, time=time)
