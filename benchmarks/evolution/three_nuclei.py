"""Three nuclei at J = 0: what a collision costs as ε → 0, against the matrix products that it cannot avoid, and how well it is met.

The head-on breathing collision d₀ = 3, d₀′ = −2 of unit charges and masses up to where it has come apart again, by grids and steps that
keep the digits of an independent program. The bare products are those of the transforms, as many as stages need, of real and imaginary
parts alone. Seconds are those of all cores (CPU); bytes are those of the compiled program.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import compiled, interleave, ratio, spread

THEME = "three_nuclei"
STAGES = 6  # of a step of blanes-moan-4


class Case(NamedTuple):
    """Grids, steps and what an independent program found: K, ⟨U_s⟩ at the end, max‖U_sΨ‖²/K over times k/10."""

    lengths: tuple[float, float]
    shape: tuple[int, int, int]
    steps: int
    duration: float
    known: tuple[float, float, float | None]
    digits: tuple[float, float | None]  # of ⟨U_s⟩ and of the ratio


CASES = {
    0.2: Case((5.5, 6.5), (14, 40, 44), 64, 1.8, (10.4767047, 2.224267, 0.7608), (4e-5, 1e-3)),
    0.1: Case(
        (5.5, 6.3), (24, 68, 72), 120, 2.4, (9.73016879, 1.47127936, 0.86642182), (1e-8, 2e-8)
    ),
    0.05: Case((5.0, 5.8), (26, 88, 92), 120, 2.4, (9.363094, 1.487322, 0.93690), (1e-6, 1e-5)),
    0.025: Case((4.6, 5.2), (38, 128, 132), 168, 2.4, (9.181051, 1.492558, None), (1e-6, None)),
}
QUICK = (0.2, 0.1)


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    hbars = QUICK if quick else tuple(CASES)
    found = [measured(hbar, 3.0 if quick else 30.0) for hbar in hbars]
    rows = [row for _, _, more in found for row in more]
    return rows if quick else [*rows, *exponents(found)]


def start(hbar: float) -> tuple[jw.ThreeNuclei, jax.Array]:
    """The system and its packet."""
    case = CASES[hbar]
    radii = tuple(jw.RadialGrid(L, n) for L, n in zip(case.lengths, case.shape[1:]))
    system = jw.ThreeNuclei(hbar=hbar, radii=radii, angles=case.shape[0], exchange="even")
    return system, jw.packet_three(system, 3.0, -2.0)


def ended(hbar: float) -> Any:
    """A run with ‖U_sΨ‖² at times k/10, of the system and the packet."""
    case = CASES[hbar]
    options = {"duration": case.duration, "steps": case.steps, "gradient": "forward"}
    options |= {"saves": round(10 * case.duration), "throw": False}
    return lambda s, c: jw.evolve(s, c, observe=["singular_square", "singular"], **options)


def bare(stages: int) -> Any:
    """As many transforms there and back of two real fields."""

    def products(modes, pair):
        both = lambda _, pair: tuple(modes.synthesise(modes.analyse(x)) for x in pair)  # noqa: E731
        return lax.fori_loop(0, stages, both, pair)

    return products


def measured(hbar: float, seconds: float) -> tuple[float, float, list[Row]]:
    """ε, the seconds of a run, and its rows."""
    case = CASES[hbar]
    system, c = start(hbar)
    ours = compiled(ended(hbar), system, c)
    pair = (jnp.real(c), jnp.imag(c))
    theirs = compiled(bare(STAGES * case.steps), system.modes, pair)
    calls = {"run": lambda: ours.call(system, c), "bare": lambda: theirs.call(system.modes, pair)}
    samples = interleave(calls, rounds=5, seconds=seconds, clock=time.process_time)
    cost = spread(samples["run"])
    sizes = " × ".join(map(str, case.shape))
    what = f"ε = {hbar:g}"
    note = f"{sizes} (γ, R, r), {case.steps} steps of blanes-moan-4"
    more = {"compile_seconds": ours.compile_seconds, "note": note}
    rows = [
        timed(THEME, f"run / its matrix products, {what}", ratio(samples, "run", "bare"), **more),
        timed(
            THEME,
            f"one run, {what}",
            cost,
            unit="s of CPU",
            program_bytes=bytes_of(ours, system, c),
        ),
    ]
    return hbar, cost.median, [*rows, *agreement(hbar, ours.call(system, c), system, c)]


def bytes_of(program: Any, *arguments: Any) -> int:
    """Of its arguments and of what it holds besides."""
    leaves = (leaf for leaf in jax.tree.leaves(arguments) if hasattr(leaf, "nbytes"))
    return program.held_bytes + sum(leaf.nbytes for leaf in leaves)


def agreement(hbar: float, found: Any, system: jw.ThreeNuclei, c: jax.Array) -> list[Row]:
    """How far K, ⟨U_s⟩ and the largest ratio are from those of an independent program."""
    case = CASES[hbar]
    K = float(system.bounds(c)["K"])
    reached = float(np.max(found.observed["singular_square"])) / K
    names = ("K", "⟨U_s⟩ at the end", "max ‖U_sΨ‖²/K")
    values = (K, float(found.observed["singular"][-1]), reached)
    tolerances = (1e-6, *case.digits)
    rows = [Row(THEME, f"max ‖U_sΨ‖²/K, ε = {hbar:g}", reached)]
    return rows + [
        Row(THEME, f"|{name} − reference|, ε = {hbar:g}", abs(one - known), at_most=digits)
        for name, one, known, digits in zip(names, values, case.known, tolerances)
        if known is not None
    ]


def exponents(found: list[tuple[float, float, list[Row]]]) -> list[Row]:
    """Of the cost in ε."""
    hbars = [hbar for hbar, _, _ in found]
    points = [np.prod(CASES[hbar].shape) * 1.0 for hbar in hbars]
    slopes = [
        np.polyfit(np.log(hbars), np.log(y), 1)[0] for y in (points, [s for _, s, _ in found])
    ]
    return [
        Row(THEME, f"exponent of ε in {what}", float(-slope))
        for what, slope in zip(("the points", "the seconds of a run"), slopes)
    ]
