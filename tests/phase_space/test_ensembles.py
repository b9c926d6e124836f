"""Clouds of points whose measure is a Wigner function."""

import numpy as np

import jaxwigner as jw


def test_clouds_are_wigner_functions_of_packets():
    """Variances ½ħ^{2α} and ½ħ^{2−2α}, no correlations; quasi-random points beat N^{−½} by far."""
    hbar, alpha = 0.09, 0.3
    cloud = jw.packet_cloud((0.3, -0.1, 2.0), (0.0, 0.2, -1.0), hbar, alpha=alpha, count=2**15)
    mean, covariance = jw.observables.moments(cloud)
    np.testing.assert_allclose(mean, [0.3, -0.1, 2.0, 0.0, 0.2, -1.0], atol=1e-12)
    exact = np.repeat([0.5 * hbar ** (2 * alpha), 0.5 * hbar ** (2 - 2 * alpha)], 3)
    scaled = covariance / np.sqrt(np.outer(exact, exact))
    np.testing.assert_allclose(scaled, np.eye(6), atol=2e-3)
    # ⟨exp(−|R − R₀|²/2)⟩ in closed form
    value = np.mean(np.exp(-0.5 * np.sum((cloud.positions - mean[None, :3]) ** 2, axis=1)))
    assert abs(value - (1 + exact[0]) ** -1.5) < 1e-4


PUBLIC = [
    (
        jw.packet_cloud,
        {
            "position": (2.0, "real"),
            "momentum": (-1.0, "real"),
            "hbar": (0.5, "positive"),
            "count": (8, "count"),
            "alpha": (0.5, "real"),
        },
    ),
]
