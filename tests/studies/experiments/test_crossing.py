"""Levels that meet: limits in closed form, exact populations to their references, errors of single switch, pictures."""

import functools

import numpy as np
import pytest
from settings import refused

from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments.crossing import cases, dataset, experiment

small = functools.partial(
    experiment.Settings,
    cases=("cone",),
    families=(0.0,),
    epsilons=(0.2, 0.14, 0.1),
    particles=4096,
    methods=("single switch", "own velocity"),
    saves=8,
)


def test_limits_at_the_cone():
    found = [one.limit() for one in cases.chosen(("cone", "tully-1"), (0.0, 0.5, 1.0), 0.0)]
    assert found[:3] == pytest.approx([0.287394, 0.250446, 0.165739], abs=1e-6)
    assert np.isnan(found[3])


@pytest.mark.parametrize("name", list(cases.CASES))
def test_grids_hold_paths_and_momenta(name):
    """With five standard deviations of the packet, within the share of the box and of the spectrum that may be filled."""
    for epsilon in (0.16, 0.05):
        one = cases.CASES[name]
        grid, hbar = one.grid(epsilon), one.scale * epsilon
        room = 5 * (hbar / 2) ** 0.5
        for axis, (low, high) in enumerate(one.reach):
            edge = 0.05 * grid.length[axis]
            assert grid.lower[axis] + edge < low - room and high + room < grid.upper[axis] - edge
            assert 0.9 * np.pi * hbar / grid.spacing[axis] > one.fastest + room


def test_another_momentum_on_a_line():
    (one,) = cases.chosen(("tully-1",), (0.0,), 10.0)
    was = cases.CASES["tully-1"]
    assert one.momentum == (10.0,) and one.duration == pytest.approx(2 * was.duration)
    assert one.fastest**2 - 100 == pytest.approx(was.fastest**2 - 400)


def test_what_is_measured():
    """An error at the end, or the root of its mean square; a power only of what exceeds the sampling."""
    gaps = np.array([[[[0.0, 0.3, -0.4]]], [[[0.0, 0.3, -0.4]]]])
    errors, noise = dataset.measured([cases.CASES[n] for n in ("cone", "jahn-teller")], gaps, gaps)
    assert errors.ravel() == pytest.approx([0.4, (0.25 / 3) ** 0.5])
    law = dataset._powers(np.array([0.4, 0.2, 0.1]), ("a", "b"), *_two_laws())
    assert law["a"][0] == pytest.approx(1.0) and np.isnan(law["b"][0])


def _two_laws():
    scale = np.array([0.4, 0.2, 0.1])
    return np.stack([scale, 0.1 * scale], axis=1), np.full((3, 2), 0.03)


test_settings_are_checked = refused(
    small,
    cases=[("saddle",)],
    particles=[1000],
    methods=[("euler",)],
    epsilons=[(0.1, 0.05)],
    momentum=[0.5],
    families=[(0.0, 0.0)],
)


@pytest.fixture(scope="module")
def found():
    return experiment.run(small())


@pytest.mark.slow
def test_at_the_cone(found):
    at_the_cone(found, 0.268179, 0.27711)


@pytest.mark.nightly  # rows S8 have three families
def test_beside_the_cone():
    at_the_cone(experiment.run(small(families=(1.0,))), 0.152627, 0.15973)


def at_the_cone(found, reference, rule):
    """The reference at ε = .1; the velocity of the mean surface gains a factor of three at least."""
    exact = found["exact"].values[:, -1, -1]
    assert exact == pytest.approx([reference], abs=2e-6)
    assert np.nanmax(found["exact_error"].values) < 1e-6
    mean, own = (found["error"].sel(motion=name) for name in small().methods)
    assert np.all(3 * mean.values < own.values)
    noise = found["error_sampling"].sel(motion="single switch").values[:, -1]
    known = rule - reference  # the rule in closed form, ε = .1
    assert np.all(noise < 2e-3) and np.all(np.abs(mean.values[:, -1] - known) < 4 * noise)
    rates = found["rate"].sel(part="value", motion="own velocity").values
    assert np.all((rates > 0.2) & (rates < 0.6))  # towards ½ from below: .28, .37 between .2 and .1


@pytest.mark.slow
def test_figures(found, tmp_path):
    names = [path.name for path in draw(found, tmp_path)]
    assert names == ["crossing.png", "errors.png", "levels_cone.png", "film_cone.gif"]
    levels = found["levels_cone"]
    cell = np.prod([np.diff(found[f"{axis}_cone"].values)[0] for axis in "xy"])
    shares = levels.sum(["x_cone", "y_cone"]).values * cell
    assert shares.sum(axis=1) == pytest.approx(1.0, abs=1e-3)
    assert shares[-1, 1] == pytest.approx(float(found["exact"][0, -1, -1]), abs=1e-3)
