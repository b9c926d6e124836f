"""One line a claim: its tightest case, how much of it is used, and what is not as expected."""

from dataclasses import replace

import pytest

from jaxwigner import Bracket
from jaxwigner.cli import tables
from jaxwigner.studies.claims.claim import beyond, case, control, used
from jaxwigner.studies.claims.summary import summaries, tightest, used_up
from jaxwigner.theorems import Inequality


def row(name, left, right, kind="inequality", place="GP Lemma 4.1", make=case, law="a ≤ b"):
    sides = (side if isinstance(side, Bracket) else Bracket.exact(side) for side in (left, right))
    return replace(make(name, Inequality(place, law, *sides, kind=kind)), id="G9", seconds=1.0)


ROWS = [
    row("loose", 0.1, 1.0),
    row("near", 0.9, 1.0),
    row("same", 2.0, 2.0, "identity"),
    row("power", 1.0, Bracket(0.9, 1.1), "rate"),
    row("wrong constant", 0.9, 0.5, make=control),
]


def test_the_tightest_case_speaks_for_a_claim():
    (one,) = summaries(ROWS)
    assert (one.id, one.case, one.used, one.verdict) == ("G9", "near", "0.9", "holds")
    assert (one.rows, one.as_expected, one.seconds) == (5, 5, 5.0)
    assert one.statement.startswith("GP Lemma 4.1: second moments")
    assert tightest(ROWS[2:]).case == "same" and tightest(ROWS[3:]).case == "power"
    assert tightest(ROWS[4:]).case == "wrong constant"
    assert [used_up(one) for one in ROWS[2:4]] == ["=", "power 1.00"]
    share = row("share", 0.47, Bracket(0.4, 0.5), "rate", law="measured/bound of a ≤ b")
    assert share.is_share and share.r == 0.47 and used_up(share) == "0.47"


def test_a_row_that_is_not_as_expected_speaks_first():
    (one,) = summaries([*ROWS, replace(ROWS[0], case="broken", verdict="violated")])
    assert (one.case, one.verdict, one.rows - one.as_expected) == ("broken", "violated", 1)


@pytest.mark.parametrize(
    "kind, left, right, r",
    [
        ("inequality", 1.0, 4.0, 0.25),
        ("inequality", -2.0, -1.0, 0.5),
        ("inequality", -1.0, 2.0, 0.0),
        ("inequality", 1.0, -1.0, None),
        ("inequality", 1.0, 0.0, None),
        ("identity", -2.0, -2.0, 1.0),
        ("identity", 0.0, 0.0, None),
    ],
)
def test_how_much_is_used(kind, left, right, r):
    assert used(kind, (left, left), (right, right)) == r
    assert row("one", left, right, kind).as_dict()["r"] == r


def test_a_rate_uses_its_interval():
    assert used("rate", (1.0, 1.2), (0.9, 1.1)) == pytest.approx(1.0)
    assert used("rate", (1.0, 1.0), (1.0, 1.0)) is None


def test_what_is_beyond_the_papers():
    for place in ("beyond GP Theorem 2.5 (sharp)", "AFG (9), sharp", "two methods"):
        assert beyond(f"{place}: a ≤ b") and beyond(f"control, {place}: a ≤ b"), place
    assert not beyond("AFG Lemma 5.1, explicit: a ≤ b") and not row("one", 1, 2).is_beyond


def test_a_claim_is_one_line_however_narrow_the_screen(capsys):
    from rich.console import Console

    for width in (80, 150):
        Console(width=width).print(tables.claims(ROWS, width))
        lines = capsys.readouterr().out.splitlines()
        assert sum("│" in line for line in lines) == 1
        assert all(len(line) <= width for line in lines)
    Console(width=150).print(tables.every_case(ROWS))
    shown = capsys.readouterr().out
    assert all(one.case.split()[0] in shown for one in ROWS)
