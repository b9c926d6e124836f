"""W₁ against SciPy; powers come from what sampling does not hide, and say what it moves them by."""

import numpy as np

from jaxwigner.studies.compare import differences


def power(epsilons, gaps):
    return differences.powers(epsilons, [{"gap": tuple(row)} for row in gaps])["gap"]


def test_rates_leave_out_what_sampling_hides():
    """A power law is found with its interval; values below their sampling error do not enter."""
    epsilons = np.array([0.08, 0.04, 0.02, 0.01])
    gaps = np.stack([3 * epsilons**2, 0.03 * epsilons**2], axis=1)
    value, low, high, moved = power(epsilons, gaps)
    assert low <= 2 <= high and abs(value - 2) < 1e-9 and 0 < moved < 0.02
    gaps[3] = 1.0, 1.1
    assert abs(power(epsilons, gaps)[0] - 2) < 1e-9
    gaps[2] = 1.0, 1.1
    assert np.isnan(power(epsilons, gaps)[0])


def test_transport_is_the_distance_of_distributions():
    """Against SciPy, for two clouds of points in cells."""
    from scipy.stats import wasserstein_distance

    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 40, 500), rng.integers(10, 60, 500)
    F, G = (np.searchsorted(np.sort(v), np.arange(60), "right") / 500 for v in (first, second))
    found, _ = differences.transport(F, G[None].repeat(2, 0), 0.1)
    assert abs(found - 0.1 * wasserstein_distance(first, second)) < 1e-12
