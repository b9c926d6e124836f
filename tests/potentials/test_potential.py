"""Potentials against closed forms: values, gradients, suprema, parameters that trace."""

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from splines import NODES, QUINTIC, SPLINE, VALUES

from jaxwigner import potentials as pot
from jaxwigner.potentials.on_grid import check_potential

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
    "curve": Case(lambda v: pot.Curve(NODES, v * VALUES, "refuse"), (1.0,), 1, QUINTIC, 1.95,
        loose=True),
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
        (
            lambda: check_potential(
                pot.as_potential(lambda x, y: jnp.ones(2) @ jnp.stack([x, y])), 2
            ),
            "`potential` must .* takes one point at a time .wrap it in `jnp.vectorize`",
        ),
        (
            lambda: pot.as_potential(lambda x: jnp.array([1.0, 2.0]))(0.0),
            "`function` must return one number for each point",
        ),
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
