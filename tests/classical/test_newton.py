"""Newton's particles against closed forms and against the Liouville equation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exact import flow_matrix, gaussian
from scipy.integrate import solve_ivp

import jaxwigner as jw
from jaxwigner import observables


def test_linear_flow():
    mass, stiffness, time = 1.7, 0.9, 2.3
    rng = np.random.default_rng(3)
    start = jw.Particles(np.full(9, 1 / 9), rng.normal(size=(9, 2)), rng.normal(size=(9, 2)))
    run = jw.evolve(
        jw.Newton(jw.potentials.Harmonic(stiffness), mass), start, duration=time, steps=300
    )
    M = np.asarray(flow_matrix(time, mass, stiffness))
    moved = np.einsum("ab,bkd->akd", M, np.stack([start.positions, start.momenta]))
    np.testing.assert_allclose(run.state.positions, moved[0], atol=1e-9)
    np.testing.assert_allclose(run.state.momenta, moved[1], atol=1e-9)


def test_angular_momentum_is_conserved():
    start = jw.Particles([1.0], [[1.0, 0.3]], [[-0.2, 0.8]])
    run = jw.evolve(jw.Newton(jw.potentials.Gaussian(-1.0, 1.0)), start, duration=5.0, steps=200)
    (x, y), (p, q) = run.state.positions[0], run.state.momenta[0]
    assert abs(float(x * q - y * p) - (0.8 + 0.06)) < 1e-12


def test_particles_and_density_have_the_same_moments():
    """A density sampled by quadrature points moves as the Liouville equation moves it."""
    phase = jw.PhaseGrid(jw.Grid(-np.pi, np.pi, 80), jw.Grid(-3.5, 3.3, 96))
    (x,), (p,) = phase.mesh
    f = gaussian((x, p), (0.4, 0.2), jnp.array([[0.05, 0.01], [0.01, 0.06]]))
    U, mass = jw.potentials.Torsion(0.7), 1.2
    options = {"duration": 1.5, "steps": 60, "throw": False}
    density = jax.jit(lambda f: jw.evolve(jw.Liouville(phase, U, mass), f, **options).state)(f)
    weights = jnp.ravel(f) / jnp.sum(f)
    positions = jnp.broadcast_to(x, f.shape).ravel()
    momenta = jnp.broadcast_to(p, f.shape).ravel()
    keep = weights > 1e-14
    cloud = jw.Particles(weights[keep] / weights[keep].sum(), positions[keep], momenta[keep])
    moved = jax.jit(lambda z: jw.evolve(jw.Newton(U, mass), z, **options).state)(cloud)
    for one, two in zip(observables.phase_moments(density, phase), observables.moments(moved)):
        np.testing.assert_allclose(one, two, atol=1e-8)


def test_energy_of_a_lost_particle_is_seen():
    """NaN positions are not silent."""
    start = jw.Particles([0.5, 0.5], [0.1, 0.2], [0.0, 0.0])
    U = jw.potentials.as_potential(lambda x: jnp.where(x > 0.15, jnp.nan * x, x))
    run = jw.evolve(jw.Newton(U), start, duration=0.1, steps=2, throw=False)
    assert int(run.diagnostics.status) != 0


def test_other_kinetic_energies_and_masses():
    """q̇ = ∇k(p) against SciPy; masses of coordinates; the energy; methods that go."""
    k = lambda p, q: jnp.sqrt(1 + p**2 + q**2)  # noqa: E731
    U = lambda x, y: 0.5 * x**2 + 0.25 * y**4  # noqa: E731
    start = jw.Particles([1.0], [[0.6, -0.4]], [[0.3, 1.2]])

    def slope(t, z, relativistic):
        p = z[2:] / (np.sqrt(1 + z[2] ** 2 + z[3] ** 2) if relativistic else [0.5, 3.0])
        return [*p, -z[0], -(z[1] ** 3)]

    systems = (jw.Newton(U, kinetic=k), True), (jw.Newton(U, (0.5, 3.0)), False)
    for system, relativistic in systems:
        run = jw.evolve(system, start, duration=1.5, steps=60)
        z = solve_ivp(
            slope, (0, 1.5), [0.6, -0.4, 0.3, 1.2], args=(relativistic,), rtol=1e-11, atol=1e-12
        ).y[:, -1]
        found = np.concatenate([run.state.positions[0], run.state.momenta[0]])
        np.testing.assert_allclose(found, z, atol=1e-7)
        assert run.diagnostics.energy_error < 1e-7
    chin = jw.evolve(systems[1][0], start, duration=1.5, steps=60, method="chin-4a").state
    np.testing.assert_allclose(chin.positions[0], z[:2], atol=1e-7)
    with pytest.raises(ValueError, match="Argument `method` must be one of 'strang', 'blanes-"):
        jw.evolve(systems[0][0], start, duration=1.5, steps=60, method="chin-4a")
