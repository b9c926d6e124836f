"""Husimi functions: smoothed Wigner functions, and closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from cases import whole
from exact import fock_husimi, fock_orbital, gaussian
from scipy.stats import norm

import jaxwigner as jw
from jaxwigner.phase_space.husimi import husimi_cells

HBAR = 0.3
GRID = jw.Grid(-6.0, 7.0, 96)
NATURAL = jw.phase_grid(GRID, HBAR)
WINDOW = jw.PhaseGrid(jw.Grid(-2.0, 3.0, 7), jw.Grid(-3.1, 2.9, 11))


def state():
    return jw.cat_state(GRID, 1.5, 1.1, HBAR, phase=0.4)


def smoothed(W, phase, hbar):
    """W ∗ N(0, ħ/2) by quadrature."""
    x, p = (np.asarray(grid.axes[0]) for grid in (phase.position, phase.momentum))
    kernels = [
        np.exp(-((a[:, None] - a[None]) ** 2) / hbar) / np.sqrt(np.pi * hbar) for a in (x, p)
    ]
    return phase.cell * kernels[0] @ np.asarray(W) @ kernels[1].T


def test_heat_flow_of_the_wigner_function():
    W = whole(jw.wigner, state(), GRID, NATURAL, HBAR)
    H = whole(jw.husimi, state(), GRID, NATURAL, HBAR)
    np.testing.assert_allclose(H, smoothed(W, NATURAL, HBAR), atol=1e-9)
    assert float(jnp.min(H)) >= 0
    assert float(jnp.min(W)) < -0.1
    assert jnp.sum(H) * NATURAL.cell == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("phase", [NATURAL, WINDOW])
def test_fock_states(phase):
    (x,), (p,) = phase.mesh
    for n in (0, 3):
        expected = fock_husimi(n, x, p, HBAR)
        phi = fock_orbital(n, np.asarray(GRID.axes[0]), HBAR)
        np.testing.assert_allclose(whole(jw.husimi, phi, GRID, phase, HBAR), expected, atol=1e-9)
        matrix = jnp.zeros((5, 5)).at[n, n].set(1.0)
        fock = whole(jw.husimi, jw.FockState(matrix, HBAR), GRID, phase, HBAR)
        np.testing.assert_allclose(fock, expected, atol=1e-13)


def test_fock_coherences_have_the_right_phase():
    vector = np.array([0.5, 0.2j, -0.3, 0.1, 0.6])
    vector = vector / np.linalg.norm(vector)
    fock = jw.FockState(np.outer(vector, vector.conj()), HBAR)
    psi = vector @ np.stack([fock_orbital(n, np.asarray(GRID.axes[0]), HBAR) for n in range(5)])
    np.testing.assert_allclose(
        jw.husimi(fock, GRID, WINDOW, HBAR), jw.husimi(psi, GRID, WINDOW, HBAR), atol=1e-9
    )


def test_two_dimensions():
    grid = jw.Grid((-4.0, -5.0), (4.2, 4.6), (28, 36))
    psi = jw.coherent_state(grid, (0.5, -0.3), (0.2, 0.7), HBAR)
    phase = jw.PhaseGrid(jw.Grid((-1, -2), (2, 1), (5, 4)), jw.Grid((-1, -1.5), (1, 1), (3, 6)))
    (x1, x2), (p1, p2) = phase.mesh
    expected = gaussian((x1, x2, p1, p2), (0.5, -0.3, 0.2, 0.7), HBAR * jnp.eye(4))
    np.testing.assert_allclose(whole(jw.husimi, psi, grid, phase, HBAR), expected, atol=1e-5)


def test_gradient_of_a_husimi_functional():
    def functional(q):
        H = jw.husimi(jw.cat_state(GRID, q, 0.5, HBAR), GRID, WINDOW, HBAR)
        return jnp.sum(H**2)

    both = jax.jit(jax.value_and_grad(functional))
    difference = (both(1.2 + 1e-5)[0] - both(1.2 - 1e-5)[0]) / 2e-5
    assert both(1.2)[1] == pytest.approx(float(difference), rel=1e-7)


def test_cells_of_a_toeplitz_state():
    """Masses of W̃ on cells: those of the normal law, and in the limit of small cells the function itself."""
    cloud = jw.Particles([0.3, 0.7], [-0.4, 0.9], [0.2, -0.6])
    coarse = jw.PhaseGrid(jw.Grid(-4.0, 5.0, 9), jw.Grid(-4.5, 4.0, 10))
    cells = husimi_cells(cloud, HBAR, coarse)
    spread = np.sqrt(HBAR)

    def parts(grid, centre):
        edges = np.append(grid.axes[0], grid.axes[0][-1] + grid.spacing[0]) - grid.spacing[0] / 2
        return np.diff(norm.cdf(edges, centre, spread))

    expected = sum(
        w * np.outer(parts(coarse.position, q), parts(coarse.momentum, p))
        for w, q, p in ((0.3, -0.4, 0.2), (0.7, 0.9, -0.6))
    )
    np.testing.assert_allclose(cells.values * coarse.cell, expected / expected.sum(), atol=1e-14)
    fine = jw.PhaseGrid(jw.Grid(-4.0, 5.0, 360), jw.Grid(-4.5, 4.0, 330))
    exact = jw.husimi(jw.ToeplitzState(cloud, HBAR), phase_grid=fine)
    np.testing.assert_allclose(husimi_cells(cloud, HBAR, fine).values, exact, atol=4e-4)


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            dict(phase_grid=jw.PhaseGrid(jw.Grid(-1.0, 1.0, 8), jw.Grid(-5.0, 5.0, 8))),
            "hold 99.9 %",
        ),
        (dict(phase_grid=GRID), "be a PhaseGrid"),
        (dict(mu=jw.Particles([1.0], [[0.0, 0.0]], [[0.0, 0.0]])), "be of one degree"),
        (dict(hbar=0.0), "be positive"),
    ],
)
def test_cells_that_cut_the_mass_off(changes, message):
    arguments = dict(mu=jw.Particles([1.0], [0.4], [0.0]), hbar=HBAR, phase_grid=NATURAL) | changes
    with pytest.raises(ValueError, match=f"`{next(iter(changes))}` must {message}"):
        husimi_cells(**arguments)


PUBLIC = [small.call(jw.husimi, **small.SEEN)]
