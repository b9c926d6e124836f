"""Pictures of fields: what they draw is what they were given."""

import matplotlib
import numpy as np
import pytest
import xarray
from skewed import Picture

from jaxwigner import plot

PHASE, HBAR = Picture.PHASE, Picture.HBAR


@pytest.fixture(scope="module")
def W():
    return Picture.W()


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
    half_x, half_p = 0.5 * PHASE.position.spacing[0], 0.5 * PHASE.momentum.spacing[0]
    x, p = PHASE.position.axes[0], PHASE.momentum.axes[0]
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
        "x": ("x", np.asarray(PHASE.position.axes[0]), {"units": "bohr"}),
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
