"""The Liouville equation ∂_tW = −(p/m)·∇_xW + ∇U·∇_pW on a grid of phase space (AFG (LE)).

In w(x, y) = ∫W e^{+ip·y} dp the potential acts by multiplication:  ∂_t w = −i ∇U(x)·y w: the Wigner equation with the difference
quotient of U replaced by its limit ħ → 0.
"""

from __future__ import annotations

from typing import Any

from jaxwigner._types import PerAxis
from jaxwigner.engine.phase_space_system import DeltaPotential, PhaseSpaceSystem
from jaxwigner.grid import PhaseGrid
from jaxwigner.potentials import Potential
from jaxwigner.potentials.on_grid import check_covers


class Liouville(PhaseSpaceSystem):
    """The Liouville equation (AFG (LE)): transport of a phase-space density along q̇ = p/m, ṗ = −∇U.

    **Arguments:** `phase_grid`: a `PhaseGrid`; `potential`: a `Potential` or a function of d coordinate arrays; `mass`: positive,
    may be traced, one number or one for each coordinate; `kinetic`,
    `diffusion`: as in `Moyal` (q̇ = ∇k(p), and DΔ_pf beside the transport).

    **States:** f of the shape of the grid, real. Spectral: exact for fields that the grid resolves; positivity is not enforced
    (for filaments use `Newton` with weighted particles). The alternating (Nyquist) modes stand still.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> phase = jw.PhaseGrid(jw.Grid(-6.0, 6.0, 64), jw.Grid(-5.0, 5.0, 80))
    >>> (x,), (p,) = phase.mesh
    >>> f = jnp.exp(-((x - 1) ** 2) - p**2) / jnp.pi
    >>> run = jw.evolve(jw.Liouville(phase, lambda x: 0.5 * x**2), f, duration=1.0, steps=20)
    >>> round(float(run.diagnostics.energy[-1]), 6)
    1.0
    """

    def __init__(
        self,
        phase_grid: PhaseGrid,
        potential: Any,
        mass: PerAxis = 1.0,
        *,
        kinetic: Any = None,
        diffusion: Any = None,
    ):
        super().__init__(phase_grid, potential, mass, kinetic, diffusion)
        check_covers(self.potential, phase_grid.position.lower, phase_grid.position.upper)

    def delta(self, potential: Potential) -> DeltaPotential:
        def differential(x, y):
            return sum(slope * b for slope, b in zip(potential.gradient(*x), y))

        return differential
