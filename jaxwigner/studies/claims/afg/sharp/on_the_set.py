"""A14, A16: a packet that lies on the singular set S, seen by test functions that do not vanish there."""

from __future__ import annotations

import jax
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.quantum import PartialWaves, RadialGrid, evolve_exactly
from jaxwigner.quantum.partial_waves.packets import gaussian_waves
from jaxwigner.studies.claims.afg.cutoff import later
from jaxwigner.studies.claims.claim import case, control, more, shared
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import Inequality, coulomb_cutoff
from jaxwigner.theorems.afg.coulomb.cutoff import CutTest
from jaxwigner.theorems.afg.sharp import on_the_set

DURATION, WIDTH = 0.4, 1.0
TEST = CutTest(centre=0.2, spread=0.8, momentum=0.0, width=WIDTH)
PACKET = (0.0, 0.0, 0.0), (0.0, 0.0, 0.5), 0.5  # position, momentum, width
RADII = np.array([1.6, 0.8, 0.4, 0.2])  # η_δ = 1 for |R| < 0.8, where the packet is, at the first


@shared
def measured(full: bool):
    """∫₀^0.4 dt of ∫∫gη_δφ and of T4 for η_δφ, φ = a(R)b(P_z), (ħ, δ) each, from a packet of fixed width (α = 0) about R = 0."""
    hbars, waves, points, intervals = (
        (np.array([0.4, 0.2, 0.1, 0.05, 0.025]), 44, 224, 24)
        if full
        else (np.array([0.4, 0.1]), 20, 80, 16)
    )
    nodes = on_the_set.line_nodes(WIDTH, 2**11 if full else 2**10)
    times, kinds = on_the_set.graded_times(DURATION, intervals), ("defect", "liouville")

    def program(hbar, nodes):
        system = PartialWaves(RadialGrid(4.0, points, "lobatto"), 0.5, hbar, waves=waves)
        states = evolve_exactly(system, gaussian_waves(system, *PACKET), times)

        def one(delta):
            seen = lambda u: coulomb_cutoff.cut_integral(u, system, TEST, delta, nodes, kinds)  # noqa: E731
            return on_the_set.over_time(seen, states, DURATION)

        return jax.lax.map(one, RADII)

    compiled = lightly(lambda hs, nodes: jax.lax.map(lambda h: program(h, nodes), hs))
    found = compiled(hbars, nodes)
    return hbars, *(jax.tree.map(lambda leaf, k=k: leaf[..., k], found) for k in range(len(kinds)))


@more("A14", order=4, cost=4)
def nothing_is_hidden(full: bool):
    """(45) for a packet on S: what η_δφ sees of f, over time, falls like δ, and faster: like δ^1.5, uniformly in
    ħ. Control: not like δ⁴.
    """
    _, defect, transport = measured(full)
    force = abs(defect + transport)
    whole = Bracket(force.lower[:, 1].max(), force.upper[:, 1].max(), rigorous=False)
    law = "sup_ħ|∫dt∫∫fη_δφ| ≤ (δ/δ₀) × the same at δ₀ = 0.8"
    for power, row in ((1, case), (1.5, case), (4, control)):
        scale = (RADII[None, 2:] / RADII[1]) ** power
        bound = Bracket(whole.lower * scale, whole.upper * scale, rigorous=False)
        lhs = Bracket(force.lower[:, 2:], force.upper[:, 2:], rigorous=False)
        claim = Inequality("AFG (45)", law.replace("(δ/δ₀)", f"(δ/δ₀)^{power:g}"), lhs, bound)
        yield row(f"packet on S: like δ^{power:g}", claim)


@more("A16", order=4, cost=1)
def across_the_set(full: bool):
    """(8), the Liouville equation against a φ ≠ 0 on S, for a packet on S: what remains of it is small beside its force term, for
    small ħ. Control: ħ = 0.4.
    """
    hbars, defect, transport = measured(full)
    rest, force = abs(defect), abs(transport)
    law = "|∫dt∫∫gφ| ≤ |∫dt T4|/{}, φ ≠ 0 on S"
    rows = [(int(np.flatnonzero(hbars == 0.1)[0]), case, 30), (0, control, 30)]
    for k, row, part in rows + ([(-1, case, 100)] if full else []):
        claim = small_beside(rest, force, (k, 0), part, law, hbars[k])
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
        found = coulomb_cutoff.cut_integral(u, system, test, 3.0, nodes, ("defect", "liouville"))
        return [jax.tree.map(lambda leaf, k=k: leaf[k], found) for k in range(2)]

    compiled = lightly(program)
    for time, part in ((0.8, 200), (1.2, 500), (1.6, 500)):
        rest, force = (abs(one) for one in compiled(hbar, time, nodes))
        law = "|∫∫gφ| ≤ |T4|/{}, φ ≠ 0 on S"
        claim = small_beside(rest, force, (), part, law, hbar)
        yield case(f"head-on packet, t = {time:g}", claim, time=time)
