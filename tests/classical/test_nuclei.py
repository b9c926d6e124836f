"""Several nuclei that repel each other, against adaptive integration and what is conserved."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from scipy.integrate import solve_ivp

import jaxwigner as jw
from jaxwigner.classical.nuclei import rounds

CHARGES = np.array(
    [[0.0, 0.5, 0.2], [0.5, 0.0, 0.0], [0.2, 0.0, 0.0]]
)  # the last two do not interact
MASSES = np.array([1.0, 2.0, 0.7])
R = np.array([[0.0, 0.1, 1.2], [0.1, -0.2, -0.9], [1.4, 0.2, 0.1]])
P = np.array([[0.0, 0.1, -0.8], [0.05, 0.0, 1.1], [-0.6, 0.0, 0.1]])
START = jw.Particles([1.0], R.reshape(1, 9), P.reshape(1, 9))


def integrated(time):
    def rate(_, y):
        R, P = y[:9].reshape(3, 3), y[9:].reshape(3, 3)
        gaps = R[:, None] - R[None]
        cubes = (np.sum(gaps**2, axis=2) + np.eye(3)) ** 1.5
        force = np.sum(CHARGES[..., None] * gaps / cubes[..., None], axis=1)
        return np.concatenate([(P / MASSES[:, None]).ravel(), force.ravel()])

    options = {"method": "DOP853", "rtol": 1e-13, "atol": 1e-14}
    return solve_ivp(rate, (0, time), np.concatenate([R.ravel(), P.ravel()]), **options).y[:, -1]


@pytest.mark.parametrize("count", [2, 3, 4, 7, 8])
def test_rounds_hold_every_pair_once_and_are_disjoint(count):
    table = rounds(count)
    pairs = {tuple(sorted(pair)) for one in table for pair in one.tolist()}
    assert len(pairs) == count * (count - 1) // 2 == table.shape[0] * table.shape[1]
    assert all(len(set(one.ravel())) == one.size for one in table)


def test_order_two_against_adaptive_integration():
    system = jw.CoulombBodies(CHARGES, MASSES)

    @jax.jit
    def end(n):
        options = {"method": "strang", "gradient": "forward", "throw": False}
        state = jw.evolve(system, START, duration=1.5, steps=n, **options).state
        return jnp.concatenate([state.positions[0], state.momenta[0]])

    exact, counts = integrated(1.5), [30, 45, 60, 90]
    errors = [np.linalg.norm(end(jnp.asarray(n)) - exact) for n in counts]
    assert abs(-np.polyfit(np.log(counts), np.log(errors), 1)[0] - 2) < 0.15, errors
    assert errors[-1] < 1e-3


def test_momentum_and_angular_momentum_are_conserved():
    system = jw.CoulombBodies(CHARGES, MASSES)
    run = jw.evolve(system, START, duration=1.5, steps=20, method="strang", throw=False)
    Q, K = (np.asarray(a).reshape(3, 3) for a in (run.state.positions, run.state.momenta))
    np.testing.assert_allclose(K.sum(0), P.sum(0), atol=1e-13)
    np.testing.assert_allclose(np.cross(Q, K).sum(0), np.cross(R, P).sum(0), atol=1e-12)
    back = jw.evolve(system, run.state, duration=-1.5, steps=20, method="strang", throw=False)
    np.testing.assert_allclose(back.state.positions, START.positions, atol=1e-11)


def test_two_nuclei_are_exact_in_one_step():
    """The relative coordinate is that of `CoulombFlow`; the centre of mass is free; a bounded part is felt."""
    start = jw.Particles(
        [1.0], [[0.1, 0.0, 1.0, 0.0, 0.0, -1.0]], [[0.0, 0.1, -0.9, 0.0, 0.0, 1.1]]
    )
    system = jw.CoulombBodies(np.full((2, 2), 0.5))
    Q = jw.evolve(system, start, duration=1.7, steps=1, method="strang").state.positions[0]
    relative = jw.Particles([1.0], [[0.1, 0.0, 2.0]], [[0.0, 0.05, -1.0]])
    flow = jw.evolve(jw.CoulombFlow(0.5), relative, duration=1.7, steps=1).state.positions[0]
    np.testing.assert_allclose(Q[:3] - Q[3:], flow, atol=1e-12)
    np.testing.assert_allclose(Q[:3] + Q[3:], [0.1, 0.17, 0.2 * 1.7], atol=1e-12)


def test_gradients_and_masked_pairs():
    """Of a charge, a mass and the duration; nuclei that do not interact may even coincide."""

    def value(x):
        charges = jnp.asarray(CHARGES).at[0, 1].set(x[0]).at[1, 0].set(x[0])
        system = jw.CoulombBodies(charges, jnp.asarray(MASSES).at[2].set(x[1]))
        same = jw.Particles(
            START.weights, START.positions.at[0, 6:].set(START.positions[0, 3:6]), START.momenta
        )
        run = jw.evolve(system, same, duration=x[2], steps=4, method="strang", throw=False)
        return jnp.sum(run.state.positions**2)

    here = np.array([0.5, 0.7, 0.6])
    compiled, exact = jax.jit(value), jax.jit(jax.grad(value))(here)
    for i in range(3):
        step = 1e-5 * np.eye(3)[i]
        numeric = (compiled(here + step) - compiled(here - step)) / 2e-5
        assert abs(exact[i] - numeric) < 1e-7, i


def test_bad_input():
    def bad(match, call):
        with pytest.raises(ValueError, match=r"^Argument `" + match):
            call()

    bad("charges` must be non-negative", lambda: jw.CoulombBodies([[0.0, -1.0], [-1.0, 0.0]]))
    bad("charges` must be symmetric", lambda: jw.CoulombBodies([[0.0, 1.0], [2.0, 0.0]]))
    bad("charges` must be a square", lambda: jw.CoulombBodies([1.0, 2.0]))
    bad("masses` must be 2 numbers", lambda: jw.CoulombBodies(np.ones((2, 2)), [1.0]))
    bad("masses` must be positive", lambda: jw.CoulombBodies(np.ones((2, 2)), [1.0, 0.0]))
    system = jw.CoulombBodies(np.ones((2, 2)))
    on_it = jw.Particles([1.0], np.ones((1, 6)), np.zeros((1, 6)))
    bad(
        "state` must lie off the singular set",
        lambda: jw.evolve(system, on_it, duration=1, steps=1),
    )
    flat = jw.Particles([1.0], [1.0], [0.0])
    bad(
        "state` must be Particles in dimension 6",
        lambda: jw.evolve(system, flat, duration=1, steps=1),
    )


PUBLIC = [
    small.call(jw.CoulombBodies, {"charges": "charges"}, charges=np.ones((2, 2)), masses=None)
]
