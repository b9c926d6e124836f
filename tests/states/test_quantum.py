"""Mixtures and states in the oscillator's basis are modules of arrays."""

import numpy as np

import jaxwigner as jw


def test_mixed_states_hold_arrays():
    mixed = jw.MixedState([1, 3], np.ones((2, 4)))
    assert mixed.weights.dtype == float and mixed.orbitals.shape == (2, 4)
    fock = jw.FockState(np.eye(3) / 3, 0.5)
    assert fock.number == 3 and fock.matrix.dtype == complex
