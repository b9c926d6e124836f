"""Damping and growth against the roots of the dispersion relation; Hartree tends to Vlasov as ħ falls."""

import numpy as np
import pytest

from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments import plasma


def small(**changes):
    numbers = dict(hbars=(1.6, 0.8), amplitude=1e-4, duration=30.0, stream_duration=25.0)
    numbers |= dict(points=16, momenta=160, steps_per_unit=8)
    return plasma.Settings(**{**numbers, **changes})


@pytest.fixture(scope="module")
def dataset():
    return plasma.run(small())


def test_roots_of_the_dispersion_relation():
    root = plasma.dispersion_root(0.3)
    assert abs(root - complex(1.15984648, -0.01262037)) < 1e-8
    # A second-order quantum correction, and the classical root as its limit.
    shifts = [abs(plasma.dispersion_root(0.3, hbar=h) - root) for h in (0.4, 0.2)]
    assert 3.5 < shifts[0] / shifts[1] < 4.5
    growing = plasma.dispersion_root(0.2, 3.0)
    assert growing.imag > 0.2 and abs(growing.real) < 1e-6


def test_measured_rates(dataset):
    assert np.allclose(dataset["landau_rate"], dataset["landau_rate_theory"], atol=3e-4)
    assert np.allclose(dataset["landau_frequency"], dataset["landau_frequency_theory"], atol=3e-4)
    assert np.allclose(dataset["stream_rate"], dataset["stream_rate_theory"], rtol=0.03)


def test_hartree_tends_to_vlasov(dataset):
    series = dataset["landau_amplitude"].values
    gaps = np.abs(series[1:] - series[0]).max(axis=1)
    assert dataset["hbar"].values.tolist() == [0.0, 1.6, 0.8]
    assert gaps[1] < 0.4 * gaps[0]


def test_figure(dataset, tmp_path):
    assert [path.name for path in draw(dataset, tmp_path)] == ["plasma.png"]


@pytest.mark.parametrize("change", [dict(hbars=()), dict(hbars=(0.4, 0.4)), dict(amplitude=-1.0)])
def test_settings_are_checked(change):
    with pytest.raises(ValueError, match="Key"):
        small(**change)
