"""Powers of ħ and first times from numbers that are known."""

import numpy as np
import pytest

from jaxwigner.studies.compare.side_by_side.rates import first_time, rate_of


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


def test_first_times():
    times, gap = np.arange(5.0), np.array([0, 0.01, -0.03, 0.05, 0.2])
    found = first_time(times, gap, 0.005 + 0 * gap, 0.02)
    assert (found.lower, found.upper) == (1.0, 2.0)
    found = first_time(times, gap, 0.005 + 0 * gap, 0.03)
    assert (found.lower, found.upper) == (1.0, 3.0)
    assert first_time(times, gap, 0.005 + 0 * gap, 0.3).lower == np.inf
