"""Natural units: the system and its numbers there and back, OH with few points, and masses for each coordinate."""

import jax
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner import potentials as pot

MORSE = pot.Morse(0.1994, 1.189, 1.821)
MASS = 1728.539
OH = jw.natural(MASS, potential=MORSE, near=1.8)


def test_units_of_oh():
    """ω = a√(2D/μ); the period of references is 8.415407 fs; the ground state has the variance ħ′/2."""
    omega = 1.189 * np.sqrt(2 * 0.1994 / MASS)
    assert float(OH.frequency) == pytest.approx(omega, rel=1e-12)
    assert float(2 * np.pi * OH.time / jw.units.fs) == pytest.approx(8.415407, abs=1e-6)
    assert float(OH.hbar) == pytest.approx(1 / (MASS * omega), rel=1e-12)
    assert float(OH.hbar) / 2 == pytest.approx(0.12655680**2, rel=1e-6)
    assert float(OH.energy * OH.time) == pytest.approx(float(OH.action), rel=1e-12)
    assert float(OH.momentum * OH.length) == pytest.approx(float(OH.action), rel=1e-12)
    text = jw.natural(f"{MASS} m_e", potential=MORSE, near="1 angstrom")
    assert float(text.hbar) == pytest.approx(float(OH.hbar), rel=1e-9)
    one = jw.natural(MASS, omega, length=(1 / (MASS * omega)) ** 0.5)
    assert float(one.hbar) == pytest.approx(1.0) and float(one.length) == pytest.approx(0.17897832)


def test_potential_in_its_units():
    units = jw.natural(MASS, 0.02, length=0.5)
    U, x = units.potential(MORSE), np.array([3.0, 4.4])
    energy = MASS * 0.02**2 * 0.25
    np.testing.assert_allclose(U(x), MORSE(x / 2) / energy, rtol=1e-12)
    np.testing.assert_allclose(U.gradient(x)[0], MORSE.gradient(x / 2)[0] / 2 / energy, rtol=1e-12)
    barrier = units.potential(pot.Eckart(0.3, 0.5))
    exact = pot.Eckart(0.3 / energy, 1.0)
    np.testing.assert_allclose(np.array(barrier.bounds), np.array(exact.bounds), rtol=1e-12)
    table = units.potential(pot.Tabulated(np.linspace(1, 5, 9), np.linspace(1, 5, 9) ** 2))
    assert table.domain == (2.0, 10.0) and U.domain == (-np.inf, np.inf)
    assert units.potential(pot.Torsion(1.0)).period == pytest.approx(4 * np.pi)
    assert U(np.float32(4.0)).dtype == np.float32


def test_masses_for_each_coordinate():
    """A run in natural units with mass 1 is the run in atomic units with two masses."""
    masses, hbar = (2.0, 3.0), 0.5
    U = lambda x, y: 0.5 * x**2 + 0.7 * y**2 + 0.1 * x**2 * y**2  # noqa: E731
    units = jw.natural(masses, 0.8, length=1.2)
    grid = jw.Grid((-6.0, -5.5), (6.0, 5.5), (32, 30))
    own = jw.OwnSystem(U, masses, 2)
    psi = jw.Packet((0.8, -0.4), (0.3, 0.5), (0.45, 0.4)).wave(own, grid, hbar)
    options = {"steps": 12, "throw": False}
    there = jw.Schrodinger(units.grid(grid), units.potential(U), hbar / units.action)
    run = jw.evolve(there, units.wave(psi, grid), duration=1.5 / units.time, **options)
    exact = jw.evolve(jw.Schrodinger(grid, U, hbar, masses), psi, duration=1.5, **options)
    back = units.atomic_wave(run.state, grid)
    np.testing.assert_allclose(back, exact.state, atol=1e-10)
    again = units.atomic_grid(units.grid(grid))
    np.testing.assert_allclose(again.lower, grid.lower, rtol=1e-14)
    energies = run.diagnostics.energy * units.energy
    np.testing.assert_allclose(energies, exact.diagnostics.energy, rtol=1e-9)


def test_derivatives():
    """ħ′ = 1/(mω), and ω of the well as a function of the depth."""
    slope = jax.grad(lambda m: jw.natural(m, 0.02).hbar)(MASS)
    assert float(slope) == pytest.approx(-1 / (0.02 * MASS**2), rel=1e-9)

    def frequency(depth):
        return jw.natural(MASS, potential=pot.Morse(depth, 1.189, 1.821), near=1.8).frequency

    exact = 0.5 * float(OH.frequency) / 0.1994
    assert float(jax.jit(jax.grad(frequency))(0.1994)) == pytest.approx(exact, rel=1e-9)


@pytest.mark.slow
def test_oh_is_planned_with_few_points_and_right():
    """References: ⟨R⟩ after 20 fs is 2.07391164; in atomic units the plan is refused at once."""
    U, hbar, duration = OH.potential(MORSE), float(OH.hbar), float(20 * jw.units.fs / OH.time)
    make = lambda grid: jw.Schrodinger(grid, U, hbar)  # noqa: E731
    plan = jw.resolve(make, duration=duration, position=2.2)
    assert plan.grid.points[0] <= 120 and plan.steps <= 500
    psi = jw.coherent_state(plan.grid, 2.2, 0.0, hbar)
    run = jw.evolve(make(plan.grid), psi, duration=duration, steps=plan.steps)
    grid = OH.atomic_grid(plan.grid)
    rho = np.abs(OH.atomic_wave(run.state, plan.grid)) ** 2 * float(grid.cell)
    assert float(rho @ grid.axes[0]) == pytest.approx(2.07391164, abs=1e-7)
    atomic = lambda grid: jw.Schrodinger(grid, MORSE, 1.0, MASS)  # noqa: E731
    with pytest.raises(ValueError, match="units"):
        jw.resolve(atomic, duration=20 * jw.units.fs, position=2.2)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: jw.natural(MASS), "`frequency` must be given"),
        (lambda: jw.natural(MASS, 0.02, potential=MORSE, near=1.8), "`frequency` must be given"),
        (lambda: jw.natural(-1.0, 0.02), "`mass` must be positive"),
        (lambda: jw.natural("1 bohr", 0.02), "`mass` must be a mass"),
        (lambda: jw.natural(MASS, "1 bohr"), "`frequency` must be a frequency"),
        (lambda: jw.natural(MASS, 0.0), "`frequency` must be positive"),
        (lambda: jw.natural(MASS, 0.02, length=-1.0), "`length` must be positive"),
        (lambda: jw.natural(MASS, potential=MORSE), "`near` must be given"),
        (
            lambda: jw.natural(MASS, potential=pot.Eckart(1.0, 1.0), near=0.5),
            "`near` must lie in a well",
        ),
        (lambda: jw.natural((1.0, 2.0), potential=MORSE, near=1.8), "`mass` must be one number"),
        (lambda: jw.natural((1.0, 2.0), 0.5).grid(jw.Grid(0.0, 1.0, 8)), "`mass` must be"),
        (lambda: OH.wave(np.ones(3), jw.Grid(0.0, 1.0, 8)), "`psi` must have shape"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=f"^Argument {words}"):
        call()
