"""S9: Berry's phase, an error of the one-surface density that no population shows."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.studies.claims.claim import Row, case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import surfaces_berry


@claim("S9", "AFG Remark 1", cost=2)
def berrys_phase(full: bool) -> Iterator[Row]:
    """Berry's phase: of two ways round a cone one changes the sign; one surface without it is wrong by O(1), with no population to
    show.

    *Given* two packets round the trough of Jahn and Teller's surfaces, ½r² ∓ r. **Beyond:** all of it.

    Where they meet, the density of the lower level vanishes on the far ray, and is that of |φ₊ − φ₋|² of the packets moved on the
    lower surface alone, within ε in L¹; the upper level has less than .04ε² on the whole way. Limits of Wigner functions do not see
    it. Controls: one surface without the phase, whose density is largest on that ray; |φ₊ + φ₋|².
    """
    hbars = np.array([0.1, 0.07, 0.05] if full else [0.2, 0.1])
    points, steps = (128, 240) if full else (64, 100)

    def one(hbar):
        side = 2.3 + 4.0 * hbar**0.5
        grid = Grid((-side, -side), (side, side), (points, points))
        return surfaces_berry.round_the_tip(grid, hbar, steps=steps)

    found = lightly(lambda h: jax.lax.map(one, h))(hbars)
    vanishes, interferes = surfaces_berry.vanishes_on_the_ray, surfaces_berry.interferes
    yield case("the far ray", vanishes(found.ray, hbars))
    yield control("the far ray, one surface without the phase", vanishes(found.ray_alone, hbars))
    yield case("packets on one surface with the phase", interferes(found.apart, hbars))
    without = interferes(found.apart_alone, hbars)
    yield control("packets on one surface without the phase", without)
    yield case("the upper level", surfaces_berry.hidden(found.upper, hbars))
