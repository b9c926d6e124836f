"""Claims in one line each: the case that comes nearest to its bound, how near, and whether all rows are as expected.

A bound from one side says most where r = left side/right side is near 1. A claim without one is an identity, whose two sides leave
nothing over, or a rate, whose interval bounds it from both sides: their r says how near they are, and they come after the bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from jaxwigner.studies.claims.claim import CLAIMS, Row

ORDER = {"inequality": 2, "identity": 1, "rate": 0}  # of what says most about a claim


@dataclass(frozen=True)
class Summary:
    """A claim with its tightest case; `rows`: how many, of which so many are `as_expected`; the verdict is that of the case, or of the
    first row that is not as expected."""

    id: str
    statement: str
    case: str
    used: str
    verdict: str
    rows: int
    as_expected: int
    seconds: float


def summaries(rows: Iterable[Row]) -> list[Summary]:
    """One for each id, in the order of the rows.

    >>> from jaxwigner.studies import claims
    >>> from jaxwigner.studies.claims.summary import summaries
    >>> [(one.id, one.case, one.used) for one in summaries(claims.measure(["A5"]))]
    [('A5', 'packet at the maximum of φ', '0.985')]
    """
    return [_summary(name, list(found)) for name, found in groupby(rows, key=lambda row: row.id)]


def _summary(name: str, rows: Sequence[Row]) -> Summary:
    best, wrong = tightest(rows), [row for row in rows if not row.as_expected]
    told = wrong[0] if wrong else best
    declared = CLAIMS.get(name)
    return Summary(
        name,
        f"{declared.paper} {declared.place}: {declared.statement}" if declared else told.statement,
        told.case,
        used_up(told),
        told.verdict,
        len(rows),
        len(rows) - len(wrong),
        sum(row.seconds for row in rows),
    )


def tightest(rows: Sequence[Row]) -> Row:
    """The case that uses up most of its claim; the first row where there are only controls."""
    cases = [row for row in rows if not row.is_control] or list(rows[:1])
    return max(cases, key=lambda row: (ORDER[row.kind], -1.0 if row.r is None else row.r))


def used_up(row: Row) -> str:
    """r to three digits; for identities "=", for rates the measured exponent."""
    if row.is_share and row.r is not None:
        return f"{row.r:.3g}"
    if row.kind == "rate":
        return f"power {0.5 * sum(row.lhs):.2f}"
    if row.kind == "identity" or row.r is None:
        return "="
    return f"{row.r:.3g}"
