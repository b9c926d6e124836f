"""The quadratic pair potential against the linear flow of all N bodies at once."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from scipy.linalg import expm

import jaxwigner as jw
from jaxwigner.states.quadratic import flow_matrix

COVARIANCE = np.array([[0.4, 0.15], [0.15, 0.5]])


def brute(mean, covariance, stiffness, number, time, n):
    """Moments of the first n of N bodies by one exponential of the whole linear system, d = 1 (positions first)."""
    pulls = stiffness * (np.eye(number) - np.full((number, number), 1 / number))
    rate = np.block(
        [[np.zeros((number, number)), np.eye(number)], [-pulls, np.zeros((number,) * 2)]]
    )
    flow = expm(time * rate)
    every = flow @ np.kron(covariance, np.eye(number)) @ flow.T
    kept = [*range(n), *range(number, number + n)]
    return (flow @ np.repeat(mean, number))[kept], every[np.ix_(kept, kept)]


@pytest.mark.parametrize("stiffness", [1.3, -0.7, 1e-3])
@pytest.mark.parametrize("n", [1, 2])
def test_marginals_of_the_linear_flow(stiffness, n):
    mean, number, time = np.array([0.3, -0.8]), 5, 1.7
    start = jw.Gaussian(mean, COVARIANCE)
    found = jw.quadratic_marginal(start, stiffness, number, time, n=n)
    expected = brute(mean, COVARIANCE, stiffness, number, time, n)
    np.testing.assert_allclose(found.mean, expected[0], atol=1e-12)
    np.testing.assert_allclose(found.covariance, expected[1], atol=1e-12)


def test_infinitely_many_bodies_are_the_limit():
    """S1_N − S1_∞ = O(1/N), exactly proportional; correlations vanish."""
    start = jw.Gaussian(np.array([0.3, -0.8]), COVARIANCE)
    limit = jw.quadratic_marginal(start, 0.9, np.inf, 2.0, n=2)
    gaps = [
        N * (jw.quadratic_marginal(start, 0.9, N, 2.0, n=2).covariance - limit.covariance)
        for N in (3, 1000)
    ]
    np.testing.assert_allclose(*gaps, atol=1e-10)
    assert abs(limit.covariance[0, 1]) < 1e-15
    assert abs(gaps[0][0, 0]) > 0.1


def test_axes_of_space_are_independent():
    """d = 2 with equal factors is twice d = 1; the order is positions of all bodies, then momenta."""
    one = jw.Gaussian(np.array([0.3, -0.8]), COVARIANCE)
    two = jw.Gaussian(np.kron([0.3, -0.8], [1, 1]), np.kron(COVARIANCE, np.eye(2)))
    small = jw.quadratic_marginal(one, 0.6, 4, 1.1, n=2)
    large = jw.quadratic_marginal(two, 0.6, 4, 1.1, n=2)
    np.testing.assert_allclose(large.covariance, jnp.kron(small.covariance, jnp.eye(2)), atol=1e-13)
    np.testing.assert_allclose(large.mean, jnp.kron(small.mean, jnp.ones(2)), atol=1e-13)


def test_flow_is_smooth_where_the_stiffness_changes_sign():
    for k in (-0.3, 0.0, 1e-3, 0.4):
        expected = expm(1.4 * np.array([[0.0, 1.0], [-k, 0.0]]))
        np.testing.assert_allclose(flow_matrix(k, 1.4), expected, atol=1e-13)
    slope = jax.jacfwd(lambda k: flow_matrix(k, 1.4))(0.0)
    expected = (flow_matrix(1e-4, 1.4) - flow_matrix(-1e-4, 1.4)) / 2e-4
    np.testing.assert_allclose(slope, expected, atol=1e-8)
    batch = jax.vmap(lambda k: flow_matrix(k, 1.4))(jnp.array([-1.0, 0.0, 2.0]))
    np.testing.assert_allclose(jnp.linalg.det(batch), 1.0, atol=1e-12)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"state": None}, "Argument `state` must be a Gaussian"),
        (
            {"number": 1, "n": 2},
            "Argument `number` must be at least the bodies kept \\(2\\), but is 1",
        ),
        ({"stiffness": np.nan}, "Argument `stiffness` must be finite"),
        ({"n": 0}, "Argument `n` must be an integer of at least 1, but is 0"),
    ],
)
def test_bad_input(change, message):
    arguments = {"state": jw.Gaussian(np.zeros(2), COVARIANCE), "stiffness": 1.0, "number": 3}
    arguments = arguments | {"time": 1.0} | change
    with pytest.raises(ValueError, match=message):
        jw.quadratic_marginal(**arguments)


PUBLIC = [
    small.call(
        jw.quadratic_marginal,
        {"state": "thing", "number": "positive"},
        state=small.NORMAL,
        stiffness=1.0,
        number=5,
        time=1.0,
        n=1,
    )
]
