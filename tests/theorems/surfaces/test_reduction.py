"""One level for several: the phase behind a passage in closed form and measured, what is held on the way."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import surfaces_reduction


def test_the_phase_on_a_path_of_constant_velocity():
    """V = ½((cos ax, sin ax), (sin ax, −cos ax)): gap 1, d = a/2 everywhere, nothing pushes."""
    a, p, mass, time = 0.8, 1.3, 1.7, 2.1
    turning = lambda x: [  # noqa: E731
        [0.5 * jnp.cos(a * x), 0.5 * jnp.sin(a * x)],
        [0.5 * jnp.sin(a * x), -0.5 * jnp.cos(a * x)],
    ]
    for level, sign in ((0, 1), (1, -1)):
        found = surfaces_reduction.phases(turning, (0.4, p), duration=time, level=level, mass=mass)
        exact = [sign * (p / mass) ** 2 * (a / 2) ** 2 * time, -((a / 2) ** 2) * time / (2 * mass)]
        np.testing.assert_allclose(found, exact, rtol=1e-10)


def test_the_phase_past_a_gap():
    V = jw.potentials.DeltaGap(0.5)
    parts = jax.jit(lambda q: surfaces_reduction.phases(V, (q, 1.5017), duration=8.0))(-4.0)
    assert float(jnp.sum(parts)) == pytest.approx(0.2344, abs=1e-4)


@pytest.mark.slow
def test_a_passage():
    """ħ = .1: in passage and behind it."""
    grid = jw.Grid(-6.0, 9.0, 256)
    run = {"duration": 4.0, "steps": 60, "saves": 8}
    V = jw.potentials.DeltaGap(0.5)
    found = jax.jit(lambda h: surfaces_reduction.reduction(V, grid, (-3.0, 1.5), h, **run))(0.1)
    k = int(jnp.argmax(found.population))
    assert 0.02 < float(found.population[k]) ** 0.5 < float(found.distance[k])
    assert float(found.population[k] / found.held[k]) == pytest.approx(1, abs=0.15)
    assert float(found.turned) < 0.5 * float(found.distance[-1])
    assert float(found.huang) > 1.2 * float(found.distance[-1])
    np.testing.assert_allclose(found.distance[0], 0, atol=1e-12)
