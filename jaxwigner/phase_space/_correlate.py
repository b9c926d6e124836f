"""Correlations ψ(x + s)χ*(x − s) on the grid that a wave function deserves: half its own spacing.

On the spacing of ψ itself the correlation aliases beyond half of the momentum band, while norm and position marginal stay exact.
So ψ is interpolated once, by Fourier, to spacing Δ/2, and shifts s = mΔ/2 are taken from there; outside the box ψ counts as zero.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Int, Num

from jaxwigner._types import Array
from jaxwigner.grid import Grid, spread
from jaxwigner.states import as_complex


def refined(psi: Num[Array, "*shape"]) -> Complex[Array, "*double"]:
    """ψ at half the spacing, by zero-padding its spectrum; the Nyquist mode is shared between both signs."""
    for axis in range(psi.ndim):
        psi = _refined_along(as_complex(psi), axis)
    return psi


def padded_spectrum(psi: Num[Array, "*shape"], axis: int) -> Complex[Array, "*double"]:
    """The spectrum of ψ along an axis, zero-padded to twice the length, for an inverse transform of that length."""
    n = psi.shape[axis]
    spectrum = jnp.moveaxis(jnp.fft.fft(psi, axis=axis), axis, -1)
    positive, negative = spectrum[..., : (n + 1) // 2], spectrum[..., -(n // 2) :]
    if n % 2 == 0:
        negative = negative.at[..., 0].multiply(0.5)
        positive = jnp.concatenate([positive, negative[..., :1]], axis=-1)
    zeros = jnp.zeros((*spectrum.shape[:-1], 2 * n - positive.shape[-1] - n // 2), spectrum.dtype)
    return jnp.moveaxis(2 * jnp.concatenate([positive, zeros, negative], axis=-1), -1, axis)


def _refined_along(psi: Array, axis: int) -> Array:
    return jnp.fft.ifft(padded_spectrum(psi, axis), axis=axis)


def with_zeros(fine: Complex[Array, "*double"]) -> Complex[Array, "*padded"]:
    """A refined wave function with zeros outside the box, so that indices −n … 3n are defined (shifted by n)."""
    return jnp.pad(fine, [(size // 2, size // 2) for size in fine.shape])


def shifted(padded: Complex[Array, "*padded"], lags: tuple[Int[Array, "..."], ...]) -> Array:
    """ψ(x_j + mΔ/2) for all grid points j (leading axes) and integer lags m (trailing axes, one array per dimension)."""
    d = padded.ndim
    indices = []
    for axis, lag in enumerate(spread(lags)):
        n = padded.shape[axis] // 4
        points = (2 * np.arange(n) + n).reshape(tuple(-1 if i == axis else 1 for i in range(d)))
        indices.append(points.reshape(points.shape + (1,) * d) + lag.reshape((1,) * d + lag.shape))
    return padded[tuple(indices)]


def shifted_to(
    psi: Num[Array, "*shape"], grid: Grid, points: Grid
) -> Complex[Array, "*points_and_lags"]:
    """ψ(x' + mΔ/2) for the points x' of any other grid and lags m = −n … n−1, zero outside the box of ψ.

    Band-limited interpolation: the shift to x' is a phase in Fourier space, the lags come out of one inverse transform.
    """
    d = psi.ndim
    values = as_complex(psi)
    for axis in range(d):
        values = padded_spectrum(values, axis)
    values = values.reshape((1,) * d + values.shape)
    for axis in range(d):
        n, step = grid.points[axis], grid.spacing[axis]
        lag = np.arange(-n, n)
        wave = 2 * np.pi * np.fft.fftfreq(2 * n, 1 / (2 * n)) / (n * step)
        offset = jnp.asarray(points.axes[axis] - grid.lower[axis])
        phase = offset[:, None] * wave[None] - np.pi * np.arange(2 * n)[None]
        values = values * _at(jnp.exp(1j * phase).astype(values.dtype), axis, d)
        place = offset[:, None] + 0.5 * step * lag[None]
        # A point within rounding of the edge belongs to the box.
        inside = (place > -1e-9 * step) & (place < (n - 1e-9) * step)
        inside = inside & (lag > -n)[None]  # lag −n has no partner +n
        values = jnp.fft.ifft(values, axis=d + axis) * _at(inside, axis, d)
    return values


def _at(matrix: Array, axis: int, d: int) -> Array:
    """A (points, lags) matrix of one dimension, shaped for a tensor of d point axes and d lag axes."""
    shape = [1] * (2 * d)
    shape[axis], shape[d + axis] = matrix.shape
    return matrix.reshape(shape)
