"""V⋆ρ for particles, by pairs and through a mesh, against sums over all pairs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.potentials.pairs.on_particles import MeshSum, PairSum

HILL = jw.potentials.Gaussian(1.3, 0.8)


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

    def mesh_potential(n):
        return jax.jit(lambda x: MeshSum(HILL, jw.Grid(-7.0, 7.0, n)).potential(x, w))(x)

    errors = [float(jnp.max(jnp.abs(mesh_potential(int(n)) - exact))) for n in points]
    order = -np.polyfit(np.log(points), np.log(errors), 1)[0]
    assert 3.7 < order < 4.6
    assert errors[-1] < 1e-5


@pytest.mark.parametrize("d", [1, 2])
def test_mesh_force_is_the_gradient_of_its_energy(d):
    rng = np.random.default_rng(3)
    x, w = jnp.asarray(rng.normal(size=(12, d))), jnp.full(12, 1 / 12)
    mesh = MeshSum(HILL, jw.Grid((-5.0,) * d, (5.0,) * d, (40,) * d))
    energy = lambda x: 0.5 * w @ mesh.potential(x, w)  # noqa: E731
    slope, force = jax.jit(lambda x: (jax.grad(energy)(x), w[:, None] * mesh.slope(x, w)))(x)
    np.testing.assert_allclose(slope, force, rtol=0, atol=1e-14)


def test_periodic_mesh():
    V = jw.potentials.Cosine(1.0, 1.0)
    x, w = jnp.linspace(-3.0, 9.0, 11)[:, None], jnp.full(11, 1 / 11)
    mesh = MeshSum(V, jw.Grid(-np.pi, np.pi, 64))
    np.testing.assert_allclose(mesh.slope(x, w), PairSum(V).slope(x, w), atol=1e-5)


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
