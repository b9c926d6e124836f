"""What a rank below that of R or S does to MK_ħ²: bounds for the states themselves from those for what was kept of them.

With lost masses τ, a dual point (A, B) of the kept problem and T ≥ what the lost parts can cost,

    L = tr(AR_P) + tr(BS_P) − τ_S(λ_max A)₊ − τ_R(λ_max B)₊,    MK² ≥ (√L − √T)₊²
    T = 4tr(NR_⊥) + 12tr(NS_⊥) + 8‖N_S‖τ_R + 4‖N_R‖τ_S           or with the roles of R and S exchanged

by C ≥ (1−s)PCP − (1/s−1)P⊥CP⊥ for every s, and C ≤ 2(N⊗1 + 1⊗N). Above, what was lost is coupled as a product.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Num

from jaxwigner._types import Array
from jaxwigner.transport.quantum.program.pair import Pair, Side
from jaxwigner.transport.solvers.matrices import after
from jaxwigner.transport.solvers.problem import mean_of
from jaxwigner.transport.solvers.range import CompressedState


class Lost(eqx.Module):
    """One side: τ, tr(NR_⊥) about the mean of what was kept, ‖N‖ there, and |∫Ẑ| of R_⊥; units of ħ."""

    mass: Float[Array, ""]
    energy: Float[Array, ""]
    norm: Float[Array, ""]

    @property
    def moment(self) -> Array:
        """|tr(ẐR_⊥)| at most."""
        return jnp.sqrt(2 * self.mass * self.energy)


def lost(state: CompressedState, side: Side) -> Lost:
    """What `compress` left out. Eigenvalues that are rounding are no loss: R is not known better."""
    total = state.amplitudes.shape[1]
    real = state.lost > 4 * total * float(np.finfo(state.eigenvalues.dtype).eps)
    tau = jnp.where(real, state.lost, 0.0)
    # tr(½|Ẑ − m|²R_⊥) by Minkowski's inequality from what is known about the origin.
    mean = mean_of(state)
    root = jnp.sqrt(0.5 * state.lost_square) + jnp.sqrt(0.5 * jnp.sum(mean**2) * state.lost)
    energy = jnp.where(real, root**2, 0.0) / state.hbar
    return Lost(tau, energy, jnp.linalg.norm(side.half_square))


def with_truncation(
    pair: Pair,
    shift: Float[Array, ""],
    potentials: tuple[Num[Array, "r r"], Num[Array, "s s"]],
    below: Array,
    above: Array,
    missing: tuple[Lost, Lost],
) -> tuple[Array, Array, dict[str, Any]]:
    """Bounds for R and S from `below` ≤ MK₀² ≤ `above` of the kept problem; `shift` is |Δ|; all in units of ħ."""
    one, other = missing
    # The means about which both sides are seen are those of what was kept.
    moved = shift * (one.moment + other.moment)
    kept = jnp.maximum(_kept(pair, potentials, below, missing), 0.0)
    rest = jnp.minimum(_rest(one, other), _rest(other, one))
    lower = jnp.maximum(jnp.sqrt(kept) - jnp.sqrt(rest), 0.0) ** 2
    none = (one.mass == 0) & (other.mass == 0)
    lower = jnp.where(none, below, lower - moved)
    tau = jnp.maximum(one.mass, other.mass)
    product = 2 * (_surplus(pair.first, one, tau) + _surplus(pair.second, other, tau))
    extra = jnp.maximum(product - tau * above, 0.0) + moved
    errors = {
        "lost mass": one.mass + other.mass,
        "truncation above": extra,
        "truncation below": jnp.maximum(below - lower, 0.0),
    }
    return lower, above + extra, errors


def _kept(pair: Pair, potentials, below: Array, missing: tuple[Lost, Lost]) -> Array:
    """L, with the best of three gauges (A + c, B − c)."""
    one, other = missing
    A, B = potentials
    top = jnp.linalg.eigvalsh(A)[-1]
    tops = top, jnp.linalg.eigvalsh(after(top, B))[-1]
    a = jnp.real(jnp.diagonal(A)) @ pair.first.eigenvalues
    b = below - a  # with what positivity took away
    choices = jnp.stack([jnp.zeros_like(top), -tops[0], tops[1]])
    loss = other.mass * jnp.maximum(tops[0] + choices, 0.0)
    loss = loss + one.mass * jnp.maximum(tops[1] - choices, 0.0)
    kept = (1 - one.mass) * (a + choices) + (1 - other.mass) * (b - choices)
    return jnp.max(kept - loss)


def _rest(one: Lost, other: Lost) -> Array:
    return (
        4 * one.energy + 12 * other.energy + 8 * other.norm * one.mass + 4 * one.norm * other.mass
    )


def _surplus(side: Side, missing: Lost, tau: Array) -> Array:
    """tr(N(R − mR̂)) with R̂ what was kept, normalised, and m = 1 − τ the smaller of the kept masses."""
    return (tau - missing.mass) * side.energy + missing.energy
