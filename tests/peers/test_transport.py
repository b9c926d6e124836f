"""POT and OTT on the same clouds: plans, potentials and entropic costs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def cloud(count, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(count)), rng.normal(size=(count, 3)) + shift


def half_squares(x, y):
    return 0.5 * ((x[:, None] - y[None]) ** 2).sum(-1)


@pytest.mark.parametrize("sizes", [(1, 4), (12, 9), (40, 55)])
def test_pot(sizes):
    ot = pytest.importorskip("ot", reason="POT is of the extras `bench` and `test`")
    (a, x), (b, y) = cloud(sizes[0], 1), cloud(sizes[1], 2, 0.4)
    plan, log = ot.emd(a, b, half_squares(x, y), log=True)
    ours = jw.monge_kantorovich((a, x), (b, y), method="exact", plan=True)
    assert float(ours.cost.centre) == pytest.approx(log["cost"], rel=1e-12)
    np.testing.assert_allclose(ours.plan, plan, atol=1e-12)
    # Potentials are unique up to what is moved from one to the other.
    ends = [np.asarray(u) @ m for u, m in zip(ours.potentials, (a, b))]
    assert sum(ends) == pytest.approx(log["cost"], rel=1e-10)


def test_pot_on_a_line_and_of_gaussians():
    ot = pytest.importorskip("ot", reason="POT is of the extras `bench` and `test`")
    (a, x), (b, y) = cloud(20, 3), cloud(15, 4)
    line = ot.emd2_1d(x[:, 0], y[:, 0], a, b, metric="sqeuclidean")
    assert float(jw.line_distance(x[:, 0], a, y[:, 0], b)) == pytest.approx(line / 2, rel=1e-12)
    S, T = (np.cov(z.T)[:2, :2] for z in (x, y))
    ours = jw.monge_kantorovich(jw.Gaussian(x[0, :2], S), jw.Gaussian(y[0, :2], T))
    theirs = ot.gaussian.bures_wasserstein_distance(x[0, :2], y[0, :2], S, T)
    assert float(ours.centre) == pytest.approx(0.5 * float(theirs) ** 2, rel=1e-9)


def test_ott():
    """Sinkhorn's cost at a small temperature lies in the bracket, up to that temperature."""
    pytest.importorskip("ott", reason="OTT is of the extra `test`")
    from ott.geometry.pointcloud import PointCloud
    from ott.problems.linear.linear_problem import LinearProblem
    from ott.solvers.linear.sinkhorn import Sinkhorn

    (a, x), (b, y) = cloud(30, 5), cloud(25, 6, 0.5)
    temperature = 0.01
    with jax.numpy_rank_promotion("allow"):
        clouds = PointCloud(jnp.asarray(x), jnp.asarray(y), epsilon=2 * temperature)
        problem = LinearProblem(clouds, jnp.asarray(a), jnp.asarray(b))
        found = Sinkhorn(max_iterations=20_000, threshold=1e-8)(problem)
        cost, dual = 0.5 * float(found.primal_cost), 0.5 * float(found.dual_cost)
    ours = jw.monge_kantorovich((a, x), (b, y), method="sinkhorn")
    assert float(ours.lower) <= cost + 1e-9
    assert dual <= float(ours.upper) + 1e-9
    assert cost - float(ours.lower) < temperature * np.log(30 * 25)
