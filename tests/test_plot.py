"""Figures: what they draw is what they were given, and files are written for every experiment."""

from dataclasses import replace

import matplotlib
import numpy as np
import pytest
import xarray

import jaxwigner as jw
from jaxwigner import plot
from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments import catalogue

GRID = jw.Grid(-3.0, 4.0, 40)
PHASE = jw.PhaseGrid(GRID, jw.Grid(-2.0, 2.5, 30))
HBAR = 0.4


@pytest.fixture(scope="module")
def W():
    return np.asarray(jw.wigner(jw.cat_state(GRID, 1.2, 0.3, HBAR), GRID, PHASE, HBAR))


def test_wigner_colours_are_centred_on_zero(W):
    ax = plot.wigner(W, PHASE, hbar=HBAR)
    low, high = ax.images[0].get_clim()
    assert low == -high and high == pytest.approx(np.abs(W).max())
    colours = matplotlib.colormaps[ax.images[0].get_cmap().name](0.5)
    assert min(colours[:3]) > 0.95  # white is zero
    assert "0.4" in ax.get_title() and "hbar" in ax.get_title()


def test_pixels_lie_where_their_points_are(W):
    ax = plot.wigner(W, PHASE)
    image = ax.images[0]
    np.testing.assert_array_equal(image.get_array(), W.T)
    half_x, half_p = 0.5 * GRID.spacing[0], 0.5 * PHASE.momentum.spacing[0]
    x, p = GRID.axes[0], PHASE.momentum.axes[0]
    wanted = (x[0] - half_x, x[-1] + half_x, p[0] - half_p, p[-1] + half_p)
    np.testing.assert_allclose(image.get_extent(), wanted)
    assert ax.get_aspect() == 1.0


def test_density_starts_at_zero_and_takes_the_axes_given(W):
    figure = plot.new_figure(4, 3)
    ax = figure.subplots()
    assert plot.density(W**2, PHASE, ax=ax, labels=("R (bohr)", "p"), equal=False) is ax
    assert ax.images[0].get_clim()[0] == 0.0
    assert ax.get_xlabel() == "R (bohr)"


def test_labelled_arrays_bring_axes_and_units(W):
    coordinates = {
        "x": ("x", np.asarray(GRID.axes[0]), {"units": "bohr"}),
        "p": np.asarray(PHASE.momentum.axes[0]),
    }
    array = xarray.DataArray(W, coordinates, ("x", "p"))
    ax = plot.wigner(array)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x (bohr)", "p")
    with pytest.raises(ValueError, match="`axes` must have lengths"):
        plot.wigner(W.T, PHASE)


def test_panels_and_marginals(W):
    figure = plot.panels({"Wigner": W, "Husimi": W**2, "Liouville": W**2}, PHASE, hbar=HBAR)
    pictures = [ax for ax in figure.axes if ax.images and ax.get_title()]
    assert [ax.get_title() for ax in pictures] == ["Wigner", "Husimi", "Liouville"]
    figure = plot.marginals(W, PHASE, hbar=HBAR)
    above = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    wanted = W.sum(1).max() * PHASE.momentum.cell
    assert above.max() == pytest.approx(wanted)


def test_rates_show_the_slopes_given():
    scale = np.array([0.1, 0.05, 0.02, 0.01])
    ax = plot.rates(scale, {"a": scale**2, "b": 3 * scale}, slopes={"a": (2.0, 1.9, 2.1)})
    assert ax.get_legend_handles_labels()[1] == ["a: 2.00 (1.90, 2.10)", "b"]
    line = next(one for one in ax.lines if len(one.get_xdata()) == 2)
    x, y = np.log(line.get_xdata()), np.log(line.get_ydata())
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(2)


def test_style_leaves_matplotlib_as_it_was():
    before = dict(matplotlib.rcParams)
    with plot.style():
        assert matplotlib.rcParams["legend.frameon"] is False
    assert dict(matplotlib.rcParams) == before


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


def test_animation_has_a_frame_for_each_field(W, tmp_path):
    from PIL import Image

    path = plot.animate([W, -W, 0.5 * W], PHASE, tmp_path / "w.gif", captions=["a", "b", "c"])
    with Image.open(path) as picture:
        assert picture.n_frames == 3


def test_what_cannot_be_drawn(tmp_path):
    with pytest.raises(ValueError, match=r"`experiment` must be one of .*but is 'none'"):
        draw(xarray.Dataset(attrs={"experiment": "none"}), tmp_path)
    with pytest.raises(ValueError, match=r"`format` must be one of .*but is 'docx'"):
        draw(limits_dataset(), tmp_path, "docx")
