"""What a prediction says of numbers that are known."""

import numpy as np
import pytest

from jaxwigner.studies.compare.prediction import Prediction


def made(gap, error=0.0, amplitude=1.0, classical_error=1e-3):
    """One ħ, a mean that falls from the amplitude to 0, and this gap."""
    gap = np.asarray(gap, float)
    times = np.arange(len(gap)) * 2.0
    mean = np.linspace(amplitude, 0, len(gap))
    rows = (mean, np.full(len(gap), classical_error), gap, np.full(len(gap), error))
    classical, its_error, correction, error = ({"r": row[None]} for row in rows)
    run = (16, 128, 8, 0, "pairs")
    return Prediction(times, np.array([1.0]), classical, its_error, correction, error, *run)


def test_first_times():
    found = made([0, 0.01, -0.03, 0.05, 0.2], error=0.005)
    bracket = found.first_time_above("r", 0.02)
    assert (bracket.lower, bracket.upper, bracket.rigorous) == (2.0, 4.0, False)
    # Neither surely below nor surely above.
    bracket = found.first_time_above("r", 0.03)
    assert (bracket.lower, bracket.upper) == (2.0, 6.0)
    bracket = found.first_time_above("r", 0.3, absolute=True)
    assert bracket.lower == bracket.upper == np.inf
    assert found.first_time_above("r", 0.202, absolute=True).upper == np.inf
    assert found.first_time_above("r", 0.202, absolute=True).lower == 6.0
    assert found.small("r").tolist() == [True, True, True, True, False]


def test_what_it_says():
    text = str(made([0, 0.01, -0.03, 0.05, 0.2], error=0.005))
    assert "ħ 1, r: at most 0.2 ± 0.005 at 0.1935 fs, not small from 0.1935 fs" in text
    assert "small throughout" in str(made([0, 0.01, 0.02]))
    assert "6 fs, of a mean at rest; 2 %: does not apply" in str(
        made([0, 0.01, 0.02], amplitude=0.0)
    )
    assert "2 %: 0.04838 … ? fs" in str(made([0, 0.01, 0.021], error=0.005))


def test_a_dataset():
    dataset = made([0, 0.01, 0.02], error=0.001).to_xarray()
    assert dataset["correction_r"].dims == ("hbar", "time")
    assert dataset["correction_r_error"].values[0, 1] == 0.001
    assert dataset["time"].values.tolist() == [0, 2, 4] and dataset.attrs["seed"] == 0


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda one: one.first_time_above("q"), "`name` must be one of 'r'"),
        (lambda one: one.first_time_above("r", 0.2), "`tolerance` must be at most 0.1"),
        (lambda one: one.first_time_above("r", -0.1), "`tolerance` must be positive"),
        (lambda one: one.first_time_above("r", hbar=2.0), "`hbar` must be one of"),
        (lambda one: one.small("r", component=1), r"`component` must be an index into the shape"),
        (lambda one: made([0, 0], amplitude=1e-3).first_time_above("r"), "must be absolute"),
    ],
)
def test_bad_questions(ask, text):
    with pytest.raises(ValueError, match=text):
        ask(made([0, 0.01]))
