"""What the matrix Wigner and the quantum-classical Liouville equation share, which is everything but one line: W_ab[x, p], d = 1.

∂_tW = −(p/m)∂_xW + (kick), where the kick acts on w(x, y) = ∫W e^{+ip·y} dp from both sides by one matrix at (x, y) and at (x, −y):

    ∂_tw = −(i/ħ)[S(x, y)w − wS(x, −y)],    S(x, y) = V(x + ħy/2)    or its first two terms    V(x) + (ħy/2)V′(x).

Both half-flows are exact and unitary. Alternating (Nyquist) modes have y = 0, as in `phase_space_system.py`: their shift is none, and
what commutators do to them keeps W Hermitian.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import observables
from jaxwigner._checks import (
    check_finite_complex,
    check_masses,
    check_positive_scalar,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.engine.methods import Method, check_general
from jaxwigner.engine.phase_space_system import shifting
from jaxwigner.engine.surfaces.field_flows import FieldsDrift, FieldsKick, fields_kick
from jaxwigner.engine.system import System
from jaxwigner.fourier import fftn
from jaxwigner.grid import PhaseGrid, Scalar, spread
from jaxwigner.observables import named
from jaxwigner.potentials.on_grid import with_edge
from jaxwigner.potentials.surfaces.algebra import packed, rotated, vectors_of
from jaxwigner.potentials.surfaces.matrix import (
    MatrixPotential,
    as_matrix_potential,
    check_on,
)
from jaxwigner.states import as_complex

SKEW = 1e-6  # of the largest entry, by which a state may differ from its adjoint: more than single precision rounds


class MatrixFields(System):
    """W_ab[x, p] under free transport and a kick given by `_side`; abstract, see `MatrixMoyal` and `MatrixLiouville`."""

    phase_grid: PhaseGrid
    potential: MatrixPotential
    hbar: Scalar
    mass: Scalar

    def __init__(self, phase_grid: PhaseGrid, potential: Any, hbar: Scalar, mass: Scalar):
        require(isinstance(phase_grid, PhaseGrid), "phase_grid", "be a PhaseGrid", phase_grid)
        d, box = phase_grid.dimension, phase_grid.position
        require(d == 1, "phase_grid", "have one coordinate", f"one of {d}")
        require(not any(box.periodic), "phase_grid", "not be that of a ring", "periodic")
        check_positive_scalar("hbar", hbar)
        self.phase_grid, self.hbar, self.mass = phase_grid, hbar, check_masses(mass, 1)
        self.potential = as_matrix_potential(potential, 1)
        check_on(self.potential, box)

    @abstractmethod
    def _side(self, x: Array, y: Array) -> Float[Array, "x y n n"]:
        """S(x, y), what multiplies w from the left, in place of V; from the right it is S(x, −y)."""

    @property
    def levels(self) -> int:
        """n."""
        return self.potential.size

    @property
    def values(self) -> Float[Array, "x n n"]:
        """V on the grid of positions."""
        (x,) = self.phase_grid.position.axes
        n = self.levels
        return jnp.broadcast_to(self.potential(x), (*self.phase_grid.position.shape, n, n))

    def check_method(self, method: Method) -> None:
        check_general(method, "V(x) are matrices that need not commute")

    def drift_flow(self, tau: Scalar) -> FieldsDrift:
        grid = self.phase_grid
        shifts = shifting(grid.position.wavenumbers, grid.position.shape)
        k, p = spread(shifts + grid.momentum.axes)
        return FieldsDrift((((tau / self.mass) * k * p)[None, None],))

    def kick_flow(self, tau: Scalar) -> FieldsKick:
        """The transform of NumPy has e^{−ip·η}: its variable is η = −y."""
        grid = self.phase_grid
        shifts = shifting(grid.momentum.wavenumbers, grid.momentum.shape)
        x, minus_y = spread(grid.position.axes + shifts)
        n = self.levels
        matrices = jnp.broadcast_to(self._side(x, -minus_y), (*grid.shape, n, n))
        return fields_kick((tau / self.hbar) * packed(matrices))

    def enter(self, state: Any) -> Complex[Array, "n n x p"]:
        n = self.levels
        check_finite_complex("state", state, (n, n, *self.phase_grid.shape))
        if concrete(state):
            known = np.asarray(state)
            gap = np.max(np.abs(known - np.conj(np.swapaxes(known, 0, 1))))
            if not gap <= SKEW * np.max(np.abs(known)):
                must = "be Hermitian matrices W_ab = W_ba* at each point"
                raise ValueError(f"Argument `state` must {must}, but is off by {gap:.3g}")
        return as_complex(jnp.asarray(state))

    def nuclear(self, state: Any) -> Float[Array, "x p"]:
        """tr W, the Wigner function of the nuclei alone.

        >>> import jax.numpy as jnp, jaxwigner as jw
        >>> phase = jw.phase_grid(jw.Grid(-4.0, 4.0, 40), 0.5)
        >>> W = jnp.ones((2, 2, *phase.shape))
        >>> float(jw.MatrixMoyal(phase, jw.potentials.DeltaGap(0.1), 0.5).nuclear(W)[0, 0])
        2.0
        """
        return jnp.real(jnp.trace(self.enter(state)))

    def adiabatic(self, state: Any) -> Complex[Array, "n n x p"]:
        """QᵀWQ, Q(x) of `vectors`: on its diagonal what is on each level, lowest first, beside it their coherences.

        As ħ → 0, away from crossings, it is the Wigner function of φ = Qᵀψ; their difference is O(ħ).

        >>> import jax.numpy as jnp, jaxwigner as jw
        >>> phase = jw.phase_grid(jw.Grid(-4.0, 4.0, 41), 0.5)
        >>> system = jw.MatrixMoyal(phase, lambda x: [[0.0 * x, 0.1], [0.1, 0.0 * x]], 0.5)
        >>> W = jnp.zeros((2, 2, *phase.shape)).at[0, 0].set(1.0)  # both levels alike
        >>> abs(system.adiabatic(W)[:, :, 0, 0]).round(9).tolist()
        [[0.5, 0.5], [0.5, 0.5]]
        """
        W = jnp.moveaxis(self.enter(state), (0, 1), (-2, -1))
        Q = vectors_of(packed(self.values)).astype(jnp.real(W).dtype)
        turned = rotated(jnp.broadcast_to(Q[:, None], W.shape), W)
        return jnp.moveaxis(turned, (-2, -1), (0, 1))

    def populations(self, state: Any) -> Float[Array, " n"]:
        """P_j = ∫∫ χ_jᵀWχ_j dx dp of the adiabatic levels, lowest first.

        >>> import jaxwigner as jw
        >>> surfaces = jw.Surfaces(jw.Grid(-4.0, 4.0, 40), jw.potentials.DeltaGap(0.1), 0.5)
        >>> lower = surfaces.on_level(jw.coherent_state(surfaces.grid, -1.0, 0.0, 0.5), "lower")
        >>> system = jw.MatrixMoyal(jw.phase_grid(surfaces.grid, 0.5), surfaces.potential, 0.5)
        >>> W = jw.matrix_wigner(lower, surfaces.grid, system.phase_grid, 0.5)
        >>> abs(system.populations(W)).round(6).tolist()
        [1.0, 0.0]
        """
        W = self.enter(state)
        rho = jnp.moveaxis(jnp.sum(W, axis=-1), -1, 0) * self.phase_grid.cell
        Q = vectors_of(packed(self.values)).astype(jnp.real(W).dtype)
        return jnp.sum(jnp.real(jnp.diagonal(rotated(Q, rho), axis1=-2, axis2=-1)), axis=0)

    def electronic(self, state: Any) -> Complex[Array, "n n"]:
        """The electronic density matrix ∫∫W_ab dx dp in the diabatic basis.

        >>> import jax.numpy as jnp, jaxwigner as jw
        >>> grid = jw.Grid(-4.0, 4.0, 40)
        >>> system = jw.MatrixMoyal(jw.phase_grid(grid, 0.5), jw.potentials.DeltaGap(0.1), 0.5)
        >>> psi = jnp.array([[0.6], [0.8j]]) * jw.coherent_state(grid, 0.0, 0.0, 0.5)[None]
        >>> W = jw.matrix_wigner(psi, grid, system.phase_grid, 0.5)
        >>> rho = system.electronic(W)
        >>> rho.diagonal().real.round(6).tolist(), round(float(rho[0, 1].imag), 6)
        ([0.36, 0.64], -0.48)
        """
        return jnp.sum(self.enter(state), axis=(-2, -1)) * self.phase_grid.cell

    def diagnose(self, state: Any) -> dict[str, Array]:
        grid, total = self.phase_grid, observables.total
        nuclei, (_, (p,)) = jnp.real(jnp.trace(state)), grid.mesh
        V = jnp.moveaxis(self.values, 0, -1)[..., None]
        bound = jnp.sum(V * jnp.real(state), axis=(0, 1))
        kinetic = total(p**2 * nuclei) * grid.cell / (2 * self.mass)
        power = jnp.sum(observables.square(fftn(state, axes=(-2, -1))), axis=(0, 1))
        waves = spread(grid.position.wavenumbers + grid.momentum.wavenumbers)
        series = {
            "norm": total(nuclei) * grid.cell,
            "energy": kinetic + total(bound) * grid.cell,
            "kinetic": kinetic,
            "spectral_tail": observables.spectral_tail(power, waves),
            "edge_mass": observables.edge_mass(nuclei, (*with_edge(grid.position), 1)),
        }
        return {name: jnp.asarray(value, nuclei.dtype) for name, value in series.items()}

    def _places(self) -> dict[str, Any]:
        grid = self.phase_grid
        return {"x": grid.position.axes[0], "p": grid.momentum.axes[0]}

    def coordinates(self) -> dict[str, Any]:
        numbers = np.arange(self.levels)
        return {"surface": numbers, "other": numbers} | self._places()

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        fields = named.of_fields(self.phase_grid)
        found = {name: (lambda W, one=one: one(self.nuclear(W))) for name, one in fields.items()}
        own = {"populations": self.populations, "electronic": self.electronic}
        return super().observables() | found | own

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        numbers = np.arange(self.levels)
        return named.axes_of_fields(self._places()) | {
            "populations": {"level": numbers},
            "electronic": {"surface": numbers, "other": numbers},
        }
