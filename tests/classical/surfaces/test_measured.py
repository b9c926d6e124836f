"""How near mixed methods come to the exact dynamics: rms errors on Jahn and Teller's surfaces, rates at a cone, lost coherence."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.phase_space.ensembles import normal_ensemble, normal_points

# P_up of `Surfaces` on the Jahn–Teller surfaces at t = 0, ¼ … 6: 160 × 156 and 240 × 236 points, 96 and 120 steps of symmetric-4.
EXACT = {
    0.1: (
        *(1.0, 0.999987, 0.99995, 0.999381, 0.949851, 0.374117, 0.197734, 0.201377, 0.201387),
        *(0.20139, 0.201386, 0.201342, 0.200769, 0.193129, 0.145058, 0.089512, 0.087389, 0.087474),
        *(0.08748, 0.087688, 0.16784, 0.706406, 0.770135, 0.758542, 0.741243),
    ),
    0.05: (
        *(1.0, 0.999998, 0.999995, 0.999954, 0.985549, 0.295144, 0.20439, 0.203972, 0.203977),
        *(0.203977, 0.203977, 0.203976, 0.203941, 0.201105, 0.142494, 0.0883, 0.0892, 0.089205),
        *(0.089206, 0.08922, 0.11923, 0.750311, 0.768903, 0.757304, 0.734798),
    ),
}
# Of smaller ε: 520 × 500 and 900 × 880 points, 216 and 288 steps.
FINER = {
    0.02: (
        *(1.0, 1.0, 1.0, 0.999998, 0.999155, 0.216804, 0.205432, 0.205424, 0.205424),
        *(0.205424, 0.205424, 0.205424, 0.205423, 0.205232, 0.13611, 0.090152, 0.090142, 0.090142),
        *(0.090142, 0.090143, 0.092841, 0.77275, 0.769309, 0.757947, 0.730486),
    ),
    0.01: (
        *(1.0, 1.0, 1.0, 1.0, 0.999934, 0.200093, 0.205892, 0.205892, 0.205892),
        *(0.205892, 0.205892, 0.205892, 0.205892, 0.205884, 0.129165, 0.09044, 0.090441, 0.090441),
        *(0.090441, 0.090441, 0.090609, 0.769611, 0.769094, 0.7597, 0.729924),
    ),
}


def packet(position, momentum, eps, count):
    """The Wigner function of a coherent state in the plane."""
    normal = normal_points(4, count, 1)[0]
    return normal_ensemble(np.array(position), np.array(momentum), ((eps / 2) ** 0.5,) * 2, normal)


def ehrenfest(V, cloud, hbar):
    system = jw.Ehrenfest(V, hbar, dimension=2)
    run = jw.evolve(
        system,
        system.on_level(cloud, "upper"),
        duration=6.0,
        steps=480,
        method="strang",
        observe="populations",
        saves=24,
        throw=False,
    )
    return run.observed["populations"]


# The rms error of P_up(t) of each method at ε = .1 and .05: at least, at most.
RMS = {
    "mean": ((0.0, 0.009), (0.0, 0.0065)),
    "own": ((0.009, 0.016), (0.0075, 0.012)),
    "fewest": ((0.035, 0.05), (0.03, 0.045)),
    "ehrenfest": ((0.075, 0.092), (0.075, 0.092)),
}


# At ε = .02 and .01, with 32,768 starting points.
FINER_RMS = {
    "mean": ((0.0, 0.005), (0.0, 0.004)),
    "own": ((0.005, 0.009), (0.003, 0.0065)),
    "fewest": ((0.027, 0.037), (0.023, 0.034)),
    "ehrenfest": ((0.075, 0.092), (0.075, 0.092)),
}


def rms(method, eps, exact, count, steps):
    """The rms error of P_up at 25 times."""
    V, cloud = jw.potentials.JahnTeller(), packet((-1.5, 0.0), (0.0, 0.0), eps, count)
    options = {"hbar": eps, "duration": 6.0, "steps": steps, "saves": 24}
    if method == "ehrenfest":
        found = ehrenfest(V, cloud, eps)
    elif method == "fewest":
        found = jw.fewest_switches(V, cloud, "upper", **options).observed["populations"]
    else:
        options["velocity"] = method
        found = jw.single_switch(V, cloud, "upper", **options).observed["populations"]
    return float(jnp.sqrt(jnp.mean((found[:, 1] - jnp.array(exact)) ** 2)))


@pytest.mark.slow
@pytest.mark.parametrize("eps", [0.1, pytest.param(0.05, marks=pytest.mark.nightly)])
@pytest.mark.parametrize(
    "method",
    [
        pytest.param(name, marks=[pytest.mark.nightly] if name in ("mean", "own") else [])
        for name in RMS  # rows S8 have both velocities
    ],
)
def test_on_jahn_and_tellers_surfaces(method, eps):
    least, most = dict(zip(EXACT, RMS[method]))[eps]
    assert least <= rms(method, eps, EXACT[eps], 2**12, 480) <= most


@pytest.mark.nightly
@pytest.mark.parametrize("eps", FINER)
@pytest.mark.parametrize("method", FINER_RMS)
def test_on_jahn_and_tellers_surfaces_at_smaller_epsilon(method, eps):
    """Fewest switches need a step for each turn of the phase between both levels: with 480, as the others, .0377 at ε = .02."""
    least, most = dict(zip(FINER, FINER_RMS[method]))[eps]
    assert least <= rms(method, eps, FINER[eps], 2**15, 2880 if method == "fewest" else 480) <= most


@pytest.mark.slow
def test_clouds_with_signs():
    """An excited oscillator level on the upper surface: signed points of its Wigner function serve the switches; those of spectrograms,
    whose means of smooth functions are right, do not: the probability at the tip varies on the scale of the packet itself."""
    eps, count = 0.05, 2**13
    well, state = (
        jw.OwnSystem(jw.potentials.Harmonic((1.0, 1.3)), (1.0, 1.0)),
        jw.Level(1, shift=(-1.8, 0.0)),
    )
    grid = jw.Grid((-4.6, -4.2), (4.6, 4.2), (200, 184))
    system = jw.Surfaces(grid, jw.potentials.JahnTeller(), eps)
    psi = system.on_level(state.wave(well, grid, eps), "upper")
    options = {"duration": 1.6, "steps": 28, "method": "symmetric-4", "throw": False}
    end = jax.jit(lambda u: jw.evolve(system, u, **options).state)(psi)
    exact = float(system.populations(end)[1])

    z = normal_points(4, count, 1)[0]
    widths = (eps / 2) ** 0.5 * np.array([1.0, 1.3**-0.25, 1.0, 1.3**0.25])
    q, p = np.split(widths * z + np.array([-1.8, 0.0, 0.0, 0.0]), 2, axis=1)
    weights = (z[:, 0] ** 2 + z[:, 2] ** 2 - 1) / count  # W_1/W_0 = 2(x² + p²)/ħ − 1
    signed = eqx.tree_at(
        lambda c: c.weights, jw.Particles(np.full(count, 1 / count), q, p), weights
    )
    clouds = {"signed": signed, "spectrograms": state.cloud(well, eps, count)}
    options = {"hbar": eps, "duration": 1.6, "steps": 160, "branches": 2}
    off = {}
    for name, cloud in clouds.items():
        run = jw.single_switch(jw.potentials.JahnTeller(), cloud, "upper", **options)
        off[name] = float(run.observed["populations"][-1, 1]) - exact
        position = float(run.observed["position"][-1, 0])
        assert position == pytest.approx(float(system.observables()["position"](end)[0]), abs=0.01)
    assert abs(off["signed"]) < 0.005 < 0.015 < off["spectrograms"] < 0.04


@pytest.mark.nightly  # row S8 has both rates
@pytest.mark.parametrize("velocity, rate", [("mean", 1.0), ("own", 0.5)])
def test_rates_at_a_cone(velocity, rate):
    """Populations behind the cone of Remark 1 from below: order one with the velocity of the mean surface, one half without."""
    exact = {0.1: 0.268179, 0.05: 0.277112, 0.02: 0.28361}
    errors = []
    for eps, one in exact.items():
        cloud = packet((-2.0, 0.0), (6**0.5, 0.0), eps, 2**14)
        options = {"hbar": eps, "duration": 2.0, "steps": 240, "branches": 2}
        run = jw.single_switch(jw.potentials.Crossing(), cloud, 0, velocity=velocity, **options)
        errors.append(float(run.observed["populations"][-1, 1]) - one)
    slope = np.polyfit(np.log(list(exact)), np.log(errors), 1)[0]
    assert abs(slope - rate) < 0.15


def test_coherence_that_is_not_lost():
    """Tully's third model at k = 10: what is reflected is on the upper level in .210 of all cases; fewest switches leave it below,
    while the amplitudes, still coherent, say otherwise."""
    exact = 0.2099115617
    count = 250
    rng = np.random.default_rng(1)
    positions = -15.0 + rng.uniform(-1, 1, count)
    cloud = jw.Particles(np.full(count, 1 / count), positions, np.full(count, 10.0))
    options = {"hbar": 1.0, "mass": 2000.0, "duration": 7000.0, "steps": 1750}
    run = jw.fewest_switches(jw.potentials.Tully(3), cloud, "lower", **options)
    back = run.state.positions[:, 0] < 0
    share = [float(jnp.sum(run.state.weights * (back & (run.state.levels == j)))) for j in (0, 1)]
    assert sum(share) == pytest.approx(0.0899284525 + exact, abs=4 * (0.3 * 0.7 / count) ** 0.5)
    assert share[1] < 0.05 < exact
    assert float(run.observed["amplitudes"][-1, 1]) > share[1] + 0.1


@pytest.mark.slow
@pytest.mark.parametrize("b", [0.6, pytest.param(1.5, marks=pytest.mark.nightly)])
def test_a_cone_that_is_not_round(b):
    """±√(x² + b²y²): the exponent κ = b² keeps the mean surface's rule nearer than that of the trajectory, four times at least."""
    V = jw.potentials.MatrixFunction(lambda x, y: [[x, b * y], [b * y, -x]], 2)
    eps = 0.1
    grid = jw.Grid((-5.0, -5.5), (7.0, 5.5), (168, 156))
    system = jw.Surfaces(grid, V, eps)
    start, momentum = (-2.0, 0.5 * eps**0.5), (6**0.5, 0.0)
    psi = system.on_level(jw.coherent_state(grid, start, momentum, eps), "lower")
    options = {"duration": 2.0, "steps": 40, "method": "symmetric-4", "throw": False}
    state = jax.jit(lambda u: jw.evolve(system, u, **options).state)(psi)
    exact = float(system.populations(state)[1])
    cloud = packet(start, momentum, eps, 2**13)
    options = {"hbar": eps, "duration": 2.0, "steps": 240, "branches": 2}
    errors = {}
    for velocity in ("mean", "own"):
        run = jw.single_switch(V, cloud, "lower", velocity=velocity, **options)
        errors[velocity] = float(run.observed["populations"][-1, 1]) - exact
    assert abs(errors["mean"]) < 0.25 * abs(errors["own"])
