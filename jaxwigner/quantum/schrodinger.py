"""The Schrödinger equation iħ ∂_tψ = −(ħ²/2m)Δψ + Uψ on a periodic grid (AFG (SE) with ε = ħ), d = 1, 2, 3.

Half-flows: ψ ↦ F⁻¹ e^{−iħ|k|²τ/2m} Fψ and ψ ↦ e^{−iUτ/ħ}ψ, both exact and unitary. Mixed states are evolved orbital by orbital.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner import observables
from jaxwigner._checks import (
    check_finite,
    check_finite_complex,
    check_positive_scalar,
    check_shape,
    require,
)
from jaxwigner._types import Array
from jaxwigner.engine.flows import Absorption, FourierMultiplication, Multiplication
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.combined import Corrected
from jaxwigner.potentials.on_grid import check_covers, check_potential, is_periodic
from jaxwigner.quantum.absorbing import Absorber, as_absorber
from jaxwigner.states import MixedState, as_complex


class Schrodinger(System):
    """iħ ∂_tψ = −(ħ²/2m)Δψ + Uψ (AFG (SE); their ε is ħ).

    **Arguments:** `grid`: a `Grid` of dimension 1, 2 or 3; `potential`: a `Potential`, a function of d coordinate arrays, or the
    values of U on the grid; `hbar`, `mass`: positive, may be traced.

    `absorb`: what comes to the ends of the box is absorbed: the slowest momentum that does, the slowest and the fastest, or an
    `Absorber`. U may depend on time: a function of d coordinate arrays and `t`.

    **States:** ψ of the grid's shape, or a `MixedState` of such orbitals. Observed and saved states are the same.

    **Raises:** `ValueError` for arguments that cannot be right, and for a tabulated potential that does not cover the grid.

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
    mass: Scalar
    absorb: Absorber | None

    def __init__(
        self, grid: Grid, potential: Any, hbar: Scalar, mass: Scalar = 1.0, absorb: Any = None
    ):
        require(isinstance(grid, Grid), "grid", "be a Grid", grid)
        check_positive_scalar("hbar", hbar)
        check_positive_scalar("mass", mass)
        self.grid = grid
        self.hbar = hbar
        self.mass = mass
        if callable(potential):
            self.potential = as_potential(potential)
            check_potential(self.potential, grid.dimension)
            check_covers(self.potential, grid.lower, grid.upper)
        else:
            check_finite("potential", potential)
            check_shape("potential", potential, grid.shape)
            self.potential = jnp.asarray(potential)
        self.absorb = as_absorber(absorb, grid, hbar)

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
        scale = 0.5 * self.hbar / self.mass * tau
        return FourierMultiplication(tuple(scale * k**2 for k in self.grid.wavenumber_mesh))

    def kick_flow(self, tau: Scalar) -> Multiplication | Absorption:
        kick = Multiplication(((tau / self.hbar) * self.values,))
        if self.absorb is None:
            return kick
        W = self.absorb.values(self.grid, self.hbar, self.mass)
        return self.absorb.taking(kick, (tau / self.hbar) * W, tau, self)

    def modified_kick_flow(self, tau: Scalar, weight: Scalar) -> Multiplication | Absorption:
        if not isinstance(self.potential, Potential):
            must = "be a Potential or a function for a modified kick, which needs its gradient"
            raise ValueError(f"Argument `potential` must {must}, but is an array of values")
        corrected = Corrected(self.potential, weight / self.mass)
        values = jnp.broadcast_to(corrected(*self.grid.mesh), self.grid.shape)
        scale = tau / self.hbar
        if self.absorb is None:
            return Multiplication((scale * values,))
        more, decay = self._mixed(self.potential, self.absorb, weight / self.mass)
        kick = Multiplication((scale * (values + more),))
        return self.absorb.taking(kick, scale * decay, tau, self)

    def _mixed(self, U: Potential, absorb: Absorber, c: Scalar) -> tuple[Array, Array]:
        """V − c(∇V)² of V = U − iW, beyond U − c|∇U|²: its real part, and minus its imaginary one."""
        place = self.grid, self.hbar, self.mass
        slopes, forces = absorb.slopes(*place), U.gradient(*self.grid.mesh)
        both = sum(forces[i] * slope for i, slope in slopes.items())
        more = c * sum(slope**2 for slope in slopes.values())
        return jnp.asarray(more), absorb.values(*place) - 2 * c * both

    def enter(self, state: Any) -> Any:
        if isinstance(state, MixedState):
            check_shape("orbitals", state.orbitals, (None, *self.grid.shape))
            orbitals = as_complex(state.orbitals)
            return MixedState(state.weights.astype(jnp.real(orbitals).dtype), orbitals)
        check_finite_complex("state", state)
        check_shape("state", state, self.grid.shape)
        return as_complex(jnp.asarray(state))

    def diagnose(self, state: Any) -> dict[str, Array]:
        total = observables.total
        rho = observables.position_density(state, self.grid)
        power = observables.spectral_weights(state, self.grid)
        squares = sum(k**2 for k in self.grid.wavenumber_mesh)
        kinetic = self.hbar**2 / (2 * self.mass) * total(squares * power)
        series = {
            "norm": total(rho) * self.grid.cell,
            "energy": kinetic + total(self.values * rho) * self.grid.cell,
            "kinetic": kinetic,
            "spectral_tail": observables.spectral_tail(power, self.grid.wavenumber_mesh),
            "edge_mass": self.edge_mass(state, is_periodic(self.potential, self.grid)),
        }
        return {name: jnp.asarray(value, rho.dtype) for name, value in series.items()}

    def edge_mass(self, state: Any, wraps: bool) -> Float[Array, ""]:
        """The share of a state at ends of the box that do not absorb."""
        absorbing = () if self.absorb is None else self.absorb.along(self.grid)
        edges = () if wraps else set(range(self.grid.dimension)).difference(absorbing)
        return observables.edge_mass(observables.density_of(state), tuple(edges))

    def coordinates(self) -> dict[str, Any]:
        names = (
            ("x",)
            if self.grid.dimension == 1
            else tuple(f"x{i + 1}" for i in range(self.grid.dimension))
        )
        return dict(zip(names, self.grid.axes))
