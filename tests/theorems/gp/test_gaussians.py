"""Growth of E_ħ of Gaussians: the sharp form is attained."""

import jax
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import stability


@pytest.mark.parametrize("L", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("squeezing", [2.0, 9.0])
def test_sharp_form_is_attained_and_no_better_constant_holds(L, squeezing):
    claim = stability.extremal_growth(L, 0.3, 0.8, squeezing=squeezing)
    assert claim.verdict in ("tight", "holds")
    assert abs(float(claim.ratio) - 1) < 1e-6
    assert claim.with_constant(0.999).verdict == "violated"


@pytest.mark.slow
def test_random_gaussians_stay_below_the_sharp_form():
    rng = np.random.default_rng(1)
    worst = 0.0
    program = jax.jit(
        lambda p, R, k: stability.gaussian_growth(p, R, k, 0.2, 0.9, constant="sharp").ratio
    )
    for _ in range(40):
        A, B = rng.normal(size=(2, 2, 2))
        p = jw.Gaussian(rng.normal(size=2), 0.3 * A @ A.T + 1e-3 * np.eye(2))
        R = jw.Gaussian(rng.normal(size=2), 0.3 * B @ B.T + 0.1 * np.eye(2))
        worst = max(worst, float(program(p, R, rng.uniform(-3, 3))))
    assert 0.3 < worst <= 1 + 1e-9
