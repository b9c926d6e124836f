"""The study of Theorem 2.4 on a bent cloud, small."""

import functools

import numpy as np
import pytest
from settings import refused

from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments import banana

small = functools.partial(
    banana.Settings, hbars=(0.4, 0.2, 0.1), nodes=30, packets=3, cells=16, ellipses=10
)


@pytest.fixture(scope="module")
def dataset():
    return banana.run(small())


@pytest.mark.slow
def test_the_distance_lies_between_its_bounds(dataset):
    cost, above, below = (dataset[name].values for name in ("cost", "above", "below"))
    assert np.all(below[:, 0] <= cost[:, 1]) and np.all(cost[:, 0] <= above[:, 1] + 1e-9)
    assert np.all(cost[:, 1] - cost[:, 0] < 1e-5)
    assert 0.7 < dataset.attrs["rate"] < 1.3


@pytest.mark.slow
def test_the_coupling_is_one_of_pure_states(dataset):
    assert dataset.attrs["median_purity"] > 0.99
    # Their mean is that of R_μ, and no Husimi function is narrower than ħ/2 + ħ/2 on average.
    weights = dataset["weight"].values
    expected = dataset["packet_weight"].values @ dataset["packet"].values
    assert np.allclose(weights @ dataset["state_mean"].values, expected, atol=0.1)
    traces = np.trace(dataset["state_covariance"].values, axis1=1, axis2=2)
    assert np.all(traces > 2 * 0.2 * (1 - 1e-6))


@pytest.mark.slow
def test_figures(dataset, tmp_path):
    paths = draw(dataset, tmp_path)
    assert {path.name for path in paths} == {"banana_limit.png", "banana_coupling.png"}


test_settings_are_checked = refused(
    small, hbars=[(0.1, 0.2), (0.1, -1, 0.2)], nodes=[1], ellipses=[31]
)
