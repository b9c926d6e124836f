"""The Liouville equation ∂_tW = −(p/m)·∇_xW + ∇U·∇_pW on a grid of phase space (AFG (LE)).

In w(x, y) = ∫W e^{+ip·y} dp the potential acts by multiplication:  ∂_t w = −i ∇U(x)·y w: the Wigner equation with the difference
quotient of U replaced by its limit ħ → 0.
"""

from __future__ import annotations

from typing import Any

from jaxwigner._checks import check_positive_scalar, require
from jaxwigner.engine.phase_space_system import DeltaPotential, PhaseSpaceSystem
from jaxwigner.grid import PhaseGrid, Scalar
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.on_grid import check_covers, check_potential, check_ring


class Liouville(PhaseSpaceSystem):
    """The Liouville equation (AFG (LE)): transport of a phase-space density along q̇ = p/m, ṗ = −∇U.

    **Arguments:** `phase_grid`: a `PhaseGrid`; `potential`: a `Potential` or a function of d coordinate arrays; `mass`: positive.

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

    def __init__(self, phase_grid: PhaseGrid, potential: Any, mass: Scalar = 1.0):
        require(isinstance(phase_grid, PhaseGrid), "phase_grid", "be a PhaseGrid", phase_grid)
        check_positive_scalar("mass", mass)
        self.phase_grid = phase_grid
        self.potential = as_potential(potential)
        check_potential(self.potential, phase_grid.dimension)
        check_ring(self.potential, phase_grid.position)
        self.mass = mass
        check_covers(self.potential, phase_grid.position.lower, phase_grid.position.upper)

    def delta(self, potential: Potential) -> DeltaPotential:
        def differential(x, y):
            return sum(slope * b for slope, b in zip(potential.gradient(*x), y))

        return differential
