"""The sweep of averages: ⟨φ⟩ against the classical path, at rate ħ."""

import functools

import numpy as np
from settings import refused

from jaxwigner.studies.experiments import averages
from jaxwigner.theorems import fitted_rate

small = functools.partial(averages.Settings, momenta=(0.5, 1.0), hbars=(0.1, 0.07, 0.05))


def test_averages_tend_to_the_classical_path_at_rate_hbar():
    found = averages.run(small())
    distance = np.max(abs(found["quantum"] - found["classical"]).values, axis=1)
    rate = fitted_rate(found["hbar"].values, distance)
    assert abs(float(rate.centre) - 1) < 0.15
    assert np.all(found["resolution"] == 0) and np.all(found["status"] == 0)


def test_under_resolved_points_say_so():
    """What the grid holds badly has a status of its run; what lies beyond its momenta, here above 0.8, has no value at all."""
    found = averages.run(small(points=64, momenta=(0.5, 0.7, 1.0)))
    held = found.sel(momentum=[0.5, 0.7], hbar=0.05)
    assert np.any(held["resolution"] != 0) and np.all(held["status"] == 0)
    assert found["status"].sel(momentum=1.0, hbar=0.05) != 0


test_settings_are_checked = refused(
    small, hbars=[(0.1, 0.1)], points=[4], batch=[0], width=[0.0], momenta=[(9.0,)]
)
