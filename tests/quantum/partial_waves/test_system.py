"""The split evolution of partial waves: orders of convergence, gradients, a grid in space, bad input."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from waves import bad, distance, exactly, gaussian, make, packet, psi_at, split

import jaxwigner as jw
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.partial_waves.packets import _check_complete, gaussian_waves
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid


def test_three_dimensional_grid_agrees():
    """Smooth U_b, an impact parameter, mass ½: the same wave function by a Fourier transform in space."""
    hbar, time = 0.5, 0.6
    bump = jw.potentials.Gaussian(0.8, 0.9)
    start = ((0.0, 0.0, 1.2), (0.5, 0.0, -0.6))
    system = make(hbar, 0.0, 63, 26, 8.5, "lobatto", orders=10, potential=bump)
    (state,) = exactly(system, packet(system, *start), jnp.array([time]))
    grid = jw.Grid((-5.5,) * 3, (5.5,) * 3, (36, 36, 40))
    cube = jw.Schrodinger(grid, lambda x, y, z: bump(jnp.sqrt(x**2 + y**2 + z**2)), hbar, 0.5)
    mesh = np.stack(np.broadcast_arrays(*grid.mesh), -1).reshape(-1, 3)
    psi = jnp.asarray(gaussian(mesh, *start, hbar**0.5, hbar).reshape(grid.shape))
    whole = split(cube, psi, time, 24)
    spots = [(18, 18, 24), (20, 17, 22), (16, 19, 18), (19, 18, 26)]
    points = np.array([[grid.axes[d][i] for d, i in enumerate(spot)] for spot in spots])
    values = jnp.stack([whole[spot] for spot in spots])
    psi = psi_at(state, system, jnp.asarray(points))
    np.testing.assert_allclose(psi, values, atol=1e-6)


@pytest.mark.slow
def test_splitting_against_the_reference():
    """L² error at most 1e-5 at ε = 0.03, from every third wave."""
    chosen = list(range(0, 62, 3))
    exact = make(0.03, points=270, waves=chosen, length=6.0, kind="lobatto")
    system = make(0.03, points=191, waves=chosen, length=6.0)
    final = exactly(exact, packet(exact, 2.0, -1.0), jnp.array([2.0]))[0]
    u = packet(system, 2.0, -1.0)
    ours = split(system, u, 2.0, 48)
    error = distance(exact.grid.interpolate(final, system.grid.radii), ours, system)
    assert error < 1e-5 * distance(u, 0 * u, system)


@pytest.mark.parametrize("method", ["strang", "blanes-moan-4"])
def test_orders_of_convergence(method):
    system = make(0.05, points=127, waves=[20, 30, 40])
    u = eqx.filter_jit(gaussian_waves)(system, (0.0, 0.0, 2.0), (0.0, 0.0, -1.0), 0.05**0.5)

    @jax.jit
    def run(n):
        options = {"method": method, "gradient": "forward", "throw": False}
        return jw.evolve(system, u, duration=1.0, steps=n, **options).state

    counts = np.array([16, 20, 24, 32])
    best = run(jnp.asarray(256 if method != "strang" else 8192))
    errors = [distance(run(jnp.asarray(n)), best, system) for n in counts]
    order = jw.METHODS[method].order
    assert abs(-np.polyfit(np.log(counts), np.log(errors), 1)[0] - order) < 0.15, errors


@pytest.mark.slow
def test_gradients_against_finite_differences():
    """C, ε, a parameter of U_b, the duration, position and momentum of the packet, by the reversible gradient."""

    def value(parameters):
        charge, hbar, height, duration, position, momentum = parameters
        hill = jw.potentials.Gaussian(height, 1.0)
        system = make(hbar, charge, 47, 14, 6.5, potential=hill)
        width = jnp.sqrt(hbar)
        u = gaussian_waves(system, (0.0, 0.0, position), (0.0, 0.0, momentum), width)
        run = jw.evolve(system, u, duration=duration, steps=12, throw=False)
        return radial.coulomb_square(run.state, system)

    here = np.array([0.5, 0.4, 0.3, 0.6, 2.0, -0.8])
    compiled = jax.jit(value)
    gradient = jax.jit(jax.grad(value))(here)
    for i in range(here.size):
        step = 1e-4 * np.eye(here.size)[i]
        wide = (compiled(here + 2 * step) - compiled(here - 2 * step)) / 4e-4
        narrow = (compiled(here + step) - compiled(here - step)) / 2e-4
        assert abs(gradient[i] - (4 * narrow - wide) / 3) < 1e-7 * max(1.0, abs(gradient[i])), i


@pytest.mark.slow
def test_gradient_with_respect_to_the_state():
    system = make(0.3, points=39, waves=8)
    u = gaussian_waves(system, (0.0, 0.0, 1.5), (0.0, 0.0, -0.8), 0.5)
    value = jax.jit(
        lambda u: radial.coulomb_square(
            jw.evolve(system, u, duration=0.5, steps=8, throw=False).state, system
        )
    )
    rng = np.random.default_rng(0)
    direction = jnp.asarray(rng.normal(size=u.shape) + 1j * rng.normal(size=u.shape)) * jnp.abs(u)
    exact = jnp.real(jnp.sum(jax.grad(value)(u) * direction))
    numeric = (value(u + 1e-5 * direction) - value(u - 1e-5 * direction)) / 2e-5
    np.testing.assert_allclose(exact, numeric, rtol=1e-7)


def test_bad_input():
    grid = RadialGrid(6.0, 63)
    system = jw.PartialWaves(grid, 0.5, 0.25, waves=24)
    for hbar in (0.0, -0.1, float("nan"), "a", None):
        bad("hbar` must", lambda hbar=hbar: jw.PartialWaves(grid, 0.5, hbar, waves=24))
    bad("length` must be positive", lambda: RadialGrid(-1.0, 10))
    bad("points` must", lambda: RadialGrid(1.0, 1))
    bad("kind` must", lambda: RadialGrid(1.0, 10, "cosine"))
    bad("waves` must", lambda: jw.PartialWaves(grid, 0.5, 0.25, waves=0))
    bad("charge` must", lambda: jw.PartialWaves(grid, [0.5], 0.25, waves=3))
    table = jw.potentials.Tabulated(np.linspace(1.0, 3.0, 6), np.linspace(1.0, 2.0, 6))
    bad("potential` must cover", lambda: jw.PartialWaves(grid, 0.5, 0.25, waves=3, potential=table))
    packet = lambda q=2.0, p=-1.0, s=system, **o: jw.packet_waves(s, q, p, **o)  # noqa: E731
    bad("alpha` must lie between 0 and 1 .* ‖H_ħΨ₀‖ ≤ c fails", lambda: packet(alpha=1.2))
    bad("alpha` must lie between 0 and 1 .* not tight", lambda: packet(alpha=-0.1))
    bad("position` must lie off the singular set", lambda: packet(0.0))
    bad("orders` must", lambda: packet(p=(0.3, 0.0, -1.0)))
    bad("length` must be longer", lambda: packet(5.5))
    u = packet()
    few = jw.PartialWaves(grid, 0.5, 0.25, waves=8)
    bad("waves` must be more", lambda: _check_complete(few, u[:8], 1e-6))
    rough = np.zeros(system.shape)
    rough[0, :40] = (-1.0) ** np.arange(40) * np.sqrt(64 / 6.0 / 40)
    bad("points` must be more", lambda: _check_complete(system, rough, 1e-6))
    bad("grid` must be of kind 'lobatto'", lambda: jw.evolve_exactly(system, u, [1.0]))
    bad("state` must have shape", lambda: jw.evolve_exactly(nodal(), jnp.ones((2, 2)), [1.0]))
    bad(
        "grid` must be of kind 'sine'",
        lambda: jw.evolve(nodal(), u, duration=1.0, steps=1),
    )
    bad(
        "tolerance` must be below",
        lambda: jw.resolve_waves(0.5, 0.1, position=2, momentum=-1, duration=1, tolerance=0.5),
    )


def nodal():
    return make(0.25, points=63, waves=24, length=6.0, kind="lobatto")


def test_a_packet_that_reaches_the_end_is_refused():
    system = make(0.25, waves=24, length=4.5)
    u = packet(system, 2.0, 1.0)
    with pytest.raises(ValueError, match="edge_mass"):
        jw.evolve(system, u, duration=1.0, steps=40)


def test_labelled_results():
    system = make(0.4, points=15, waves=3, orders=2)
    axes = system.coordinates()
    assert list(axes) == ["l", "m", "r"] and list(axes["m"]) == [-2, -1, 0, 1, 2]
    assert tuple(np.size(axis) for axis in axes.values()) == system.shape


PUBLIC = [
    small.call(jw.PartialWaves, grid=small.RADII, charge=0.5, hbar=0.5, waves=8, orders=0, mass=0.5)
]
