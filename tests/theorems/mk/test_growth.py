"""Theorem S for MK_ħ: a public value, one body, and a stated error that knows a grid without enough momenta."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner.grid import Grid
from jaxwigner.states import Gaussian, MixedState
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import mk_growth
from jaxwigner.theorems.gp.sharp import states


@pytest.fixture(scope="module")
def program():
    def both(number):
        shape = states.tilted_covariance(0.3, jnp.exp(0.4), states.stretched(1.0, 1.0))
        R, S = Gaussian(jnp.zeros(2), shape), Gaussian(jnp.array([0.1, -0.2]), shape)
        same = mk_growth.both_growths(R, R, -1.0, 0.3, 1.0, number=number)
        return same, mk_growth.both_growths(R, S, -1.0, 0.3, 1.0, number=number)

    return lightly(both)


def test_equality_case(program):
    (exponential, sharp), _ = program(jnp.inf)
    for side in (sharp.lhs, sharp.rhs):
        assert np.isclose(float(side.centre), 1.667084150090, rtol=0, atol=2e-11)
    assert np.isclose(float(exponential.rhs.centre), np.exp(2) * 0.324321711552, rtol=1e-11)
    assert sharp.verdict == "tight"


def test_one_body_is_free(program):
    """N = 1: no forces, Φ_0 = (1, t; 0, 1) on the covariance, and on the difference of means where nothing else pulls them."""
    (_, same), (_, apart) = program(1.0)
    S = np.asarray(states.tilted_covariance(0.3, np.exp(0.4), states.stretched(1.0, 1.0)))
    flow = np.array([[1.0, 1.0], [0.0, 1.0]])
    spread, shift = np.trace(flow @ S @ flow.T), flow @ [0.1, -0.2]
    assert np.isclose(float(same.lhs.centre), spread, rtol=1e-10)  # pure: the product
    assert np.isclose(float(apart.lhs.centre), spread + 0.5 * shift @ shift, rtol=1e-10)


def test_stated_error_knows_a_coarse_grid():
    """512 and 1024 points give 2.56732489; 200 fold momenta back."""
    v, half = states.stretched(0.5, 1.0), np.pi / states.WAVENUMBER
    grid = Grid(-half, half, 200)

    @lightly
    def program(h):
        pure = MixedState(jnp.ones(1), states.tilted_orbitals(grid, h, 12.0, v, 1))
        options = {"duration": 1.0, "steps": 12, "saves": 1}
        return mk_growth.carried_growth(pure, pure, states.hill(0.5), grid, h, **options)

    left = program(0.1).lhs
    assert abs(float(left.centre[0]) - 2.56732489) > 1e-4
    assert float(left.lower[0]) < 2.56732489 < float(left.upper[0])


def test_bad_input():
    R = Gaussian(jnp.zeros(2), jnp.eye(2))
    with pytest.raises(ValueError, match="`constant` must be"):
        mk_growth.gaussian_growth(R, R, -1.0, 0.1, 0.5, constant="paper")
    with pytest.raises(ValueError, match="`hbar` must be positive"):
        mk_growth.gaussian_growth(R, R, -1.0, 0.0, 0.5)
