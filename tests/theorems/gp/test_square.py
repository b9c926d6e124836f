"""The square of limits: one surface in N and ħ."""

import jax
import numpy as np

import jaxwigner as jw
from jaxwigner.theorems import square


def test_surface_is_monotone_in_the_number_and_below_its_bound():
    p = jw.Gaussian([0.0, 0.0], [[0.5, 0.1], [0.1, 0.3]])
    numbers, hbars = np.array([2.0, 10.0, 1e3]), np.array([0.01, 0.1])
    surface = jax.jit(lambda p: square.joint_surface(p, -0.5, hbars, numbers, duration=1.0))
    cost, bound = surface(p)
    assert cost.shape == bound.shape == (2, 3)
    assert np.all(np.asarray(cost) < np.asarray(bound))
    assert np.all(np.diff(np.asarray(cost), axis=0) > 0)
