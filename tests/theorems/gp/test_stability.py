"""Growth of E_ħ: special cases with known values."""

import numpy as np

import jaxwigner as jw
from jaxwigner.theorems import stability

CLOUD = jw.Particles(np.full(20, 1 / 20), *(0.6 * np.random.default_rng(0).normal(size=(2, 20))))


def test_growth_of_free_packets_is_exact():
    """V = 0: 𝓔 = ½ħ(1 + ½t²), as cosh θ_0 = 1 + ½t² demands."""
    grid, flat = jw.Grid(-4 * np.pi, 4 * np.pi, 256), jw.potentials.Cosine(0.0, 1.0)
    cloud = jw.Particles([0.5, 0.5], [0.0, 0.6], [0.3, -0.2])
    claim = stability.carried_coupling(
        cloud, flat, grid, 0.2, duration=1.5, steps=8, constant="sharp"
    )
    t = np.array([0.5, 1.0, 1.5])
    np.testing.assert_allclose(claim.lhs.upper, 0.1 * (1 + t**2 / 2), rtol=1e-9)
    np.testing.assert_allclose(claim.rhs.lower, 0.1 * (1 + t**2 / 2), rtol=1e-12)


def test_frozen_growth_of_a_harmonic_field():
    """V = ½κx²: the frozen characteristics are linear, DZ = Φ_√κ for every point."""
    kappa, t = 0.8, 1.1
    w = np.sqrt(kappa)
    c, s = np.cos(w * t), np.sin(w * t)
    M = np.array([[c, s / w], [-w * s, c]])
    found = stability.frozen_growth(CLOUD, lambda x: 0.5 * kappa * x**2, duration=t, steps=60)
    assert abs(float(found) - 0.5 * np.sum(M**2)) < 1e-6
