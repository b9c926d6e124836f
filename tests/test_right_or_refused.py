"""Inputs of users that once gave a wrong number without a word: each is right now, or refused in one sentence.

They cut across the rooms, as `test_bad_input` does; how the right value is known stands with each.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import gammaln

import jaxwigner as jw
from jaxwigner.phase_space import wigner_at

GRID = jw.Grid(-7.0, 8.0, 60)
HBAR = 0.45
PSI = jw.coherent_state(GRID, 0.9, 0.4, HBAR)
TORSION = jw.potentials.Torsion(0.3)
RUN = {"duration": 0.9, "steps": 12, "throw": False}


def mean_position(psi, grid=GRID):
    return jnp.sum(grid.axes[0] * jnp.abs(psi) ** 2) * grid.cell


def refused(call, *words):
    with pytest.raises(ValueError) as caught:
        call()
    text = str(caught.value)
    assert len(text) < 400 and any(word in text for word in words), text


# Gradients


def of_hbar(hbar):
    return mean_position(jw.evolve(jw.Schrodinger(GRID, TORSION, hbar), PSI, **RUN).state)


def of_mass(mass):
    return mean_position(jw.evolve(jw.Schrodinger(GRID, TORSION, HBAR, mass), PSI, **RUN).state)


def of_classical_mass(mass):
    start = jw.Particles([1.0], [0.7], [0.4])
    return jw.evolve(jw.Newton(TORSION, mass), start, **RUN).state.positions[0, 0]


def of_charge(charge):
    start = jw.Particles([1.0], [[0.1, 0.2, 1.9]], [[0.0, 0.1, -0.9]])
    return jw.evolve(jw.CoulombFlow(charge), start, **RUN).state.positions[0, 2]


def of_what_is_observed(factor):
    options = RUN | {"saves": 3, "observe": lambda u: factor * mean_position(u)}
    return jw.evolve(jw.Schrodinger(GRID, TORSION, HBAR), PSI, **options).observed.sum()


def of_a_closure(strength):
    system = jw.Schrodinger(GRID, lambda x: strength * jnp.cos(x), HBAR)
    return mean_position(jw.evolve(system, PSI, **RUN).state)


def of_a_pair_closure(strength):
    system = jw.Hartree(GRID, lambda x: strength * jnp.exp(-(x**2)), HBAR, external=TORSION)
    return mean_position(jw.evolve(system, PSI, **RUN).state)


@pytest.mark.parametrize(
    "value, at",
    [
        (of_hbar, 0.45),
        (of_mass, 1.3),
        (of_classical_mass, 1.3),
        (of_charge, 0.6),
        (of_what_is_observed, 0.7),
        (of_a_closure, 0.4),
        pytest.param(of_a_pair_closure, 0.4, marks=pytest.mark.slow),
    ],
)
def test_gradients_at_python_numbers_and_in_closures(value, at):
    """Central differences; under jit the value is the same."""
    compiled = jax.jit(value)
    slope = (compiled(at + 1e-4) - compiled(at - 1e-4)) / 2e-4
    assert float(jax.grad(value)(at)) == pytest.approx(float(slope), rel=1e-5, abs=1e-8)


def test_checkpointed_memory_grows_like_the_root_of_the_steps():
    def states(steps):
        options = {"duration": 1.0, "steps": steps, "method": "strang", "throw": False}
        system = jw.Schrodinger(GRID, TORSION, HBAR)

        def value(u):
            return mean_position(jw.evolve(system, u, gradient="checkpointed", **options).state)

        memory = jax.jit(jax.grad(value)).lower(PSI).compile().memory_analysis()
        return memory.temp_size_in_bytes / PSI.nbytes

    assert states(6400) / states(400) < 6  # 4 by the root, 16 by the number


@pytest.mark.parametrize(
    "kind", [pytest.param("semiquantum", marks=pytest.mark.slow), "clouds", "gaussians"]
)
def test_transport_costs_have_no_second_derivative(kind):
    """The coupling moves; with it held still the curvature would be another one."""
    z = jnp.asarray(np.random.default_rng(1).normal(size=(4, 2)))
    other = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.3, 0.0])
    weights = jnp.full(4, 0.25)

    def cost(z):
        p = jw.Particles(weights, z[:, 0], z[:, 1])
        if kind == "semiquantum":
            return jw.semiquantum(p, jw.ToeplitzState(other, 0.3)).cost.centre
        if kind == "clouds":
            return jw.monge_kantorovich(p, other, method="sinkhorn").centre
        gaussian = jw.Gaussian(z[0], jnp.eye(2) + 0.1 * z[:2].T @ z[:2])
        return jw.transport.gaussian_cost(gaussian, jw.Gaussian(z[1], jnp.eye(2)), 0.3).centre

    assert np.all(np.isfinite(jax.grad(cost)(z)))
    with pytest.raises(NotImplementedError, match="no second derivative"):
        jax.jvp(jax.grad(cost), (z,), (jnp.ones_like(z),))


# Dynamics


def test_adaptive_steps_see_a_barrier():
    """Energy ½ before a barrier of 10: SciPy's DOP853 with a bounded step turns it back to −51.916."""
    start = jw.Particles([1.0], [-50.0], [1.0])
    run = jw.evolve_adaptively(jw.Newton(jw.potentials.Gaussian(10.0, 0.5)), start, duration=100.0)
    assert float(run.state.positions[0, 0]) == pytest.approx(-51.916, abs=2e-3)


def test_adaptive_runs_refuse_mean_fields():
    system = jw.VlasovParticles(jw.potentials.Gaussian(1.0, 1.0))
    two = jw.Particles([0.5, 0.5], [1.0, -1.0], [0.0, 0.0])
    refused(lambda: jw.evolve_adaptively(system, two, duration=2.0), "move by themselves")


@pytest.mark.slow
def test_plans_are_tried():
    """A packet that tunnels: what `resolve` plans passes the checks of `evolve`, with the error that it states."""
    barrier = jw.potentials.Gaussian(10.0, 0.5)
    make = lambda grid: jw.Schrodinger(grid, barrier, 0.5)  # noqa: E731
    plan = jw.resolve(make, barrier, 0.5, duration=20.0, position=-10.0, momentum=1.5)
    start = jw.coherent_state(plan.grid, -10.0, 1.5, 0.5)
    one = jw.evolve(make(plan.grid), start, duration=20.0, steps=plan.steps).state
    two = jw.evolve(make(plan.grid), start, duration=20.0, steps=8 * plan.steps).state
    assert float(jnp.sqrt(jnp.sum(jnp.abs(one - two) ** 2) * plan.grid.cell)) < 1e-5


def test_plans_that_no_machine_runs_are_refused():
    """A proton in SI units, a centimetre away."""
    U = lambda x: 0.5 * 1.67e-27 * 5e14**2 * x**2  # noqa: E731
    numbers = {"hbar": 1.054e-34, "mass": 1.67e-27, "duration": 1e-13, "position": 1e-2}
    make = lambda grid: jw.Schrodinger(grid, U, 1.054e-34, 1.67e-27)  # noqa: E731
    refused(lambda: jw.resolve(make, U, **numbers), "units")


@pytest.mark.parametrize("kind", ["hartree", "vlasov", "bodies"])
def test_a_trap_has_edges_though_the_pair_has_none(kind):
    """⟨x⟩(2) = 2/√.05·sin 2√.05 = 3.87 lies outside of (−π, π)."""
    trap, pair = jw.potentials.Harmonic(0.05), jw.potentials.Cosine(1e-9)
    grid = jw.Grid(-np.pi, np.pi, 96)
    options = {"duration": 2.0, "steps": 60}
    psi = jw.coherent_state(grid, 0.0, 2.0, 0.1)
    if kind == "hartree":
        refused(lambda: jw.evolve(jw.Hartree(grid, pair, 0.1, trap), psi, **options), "edge")
    elif kind == "bodies":
        system = jw.ManyBody(grid, pair, 0.1, number=1, external=trap)
        refused(lambda: jw.evolve(system, psi, **options), "edge")
    else:
        phase = jw.PhaseGrid(grid, jw.Grid(-4.0, 6.0, 90))
        (x,), (p,) = phase.mesh
        f = jnp.exp(-(x**2 + (p - 2) ** 2) / 0.2) / np.pi / 0.2
        refused(lambda: jw.evolve(jw.Vlasov(phase, pair, external=trap), f, **options), "edge")


def test_bodies_off_a_mesh():
    two = jw.Particles([1.0], [[6.0, 6.5]], [[0.0, 0.0]])
    pair, mesh = jw.potentials.Gaussian(1.0, 1.0), jw.Grid(-4.0, 4.0, 128)
    system = jw.ManyBodyNewton(pair, 2, mesh=mesh)
    refused(lambda: jw.evolve(system, two, duration=1.0, steps=20), "edge")


@pytest.mark.parametrize("where", ["external", "pair"])
def test_bodies_off_a_table(where):
    nodes = np.linspace(-2, 2, 21)
    table = jw.potentials.Tabulated(nodes, 0.5 * nodes**2)
    two = jw.Particles([1.0], [[5.0, -1.0]], [[0.0, 0.0]])
    gaussian = jw.potentials.Gaussian(1.0, 1.0)
    pair, external = (gaussian, table) if where == "external" else (table, None)
    system = jw.ManyBodyNewton(pair, 2, external)
    refused(lambda: jw.evolve(system, two, duration=1.0, steps=20), "cover")


@pytest.mark.parametrize("U", [lambda x: 0.5 * jnp.sum(x**2), lambda x: 0.5 * jnp.dot(x, x)])
def test_potentials_that_take_all_points_for_one(U):
    """½x²: cos 1 from 1; a function of one number is what it is of many."""
    psi = jw.coherent_state(GRID, 1.0, 0.0, HBAR)
    run = jw.evolve(jw.Schrodinger(GRID, U, HBAR), psi, duration=1.0, steps=30)
    assert float(mean_position(run.state)) == pytest.approx(np.cos(1.0), abs=1e-6)


@pytest.mark.parametrize("U", [lambda r: r[0] ** 2, lambda x: x - jnp.mean(x), np.cumsum])
def test_potentials_that_mix_points_are_refused(U):
    refused(lambda: jw.Schrodinger(GRID, U, HBAR), "Argument `potential`")


# States and transforms


@pytest.mark.parametrize("make", [jw.coherent_state, jw.wave_packet])
def test_momenta_beyond_the_grid(make):
    """πħ/Δ = 5.65 here: known ones are refused, traced ones are NaN."""
    refused(lambda: make(GRID, 0.0, 7.0, HBAR), "momentum")
    assert np.all(np.isnan(jax.jit(lambda p: make(GRID, 0.0, p, HBAR))(7.0)))
    assert not np.any(np.isnan(jax.jit(lambda p: make(GRID, 0.0, p, HBAR))(5.0)))


def test_packets_of_a_cloud_beyond_the_grid():
    cloud = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.0, 9.0])
    refused(lambda: jw.toeplitz_state(cloud, GRID, HBAR), "momenta")


def coherent_levels(alpha, count):
    n = np.arange(count)
    return np.exp(-(alpha**2) / 2 + n * np.log(alpha) - gammaln(n + 1) / 2)


def test_transforms_of_large_coherent_states():
    """W = 1/π and W̃ = 1/2π at the centre of a coherent state, ħ = 1."""
    for alpha, count, transform, expected in (
        (30.0, 1170, jw.wigner, 1 / np.pi),
        (45.0, 2450, jw.husimi, 0.5 / np.pi),
    ):
        c, x = coherent_levels(alpha, count), alpha * np.sqrt(2)
        window = jw.PhaseGrid(jw.Grid(x, x + 0.1, 2), jw.Grid(0.0, 0.1, 2))
        grid = jw.Grid(-8.0, 8.0, 64)  # `wigner` takes one that holds the levels
        found = transform(jw.FockState(np.outer(c, c), 1.0), grid, window, 1.0)
        assert float(found[0, 0]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("single", [False, True])
def test_high_oscillator_functions_are_normalised(single):
    n, half = 1000, 1.25 * np.sqrt(2001) + 4
    grid = jw.Grid(-half, half, 3600)
    axis = grid.axes[0]
    with jax.enable_x64(not single):
        phi = jw.fock_orbitals(jw.Grid(-half, half, 3600), n + 1, 1.0)[n]
        assert phi.dtype == (np.float32 if single else np.float64)
    square = np.sum(np.asarray(phi, float) ** 2) * (axis[1] - axis[0])
    assert float(square) == pytest.approx(1.0, abs=1e-2 if single else 1e-9)


def test_levels_that_do_not_fit_the_grid():
    """Level 100 on (−8, 8): W(0, 0) = 1/π."""
    matrix = np.zeros((101, 101))
    matrix[100, 100] = 1
    window = jw.PhaseGrid(jw.Grid(-3.0, 3.0, 8), jw.Grid(-3.0, 3.0, 6))
    W = jw.wigner(jw.FockState(matrix, 1.0), jw.Grid(-8.0, 8.0, 128), window, 1.0)
    assert float(W[4, 3]) == pytest.approx(1 / np.pi, rel=1e-6)


def test_husimi_of_a_matrix_that_is_no_state_keeps_its_mass():
    window = jw.PhaseGrid(jw.Grid(-9.0, 9.0, 60), jw.Grid(-9.0, 9.0, 64))
    state = jw.FockState(np.diag([1.5, -0.5]), 1.0)
    H = jw.husimi(state, jw.Grid(-9.0, 9.0, 96), window, 1.0)
    assert float(H.sum() * window.cell) == pytest.approx(1.0, abs=1e-9)


def test_an_odd_cat_of_no_distance_is_no_state():
    refused(lambda: jw.cat_state(GRID, 0.0, 0.0, HBAR, phase=np.pi), "cancel")


def test_wigner_at_a_point_does_not_pair_the_seam_with_itself():
    """A packet at −3 in (−6, 6): at 3 the term of u = −L/2 was Δ|ψ(−3)|²/πħ = .08; what is left is the packet's own tail."""
    grid = jw.Grid(-6.0, 6.0, 64)
    value = wigner_at(jw.coherent_state(grid, -3.0, 0.0, 0.5), grid, 3.0, 0.0, 0.5)
    assert abs(float(value)) < 1e-9


@pytest.mark.parametrize("dtype", ["float16", ">c16", ">f8"])
def test_types_that_files_hold_are_refused(dtype):
    values = np.abs(PSI).astype(dtype)
    refused(lambda: jw.husimi(values, GRID, jw.phase_grid(GRID, HBAR), HBAR), "type")


# Distances


@pytest.mark.parametrize("shift", [1e3, 1e6])
@pytest.mark.parametrize("kind", ["semiquantum", "exact", "sinkhorn"])
def test_distances_do_not_know_the_origin(kind, shift):
    def bracket(s):
        p = jw.Particles([0.5, 0.5], [s, s + 0.2], [-s, -s])
        mu = jw.Particles([0.3, 0.7], [s, s + 0.2], [-s, 0.1 - s])
        if kind == "semiquantum":
            return jw.semiquantum(p, jw.ToeplitzState(mu, 1e-2)).cost
        return jw.monge_kantorovich(p, mu, method=kind)

    near, far = bracket(0.0), bracket(shift)
    size = float(near.upper)
    assert abs(float(far.lower - near.lower)) < 1e-6 * size
    assert abs(float(far.upper - near.upper)) < 1e-6 * size


@pytest.mark.parametrize("scale", [1e-9, 1e9])
@pytest.mark.parametrize("method", ["exact", "sinkhorn"])
def test_distances_scale(method, scale):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(12, 2)), rng.normal(size=(12, 2)) + 0.3

    def cost(s):
        clouds = (jw.Particles(np.full(12, 1 / 12), s * z[:, :1], s * z[:, 1:]) for z in (x, y))
        return jw.monge_kantorovich(*clouds, method=method)

    one, other = cost(1.0), cost(scale)
    assert float(other.upper / scale**2) == pytest.approx(float(one.upper), rel=1e-6)
    assert float(other.lower / scale**2) == pytest.approx(float(one.lower), rel=1e-6)


def test_two_single_points_at_one_place():
    one = jw.Particles([1.0], [0.1], [0.0])
    found = jw.monge_kantorovich(one, one, method="sinkhorn")
    assert float(found.lower) == pytest.approx(0.0, abs=1e-12) == float(found.upper)


# Results


def test_observables_keep_their_names_and_axes():
    system = jw.Schrodinger(GRID, TORSION, HBAR)
    observe = {
        "energy": lambda u: jnp.asarray(42.0),
        "x": mean_position,
        "momentum": lambda u: jw.observables.momentum_density(u, GRID, HBAR),
    }
    data = jw.evolve(system, PSI, **RUN, saves=2, observe=observe).to_xarray()
    assert np.all(data["energy"] == 42.0) and data["diagnostics_energy"].dims == ("time",)
    assert data["observed_x"].dims == ("time",) and data["x"].dims == ("x",)
    assert "x" not in data["momentum"].dims


def test_batches_become_datasets():
    system = jw.Schrodinger(GRID, TORSION, HBAR)
    runs = jax.vmap(lambda u: jw.evolve(system, u, **RUN, saves=2))(jnp.stack([PSI, PSI.conj()]))
    assert dict(runs.to_xarray().sizes) == {"batch": 2, "time": 3, "x": 60}
