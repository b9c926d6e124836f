"""Interval arithmetic: every result contains the result of every pair of members."""

import itertools
import operator

import numpy as np
import pytest

from jaxwigner import Bracket

PAIRS = [((-1.0, 2.0), (0.5, 3.0)), ((-2.0, -1.0), (-3.0, -0.5)), ((0.0, 1.0), (2.0, 2.0))]


@pytest.mark.parametrize("one, two", PAIRS)
@pytest.mark.parametrize("function", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_results_contain_all_members(function, one, two):
    result = function(Bracket(*one), Bracket(*two))
    values = [
        function(a, b) for a, b in itertools.product(np.linspace(*one, 7), np.linspace(*two, 7))
    ]
    assert result.lower == pytest.approx(min(values))
    assert result.upper == pytest.approx(max(values))


@pytest.mark.parametrize(
    "ends, expected", [((-1, 2), (0, 2)), ((-3, -1), (1, 3)), ((1, 2), (1, 2))]
)
def test_absolute_value(ends, expected):
    result = abs(Bracket(float(ends[0]), float(ends[1])))
    assert (float(result.lower), float(result.upper)) == expected


def test_roots_and_exponentials():
    root = Bracket(-0.1, 4.0).sqrt()
    assert (float(root.lower), float(root.upper)) == (0.0, 2.0)
    power = Bracket(0.0, 1.0).exp()
    assert (float(power.lower), float(power.upper)) == pytest.approx((1.0, np.e))


def test_rigour_is_lost_once():
    proved, guessed = Bracket(0.0, 1.0), Bracket.estimated(1.0, 0.1)
    assert (proved + 1.0).rigorous
    assert not (proved * guessed).rigorous
    assert not proved.widen(0.1, rigorous=False).rigorous


def test_reversed_bounds_are_refused():
    with pytest.raises(ValueError, match=r"^Argument `upper` must be at least `lower`"):
        Bracket(1.0, 0.0)


def test_division_by_zero_is_refused():
    with pytest.raises(ValueError, match="not contain zero"):
        Bracket(1.0, 2.0) / Bracket(-1.0, 1.0)


def test_arrays_and_their_largest():
    best = Bracket(np.array([0.0, 3.0]), np.array([5.0, 4.0])).max()
    assert (float(best.lower), float(best.upper)) == (3.0, 5.0)
    assert bool(best.contains(3.5)) and not bool(best.contains(2.0))
