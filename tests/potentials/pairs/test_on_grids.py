"""V⋆ρ on grids, against sums over all pairs."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.potentials.pairs.on_grids import check_pair, force_field, potential_field

HILL = jw.potentials.Gaussian(1.3, 0.8)


def direct(pair, grid, rho, period=None):
    """Σ_j V(x_i − x_j)ρ_j cell, by a loop over all differences."""
    points = np.stack(
        [m.ravel() for m in np.meshgrid(*map(np.asarray, grid.axes), indexing="ij")], axis=1
    )
    gaps = points[:, None, :] - points[None, :, :]
    values = np.asarray(pair(*np.moveaxis(gaps, -1, 0)))
    return (values @ np.asarray(rho).ravel() * grid.cell).reshape(grid.shape)


@pytest.mark.parametrize("shape", [(24,), (9, 12), (5, 6, 7)])
def test_padded_convolution_is_the_sum_over_all_pairs(shape):
    d = len(shape)
    grid = jw.Grid((-2.0,) * d, (2.5,) * d, shape)
    rho = np.random.default_rng(0).uniform(size=shape)
    found = potential_field(HILL, grid)(jnp.asarray(rho))
    assert found.shape == (1, *shape)
    np.testing.assert_allclose(found[0], direct(HILL, grid, rho), rtol=0, atol=1e-12)
    slopes = force_field(HILL, grid)(jnp.asarray(rho))
    for i in range(d):
        wanted = direct(lambda *x, i=i: HILL.gradient(*x)[i], grid, rho)
        np.testing.assert_allclose(slopes[i], wanted, rtol=0, atol=1e-12)


def test_periodic_convolution_wraps():
    """cos(k(x − x′)) is a product: V⋆ρ is exact in closed form on whole periods, with no padding."""
    grid, V = jw.Grid(-np.pi, 3 * np.pi, 40), jw.potentials.Cosine(0.7, 1.0)
    x = np.asarray(grid.axes[0])
    rho = np.exp(np.sin(x)) + 0.3 * np.cos(2 * x + 1)
    field = potential_field(V, grid)
    assert field.padded == (40,)
    c, s = (np.sum(f(x) * rho) * grid.cell for f in (np.cos, np.sin))
    np.testing.assert_allclose(field(rho)[0], 0.7 * (c * np.cos(x) + s * np.sin(x)), atol=1e-12)


def test_pairs_that_are_not_even_are_refused():
    with pytest.raises(ValueError, match="Argument `pair` must be even"):
        check_pair(lambda x: x**3, 1)
    with pytest.raises(ValueError, match="`pair` must be even"):
        jw.Hartree(jw.Grid(-1.0, 1.0, 8), lambda x: jnp.sin(x), 0.1)
    with pytest.raises(ValueError, match="`chunk` must be an integer of at least 1"):
        jw.VlasovParticles(HILL, chunk=0)
