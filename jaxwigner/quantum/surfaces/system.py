"""Several electronic surfaces: iħ ∂_tψ_a = −Σ_i(ħ²/2m_i)∂_i²ψ_a + Σ_b V_ab(x)ψ_b on a periodic grid, V real symmetric n × n.

Half-flows: free transport of every ψ_a, and ψ ↦ e^{−iV(x)τ/ħ}ψ at every point, both exact and unitary. Where V(x) and V(x′) do not
commute, [V, [V, [V, Δ]]] does not vanish: Runge–Kutta–Nyström tables of order 6 have order 4 there, and are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import observables
from jaxwigner._checks import (
    check_integer,
    check_masses,
    check_positive_scalar,
    concrete,
    each,
    require,
)
from jaxwigner._types import Array, PerAxis
from jaxwigner.engine.flows import each_orbital
from jaxwigner.engine.methods import Method, check_general
from jaxwigner.engine.surfaces.flows import LevelsDrift, MatrixKick, matrix_kick
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables import named
from jaxwigner.observables.quantum import averaged, check_state
from jaxwigner.potentials.on_grid import with_edge
from jaxwigner.potentials.surfaces.algebra import applied, packed
from jaxwigner.potentials.surfaces.matrix import (
    MatrixPotential,
    as_matrix_potential,
    check_matrices,
    check_on,
)
from jaxwigner.quantum.surfaces import adiabatic
from jaxwigner.states import MixedState, as_complex
from jaxwigner.states.quantum import check_waves, complex_waves


class Surfaces(System):
    """iħ ∂_tψ = −(ħ²/2m)Δψ + V(x)ψ, ψ with n components: nuclei on n electronic surfaces (AFG, Remark 1, where two of them cross).

    **Arguments:** `grid`: a `Grid`; `potential`: a `MatrixPotential`, a function of d numbers that returns n rows of n numbers, or the
    values of V, (*grid, n, n); `hbar`, `mass`: positive, may be traced, `mass` one number or one for each coordinate.

    **States:** ψ of shape (n, *grid) in the diabatic basis of V, or a `MixedState` of such orbitals; `on_level` makes one of a packet.

    **Raises:** `ValueError` for arguments that cannot be right, a V that is not symmetric, and methods whose order V takes away
    (`"symmetric-6"` keeps 6).

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-14.0, 14.0, 576)
    >>> system = jw.Surfaces(grid, jw.potentials.DeltaGap(0.1), hbar=0.1)
    >>> psi = system.on_level(jw.coherent_state(grid, -4.0, 1.5, 0.1), "lower")
    >>> run = jw.evolve(system, psi, duration=6.0, steps=120, method="symmetric-4", observe="populations")
    >>> run.observed["populations"][-1].round(4).tolist()  # Landau and Zener: e^{−πδ²/ħav} = .57
    [0.4691, 0.5309]
    """

    grid: Grid
    potential: MatrixPotential | Array
    hbar: Scalar
    mass: Any  # one number, or a tuple of one for each coordinate

    def __init__(self, grid: Grid, potential: Any, hbar: Scalar, mass: PerAxis = 1.0):
        require(isinstance(grid, Grid), "grid", "be a Grid", grid)
        check_positive_scalar("hbar", hbar)
        self.grid, self.hbar = grid, hbar
        self.mass = check_masses(mass, grid.dimension)
        if callable(potential):
            self.potential = as_matrix_potential(potential, grid.dimension)
            check_on(self.potential, grid)
        else:
            check_matrices(potential, grid.shape)
            self.potential = jnp.asarray(potential, jnp.result_type(float, potential))

    @property
    def levels(self) -> int:
        """n."""
        V = self.potential
        return V.size if isinstance(V, MatrixPotential) else V.shape[-1]

    @property
    def values(self) -> Float[Array, "*shape n n"]:
        """V on the grid."""
        if not isinstance(self.potential, MatrixPotential):
            return self.potential
        n = self.potential.size
        return jnp.broadcast_to(self.potential(*self.grid.mesh), (*self.grid.shape, n, n))

    def drift_flow(self, tau: Scalar) -> LevelsDrift:
        scales = [0.5 * self.hbar / m * tau for m in each(self.mass, self.grid.dimension)]
        waves = self.grid.wavenumber_mesh
        return LevelsDrift(tuple((scale * k**2)[None] for scale, k in zip(scales, waves)))

    def check_method(self, method: Method) -> None:
        check_general(method, "V(x) are matrices that need not commute")

    def kick_flow(self, tau: Scalar) -> MatrixKick:
        return matrix_kick((tau / self.hbar) * packed(self.values))

    def enter(self, state: Any) -> Any:
        check_waves(state, (self.levels, *self.grid.shape))
        return complex_waves(state)

    def nuclear(self, state: Any) -> MixedState:
        """The state of the nuclei alone, tr_el |ψ⟩⟨ψ| = Σ_a |ψ_a⟩⟨ψ_a|: what `wigner`, `husimi` and `observables` take.

        >>> import jaxwigner as jw
        >>> grid = jw.Grid(-4.0, 4.0, 32)
        >>> system = jw.Surfaces(grid, jw.potentials.DeltaGap(0.1), 0.3)
        >>> R = system.nuclear(system.on_level(jw.coherent_state(grid, -1.0, 0.0, 0.3), 0))
        >>> round(float(jw.observables.norm(R, grid)), 9)
        1.0
        """
        if not isinstance(state, MixedState):
            psi = jnp.asarray(state)
            return MixedState(jnp.ones(self.levels, jnp.real(psi).dtype), psi)
        orbitals = state.orbitals.reshape(-1, *self.grid.shape)
        return MixedState(jnp.repeat(state.weights, self.levels), orbitals)

    def on_level(
        self, psi: Any, level: int | str, settled: float | None = None
    ) -> Complex[Array, " n *shape"]:
        """ψ(x)χ_level(x): a scalar packet on an adiabatic level, χ with the sign that it has where |ψ| is largest.

        **Arguments:** `psi`: of the grid's shape. `level`: its number from below, or "lower" and "upper" of two. `settled`: the largest
        share of a packet that the coupling may hold on other levels at the start (`unsettled`); None: any.

        **Raises:** `ValueError` for a level that is not there, for a packet on the very tip of a cone, and for one that is not settled.

        >>> import jaxwigner as jw
        >>> grid = jw.Grid(-12.0, 12.0, 256)
        >>> system = jw.Surfaces(grid, jw.potentials.DeltaGap(0.1), hbar=0.1)
        >>> psi = system.on_level(jw.coherent_state(grid, -4.0, 1.5, 0.1), "upper", settled=1e-5)
        >>> system.populations(psi).round(6).tolist()
        [0.0, 1.0]
        """
        check_state(psi, self.grid)
        require(not isinstance(psi, MixedState), "psi", "be a wave function", "a mixed state")
        number = adiabatic.level_number(level, self.levels)
        if settled is not None:
            check_positive_scalar("settled", settled)
        state = adiabatic.placed(as_complex(jnp.asarray(psi)), self.values, number)
        if settled is not None:
            share = self.unsettled(psi, number)
            must = f"start where the coupling holds at most {settled:.1e} of it on other levels"
            if concrete(share) and not share <= settled:
                raise ValueError(f"Argument `psi` must {must}, but has {float(share):.1e} there")
        return state

    def unsettled(self, psi: Any, level: int | str) -> Float[Array, ""]:
        """Σ_b ∫|ħ d_ab·(p̂/m)ψ|²/(λ_a − λ_b)² dx, what the coupling holds on other levels where a packet starts, to leading order in ħ.

        **Raises:** `ValueError` where V is known on the grid alone.

        >>> import jaxwigner as jw
        >>> grid = jw.Grid(-8.0, 8.0, 128)
        >>> system = jw.Surfaces(grid, jw.potentials.DeltaGap(0.5), hbar=0.1)
        >>> starts = [jw.coherent_state(grid, q, 1.0, 0.1) for q in (-5.0, 0.0)]
        >>> [bool(system.unsettled(psi, 0) < 1e-8) for psi in starts]
        [True, False]
        """
        check_state(psi, self.grid)
        number = adiabatic.level_number(level, self.levels)
        potential = self._function("what is asked for")
        masses = each(self.mass, self.grid.dimension)
        state = as_complex(jnp.asarray(psi))
        return adiabatic.leaving(state, self.grid, potential, number, self.hbar, masses)

    def _function(self, what: str) -> MatrixPotential:
        must = f"be a MatrixPotential or a function for {what}"
        known = isinstance(self.potential, MatrixPotential)
        require(known, "potential", must, "an array of values")
        return self.potential  # pyright: ignore[reportReturnType]

    def adiabatic(self, state: Any) -> Any:
        """φ = Qᵀψ on the grid, (n, *grid), lowest level first; of a mixed state orbital by orbital. Signs are those of `vectors`.

        >>> import jaxwigner as jw
        >>> grid = jw.Grid(-12.0, 12.0, 256)
        >>> system = jw.Surfaces(grid, jw.potentials.DeltaGap(0.1), hbar=0.1)
        >>> phi = system.adiabatic(system.on_level(jw.coherent_state(grid, -4.0, 1.5, 0.1), 1))
        >>> bool(abs(phi[0]).max() < 1e-12), phi.shape
        (True, (2, 256))
        """
        return each_orbital(lambda u: adiabatic.on_levels(u, self.values), self.enter(state))

    def populations(self, state: Any, refine: int | None = None) -> Float[Array, " n"]:
        """P_j = ∫|(Qᵀψ)_j|² dx of the adiabatic levels, lowest first.

        **Arguments:** `refine`: how many times as many points along each axis the sum takes, to which ψ is continued by its Fourier
        series; default 4, since the projectors jump at the tip of a cone, and 1 for values on the grid.

        >>> import jaxwigner as jw
        >>> grid = jw.Grid((-4.0, -3.0), (4.0, 3.0), (48, 40))
        >>> system = jw.Surfaces(grid, jw.potentials.Crossing(), hbar=0.3)
        >>> psi = system.on_level(jw.coherent_state(grid, (-2.4, 0.0), (1.0, 0.0), 0.3), "upper")
        >>> system.populations(psi).round(4).tolist()
        [0.0, 1.0]
        """
        state = self.enter(state)
        known = isinstance(self.potential, MatrixPotential)
        refine = (4 if known else 1) if refine is None else refine
        check_integer("refine", refine, at_least=1)
        if refine == 1:
            values = self.values
            densities = lambda u: jnp.stack(  # noqa: E731
                [observables.total(one) for one in adiabatic.level_densities(u, values)]
            )
            return averaged(densities, state) * self.grid.cell
        V = self._function("a finer grid")
        return averaged(lambda u: adiabatic.populations(u, self.grid, V, refine), state)

    def electronic(self, state: Any) -> Complex[Array, "n n"]:
        """The electronic density matrix ρ_ab = ∫ψ_aψ_b* dx in the diabatic basis; its diagonal are the diabatic populations.

        >>> import jax.numpy as jnp, jaxwigner as jw
        >>> grid = jw.Grid(-4.0, 4.0, 32)
        >>> system = jw.Surfaces(grid, jw.potentials.DeltaGap(0.1), 0.3)
        >>> one = jw.coherent_state(grid, 0.0, 0.0, 0.3)
        >>> system.electronic(jnp.stack([0.6 * one, 0.8j * one])).round(6).tolist()
        [[(0.36+0j), -0.48j], [0.48j, (0.64+0j)]]
        """

        def matrix(u):
            flat = u.reshape(u.shape[0], -1)
            return flat @ jnp.conj(flat).T * self.grid.cell

        return averaged(matrix, self.enter(state))

    def diagnose(self, state: Any) -> dict[str, Array]:
        total, grid = observables.total, self.grid
        R = self.nuclear(state)
        rho = observables.density_of(R)
        power = observables.spectral_weights(R, grid)
        kinetic = observables.mean_kinetic(power, grid, self.hbar, self.mass, None)
        V = packed(self.values)
        bound = lambda u: total(jnp.sum(jnp.real(jnp.conj(u) * applied(V, u)), axis=0))  # noqa: E731
        series = {
            "norm": total(rho) * grid.cell,
            "energy": kinetic + averaged(bound, state) * grid.cell,
            "kinetic": kinetic,
            "spectral_tail": observables.spectral_tail(power, grid.wavenumber_mesh),
            "edge_mass": observables.edge_mass(rho, with_edge(grid)),
        }
        return {name: jnp.asarray(value, rho.dtype) for name, value in series.items()}

    def _places(self) -> dict[str, Any]:
        d = self.grid.dimension
        names = ("x",) if d == 1 else tuple(f"x{i + 1}" for i in range(d))
        return dict(zip(names, self.grid.axes))

    def coordinates(self) -> dict[str, Any]:
        return {"surface": np.arange(self.levels)} | self._places()

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        waves = named.of_waves(self.grid, self.hbar, self.mass)
        found = {name: (lambda u, one=one: one(self.nuclear(u))) for name, one in waves.items()}
        own = {"populations": self.populations, "electronic": self.electronic}
        return super().observables() | found | own

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        waves = named.axes_of_waves(self.grid, self.hbar, tuple(self._places()))
        numbers = np.arange(self.levels)
        return waves | {
            "populations": {"level": numbers},
            "electronic": {"surface": numbers, "other": numbers},
        }
