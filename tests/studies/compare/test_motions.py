"""What is read off a motion."""

import numpy as np

from jaxwigner.studies.compare import motions


def test_swing_and_first_above():
    wave = np.cos(2 * np.pi * np.arange(200) / 20)
    np.testing.assert_allclose(motions.swing(wave, 20)[:180], 1, atol=1e-12)
    assert motions.first_above(np.array([0.0, 0.5, 2.0]), 0.4) == 1
    assert motions.first_above(np.zeros(3), 0.4) is None
