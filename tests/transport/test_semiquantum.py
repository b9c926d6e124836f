"""E_ħ: certificates against closed forms, theorems, SDP solvers and finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from oracles import solved
from semiquantum_cases import cloud, random_state, solve

import jaxwigner as jw

RNG = np.random.default_rng(7)


def test_bounds_agree_with_an_independent_solver():
    cp = pytest.importorskip("cvxpy")
    rng = np.random.default_rng(5)
    p, R = cloud(7, 0.8, 0.3, rng.dirichlet(np.ones(7)), rng), random_state("wishart", 4, 0.5, rng)
    result = solve(p, R, tolerance=1e-8)
    rho, vectors = np.linalg.eigh(np.asarray(R.matrix))
    a = np.diag(np.sqrt(np.arange(1, 5)), 1)[:4, :4]
    X, P = np.sqrt(0.25) * (a + a.T), np.sqrt(0.25) * (a - a.T) / 1j
    N = 0.5 * np.diag(np.arange(4) + 0.5)
    Qs = [cp.Variable((4, 4), hermitian=True) for _ in range(7)]
    cost, constraints = 0, [sum(Qs) == np.asarray(R.matrix)]
    for Q, w, x, xi in zip(Qs, p.weights, p.positions[:, 0], p.momenta[:, 0]):
        C = 0.5 * float(x**2 + xi**2) * np.eye(4) - float(x) * X - float(xi) * P + N
        cost = cost + cp.real(cp.trace(C @ Q))
        constraints += [Q >> 0, cp.real(cp.trace(Q)) == float(w)]
    value, tolerance = solved(cp.Problem(cp.Minimize(cost), constraints))
    assert abs(value - float(result.discrete.centre)) < (2e-6 + tolerance) * value


@pytest.mark.parametrize("hbar", [0.5, 0.05])
def test_equality_of_theorem_2_4_for_a_toeplitz_state_of_p(hbar):
    p = cloud(9, 0.7)
    result = solve(p, jw.ToeplitzState(p, hbar))
    assert bool(result.cost.contains(0.5 * hbar))
    assert float(result.cost.width) < 1e-5 * hbar


@pytest.mark.slow
def test_closed_form_of_isotropic_gaussians_lies_in_the_bracket():
    hbar, levels, sigma = 0.4, 9, 0.5
    ratio = 0.1
    matrix = np.diag((1 - ratio) * ratio ** np.arange(levels))
    R = jw.FockState(matrix / matrix.trace(), hbar)
    s = hbar * (0.5 + ratio / (1 - ratio))
    widths = []
    for points in (9, 18):
        phase = jw.PhaseGrid(jw.Grid(-3.6, 3.6, points), jw.Grid(-3.6, 3.6, points + 2))
        q, k = (
            np.asarray(g.axes[0]) + 0.5 * g.spacing[0] for g in (phase.position, phase.momentum)
        )
        density = np.exp(-(q[:, None] ** 2 + k[None] ** 2) / (2 * sigma))
        # Shift the centre of symmetry of the box to the origin of R.
        shifted = jw.PhaseGrid(
            jw.Grid(*(e + 0.5 * phase.position.spacing[0] for e in (-3.6, 3.6)), points),
            jw.Grid(*(e + 0.5 * phase.momentum.spacing[0] for e in (-3.6, 3.6)), points + 2),
        )
        p = jw.Density(density / density.sum() / shifted.cell, shifted)
        # Constant on cells, p is not quite the Gaussian: its variances differ by up to h²/12 each.
        other = (7.2 / points) ** 2 / 12
        bracket = solve(p, R).cost
        expected = hbar / 2 + (np.sqrt(sigma) - np.sqrt(s - hbar / 2)) ** 2
        assert float(bracket.lower) - other < expected < float(bracket.upper) + other
        widths.append(float(bracket.width))
    assert widths[1] < widths[0] / 3  # second order in the spacing


@pytest.mark.slow
def test_gaussian_against_a_matrix_contains_the_closed_form():
    hbar, ratio = 0.3, 0.1
    matrix = np.diag((1 - ratio) * ratio ** np.arange(6))
    R = jw.FockState(matrix / matrix.trace(), hbar)
    p = jw.Gaussian([0.1, -0.2], [[0.3, 0.1], [0.1, 0.2]])
    S = hbar * (0.5 + ratio / (1 - ratio)) * np.eye(2)
    expected = float(solve(p, jw.Gaussian(np.zeros(2), S), hbar=hbar).cost.centre)
    bracket = solve(p, R, tolerance=1e-4).cost
    assert float(bracket.lower) <= expected <= float(bracket.upper)
    assert float(bracket.width) < 0.03 * expected


def test_grid_state_and_gridfree_state_agree():
    mu, hbar = cloud(5, 0.8), 0.3
    grid = jw.Grid(-7.0, 7.5, 96)
    p = cloud(30, 0.9)
    one = solve(p, jw.toeplitz_state(mu, grid, hbar), grid=grid, hbar=hbar)
    other = solve(p, jw.ToeplitzState(mu, hbar))
    assert abs(float(one.cost.centre - other.cost.centre)) < 1e-10


@pytest.mark.slow
def test_two_dimensions_add():
    rng = np.random.default_rng(2)
    hbar = 0.3
    weights = [rng.dirichlet(np.ones(3)) for _ in range(4)]
    z = rng.normal(size=(4, 2, 3))
    clouds = [jw.Particles(w, x[0], x[1]) for w, x in zip(weights, z)]

    def product(a, b):
        i, j = (m.ravel() for m in np.meshgrid(range(3), range(3), indexing="ij"))
        both = lambda u, v: np.stack([np.asarray(u)[i, 0], np.asarray(v)[j, 0]], 1)  # noqa: E731
        w = np.asarray(a.weights)[i] * np.asarray(b.weights)[j]
        return jw.Particles(w, both(a.positions, b.positions), both(a.momenta, b.momenta))

    parts = [solve(clouds[k], jw.ToeplitzState(clouds[k + 2], hbar)) for k in (0, 1)]
    joint = solve(
        product(*clouds[:2]), jw.ToeplitzState(product(*clouds[2:]), hbar), tolerance=1e-5
    )
    expected = sum(float(part.cost.centre) for part in parts)
    assert float(joint.cost.lower) - 1e-5 < expected < float(joint.cost.upper) + 1e-5


def test_pure_state_and_single_point_are_explicit():
    grid, hbar = jw.Grid(-7.0, 7.0, 96), 0.3
    psi = jw.squeezed_state(grid, 0.4, -0.2, hbar, 1.7)
    p = cloud(12, 0.8)
    pure = solve(p, psi, grid=grid, hbar=hbar)
    moments = jw.transport.moments(p), jw.transport.quantum_moments(psi, grid=grid, hbar=hbar)
    assert pure.method == "product" and float(pure.cost.width) < 1e-12
    assert abs(float(pure.cost.centre - jw.transport.product_cost(*moments))) < 1e-10
    point = jw.Particles([1.0], [0.3], [0.1])
    R = random_state("wishart", 4, hbar, RNG)
    single = solve(point, R)
    moments = jw.transport.moments(point), jw.transport.quantum_moments(R)
    assert abs(float(single.cost.centre - jw.transport.product_cost(*moments))) < 1e-9
    assert float(single.cost.width) < 1e-9


@pytest.mark.slow
def test_degenerate_instances():
    R = random_state("wishart", 3, 0.2, np.random.default_rng(1))
    # Repeated nodes and empty ones.
    p = jw.Particles([0.25, 0.25, 0.5, 0.0], [0.1, 0.1, 0.5, 9.0], [0.0, 0.0, 0.3, 9.0])
    merged = jw.Particles([0.5, 0.5], [0.1, 0.5], [0.0, 0.3])
    one, other = solve(p, R), solve(merged, R)
    assert bool(one.converged) and bool(other.converged)
    assert abs(float(one.cost.centre - other.cost.centre)) < 1e-6
    # A state stated with more orbitals than its rank.
    mu = jw.Particles([0.5, 0.25, 0.25], [0.0, 1.0, 1.0], [0.0, 0.5, 0.5])
    result = jw.semiquantum(p, jw.ToeplitzState(mu, 0.2))
    assert result.state.rank == 2 and bool(result.converged)


def test_iteration_limit_gives_an_honest_bracket():
    R, p = random_state("wishart", 5, 0.2, np.random.default_rng(1)), cloud(50, 0.7)
    full, cut = solve(p, R), solve(p, R, limit=3)
    assert not bool(cut.converged)
    assert float(cut.cost.lower) <= float(full.cost.lower) + 1e-12
    assert float(cut.cost.upper) >= float(full.cost.upper) - 1e-12
    assert "NOT converged" in str(cut)


def test_gradients_against_finite_differences():
    rng = np.random.default_rng(11)
    p, mu = cloud(8, 0.9, rng=rng), cloud(4, 0.8, rng=rng)
    arguments = (p.positions, p.momenta, p.weights, mu.weights, mu.positions)

    def cost(x, xi, w, v, y):
        R = jw.ToeplitzState(jw.Particles(v, y, mu.momenta), 0.3)
        return jw.semiquantum(jw.Particles(w, x, xi), R, tolerance=1e-10, rank=4).cost.centre

    value = jax.jit(cost)
    gradients = jax.jit(jax.grad(cost, argnums=tuple(range(5))))(*arguments)
    step = 1e-3
    for i, gradient in enumerate(gradients):
        direction = rng.normal(size=arguments[i].shape)
        if i in (2, 3):
            direction = direction - direction.mean()  # masses stay 1
        shifted = []
        for sign in (-2, -1, 1, 2):
            moved = list(arguments)
            moved[i] = arguments[i] + sign * step * direction
            shifted.append(float(value(*moved)))
        expected = (shifted[0] - 8 * shifted[1] + 8 * shifted[2] - shifted[3]) / (12 * step)
        assert abs(float(jnp.sum(gradient * direction)) - expected) < 1e-6 * max(1, abs(expected))


@pytest.mark.slow
def test_gradient_with_respect_to_orbitals_and_matrix():
    rng = np.random.default_rng(12)
    p, hbar, grid = cloud(7, 0.8, rng=rng), 0.4, jw.Grid(-6.5, 6.5, 48)
    base = jnp.stack([jw.coherent_state(grid, q, k, hbar) for q, k in ((0.0, 0.3), (1.0, -0.4))])
    change = jnp.stack([jw.coherent_state(grid, 0.5, 0.0, hbar), 1j * base[0]])

    def of_orbitals(s):
        R = jw.MixedState(jnp.array([0.6, 0.4]), base + s * change)
        norms = jnp.sum(abs(R.orbitals) ** 2, axis=1, keepdims=True) * grid.cell
        R = jw.MixedState(R.weights, R.orbitals / jnp.sqrt(norms))
        return jw.semiquantum(p, R, grid=grid, hbar=hbar, tolerance=1e-10, rank=2).cost.centre

    A = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    A = A @ A.conj().T / np.trace(A @ A.conj().T)
    D = rng.normal(size=(4, 4))
    D = D + D.T - np.eye(4) * np.trace(D) / 2

    def of_matrix(s):
        R = jw.FockState(jnp.asarray(A) + s * 0.1 * D, hbar)
        return jw.semiquantum(p, R, tolerance=1e-10, rank=4).cost.centre

    for function in (of_orbitals, of_matrix):
        value, h = jax.jit(function), 1e-3
        expected = (value(-2 * h) - 8 * value(-h) + 8 * value(h) - value(2 * h)) / (12 * h)
        assert abs(float(jax.jit(jax.grad(function))(0.0) - expected)) < 1e-6


@pytest.mark.slow
def test_vmap_over_hbar():
    p, mu = cloud(10, 0.8), cloud(3, 0.7)

    def cost(hbar):
        return jw.semiquantum(p, jw.ToeplitzState(mu, hbar), rank=3).cost.centre

    together = jax.jit(jax.vmap(cost))(jnp.array([0.5, 0.1]))
    alone = [float(cost(h)) for h in (0.5, 0.1)]
    assert np.allclose(together, alone, rtol=1e-6)


def test_pure_states_of_the_coupling():
    rng = np.random.default_rng(3)
    R = random_state("wishart", 3, 0.3, rng)
    result = solve(cloud(200, 0.6, rng=rng), R)
    purity, vectors = result.pure_states()
    assert float(jnp.median(purity)) > 0.999
    w = result.nodes.weights
    rebuilt = jnp.einsum("k,ki,kj->ij", w, vectors, vectors.conj())
    assert float(jnp.max(abs(rebuilt - jnp.diag(result.state.eigenvalues)))) < 0.02


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(method="simplex"), "method"),
        (dict(tolerance=0.0), "tolerance"),
        (dict(limit=0), "limit"),
        (dict(rank=0), "rank"),
        (dict(rank=99), "rank"),
        (dict(hbar=0.7), "hbar"),
        (dict(R=jnp.ones(8)), "grid"),
        (dict(R=jw.FockState(2 * np.eye(3), 0.1)), "trace 1"),
        (dict(R=jw.FockState(np.diag([1.2, -0.2]), 0.1)), "positive"),
        (dict(p=np.ones(3)), "Argument `p`"),
        (dict(p=jw.Particles([1.0], [[0.0, 0.0]], [[0.0, 0.0]])), "dimension"),
        (dict(R=jw.Gaussian(np.zeros(2), np.eye(2))), "Argument `R`"),
        (dict(method="gaussian"), "gaussian"),
        (dict(method="product"), "product"),
    ],
)
def test_bad_input(change, message):
    arguments = dict(p=cloud(3), R=random_state("wishart", 3, 0.2, np.random.default_rng(0)))
    arguments.update(change)
    with pytest.raises(ValueError, match=message):
        jw.semiquantum(arguments.pop("p"), arguments.pop("R"), **arguments)


def test_single_precision_is_refused():
    R = random_state("wishart", 3, 0.2, np.random.default_rng(0))
    p = cloud(3)
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(ValueError, match="float64"):
            jw.semiquantum(p, R)
        with pytest.raises(ValueError, match="float64"):
            jw.monge_kantorovich(p, p)
    finally:
        jax.config.update("jax_enable_x64", True)


PUBLIC = [
    small.call(
        jw.semiquantum,
        {"grid": "object"},
        p=small.CLOUD,
        R=small.MIXED,
        grid=small.GRID,
        hbar=0.5,
        method="auto",
        tolerance=1e-3,
    )
]
