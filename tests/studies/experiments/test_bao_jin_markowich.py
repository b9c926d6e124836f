"""Example 1 of Bao, Jin and Markowich: the limit against quadrature, rates, and the exact answer at finite ε."""

import numpy as np
import pytest
from scipy.integrate import quad

from jaxwigner.grid import Grid
from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments.bao_jin_markowich import experiment
from jaxwigner.studies.experiments.bao_jin_markowich import state as focusing

TIME = 0.54


def mass(y):
    return np.exp(-50 * (y - 0.5) ** 2)


def momentum(y):
    return -np.tanh(5 * (y - 0.5))


@pytest.mark.parametrize("time", [0.0, 0.13, TIME])
def test_limit_observables_are_those_of_quadrature(time):
    def place(y):
        return 2 * np.pi * (y + time * momentum(y))

    wanted = [
        quad(lambda y: mass(y) * np.cos(place(y)), -0.5, 1.5, epsabs=1e-13)[0],
        quad(lambda y: mass(y) * momentum(y) * np.sin(place(y)), -0.5, 1.5, epsabs=1e-13)[0],
    ]
    np.testing.assert_allclose(focusing.limit_observables(time), wanted, atol=1e-12)


def test_momentum_is_the_slope_of_the_phase():
    y = np.linspace(0.1, 0.9, 7)
    step = 1e-5
    slopes = (focusing.phase(y + step) - focusing.phase(y - step)) / (2 * step)
    np.testing.assert_allclose(slopes, focusing.slope(y), atol=1e-9)
    np.testing.assert_allclose(momentum(y), focusing.slope(y), atol=1e-14)


def test_characteristics_meet_first_at_the_caustic_time():
    def least_gap(time):
        return np.diff(focusing.limit(time, 4096).positions).min()

    assert least_gap(0.99 * focusing.CAUSTIC_TIME) > 0 > least_gap(1.01 * focusing.CAUSTIC_TIME)


def test_closed_form_at_time_zero_is_the_initial_observable():
    grid = Grid(-1.0, 2.0, 300)
    wanted = quad(lambda y: mass(y) * np.cos(2 * np.pi * y), -0.5, 1.5, epsabs=1e-13)[0]
    np.testing.assert_allclose(focusing.closed_form(grid, 0.0, 0.03), wanted, atol=1e-12)


@pytest.fixture(scope="module")
def result():
    quick = experiment.Settings(epsilons=(0.0064, 0.0032, 0.0016), picture_epsilon=0.02)
    return experiment.run(quick)


def test_observables_converge_like_the_square_of_epsilon(result):
    for name in ("observable", "current_observable"):
        low, high = result.attrs[f"rate_{name}_interval"]
        assert low - 0.05 < 2 < high + 0.05
        assert abs(result.attrs[f"rate_{name}"] - 2) < 0.02
    for name in ("density", "current"):
        assert abs(result.attrs[f"rate_{name}"] - 2) < 0.15
    # Test functions that are only Lipschitz see the oscillations.
    assert 0.7 < result.attrs["rate_transport"] < 1.3


def test_splitting_is_exact(result):
    assert result.attrs["largest_gap_to_closed_form"] < 1e-12
    assert result.attrs["largest_spectral_tail"] < 1e-15


def test_densities_keep_mass_and_momentum(result):
    cell = float(result.x[1] - result.x[0])
    whole = np.sqrt(np.pi / 50)
    for name in ("density", "limit_density"):
        np.testing.assert_allclose(result[name].sum("x") * cell, whole, rtol=1e-10)
    for name in ("current", "limit_current"):
        np.testing.assert_allclose(result[name].sum("x") * cell, 0, atol=1e-10)


def test_the_limit_lies_between_its_folds(result):
    y = np.linspace(0, 1, 20001)
    reach = np.max((y + TIME * momentum(y))[mass(y) > 1e-14] - 0.5)
    outside = np.abs(result.x - 0.5) > reach + 2 * float(result.x[1] - result.x[0])
    assert float(result.limit_density.where(outside, 0.0).max()) < 1e-8
    assert float(result.density.where(outside, 0.0).max()) > 0.1


def test_figures(result, tmp_path, format="svg"):
    paths = draw(result, tmp_path, format)
    assert len(paths) == 3
    assert all(path.suffix == f".{format}" and path.stat().st_size > 5000 for path in paths)
