"""Theorem 2.4: sides, equality cases and what refuses to be measured."""

import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import comparison


def test_isotropic_gaussians_are_an_equality_and_others_are_not():
    p, mu = jw.Gaussian([0.3, 0.0], 0.5 * np.eye(2)), jw.Gaussian([0.0, 0.1], 0.2 * np.eye(2))
    above, below = comparison.gaussian_sides(p, mu, 0.3)
    assert above.verdict in ("tight", "holds") and abs(float(above.ratio) - 1) < 1e-9
    # The gap of (2): 2√σ(√(s + ħ/2) − √(s − ħ/2)), s = 0.2 + 0.15.
    gap = float(below.rhs.centre - below.lhs.centre)
    assert abs(gap - 2 * np.sqrt(0.5) * (np.sqrt(0.5) - np.sqrt(0.2))) < 1e-9
    squeezed = jw.Gaussian([0.0, 0.1], np.diag([0.6, 0.05]))
    above, _ = comparison.gaussian_sides(p, squeezed, 0.3)
    assert above.verdict == "holds" and float(above.ratio) < 1 - 1e-4


def test_full_convention_is_violated():
    point, origin = (
        jw.Gaussian([0.7, 0.0], np.zeros((2, 2))),
        jw.Gaussian([0.0, 0.0], np.zeros((2, 2))),
    )
    assert comparison.gaussian_sides(point, origin, 0.3)[1].verdict in ("tight", "holds")
    assert comparison.gaussian_sides(point, origin, 0.3, convention=1.0)[1].verdict == "violated"


def test_additivity_orders_positions_before_momenta():
    one = (
        jw.Gaussian([0.1, 0.2], [[0.5, 0.1], [0.1, 0.3]]),
        jw.Gaussian([0.0, 0.0], 0.3 * np.eye(2)),
    )
    two = (
        jw.Gaussian([0.0, 0.0], 0.2 * np.eye(2)),
        jw.Gaussian([0.3, 0.0], [[0.4, -0.1], [-0.1, 0.2]]),
    )
    claim = comparison.additivity([one, two], 0.2)
    assert claim.verdict == "holds"
    with pytest.raises(ValueError, match="parts"):
        comparison.additivity([one], 0.2)


def test_toeplitz_average_needs_its_normalisation():
    mu, grid = jw.Particles([0.4, 0.6], [0.5, -1.0], [0.0, 1.0]), jw.Grid(-7.0, 7.5, 128)
    assert comparison.toeplitz_average(mu, grid, 0.4, 1.3).verdict == "holds"
    assert comparison.toeplitz_average(mu, grid, 0.4, 1.3, factor=1.01).verdict == "violated"
    with pytest.raises(ValueError, match="hbar"):
        comparison.toeplitz_average(mu, grid, -0.4, 1.3)
