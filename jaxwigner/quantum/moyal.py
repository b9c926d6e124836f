"""The Wigner equation ∂_tW = −(p/m)·∇_xW + f_ħ on a grid of phase space (AFG (WE) with ε = ħ).

In w(x, y) = ∫W e^{+ip·y} dp the potential acts by multiplication:  ∂_t w = −(i/ħ)[U(x + ħy/2) − U(x − ħy/2)] w.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_positive_scalar
from jaxwigner._types import PerAxis
from jaxwigner.engine.phase_space_system import DeltaPotential, PhaseSpaceSystem
from jaxwigner.grid import PhaseGrid, Scalar
from jaxwigner.potentials import Potential
from jaxwigner.potentials.on_grid import check_covers


class Moyal(PhaseSpaceSystem):
    """The Wigner equation (AFG (WE)), equivalent to the von Neumann equation of a density operator.

    **Arguments:** `phase_grid`: a `PhaseGrid`; `potential`: a `Potential` or a function of d coordinate arrays, defined at x ± ħy/2,
    |y| ≤ π/Δp: beyond the box; `hbar`, `mass`: positive, may be traced, `mass` one number or one for each coordinate; `kinetic`:
    another k(p) in place of Σp_i²/2m_i, an even function of d momentum arrays, read at p ± ħκ/2; `diffusion`: D ≥ 0, or one for
    each momentum, may be traced.

    Diffusion adds DΔ_pW: decoherence ∂_tρ = −Λ[x, [x, ρ]] of Joos and Zeh with D = Λħ², which is Lindblad's equation for the
    collapse operator √(2D)/ħ · x. It brings the energy dD/m per time, which counts as no drift. It cannot be undone: methods with
    negative kicks (the default one too), negative durations and the reversible gradient are refused; `"strang"` and `"chin-4a"` go.

    **States:** W of the shape of the grid, real. The alternating (Nyquist) modes stand still: no real shift turns them.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.PhaseGrid(grid, jw.Grid(-5.0, 5.0, 80))
    >>> W = jw.wigner(jw.coherent_state(grid, 1.0, 0.0, 0.5), grid, phase, 0.5)
    >>> run = jw.evolve(jw.Moyal(phase, lambda x: 0.5 * x**2, 0.5), W, duration=1.0, steps=20)
    >>> round(float(run.diagnostics.energy[-1]), 6)
    0.75
    """

    hbar: Scalar

    def __init__(
        self,
        phase_grid: PhaseGrid,
        potential: Any,
        hbar: Scalar,
        mass: PerAxis = 1.0,
        *,
        kinetic: Any = None,
        diffusion: Any = None,
    ):
        check_positive_scalar("hbar", hbar)
        super().__init__(phase_grid, potential, mass, kinetic, diffusion)
        self.hbar = hbar
        reach = tuple(0.5 * hbar * np.pi / step for step in phase_grid.momentum.spacing)
        box = phase_grid.position
        check_covers(
            self.potential,
            tuple(low - r for low, r in zip(box.lower, reach)),
            tuple(high + r for high, r in zip(box.upper, reach)),
        )

    def _comb(self) -> Any:
        box = self.phase_grid.position
        axes = zip(box.length, self.phase_grid.momentum.spacing, box.periodic)
        near = [jnp.isclose(L * dp, np.pi * self.hbar, rtol=1e-5) for L, dp, turns in axes if turns]
        return jnp.all(jnp.asarray(near))

    def delta(self, potential: Potential) -> DeltaPotential:
        def difference(x, y):
            forward = potential(*(a + 0.5 * self.hbar * b for a, b in zip(x, y)))
            backward = potential(*(a - 0.5 * self.hbar * b for a, b in zip(x, y)))
            return (forward - backward) / self.hbar

        return difference
