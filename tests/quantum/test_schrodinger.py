"""Schrödinger and Moyal runs against closed forms and against each other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from exact import flow_matrix, gaussian, packet
from runs import evolved

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-9.0, 8.0, 160)


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


def exactly(grid, kinetic, potential, psi, time):
    """e^{−iHt/ħ}ψ by diagonalisation of the dense H of a one-dimensional grid."""
    n, p = grid.points[0], HBAR * np.asarray(grid.wavenumbers[0])
    F = np.fft.fft(np.eye(n), axis=0) / np.sqrt(n)
    H = F.conj().T @ np.diag(np.asarray(kinetic(p))) @ F
    energies, states = np.linalg.eigh(H + np.diag(np.asarray(potential(np.asarray(grid.axes[0])))))
    return states @ (np.exp(-1j * energies * time / HBAR) * (states.conj().T @ np.asarray(psi)))


KINETIC = {
    "relativistic": lambda c, p: c * jnp.sqrt(p**2 + c**2),
    "lattice": lambda a, p: (1 - jnp.cos(a * p)) / a**2,
}
SMALL = jw.Grid(-5.0, 5.0, 64)
WELL = lambda x: 0.5 * x**2 + 0.3 * jnp.cos(x)  # noqa: E731


@pytest.mark.parametrize("name", ["relativistic", pytest.param("lattice", marks=pytest.mark.slow)])
def test_other_kinetic_energies(name):
    """Against dense exact evolution: values, energy, the order of both methods that go, mixed states, single precision."""
    k = lambda p: KINETIC[name](0.8, p)  # noqa: E731
    psi = jw.coherent_state(SMALL, 0.8, 0.5, HBAR)
    expected = exactly(SMALL, k, WELL, psi, 1.2)
    system = jw.Schrodinger(SMALL, WELL, HBAR, kinetic=k)
    for method, counts in (("strang", (12, 24)), ("blanes-moan-4", (16, 32))):
        gaps = []
        for steps in counts:
            run = jw.evolve(system, psi, duration=1.2, steps=steps, method=method, throw=False)
            gaps.append(np.max(np.abs(run.state - expected)))
        order = jw.METHODS[method].order
        assert abs(np.log2(gaps[0] / gaps[1]) - order) < 0.15
    assert gaps[-1] < 1e-6 and run.diagnostics.energy_error < 1e-7
    energy = jw.observables.kinetic_energy(psi, SMALL, HBAR, kinetic=k)
    rho = jw.observables.position_density(psi, SMALL)
    rest = jw.observables.potential_energy(psi, SMALL, WELL(SMALL.axes[0]))
    assert float(jnp.sum(rho) * SMALL.cell) == pytest.approx(1.0)
    assert run.diagnostics.energy[0] == pytest.approx(float(energy + rest), rel=1e-12)
    options = {"duration": 1.2, "steps": 32, "throw": False}
    single = jw.evolve(system, psi.astype(jnp.complex64), **options)
    assert single.state.dtype == jnp.complex64
    np.testing.assert_allclose(single.state, expected, atol=2e-5)
    pair = jw.MixedState([0.4, 0.6], jnp.stack([psi, psi]))
    np.testing.assert_allclose(
        jw.evolve(system, pair, **options).state.orbitals[1], run.state, atol=1e-13
    )


@pytest.mark.slow
def test_gradients_in_a_kinetic_energy():
    """A parameter inside of k, by the reversible rule, through checkpoints and by differences."""
    psi = jw.coherent_state(SMALL, 0.8, 0.5, HBAR)

    def value(c, gradient):
        system = jw.Schrodinger(SMALL, WELL, HBAR, kinetic=lambda p: c * jnp.sqrt(p**2 + c**2))
        run = jw.evolve(system, psi, duration=1.0, steps=8, throw=False, gradient=gradient)
        return jnp.real(run.state[30] * jnp.conj(run.state[35]))

    slopes = [float(jax.grad(value)(0.8, kind)) for kind in ("reversible", "checkpointed")]
    difference = (value(0.8 + 1e-5, "forward") - value(0.8 - 1e-5, "forward")) / 2e-5
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-10)
    assert slopes[0] == pytest.approx(float(difference), rel=1e-6)


@pytest.mark.parametrize("method", ["blanes-moan-6", "chin-4a"])
def test_methods_for_quadratic_kinetic_energies(method):
    psi = jw.coherent_state(SMALL, 0.8, 0.5, HBAR)
    system = jw.Schrodinger(SMALL, WELL, HBAR, kinetic=lambda p: jnp.sqrt(1 + p**2))
    with pytest.raises(ValueError, match="Argument `method` must be one of 'strang', 'blanes-"):
        jw.evolve(system, psi, duration=1.0, steps=8, method=method)


def test_a_mass_for_each_coordinate():
    """A separable Hamiltonian moves a product; every method, Hartree without a pair, the current."""
    plane = jw.Grid((-5.0, -5.0), (5.0, 5.0), (36, 36))
    line = jw.Grid(-5.0, 5.0, 36)
    U = lambda x, y: 0.5 * x**2 + 0.8 * y**2  # noqa: E731
    masses, hbar = (0.8, 2.5), 0.5
    options = {"duration": 0.6, "steps": 16, "throw": False}
    psi = jw.coherent_state(plane, (0.6, -0.3), (0.2, 0.5), hbar)
    parts = [
        jw.evolve(
            jw.Schrodinger(line, lambda x, k=k: k * x**2, hbar, m),
            jw.coherent_state(line, q, p, hbar),
            **options,
        )
        for k, m, q, p in zip((0.5, 0.8), masses, (0.6, -0.3), (0.2, 0.5))
    ]
    expected = np.outer(*(np.asarray(run.state) for run in parts))
    run = jw.evolve(jw.Schrodinger(plane, U, hbar, masses), psi, **options)
    np.testing.assert_allclose(run.state, expected, atol=1e-12)
    energy = sum(run.diagnostics.energy[-1] for run in parts)
    assert run.diagnostics.energy[-1] == pytest.approx(float(energy), rel=1e-12)
    chin = jw.Schrodinger(plane, U, hbar, np.array(masses))
    chin = jw.evolve(chin, psi, method="chin-4a", **options).state
    np.testing.assert_allclose(chin, expected, atol=2e-6)
    hartree = jw.Hartree(plane, lambda x, y: 0.0 * (x + y), hbar, U, list(masses))
    np.testing.assert_allclose(jw.evolve(hartree, psi, **options).state, expected, atol=1e-12)
    flow = jw.observables.current(psi, plane, hbar, masses)
    np.testing.assert_allclose(
        jnp.sum(flow, axis=(1, 2)) * plane.cell, [0.2 / 0.8, 0.5 / 2.5], atol=1e-12
    )


@pytest.mark.slow
def test_gradients_in_a_mass_of_one_coordinate():
    plane = jw.Grid((-5.0, -5.0), (5.0, 5.0), (36, 36))
    psi = jw.coherent_state(plane, (0.6, -0.3), (0.2, 0.5), 0.5)

    def corner(m, gradient):
        system = jw.Schrodinger(plane, lambda x, y: 0.5 * x**2 + 0.8 * y**2, 0.5, (m, 2.5))
        options = {"duration": 0.6, "steps": 16, "throw": False}
        return jnp.real(jw.evolve(system, psi, gradient=gradient, **options).state[17, 20])

    slope = float(jax.grad(corner)(0.8, "reversible"))
    difference = (corner(0.8 + 1e-5, "forward") - corner(0.8 - 1e-5, "forward")) / 2e-5
    assert slope == pytest.approx(float(difference), rel=1e-6)


@pytest.mark.parametrize(
    "mass", [(1.0, 2.0, 3.0), (), (1.0, -1.0), ((1.0, 2.0),), "m", (1.0, None)]
)
def test_masses_that_are_none(mass):
    plane = jw.Grid((-5.0, -5.0), (5.0, 5.0), (12, 12))
    phase = jw.PhaseGrid(plane, plane)
    U = lambda x, y: x**2 + y**2  # noqa: E731
    for make in (
        lambda: jw.Schrodinger(plane, U, 0.5, mass),
        lambda: jw.Hartree(plane, U, 0.5, None, mass),
        lambda: jw.Moyal(phase, U, 0.5, mass),
        lambda: jw.Liouville(phase, U, mass),
        lambda: jw.Newton(U, mass).enter(jw.Particles([1.0], [[0.0, 0.0]], [[0.0, 0.0]])),
    ):
        with pytest.raises(ValueError, match="Argument `mass` must"):
            make()


def test_a_ring():
    """Against dense exact evolution: a packet that crosses the seam, without a complaint; on a plain box the same run is refused."""
    ring, box = (jw.Grid(-np.pi, np.pi, 64, periodic=flag) for flag in (True, False))
    U = lambda x: 0.5 * (1 - jnp.cos(x))  # noqa: E731
    psi = jw.coherent_state(ring, 3.0, 1.1, HBAR)
    expected = exactly(ring, lambda p: p**2 / 2, U, psi, 1.5)
    options = {"duration": 1.5, "steps": 40, "method": "blanes-moan-6"}
    run = jw.evolve(jw.Schrodinger(ring, U, HBAR), psi, **options)
    np.testing.assert_allclose(run.state, expected, atol=1e-9)
    assert run.diagnostics.edge_mass[-1] == 0
    with pytest.raises(ValueError, match="edge_mass"):
        jw.evolve(jw.Schrodinger(box, U, HBAR), psi, **options)


PUBLIC = [small.call(jw.Schrodinger, **small.ON_GRID, potential=small.WELL)]
