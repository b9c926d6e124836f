"""Repairs that make a coupling or a potential feasible."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.transport.solvers.feasibility import dual_bound, dual_values, repair, residuals
from jaxwigner.transport.solvers.matrices import broadcasting
from jaxwigner.transport.solvers.problem import Discrete

repaired = jax.jit(lambda problem, coupling: residuals(problem, repair(problem, coupling)))


@broadcasting
def test_singular_sums_are_repaired_or_refused():
    """Three pure blocks cannot add up to rank 8: the repaired coupling is feasible all the same."""
    rng = np.random.default_rng(3)
    A = rng.normal(size=(3, 8, 8)) + 1j * rng.normal(size=(3, 8, 8))
    costs = jnp.asarray(A @ A.conj().transpose(0, 2, 1))
    rho = jnp.asarray(10.0 ** -np.arange(8.0))
    problem = Discrete(costs, jnp.full(3, 1 / 3), rho / rho.sum())
    pure = jnp.asarray(A[:, :, :1] @ A[:, :, :1].conj().transpose(0, 2, 1))
    found = repaired(problem, pure)
    assert float(found.state) < 1e-12 and float(found.nodes) < 1e-12
    assert float(found.positivity) > -1e-12


@broadcasting
def test_repair_makes_any_positive_coupling_feasible():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(9, 4, 4)) + 1j * rng.normal(size=(9, 4, 4))
    problem = Discrete(
        jnp.asarray(A @ A.conj().swapaxes(1, 2)),
        jnp.asarray(rng.dirichlet(np.ones(9))),
        jnp.asarray([0.6, 0.3, 0.0999999, 1e-7]),
    )
    found = repaired(problem, jnp.asarray(A @ A.conj().swapaxes(1, 2)))
    assert float(found.state) < 1e-14 and float(found.nodes) < 1e-14
    assert float(found.positivity) > -1e-14
    # Any B is a lower bound: compare with the trivial coupling above.
    B = jnp.asarray(A[0] + A[0].conj().T)
    lower, _ = jax.jit(lambda B: dual_bound(problem, B, dual_values(problem, B)))(B)
    trivial = sum(
        w * np.trace(C @ np.diag(problem.eigenvalues)).real
        for w, C in zip(*map(np.asarray, (problem.weights, problem.costs)))
    )
    assert float(lower) < float(trivial)
