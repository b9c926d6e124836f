"""The Schrödinger equation iħ ∂_tψ = k(−iħ∇)ψ + Uψ, k(p) = Σp_i²/2m_i, on a periodic grid (AFG (SE) with ε = ħ), d = 1, 2, 3.

Half-flows: ψ ↦ F⁻¹ e^{−ik(ħκ)τ/ħ} Fψ and ψ ↦ e^{−iUτ/ħ}ψ, both exact and unitary. Mixed states are evolved orbital by orbital.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import observables
from jaxwigner._checks import (
    check_finite,
    check_masses,
    check_positive_scalar,
    each,
    require,
)
from jaxwigner._types import Array, PerAxis
from jaxwigner.engine.flows import Absorption, FourierMultiplication, Multiplication
from jaxwigner.engine.methods import Method, check_general
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables import named
from jaxwigner.observables.quantum import check_state
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.combined import corrected
from jaxwigner.potentials.on_grid import (
    as_kinetic,
    check_covers,
    check_potential,
    check_ring,
    is_periodic,
    with_seam,
)
from jaxwigner.quantum import absorbing
from jaxwigner.quantum.absorbing import Absorber, as_absorber
from jaxwigner.states.quantum import complex_waves


class Schrodinger(System):
    """iħ ∂_tψ = −(ħ²/2m)Δψ + Uψ (AFG (SE); their ε is ħ).

    **Arguments:** `grid`: a `Grid` of dimension 1, 2 or 3; `potential`: a `Potential`, a function of d coordinate arrays, or the
    values of U on the grid; `hbar`, `mass`: positive, may be traced, `mass` one number or one for each coordinate; `kinetic`: another
    k(p) in place of Σp_i²/2m_i, an even function of d momentum arrays that holds its masses, such as `lambda p: jnp.sqrt(p**2 + 1)`.

    `absorb`: what comes to the ends of the box is absorbed: the slowest momentum that does, the slowest and the fastest, or an
    `Absorber`. U may depend on time: a function of d coordinate arrays and `t`.

    **States:** ψ of the grid's shape, or a `MixedState` of such orbitals. Observed and saved states are the same.

    **Raises:** `ValueError` for arguments that cannot be right, for a tabulated potential that does not cover the grid, for a U that
    lacks the period of a ring, and for methods whose order rests on p²/2m where `kinetic` is another.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 128)
    >>> system = jw.Schrodinger(grid, lambda x: 0.5 * x**2, hbar=0.5)
    >>> run = jw.evolve(system, jw.coherent_state(grid, 1.0, 0.0, 0.5), duration=1.0, steps=20)
    >>> round(float(run.diagnostics.energy[-1]), 6)  # (q² + p²)/2 + ħ/2
    0.75
    """

    grid: Grid
    potential: Potential | Array
    hbar: Scalar
    mass: Any  # one number, or a tuple of one for each coordinate
    kinetic: Potential | None
    absorb: Absorber | None

    def __init__(
        self,
        grid: Grid,
        potential: Any,
        hbar: Scalar,
        mass: PerAxis = 1.0,
        *,
        kinetic: Any = None,
        absorb: Any = None,
    ):
        require(isinstance(grid, Grid), "grid", "be a Grid", grid)
        check_positive_scalar("hbar", hbar)
        self.grid = grid
        self.hbar = hbar
        self.mass = check_masses(mass, grid.dimension)
        reach = tuple(np.pi * hbar / step for step in grid.spacing)
        self.kinetic = as_kinetic(kinetic, mass, grid.dimension, reach)
        if callable(potential):
            self.potential = as_potential(potential)
            check_potential(self.potential, grid.dimension)
            check_covers(self.potential, grid.lower, grid.upper)
            check_ring(self.potential, grid)
        else:
            check_finite("potential", potential, grid.shape)
            self.potential = jnp.asarray(potential)
        self.absorb = as_absorber(absorb, grid, hbar)
        alone = self.absorb is None or self.kinetic is None
        require(alone, "kinetic", "be left out where ends absorb, which know p²/2m alone", kinetic)

    @property
    def reversible(self) -> bool:
        return self.absorb is None

    @property
    def values(self) -> Float[Array, "*shape"]:
        """U on the grid."""
        if isinstance(self.potential, Potential):
            return jnp.broadcast_to(self.potential(*self.grid.mesh), self.grid.shape)
        return self.potential

    def drift_flow(self, tau: Scalar) -> FourierMultiplication:
        waves = self.grid.wavenumber_mesh
        if self.kinetic is not None:
            energies = self.kinetic(*(self.hbar * k for k in waves))
            return FourierMultiplication(((tau / self.hbar) * energies,))
        scales = [0.5 * self.hbar / m * tau for m in each(self.mass, self.grid.dimension)]
        return FourierMultiplication(tuple(scale * k**2 for scale, k in zip(scales, waves)))

    def check_method(self, method: Method) -> None:
        if self.kinetic is not None:
            check_general(method)

    def kick_flow(self, tau: Scalar) -> Multiplication | Absorption:
        kick = Multiplication(((tau / self.hbar) * self.values,))
        if self.absorb is None:
            return kick
        W = absorbing.values(self.absorb, self.grid, self.hbar, self.mass)
        return absorbing.taking(self.absorb, kick, (tau / self.hbar) * W, tau, self)

    def modified_kick_flow(self, tau: Scalar, weight: Scalar) -> Multiplication | Absorption:
        if not isinstance(self.potential, Potential):
            must = "be a Potential or a function for a modified kick, which needs its gradient"
            raise ValueError(f"Argument `potential` must {must}, but is an array of values")
        lower = corrected(self.potential, weight, self.mass)
        values = jnp.broadcast_to(lower(*self.grid.mesh), self.grid.shape)
        scale = tau / self.hbar
        if self.absorb is None:
            return Multiplication((scale * values,))
        more, decay = self._mixed(self.potential, self.absorb, weight)
        kick = Multiplication((scale * (values + more),))
        return absorbing.taking(self.absorb, kick, scale * decay, tau, self)

    def _mixed(self, U: Potential, absorb: Absorber, weight: Scalar) -> tuple[Array, Array]:
        """V − Σ(w/m_i)(∂_iV)² of V = U − iW, beyond what U has of it alone: its real part, and minus its imaginary one."""
        place = absorb, self.grid, self.hbar, self.mass
        c = [weight / m for m in each(self.mass, self.grid.dimension)]
        slopes, forces = absorbing.slopes(*place), U.gradient(*self.grid.mesh)
        both = sum(c[i] * forces[i] * slope for i, slope in slopes.items())
        more = sum(c[i] * slope**2 for i, slope in slopes.items())
        return jnp.asarray(more), absorbing.values(*place) - 2 * both

    def enter(self, state: Any) -> Any:
        check_state(state, self.grid)
        return complex_waves(state)

    def diagnose(self, state: Any) -> dict[str, Array]:
        total = observables.total
        rho = observables.position_density(state, self.grid)
        power = observables.spectral_weights(state, self.grid)
        kinetic = observables.mean_kinetic(power, self.grid, self.hbar, self.mass, self.kinetic)
        edges = absorbing.ending(self.absorb, self.grid, is_periodic(self.potential, self.grid))
        series = {
            "norm": total(rho) * self.grid.cell,
            "energy": kinetic + total(self.values * rho) * self.grid.cell,
            "kinetic": kinetic,
            "spectral_tail": observables.spectral_tail(power, self.grid.wavenumber_mesh),
            "edge_mass": observables.edge_mass(rho, edges),
        }
        series = {name: jnp.asarray(value, rho.dtype) for name, value in series.items()}
        return with_seam(series, self.grid, self.potential)

    def coordinates(self) -> dict[str, Any]:
        names = (
            ("x",)
            if self.grid.dimension == 1
            else tuple(f"x{i + 1}" for i in range(self.grid.dimension))
        )
        return dict(zip(names, self.grid.axes))

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        return super().observables() | named.of_waves(self.grid, self.hbar, self.mass, self.kinetic)

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        return named.axes_of_waves(self.grid, self.hbar, tuple(self.coordinates()))
