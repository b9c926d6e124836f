"""Matrix elements of the pair interaction between co-moving modes.

    V_{pr,qs} = ∫∫ φ_p*(x)φ_r(x) V(x − y) φ_q*(y)φ_s(y) dx dy,   modes 0 (the condensate), 1, …, m

A pair of bosons in the normalised state B_pq†|0⟩, B_pq = a_p a_q/√(1+δ_pq), p ≤ q, feels the Hermitian matrix

    M_{(pq),(rs)} = (V_{pr,qs} + V_{ps,qr}) / √((1+δ_pq)(1+δ_rs)),      (1/2)ΣV_{pr,qs} a_p†a_q†a_s a_r = ΣM B_pq†B_rs.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.observables import square
from jaxwigner.quantum.bosons.comoving import MeanField
from jaxwigner.quantum.bosons.fock_space import mode_pairs


class PairMatrix(eqx.Module):
    """The blocks of M: condensate (0), one excitation (1), two excitations (2); `mean`: W = V⋆|φ_0|² between all modes."""

    mean: Complex[Array, "m m"]
    exchange: Complex[Array, "i i"]
    creation: Complex[Array, " pair"]
    cubic: Complex[Array, "pair i"]
    quartic: Complex[Array, "pair pair"]


def pair_matrix(field: MeanField, orbitals: Complex[Array, " p *shape"]) -> PairMatrix:
    """All matrix elements between the orbitals, φ_0 first."""
    count = orbitals.shape[0]
    V = pair_integrals(field, orbitals)
    pairs = np.array(mode_pairs(count))
    p, q = pairs[:, 0], pairs[:, 1]
    root = np.where(p == q, np.sqrt(0.5), 1.0)
    direct = V[p[:, None], p[None], q[:, None], q[None]]
    crossed = V[p[:, None], q[None], q[:, None], p[None]]
    M = (direct + crossed) * (root[:, None] * root[None])
    return PairMatrix(
        mean=V[:, :, 0, 0],
        exchange=V[1:, 0, 0, 1:],
        creation=M[count:, 0],
        cubic=M[count:, 1:count],
        quartic=M[count:, count:],
    )


def pair_integrals(field: MeanField, orbitals: Array) -> Complex[Array, "p r q s"]:
    """V_{pr,qs}, with one convolution for each p ≤ r."""
    count = orbitals.shape[0]
    rows = orbitals.reshape(count, -1)
    pairs = np.array(mode_pairs(count))
    products = rows[pairs[:, 0]].conj() * rows[pairs[:, 1]]
    shaped = products.reshape((-1, *orbitals.shape[1:]))
    moved = jax.vmap(field.of_pair)(shaped).reshape(products.shape)
    upper = np.zeros((count, count), int)
    upper[pairs[:, 0], pairs[:, 1]] = upper[pairs[:, 1], pairs[:, 0]] = np.arange(len(pairs))
    flip = np.arange(count)[:, None] > np.arange(count)[None]
    left, right = (_both_halves(half, upper.ravel(), flip.ravel()) for half in (products, moved))
    return (left @ right.T * field.grid.cell).reshape((count,) * 4)


def _both_halves(half: Array, places: np.ndarray, flip: np.ndarray) -> Array:
    """φ_p*φ_r for all (p, r) from those with p ≤ r."""
    every = half[places]
    return jnp.where(flip[:, None], every.conj(), every)


def bogoliubov_blocks(field: MeanField, orbitals: Array) -> tuple[Array, Array, Array]:
    """K1_ij = V_{i0,0j}, K2_ij = V_{i0,j0} and W_i0 = V_{i0,00} of the excitations, with one convolution for each mode."""
    rows = orbitals.reshape(orbitals.shape[0], -1)
    products = rows[1:].conj() * rows[:1]
    moved = jax.vmap(field.of_pair)(products.reshape((-1, *orbitals.shape[1:])))
    moved = moved.reshape(products.shape) * field.grid.cell
    mean = moved @ square(rows[0]).astype(moved.dtype)
    return moved @ products.conj().T, moved @ products.T, mean


def mean_energy(field: MeanField, orbitals: Array) -> Float[Array, ""]:
    """Hartree energy per body ⟨φ, (−ħ²Δ/2m + U)φ⟩ + ½⟨φ, V⋆|φ|² φ⟩."""
    h = field.matrix(orbitals[:1])[0, 0].real
    rho = jnp.abs(orbitals[0]) ** 2
    return h - 0.5 * jnp.sum(field.of_pair(rho) * rho) * field.grid.cell
