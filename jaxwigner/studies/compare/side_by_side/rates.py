"""How a difference goes to 0 with ħ: local powers, what they tend to, or none."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.studies.compare.correction import student

CLEAR = 3.0  # a difference counts where it is so many times its error
WILD = 0.6  # local powers that differ by more from what they tend to are no power


class Rate(eqx.Module):
    """Differences ∝ ħ^power: local powers between neighbouring ħ, the largest first, and the power they tend to (or None: no power, or
    two ħ only).

    >>> from jaxwigner.studies.compare.side_by_side import Rate
    >>> from jaxwigner.studies.compare.side_by_side.rates import rate_of
    >>> print(rate_of([1, 0.5, 0.25], [0.4, 0.1, 0.025], [0.0, 0.0, 0.0]))
    ħ^2.00 ± 0.00 (local powers 2.00 2.00)
    """

    powers: Any
    power: Bracket | None

    def __str__(self) -> str:
        if not len(self.powers):
            return "no power (it takes two ħ whose differences exceed their errors)"
        local = "local powers " + " ".join(f"{p:.2f}" for p in self.powers)
        if len(self.powers) == 1:
            return f"ħ^{self.powers[0]:.2f} between two ħ (more say what it tends to)"
        if self.power is None:
            return f"no power ({local})"
        return f"ħ^{float(self.power.centre):.2f} ± {float(self.power.width) / 2:.2f} ({local})"


def rate_of(hbars: Any, gaps: Any, errors: Any) -> Rate:
    """Local powers, and their extrapolation to ħ = 0: linear in ħ from the last two, uncertain by what it adds and by all errors."""
    order = np.argsort(hbars)[::-1]
    h, g, e = (np.asarray(one, float)[order] for one in (hbars, gaps, errors))
    kept = (g > CLEAR * e) & (g > 0)
    last = len(g) if kept.all() else int(np.argmin(kept))
    h, g, e = h[:last], g[:last], e[:last]
    if len(h) < 2:
        return Rate(np.zeros(0), None)
    steps = np.log(h[:-1] / h[1:])
    powers = np.log(g[:-1] / g[1:]) / steps
    doubt = (e[:-1] / g[:-1] + e[1:] / g[1:]) / steps
    if len(powers) < 2:
        return Rate(powers, None)
    middles = np.sqrt(h[:-1] * h[1:])
    slope = (powers[-1] - powers[-2]) / (middles[-2] - middles[-1])
    limit = powers[-1] + slope * middles[-1]
    width = abs(limit - powers[-1]) / 2 + doubt[-1] + doubt[-2]
    wild = (
        abs(limit - powers[-1]) > WILD or np.ptp(powers) > 2 * WILD or limit < 0.25 or width > WILD
    )
    return Rate(powers, None if wild else Bracket(limit - width, limit + width, rigorous=False))


def root_mean_square(gap: np.ndarray, steady: np.ndarray, left_out: Any) -> tuple[float, float]:
    """Of a difference over times, without what sampling adds to its square, and its error.

    `steady`: errors that no sample lessens; `left_out` (R, times): differences without one of R replicas, or None. The jackknife: what
    is linear in 1/R goes, and 95 % of what is left is Student's t of the spread.

    >>> import numpy as np
    >>> root_mean_square(np.array([0.3, -0.3]), np.zeros(2), None)
    (0.3, 0.0)
    """
    square, half = float(np.mean(gap**2)), 0.0
    if left_out is not None:
        each, count = np.mean(left_out**2, axis=1), len(left_out)
        square = count * square - (count - 1) * float(np.mean(each))
        half = student(count) * (count - 1) * float(np.std(each, ddof=1))
    found, least = (float(np.sqrt(max(one, 0.0))) for one in (square, square - half))
    return found, found - least + float(np.sqrt(np.mean(steady**2)))
