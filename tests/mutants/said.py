"""Mutants and what became of them, in words."""

from __future__ import annotations

import math

from .mutant import Change, Mutant
from .run import NOTICED, Outcome


def change(mutant: Mutant) -> str:
    """file: old → new, on one line."""
    return "; ".join(map(_words, mutant.changes))


def _words(one: Change) -> str:
    old, new = (" ".join(text.split()) for text in (one.old, one.new))
    return f"{one.file}: {old} → {new or 'nothing'}"


def line(outcome: Outcome) -> str:
    """One line: what is changed, which row notices it, by how much."""
    mutant = outcome.mutant
    head = f"{mutant.name:8} {mutant.what} ({change(mutant)})"
    if outcome.verdict != NOTICED or outcome.row is None:
        return f"{head}: {outcome.verdict.upper()}: {outcome.said}"
    return f"{head}: {amount(outcome.row)}"


def amount(row: dict) -> str:
    """The row that noticed, and its sides."""
    expected = row["expected"] if isinstance(row["expected"], str) else " or ".join(row["expected"])
    left, right = (centre(row[side]) for side in ("lhs", "rhs"))
    if row["kind"] == "rate":
        sides = f"exponent {left:.3g}, predicted {row['rhs'][0]:.3g} … {row['rhs'][1]:.3g}"
    elif right == 0 or not math.isfinite(left / right):
        sides = f"{left:.3g} against {right:.3g}"
    else:
        sides = f"r = {left / right:.3g}"
    return f"{row['id']} «{row['case']}» {row['verdict']}, expected {expected}, {sides}"


def centre(ends: list[float]) -> float:
    return 0.5 * (ends[0] + ends[1])
