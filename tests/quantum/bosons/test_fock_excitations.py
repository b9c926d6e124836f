"""Excitations out of a co-moving condensate: the full grid, Bogoliubov's limit, quadratic pairs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from bosons import PAIR, TIME, quick, run, scaled
from cases import one_body_moments

import jaxwigner as jw
from jaxwigner.quantum.bosons.bogoliubov import runge_kutta
from jaxwigner.quantum.bosons.comoving import polynomial_orbitals
from jaxwigner.quantum.bosons.generator import Bodies, apply_generator
from jaxwigner.quantum.bosons.interaction import pair_matrix

# N‖R¹_N − |φ⟩⟨φ|‖₁ for ħ = 1, φ coherent at rest, T = 2 (measured by an independent program)
TARGETS = {2: 0.42181, 10: 0.46552, 100: 0.47779, 1000: 0.47907, 10000: 0.47919}


@pytest.fixture(scope="module")
def batch():
    """All N and ħ = 1, 0.3 in one program."""
    numbers = jnp.array([*TARGETS, jnp.inf], float)

    def one(hbar, number):
        bosons, phi = scaled(hbar, number)
        done = bosons.evolve(phi, duration=TIME, steps=50, throw=False)
        return done, done.density_matrix

    every = jax.vmap(jax.vmap(one, (None, 0)), (0, None))
    return jax.tree.map(np.asarray, quick(every)(jnp.array([1.0, 0.3]), numbers))


@pytest.mark.slow
def test_known_distances(batch):
    batch, _ = batch
    np.testing.assert_allclose(batch.distance[0, :-1], list(TARGETS.values()), rtol=1e-3)
    assert np.max(batch.norm_error) < 1e-8
    assert np.max(batch.energy_error) < 1e-3
    batch.check(3e-3)


@pytest.mark.parametrize("lane, hbar", [(0, 1.0), (1, 0.3)])
def test_infinitely_many_bodies_are_bogoliubov(batch, lane, hbar):
    """Between 16 modes and without Fock space: ⟨n⟩ and the whole trace norm, α included."""
    batch, _ = batch
    bosons, phi = scaled(hbar, jnp.inf)

    def numbers(phi):
        limit = bosons.bogoliubov(phi, duration=TIME, steps=50)
        return limit.distance, limit.excitations

    distance, excitations = quick(numbers)(phi)
    assert float(batch.distance[lane, -1]) == pytest.approx(float(distance), rel=1e-3)
    assert float(batch.excitations[lane, -1]) == pytest.approx(float(excitations), rel=1e-3)
    # N = 10⁴ lies on the way there, at a distance O(1/N).
    gaps = np.abs(batch.distance[lane] - batch.distance[lane, -1])[2:5]
    assert abs(np.polyfit(np.log([100, 1000, 10000]), np.log(gaps), 1)[0] + 1) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("number, points, hbar", [(2, 110, 0.3), (3, 64, 1.0)])
def test_full_grid(number, points, hbar):
    """Many modes and all N quanta: ⟨x²⟩ to 1e-5, R¹_N to 1e-3 in trace norm."""
    space = jw.FockSpace((1.0,) * 14, cutoff=0, degree=number)
    bosons, phi = scaled(hbar, number, points=points, space=space, candidates=24)
    many = jw.ManyBody(bosons.grid, PAIR, hbar, number)
    cell, square = bosons.grid.cell, jnp.asarray(bosons.grid.axes[0]) ** 2
    options = {"duration": TIME, "steps": 14, "method": "blanes-moan-6", "throw": False}
    norm = lambda matrix: jnp.sum(jnp.abs(jnp.linalg.eigvalsh(matrix * cell)))  # noqa: E731

    def both(phi):
        found = bosons.evolve(phi, duration=TIME, steps=40, throw=False)
        full = jw.evolve(many, jw.product_state(phi, number), **options)
        r, R = jw.reduced_state(full.state, bosons.grid, 1), found.density_matrix
        condensate = jnp.multiply.outer(found.orbitals[0], found.orbitals[0].conj())
        spreads = [jnp.sum(square * jnp.diag(m).real) * cell for m in (R, r)]
        energies = [found.energy, full.diagnostics.energy[-1] / number]
        return spreads, energies, norm(R - r), [found.distance, number * norm(r - condensate)]

    spreads, energies, gap, distances = quick(both)(phi)
    np.testing.assert_allclose(*spreads, rtol=1e-5)
    np.testing.assert_allclose(*energies, rtol=1e-5)
    assert float(gap) < 1e-3
    np.testing.assert_allclose(*distances, rtol=1e-4)


@pytest.mark.slow
def test_quadratic_pairs():
    """V = ½κx²: covariances of R¹_N, and N times their distance from the Hartree ones, at every N."""
    kappa, hbar, time = 0.8, 0.5, 1.2
    space = jw.FockSpace((0.6, 1.2, 2.4, 3.2, 4.0, 4.8), cutoff=8, degree=4)
    grid = jw.Grid(-7.0, 7.5, 80)
    phi = jw.squeezed_state(grid, 0.4, -0.3, hbar, 1.3)

    def one(number):
        V = jw.potentials.Harmonic(kappa)
        bosons = jw.FockExcitations(grid, V, hbar, number, space=space, candidates=10)
        done = bosons.evolve(phi, duration=time, steps=40, throw=False)
        x = jnp.asarray(grid.axes[0])
        moments = (done.orbitals.conj() * x[None] ** 2) @ done.orbitals.T * grid.cell
        change = jnp.sum(moments.T * done.deviation).real
        return done.density_matrix, change, jnp.vdot(done.orbitals[0], x * done.orbitals[0]).real

    numbers = [2.0, 10.0, 10_000.0, np.inf]
    matrices, changes, _ = quick(jax.vmap(one))(jnp.array(numbers))
    start = jw.Gaussian(np.array([0.4, -0.3]), 0.5 * hbar * np.diag([1.3, 1 / 1.3]))
    S = [jw.quadratic_marginal(start, kappa, N, time) for N in (1.0, *numbers)]
    for matrix, change, expected in zip(matrices, changes, S[1:]):
        mean, second = one_body_moments(matrix, grid, hbar)
        np.testing.assert_allclose(mean, expected.mean, atol=1e-4)
        np.testing.assert_allclose(second, expected.covariance, atol=1e-3)
        # tr(Δ x²) = N(⟨x²⟩_N − ⟨x²⟩_∞) is the same for all N.
        limit = float(S[0].covariance[0, 0] - S[-1].covariance[0, 0])
        assert float(change) == pytest.approx(limit, rel=1e-3)


@pytest.mark.slow
def test_order_in_time():
    space = jw.FockSpace((1.0, 1.8), cutoff=6, degree=3)
    bosons, phi = scaled(0.5, 7, points=64, space=space, candidates=8)
    # The same modes for every number of steps.
    field, modes = bosons.field, polynomial_orbitals(phi, bosons.grid, 3)
    bodies, start = Bodies(7), jnp.zeros(space.dimension, complex).at[0].set(1.0)
    rate = lambda M, c: -2j * apply_generator(space, bodies, M, c)  # noqa: E731
    blocks = lambda orbitals: pair_matrix(field, orbitals)  # noqa: E731

    def final(steps):
        return runge_kutta(field, modes, start, blocks, rate, TIME / steps, steps)[1]

    steps = np.array([20, 30, 45])
    *coarse, exact = quick(lambda: [final(int(s)) for s in (*steps, 300)])()
    errors = [float(jnp.max(jnp.abs(c - exact))) for c in coarse]
    assert abs(-np.polyfit(np.log(steps), np.log(errors), 1)[0] - 4) < 0.15


def test_invariants(batch):
    """Orthonormal orbitals, tr R¹ = 1, R¹ ≥ 0, conserved energy."""
    done = jax.tree.map(lambda leaf: leaf[0, 1], batch[0])
    cell = done.grid.cell
    np.testing.assert_allclose(done.orbitals.conj() @ done.orbitals.T * cell, np.eye(7), atol=1e-10)
    values = np.linalg.eigvalsh(done.one_body)
    assert np.sum(values) == pytest.approx(1.0, abs=1e-8)
    assert values[0] > -1e-12
    state = done.state
    mass = np.sum(state.weights[:, None] * np.abs(state.orbitals) ** 2) * cell
    assert mass == pytest.approx(1.0, abs=1e-8)
    # N = 10: kinetic energy 1/4 and 9/20 of the mean pair energy 1/√2 of two Gaussians of variance 1/2.
    assert float(done.energy) == pytest.approx(0.25 + 0.45 / np.sqrt(2), rel=1e-3)


def test_batches_are_their_lanes(batch):
    bosons, phi = scaled(0.3, 100)
    distance, matrix = quick(lambda u: _final(bosons, u))(phi)
    assert float(distance) == pytest.approx(float(batch[0].distance[1, 2]), rel=1e-9)
    np.testing.assert_allclose(batch[1][1, 2], matrix, atol=1e-9)


def _final(bosons, phi):
    done = bosons.evolve(phi, duration=TIME, steps=50, throw=False)
    return done.distance, done.density_matrix


@pytest.mark.slow
def test_gradients():
    """Strength of V, ħ, N and time, against central differences."""
    # All candidates and no order among them: the choice of modes, which gradients do not see, changes nothing.
    space = jw.FockSpace((1.0,) * 4, cutoff=4)
    grid = jw.Grid(-8.0, 8.0, 64)
    phi = jw.coherent_state(grid, 0.0, 0.0, 0.6)

    def excitations(theta):
        pair = jw.potentials.Gaussian(theta[0], 1.0)
        bosons = jw.FockExcitations(grid, pair, theta[1], theta[2], space=space, candidates=4)
        return bosons.evolve(phi, duration=theta[3], steps=12, throw=False).excitations

    theta = np.array([1.0, 0.6, 20.0, 1.0])
    both = quick(jax.value_and_grad(excitations))
    slopes = both(theta)[1]
    for i, size in enumerate((1e-4, 1e-4, 1e-2, 1e-4)):
        step = size * np.eye(4)[i]
        expected = (both(theta + step)[0] - both(theta - step)[0]) / (2 * size)
        assert float(slopes[i]) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.slow
def test_external_potentials_and_masses():
    """V = 0: the condensate is the one-body run, and nothing is excited."""
    grid = jw.Grid(-6.0, 6.5, 72)
    U = jw.potentials.Gaussian(-1.0, 1.5)
    space = jw.FockSpace((1.0, 2.0), cutoff=2)
    zero = 0.0 * jw.potentials.Gaussian(1.0, 1.0)
    bosons = jw.FockExcitations(grid, zero, 0.5, 50, U, mass=1.4, space=space, candidates=4)
    phi = jw.coherent_state(grid, 0.6, -0.3, 0.5)
    done = run(bosons, phi, 1.0, 20)
    alone = jw.evolve(jw.Schrodinger(grid, U, 0.5, 1.4), phi, duration=1.0, steps=40)
    np.testing.assert_allclose(done.orbitals[0], alone.state, atol=1e-9)
    assert float(done.distance) < 1e-12
    assert float(done.energy) == pytest.approx(float(alone.diagnostics.energy[-1]), abs=1e-9)


@pytest.mark.slow
def test_bosons_on_a_ring():
    """A periodic V and a condensate that is nowhere zero, against the full grid."""
    ring, V = jw.Grid(0.0, 2 * np.pi, 32), jw.potentials.Cosine(0.8)
    x = jnp.asarray(ring.axes[0])
    phi = jnp.exp(0.5 * jnp.cos(x) + 1j * x)
    phi = phi / jnp.sqrt(jnp.sum(jnp.abs(phi) ** 2) * ring.cell)
    space = jw.FockSpace((1.0,) * 12, cutoff=0)
    done = run(jw.FockExcitations(ring, V, 0.5, 2, space=space, candidates=12), phi, 1.0, 30)
    many = jw.ManyBody(ring, V, 0.5, 2)
    full = quick(lambda u: jw.evolve(many, u, duration=1.0, steps=30, throw=False).state)
    r = jw.reduced_state(full(jw.product_state(phi, 2)), ring, 1)
    np.testing.assert_allclose(done.density_matrix, r, atol=5e-6)
    assert float(done.edge_mass) == 0.0 and float(done.distance) > 0.05


@pytest.mark.slow
def test_two_dimensions():
    """V a sum over axes, φ a product: the deviation's trace of each axis is that of d = 1 (quadratic V)."""
    hbar, kappa, time = 0.6, 0.7, 0.8
    grid = jw.Grid((-5.0, -5.5), (5.5, 5.0), (32, 30))
    space = jw.FockSpace((1.0,) * 5, cutoff=4, degree=2)
    bosons = jw.FockExcitations(
        grid, jw.potentials.Harmonic(kappa), hbar, 8, space=space, candidates=9
    )
    phi = jw.coherent_state(grid, (0.2, 0.0), (0.0, 0.1), hbar)
    done = run(bosons, phi, time, 16)
    rho = jnp.diag(done.density_matrix.reshape(960, 960)).real.reshape(grid.shape)
    start = jw.Gaussian(np.zeros(2), 0.5 * hbar * np.eye(2))
    expected = float(jw.quadratic_marginal(start, kappa, 8, time).covariance[0, 0])
    x, y = grid.mesh
    for spread in (jnp.sum((x - 0.2) ** 2 * rho), jnp.sum((y - 0.08) ** 2 * rho)):
        assert float(spread * grid.cell) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"number": 2.5}, "Argument `number` must be an integer of at least 1, or inf, but is 2.5"),
        ({"number": 0}, "Argument `number` must be an integer of at least 1, or inf, but is 0"),
        (
            {"number": -np.inf},
            "Argument `number` must be an integer of at least 1, or inf, but is -inf",
        ),
        ({"number": "three"}, "Argument `number` must be real, but is 'three'"),
        ({"number": [2, 3]}, "Argument `number` must be a single number"),
        ({"hbar": 0.0}, "Argument `hbar` must be positive, but is 0.0"),
        ({"pair": lambda x: x}, "Argument `pair` must be even"),
        ({"space": 3}, "Argument `space` must be a FockSpace, but is 3"),
        ({"candidates": 2}, "Argument `candidates` must be an integer of at least 6, but is 2"),
        ({"candidates": 64}, "Argument `candidates` must be below the points \\(40\\), but is 64"),
    ],
)
def test_bad_input(change, message):
    arguments = {"grid": jw.Grid(-5.0, 5.0, 40), "pair": PAIR, "hbar": 0.5, "number": 3} | change
    with pytest.raises(ValueError, match=message):
        jw.FockExcitations(**arguments)


def test_bad_condensates():
    bosons, phi = scaled(0.5, 3, points=40)
    for wrong, message in (
        (2 * phi, "Argument `phi` must have norm 1, but is 'of norm² 4'"),
        (phi[:30], "Argument `phi` must have shape \\(40\\)"),
        (phi * np.nan, "Argument `phi` must be finite"),
    ):
        with pytest.raises(ValueError, match=message):
            bosons.evolve(wrong, duration=1.0, steps=10)
    with pytest.raises(ValueError, match="Argument `steps` must be an integer of at least 1"):
        bosons.evolve(phi, duration=1.0, steps=0)


PUBLIC = [
    small.call(
        jw.FockExcitations,
        {"number": "positive"},
        **small.PAIRED,
        number=5.0,
        candidates=8,
    )
]
