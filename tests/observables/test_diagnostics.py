"""The spectral tail and the mass at the edges."""

import numpy as np
import pytest

from jaxwigner import observables as obs


def test_tails_and_edges():
    k = (np.fft.fftfreq(20, 1 / 20)[:, None], np.fft.fftfreq(30, 1 / 30)[None])
    power = np.zeros((20, 30))
    power[2, 3] = 3.0
    assert float(obs.spectral_tail(power, k)) == 0.0
    power[10, 0] = 1.0  # the highest wavenumber of the first axis
    assert float(obs.spectral_tail(power, k)) == pytest.approx(0.25)
    power[0, 14] = 4.0
    assert float(obs.spectral_tail(power, k)) == pytest.approx(5 / 8)
    density = np.ones((40, 20))
    assert float(obs.edge_mass(density, (0,))) == pytest.approx(4 / 40)
    assert float(obs.edge_mass(density, (1,))) == pytest.approx(2 / 20)
    assert float(obs.edge_mass(-density, (0, 1))) == pytest.approx(1 - 0.9 * 0.9)
    assert float(obs.edge_mass(density, ())) == 0.0
