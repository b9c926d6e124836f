"""Wigner functions against closed forms, on grids that are nowhere square."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from cases import whole
from exact import cat_wigner, coherent_wigner, fock_orbital, fock_wigner, gaussian, thermal_variance
from skewed import GRID, HBAR, NATURAL, coordinates, superposition

import jaxwigner as jw
from jaxwigner.phase_space import bilinear_wigner, wigner_at

WINDOW = jw.PhaseGrid(jw.Grid(-2.0, 3.0, 7), jw.Grid(-3.1, 2.9, 11))
ODD = jw.Grid(-6.5, 6.1, 105)


@pytest.mark.parametrize("grid", [GRID, ODD], ids=["even", "odd"])
def test_marginals_are_exact(grid):
    psi = superposition(grid)
    phase = jw.phase_grid(grid, HBAR)
    over_p, over_x = jw.marginals(whole(jw.wigner, psi, grid, phase, HBAR), phase)
    p = np.asarray(phase.momentum.axes[0])
    transform = np.exp(-1j * np.outer(p, grid.axes[0]) / HBAR) @ np.asarray(psi) * grid.cell
    np.testing.assert_allclose(over_p, jnp.abs(psi) ** 2, atol=1e-13)
    expected = np.abs(transform) ** 2 / (2 * np.pi * HBAR)
    # The odd grid has no Nyquist mode, the even one ends on it, where the state vanishes.
    np.testing.assert_allclose(over_x, expected, atol=1e-13)


def test_own_spacing_would_be_wrong():
    """The momentum marginal sees the half step: correlations at the grid's own spacing alias."""
    psi = np.asarray(jw.coherent_state(GRID, 0.0, 5.0, HBAR))  # above half of the momentum band
    n, step = GRID.points[0], GRID.spacing[0]
    j, m = np.arange(n)[:, None], np.arange(-n // 2, n // 2)[None, :]
    inside = (j + m >= 0) & (j + m < n) & (j - m >= 0) & (j - m < n)
    correlation = np.where(inside, psi[(j + m) % n] * psi[(j - m) % n].conj(), 0)
    p = np.array([5.0])
    naive = correlation @ np.exp(-2j * m.T * step * p / HBAR) * step / (np.pi * HBAR)
    right = jw.wigner(psi, GRID, jw.PhaseGrid(GRID, jw.Grid(5.0, 6.0, 2)), HBAR)[:, 0]
    assert np.sum(right) * GRID.cell == pytest.approx(1 / np.sqrt(np.pi * HBAR), rel=1e-4)
    aliased = correlation @ np.exp(-2j * m.T * step * (p - np.pi * HBAR / step) / HBAR)
    np.testing.assert_allclose(aliased * step / (np.pi * HBAR), naive, atol=1e-9)
    ghost = jw.wigner(psi, GRID, jw.PhaseGrid(GRID, jw.Grid(5 - np.pi * HBAR / step, 9.0, 2)), HBAR)
    assert np.max(np.abs(ghost[:, 0])) < 1e-4 < np.max(np.abs(aliased))


@pytest.mark.parametrize("phase", [NATURAL, WINDOW, jw.PhaseGrid(GRID, NATURAL.momentum)])
def test_closed_forms(phase):
    x, p = coordinates(phase)
    cat = jw.cat_state(GRID, 1.5, 1.1, HBAR, phase=0.4)
    np.testing.assert_allclose(
        jw.wigner(cat, GRID, phase, HBAR), cat_wigner(x, p, 1.5, 1.1, HBAR, 0.4), atol=2e-9
    )
    squeezed = jw.squeezed_state(GRID, 0.7, -0.4, HBAR, 2.5)
    np.testing.assert_allclose(
        jw.wigner(squeezed, GRID, phase, HBAR),
        coherent_wigner(x, p, 0.7, -0.4, HBAR, 2.5),
        atol=2e-9,
    )
    for n in (0, 1, 4):
        phi = fock_orbital(n, np.asarray(GRID.axes[0]), HBAR)
        W = jw.wigner(phi, GRID, phase, HBAR)
        np.testing.assert_allclose(W, fock_wigner(n, x, p, HBAR), atol=2e-9)


def test_window_equals_points():
    psi = superposition()
    W = jw.wigner(psi, GRID, WINDOW, HBAR)
    for i, x in enumerate(WINDOW.position.axes[0][::3]):
        for j, p in enumerate(WINDOW.momentum.axes[0][::5]):
            assert wigner_at(psi, GRID, x, p, HBAR) == pytest.approx(
                float(W[3 * i, 5 * j]), abs=1e-11
            )


def test_momenta_beyond_the_band_are_zero():
    top = np.pi * HBAR / GRID.spacing[0]
    phase = jw.PhaseGrid(GRID, jw.Grid(top + 0.1, 3 * top, 9))
    assert np.all(np.asarray(jw.wigner(superposition(), GRID, phase, HBAR)) == 0)
    assert np.all(np.asarray(jw.husimi(superposition(), GRID, phase, HBAR)) == 0)


def test_two_dimensions_are_products():
    grids = jw.Grid(-4.0, 4.2, 28), jw.Grid(-5.0, 4.6, 36)
    grid = jw.Grid((-4.0, -5.0), (4.2, 4.6), (28, 36))
    one = jw.cat_state(grids[0], 1.0, 0.3, HBAR, phase=1.0)
    two = jw.squeezed_state(grids[1], 0.4, -0.5, HBAR, 1.4)
    psi = one[:, None] * two[None, :]
    phase = jw.phase_grid(grid, HBAR)
    expected = jnp.einsum(
        "ac,bd->abcd",
        whole(jw.wigner, one, grids[0], jw.phase_grid(grids[0], HBAR), HBAR),
        whole(jw.wigner, two, grids[1], jw.phase_grid(grids[1], HBAR), HBAR),
    )
    np.testing.assert_allclose(whole(jw.wigner, psi, grid, phase, HBAR), expected, atol=1e-12)
    window = jw.PhaseGrid(jw.Grid((-1, -2), (2, 1), (5, 4)), jw.Grid((-1, -1.5), (1, 1), (3, 6)))
    expected = jnp.einsum(
        "ac,bd->abcd",
        whole(jw.wigner, one, grids[0], jw.PhaseGrid(jw.Grid(-1, 2, 5), jw.Grid(-1, 1, 3)), HBAR),
        whole(jw.wigner, two, grids[1], jw.PhaseGrid(jw.Grid(-2, 1, 4), jw.Grid(-1.5, 1, 6)), HBAR),
    )
    np.testing.assert_allclose(whole(jw.wigner, psi, grid, window, HBAR), expected, atol=1e-12)


def test_mixed_states_are_sums():
    pair = jnp.stack([superposition(), jw.coherent_state(GRID, -1.0, 0.6, HBAR)])
    mixed = jw.MixedState([0.25, 0.75], pair)
    for phase in (NATURAL, WINDOW):
        parts = [jw.wigner(psi, GRID, phase, HBAR) for psi in pair]
        np.testing.assert_allclose(
            jw.wigner(mixed, GRID, phase, HBAR), 0.25 * parts[0] + 0.75 * parts[1], atol=1e-13
        )


@pytest.mark.parametrize("phase", [NATURAL, WINDOW])
def test_fock_matrices(phase):
    rng = np.random.default_rng(4)
    root = rng.normal(size=(5, 5)) + 1j * rng.normal(size=(5, 5))
    matrix = root @ root.conj().T
    state = jw.FockState(matrix / np.trace(matrix).real, HBAR)
    weights, vectors = np.linalg.eigh(np.asarray(state.matrix))
    orbitals = vectors.T @ np.stack(
        [fock_orbital(n, np.asarray(GRID.axes[0]), HBAR) for n in range(5)]
    )
    expected = jw.wigner(jw.MixedState(np.maximum(weights, 0), orbitals), GRID, phase, HBAR)
    np.testing.assert_allclose(jw.wigner(state, GRID, phase, HBAR), expected, atol=1e-11)


def test_thermal_state_is_gaussian():
    x, p = coordinates(NATURAL)
    variance = thermal_variance(HBAR, 0.4)
    W = jw.wigner(jw.thermal_state(40, HBAR, 0.4), GRID, NATURAL, HBAR)
    np.testing.assert_allclose(W, gaussian((x, p), (0, 0), variance * jnp.eye(2)), atol=1e-10)


def test_bilinear_form():
    """F(ψ, χ) is linear in ψ, antilinear in χ, Hermitian, and its trace is ⟨χ, ψ⟩."""
    psi, chi = superposition(), jw.coherent_state(GRID, 0.4, -0.8, HBAR)
    F = bilinear_wigner(psi, chi, GRID, NATURAL, HBAR)
    np.testing.assert_allclose(
        bilinear_wigner(1j * psi, 2 * chi, GRID, NATURAL, HBAR), 2j * F, atol=1e-12
    )
    np.testing.assert_allclose(
        bilinear_wigner(psi, 1j * chi, GRID, NATURAL, HBAR), -1j * F, atol=1e-12
    )
    (x,), (p,) = NATURAL.mesh
    at = (x[3:9, :], p[:, 5:8])
    np.testing.assert_allclose(
        bilinear_wigner(psi, chi, GRID, hbar=HBAR, at=at), F[3:9, 5:8], atol=1e-12
    )
    inner = jnp.vdot(chi, psi) * GRID.cell
    assert jnp.sum(F) * NATURAL.cell == pytest.approx(complex(inner), abs=1e-12)
    mixed = F + jnp.conj(F) + sum(jw.wigner(s, GRID, NATURAL, HBAR) for s in (psi, chi))
    np.testing.assert_allclose(jw.wigner(psi + chi, GRID, NATURAL, HBAR), mixed.real, atol=1e-12)


def test_gradients_against_finite_differences():
    x, p = coordinates(WINDOW)

    def functional(q, hbar):
        psi = jw.cat_state(GRID, q, 0.5, hbar)
        return jnp.sum(jnp.sin(x + 2 * p) * jw.wigner(psi, GRID, WINDOW, hbar) ** 2)

    slopes = jax.jit(jax.grad(functional, argnums=(0, 1)))(1.2, HBAR)
    functional = jax.jit(functional)
    step = 1e-5
    for slope, (a, b) in zip(slopes, ((step, 0.0), (0.0, step))):
        difference = functional(1.2 + a, HBAR + b) - functional(1.2 - a, HBAR - b)
        assert slope == pytest.approx(float(difference / (2 * step)), rel=1e-7)


def test_batches_over_hbar():
    hbars = jnp.array([0.2, 0.35])

    def masses(hbar):
        phase = jw.phase_grid(GRID, hbar)
        W = jw.wigner(jw.coherent_state(GRID, 0.3, 0.4, hbar), GRID, phase, hbar)
        return jnp.sum(W) * phase.cell, jnp.max(W) * jnp.pi * hbar

    mass, top = jax.jit(jax.vmap(masses))(hbars)
    np.testing.assert_allclose(mass, 1.0, atol=1e-12)
    np.testing.assert_allclose(top, 1.0, atol=3e-2)


def test_single_precision_stays_single():
    psi = superposition().astype(jnp.complex64)
    W = jw.wigner(psi, GRID, NATURAL, HBAR)
    H = jw.husimi(psi, GRID, NATURAL, HBAR)
    assert (W.dtype, H.dtype) == (jnp.float32, jnp.float32)
    np.testing.assert_allclose(W, jw.wigner(superposition(), GRID, NATURAL, HBAR), atol=2e-6)


PUBLIC = [small.call(jw.wigner, **small.SEEN)]


@pytest.mark.parametrize("points", [(40,), (10, 12)])
def test_some_of_the_natural_pixels(points):
    """A window that consists of natural pixels takes them out of the natural transform: no more rows than it has."""
    hbar = 0.4
    ends = tuple(-4.0 + 0.1 * i for i in range(len(points))), (4.0,) * len(points)
    box = jw.Grid(*ends, points)
    natural = jw.phase_grid(box, hbar)
    psi = jw.coherent_state(box, 0.3, 0.2, hbar) + 0.5 * jw.coherent_state(box, -0.4, 0.1, hbar)
    everything = np.asarray(jw.wigner(psi, box, natural, hbar))

    def part(grid, starts, counts):
        low = [a + i * h for a, i, h in zip(grid.lower, starts, grid.spacing)]
        high = [a + n * h for a, n, h in zip(low, counts, grid.spacing)]
        return jw.Grid(low, high, counts)

    d = len(points)
    starts, counts = ((3, 1)[:d], (7, 6)[:d]), ((6, 5)[:d], (13, 11)[:d])
    window = jw.PhaseGrid(*map(part, (natural.position, natural.momentum), starts, counts))
    cut = tuple(slice(i, i + n) for i, n in zip(starts[0] + starts[1], counts[0] + counts[1]))
    found = jw.wigner(psi, box, window, hbar)
    np.testing.assert_allclose(found, everything[cut], atol=1e-14)
    text = jax.jit(lambda u: jw.wigner(u, box, window, hbar)).lower(psi).as_text()
    lags = [2 * n for n in points[:-1]] + [points[-1] + 1]
    of_rows = lambda rows: "tensor<" + "x".join(map(str, [*rows, *lags])) + "xcomplex"  # noqa: E731
    assert of_rows(counts[0]) in text and of_rows(points) not in text


def test_fock_matrices_of_low_rank_take_few_terms():
    """The value by the eigenvectors that count, its derivative by factors, which know nothing of degeneracy."""
    hbar, levels = 0.5, 12
    rng = np.random.default_rng(3)
    v = rng.normal(size=(2, levels)) + 1j * rng.normal(size=(2, levels))
    v /= np.linalg.norm(v, axis=1)[:, None]
    matrix = jnp.asarray(0.5 * (v.T @ v.conj()))
    matrix = matrix / jnp.trace(matrix)
    box = jw.Grid(-7.0, 7.0, 96)
    phase = jw.phase_grid(box, hbar)
    orbitals = jw.fock_orbitals(box, levels, hbar)
    mixed = jw.MixedState([0.5, 0.5], jnp.asarray(v) @ orbitals)
    found = jw.wigner(jw.FockState(matrix, hbar), box, phase)
    np.testing.assert_allclose(found, jw.wigner(mixed, box, phase, hbar), atol=1e-13)
    weights = rng.normal(size=phase.shape)

    def value(matrix):
        return jnp.sum(weights * jw.wigner(jw.FockState(matrix, hbar), box, phase))

    turned = jnp.asarray(rng.normal(size=(levels, levels)))
    turned = turned + turned.T
    _, slope = jax.jvp(jax.jit(value), (matrix,), (turned.astype(complex),))
    assert float(slope) == pytest.approx(float(value(matrix + turned) - value(matrix)), rel=1e-10)


def test_rings_have_a_comb_of_momenta():
    """∫W dp = |ψ|² across the seam, (2πħ)∫W² = ‖ψ‖⁴; pixels of it; other windows are refused, and what lives on a line."""
    ring = jw.Grid(-np.pi, np.pi, 48, periodic=True)
    phase = jw.phase_grid(ring, HBAR)
    psi = jw.coherent_state(ring, 3.0, 0.4, HBAR)
    W = jw.wigner(psi, ring, phase, HBAR)
    np.testing.assert_allclose(jw.marginals(W, phase)[0], jnp.abs(psi) ** 2, atol=1e-13)
    assert jnp.sum(W**2) * phase.cell * np.pi * HBAR == pytest.approx(1.0, abs=1e-12)
    turned = jw.coherent_state(ring, 3.0 - 10 * ring.spacing[0], 0.4, HBAR)
    moved = jw.wigner(turned, ring, phase, HBAR)
    np.testing.assert_allclose(jnp.roll(W, -10, axis=0), moved, atol=1e-13)
    mixed = jw.MixedState([0.4, 0.6], jnp.stack([psi, turned]))
    np.testing.assert_allclose(
        jw.wigner(mixed, ring, phase, HBAR), 0.4 * W + 0.6 * moved, atol=1e-13
    )
    for call, name in (
        (lambda: jw.wigner(psi, ring, WINDOW, HBAR), "phase_grid"),
        (lambda: jw.wigner(psi, ring, hbar=HBAR, at=(0.1, 0.2)), "phase_grid"),
        (lambda: jw.husimi(psi, ring, phase, HBAR), "grid"),
        (lambda: jw.husimi(mixed, ring, phase, HBAR), "grid"),
        (lambda: wigner_at(psi, ring, 0.1, 0.2, HBAR), "grid"),
        (lambda: jw.Density(jnp.abs(W), phase), "grid"),
    ):
        with pytest.raises(ValueError, match=f"Argument `{name}` must .*ring"):
            call()
