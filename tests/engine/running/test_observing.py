"""What is observed by name, of time and state, alone and together."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import SYSTEMS, pendulum
from oscillator import GRID, HBAR, OSCILLATOR, PSI, evolved

import jaxwigner as jw

RATE = np.sqrt(1.3 / 1.2)


def mean(t):
    return 0.8 * np.cos(RATE * t) - 0.4 * np.sin(RATE * t) / (1.2 * RATE)


def refused(call, *words):
    with pytest.raises(ValueError, match="Argument `observe") as error:
        call()
    assert all(word in str(error.value) for word in words), error.value


@pytest.mark.parametrize(
    "observe", ["position", ("position",), ["position"], {"position": "position"}]
)
def test_one_result_of_all_spellings(observe):
    run = evolved(saves=4, observe=observe)
    np.testing.assert_allclose(run.observed["position"][:, 0], mean(run.times), atol=1e-4)


def test_names_and_functions_together():
    def width(u):
        return jw.observables.norm(u, GRID)

    run = evolved(saves=4, observe=("energy", width, abs), method="blanes-moan-6")
    np.testing.assert_allclose(run.observed["energy"], run.diagnostics.energy, rtol=1e-14)
    assert set(run.observed) == {"energy", "width", "abs"}
    both = evolved(saves=4, observe={"q": "position", "t": lambda t, u: t, "one": lambda u: u[0]})
    np.testing.assert_allclose(both.observed["t"], both.times, rtol=1e-14)


@pytest.mark.parametrize("saves", [4, [0.3, 0.7], None])
@pytest.mark.parametrize(
    "duration, gradient",
    [
        (1.2, "reversible"),
        (-1.2, "forward"),
        *(
            pytest.param(*one, marks=pytest.mark.slow)
            for one in ((1.2, "forward"), (-1.2, "reversible"))
        ),
    ],
)
def test_the_time_is_that_of_the_state(duration, saves, gradient):
    """⟨x⟩ − its closed form vanishes at every time that is handed over."""
    times = np.sign(duration) * np.array(saves) if isinstance(saves, list) else saves

    def off(t, u):
        q = jnp.sum(GRID.axes[0] * jnp.abs(u) ** 2) * GRID.cell
        return t, q - 0.8 * jnp.cos(RATE * t) + 0.4 * jnp.sin(RATE * t) / (1.2 * RATE)

    run = evolved(duration, 40, saves=times, observe=off, gradient=gradient, method="blanes-moan-6")
    np.testing.assert_allclose(run.observed[0], run.times, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(run.observed[1], 0.0, atol=1e-7)


def test_gradients_reach_times_closures_and_the_system():
    """d/dT Σ tᵢ⟨…⟩ and d/da of what a function closes over; ħ through a name."""

    def value(T, a, k):
        system = jw.Schrodinger(GRID, jw.potentials.Harmonic(k), HBAR, 1.2)
        observe = {"t": lambda t, u: a * t**2, "e": "potential"}
        run = jw.evolve(system, PSI, duration=T, steps=4, saves=2, observe=observe, throw=False)
        return jnp.sum(run.observed["t"]), run.observed["e"][0]

    slopes = jax.jit(jax.jacrev(value, argnums=(0, 1, 2)))(1.1, 0.7, 1.3)
    assert float(slopes[0][0]) == pytest.approx(0.7 * 2.5 * 1.1, rel=1e-12)  # a(T² + T²/4)
    assert float(slopes[0][1]) == pytest.approx(1.25 * 1.1**2, rel=1e-12)
    # ⟨x²/2⟩ at t = 0, with σ² = ħ/2.
    assert float(slopes[1][2]) == pytest.approx(0.5 * (0.64 + HBAR / 2), rel=1e-10)


def test_required_positional_parameters_decide():
    options = {"saves": 1, "steps": 1, "duration": 0.1}
    taken = {
        "one": lambda u, t=3.0: jnp.real(u[0]) * 0 + t,
        "two": lambda t, u, a=2.0: a * t,
        "star": lambda *parts: jnp.asarray(float(len(parts))),
        "keyword": lambda u, *, a=4.0: jnp.asarray(a),
    }
    run = evolved(observe=taken, **options)
    last = {key: float(row[-1]) for key, row in run.observed.items()}
    assert last == {"one": 3.0, "two": 0.2, "star": 1.0, "keyword": 4.0}
    for bad in (lambda: 1.0, lambda a, b, c: a, lambda u, *, a: u):
        refused(lambda f=bad: jw.evolve(OSCILLATOR, PSI, observe=f, **options), "time and state")


def test_unknown_names_are_refused_with_those_that_exist():
    options = {"duration": 0.1, "steps": 1}
    for observe in ("velocity", ["velocity"], {"v": "velocity"}):
        call = lambda o=observe: jw.evolve(OSCILLATOR, PSI, observe=o, **options)  # noqa: E731
        refused(call, "Schrodinger (current, density, energy,", "'velocity'")
    for observe in ([], [lambda u: u], ["energy", "energy"], [3], {"a": 3}, 3):
        refused(lambda o=observe: jw.evolve(OSCILLATOR, PSI, observe=o, **options))


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_name_of_every_system_is_observed(name):
    case = pendulum(name)
    names = tuple(sorted(case.system.observables()))
    run = evolved(0.2, 2, case.system, case.state, saves=[0.1], observe=names)
    assert {key: len(rows) for key, rows in run.observed.items()} == dict.fromkeys(names, 1)
    total = run.observed["kinetic"] + run.observed["potential"]
    np.testing.assert_allclose(total, run.observed["energy"], rtol=1e-12)
    data = run.to_xarray()
    assert data["position"].dims == ("time", "position_axis") and data["position"].attrs
    if "density" in names:
        assert data["density"].dims == ("time", "x")
        density = data["density"].integrate("x") if name == "x" else data["density"].sum("x")
        cell = float(data["x"][1] - data["x"][0])
        np.testing.assert_allclose(density * cell, run.observed["norm"], rtol=1e-10)


def test_names_cost_nothing():
    """The loop over steps and the transforms around it are those of the function written by hand."""

    def program(observe):
        options = {"duration": 1.0, "steps": 8, "saves": 4, "throw": False, "observe": observe}
        run = lambda u: jw.evolve(OSCILLATOR, u, **options).observed  # noqa: E731
        return jax.jit(run).lower(PSI).compile()

    mine = program(lambda u: jw.observables.mean_position(u, GRID))
    named = program(("position",))
    count = lambda text: len(re.findall(r" fft\(| fusion\(| custom-call\(", text))  # noqa: E731
    assert count(named.as_text()) == count(mine.as_text())
    costs = [one.cost_analysis()["flops"] for one in (mine, named)]
    assert costs[1] == pytest.approx(costs[0], rel=0.02)


def test_names_share_their_transforms():
    """Momentum, its variance and density beside the diagnostics: one transform of a state that is looked at."""

    def transforms(observe):
        options = {"duration": 1.0, "steps": 3, "saves": 1, "throw": False, "observe": observe}
        run = lambda u: jw.evolve(OSCILLATOR, u, **options)  # noqa: E731
        return len(re.findall(r" fft\(", jax.jit(run).lower(PSI).compile().as_text()))

    assert transforms(("momentum", "momentum_variance", "kinetic")) == transforms(None)


def test_kept_programs_serve_names():
    """Another ħ is no other program, with names as without."""
    from jaxwigner.engine.running import solve

    for hbar in (0.3, 0.31):
        system = jw.Schrodinger(GRID, jw.potentials.Harmonic(1.3), hbar, 1.2)
        task = lambda s=system: jw.evolve(s, PSI, duration=0.1, steps=2, observe="energy")  # noqa: E731
        first = task().observed["energy"]
        assert first[0] == pytest.approx(float(system.diagnose(jnp.asarray(PSI))["energy"]))
    assert solve._program is not None


def test_batches_of_names():
    states = jnp.stack([jnp.asarray(PSI), jnp.asarray(PSI).conj()])
    options = {"duration": 0.4, "steps": 4, "saves": [0.2], "throw": False}
    run = jax.jit(
        jax.vmap(lambda u: jw.evolve(OSCILLATOR, u, observe=("momentum", "density"), **options))
    )(states)
    assert run.observed["momentum"].shape == (2, 1, 1)
    data = run.to_xarray()
    assert data["density"].dims == ("batch", "time", "x")
    assert data["norm"].dims == ("batch", "diagnostics_time")
