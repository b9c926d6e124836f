"""Figures are written for every kind of result."""

import numpy as np
import pytest
import xarray

from jaxwigner.studies.draw import draw


def limits_dataset(kinds=("inequality", "identity", "rate", "inequality", "rate")):
    count = len(kinds)
    texts = {
        "id": [f"A{i}" for i in range(count)],
        "case": ["case with a name that is far too long for a label of a row"] * count,
        "statement": ["lhs ≤ rhs"] * count,
        "kind": list(kinds),
        "verdict": (["holds", "tight", "undecided", "violated", "holds"] * count)[:count],
    }
    numbers = {"lhs_lower": 0.5, "lhs_upper": 0.6, "rhs_lower": 0.9, "rhs_upper": 1.1, "seconds": 1}
    variables = {name: ("row", values) for name, values in texts.items()}
    variables |= {name: ("row", np.full(count, value)) for name, value in numbers.items()}
    dataset = xarray.Dataset(variables, attrs={"experiment": "limits"})
    dataset["rhs_lower"][1] = dataset["rhs_upper"][1] = 0.0
    return dataset


@pytest.mark.parametrize(
    "kinds", [limits_dataset.__defaults__[0], ("rate",) * 4, ("identity",) * 3]
)
def test_limits_overview(kinds, tmp_path):
    (path,) = draw(limits_dataset(kinds), tmp_path / "new" / "folder")
    assert path.name == "limits.png" and path.stat().st_size > 5000


def test_claims_stand_with_their_paper_and_what_is_beyond_apart():
    from jaxwigner.studies.claims.claim import AFG, GP
    from jaxwigner.studies.claims.figures import BEYOND, _grouped

    dataset = limits_dataset(("inequality", "inequality", "identity", "rate", "rate"))
    dataset["id"] = "row", ["A9", "G15", "G15", "G16", "A11"]
    places = ["AFG Lemma 5.1, explicit", "beyond GP §5.4", "GP §5.4", "GP (10)", "AFG (9)"]
    laws = ["a ≤ b"] * 4 + ["measured/bound of a ≤ b"]
    texts = [f"{place}: {law}" for place, law in zip(places, laws)]
    groups, rates = _grouped(dataset.assign(statement=("row", texts)))
    assert groups == {AFG: {"A9": [0], "A11": [4]}, GP: {"G15": [2]}, BEYOND: {"G15": [1]}}
    assert rates == [3]


def test_what_cannot_be_drawn(tmp_path):
    with pytest.raises(ValueError, match=r"`experiment` must be one of .*but is 'none'"):
        draw(xarray.Dataset(attrs={"experiment": "none"}), tmp_path)
    with pytest.raises(ValueError, match=r"`format` must be one of .*but is 'docx'"):
        draw(limits_dataset(), tmp_path, "docx")
