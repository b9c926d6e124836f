"""Husimi functions in several ways: Golse–Paul Remark 2.3, with the factor (2πħ)^{−d} and the identity as they must read.

    W̃ = e^{(ħ/4)Δ_{x,ξ}} W = (2πħ)^{−d} ⟨z|R|z⟩                                        (printed without the factor)
    (πħ)^{d/2} e^{(|x|²+|x′|²)/2ħ} e^{−i(x·ξ−x′·ξ′)/ħ} ⟨z|R|z′⟩ = ∫∫ r(y, y′) e^{−(|y|²+|y′|²)/2ħ} e^{(y·z̄+y′·z′)/ħ} dy dy′
    R is determined by W̃, by undoing the heat flow: exponentially ill-posed, so band by band.

All of it for d = 1.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import fourier
from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.inequality import Inequality, equal_functions
from jaxwigner.phase_space import husimi, wigner
from jaxwigner.states import MixedState
from jaxwigner.states.packets import probes
from jaxwigner.theorems.errors import resolution_error


def _state_error(state: Any, grid: Grid) -> Array:
    """The worst resolution error of the orbitals."""
    require(isinstance(state, MixedState), "state", "be a MixedState", state)
    return jnp.max(jax.vmap(lambda psi: resolution_error(psi, grid))(state.orbitals))


def _equal(
    law: str, left: Array, right: Array, error: Array, hbar: Scalar, **others: Any
) -> Inequality:
    numbers = {"hbar": hbar, **others}
    return equal_functions("GP Remark 2.3", law, left, right, error=error, parameters=numbers)


def heat_flow(W: Array, phase: PhaseGrid, time: Scalar) -> Array:
    """e^{time·Δ_{x,p}}W on a periodic phase-space grid of dimension 1.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> phase = jw.PhaseGrid(jw.Grid(-5.0, 5.0, 32), jw.Grid(-5.0, 5.0, 36))
    >>> (x,), (p,) = phase.mesh
    >>> W = jnp.exp(-(x**2) - p**2)
    >>> warm = jw.theorems.husimi_functions.heat_flow(W, phase, 0.25)
    >>> bool(jnp.allclose(warm, 0.5 * jnp.exp(-(x**2) / 2 - p**2 / 2), atol=1e-4))
    True
    """
    return fourier.irfftn(
        jnp.exp(-time * _squares(phase)) * fourier.rfftn(W), s=phase.shape, axes=(0, 1)
    )


def _squares(phase: PhaseGrid) -> Array:
    """|k|² over the half spectrum of a real field."""
    k = jnp.asarray(phase.position.wavenumbers[0])
    eta = jnp.abs(jnp.asarray(phase.momentum.wavenumbers[0]))[: phase.momentum.points[0] // 2 + 1]
    return k[:, None] ** 2 + eta[None, :] ** 2


def smoothed_wigner(
    state: MixedState, grid: Grid, phase: PhaseGrid, hbar: Scalar, *, time: Scalar = 0.25
) -> Inequality:
    """W̃ = e^{(ħ/4)Δ}W (Golse–Paul Remark 2.3): the Gabor transform of the orbitals against the heat flow of W.

    **Arguments:** `time`: the time of the heat flow in units of ħ; other than ¼ it is a negative control.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-7.0, 7.0, 96)
    >>> phase = jw.PhaseGrid(grid, jw.Grid(-6.0, 6.0, 80))
    >>> R = jw.MixedState([0.7, 0.3], [jw.coherent_state(grid, q, 0.5, 0.5) for q in (0.0, 1.0)])
    >>> claims = [jw.theorems.husimi_functions.smoothed_wigner(R, grid, phase, 0.5, time=t) for t in (0.25, 0.1)]
    >>> [claim.verdict for claim in claims]
    ['holds', 'violated']
    """
    left = heat_flow(wigner(state, grid, phase, hbar), phase, time * hbar)
    right = husimi(state, grid, phase, hbar)
    return _equal("W̃ = e^{(ħ/4)Δ}W", left, right, 10 * _state_error(state, grid), hbar)


def _overlaps(state: MixedState, grid: Grid, q: Array, p: Array, hbar: Scalar) -> Array:
    """⟨z|ψ_j⟩ for points (q, p), shape (points, orbitals), by quadrature."""
    packets = probes(grid, q[:, None], p[:, None], hbar)
    return jnp.conj(packets) @ state.orbitals.T * grid.cell


def coherent_expectation(
    state: MixedState,
    grid: Grid,
    phase: PhaseGrid,
    hbar: Scalar,
    *,
    stride: int = 5,
    printed: bool | int = False,
) -> Inequality:
    """W̃ = (2πħ)^{−1}⟨z|R|z⟩ (Golse–Paul Remark 2.3), on every `stride`-th point of the grid.

    **Arguments:** `printed`: without the factor, as in the paper's text: a negative control.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-7.0, 7.0, 96)
    >>> R = jw.MixedState([1.0], [jw.coherent_state(grid, 1.0, 0.5, 0.5)])
    >>> jw.theorems.husimi_functions.coherent_expectation(R, grid, jw.PhaseGrid(grid, grid), 0.5).verdict
    'holds'
    """
    q, p = (jnp.asarray(side.axes[0])[::stride] for side in (phase.position, phase.momentum))
    q, p = (a.reshape(-1) for a in jnp.meshgrid(q, p, indexing="ij"))
    overlaps = _overlaps(state, grid, q, p, hbar)
    left = jnp.abs(overlaps) ** 2 @ state.weights
    left = left if printed else left / (2 * np.pi * hbar)
    right = husimi(state, grid, phase, hbar)[::stride, ::stride].reshape(-1)
    law = "W̃ = ⟨z|R|z⟩ as printed" if printed else "W̃ = (2πħ)⁻¹⟨z|R|z⟩"
    return _equal(law, left, right, 10 * _state_error(state, grid), hbar)


def holomorphic_identity(
    state: MixedState,
    grid: Grid,
    positions: Float[Array, " k"],
    momenta: Float[Array, " k"],
    hbar: Scalar,
    *,
    printed: bool | int = False,
) -> Inequality:
    """The identity behind uniqueness in Golse–Paul Remark 2.3, for all pairs z, z′ of a few points.

        (πħ)^{1/2} e^{(x²+x′²)/2ħ} e^{−i(xξ−x′ξ′)/ħ} ⟨z|R|z′⟩ = ∫∫ r(y, y′) e^{−(y²+y′²)/2ħ} e^{(y z̄ + y′z′)/ħ} dy dy′

    **Arguments:** `printed`: the paper's text, e^{(|z+z̄|²+|z′+z̄′|²)/8ħ} without a phase, and e^{−(y z + y′z̄′)/ħ}: a control.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-7.0, 7.0, 96)
    >>> R = jw.MixedState([0.7, 0.3], [jw.coherent_state(grid, q, 0.5, 0.5) for q in (0.0, 1.0)])
    >>> points = jnp.array([0.2, -0.3]), jnp.array([0.1, 0.4])
    >>> jw.theorems.husimi_functions.holomorphic_identity(R, grid, *points, 0.5).verdict
    'holds'
    """
    x, xi = jnp.asarray(positions), jnp.asarray(momenta)
    z = x + 1j * xi
    overlaps = _overlaps(state, grid, x, xi, hbar)
    matrix = (overlaps * state.weights[None, :]) @ jnp.conj(overlaps).T
    growth = x**2 / (2 * hbar) - (0.0 if printed else 1j * x * xi / hbar)
    scale = jnp.exp(growth)
    left = jnp.sqrt(np.pi * hbar) * scale[:, None] * matrix * jnp.conj(scale)[None, :]
    y = jnp.asarray(grid.axes[0])
    exponent = (-z if printed else jnp.conj(z))[:, None] * y[None, :]
    kernel = jnp.exp((exponent - 0.5 * y[None, :] ** 2) / hbar)
    moments = kernel @ state.orbitals.T * grid.cell
    # The second factor, of y′ and z′, is the complex conjugate of the first in both versions.
    right = (moments * state.weights[None, :]) @ jnp.conj(moments).T
    law = "identity for ⟨z|R|z′⟩ as printed" if printed else "identity for ⟨z|R|z′⟩ (corrected)"
    return _equal(law, left, right, 100 * _state_error(state, grid), hbar)


def reconstruction(
    state: MixedState,
    grid: Grid,
    phase: PhaseGrid,
    hbar: Scalar,
    *,
    band: Scalar,
    undone: Scalar = 0.25,
) -> Inequality:
    """W, hence R, from W̃ within a band |k| ≤ K of phase-space frequencies: e^{+ħ|k|²/4}Ŵ̃ = Ŵ (Golse–Paul Remark 2.3).

    The band matters: errors grow by e^{ħK²/4}, which the stated error contains.

    **Arguments:** `band`: K; `undone`: the heat time undone in units of ħ; other than ¼ it is a negative control.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-7.0, 7.0, 96)
    >>> phase = jw.PhaseGrid(grid, jw.Grid(-6.0, 6.0, 80))
    >>> R = jw.MixedState([0.7, 0.3], [jw.coherent_state(grid, q, 0.5, 0.5) for q in (0.0, 1.0)])
    >>> jw.theorems.husimi_functions.reconstruction(R, grid, phase, 0.5, band=6.0).verdict
    'holds'
    """
    squares = _squares(phase)
    low = squares <= band**2
    undo = jnp.where(low, jnp.exp(jnp.where(low, undone * hbar * squares, 0.0)), 0.0)
    back = lambda spectrum: fourier.irfftn(spectrum, s=phase.shape, axes=(0, 1))  # noqa: E731
    left = back(undo * fourier.rfftn(husimi(state, grid, phase, hbar)))
    right = back(low * fourier.rfftn(wigner(state, grid, phase, hbar)))
    error = 10 * _state_error(state, grid) * jnp.exp(0.25 * hbar * jnp.asarray(band) ** 2)
    return _equal("W from W̃ on |k| ≤ K", left, right, error, hbar, band=band)
