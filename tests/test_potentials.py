"""Potentials against closed forms: values, gradients, suprema, and the tabulated spline."""

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from jaxwigner import potentials as pot

NODES = np.array([-2.0, -1.3, -0.9, -0.1, 0.2, 0.8, 1.3, 1.7, 2.0])
VALUES = np.array([0.9, 0.1, -0.4, 0.3, 0.7, 0.2, -0.6, -0.3, 0.1])
SPLINE = CubicSpline(NODES, VALUES, bc_type="not-a-knot")
ENDS = SPLINE(NODES[[0, -1]], 1)
BOUND_NAMES = ("lower", "upper", "gradient", "hessian", "third")


def square(x):
    return sum(x_i**2 for x_i in x)


def spline_linear(x):
    inner = np.clip(x, NODES[0], NODES[-1])
    return SPLINE(inner) + SPLINE(inner, 1) * (x - inner)


class Case(NamedTuple):
    make: Any  # parameters -> Potential
    parameters: tuple
    dimension: int
    formula: Any  # in numpy
    reach: float  # of the sample, from 0 in every coordinate
    infinite: tuple = ()  # the bounds that are infinite
    loose: bool = False  # bounds valid, but not attained


ABOVE = ("upper", "gradient", "hessian", "third")
# fmt: off
CASES = {
    "free": Case(lambda: pot.Free(), (), 2, lambda x, y: 0 * x * y, 3.0),
    "linear": Case(pot.Linear, (1.7,), 1, lambda x: -1.7 * x, 3.0, ("lower", "upper")),
    "linear_2d": Case(lambda f, g: pot.Linear((f, g)), (1.2, -0.5), 2,
        lambda x, y: -1.2 * x + 0.5 * y, 3.0, ("lower", "upper")),
    "harmonic": Case(lambda k, c: pot.Harmonic(k, c), (1.7, 0.3), 1,
        lambda x: 0.85 * (x - 0.3) ** 2, 3.0, ("upper", "gradient")),
    "harmonic_3d": Case(lambda k: pot.Harmonic(k), (1.7,), 3,
        lambda *x: 0.85 * square(x), 2.0, ("upper", "gradient")),
    "harmonic_anisotropic": Case(
        lambda a, b, c: pot.Harmonic((a, b), centre=(0.0, c)), (0.4, 1.9, -0.3), 2,
        lambda x, y: 0.2 * x**2 + 0.95 * (y + 0.3) ** 2, 2.0, ("upper", "gradient")),
    "harmonic_frequency": Case(lambda w: pot.Harmonic(frequency=w), (1.4,), 1,
        lambda x: 0.98 * x**2, 3.0, ("upper", "gradient")),
    "harmonic_inverted": Case(pot.Harmonic, (-0.6,), 2,
        lambda *x: -0.3 * square(x), 2.0, ("lower", "gradient")),
    "double_well": Case(pot.DoubleWell, (0.7, 2.4), 1,
        lambda x: 0.7 * (x**2 / 1.44 - 1) ** 2, 2.0, ABOVE),
    "torsion": Case(lambda h: pot.Torsion(h, fold=3), (0.8,), 1,
        lambda x: 0.8 * (1 - np.cos(3 * x)), 3.2),
    "torsion_negative": Case(pot.Torsion, (-0.8,), 1, lambda x: -0.8 * (1 - np.cos(x)), 3.2),
    "cosine": Case(lambda a: pot.Cosine(a, wavenumber=1.5), (-0.7,), 1,
        lambda x: -0.7 * np.cos(1.5 * x), 3.2),
    "eckart": Case(pot.Eckart, (0.9, 0.6, 0.2), 1,
        lambda x: 0.9 / np.cosh((x - 0.2) / 0.6) ** 2, 10.0),
    "eckart_well": Case(pot.Eckart, (-0.9, 1.3), 1, lambda x: -0.9 / np.cosh(x / 1.3) ** 2, 14.0),
    "morse": Case(pot.Morse, (0.8, 1.1, 0.4), 1,
        lambda x: 0.8 * (1 - np.exp(-1.1 * (x - 0.4))) ** 2, 2.0, ABOVE),
    "gaussian": Case(pot.Gaussian, (0.9, 0.6, 0.2), 1,
        lambda x: 0.9 * np.exp(-((x - 0.2) ** 2) / 0.72), 4.0),
    "gaussian_2d": Case(lambda h, w: pot.Gaussian(h, w, (0.1, -0.2)), (-0.9, 0.7), 2,
        lambda x, y: -0.9 * np.exp(-((x - 0.1) ** 2 + (y + 0.2) ** 2) / 0.98), 4.0),
    "gaussian_3d": Case(pot.Gaussian, (0.9, 0.7), 3,
        lambda *x: 0.9 * np.exp(-square(x) / 0.98), 2.5),
    "soft_coulomb": Case(pot.SoftCoulomb, (0.9, 0.3), 1,
        lambda x: 0.9 / np.sqrt(x**2 + 0.09), 40.0),
    "soft_coulomb_2d": Case(pot.SoftCoulomb, (-0.9, 0.7), 2,
        lambda *x: -0.9 / np.sqrt(square(x) + 0.49), 90.0),
    "cone": Case(pot.Cone, (1.3,), 1, lambda x: -1.3 * abs(x), 3.0, ("lower", "hessian", "third")),
    "cone_2d": Case(pot.Cone, (-0.6,), 2,
        lambda *x: 0.6 * np.sqrt(square(x)), 3.0, ("upper", "hessian", "third")),
    "cone_3d": Case(pot.Cone, (0.6,), 3,
        lambda *x: -0.6 * np.sqrt(square(x)), 3.0, ("lower", "hessian", "third")),
    "function": Case(lambda: pot.Function(lambda x, y: x**2 * jnp.sin(y)), (), 2,
        lambda x, y: x**2 * np.sin(y), 2.0, ("lower", *ABOVE)),
    "sum": Case(lambda h, a: pot.Torsion(h) + pot.Gaussian(a, 0.8), (0.5, -1.2), 1,
        lambda x: 0.5 * (1 - np.cos(x)) - 1.2 * np.exp(-(x**2) / 1.28), 3.2, loose=True),
    "scaled": Case(lambda c, h: c * pot.Torsion(h, 2), (-1.5, 0.8), 1,
        lambda x: -1.2 * (1 - np.cos(2 * x)), 3.2),
    "scaled_harmonic": Case(lambda c, k: c * pot.Harmonic(k), (-1.5, 0.8), 2,
        lambda *x: -0.6 * square(x), 3.2, ("lower", "gradient")),
    "separable": Case(lambda h, a: pot.Separable([pot.Torsion(h), pot.Cosine(a)]), (0.8, -0.5), 2,
        lambda x, y: 0.8 * (1 - np.cos(x)) - 0.5 * np.cos(y), 3.2),
    "tabulated": Case(lambda v: pot.Tabulated(NODES, v * VALUES), (1.0,), 1, SPLINE, 2.0),
    "tabulated_linear": Case(lambda v: pot.Tabulated(NODES, v * VALUES, "linear"), (1.0,), 1,
        spline_linear, 4.0, ("lower", "upper", "third")),
    "tabulated_constant": Case(lambda v: pot.Tabulated(NODES, v * VALUES, "constant"), (1.0,), 1,
        lambda x: SPLINE(np.clip(x, NODES[0], NODES[-1])), 4.0, ("hessian", "third")),
}
# fmt: on
POINTS = {1: (8001,), 2: (151, 153), 3: (31, 33, 35)}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def shaped(axes):
    """The axes as (n, 1), (1, m), ...: what a grid hands to a potential."""
    return [a.reshape([-1 if j == i else 1 for j in range(len(axes))]) for i, a in enumerate(axes)]


def mesh(case):
    """Points of the whole sample, denser near 0 (an odd number: with 0 among them)."""
    stretch = 6.0 if case.reach > 20 else 1.0
    lines = [np.linspace(-1, 1, n) for n in POINTS[case.dimension]]
    return shaped([case.reach * np.sinh(stretch * u) / np.sinh(stretch) for u in lines])


def off_mesh(case):
    """A few points away from kinks and symmetry."""
    generator = np.random.default_rng(3)
    reach = min(case.reach, 4.0)
    return shaped([generator.uniform(-reach, reach, 5 + i) for i in range(case.dimension)])


@pytest.fixture(scope="module")
def evaluated():
    """Value, gradient, automatic gradient, and both in float32 of each case, compiled once."""
    known = {}

    def evaluate(case):
        if id(case) not in known:
            potential = case.make(*case.parameters)

            @jax.jit
            def everything(x, narrow):
                automatic = pot.Potential.gradient(potential, *x)
                singles = potential(*narrow), potential.gradient(*narrow)
                return potential(*x), potential.gradient(*x), automatic, singles

            x = off_mesh(case)
            known[id(case)] = everything(x, [np.asarray(x_i, np.float32) for x_i in x])
        return known[id(case)]

    return evaluate


def test_value_matches_the_formula(case, evaluated):
    value, expected = evaluated(case)[0], case.formula(*off_mesh(case))
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-13)


def test_gradient_matches_differences_and_autodiff(case, evaluated):
    x = off_mesh(case)
    _, gradient, automatic, _ = evaluated(case)
    shape = np.broadcast_shapes(*(x_i.shape for x_i in x))
    assert len(gradient) == len(automatic) == case.dimension
    for i, (ours, auto) in enumerate(zip(gradient, automatic)):
        step = 1e-5
        ahead = [x_j + step * (i == j) for j, x_j in enumerate(x)]
        behind = [x_j - step * (i == j) for j, x_j in enumerate(x)]
        difference = (case.formula(*ahead) - case.formula(*behind)) / (2 * step)
        assert ours.shape == shape and auto.shape == shape
        np.testing.assert_allclose(ours, auto, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(ours, difference, rtol=1e-6, atol=1e-8)


OFFSETS = (-2, -1, 0, 1, 2)
STENCILS = {1: [0, -1, 0, 1, 0], 2: [0, 1, -2, 1, 0], 3: [-1, 2, 0, -2, 1]}


def steepest(case, points, order, step=2e-3):
    """sup of the derivative of this order over points and directions, by central differences.

    A difference is an average of the derivative, so that it never exceeds the supremum.
    """
    d = case.dimension
    lines = []
    for v in [*np.eye(d), np.ones(d) / math.sqrt(d)]:
        values = [case.formula(*(x + k * step * v_i for x, v_i in zip(points, v))) for k in OFFSETS]
        scale = step**order * (1 if order == 2 else 2)
        lines.append(sum(c * u for c, u in zip(STENCILS[order], values)) / scale)
    # the gradient is a vector; along one direction is enough for the sup of the others
    return np.sqrt(square(lines[:d])).max() if order == 1 else np.abs(lines).max()


def test_bounds_are_the_suprema(case):
    potential, points = case.make(*case.parameters), mesh(case)
    claims = [float(getattr(potential, f"{name}_bound")) for name in BOUND_NAMES]
    assert claims == [float(b) for b in potential.bounds]
    values = case.formula(*points)
    spread = values.max() - values.min()
    sample = [values.min(), values.max(), *(steepest(case, points, order) for order in (1, 2, 3))]
    for name, claimed, found in zip(BOUND_NAMES, claims, sample):
        if name in case.infinite:
            assert claimed == (-math.inf if name == "lower" else math.inf), name
            continue
        sign = -1 if name == "lower" else 1
        scale = spread if name in ("lower", "upper") else claimed
        assert sign * found <= sign * claimed + 1e-5, (name, claimed, found)
        if not case.loose:
            assert abs(claimed - found) <= 0.01 * scale + 1e-5, (name, claimed, found)


def test_parameters_trace_batch_and_differentiate(case):
    x = [x_i / 4 for x_i in off_mesh(case)]

    def measure(parameters):
        potential = case.make(*parameters)
        bounds = jnp.stack([jnp.asarray(b, float) for b in potential.bounds])
        return jnp.sum(jnp.sin(potential(*x))), bounds

    def value(parameters):
        return jnp.sum(jnp.sin(case.make(*parameters)(*x)))

    parameters, count = jnp.array(case.parameters), len(case.parameters)
    steps = np.vstack([np.zeros((1, count)), 1e-5 * np.eye(count), -1e-5 * np.eye(count)])
    batched = lambda many, one: (jax.vmap(measure)(many), jax.grad(value)(one))  # noqa: E731
    (values, bounds), gradient = jax.jit(batched)(parameters[None] + steps, parameters)
    exact = np.sum(np.sin(case.formula(*x)))
    np.testing.assert_allclose(values[0], exact, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(
        bounds[0], case.make(*case.parameters).bounds, rtol=1e-12, atol=1e-14
    )
    difference = (values[1 : count + 1] - values[count + 1 :]) / 2e-5
    np.testing.assert_allclose(gradient, difference, rtol=1e-6, atol=1e-7)


def test_single_precision_in_gives_single_precision_out(case, evaluated):
    value, gradient = evaluated(case)[-1]
    assert {array.dtype for array in (value, *gradient)} == {np.dtype(np.float32)}
    np.testing.assert_allclose(value, case.formula(*off_mesh(case)), rtol=1e-4, atol=1e-4)


def test_python_numbers_and_integers_are_coordinates(case):
    potential = case.make(*case.parameters)
    one = (1,) * case.dimension
    expected = case.formula(*np.ones((case.dimension, 1)))[0]
    value = potential(*one)
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-13)
    assert value.dtype == jnp.float64 and value.shape == ()


def test_leaves_are_differentiable_in_the_module():
    potential = 2.0 * pot.Torsion(0.5) + pot.Gaussian(1, 2)
    gradient = eqx.filter_grad(lambda u: u(0.7))(potential)
    torsion, gaussian = gradient.parts
    np.testing.assert_allclose(torsion.potential.height, 2 * (1 - math.cos(0.7)))
    np.testing.assert_allclose(gaussian.height, math.exp(-0.49 / 8))
    batch = eqx.filter_vmap(pot.Torsion)(jnp.array([1.0, 2.0]))
    np.testing.assert_allclose(
        jax.vmap(lambda u: u(0.7))(batch), 1 - np.cos(0.7) * np.ones(2) + [0, 1 - math.cos(0.7)]
    )


def test_bounds_are_differentiable():
    gradient = jax.grad(lambda w: pot.Gaussian(2.0, w).hessian_bound)(0.5)
    np.testing.assert_allclose(gradient, -4.0 / 0.5**3)
    assert jax.grad(lambda f: pot.Linear(f).gradient_bound)(0.0) == 0.0
    assert jax.grad(lambda s: pot.Scaled(pot.Harmonic(1.0), s).upper_bound)(0.0) == 0.0
    bounds = lambda v: jnp.stack(pot.Tabulated(NODES, v).bounds)  # noqa: E731
    slopes = jax.jit(jax.jacrev(bounds))
    for values in (VALUES, NODES**3 + NODES):  # with and without turning points
        for gradient in slopes(values):
            assert np.all(np.isfinite(gradient)) and np.any(gradient != 0)


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


@pytest.mark.parametrize(
    "potential, period",
    [
        (pot.Torsion(0.7, 3), 2 * math.pi / 3),
        (pot.Cosine(0.7, 2.5), 0.8 * math.pi),
        (2.0 * pot.Cosine(0.7), 2 * math.pi),
        (pot.Torsion(1.0, 3) + pot.Torsion(0.7), 2 * math.pi),
        (pot.Torsion(1.0, 3) + pot.Torsion(0.7, 2), None),
        (pot.Torsion(1.0) + pot.Harmonic(0.7), None),
        (pot.Separable([pot.Torsion(1.0, 2), pot.Cosine(0.7)]), 2 * math.pi),
        (pot.Gaussian(1.0, 1.0), None),
    ],
)
def test_period_is_exact(potential, period):
    assert (potential.period is None) == (period is None)
    if period is not None:
        assert abs(potential.period - period) < 1e-15
        x = np.linspace(-1, 2, 7)
        x = [x] * (potential.dimension or 1)
        moved = [x_i + potential.period for x_i in x]
        np.testing.assert_allclose(potential(*moved), potential(*x), atol=1e-14)


# Arithmetic


def test_operators():
    u, v, x = pot.Torsion(0.7), pot.Gaussian(0.3, 0.6), 0.4
    a, b = float(u(x)), float(v(x))
    for combined, expected in [
        (u + v, a + b),
        (u - v, a - b),
        (-u, -a),
        (2 * u, 2 * a),
        (u * 2.5, 2.5 * a),
        (u / 4, a / 4),
        (np.float64(3.0) * u, 3 * a),
        (jnp.asarray(3.0) * u, 3 * a),
        (u + (lambda x: x**2), a + x**2),
        ((lambda x: x**2) + u, a + x**2),
        ((lambda x: x**2) - u, x**2 - a),
        (sum([u, v, u]), 2 * a + b),
    ]:
        assert isinstance(combined, pot.Potential)
        np.testing.assert_allclose(combined(x), expected, rtol=1e-14)
    assert len(((u + v) + (u + v)).parts) == 4
    for wrong in (lambda: u + 1.0, lambda: 1.0 + u, lambda: u * v, lambda: u - 1.0):
        with pytest.raises(TypeError):
            wrong()


def test_zero_times_an_unbounded_potential_is_bounded():
    assert [float(b) for b in (0.0 * pot.Harmonic(1.0)).bounds] == [0.0] * 5
    assert [float(b) for b in pot.Harmonic(0.0).bounds] == [0.0] * 5
    assert [float(b) for b in pot.Cone(0.0).bounds] == [0.0] * 5


def test_sum_reads_a_bound_that_a_subclass_overrides_alone():
    class Known(pot.Potential):
        def __call__(self, *x):
            return jnp.sin(self.coordinates(*x)[0])

        @property
        def hessian_bound(self):
            return 1.0

    assert float((Known() + pot.Harmonic(2.0)).hessian_bound) == 3.0
    assert float((-2.0 * Known()).hessian_bound) == 2.0
    np.testing.assert_allclose(Known().gradient(0.3)[0], math.cos(0.3))


# Functions


def test_function_broadcasts_and_crosses_jit():
    constant, partial = pot.as_potential(lambda x, y: 2), pot.as_potential(lambda x, y: x**2)
    x, y = jnp.ones((3, 1)), jnp.ones((1, 4))
    for potential, value, slope in ((constant, 2.0, 0.0), (partial, 1.0, 2.0)):
        got = jax.jit(lambda u, x, y: (u(x, y), u.gradient(x, y)))(potential, x, y)
        np.testing.assert_array_equal(got[0], np.full((3, 4), value))
        np.testing.assert_array_equal(got[1][0], np.full((3, 4), slope))
        np.testing.assert_array_equal(got[1][1], np.zeros((3, 4)))
        assert got[0].dtype == jnp.float64


def test_function_keeps_the_leaves_of_a_module():
    class Power(eqx.Module):
        factor: jax.Array

        def __call__(self, x):
            return self.factor * x**4

    potential = pot.as_potential(Power(jnp.asarray(2.0)))
    assert eqx.filter_grad(lambda u: u(2.0))(potential).function.factor == 16.0
    assert pot.as_potential(potential) is potential
    with pytest.raises(ValueError, match="`function` must return real"):
        pot.as_potential(lambda x: 1j * x)(1.0)


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


@pytest.mark.parametrize("outside", ["error", "constant", "linear"])
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
    assert potential.covers(-3.0, 0.0) == (outside != "error")


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


# Bad input


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: pot.Gaussian(1.0, 0.0), "`width` must be positive"),
        (lambda: pot.Eckart(1.0, -0.1), "`width` must be positive, but is -0.1"),
        (lambda: pot.DoubleWell(0.0, 1.0), "`height` must be positive"),
        (lambda: pot.DoubleWell(1.0, -1.0), "`separation` must be positive"),
        (lambda: pot.Morse(-1.0, 1.0), "`depth` must be positive"),
        (lambda: pot.Morse(1.0, 0.0), "`steepness` must be positive"),
        (lambda: pot.SoftCoulomb(1.0, 0.0), "`softening` must be positive"),
        (lambda: pot.Harmonic(frequency=-1.0), "`frequency` must be positive"),
        (lambda: pot.Harmonic(), "`stiffness` must be given"),
        (lambda: pot.Harmonic(1.0, frequency=1.0), "`stiffness` must be given"),
        (lambda: pot.Harmonic((1.0, 2.0), (0.0, 0.0, 0.0)), "`centre` must have one entry"),
        (lambda: pot.Harmonic(np.ones((2, 2))), "`stiffness` must be a number or a vector"),
        (lambda: pot.Harmonic(math.nan), "`stiffness` must be finite"),
        (lambda: pot.Linear(math.inf), "`force` must be finite"),
        (lambda: pot.Cone(1j), "`slope` must be real"),
        (lambda: pot.Cone("steep"), "`slope` must be real"),
        (lambda: pot.Torsion([1.0, 2.0]), "`height` must be a single number"),
        (lambda: pot.Torsion(1.0, 0), "`fold` must be an integer of at least 1"),
        (lambda: pot.Torsion(1.0, 1.5), "`fold` must be an integer of at least 1"),
        (lambda: pot.Cosine(1.0, 0.0), "`wavenumber` must be positive"),
        (lambda: jax.jit(lambda k: pot.Cosine(1.0, k)(0.0))(1.0), "`wavenumber` must be static"),
        (lambda: np.ones(3) * pot.Free(), "`factor` must be a single number"),
        (lambda: pot.Scaled(pot.Free(), 1j), "`factor` must be real"),
        (lambda: pot.Sum([]), "`parts` must not be empty"),
        (lambda: pot.Torsion(1.0) + pot.Linear((1.0, 2.0)), "`parts` must have one dimension"),
        (lambda: pot.Separable([]), "`axes` must not be empty"),
        (lambda: pot.Separable([pot.Linear((1.0, 2.0))]), "`axes` must be potentials of one"),
        (lambda: pot.as_potential(3.0), "`potential` must be a Potential or a callable"),
        (lambda: pot.Torsion(1.0)(0.0, 0.0), "`x` must be 1 coordinate"),
        (lambda: pot.Gaussian(1.0, 1.0, (0.0, 0.0)).gradient(0.0), "`x` must be 2 coordinate"),
        (lambda: pot.Free()(), "`x` must be at least one coordinate"),
        (lambda: pot.Tabulated(NODES[:3], VALUES[:3]), "`nodes` must have at least 4"),
        (lambda: pot.Tabulated(NODES, VALUES[:-1]), "`values` must have 9 entries"),
        (lambda: pot.Tabulated(NODES[::-1], VALUES), "`nodes` must increase"),
        (lambda: pot.Tabulated([0, 1, 1, 2], [0, 1, 2, 3]), "`nodes` must increase"),
        (lambda: pot.Tabulated(NODES, VALUES * np.nan), "`values` must be finite"),
        (lambda: pot.Tabulated(NODES, VALUES + 0j), "`values` must be real"),
        (lambda: pot.Tabulated(NODES, np.ones((9, 1))), "`values` must be a vector"),
        (lambda: pot.Tabulated(NODES, VALUES, "flat"), "'error', 'constant', 'linear'"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        make()
