"""The Hartree equation iħ ∂_tR = [−ħ²Δ/2m + U + V⋆ρ_R, R] on a periodic grid (Golse–Paul (2)), d = 1, 2, 3.

The potential V⋆ρ depends on |ψ_j|² alone, which a kick does not change: the kick ψ_j ↦ e^{−i(U + V⋆ρ)τ/ħ}ψ_j stays exact, and
all orbitals of a mixed state share one field. The energy is tr(R·kinetic) + ∫Uρ + ½∬Vρρ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner import observables
from jaxwigner._checks import check_masses, check_positive_scalar, require
from jaxwigner._types import Array, PerAxis
from jaxwigner.engine.flows import (
    Absorption,
    Flow,
    FourierMultiplication,
    each_orbital,
    phase_factor_once,
)
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables import named
from jaxwigner.potentials import Potential
from jaxwigner.potentials.on_grid import as_external, has_no_edge, with_seam
from jaxwigner.potentials.pairs.contact import Contact, LocalField
from jaxwigner.potentials.pairs.on_grids import Convolution, check_pair, mean_field
from jaxwigner.quantum import absorbing
from jaxwigner.quantum.absorbing import Absorber, as_absorber
from jaxwigner.quantum.schrodinger import Schrodinger


class SelfConsistentPhase(Flow):
    """ψ_j ↦ e^{−i(U + V⋆ρ)·scale} ψ_j with ρ of the state it acts on, or its mean while ρ decays as e^{−2θ} to the end of the kick."""

    scaled: ClassVar[tuple[str, ...]] = ("scale", "decay")
    unrolled: ClassVar[bool] = True
    isometric: ClassVar[bool] = True

    field: Convolution | LocalField
    external: Float[Array, "*shape"]
    scale: Scalar
    decay: Float[Array, "*shape"] | None = None

    def __call__(self, state):
        rho = observables.density_of(state)
        rho = rho if self.decay is None else _mean_of_decay(2 * self.decay) * rho
        U = self.external + self.field(rho)[0]
        factor = phase_factor_once(self.scale * U)
        return each_orbital(lambda psi: factor * psi, state)


def _mean_of_decay(theta: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """(1 − e^{−θ})/θ."""
    known = theta != 0
    some = jnp.where(known, theta, 1.0)
    return jnp.where(known, -jnp.expm1(-some) / some, 1.0)


def pair_on(grid: Any, pair: Any, hbar: Scalar, contact: bool = False) -> Potential:
    """V of bodies on a grid, with the checks that all such systems begin with; `contact`: whether it may have range zero."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_positive_scalar("hbar", hbar)
    if contact and isinstance(pair, Contact):
        return pair
    return check_pair(pair, grid.dimension, grid)


class Hartree(System):
    """iħ ∂_tR = [−ħ²Δ/2m + U + V⋆ρ_R, R] (Golse–Paul (2)).

    **Arguments:** `grid`: a `Grid`, d = 1, 2, 3; `pair`: V, a `Potential` or a function of d coordinate arrays, even, or
    `potentials.Contact(g)` for the Gross–Pitaevskii equation; `hbar`, `mass`: positive, may be traced, `mass` one number or one for
    each coordinate; `external`: U, or None, and it may depend on time; `absorb`: as in `Schrodinger`.

    **States:** ψ, or a `MixedState` (its orbitals share one field; the orbital axis may have thousands of entries).

    **Raises:** `ValueError` for arguments that cannot be right and for a V that is not even.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-10.0, 10.0, 128)
    >>> system = jw.Hartree(grid, lambda x: jnp.exp(-0.5 * x**2), hbar=0.5)
    >>> run = jw.evolve(system, jw.coherent_state(grid, 1.0, 0.0, 0.5), duration=1.0, steps=20)
    >>> drift = run.diagnostics.energy[-1] / run.diagnostics.energy[0] - 1
    >>> bool(abs(drift) < 1e-6)
    True
    """

    grid: Grid
    pair: Potential
    hbar: Scalar
    external: Potential
    mass: Any  # one number, or a tuple of one for each coordinate
    absorb: Absorber | None

    def __init__(
        self,
        grid: Grid,
        pair: Any,
        hbar: Scalar,
        external: Any = None,
        mass: PerAxis = 1.0,
        *,
        absorb: Any = None,
    ):
        self.pair = pair_on(grid, pair, hbar, contact=True)
        self.grid, self.hbar, self.mass = grid, hbar, check_masses(mass, grid.dimension)
        self.external = as_external(external, grid)
        self.absorb = as_absorber(absorb, grid, hbar)

    @property
    def reversible(self) -> bool:
        return self.absorb is None

    @property
    def _linear(self) -> Schrodinger:
        return Schrodinger(self.grid, self.external, self.hbar, self.mass, absorb=self.absorb)

    def field_of(self, state: Any) -> Float[Array, "*shape"]:
        """V⋆ρ of a state."""
        return mean_field(self.pair, self.grid)(observables.density_of(state))[0]

    def drift_flow(self, tau: Scalar) -> FourierMultiplication:
        return self._linear.drift_flow(tau)

    def kick_flow(self, tau: Scalar) -> SelfConsistentPhase | Absorption:
        field, scale = mean_field(self.pair, self.grid), tau / self.hbar
        values = self._linear.values
        if self.absorb is None:
            return SelfConsistentPhase(field, values, scale)
        W = absorbing.values(self.absorb, self.grid, self.hbar, self.mass)
        kick = SelfConsistentPhase(field, values, scale, scale * W)
        return absorbing.taking(self.absorb, kick, scale * W, tau, self)

    def enter(self, state: Any) -> Any:
        return self._linear.enter(state)

    def diagnose(self, state: Any) -> dict[str, Array]:
        series = self._linear.diagnose(state)
        rho = observables.density_of(state)
        interaction = 0.5 * jnp.sum(self.field_of(state) * rho) * self.grid.cell
        series["energy"] = series["energy"] + interaction.astype(series["energy"].dtype)
        wraps = has_no_edge(self.grid, self.pair, self.external)
        edges = absorbing.ending(self.absorb, self.grid, wraps)
        series["edge_mass"] = observables.edge_mass(rho, edges)
        return with_seam(series, self.grid, self.pair, self.external)

    def coordinates(self) -> dict[str, Any]:
        return self._linear.coordinates()

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        return super().observables() | named.of_waves(self.grid, self.hbar, self.mass)

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        return named.axes_of_waves(self.grid, self.hbar, tuple(self.coordinates()))
