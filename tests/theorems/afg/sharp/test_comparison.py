"""Kernels with and without a W, against closed forms; what a W below zero does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner.theorems.afg.sharp import comparison

S = comparison.distances()
WALLS = np.stack([np.exp(-(S**2)), 1 / S, 2 * 0.09 / S**2])


@jax.jit
def measured(walls):
    return comparison.kernels(0.3, walls), comparison.norms(0.3, walls)


def test_kernels_and_norms_fall_with_any_wall_and_grow_with_a_hole():
    (positive, below), norms = measured(WALLS)
    assert positive.verdict == below.verdict == norms.verdict == "holds"
    (positive, below), norms = measured(-0.1 * WALLS[:1])
    assert positive.verdict == "holds" and below.verdict == norms.verdict == "violated"


def test_resolvents_solve_their_equations():
    plain, G = jax.jit(comparison.resolvents)(0.3, WALLS)
    step = float(S[0])
    v = np.asarray(G[0][:, 30])
    second = (2 * v[1:-1] - v[2:] - v[:-2]) / step**2
    image = 0.09 * second + (1 / np.asarray(S) + WALLS[0])[1:-1] * v[1:-1]
    np.testing.assert_allclose(image, np.eye(S.size)[30][1:-1], atol=1e-9)
    np.testing.assert_allclose(plain, plain.T, atol=1e-12)


def test_the_error_of_differences_is_that_of_the_sharp_constant():
    _, norms = measured(0 * WALLS[:1])
    assert norms.rhs.lower[0] <= norms.lhs.centre[0] <= norms.rhs.upper[0] + 1e-12
    assert norms.rhs.width[0] < 0.02 * norms.rhs.centre[0]


def test_two_dimensions_exceed_lemma_5_1_and_three_do_not():
    found = jax.jit(lambda: [comparison.singular_supremum(1.0, d, 120) for d in (2, 3)])()
    assert found[0] > 1.1 and found[1] < 0.7


def test_bad_walls_are_refused():
    with pytest.raises(ValueError, match="Argument `walls` must have"):
        comparison.resolvents(0.3, jnp.ones((1, 5)))
    with pytest.raises(ValueError, match="`h`"):
        comparison.resolvents(-0.3, WALLS)


def test_a_third_nucleus_lowers_the_norm_and_one_far_away_does_not():
    """Strong ones more than weak ones; the limit of a weak one is the dimer with the kinetic energy of the third."""
    ratios = [float(comparison.third_nucleus(0.3, c, cells=3).ratio) for c in (1e-9, 0.1, 0.5)]
    assert 0.98 < ratios[0] < 1 and ratios[0] > ratios[1] > ratios[2] > 0.9
    assert comparison.third_nucleus(0.3, -0.1, cells=3).verdict == "violated"
