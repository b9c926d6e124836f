"""Steps of their own against adaptive integration of high order, fixed steps and closed forms."""

import jax
import numpy as np
import pytest
import small
from scipy.integrate import solve_ivp

import jaxwigner as jw

CHARGES = np.full((3, 3), 0.5)
# Three nuclei towards one point, almost at once, and far from each other.
NEAR = [
    [0.0, 0.1, 1.2, 0.1, -0.2, -0.9, 1.1, 0.2, 0.1],
    [0.0, 0.1, -1.1, 0.0, 0.1, 0.9, -1.0, 0, 0],
]
FAR = [[0.0, 0.0, 5.0, 0.0, 0.0, -5.0, 5.0, 0.0, 0.0], [0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0]]
CLOUD = jw.Particles([0.5, 0.5], np.array([NEAR[0], FAR[0]]), np.array([NEAR[1], FAR[1]]))
TIME = 2.5


def integrated(start):
    def rate(_, y):
        R, P = y[:9].reshape(3, 3), y[9:]
        gaps = R[:, None] - R[None]
        cubes = (np.sum(gaps**2, axis=2) + np.eye(3)) ** 1.5
        force = np.sum(CHARGES[..., None] * gaps / cubes[..., None], axis=1)
        return np.concatenate([P - 0.0, force.ravel()])

    options = {"method": "DOP853", "rtol": 1e-13, "atol": 1e-14}
    return solve_ivp(rate, (0, TIME), np.ravel(start), **options).y[:, -1]


def test_every_configuration_keeps_its_tolerance():
    system = jw.CoulombBodies(CHARGES)
    for tolerance in (1e-5, 1e-9):
        run = jw.evolve_adaptively(system, CLOUD, duration=TIME, tolerance=tolerance)
        ends = np.concatenate([run.state.positions, run.state.momenta], axis=1)
        exact = np.stack([integrated(NEAR), integrated(FAR)])
        # Errors grow on the way: the tolerance is of what the steps add.
        assert np.max(np.abs(ends - exact)) < 10 * tolerance
        assert np.all(run.error <= tolerance)
        assert run.steps[0] > 2 * run.steps[1]


@pytest.mark.slow
def test_there_and_back():
    system = jw.CoulombBodies(CHARGES, potential=lambda *x: 0.05 * sum(c**2 for c in x))
    there = jw.evolve_adaptively(system, CLOUD, duration=1.0, tolerance=1e-8)
    back = jw.evolve_adaptively(system, there.state, duration=-1.0, tolerance=1e-8)
    np.testing.assert_allclose(back.state.positions, CLOUD.positions, atol=1e-6)
    np.testing.assert_allclose(
        system.energies(there.state), system.energies(CLOUD), atol=1e-7, rtol=0
    )


def test_forward_derivative():
    system = jw.CoulombBodies(CHARGES)

    def end(speed):
        cloud = jw.Particles([1.0], CLOUD.positions[:1], speed * CLOUD.momenta[:1])
        return jw.evolve_adaptively(system, cloud, duration=1.0, tolerance=1e-9).state.positions

    _, slope = jax.jvp(end, (1.0,), (1.0,))
    step = 1e-4
    np.testing.assert_allclose(slope, (end(1 + step) - end(1 - step)) / (2 * step), atol=1e-5)


def test_what_does_not_arrive_is_told():
    system = jw.CoulombBodies(CHARGES)
    late = {"duration": TIME, "tolerance": 1e-8}
    late["most"] = int(jw.evolve_adaptively(system, CLOUD, **late).steps[1]) + 1
    with pytest.raises(ValueError, match="`tolerance` must be larger .1 of the cloud need more"):
        jw.evolve_adaptively(system, CLOUD, **late)
    run = jax.jit(lambda z: jw.evolve_adaptively(system, z, **late))(CLOUD)
    assert np.all(np.isnan(run.state.positions[0])) and np.all(np.isfinite(run.state.positions[1]))


@pytest.mark.parametrize(
    "change, word",
    [
        ({"tolerance": 0.0}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"duration": "a"}, "duration"),
        ({"most": 0}, "most"),
        ({"system": None}, "system"),
        ({"state": None}, "state"),
        ({"system": jw.Schrodinger(jw.Grid(-4.0, 4.0, 16), lambda x: x**2, 0.5)}, "system"),
    ],
)
def test_bad_input(change, word):
    arguments = {"system": jw.CoulombBodies(CHARGES), "state": CLOUD, "duration": 1.0} | change
    with pytest.raises(ValueError, match=f"^Argument `{word}` must .*, but is"):
        jw.evolve_adaptively(**arguments)


PUBLIC = [
    small.call(
        jw.evolve_adaptively,
        {"state": "thing"},
        system=jw.CoulombFlow(0.5),
        state=small.SPACE,
        duration=1.0,
        tolerance=1e-3,
        most=100,
    )
]
