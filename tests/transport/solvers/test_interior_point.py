"""The interior-point method: certified gaps, exact feasibility, and no loop of unknown length inside another one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from semiquantum_cases import cloud, random_state, solve

import jaxwigner as jw
from jaxwigner.transport import gaussian_cost


@pytest.mark.parametrize(
    "kinds",
    [("toeplitz",), pytest.param(("wishart", "thermal", "steep"), marks=pytest.mark.slow)],
)
def test_certified_gap_and_exact_feasibility(kinds):
    # Kinds of equal shapes in one test: they share what is compiled.
    for kind in kinds:
        for hbar in (1.0, 0.1, 0.01):
            rng = np.random.default_rng(3)
            p = cloud(60, np.sqrt(hbar) + 0.3, 0.2, rng.dirichlet(np.full(60, 0.3)), rng)
            result = solve(p, random_state(kind, 6, hbar, rng))
            assert bool(result.converged) and float(result.relative_gap) <= 1e-6
            assert float(result.residuals.state) <= 1e-14
            assert float(result.residuals.nodes) <= 1e-14
            assert float(result.residuals.positivity) >= -1e-14
            assert float(result.cost.lower) <= float(result.discrete.lower) + 1e-12
            assert float(result.cost.lower) >= 0.5 * hbar * (1 - 1e-4)  # Theorem 2.4 (0)


def open_loops(jaxpr, inside=0):
    """For each loop whose trips the data decide (`scan` knows its own): how many others it stands in."""
    found = []
    for equation in jaxpr.eqns:
        looping = equation.primitive.name == "while"
        found += [inside] * looping
        for inner in jax.core.jaxprs_in_params(equation.params):
            found += open_loops(inner, inside + looping)
    return found


def of_cloud(z):
    p = jw.Particles(jnp.full(5, 0.2), z[:, :1], z[:, 1:])
    R = jw.FockState(jnp.diag(jnp.array([0.5, 0.3, 0.2])), 0.25)
    return jw.semiquantum(p, R, rank=3, method="interior_point").cost.centre


def of_gaussian(z):
    p = jw.Gaussian(z[0], jnp.diag(jnp.abs(z[1])))
    return gaussian_cost(p, jw.Gaussian(z[2], jnp.eye(2)), 0.25).centre


@pytest.mark.parametrize("cost", [of_cloud, of_gaussian])
def test_no_open_loop_inside_another(cost):
    """On a device every trip of one asks the host, and a batch waits for its slowest member in each."""
    z = jnp.ones((2, 5, 2))
    loops = open_loops(jax.make_jaxpr(jax.vmap(jax.value_and_grad(cost)))(z).jaxpr)
    assert loops and not any(loops)


def test_open_loops_are_seen():
    def nested(n):
        inner = lambda x: lax.while_loop(lambda y: y < n, lambda y: y + 1, x)  # noqa: E731
        return lax.while_loop(lambda x: x < 9, lambda x: inner(x) + 1, n)

    assert open_loops(jax.make_jaxpr(nested)(1).jaxpr) == [0, 1]
