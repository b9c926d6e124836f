"""MK_ħ² of Fock-diagonal states: two-level and thermal closed forms, reference values, marginals, derivatives."""

from math import comb

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner.transport import fock_diagonal_cost


def cost(p, q, hbar=1.0):
    return fock_diagonal_cost(jnp.asarray(p, float), jnp.asarray(q, float), hbar)


def two_levels(p, q):
    """(p − t)(q − t), t = (p + q − 1)₊, without cancellation."""
    return 1 + p + q - 2 * np.sqrt(min(p, 1 - q) * min(q, 1 - p))


@pytest.mark.parametrize(
    "p, q", [(0.3, 0.4), (0.7, 0.8), (1e-9, 0.8), (0.0, 0.8), (0.5, 0.5), (1.0, 0.2)]
)
def test_two_levels(p, q):
    bracket, f = cost([1 - p, p, 0, 0], [1 - q, q, 0, 0], 0.2)
    assert abs(float(bracket.centre) - 0.2 * two_levels(p, q)) < 1e-11
    assert float(bracket.width) < 1e-10
    assert np.allclose(f.sum(axis=1), [1 - p, p, 0, 0], atol=1e-15)


FOUR = [0.02, 0.01, 0.15, 0.82], [0.01, 0.8, 0.16, 0.03]


@pytest.mark.parametrize(
    "p, q, value",
    [
        (*FOUR, 3.06296078513),
        (FOUR[0], FOUR[0], 5.56),
        (FOUR[1], FOUR[1], 2.12927034206),
        ([0.5, 0, 0.5, 0], [0.5, 0, 0.5, 0], 3.0),
        ([comb(3, k) / 8 for k in range(4)],) * 2 + (1.0,),
    ],
)
def test_reference_values(p, q, value):
    bracket, f = cost(p, q)
    assert abs(float(bracket.centre) - value) < 4e-11
    assert float(bracket.width) < 1e-10
    assert np.max(abs(f.sum(axis=1) - np.asarray(p))) < 1e-15
    assert np.max(abs(f.sum(axis=0) - np.asarray(q))) < 1e-15


def thermal(occupation, levels):
    w = (occupation / (1 + occupation)) ** np.arange(levels)
    return w / w.sum()


@pytest.mark.slow
def test_thermal_states_and_their_order():
    """ħ(1 + (√n̄ − √n̄′)²), with populations down to 1e-19; exchanged states are the transposed problem."""
    p, q = thermal(0.1, 16), thermal(0.2, 24)
    bracket, f = cost(p, q, 0.25)
    assert abs(float(bracket.centre) - 0.25 * (1 + (np.sqrt(0.1) - np.sqrt(0.2)) ** 2)) < 1e-11
    again, g = cost(q, p, 0.25)
    assert abs(float(again.centre - bracket.centre)) < 1e-12 and np.allclose(f, g.T, atol=1e-12)


@pytest.mark.nightly
def test_forty_levels():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.full(40, 0.3), size=2)
    bracket, _ = cost(p, q)
    assert float(bracket.width) < 1e-10 * float(bracket.upper)


def test_derivatives():
    p, q = jnp.asarray(FOUR[0]), jnp.asarray(FOUR[1])
    move = jnp.array([1.0, -0.3, -0.9, 0.2])
    value = jax.jit(lambda t, h: fock_diagonal_cost(p + t * move, q, h)[0].centre)
    along = jax.jit(jax.grad(value, (0, 1)))(0.0, 0.5)
    assert abs(float(along[0]) - float(value(1e-6, 0.5) - value(-1e-6, 0.5)) / 2e-6) < 1e-4
    assert abs(float(along[1]) - 3.06296078513) < 1e-9


@pytest.mark.slow
def test_batches():
    p = jnp.asarray([FOUR[0], FOUR[1], [1.0, 0.0, 0.0, 0.0]])
    costs = jax.vmap(lambda p: fock_diagonal_cost(p, jnp.asarray(FOUR[1]), 1.0)[0].centre)(p)
    assert np.allclose(costs, [3.06296078513, 2.12927034206, 1 + 1.21], atol=1e-10)


def test_what_is_refused():
    with pytest.raises(ValueError, match="`p` must sum to 1"):
        cost([0.5, 0.4], [0.5, 0.5])
    with pytest.raises(ValueError, match="`q` must be non-negative"):
        cost([0.5, 0.5], [1.5, -0.5])
    with pytest.raises(ValueError, match="`hbar` must be positive"):
        cost([0.5, 0.5], [0.5, 0.5], 0.0)
