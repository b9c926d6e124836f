"""docs/claims.md and docs/theorems.md say what is declared; the help of the command lists the ids."""

import json
from pathlib import Path

import pytest

from jaxwigner.provenance import version
from jaxwigner.studies import claims
from jaxwigner.studies.claims import measured, tables

ROOT = Path(__file__).resolve().parents[3]


def test_pages_are_up_to_date():
    """If this fails: python -m jaxwigner.studies.claims.tables --write"""
    assert tables.stale(ROOT) == []


def test_a_changed_page_is_stale_and_is_written(tmp_path):
    (tmp_path / "docs").mkdir()
    for name in ("docs/claims.md", "docs/theorems.md", measured.FILE):
        (tmp_path / name).write_text((ROOT / name).read_text())
    page = tmp_path / "docs/theorems.md"
    page.write_text(page.read_text().replace("Lemma 5.1, (51)", "Lemma 5.2, (51)", 1))
    assert tables.stale(tmp_path) == ["docs/theorems.md"]
    assert tables.stale(tmp_path, write=True) == ["docs/theorems.md"]
    assert tables.stale(tmp_path) == []
    assert page.read_text() == (ROOT / "docs/theorems.md").read_text()


def test_measured_rows_are_on_the_page(tmp_path):
    """Of every claim there are rows; a report takes their place, and mutants stand beside the row that noticed them."""
    kept = measured.read(ROOT)
    assert {row["id"] for row in kept["rows"]} == set(claims.ids())
    report = tmp_path / "report.json"
    rows = [row.as_dict() for row in claims.measure(["A5"])]
    report.write_text(json.dumps({"version": version(), "rows": rows}))
    (tmp_path / "docs").mkdir()
    measured.keep_rows(tmp_path, report)
    measured.keep_mutants(tmp_path, {"X1": ["A5", "approach to equality"], "X2": ["A5", "none"]})
    measured.keep_mutants(tmp_path, {"X2": ["A5", "half the constant"]})
    page = measured.rewritten("<!-- measured -->\n<!-- end of measured -->", tmp_path)
    assert "| A5 | packet at the maximum of φ | 0.985 | holds |  |" in page
    assert "| A5 | approach to equality | power 0.95 | holds | X1 |" in page
    assert "| A5 | control: half the constant | 1.97 | violated | X2 |" in page
    report.write_text(json.dumps({"version": "0.0.1", "rows": rows}))
    with pytest.raises(
        ValueError, match=r"`report` must hold .*, but they are of 0\.0\.1: measure"
    ):
        measured.keep_rows(tmp_path, report)


def test_every_claim_stands_once_on_each_page():
    table, glossary = ((ROOT / name).read_text() for name in ("docs/claims.md", "docs/theorems.md"))
    table = table.partition("<!-- measured -->")[0]
    for name in claims.ids():
        assert table.count(f"\n| {name} | ") == 1
        assert glossary.count(f"\n- **{name}.** ") == 1


def test_claims_that_no_marker_names_come_last():
    page = "<!-- claims A1 G1 -->\n<!-- end of claims -->\n<!-- claims besides -->\n<!-- end of claims -->"
    first, rest = tables.rewritten(page).split("<!-- claims besides -->")
    assert "**A1.**" in first and "**A9.**" not in first
    assert "**A9.**" in rest and "**A1.**" not in rest and "## Other claims" in rest


@pytest.mark.parametrize("marker", ["A99", "A1 A1"])
def test_markers_of_no_claim_are_refused(marker):
    with pytest.raises(ValueError, match="must name claims, each once, but 'A"):
        tables.rewritten(f"<!-- claims {marker} -->\n<!-- end of claims -->")


def test_help_lists_the_ids(monkeypatch, capsys):
    from jaxwigner import cli

    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.argv", ["jaxwigner", "limits", "--help"])
    with pytest.raises(SystemExit):
        cli.main()
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert tables.listing() in shown and "--processes" in shown
