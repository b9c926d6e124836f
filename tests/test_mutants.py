"""The machinery of `python -m tests.mutants`: what is changed, who must notice it, and a sample that is noticed."""

import json
from pathlib import Path

import pytest
from mutants import catalogue, measure, run
from mutants.__main__ import main
from mutants.mutant import PACKAGE, Change, DoesNotApply, Mutant
from mutants.said import amount, line

from jaxwigner.studies.claims import measured

ROOT = Path(__file__).resolve().parents[1]
MUTANTS = catalogue.mutants()
# Each of another file, by rows that take a second or less.
SAMPLE = ("T1", "T3", "N16", "N25", "W1", "B2", "B9", "C26")
SIGN = Change("theorems/gp/rates.py", "jnp.exp(paper_rate(L) * t)", "jnp.exp(-paper_rate(L) * t)")


def test_all_that_is_named_is_there():
    """Every change applies exactly once, and every row is one of the table; 80 of them at least, each with its own name."""
    assert len(MUTANTS) >= 80
    for one in MUTANTS:
        assert all(change.applied() for change in one.changes), one.name
        assert measure.part_of(one.rows).function.__module__.startswith("jaxwigner.studies.claims")
        assert one.what and one.name not in catalogue.PROVED
    named = {change.file for one in MUTANTS for change in one.changes}
    assert {one.relative_to(PACKAGE).as_posix() for one in bounds()} <= named


def bounds():
    """Files of `theorems` that state a claim; those of `sharp` hold data, and in one the rate alone is claimed."""
    found = (path for path in (PACKAGE / "theorems").rglob("*.py") if "sharp" not in path.parts)
    found = (path for path in found if path.name not in ("__init__.py", "observables.py"))
    return [path for path in found if "Inequality(\n" in path.read_text()]


def test_what_is_gone_is_said(tmp_path):
    gone = Mutant("X", "none", (Change("grid.py", "no such text", "another"),), "gp.husimi.husimi")
    with pytest.raises(DoesNotApply, match=r"'no such text' stands 0 times in grid\.py"):
        gone.copy(tmp_path)
    outcome = run.judged(gone)
    assert outcome.verdict == run.GONE and "DOES NOT APPLY" in line(outcome)
    assert not list(tmp_path.iterdir())


def test_only_the_copy_is_changed(tmp_path):
    Mutant("X", "a sign", (SIGN,), "gp.husimi.husimi").copy(tmp_path)
    changed = (tmp_path / "jaxwigner" / SIGN.file).read_text()
    assert SIGN.new in changed and SIGN.new not in (PACKAGE / SIGN.file).read_text()
    assert (tmp_path / "jaxwigner/grid.py").read_text() == (PACKAGE / "grid.py").read_text()


def test_what_survives_or_breaks_is_not_noticed(monkeypatch, capsys):
    rows = [{"as_expected": True, "seconds": 1.0}]
    wrong = [{**rows[0], "as_expected": False}]
    judge = lambda *answer: (  # noqa: E731
        monkeypatch.setattr(run, "measured", lambda *_: answer),
        run.judged(Mutant("X", "a sign", (SIGN,), "gp.husimi.husimi")).verdict,
    )[1]
    assert judge(rows, "") == run.SURVIVED
    assert judge([], "ValueError: no") == run.BROKEN
    assert judge(rows + wrong, "") == run.NOTICED
    assert judge(rows + wrong, "ValueError: later") == run.NOTICED
    monkeypatch.setattr(run, "measured", lambda *_: (rows, ""))
    assert main(["--only", "T1", "--workers", "1"]) == 1
    assert "0 of 1 mutants are noticed\nnot noticed: T1" in capsys.readouterr().out


def test_names_of_the_command(capsys):
    assert main(["--list", "--only", "M01"]) == 0
    assert "2 * self.forces.slope" in capsys.readouterr().out
    assert main(["--only", "none"]) == 2
    assert "must name mutants (see --list), but has none" in capsys.readouterr().out


def test_how_much_is_said():
    row = {"id": "A1", "case": "one", "kind": "inequality", "verdict": "violated"}
    row |= {"expected": ["holds", "tight"], "lhs": [1.0, 3.0], "rhs": [1.0, 1.0]}
    assert amount(row) == "A1 «one» violated, expected holds or tight, r = 2"
    assert amount({**row, "rhs": [0.0, 0.0]}).endswith("2 against 0")
    assert amount({**row, "kind": "rate"}).endswith("exponent 2, predicted 1 … 1")


def test_what_is_kept_for_the_page_is_about_these_mutants():
    """If this fails: python -m tests.mutants --record"""
    kept = measured.read(ROOT)
    rows = {(row["id"], row["case"]) for row in kept["rows"]}
    names = {one.name for one in MUTANTS}
    assert set(kept["mutants"]) <= names
    full = {one.name for one in MUTANTS if one.full}
    assert {tuple(row) for name, row in kept["mutants"].items() if name not in full} <= rows


@pytest.mark.claims
@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_is_noticed(name):
    (one,) = (mutant for mutant in MUTANTS if mutant.name == name)
    outcome = run.judged(one)
    assert outcome.verdict == run.NOTICED, outcome.said
    assert json.loads(json.dumps(outcome.row))["as_expected"] is False
