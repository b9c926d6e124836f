"""The tabulated potential: a cubic spline, and what lies beyond its ends."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from splines import ENDS, NODES, VALUES

from jaxwigner import potentials as pot

# The tabulated potential


@jax.jit
def tabulated(nodes, values, x):
    """U and U′ of a table."""
    potential = pot.Tabulated(nodes, values)
    return potential(x), potential.gradient(x)[0]


@pytest.mark.parametrize("count", [9, 4])
def test_spline_reproduces_cubics(count):
    cubic, nodes = np.polynomial.Polynomial([0.3, -1.1, 0.7, 0.9]), NODES[:count]
    x = np.linspace(nodes[0], nodes[-1], 101)
    for order, found in enumerate(tabulated(nodes, cubic(nodes), x)):
        np.testing.assert_allclose(found, cubic.deriv(order)(x) if order else cubic(x), atol=1e-11)


def test_spline_converges_with_order_four():
    counts = np.array([97, 145, 217, 325])
    x = np.linspace(-1, 2, 4001)
    inner = np.exp(np.sin(2 * x))
    exact = inner, inner * 2 * np.cos(2 * x)
    errors = []
    for count in counts:
        nodes = np.linspace(-1, 2, count)
        found = tabulated(nodes, np.exp(np.sin(2 * nodes)), x)
        errors.append([np.abs(f - e).max() for f, e in zip(found, exact)])
    slopes = np.polyfit(np.log(counts - 1.0), np.log(errors), 1)[0]
    np.testing.assert_array_less(np.abs(slopes + np.array([4, 3])), 0.3)


def test_a_table_ends_where_it_ends():
    """Beyond its ends nothing is known: NaN, traced or not, and so is the slope; at the ends it is defined."""
    potential = pot.Tabulated(NODES, VALUES)
    places = np.array([NODES[0] - 1e-9, NODES[0], NODES[-1], NODES[-1] + 1e-9])
    for function in (lambda x: potential(x), lambda x: potential.gradient(x)[0]):
        for values in (function(places), jax.jit(function)(places)):
            assert np.isnan(values).tolist() == [True, False, False, True]


@pytest.mark.parametrize("outside", ["constant", "linear"])
def test_spline_is_smooth_at_its_nodes_and_continued(outside):
    potential = pot.Tabulated(NODES, VALUES, outside)
    orders = potential, jax.grad(potential), jax.hessian(potential)
    function = jax.jit(jax.vmap(lambda x: [order(x) for order in orders]))
    far = np.array([-3.0, 4.5])
    at = np.concatenate([NODES - 1e-9, NODES + 1e-9, NODES, far])
    value, slope, curvature = (np.asarray(f) for f in function(at))
    jumps = [np.abs(f[9:18] - f[:9]) for f in (value, slope, curvature)]
    assert jumps[0].max() < 1e-7 and jumps[1][1:-1].max() < 1e-7 and jumps[2][1:-1].max() < 1e-6
    np.testing.assert_allclose(
        jumps[1][[0, -1]], abs(ENDS) if outside == "constant" else 0, atol=1e-6
    )
    np.testing.assert_allclose(slope[[18, 26]], ENDS, rtol=1e-12)
    slopes = 0 * ENDS if outside == "constant" else ENDS
    expected = VALUES[[0, -1]] + slopes * (far - NODES[[0, -1]])
    np.testing.assert_allclose(value[27:], expected, rtol=1e-12)
    np.testing.assert_allclose(slope[27:], slopes, rtol=1e-12)
    np.testing.assert_array_equal(curvature[27:], 0.0)
    assert potential.covers(-3.0, 0.0)
    assert not pot.Tabulated(NODES, VALUES, "error").covers(-3.0, 0.0)


def test_gradient_in_every_tabulated_number():
    x = jnp.linspace(-2.4, 2.6, 7)  # beyond both ends

    def loss(nodes, values, x):
        potential = pot.Tabulated(nodes, values, "linear")
        return jnp.sum(jnp.cos(potential(x)) + potential.gradient(x)[0] ** 2)

    nodes, values = jnp.asarray(NODES), jnp.asarray(VALUES)
    gradients = jax.jit(jax.grad(loss, (0, 1)))(nodes, values, x)
    steps = 1e-6 * jnp.eye(len(NODES))
    zeros = jnp.zeros_like(steps)
    many = jax.jit(jax.vmap(loss, (0, 0, None)))
    for gradient, move in zip(gradients, ((steps, zeros), (zeros, steps))):
        ahead = many(nodes[None] + move[0], values[None] + move[1], x)
        behind = many(nodes[None] - move[0], values[None] - move[1], x)
        np.testing.assert_allclose(gradient, (ahead - behind) / 2e-6, rtol=1e-6, atol=1e-6)
        assert np.all(gradient != 0)


def test_domain_says_where_the_table_ends():
    table, second = pot.Tabulated(NODES, VALUES), pot.Tabulated(NODES + 0.5, VALUES)
    assert table.domain == (-2.0, 2.0)
    assert table.covers(-2.0, 2.0) is True
    assert table.covers(-2.1, 0.0) is False and table.covers(0.0, 2.1) is False
    assert pot.Harmonic(1.0).covers(-1e9, [1e9, 1e9]) is True
    both = 2.0 * table + second
    assert both.covers(-1.5, 2.0) and not both.covers(-1.6, 0.0) and not both.covers(0.0, 2.1)
    pair = pot.Separable([table, pot.Torsion(1.0)])
    assert pair.covers([-2.0, -9.0], [2.0, 9.0]) and not pair.covers(-2.1, 0.0)
    mixed = pair + pot.Free()
    assert mixed.covers([-2.0, -9.0], [2.0, 9.0]) and not mixed.covers(-2.1, 0.0)


def test_domain_stays_known_under_jit():
    seen = []

    def built_inside(x):
        seen.append(pot.Tabulated(NODES, VALUES).covers(-2.1, 0.0))
        return x

    jax.jit(built_inside)(1.0)
    assert seen == [False]
    traced = jax.jit(lambda u, low: (u + pot.Cosine(1.0)).covers(low, 0.0))
    table = pot.Tabulated(NODES, VALUES)
    assert bool(traced(table, -2.0)) and not bool(traced(table, -2.1))
