"""Couplings carried by two flows: against the optimal cost, exact flows, and each other."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from semiquantum_cases import solve

import jaxwigner as jw
from jaxwigner.transport import carry, moving_cost, packet_cost, packet_rate

HBAR = 0.3
GRID = jw.Grid(-7.0, 7.5, 112)
HILL = jw.potentials.Gaussian(1.2, 1.0)


TOGETHER = jw.VlasovParticles(HILL), jw.Hartree(GRID, HILL, HBAR)
carried = functools.partial(carry, grid=GRID, hbar=HBAR)


def clouds():
    rng = np.random.default_rng(0)
    z, y = 0.6 * rng.normal(size=(2, 5)), 0.6 * rng.normal(size=(2, 3))
    p = jw.Particles(rng.dirichlet(np.ones(5)), z[0], z[1])
    return p, jw.Particles(np.full(3, 1 / 3), y[0], y[1])


def test_packets_at_their_points_cost_the_zero_point_energy():
    p, _ = clouds()
    state = jw.toeplitz_state(p, GRID, HBAR)
    cost = packet_cost(p, state, GRID, HBAR)
    assert abs(float(cost.position) - 0.5 * HBAR) < 1e-12
    assert abs(float(cost.momentum) - 0.5 * HBAR) < 1e-12


def test_displaced_packets():
    p, _ = clouds()
    state = jw.toeplitz_state(p, GRID, HBAR)
    moved = jw.Particles(p.weights, p.positions + 0.3, p.momenta - 0.4)
    cost = packet_cost(moved, state, GRID, HBAR).cost
    assert abs(float(cost) - (0.5 * HBAR + 0.5 * (0.09 + 0.16))) < 1e-12


def test_two_bodies_add():
    """A product of two packets in two coordinates costs twice ½ħ."""
    grid = jw.Grid((-6.0, -6.0), (6.5, 6.5), (64, 64))
    z = jw.Particles([1.0], [[0.3, -0.4]], [[0.1, 0.2]])
    psi = jw.coherent_state(grid, (0.3, -0.4), (0.1, 0.2), HBAR)
    cost = packet_cost(z, jw.MixedState([1.0], psi[None]), grid, HBAR).cost
    assert abs(float(cost) - HBAR) < 1e-12


def test_optimal_coupling_at_the_start_has_its_own_cost():
    p, mu = clouds()
    R = jw.toeplitz_state(mu, GRID, HBAR)
    start = solve(p, R, grid=GRID, hbar=HBAR)
    cost = jax.jit(lambda start: moving_cost(start, p, R, GRID, HBAR).cost)(start)
    assert abs(float(cost - start.discrete.upper)) < 1e-10


def test_harmonic_flow_leaves_every_cost_alone():
    """ω = 1 turns both sides alike: 𝓔 is constant up to the error of the splitting (theory (3.8))."""
    p, mu = clouds()
    R, U = jw.toeplitz_state(mu, GRID, HBAR), jw.potentials.Harmonic(1.0)
    start = solve(p, R, grid=GRID, hbar=HBAR)
    systems = jw.Newton(U), jw.Schrodinger(GRID, U, HBAR)
    run = carried(p, R, *systems, duration=1.4, steps=40, saves=3, coupling=start)
    np.testing.assert_allclose(run.costs.cost, start.discrete.upper, rtol=1e-6)


@pytest.mark.slow
def test_carried_coupling_lies_above_the_distance():
    p, mu = clouds()
    R = jw.toeplitz_state(mu, GRID, HBAR)
    start = solve(p, R, grid=GRID, hbar=HBAR)
    run = carried(p, R, *TOGETHER, duration=1.0, steps=40, saves=2, coupling=start)
    end = jw.semiquantum(run.particles, run.state, grid=GRID, hbar=HBAR, warm_start=start)
    assert float(end.cost.upper) <= float(run.costs.cost[-1]) + 1e-7
    assert float(run.costs.cost[-1]) > float(start.cost.upper) + 1e-3


def test_rate_of_free_packets():
    """V = 0: A = ½ħ + ½ħt² and 𝓔′ = ½ħt, from Re⟨u·P⟩ alone."""
    z, time = jw.Particles([1.0], [0.2], [0.1]), 0.8
    free = jw.potentials.Free()
    state = jw.toeplitz_state(z, GRID, HBAR)
    options = {"duration": time, "steps": 4}
    end = jw.evolve(jw.Newton(free), z, **options).state
    R = jw.evolve(jw.Schrodinger(GRID, free, HBAR), state, **options).state
    nothing = jnp.zeros((1, 1)), jnp.zeros((1, *GRID.shape))
    first, second = packet_rate(end, R, GRID, HBAR, *nothing)
    assert abs(float(first) - 0.5 * HBAR * time) < 1e-10 and float(second) == 0
    cost = packet_cost(end, R, GRID, HBAR)
    assert abs(float(cost.position) - 0.5 * HBAR * (1 + time**2)) < 1e-10


@pytest.mark.slow
def test_derivative_of_the_cost_by_the_reversible_rule():
    p, _ = clouds()
    R = jw.toeplitz_state(p, GRID, HBAR)

    def cost(height):
        V = jw.potentials.Gaussian(height, 1.0)
        systems = jw.VlasovParticles(V), jw.Hartree(GRID, V, HBAR)
        options = {"duration": 0.7, "steps": 16, "saves": 1, "throw": False}
        return carry(p, R, *systems, grid=GRID, hbar=HBAR, **options).costs.cost[-1]

    value, h = jax.jit(cost), 1e-3
    numeric = (value(1.2 + h) - value(1.2 - h)) / (2 * h)
    assert abs(float(jax.jit(jax.grad(cost))(1.2) - numeric)) < 1e-6


def test_bad_input():
    p, mu = clouds()
    R = jw.toeplitz_state(mu, GRID, HBAR)
    with pytest.raises(ValueError, match="`orbitals` must have shape"):
        packet_cost(p, R, GRID, HBAR)
    with pytest.raises(ValueError, match="`hbar` must be positive"):
        packet_cost(mu, R, GRID, -0.1)
    with pytest.raises(ValueError, match="`saves` must be an integer"):
        carried(p, R, *TOGETHER, duration=1.0, steps=4, saves=0)
    options = {"duration": 1.0, "steps": 4, "saves": 1}
    z, V = jw.toeplitz_state(p, GRID, HBAR), jw.VlasovParticles(HILL)
    with pytest.raises(ValueError, match="`hbar` must be that of `quantum`"):
        carry(p, z, V, jw.Hartree(GRID, HILL, HBAR), grid=GRID, hbar=0.2, **options)
    other = jw.Grid(-7.0, 7.0, 112)
    with pytest.raises(ValueError, match="`grid` must be that of `quantum`"):
        carry(p, z, V, jw.Hartree(other, HILL, HBAR), grid=GRID, hbar=HBAR, **options)


PUBLIC = [
    small.call(
        jw.transport.packet_cost,
        {"state": "thing"},
        particles=small.CLOUD,
        state=small.MIXED,
        grid=small.GRID,
        hbar=0.5,
    )
]
