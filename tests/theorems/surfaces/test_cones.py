"""Packets at the tip of a cone: limits in closed form, moments of the start, the exact dynamics, what is said of them."""

import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.states import coherent_state
from jaxwigner.theorems import surfaces_cones as cones

HBARS = np.array([0.2, 0.14, 0.1])


def test_the_limit_is_an_average_over_angular_momenta():
    """E e^{−πL²/εv³}, L = x₁p₂ − x₂p₁ of the packet, by sampling at a small ε, where L is linear in the deviations."""
    q, p, beta, eps = 2.0, 3.0, 0.7, 1e-6
    normal = np.random.default_rng(0).normal(size=(4, 2**18)) * (eps / 2) ** 0.5
    x1, x2, p1, p2 = normal + np.array([-q, beta * eps**0.5, p, 0.0])[:, None]
    chance = np.exp(-np.pi * (x1 * p2 - x2 * p1) ** 2 / (eps * (p**2 - 2 * q) ** 1.5))
    found = float(cones.limit_population(beta, q, p))
    assert found == pytest.approx(chance.mean(), abs=5 * chance.std() / 2**9)


@pytest.mark.parametrize("beta, exact", [(0.0, 0.287394), (0.5, 0.250446), (1.0, 0.165739)])
def test_limits(beta, exact):
    assert float(cones.limit_population(beta, 2.0, 6**0.5)) == pytest.approx(exact, abs=1e-6)


def test_second_moments():
    """⟨|x̂ − x|² + |p̂ − p|²⟩ about any point, of a coherent state."""
    grid = jw.Grid((-4.0, -4.0), (4.0, 4.0), (48, 48))
    psi = coherent_state(grid, (0.5, -0.2), (0.3, 1.0), 0.3)
    found = cones._second_moment(psi, grid, 0.3, np.array([0.0, 0.1]), np.array([1.0, 0.4]))
    expected = 4 * 0.15 + 0.5**2 + 0.3**2 + 0.7**2 + 0.6**2
    assert float(found) == pytest.approx(expected, abs=1e-9)


def test_verdicts():
    limits = np.asarray(cones.limit_population(np.array([0.0, 1.0]), 2.0, 3.0))
    uppers = limits[:, None] - 0.07 * HBARS
    assert cones.tends_to(uppers[0], HBARS, limits[0]).verdict == "holds"
    assert cones.tends_to(uppers[0], HBARS, limits[1]).verdict == "violated"
    assert cones.not_determined(uppers, limits).verdict == "holds"
    assert cones.not_determined(uppers, 2 * limits).verdict == "violated"
    assert cones.determined(uppers, HBARS).verdict == "violated"
    assert cones.determined(np.stack([HBARS, 2 * HBARS]), HBARS).verdict == "holds"
    assert cones.level_loses(uppers[0], HBARS, limits[0]).verdict == "holds"
    assert cones.level_keeps(uppers[0], HBARS).verdict == "violated"


def test_hbar_is_positive():
    grid = jw.Grid((-4.0, -4.0), (4.0, 4.0), (16, 16))
    options = {"distance": 2.0, "momentum": 3.0, "duration": 1.0, "steps": 2}
    with pytest.raises(ValueError, match="`hbar` must be positive, but is -0.1"):
        cones.passage(grid, 0.0, -0.1, **options)


@pytest.mark.slow
@pytest.mark.parametrize(
    "beta, exact",
    [pytest.param(0.0, 0.268179, marks=pytest.mark.nightly), (1.0, 0.152627)],  # test_crossing.py
)
def test_reference(beta, exact):
    grid = jw.Grid((-5.0, -4.5), (6.5, 4.5), (192, 150))
    options = {"distance": 2.0, "momentum": 6**0.5, "duration": 2.0, "steps": 200}
    found = cones.passage(grid, beta, 0.1, **options)
    assert float(found.upper) == pytest.approx(exact, abs=1e-5)
    assert float(found.spread) == pytest.approx((2 + beta**2) * 0.1, abs=1e-3)
