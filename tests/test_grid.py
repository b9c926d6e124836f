"""Grids, their duals, and the chirp transform."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.grid import fast_length, fourier_window, spread


def test_points_exclude_the_upper_end():
    grid = jw.Grid(-1.0, 2.0, 6)
    np.testing.assert_allclose(grid.axes[0], [-1, -0.5, 0, 0.5, 1, 1.5])
    assert grid.cell == 0.5


def test_wavenumbers_differentiate():
    grid = jw.Grid(-np.pi, 3 * np.pi, 24)
    wave = np.exp(2.5j * grid.axes[0])
    slope = np.fft.ifft(1j * grid.wavenumbers[0] * np.fft.fft(wave))
    np.testing.assert_allclose(slope, 2.5j * wave, atol=1e-13)


def test_several_dimensions():
    grid = jw.Grid((-1, 0, 2), (1, 3, 4), (4, 6, 10))
    assert grid.dimension == 3
    assert [m.shape for m in grid.mesh] == [(4, 1, 1), (1, 6, 1), (1, 1, 10)]
    assert grid.cell == pytest.approx(0.5 * 0.5 * 0.2)
    np.testing.assert_allclose(grid.mesh[1].ravel(), np.arange(6) * 0.5)


def test_one_number_serves_every_axis():
    assert jw.Grid(-1.0, 1.0, (4, 6)).length == (2.0, 2.0)


def test_box_may_be_traced():
    def length(width):
        grid = jw.Grid(-width, width, 10)
        return jnp.sum(grid.axes[0] ** 2) * grid.cell

    width, step = 1.5, 1e-6
    slope = (length(width + step) - length(width - step)) / (2 * step)
    assert jax.grad(length)(width) == pytest.approx(float(slope), rel=1e-8)
    assert jax.jit(length)(width) == pytest.approx(float(length(width)))


def test_natural_phase_grid():
    grid = jw.Grid(-2.0, 3.0, 20)
    phase = jw.phase_grid(grid, hbar=0.3)
    assert phase.shape == (20, 40)
    assert phase.momentum.upper[0] == pytest.approx(np.pi * 0.3 / 0.25)
    assert phase.momentum.spacing[0] == pytest.approx(np.pi * 0.3 / 5)
    assert phase.cell == pytest.approx(0.25 * np.pi * 0.3 / 5)


def test_phase_mesh_is_position_then_momentum():
    phase = jw.PhaseGrid(jw.Grid(0, 1, (2, 3)), jw.Grid(0, 1, (4, 5)))
    (x1, x2), (p1, p2) = phase.mesh
    shapes = [a.shape for a in (x1, x2, p1, p2)]
    assert shapes == [(2, 1, 1, 1), (1, 3, 1, 1), (1, 1, 4, 1), (1, 1, 1, 5)]


@pytest.mark.parametrize(
    "count, window", [(17, jw.Grid(-3.0, 2.0, 11)), (8, jw.Grid(0.5, 9.0, 30))]
)
def test_chirp_transform_is_the_sum(count, window):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, count)) + 1j * rng.normal(size=(3, count))
    start, step = -1.3, 0.37
    points = start + step * np.arange(count)
    expected = values @ np.exp(-1j * np.outer(points, window.axes[0]))
    np.testing.assert_allclose(
        fourier_window(jnp.asarray(values), start, step, window), expected, atol=1e-11
    )


def test_fast_lengths():
    assert [fast_length(n) for n in (1, 7, 11, 97, 1025)] == [1, 8, 12, 100, 1080]


def test_spread():
    assert [a.shape for a in spread((np.arange(2), np.arange(3)))] == [(2, 1), (1, 3)]


def test_rings_are_flags_per_axis():
    assert jw.Grid(0.0, 1.0, 4).periodic == (False,)
    assert jw.Grid((0.0, 0.0), (1.0, 1.0), (4, 6), periodic=True).periodic == (True, True)
    ring = jw.Grid((0.0, 0.0), (1.0, 1.0), (4, 6), periodic=(True, np.bool_(False)))
    assert ring.periodic == (True, False)
    assert jw.phase_grid(ring, 0.1).position.periodic == (True, False)
    assert jw.phase_grid(ring, 0.1).momentum.periodic == (False, False)


@pytest.mark.parametrize("flags", [1, "yes", None, (True, 0), (True, False, True)])
def test_flags_that_are_none(flags):
    with pytest.raises(ValueError, match="Argument `periodic` must"):
        jw.Grid((0.0, 0.0), (1.0, 1.0), (4, 6), periodic=flags)


def test_momenta_lie_on_a_line():
    with pytest.raises(ValueError, match="Argument `momentum` must not be a ring"):
        jw.PhaseGrid(jw.Grid(0.0, 1.0, 4), jw.Grid(0.0, 1.0, 4, periodic=True))
