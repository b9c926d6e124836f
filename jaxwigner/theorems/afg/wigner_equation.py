"""The Wigner equation, pointwise: Ambrosio–Friesecke–Giannoulis (WE), (10), (15), Lemma 2.1.

∂_tW = −p·∇_xW + f,   f = −(i/ħ)(F(Uψ, ψ) − F(ψ, Uψ)) = ∇U·∇_pW + g
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jaxtyping import Num

from jaxwigner import fourier
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar, phase_grid
from jaxwigner.inequality import Inequality, equal_functions
from jaxwigner.phase_space import (
    bilinear_wigner,
    f_hbar,
    g_hbar,
    wigner,
)
from jaxwigner.phase_space._windows import check_state
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.theorems.errors import resolution_error

Psi = Num[Array, "*shape"]  # real wave functions are welcome


def wigner_equation(
    psi: Psi, potential: Any, grid: Grid, hbar: Scalar, *, classical: bool = False
) -> Inequality:
    """∂_tW = −p·∇_xW + f at one time, the left side as 2Re F(∂_tψ, ψ) with ∂_tψ = Hψ/iħ (AFG (WE), (10), Lemma 2.1).

    **Arguments:** `classical`: put ∇U·∇_pW in place of f, which must fail unless U is quadratic (a negative control).

    **Returns:** an identity of functions on the natural phase-space grid.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> jw.theorems.wigner_equation.wigner_equation(psi, lambda x: x**4 / 8, grid, 0.5).verdict
    'holds'
    """
    check_state(psi, grid, "psi")
    potential, phase = as_potential(potential), phase_grid(grid, hbar)
    rate = -1j / hbar * _hamiltonian(psi, potential, grid, hbar)
    left = 2 * jnp.real(bilinear_wigner(rate, psi, grid, phase, hbar))
    W = wigner(psi, grid, phase, hbar)
    force = f_hbar(psi, potential, grid, phase, hbar)
    if classical:
        force = force - g_hbar(psi, potential, grid, phase, hbar)
    right = force
    for axis, p in enumerate(phase.mesh[1]):
        right = right - p * _slope(W, grid, axis)
    error = resolution_error(psi, grid) + resolution_error(rate, grid)
    law = "∇U·∇_pW in place of f" if classical else "∂_tW = −p·∇_xW + f"
    return equal_functions("AFG (WE)", law, left, right, error=error, parameters={"hbar": hbar})


def derivative_form(psi: Psi, grid: Grid, hbar: Scalar, *, order: int = 1) -> Inequality:
    """∂_xW = F(∂_xψ, ψ) + F(ψ, ∂_xψ), or ∂²_xW in the same way (AFG, proof of Lemma 2.1), along the first axis.

    **Arguments:** `order`: 1 or 2. **Returns:** an identity: the bilinear form against the spectral derivative of W.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> jw.theorems.wigner_equation.derivative_form(psi, grid, 0.5, order=2).verdict
    'holds'
    """
    phase = phase_grid(grid, hbar)
    first = _slope(psi, grid, 0)
    W = wigner(psi, grid, phase, hbar)
    if order == 1:
        left = 2 * jnp.real(bilinear_wigner(first, psi, grid, phase, hbar))
        right, name = _slope(W, grid, 0), "∂_xW = 2Re F(∂_xψ, ψ)"
    else:
        second = _slope(first, grid, 0)
        left = 2 * jnp.real(bilinear_wigner(second, psi, grid, phase, hbar))
        left = left + 2 * wigner(first, grid, phase, hbar)
        right, name = (
            _slope(_slope(W, grid, 0), grid, 0),
            "∂²_xW = 2Re F(∂²_xψ, ψ) + 2F(∂_xψ, ∂_xψ)",
        )
    error = 100 * (resolution_error(psi, grid) + resolution_error(first, grid))
    return equal_functions("AFG (15)", name, left, right, error=error, parameters={"hbar": hbar})


def _slope(u: Array, grid: Grid, axis: int) -> Array:
    """∂u/∂x along a position axis, spectrally; the Nyquist mode of a derivative counts as zero."""
    n = grid.points[axis]
    k = jnp.asarray(grid.wavenumbers[axis])
    if n % 2 == 0:
        k = k.at[n // 2].set(0.0)
    k = k.reshape(tuple(-1 if i == axis else 1 for i in range(u.ndim)))
    slope = fourier.ifft(1j * k * fourier.fft(u, axis=axis), axis=axis)
    return slope if jnp.iscomplexobj(u) else jnp.real(slope)


def _hamiltonian(psi: Array, potential: Potential, grid: Grid, hbar: Scalar) -> Array:
    """(−ħ²Δ/2 + U)ψ."""
    squares = sum(k**2 for k in grid.wavenumber_mesh)
    kinetic = fourier.ifftn(0.5 * hbar**2 * squares * fourier.fftn(psi))
    return kinetic + jnp.broadcast_to(potential(*grid.mesh), grid.shape) * psi
