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

NODES = np.array([-2.0, -1.3, -0.9, -0.1, 0.2, 0.9, 1.6, 2.1, 2.5])
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
    "linear": Case(pot.Linear, (1.7,), 1, lambda x: -1.7 * x, 3.0, ("lower", "upper", "gradient")[:2]),
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
    "tabulated": Case(lambda v: pot.Tabulated(NODES, v * VALUES), (1.0,), 1, SPLINE, 1.99),
    "tabulated_linear": Case(lambda v: pot.Tabulated(NODES, v * VALUES, "linear"), (1.0,), 1,
        spline_linear, 4.0, ("lower", "upper", "third")),
    "tabulated_constant": Case(lambda v: pot.Tabulated(NODES, v * VALUES, "constant"), (1.0,), 1,
        lambda x: SPLINE(np.clip(x, NODES[0], NODES[-1])), 4.0, ("hessian", "third")),
}
# fmt: on
POINTS = {1: (40001,), 2: (141, 142), 3: (24, 25, 26)}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def mesh(case, counts):
    """A mesh of odd spacing, (n, 1), (1, m), ..., that contains 0 where it is fine enough."""
    d = case.dimension
    axes = [np.linspace(-case.reach, case.reach, n + (n + 1) % 2) for n in counts]
    return [axis.reshape([-1 if j == i else 1 for j in range(d)]) for i, axis in enumerate(axes)]


def off_mesh(case):
    """A few points away from kinks and symmetry."""
    generator = np.random.default_rng(3)
    reach = min(case.reach, 4.0)
    axes = [generator.uniform(-reach, reach, 5 + i) for i in range(case.dimension)]
    shape = range(case.dimension)
    return [axis.reshape([-1 if j == i else 1 for j in shape]) for i, axis in enumerate(axes)]


def test_value_matches_the_formula(case):
    potential, x = case.make(*case.parameters), off_mesh(case)
    value, expected = potential(*x), case.formula(*x)
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-13)


def test_gradient_matches_differences_and_autodiff(case):
    potential, x = case.make(*case.parameters), off_mesh(case)
    gradient = potential.gradient(*x)
    automatic = pot.Potential.gradient(potential, *x)
    shape = np.broadcast_shapes(*(x_i.shape for x_i in x))
    assert len(gradient) == case.dimension
    for i, (ours, auto) in enumerate(zip(gradient, automatic)):
        step = 1e-5
        ahead = [x_j + step * (i == j) for j, x_j in enumerate(x)]
        behind = [x_j - step * (i == j) for j, x_j in enumerate(x)]
        difference = (case.formula(*ahead) - case.formula(*behind)) / (2 * step)
        assert ours.shape == shape and auto.shape == shape
        np.testing.assert_allclose(ours, auto, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(ours, difference, rtol=1e-6, atol=1e-8)


def along(function, order):
    """The derivatives of x -> function(x) up to `order` along v."""

    def derivative(x, v):
        line = lambda t: function(*(x + t * v))  # noqa: E731
        for _ in range(order):
            line = lambda t, f=line: jax.jvp(f, (t,), (1.0,))[1]  # noqa: E731
        return line(0.0)

    return derivative


def sampled(case):
    """inf U, sup U, sup|∇U|, sup‖D²U‖, sup‖D³U‖ over a dense sample of points and directions."""
    potential = case.make(*case.parameters)
    x = jnp.stack([a.ravel() for a in jnp.broadcast_arrays(*mesh(case, POINTS[case.dimension]))], 1)
    axes = np.vstack([np.eye(case.dimension), np.ones(case.dimension) / math.sqrt(case.dimension)])
    values = case.formula(*np.asarray(x).T)
    slope = jnp.sqrt(sum(g**2 for g in potential.gradient(*x.T)))
    higher = [
        jnp.max(
            jnp.stack(
                [jnp.max(jnp.abs(jax.vmap(along(potential, n), (0, None))(x, v))) for v in axes]
            )
        )
        for n in (2, 3)
    ]
    return [float(s) for s in (values.min(), values.max(), jnp.max(slope), *higher)]


def test_bounds_are_the_suprema(case):
    bounds = [float(b) for b in case.make(*case.parameters).bounds]
    for name, claimed, found in zip(BOUND_NAMES, bounds, sampled(case)):
        if name in case.infinite:
            assert claimed == (-math.inf if name == "lower" else math.inf), name
            continue
        sign = -1 if name == "lower" else 1
        scale = max(abs(claimed), abs(found))
        assert sign * found <= sign * claimed + 1e-9 * scale, (name, claimed, found)
        if not case.loose:
            assert abs(claimed - found) <= 0.01 * scale, (name, claimed, found)


def test_properties_repeat_the_bounds(case):
    potential = case.make(*case.parameters)
    named = [float(getattr(potential, f"{name}_bound")) for name in BOUND_NAMES]
    assert named == [float(b) for b in potential.bounds]


def test_parameters_trace_batch_and_differentiate(case):
    parameters = jnp.array(case.parameters)
    x = off_mesh(case)

    def measure(parameters):
        potential = case.make(*parameters)
        bounds = jnp.stack([jnp.asarray(b, float) for b in potential.bounds])
        return jnp.sum(jnp.sin(potential(*x))), bounds

    batch = jnp.stack([parameters, 1.1 * parameters])
    got = jax.jit(jax.vmap(measure))(batch)
    for lane in range(2):
        expected = measure([float(p) for p in batch[lane]])
        for one, other in zip(got, expected):
            np.testing.assert_allclose(one[lane], other, rtol=1e-11, atol=1e-11)
    if not case.parameters:
        return
    value = jax.jit(lambda p: measure(p)[0])
    gradient = jax.grad(value)(parameters)
    for i in range(len(parameters)):
        step = jnp.zeros_like(parameters).at[i].set(1e-5)
        difference = (value(parameters + step) - value(parameters - step)) / 2e-5
        np.testing.assert_allclose(gradient[i], difference, rtol=1e-6, atol=1e-7)


def test_single_precision_in_gives_single_precision_out(case):
    potential, x = case.make(*case.parameters), off_mesh(case)
    narrow = [jnp.asarray(x_i, jnp.float32) for x_i in x]
    for array in (potential(*narrow), *potential.gradient(*narrow)):
        assert array.dtype == jnp.float32
    np.testing.assert_allclose(potential(*narrow), case.formula(*x), rtol=1e-4, atol=1e-4)


def test_python_numbers_and_integers_are_coordinates(case):
    potential = case.make(*case.parameters)
    one = (1,) * case.dimension
    expected = case.formula(*np.ones((case.dimension, 1)))[0]
    np.testing.assert_allclose(potential(*one), expected, rtol=1e-12, atol=1e-13)
    assert potential(*one).dtype == jnp.float64
    assert potential(*one).shape == potential.gradient(*one)[0].shape == ()


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
    for name in BOUND_NAMES:
        values = jax.grad(lambda v: getattr(pot.Tabulated(NODES, v), f"{name}_bound"))(VALUES)  # noqa: B023
        assert np.all(np.isfinite(values)) and np.any(values != 0)


# Tips, tails and periods


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_cone_has_no_nan_at_its_tip(dimension):
    cone, tip = pot.Cone(1.5), jnp.zeros(dimension)
    at = lambda x: cone(*x)  # noqa: E731
    for order in (at, jax.grad(at), jax.hessian(at), jax.jacfwd(jax.hessian(at))):
        np.testing.assert_array_equal(order(tip), 0.0)
    np.testing.assert_array_equal(cone.gradient(*tip), np.zeros(dimension))
    inner = jax.jacfwd(lambda x: jnp.stack(cone.gradient(*x)))(tip)
    np.testing.assert_array_equal(inner, np.zeros((dimension, dimension)))


def test_cone_is_the_lower_eigenvalue_of_the_crossing():
    x, y = np.random.default_rng(0).normal(size=(2, 7))
    matrices = np.array([[x, y], [y, -x]]).transpose(2, 0, 1)
    np.testing.assert_allclose(pot.Cone()(x, y), np.linalg.eigvalsh(matrices)[:, 0], rtol=1e-13)


def test_nothing_overflows_far_out():
    far = jnp.array([-1e4, 1e4])
    for potential in (pot.Eckart(1.0, 0.1), pot.Gaussian(1.0, 0.1), pot.SoftCoulomb(1.0, 0.1)):
        for order in (potential, jax.vmap(jax.grad(potential)), jax.vmap(jax.hessian(potential))):
            assert np.all(np.abs(order(far)) < 1e-4)


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


def test_spline_reproduces_cubics():
    cubic = np.polynomial.Polynomial([0.3, -1.1, 0.7, 0.9])
    x = np.linspace(-2, 2.5, 101)
    for nodes in (NODES, NODES[:5], NODES[:4]):
        potential = pot.Tabulated(nodes, cubic(nodes))
        np.testing.assert_allclose(
            potential(x),
            np.where(
                x <= nodes[-1],
                cubic(x),
                cubic(nodes[-1]) + cubic.deriv()(nodes[-1]) * (x - nodes[-1]),
            ),
            atol=1e-12,
        )
        np.testing.assert_allclose(potential(nodes), cubic(nodes), atol=1e-13)


def test_spline_converges_with_order_four():
    counts = np.array([17, 25, 37, 55, 81])
    x = np.linspace(-1, 2, 2001)
    for derivative, order in ((0, 4), (1, 3)):
        errors = []
        for count in counts:
            nodes = np.linspace(-1, 2, count)
            potential = pot.Tabulated(nodes, np.exp(np.sin(3 * nodes)))
            exact = np.exp(np.sin(3 * x)) * (3 * np.cos(3 * x) if derivative else 1)
            got = potential.gradient(x)[0] if derivative else potential(x)
            errors.append(np.abs(got - exact).max())
        slope = np.polyfit(np.log(counts - 1.0), np.log(errors), 1)[0]
        assert abs(-slope - order) < 0.3, (derivative, slope)


@pytest.mark.parametrize("outside", ["error", "constant", "linear"])
def test_spline_is_smooth_at_its_nodes(outside):
    potential = pot.Tabulated(NODES, VALUES, outside)
    value = jax.vmap(potential)
    slope, curvature = jax.vmap(jax.grad(potential)), jax.vmap(jax.hessian(potential))
    for function, size in ((value, 10), (slope, 40), (curvature, 400)):
        inner = NODES[1:-1]
        jump = np.abs(function(inner - 1e-9) - function(inner + 1e-9))
        assert jump.max() < 1e-8 * size
    ends = NODES[[0, -1]]
    assert np.abs(value(ends - 1e-9) - value(ends + 1e-9)).max() < 1e-7
    jump = np.abs(slope(ends - 1e-9) - slope(ends + 1e-9))
    np.testing.assert_allclose(jump, np.abs(ENDS) if outside == "constant" else 0, atol=1e-6)
    np.testing.assert_allclose(slope(ends), ENDS, rtol=1e-12)


@pytest.mark.parametrize("outside", ["error", "constant", "linear"])
def test_continuation_outside(outside):
    potential, x = pot.Tabulated(NODES, VALUES, outside), jnp.array([-3.0, 4.5])
    slopes = 0 * ENDS if outside == "constant" else ENDS
    expected = VALUES[[0, -1]] + slopes * (x - NODES[[0, -1]])
    np.testing.assert_allclose(potential(x), expected, rtol=1e-12)
    np.testing.assert_allclose(potential.gradient(x)[0], slopes, rtol=1e-12)
    np.testing.assert_array_equal(jax.vmap(jax.hessian(potential))(x), 0.0)
    assert potential.covers(-3.0, 0.0) == (outside != "error")


def test_gradient_in_every_tabulated_number():
    x = jnp.linspace(-2.4, 2.9, 7)  # beyond both ends

    def loss(nodes, values, x):
        potential = pot.Tabulated(nodes, values, "linear")
        return jnp.sum(jnp.cos(potential(x)) + potential.gradient(x)[0] ** 2)

    nodes, values = jnp.asarray(NODES), jnp.asarray(VALUES)
    gradients = jax.grad(loss, (0, 1))(nodes, values, x)
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
    assert table.domain == (-2.0, 2.5)
    assert table.covers(-2.0, 2.5) is True
    assert table.covers(-2.1, 0.0) is False and table.covers(0.0, 2.6) is False
    assert pot.Harmonic(1.0).covers(-1e9, [1e9, 1e9]) is True
    both = 2.0 * table + second
    assert both.covers(-1.5, 2.5) and not both.covers(-1.6, 0.0) and not both.covers(0.0, 2.6)
    pair = pot.Separable([table, pot.Torsion(1.0)])
    assert pair.covers([-2.0, -9.0], [2.5, 9.0]) and not pair.covers(-2.1, 0.0)
    mixed = pair + pot.Free()
    assert mixed.covers([-2.0, -9.0], [2.5, 9.0]) and not mixed.covers(-2.1, 0.0)


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
