"""The collision in three dimensions, small: packet and ensemble agree."""

import functools

import numpy as np
import pytest
from settings import refused

from jaxwigner.phase_space.ensembles import packet_copies
from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments.collision import experiment as collision

small = functools.partial(
    collision.Settings,
    isotopes=("Mu",),
    distance=2.5,
    duration=2.0,
    saves=4,
    steps=12,
    particles=2**13,
    angles=12,
    tolerance=1e-4,
)


@pytest.fixture(scope="module")
def dataset():
    return collision.run(small())


@pytest.mark.slow
def test_packet_and_ensemble_agree(dataset):
    """Mean distance and mean square repulsion over a collision in which both change by a factor."""
    mean, square = dataset["quantum_mean"].values, dataset["quantum_square"].values
    assert np.all(mean.min(axis=1) < 0.7 * mean[:, 0])
    assert np.all(square.max(axis=1) > 3 * square[:, 0])
    assert np.all(dataset["mean_gap"] < 3e-3) and np.all(dataset["square_gap"] < 0.02)
    assert np.all(dataset["w1_max"] < 0.02) and np.all(dataset["w1_angle"] < 0.04)
    assert np.all(dataset["cosine_gap"] < 0.01)
    assert np.all(dataset["square_bound"] >= square.max(axis=1))  # Lemma 5.1


@pytest.mark.slow
def test_numerical_errors_are_below_the_differences(dataset):
    for name in ("mean", "square"):
        for kind in ("quantum", "classical"):
            assert np.all(dataset[f"{kind}_{name}_error"] < 0.2 * dataset[f"{name}_gap"])


@pytest.mark.slow
def test_distributions_are_normalised(dataset):
    theta = np.linspace(0, np.pi, 13)
    sphere = 2 * np.pi * -np.diff(np.cos(theta))
    cell = float(dataset["r"][1] - dataset["r"][0])
    for kind in ("quantum", "classical"):
        assert np.allclose(dataset[f"{kind}_angles"].values @ sphere, 1, atol=1e-4)
        assert np.allclose(dataset[f"{kind}_density"].sum("r") * cell, 1, atol=2e-3)
    assert np.allclose(dataset["quantum_angles"], dataset["classical_angles"], atol=0.02)


def test_copies_have_the_moments_of_the_packet():
    cloud = packet_copies(2.5, -0.8, 0.04, 0.5, 2**12, copies=2)
    z = np.concatenate([cloud.positions, cloud.momenta], axis=1)
    for half in (z[: 2**11], z[2**11 :]):
        assert np.allclose(half.mean(axis=0), [0, 0, 2.5, 0, 0, -0.8], atol=1e-12)
        assert np.allclose(np.cov(half.T, ddof=0), 0.02 * np.eye(6), atol=1e-12)
    assert np.abs(z[: 2**11] - z[2**11 :]).max() > 0.1  # and are different


@pytest.mark.slow
def test_figure(dataset, tmp_path):
    assert [path.name for path in draw(dataset, tmp_path)] == ["collision.png"]


test_settings_are_checked = refused(
    small,
    isotopes=[("He",), ("H", "H")],
    momentum=[0.0],
    particles=[1000],
    alpha=[1.5],
    distance=[1.0],
)
