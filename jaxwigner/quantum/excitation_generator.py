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
from jaxtyping import Array, Complex, Float

from jaxwigner.grid import Scalar
from jaxwigner.quantum.fock_space import FockSpace, tables
from jaxwigner.quantum.interaction import PairMatrix


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
    n, n1, n2 = t.degree, t.degree[t.inner] + 1, t.degree[t.core] + 2
    core_of_inner = jnp.searchsorted(t.inner, t.core)
    single = _single_out(bodies, M, c[t.inner], one, two, n1, core_of_inner)
    double = _double_out(bodies, M, c[t.core], one[:, core_of_inner], two, n2)
    out = created(space, single, double)
    out = out + (0.5 * bodies.inverse * M.mean[0, 0].real) * (n * (n + 1)) * c
    # What takes excitations away from c[ν + e_i] and c[ν + e_i + e_j].
    back = -bodies.parity(n1 - 1) * bodies.root(n1 - 1) * n1 * (M.mean[0, 1:] @ one)
    out = out.at[t.inner].add(back)
    pair_back = bodies.root(n2 - 2) * bodies.root(n2 - 1) * (M.creation.conj() @ two)
    return out.at[t.core].add(jnp.sqrt(0.5) * pair_back)


def _single_out(bodies, M, start, one, two, n, core_of_inner):
    """X_i: what b_i† adds to arrive at |ν| = n."""
    excited = M.mean[1:, 1:] + M.exchange
    kept = M.exchange @ one - (n * bodies.inverse)[None] * (excited @ one)
    fed = (bodies.parity(n) * bodies.root(n - 1) * n) * start
    source = -M.mean[1:, 0][:, None] * fed[None]
    decayed = jnp.zeros_like(one).at[:, core_of_inner].set(M.cubic.conj().T @ two)
    return kept + source + (bodies.parity(n) * bodies.root(n))[None] * decayed


def _double_out(bodies, M, start, one, two, n):
    """Z_ij: what B_ij† adds to arrive at |ν| = n."""
    created = jnp.sqrt(0.5) * bodies.root(n - 2) * bodies.root(n - 1) * start
    split = (bodies.parity(n) * bodies.root(n - 1))[None] * (M.cubic @ one)
    return M.creation[:, None] * created[None] + split + bodies.inverse * (M.quartic @ two)
