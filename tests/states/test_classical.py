"""Clouds and densities are modules of arrays."""

import jax
import numpy as np
import small

import jaxwigner as jw


def test_clouds_hold_arrays():
    cloud = jw.Particles([1, 0], [0, 1], [2, 3])
    assert cloud.positions.shape == (2, 1) and cloud.dimension == 1
    assert {leaf.dtype for leaf in jax.tree.leaves(cloud)} == {np.dtype(float)}


PUBLIC = [
    (jw.Gaussian, {"mean": ([0.0, 0.0], "vector"), "covariance": (np.eye(2), "vector")}),
    (jw.Density, {"values": (small.F.values, "state"), "grid": (small.PLANE, "thing")}),
]
