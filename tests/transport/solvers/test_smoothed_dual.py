"""The smoothed dual, and warm starts."""

import jax.numpy as jnp
import numpy as np
import pytest
from semiquantum_cases import cloud, solve

import jaxwigner as jw


@pytest.mark.slow
def test_smoothed_dual_agrees_and_warm_start_helps():
    rng = np.random.default_rng(9)
    mu = cloud(6, 0.8, rng=rng)
    p = cloud(300, 0.9, rng=rng)
    hbar = 0.4
    first = solve(p, jw.ToeplitzState(mu, hbar))
    again = solve(p, jw.ToeplitzState(mu, hbar), method="smoothed_dual", tolerance=1e-4)
    assert float(again.discrete.lower) <= float(first.discrete.upper)
    assert float(again.discrete.upper) >= float(first.discrete.lower)
    assert float(again.relative_gap) < 2e-3
    later = jw.Particles(p.weights, p.positions + 0.01, p.momenta)
    cold = solve(later, jw.ToeplitzState(mu, hbar), method="smoothed_dual", tolerance=1e-3)
    options = {"method": "smoothed_dual", "tolerance": 1e-3}
    warm = solve(later, jw.ToeplitzState(mu, hbar), warm_start=first, **options)
    assert int(warm.iterations) <= int(cold.iterations)


@pytest.mark.slow
def test_warm_start_of_a_time_series():
    """Both clouds move a little: the earlier coupling saves steps, and the bracket is as narrow."""
    rng = np.random.default_rng(0)
    p, mu, step = cloud(100, 1.0, rng=rng), cloud(6, 1.0, rng=rng), 0.01

    def moved(points):
        return jw.Particles(
            points.weights,
            points.positions + step * points.momenta,
            points.momenta - step * jnp.sin(points.positions),
        )

    first = solve(p, jw.ToeplitzState(mu, 0.2))
    cold = solve(moved(p), jw.ToeplitzState(moved(mu), 0.2))
    warm = solve(moved(p), jw.ToeplitzState(moved(mu), 0.2), warm_start=first)
    assert int(warm.iterations) <= 0.75 * int(cold.iterations)
    assert bool(warm.converged)
    assert float(warm.discrete.lower) <= float(cold.discrete.upper)
    assert float(warm.discrete.upper) >= float(cold.discrete.lower)


def test_warm_start_of_another_size():
    p, mu = cloud(9, 1.0), cloud(3, 1.0)
    first = solve(p, jw.ToeplitzState(mu, 0.2))
    with pytest.raises(ValueError, match="`warm_start` must have 5 nodes and rank 3"):
        solve(cloud(5, 1.0), jw.ToeplitzState(mu, 0.2), warm_start=first)
