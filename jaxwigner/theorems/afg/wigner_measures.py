"""Wigner functions at a fixed time: Ambrosio–Friesecke–Giannoulis (5), (6), Lemma 2.2, (18), (19); their ε is ħ.

W_ħ(x, p) = (2π)^{−d} ∫ψ(x + ħy/2) ψ*(x − ħy/2) e^{−ip·y} dy has the right marginals and is bounded by (πħ)^{−d}, but may be negative;
against fixed test functions it is bounded uniformly in ħ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Num

from jaxwigner import fourier, observables
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid, Scalar, phase_grid
from jaxwigner.inequality import Inequality, equal_functions, sup_norm_error
from jaxwigner.phase_space import (
    GaussianTest,
    bilinear_wigner,
    marginals,
    wigner,
    wigner_at,
)
from jaxwigner.phase_space._windows import check_state
from jaxwigner.theorems.errors import Lags, Tested, resolution_error

Psi = Num[Array, "*shape"]


def position_marginal(
    psi: Psi, grid: Grid, hbar: Scalar, *, transform: Callable = wigner
) -> Inequality:
    """The position density is a marginal: ∫W dp = |ψ|² (AFG (6)).

    **Arguments:** `transform`: how W is made, to compare implementations.

    **Returns:** an identity: sup|∫W dp − |ψ|²|/sup|ψ|² = 0.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> jw.theorems.wigner_measures.position_marginal(jw.cat_state(grid, 2.0, 0.5, 0.5), grid, 0.5).verdict
    'holds'
    """
    left, _ = _marginals(psi, grid, hbar, transform)
    right = observables.position_density(psi, grid)
    return _agree("∫W dp = |ψ|²", left, right, psi, grid, hbar)


def momentum_marginal(
    psi: Psi, grid: Grid, hbar: Scalar, *, transform: Callable = wigner
) -> Inequality:
    """The momentum density is a marginal: ∫W dx = |(2πħ)^{−d/2} ∫e^{−ip·x/ħ}ψ dx|² (AFG (6)).

    Only this marginal sees a Wigner function computed on the grid's own spacing, which aliases beyond half of the momentum band.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> jw.theorems.wigner_measures.momentum_marginal(jw.cat_state(grid, 2.0, 0.5, 0.5), grid, 0.5).verdict
    'holds'
    """
    _, left = _marginals(psi, grid, hbar, transform)
    # Padding to twice the box gives the momenta of the natural phase-space grid.
    padded = jnp.pad(psi, [(0, n) for n in grid.points])
    spectrum = jnp.fft.fftshift(fourier.fftn(padded))
    right = jnp.abs(spectrum * grid.cell) ** 2 / (2 * np.pi * hbar) ** grid.dimension
    return _agree("∫W dx = |ψ̂(p)|²", left, right, psi, grid, hbar)


def _marginals(psi: Psi, grid: Grid, hbar: Scalar, transform: Callable) -> tuple[Array, Array]:
    """Those of position and of momentum, on the natural phase-space grid."""
    check_state(psi, grid, "psi")
    phase = phase_grid(grid, hbar)
    return marginals(transform(psi, grid, phase, hbar), phase)


def _agree(law: str, left: Array, right: Array, psi: Psi, grid: Grid, hbar: Scalar) -> Inequality:
    """An identity between densities, as well as ψ is resolved."""
    error = resolution_error(psi, grid)
    return equal_functions("AFG (6)", law, left, right, error=error, parameters={"hbar": hbar})


def sup_bound(psi: Psi, grid: Grid, hbar: Scalar) -> Inequality:
    """|W| ≤ (πħ)^{−d}‖ψ‖² (AFG Lemma 2.2), attained at the centre of every state of definite parity.

    The supremum is taken over the points of the natural phase-space grid.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> jw.theorems.wigner_measures.sup_bound(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, 0.5).verdict
    'tight'
    """
    check_state(psi, grid, "psi")
    W = wigner(psi, grid, phase_grid(grid, hbar), hbar)
    bound = observables.norm(psi, grid) / (np.pi * hbar) ** grid.dimension
    error = resolution_error(psi, grid) * bound
    return _largest("sup|W| ≤ (πħ)^{−d}‖ψ‖²", W, error, bound, hbar)


def _largest(law: str, W: Array, error: Array, bound: Array, hbar: Scalar) -> Inequality:
    """A bound of sup|W| over grid points, where W is known to ± error."""
    lhs, law = sup_norm_error(jnp.max(jnp.abs(W)), error), f"{law}, sup over grid points"
    numbers = {"hbar": hbar}
    return Inequality("AFG Lemma 2.2", law, lhs, bound, width=1e-6 * bound, parameters=numbers)


def parity_value(
    psi: Psi, grid: Grid, position: Any, momentum: Any, hbar: Scalar, *, parity: int
) -> Inequality:
    """A state of parity ±1 about a point attains W = ±(πħ)^{−d}‖ψ‖² there: equality in AFG Lemma 2.2, with a sign.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> odd = jw.fock_orbitals(grid, 2, hbar=0.5)[1]
    >>> jw.theorems.wigner_measures.parity_value(odd, grid, 0.0, 0.0, 0.5, parity=-1).verdict
    'holds'
    """
    value = wigner_at(psi, grid, position, momentum, hbar)
    bound = observables.norm(psi, grid) / (np.pi * hbar) ** grid.dimension
    error = resolution_error(psi, grid) * bound
    return Inequality(
        "AFG Lemma 2.2",
        "parity ±1 about z: W(z) = ±(πħ)^{−d}‖ψ‖²",
        Bracket.estimated(value, error),
        parity * bound,
        kind="identity",
        width=1e-6 * bound,
        parameters={"hbar": hbar, "parity": parity},
    )


def difference_bound(
    psi: Psi, psi_other: Psi, chi: Psi, chi_other: Psi, grid: Grid, hbar: Scalar
) -> Inequality:
    """|F(ψ,χ) − F(ψ′,χ′)| ≤ (πħ)^{−d}(‖ψ−ψ′‖‖χ‖ + ‖ψ′‖‖χ−χ′‖) (AFG Lemma 2.2), sup over grid points.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> a, b, c, d = (jw.coherent_state(grid, 0.0, p, 0.5) for p in (0.0, 0.5, 1.0, 1.2))
    >>> jw.theorems.wigner_measures.difference_bound(a, b, c, d, grid, 0.5).verdict
    'holds'
    """
    phase = phase_grid(grid, hbar)
    F = bilinear_wigner(psi, chi, grid, phase, hbar)
    F = F - bilinear_wigner(psi_other, chi_other, grid, phase, hbar)
    size = lambda u: jnp.sqrt(observables.norm(u, grid))  # noqa: E731
    bound = size(psi - psi_other) * size(chi) + size(psi_other) * size(chi - chi_other)
    bound = bound / (np.pi * hbar) ** grid.dimension
    states = (psi, psi_other, chi, chi_other)
    error = sum(resolution_error(u, grid) for u in states) / (np.pi * hbar) ** grid.dimension
    law = "|F(ψ,χ) − F(ψ′,χ′)| ≤ (πħ)^{−d}(‖ψ−ψ′‖‖χ‖ + ‖ψ′‖‖χ−χ′‖)"
    return _largest(law, F, error, bound, hbar)


def weak_bound(
    psi: Psi, grid: Grid, test: GaussianTest, hbar: Scalar, *, lags: Lags = None
) -> Inequality:
    """|∫∫Wφ| ≤ (2π)^{−d}‖ψ‖²‖φ‖_A (AFG (18)); the constant is sharp: a packet at the maximum of φ attains it as ħ → 0 (AFG (19)).

    **Arguments:** `lags`: how many lags y = mΔ/ħ on either side are summed, default all; φ needs `test.reach()`·ħ/Δ of them.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phi = jw.phase_space.GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
    >>> claim = jw.theorems.wigner_measures.weak_bound(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, phi, 0.5)
    >>> claim.verdict, round(float(claim.ratio), 3)
    ('holds', 0.73)
    """
    seen = Tested(psi, grid, test, hbar, lags)
    return seen.claim(
        "AFG (18)", "|∫∫Wφ| ≤ (2π)^{−d}‖ψ‖²‖φ‖_A", seen.value, seen.norm * seen.moment(0)
    )
