"""Plans and potentials: exact marginals, admissible potentials, both on either side of the cost."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw

compiled = eqx.filter_jit(lambda p, q, method: jw.monge_kantorovich(p, q, method=method, plan=True))


def cloud(count, dimension, seed):
    rng = np.random.default_rng(seed)
    return jnp.asarray(rng.dirichlet(np.ones(count))), jnp.asarray(
        rng.normal(size=(count, dimension))
    )


def costs(result):
    x, y = (np.asarray(side.points) for side in result.nodes)
    return 0.5 * ((x[:, None] - y[None]) ** 2).sum(2)


def check(result, scale=1.0):
    """What plan and potentials promise, whatever method found them."""
    plan, (phi, psi), c = np.asarray(result.plan), result.potentials, costs(result)
    one, other = result.nodes
    assert plan.min() >= 0.0
    assert np.abs(plan.sum(1) - one.weights).max() < 1e-14
    assert np.abs(plan.sum(0) - other.weights).max() < 1e-14
    slack = 1e-13 * scale
    assert (c - np.add.outer(np.asarray(phi), np.asarray(psi))).min() >= -slack
    upper, lower = np.sum(plan * c), one.weights @ phi + other.weights @ psi
    assert abs(upper - result.discrete.upper) < 10 * slack
    assert abs(max(lower, 0.0) - result.discrete.lower) < slack
    assert result.cost.lower - slack <= result.discrete.upper


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("method", ["exact", "sinkhorn", "line"])
def test_clouds_of_any_dimension(method, dimension):
    if method == "exact":
        pytest.importorskip("ot")
    p, q = cloud(6, dimension, 1), cloud(4, dimension, 2)
    if method == "line" and dimension > 1:
        with pytest.raises(ValueError, match="line"):
            compiled(p, q, method)
        return
    result = compiled(p, q, method)
    check(result)
    assert np.allclose(result.nodes[0].points, p[1], atol=1e-14)
    assert result.distance.lower == jnp.sqrt(result.cost.lower)
    assert result.cost.width < (1e-2 if method == "sinkhorn" else 1e-12)


def test_a_line_agrees_with_the_simplex_and_with_quantiles():
    pytest.importorskip("ot")
    p, q = cloud(7, 1, 5), cloud(5, 1, 6)
    line, simplex = (compiled(p, q, method) for method in ("line", "exact"))
    assert abs(line.cost.centre - simplex.cost.centre) < 1e-13
    assert np.allclose(line.plan, simplex.plan, atol=1e-14)
    expected = jw.line_distance(p[1][:, 0], p[0], q[1][:, 0], q[0])
    assert line.cost.contains(expected)
    flat = jw.monge_kantorovich((p[0], p[1][:, 0]), q)  # (K,) will do, and "line" is chosen
    assert float(flat.centre) == pytest.approx(float(line.cost.centre), rel=1e-14)


def test_pairs_are_particles_where_these_exist():
    p, q = cloud(5, 4, 1), cloud(6, 4, 2)
    particles = [jw.Particles(w, z[:, :2], z[:, 2:]) for w, z in (p, q)]
    for method in ("exact", "sinkhorn"):
        one, other = compiled(p, q, method).cost, compiled(*particles, method).cost
        assert (one.lower, one.upper) == (other.lower, other.upper)


@pytest.mark.parametrize("method", ["exact", "sinkhorn"])
def test_densities(method):
    if method == "exact":
        pytest.importorskip("ot")
    phase = jw.PhaseGrid(jw.Grid(0.0, 3.0, 6), jw.Grid(-1.0, 1.0, 4))
    (x,), (p,) = phase.mesh
    values = [np.exp(-((x - s) ** 2) - p**2) for s in (1.0, 1.5)]
    p, q = (jw.Density(f / f.sum() / phase.cell, phase) for f in values)
    result = compiled(p, q, method)
    check(result)
    one, other = result.nodes
    phi, psi = result.potentials
    below = one.hat_weights @ phi + other.hat_weights @ psi + one.below + other.below
    assert abs(max(below, 0.0) - result.cost.lower) < 1e-12
    assert abs(result.discrete.upper - result.cost.upper) < 1e-12  # equal cells move rigidly


def test_gaussians():
    A, B = np.random.default_rng(1).normal(size=(2, 4, 4))
    p, q = jw.Gaussian(np.arange(4.0), A @ A.T), jw.Gaussian(np.ones(4), B @ B.T)
    result = jw.monge_kantorovich(p, q, plan=True)
    mean, covariance = result.plan.mean, result.plan.covariance
    assert np.array_equal(mean, np.concatenate([p.mean, q.mean]))
    assert np.array_equal(covariance[:4, :4], p.covariance)
    assert np.array_equal(covariance[4:, 4:], q.covariance)
    difference = np.hstack([np.eye(4), -np.eye(4)])
    cost = 0.5 * (
        np.trace(difference @ covariance @ difference.T) + np.sum((difference @ mean) ** 2)
    )
    assert abs(cost - result.cost.centre) < 1e-10
    point = jw.Gaussian(np.zeros(4), np.zeros((4, 4)))
    assert not jw.monge_kantorovich(point, q, plan=True).plan.covariance[:4].any()


@pytest.mark.parametrize("method", ["exact", "line"])
def test_derivatives_with_and_without_a_plan(method):
    """The bracket of a result has the derivative of the plain one, which is that of the cost; plans and potentials have none."""
    p, q = cloud(5, 1, 1), cloud(4, 1, 2)
    turn = jnp.array([0.1, -0.2, 0.05, 0.0, 0.05])

    def moved(s, plan):
        found = jw.monge_kantorovich((p[0] + s * turn, p[1] + s), q, method=method, plan=plan)
        return (found.cost if plan else found).centre

    slopes = [jax.grad(lambda s, plan=plan: moved(s, plan))(0.0) for plan in (True, False)]
    expected = (moved(1e-5, False) - moved(-1e-5, False)) / 2e-5
    assert slopes[0] == slopes[1] and abs(slopes[0] - expected) < 1e-8
    of_plan = jax.grad(lambda z: jw.monge_kantorovich((p[0], z), q, plan=True).plan.sum())
    assert not of_plan(p[1]).any()


def test_batches_of_plans():
    p, q = cloud(5, 2, 1), cloud(4, 2, 2)
    shifts = jnp.array([0.0, 0.5])
    solve = lambda s: jw.monge_kantorovich((p[0], p[1] + s), q, method="sinkhorn", plan=True)  # noqa: E731
    together = jax.jit(jax.vmap(lambda s: (solve(s).cost, solve(s).plan)))(shifts)
    alone = solve(0.5)
    assert np.allclose(together[1][1], alone.plan, atol=1e-12)
    assert np.allclose(together[0].upper[1], alone.cost.upper, rtol=1e-12)


POINT = (np.ones(1), np.zeros((1, 3)))


@pytest.mark.parametrize(
    "p, message",
    [
        ((np.ones(1), np.zeros((2, 3))), "shape"),
        ((np.ones(1), np.zeros((1, 0))), "coordinate"),
        ((np.ones(1), np.zeros((1, 1, 1))), "shape"),
        ((np.ones(1), [[np.nan, 0.0, 0.0]]), "finite"),
        (([0.5, 0.6], np.zeros((2, 3))), "sum to 1"),
        ((np.ones(1), np.zeros((1, 2))), "dimension"),
        ((np.ones(1),), "pair"),
        (small.CLOUD, "dimension"),
    ],
)
def test_bad_clouds(p, message):
    with pytest.raises(ValueError, match=f"Argument `[pq]` must .*{message}"):
        jw.monge_kantorovich(p, POINT)
    with pytest.raises(ValueError, match="Argument `plan` must be True or False, but is 1"):
        jw.monge_kantorovich(POINT, POINT, plan=1)


PUBLIC = [small.call(jw.monge_kantorovich, p=small.CLOUD, q=small.CLOUD, plan=True)]
