"""V⋆ρ on grids and for particles, against sums over all pairs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.potentials.pairs.on_grids import check_pair, force_field, potential_field
from jaxwigner.potentials.pairs.on_particles import MeshSum, PairSum

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


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_pairs_in_chunks(chunk):
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(20, 2)), rng.dirichlet(np.ones(20))
    gaps = x[:, None] - x[None]
    sums = PairSum(HILL, chunk)
    wanted = np.asarray(HILL(*np.moveaxis(gaps, -1, 0))) @ w
    np.testing.assert_allclose(sums.potential(x, w), wanted, atol=1e-14)
    slope = np.stack([np.asarray(g) @ w for g in HILL.gradient(*np.moveaxis(gaps, -1, 0))], axis=1)
    np.testing.assert_allclose(sums.slope(x, w), slope, atol=1e-14)


def test_mesh_converges_at_fourth_order():
    rng = np.random.default_rng(2)
    x, w = jnp.asarray(rng.normal(size=(50, 1))), jnp.full(50, 1 / 50)
    exact = PairSum(HILL).potential(x, w)
    points = np.array([48, 96, 192])
    errors = [
        float(jnp.max(jnp.abs(MeshSum(HILL, jw.Grid(-7.0, 7.0, int(n))).potential(x, w) - exact)))
        for n in points
    ]
    order = -np.polyfit(np.log(points), np.log(errors), 1)[0]
    assert 3.7 < order < 4.6
    assert errors[-1] < 1e-5


@pytest.mark.parametrize("d", [1, 2])
def test_mesh_force_is_the_gradient_of_its_energy(d):
    rng = np.random.default_rng(3)
    x, w = jnp.asarray(rng.normal(size=(12, d))), jnp.full(12, 1 / 12)
    mesh = MeshSum(HILL, jw.Grid((-5.0,) * d, (5.0,) * d, (40,) * d))
    energy = lambda x: 0.5 * w @ mesh.potential(x, w)  # noqa: E731
    np.testing.assert_allclose(
        jax.grad(energy)(x), w[:, None] * mesh.slope(x, w), rtol=0, atol=1e-14
    )


def test_periodic_mesh():
    V = jw.potentials.Cosine(1.0, 1.0)
    x, w = jnp.linspace(-3.0, 9.0, 11)[:, None], jnp.full(11, 1 / 11)
    mesh = MeshSum(V, jw.Grid(-np.pi, np.pi, 64))
    np.testing.assert_allclose(mesh.slope(x, w), PairSum(V).slope(x, w), atol=1e-5)


def test_pairs_that_are_not_even_are_refused():
    with pytest.raises(ValueError, match="Argument `pair` must be even"):
        check_pair(lambda x: x**3, 1)
    with pytest.raises(ValueError, match="`pair` must be even"):
        jw.Hartree(jw.Grid(-1.0, 1.0, 8), lambda x: jnp.sin(x), 0.1)
    with pytest.raises(ValueError, match="`chunk` must be an integer of at least 1"):
        jw.VlasovParticles(HILL, chunk=0)


def test_memory_of_pairs_is_bounded_by_the_chunk():
    """Temporary memory follows `chunk`, forwards and backwards; all pairs together would need 128 MB."""
    x, w = jnp.zeros((4000, 1)), jnp.full(4000, 1 / 4000)

    def needed(chunk, function):
        program = jax.jit(lambda x: function(PairSum(HILL, chunk), x)).lower(x).compile()
        return program.memory_analysis().temp_size_in_bytes

    forwards = lambda sums, x: sums.slope(x, w)  # noqa: E731
    backwards = lambda sums, x: jax.grad(lambda x: jnp.sum(sums.slope(x, w) ** 2))(x)  # noqa: E731
    for function in (forwards, backwards):
        small, large = (needed(chunk, function) for chunk in (16, 256))
        assert small < 16e6 and small < large
