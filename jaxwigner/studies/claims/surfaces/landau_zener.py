"""S5: Landau and Zener's probability in time."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np

from jaxwigner.studies.claims.claim import Row, case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import surfaces_landau_zener

SLOPES = np.array([1.0, 1.0, 0.7])
COUPLINGS = np.array([0.2, 0.3, 0.25])
HBARS = np.array([0.1, 0.1, 0.05])


@claim("S5", "AFG Remark 1", cost=2)
def in_time(full: bool) -> Iterator[Row]:
    """Landau and Zener: levels ±√(a²t² + d²) are changed with P = e^{−πd²/ħa} = e^{−(π/2ħ)√(g³/g″)}, exactly.

    *Given* iħċ = ((at, d), (d, −at))c from t = −∞ to ∞. **Beyond:** all of it.

    The evolution over finite times, by products of exponentials of order 4, with what the ends may change in the bracket: P from .28
    to .0037, in the form with the rate of the diabatic levels and in that with the second derivative of the gap alone. Controls: half
    of the gap in the exponent; the rate of one diabatic level for that of their difference.
    """

    @lightly
    def program(a, d, hbar):
        each = lambda form: jax.vmap(  # noqa: E731
            lambda *one: surfaces_landau_zener.in_time(*one, reach=30.0, form=form)
        )(a, d, hbar)
        return each("rate"), each("curvature")

    by_rate, by_curvature = program(SLOPES, COUPLINGS, HBARS)
    exact = np.asarray(by_rate.rhs.centre)
    yield case("the rate of the diabatic levels", by_rate)
    yield case("the second derivative of the gap", by_curvature)
    yield control("half of the gap", by_rate.with_constant(exact ** (-3 / 4)))
    yield control("the rate of one level", by_rate.with_constant(exact))
