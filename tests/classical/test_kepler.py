"""Exact Kepler motion against closed forms and adaptive integration; clouds of packets."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from scipy.integrate import solve_ivp

import jaxwigner as jw
from jaxwigner.classical.kepler import anomaly, distances, kepler_motion

MOTION = jax.jit(kepler_motion)


def integrated(R, V, strength, time, extra=lambda R: 0.0):
    """The same motion by an adaptive method of order 8."""

    def rate(_, y):
        R, V = y[:3], y[3:]
        return np.concatenate([V, strength * R / np.linalg.norm(R) ** 3 + extra(R)])

    start = np.concatenate([R, V])
    options = {"method": "DOP853", "rtol": 3e-14, "atol": 1e-15}
    return solve_ivp(rate, (0.0, time), start, **options).y[:, -1]


@pytest.mark.parametrize("charge", [2.0, 0.5, 0.05, 1e-3])
@pytest.mark.parametrize("aside", [0.0, 1e-3, 0.3])
def test_against_adaptive_integration(charge, aside):
    """From head-on collisions to wide ones, down to C = 1e-3; and back again."""
    R, V = np.array([1.2, -0.7, 1.4]), np.array([-1.3, 0.8, -1.5])
    V = V + aside * np.array([0.5, 1.1, -0.2])
    ours = MOTION(R, V, 2 * charge, 2.3)
    np.testing.assert_allclose(np.concatenate(ours), integrated(R, V, 2 * charge, 2.3), atol=1e-10)
    back = MOTION(*ours, 2 * charge, -2.3)
    np.testing.assert_allclose(np.concatenate(back), np.concatenate([R, V]), atol=1e-11)


def test_head_on_closed_form():
    """r = a(1 + cosh s), t = (a/v)(s + sinh s), a = C/2E, v = 2√E: out again as it came, r_min = C/E."""
    energy, charge, s = 1.25, 0.5, 1.7
    a, v = charge / (2 * energy), 2 * np.sqrt(energy)
    r, time = a * (1 + np.cosh(s)), a / v * (s + np.sinh(s))
    speed = v * np.sinh(s) / (1 + np.cosh(s))
    direction = np.array([2.0, -1.0, 2.0]) / 3
    R, V = MOTION(r * direction, -speed * direction, 2 * charge, time)
    np.testing.assert_allclose(R, charge / energy * direction, rtol=1e-13)
    np.testing.assert_allclose(V, 0.0, atol=1e-13)
    R, V = MOTION(r * direction, -speed * direction, 2 * charge, 2 * time)
    np.testing.assert_allclose(R, r * direction, rtol=1e-13)


def test_rutherford_angle():
    """tan(θ/2) = C/2Eb."""
    energy, charge, b = 0.9, 0.5, 0.4
    start = np.array([b, 0.0, -1e7])
    # From far away: the velocity at infinity follows from the energy.
    R, V = MOTION(start, np.array([0.0, 0.0, 2 * np.sqrt(energy)]), 2 * charge, 1.2e7)
    angle = np.arctan2(float(V[0]), float(V[2]))
    assert abs(np.tan(angle / 2) - charge / (2 * energy * b)) < 1e-6


def test_invariants():
    rng = np.random.default_rng(1)
    R, V = rng.normal(size=(50, 3)), rng.normal(size=(50, 3))
    moved, velocity = jax.jit(jax.vmap(lambda R, V: kepler_motion(R, V, 0.7, 1.9)))(R, V)
    energy = lambda R, V: 0.5 * np.sum(V**2, 1) + 0.7 / np.linalg.norm(R, axis=1)  # noqa: E731
    before, after = energy(R, V), energy(np.asarray(moved), np.asarray(velocity))
    np.testing.assert_allclose(after, before, rtol=1e-13)
    np.testing.assert_allclose(np.cross(moved, velocity), np.cross(R, V), atol=1e-13)


def test_the_flow_is_symplectic():
    """DΦᵀJDΦ = J, by automatic differentiation through Kepler's equation."""
    z = jnp.array([0.4, -0.3, 1.1, -0.2, 0.5, -1.3])
    flow = lambda z: jnp.concatenate(kepler_motion(z[:3], z[3:], 0.6, 1.4))  # noqa: E731
    D = np.asarray(jax.jit(jax.jacfwd(flow))(z))
    J = np.block([[np.zeros((3, 3)), np.eye(3)], [-np.eye(3), np.zeros((3, 3))]])
    np.testing.assert_allclose(D.T @ J @ D, J, atol=1e-12)


def test_gradients_against_finite_differences():
    """Of position and strength and time, head-on included; second derivatives of Kepler's equation."""

    def value(x):
        R, V = kepler_motion(x[:3], x[3:6], x[6], x[7])
        return jnp.sum(R**2) + R[0] * V[2]

    compiled, gradient = jax.jit(value), jax.jit(jax.grad(value))
    for side in (0.0, 0.2):
        here = np.array([0.0, 0.0, 1.5, side, 0.0, -1.1, 0.8, 1.6])
        exact = gradient(here)
        assert np.all(np.isfinite(exact))
        for i in range(8):
            step = 1e-5 * np.eye(8)[i]
            numeric = (compiled(here + step) - compiled(here - step)) / 2e-5
            assert abs(exact[i] - numeric) < 1e-7 * max(1.0, abs(numeric)), (side, i)
    twice = jax.grad(jax.grad(anomaly))(1.3, 0.9, 0.5)
    slope = jax.grad(anomaly)
    assert abs(twice - (slope(1.3001, 0.9, 0.5) - slope(1.2999, 0.9, 0.5)) / 2e-4) < 1e-7


def test_smooth_potential_beside_repulsion():
    """Kicks by ∇U_b: order 2 and 4 of the splitting, against adaptive integration."""
    well = jw.potentials.Gaussian(-2.0, 0.6)
    flow = jw.CoulombFlow(0.1, well)
    R, P = np.array([0.3, -0.2, 1.6]), np.array([0.05, 0.1, -0.9])
    cloud = jw.Particles([1.0], R[None], P[None])
    force = lambda R: 2 * 2.0 / 0.36 * -R * np.exp(-(R @ R) / 0.72)  # noqa: E731
    exact = integrated(R, 2 * P, 0.2, 2.0, force)

    for method, counts in (
        ("strang", [120, 160, 220, 300]),
        ("blanes-moan-4", [100, 125, 155, 190]),
    ):

        def end(n, method=method):
            options = {"method": method, "gradient": "forward", "throw": False}
            state = jw.evolve(flow, cloud, duration=2.0, steps=n, **options).state
            return jnp.concatenate([state.positions[0], 2 * state.momenta[0]])

        run = jax.jit(end)
        errors = [np.linalg.norm(run(jnp.asarray(n)) - exact) for n in counts]
        order = jw.METHODS[method].order
        assert abs(-np.polyfit(np.log(counts), np.log(errors), 1)[0] - order) < 0.15, errors


def test_reversible_gradient_of_an_ensemble():
    """Of C, a parameter of U_b and the duration through `evolve`."""
    cloud = jw.packet_cloud(1.5, -0.8, 0.2, count=16)

    def value(x):
        flow = jw.CoulombFlow(x[0], jw.potentials.Gaussian(x[1], 1.0))
        run = jw.evolve(flow, cloud, duration=x[2], steps=6, throw=False)
        return run.state.weights @ distances(run.state)

    here = np.array([0.5, 0.3, 1.2])
    compiled, exact = jax.jit(value), jax.jit(jax.grad(value))(here)
    for i in range(3):
        step = 1e-5 * np.eye(3)[i]
        numeric = (compiled(here + step) - compiled(here - step)) / 2e-5
        assert abs(exact[i] - numeric) < 1e-8


def test_a_single_step_is_exact():
    cloud = jw.packet_cloud((0.1, 0.0, 1.8), (0.0, 0.2, -0.9), 0.1, count=64)
    flow = jw.CoulombFlow(0.5)
    ends = [jw.evolve(flow, cloud, duration=2.5, steps=n).state.positions for n in (1, 9)]
    np.testing.assert_allclose(*ends, atol=1e-11)


@pytest.mark.parametrize("charge", [0.0, -0.5, float("nan"), "a", [0.5]])
def test_charge_must_repel(charge):
    with pytest.raises(ValueError, match=r"^Argument `charge` must be"):
        jw.CoulombFlow(charge)


def test_bad_input():
    flow = jw.CoulombFlow(0.5)
    on_it = jw.Particles([0.5, 0.5], [[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"`state` must have positions off the singular set"):
        jw.evolve(flow, on_it, duration=1.0, steps=1)
    with pytest.raises(ValueError, match=r"`state` must be Particles in R³, but is in dimension 1"):
        jw.evolve(flow, jw.Particles([1.0], [1.0], [0.0]), duration=1.0, steps=1)
    with pytest.raises(ValueError, match=r"`mass` must be positive"):
        jw.CoulombFlow(0.5, mass=-1.0)
    for options in ({"count": 3}, {"count": 0}, {"alpha": "a"}):
        with pytest.raises(ValueError, match=r"^Argument `(count|alpha)` must"):
            jw.packet_cloud(2.0, -1.0, 0.1, **options)
    with pytest.raises(ValueError, match=r"`hbar` must be positive"):
        jw.packet_cloud(2.0, -1.0, 0.0)


PUBLIC = [small.call(jw.CoulombFlow, {"charge": "positive"}, charge=0.5, mass=0.5)]
