"""MK_ħ of Töplitz states, Σw_k|z_k⟩⟨z_k|, by the general solver: what entangled couplings save, and tensor products.

    packets       MK(R_μ, R_ν)² ≤ dist(μ, ν)² + dħ, and less than that where packets overlap and the masses differ
    products      MK(R_μ⊗R_μ′, R_ν⊗R_ν′)² = MK(R_μ, R_ν)² + MK(R_μ′, R_ν′)²
    symmetric     (1/n)MK(R_N^n, S_N^n)² ≤ (1/N)MK(R_N, S_N)² for states of N bodies that are symmetric, n ≤ N

R_μ⊗R_μ′ is the Töplitz state of μ×μ′, and marginals of R_μ are those of μ. The saving comes from couplings that are no mixture of
products: for two equal masses at ±a against two equal ones there is none, whatever a is.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import ToeplitzState
from jaxwigner.states import Particles
from jaxwigner.transport import monge_kantorovich, quantum_transport

Measures = tuple[Particles, Particles]


def packet_costs(pairs: list[Measures], hbar: Scalar, *, tolerance: float = 1e-8) -> Bracket:
    """MK_ħ(R_μ, R_ν)² of pairs of measures with as many points each, one after another in one loop: a batch.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.mk.packets import packet_costs
    >>> one, other = (jw.Particles([0.5, 0.5], [-a, a], [0.0, 0.0]) for a in (1.0, 0.5))
    >>> packet_costs([(one, other)], 1.0).centre.round(6).tolist()  # dist² + ħ
    [1.125]
    """
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *pairs)

    def one(pair):
        R, S = (ToeplitzState(measure, hbar) for measure in pair)
        return quantum_transport(R, S, tolerance=tolerance).cost

    return lax.map(one, stacked)


def packets_above(cost: Bracket, mu: Particles, nu: Particles, hbar: Scalar) -> Inequality:
    """MK(R_μ, R_ν)² ≤ dist(μ, ν)² + dħ for a measured `cost`."""
    right = monge_kantorovich(mu, nu) + mu.dimension * hbar
    return Inequality(
        "MK_ħ", "MK(R_μ, R_ν)² ≤ dist(μ, ν)² + dħ, packets", cost, right, parameters={"hbar": hbar}
    )


def product_of(one: Particles, other: Particles) -> Particles:
    """μ×μ′, whose Töplitz state is R_μ⊗R_μ′.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.mk.packets import product_of
    >>> half = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.0, 0.0])
    >>> product_of(half, half).positions.tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    k, n = one.weights.shape[0], other.weights.shape[0]

    def together(a: Array, b: Array) -> Array:
        return jnp.concatenate([jnp.repeat(a, n, axis=0), jnp.tile(b, (k, 1))], axis=1)

    return Particles(
        jnp.repeat(one.weights, n) * jnp.tile(other.weights, k),
        together(one.positions, other.positions),
        together(one.momenta, other.momenta),
    )


def product_additivity(joint: Bracket, parts: list[Bracket], hbar: Scalar) -> Inequality:
    """MK(R₁⊗R₂, S₁⊗S₂)² = MK(R₁, S₁)² + MK(R₂, S₂)² for measured costs."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    law = "MK(R₁⊗R₂, S₁⊗S₂)² = MK(R₁, S₁)² + MK(R₂, S₂)², packets"
    width, numbers = 1e-6 * hbar, {"hbar": hbar}
    return Inequality("MK_ħ", law, joint, total, kind="identity", width=width, parameters=numbers)


def symmetric_superadditivity(
    single: Bracket, joint: Bracket, number: int, hbar: Scalar
) -> Inequality:
    """MK(R_N^1, S_N^1)² ≤ (1/N)MK(R_N, S_N)² for measured costs of symmetric states and their first marginals."""
    law = "MK(R_N^1, S_N^1)² ≤ (1/N)MK(R_N, S_N)², symmetric states"
    return Inequality("MK_ħ", law, single, joint / number, parameters={"hbar": hbar, "N": number})
