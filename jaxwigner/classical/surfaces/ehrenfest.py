"""Ehrenfest's equations: a classical nucleus with electronic amplitudes c ∈ Cⁿ, each moving in the mean field of the other.

    q̇ = p/m,   ṗ = −⟨c|∇V(q)|c⟩,   iħ ċ = V(q)c

Half-flows, both exact: q ↦ q + pτ/m, and at fixed q, with U = e^{−iVτ/ħ},

    c ↦ Uc,   p_i ↦ p_i − ∫₀^τ ⟨c(s)|∂_iV|c(s)⟩ ds = p_i + ħ Im ⟨Uc|(∂_iU)c⟩,

whose ∂_iU is that of Daleckii and Krein, right where levels meet. As for waves, [B, [B, [B, A]]] ≠ 0 where matrices do not commute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._checks import (
    check_finite_complex,
    check_masses,
    check_positive_scalar,
    check_shape,
    each,
    require,
)
from jaxwigner._types import Array, PerAxis
from jaxwigner.classical.newton import Clouds, Displacement, entered, kicked
from jaxwigner.classical.surfaces.levels import (
    energies_of_motion,
    function_of,
    on_levels,
    start_level,
)
from jaxwigner.engine.flows import Flow
from jaxwigner.engine.methods import Method, check_general
from jaxwigner.grid import Scalar
from jaxwigner.potentials.surfaces.algebra import (
    applied,
    decomposed,
    exponential,
    exponential_of_two,
    packed,
)
from jaxwigner.potentials.surfaces.matrix import MatrixPotential
from jaxwigner.states import Particles


class Carriers(Particles):
    """`Particles` with electronic amplitudes: `weights` (K,), `positions`, `momenta` (K, d), `amplitudes` (K, n).

    Amplitudes are diabatic, Σ_a|c_a|² = 1 for each; weights may have signs, as those of a Wigner function.

    **Raises:** `ValueError` for shapes that do not go together.

    >>> import jaxwigner as jw
    >>> cloud = jw.Particles([1.0], [0.5], [0.0])
    >>> jw.classical.Carriers(cloud, [[0.6, 0.8j]]).amplitudes.shape
    (1, 2)
    """

    amplitudes: Complex[Array, "k n"]

    def __init__(self, cloud: Particles, amplitudes: Any):
        cloud = entered(cloud, "cloud")
        check_finite_complex("amplitudes", amplitudes, (cloud.weights.shape[0], None))
        self.weights, self.positions, self.momenta = cloud.weights, cloud.positions, cloud.momenta
        both = jnp.promote_types(self.positions.dtype, jnp.complex64)
        self.amplitudes = jnp.asarray(amplitudes).astype(both)


def unitary(fields: Float[Array, " pair k"]) -> Complex[Array, " pair k"]:
    """e^{−iG} of packed matrices."""
    if fields.shape[0] == 3:
        return exponential_of_two(fields)
    return exponential(fields, *decomposed(jax.lax.stop_gradient(fields)))


class MeanFieldKick(Flow):
    """(p, c) ↦ (p + ħ Im⟨Uc|(∇U)c⟩, Uc) with U = e^{−iV(q)·time/ħ}."""

    potential: MatrixPotential
    hbar: Scalar
    time: Scalar

    def __call__(self, state: Carriers) -> Carriers:
        q = tuple(state.positions.T)
        c = state.amplitudes.T
        turn = lambda *x: unitary((self.time / self.hbar) * packed(self.potential(*x)))  # noqa: E731
        after = applied(turn(*q), c)
        impulses = []
        for i in range(len(q)):
            along = tuple(
                jnp.ones_like(x) if j == i else jnp.zeros_like(x) for j, x in enumerate(q)
            )
            change = applied(jax.jvp(turn, q, along)[1], c)
            impulses.append(self.hbar * jnp.sum(jnp.imag(jnp.conj(after) * change), axis=0))
        moved: Any = kicked(state, jnp.stack(impulses, axis=-1))
        return eqx.tree_at(lambda z: z.amplitudes, moved, after.T)


class Ehrenfest(Clouds):
    """Ehrenfest's mean-field dynamics, q̇ = p/m, ṗ = −⟨c|∇V|c⟩, iħċ = V(q)c, on `evolve`: reversible, energy kept, every method's order.

    One trajectory feels the mean of the surfaces at all times: where packets part on two of them, it follows neither
    (J. C. Tully, Faraday Discuss. 110 (1998) 407).

    **Arguments:** `potential`: a `MatrixPotential`, or a function of `dimension` numbers that returns n rows of n numbers; `hbar`,
    `mass`: positive, may be traced, `mass` one number or one for each coordinate.

    **States:** `Carriers`; `on_level` makes them of a cloud. Observed by name: means and variances as of particles, `"populations"`
    (adiabatic), `"electronic"`.

    **Raises:** `ValueError` for arguments that cannot be right, and methods whose order matrices take away.

    >>> import jaxwigner as jw
    >>> system = jw.Ehrenfest(jw.potentials.DeltaGap(0.1), hbar=0.1)
    >>> start = system.on_level(jw.Particles([1.0], [-4.0], [1.5]), "lower")
    >>> run = jw.evolve(system, start, duration=6.0, steps=400, observe="populations")
    >>> run.observed["populations"][-1].round(2).tolist()
    [0.42, 0.58]
    """

    potential: MatrixPotential
    hbar: Scalar
    mass: Any  # one number, or a tuple of one for each coordinate

    def __init__(self, potential: Any, hbar: Scalar, mass: PerAxis = 1.0, *, dimension: int = 1):
        check_positive_scalar("hbar", hbar)
        self.hbar, self.mass = hbar, check_masses(mass)
        self.potential = function_of(potential, dimension)

    @property
    def levels(self) -> int:
        """n, the number of surfaces."""
        return self.potential.size

    def check_method(self, method: Method) -> None:
        check_general(method, "V is made of matrices that need not commute")

    def drift_flow(self, tau: Scalar) -> Displacement:
        if isinstance(self.mass, tuple):
            return Displacement(jnp.stack([jnp.asarray(tau / m) for m in self.mass])[None])
        return Displacement(tau / self.mass)

    def kick_flow(self, tau: Scalar) -> MeanFieldKick:
        return MeanFieldKick(self.potential, self.hbar, tau)

    def enter(self, state: Any) -> Carriers:
        require(isinstance(state, Carriers), "state", "be Carriers (`on_level` makes them)", state)
        check_shape("amplitudes", state.amplitudes, (None, self.levels))
        function_of(self.potential, state.dimension)
        check_masses(self.mass, state.dimension)
        return state

    def on_level(self, cloud: Particles, level: int | str) -> Carriers:
        """Every particle of a cloud on an adiabatic level: its amplitudes are the level's vector there.

        **Arguments:** `level`: its number from below, or "lower" and "upper" of two.

        >>> import jaxwigner as jw
        >>> system = jw.Ehrenfest(jw.potentials.Crossing(), hbar=0.1, dimension=2)
        >>> start = system.on_level(jw.Particles([1.0], [[0.6, 0.8]], [[0.0, 0.0]]), "upper")
        >>> system.populations(start).round(9).tolist()
        [0.0, 1.0]
        """
        cloud, number = start_level(self.potential, cloud, level)
        return Carriers(cloud, self.potential.vectors(*cloud.positions.T)[..., number])

    def populations(self, state: Carriers) -> Float[Array, " n"]:
        """P_j = Σ_k w_k|(Qᵀc_k)_j|² of the adiabatic levels, lowest first.

        >>> import jaxwigner as jw
        >>> system = jw.Ehrenfest(jw.potentials.DeltaGap(0.1), hbar=0.1)
        >>> start = system.on_level(jw.Particles([1.0], [-4.0], [1.5]), 0)
        >>> system.populations(start).round(9).tolist()
        [1.0, 0.0]
        """
        Q = self.potential.vectors(*state.positions.T)
        return state.weights @ on_levels(Q, state.amplitudes)

    def electronic(self, state: Carriers) -> Complex[Array, "n n"]:
        """The electronic density matrix Σ_k w_k c_k c_k*, in the diabatic basis.

        >>> import jaxwigner as jw
        >>> system = jw.Ehrenfest(jw.potentials.DeltaGap(0.1), hbar=0.1)
        >>> start = jw.classical.Carriers(jw.Particles([1.0], [0.0], [0.0]), [[0.6, 0.8]])
        >>> system.electronic(start).real.round(2).tolist()
        [[0.36, 0.48], [0.48, 0.64]]
        """
        c = state.amplitudes
        return (state.weights[:, None] * c).T @ jnp.conj(c)

    def diagnose(self, state: Carriers) -> dict[str, Array]:
        c = state.amplitudes
        kinetic = energies_of_motion(state.momenta, each(self.mass, state.dimension))
        V = packed(self.potential(*state.positions.T))
        bound = jnp.sum(jnp.real(jnp.conj(c.T) * applied(V, c.T)), axis=0)
        zero = jnp.zeros((), kinetic.dtype)
        return {
            "norm": state.weights @ jnp.sum(jnp.real(c) ** 2 + jnp.imag(c) ** 2, axis=1),
            "energy": state.weights @ (kinetic + bound),
            "kinetic": state.weights @ kinetic,
            "spectral_tail": zero,
            "edge_mass": zero,
        }

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        own = {"populations": self.populations, "electronic": self.electronic}
        return super().observables() | own

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        numbers = jnp.arange(self.levels)
        own = {"level": numbers}, {"surface": numbers, "other": numbers}
        return super().observed_axes() | dict(zip(("populations", "electronic"), own))
