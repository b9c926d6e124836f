"""Sums, multiples and separable potentials; their periods."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner import potentials as pot


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
