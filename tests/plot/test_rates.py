"""Rates show the slopes given."""

import numpy as np
import pytest

from jaxwigner import plot


def test_rates_show_the_slopes_given():
    scale = np.array([0.1, 0.05, 0.02, 0.01])
    ax = plot.rates(scale, {"a": scale**2, "b": 3 * scale}, slopes={"a": (2.0, 1.9, 2.1)})
    assert ax.get_legend_handles_labels()[1] == ["a: 2.00 (1.90, 2.10)", "b"]
    line = next(one for one in ax.lines if len(one.get_xdata()) == 2)
    x, y = np.log(line.get_xdata()), np.log(line.get_ydata())
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(2)
