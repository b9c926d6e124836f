"""A natural grid belongs to one grid and one ħ: with others the transforms must still be right, never silently wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import whole
from exact import coherent_wigner, gaussian

import jaxwigner as jw
from jaxwigner.phase_space._correlate import refined

HBAR = 0.3
GRID = jw.Grid(-6.0, 7.0, 96)
OTHERS = {
    "its own": jw.phase_grid(GRID, HBAR),
    "of another hbar": jw.phase_grid(GRID, 0.41),
    "of another box": jw.phase_grid(jw.Grid(-5.5, 6.0, 96), HBAR),
    "shifted box": jw.phase_grid(jw.Grid(-5.5, 7.5, 96), HBAR),
    "of another size": jw.phase_grid(jw.Grid(-6.0, 7.0, 60), HBAR),
}


def expected(phase, hbar):
    (x,), (p,) = phase.mesh
    W = coherent_wigner(x, p, 0.6, -0.5, hbar)
    return W, gaussian((x, p), (0.6, -0.5), hbar * jnp.eye(2))


@pytest.mark.parametrize("name", OTHERS)
def test_natural_grids_of_others(name):
    phase = OTHERS[name]
    psi = jw.coherent_state(GRID, 0.6, -0.5, HBAR)
    W, H = expected(phase, HBAR)
    np.testing.assert_allclose(whole(jw.wigner, psi, GRID, phase, HBAR), W, atol=1e-11)
    np.testing.assert_allclose(whole(jw.husimi, psi, GRID, phase, HBAR), H, atol=1e-11)


@pytest.mark.parametrize("transform", [jw.wigner, jw.husimi])
def test_batches_over_hbar(transform):
    """With the natural grid of each lane, and with one fixed grid for all lanes."""
    hbars = jnp.array([0.2, 0.3, 0.37])
    fixed = jw.phase_grid(GRID, 0.3)

    def both(h):
        psi = jw.coherent_state(GRID, 0.6, -0.5, h)
        own = jw.phase_grid(GRID, h)
        return transform(psi, GRID, own, h), transform(psi, GRID, fixed, h)

    batch = jax.jit(jax.vmap(both))(hbars)
    place = 0 if transform is jw.wigner else 1
    for h, own, shared in zip(hbars, *batch):
        np.testing.assert_allclose(
            own, expected(jw.phase_grid(GRID, float(h)), h)[place], atol=1e-11
        )
        np.testing.assert_allclose(shared, expected(fixed, h)[place], atol=1e-11)


def test_natural_and_window_agree_in_two_dimensions():
    grid = jw.Grid((-3.6, -3.9), (3.9, 3.6), (20, 22))
    psi = jw.squeezed_state(grid, (0.4, -0.3), (0.2, 0.5), 0.5, (1.2, 0.9))
    psi = psi + 0.4j * jw.coherent_state(grid, (-0.5, 0.3), (0.1, -0.4), 0.5)
    natural = jw.phase_grid(grid, 0.5)
    window = jw.PhaseGrid(natural.position, natural.momentum)
    for transform in (jw.wigner, jw.husimi):
        one, other = (whole(transform, psi, grid, phase, 0.5) for phase in (natural, window))
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_values_of_the_box_do_not_enter():
    """Derivatives with respect to the ends of the box are those of the points, not of the state."""

    def total(upper):
        grid = jw.Grid(-6.0, upper, 96)
        psi = jw.coherent_state(grid, 0.6, -0.5, HBAR)
        return jnp.sum(jw.wigner(psi, grid, jw.phase_grid(grid, HBAR), HBAR) ** 2)

    def exact(upper):
        phase = jw.phase_grid(jw.Grid(-6.0, upper, 96), HBAR)
        return jnp.sum(expected(phase, HBAR)[0] ** 2)

    ours, other = (jax.jit(jax.grad(function))(7.0) for function in (total, exact))
    assert ours == pytest.approx(float(other), rel=1e-8)


@pytest.mark.parametrize("points", [12, 13])
def test_interpolation_to_half_the_spacing(points):
    """It passes through the given values, keeps real functions real, and is exact for waves; also at the highest one."""
    rng = np.random.default_rng(3)
    psi = rng.normal(size=points) + 1j * rng.normal(size=points)
    fine = refined(jnp.asarray(psi))
    assert fine.shape == (2 * points,)
    np.testing.assert_allclose(fine[::2], psi, atol=1e-13)
    np.testing.assert_allclose(jnp.imag(refined(jnp.asarray(psi.real))), 0.0, atol=1e-13)
    j, k = np.arange(2 * points) / 2, 2 * np.pi * 5 / points
    np.testing.assert_allclose(refined(jnp.exp(1j * k * j[::2])), np.exp(1j * k * j), atol=1e-13)
