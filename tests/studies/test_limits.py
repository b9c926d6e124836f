"""Every row of the table comes out as expected, and the controls as violated."""

import inspect
import json

import jax
import numpy as np
import pytest

from jaxwigner import Bracket
from jaxwigner.studies import claims as limits
from jaxwigner.studies.claims import report
from jaxwigner.studies.claims.claim import CONTROL, REGISTRY, Row
from jaxwigner.studies.claims.claim import row as make_row
from jaxwigner.studies.draw import draw
from jaxwigner.theorems import Inequality

MINE = (
    *("G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8"),
    *("G9", "G10", "G11", "G12", "G13", "G14", "G15", "G16", "G17", "G18", "G19", "G20"),
    *("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"),
    *("A9", "A10", "A11", "A12", "A13"),
    *("A14", "A15", "A16", "A17", "A18", "A19", "A20", "A21"),
)


@pytest.mark.parametrize("name", MINE)
def test_rows_of(name):
    rows = list(limits.measure([name]))
    assert rows and all(row.id == name for row in rows)
    wrong = [(row.case, row.verdict, row.lhs, row.rhs) for row in rows if not row.as_expected]
    assert not wrong
    assert any(row.expected == CONTROL for row in rows), "no negative control"
    assert len({row.case for row in rows}) == len(rows)
    for row in rows:
        check_report_format(row)


def test_diagram_and_its_picture(tmp_path):
    """Five arrows, each with a rate and below its bound, and the figure drawn from the saved result."""
    rows = list(limits.measure(["diagram"]))
    assert all(row.as_expected for row in rows)
    names = {row.case.partition(":")[0].partition(",")[0] for row in rows}
    assert names == {"top", "right", "bottom", "left", "diagonal"}
    for row in rows:
        check_report_format(row)
    paths = draw(report.as_dataset(rows), tmp_path)
    assert [path.name for path in paths] == ["diagram.png"]
    assert paths[0].stat().st_size > 50_000


def check_report_format(row: Row):
    entry = json.loads(json.dumps(row.as_dict(), allow_nan=False))
    assert set(entry) == {
        "id",
        "case",
        "kind",
        "statement",
        "parameters",
        "lhs",
        "rhs",
        "rigorous",
        "verdict",
        "expected",
        "seconds",
    }
    assert entry["kind"] in ("inequality", "identity", "rate")
    assert len(entry["lhs"]) == len(entry["rhs"]) == 2
    assert entry["lhs"][0] <= entry["lhs"][1] and entry["rhs"][0] <= entry["rhs"][1]
    assert entry["seconds"] >= 0
    assert all(np.all(np.isfinite(values)) for values in row.series.values())


# Rows that look at `full` at all; the others would be measured twice.
FULL = [name for name in MINE if inspect.getsource(REGISTRY[name]).count("full") > 1]


@pytest.mark.slow
@pytest.mark.parametrize("name", FULL)
def test_full_rows_of(name):
    wrong = [row for row in limits.measure([name], full=True) if not row.as_expected]
    assert not wrong


def test_ids_are_ordered_and_known():
    known = limits.ids()
    assert set(MINE) <= set(known)
    assert [name for name in known if name in MINE] == list(MINE)


def test_unknown_ids_are_refused_before_anything_is_measured():
    with pytest.raises(ValueError, match=r"`ids` must be among .*A1.*, but has 'A99'"):
        limits.measure(["A1", "A99"])


def test_single_precision_is_refused():
    with jax.enable_x64(False), pytest.raises(ValueError, match="float64"):
        limits.measure(["A1"])


def test_a_row_that_fails_is_seen():
    row = next(limits.measure(["A5"]))
    assert row.as_expected and row.seconds > 0
    values = {name: getattr(row, name) for name in row.__dataclass_fields__}
    assert not Row(**{**values, "verdict": "violated"}).as_expected
    assert Row(**{**values, "verdict": "tight", "expected": ("holds", "tight")}).as_expected


def test_square_series_have_two_dimensions():
    claim = Inequality("a", "b ≤ c", Bracket.exact(0.0), Bracket.exact(1.0))
    made = make_row("A1", "square", claim, series={"both": np.eye(3)})
    dataset = report.as_dataset([made])
    assert dataset["series_0_both"].dims == ("series_0_axis_3", "series_0_axis_3_again")
