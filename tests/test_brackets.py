"""Interval arithmetic: every result contains the result of every pair of members."""

import itertools
import operator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxwigner as jw
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


@st.composite
def samples(draw):
    """A bracket and a number in it."""
    low, high = sorted(draw(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=2)))
    return Bracket(low, high), draw(st.floats(low, high))


def holds(bracket, value):
    """Contained, up to rounding (brackets do not round outwards)."""
    low, high = float(bracket.lower), float(bracket.upper)
    slack = 1e-12 * (1 + abs(low) + abs(high))
    return low - slack <= value <= high + slack


@settings(deadline=None, max_examples=60, derandomize=True)
@given(samples(), samples())
def test_no_member_escapes(one, other):
    (X, x), (Y, y) = one, other
    assert holds(X + Y, x + y) and holds(X - Y, x - y) and holds(X * Y, x * y)
    assert holds(-X, -x) and holds(abs(X), abs(x)) and holds((X * 1e-2).exp(), np.exp(1e-2 * x))
    assert holds(X + y, x + y) and holds(y - X, y - x) and holds(y * X, x * y)
    assert holds(X.widen(-0.5), x + 0.5) and holds(X.widen(0.5), x - 0.5)
    if Y.lower > 1e-3 or Y.upper < -1e-3:
        assert holds(X / Y, x / y)
    if x >= 0:
        assert holds(X.sqrt(), np.sqrt(x))


def test_a_result_is_as_rigorous_as_its_inputs():
    proved, guessed = Bracket(1.0, 2.0), Bracket(1.0, 2.0, rigorous=False)
    for one, two in ((proved, proved), (proved, guessed), (guessed, proved)):
        for result in (one + two, one - two, one * two, one / two):
            assert result.rigorous is (one.rigorous and two.rigorous)
    for function in (abs, Bracket.sqrt, Bracket.exp, Bracket.max, operator.neg):
        assert function(proved).rigorous and not function(guessed).rigorous
    assert proved.widen(0.1).rigorous and not guessed.widen(0.1).rigorous


def test_lists_are_arrays():
    x = Bracket([1.0, -2.0], [1.5, 3.0]) + Bracket([0.5, 0.5], [0.5, 1.0])
    np.testing.assert_allclose((x.lower, x.upper), [[1.5, -1.5], [2.0, 4.0]])


def test_brackets_trace_batch_and_differentiate():
    def top(a):
        return (Bracket(a, a + 1) * Bracket(-2.0, 3.0)).sqrt().upper

    assert jax.jit(top)(2.0) == pytest.approx(3.0)
    assert jax.grad(top)(2.0) == pytest.approx(0.5)
    batch = jax.vmap(lambda a: Bracket(a, a + 1) + 1.0)(jnp.arange(3.0))
    np.testing.assert_allclose(batch.upper, [2.0, 3.0, 4.0])


BAD = [
    lambda: Bracket([0.0, 1.0], [1.0, 0.5]),
    lambda: Bracket(float("nan"), 1.0),
    lambda: Bracket("a", 1.0),
    lambda: Bracket(0.0, None),
    lambda: Bracket(0.0, 1j),
    lambda: Bracket(True, 2.0),
    lambda: Bracket(1.0, 2.0) / 0.0,
    lambda: Bracket(1.0, 2.0) + "a",
]


@pytest.mark.parametrize("make", BAD)
def test_bad_brackets(make):
    with pytest.raises(ValueError, match=r"^Argument `\w+` must .+, but "):
        make()


PUBLIC = [small.call(jw.Bracket, lower=0.0, upper=1.0)]
