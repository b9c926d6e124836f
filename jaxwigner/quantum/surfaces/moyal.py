"""The matrix Wigner equation: ∂_tw = drift − (i/ħ)[V(x + ħy/2)w − wV(x − ħy/2)] in w(x, y) = ∫W e^{+ip·y} dp, n × n matrices."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import concrete
from jaxwigner._types import Array
from jaxwigner.engine.surfaces.fields import MatrixFields
from jaxwigner.grid import PhaseGrid, Scalar
from jaxwigner.potentials.surfaces.matrix import check_matrices


class MatrixMoyal(MatrixFields):
    """The Wigner equation on n electronic surfaces, d = 1: what `Surfaces` does to ψ, done to W_ab (AFG (WE) with a matrix V).

    W_ab(x, p) = (2π)⁻¹ ∫ ψ_a(x + ħy/2) ψ_b*(x − ħy/2) e^{−ip·y} dy. One line apart from `MatrixLiouville`.

    **Arguments:** `phase_grid`: a `PhaseGrid` of one coordinate; `potential`: a `MatrixPotential` or a function of x that returns n
    rows of n numbers, defined at x ± ħy/2, |y| ≤ π/Δp: beyond the box; `hbar`, `mass`: positive, may be traced.

    **States:** Hermitian matrices of fields, (n, n, x, p), in the diabatic basis; `matrix_wigner` makes one of a state of `Surfaces`.

    **Raises:** `ValueError` for arguments that cannot be right and for methods whose order V takes away.

    >>> import jaxwigner as jw
    >>> grid, hbar = jw.Grid(-5.0, 4.0, 96), 0.2
    >>> waves = jw.Surfaces(grid, jw.potentials.DeltaGap(0.2), hbar)
    >>> psi = waves.on_level(jw.coherent_state(grid, -2.0, 1.2, hbar), "lower")
    >>> phase = jw.PhaseGrid(grid, jw.Grid(-2.0, 3.5, 64))
    >>> fields = jw.MatrixMoyal(phase, waves.potential, hbar)
    >>> W = jw.matrix_wigner(psi, grid, phase, hbar)
    >>> options = {"duration": 1.5, "steps": 12, "method": "symmetric-4"}
    >>> found = fields.populations(jw.evolve(fields, W, **options).state)
    >>> expected = waves.populations(jw.evolve(waves, psi, **options).state)
    >>> bool(abs(found - expected).max() < 1e-5)
    True
    """

    def __init__(self, phase_grid: PhaseGrid, potential: Any, hbar: Scalar, mass: Scalar = 1.0):
        super().__init__(phase_grid, potential, hbar, mass)
        box, (step,) = phase_grid.position, phase_grid.momentum.spacing
        reach = 0.5 * hbar * np.pi / step
        if concrete((self.potential, box, reach)):
            with jax.ensure_compile_time_eval():
                ends = box.lower[0] - reach, box.upper[0] + reach
                check_matrices(np.asarray(self.potential(np.linspace(*ends, 2 * box.points[0]))))

    def _side(self, x: Array, y: Array) -> Float[Array, "x y n n"]:
        return self.potential(x + 0.5 * self.hbar * y)
