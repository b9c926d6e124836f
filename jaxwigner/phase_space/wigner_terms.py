"""The terms of the Wigner equation at a fixed time (AFG §2): f_ħ = ΘW, and g_ħ, what it has beyond Liouville's."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jaxtyping import Float, Num

from jaxwigner._checks import check_finite
from jaxwigner._types import Array
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.phase_space._windows import check_state
from jaxwigner.phase_space.wigner import bilinear_wigner
from jaxwigner.potentials import as_potential


def f_hbar(
    psi: Num[Array, "*shape"], potential: Any, grid: Grid, phase_grid: PhaseGrid, hbar: Scalar
) -> Float[Array, "*phase_shape"]:
    """The potential term of the Wigner equation, f = −(i/ħ)(F(Uψ, ψ) − F(ψ, Uψ)) = (2/ħ) Im F(Uψ, ψ) (AFG §2).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import f_hbar
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> f = f_hbar(jw.coherent_state(grid, 1.0, 0.0, 0.5), jw.potentials.Harmonic(1.0), grid, phase, 0.5)
    >>> (x,), (p,) = phase.mesh
    >>> round(float((p * f).sum() * phase.cell), 10)  # minus the mean force: −⟨U'⟩ = d⟨p⟩/dt
    -1.0
    """
    check_state(psi, grid, "psi")
    values = _values(potential, grid)
    F = bilinear_wigner(values * jnp.asarray(psi), psi, grid, phase_grid, hbar)
    return (2 / hbar) * jnp.imag(F)


def g_hbar(
    psi: Num[Array, "*shape"], potential: Any, grid: Grid, phase_grid: PhaseGrid, hbar: Scalar
) -> Float[Array, "*phase_shape"]:
    """What the Wigner equation has beyond the Liouville equation: g = f − ∇U·∇_pW (AFG §1).

    It tends to zero weakly, not in norm: zero for quadratic U, O(ħ²) against a test function for U ∈ C³.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import g_hbar
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> g = g_hbar(jw.coherent_state(grid, 1.0, 0.0, 0.5), jw.potentials.Harmonic(1.0), grid, phase, 0.5)
    >>> bool(abs(g).max() < 1e-10)
    True
    """
    f = f_hbar(psi, potential, grid, phase_grid, hbar)
    (position, _) = phase_grid.mesh
    slopes = as_potential(potential).gradient(*position)
    transport = jnp.zeros_like(f)
    for axis, slope in enumerate(slopes):
        transport = transport + slope * _momentum_slope(psi, axis, grid, phase_grid, hbar)
    return f - transport


def _momentum_slope(psi, axis, grid, phase_grid, hbar):
    """∂W/∂p = −i F-transform of y·correlation, and ħy = (x + ħy/2) − (x − ħy/2): (2/ħ) Im F(xψ, ψ)."""
    F = bilinear_wigner(grid.mesh[axis] * jnp.asarray(psi), psi, grid, phase_grid, hbar)
    return (2 / hbar) * jnp.imag(F)


def _values(potential: Any, grid: Grid) -> Float[Array, "*shape"]:
    if callable(potential):
        return jnp.broadcast_to(as_potential(potential)(*grid.mesh), grid.shape)
    check_finite("potential", potential, grid.shape)
    return jnp.asarray(potential)
