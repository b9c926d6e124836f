"""The interior-point method: certified gaps, exact feasibility."""

import numpy as np
import pytest
from semiquantum_cases import cloud, random_state, solve


@pytest.mark.parametrize("kinds", [("toeplitz",), ("wishart", "thermal", "steep")])
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
