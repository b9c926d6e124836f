"""Figures are written for every kind of result."""

from dataclasses import replace

import numpy as np
import pytest
import xarray

from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments import catalogue


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


def test_bao_jin_markowich_figures(tmp_path, format="svg"):
    shipped = catalogue.load("bao-jin-markowich")
    few = replace(shipped.settings, epsilons=(0.05, 0.03, 0.02), picture_epsilon=0.05)
    paths = draw(replace(shipped, settings=few).run(), tmp_path, format)
    assert len(paths) == 3
    assert all(path.suffix == f".{format}" and path.stat().st_size > 5000 for path in paths)


@pytest.mark.slow
def test_h2plus_figures_and_animation(tmp_path, monkeypatch):
    from jaxwigner.studies.experiments.h2plus import pictures as h2plus_pictures

    monkeypatch.setattr(h2plus_pictures, "MOVIE", 3)
    shipped = catalogue.load("h2plus")
    few = {"isotopes": ("H", "Mu"), "particles": 2**12, "saves": 40, "revivals": 0.1, "lower": 0.1}
    settings = replace(shipped.settings, **few, refine=False, animate=True)
    paths = draw(replace(shipped, settings=settings).run(), tmp_path)
    names = {path.name for path in paths}
    assert {"h2plus_means.png", "h2plus_phase_space_Mu.png", "h2plus.gif"} <= names
    assert all(path.stat().st_size > 5000 for path in paths)


def test_what_cannot_be_drawn(tmp_path):
    with pytest.raises(ValueError, match=r"`experiment` must be one of .*but is 'none'"):
        draw(xarray.Dataset(attrs={"experiment": "none"}), tmp_path)
    with pytest.raises(ValueError, match=r"`format` must be one of .*but is 'docx'"):
        draw(limits_dataset(), tmp_path, "docx")
