"""Two packets that have met behind a cone: what both surfaces, and one without the phase, say of the far ray."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import surfaces_berry as berry


def test_only_the_far_ray_is_looked_at():
    grid = jw.Grid((-1.0, -1.0), (1.0, 1.0), (8, 8))
    rho = jnp.ones(grid.shape).at[:, 4].set(0.0).at[6, 4].set(2.0).at[1, 4].set(0.5)
    assert float(berry._on_ray(rho, grid)) == pytest.approx(0.25)


def test_verdicts():
    hbars = np.array([0.2, 0.1])
    assert berry.interferes(0.5 * hbars, hbars).verdict == "holds"
    assert berry.interferes(np.array([0.1, 1.1]), hbars).verdict == "violated"
    assert berry.hidden(0.03 * hbars**2, hbars).verdict == "holds"
    assert berry.hidden(0.05 * hbars**2, hbars).verdict == "violated"


def test_hbar_is_positive():
    with pytest.raises(ValueError, match="`hbar` must be positive, but is -0.1"):
        berry.round_the_tip(jw.Grid((-1.0, -1.0), (1.0, 1.0), (8, 8)), -0.1, steps=2)


@pytest.mark.slow
def test_at_another_radius():
    grid = jw.Grid((-3.2, -3.2), (3.2, 3.2), (80, 80))
    found = berry.round_the_tip(grid, 0.1, radius=1.4, steps=120)
    assert float(found.ray) < 1e-8 and float(found.ray_alone) > 0.99
    assert float(found.apart) < 0.1 < 1.0 < float(found.apart_alone)
    assert float(found.upper) < 4e-4
