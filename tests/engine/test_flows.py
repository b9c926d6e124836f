"""Half-flows: groups in the time, one step written out, modified kicks, time reversal."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import case_run, distance, pendulum

import jaxwigner as jw


def test_half_flows_form_groups(pair):
    """A flow over a + b is the flow over a after the flow over b: they are exact, whatever the step."""
    case, _ = pair
    state = case.system.enter(case.state)
    for flow, act in (
        (case.system.drift_flow, case.system.drift),
        (case.system.kick_flow, case.system.kick),
    ):
        run = jax.jit(lambda tau, u, flow=flow: flow(tau)(u))
        gap = distance(run(0.23, run(0.41, state)), run(0.64, state))
        undone = distance(run(-0.3, run(0.3, state)), state)
        still = distance(run(0.0, state), state)
        alias = distance(act(state, 0.3), run(0.3, state))
        assert max(gap, undone, still, alias) < 1e-12 * case.scale


def test_one_step_is_kick_drift_kick(pair):
    """The order of the half-flows in a step, and the merged kicks between steps."""
    case, _ = pair
    system, tau = case.system, 0.2

    @jax.jit
    def by_hand(state):
        for _ in range(2):
            state = system.kick(system.drift(system.kick(state, tau / 2), tau), tau / 2)
        return state

    run = jax.jit(lambda: case_run(case, 2 * tau, 2, "strang").state)
    gap = distance(run(), by_hand(system.enter(case.state)))
    assert gap < 1e-13 * case.scale


def test_chin_kicks_with_the_modified_potential(pair):
    case, _ = pair
    system, tau = case.system, 0.3

    @jax.jit
    def by_hand(state):
        state = system.drift(system.kick(state, tau / 6), tau / 2)
        state = system.modified_kick_flow(2 * tau / 3, tau**2 / 48)(state)
        return system.kick(system.drift(state, tau / 2), tau / 6)

    run = jax.jit(lambda: case_run(case, tau, 1, "chin-4a").state)
    gap = distance(run(), by_hand(system.enter(case.state)))
    assert gap < 1e-13 * case.scale


def test_backwards_in_time_is_time_reversal():
    """ψ(−t) is the complex conjugate of the evolution of ψ*, particles go back with reversed momenta."""
    case = pendulum("schrodinger")
    run = jax.jit(lambda duration, u: case_run(case, duration, 40, "blanes-moan-4", u).state)
    mirrored = jnp.conj(run(1.3, jnp.conj(case.state)))
    assert distance(run(-1.3, case.state), mirrored) < 1e-12
    case = pendulum("newton")
    cloud = case.state
    flipped = jw.Particles(cloud.weights, cloud.positions, -cloud.momenta)
    back, there = (
        case_run(case, T, 40, "blanes-moan-4", u).state for T, u in ((-1.3, cloud), (1.3, flipped))
    )
    np.testing.assert_allclose(back.positions, there.positions, atol=1e-12)
    np.testing.assert_allclose(back.momenta, -there.momenta, atol=1e-12)


def test_modified_kicks_need_a_gradient():
    grid = jw.Grid(-3.0, 3.2, 32)
    psi = jw.coherent_state(grid, 0.0, 0.0, 0.3)
    system = jw.Schrodinger(grid, np.asarray(0.5 * grid.axes[0] ** 2), 0.3)
    with pytest.raises(ValueError, match=r"Argument `potential` must .* modified kick"):
        jw.evolve(system, psi, duration=1.0, steps=3, method="chin-4a")
