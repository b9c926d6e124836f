"""Numbers of `predict` are as many in every interval of time, and their means are those of what is drawn."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner.studies.compare.points import grouped
from jaxwigner.studies.compare.predict import normal, rim
from jaxwigner.studies.compare.states.state import SIGMAS


@pytest.mark.parametrize("d", [1, 2])
def test_groups_are_even(d):
    points = grouped(d, 64, 3, 0, 16)
    assert points.shape == (3, 16, 4, 3 * d + 3)
    # Four lanes share each interval, one in each quarter of it.
    quarters = np.sort(np.floor(4 * points[..., 0]), axis=2)
    assert np.all(quarters == np.arange(4)[None, None])
    assert not np.allclose(points[0], points[1])
    assert np.array_equal(points, grouped(d, 64, 3, 0, 16))
    assert not np.allclose(points, grouped(d, 64, 3, 1, 16))


def test_means_over_seeds_are_exact():
    """A lattice of 8 points is without bias: the mean of x² e^{y} over many shifts."""
    every = np.concatenate([grouped(1, 8, 64, seed, 4).reshape(-1, 6) for seed in range(32)])
    found = np.mean(every[:, 1] ** 2 * np.exp(every[:, 2]))
    assert abs(found - (np.e - 1) / 3) < 5e-3
    assert np.all(np.abs(every[:, 1:].mean(axis=0) - 0.5) < 5e-3)


def test_the_wider_law_is_the_normal_one():
    points, weights = normal(jnp.asarray(grouped(1, 2**12, 1, 0, 2).reshape(-1, 6)[:, 1:3]))
    moments = [
        jnp.mean(weights * f) for f in (1.0, points[:, 0] ** 2, points[:, 1] ** 4, points[:, 0])
    ]
    np.testing.assert_allclose(moments, [1, 1, 3, 0], atol=2e-3)
    radius = jnp.linalg.norm(normal(rim())[0], axis=1)
    np.testing.assert_allclose(radius, SIGMAS, rtol=1e-12)
    assert float(jnp.max(jnp.linalg.norm(points, axis=1))) <= SIGMAS + 1e-12
