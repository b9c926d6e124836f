"""The upper arrow of Diagram 1 in MK_ħ, beside the trace norm and the Husimi functions, uniformly in ħ."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.inequality import Inequality
from jaxwigner.studies.claims.claim import Row, case, control, more, share, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import mk_upper_arrow
from jaxwigner.theorems.gp.sharp import states

HBARS = np.logspace(0.0, -6.0, 25)
NUMBERS = np.array([10.0, 1e3])
L, TIME = 0.5, 1.0


@more("diagram", order=1, cost=3)
def in_three_rulers(full: bool) -> Iterator[Row]:
    """V = −¼x², a pure state that is long along what the flow stretches most, ħ from 1 to 10⁻⁶: the trace norm goes from .02 to 2 for
    N = 1000, where MK_ħ² stays within its bound, of which it uses .97, and within .2/N of MK_ħ(R, R)². Controls: the trace norm
    uniformly in ħ; .9 of the bound.
    """
    wide = np.sqrt(0.2) * np.asarray(states.stretched(L, TIME))
    program = lightly(
        lambda hbars, N: mk_upper_arrow.upper_arrow(wide, -L, hbars, N, duration=TIME)
    )
    few, many = (program(HBARS, N) for N in NUMBERS)
    yield from _rows(many)
    excess = np.stack([np.abs(N * one.excess) for N, one in zip(NUMBERS, (few, many))])
    law = "N|MK(R, R¹_N)² − MK(R, R)²| ≤ .2, every ħ and N"
    claim = Inequality("MK_ħ, upper arrow", law, Bracket.estimated(excess, 1e-9), 0.2)
    yield from two_sided("top: excess of MK_ħ², every ħ and N", claim, 0.9, 0.93)


def _rows(many: mk_upper_arrow.UpperArrow) -> Iterator[Row]:
    number = NUMBERS[-1]
    cost, husimi, norm = many.cost, many.husimi, many.trace_norm
    series = {
        "rulers_hbar": HBARS,
        "rulers_norm_below": norm.lower,
        "rulers_norm_above": norm.upper,
        "rulers_husimi": np.sqrt(np.maximum(husimi.lhs.centre, 0.0) / number),
        "rulers_husimi_bound": np.sqrt(husimi.rhs.centre / number),
        "rulers_mk": np.sqrt(cost.lhs.centre),
        "rulers_mk_bound": np.sqrt(cost.rhs.upper),
        "rulers_excess": np.abs(many.excess),
    }
    yield case("top: MK_ħ uniformly in ħ, N = 1000", cost, ("holds", "tight"), series=series)
    yield case("top: MK_ħ uniformly in ħ, N = 1000: share", share(cost, 0.965, 0.98))
    yield control("top: MK_ħ uniformly in ħ, N = 1000: .9", cost.with_constant(0.9))
    yield control("top: trace norm uniformly in ħ, N = 1000", _uniform(norm))


def _uniform(norm: Bracket) -> Inequality:
    """What the trace norm at ħ = 1 says of all smaller ħ, were it uniform."""
    law = "‖R¹_N − R‖₁ ≤ twice that at ħ = 1"
    last = jax.tree.map(lambda leaf: leaf[-1], norm)
    return Inequality("MK_ħ, upper arrow", law, last, 2 * float(norm.upper[0]))
