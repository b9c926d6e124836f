"""dist_MK,2² with the factor ½: brackets against linear programs, closed forms and refinement."""

import importlib

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw

compiled = eqx.filter_jit(jw.monge_kantorovich)


def cloud(count, rng, shift=0.0, dimension=1, empty=False):
    w = rng.dirichlet(np.ones(count))
    if empty:
        w[0] = 0.0
        w = w / w.sum()
    z = rng.normal(size=(2, count, dimension)) + shift
    return jw.Particles(w, z[0], z[1])


def linear_program(p, q):
    linprog = pytest.importorskip("scipy.optimize").linprog
    x, y = (np.concatenate([m.positions, m.momenta], 1) for m in (p, q))
    cost = 0.5 * ((x[:, None] - y[None]) ** 2).sum(2)
    K, L = cost.shape
    rows = np.kron(np.eye(K), np.ones((1, L)))
    columns = np.kron(np.ones((1, K)), np.eye(L))
    marginals = np.concatenate([p.weights, q.weights])
    found = linprog(cost.ravel(), A_eq=np.vstack([rows, columns])[:-1], b_eq=marginals[:-1])
    return found.fun


def gaussian_cells(points, centre, half=5.0):
    grid = jw.PhaseGrid(jw.Grid(-half, half, points), jw.Grid(-half - 0.5, half, points + 4))
    (x,), (p,) = grid.mesh
    values = jnp.exp(-0.5 * ((x - centre) ** 2 + p**2))
    return jw.Density(values / (values.sum() * grid.cell), grid)


@pytest.mark.parametrize("sizes", [(5, 7), (30, 22)])
@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("method", ["exact", "sinkhorn"])
def test_the_linear_program_lies_in_the_bracket(sizes, dimension, method):
    if method == "exact":
        pytest.importorskip("ot")
    rng = np.random.default_rng(sizes[0])
    p = cloud(sizes[0], rng, 0.5, dimension, empty=True)
    q = cloud(sizes[1], rng, 0.0, dimension)
    expected = linear_program(p, q)
    bracket = compiled(p, q, method=method)
    assert float(bracket.lower) - 1e-9 <= expected <= float(bracket.upper) + 1e-9
    assert float(bracket.width) < (1e-9 if method == "exact" else 0.05) * expected
    assert bracket.rigorous


def test_repeated_points_and_equal_measures():
    p = jw.Particles([0.25, 0.25, 0.5], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0])
    q = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.0, 0.0])
    for method in ("auto", "sinkhorn"):
        bracket = compiled(p, q, method=method)
        assert float(bracket.lower) <= 1e-12 and float(bracket.upper) < 5e-3


@pytest.mark.nightly
def test_sinkhorn_of_ott_lies_above_the_lower_bound():
    pytest.importorskip("ott")
    from ott.geometry.pointcloud import PointCloud
    from ott.problems.linear.linear_problem import LinearProblem
    from ott.solvers.linear.sinkhorn import Sinkhorn

    rng = np.random.default_rng(4)
    p, q = cloud(40, rng), cloud(35, rng, 0.7)
    x, y = (jnp.concatenate([m.positions, m.momenta], 1) for m in (p, q))
    with jax.numpy_rank_promotion("allow"):
        problem = LinearProblem(PointCloud(x, y, epsilon=1e-3), p.weights, q.weights)
        found = Sinkhorn(max_iterations=20000, threshold=1e-6)(problem)
        cost = 0.5 * float(found.primal_cost)
    bracket = compiled(p, q, method="sinkhorn", tolerance=1e-4)
    assert float(bracket.lower) <= cost + 1e-4
    assert abs(float(bracket.centre) - cost) < 0.02 * cost


@pytest.mark.nightly
def test_densities_a_translation_apart():
    widths = []
    for points in (32, 64):
        p, q = gaussian_cells(points, -0.5), gaussian_cells(points, 0.5)
        bracket = compiled(p, q, method="sinkhorn")
        assert float(bracket.lower) <= 0.5 <= float(bracket.upper)
        widths.append(float(bracket.width))
    assert widths[1] < 0.025 and widths[1] < widths[0] / 2.5


def test_density_against_points_and_against_its_own_refinement():
    rng = np.random.default_rng(2)
    p, q = gaussian_cells(18, 0.0), cloud(12, rng)
    coarse = compiled(p, q)
    # The same measure on cells of half the size.
    grid = p.grid
    halves = [
        jw.Grid(g.lower[0] - g.spacing[0] / 4, g.upper[0] - g.spacing[0] / 4, 2 * g.points[0])
        for g in (grid.position, grid.momentum)
    ]
    values = jnp.repeat(jnp.repeat(p.values, 2, 0), 2, 1)
    fine = compiled(jw.Density(values, jw.PhaseGrid(*halves)), q)
    assert float(coarse.lower) <= float(fine.upper) and float(fine.lower) <= float(coarse.upper)
    assert float(fine.width) < float(coarse.width) / 2


@pytest.mark.slow
def test_different_cells_agree_with_the_same_measure():
    p, q = gaussian_cells(20, 0.0), gaussian_cells(26, 0.4)
    for method in ("auto", "sinkhorn"):
        bracket = compiled(p, q, method=method)
        assert float(bracket.lower) <= 0.08 + 0.02 and float(bracket.upper) >= 0.08 - 0.02


def test_gaussians():
    rng = np.random.default_rng(1)
    A, B = rng.normal(size=(2, 4, 4))
    p = jw.Gaussian(rng.normal(size=4), A @ A.T)
    q = jw.Gaussian(rng.normal(size=4), B @ B.T)
    sqrtm = pytest.importorskip("scipy.linalg").sqrtm
    root = np.real(sqrtm(A @ A.T))
    cross = np.trace(np.real(sqrtm(root @ B @ B.T @ root)))
    expected = (
        0.5 * (np.sum((p.mean - q.mean) ** 2) + np.trace(A @ A.T) + np.trace(B @ B.T)) - cross
    )
    assert abs(float(jw.monge_kantorovich(p, q).centre) - expected) < 1e-9
    same = jw.monge_kantorovich(p, p)
    assert abs(float(same.centre)) < 1e-9


def test_line():
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=9), rng.normal(size=6)
    a, b = rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(6))
    p, q = jw.Particles(a, x, 0 * x), jw.Particles(b, y, 0 * y)
    assert abs(float(jax.jit(jw.line_distance)(x, a, y, b)) - linear_program(p, q)) < 1e-10


def test_gradients():
    pytest.importorskip("ot")
    rng = np.random.default_rng(6)
    p, q = cloud(9, rng), cloud(7, rng, 0.4)
    weights, points = (rng.normal(size=9) for _ in range(2))
    weights = weights - weights.mean()

    def value(s, t, method="exact"):
        moved = jw.Particles(p.weights + s * weights, p.positions + t * points[:, None], p.momenta)
        return jw.monge_kantorovich(moved, q, method=method).centre

    slopes = jax.jit(jax.grad(value, argnums=(0, 1)))(0.0, 0.0)
    run, h = jax.jit(value), 1e-4
    expected = (
        (run(h, 0.0) - run(-h, 0.0)) / (2 * h),
        (run(0.0, h) - run(0.0, -h)) / (2 * h),
    )
    for slope, number in zip(slopes, expected):
        assert abs(float(slope - number)) < 1e-6 * max(1.0, abs(float(number)))
    # Sinkhorn's derivative is as accurate as its plan.
    entropic = jax.jit(jax.grad(lambda t: value(0.0, t, "sinkhorn")))(0.0)
    assert abs(float(entropic - slopes[1])) < 0.01


def test_gradient_of_gaussians():
    S = jnp.array([[0.7, 0.2], [0.2, 0.4]])
    q = jw.Gaussian(jnp.zeros(2), 0.5 * jnp.eye(2))

    def value(s):
        return jw.monge_kantorovich(jw.Gaussian(jnp.array([s, 0.3]), S * (1 + s)), q).centre

    run, h = jax.jit(value), 1e-5
    assert abs(jax.jit(jax.grad(value))(0.2) - (run(0.2 + h) - run(0.2 - h)) / (2 * h)) < 1e-8


@pytest.mark.parametrize(
    "p, q, options, message",
    [
        (1.0, None, {}, "Argument `p`"),
        (None, jw.Particles([1.0], [[0.0, 1.0]], [[0.0, 1.0]]), {}, "dimension"),
        (None, jw.Gaussian(np.zeros(2), np.eye(2)), {}, "Gaussian"),
        (None, None, {"method": "simplex"}, "method"),
        (None, None, {"method": "gaussian"}, "gaussian"),
        (None, None, {"tolerance": -1.0}, "tolerance"),
    ],
)
def test_bad_input(p, q, options, message):
    point = jw.Particles([1.0], [0.0], [0.0])
    with pytest.raises(ValueError, match=message):
        jw.monge_kantorovich(point if p is None else p, point if q is None else q, **options)


@pytest.mark.parametrize("change", [-1.0, np.nan, 3.0])
def test_bad_measures(change):
    grid = jw.PhaseGrid(jw.Grid(0.0, 1.0, 4), jw.Grid(0.0, 2.0, 5))
    values = np.full((4, 5), 0.5)
    jw.Density(values, grid)
    values[1, 1] = change
    with pytest.raises(ValueError, match="values"):
        jw.Density(values, grid)
    with pytest.raises(ValueError, match="covariance"):
        jw.Gaussian(np.zeros(2), [[1.0, change], [0.0, 1.0]])


PUBLIC = [small.call(jw.monge_kantorovich, p=small.CLOUD, q=small.CLOUD, method="auto")]


def gaussian_tail(count, rng, reach):
    z = reach * rng.normal(size=(count, 2))
    w = np.exp(-np.sum(z**2, axis=1) / 2)
    return w / w.sum(), z


@pytest.mark.parametrize("reach", [0.3, 3.0])
def test_without_pot_the_plan_is_a_linear_program(monkeypatch, reach):
    """Points with 1e-20 of the mass are points as the others: to the solver's own tolerance they would be nothing."""
    pytest.importorskip("ot")
    file = importlib.import_module("jaxwigner.transport.monge_kantorovich")
    rng = np.random.default_rng(5)
    sides = [gaussian_tail(count, rng, reach) for count in (40, 31)]
    with_pot = jw.monge_kantorovich(*sides, method="exact")
    monkeypatch.setattr(file, "_has_pot", lambda: False)
    found = jw.monge_kantorovich(*sides)
    assert abs(float(found.centre - with_pot.centre)) < 1e-12
    assert float(found.width) < 1e-12
    monkeypatch.setattr(file, "FEW_PAIRS", 1000)
    with pytest.raises(
        ValueError, match="must not be 'exact' for more than 1000 pairs without POT"
    ):
        jw.monge_kantorovich(*reversed(sides), method="exact")  # another program
