"""Clouds of points whose measure is a Wigner function."""

import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner.phase_space.ensembles import normal_ensemble, normal_points, signed_cloud

HBAR = 0.3
GRID = jw.Grid(-6.0, 7.0, 96)


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


def test_signed_clouds_are_wigner_functions():
    """Level 1, whose W is negative at the origin: means in closed form, and a sampling error to go with them."""
    psi = jw.fock_orbitals(GRID, 2, HBAR)[1]
    cloud = signed_cloud(psi, GRID, HBAR, 2**15, copies=8)
    assert cloud.weights.shape == cloud.positions.shape == (8, 2**12)
    np.testing.assert_allclose(cloud.weights.sum(1), 1.0, rtol=1e-12)
    assert float(cloud.weights.min()) < 0
    x, p = cloud.positions, cloud.momenta
    # ⟨x²⟩ = ⟨p²⟩ = 3ħ/2; ∫∫W₁ e^{−2s} = ∫₀^∞ (2s − 1) e^{−3s} ds = −1/9, s = (x² + p²)/ħ.
    for values, exact in (
        (x**2, 1.5 * HBAR),
        (p**2, 1.5 * HBAR),
        (x * p, 0.0),
        (np.exp(-2 * (x**2 + p**2) / HBAR), -1 / 9),
    ):
        means = np.sum(cloud.weights * values, axis=1)
        assert abs(means.mean() - exact) < 2e-3
        assert means.std() < 2e-2


def test_a_signed_cloud_of_a_packet_is_where_the_packet_is():
    psi = jw.squeezed_state(GRID, 0.8, 0.0, HBAR, 1.6)
    cloud = signed_cloud(psi, GRID, HBAR, 2**14)
    weights = cloud.weights / cloud.weights.shape[0]
    assert float((weights * cloud.positions).sum()) == pytest.approx(0.8, abs=1e-3)
    spread = (weights * (cloud.positions - 0.8) ** 2).sum(), (weights * cloud.momenta**2).sum()
    np.testing.assert_allclose(spread, [HBAR * 0.8, HBAR / 3.2], atol=1e-3)


def test_normal_ensembles_have_the_moments_of_their_points():
    """Means (q, p) and variances by 2⁻ᵐ of Sobol points; positions take the first half of the coordinates."""
    points = normal_points(4, 2**12, copies=1)[0]
    q, p = np.array([0.3, -1.0]), np.array([2.0, 0.5])
    cloud = normal_ensemble(q, p, (0.5, 0.2), points)
    mean, covariance = jw.observables.moments(cloud)
    np.testing.assert_allclose(mean, [*q, *p], atol=1e-3)
    np.testing.assert_allclose(covariance, np.diag([0.25, 0.25, 0.04, 0.04]), atol=1e-3)
    np.testing.assert_array_equal(cloud.positions, q + 0.5 * points[:, :2])
    np.testing.assert_allclose(cloud.weights.sum(), 1.0, rtol=1e-12)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: signed_cloud(small.PSI, small.GRID, 0.5, 64), "`psi` must be real"),
        (lambda: signed_cloud(small.PSI.real, small.GRID, 0.5, 8), "`number` must be an integer"),
        (lambda: signed_cloud(small.PSI.real, small.GRID, -0.5, 64), "`hbar` must be positive"),
        (lambda: normal_ensemble(*np.zeros((2, 2)), (1, 1), np.zeros((3, 2))), "`normal` must"),
        (lambda: normal_ensemble(np.zeros(2), np.zeros(1), (1, 1), np.zeros((3, 4))), "`momentum`"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=f"Argument {message}"):
        call()


PUBLIC = [
    small.call(
        jw.packet_cloud,
        {"alpha": "real"},
        position=2.0,
        momentum=-1.0,
        hbar=0.5,
        count=8,
        alpha=0.5,
    )
]
