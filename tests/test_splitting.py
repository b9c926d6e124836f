"""Orders of convergence, invertibility and invariants of every method on every system."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import METHODS, SYSTEMS, distance, pendulum, slope

import jaxwigner as jw
from jaxwigner.engine.forward import _tables

DURATION = 2.0
STEPS = {
    "strang": (16, 24, 32, 48),
    "blanes-moan-4": (6, 8, 12, 16),
    "blanes-moan-6": (4, 5, 6, 8),
    "chin-4a": (8, 12, 16, 24),
}


@pytest.fixture(scope="module", params=SYSTEMS)
def pair(request):
    """A system with an accurate final state."""
    case = pendulum(request.param)
    run = jax.jit(lambda T: evolved(case, T, 60, "blanes-moan-6"))(DURATION)
    assert int(run.diagnostics.status) == 0 and float(run.diagnostics.energy_error) < 1e-12
    return case, run.state


def evolved(case, duration, steps, method, state=None, **options):
    """A run of a case, for use under jit."""
    start = case.state if state is None else state
    options = {"throw": False, **options}
    return jw.evolve(case.system, start, duration=duration, steps=steps, method=method, **options)


@pytest.mark.parametrize("method", METHODS)
def test_order_of_convergence(pair, method):
    case, reference = pair
    run = jax.jit(lambda steps: evolved(case, DURATION, steps, method).state)
    errors = [distance(run(n), reference) / case.scale for n in STEPS[method]]
    assert 2e-12 < min(errors) and max(errors) < 1e-2, "outside the asymptotic range"
    assert abs(slope(STEPS[method], errors) - jw.METHODS[method].order) < 0.15


@pytest.mark.parametrize("method", ["blanes-moan-4", "chin-4a"])
def test_three_hundred_steps_and_back(pair, method):
    case, _ = pair
    run = jax.jit(lambda duration, u: evolved(case, duration, 300, method, u).state)
    start = case.system.enter(case.state)
    there = run(
        1.2, start
    )  # later the fields on phase space have filaments at the highest wavenumbers
    moved, left = distance(there, start), distance(run(-1.2, there), start)
    assert moved > 0.1 and left < 1e-11 * case.scale


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

    run = jax.jit(lambda: evolved(case, 2 * tau, 2, "strang").state)
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

    run = jax.jit(lambda: evolved(case, tau, 1, "chin-4a").state)
    gap = distance(run(), by_hand(system.enter(case.state)))
    assert gap < 1e-13 * case.scale


def test_backwards_in_time_is_time_reversal():
    """ψ(−t) is the complex conjugate of the evolution of ψ*, particles go back with reversed momenta."""
    case = pendulum("schrodinger")
    run = jax.jit(lambda duration, u: evolved(case, duration, 40, "blanes-moan-4", u).state)
    mirrored = jnp.conj(run(1.3, jnp.conj(case.state)))
    assert distance(run(-1.3, case.state), mirrored) < 1e-12
    case = pendulum("newton")
    cloud = case.state
    flipped = jw.Particles(cloud.weights, cloud.positions, -cloud.momenta)
    back, there = (
        evolved(case, T, 40, "blanes-moan-4", u).state for T, u in ((-1.3, cloud), (1.3, flipped))
    )
    np.testing.assert_allclose(back.positions, there.positions, atol=1e-12)
    np.testing.assert_allclose(back.momenta, -there.momenta, atol=1e-12)


@pytest.mark.parametrize("name", SYSTEMS)
def test_mass_and_energy_are_conserved(name):
    case = pendulum(name)
    run = jax.jit(lambda: evolved(case, 3.0, 45, "blanes-moan-4", saves=9))()
    norm, energy = run.diagnostics.norm, run.diagnostics.energy
    assert norm.shape == energy.shape == (10,)
    np.testing.assert_allclose(norm, norm[0], rtol=1e-12)
    np.testing.assert_allclose(energy, energy[0], rtol=1e-6)
    assert np.ptp(energy) > 0, "a splitting method does not conserve the energy exactly"


@pytest.mark.parametrize("name", SYSTEMS)
def test_traced_steps_and_duration(name):
    case = pendulum(name)
    plain = jax.jit(lambda: evolved(case, 0.7, 9, "blanes-moan-4").state)()
    traced = jax.jit(lambda T, n: evolved(case, T, n, "blanes-moan-4").state)(0.7, 9)
    assert distance(plain, traced) < 1e-12 * case.scale


# Methods


@pytest.mark.parametrize("name", METHODS)
def test_tables_are_consistent(name):
    method = jw.METHODS[name]
    assert method.name == name and method.stages == len(method.drifts) == len(method.kicks) - 1
    assert abs(sum(method.kicks) - 1) < 1e-14 and abs(sum(method.drifts) - 1) < 1e-14
    assert method.kicks == method.kicks[::-1] and method.drifts == method.drifts[::-1]
    assert method.modified == (name == "chin-4a")
    drifts, drift_of, kicks, kick_of = _tables(method)
    np.testing.assert_allclose(drifts[drift_of], method.drifts, atol=1e-14)
    rebuilt = [kicks[i, 0] for i in kick_of]
    np.testing.assert_allclose(rebuilt[:-2], method.kicks[1:-1], atol=1e-14)
    np.testing.assert_allclose(rebuilt[-2:], [2 * method.kicks[0], method.kicks[0]], atol=1e-14)


def test_a_method_of_ones_own():
    case = pendulum("newton")
    twin = jw.Method("verlet", 2, (0.5, 0.5), (1.0,))
    one, other = (evolved(case, 1.0, 7, method).state for method in (twin, "strang"))
    assert distance(one, other) == 0


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"kicks": (1.0, 0.0)}, "symmetric"),
        ({"kicks": (0.4, 0.4)}, "sum to 1"),
        ({"drifts": (0.9,)}, "sum to 1"),
        ({"drifts": (0.5, 0.5)}, "one more"),
        ({"corrections": (0.1,)}, "one for each kick"),
        ({"corrections": (0.1, 0.0)}, "symmetric"),
        ({"kicks": ("a", "a")}, "real"),
    ],
)
def test_methods_that_the_engine_cannot_run(changes, word):
    with pytest.raises(ValueError, match=f"Argument `.*` must .*{word}"):
        dataclasses.replace(jw.METHODS["strang"], **changes)


def test_modified_kicks_need_a_gradient():
    grid = jw.Grid(-3.0, 3.2, 32)
    psi = jw.coherent_state(grid, 0.0, 0.0, 0.3)
    system = jw.Schrodinger(grid, np.asarray(0.5 * grid.axes[0] ** 2), 0.3)
    with pytest.raises(ValueError, match=r"Argument `potential` must .* modified kick"):
        jw.evolve(system, psi, duration=1.0, steps=3, method="chin-4a")


class Rotation(jw.System):
    """A system of one's own: q̈ = −q on a pair of numbers, without anything beyond the two flows."""

    def drift_flow(self, tau):
        return jax.tree_util.Partial(lambda tau, z: jnp.stack([z[0] + tau * z[1], z[1]]), tau)

    def kick_flow(self, tau):
        return jax.tree_util.Partial(lambda tau, z: jnp.stack([z[0], z[1] - tau * z[0]]), tau)

    def enter(self, state):
        return jnp.asarray(state)

    def diagnose(self, state):
        zero, one = jnp.zeros(()), jnp.ones(())
        energy = 0.5 * jnp.sum(state**2)
        return {
            "norm": one,
            "energy": energy,
            "kinetic": 0.5 * state[1] ** 2,
            "spectral_tail": zero,
            "edge_mass": zero,
        }


def test_a_system_of_ones_own_has_gradients_too():
    final = lambda z: jw.evolve(Rotation(), z, duration=1.1, steps=30, throw=False).state  # noqa: E731
    start = jnp.array([0.3, -0.8])
    exact = np.array([[np.cos(1.1), np.sin(1.1)], [-np.sin(1.1), np.cos(1.1)]])
    np.testing.assert_allclose(final(start), exact @ start, atol=1e-8)
    np.testing.assert_allclose(jax.jit(jax.jacrev(final))(start), exact, atol=1e-8)
    with pytest.raises(ValueError, match="Argument `method` must not need a modified kick"):
        jw.evolve(Rotation(), start, duration=1.0, steps=2, method="chin-4a")
