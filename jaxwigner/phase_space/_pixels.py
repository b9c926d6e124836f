"""W at pixels that belong to a grid: a real Fourier transform of a correlation, for each position or for each momentum.

With ψ at half the spacing, zero outside the box (2n values), and Ψ its transform of length 4ns, padded with zeros,

    by rows      W(x_j, p_k) = Δ/(2πħ) Σ_m ψ(2j + m) ψ*(2j − m) e^{−2πimk/2n}                                 m = −n … n − 1
    by columns   W(x_j, p_k) = Δ/(2πħ) (4n)⁻¹ Σ_q Ψ(k + sq) Ψ*(k − sq) e^{2πiqj/n},  p_k = πħk/(sL)            q = 0 … 4n − 1

Both sums are Hermitian, so that half of their entries say the rest. Of the second the entries n apart belong to one exponential and
are added first: a column costs a transform of n numbers, and momenta s times finer than the natural ones cost nothing more.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import fourier
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.phase_space._correlate import continued, refined, shifted
from jaxwigner.phase_space._windows import Part


def at_pixels(psi: Array, chi: Array, grid: Grid, hbar: Scalar, part: Part | None = None) -> Array:
    """Re F(ψ, χ) at all natural pixels, or at a part of them."""
    scale = grid.cell / (2 * np.pi * hbar) ** grid.dimension
    if part is not None and part.by_columns:
        return _columns(psi, chi, grid, scale, part)
    return _rows(psi, chi, grid, scale, part)


def _columns(psi, chi, grid: Grid, scale: Scalar, part: Part) -> Float[Array, "x p"]:
    (n,), ((row, rows),), ((column, columns),) = grid.points, part.rows, part.columns
    every, step = part.strides
    k = column + step * np.arange(columns) - n * part.finer
    one = _spectrum(psi, part.finer)
    other = one if psi is chi else _spectrum(chi, part.finer)
    folded = _folded(one, other, k)
    if psi is not chi:
        folded = 0.5 * (folded + _folded(other, one, k))
    # Scaled before it is transformed: a transposition alone is many times faster than one with a product in it.
    values = fourier.irfftn(_scaled(folded, scale / 4), s=(n,), axes=(1,))
    return values[:, row : row + every * (rows - 1) + 1 : every].T


def _spectrum(psi: Complex[Array, " n"], finer: int) -> Complex[Array, "s four_n"]:
    """Ψ, of which entry (b, a) is Ψ(sa + b): steps of s along a row."""
    n = psi.shape[0]
    padded = jnp.pad(refined(psi, (False,)), (0, 4 * n * finer - 2 * n))
    return fourier.fft(padded).reshape(4 * n, finer).T


def _folded(one: Array, other: Array, k: np.ndarray) -> Complex[Array, "p half"]:
    """Σ_l Ψ(k + s(q + ln)) Ψ*(k − s(q + ln)), l = 0 … 3, for q = 0 … n/2."""
    finer, length = one.shape
    n, half = length // 4, length // 8 + 1
    backwards = jnp.roll(jnp.flip(other, 1), 1, axis=1)
    # Each row twice, so that no window has to go around.
    ahead, behind = (jnp.concatenate([a, a], axis=1).reshape(-1) for a in (one, backwards))
    a, b = np.divmod(k, finer)
    total = jnp.zeros((k.size, half), one.dtype)
    for l in range(4):
        plus = _windows(ahead, 2 * length * b + (a + l * n) % length, half)
        minus = _windows(behind, 2 * length * b + (l * n - a) % length, half)
        total = total + plus * jnp.conj(minus)
    return total


def _windows(values: Array, starts: np.ndarray, length: int) -> Array:
    """values[start : start + length] for each start: copies of whole stretches, not of single entries."""
    cut = lambda start: jax.lax.dynamic_slice(values, (start,), (length,))  # noqa: E731
    return jax.vmap(cut)(jnp.asarray(starts))


def _scaled(values: Array, scale: Scalar) -> Array:
    return values * jnp.asarray(scale, values.real.dtype)


def _rows(psi, chi, grid: Grid, scale: Scalar, part: Part | None) -> Float[Array, "*phase_shape"]:
    """One real transform of length 2n; lags m ≥ 0 suffice on the last axis, the rest is the complex conjugate."""
    d, sizes = grid.dimension, tuple(2 * n for n in grid.points)
    rows = tuple((0, n) for n in grid.points) if part is None else part.rows
    fine = functools.partial(continued, periodic=grid.periodic)
    one = fine(psi)
    other = one if psi is chi else fine(chi)
    products = _products(one, other, grid, rows)
    if psi is not chi:
        # Re F needs the Hermitian part of the correlation, half of it from ψ and χ exchanged.
        products = 0.5 * (products + _products(other, one, grid, rows))
    axes = tuple(range(d, 2 * d))
    # irfftn has e^{+i} and 1/size: with the conjugate correlation it is size⁻¹ Σ c e^{−i}.
    signed = products * _signs(grid).astype(products.real.dtype)
    values = fourier.irfftn(_scaled(signed, scale * np.prod(sizes)), s=sizes, axes=axes)
    for axis, (first, count) in enumerate(() if part is None else part.columns):
        values = jax.lax.slice_in_dim(values, first, first + count, axis=d + axis)
    return values


def _products(one: Array, other: Array, grid: Grid, rows: tuple[tuple[int, int], ...]) -> Array:
    """The conjugate of ψ(x_j + mΔ/2) χ*(x_j − mΔ/2)."""
    if grid.dimension > 1:
        lags = _lags(grid)
        back = tuple(-lag for lag in lags)
        return jnp.conj(shifted(one, lags, rows)) * shifted(other, back, rows)
    (n,), ((first, count),) = grid.points, rows
    centres = 2 * (first + np.arange(count)) + n
    plus = _windows(one, centres, n + 1)
    return jnp.conj(plus) * _windows(jnp.flip(other), 4 * n - 1 - centres, n + 1)


def _lags(grid: Grid) -> tuple[Array, ...]:
    lags = (jnp.asarray(np.fft.fftfreq(2 * n, 1 / (2 * n)).astype(int)) for n in grid.points)
    return (*tuple(lags)[:-1], jnp.arange(grid.points[-1] + 1))


def _signs(grid: Grid) -> Array:
    """(−1)^m: momenta begin at −πħ/Δ."""
    d, signs = grid.dimension, jnp.ones((1,) * (2 * grid.dimension))
    for axis, lag in enumerate(_lags(grid)):
        shape = tuple(-1 if i == d + axis else 1 for i in range(2 * d))
        signs = signs * (1 - 2 * (lag % 2)).reshape(shape)
    return signs
