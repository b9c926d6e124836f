"""Observables over time, densities with their potential, clouds."""

import numpy as np
import pytest

from jaxwigner import plot
from jaxwigner.plot.runs import shown_span

X = np.linspace(-4.0, 4.0, 81)
RHO = np.exp(-((X - 1) ** 2))


def test_series_of_one_and_of_several():
    times = np.linspace(0, 1, 30)
    one = plot.series(times, np.sin(times), label="⟨x⟩", labels=("t", "⟨x⟩"))
    assert len(one.lines) == 1 and one.get_legend() is None and one.get_ylabel() == "⟨x⟩"
    two = plot.series(times, np.stack([times, 1j * times], 1))
    assert [line.get_label() for line in two.lines] == ["Re 0", "Re 1", "Im 0", "Im 1"]
    np.testing.assert_array_equal(two.lines[3].get_ydata(), times)


def test_rounding_is_drawn_as_a_constant():
    energies = 0.75 + 1e-14 * np.arange(20)
    low, high = plot.series(np.arange(20.0), energies).get_ylim()
    assert low < 0.72 and high > 0.78
    drifting = plot.series(np.arange(20.0), 0.75 + 1e-6 * np.arange(20)).get_ylim()
    assert drifting[1] - drifting[0] < 1e-4


def test_the_potential_is_seen_where_the_density_is():
    ax = plot.line_density(RHO, X, potential=0.5 * X**2)
    other = next(one for one in ax.figure.axes if one is not ax)
    assert 3 < other.get_ylim()[1] < 40 and ax.get_ylim()[0] == 0
    np.testing.assert_array_equal(other.lines[0].get_ydata(), 0.5 * X**2)
    low, high = shown_span(RHO, X)
    assert -3 < low < -1.9 and high == 4.0
    assert shown_span(0 * X, X) == (-4.0, 4.0)


def test_areas_are_weights():
    ax = plot.cloud(np.arange(3.0), np.zeros(3), [0.5, 0.25, 0.25])
    sizes = ax.collections[0].get_sizes()
    assert sizes[0] == pytest.approx(2 * sizes[1])
