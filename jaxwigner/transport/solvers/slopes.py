"""First derivatives of E_ħ² and MK_ħ² at the optimum: functions of the states that have them, in physical units.

R = Σρ_i e_ie_i* holds for e_i = ΣT_jiφ_j with T fixed however the vectors φ_j move; F̂ = ΣF_il,km |e_if_l⟩⟨e_kf_m| then keeps its
first marginal, while the second one changes with ⟨e|e⟩: the derivative in φ is that of tr(C(e)F) − tr((⟨e|e⟩⊗B)F), that in the
weights of R is tr(A dR). Off ran R optimality fixes A: Π⊥A = tr₂(Π⊥CF)R⁻¹. Beside a classical density F̂ is Q_k at the points z_k, and
what R sees of it are sums over k.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.states import FockState
from jaxwigner.transport.solvers.matrices import trace_product
from jaxwigner.transport.solvers.range import CompressedState, Family


class Seen(eqx.Module):
    """What one state sees of the other through F: tr₂((1⊗X)F) (r, r) for X = 1, Ẑ_i, N and the other's potential.

    The other's Ẑ and N are about the point from which the first is seen. Of points: Σ_kX_kQ_k for X = 1, z_i, ½|z|² and their prices.
    """

    mass: Complex[Array, "r r"]
    quadratures: Complex[Array, "m r r"]
    half_square: Complex[Array, "r r"]
    potential: Complex[Array, "r r"]


def seen(
    F: Complex[Array, "r s r s"],
    other: CompressedState,
    potential: Complex[Array, "s s"],
    shift: Float[Array, " m"],
) -> Seen:
    """The other side as the first one sees it; `shift`: from the first's origin to the other's."""
    through = lambda X: jnp.einsum("ilkm,...ml->...ik", F, X)  # noqa: E731
    mass, Z = through(jnp.eye(other.rank, dtype=F.dtype)), through(other.quadratures)
    half = through(other.half_square) + jnp.tensordot(shift, Z, 1)
    half = half + 0.5 * jnp.sum(shift**2) * mass
    Z = Z + shift[:, None, None] * mass
    return Seen(mass, Z, half, through(potential))


def swapped(F: Complex[Array, "r s r s"]) -> Complex[Array, "s r s r"]:
    """The same coupling with its sides exchanged."""
    return F.transpose(1, 0, 3, 2)


def slope(
    source: Family, state: CompressedState, potential: Complex[Array, "r r"], other: Seen
) -> Array:
    """A function of one state whose derivative at the optimum is that of the cost; its value has no meaning."""
    gram, quadratures, half = source.sandwich(state.coefficients)
    value = trace_product(other.mass, half)
    value = value + trace_product(other.half_square - other.potential, gram)
    value = value - sum(trace_product(K, Z) for K, Z in zip(other.quadratures, quadratures))
    A = state.amplitudes.conj().T @ potential @ state.amplitudes
    if isinstance(source.state, FockState):
        A = A + _between_range_and_rest(source, state, other)
        value = value + trace_product(A, source.weights)
        mass = jnp.real(jnp.trace(source.weights))
    else:
        value = value + source.weights @ jnp.real(jnp.diagonal(A))
        mass = source.mass()
    # The cost is that of R/tr R.
    return value - jnp.real(jnp.diagonal(potential)) @ state.eigenvalues * mass


def _between_range_and_rest(source: Family, state: CompressedState, other: Seen) -> Array:
    """The block of A between ran R and its complement."""
    E = state.coefficients
    _, quadratures, half = source.sandwich(jnp.eye(E.shape[0], dtype=E.dtype))
    moved = half @ (E @ other.mass)
    for K, Z in zip(other.quadratures, quadratures):
        moved = moved - Z @ (E @ K)
    safe = jnp.where(state.eigenvalues > 1e-14, state.eigenvalues, jnp.inf)
    block = (moved - E @ (E.conj().T @ moved)) / safe
    block = lax.stop_gradient(block @ E.conj().T)
    return block + block.conj().T
