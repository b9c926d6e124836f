"""U(x, t): orders, books, gradients, and every system with a drive."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw

HBAR, TIME, FORCE, RATE = 0.1, 6.0, 0.3, 1.7
GRID = jw.Grid(-4.0, 4.0, 108)
PSI = jw.coherent_state(GRID, 1.0, 0.5, HBAR)
EXACT = 1.086246019881, 0.614997233475  # ⟨x⟩, ⟨p⟩ at t = 6, by NumPy alone


def pulse(x, t, a=FORCE, w=RATE):
    return -a * x * jnp.cos(w * t)


def well(x, t):
    return 0.5 * x**2 + pulse(x, t)


def means(u, grid=GRID):
    mean = jw.observables.mean_position(u, grid)[0], jw.observables.mean_momentum(u, grid, HBAR)[0]
    return jnp.stack(mean)


def slopes(errors, steps):
    return np.diff(np.log(np.asarray(errors))) / -np.diff(np.log(np.asarray(steps, float)))


def unbooked(run):
    """What of the energy gained is not booked as work."""
    energy, work = run.diagnostics.energy, run.diagnostics.work
    return abs(float(energy[-1] - energy[0] - work[-1]))


@functools.cache
def program(method, potential=well, hbar=HBAR):
    """The run of `steps` steps, compiled once for all of them."""
    system = jw.Schrodinger(GRID, potential, hbar)
    options = {"duration": TIME, "method": method, "throw": False, "gradient": "forward"}
    return jax.jit(lambda u, steps: jw.evolve(system, u, steps=steps, **options))


# The order of a method, and steps at which it is seen: of the driven oscillator and of an anharmonic one.
ORDERS = {
    "strang": (2, (40, 80), (100, 200)),
    "blanes-moan-4": (4, (16, 32), (24, 48)),
    "blanes-moan-6": (6, (12, 16), (10, 14)),
    "chin-4a": (4, (30, 60), (40, 80)),
}


@pytest.mark.parametrize("method", ORDERS)
def test_every_method_keeps_its_order(method):
    """Mean position and momentum of an oscillator with a force: a closed form."""
    order, steps, _ = ORDERS[method]
    runs = [program(method)(PSI, n) for n in steps]
    errors = [float(jnp.max(jnp.abs(means(run.state) - jnp.array(EXACT)))) for run in runs]
    assert slopes(errors, steps)[0] == pytest.approx(order, abs=0.15)
    # H − work is conserved as well as the method conserves a static H; the energy itself is not.
    drift = float(runs[-1].diagnostics.energy_error)
    energy = runs[-1].diagnostics.energy
    assert drift < 3e-3 and float(abs(energy[-1] - energy[0])) > 0.3
    assert slopes([unbooked(run) for run in runs], steps)[0] > order - 0.5


def test_work_of_a_modified_kick_has_its_order():
    """∂_t of |∇U|² is booked too: without it the books of "chin-4a" have order 2."""
    system = jw.Newton(lambda x, t: anharmonic(x, t) + 0.1 * jnp.sin(t) * x**2)
    cloud = jw.Particles([0.5, 0.5], [0.5, -0.2], [0.3, 0.1])
    options = {"duration": 1.3, "method": "chin-4a", "gradient": "forward", "throw": False}
    run = jax.jit(lambda n: jw.evolve(system, cloud, steps=n, start_time=0.4, **options))
    assert slopes([unbooked(run(n)) for n in (20, 40)], (20, 40))[0] == pytest.approx(4, abs=0.2)


def test_the_clock_adds_up_in_single_precision():
    """Ten thousand steps of 1e-3 from t = 1000, where numbers are 6e-5 apart: the clock must not drift (it lost 0.15 in position)."""
    cloud = jw.Particles([1.0], [1.0], [0.0])

    def ends(**options):
        system = jw.Newton(lambda x, t: 0.5 * x**2 - 0.3 * x * jnp.sin(1.3 * t))
        run = jw.evolve(system, cloud, start_time=1000.0, throw=False, **options)
        return float(run.state.positions[0, 0])

    exact = ends(duration=10.0, steps=400)
    with jax.enable_x64(False):
        cloud = jw.Particles(*(np.float32(one) for one in ([1.0], [1.0], [0.0])))
        assert ends(duration=10.0, steps=10000) == pytest.approx(exact, abs=3e-4)


def test_frozen_in_the_middle_of_a_step_the_order_is_two():
    """The control: what is done by hand loses two orders."""

    @jax.jit
    def run(u, steps):
        tau = TIME / steps

        def step(i, u):
            at = (i + 0.5) * tau
            system = jw.Schrodinger(GRID, lambda x: well(x, at), HBAR)
            return jw.evolve(
                system, u, duration=tau, steps=1, gradient="forward", throw=False
            ).state

        return jax.lax.fori_loop(0, steps, step, u)

    steps = (40, 80)
    errors = [float(jnp.max(jnp.abs(means(run(PSI, n)) - jnp.array(EXACT)))) for n in steps]
    assert slopes(errors, steps)[0] == pytest.approx(2, abs=0.15)


def test_there_and_back():
    """The clock runs backwards too, from where it stood; work is given back."""
    system = jw.Schrodinger(GRID, well, HBAR)
    there = jw.evolve(system, PSI, duration=TIME, steps=24)
    back = jw.evolve(system, there.state, duration=-TIME, steps=24, start_time=TIME)
    np.testing.assert_allclose(back.state, PSI, atol=1e-11)
    work = float(there.diagnostics.work[-1])
    assert work > 0.3 and float(back.diagnostics.work[-1]) == pytest.approx(-work, abs=1e-11)


def test_a_run_goes_on_from_the_time_where_it_stood():
    system = jw.Newton(jw.potentials.Harmonic(1.0) + pulse)
    cloud = jw.Particles([0.5, 0.5], [0.5, -0.2], [0.3, 0.1])
    whole = jw.evolve(system, cloud, duration=2.0, steps=20)
    half = jw.evolve(system, cloud, duration=1.0, steps=10)
    rest = jw.evolve(system, half.state, duration=1.0, steps=10, start_time=1.0)
    np.testing.assert_allclose(rest.state.positions, whole.state.positions, atol=1e-14)
    work = half.diagnostics.work[-1] + rest.diagnostics.work[-1]
    assert float(work) == pytest.approx(float(whole.diagnostics.work[-1]), abs=1e-14)
    other = jw.evolve(system, half.state, duration=1.0, steps=10)
    assert np.max(np.abs(other.state.positions - whole.state.positions)) > 0.05


def test_newton_against_scipy():
    from scipy.integrate import solve_ivp

    def motion(t, z):
        return [z[1], -(z[0] + z[0] ** 3 - FORCE * np.cos(RATE * t))]

    exact = solve_ivp(motion, (0, TIME), [0.5, 0.3], rtol=1e-12, atol=1e-13).y[:, -1]
    system = jw.Newton(lambda x, t: well(x, t) + 0.25 * x**4)
    start = jw.Particles([1.0], [0.5], [0.3])
    run = jw.evolve(system, start, duration=TIME, steps=150, method="blanes-moan-6")
    np.testing.assert_allclose(run.state.positions[0, 0], exact[0], atol=2e-11)
    np.testing.assert_allclose(run.state.momenta[0, 0], exact[1], atol=2e-11)
    before, after = 0.5 * 0.09 + 0.125 + 0.25 * 0.0625 - FORCE * 0.5, run.diagnostics
    assert float(after.energy[0]) == pytest.approx(before, abs=1e-12)
    assert float(after.energy_error) < 1e-12


def test_gradients_through_a_pulse_that_closes_over_its_parameters():
    """Under `jit` and `vmap`, with looks on the way: reversible, checkpointed and forward."""

    def value(parameters, gradient):
        a, w, q = parameters
        system = jw.Schrodinger(SMALL, lambda x, t: 0.5 * x**2 - a * x * jnp.sin(w * t), HBAR)
        options = {
            "duration": 1.5,
            "steps": 6,
            "throw": False,
            "gradient": gradient,
            "method": "strang",
        }
        run = jw.evolve(system, jw.coherent_state(SMALL, q, 0.1, HBAR), **options, **WATCHED)
        return jnp.sum(run.observed**2) + means(run.state, SMALL)[1]

    at = jnp.array([[0.3, 1.7, 0.4], [0.2, 1.1, 0.5]])
    program = jax.jit(jax.vmap(jax.grad(value), in_axes=(0, None)), static_argnums=1)
    reversible, checkpointed = (program(at, kind) for kind in ("reversible", "checkpointed"))
    np.testing.assert_allclose(reversible, checkpointed, rtol=1e-10, atol=1e-12)
    assert np.all(np.abs(reversible) > 1e-3)
    forward = jax.jit(lambda one, way: jax.jvp(lambda p: value(p, "forward"), (one,), (way,))[1])
    way = jnp.array([0.0, 1.0, 0.0])
    np.testing.assert_allclose(forward(at[0], way), reversible[0, 1], rtol=1e-10)


SMALL = jw.Grid(-3.0, 3.0, 64)
WATCHED = {"saves": 2, "observe": lambda u: jw.observables.mean_position(u, SMALL)}


def test_the_start_of_the_clock_has_a_gradient():
    system = jw.Newton(well)
    start = jw.Particles([1.0], [0.5], [0.3])

    def end(at, kind):
        options = {
            "duration": 1.0,
            "steps": 8,
            "gradient": kind,
            "throw": False,
            "method": "strang",
        }
        return jw.evolve(system, start, start_time=at, **options).state.positions[0, 0]

    kinds = ("reversible", "checkpointed")
    one, two = (jax.jit(jax.grad(functools.partial(end, kind=kind)))(0.4) for kind in kinds)
    near = (end(0.4 + 1e-4, "forward") - end(0.4 - 1e-4, "forward")) / 2e-4
    assert float(one) == pytest.approx(float(two), rel=1e-12)
    assert float(one) == pytest.approx(float(near), rel=1e-6)


def test_static_runs_have_no_books():
    run = jw.evolve(jw.Newton(small.WELL), small.CLOUD, duration=1.0, steps=4, start_time=7.0)
    assert not np.any(run.diagnostics.work) and not np.any(run.diagnostics.absorbed)
    assert isinstance(run.state, jw.Particles)


def test_work_and_states_in_a_table():
    run = jw.evolve(jw.Schrodinger(GRID, well, HBAR), PSI, duration=1.0, steps=8, saves=2)
    table = run.to_xarray()
    assert table["observed"].dims == ("time", "x")
    np.testing.assert_allclose(table["work"], run.diagnostics.work)
    assert abs(float(table["work"][-1])) > 0.01 and not np.any(table["absorbed"])


def test_the_loop_is_known_and_asks_nobody():
    text = program("strang").lower(PSI, 40).compile().as_text()
    assert "custom-call" not in text.replace("ducc", "")
    system = jw.Schrodinger(GRID, well, HBAR)
    run = jax.jit(lambda u: jw.evolve(system, u, duration=1.0, steps=40, throw=False).state)
    text = run.lower(PSI).compile().as_text()
    loops = [line for line in text.splitlines() if " while(" in line]
    assert loops and all("known_trip_count" in line for line in loops)


def test_single_precision_keeps_an_exact_clock():
    """300 steps: a clock in single precision would be off by 1e-5."""
    run = program("strang")(PSI.astype(jnp.complex64), 300)
    double = program("strang")(PSI, 300)
    assert run.state.dtype == jnp.complex64
    np.testing.assert_allclose(run.state, double.state, atol=2e-5)
    assert abs(float(run.diagnostics.work[-1] - double.diagnostics.work[-1])) < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("method", ORDERS)
def test_orders_of_an_anharmonic_oscillator(method):
    order, _, steps = ORDERS[method]
    u = jw.coherent_state(GRID, 0.5, 0.3, HBAR)
    x = GRID.mesh[0]
    errors = []
    for n in steps:
        rho = jnp.abs(program(method, anharmonic)(u, n).state) ** 2 * GRID.cell
        found = jnp.sum(x * rho), jnp.sum(x**2 * rho)
        errors.append(max(abs(float(a) - b) for a, b in zip(found, (0.488938450, 0.311778139))))
    assert slopes(errors, steps)[0] == pytest.approx(order, abs=0.15)


def anharmonic(x, t):
    return well(x, t) + 0.25 * x**4


@pytest.mark.slow
def test_a_bond_under_a_pulse():
    """OH from 1.9 bohr through the inner turning point, 2.1 fs, a Gaussian pulse: 1e-9 at 32 steps of order 6, as without the pulse."""
    grid, time = jw.Grid(0.8, 4.2, 128), 87.0
    bond = jw.potentials.Morse(0.1994, 1.189, 1.821)

    def light(x, t):
        return -0.03 * (x - 1.821) * jnp.exp(-(((t - 43.5) / 14.5) ** 2)) * jnp.cos(0.017 * t)

    psi = jnp.exp(-((grid.axes[0] - 1.9) ** 2) / (4 * 0.1265568**2)).astype(complex)
    psi = psi / jnp.sqrt(jnp.sum(jnp.abs(psi) ** 2) * grid.cell)
    options = {"duration": time, "method": "blanes-moan-6", "gradient": "forward", "throw": False}
    errors = []
    for potential in (bond, bond + light):
        system = jw.Schrodinger(grid, potential, 1.0, 1728.539)
        run = jax.jit(lambda n, system=system: jw.evolve(system, psi, steps=n, **options))
        gap = jnp.abs(run(32).state - run(200).state)
        errors.append(float(jnp.sqrt(jnp.sum(gap**2) * grid.cell)))
    assert errors[1] < 1e-9 and errors[1] < 2 * errors[0] + 1e-12
    assert abs(float(run(32).diagnostics.work[-1])) > 1e-4


PAIR = jw.potentials.Gaussian(0.4, 1.0)
PHASE = jw.PhaseGrid(jw.Grid(-6.0, 6.0, 48), jw.Grid(-5.0, 5.0, 50))
WAVE = jw.coherent_state(PHASE.position, 0.5, 0.3, 0.5)
DRIVEN = {
    "mixed": lambda U: (
        jw.Schrodinger(PHASE.position, U, 0.5),
        jw.MixedState([0.4, 0.6], jnp.stack([WAVE, jnp.conj(WAVE)])),
    ),
    "Hartree": lambda U: (jw.Hartree(PHASE.position, PAIR, 0.5, external=U), WAVE),
    "ManyBody": lambda U: (
        jw.ManyBody(PHASE.position, PAIR, 0.5, 2, external=U),
        jw.product_state(WAVE, 2),
    ),
    "Moyal": lambda U: (jw.Moyal(PHASE, U, 0.5), jw.wigner(WAVE, PHASE.position, PHASE, 0.5)),
    "Liouville": lambda U: (jw.Liouville(PHASE, U), jw.wigner(WAVE, PHASE.position, PHASE, 0.5)),
    "Vlasov": lambda U: (
        jw.Vlasov(PHASE, PAIR, external=U),
        jw.wigner(WAVE, PHASE.position, PHASE, 0.5),
    ),
    "VlasovParticles": lambda U: (jw.VlasovParticles(PAIR, external=U), small.CLOUD),
    "ManyBodyNewton": lambda U: (
        jw.ManyBodyNewton(PAIR, 2, external=U),
        jw.Particles([1.0], [[0.5, -0.2]], [[0.3, 0.1]]),
    ),
}


# They share their flows with Schrodinger, Moyal, Hartree and Newton.
SECOND = {"mixed", "Liouville", "ManyBody", "ManyBodyNewton", "Vlasov", "VlasovParticles"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.nightly if name in SECOND else pytest.mark.slow)
        for name in DRIVEN
    ],
)
def test_every_system_with_a_drive(name):
    system, state = DRIVEN[name](well)
    options = {"duration": 1.5, "steps": 20, "throw": False}
    there = jw.evolve(system, state, **options)
    options["duration"] = -1.5
    back = jw.evolve(system, there.state, start_time=1.5, **options)
    for a, b in zip(jax.tree.leaves(back.state), jax.tree.leaves(state)):
        np.testing.assert_allclose(a, b, atol=1e-11)
    assert float(there.diagnostics.energy_error) < 1e-7
    assert abs(float(there.diagnostics.work[-1])) > 0.1

    def value(a, gradient):
        system, state = DRIVEN[name](lambda x, t: 0.5 * x**2 + pulse(x, t, a))
        run = jw.evolve(system, state, duration=0.8, steps=4, throw=False, gradient=gradient)
        leaves = [jnp.abs(leaf).ravel() ** 2 for leaf in jax.tree.leaves(run.state)]
        return sum(jnp.arange(leaf.size) @ leaf for leaf in leaves)

    kinds = ("reversible", "checkpointed")
    one, two = (jax.jit(jax.grad(functools.partial(value, gradient=kind)))(0.3) for kind in kinds)
    assert float(one) == pytest.approx(float(two), rel=1e-10) and abs(float(one)) > 1e-3


@pytest.mark.slow
def test_hartree_and_moyal_against_schrodinger():
    """Without interaction, and for a quadratic U, all three move one Gaussian."""
    moved = {}
    free = jw.Hartree(PHASE.position, jw.potentials.Gaussian(0.0, 1.0), 0.5, external=anharmonic)
    for name, system in {"H": free, "S": jw.Schrodinger(PHASE.position, anharmonic, 0.5)}.items():
        moved[name] = jw.evolve(system, WAVE, duration=1.5, steps=20, throw=False)
    np.testing.assert_allclose(moved["H"].state, moved["S"].state, atol=1e-13)
    W = jw.wigner(WAVE, PHASE.position, PHASE, 0.5)
    run = jw.evolve(jw.Moyal(PHASE, well, 0.5), W, duration=1.5, steps=20, throw=False)
    plain = jw.Schrodinger(PHASE.position, well, 0.5)
    wave = jw.evolve(plain, WAVE, duration=1.5, steps=20, throw=False)
    expected = jw.wigner(wave.state, PHASE.position, PHASE, 0.5)
    np.testing.assert_allclose(run.state, expected, atol=1e-7)
    work = float(wave.diagnostics.work[-1])
    assert float(run.diagnostics.work[-1]) == pytest.approx(work, abs=1e-8)


@pytest.mark.parametrize("start", ["a", 1j, float("nan"), [1.0, 2.0]])
def test_a_start_that_is_no_time(start):
    with pytest.raises(ValueError, match="Argument `start_time` must "):
        jw.evolve(jw.Newton(well), small.CLOUD, duration=1.0, steps=2, start_time=start)


def test_what_has_no_clock_refuses_a_drive():
    system = jw.Newton(well)
    match = "Argument `potential` must be static here"
    with pytest.raises(ValueError, match=match):
        system.kick(small.CLOUD, 0.1)
    with pytest.raises(ValueError, match=match):
        jw.evolve_adaptively(system, small.CLOUD, duration=1.0)
    with pytest.raises(ValueError, match="Argument `pair` must be static"):
        jw.Hartree(small.GRID, lambda x, t: x**2 * jnp.cos(t), 0.5)


PUBLIC = [
    small.call(
        jw.evolve,
        {"state": "thing"},
        system=jw.Newton(well),
        state=small.CLOUD,
        duration=0.1,
        steps=2,
    )
]
