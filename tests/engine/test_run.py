"""What a run returns: observed quantities, diagnostics, errors that name the remedy, labelled results."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import SYSTEMS, pendulum
from oscillator import GRID, HBAR, OSCILLATOR, PSI, evolved

import jaxwigner as jw

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
    assert int(run.diagnostics.status) & 2 and run.diagnostics.edge_mass[-1] == 0.5
    assert "tabulated potential" in run.diagnostics.complaint()
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


# Single precision


@pytest.mark.parametrize("name", ["schrodinger", "mixed", "moyal"])
def test_single_precision_keeps_the_norm_and_says_what_it_lost(name):
    """A pair of FFTs in single precision loses 5e-8 of Σ|u|², which is given back and reported."""
    case = pendulum("moyal" if name == "moyal" else "schrodinger")
    state = jnp.asarray(case.state)
    single = state.astype(jnp.float32 if name == "moyal" else jnp.complex64)
    if name == "mixed":
        single = jw.MixedState(jnp.float32([0.25, 0.75]), jnp.stack([single, 1j * single]))
    options = {"duration": 1.0, "steps": 400, "throw": False}
    run = jax.jit(lambda u: jw.evolve(case.system, u, **options))(single)
    lost = np.asarray(run.diagnostics.restored)
    size = lambda u: float(  # noqa: E731
        np.sum(np.abs(np.asarray(u.orbitals[1] if name == "mixed" else u, complex)) ** 2)
    )
    assert size(run.state) == pytest.approx(size(single), rel=1e-6)
    # 6 × 400 pairs of transforms; how much each loses, or gains, depends on their length.
    assert 1e-6 < abs(lost[-1]) < 5e-4 and lost[0] == 0
    wide = jax.jit(lambda u: jw.evolve(case.system, u, **options))(case.state)
    assert np.all(np.asarray(wide.diagnostics.restored) == 0)
    if name == "schrodinger":
        x = case.system.grid.axes[0]
        mean = lambda u: jnp.sum(x * jnp.abs(u) ** 2) * case.system.grid.cell  # noqa: E731
        assert abs(float(mean(run.state) - mean(wide.state))) < 3e-6


def test_gradients_in_single_precision():
    case = pendulum("schrodinger")
    x = case.system.grid.axes[0]

    def mean(q, kind):
        psi = jw.coherent_state(case.system.grid, q, 0.2, HBAR).astype(kind)
        run = jw.evolve(case.system, psi, duration=1.0, steps=300, throw=False)
        return jnp.sum(x * jnp.abs(run.state) ** 2) * case.system.grid.cell

    slope = jax.jit(jax.grad(mean), static_argnums=1)
    slopes = [float(slope(0.3, kind)) for kind in (complex, jnp.complex64)]
    assert slopes[1] == pytest.approx(slopes[0], rel=5e-5)
