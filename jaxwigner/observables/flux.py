"""What passes a point, or a plane x₁ = x₀: the probability flux, and the share beyond.

ψ between grid points is its trigonometric interpolant, the state that the grid stands for; its highest, unpaired mode counts half to
either side. Both numbers are read off this one function, so that d/dt ∫_{x₁ > x₀}ρ = J(x₀) − J(upper) as long as iħ∂_tψ = Hψ.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import fourier
from jaxwigner._checks import as_inexact, check_masses, check_scalar, concrete, each, require
from jaxwigner._types import Array, PerAxis
from jaxwigner.grid import Grid, Scalar, fast_length
from jaxwigner.observables.diagnostics import square
from jaxwigner.observables.quantum import averaged, check_state


def flux(state: Any, grid: Grid, x0: Scalar, hbar: Scalar, mass: PerAxis = 1.0) -> Float[Array, ""]:
    """Probability that passes x₁ = x₀ per unit of time, upwards: J = (ħ/m) ∫ Im(ψ* ∂₁ψ) dx₂…dx_d at x₁ = x₀.

    **Arguments:** `state`: ψ or a `MixedState` on the grid; `x0`: a number within the first axis, may be traced; `hbar`, `mass` (one,
    or one for each axis).

    **Returns:** a number; times of `observe=lambda u: flux(u, …)` give the flux over time, whose integral is what has passed.

    **Raises:** `ValueError` for a state that is not on the grid, numbers that are not positive, an x₀ outside of the box (NaN where it
    is traced).

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.0, 2.0, 0.5)
    >>> round(float(jw.observables.flux(psi, grid, 0.0, 0.5)), 8)  # v·ρ(0) = 2/√(πħ)
    1.59576912
    """
    check_state(state, grid, hbar=hbar)
    along = each(check_masses(mass, grid.dimension), grid.dimension)[0]
    place = _place(x0, grid)
    across = grid.cell / grid.spacing[0]

    def of_orbital(psi):
        psi = as_inexact(psi)
        value, slope = (jnp.tensordot(row, psi, axes=1) for row in _rows(place, grid, psi.dtype))
        return (hbar / along * across) * jnp.sum(jnp.imag(jnp.conj(value) * slope))

    return averaged(of_orbital, state)


def transmitted(state: Any, grid: Grid, x0: Scalar) -> Float[Array, ""]:
    """Probability beyond a plane: ∫_{x₁ > x₀} ρ dx, up to the upper end of the box, of the function that the grid stands for.

    It moves with x₀ and with time as smoothly as ψ does, not by the mass of a cell; its derivative in time is `flux`.

    **Arguments:** `state`: ψ or a `MixedState` on the grid; `x0`: a number within the first axis, may be traced.

    **Raises:** `ValueError` for a state that is not on the grid, an x₀ outside of the box (NaN where it is traced).

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.0, 2.0, 0.5)
    >>> round(float(jw.observables.transmitted(psi, grid, 0.0)), 10)
    0.5
    """
    check_state(state, grid)
    place = _place(x0, grid)
    n, side = grid.points[0], grid.length[0]
    across = grid.cell / grid.spacing[0]
    # |ψ|² has twice the wavenumbers of ψ: on so many points none of them is taken for another.
    many = fast_length(2 * n + 2)

    def of_orbital(psi):
        psi = as_inexact(psi)
        spectrum = fourier.fftn(jnp.moveaxis(psi, 0, -1), axes=(-1,))
        fine = fourier.ifftn(_padded(spectrum, many), axes=(-1,)) * (many / n)
        rho = jnp.sum(square(fine).reshape(-1, many), axis=0)
        c = fourier.rfftn(rho, axes=(-1,)) / many
        q = 2 * np.pi * np.arange(1, c.shape[0]) / side
        waves = c[1:] * (1 - jnp.exp(1j * q * place)) / (1j * q)
        whole = jnp.real(c[0]) * (side - place) + 2 * jnp.sum(jnp.real(waves))
        return (across * whole).astype(rho.dtype)

    return averaged(of_orbital, state)


def _place(x0: Any, grid: Grid) -> Any:
    """x₀ − lower; no number for an x₀ outside of the box that is known at run time only."""
    check_scalar("x0", x0)
    low, high = grid.lower[0], grid.upper[0]
    if not concrete((x0, low, high)):
        return jnp.where((low <= x0) & (x0 <= high), x0 - low, jnp.nan)
    inside = low <= float(x0) <= high
    require(inside, "x0", f"lie in the box, between {low:g} and {high:g}", x0)
    return x0 - low


def _rows(place: Any, grid: Grid, dtype: Any) -> tuple[Array, Array]:
    """r and r′ with ψ(x₀) = Σ_j r_jψ_j and ψ′(x₀) = Σ_j r′_jψ_j, periodic sinc functions by their Fourier sums."""
    n = grid.points[0]
    k = 2 * np.pi * np.arange(1, (n - 1) // 2 + 1)[:, None] / grid.length[0]
    gap = (place - np.arange(n) * grid.spacing[0])[None]
    value = (1 + 2 * jnp.sum(jnp.cos(k * gap), axis=0)) / n
    slope = -2 * jnp.sum(k * jnp.sin(k * gap), axis=0) / n
    if n % 2 == 0:
        last = np.pi * n / grid.length[0]
        value = value + jnp.cos(last * gap[0]) / n
        slope = slope - last * jnp.sin(last * gap[0]) / n
    real = jnp.finfo(dtype).dtype
    return value.astype(real), slope.astype(real)


def _padded(spectrum: Array, many: int) -> Array:
    """The spectrum of the same interpolant on more points of the last axis."""
    n = spectrum.shape[-1]
    half = n // 2
    low, high = spectrum[..., : (n + 1) // 2], spectrum[..., n - (n - 1) // 2 :]
    middle = many - low.shape[-1] - high.shape[-1]
    if n % 2:
        gap = jnp.zeros((*spectrum.shape[:-1], middle), spectrum.dtype)
    else:
        edge = 0.5 * spectrum[..., half : half + 1]
        gap = jnp.zeros((*spectrum.shape[:-1], middle - 2), spectrum.dtype)
        gap = jnp.concatenate([edge, gap, edge], axis=-1)
    return jnp.concatenate([low, gap, high], axis=-1)
