"""Limits of Wigner functions as measures: Ambrosio–Friesecke–Giannoulis Lemma 3.1, with constants for ħ > 0.

Limits are non-negative, lie below the limit of the densities, and have mass 1 exactly when nothing escapes in position or momentum.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Num

from jaxwigner import observables
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import ROUNDING, Inequality
from jaxwigner.phase_space import GaussianTest
from jaxwigner.theorems.errors import Lags, Tested

Psi = Num[Array, "*shape"]


def positivity(
    psi: Psi, grid: Grid, test: GaussianTest, hbar: Scalar, *, curvature: Scalar, lags: Lags = None
) -> Inequality:
    """W is non-negative in the limit (AFG Lemma 3.1 (ii)), with a constant: −∫∫Wφ ≤ (ħ/4)(2π)^{−d}‖Δφ‖_A‖ψ‖² for φ ≥ 0.

    Beyond the paper. Proof: e^{(ħ/4)Δ}W is the Husimi function, which is ≥ 0, and φ − e^{(ħ/4)Δ}φ is an average of −Δφ over ħ/4 with
    a norm ‖·‖_A that translations leave alone; then (18).

    **Arguments:** `test`: φ = a(x)e^{−|p−q|²/2τ²} with a ≥ 0; `curvature`: sup|Δa|.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phi = jw.phase_space.GaussianTest(lambda x: jnp.exp(-(x**2) / 2), momentum=0.0, width=1.0)
    >>> odd = jw.fock_orbitals(grid, 2, hbar=0.5)[1]
    >>> jw.theorems.limit_measures.positivity(odd, grid, phi, 0.5, curvature=1.0).verdict
    'holds'
    """
    seen = Tested(psi, grid, test, hbar, lags)
    value, mass = seen.value, seen.norm
    bound = 0.25 * hbar * mass * _laplacian_norm(seen, curvature)
    error = seen.error * mass * test.supremum
    return Inequality(
        "AFG Lemma 3.1 (ii), beyond",
        "−∫∫Wφ ≤ (ħ/4)(2π)^{−d}‖Δφ‖_A‖ψ‖² for φ ≥ 0",
        Bracket.estimated(-value, error),
        bound,
        width=1e-6 * mass,
        parameters=seen.numbers,
    )


def projection_bound(
    psi: Psi, grid: Grid, test: GaussianTest, hbar: Scalar, *, curvature: Scalar, lags: Lags = None
) -> Inequality:
    """The projection of W to positions stays below the density (AFG Lemma 3.1 (iii)), with a constant, for φ = a(x)b(p), b ≤ 1:

        ∫∫Wφ ≤ ∫a|ψ|² + (ħ/4)[(2π)^{−d}‖Δφ‖_A + sup|Δa|]‖ψ‖².

    Beyond the paper; the proof is that of `positivity` for φ and for a. Where momenta escape to infinity the left side vanishes.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phi = jw.phase_space.GaussianTest(lambda x: jnp.exp(-(x**2) / 2), momentum=0.0, width=1.0)
    >>> psi = jw.coherent_state(grid, 0.0, 2.0, 0.5)
    >>> jw.theorems.limit_measures.projection_bound(psi, grid, phi, 0.5, curvature=1.0).verdict
    'holds'
    """
    seen = Tested(psi, grid, test, hbar, lags)
    value, mass = seen.value, seen.norm
    rho = observables.position_density(psi, grid)
    projected = jnp.sum(test.profile(*grid.mesh) * rho) * grid.cell
    slack = 0.25 * hbar * mass * (_laplacian_norm(seen, curvature) + curvature)
    error = seen.error * mass * test.supremum
    return Inequality(
        "AFG Lemma 3.1 (iii), beyond",
        "∫∫Wφ ≤ ∫a|ψ|² + O(ħ) for φ = a(x)b(p), 0 ≤ b ≤ 1",
        Bracket.estimated(value, error),
        Bracket.estimated(projected + slack, error),
        width=1e-6 * mass,
        parameters=seen.numbers,
    )


def _laplacian_norm(seen: Tested, curvature: Scalar) -> Array:
    """(2π)^{−d}‖Δφ‖_A ≤ sup|Δa| + sup|a| ∫|y|²…, the two parts of Δ = Δ_x + Δ_p."""
    return curvature + seen.moment(2)


def limit_value(
    values: Array,
    hbars: Array,
    expected: Array | float | Bracket,
    statement: str,
    *,
    error: Scalar = ROUNDING,
) -> Inequality:
    """∫∫W_ħφ tends to ∫φ dW (AFG Lemma 3.1): values at two ħ, of which the second is half the first, extrapolated linearly in ħ.

    **Arguments:** `values`: ∫∫W_ħφ at `hbars` = (ħ, ħ/2); `expected`: ∫φ dW of the limit measure; `error`: of each value.

    **Returns:** an identity; its width is the step of the extrapolation.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> hbars = jnp.array([0.02, 0.01])
    >>> jw.theorems.limit_measures.limit_value(1 - 0.3 * hbars, hbars, 1.0, "mass 1").verdict
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
