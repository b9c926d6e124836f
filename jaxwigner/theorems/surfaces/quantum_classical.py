"""The quantum-classical Liouville equation against the exact dynamics on two levels: populations to order ħ².

In w(x, y) = ∫W e^{+ip·y} dp the two equations differ by V(x ± ħy/2) − V(x) ∓ (ħy/2)V′(x) = (ħy)²V″/8 + O(ħ³) on either side. Its
scalar part commutes and leaves (ħy)³V‴/24; what is left of the second order is −(iħ/8)y²[V″, w]. Beside a crossing passed with a
gap of order √ħ the populations behind it are off by O(ħ²); where V is linear beside a scalar quadratic part, by nothing.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.classical import MatrixLiouville
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.inequality import Inequality, rate
from jaxwigner.phase_space import matrix_wigner
from jaxwigner.quantum import Surfaces
from jaxwigner.states import coherent_state

NAME = "quantum-classical equation"


class Populations(eqx.Module):
    """Of the upper level at equal times: by waves, and by the quantum-classical equation."""

    quantum: Float[Array, "*batch save"]
    mixed: Float[Array, "*batch save"]

    @property
    def gap(self) -> Array:
        """Mean over the second half of the times of P_up by the one less P_up by the other."""
        late = slice((self.quantum.shape[-1] + 1) // 2, None)
        return (self.mixed - self.quantum)[..., late].mean(axis=-1)


def both_ways(
    potential: Any,
    grid: Grid,
    phase_grid: PhaseGrid,
    hbar: Scalar,
    *,
    position: Scalar,
    momentum: Scalar,
    duration: Scalar,
    steps: int,
    saves: int = 4,
) -> Populations:
    """A coherent packet that starts on the lower level, by `Surfaces` and by `MatrixLiouville`, with the same steps of Strang's method.

    **Arguments:** `potential`: a matrix of functions of one coordinate; `grid` for the waves, `phase_grid` for W.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import surfaces_quantum_classical
    >>> V, grid = (lambda x: [[0.5 * x, 0.2], [0.2, -0.5 * x]]), jw.Grid(-6.0, 6.0, 128)
    >>> phase = jw.PhaseGrid(jw.Grid(-6.0, 6.0, 80), jw.Grid(-3.5, 4.5, 72))
    >>> options = {"position": -2.0, "momentum": 1.5, "duration": 2.0, "steps": 16}
    >>> found = surfaces_quantum_classical.both_ways(V, grid, phase, 0.3, **options)
    >>> bool(abs(found.gap) < 1e-4 < found.quantum[-1])
    True
    """
    waves, fields = Surfaces(grid, potential, hbar), MatrixLiouville(phase_grid, potential, hbar)
    psi = waves.on_level(coherent_state(grid, position, momentum, hbar), "lower")
    W = matrix_wigner(psi, grid, phase_grid, hbar)
    options = {"duration": duration, "steps": steps, "method": "strang", "saves": saves}
    runs = [
        evolve(system, state, observe="populations", throw=False, **options)
        for system, state in ((waves, psi), (fields, W))
    ]
    return Populations(*(run.observed["populations"][:, 1] for run in runs))


def order(gaps: Any, hbars: Any, power: float = 2.0) -> Inequality:
    """Mean of P_up − P_up^{qc} behind the crossing ~ ħ^power.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_quantum_classical
    >>> hbars = np.array([0.28, 0.2, 0.14])
    >>> [surfaces_quantum_classical.order(0.05 * hbars**2, hbars, power).verdict for power in (2.0, 3.0)]
    ['holds', 'violated']
    """
    law = f"|P_up − P_up of the quantum-classical equation| ~ ħ^{power:g}"
    return rate(NAME, law, hbars, abs(gaps), (power - 0.3, power + 0.3))


def exact_where_linear(found: Populations, hbar: Any) -> Inequality:
    """P_up of both at every time, where V is linear beside a scalar quadratic part: within 10⁻⁴, which the grids hold.

    >>> import numpy as np
    >>> from jaxwigner.theorems.surfaces.quantum_classical import Populations, exact_where_linear
    >>> one = np.array([0.0, 0.2])
    >>> [exact_where_linear(Populations(one, one + off), 0.2).verdict for off in (0.0, 0.01)]
    ['holds', 'violated']
    """
    off = abs(found.mixed - found.quantum).max(axis=-1)
    law = "V linear beside a scalar quadratic part: |P_up − P_up of the quantum-classical equation| ≤ 10⁻⁴"
    return Inequality(
        NAME,
        law,
        off,
        1e-4,
        parameters={"hbar": hbar},
    )
