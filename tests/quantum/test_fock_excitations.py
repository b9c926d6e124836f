"""Excitations out of a co-moving condensate: the exact generator, the full grid, Bogoliubov's limit, quadratic pairs."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import one_body_moments

import jaxwigner as jw
from jaxwigner.quantum.excitation_generator import Bodies, apply_generator
from jaxwigner.quantum.fock_space import tables
from jaxwigner.quantum.interaction import pair_matrix

PAIR = jw.potentials.Gaussian(1.0, 1.0)
TIME = 2.0
# N‖R¹_N − |φ⟩⟨φ|‖₁ for ħ = 1, φ coherent at rest, T = 2 (measured by an independent program)
TARGETS = {2: 0.42181, 10: 0.46552, 100: 0.47779, 1000: 0.47907, 10000: 0.47919}


def scaled(hbar, number, *, points=96, reach=13.0, pair=PAIR, **options):
    """Bosons and a coherent state at rest on a grid that scales with √ħ."""
    side = reach * jnp.sqrt(hbar) if isinstance(hbar, jax.Array) else reach * float(hbar) ** 0.5
    grid = jw.Grid(-side, side, points)
    bosons = jw.FockExcitations(grid, pair, hbar, number, **options)
    return bosons, jw.coherent_state(grid, 0.0, 0.0, hbar)


def run(bosons, phi, duration=TIME, steps=50):
    done = jax.jit(lambda u: bosons.evolve(u, duration=duration, steps=steps, throw=False))(phi)
    return done.check(3e-3)


@pytest.fixture(scope="module")
def batch():
    """All N and ħ = 1, 0.3 in one program."""
    numbers = jnp.array([*TARGETS, jnp.inf], float)

    def one(hbar, number):
        bosons, phi = scaled(hbar, number)
        return bosons.evolve(phi, duration=TIME, steps=50, throw=False)

    every = jax.vmap(jax.vmap(one, (None, 0)), (0, None))
    return jax.jit(every)(jnp.array([1.0, 0.3]), numbers)


def test_known_distances(batch):
    np.testing.assert_allclose(batch.distance[0, :-1], list(TARGETS.values()), rtol=1e-3)
    assert float(jnp.max(batch.norm_error)) < 1e-8
    assert float(jnp.max(batch.energy_error)) < 2e-3
    batch.check(3e-3)


@pytest.mark.parametrize("lane, hbar", [(0, 1.0), (1, 0.3)])
def test_infinitely_many_bodies_are_bogoliubov(batch, lane, hbar):
    """Between 16 modes and without Fock space: ⟨n⟩ and the whole trace norm, α included."""
    bosons, phi = scaled(hbar, jnp.inf)
    limit = jax.jit(lambda u: bosons.bogoliubov(u, duration=TIME, steps=50))(phi)
    assert float(batch.distance[lane, -1]) == pytest.approx(float(limit.distance), rel=1e-3)
    assert float(batch.excitations[lane, -1]) == pytest.approx(float(limit.excitations), rel=1e-3)
    # N = 10⁴ lies on the way there, at a distance O(1/N).
    gaps = np.abs(np.asarray(batch.distance[lane]) - float(batch.distance[lane, -1]))[2:5]
    assert abs(np.polyfit(np.log([100, 1000, 10000]), np.log(gaps), 1)[0] + 1) < 0.05


@pytest.mark.parametrize("number, points, hbar", [(2, 96, 1.0), (2, 110, 0.3), (3, 64, 1.0)])
def test_full_grid(number, points, hbar):
    """Many modes and all N quanta: ⟨x²⟩ to 1e-5, R¹_N to 1e-3 in trace norm."""
    space = jw.FockSpace((1.0,) * 14, cutoff=0, degree=number)
    bosons, phi = scaled(hbar, number, points=points, space=space, candidates=20)
    found = jax.jit(lambda u: bosons.evolve(u, duration=TIME, steps=40, throw=False))(phi)
    many = jw.ManyBody(bosons.grid, PAIR, hbar, number)
    options = {"duration": TIME, "steps": 25, "method": "blanes-moan-6", "throw": False}
    full = jax.jit(lambda u: jw.evolve(many, jw.product_state(u, number), **options))(phi)
    r, cell = jw.marginal(full.state, bosons.grid, 1), bosons.grid.cell
    square = jnp.asarray(bosons.grid.axes[0]) ** 2
    spreads = [float(jnp.sum(square * jnp.diag(m).real) * cell) for m in (found.density_matrix, r)]
    assert spreads[0] == pytest.approx(spreads[1], rel=1e-5)
    gap = jnp.sum(jnp.abs(jnp.linalg.eigvalsh((found.density_matrix - r) * cell)))
    assert float(gap) < 1e-3
    assert float(found.energy) == pytest.approx(
        float(full.diagnostics.energy[-1]) / number, rel=1e-5
    )
    p = jnp.multiply.outer(found.orbitals[0], found.orbitals[0].conj())
    direct = number * jnp.sum(jnp.abs(jnp.linalg.eigvalsh((r - p) * cell)))
    assert float(found.distance) == pytest.approx(float(direct), rel=1e-4)


@pytest.mark.parametrize("number", [2, 10, 10_000, np.inf])
def test_quadratic_pairs(number):
    """V = ½κx²: covariances of R¹_N, and N times their distance from the Hartree ones, at every N."""
    kappa, hbar, time = 0.8, 0.5, 1.2
    space = jw.FockSpace((1.0, 1.6, 2.4, 3.2), cutoff=9, degree=4)
    grid = jw.Grid(-7.0, 7.5, 80)
    bosons = jw.FockExcitations(grid, jw.potentials.Harmonic(kappa), hbar, number, space=space)
    phi = jw.squeezed_state(grid, 0.4, -0.3, hbar, 1.3)
    found = run(bosons, phi, time, 40)
    start = jw.Gaussian(np.array([0.4, -0.3]), 0.5 * hbar * np.diag([1.3, 1 / 1.3]))
    expected = jw.quadratic_marginal(start, kappa, number, time)
    mean, second = one_body_moments(found.density_matrix, grid, hbar)
    np.testing.assert_allclose(mean, expected.mean, atol=1e-6)
    np.testing.assert_allclose(second, expected.covariance, atol=1e-3)
    # tr(Δ x²) = N(⟨x²⟩_N − ⟨x²⟩_∞), which is the same for all N.
    rows = found.orbitals
    x = jnp.asarray(grid.axes[0]) - expected.mean[0]
    moments = (rows.conj() * x[None] ** 2) @ rows.T * grid.cell
    change = float(jnp.sum(moments.T * found.deviation).real)
    one, limit = (jw.quadratic_marginal(start, kappa, N, time).covariance for N in (1, np.inf))
    assert change == pytest.approx(float(one[0, 0] - limit[0, 0]), rel=1e-3)


def dense(space, bodies, M):
    """G̃ as a matrix, and the factors √(1/N) of odd occupations."""
    identity = jnp.eye(space.dimension, dtype=complex)
    columns = jax.vmap(lambda c: apply_generator(space, bodies, M, c))(identity)
    odd = np.array(tables(space).degree) % 2
    scale = np.where(odd == 1, np.sqrt(np.asarray(bodies.inverse)), 1.0)
    return np.asarray(columns).T * scale[:, None] / scale[None], scale


def second_quantised(V, number):
    """(1/2N)ΣV a†a†aa − Σ W a†a between all occupations of number bodies, from single ladder operators."""
    p = V.shape[0]
    states = [nu for nu in itertools.product(range(number + 1), repeat=p) if sum(nu) == number]
    place = {nu: k for k, nu in enumerate(states)}

    def lowered(nu, word):
        factor = 1.0
        for i in word:
            factor *= np.sqrt(nu[i])
            nu = tuple(n - (j == i) for j, n in enumerate(nu))
        return nu, factor

    H = np.zeros((len(states),) * 2, complex)
    for nu in states:
        for words in itertools.product(range(p), repeat=4):
            i, j, k, l = words  # a_i† a_j† a_l a_k V_{ik,jl}
            for mu in states:
                (low, a), (high, b) = lowered(nu, (k, l)), lowered(mu, (i, j))
                if low == high and a * b:
                    H[place[mu], place[nu]] += V[i, k, j, l] * a * b / (2 * number)
        for i, k in itertools.product(range(p), repeat=2):
            for mu in states:
                (low, a), (high, b) = lowered(nu, (k,)), lowered(mu, (i,))
                if low == high and a * b:
                    H[place[mu], place[nu]] -= V[i, k, 0, 0] * a * b
    return H, [nu[1:] for nu in states]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_generator_is_the_hamiltonian(number):
    """All occupations of two excited modes: the N-body Hamiltonian less dΓ(V⋆|φ|²), up to a constant."""
    from jaxwigner.quantum.interaction import _integrals

    rng = np.random.default_rng(4)
    bosons, _ = scaled(0.6, 1, points=40)
    raw = rng.normal(size=(40, 3)) + 1j * rng.normal(size=(40, 3))
    orbitals = jnp.linalg.qr(raw)[0].T / jnp.sqrt(bosons.grid.cell)
    V = np.asarray(_integrals(bosons.field, orbitals))
    np.testing.assert_allclose(V, V.transpose(2, 3, 0, 1), atol=1e-12)
    H, occupied = second_quantised(V, number)
    space = jw.FockSpace((1.0, 1.0), cutoff=4, degree=2)
    G, _ = dense(space, Bodies(number), pair_matrix(bosons.field, orbitals))
    kept = [space.occupations.index(nu) for nu in occupied]
    block = G[np.ix_(kept, kept)]
    shift = V[0, 0, 0, 0].real * (number + 1) / 2
    np.testing.assert_allclose(block - shift * np.eye(len(kept)), H, atol=1e-12)
    others = np.setdiff1d(np.arange(space.dimension), kept)
    assert np.max(np.abs(G[np.ix_(others, kept)]), initial=0.0) < 1e-12  # never more than N quanta


def test_generator_is_hermitian():
    rng = np.random.default_rng(7)
    bosons, _ = scaled(0.6, 30, points=40)
    raw = rng.normal(size=(40, 4)) + 1j * rng.normal(size=(40, 4))
    orbitals = jnp.linalg.qr(raw)[0].T / jnp.sqrt(bosons.grid.cell)
    space = jw.FockSpace((1.0, 1.7, 2.2), cutoff=6, degree=3)
    for number in (1, 5, 30):
        G, _ = dense(space, Bodies(number), pair_matrix(bosons.field, orbitals))
        np.testing.assert_allclose(G, G.conj().T, atol=1e-12)


def test_order_in_time():
    space = jw.FockSpace((1.0, 1.8, 2.6), cutoff=6, degree=3)
    bosons, phi = scaled(0.5, 7, points=64, space=space, candidates=8)
    # The same modes for every number of steps.
    field, modes = bosons.field, bosons._start(phi, TIME, 1)[:4]
    bodies, start = Bodies(7), jnp.zeros(space.dimension, complex).at[0].set(1.0)

    def final(steps):
        from jaxwigner.quantum.bogoliubov import runge_kutta

        rate = lambda M, c: -2j * apply_generator(space, bodies, M, c)  # noqa: E731
        blocks = lambda orbitals: pair_matrix(field, orbitals)  # noqa: E731
        return jax.jit(
            lambda: runge_kutta(field, modes, start, blocks, rate, TIME / steps, steps)[1]
        )()

    exact = final(400)
    steps = np.array([20, 28, 40, 56])
    errors = [float(jnp.max(jnp.abs(final(int(s)) - exact))) for s in steps]
    assert abs(-np.polyfit(np.log(steps), np.log(errors), 1)[0] - 4) < 0.15


def test_invariants(batch):
    """Orthonormal orbitals, tr R¹ = 1, positive R¹, conserved energy, and N = 1 is free."""
    rows = batch.orbitals[0, 1]
    finished = jax.tree.map(lambda leaf: leaf[0, 1], batch)
    gram = rows.conj() @ rows.T * finished.grid.cell
    np.testing.assert_allclose(gram, jnp.eye(7), atol=1e-10)
    values = jnp.linalg.eigvalsh(finished.one_body)
    assert float(jnp.sum(values)) == pytest.approx(1.0, abs=1e-8)
    assert float(values[0]) > -1e-12
    assert jw.observables.norm(finished.state, finished.grid) == pytest.approx(1.0, abs=1e-8)
    # Mean pair energy of two Gaussians of variance 1/2: 9/20 · 1/√2; kinetic energy 1/4.
    assert float(finished.energy) == pytest.approx(0.25 + 0.45 / np.sqrt(2), rel=1e-3)
    space = jw.FockSpace((1.0,) * 12, cutoff=0)
    bosons, phi = scaled(0.8, 1, space=space, candidates=18)
    one = jax.jit(lambda u: bosons.evolve(u, duration=1.0, steps=20, throw=False))(phi)
    free = jw.Schrodinger(bosons.grid, jw.potentials.Free(), 0.8).drift(phi, 1.0)
    overlap = jnp.vdot(free, one.density_matrix @ free).real * bosons.grid.cell**2
    assert float(overlap) == pytest.approx(1.0, abs=1e-6)


def test_batches_are_their_lanes(batch):
    bosons, phi = scaled(0.3, 100)
    alone = run(bosons, phi)
    lane = jax.tree.map(lambda leaf: leaf[1, 2], batch)
    assert float(lane.distance) == pytest.approx(float(alone.distance), rel=1e-9)
    np.testing.assert_allclose(lane.density_matrix, alone.density_matrix, atol=1e-9)


def test_gradients():
    """Strength of V, ħ, N and time, against central differences."""
    space = jw.FockSpace((1.0, 1.8, 2.6, 3.4), cutoff=8, degree=3)

    def distance(theta):
        height, hbar, number, time = theta
        pair = jw.potentials.Gaussian(height, 1.0)
        grid = jw.Grid(-8.0, 8.0, 64)
        bosons = jw.FockExcitations(grid, pair, hbar, number, space=space, candidates=8)
        phi = jw.coherent_state(grid, 0.0, 0.0, 0.6)
        return bosons.evolve(phi, duration=time, steps=16, throw=False).excitations

    theta = jnp.array([1.0, 0.6, 20.0, 1.0])
    slopes, value = jax.jit(jax.grad(distance))(theta), jax.jit(distance)
    for i, size in enumerate((1e-4, 1e-4, 1e-2, 1e-4)):
        step = jnp.zeros(4).at[i].set(size)
        expected = (value(theta + step) - value(theta - step)) / (2 * size)
        # The choice of modes moves with θ, and is seen by the difference only: a truncation error.
        assert float(slopes[i]) == pytest.approx(float(expected), rel=1e-3)


def test_external_potentials_and_masses():
    """V = 0: the condensate is the one-body run, and nothing is excited."""
    grid = jw.Grid(-6.0, 6.5, 72)
    U = jw.potentials.Gaussian(-1.0, 1.5)
    space = jw.FockSpace((1.0, 2.0), cutoff=2)
    zero = 0.0 * jw.potentials.Gaussian(1.0, 1.0)
    bosons = jw.FockExcitations(grid, zero, 0.5, 50, U, mass=1.4, space=space, candidates=4)
    phi = jw.coherent_state(grid, 0.6, -0.3, 0.5)
    done = jax.jit(lambda u: bosons.evolve(u, duration=1.0, steps=20, throw=False))(phi)
    alone = jw.evolve(jw.Schrodinger(grid, U, 0.5, 1.4), phi, duration=1.0, steps=40)
    np.testing.assert_allclose(done.orbitals[0], alone.state, atol=1e-9)
    assert float(done.distance) < 1e-12
    assert float(done.energy) == pytest.approx(float(alone.diagnostics.energy[-1]), abs=1e-9)


def test_certificates():
    """The bracket holds Bogoliubov's value; a space that is too small says what it needs."""
    bosons, phi = scaled(0.3, jnp.inf, points=80)
    known = jax.jit(lambda u: bosons.certify(u, duration=TIME, steps=40, throw=False))(phi)
    known.check(0.02)
    assert known.distance.contains(2.117119) and not known.distance.rigorous
    assert known.excitations.contains(0.812766)
    with pytest.raises(ValueError, match="known to .*, asked for 1.0e-06; the largest error"):
        known.check(1e-6)
    small, _ = scaled(0.3, jnp.inf, points=80, space=jw.FockSpace((0.5, 1.0, 2.0), cutoff=2))
    run = jax.jit(lambda u: small.evolve(u, duration=TIME, steps=40, throw=False))(phi)
    with pytest.raises(ValueError, match="raise its `cutoff` from 2 to about"):
        run.check()
    assert 5 < run.needed_cutoff(1e-3) < 20
    suited = jw.FockSpace.suited(run.occupations, 1e-3)
    assert suited.modes >= 4 and 50 < suited.dimension < 500


def test_too_many_excitations():
    bosons, phi = scaled(0.01, 10_000, points=128, space=jw.FockSpace((0.2, 0.6), 8.0))
    run = jax.jit(lambda u: bosons.evolve(u, duration=TIME, steps=400, throw=False))(phi)
    with pytest.raises(ValueError, match="too many excitations for this method"):
        run.check()


def test_two_dimensions():
    """V a sum over axes, φ a product: the deviation's trace of each axis is that of d = 1 (quadratic V)."""
    hbar, kappa, time = 0.6, 0.7, 0.8
    grid = jw.Grid((-5.0, -5.5), (5.5, 5.0), (32, 30))
    space = jw.FockSpace((1.0,) * 5, cutoff=4, degree=2)
    bosons = jw.FockExcitations(
        grid, jw.potentials.Harmonic(kappa), hbar, 8, space=space, candidates=9
    )
    phi = jw.coherent_state(grid, (0.2, 0.0), (0.0, 0.1), hbar)
    done = jax.jit(lambda u: bosons.evolve(u, duration=time, steps=16, throw=False))(phi)
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


@pytest.mark.parametrize(
    "arguments, message",
    [
        (((), 1.0), "Argument `weights` must be given for at least one mode"),
        (((1.0, -1.0), 1.0), "Argument `weights` must be positive"),
        (((1.0,), -1.0), "Argument `cutoff` must be at least 0"),
        (((1.0,), 2.0, 1), "Argument `degree` must be an integer of at least 2, but is 1"),
    ],
)
def test_bad_spaces(arguments, message):
    with pytest.raises(ValueError, match=message):
        jw.FockSpace(*arguments)


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
