"""W1, W2: the worst cases of Theorems 2.5 and 2.7, searched for: they reach the sharp bound of Theorem S and do not exceed it."""

from __future__ import annotations

from typing import Any

from jaxwigner.brackets import Bracket
from jaxwigner.studies.claims.claim import case, claim, control
from jaxwigner.studies.claims.compiling import light_compilation
from jaxwigner.studies.search import growth_classes as worst_growth
from jaxwigner.studies.search.worst_case import Outcome, worst_case
from jaxwigner.theorems import Inequality

REACHED = 0.98
AGREEMENT = 1e-3


def _rows(theorem: str, measure, full: bool):
    how: dict[str, Any] = {"time": 1.0} if full else {"time": 0.4, "method": "strang"}
    frame = worst_growth.Frame(hbar=0.1, lipschitz=1.0, **how)

    def ratio(a, fine):
        found = measure(a, frame, fine)
        return Outcome(found["ratio"], found["trust"])

    size: dict[str, Any] = {"starts": 8, "iterations": 160, "random": 1000}
    quick: dict[str, Any] = {"starts": 2, "iterations": 60, "random": 64}
    with light_compilation():
        found = worst_case(
            ratio,
            worst_growth.draw_even,
            rate=0.1,
            agreement=AGREEMENT,
            **(size if full else quick),
        )
    error = abs(found.ratio - found.searched) + 1e-9
    sharpest = Bracket.estimated(found.ratio, error)
    numbers = {"hbar": frame.hbar, "L": frame.lipschitz, "t": frame.time}

    def inequality(statement, left, right):
        return Inequality(f"GP {theorem}, sharp form", statement, left, right, parameters=numbers)

    above = inequality("the worst case found: E_ħ(t)²/bound ≤ 1", sharpest, 1.0)
    series = {"random": found.random}
    yield case("not exceeded", above, ("holds", "tight"), series=series)
    yield case("reached", inequality("0.98 ≤ the worst case found", REACHED, sharpest))
    best = inequality("best random member ≤ the worst case found", found.random_best, sharpest)
    yield case("better than random", best)
    yield control("nine tenths of the bound", above.with_constant(0.9))


@claim("W1", "GP Theorem 2.5", cost=16)
def theorem_25(full: bool):
    """the worst initial data and potentials that a search finds.

    *Given* even V with sup|V″| = L, any p, pure R. **Beyond:** at 0.98 of the sharp bound, and not beyond it.

    A search over initial data and potentials reaches the bound of Theorem S and does not exceed it. Control: a bound a tenth
    smaller.
    """
    yield from _rows("Theorem 2.5", worst_growth.theorem_25, full)


@claim("W2", "GP Theorem 2.7", cost=12)
def theorem_27(full: bool):
    """the worst data for two bodies, classical and quantum, that a search finds.

    *Given* even V with sup|V″| = L, symmetric data. **Beyond:** at 0.98 of the sharp bound, and not beyond it.

    The same search with N = 2. Control: a bound a tenth smaller.
    """
    yield from _rows("Theorem 2.7", worst_growth.theorem_27, full)
