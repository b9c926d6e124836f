"""Constants of growth."""

import numpy as np
import pytest

from jaxwigner.theorems import mean_field, stability


def test_constants():
    assert [float(stability.paper_rate(L)) for L in (0.25, 0.5, 1.0, 2.0)] == [2.0, 2.0, 5.0, 17.0]
    assert [float(mean_field.mean_field_rate(L)) for L in (0.25, 1.0)] == [3.0, 6.0]


@pytest.mark.parametrize("L", [0.0, 0.25, 1.0, 4.0])
def test_sharp_angle_lies_below_every_rate(L):
    """θ_L(t) ≤ (1 + L)t, with the right slope at 0; it solves sinh(θ/2) = (1+L)/(2√L) sinh √L t."""
    for t in (1e-4, 0.5, 2.0):
        theta = float(stability.angle(L, t))
        assert theta <= (1 + L) * t + 1e-12
    assert abs(float(stability.angle(L, 1e-4)) / 1e-4 - (1 + L)) < 1e-6
    if L:
        right = (1 + L) / (2 * np.sqrt(L)) * np.sinh(np.sqrt(L) * 2.0)
        assert abs(np.sinh(float(stability.angle(L, 2.0)) / 2) - right) < 1e-9 * right
