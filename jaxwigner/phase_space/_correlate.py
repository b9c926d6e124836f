"""Correlations ψ(x + s)χ*(x − s) on the grid that a wave function deserves: half its own spacing.

On the spacing of ψ itself the correlation aliases beyond half of the momentum band, while norm and position marginal stay exact.
So ψ is interpolated once, by Fourier, to spacing Δ/2, and shifts s = mΔ/2 are taken from there; outside the box ψ counts as zero.

The interpolation runs in a box of twice the size. A packet leaves the other half empty, so that the ends of its box do not meet: as a
periodic function, what is left of it at one end would ring at the other. A state that fills the box, as a wave does, goes on there.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float, Int, Num

from jaxwigner import fourier
from jaxwigner._types import Array
from jaxwigner.grid import Grid, spread
from jaxwigner.states import as_complex

FILLED = 1e-2  # of the largest |ψ|, at both ends of the box


def beyond(psi: Num[Array, "*shape"]) -> tuple[Float[Array, ""], ...]:
    """For each axis 1 where ψ fills the box from end to end and goes on periodically, 0 where it leaves one end empty."""
    size = jax.lax.stop_gradient(jnp.abs(psi))
    found = []
    for axis in range(psi.ndim):
        ends = (jnp.max(jnp.take(size, end, axis=axis)) for end in (0, -1))
        filled = jnp.minimum(*ends) > FILLED * jnp.max(size)
        found.append(filled.astype(size.dtype))
    return tuple(found)


def refined(
    psi: Num[Array, "*shape"], periodic: tuple[bool, ...] = ()
) -> Complex[Array, "*double"]:
    """ψ at half the spacing; along a periodic axis it goes on where it began."""
    repeats, psi = list(beyond(psi)), as_complex(psi)
    for axis, turns in enumerate(periodic):
        repeats[axis] = jnp.ones_like(repeats[axis]) if turns else repeats[axis]
    for axis, n in enumerate(psi.shape):
        fine = fourier.ifft(padded_spectrum(psi, axis, repeats[axis]), axis=axis)
        psi = jax.lax.slice_in_dim(fine, 0, 2 * n, axis=axis)
    return psi


def padded_spectrum(
    psi: Num[Array, "*shape"], axis: int, repeat: Float[Array, ""]
) -> Complex[Array, "*fourfold"]:
    """The spectrum of ψ along an axis of n points, with `repeat`·ψ beside it, for an inverse transform of length 4n: half the spacing.

    The Nyquist mode is shared between both signs.
    """
    n = psi.shape[axis]
    psi = jnp.moveaxis(psi, axis, -1)
    spectrum = fourier.fft(jnp.concatenate([psi, repeat * psi], axis=-1))
    positive, highest, negative = jnp.split(spectrum, (n, n + 1), axis=-1)
    zeros = jnp.zeros((*spectrum.shape[:-1], 2 * n - 1), spectrum.dtype)
    parts = [positive, 0.5 * highest, zeros, 0.5 * highest, negative]
    return jnp.moveaxis(2 * jnp.concatenate(parts, axis=-1), -1, axis)


def with_zeros(fine: Complex[Array, "*double"]) -> Complex[Array, "*padded"]:
    """A refined wave function with zeros outside the box, so that indices −n … 3n are defined (shifted by n)."""
    return jnp.pad(fine, [(size // 2, size // 2) for size in fine.shape])


def continued(psi: Num[Array, "*shape"], periodic: tuple[bool, ...]) -> Complex[Array, "*padded"]:
    """ψ at half the spacing and beyond the box: 0 there, or around the ring."""
    fine = refined(psi, periodic)
    for axis, turns in enumerate(periodic):
        room = [(size // 2,) * 2 if i == axis else (0, 0) for i, size in enumerate(fine.shape)]
        fine = jnp.pad(fine, room, mode="wrap" if turns else "constant")
    return fine


def shifted(
    padded: Complex[Array, "*padded"],
    lags: tuple[Int[Array, "..."], ...],
    rows: tuple[tuple[int, int], ...] | None = None,
) -> Array:
    """ψ(x_j + mΔ/2) for grid points j (leading axes) and integer lags m (trailing axes, one array per dimension).

    `rows`: the first of the points and their number, for each axis; all of them by default.
    """
    d = padded.ndim
    indices = []
    for axis, lag in enumerate(spread(lags)):
        n = padded.shape[axis] // 4
        first, count = (0, n) if rows is None else rows[axis]
        points = 2 * (first + np.arange(count)) + n
        points = points.reshape(tuple(-1 if i == axis else 1 for i in range(d)))
        indices.append(points.reshape(points.shape + (1,) * d) + lag.reshape((1,) * d + lag.shape))
    return padded[tuple(indices)]


def shifted_to(
    psi: Num[Array, "*shape"], grid: Grid, points: Sequence[Num[Array, " points"]]
) -> Complex[Array, "*points_and_lags"]:
    """ψ(x' + mΔ/2) for any points x', d axes of a tensor of them, and lags m = −n … n−1; zero outside the box of ψ.

    Band-limited interpolation: the shift to x' is a phase in Fourier space, the lags come out of one inverse transform.
    """
    d = psi.ndim
    repeats = beyond(psi)
    values = as_complex(psi).reshape((1,) * d + psi.shape)
    for axis, (n, step) in enumerate(zip(grid.points, grid.spacing)):
        mode, lag = np.fft.fftfreq(4 * n, 1 / (4 * n)), np.arange(-n, n)
        offset = jnp.asarray(points[axis] - grid.lower[axis])
        phase = offset[:, None] * (np.pi * mode / (n * step))[None] - (0.5 * np.pi * mode)[None]
        moved = padded_spectrum(values, d + axis, repeats[axis])
        moved = fourier.ifft(
            moved * _at(jnp.exp(1j * phase).astype(moved.dtype), axis, d), axis=d + axis
        )
        place = offset[:, None] + 0.5 * step * lag[None]
        # A point within rounding of the edge belongs to the box.
        inside = (place > -1e-9 * step) & (place < (n - 1e-9) * step)
        inside = inside & (lag > -n)[None]  # lag −n has no partner +n
        moved = jax.lax.slice_in_dim(moved, 0, 2 * n, axis=d + axis)
        values = jnp.where(_at(inside, axis, d), moved, 0)
    return values


def correlation(
    psi: Num[Array, "*shape"],
    chi: Num[Array, "*shape"],
    grid: Grid,
    points: Sequence[Num[Array, " points"]],
) -> Complex[Array, "*points_and_lags"]:
    """ψ(x' + mΔ/2) χ*(x' − mΔ/2) at any points, for lags m = −n … n−1."""
    plus = shifted_to(psi, grid, points)
    minus = plus if psi is chi else shifted_to(chi, grid, points)
    axes = tuple(range(psi.ndim, 2 * psi.ndim))
    # Lags run from −n to n−1: reversal maps m to −m−1, hence the roll; the unpaired lag −n is zero.
    return plus * jnp.conj(jnp.roll(jnp.flip(minus, axes), (1,) * psi.ndim, axes))


def _at(matrix: Array, axis: int, d: int) -> Array:
    """A (points, lags) matrix of one dimension, shaped for a tensor of d point axes and d lag axes."""
    shape = [1] * (2 * d)
    shape[axis], shape[d + axis] = matrix.shape
    return matrix.reshape(shape)
