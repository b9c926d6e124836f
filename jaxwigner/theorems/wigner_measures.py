"""Wigner functions at a fixed time and their limits: Ambrosio–Friesecke–Giannoulis (5), (6), Lemmas 2.2 and 3.1, (18), (19).

W_ħ(x, p) = (2π)^{−d} ∫ψ(x + ħy/2) ψ*(x − ħy/2) e^{−ip·y} dy (their ε is ħ) has the right marginals and is bounded by (πħ)^{−d}, but may be
negative; tested against fixed functions it is bounded, and its limits are non-negative measures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex

from jaxwigner import observables
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid, Scalar, phase_grid
from jaxwigner.phase_space import (
    GaussianTest,
    bilinear_wigner,
    marginals,
    weak_integral,
    wigner,
    wigner_at,
)
from jaxwigner.phase_space.wigner import check_state
from jaxwigner.theorems._sides import (
    require_gaussian,
    resolution_error,
    squared_norm,
    test_moment,
    weak_error,
)
from jaxwigner.theorems.inequality import ROUNDING, Inequality, equal_functions, sup_norm_error

Psi = Complex[Array, "*shape"]


def position_marginal(
    psi: Psi, grid: Grid, hbar: Scalar, *, transform: Callable = wigner
) -> Inequality:
    """The position density is a marginal: ∫W dp = |ψ|² (AFG (6)).

    **Arguments:** `transform`: how W is made, to compare implementations.

    **Returns:** an identity: sup|∫W dp − |ψ|²|/sup|ψ|² = 0.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import wigner_measures
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> wigner_measures.position_marginal(jw.cat_state(grid, 2.0, 0.5, 0.5), grid, 0.5).verdict
    'holds'
    """
    check_state(psi, grid, "psi")
    phase = phase_grid(grid, hbar)
    left, _ = marginals(transform(psi, grid, phase, hbar), phase)
    right = observables.position_density(psi, grid)
    error = resolution_error(psi, grid)
    statement = "∫W dp = |ψ|²"
    return equal_functions(
        "AFG (6)", statement, left, right, error=error, parameters={"hbar": hbar}
    )


def momentum_marginal(
    psi: Psi, grid: Grid, hbar: Scalar, *, transform: Callable = wigner
) -> Inequality:
    """The momentum density is a marginal: ∫W dx = |(2πħ)^{−d/2} ∫e^{−ip·x/ħ}ψ dx|² (AFG (6)).

    Only this marginal sees a Wigner function computed on the grid's own spacing, which aliases beyond half of the momentum band.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import wigner_measures
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> wigner_measures.momentum_marginal(jw.cat_state(grid, 2.0, 0.5, 0.5), grid, 0.5).verdict
    'holds'
    """
    check_state(psi, grid, "psi")
    phase = phase_grid(grid, hbar)
    _, left = marginals(transform(psi, grid, phase, hbar), phase)
    # Padding to twice the box gives the momenta of the natural phase-space grid.
    padded = jnp.pad(psi, [(0, n) for n in grid.points])
    spectrum = jnp.fft.fftshift(jnp.fft.fftn(padded))
    right = jnp.abs(spectrum * grid.cell) ** 2 / (2 * np.pi * hbar) ** grid.dimension
    error = resolution_error(psi, grid)
    statement = "∫W dx = |ψ̂(p)|²"
    return equal_functions(
        "AFG (6)", statement, left, right, error=error, parameters={"hbar": hbar}
    )


def sup_bound(psi: Psi, grid: Grid, hbar: Scalar) -> Inequality:
    """|W| ≤ (πħ)^{−d}‖ψ‖² (AFG Lemma 2.2), attained at the centre of every state of definite parity.

    The supremum is taken over the points of the natural phase-space grid.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import wigner_measures
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> wigner_measures.sup_bound(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, 0.5).verdict
    'tight'
    """
    check_state(psi, grid, "psi")
    W = wigner(psi, grid, phase_grid(grid, hbar), hbar)
    bound = squared_norm(psi, grid) / (np.pi * hbar) ** grid.dimension
    error = resolution_error(psi, grid) * bound
    return Inequality(
        "AFG Lemma 2.2",
        "sup|W| ≤ (πħ)^{−d}‖ψ‖², sup over grid points",
        sup_norm_error(jnp.max(jnp.abs(W)), error),
        bound,
        width=1e-6 * bound,
        parameters={"hbar": hbar},
    )


def parity_value(
    psi: Psi, grid: Grid, position: Any, momentum: Any, hbar: Scalar, *, parity: int
) -> Inequality:
    """A state of parity ±1 about a point attains W = ±(πħ)^{−d}‖ψ‖² there: equality in AFG Lemma 2.2, with a sign.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import wigner_measures
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> odd = jw.fock_orbitals(grid, 2, hbar=0.5)[1]
    >>> wigner_measures.parity_value(odd, grid, 0.0, 0.0, 0.5, parity=-1).verdict
    'holds'
    """
    value = wigner_at(psi, grid, position, momentum, hbar)
    bound = squared_norm(psi, grid) / (np.pi * hbar) ** grid.dimension
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
    >>> from jaxwigner.theorems import wigner_measures
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> a, b, c, d = (jw.coherent_state(grid, 0.0, p, 0.5) for p in (0.0, 0.5, 1.0, 1.2))
    >>> wigner_measures.difference_bound(a, b, c, d, grid, 0.5).verdict
    'holds'
    """
    phase = phase_grid(grid, hbar)
    F = bilinear_wigner(psi, chi, grid, phase, hbar)
    F = F - bilinear_wigner(psi_other, chi_other, grid, phase, hbar)
    size = lambda u: jnp.sqrt(squared_norm(u, grid))  # noqa: E731
    bound = size(psi - psi_other) * size(chi) + size(psi_other) * size(chi - chi_other)
    bound = bound / (np.pi * hbar) ** grid.dimension
    states = (psi, psi_other, chi, chi_other)
    error = sum(resolution_error(u, grid) for u in states) / (np.pi * hbar) ** grid.dimension
    return Inequality(
        "AFG Lemma 2.2",
        "|F(ψ,χ) − F(ψ′,χ′)| ≤ (πħ)^{−d}(‖ψ−ψ′‖‖χ‖ + ‖ψ′‖‖χ−χ′‖), sup over grid points",
        sup_norm_error(jnp.max(jnp.abs(F)), error),
        bound,
        width=1e-6 * bound,
        parameters={"hbar": hbar},
    )


def weak_bound(
    psi: Psi, grid: Grid, test: GaussianTest, hbar: Scalar, *, lags: int | None = None
) -> Inequality:
    """|∫∫Wφ| ≤ (2π)^{−d}‖ψ‖²‖φ‖_A (AFG (18)); the constant is sharp: a packet at the maximum of φ attains it as ħ → 0 (AFG (19)).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems import wigner_measures
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
    >>> claim = wigner_measures.weak_bound(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, phi, 0.5)
    >>> claim.verdict, round(float(claim.ratio), 3)
    ('holds', 0.73)
    """
    require_gaussian(test)
    value = jnp.abs(_expectation(psi, grid, test, hbar, lags))
    mass = squared_norm(psi, grid)
    bound = mass * test_moment(test, 0, grid.dimension)
    return Inequality(
        "AFG (18)",
        "|∫∫Wφ| ≤ (2π)^{−d}‖ψ‖²‖φ‖_A",
        sup_norm_error(value, weak_error(psi, grid, test, hbar, lags) * bound),
        bound,
        width=1e-6 * bound,
        parameters={"hbar": hbar},
    )


def positivity(
    psi: Psi,
    grid: Grid,
    test: GaussianTest,
    hbar: Scalar,
    *,
    curvature: Scalar,
    lags: int | None = None,
) -> Inequality:
    """W is non-negative in the limit (AFG Lemma 3.1 (ii)), with a constant: −∫∫Wφ ≤ (ħ/4)(2π)^{−d}‖Δφ‖_A‖ψ‖² for φ ≥ 0.

    Beyond the paper. Proof: e^{(ħ/4)Δ}W is the Husimi function, which is ≥ 0, and φ − e^{(ħ/4)Δ}φ is an average of −Δφ over ħ/4 with
    a norm ‖·‖_A that translations leave alone; then (18).

    **Arguments:** `test`: φ = a(x)e^{−|p−q|²/2τ²} with a ≥ 0; `curvature`: sup|Δa|.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems import wigner_measures
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2) / 2), momentum=0.0, width=1.0)
    >>> odd = jw.fock_orbitals(grid, 2, hbar=0.5)[1]
    >>> wigner_measures.positivity(odd, grid, phi, 0.5, curvature=1.0).verdict
    'holds'
    """
    require_gaussian(test)
    value = _expectation(psi, grid, test, hbar, lags)
    mass = squared_norm(psi, grid)
    bound = 0.25 * hbar * mass * _laplacian_norm(test, grid.dimension, curvature)
    error = weak_error(psi, grid, test, hbar, lags) * mass * test.supremum
    return Inequality(
        "AFG Lemma 3.1 (ii), beyond",
        "−∫∫Wφ ≤ (ħ/4)(2π)^{−d}‖Δφ‖_A‖ψ‖² for φ ≥ 0",
        Bracket.estimated(-value, error),
        bound,
        width=1e-6 * mass,
        parameters={"hbar": hbar},
    )


def projection_bound(
    psi: Psi,
    grid: Grid,
    test: GaussianTest,
    hbar: Scalar,
    *,
    curvature: Scalar,
    lags: int | None = None,
) -> Inequality:
    """The projection of W to positions stays below the density (AFG Lemma 3.1 (iii)), with a constant, for φ = a(x)b(p), b ≤ 1:

        ∫∫Wφ ≤ ∫a|ψ|² + (ħ/4)[(2π)^{−d}‖Δφ‖_A + sup|Δa|]‖ψ‖².

    Beyond the paper; the proof is that of `positivity` for φ and for a. Where momenta escape to infinity the left side vanishes.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems import wigner_measures
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2) / 2), momentum=0.0, width=1.0)
    >>> psi = jw.coherent_state(grid, 0.0, 2.0, 0.5)
    >>> wigner_measures.projection_bound(psi, grid, phi, 0.5, curvature=1.0).verdict
    'holds'
    """
    require_gaussian(test)
    value = _expectation(psi, grid, test, hbar, lags)
    rho = observables.position_density(psi, grid)
    mass = squared_norm(psi, grid)
    projected = jnp.sum(test.profile(*grid.mesh) * rho) * grid.cell
    slack = 0.25 * hbar * mass * (_laplacian_norm(test, grid.dimension, curvature) + curvature)
    error = weak_error(psi, grid, test, hbar, lags) * mass * test.supremum
    return Inequality(
        "AFG Lemma 3.1 (iii), beyond",
        "∫∫Wφ ≤ ∫a|ψ|² + O(ħ) for φ = a(x)b(p), 0 ≤ b ≤ 1",
        Bracket.estimated(value, error),
        Bracket.estimated(projected + slack, error),
        width=1e-6 * mass,
        parameters={"hbar": hbar},
    )


def _expectation(psi: Psi, grid: Grid, test: GaussianTest, hbar: Scalar, lags: int | None) -> Array:
    """∫∫Wφ."""
    return jnp.real(weak_integral(psi, grid, test.transform, hbar, lags=lags))


def _laplacian_norm(test: GaussianTest, dimension: int, curvature: Scalar) -> Array:
    """(2π)^{−d}‖Δφ‖_A ≤ sup|Δa| + sup|a| ∫|y|²…, the two parts of Δ = Δ_x + Δ_p."""
    return curvature + test_moment(test, 2, dimension)


def limit_value(
    values: Array, hbars: Array, expected: Any, statement: str, *, error: Scalar = ROUNDING
) -> Inequality:
    """∫∫W_ħφ tends to ∫φ dW (AFG Lemma 3.1): values at two ħ, of which the second is half the first, extrapolated linearly in ħ.

    **Arguments:** `values`: ∫∫W_ħφ at `hbars` = (ħ, ħ/2); `expected`: ∫φ dW of the limit measure; `error`: of each value.

    **Returns:** an identity; its width is the step of the extrapolation.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems import wigner_measures
    >>> hbars = jnp.array([0.02, 0.01])
    >>> wigner_measures.limit_value(1 - 0.3 * hbars, hbars, 1.0, "mass 1").verdict
    'holds'
    """
    step = values[1] - values[0]
    measured = Bracket.estimated(values[1] + step, jnp.abs(step) + error)
    return Inequality(
        "AFG Lemma 3.1",
        statement,
        measured,
        expected,
        kind="identity",
        width=0.05,
        parameters={"hbar": hbars[1]},
    )
