"""The tables that `jaxwigner limits` prints: one line a claim, or one a case."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

REST = 66  # columns that the numbers and frames of the table of claims take
VERDICT_STYLE = {"holds": "green", "tight": "cyan", "violated": "red", "undecided": "yellow"}


def claims(rows: list[Any], width: int) -> Table:
    """One line a claim, by its tightest case: texts end where the `width` of the screen asks for it."""
    from jaxwigner.studies.claims.summary import summaries

    room = max(width - REST, 30)
    table = Table(title="Claims, each by its tightest case", header_style="bold")
    for name in ("id", "claim", "tightest case", "r", "verdict", "rows", "s"):
        justify = "right" if name in ("r", "rows", "s") else "left"
        table.add_column(name, no_wrap=True, justify=justify)
    for one in summaries(rows):
        number = f"{one.as_expected} of {one.rows}" if one.as_expected < one.rows else f"{one.rows}"
        table.add_row(
            one.id,
            _short(one.statement, 2 * room // 3),
            _short(one.case, room - 2 * room // 3),
            one.used,
            _verdict(one.verdict, one.as_expected == one.rows),
            number,
            f"{one.seconds:.1f}",
        )
    return table


def _short(text: str, length: int) -> str:
    return escape(text if len(text) <= length else f"{text[: length - 1]}…")


def _verdict(verdict: str, as_expected: bool) -> str:
    style, mark = VERDICT_STYLE[verdict], "" if as_expected else " (!)"
    return f"[{style}]{verdict}{mark}[/{style}]"


def every_case(rows: list[Any]) -> Table:
    """One line a case or control, with both of its sides."""
    table = Table(title="Claims, both sides measured", header_style="bold")
    for name in ("id", "case", "claim"):
        table.add_column(name)
    for name in ("left side", "right side", "measured rate", "r"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("s", justify="right")
    for row in rows:
        rate = row.kind == "rate"
        table.add_row(
            row.id,
            row.case,
            row.statement,
            "" if rate else _interval(row.lhs),
            _interval(row.rhs),
            _interval(row.lhs) if rate else "",
            "" if row.r is None else f"{row.r:.3g}",
            _verdict(row.verdict, row.as_expected),
            f"{row.seconds:.1f}",
        )
    return table


def _interval(ends: Any) -> str:
    """One number where the ends agree to three digits, else both."""
    low, high = (float(end) for end in ends)
    short = f"{low:.3g}", f"{high:.3g}"
    return short[0] if short[0] == short[1] else f"{short[0]} … {short[1]}"
