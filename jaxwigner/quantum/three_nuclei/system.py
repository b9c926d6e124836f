"""Three nuclei at J = 0 in full quantum mechanics: AFG (1), (2), (7) for M = 3, their ε written ħ, without centre of mass and rotation.

On u = Rrψ with ∫|u|² dR dr d(cos γ) = 1 (`coordinates`: R, r, γ and the reduced masses)

    iħ ∂_tu = [−(ħ²/2μ_R)∂_R² − (ħ²/2μ_r)∂_r² + ½ħ²(1/μ_RR² + 1/μ_rr²)j² + U_s + U_b]u,   U_s = ΣC_αβ/|R_αβ|,   j²P_j = j(j+1)P_j

Half-flows, both exact: free motion (`free_motion`), and e^{−i(U_s + U_b)τ/ħ} at every node; U is a number: methods keep their order.
A state holds the amplitudes c = √w u at the nodes of Gauss's rule in cos γ and of two radial grids: Σ|c|² = 1. Under the exchange of
equal nuclei 1 and 2 γ becomes π − γ: even states have even j alone, and half of the angles. At R = 0 waves of odd j are even functions
of R, which sines do not follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import observables
from jaxwigner._checks import (
    check_choice,
    check_finite_complex,
    check_integer,
    check_positive_scalar,
    concrete,
    entries,
    require,
)
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.engine.flows import Multiplication
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar
from jaxwigner.observables.diagnostics import EDGE, TAIL
from jaxwigner.potentials import Potential
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid, unit_nodes
from jaxwigner.quantum.three_nuclei import coordinates
from jaxwigner.quantum.three_nuclei import observables as observed
from jaxwigner.quantum.three_nuclei.free_motion import (
    EXCHANGES,
    FreeModes,
    FreeMotion,
    angular_nodes,
    degrees_of,
    free_modes,
    is_outer,
)
from jaxwigner.states import as_complex

MEMORY = 16 * 2**30  # bytes that a run may take
COPIES = 14  # of a complex state: what a run of four stages holds, tables of its kicks among it
Amplitudes = Complex[Array, "a R r"]


class ThreeNuclei(System):
    """Three nuclei at total angular momentum 0: iħ ∂_tΨ = [−Σ(ħ²/2m_α)Δ_α + ΣC_αβ/|R_α − R_β| + U_b]Ψ (AFG (SE), (7), M = 3, J = 0).

    **Arguments:** `hbar`: AFG's ε. `radii`: the `RadialGrid`s of R and of r, or one for both, of kind "sine" or "lobatto". `angles`:
    the number of nodes in γ, as many as there are j. `charges`: C_αβ, one number or a symmetric (3, 3) matrix. `masses`: one number or
    three. `bounded`: U_b, a function of (|R₁₂|, |R₁₃|, |R₂₃|) or a `Potential` of these three. `exchange`: "even" or "odd" for states
    of equal nuclei 1 and 2 of that parity; None for any state. `attractive`: allow C_αβ < 0, a negative control. `rotation`: J, which
    is 0. Numbers may be traced.

    **States:** amplitudes c = √w u of `shape` (γ, R, r), Σ|c|² = 1, from `packet_three`; u itself is `wave(c)`.

    **Raises:** `ValueError` for arguments that cannot be right, for nuclei 1 and 2 that are not equal though `exchange` says so, for
    sines in R where odd j take part, and for a grid that does not fit into memory (it says which does).

    >>> import jaxwigner as jw
    >>> radii = jw.RadialGrid(5.5, 32), jw.RadialGrid(6.5, 36)
    >>> system = jw.ThreeNuclei(hbar=0.2, radii=radii, angles=12, exchange="even")
    >>> c = jw.packet_three(system, distance=3.0, velocity=-2.0)
    >>> run = jw.evolve(system, c, duration=0.2, steps=4, saves=1, observe="singular", throw=False)
    >>> [round(float(one), 3) for one in run.observed["singular"]]
    [1.024, 1.184]
    """

    hbar: Scalar
    radii: tuple[RadialGrid, RadialGrid]
    angles: int = eqx.field(static=True)
    exchange: str | None = eqx.field(static=True)
    charges: tuple[Scalar, Scalar, Scalar]
    masses: tuple[Scalar, Scalar, Scalar]
    potential: Potential
    modes: FreeModes

    def __init__(
        self,
        *,
        hbar: Scalar,
        radii: RadialGrid | tuple[RadialGrid, RadialGrid],
        angles: int,
        charges: Any = 1.0,
        masses: Any = 1.0,
        bounded: Any = None,
        exchange: str | None = None,
        attractive: bool = False,
        rotation: int = 0,
    ):
        check_integer("rotation", rotation, at_least=0)
        must = "be 0: J > 0 are 2J + 1 coupled equations, which this is not"
        require(rotation == 0, "rotation", must, rotation)
        check_positive_scalar("hbar", hbar)
        check_integer("angles", angles, at_least=2)
        self.hbar, self.radii, self.angles = hbar, _pair_of_grids(radii), int(angles)
        if exchange is not None:
            check_choice("exchange", exchange, EXCHANGES)
        self.exchange = exchange
        require(isinstance(attractive, bool), "attractive", "be True or False", attractive)
        self.charges = coordinates.check_charges(charges, attractive)
        self.masses = coordinates.check_three_masses(masses)
        self.potential = coordinates.check_bounded(bounded, self._reach())
        if exchange != "even":
            must = "be of kind 'lobatto' in R where odd j take part (nuclei 1 and 2 that are equal: `exchange='even'`)"
            require(self.radii[0].kind == "lobatto", "radii", must, self.radii[0].kind)
        if exchange is not None:
            self._check_equal()
        _check_memory(self.shape)
        self.modes = free_modes(self.radii, self.angles, exchange)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a state: (γ, R, r)."""
        return (self.angles, self.radii[0].points, self.radii[1].points)

    @property
    def degrees(self) -> np.ndarray:
        """The values of j."""
        return np.array(degrees_of(self.angles, self.exchange))

    @property
    def cosines(self) -> Float[Array, " a"]:
        """cos γ at the nodes, increasing; positive ones alone for states of one parity."""
        return jnp.asarray(angular_nodes(self.angles, self.exchange)[0])

    @property
    def R(self) -> Float[Array, " R"]:
        """Distances of nucleus 3 from the centre of mass of the others."""
        return self.radii[0].radii

    @property
    def r(self) -> Float[Array, " r"]:
        """Distances of nuclei 1 and 2."""
        return self.radii[1].radii

    @property
    def mesh(self) -> tuple[Array, Array, Array]:
        """cos γ, R and r along their axes."""
        return self.cosines[:, None, None], self.R[None, :, None], self.r[None, None, :]

    @property
    def weights(self) -> Float[Array, "a R r"]:
        """w of ∫f dR dr d(cos γ) ≈ Σwf at the nodes."""
        angular = jnp.asarray(angular_nodes(self.angles, self.exchange)[1])
        outer, inner = self.radii[0].weights, self.radii[1].weights
        return angular[:, None, None] * outer[None, :, None] * inner[None, None, :]

    @property
    def reduced_masses(self) -> tuple[Scalar, Scalar]:
        """μ_R and μ_r."""
        return coordinates.reduced_masses(self.masses)

    @property
    def distances(self) -> tuple[Array, Array, Array]:
        """|R₁₂|, |R₁₃| and |R₂₃| at the nodes."""
        return coordinates.distances(*self.mesh, self.masses)

    @property
    def singular(self) -> Float[Array, "a R r"]:
        """U_s at the nodes."""
        return sum(C / d for C, d in zip(self.charges, self.distances)) + jnp.zeros(self.shape)

    @property
    def bounded(self) -> Float[Array, "a R r"]:
        """U_b at the nodes."""
        return jnp.broadcast_to(self.potential(*self.distances), self.shape)

    @property
    def values(self) -> Float[Array, "a R r"]:
        """U_s + U_b at the nodes, all that a kick multiplies by."""
        return self.singular + self.bounded

    @property
    def free_levels(self) -> tuple[Array, Array]:
        """The kinetic energies of free waves, those of R, (j, p, 1), and those of r, (j, 1, q); their sum is that of T."""
        scales = [
            self.hbar**2 / (2 * mass * grid.length**2)
            for mass, grid in zip(self.reduced_masses, self.radii)
        ]
        outer, inner = (
            jax.lax.stop_gradient(one.levels) for one in (self.modes.outer, self.modes.inner)
        )
        return scales[0] * outer[:, :, None], scales[1] * inner[:, None, :]

    def drift_flow(self, tau: Scalar) -> FreeMotion:
        outer, inner = self.free_levels
        turn = tau / self.hbar
        return FreeMotion((turn * outer, turn * inner), modes=self.modes)

    def kick_flow(self, tau: Scalar) -> Multiplication:
        return Multiplication(((tau / self.hbar) * self.values,))

    def enter(self, state: Any) -> Amplitudes:
        check_finite_complex("state", state, self.shape)
        return as_complex(jnp.asarray(state))

    def wave(self, state: Any) -> Amplitudes:
        """u = c/√w at the nodes, with ∫|u|² dR dr d(cos γ) = Σ|c|².

        >>> import jax.numpy as jnp, jaxwigner as jw
        >>> radii = jw.RadialGrid(5.5, 32), jw.RadialGrid(6.5, 36)
        >>> system = jw.ThreeNuclei(hbar=0.2, radii=radii, angles=12, exchange="even")
        >>> c = jw.packet_three(system, distance=3.0, velocity=0.0)
        >>> round(float(jnp.sum(system.weights * abs(system.wave(c)) ** 2)), 9)
        1.0
        """
        return self.enter(state) / jnp.sqrt(self.weights)

    def hamiltonian(self, state: Any) -> Amplitudes:
        """Hc.

        >>> import jax.numpy as jnp, jaxwigner as jw
        >>> radii = jw.RadialGrid(5.5, 32), jw.RadialGrid(6.5, 36)
        >>> system = jw.ThreeNuclei(hbar=0.2, radii=radii, angles=12, exchange="even")
        >>> c = jw.packet_three(system, distance=3.0, velocity=0.0)
        >>> energy = jnp.vdot(c, system.hamiltonian(c)).real
        >>> bool(abs(energy - system.diagnose(c)["energy"]) < 1e-12)
        True
        """
        return _hamiltonian(self, self.enter(state), 0.0)

    def bounds(self, state: Any) -> dict[str, Array]:
        """What AFG Lemma 5.1 is about: `K` = ‖(H − κ)Ψ‖², κ = inf U_b, `singular_square` = ‖U_sΨ‖² ≤ K for C ≥ 0; `singular` = ⟨U_s⟩,
        `distances` = ⟨|R₁₂|⟩, ⟨|R₁₃|⟩, ⟨|R₂₃|⟩.

        **Raises:** `ValueError` for a U_b that does not know its lower bound.

        >>> import jaxwigner as jw
        >>> radii = jw.RadialGrid(5.5, 32), jw.RadialGrid(6.5, 36)
        >>> system = jw.ThreeNuclei(hbar=0.2, radii=radii, angles=12, exchange="even")
        >>> bounds = system.bounds(jw.packet_three(system, distance=3.0, velocity=-2.0))
        >>> round(float(bounds["K"]), 3), round(float(bounds["singular_square"]), 3)
        (10.477, 1.061)
        """
        return _bounds(self, self.enter(state))

    def close(self, state: Any, distance: Scalar) -> Float[Array, "3"]:
        """P(|R_αβ| < d) for the pairs 12, 13, 23, at most K d²/C_αβ² (AFG (9)): a sum over nodes.

        >>> import jaxwigner as jw
        >>> radii = jw.RadialGrid(5.5, 32), jw.RadialGrid(6.5, 36)
        >>> system = jw.ThreeNuclei(hbar=0.2, radii=radii, angles=12, exchange="even")
        >>> P = system.close(jw.packet_three(system, distance=3.0, velocity=0.0), 3.0)
        >>> bool(abs(P[0] - 0.5) < 0.1), bool(abs(P[1] - P[2]) < 0.1)
        (True, True)
        """
        check_positive_scalar("distance", distance)
        return observed.per_pair(
            self, self.enter(state), lambda d: jnp.where(d < distance, 1.0, 0.0)
        )

    def diagnose(self, state: Amplitudes) -> dict[str, Array]:
        rho, power = observables.square(state), observables.square(self.modes.analyse(state))
        outer, inner = self.free_levels
        kinetic = observables.total((outer + inner) * power)
        series = {
            "norm": observables.total(rho),
            "energy": kinetic + observables.total(self.values * rho),
            "kinetic": kinetic,
            "spectral_tail": observed.share(power, self._outer_waves()),
            "edge_mass": observed.share(rho, self._edge()),
        }
        return {name: jnp.asarray(value, rho.dtype) for name, value in series.items()}

    def coordinates(self) -> dict[str, Any]:
        return {"cosine": self.cosines, "R": self.R, "r": self.r}

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        """`distances`: ⟨|R_αβ|⟩ of the pairs 12, 13, 23; `radii`: ⟨R⟩, ⟨r⟩; `cosine_square`: ⟨cos²γ⟩; `singular`: ⟨U_s⟩;
        `singular_square`: ‖U_sΨ‖²; `density`: |u|² in the plane (R, r)."""
        means = {name: lambda c, one=one: one(self, c) for name, one in observed.MEANS.items()}
        return super().observables() | means

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        return {
            "density": {"R": self.R, "r": self.r},
            "distances": {"pair": np.array([12, 13, 23])},
            "radii": {"coordinate": None},
        }

    def _outer_waves(self) -> Array:
        """Free waves in the outer tenth of what the angles and the grids resolve."""
        highest = self.degrees > (1 - TAIL) * self.degrees.max()
        modes = (self.modes.outer, self.modes.inner)
        outer, inner = (is_outer(grid, one.levels) for grid, one in zip(self.radii, modes))
        return highest[:, None, None] | outer[:, :, None] | inner[:, None, :]

    def _edge(self) -> np.ndarray:
        """Nodes in the outer twentieth of a radial grid."""
        outer, inner = (unit_nodes(one.points, one.kind) > 1 - EDGE for one in self.radii)
        return (outer[:, None] | inner[None, :])[None]

    def _reach(self) -> tuple[Any, Any, Any]:
        """The largest distances on the grid."""
        R, r = (one.length for one in self.radii)
        _, first, _ = coordinates.distances(1.0, R, r, self.masses)
        _, _, second = coordinates.distances(-1.0, R, r, self.masses)
        return r, first, second

    def _check_equal(self) -> None:
        """Nuclei 1 and 2 can be exchanged."""
        m1, m2, _ = self.masses
        _, C13, C23 = self.charges
        must = "be equal for nuclei 1 and 2 where `exchange` is given, which half of the angles rests on"
        for name, pair in (("masses", (m1, m2)), ("charges", (C13, C23))):
            if concrete(pair):
                require(float(pair[0]) == float(pair[1]), name, must, [float(x) for x in pair])
        if not concrete((self.potential, self.radii)):
            return
        with jax.ensure_compile_time_eval():
            places = [jnp.asarray(self.radii[1].length * x) for x in (0.37, 0.31, 0.53)]
            there, back = self.potential(*places), self.potential(places[0], *places[:0:-1])
            same = np.allclose(there, back, rtol=1e-9, atol=1e-12)
        must = "not change where |R₁₃| and |R₂₃| change places, since `exchange` is given"
        require(same, "bounded", must, [float(there), float(back)])


def _pair_of_grids(radii: Any) -> tuple[RadialGrid, RadialGrid]:
    pair = (radii, radii) if isinstance(radii, RadialGrid) else tuple(entries(radii))
    fits = len(pair) == 2 and all(isinstance(one, RadialGrid) for one in pair)
    require(fits, "radii", "be the RadialGrids of R and of r, or one for both", radii)
    return pair[0], pair[1]


def needed(shape: tuple[int, int, int]) -> int:
    """Bytes of a run: copies of a state, and the eigenvectors for every j."""
    angles, outer, inner = shape
    return 16 * COPIES * angles * outer * inner + 8 * angles * (outer**2 + inner**2)


def _check_memory(shape: tuple[int, int, int]) -> None:
    """Raise, with the grid that fits, for one that does not."""
    if needed(shape) <= MEMORY:
        return
    shrink = (MEMORY / needed(shape)) ** (1 / 3)
    angles, outer, inner = (max(2, int(shrink * n)) for n in shape)
    must = f"have at most about {outer} and {inner} points with {angles} angles to fit into {MEMORY >> 30} GiB of memory"
    raise ValueError(
        f"Argument `radii` must {must}, but has {shape[1]} and {shape[2]} with {shape[0]}"
    )


@once
def _hamiltonian(system: ThreeNuclei, c: Amplitudes, shift: Scalar) -> Amplitudes:
    """(H − shift)c."""
    outer, inner = system.free_levels
    kinetic = system.modes.synthesise((outer + inner) * system.modes.analyse(c))
    return kinetic + (system.values - shift) * c


@once
def _bounds(system: ThreeNuclei, c: Amplitudes) -> dict[str, Array]:
    K = observables.total(observables.square(_hamiltonian(system, c, observed.floor(system))))
    names = ("singular_square", "singular", "distances")
    return {"K": K} | {name: observed.MEANS[name](system, c) for name in names}
