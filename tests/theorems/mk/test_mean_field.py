"""From N bodies to the Hartree equation in MK_ħ: public values for quadratic V, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner import Bracket
from jaxwigner.states import Gaussian
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import mk_mean_field

NUMBERS = np.array([2.0, 10.0, 100.0, 1e4])
# S = diag(.4, .25), ħ = .3, t = .8; by other programs, to the digits that are given.
REPELLING = {
    "1": [0.337693, 0.311514, 0.309724, 0.309603],
    "N": [0.376005, 0.322882, 0.310930, 0.309615],
}
ATTRACTING = {
    "1": [0.32010330749, 0.30101035978, 0.30001092165, 0.30000000110],
    "N": [0.33614444546, 0.30722888909, 0.30072288891, 0.30000722889],
}
ROOTS = [2.756, 2.006, 1.642, 1.501]
HEISENBERG = [1.339, 0.9985, 0.8396, 0.7797]


@pytest.fixture(scope="module")
def found():
    """Both signs of κ and all N, in one program."""

    def every(kappa, number):
        R = Gaussian(jnp.zeros(2), jnp.diag(jnp.array([0.4, 0.25])))
        return mk_mean_field.every_form(R, kappa, 0.3, 0.8, number)

    both = jax.vmap(jax.vmap(every, (None, 0)), (0, None))
    return lightly(both)(jnp.array([-1.0, 1.0]), NUMBERS)


@pytest.mark.parametrize("n", ["1", "N"])
def test_costs_are_those_known(found, n):
    for row, known, digits in ((0, REPELLING, 1e-6), (1, ATTRACTING, 2e-11)):
        cost = np.asarray(found[n][0].lhs.centre)[row]
        assert np.allclose(cost, known[n], rtol=0, atol=digits)


def test_bounds_are_those_known(found):
    roots, _, heisenberg = (np.asarray(one.rhs.centre)[0] for one in found["1"])
    assert np.allclose(roots, ROOTS, rtol=0, atol=6e-4)
    assert np.allclose(heisenberg, HEISENBERG, rtol=0, atol=6e-4)
    assert all(np.all(one.ranks == 0) for claims in found.values() for one in claims)


def test_quadrature_of_a_force_that_changes():
    """∫₀ᵗe^{g(t−s)}√(½K(s))ds for √(½K) = s, g = 1: eᵗ − 1 − t, within the stated error."""
    t, s = 0.7, np.linspace(0.0, 0.7, 9)
    bound = mk_mean_field.mean_field_bound(Bracket.exact(0.0), 2 * s**2, 1.0, t, 0.0)
    exact = (np.exp(t) - 1 - t) ** 2
    assert bound.lower <= exact <= bound.upper
    assert bound.width < 1e-3 * exact


def test_bad_input():
    start = Bracket.exact(0.1)
    with pytest.raises(ValueError, match="`consistency` must have 4k \\+ 1 entries"):
        mk_mean_field.mean_field_bound(start, jnp.zeros(7), 1.0, 0.5, 0.1)
    with pytest.raises(ValueError, match="`form` must be"):
        mk_mean_field.mean_field_bound(start, jnp.zeros(9), 1.0, 0.5, 0.1, form="linear")
    R = Gaussian(jnp.zeros(2), jnp.eye(2))
    with pytest.raises(ValueError, match="`hbar` must be positive, but is -0.1"):
        mk_mean_field.gaussian_mean_field(R, 1.0, -0.1, 0.5, 2.0)
