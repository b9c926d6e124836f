"""Every claim comes out as expected, its controls as violated, and each row is an entry of the report.

The programs of the rows about Golse and Paul's theorems, some of which call functions that have no example, are lowered for CUDA on
the way.
"""

import contextlib
import inspect
import json
from pathlib import Path

import jax
import numpy as np
import pytest
from lowering import Recorder
from small import REPORTED

from jaxwigner.studies import claims
from jaxwigner.studies.claims import measured, report
from jaxwigner.studies.claims.measure import rows_of
from jaxwigner.studies.draw import draw

pytestmark = pytest.mark.claims

ROOT = Path(__file__).resolve().parents[3]
SLOW = {"W2"}  # what takes long and is like another one
PARTS = [(name, k) for name in claims.ids() for k in range(len(claims.CLAIMS[name].parts))]
# Parts that look at `full` at all; the others would be measured twice.
FULL = [
    (name, k)
    for name, k in PARTS
    if inspect.getsource(claims.CLAIMS[name].parts[k].function).count("full") > 1
]


def order(name):
    """The longest first, and those that are lowered apart from the others: to begin with them empties JAX's caches."""
    return is_lowered(name), -sum(part.cost for part in claims.CLAIMS[name].parts)


def is_lowered(name):
    return not name.startswith(("A", "W"))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one, marks=[pytest.mark.slow] * (one in SLOW))
        for one in sorted(claims.ids(), key=order)
    ],
)
def test_rows_of(name, tmp_path):
    with lowered(name):
        rows = list(claims.measure([name]))
    wrong = [(row.case, row.verdict, row.lhs, row.rhs) for row in rows if not row.as_expected]
    assert not wrong
    assert all(row.id == name for row in rows)
    assert any(row.is_control for row in rows), "no negative control"
    assert any(not row.is_control for row in rows), "no case"
    assert len({row.case for row in rows}) == len(rows)
    for row in rows:
        check_report_format(row)
    check_page(rows)
    if name == "diagram":
        check_picture(rows, tmp_path)


@contextlib.contextmanager
def lowered(name):
    if not is_lowered(name):
        yield
        return
    with Recorder() as recorder, jax.numpy_rank_promotion("allow"):
        yield
    recorder.check(
        programs=0
    )  # rows share programs, and what one has lowered no other lowers again


def check_report_format(row):
    entry = json.loads(json.dumps(row.as_dict(), allow_nan=False))
    assert set(entry) == REPORTED
    assert entry["kind"] in ("inequality", "identity", "rate")
    assert len(entry["lhs"]) == len(entry["rhs"]) == 2
    assert entry["lhs"][0] <= entry["lhs"][1] and entry["rhs"][0] <= entry["rhs"][1]
    assert entry["seconds"] >= 0
    assert all(np.all(np.isfinite(values)) for values in row.series.values())


def check_page(rows):
    """docs/claims.md says what comes out; if not: python -m jaxwigner.studies.claims.tables --write --report results/report.json"""
    page = {(row["id"], row["case"]): row for row in measured.read(ROOT)["rows"]}
    for row in rows:
        said, found = page[row.id, row.case], measured.kept(row.as_dict())
        assert set(said) == set(found) and said["verdict"] == found["verdict"], row.case
        for name in {"r", "power"} & set(said):
            assert abs(said[name] - found[name]) <= 0.02 * abs(found[name]) + 0.02, row.case


def check_picture(rows, folder):
    """Five arrows, and the figure drawn from the saved result."""
    names = {row.case.partition(":")[0].partition(",")[0] for row in rows}
    assert names == {"top", "right", "bottom", "left", "diagonal"}
    paths = draw(report.as_dataset(rows), folder)
    assert [path.name for path in paths] == ["diagram.png"]
    assert paths[0].stat().st_size > 50_000


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("name, k", FULL)
def test_full_rows_of(name, k):
    rows = rows_of(claims.CLAIMS[name].parts[k], full=True)
    assert [(row.case, row.verdict) for row in rows if not row.as_expected] == []
