"""Quadratures for a packet on the singular set, against closed forms."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner import Bracket
from jaxwigner.theorems.afg.sharp import on_the_set


@pytest.mark.parametrize("layer", [0.2, 0.02, 0.004])
def test_a_layer_at_the_start_is_integrated_within_the_error(layer):
    """F = 1 − e^{−t/τ}, flat but for a layer at 0: five equidistant nodes miss the last by 8 %."""
    times = jnp.asarray(on_the_set.graded_times(0.4, 16))
    found = on_the_set.over_time(lambda t: Bracket.exact(1 - jnp.exp(-t / layer)), times, 0.4)
    exact = 0.4 - layer * (1 - np.exp(-0.4 / layer))
    assert found.contains(exact) and float(found.upper - found.lower) < 2e-3 * exact


def test_the_error_of_what_is_integrated_is_kept():
    times = jnp.asarray(on_the_set.graded_times(2.0, 8))
    found = on_the_set.over_time(lambda t: Bracket(t - 0.1, t + 0.1), times, 2.0)
    assert float(found.lower) == pytest.approx(1.8, abs=2e-2)
    assert float(found.upper) == pytest.approx(2.2, abs=2e-2)


def test_nodes_on_a_line_have_the_moments_of_the_ball_and_of_the_line():
    points = on_the_set.line_nodes(2.0)
    mean = lambda values: float(jnp.mean(points.weights * values))  # noqa: E731
    R, y = points.unit, points.lags
    assert float(jnp.max(jnp.abs(y[..., :2]))) == 0.0
    assert mean(jnp.sum(R**2, axis=-1)) == pytest.approx(0.6, rel=1e-3)
    assert mean(R[..., 2] ** 2) == pytest.approx(0.2, rel=1e-3)
    assert mean(y[..., 2] ** 2) == pytest.approx(0.25, rel=2e-2)
    assert mean(R[..., 2] * y[..., 2]) == pytest.approx(0.0, abs=5e-3)


def test_the_number_of_intervals_is_a_multiple_of_four():
    with pytest.raises(ValueError, match="Argument `intervals`"):
        on_the_set.over_time(Bracket.exact, jnp.zeros(7), 1.0)
