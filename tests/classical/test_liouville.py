"""The Liouville equation against the flow of points, in one and two dimensions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exact import flow_matrix, gaussian
from runs import evolved
from scipy.linalg import expm

import jaxwigner as jw

PHASE = jw.PhaseGrid(jw.Grid(-6.0, 6.5, 96), jw.Grid(-5.0, 5.5, 108))
START, SPREAD = jnp.array([0.6, -0.3]), jnp.array([[0.25, 0.06], [0.06, 0.2]])


@pytest.mark.parametrize("stiffness", [0.0, 1.2, -0.4], ids=["free", "oscillator", "inverted"])
def test_densities_move_with_the_points(stiffness):
    mass, time = 1.4, 0.9
    potential = jw.potentials.Harmonic(stiffness) if stiffness else jw.potentials.Free()
    (x,), (p,) = PHASE.mesh
    f = gaussian((x, p), START, SPREAD)
    system = jw.Liouville(PHASE, potential, mass)
    run = evolved(system, f, duration=time, steps=25, method="blanes-moan-6")
    M = flow_matrix(time, mass, stiffness)
    expected = gaussian((x, p), M @ START, M @ SPREAD @ M.T)
    np.testing.assert_allclose(run.state, expected, atol=1e-8)


def test_density_is_constant_along_trajectories():
    """f(t, z(t)) = f(0, z(0)) for a potential that is not quadratic."""
    phase = jw.PhaseGrid(jw.Grid(-np.pi, np.pi, 80), jw.Grid(-3.5, 3.3, 96))
    (x,), (p,) = phase.mesh
    U, mass = jw.potentials.Torsion(0.7), 1.2
    spread = jnp.array([[0.06, 0.01], [0.01, 0.07]])
    system = jw.Liouville(phase, U, mass)
    f = evolved(system, gaussian((x, p), (0.4, 0.2), spread), duration=1.2, steps=30).state
    picks = [(44, 40), (45, 48), (40, 45)]
    q = np.array([phase.position.axes[0][i] for i, _ in picks])
    k = np.array([phase.momentum.axes[0][j] for _, j in picks])
    ends = jw.Particles(np.full(3, 1 / 3), q, k)
    options = {"duration": -1.2, "steps": 60, "method": "blanes-moan-6", "throw": False}
    back = jax.jit(lambda z: jw.evolve(jw.Newton(U, mass), z, **options).state)(ends)
    before = gaussian((back.positions[:, 0], back.momenta[:, 0]), (0.4, 0.2), spread)
    assert np.ptp(before) > 0.1
    np.testing.assert_allclose([f[i, j] for i, j in picks], before, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["liouville", "moyal"])
def test_two_dimensions_are_products(kind):
    """A separable Hamiltonian moves a product field factor by factor; nowhere square."""
    hbar, mass = 0.4, 1.3
    lines = [
        jw.PhaseGrid(jw.Grid(-3.5, 3.7, 32), jw.Grid(-3.2, 3.4, 30)),
        jw.PhaseGrid(jw.Grid(-3.9, 3.6, 36), jw.Grid(-3.1, 3.3, 28)),
    ]
    parts = (jw.potentials.Harmonic(0.8), jw.potentials.Gaussian(0.4, 1.5))
    position, momentum = (
        jw.Grid(
            tuple(getattr(one, side).lower[0] for one in lines),
            tuple(getattr(one, side).upper[0] for one in lines),
            tuple(getattr(one, side).points[0] for one in lines),
        )
        for side in ("position", "momentum")
    )
    phase = jw.PhaseGrid(position, momentum)
    options = {"duration": 0.6, "steps": 3, "throw": False}

    def make(grid, potential):
        if kind == "moyal":
            return jw.Moyal(grid, potential, hbar, mass)
        return jw.Liouville(grid, potential, mass)

    fields = []
    for grid, q, p in zip(lines, (0.3, -0.4), (0.2, 0.3)):
        (x,), (k,) = grid.mesh
        fields.append(gaussian((x, k), (q, p), 0.24 * jnp.eye(2)))
    alone = [
        jax.jit(lambda f, s=make(grid, U): jw.evolve(s, f, **options).state)(field)
        for grid, U, field in zip(lines, parts, fields)
    ]
    together = make(phase, jw.potentials.Separable(parts))
    product = jnp.einsum("ac,bd->abcd", *fields)
    run = jax.jit(lambda f: jw.evolve(together, f, **options))(product)
    assert run.diagnostics.norm[-1] == pytest.approx(float(run.diagnostics.norm[0]), rel=1e-12)
    np.testing.assert_allclose(run.state, jnp.einsum("ac,bd->abcd", *alone), atol=1e-9)


def test_force_points_down_the_slope():
    """The mean momentum moves by −⟨∇U⟩τ under the kick, and the mean position by ⟨p⟩τ/m under the drift."""
    (x,), (p,) = PHASE.mesh
    f = gaussian((x, p), START, SPREAD)
    system = jw.Liouville(PHASE, jw.potentials.Linear(0.7), 1.6)
    mean = lambda g: jw.observables.phase_moments(g, PHASE)[0]  # noqa: E731
    np.testing.assert_allclose(mean(system.kick(f, 0.3)), START + jnp.array([0, 0.21]), atol=1e-12)
    moved = START + jnp.array([-0.3 * 0.3 / 1.6, 0])
    np.testing.assert_allclose(mean(system.drift(f, 0.3)), moved, atol=1e-12)


def test_the_alternating_modes_do_not_move():
    """No real shift turns them: they stand still while what is below them moves as if alone."""
    (x,), (p,) = PHASE.mesh
    f = gaussian((x, p), START, SPREAD)
    waves = 0.1 * (-1.0) ** np.arange(96)[:, None] * np.ones(108)
    system = jw.Liouville(PHASE, jw.potentials.Torsion(1.0))
    moved = system.drift(f + waves, 0.3) - waves
    np.testing.assert_allclose(moved, system.drift(f, 0.3), atol=1e-12)


@pytest.mark.slow
def test_diffusion_and_masses_in_two_dimensions():
    """Means turn, covariances obey Ṡ = AS + SAᵀ + 2 diag(0, D): against its solution by a matrix exponential."""
    masses, D, time = (0.8, 2.0), (0.05, 0.02), 0.7
    grid = jw.Grid((-6.4, -6.4), (6.4, 6.4), (32, 32))
    phase = jw.PhaseGrid(grid, jw.Grid((-6.2, -6.4), (6.2, 6.4), (30, 32)))
    U = lambda x, y: 0.5 * x**2 + 0.3 * y**2 + 0.1 * x * y  # noqa: E731
    spread = 0.45 * np.eye(4)
    x, p = phase.mesh
    f = gaussian(x + p, jnp.array([0.4, -0.3, 0.2, 0.1]), jnp.asarray(spread))
    system = jw.Liouville(phase, U, masses, diffusion=D)
    run = evolved(system, f, duration=time, steps=8, method="chin-4a")
    A = np.zeros((4, 4))
    A[0, 2], A[1, 3] = 1 / masses[0], 1 / masses[1]
    A[2:, :2] = -np.array([[1.0, 0.1], [0.1, 0.6]])
    heat = np.diag([0.0, 0.0, *D])
    # ∫ by the doubled matrix of Van Loan
    both = np.block([[-A, 2 * heat], [np.zeros((4, 4)), A.T]])
    power = expm(both * time)
    M = power[4:, 4:].T
    S = M @ spread @ M.T + M @ power[:4, 4:]
    mean, covariance = jw.observables.phase_moments(run.state, phase)
    np.testing.assert_allclose(mean, M @ np.array([0.4, -0.3, 0.2, 0.1]), atol=5e-6)
    np.testing.assert_allclose(covariance, S, atol=5e-6)
    gained = run.diagnostics.energy[-1] - run.diagnostics.energy[0]
    assert gained == pytest.approx(time * (0.05 / 0.8 + 0.02 / 2.0), abs=1e-6)


def test_other_kinetic_energies_move_points():
    """The drift shifts by ∇k(p)τ: a particle of the same k."""
    k = lambda p: jnp.sqrt(1 + p**2)  # noqa: E731
    (x,), (p,) = PHASE.mesh
    f = gaussian((x, p), START, SPREAD)
    system = jw.Liouville(PHASE, jw.potentials.Torsion(1.0), kinetic=k)
    moved = system.drift(f, 0.6)
    expected = gaussian((x - 0.6 * p / jnp.sqrt(1 + p**2), p), START, SPREAD)
    np.testing.assert_allclose(moved, expected, atol=1e-7)
