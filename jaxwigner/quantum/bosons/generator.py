"""The exact N-body generator on excitations of a co-moving condensate, for every N from 1 to ∞ at once.

Ψ_N = Σ_ν c_ν |ν; t⟩ in occupations of co-moving modes, the condensate holding the other N − |ν| bodies. With a_0 → √(N − n),
iħ ċ = (H_N − dΓ(h))c becomes, up to a phase, with s_n = √(1 − n/N) and M of `interaction.py`

    G = ΣK1_ij b_i†b_j + [ΣM_(ij),00 B_ij† s_n s_{n+1}/√2 + h.c.]                                        (Bogoliubov)
      + N^{−1/2}[(ΣM_(ij),0k B_ij†b_k − (n̂ W_i0 b_i†)) s_n + h.c.] + N^{−1}[ΣM B†B + W_00 n(n+1)/2 − n(W + K1)_ij b_i†b_j].

Writing c_ν = N^{−1/2} c̃_ν for odd |ν| removes every root of N: G̃ is a polynomial in 1/N and in s_n, and 1/N = 0 is no special case.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.quantum.bosons.fock_space import FockSpace, tables
from jaxwigner.quantum.bosons.interaction import PairMatrix


class Bodies(eqx.Module):
    """N, and what depends on it: 1/N and the shares 1 − n/N; N = ∞ is allowed."""

    inverse: Float[Array, ""]
    number: Float[Array, ""]

    def __init__(self, number: Scalar):
        number = jnp.asarray(number, float)
        infinite = jnp.isinf(number)
        self.number = jnp.where(infinite, 1.0, number)
        self.inverse = jnp.where(infinite, 0.0, 1 / self.number)

    def root(self, n: Array) -> Array:
        """s_n = √(1 − n/N), 0 for n ≥ N (exactly, so that the bodies do not run out by rounding)."""
        share = jnp.where(self.inverse > 0, (self.number - n) * self.inverse, 1.0)
        return jnp.where(share > 0, jnp.sqrt(jnp.where(share > 0, share, 1.0)), 0.0)

    def parity(self, n: Array) -> Array:
        """What a term that changes n by an odd number is multiplied with where it arrives: 1 for odd n, 1/N for even n."""
        return jnp.where(n % 2 == 1, 1.0, self.inverse)


def annihilated(
    space: FockSpace, c: Complex[Array, " nu"]
) -> tuple[Complex[Array, "m inner"], Complex[Array, "pair core"]]:
    """b_i c and B_ij c on the places that they reach."""
    t = tables(space)
    padded = jnp.concatenate([c, jnp.zeros(1, c.dtype)])
    one = t.lower_factor * padded.at[t.lower].get(mode="promise_in_bounds")
    two = t.pair_factor * padded.at[t.pair].get(mode="promise_in_bounds")
    return one, two


def created(
    space: FockSpace, one: Complex[Array, "m inner"], two: Complex[Array, "pair core"]
) -> Complex[Array, " nu"]:
    """Σ b_i†X_i + Σ B_ij†Z_ij."""
    t = tables(space)
    flat = jnp.concatenate([one.reshape(-1), two.reshape(-1), jnp.zeros(1, one.dtype)])
    return jnp.sum(t.raised_factor * flat.at[t.raised].get(mode="promise_in_bounds"), axis=1)


def apply_generator(
    space: FockSpace, bodies: Bodies, M: PairMatrix, c: Complex[Array, " nu"]
) -> Complex[Array, " nu"]:
    """G̃c̃."""
    t = tables(space)
    one, two = annihilated(space, c)
    inner, core = jnp.asarray(t.degree[: t.inner]), jnp.asarray(t.degree[: t.core])
    # B_ij from two quanta to none or one, all pairs in one product: rows (00), (0k).
    fallen = jnp.concatenate([M.creation[:, None], M.cubic], axis=1).conj().T @ two
    single = _single_out(bodies, M, c[: t.inner], one, fallen[1:], inner + 1)
    double = _double_out(bodies, M, c[: t.core], one[:, : t.core], two, core + 2)
    out = created(space, single, double)
    out = out + (0.5 * bodies.inverse * M.mean[0, 0].real) * (t.degree * (t.degree + 1)) * c
    # What takes one or two excitations away, to arrive at |ν| = n.
    back = -bodies.parity(inner) * bodies.root(inner) * (inner + 1) * (M.mean[0, 1:] @ one)
    pair_back = jnp.sqrt(0.5) * bodies.root(core) * bodies.root(core + 1) * fallen[0]
    return out + _padded(back, out.shape[-1]) + _padded(pair_back, out.shape[-1])


def _single_out(bodies, M, start, one, fallen, n):
    """X_i: what b_i† adds to arrive at |ν| = n."""
    fed = (bodies.parity(n) * bodies.root(n - 1) * n) * start
    used = n * bodies.inverse
    sources = jnp.concatenate([fed[None], (1 - used)[None] * one, used[None] * one])
    kept = jnp.concatenate([-M.mean[1:, :1], M.exchange, -M.mean[1:, 1:]], axis=1) @ sources
    return kept + (bodies.parity(n) * bodies.root(n))[None] * _padded(fallen, n.shape[0])


def _double_out(bodies, M, start, one, two, n):
    """Z_ij: what B_ij† adds to arrive at |ν| = n."""
    created = jnp.sqrt(0.5) * bodies.root(n - 2) * bodies.root(n - 1) * start
    split = (bodies.parity(n) * bodies.root(n - 1))[None] * one
    sources = jnp.concatenate([created[None], split, bodies.inverse * two])
    return jnp.concatenate([M.creation[:, None], M.cubic, M.quartic], axis=1) @ sources


def _padded(values: Array, size: int) -> Array:
    """Zeros up to `size` along the last axis: places that are not reached come last."""
    room = [(0, 0)] * (values.ndim - 1) + [(0, size - values.shape[-1])]
    return jnp.pad(values, room)
