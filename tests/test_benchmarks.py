"""The benchmark command runs a small theme, prints its rows and writes them down; what is not installed is skipped."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
pytest.importorskip("rich")


@pytest.fixture(autouse=True)
def benchmarks_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


def test_the_command_writes_its_rows(tmp_path, monkeypatch, capsys):
    from benchmarks import __main__ as command
    from benchmarks import propagation

    monkeypatch.setattr(propagation, "QUICK", {"64": ((64,), None, 20)})
    monkeypatch.setattr(propagation, "lanes", lambda *a, **k: [])
    files = ["--out", str(tmp_path / "b.json"), "--page", str(tmp_path / "b.md")]
    status = command.main(["--quick", "--only", "propagation", *files])
    assert "| Strang step / its FFT pair, 64 |" in (tmp_path / "b.md").read_text()
    report = json.loads((tmp_path / "b.json").read_text())
    (row,) = report["rows"]
    assert row["theme"] == "propagation" and row["at_most"] == 1.15
    assert row["value"] == row["spread"][0] > 0
    assert row["met"] == (row["value"] <= 1.15) == (status == 0)
    assert report["machine"]["backend"] and report["seconds"]["propagation"] > 0
    assert "Strang step / its FFT pair, 64" in capsys.readouterr().out


def test_missing_solvers_are_skipped(monkeypatch):
    from benchmarks import solvers

    monkeypatch.setattr(solvers, "POINTS", {0.1: 48})
    monkeypatch.setattr(solvers, "BOUND", 1e-2)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    rows = solvers.run(quick=True)
    missing = [f"{name} is not installed" for name in ("qutip", "dynamiqs", "diffrax")]
    assert [row.note for row in rows[1:]] == missing
    assert all(row.met is None for row in rows)
    assert "diagonalisation" in rows[0].what and rows[0].value > 0


def test_rows_know_whether_they_met_their_target():
    from benchmarks.report import Row
    from benchmarks.timing import spread

    assert Row("a", "b", 1.0, at_most=1.0).met and not Row("a", "b", 1.1, at_most=1.0).met
    assert Row("a", "b", 50.0, at_least=50.0).met and Row("a", "b", 1.0).met is None
    assert not Row("a", "b", float("nan"), at_most=1.0).met
    assert spread(np.array([3.0, 1.0, 2.0])).median == 2.0
