"""W1, W2: the worst cases of Theorems 2.5 and 2.7, searched for: they reach the sharp bound of Theorem S and do not exceed it."""

from __future__ import annotations

from jaxwigner.brackets import Bracket
from jaxwigner.studies.claims.claim import CONTROL, measures, row
from jaxwigner.studies.search import growth_classes as worst_growth
from jaxwigner.studies.search.worst_case import Outcome, worst_case
from jaxwigner.theorems import Inequality

REACHED = 0.98
AGREEMENT = 1e-3


def _rows(name: str, theorem: str, measure, full: bool):
    frame = worst_growth.Frame(hbar=0.1, time=1.0 if full else 0.4, lipschitz=1.0)

    def ratio(a, fine):
        found = measure(a, frame, fine)
        return Outcome(found["ratio"], found["trust"])

    size = {"starts": 8, "iterations": 160, "random": 1000}
    quick = {"starts": 2, "iterations": 60, "random": 64}
    found = worst_case(
        ratio, worst_growth.draw_even, rate=0.1, agreement=AGREEMENT, **(size if full else quick)
    )
    error = abs(found.ratio - found.searched) + 1e-9
    sharpest = Bracket.estimated(found.ratio, error)
    numbers = {"hbar": frame.hbar, "L": frame.lipschitz, "t": frame.time}

    def claim(statement, left, right):
        return Inequality(f"GP {theorem}, sharp form", statement, left, right, parameters=numbers)

    above = claim("the worst case found: E_ħ(t)²/bound ≤ 1", sharpest, 1.0)
    series = {"random": found.random}
    yield row(name, "not exceeded", above, ("holds", "tight"), series=series)
    yield row(name, "reached", claim("0.98 ≤ the worst case found", REACHED, sharpest))
    best = claim("best random member ≤ the worst case found", found.random_best, sharpest)
    yield row(name, "better than random", best)
    yield row(name, "nine tenths of the bound", above.with_constant(0.9), CONTROL)


@measures("W1")
def theorem_25(full: bool):
    """Vlasov and Hartree, even V with sup|V″| = 1, any p, pure R; the control is a bound a tenth smaller."""
    yield from _rows("W1", "Theorem 2.5", worst_growth.theorem_25, full)


@measures("W2")
def theorem_27(full: bool):
    """Two bodies, classical and quantum, symmetric data; the same control."""
    yield from _rows("W2", "Theorem 2.7", worst_growth.theorem_27, full)
