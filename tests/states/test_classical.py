"""Clouds and densities are modules of arrays."""

import jax
import numpy as np
import pytest
import small

import jaxwigner as jw


def test_clouds_hold_arrays():
    cloud = jw.Particles([1, 0], [0, 1], [2, 3])
    assert cloud.positions.shape == (2, 1) and cloud.dimension == 1
    assert {leaf.dtype for leaf in jax.tree.leaves(cloud)} == {np.dtype(float)}


def test_traced_covariances_of_no_gaussian():
    """NaN in their lanes; the others, degenerate and of very different scales, are what they were."""
    good = np.array([np.eye(2), np.diag([1.0, 0.0]), [[1.0, 1.0], [1.0, 1.0]], 0 * np.eye(2)])
    good = np.concatenate([good, [np.diag([1e12, 1e-12])]])
    bad = np.array([np.diag([1.0, -1.0]), [[1.0, 0.2], [0.3, 1.0]], [[1.0, 1.1], [1.1, 1.0]]])
    bad = np.concatenate([bad, [np.full((2, 2), np.nan)]])
    program = jax.jit(jax.vmap(lambda S: jw.Gaussian(np.zeros(2), S).covariance))
    found = np.asarray(program(np.concatenate([good, bad])))
    assert np.array_equal(found[: len(good)], good)
    assert np.isnan(found[len(good) :]).all()
    for S in bad:
        with pytest.raises(ValueError, match="covariance"):
            jw.Gaussian(np.zeros(2), S)
    for S in good:
        jw.Gaussian(np.zeros(2), S)


PUBLIC = [
    small.call(jw.Gaussian, mean=[0.0, 0.0], covariance=np.eye(2)),
    small.call(jw.Density, values=small.F.values, grid=small.PLANE),
]
