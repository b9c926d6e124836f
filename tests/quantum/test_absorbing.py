"""Absorbing ends: what they reflect and let through, their books, and who must not run with them."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner.quantum import absorbing

HBAR = 0.5
GRID = jw.Grid(-12.0, 12.0, 192)
BAND = (2.0, 6.0)


def flat(x):
    return 0.0 * x


def packet(p, grid=GRID, sd=1.2, q=0.0):
    x = grid.axes[0]
    psi = jnp.exp(-((x - q) ** 2) / (4 * sd**2) + 1j * p * (x - q) / HBAR)
    return psi / jnp.sqrt(jnp.sum(jnp.abs(psi) ** 2) * grid.cell)


def scattered(absorber, momenta, hbar=1.0, mass=1.0):
    """R and T of stationary waves through both ends: −(ħ²/2m)ψ″ − iWψ = Eψ, by Runge and Kutta from behind."""
    w = float(absorbing.width(absorber, hbar))
    n = 6000
    grid = jw.Grid(-1.5 * w, 1.5 * w, 6 * n)
    W = np.roll(np.asarray(absorbing.values(absorber, grid, hbar, mass)), 3 * n)[n : 5 * n + 1]
    k, h = np.asarray(momenta) / hbar, -2 * float(grid.spacing[0])
    bend = lambda i, psi: -(k**2 + 2j * mass * W[i] / hbar**2) * psi  # noqa: E731
    u, v = np.ones_like(k, complex), 1j * k
    for i in range(4 * n, 0, -2):
        a, b = v, bend(i, u)
        c, d = v + h / 2 * b, bend(i - 1, u + h / 2 * a)
        e, f = v + h / 2 * d, bend(i - 1, u + h / 2 * c)
        g, o = v + h * f, bend(i - 2, u + h * e)
        u, v = u + h / 6 * (a + 2 * c + 2 * e + g), v + h / 6 * (b + 2 * d + 2 * f + o)
    arrives, reflected = (u + v / (1j * k)) / 2, (u - v / (1j * k)) / 2
    return np.abs(reflected / arrives) ** 2, np.abs(1 / arrives) ** 2


def test_a_band_of_four_is_neither_reflected_nor_let_through():
    """1e-6 at three of the longest waves; ħ and the mass only set the scale."""
    absorber = jw.Absorber(0.7)
    assert absorber.widths == 3
    R, T = scattered(absorber, 0.7 * np.array([1, 1.1, 1.3, 1.7, 2.2, 3, 4]), 0.4, 1.7)
    assert np.max(R) < 1e-7 and np.max(T) < 2e-8
    # Halves and doubles of the band, with which no run is silent.
    R, T = scattered(absorber, 0.7 * np.array([0.5, 8.0]), 0.4, 1.7)
    assert R[0] == pytest.approx(7e-3, rel=0.1) and T[1] == pytest.approx(1e-4, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ratio", "bound"), [(1.0, 1e-7), (2.0, 1e-7), (7.0, 1e-6), (10.0, 1e-6), (20.0, 1e-6)]
)
def test_other_bands_get_the_width_that_they_need(ratio, bound):
    absorber = jw.Absorber(1.0, ratio)
    R, T = scattered(absorber, np.geomspace(1, ratio, 7))
    assert np.max(R + T) < bound


@functools.cache
def through(band=BAND, method="strang", steps=200, potential=flat):
    system = jw.Schrodinger(GRID, potential, HBAR, absorb=band)
    options = {"method": method, "throw": False, "gradient": "forward"}
    return jax.jit(lambda u, time: jw.evolve(system, u, duration=time, steps=steps, **options))


def test_what_was_absorbed_stands_in_the_books():
    run = through()(packet(3.5), 14.0)
    books = run.diagnostics
    assert float(books.norm[-1]) < 1e-6 and float(books.absorbed[-1]) > 1 - 1e-6
    assert float(books.norm_error) < 1e-12 and int(books.status) == 0
    assert float(books.energy_error) < 1e-3


@pytest.mark.parametrize(("p", "time"), [(1.0, 16.0), (9.0, 3.5)], ids=["slow", "fast"])
def test_what_is_not_of_the_band_is_told(p, time):
    """At half of the slowest momentum, and at one and a half of the fastest."""
    run = through()(packet(p), time)
    left, told = float(run.diagnostics.norm[-1]), float(run.diagnostics.edge_mass[-1])
    assert left > 1e-6 and int(run.diagnostics.status) & 2
    assert told == pytest.approx(left, rel=0.8)
    with pytest.raises(ValueError, match="`absorb` a wider band"):
        run.check()


def test_absorbers_along_one_axis_of_two():
    """A product of a packet that leaves and a packet that stays is the product of two runs."""
    other = jw.Grid(-5.0, 5.0, 24)
    plane = jw.Grid((-12.0, -5.0), (12.0, 5.0), (96, 24))
    line = jw.Grid(-12.0, 12.0, 96)
    absorb = jw.Absorber(*BAND, axes=0)
    options = {"duration": 5.0, "steps": 30, "method": "strang", "throw": False}
    mass = (1.0, 1.3)
    system = jw.Schrodinger(plane, lambda x, y: 0.5 * y**2 + 0 * x, HBAR, mass, absorb=absorb)
    stays = jw.coherent_state(other, 0.5, 0.0, HBAR)
    both = packet(4.0, line)[:, None] * stays[None]
    run = jw.evolve(system, jw.MixedState([1.0], both[None]), **options)
    one = jw.Schrodinger(line, flat, HBAR, absorb=BAND)
    one = jw.evolve(one, packet(4.0, line), **options)
    two = jw.Schrodinger(other, lambda y: 0.5 * y**2, HBAR, 1.3)
    two = jw.evolve(two, stays, **options)
    np.testing.assert_allclose(
        run.state.orbitals[0], one.state[:, None] * two.state[None], atol=1e-12
    )
    assert float(one.diagnostics.absorbed[-1]) > 0.1
    np.testing.assert_allclose(run.diagnostics.absorbed, one.diagnostics.absorbed, atol=1e-12)


def moved(gradient):
    def value(a):
        system = jw.Schrodinger(GRID, lambda x: a * jnp.exp(-(x**2)), HBAR, absorb=(a, 3 * a))
        options = {"duration": 4.0, "steps": 16, "method": "strang", "throw": False}
        run = jw.evolve(system, packet(4.0), gradient=gradient, **options)
        return jnp.sum(GRID.mesh[0] * jnp.abs(run.state) ** 2) * GRID.cell

    return value


def test_gradients_are_checkpointed_or_refused():
    one = float(jax.jit(jax.grad(moved("checkpointed")))(2.0))
    two = float(jax.jit(lambda a: jax.jvp(moved("forward"), (a,), (1.0,))[1])(2.0))
    value = jax.jit(moved("reversible"))
    near = [float(value(2.0 + s * 1e-3)) for s in (-2, -1, 1, 2)]
    near = (near[0] - 8 * near[1] + 8 * near[2] - near[3]) / 12e-3
    assert one == pytest.approx(two, rel=1e-10) and one == pytest.approx(near, rel=1e-7)
    for program in (jax.grad(moved("reversible")), jax.jit(jax.grad(moved("reversible")))):
        with pytest.raises(ValueError, match='`gradient` must be "checkpointed"'):
            program(2.0)


def test_hartree_without_interaction():
    system = jw.Hartree(GRID, jw.potentials.Gaussian(0.0, 1.0), HBAR, absorb=BAND)
    options = {"duration": 5.0, "steps": 200, "method": "strang", "throw": False}
    run = jw.evolve(system, packet(4.0), **options)
    alone = through()(packet(4.0), 5.0)
    np.testing.assert_allclose(run.state, alone.state, atol=1e-12)
    assert float(run.diagnostics.absorbed[-1]) > 0.1
    assert float(run.diagnostics.norm_error) < 1e-12


@pytest.mark.slow
def test_a_field_that_fades_during_a_kick():
    """Hartree's kick is exact with an absorber too: order 2 of Strang, and K(τ) = K(τ/2)²."""
    pair = jw.potentials.Gaussian(0.5, 1.0)
    system = jw.Hartree(GRID, pair, HBAR, absorb=(1.5, 6.0))
    psi = packet(3.0, q=8.0)
    np.testing.assert_allclose(
        system.kick(psi, 0.4), system.kick(system.kick(psi, 0.2), 0.2), atol=1e-13
    )
    assert np.max(np.abs(np.abs(system.kick(psi, 0.4)) - np.abs(psi))) > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("method", ["strang", "blanes-moan-4", "chin-4a"])
def test_orders_with_an_absorber_and_a_drive(method):
    def driven(x, t):
        return 0.5 * jnp.exp(-((x - 3) ** 2)) - 0.2 * x * jnp.sin(2 * t) * jnp.exp(-((t - 1) ** 2))

    steps = {"strang": (40, 80), "blanes-moan-4": (6, 9), "chin-4a": (14, 21)}[method]
    psi = jw.coherent_state(GRID, 0.0, 2.0, HBAR)
    finest = through(BAND, "blanes-moan-6", 150, driven)(psi, 5.0)
    assert (
        float(finest.diagnostics.absorbed[-1]) > 0.3
        and abs(float(finest.diagnostics.work[-1])) > 0.1
    )
    errors = []
    for n in steps:
        run = through(BAND, method, n, driven)(psi, 5.0)
        errors.append(float(jnp.linalg.norm(run.state - finest.state)))
        assert float(run.diagnostics.norm_error) < 1e-11
    slope = np.log(errors[0] / errors[1]) / np.log(steps[1] / steps[0])
    assert slope > (1.9 if method == "strang" else 3.4)


@pytest.mark.slow
def test_the_transmitted_share_behind_a_barrier_is_that_of_a_long_box():
    """Eckart's barrier of 0.425 eV, m = 1060, and a packet at 0.9 of its height: 0.40598 (references, by NumPy alone)."""
    height, mass, q = 0.425 / 27.211386, 1060.0, -8.0
    momentum = float(np.sqrt(1.8 * mass * height))

    def flow(grid, absorb):
        x = grid.axes[0]
        psi = jnp.exp(-((x - q) ** 2) + 1j * momentum * x)
        psi = psi / jnp.sqrt(jnp.sum(jnp.abs(psi) ** 2) * grid.cell)
        place = int(np.argmin(np.abs(x - 4.0)))
        current = lambda u: jw.observables.current(u, grid, 1.0, mass)[0][place]  # noqa: E731
        system = jw.Schrodinger(
            grid, lambda x: height / jnp.cosh(1.36 * x) ** 2, 1.0, mass, absorb=absorb
        )
        options = {"duration": 12000.0, "steps": 600, "saves": 300, "observe": current}
        run = jw.evolve(system, psi, gradient="forward", **options)
        return np.trapezoid(run.observed, run.times)

    short = flow(jw.Grid(-28.0, 24.0, 208), (1.5, 10.0))
    assert short == pytest.approx(flow(jw.Grid(-128.0, 132.0, 1040), None), abs=1e-6)
    assert short == pytest.approx(0.40598053, abs=1e-5)


def test_a_box_that_is_only_known_later():
    """Under `jit` an absorber without room gives no numbers, and says so."""
    run = jax.jit(
        lambda k: (
            jw.evolve(
                jw.Schrodinger(GRID, flat, HBAR, absorb=k),
                packet(4.0),
                duration=1.0,
                steps=2,
                method="strang",
                throw=False,
            ).diagnostics
        )
    )
    assert int(run(2.0).status) == 0 and int(run(0.5).status) & 8


@pytest.mark.parametrize(
    ("absorb", "text"),
    [
        (0.5, "Argument `absorb` must leave room in a box of length 24"),
        ("a", "Argument `absorb` must be an Absorber, the slowest momentum"),
        ([], "Argument `absorb` must be an Absorber, the slowest momentum"),
        ((1.0, 2.0, 3.0), "Argument `absorb` must be an Absorber, the slowest momentum"),
        (-2.0, "Argument `slowest` must be positive"),
        ((6.0, 2.0), "Argument `fastest` must not be smaller than `slowest`"),
        (jw.Absorber(4.0, axes=1), "must have `axes` of the grid"),
    ],
)
def test_absorbers_that_cannot_be(absorb, text):
    for make in (
        lambda: jw.Schrodinger(GRID, flat, HBAR, absorb=absorb),
        lambda: jw.Hartree(GRID, small.BUMP, HBAR, absorb=absorb),
    ):
        with pytest.raises(ValueError, match=text):
            make()


def test_who_takes_no_absorber():
    ring = jw.Grid(-12.0, 12.0, 192, periodic=True)
    with pytest.raises(ValueError, match="`absorb` must leave out the axes of a ring"):
        jw.Schrodinger(ring, flat, HBAR, absorb=4.0)
    with pytest.raises(ValueError, match="`kinetic` must be left out"):
        jw.Schrodinger(GRID, flat, HBAR, kinetic=lambda p: p**2, absorb=4.0)
    system = jw.Schrodinger(GRID, flat, HBAR, absorb=4.0)
    with pytest.raises(ValueError, match="`duration` must not be negative"):
        jw.evolve(system, packet(4.0), duration=-1.0, steps=2)
    with pytest.raises(
        ValueError, match="`system` must be a Schrodinger system, static and without"
    ):
        jw.levels(system, 1)


PUBLIC = [small.call(jw.Absorber, slowest=2.0, tolerance=1e-6)]
