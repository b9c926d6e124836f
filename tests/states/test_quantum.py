"""States are modules of arrays."""

import jax
import numpy as np

import jaxwigner as jw


def test_modules_hold_arrays():
    cloud = jw.Particles([1, 0], [0, 1], [2, 3])
    assert cloud.positions.shape == (2, 1) and cloud.dimension == 1
    assert {leaf.dtype for leaf in jax.tree.leaves(cloud)} == {np.dtype(float)}
    mixed = jw.MixedState([1, 3], np.ones((2, 4)))
    assert mixed.weights.dtype == float and mixed.orbitals.shape == (2, 4)
    fock = jw.FockState(np.eye(3) / 3, 0.5)
    assert fock.number == 3 and fock.matrix.dtype == complex
