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


LIKE_ANOTHER = {"barrier", "double well"}  # CI runs them with the slow tests


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=[pytest.mark.slow] * (one in LIKE_ANOTHER)) for one in CASES]
)
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


def test_the_system_supplies_what_is_not_given():
    U = jw.potentials.Harmonic(1.5)

    def make(grid):
        return jw.Schrodinger(grid, U, 0.1, mass=2.0)

    about = {"duration": 1.0, "position": 1.0, "momentum": 0.5}
    plan, said = jw.resolve(make, **about), jw.resolve(make, U, 0.1, mass=2.0, **about)
    assert plan.grid.points == said.grid.points and plan.steps == said.steps
    assert plan.grid.lower == said.grid.lower and plan.energy == said.energy


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


def test_other_kinetic_energies_and_diffusion_are_refused():
    line = lambda grid: jw.Schrodinger(grid, lambda x: x**2, 0.3, kinetic=lambda p: p**4)  # noqa: E731
    for options in ({}, {"potential": lambda x: x**2, "hbar": 0.3}):
        with pytest.raises(ValueError, match="Argument `make_system` must make a system of kin"):
            jw.resolve(line, duration=1.0, **options)


@pytest.mark.slow
def test_a_mass_for_each_coordinate():
    """The heavy coordinate gets the shorter waves and the smaller box; the run is resolved."""
    U = lambda x, y: 0.5 * x**2 + 0.5 * y**2  # noqa: E731
    make = lambda grid: jw.Schrodinger(grid, U, 0.3, (1.0, 4.0))  # noqa: E731
    options = {"duration": 2.0, "position": (0.5, 0.3), "dimension": 2, "tolerance": 1e-4}
    plan = jw.resolve(make, **options)
    assert plan.grid.spacing[1] < 0.8 * plan.grid.spacing[0]
    psi = jw.coherent_state(plan.grid, (0.5, 0.3), 0.0, 0.3)
    jw.evolve(make(plan.grid), psi, duration=2.0, steps=plan.steps)
    with pytest.raises(ValueError, match="Argument `mass` must be one number, or one for each"):
        jw.resolve(make, U, 0.3, mass=(1.0, 2.0, 3.0), **options)


def test_a_molecule_in_atomic_units_is_refused():
    """OH: a packet of mass 1 and frequency 1 is 0.7 bohr wide there; natural units take it."""
    morse = jw.potentials.Morse(0.1994, 1.189, 1.821)
    for duration in (800.0, 4000.0):
        with pytest.raises(ValueError, match=r"^Argument `hbar` must allow .* `jw.natural`"):
            jw.resolve(
                lambda grid: jw.Schrodinger(grid, morse, 1.0, 1728.539),
                duration=duration,
                position=2.2,
            )
