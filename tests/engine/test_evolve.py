"""`evolve`: what may be observed, kinds of gradient, single precision, integers, one compilation a shape."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from cases import SYSTEMS, distance, pendulum
from oscillator import GRID, OSCILLATOR, PSI, evolved

import jaxwigner as jw


def test_observing_a_dict():
    observe = {
        "mean": lambda u: jw.observables.mean_position(u, GRID),
        "psi": lambda u: u,
        "top": jnp.argmax,
    }
    run = evolved(saves=4, observe=observe | {"top": lambda u: jnp.argmax(jnp.abs(u))})
    rate = np.sqrt(1.3 / 1.2)
    mean = 0.8 * np.cos(rate * run.times) - 0.4 * np.sin(rate * run.times) / (1.2 * rate)
    np.testing.assert_allclose(run.observed["mean"][:, 0], mean, atol=1e-4)
    assert run.observed["psi"].shape == (5, 110) and run.observed["top"].shape == (5,)
    np.testing.assert_array_equal(run.observed["psi"][0], PSI)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("gradient", ["checkpointed", "forward"])
def test_the_kind_of_gradient_does_not_change_the_run(name, gradient):
    case = pendulum(name)
    one, other = (
        evolved(0.6, 7, case.system, case.state, saves=2, gradient=kind)
        for kind in ("reversible", gradient)
    )
    gap = max(distance(one.state, other.state), distance(one.observed, other.observed))
    assert gap < 1e-13 * case.scale


# Single precision and other types


def to_single(tree):
    names = {np.dtype(complex): np.complex64, np.dtype(float): np.float32}
    return jax.tree.map(lambda leaf: np.asarray(leaf).astype(names[np.asarray(leaf).dtype]), tree)


@pytest.mark.parametrize(
    "name",
    # Fields in single precision have a quick test of their own, in test_run.py.
    [
        *("schrodinger", "newton"),
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("moyal", "liouville")),
    ],
)
def test_single_precision_stays_single_and_costs_five_digits(name):
    case = pendulum(name)
    state = to_single(case.state)
    expected = {leaf.dtype for leaf in jax.tree.leaves(state)}

    def run(u, gradient):
        options = {"duration": 0.8, "steps": 12, "saves": 2, "gradient": gradient}
        return jw.evolve(case.system, u, throw=False, **options)

    double = jax.jit(run, static_argnums=1)(case.state, "reversible")
    for gradient in ("reversible", "checkpointed", "forward"):
        single = jax.jit(run, static_argnums=1)(state, gradient)
        for leaf in jax.tree.leaves((single.state, single.observed)):
            assert leaf.dtype in expected
        loss = distance(to_single(double.state), single.state) / case.scale
        assert 1e-9 < loss < 2e-5
        assert int(single.diagnostics.status) == 0
    gradient = jax.jit(jax.grad(lambda u: total(run(u, "reversible").state)))(state)
    for leaf, bar in zip(jax.tree.leaves(state), jax.tree.leaves(gradient)):
        assert bar.dtype == leaf.dtype and np.all(np.isfinite(bar))


def total(tree):
    return sum(jnp.sum(jnp.abs(leaf) ** 2) for leaf in jax.tree.leaves(tree))


def test_integers_are_numbers():
    """Integer states become floating point ones instead of failing in a loop."""
    run = evolved(0.3, 2, jw.Newton(jw.potentials.Harmonic(1)), jw.Particles([1], [1], [0]))
    assert run.state.positions.dtype == jnp.float64
    assert evolved(0.1, 1, state=np.ones(110, int)).state.dtype == jnp.complex128
    case = pendulum("liouville")
    assert evolved(0.1, 1, case.system, np.ones(case.state.shape, int)).state.dtype == jnp.float64
    assert jw.evolve(OSCILLATOR, PSI, duration=1, steps=np.int64(8)).times[-1] == 1.0
    assert jw.evolve(OSCILLATOR, PSI, duration=1, steps=jnp.asarray(8)).times[-1] == 1.0


def test_runs_of_one_shape_compile_once():
    @jax.jit
    @eqx.debug.assert_max_traces(max_traces=1)
    def run(psi, height, hbar, mass, duration, steps):
        system = jw.Schrodinger(GRID, jw.potentials.Torsion(height), hbar, mass)
        return jw.evolve(system, psi, duration=duration, steps=steps, throw=False).state

    for k in range(3):
        run(PSI * (1 + k), 1.0 + k, 0.3 + 0.1 * k, 1.0 + k, 0.2 + k, 3 + k)


PUBLIC = [
    small.call(
        jw.evolve,
        system=jw.Schrodinger(small.GRID, small.WELL, 0.5),
        state=small.PSI,
        duration=0.1,
        steps=2,
        method="strang",
        gradient="forward",
    )
]
