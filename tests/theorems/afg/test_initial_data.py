"""Initial data: formulas that fail for another exponent."""

# ruff: noqa: E731

import numpy as np
import pytest
from two_packets import GRID

import jaxwigner as jw
from jaxwigner.theorems import (
    initial_data,
)


def test_initial_data_formulas_fail_for_another_exponent():
    psi = jw.wave_packet(GRID, 0.2, 1.2, 0.2, alpha=0.7)
    kinetic = lambda alpha: initial_data.initial_kinetic(psi, GRID, 0.2, momentum=1.2, alpha=alpha)
    spread = lambda alpha: initial_data.initial_covariance(psi, GRID, 0.2, alpha=alpha)
    for claim in (kinetic, spread):
        assert claim(0.7).verdict == "holds" and claim(0.65).verdict == "violated"


def test_coulomb_start_has_dawsons_closed_form():
    """⟨1/R²⟩ = (√2/(σR₀)) D(R₀/√2σ) for variance σ² = ½ħ^{2α} per component."""
    dawson = pytest.importorskip("scipy.special").dawsn
    hbars = np.array([0.3, 0.1])
    for distance in (0.4, 2.0):
        values = initial_data.coulomb_start(hbars, distance, alpha=0.5)
        sigma = np.sqrt(hbars / 2)
        closed = np.sqrt(2) / (sigma * distance) * dawson(distance / (np.sqrt(2) * sigma))
        np.testing.assert_allclose(values, np.sqrt(closed), rtol=1e-6)
    on_top = initial_data.coulomb_start(hbars, 0.0, alpha=0.5)
    np.testing.assert_allclose(on_top, np.sqrt(2 / hbars), rtol=1e-6)  # ⟨1/R²⟩ = 1/σ²
