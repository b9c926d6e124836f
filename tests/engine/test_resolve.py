"""What `resolve` chooses is enough, and not far more than enough."""

import jax
import jax.numpy as jnp
import pytest

import jaxwigner as jw

CASES = {
    "oscillator": (jw.potentials.Harmonic(1.0), 1.0, 0.0),
    "barrier": (jw.potentials.Gaussian(1.0, 1.0), -3.0, 1.2),
    "double well": (jw.potentials.DoubleWell(1.0, 3.0), 1.5, 0.3),
    "unbounded below": (jw.potentials.Cone(0.5), 0.5, 0.2),
}


@pytest.mark.parametrize("name", CASES)
def test_choice_meets_its_tolerance(name):
    U, position, momentum = CASES[name]
    hbar, duration, tolerance = 0.05, 2.0, 1e-5

    def make(grid):
        return jw.Schrodinger(grid, U, hbar)

    plan = jw.resolve(
        make, U, hbar, duration=duration, position=position, momentum=momentum, tolerance=tolerance
    )

    def final(grid, steps, method):
        def program(psi):
            return jw.evolve(
                make(grid), psi, duration=duration, steps=steps, method=method, throw=False
            )

        return jax.jit(program)(jw.coherent_state(grid, position, momentum, hbar))

    run = final(plan.grid, plan.steps, plan.method).check()
    finer = final(plan.grid, 3 * plan.steps, plan.method)
    error = jnp.sqrt(jnp.sum(jnp.abs(run.state - finer.state) ** 2) * plan.grid.cell)
    assert float(error) < tolerance
    assert plan.steps < 400 and plan.grid.points[0] < 1500


def test_smaller_hbar_needs_more_points():
    U = jw.potentials.Harmonic(1.0)
    sizes = [
        jw.resolve(
            lambda grid, h=h: jw.Schrodinger(grid, U, h), U, h, duration=1.0, position=1.0
        ).grid.points[0]
        for h in (0.1, 0.025)
    ]
    assert 1.5 < sizes[1] / sizes[0] < 4


def test_energy_below_the_potential_is_refused():
    U = jw.potentials.Harmonic(1.0)
    with pytest.raises(ValueError, match=r"^Argument `energy` must be at least U\(position\)"):
        jw.resolve(
            lambda grid: jw.Schrodinger(grid, U, 0.1),
            U,
            0.1,
            duration=1.0,
            position=2.0,
            energy=1.0,
        )


def test_traced_hbar_is_refused():
    U = jw.potentials.Harmonic(1.0)

    def choose(hbar):
        return jw.resolve(lambda grid: jw.Schrodinger(grid, U, hbar), U, hbar, duration=1.0).error

    with pytest.raises(ValueError, match=r"^Argument `hbar` must be known"):
        jax.jit(choose)(0.1)
