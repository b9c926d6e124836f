"""The quantised classical potential as a start."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from semiquantum_cases import cloud, solve

import jaxwigner as jw
from jaxwigner.transport.solvers.feasibility import dual_bound, dual_values
from jaxwigner.transport.solvers.matrices import broadcasting
from jaxwigner.transport.solvers.nodes import nodes_of
from jaxwigner.transport.solvers.problem import discretise
from jaxwigner.transport.solvers.range import compress, family
from jaxwigner.transport.solvers.starts import quadratic_potential, quantised_potential


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("fock", marks=pytest.mark.nightly),  # as the grid's: other matrices of x and p
        pytest.param("grid", marks=pytest.mark.slow),
        pytest.param("toeplitz", marks=pytest.mark.nightly),
    ],
)
@broadcasting
def test_quantised_classical_potential_is_nearly_optimal(kind):
    """OP^T of the entropic potential bounds E_ħ² from below, closely and better than a quadratic."""
    rng = np.random.default_rng(5)
    hbar, p, mu = 0.2, cloud(200, 0.8, rng=rng), cloud(12, 1.0, rng=rng)
    grid = jw.Grid(-6.0, 6.0, 96)
    R, options = jw.ToeplitzState(mu, hbar), {}
    if kind == "grid":
        R, options = jw.toeplitz_state(mu, grid, hbar), {"grid": grid, "hbar": hbar}
    if kind == "fock":
        R = jw.FockState(jnp.diag(0.6 ** jnp.arange(12)) * 0.4 / (1 - 0.6**12), hbar)
    source = family(R, options.get("grid"), options.get("hbar"))
    state, nodes = compress(source), nodes_of(p)

    @eqx.filter_jit
    def bounds_of(nodes, source, state):
        problem = discretise(nodes, state)
        starts = (
            quantised_potential(nodes, source, state),
            quadratic_potential(problem, nodes, state),
        )
        return [dual_bound(problem, B, dual_values(problem, B))[0] for B in starts]

    bounds = [float(bound) for bound in bounds_of(nodes, source, state)]
    exact = solve(p, R, **options).discrete / hbar
    assert bounds[0] <= float(exact.upper)
    assert bounds[0] > 0.9 * float(exact.lower)
    assert bounds[0] > bounds[1]
