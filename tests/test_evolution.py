"""What a run returns: saved times, observed quantities, diagnostics, errors that name the remedy, single precision."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import SYSTEMS, distance, pendulum
from exact import packet

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-6.0, 6.5, 110)
X = np.asarray(GRID.axes[0])
OSCILLATOR = jw.Schrodinger(GRID, jw.potentials.Harmonic(1.3), HBAR, 1.2)
PSI = jw.coherent_state(GRID, 0.8, -0.4, HBAR)


def evolved(duration=1.0, steps=10, system=OSCILLATOR, state=PSI, **options):
    """A run compiled as a whole."""
    run = jax.jit(
        lambda u: jw.evolve(system, u, duration=duration, steps=steps, throw=False, **options)
    )
    return run(state)


def exact(t):
    return packet(X, t, 0.8, -0.4, HBAR, mass=1.2, stiffness=1.3)


# Times


@pytest.mark.parametrize(
    "duration, steps, saves, times",
    [
        (1.2, 7, 3, [0, 0.4, 0.8, 1.2]),
        (1.2, 2, 4, [0, 0.3, 0.6, 0.9, 1.2]),
        (-1.2, 9, 3, [0, -0.4, -0.8, -1.2]),
        (1.2, 8, [0.1, 0.35, 1.0], [0, 0.1, 0.35, 1.0, 1.2]),
        (1.2, 8, [0.0, 0.5, 1.2], [0, 0.5, 1.2]),
        (-1.2, 8, np.array([-0.1, -1.1]), [0, -0.1, -1.1, -1.2]),
    ],
)
def test_saved_states_are_exact_at_the_saved_times(duration, steps, saves, times):
    run = evolved(duration, 6 * steps, saves=saves)
    np.testing.assert_allclose(run.times, times, rtol=1e-14, atol=1e-15)
    assert run.observed.shape == (len(times), 110)
    for t, psi in zip(times, run.observed):
        np.testing.assert_allclose(psi, exact(t), atol=2e-7)
    np.testing.assert_array_equal(run.observed[-1], run.state)
    assert run.diagnostics.norm.shape == (len(times),)


def test_steps_are_never_longer_than_asked():
    """Seven steps and three saves make nine steps; a list cuts every interval on its own."""
    np.testing.assert_allclose(evolved(1.2, 7, saves=3).state, evolved(1.2, 9).state, atol=1e-13)
    listed = evolved(1.0, 10, saves=[0.25], observe=lambda u: u)
    first, second = evolved(0.25, 3), None
    second = evolved(0.75, 8, state=first.state)
    np.testing.assert_allclose(listed.observed[1], first.state, atol=1e-13)
    np.testing.assert_allclose(listed.state, second.state, atol=1e-13)


def test_without_saves_only_the_ends_are_observed():
    run = evolved(observe=lambda u: jnp.sum(jnp.abs(u) ** 2) * GRID.cell)
    assert evolved().observed is None
    assert run.observed.shape == run.diagnostics.norm.shape
    np.testing.assert_allclose(run.observed, 1.0, atol=1e-12)
    assert run.times[0] == 0.0 and run.times[-1] == 1.0


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


def test_traced_duration_and_steps_with_saves():
    plain = evolved(1.1, 12, saves=3)
    traced = jax.jit(
        lambda T, n: jw.evolve(OSCILLATOR, PSI, duration=T, steps=n, saves=3, throw=False)
    )(1.1, 12)
    np.testing.assert_allclose(traced.observed, plain.observed, atol=1e-13)
    np.testing.assert_allclose(traced.times, plain.times, rtol=1e-14)


def test_no_time_at_all():
    np.testing.assert_allclose(evolved(0.0, 3).state, PSI, atol=1e-14)


# Diagnostics


def test_diagnostics_of_a_packet():
    """⟨H⟩ = (p² + ħ/2)/2m + k(q² + ħ/2)/2 at all times."""
    diagnostics = evolved(1.5, 60, saves=5, method="blanes-moan-6").diagnostics
    energy = (0.16 + HBAR / 2) / 2.4 + 0.65 * (0.64 + HBAR / 2)
    np.testing.assert_allclose(diagnostics.energy, energy, rtol=1e-10)
    np.testing.assert_allclose(diagnostics.norm, 1.0, atol=1e-12)
    assert int(diagnostics.status) == 0 and diagnostics.complaint() == ""


@pytest.mark.parametrize("name", ["moyal", "liouville", "newton"])
def test_energy_on_phase_space(name):
    """⟨H⟩ of the initial field or cloud, by quadrature with NumPy."""
    case = pendulum(name)
    run = evolved(0.1, 2, case.system, case.state, saves=1)
    if name == "newton":
        q, p, weights = case.state.positions[:, 0], case.state.momenta[:, 0], case.state.weights
    else:
        phase = case.system.phase_grid
        q, p = (
            a.ravel()
            for a in np.meshgrid(phase.position.axes[0], phase.momentum.axes[0], indexing="ij")
        )
        weights = np.ravel(case.state) * phase.cell
    expected = weights @ (p**2 / 2.6 + 1.1 * (1 - np.cos(q)))
    assert run.diagnostics.energy[0] == pytest.approx(float(expected), rel=1e-12)


def coarse():
    return jw.Schrodinger(jw.Grid(-6.0, 6.5, 20), jw.potentials.Harmonic(1.0), HBAR), {}


def small():
    return jw.Schrodinger(jw.Grid(-1.6, 2.3, 90), jw.potentials.Free(), HBAR), {}


def hasty():
    return OSCILLATOR, {"steps": 2, "method": "strang", "duration": 3.0}


UNRESOLVED = {"points": (coarse, 1), "`lower` and `upper`": (small, 2), "steps": (hasty, 4)}


@pytest.mark.parametrize("remedy", UNRESOLVED)
def test_under_resolution_names_the_remedy(remedy):
    make, flag = UNRESOLVED[remedy]
    system, options = make()
    psi = jw.coherent_state(system.grid, 0.8, 1.45, HBAR)
    options = {"duration": 1.0, "steps": 30} | options
    with pytest.raises(ValueError, match=f"Run of Schrodinger is under-resolved: .*{remedy}"):
        jw.evolve(system, psi, **options)
    run = jw.evolve(system, psi, throw=False, **options)
    assert int(run.diagnostics.status) & flag
    with pytest.raises(ValueError, match="under-resolved"):
        run.check()


@pytest.mark.parametrize("name", ["moyal", "liouville"])
def test_fields_that_leave_the_box_of_momenta(name):
    case = pendulum(name)
    phase = jw.PhaseGrid(case.system.phase_grid.position, jw.Grid(-0.6, 1.1, 40))
    system = eqx.tree_at(lambda s: s.phase_grid, case.system, phase)
    (x,), (p,) = phase.mesh
    field = jnp.exp(-((x - 0.4) ** 2 + (p - 0.3) ** 2) / 0.12)
    run = evolved(0.5, 10, system, field)
    assert int(run.diagnostics.status) & 2


def test_under_jit_the_error_comes_at_run_time():
    system, _ = small()
    psi = jw.coherent_state(system.grid, 0.8, 1.45, HBAR)

    def final(u, throw):
        return jw.evolve(system, u, duration=1.0, steps=5, throw=throw).state

    with pytest.raises(eqx.EquinoxRuntimeError, match="Run of Schrodinger is under-resolved"):
        jax.block_until_ready(eqx.filter_jit(final)(psi, True))
    assert np.all(np.isfinite(eqx.filter_jit(final)(psi, False)))


def test_one_lane_does_not_kill_a_batch():
    """Status lane by lane; resolved lanes are what they are alone."""
    hbars = jnp.array([0.3, 3.0, 0.4])

    def run(hbar):
        system = jw.Schrodinger(GRID, jw.potentials.Harmonic(1.3), hbar, 1.2)
        psi = jw.coherent_state(GRID, 0.8, -0.4, hbar)
        return jw.evolve(system, psi, duration=1.0, steps=10, throw=False)

    batch = jax.jit(jax.vmap(run))(hbars)
    assert [int(s) == 0 for s in batch.diagnostics.status] == [True, False, True]
    np.testing.assert_allclose(batch.state[2], jax.jit(run)(hbars[2]).state, atol=1e-13)
    assert "edge_mass" in repr(batch)
    with pytest.raises(ValueError, match="edge_mass"):
        batch.check()


def test_nan_is_not_resolved():
    for where in (jnp.nan, jnp.inf):
        potential = lambda x, bad=where: jnp.where(jnp.abs(x) < 0.5, bad, x**2)  # noqa: E731
        run = evolved(system=jw.Schrodinger(GRID, potential, HBAR))
        assert int(run.diagnostics.status) == 15 and run.diagnostics.complaint()
        with pytest.raises(ValueError, match="under-resolved: .*nan"):
            run.check()


def test_particles_beyond_a_table_are_seen():
    nodes = np.linspace(-1.0, 1.0, 9)
    table = jw.potentials.Tabulated(nodes, nodes**2)
    inside = jw.Particles([0.5, 0.5], [0.1, -0.2], [0.3, 0.1])
    assert int(evolved(0.5, 9, jw.Newton(table), inside).diagnostics.status) == 0
    fast = jw.Particles([0.5, 0.5], [0.1, -0.2], [0.3, 5.0])
    run = evolved(0.5, 9, jw.Newton(table), fast)
    assert int(run.diagnostics.status) == 2 and run.diagnostics.edge_mass[-1] == 0.5
    with pytest.raises(ValueError, match="Argument `potential` must cover"):
        jw.evolve(jw.Newton(table), jw.Particles([1.0], [1.5], [0.0]), duration=0.1, steps=1)


def test_diagnostics_carry_no_gradient():
    def energy(q):
        psi = jw.coherent_state(GRID, q, 0.0, HBAR)
        run = jw.evolve(OSCILLATOR, psi, duration=0.3, steps=2, saves=1, throw=False)
        return jnp.sum(run.diagnostics.energy)

    assert jax.jit(jax.grad(energy))(0.4) == 0.0


# Looking at a result


def test_repr():
    text = repr(evolved(1.0, 10, saves=2))
    assert "Evolution of Schrodinger by blanes-moan-4 (order 4)" in text
    assert "0 … 1" in text and text.rstrip().endswith("yes")
    seen = []
    jax.jit(
        lambda u: seen.append(repr(jw.evolve(OSCILLATOR, u, duration=1.0, steps=2, throw=False)))
    )(PSI)
    assert seen == ["Evolution of Schrodinger by blanes-moan-4, traced"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_labelled_results(name):
    case = pendulum(name)
    data = evolved(0.4, 4, case.system, case.state, saves=2).to_xarray()
    axes = {"schrodinger": ("x",), "newton": None}.get(name, ("x", "p"))
    assert data.attrs["method"] == "blanes-moan-4" and data.sizes["time"] == 3
    np.testing.assert_allclose(data["time"], [0, 0.2, 0.4])
    assert data["energy"].dims == ("time",)
    if axes:
        assert data["state"].dims == axes and data["observed"].dims == ("time", *axes)
        final = evolved(0.4, 4, case.system, case.state).state
        np.testing.assert_allclose(data["observed"][-1], final, atol=1e-13 * case.scale)
    else:
        assert data["state_positions"].shape == (7, 1) and data["positions"].shape == (3, 7, 1)


def test_labelled_results_of_mixtures_and_dicts():
    mixed = jw.MixedState([0.5, 0.5], jnp.stack([PSI, PSI.conj()]))
    run = evolved(
        0.4,
        4,
        OSCILLATOR,
        mixed,
        saves=2,
        observe={"norm2": lambda u: jw.observables.norm(u, GRID)},
    )
    data = run.to_xarray()
    assert data["norm2"].dims == ("time",) and data["state_orbitals"].dims[-1] == "x"
    assert evolved(0.4, 4).to_xarray()["state"].dims == ("x",)


# Single precision and other types


def to_single(tree):
    names = {np.dtype(complex): np.complex64, np.dtype(float): np.float32}
    return jax.tree.map(lambda leaf: np.asarray(leaf).astype(names[np.asarray(leaf).dtype]), tree)


@pytest.mark.parametrize("name", SYSTEMS)
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
