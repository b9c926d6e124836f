"""Clouds for single switch hopping at a cone: moments, and the coordinates that count; orders; the exact dynamics at a gap."""

import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import surfaces_hopping as hopping

HBARS = np.array([0.2, 0.14, 0.1])


def test_nodes_are_those_of_a_packet():
    q, p, beta, eps = 2.0, 3.0, 0.5, 0.1
    nodes, weights = hopping.normal_nodes()
    cloud = hopping.transverse_cloud(beta, eps, nodes, weights, distance=q, momentum=p)
    mean, covariance = jw.observables.moments(cloud)
    np.testing.assert_allclose(mean, [-q, beta * eps**0.5, p, 0.0], atol=1e-12)
    np.testing.assert_allclose(covariance, 0.5 * eps * np.eye(4), atol=1e-3 * eps)


@pytest.mark.parametrize("column, turning, energy", [(0, 1, 0), (1, 0, 1), (2, 0, 0), (3, 0, 0)])
def test_each_coordinate_has_its_meaning(column, turning, energy):
    """To first order the first column alone turns, and the second alone changes ½p² − |x|."""
    q, p, eps = 2.0, 3.0, 1e-8
    nodes = np.eye(4)[[column]]
    cloud = hopping.transverse_cloud(0.0, eps, nodes, np.ones(1), distance=q, momentum=p)
    (x,), (v,) = np.asarray(cloud.positions), np.asarray(cloud.momenta)
    step = (eps / 2) ** 0.5
    L = (x[0] * v[1] - x[1] * v[0]) / (step * np.hypot(q, p))
    E = (0.5 * (v @ v - p**2) - (np.hypot(*x) - q)) / (step * np.hypot(1, p))
    assert abs(L) == pytest.approx(turning, abs=1e-3)
    assert E == pytest.approx(energy, abs=1e-3)


def test_verdicts():
    exact = np.array([0.45, 0.453, 0.456])
    assert hopping.order(exact + 0.1 * HBARS, exact, HBARS, 1.0).verdict == "holds"
    assert hopping.order(exact + 0.1 * HBARS**0.5, exact, HBARS, 1.0).verdict == "violated"
    assert hopping.order(exact - 0.1 * HBARS**0.5, exact, HBARS, 0.5, "own").verdict == "holds"
    bounds = [
        hopping.error_bound(exact + 0.03 * HBARS, exact, HBARS, c).verdict for c in (0.04, 0.02)
    ]
    assert bounds == ["holds", "violated"]


def test_nodes_need_four_columns():
    with pytest.raises(ValueError, match="`nodes` must have shape"):
        hopping.transverse_cloud(0.0, 0.1, np.zeros((5, 3)), np.ones(5), distance=2.0, momentum=3.0)


@pytest.mark.slow
def test_both_velocities_at_a_cone():
    """Against what ε-independent averages leave: the mean velocity is nearer to the exact dynamics."""
    nodes, weights = hopping.normal_nodes(15, 9)
    cloud = hopping.transverse_cloud(0.0, 0.1, nodes, weights, distance=2.0, momentum=3.0)
    found = [
        float(hopping.switched_population(cloud, 0.1, duration=1.7, steps=96, velocity=v))
        for v in ("mean", "own")
    ]
    exact = 0.45665  # `Surfaces`
    assert abs(found[0] - exact) < 0.004 < 0.02 < found[1] - exact
