"""Husimi functions: W̃(q, p) = (2πħ)^{−d} ⟨q, p|R|q, p⟩ = W ∗ N(0, ħ/2) (Golse–Paul Remark 2.3, with the factor (2πħ)^{−d}).

Computed as a Gabor transform, |∫ e^{−ip·y/ħ} g_q(y) ψ(y) dy|²/(2πħ)^d with g_q(y) = (πħ)^{−d/4} e^{−|y−q|²/2ħ}: never negative.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erf
from jaxtyping import Float, Num

from jaxwigner import fourier
from jaxwigner._checks import check_positive_scalar, check_shape, concrete, require
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, PhaseGrid, Scalar, check_line, fourier_window
from jaxwigner.phase_space._points import (
    Points,
    closed_form,
    fourier_sums,
    held,
    of_its_own,
    shape_of,
    window,
    window_or_natural,
)
from jaxwigner.phase_space._windows import axis_of, check_phase_grid, check_state
from jaxwigner.phase_space.toeplitz import ToeplitzState
from jaxwigner.states import Density, FockState, Gaussian, MixedState, Particles, as_complex
from jaxwigner.states.oscillator import scaled_down, scaled_exponential, times_power


def husimi(
    state: Any,
    grid: Grid | None = None,
    phase_grid: PhaseGrid | None = None,
    hbar: Scalar | None = None,
    *,
    at: Any = None,
) -> Float[Array, "*phase_shape"]:
    """Husimi function of a state, a probability density on phase space (Golse–Paul Remark 2.3): W̃ ≥ 0, ∫∫W̃ = tr R.

    **Arguments:** as for `wigner`: ψ on `grid`, a `MixedState`, or, without a grid, a `FockState` (d = 1), a `ToeplitzState` or a
    `Gaussian`; on a `phase_grid` or at any points `at=(x, p)`.

    **Returns:** W̃ of the shape of `phase_grid`, or of the points, non-negative by construction (of a `FockState` whose matrix is: where
    that is no state, its negative eigenvalues stay visible).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> psi = jw.coherent_state(grid, 0.0, 0.0, 0.5)
    >>> H = jw.husimi(psi, grid, phase, 0.5)
    >>> round(float(H.sum() * phase.cell), 12), round(float(H.max() * 2 * jnp.pi * 0.5), 12)
    (1.0, 1.0)
    >>> round(float(jw.husimi(psi, grid, hbar=0.5, at=(0.0, 0.0)) * 2 * jnp.pi * 0.5), 12)
    1.0
    """
    if isinstance(state, FockState):
        return _of_fock(*of_its_own(state, phase_grid, hbar, at))
    if isinstance(state, (ToeplitzState, Gaussian)):
        return closed_form(*of_its_own(state, phase_grid, hbar, at), husimi=True)
    box, hbar, where = window(grid, phase_grid, hbar, at)
    check_line(box)
    if isinstance(state, MixedState):
        check_shape("orbitals", state.orbitals, (None, *box.shape))
        return _of_mixed(state, box, window_or_natural(box, where, hbar), hbar)
    check_state(state, box)
    psi = as_complex(jnp.asarray(state))
    return _single(psi, box, window_or_natural(box, where, hbar), hbar)


@once
def _of_mixed(state: MixedState, grid: Grid, where: PhaseGrid | Points | None, hbar: Scalar):
    def add(total, term):
        weight, psi = term
        return total + weight * _of_pure(psi, grid, where, hbar), None

    start = jnp.zeros(shape_of(where, grid), jnp.real(state.orbitals).dtype)
    return jax.lax.scan(add, start, (state.weights, state.orbitals))[0]


def husimi_cells(mu: Particles, hbar: Scalar, phase_grid: PhaseGrid) -> Density:
    """W̃[R_μ] = μ ∗ N(0, ħ) of a Töplitz state, by its masses on the cells of a grid: exact up to what lies outside (d = 1).

    The mass inside is scaled to 1; a grid that holds less than 99.9 % of it is refused.

    >>> import jaxwigner as jw
    >>> from jaxwigner.phase_space.husimi import husimi_cells
    >>> phase = jw.PhaseGrid(jw.Grid(-4.0, 4.0, 2), jw.Grid(-4.0, 4.0, 2))  # cells begin at −6 and −2, and end at 2
    >>> cells = husimi_cells(jw.Particles([1.0], [-2.0], [-2.0]), 0.1, phase)
    >>> (cells.values * phase.cell).round(3).tolist()
    [[0.25, 0.25], [0.25, 0.25]]
    """
    require(isinstance(mu, Particles), "mu", "be Particles", mu)
    require(mu.dimension == 1, "mu", "be of one degree of freedom", mu.dimension)
    check_positive_scalar("hbar", hbar)
    check_phase_grid(phase_grid, 1, "mu")

    def masses(grid, centres):
        axis, half = jnp.asarray(grid.axes[0]), grid.spacing[0] / 2
        edges = jnp.concatenate([axis - half, axis[-1:] + half])
        return jnp.diff(0.5 * erf((edges[None, :] - centres[:, None]) / np.sqrt(2 * hbar)))

    along_x = masses(phase_grid.position, mu.positions[:, 0])
    along_p = masses(phase_grid.momentum, mu.momenta[:, 0])
    joint = jnp.einsum("k,ki,kj->ij", mu.weights, along_x, along_p)
    mass = jnp.sum(joint)
    if concrete(mass):
        require(float(mass) >= 0.999, "phase_grid", "hold 99.9 % of the mass", float(mass))
    return Density(joint / (mass * phase_grid.cell), phase_grid)


@once
def _single(psi: Array, grid: Grid, where: PhaseGrid | Points | None, hbar: Scalar):
    return _of_pure(psi, grid, where, hbar)


def _of_pure(psi: Num[Array, "*shape"], grid: Grid, where: PhaseGrid | Points | None, hbar: Scalar):
    # |∫ … dy|² (2πħ)^{−d} (πħ)^{−d/2}
    d = grid.dimension
    scale = grid.cell**2 / ((2 * np.pi * hbar) ** d * (np.pi * hbar) ** (0.5 * d))
    at_points = isinstance(where, tuple)
    gabor = _at_points(psi, grid, where, hbar) if at_points else _on_grid(psi, grid, where, hbar)
    return (scale * gabor).astype(jnp.real(psi).dtype)


def _at_points(psi: Num[Array, "*shape"], grid: Grid, points: Points, hbar: Scalar) -> Array:
    """|Σ_y e^{−|y−q|²/2ħ − ip·y/ħ} ψ(y)|²; zero beyond the momenta that the grid holds."""

    def seen(q):
        squares = sum((y - centre) ** 2 for y, centre in zip(grid.mesh, q))
        return psi * jnp.exp(-squares / (2 * hbar)).astype(psi.dtype)

    nodes = [jnp.asarray(axis) / hbar for axis in grid.axes]
    values = fourier_sums(seen, nodes, points, _square)
    return jnp.where(held(points, grid, hbar), values, 0)


def _square(z: Array) -> Array:
    return jnp.real(z) ** 2 + jnp.imag(z) ** 2


def _on_grid(
    psi: Num[Array, "*shape"], grid: Grid, phase_grid: PhaseGrid | None, hbar: Scalar
) -> Array:
    d = grid.dimension
    values = psi.reshape((1,) * d + psi.shape)
    centres = grid if phase_grid is None else phase_grid.position
    for axis in range(d):
        values = values * _window(grid, centres, axis, hbar).astype(psi.dtype)
    for axis in range(d):
        natural = phase_grid is None
        transform = _natural if natural else functools.partial(_windowed, phase_grid, hbar)
        values = transform(values, grid, axis)
    return _square(values)


def _window(grid: Grid, centres: Grid, axis: int, hbar: Scalar) -> Array:
    """e^{−(y−q)²/2ħ} along one axis, for a tensor of d axes of centres q and d axes of positions y."""
    offset = jnp.asarray(grid.axes[axis])[None, :] - jnp.asarray(centres.axes[axis])[:, None]
    shape = [1] * (2 * grid.dimension)
    shape[axis], shape[grid.dimension + axis] = offset.shape
    return jnp.exp(-(offset**2) / (2 * hbar)).reshape(shape)


def _natural(values: Array, grid: Grid, axis: int) -> Array:
    """Momenta −πħ/Δ + lπħ/nΔ: a transform of length 2n of alternating signs; phases drop out of the modulus."""
    n, where = grid.points[axis], grid.dimension + axis
    shape = [1] * values.ndim
    shape[where] = n
    signs = (1.0 - 2.0 * (np.arange(n) % 2)).reshape(shape)
    return fourier.fft(values * signs.astype(jnp.real(values).dtype), 2 * n, axis=where)


def _windowed(phase_grid: PhaseGrid, hbar: Scalar, values: Array, grid: Grid, axis: int) -> Array:
    """Any momenta, by the chirp transform; zero beyond those that the grid holds."""
    where, step = grid.dimension + axis, grid.spacing[axis]
    window = axis_of(phase_grid.momentum, axis)
    moved = jnp.moveaxis(values, where, -1)
    moved = fourier_window(moved, grid.lower[axis] / hbar, step / hbar, window)
    held = jnp.abs(jnp.asarray(window.axes[0])) <= (1 + 1e-12) * np.pi * hbar / step
    return jnp.moveaxis(moved * held.reshape((1,) * (moved.ndim - 1) + (-1,)), -1, where)


def _of_fock(state: FockState, hbar: Scalar, points: Points) -> Array:
    """(2πħ)^{−1} Σ ⟨z|m⟩ρ_mn⟨n|z⟩ with ⟨n|z⟩ = e^{−|a|²/2} aⁿ/√n! up to a phase, a = (q + ip)/√(2ħ)."""
    (q,), (p,) = points
    scale = jnp.sqrt(2 * hbar)
    a = jax.lax.complex(*jnp.broadcast_arrays(q / scale, p / scale)).reshape(-1)

    def climb(carry, n):
        amplitude, power = carry
        (higher,), later = scaled_down((amplitude * a / jnp.sqrt(n + 1),), power)
        return (higher, later), times_power(amplitude, power)

    size, power = scaled_exponential(-0.5 * jnp.abs(a) ** 2)
    ground = (size.astype(a.dtype), power)
    _, amplitudes = jax.lax.scan(climb, ground, jnp.arange(state.number, dtype=a.real.dtype))
    values = jnp.real(jnp.sum(jnp.conj(amplitudes) * (state.matrix @ amplitudes), axis=0))
    # ρ ≥ 0 makes this ≥ 0 up to rounding, which is removed; a matrix that is no state keeps its negative values, and its mass.
    rounding = 1e3 * jnp.finfo(values.dtype).eps * jnp.max(jnp.abs(values))
    values = jnp.where(values > -rounding, jnp.maximum(values, 0.0), values)
    return values.reshape(shape_of(points)) / (2 * np.pi * hbar)
