"""The quantum-classical Liouville equation: ∂_tW = −(p/m)∂_xW − (i/ħ)[V, W] + ½(V′∂_pW + ∂_pW V′), n × n matrices.

In w(x, y) = ∫W e^{+ip·y} dp it is the matrix Wigner equation with V(x ± ħy/2) replaced by V(x) ± (ħy/2)V′(x).
"""

from __future__ import annotations

from typing import Any

from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.engine.surfaces.fields import MatrixFields
from jaxwigner.grid import PhaseGrid, Scalar


class MatrixLiouville(MatrixFields):
    """The quantum-classical Liouville equation on n electronic surfaces, d = 1: nuclei are classical, electrons keep their ħ.

    R. Kapral and G. Ciccotti, J. Chem. Phys. 110 (1999) 8919. One line apart from `MatrixMoyal`, from which it differs by O(ħ²); they
    agree where V is linear beside a scalar quadratic part.

    **Arguments:** `phase_grid`: a `PhaseGrid` of one coordinate; `potential`: a `MatrixPotential` or a function of x that returns n
    rows of n numbers; `hbar`, `mass`: positive, may be traced.

    **States:** Hermitian matrices of fields, (n, n, x, p), in the diabatic basis. Spectral; tr W need not stay positive.

    **Raises:** `ValueError` for arguments that cannot be right and for methods whose order V takes away.

    >>> import jaxwigner as jw
    >>> grid, hbar = jw.Grid(-5.0, 4.0, 96), 0.2
    >>> V = jw.potentials.DeltaGap(0.2)
    >>> psi = jw.Surfaces(grid, V, hbar).on_level(jw.coherent_state(grid, -2.0, 1.2, hbar), "lower")
    >>> phase = jw.PhaseGrid(grid, jw.Grid(-2.0, 3.5, 64))
    >>> system = jw.MatrixLiouville(phase, V, hbar)
    >>> W = jw.matrix_wigner(psi, grid, phase, hbar)
    >>> run = jw.evolve(system, W, duration=1.5, steps=12, method="symmetric-4", observe="populations")
    >>> run.observed["populations"].shape, round(float(run.diagnostics.norm[-1]), 6)
    ((7, 2), 1.0)
    """

    def __init__(self, phase_grid: PhaseGrid, potential: Any, hbar: Scalar, mass: Scalar = 1.0):
        super().__init__(phase_grid, potential, hbar, mass)

    def _side(self, x: Array, y: Array) -> Float[Array, "x y n n"]:
        (slope,) = self.potential.gradient(x)
        return self.potential(x) + (0.5 * self.hbar * y)[..., None, None] * slope
