"""The quintic spline against SciPy's and against polynomials, and the laws beyond its ends."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from splines import NODES, QUINTIC, VALUES

import jaxwigner as jw
from jaxwigner import potentials as pot

MORSE = pot.Morse(0.2, 1.2, 1.8)
BOND = np.concatenate([np.linspace(1.0, 3.0, 21), np.linspace(3.2, 8.0, 13)])
ENERGIES = np.asarray(MORSE(BOND))


@jax.jit
def four(curve, x):
    """U and three derivatives."""
    orders = [lambda q: curve(q), lambda q: curve.gradient(q)[0]]
    orders.append(jax.grad(orders[1]))
    orders.append(jax.grad(orders[2]))
    return [jax.vmap(order)(x) for order in orders]


def test_spline_is_that_of_scipy_and_smooth_at_its_nodes():
    """Values to rounding on either side of every node; U‴ has no jump."""
    curve = pot.Curve(NODES, VALUES, "refuse")
    x = np.concatenate([NODES[1:-1] - 1e-9, NODES[1:-1] + 1e-9, NODES[[0, -1]], [0.1, 1.0]])
    for order, found in enumerate(four(curve, x)):
        np.testing.assert_allclose(found, QUINTIC(x, order), rtol=1e-9, atol=1e-8 * 10**order)
    assert np.max(np.abs(np.diff(np.reshape(four(curve, x)[3][:14], (2, 7)), axis=0))) < 1e-3


def test_quintics_are_reproduced_and_constants_do_not_matter():
    quintic = np.polynomial.Polynomial([0.3, -1.1, 0.7, 0.9, -0.4, 0.2])
    x = np.linspace(-2, 2, 17)
    for constant in (0.0, -7.5e2):
        curve = pot.Curve(NODES, quintic(NODES) + constant, "refuse")
        for order, found in enumerate(four(curve, x)):
            exact = quintic.deriv(order)(x) if order else quintic(x) + constant
            np.testing.assert_allclose(found, exact, atol=1e-9)


@pytest.mark.parametrize("outer", ["refuse", "inverse-power"])
def test_laws_continue_value_slope_and_curvature(outer):
    curve = pot.Curve(BOND, ENERGIES, outer=outer)
    ends = [BOND[0]] if outer == "refuse" else BOND[[0, -1]]
    for end in ends:
        before, after = (four(curve, np.array([end + s])) for s in (-1e-7, 1e-7))
        scale = [1e-5, 1e-5, 1e-4]
        for one, two, tolerance in zip(before, after, scale):
            np.testing.assert_allclose(one, two, atol=tolerance)
    far = np.asarray(curve(np.array([0.0, 0.5, 40.0])))
    # The wall of a Morse curve grows like e^{2ax}: continued, it is a wall of that kind.
    assert far[0] > far[1] > curve(1.0) and np.isnan(far[2]) == (outer == "refuse")
    if outer == "inverse-power":
        assert far[2] == pytest.approx(0.2, abs=1e-3) and curve.domain == (-np.inf, np.inf)


def test_laws_are_closed_forms():
    """a + be^{−cx} and a − b/xⁿ are their own continuations."""
    for inner, outer, formula in (
        ("exponential", "refuse", lambda x: 0.3 + 2 * np.exp(-1.5 * x)),
        ("exponential", "inverse-power", lambda x: 0.2 + 3 / x**6),
        ("refuse", "inverse-power", lambda x: 0.2 - 3 / x**4),
    ):
        nodes = np.linspace(2.0, 4.0, 81)
        curve = pot.Curve(nodes, formula(nodes), inner, outer)
        if inner == "exponential" and outer == "refuse":
            np.testing.assert_allclose(
                curve(np.array([0.5, 1.0])), formula(np.array([0.5, 1.0])), rtol=1e-5
            )
        if outer == "inverse-power":
            np.testing.assert_allclose(
                curve(np.array([5.0, 9.0])), formula(np.array([5.0, 9.0])), rtol=1e-5
            )


def test_a_curve_that_has_levelled_off_stays():
    nodes, values = np.append(BOND, [9.0, 10.0, 11.0]), np.append(ENERGIES, [0.2] * 3)
    curve = pot.Curve(nodes, values, outer="constant")
    assert float(curve(50.0)) == 0.2 and float(curve.gradient(50.0)[0]) == 0.0
    assert np.isinf(float(curve.hessian_bound))


def test_where_it_is_not_defined():
    """NaN beyond, traced or not; systems refuse the box, and particles."""
    curve = pot.Curve(BOND, ENERGIES, inner="refuse")
    x = np.array([1 - 1e-9, 1.0, 8.0, 8 + 1e-9])
    for f in (lambda x: curve(x), lambda x: curve.gradient(x)[0]):
        for values in (f(x), jax.jit(f)(x)):
            assert np.isnan(values).tolist() == [True, False, False, True]
    with pytest.raises(ValueError, match="cover the box"):
        jw.Schrodinger(jw.Grid(0.5, 6.0, 32), curve, 1.0)
    with pytest.raises(ValueError, match="cover the box"):
        start = jw.Particles([1.0], [9.0], [0.0])
        jw.evolve(jw.Newton(curve), start, duration=1.0, steps=2)


def test_bounds_hold():
    x = np.linspace(1.0, 30.0, 4001)
    for curve in (
        pot.Curve(BOND, ENERGIES, "refuse"),
        pot.Curve(BOND, ENERGIES, "refuse", "inverse-power"),
    ):
        value, *slopes = (np.asarray(v) for v in four(curve, x[x <= curve.domain[1]]))
        bounds = [float(b) for b in curve.bounds]
        assert bounds[0] <= value.min() and value.max() <= bounds[1]
        for found, most in zip(slopes, bounds[2:]):
            assert np.abs(found).max() <= most * (1 + 1e-9) <= 3 * np.abs(found).max()
    assert np.isinf(float(pot.Curve(BOND, ENERGIES).upper_bound))


def test_gradient_in_the_tabulated_values():
    """Under jit, with respect to the values and to the leaf of the module."""

    def loss(values):
        curve = pot.Curve(BOND, values, outer="inverse-power")
        x = jnp.array([0.8, 1.9, 4.0, 9.0])
        return jnp.sum(jnp.sin(curve(x)) + curve.gradient(x)[0] ** 2)

    slopes = jax.jit(jax.grad(loss))(ENERGIES)
    for index in (0, 7, 33):
        step = np.eye(BOND.size)[index] * 1e-6
        exact = (loss(ENERGIES + step) - loss(ENERGIES - step)) / 2e-6
        assert float(slopes[index]) == pytest.approx(float(exact), rel=2e-4, abs=1e-6)


def test_single_precision():
    curve = pot.Curve(BOND, ENERGIES)
    assert curve(np.float32(2.2)).dtype == jnp.float32
    assert float(curve(jnp.float32(2.2))) == pytest.approx(float(curve(2.2)), rel=1e-5)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: pot.Curve(NODES[:5], VALUES[:5]), "`nodes` must have at least 6"),
        (lambda: pot.Curve(NODES, VALUES[:-1]), "`values` must have 9 entries"),
        (lambda: pot.Curve(NODES[::-1], VALUES), "`nodes` must increase"),
        (lambda: pot.Curve(NODES, VALUES * np.nan), "`values` must be finite"),
        (lambda: pot.Curve(NODES, VALUES, "soft"), "`inner` must be one of"),
        (lambda: pot.Curve(NODES, VALUES, outer="soft"), "`outer` must be one of"),
        (
            lambda: pot.Curve(NODES, -(NODES**2)),
            "`inner` must be 'refuse' where the curve does not fall",
        ),
        (lambda: pot.Curve(BOND, 1 / BOND - BOND, outer="constant"), "`outer` must be another law"),
        (lambda: pot.Curve(BOND, BOND**2, "refuse", "inverse-power"), "n = "),
        (lambda: jax.jit(lambda x: pot.Curve(x, VALUES)(0.1))(NODES), "`nodes` must be known"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=f"Argument .*{words}"):
        call()
