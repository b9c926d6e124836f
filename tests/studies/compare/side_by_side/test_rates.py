"""Powers of ħ and first times from numbers that are known."""

import numpy as np
import pytest

from jaxwigner.studies.compare.side_by_side.rates import rate_of, root_mean_square
from jaxwigner.studies.compare.tolerances import first_time


def test_a_power_with_a_correction():
    h = np.array([1, 0.5, 0.25, 0.125])
    found = rate_of(h, h**2 / (1 + 0.3 * h), 0 * h)
    assert float(found.power.centre) == pytest.approx(2, abs=0.02)
    assert bool(found.power.contains(2.0)) and len(found.powers) == 3


def test_no_power():
    h = np.array([1, 0.5, 0.25, 0.125])
    assert rate_of(h, np.exp(-1 / h), 0 * h).power is None
    assert rate_of(h, 0.3 + 0 * h, 0 * h).power is None
    assert "no power" in str(rate_of(h, h**2, h))


def test_two_hbars():
    """One local power is no sign that there is none."""
    found = rate_of([1, 0.5], [0.4, 0.1], [0.0, 0.0])
    assert found.power is None and str(found).startswith("ħ^2.00 between two ħ")


def test_first_times():
    times, gap = np.arange(5.0), np.array([0, 0.01, -0.03, 0.05, 0.2])
    found = first_time(times, gap, 0.005 + 0 * gap, 0.02)
    assert (found.lower, found.upper) == (1.0, 2.0)
    found = first_time(times, gap, 0.005 + 0 * gap, 0.03)
    assert (found.lower, found.upper) == (1.0, 3.0)
    assert first_time(times, gap, 0.005 + 0 * gap, 0.3).lower == np.inf


def test_root_mean_squares_of_replicas():
    """Noise adds nothing on average, and the half-width holds the truth 19 times in 20."""
    random, truth = np.random.default_rng(1), 0.1 * np.sin(np.linspace(0, 9, 40))
    rms, found = np.sqrt(np.mean(truth**2)), []
    for _ in range(400):
        each = truth + 0.02 * random.normal(size=(8, 1)) + 0.02 * random.normal(size=(8, 40))
        left_out = (each.sum(axis=0) - each) / 7
        found.append(root_mean_square(each.mean(axis=0), 0 * truth, left_out))
    centre, half = np.array(found).T
    assert abs(np.mean(centre**2) - rms**2) < 4 * np.std(centre**2) / 20
    assert 0.92 < np.mean(np.abs(centre - rms) <= half) < 0.99
    steady = root_mean_square(truth, 0.02 + 0 * truth, None)
    np.testing.assert_allclose(steady, (rms, 0.02))
