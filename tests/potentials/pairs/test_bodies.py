"""Clusters and sums of ridges: values against loops, gradients against automatic differentiation, and where they move."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner.potentials import Harmonic, Morse, Pairs, Ridges

ROWS = np.array([[1.0, 0.5, -0.2], [0.3, -1.0, 0.4]])

PUBLIC = [
    small.call(Pairs, {"pair": "pair"}, pair=small.MORSE, number=3),
    small.call(Ridges, functions=small.MORSE, directions=ROWS),
]


@pytest.mark.parametrize("space", [1, 2, 3])
def test_pairs_are_summed(space):
    well = Morse(0.7, 0.9, 1.4)
    cluster = Pairs(well, 4, space)
    x = np.random.default_rng(space).normal(size=(4 * space, 5))
    bodies = x.reshape(4, space, 5)
    loop = sum(
        np.asarray(well(np.linalg.norm(bodies[i] - bodies[j], axis=0)))
        for i in range(4)
        for j in range(i)
    )
    np.testing.assert_allclose(cluster(*x), loop, rtol=1e-13)
    slopes = jax.grad(lambda x: jnp.sum(cluster(*x)))(jnp.asarray(x))
    np.testing.assert_allclose(jnp.stack(cluster.gradient(*x)), slopes, rtol=1e-11, atol=1e-12)
    # No force on the cluster as a whole.
    total = np.stack(cluster.gradient(*x)).reshape(4, space, 5).sum(0)
    np.testing.assert_allclose(total, 0, atol=1e-12)


@pytest.mark.parametrize("functions", [Morse(1.0, 0.7), [Harmonic(2.0), lambda s: s**3]])
def test_ridges_are_summed(functions):
    potential = Ridges(functions, ROWS)
    x = np.random.default_rng(0).normal(size=(3, 4))
    every = functions if isinstance(functions, list) else [functions] * 2
    loop = sum(np.asarray(u(s)) for u, s in zip(every, ROWS @ x))
    np.testing.assert_allclose(potential(*x), loop, rtol=1e-13)
    slopes = jax.grad(lambda x: jnp.sum(potential(*x)))(jnp.asarray(x))
    np.testing.assert_allclose(jnp.stack(potential.gradient(*x)), slopes, rtol=1e-12)


def test_a_cluster_moves():
    """Two bodies on a spring in three dimensions: the distance oscillates, the centre rests."""
    spring = Pairs(lambda r: 0.5 * (r - 1.0) ** 2, 2)
    start = jw.Particles([1.0], [[0.0, 0, 0, 1.2, 0, 0]], np.zeros((1, 6)))
    run = jw.evolve(jw.Newton(spring), start, duration=np.pi / np.sqrt(2), steps=40)
    apart = run.state.positions[0, 3] - run.state.positions[0, 0]
    np.testing.assert_allclose(apart, 0.8, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Pairs(Morse(1.0, 1.0), 1), "`number` must be an integer of at least 2"),
        (lambda: Pairs(Morse(1.0, 1.0), 3, 4), "`space` must be 1, 2 or 3"),
        (lambda: Pairs(Ridges(Morse(1.0, 1.0), ROWS), 3), "`pair` must be a function of one dis"),
        (lambda: Ridges([Morse(1.0, 1.0)] * 3, ROWS), "`functions` must be 2, one a direction"),
        (lambda: Ridges(Morse(1.0, 1.0), ROWS[0]), "`directions` must be a matrix"),
        (lambda: Ridges(3.0, ROWS), "`functions` must be a function or a sequence"),
    ],
)
def test_bad_input(make, text):
    with pytest.raises(ValueError, match=text):
        make()
