"""Schrödinger and Moyal runs against closed forms and against each other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from exact import flow_matrix, gaussian, packet

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-9.0, 8.0, 160)


def evolved(system, state, **options):
    run = jax.jit(lambda u: jw.evolve(system, u, throw=False, **options))(state)
    return run.check()


@pytest.mark.parametrize("stiffness", [0.0, 1.0, -0.5], ids=["free", "oscillator", "inverted"])
def test_packets_of_quadratic_potentials(stiffness):
    mass, time = 1.4, 1.1
    U = jw.potentials.Harmonic(stiffness) if stiffness else jw.potentials.Free()
    psi = jw.squeezed_state(GRID, 0.6, 0.5, HBAR, 1.3)
    run = evolved(jw.Schrodinger(GRID, U, HBAR, mass), psi, duration=time, steps=120)
    expected = packet(
        GRID.axes[0], time, 0.6, 0.5, HBAR, mass=mass, stiffness=stiffness, squeezing=1.3
    )
    np.testing.assert_allclose(run.state, expected, atol=2e-9)


@pytest.mark.parametrize("d", [2, 3])
def test_several_dimensions_are_products(d):
    """A separable Hamiltonian moves a product state factor by factor."""
    sizes, widths = (36, 40, 32), (5.0, 5.5, 4.8)
    grids = [jw.Grid(-w, w, n) for w, n in zip(widths[:d], sizes[:d])]
    grid = jw.Grid([-w for w in widths[:d]], widths[:d], sizes[:d])
    hbar, mass = 0.5, 0.8
    starts, kicks = (0.5, -0.3, 0.2)[:d], (0.1, 0.4, -0.2)[:d]

    def potential(*x):
        return sum(0.5 * (1 + 0.3 * i) * y**2 for i, y in enumerate(x))

    options = {"duration": 0.7, "steps": 16, "throw": False}
    packet = jax.jit(jw.coherent_state)
    psi = packet(grid, starts, kicks, hbar)
    together = jw.evolve(jw.Schrodinger(grid, potential, hbar, mass), psi, **options).state
    product = np.ones((1,) * d)
    for i, (g, q, p) in enumerate(zip(grids, starts, kicks)):
        system = jw.Schrodinger(g, lambda x, i=i: 0.5 * (1 + 0.3 * i) * x**2, hbar, mass)
        one = np.asarray(jw.evolve(system, packet(g, q, p, hbar), **options).state)
        product = product * one.reshape(tuple(-1 if j == i else 1 for j in range(d)))
    np.testing.assert_allclose(together, product, atol=1e-12)


def test_mixed_states_are_evolved_orbital_by_orbital():
    system = jw.Schrodinger(GRID, jw.potentials.Gaussian(1.0, 1.0), HBAR)
    pair = jnp.stack([jw.coherent_state(GRID, q, 0.3, HBAR) for q in (-1.0, 0.5)])
    options = {"duration": 0.8, "steps": 20}
    together = evolved(system, jw.MixedState([0.3, 0.7], pair), **options)
    for orbital, psi in zip(together.state.orbitals, pair):
        np.testing.assert_allclose(orbital, evolved(system, psi, **options).state, atol=1e-13)


def test_values_on_the_grid_serve_as_potential():
    U = jw.potentials.Gaussian(1.0, 1.0)
    values = U(jnp.asarray(GRID.axes[0]))
    psi = jw.coherent_state(GRID, -1.0, 0.7, HBAR)
    one, two = (
        evolved(jw.Schrodinger(GRID, potential, HBAR), psi, duration=1.0, steps=30).state
        for potential in (U, values)
    )
    np.testing.assert_allclose(one, two, atol=1e-13)


@pytest.mark.slow
def test_moyal_is_the_wigner_function_of_schrodinger():
    U = jw.potentials.Gaussian(1.0, 1.5)
    phase = jw.phase_grid(GRID, HBAR)
    psi = jw.coherent_state(GRID, 0.5, 0.6, HBAR)
    options = {"duration": 1.0, "steps": 60}
    wave = evolved(jw.Schrodinger(GRID, U, HBAR, 1.2), psi, **options)
    W = jw.wigner(psi, GRID, phase, HBAR)
    field = evolved(jw.Moyal(phase, U, HBAR, 1.2), W, **options)
    np.testing.assert_allclose(field.state, jw.wigner(wave.state, GRID, phase, HBAR), atol=1e-10)


def test_moyal_is_liouville_for_quadratic_potentials():
    phase = jw.PhaseGrid(jw.Grid(-5.0, 5.5, 72), jw.Grid(-4.0, 4.5, 90))
    (x,), (p,) = phase.mesh
    W = gaussian((x, p), (0.5, -0.4), jnp.array([[0.3, 0.1], [0.1, 0.2]]))
    U = jw.potentials.Harmonic(0.8)
    options = {"duration": 1.5, "steps": 40}
    quantum = evolved(jw.Moyal(phase, U, HBAR, 0.9), W, **options)
    classical = evolved(jw.Liouville(phase, U, 0.9), W, **options)
    np.testing.assert_allclose(quantum.state, classical.state, atol=1e-12)
    M = flow_matrix(1.5, 0.9, 0.8)
    moved = gaussian(
        (x, p), M @ jnp.array([0.5, -0.4]), M @ jnp.array([[0.3, 0.1], [0.1, 0.2]]) @ M.T
    )
    np.testing.assert_allclose(classical.state, moved, atol=1e-6)


def test_quantum_correction_is_seen():
    """For a quartic potential Moyal and Liouville differ."""
    phase = jw.PhaseGrid(jw.Grid(-4.0, 4.5, 72), jw.Grid(-5.0, 5.5, 90))
    (x,), (p,) = phase.mesh
    W = gaussian((x, p), (0.9, 0.0), HBAR / 2 * jnp.eye(2))
    U = jw.potentials.DoubleWell(1.0, 2.0)
    options = {"duration": 1.0, "steps": 80, "throw": False}
    quantum = jw.evolve(jw.Moyal(phase, U, HBAR), W, **options).state
    classical = jw.evolve(jw.Liouville(phase, U), W, **options).state
    assert float(jnp.max(jnp.abs(quantum - classical))) > 1e-2


PUBLIC = [
    (
        jw.Schrodinger,
        {
            "grid": (small.GRID, "thing"),
            "potential": (small.WELL, "potential"),
            "hbar": (0.5, "positive"),
            "mass": (1.0, "positive"),
        },
    ),
]
