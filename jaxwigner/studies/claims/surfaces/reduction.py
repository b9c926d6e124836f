"""S1, S2: one level for several, during a passage and behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import jax
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.inequality import Inequality, rate
from jaxwigner.potentials import DeltaGap
from jaxwigner.studies.claims.claim import Row, case, claim, control, share, shared
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import surfaces_reduction
from jaxwigner.theorems.surfaces.reduction import Reduction

COARSE = 0.04 * 0.5 ** np.arange(3)  # ħ where the gap is of order √ħ
NAME = "Born–Oppenheimer"
DURATION, SAVES = 4.0, 40


class Passages(NamedTuple):
    """Past a gap of 1, for each of the ħ, and past one of √ħ, for those of COARSE."""

    hbars: np.ndarray
    one: Reduction
    narrow: Reduction


@shared
def _passages(full: bool) -> Passages:
    hbars = 0.04 * 0.5 ** (0.5 * np.arange(8 if full else 5))
    grid = Grid(-5.5, 8.5, 4608 if full else 1280)
    options = {"duration": DURATION, "steps": 900 if full else 240, "saves": SAVES}

    def passage(pair):
        hbar, delta = pair
        V = DeltaGap(delta)
        return surfaces_reduction.reduction(V, grid, (-4.0, 2.0), hbar, **options)

    pairs = np.concatenate([hbars, COARSE]), np.r_[0.5 + 0 * hbars, 0.5 * COARSE**0.5]
    found = lightly(lambda both: jax.lax.map(passage, both))(pairs)
    part = lambda k: jax.tree.map(lambda a: a[k], found)  # noqa: E731
    return Passages(hbars, part(slice(len(hbars))), part(slice(len(hbars), None)))


@claim("S1", "AFG Remark 6", cost=4)
def during(full: bool) -> Iterator[Row]:
    """one level for several: sup_t‖ψ − φχ‖ = O(ħ) and other levels hold Σ∫|ħd(p̂/m)φ/g|² = O(ħ²) during a passage.

    *Given* levels that do not meet (H. Spohn, S. Teufel, arXiv:math-ph/0104024). **Beyond:** rates of the populations, and what they
    are.

    A packet on the lower level passes a gap of 1, ħ from .04 to .01: ‖ψ − φχ‖ reaches .92ħ and the other level holds .81ħ², with the
    rates 1 and 2; the leading term is right up to a relative error of order ħ^{1.8}. Controls: a gap of √ħ, where neither tends to
    zero; the population as of order ħ³.
    """
    hbars, passed, failed = _passages(full)
    distance, population = passed.distance.max(1), passed.population.max(1)
    times = np.linspace(0.0, DURATION, SAVES + 1)
    series = {"hbar": hbars, "distance": distance, "population": population}
    series |= {"t": times, "held": passed.population / hbars[:, None] ** 2}
    law = "sup_t‖ψ − φχ‖ = O(ħ)"
    yield case("‖ψ − φχ‖", rate(NAME, law, hbars, distance, (0.85, 1.15)), series=series)
    law = "sup_t P = O(ħ²), the other level"
    yield case("population", rate(NAME, law, hbars, population, (1.85, 2.15)))
    law = "sup_t P = O(ħ³), the other level"
    yield control("population of order ħ³", rate(NAME, law, hbars, population, (2.85, 3.15)))
    there = passed.held.argmax(1)
    pick = lambda a: np.take_along_axis(a, there[:, None], 1)[:, 0]  # noqa: E731
    off = pick(passed.population) / pick(passed.held) - 1
    law = "P/∫|ħd(p̂/m)φ/g|² − 1 = O(ħ^{3/2}) or less"
    yield case("its leading term", rate(NAME, law, hbars, np.abs(off), (1.5, 2.15)))
    for name, values, order in (
        ("‖ψ − φχ‖", failed.distance.max(1), 1),
        ("population", failed.population.max(1), 2),
    ):
        ends = (order - 0.15, order + 0.15)
        law = f"{name}, a gap of √ħ, = O(ħ^{order})"
        yield control(f"a gap of √ħ: {name}", rate(NAME, law, COARSE, values, ends))


@claim("S2", "AFG Remark 6")
def behind(full: bool) -> Iterator[Row]:
    """behind a passage the one level is wrong by the phase δφ = ħ∫(p²d²/(m²g) − d²/2m)dt: ‖ψ − φχ‖ → |δφ|, ‖ψ − e^{iδφ}φχ‖ =
    O(ħ^{3/2}).

    *Given* levels that do not meet. **Beyond:** all of it.

    The same packet behind the gap: ‖ψ − φχ‖ = .385ħ, as δφ along the classical path says, and e^{iδφ}φχ is right to .20ħ^{3/2}. The
    term of Born and Huang, ħ²d²/2m on the level, alone makes it worse: .451ħ. Controls: that it makes it better; its phase alone; no
    phase.
    """
    hbars, passed, _ = _passages(full)
    after = passed.distance[:, -1]
    series = {"hbar": hbars, "after": after, "turned": passed.turned, "huang": passed.huang}
    ends = (1.35, 1.65)
    law = "‖ψ − e^{iδφ}φχ‖ = O(ħ^{3/2})"
    yield case("with δφ", rate(NAME, law, hbars, passed.turned, ends), series=series)
    tends = Inequality(NAME, "‖ψ − φχ‖ → |δφ|", after[-1], hbars[-1] * np.abs(passed.phase[-1]))
    yield case("|δφ|", share(tends, 0.995, 1.005))
    law = "‖ψ − φχ‖ = O(ħ^{3/2}) behind the passage"
    yield control("no phase", rate(NAME, law, hbars, after, ends))
    law = "‖ψ − e^{iδφ}φχ‖ = O(ħ^{3/2}), δφ without p²d²/(m²g)"
    yield control("the phase of Born and Huang's term", rate(NAME, law, hbars, passed.halved, ends))
    law = "‖ψ − φ_BHχ‖ ≤ ‖ψ − φχ‖"
    yield control("with Born and Huang's term", Inequality(NAME, law, passed.huang, after))
