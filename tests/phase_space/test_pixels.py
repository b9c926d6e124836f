"""Pixels that belong to a grid, by rows and by columns, against the sum over lags at each point; Fock matrices by their rank."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.phase_space import bilinear_wigner
from jaxwigner.phase_space._windows import part_of
from jaxwigner.phase_space.wigner import LOST, _tails, _weights, commensurate, holding

HBAR = 0.35


def comb(grid, rows, columns, strides, finer):
    """A window of (first, count) rows and columns among the pixels of a grid."""
    step = np.pi * HBAR / grid.length[0] / finer
    axes = []
    for (first, count), stride, low, unit in zip(
        (rows, columns), strides, (grid.lower[0], 0.0), (grid.spacing[0], step)
    ):
        start = low + first * unit
        axes.append(jw.Grid(start, start + count * stride * unit, count))
    return jw.PhaseGrid(*axes)


def states(grid):
    """One that leaves the ends empty, and one that the end of the box cuts off."""
    return jw.cat_state(grid, 1.1, 0.6, HBAR, phase=0.3), jw.coherent_state(grid, 3.4, -0.7, HBAR)


CASES = {
    "finer": (40, (0, 40), (-37, 50), (1, 1), 2),
    "odd, finer, strides": (45, (2, 14), (-60, 29), (3, 4), 3),
    "coarser": (40, (5, 11), (-36, 17), (2, 3), 1),
    "few columns": (45, (3, 40), (4, 9), (1, 1), 1),
    "few rows": (45, (3, 7), (4, 19), (1, 1), 1),
}


QUICK = ("odd, finer, strides", "few rows")


def marked(name):
    return pytest.param(CASES[name], marks=() if name in QUICK else pytest.mark.slow, id=name)


@pytest.mark.parametrize("case", [marked(name) for name in CASES])
def test_pixels_are_points(case):
    """Both states, their bilinear form, a mixture, a batch, single precision and a derivative."""
    points, rows, columns, strides, finer = case
    grid = jw.Grid(-4.0, 4.1, points)
    phase = comb(grid, rows, columns, strides, finer)
    part = part_of(grid, phase, HBAR)
    assert (part.strides, part.finer, part.shape) == (strides, finer, phase.shape)
    assert part.by_columns == (case is not CASES["few rows"])
    (x,), (p,) = phase.mesh
    at = (jnp.asarray(x), jnp.asarray(p))
    one, two = states(grid)
    batch = jnp.stack([one, two])
    expected = [jw.wigner(psi, grid, hbar=HBAR, at=at) for psi in batch]
    found = jax.jit(jax.vmap(lambda psi: jw.wigner(psi, grid, phase, HBAR)))(batch)
    np.testing.assert_allclose(found, expected, atol=1e-13)
    mixed = jw.wigner(jw.MixedState([0.3, 0.7], batch), grid, phase, HBAR)
    np.testing.assert_allclose(mixed, 0.3 * expected[0] + 0.7 * expected[1], atol=1e-13)
    form = bilinear_wigner(one, two, grid, phase, HBAR)
    np.testing.assert_allclose(form, bilinear_wigner(one, two, grid, hbar=HBAR, at=at), atol=1e-13)
    single = jw.wigner(one.astype(jnp.complex64), grid, phase, HBAR)
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, expected[0], atol=2e-6)
    weights = jnp.asarray(np.random.default_rng(2).normal(size=phase.shape))
    slope = jax.grad(lambda a: jnp.sum(weights * jw.wigner(one + a * two, grid, phase, HBAR)))(0.0)
    assert slope == pytest.approx(2 * float(jnp.sum(weights * form.real)), rel=1e-11)


def test_other_windows_are_no_pixels():
    """Half a pixel off, beyond the band, more columns than their rows are worth, a ring, an ħ that is traced."""
    grid = jw.Grid(-4.0, 4.1, 40)
    near = comb(grid, (0, 40), (-20, 41), (1, 1), 2)
    assert part_of(grid, near, HBAR) is not None
    moved = jw.Grid(-4.1, 4.0, 40)
    assert part_of(moved, near, HBAR) is None
    assert part_of(grid, comb(grid, (0, 40), (-20, 70), (1, 1), 1), HBAR) is None
    assert part_of(grid, comb(grid, (0, 2), (-20, 41), (1, 1), 2), HBAR) is None
    assert part_of(jw.Grid(-4.0, 4.1, 40, periodic=True), near, HBAR) is None
    assert part_of(grid, near, HBAR * (1 + 1e-7)) is None


def test_fock_matrices_by_their_rank():
    """Pure, mixed, indefinite, without diagonal, zero: alone and as a batch, where all ways are taken."""
    grid, levels = jw.Grid(-7.0, 7.1, 96), 6
    phase = comb(grid, (25, 40), (-15, 31), (1, 1), 1)
    rng = np.random.default_rng(5)
    v, w = rng.normal(size=(2, levels)) + 1j * rng.normal(size=(2, levels))
    pair = np.zeros((levels, levels), complex)
    pair[0, 1], pair[1, 0] = 1j, -1j
    outer = lambda v: np.outer(v, v.conj())  # noqa: E731
    matrices = [outer(v), outer(v) + outer(w), outer(v) - outer(w), pair, 0 * pair, -outer(v)]
    orbitals = np.asarray(jw.fock_orbitals(grid, levels, HBAR))
    of = lambda v: np.asarray(jw.wigner(v @ orbitals, grid, phase, HBAR))  # noqa: E731
    W, V = of(v), of(w)
    psi, chi = (jnp.asarray(orbital) for orbital in orbitals[:2])
    cross = -2 * np.imag(bilinear_wigner(psi, chi, grid, phase, HBAR))
    expected = [W, W + V, W - V, cross, 0 * W, -W]
    call = lambda matrix: jw.wigner(jw.FockState(matrix, HBAR), grid, phase)  # noqa: E731
    batch = jax.jit(jax.vmap(call))(jnp.asarray(matrices))
    for matrix, right, found in zip(matrices, expected, batch):
        np.testing.assert_allclose(found, right, atol=2e-13)
        np.testing.assert_allclose(call(matrix), right, atol=2e-13)


@pytest.mark.parametrize("levels", [20, pytest.param(60, marks=pytest.mark.slow)])
def test_traced_levels_beyond_the_grid(levels):
    """The grid is extended, and refined, so that the pixels of it that are wanted stay pixels."""
    grid = jw.Grid(-3.5, 3.5, 48)
    phase = comb(grid, (4, 40), (-30, 61), (1, 1), 2)
    v = np.random.default_rng(6).normal(size=levels) * np.exp(-0.2 * np.arange(levels))
    matrix = jnp.asarray(np.outer(v, v), complex)
    state = jw.FockState(matrix, HBAR)
    own = holding(state, grid)
    wider = commensurate(own, grid, phase, HBAR)
    assert wider is not own and part_of(wider, phase, HBAR).shape == phase.shape
    assert wider.lower[0] <= own.lower[0] and wider.upper[0] >= own.upper[0]
    assert wider.spacing[0] <= own.spacing[0]
    found = jax.jit(lambda matrix: jw.wigner(jw.FockState(matrix, HBAR), grid, phase))(matrix)
    (x,), (p,) = phase.mesh
    expected = jw.wigner(state, hbar=HBAR, at=(jnp.asarray(x), jnp.asarray(p)))
    np.testing.assert_allclose(found, expected, atol=1e-12 * float(v @ v))


def test_traced_levels_that_are_empty():
    """The given grid is enough for what is occupied, and a derivative may occupy any level."""
    grid, levels = jw.Grid(-5.0, 5.0, 64), 40
    phase = comb(grid, (4, 50), (-25, 51), (1, 1), 2)
    v = np.where(np.arange(levels) < 6, np.cos(np.arange(levels)), 0.0)
    matrix, turned = (jnp.asarray(np.outer(a, a), complex) for a in (v, np.eye(levels)[-1]))
    call = lambda matrix: jw.wigner(jw.FockState(matrix, HBAR), grid, phase)  # noqa: E731
    value, slope = jax.jit(lambda a: jax.jvp(call, (a,), (turned,)))(matrix)
    found = jax.jit(call)(matrix)
    np.testing.assert_allclose(found, call(matrix), atol=1e-12)
    np.testing.assert_allclose(value, found, atol=1e-12)
    np.testing.assert_allclose(slope, call(turned), atol=1e-12)


@pytest.mark.parametrize("side", [4.6, 5.5], ids=["edge", "band"])
def test_levels_may_reach_beyond_the_grid_as_little_as_they_are_occupied(side):
    """As much of every level as a grid is said to hold: in position (the box ends) and in momentum (the spacing does)."""
    grid, levels = jw.Grid(-side, side, 48), 40
    phase = comb(grid, (4, 40), (-20, 41), (1, 1), 1)
    tails = _tails(levels, grid, HBAR)
    assert tails[0] < LOST < tails[20]
    weights = np.minimum(1.0, LOST / tails)
    signs = np.where(np.arange(levels) % 4 < 2, 1, -1)
    v = signs * weights
    v[0] = 10.0
    state, more = (jw.FockState(np.outer(a, a), HBAR) for a in (v, v + (np.arange(levels) == 20)))
    assert holding(state, grid) is grid and holding(more, grid) is not grid
    (x,), (p,) = phase.mesh
    expected = jw.wigner(state, hbar=HBAR, at=(jnp.asarray(x), jnp.asarray(p)))
    found = jw.wigner(state, grid, phase)
    np.testing.assert_allclose(found, expected, atol=1e-11 * np.max(np.abs(expected)))


def test_a_level_is_occupied_by_its_row_or_its_column():
    """A traced matrix is not known to be Hermitian."""
    matrix = np.zeros((3, 3), complex)
    matrix[0, 2] = 3 - 4j
    np.testing.assert_array_equal(_weights(matrix, np), [7, 0, 7])
