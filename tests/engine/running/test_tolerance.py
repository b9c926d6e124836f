"""Steps that a tolerance asks for: the error that is promised is kept, and what cannot be reached is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import distance, pendulum
from oscillator import HBAR, OSCILLATOR, PSI, exact

import jaxwigner as jw


def error(run, expected):
    gap = np.linalg.norm(np.asarray(run.state) - np.asarray(expected))
    return float(gap / np.linalg.norm(np.asarray(expected)))


def refused(call, *words):
    with pytest.raises(ValueError, match="Argument `(tolerance|steps)` must .+, but ") as found:
        call()
    assert all(word in str(found.value) for word in words), found.value


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
def test_the_promised_error_is_kept(tolerance):
    run = jw.evolve(OSCILLATOR, PSI, duration=3.0, tolerance=tolerance)
    assert error(run, exact(3.0)) <= run.error <= tolerance
    again = jw.evolve(OSCILLATOR, PSI, duration=3.0, steps=run.steps)
    np.testing.assert_array_equal(again.state, run.state)
    assert again.error is None and f"steps        {run.steps} (error" in repr(run)


NAMES = ("schrodinger", "newton", "moyal")
EVERY = [
    # By day each method with one system; what a tolerance asks for knows of a system only its order and its diagnostics.
    pytest.param(name, method, marks=pytest.mark.slow if (m - n) % 3 == 0 else pytest.mark.nightly)
    for n, name in enumerate(NAMES)
    for m, method in enumerate(jw.METHODS)
]


@pytest.mark.parametrize(("name", "method"), EVERY)
def test_of_all_methods(name, method):
    case = pendulum(name)
    options = {"duration": -1.5, "method": method, "observe": lambda u: u, "saves": [-0.4, -1.5]}
    run = jw.evolve(case.system, case.state, tolerance=1e-5, **options)
    finer = jw.evolve(case.system, case.state, steps=8 * run.steps, **options)
    gap = max(distance(run.state, finer.state), distance(run.observed, finer.observed))
    assert gap <= run.error * case.scale * 3 + 1e-11 and run.error <= 1e-5


def test_of_observables():
    """Not only the state: what is observed may be harder."""
    hard = lambda u: jnp.exp(1e4 * jnp.abs(u[40]) ** 2 * 1e-3)  # noqa: E731
    plain, observed = (
        jw.evolve(OSCILLATOR, PSI, duration=1.0, tolerance=1e-4, saves=4, observe=one)
        for one in (lambda u: u[40], hard)
    )
    assert observed.steps >= plain.steps


def test_many_saved_times_are_steps_of_their_own():
    """Runs of 8 and of 16 steps are the same where 40 times are saved."""
    listed = np.concatenate([np.linspace(0.1, 1.0, 39), [3.0]])
    for saves in (40, listed):
        run = jw.evolve(OSCILLATOR, PSI, duration=3.0, tolerance=1e-8, saves=saves, observe="norm")
        assert run.steps > 40 and error(run, exact(3.0)) <= run.error <= 1e-8


def test_what_jumps_is_not_taken_for_rounding():
    """cos(10⁵⟨x⟩) changes by its whole size until ⟨x⟩ has six digits."""
    fast = lambda u: jnp.cos(1e5 * jw.observables.mean_position(u, OSCILLATOR.grid)[0])  # noqa: E731
    run = jw.evolve(OSCILLATOR, PSI, duration=1.0, tolerance=1e-3, saves=4, observe=fast)
    mean = jw.observables.mean_position(jnp.asarray(exact(1.0)), OSCILLATOR.grid)[0]
    assert float(run.observed[-1]) == pytest.approx(float(jnp.cos(1e5 * mean)), abs=1e-3)


def test_long_runs_of_few_steps_are_no_rounding():
    run = jw.evolve(OSCILLATOR, PSI, duration=30.0, tolerance=1e-3, method="strang")
    finer = jw.evolve(OSCILLATOR, PSI, duration=30.0, steps=1000, method="blanes-moan-6")
    assert error(run, finer.state) <= run.error <= 1e-3


def test_of_single_precision_and_of_observables_about_zero():
    still = jw.coherent_state(OSCILLATOR.grid, 0.0, 0.0, HBAR)
    names = ("position", "momentum")
    run = jw.evolve(OSCILLATOR, still, duration=1.0, tolerance=1e-7, saves=4, observe=names)
    assert np.max(np.abs(run.observed["position"])) < 1e-12
    single = jnp.asarray(PSI).astype(jnp.complex64)
    run = jw.evolve(OSCILLATOR, single, duration=1.0, tolerance=1e-4)
    assert run.state.dtype == jnp.complex64 and error(run, exact(1.0)) <= run.error <= 1e-4
    refused(lambda: jw.evolve(OSCILLATOR, single, duration=1.0, tolerance=1e-7), "rounding")


def test_what_cannot_be_reached_is_refused():
    evolve = lambda **options: jw.evolve(OSCILLATOR, PSI, duration=1.0, **options)  # noqa: E731
    refused(evolve, "neither")
    refused(lambda: evolve(steps=3, tolerance=1e-3), "both")
    refused(lambda: evolve(tolerance=1e-16), "rounding")
    far = {"duration": 30.0, "tolerance": 1e-10, "method": "strang"}
    refused(lambda: jw.evolve(OSCILLATOR, PSI, **far), "1048576 steps")
    for bad in (0.0, -1.0, np.nan, "a", True, [1e-3]):
        refused(lambda b=bad: evolve(tolerance=b))
    coarse = jw.Grid(-6.0, 6.5, 42)
    system = jw.Schrodinger(coarse, jw.potentials.Harmonic(1.3), HBAR, 1.2)
    psi = jw.coherent_state(coarse, 0.8, -0.4, HBAR)
    refused(lambda: jw.evolve(system, psi, duration=1.0, tolerance=1e-8), "increase `points`")
    traced = lambda u: jw.evolve(OSCILLATOR, u, duration=1.0, tolerance=1e-3).state  # noqa: E731
    refused(lambda: jax.jit(traced)(PSI), "traced")
    refused(
        lambda: jax.grad(
            lambda T: jnp.real(jw.evolve(OSCILLATOR, PSI, duration=T, tolerance=1e-3).state[0])
        )(1.0),
        "traced",
    )


def test_a_run_of_no_time():
    run = jw.evolve(OSCILLATOR, PSI, duration=0.0, tolerance=1e-6)
    np.testing.assert_allclose(run.state, PSI, atol=1e-14)
