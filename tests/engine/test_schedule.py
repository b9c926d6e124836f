"""Saved times, and the steps between them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oscillator import GRID, OSCILLATOR, PSI, evolved, exact

import jaxwigner as jw

# Times


@pytest.mark.parametrize(
    "duration, steps, saves, times",
    [
        (1.2, 7, 3, [0, 0.4, 0.8, 1.2]),
        (1.2, 2, 4, [0, 0.3, 0.6, 0.9, 1.2]),
        (-1.2, 9, 3, [0, -0.4, -0.8, -1.2]),
        (1.2, 8, [0.1, 0.35, 1.0], [0.1, 0.35, 1.0]),
        (1.2, 8, [0.0, 0.5, 1.2], [0, 0.5, 1.2]),
        (-1.2, 8, np.array([-0.1, -1.1]), [-0.1, -1.1]),
    ],
)
def test_saved_states_are_exact_at_the_saved_times(duration, steps, saves, times):
    run = evolved(duration, 6 * steps, saves=saves)
    np.testing.assert_allclose(run.times, times, rtol=1e-14, atol=1e-15)
    assert run.observed.shape == (len(times), 110)
    for t, psi in zip(times, run.observed):
        np.testing.assert_allclose(psi, exact(t), atol=2e-7)
    np.testing.assert_allclose(run.state, exact(duration), atol=2e-7)
    looked = np.asarray(run.diagnostics.times)
    assert run.diagnostics.norm.shape == looked.shape
    assert all(np.any(np.isclose(looked, t, atol=1e-14)) for t in times)
    np.testing.assert_allclose(looked[[0, -1]], [0, duration], rtol=1e-14)
    if times[-1] == duration:
        np.testing.assert_array_equal(run.observed[-1], run.state)


def test_steps_are_never_longer_than_asked():
    """Seven steps and three saves make nine steps; a list cuts every interval on its own."""
    np.testing.assert_allclose(evolved(1.2, 7, saves=3).state, evolved(1.2, 9).state, atol=1e-13)
    listed = evolved(1.0, 10, saves=[0.25], observe=lambda u: u)
    first, second = evolved(0.25, 3), None
    second = evolved(0.75, 8, state=first.state)
    np.testing.assert_allclose(listed.observed[0], first.state, atol=1e-13)
    np.testing.assert_allclose(listed.state, second.state, atol=1e-13)


def test_without_saves_only_the_ends_are_observed():
    run = evolved(observe=lambda u: jnp.sum(jnp.abs(u) ** 2) * GRID.cell)
    assert evolved().observed is None
    assert run.observed.shape == run.diagnostics.norm.shape
    np.testing.assert_allclose(run.observed, 1.0, atol=1e-12)
    assert run.times[0] == 0.0 and run.times[-1] == 1.0


def test_traced_duration_and_steps_with_saves():
    plain = evolved(1.1, 12, saves=3)
    traced = jax.jit(
        lambda T, n: jw.evolve(OSCILLATOR, PSI, duration=T, steps=n, saves=3, throw=False)
    )(1.1, 12)
    np.testing.assert_allclose(traced.observed, plain.observed, atol=1e-13)
    np.testing.assert_allclose(traced.times, plain.times, rtol=1e-14)


def test_no_time_at_all():
    np.testing.assert_allclose(evolved(0.0, 3).state, PSI, atol=1e-14)
