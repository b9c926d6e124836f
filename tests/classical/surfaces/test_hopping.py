"""Trajectories that hop: probabilities in closed form, conservation, weights, sampling errors, what is refused."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.phase_space.ensembles import gaussian_ensemble, normal_ensemble, normal_points

HBAR = 0.1
GAP = jw.potentials.DeltaGap(0.1)
ONE = jw.Particles([1.0], [-4.0], [1.5])
OPTIONS = {"hbar": HBAR, "duration": 6.0, "steps": 240}
SAMPLED = np.random.default_rng(5).normal(size=(2, 400))
CLOUD = jw.Particles(np.full(400, 1 / 400), *(c + 0.22 * z for c, z in zip((-4.0, 1.5), SAMPLED)))


def upper(run):
    return float(run.observed["populations"][-1, 1])


@pytest.mark.parametrize("velocity, energy", [("mean", 0.0), ("own", 0.1)])
def test_landau_and_zener(velocity, energy):
    """One path from the lower level: e^{−πδ²/ħav} with the slope a = ½ and v of the mean level, or of the lower one, at the gap."""
    total = 0.5 * 1.5**2 + float(GAP.levels(-4.0)[0])
    speed = np.sqrt(2 * (total + energy))
    options = OPTIONS | {"steps": 1200, "branches": 2, "velocity": velocity}
    run = jw.single_switch(GAP, ONE, "lower", **options)
    assert upper(run) == pytest.approx(np.exp(-np.pi * 0.1**2 / (HBAR * 0.5 * speed)), abs=2e-4)
    assert run.observed["energy"][-1] == pytest.approx(total, abs=1e-5)


@pytest.mark.parametrize("level", [0, 1])
def test_at_a_round_cone(level):
    """exp(−πL²/ε|p_mean|³): the angular momentum L = q∧p is conserved, and the mean surface is flat."""
    eps, q, p = 0.05, np.array([-1.5, 0.1]), np.array([2.0, 0.0])
    start = jw.Particles([1.0], [q], [p])
    options = {"hbar": eps, "duration": 1.6, "steps": 1600}
    run = jw.single_switch(jw.potentials.Crossing(), start, level, branches=2, **options)
    mean = p @ p + 2 * (2 * level - 1) * np.linalg.norm(q)
    L = q[0] * p[1] - q[1] * p[0]
    hop = np.exp(-np.pi * L**2 / (eps * mean**1.5))
    assert run.observed["populations"][-1, 1 - level] == pytest.approx(hop, abs=2e-3)


def test_split_or_drawn():
    """The same mean; weights that are split have the smaller error, and the draw agrees within its own."""
    split = jw.single_switch(GAP, CLOUD, "lower", branches=2, **OPTIONS)
    drawn = jw.single_switch(GAP, CLOUD, "lower", branches=1, seed=3, **OPTIONS)
    error = float(drawn.errors["populations"][-1, 1])
    assert error == pytest.approx(np.sqrt(upper(drawn) * (1 - upper(drawn)) / 400), rel=1e-6)
    assert abs(upper(split) - upper(drawn)) < 3 * error
    assert float(split.errors["populations"][-1, 1]) < 0.4 * error
    assert (
        float(split.full) < 0.01 and 0.95 < float(drawn.full) < 1
    )  # the slowest turn before the gap
    again = jw.single_switch(GAP, CLOUD, "lower", branches=1, seed=3, **OPTIONS)
    assert upper(again) == upper(drawn)


@pytest.mark.slow
def test_errors_of_copies():
    """Even points in independent copies: their spread is what the mean is off by, far below that of random points."""
    place = np.array([-4.0]), np.array([1.5]), (0.22, 0.22)
    cloud, finer = (normal_ensemble(*place, normal_points(2, n).reshape(-1, 2)) for n in (64, 512))
    options = OPTIONS | {"branches": 2}
    run = jw.single_switch(GAP, cloud, "lower", copies=8, **options)
    apart = jw.single_switch(GAP, cloud, "lower", **options)
    assert upper(run) == upper(apart)
    error = float(run.errors["populations"][-1, 1])
    exact = upper(jw.single_switch(GAP, finer, "lower", **options))
    assert abs(upper(run) - exact) < 5 * error  # Student's 99.8 % of eight copies
    assert 5 * error < float(apart.errors["populations"][-1, 1])
    above = run.state.weights * (run.state.levels == 1)
    means = 8 * np.sum(np.asarray(above).reshape(8, -1), axis=1)
    assert error == pytest.approx(np.std(means, ddof=1) / 8**0.5, rel=1e-9)


@pytest.mark.parametrize("method", [jw.single_switch, jw.fewest_switches])
def test_every_path_keeps_its_energy(method):
    run = method(GAP, CLOUD, "lower", **OPTIONS)
    state = run.state
    V = jw.potentials.DeltaGap(0.1)
    height = jnp.take_along_axis(V.levels(state.positions[:, 0]), state.levels[:, None], 1)[:, 0]
    end = 0.5 * state.momenta[:, 0] ** 2 + height
    start = 0.5 * CLOUD.momenta[:, 0] ** 2 + V.levels(CLOUD.positions[:, 0])[:, 0]
    branches = end.shape[0] // 400
    held = np.asarray(state.weights).reshape(400, branches) > 0
    off = np.abs(np.asarray(end).reshape(400, branches) - np.asarray(start)[:, None])[held]
    assert np.max(off) < 1e-3
    assert len(np.unique(state.levels)) == 2
    assert float(jnp.sum(state.weights)) == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(run.observed["populations"].sum(1), 1.0, atol=1e-12)


@pytest.mark.slow
def test_too_slow_for_the_upper_level():
    """Below the upper level nothing hops, whatever the amplitudes say; they go where the trajectories cannot."""
    start = jw.Particles([1.0], [-5.0], [0.55])  # energy −.35
    options = {"hbar": 0.4, "duration": 7.0, "steps": 300}
    V = jw.potentials.DeltaGap(0.2)
    assert upper(jw.single_switch(V, start, "lower", **options)) == 0.0
    run = jw.fewest_switches(V, start, "lower", **options)
    assert upper(run) == 0.0 and 0 < float(run.observed["amplitudes"][-1, 1])


def test_signed_weights():
    """Means are linear in the weights: W = 3/2 of one cloud − 1/2 of another."""
    parts = [gaussian_ensemble(q, 1.5, (0.2, 0.2), (6, 6)) for q in (-4.0, -3.0)]
    places = [jnp.concatenate([getattr(c, n) for c in parts]) for n in ("positions", "momenta")]
    both = jw.Particles(np.full(72, 1 / 72), *places)

    def found(first, second):
        weights = jnp.concatenate([first * parts[0].weights, second * parts[1].weights])
        cloud = eqx.tree_at(lambda z: z.weights, both, weights)
        return upper(jw.single_switch(GAP, cloud, "lower", **OPTIONS))

    one, two = found(1.0, 0.0), found(0.0, 1.0)
    assert abs(one - two) > 1e-3
    assert found(1.5, -0.5) == pytest.approx(1.5 * one - 0.5 * two, abs=1e-12)


@pytest.mark.slow
def test_three_levels_in_a_row():
    """A fast pass: at each of two minima the path stays diabatic or not; shares stay shares."""
    V = jw.potentials.SuperExchange((0.0, 0.6, 0.0), (0.2, 0.3))
    start = jw.Particles([1.0], [-5.0], [3.0])
    options = {"hbar": 0.3, "duration": 4.0, "steps": 200}
    for method in (jw.single_switch, jw.fewest_switches):
        shares = method(V, start, 1, **options).observed["populations"]
        assert shares.shape == (2, 3)
        np.testing.assert_allclose(shares[0], [0, 1, 0], atol=1e-14)
        np.testing.assert_allclose(shares.sum(1), 1.0, atol=1e-12)


@pytest.mark.slow
def test_derivatives_of_what_is_split():
    """dP_up/dħ of one path, forwards and backwards, against the formula's."""

    def share(hbar):
        options = {"duration": 6.0, "steps": 120, "branches": 2}
        return jw.single_switch(GAP, ONE, "lower", hbar=hbar, **options).observed["populations"][
            -1, 1
        ]

    value, slope = jax.value_and_grad(share)(HBAR)
    _, forward = jax.jvp(share, (HBAR,), (1.0,))
    assert float(slope) == pytest.approx(float(forward), rel=1e-12)
    assert float(slope) == pytest.approx(-float(value) * np.log(float(value)) / HBAR, rel=1e-9)


REFUSED = [
    ({"hbar": -0.1}, "`hbar` must be positive, but is -0.1"),
    ({"duration": 0.0}, "`duration` must be positive"),
    ({"steps": 0}, "`steps` must be an integer of at least 1"),
    ({"saves": 2.5}, "`saves` must be an integer"),
    ({"copies": 0}, "`copies` must be an integer of at least 1"),
    ({"copies": 3}, "`copies` must divide the number of points, 1"),
    ({"seed": -1}, "`seed` must be an integer of at least 0"),
    ({"mass": (1.0, 2.0)}, "`mass` must be one number, or one for each coordinate"),
    ({"level": "top"}, "`level` must be one of"),
    ({"level": 2}, "`level` must be one of"),
    ({"cloud": "cloud"}, "`cloud` must be Particles"),
    ({"potential": np.eye(2)}, "`potential` must be a MatrixPotential"),
    ({"potential": lambda x: x}, "`potential` must return n rows"),
]


@pytest.mark.parametrize("method", [jw.single_switch, jw.fewest_switches])
@pytest.mark.parametrize("change, message", REFUSED)
def test_refused(method, change, message):
    given = {"potential": GAP, "cloud": ONE, "level": "lower"} | OPTIONS | change
    first = [given.pop(name) for name in ("potential", "cloud", "level")]
    with pytest.raises(ValueError, match=message):
        method(*first, **given)


@pytest.mark.parametrize("change", [{"branches": 0}, {"velocity": "half"}])
def test_refused_of_single_switch(change):
    with pytest.raises(ValueError, match=f"`{next(iter(change))}` must be"):
        jw.single_switch(GAP, ONE, "lower", **OPTIONS, **change)
