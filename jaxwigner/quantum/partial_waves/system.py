"""Relative motion of a dimer in three dimensions by partial waves: AFG (1), (2), (7) for M = 2 nuclei, their ε written ħ.

With X = (R₁ + R₂)/2 and R = R₁ − R₂:  H = −(ħ²/4)Δ_X + H_rel,  H_rel = −ħ²Δ_R + C/|R| + U_b(|R|): a mass of ½. In ψ = Σ (u_ℓm(r)/r)Y_ℓm

    iħ ∂_t u_ℓm = [−ħ²∂_r² + ħ²ℓ(ℓ+1)/r² + C/r + U_b(r)] u_ℓm,   u_ℓm(0) = 0,

decoupled. Half-flows, both exact: e^{−iħk²τ} in the sine transform, and e^{−i(C/r + U_b + ħ²ℓ(ℓ+1)/r²)τ/ħ}. (For a mass m instead of ½,
ħ² is ħ²/2m.) Nothing is softened at r = 0. Arrays are (ℓ, r), or (ℓ, m, r) for |m| ≤ `orders`, m increasing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import observables
from jaxwigner._checks import (
    check_finite_complex,
    check_integer,
    check_positive_scalar,
    check_scalar,
    require,
)
from jaxwigner._types import Array
from jaxwigner.engine.flows import Multiplication
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar
from jaxwigner.observables.diagnostics import EDGE
from jaxwigner.potentials import Potential
from jaxwigner.potentials.on_grid import as_external, check_covers, check_potential
from jaxwigner.quantum.partial_waves.radial_grid import (
    RadialGrid,
    SineMultiplication,
    last_axis,
    sine_analysis,
)
from jaxwigner.states import as_complex


class PartialWaves(System):
    """iħ ∂_tψ = [−(ħ²/2m)Δ_R + C/|R| + U_b(|R|)]ψ in R³ by partial waves (AFG (SE) with (2), M = 2, relative coordinate).

    **Arguments:** `grid`: a `RadialGrid` of kind "sine" (of kind "lobatto" for `evolve_exactly`); `charge`: C, positive repels;
    `hbar`: positive; `waves`: their number, ℓ = 0 … waves − 1, or the list of the ℓ; `orders`: |m| ≤ orders (0: arrays (ℓ, r) of an
    axially symmetric state); `potential`: U_b, a `Potential` or a function of the distance; `mass`: ½ for two nuclei of mass 1.
    C, ħ, the mass and the parameters of U_b may be traced.

    **States:** u of shape (ℓ, r) or (ℓ, m, r), with ‖ψ‖² = Σ ∫|u_ℓm|² dr; from `packet_waves`.

    **Raises:** `ValueError` for arguments that cannot be right, and for a U_b that is not defined on the grid.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> run = jw.evolve(system, u, duration=1.0, steps=64)
    >>> round(float(run.diagnostics.norm[-1]), 6)
    1.0
    """

    grid: RadialGrid
    charge: Scalar
    hbar: Scalar
    chosen: tuple[int, ...] = eqx.field(static=True)
    potential: Potential
    mass: Scalar
    orders: int = eqx.field(static=True)

    def __init__(
        self,
        grid: RadialGrid,
        charge: Scalar,
        hbar: Scalar,
        *,
        waves: int | Sequence[int] | np.ndarray,
        orders: int = 0,
        potential: Any = None,
        mass: Scalar = 0.5,
    ):
        require(isinstance(grid, RadialGrid), "grid", "be a RadialGrid", grid)
        check_scalar("charge", charge)
        check_positive_scalar("hbar", hbar)
        check_positive_scalar("mass", mass)
        check_integer("orders", orders, at_least=0)
        if not isinstance(waves, (list, tuple, range)) and np.ndim(waves) == 0:
            check_integer("waves", waves, at_least=1)
            waves = range(waves)
        require(len(waves) > 0, "waves", "hold at least one ℓ", waves)
        for degree in waves:
            check_integer("waves", degree, at_least=0)
        self.chosen = tuple(int(degree) for degree in waves)
        self.grid, self.charge, self.hbar, self.mass = grid, charge, hbar, mass
        self.orders = int(orders)
        self.potential = as_external(potential)
        check_potential(self.potential, 1)
        check_covers(self.potential, (0.0,), (grid.length,))

    @property
    def waves(self) -> int:
        """Number of values of ℓ."""
        return len(self.chosen)

    @property
    def degrees(self) -> np.ndarray:
        """The values of ℓ."""
        return np.array(self.chosen)

    def on(self, grid: RadialGrid | None = None, waves: Any = None) -> PartialWaves:
        """The same equation on another grid, or for other ℓ."""
        return PartialWaves(
            self.grid if grid is None else grid,
            self.charge,
            self.hbar,
            waves=self.chosen if waves is None else waves,
            orders=self.orders,
            potential=self.potential,
            mass=self.mass,
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a state."""
        middle = (2 * self.orders + 1,) if self.orders else ()
        return (self.waves, *middle, self.grid.points)

    @property
    def inertia(self) -> Scalar:
        """ħ²/2m, the factor of −Δ."""
        return self.hbar**2 / (2 * self.mass)

    def per_wave(self, values: Array) -> Array:
        """Values over (ℓ, r) shaped for products with a state."""
        return values[:, None, :] if self.orders else values

    @property
    def bounded(self) -> Float[Array, " r"]:
        """U_b on the grid."""
        radii = self.grid.radii
        return jnp.broadcast_to(self.potential(radii), radii.shape)

    @property
    def centrifugal(self) -> Float[Array, "l r"]:
        """(ħ²/2m) ℓ(ℓ+1)/r²."""
        square = (self.degrees * (self.degrees + 1.0))[:, None]
        return self.inertia * square / self.grid.radii[None, :] ** 2

    @property
    def values(self) -> Float[Array, "l r"]:
        """All that a kick multiplies by: C/r + U_b + (ħ²/2m) ℓ(ℓ+1)/r²."""
        return (self.charge / self.grid.radii + self.bounded)[None, :] + self.centrifugal

    def drift_flow(self, tau: Scalar) -> SineMultiplication:
        require(self.grid.kind == "sine", "grid", "be of kind 'sine' for `evolve`", self.grid.kind)
        phase = (self.inertia / self.hbar * tau) * self.grid.wavenumbers**2
        return SineMultiplication((phase.reshape((1,) * (len(self.shape) - 1) + (-1,)),))

    def kick_flow(self, tau: Scalar) -> Multiplication:
        return Multiplication((self.per_wave((tau / self.hbar) * self.values),))

    def enter(self, state: Any) -> Complex[Array, "*shape"]:
        check_finite_complex("state", state, self.shape)
        return as_complex(jnp.asarray(state))

    def diagnose(self, state: Complex[Array, "*shape"]) -> dict[str, Array]:
        total, grid = observables.total, self.grid
        rho = observables.square(state)
        power = observables.square(sine_analysis(state)) * (0.5 * grid.length)
        kinetic = self.inertia * total(power * last_axis(grid.wavenumbers**2, power))
        rho = rho * last_axis(grid.weights, rho)
        kinetic = kinetic + total(self.per_wave(self.centrifugal) * rho)
        static = last_axis(self.charge / grid.radii + self.bounded, rho)
        edge = last_axis(grid.radii > (1 - EDGE) * grid.length, rho)
        series = {
            "norm": total(rho),
            "energy": kinetic + total(static * rho),
            "kinetic": kinetic,
            "spectral_tail": observables.spectral_tail(
                power, (last_axis(grid.wavenumbers, power),)
            ),
            "edge_mass": total(jnp.where(edge, rho, 0.0))
            / (total(rho) + jnp.finfo(rho.dtype).tiny),
        }
        return {name: jnp.asarray(value, rho.dtype) for name, value in series.items()}

    def coordinates(self) -> dict[str, Any]:
        orders = {"m": np.arange(-self.orders, self.orders + 1)} if self.orders else {}
        return {"l": self.degrees, **orders, "r": self.grid.radii}

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        """`density`: of the distance, Σ|u_ℓm(r)|²; `distance`: ⟨|R|⟩; `waves`: the weight of each ℓ."""
        weights, last = self.grid.weights, self.grid.points

        def density(u):
            return jnp.sum(observables.square(u).reshape(-1, last), axis=0)

        own = {
            "density": density,
            "distance": lambda u: density(u) @ (self.grid.radii * weights),
            "waves": lambda u: jnp.sum(
                (observables.square(u) @ weights).reshape(self.waves, -1), axis=1
            ),
        }
        return super().observables() | own

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        return {"density": {"r": self.grid.radii}, "waves": {"l": self.degrees}}
