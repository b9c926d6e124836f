"""The far parts against a test function that is C₀^∞ in p, as in the proof of Ambrosio–Friesecke–Giannoulis (38).

    |T2^±| ≤ (2π)^{−1}‖Uψ‖‖ψ‖ħ⁻¹∫_{|y|>ħ^{−α}}sup|F_pφ|dy

and the right side falls faster than any power of ħ for α > ½, though no Gaussian helps: its local powers grow without end.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jaxtyping import Num

from jaxwigner import observables
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality, sup_norm_error
from jaxwigner.potentials import as_potential
from jaxwigner.theorems.afg.liouville_defect import split
from jaxwigner.theorems.afg.sharp.oscillating import BumpTest
from jaxwigner.theorems.errors import Tested


def far_part(
    psi: Num[Array, " n"],
    potential: Any,
    grid: Grid,
    test: BumpTest,
    hbar: Scalar,
    *,
    cutoff: Scalar = 0.75,
) -> Inequality:
    """max|T2^±| ≤ its bound (AFG (38)), cut at |y| = ħ^{−cutoff}; the error is that of the cell that is cut.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.bump import far_part
    >>> from jaxwigner.theorems.afg.sharp.oscillating import BumpTest
    >>> grid = jw.Grid(-6.0, 6.0, 128)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.3)
    >>> phi = BumpTest(lambda x: jnp.exp(-(x**2)), momentum=0.2, width=2.0)
    >>> far_part(psi, jw.potentials.Cosine(1.0), grid, phi, 0.3).verdict
    'holds'
    """
    potential, seen = as_potential(potential), Tested(psi, grid, test, hbar)
    parts = split(psi, potential, grid, test, hbar, cutoff=cutoff)
    values = jnp.broadcast_to(potential(*grid.mesh), grid.shape)
    size = jnp.sqrt(observables.norm(values * psi, grid) * seen.norm) / hbar
    radius, cell = jnp.asarray(hbar) ** -cutoff, grid.spacing[0] / hbar
    edge = jnp.abs(test.transform((jnp.asarray(0.0),), (radius,))) / test.profile(jnp.asarray(0.0))
    midpoint = 0.25 * jnp.minimum(test.width * cell, 1.0)  # B oscillates as cos u does
    error = size * test.supremum * (cell * jnp.abs(edge) * midpoint + 1e-15)
    largest = jnp.maximum(jnp.abs(parts.forward), jnp.abs(parts.backward))
    law = "|T2^±| ≤ (2π)^{−1}‖Uψ‖‖ψ‖ħ⁻¹∫_{|y|>ħ^{−α}}sup|F_pφ|dy, φ ∈ C₀^∞ in p"
    numbers = {"hbar": hbar, "cutoff": cutoff}
    lhs = sup_norm_error(largest, error)
    return Inequality("AFG (38)", law, lhs, size * seen.moment(0, radius), parameters=numbers)
