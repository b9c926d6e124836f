"""Tips and tails of potentials that depend on |x|."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner import potentials as pot

# Tips, tails and periods


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_cone_has_no_nan_at_its_tip(dimension):
    cone, tip = pot.Cone(1.5), jnp.zeros(dimension)
    at = lambda x: cone(*x)  # noqa: E731
    slope = lambda x: jnp.stack(cone.gradient(*x))  # noqa: E731
    orders = (at, jax.grad(at), jax.hessian(at), slope, jax.jacrev(slope))
    for value in jax.jit(lambda x: [order(x) for order in orders])(tip):
        np.testing.assert_array_equal(value, 0.0)


def test_cone_is_the_lower_eigenvalue_of_the_crossing():
    x, y = np.random.default_rng(0).normal(size=(2, 7))
    matrices = np.array([[x, y], [y, -x]]).transpose(2, 0, 1)
    np.testing.assert_allclose(pot.Cone()(x, y), np.linalg.eigvalsh(matrices)[:, 0], rtol=1e-13)


def test_nothing_overflows_far_out():
    far = jnp.array([-1e4, 1e4])
    for potential in (pot.Eckart(1.0, 0.1), pot.Gaussian(1.0, 0.1), pot.SoftCoulomb(1.0, 0.1)):
        orders = (potential, jax.grad(potential), jax.hessian(potential))
        for value in jax.jit(jax.vmap(lambda x, u=orders: [order(x) for order in u]))(far):
            assert np.all(np.abs(value) <= 1e-4)
