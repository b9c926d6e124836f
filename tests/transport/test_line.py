"""Transport on a line: quantiles, staircases, their potentials."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.transport.line import staircase

# As one program each; eager calls compile operation by operation.
line_distance = jax.jit(jw.line_distance)
monge_kantorovich = eqx.filter_jit(jw.monge_kantorovich)


def measure(count, seed, coarse=None):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=count) if coarse is None else rng.integers(-coarse, coarse, count) / 2
    return jnp.asarray(rng.dirichlet(np.ones(count))), jnp.asarray(x, float)


def by_quantiles(x, a, y, b):
    """½∫|X(u) − Y(u)|²du on a fine grid of u that holds every break."""
    first, second = np.argsort(x), np.argsort(y)
    here, there = np.cumsum(a[first]), np.cumsum(b[second])
    breaks = np.sort(np.concatenate([[0.0], here, there]))
    middle, steps = 0.5 * (breaks[1:] + breaks[:-1]), np.diff(breaks)
    i = np.minimum(np.searchsorted(here, middle), len(x) - 1)
    j = np.minimum(np.searchsorted(there, middle), len(y) - 1)
    return 0.5 * np.sum(steps * (x[first][i] - y[second][j]) ** 2)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 6), (5, 1), (8, 5)])
@pytest.mark.parametrize("coarse", [None, 2])
def test_against_quantiles(sizes, coarse):
    """Repeated points as well: many of a few coordinates."""
    (a, x), (b, y) = (measure(n, seed, coarse) for n, seed in zip(sizes, (1, 2)))
    expected = by_quantiles(*(np.asarray(m) for m in (x, a, y, b)))
    assert float(line_distance(x, a, y, b)) == pytest.approx(expected, rel=1e-13, abs=1e-15)
    result = monge_kantorovich((a, x), (b, y), plan=True)
    assert result.method == "line" and result.cost.contains(expected)
    assert result.cost.width < 1e-13
    slack = 0.5 * np.subtract.outer(x, y) ** 2 - np.add.outer(*map(np.asarray, result.potentials))
    assert slack.min() > -1e-14
    assert np.abs(slack[np.asarray(result.plan) > 1e-14]).max() < 1e-14


def test_a_staircase_has_one_step_for_each_point():
    (a, x), (b, y) = measure(6, 3), measure(4, 4)
    plan = jax.jit(staircase)(x, a, y, b)
    matrix = np.asarray(plan.matrix)
    assert plan.masses.shape == (9,) and np.min(plan.masses) >= 0
    sorted_plan = matrix[np.ix_(np.argsort(x), np.argsort(y))]
    assert np.allclose(matrix.sum(1), a, atol=1e-15)
    assert np.allclose(matrix.sum(0), b, atol=1e-15)
    rows, columns = np.nonzero(sorted_plan)
    assert np.all(np.diff(rows) >= 0) and np.all(
        np.diff(columns[np.argsort(rows, kind="stable")]) >= 0
    )


def test_gradients():
    (a, x), (b, y) = measure(5, 5), measure(4, 6)
    turn = jnp.array([0.1, -0.2, 0.05, 0.0, 0.05])
    bracket = lambda s: jw.monge_kantorovich((a + s * turn, x * (1 + s)), (b, y)).centre  # noqa: E731
    plain = jax.jit(lambda s: jw.line_distance(x * (1 + s), a + s * turn, y, b))
    expected = (plain(1e-5) - plain(-1e-5)) / 2e-5
    for slope in (jax.jit(jax.grad(bracket))(0.0), jax.jit(jax.grad(plain))(0.0)):
        assert abs(slope - expected) < 1e-8


def test_bad_input():
    x, w = np.zeros(2), np.full(2, 0.5)
    with pytest.raises(ValueError, match="Argument `others` must sum to 1"):
        jw.line_distance(x, w, x, w * 3)
    with pytest.raises(ValueError, match="Argument `y` must be finite"):
        jw.line_distance(x, w, x * np.nan, w)
