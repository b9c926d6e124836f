"""Bogoliubov's theory of the excitations: the limit N → ∞ of the fluctuations around the Hartree equation.

    iħ ∂_tU = K1 U + K2 V̄,   iħ ∂_tV = K1 V + K2 Ū,   b_i(t) = ΣU_ij b_j + V_ij b_j†,   U(0) = 1, V(0) = 0

between co-moving modes, K1 and K2 as in `interaction.py`. Starting from the pure condensate ⟨b_j†b_i⟩ = (VV*)_ij and
⟨b_i b_j⟩ = (UVᵀ)_ij.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from jaxwigner.grid import Scalar
from jaxwigner.quantum.comoving import MeanField
from jaxwigner.quantum.interaction import bogoliubov_blocks


class Bogoliubov(eqx.Module):
    """What a Bogoliubov run over i modes returns.

    `density`: ⟨b_j†b_i⟩ at the end; `anomalous`: ⟨b_i b_j⟩; `average`: the density averaged over the run; `orbitals`: the condensate and
    the modes at the end.
    """

    density: Complex[Array, "i i"]
    anomalous: Complex[Array, "i i"]
    average: Complex[Array, "i i"]
    orbitals: Complex[Array, "p *shape"]

    @property
    def excitations(self) -> Float[Array, ""]:
        """Mean number of excitations, tr⟨b†b⟩."""
        return jnp.trace(self.density).real


def runge_kutta(
    field: MeanField,
    orbitals: Complex[Array, "p *shape"],
    start: Any,
    blocks_of: Callable,
    rate: Callable,
    step: Scalar,
    steps: int,
    look: Callable = lambda y: (),
) -> tuple[Any, Any, Any]:
    """ẏ = rate(blocks(t), y) by the classical method of order 4, blocks(t) made of the orbitals that the mean field carries along.

    **Returns:** the last orbitals, the last y, and `look(y)` after every step, stacked.
    """

    @jax.checkpoint
    def advance(carry, _):
        orbitals, blocks, y = carry
        middle = field.advance(orbitals, 0.5 * step)
        last = field.advance(middle, 0.5 * step)
        half, end = blocks_of(middle), blocks_of(last)
        along = lambda y, k, h: jax.tree.map(lambda a, b: a + h * b, y, k)  # noqa: E731
        k1 = rate(blocks, y)
        k2 = rate(half, along(y, k1, 0.5 * step))
        k3 = rate(half, along(y, k2, 0.5 * step))
        k4 = rate(end, along(y, k3, step))
        mean = jax.tree.map(lambda a, b, c, d: (a + 2 * b + 2 * c + d) / 6, k1, k2, k3, k4)
        y = along(y, mean, step)
        return (last, end, y), look(y)

    first = (orbitals, blocks_of(orbitals), start)
    (orbitals, _, y), seen = jax.lax.scan(advance, first, length=steps)
    return orbitals, y, seen


def run_bogoliubov(
    field: MeanField, orbitals: Complex[Array, "p *shape"], duration: Scalar, steps: int
) -> Bogoliubov:
    """Bogoliubov's equations between the modes `orbitals[1:]` around `orbitals[0]`, from the pure condensate."""

    def rate(blocks, y):
        (K1, K2), (U, V) = blocks, y
        turn = -1j / field.hbar
        return turn * (K1 @ U + K2 @ V.conj()), turn * (K1 @ V + K2 @ U.conj())

    identity = jnp.eye(orbitals.shape[0] - 1, dtype=orbitals.dtype)
    orbitals, (U, V), seen = runge_kutta(
        field,
        orbitals,
        (identity, jnp.zeros_like(identity)),
        lambda orbitals: bogoliubov_blocks(field, orbitals),
        rate,
        duration / steps,
        steps,
        lambda y: y[1] @ y[1].conj().T,
    )
    return Bogoliubov(V @ V.conj().T, U @ V.T, jnp.mean(seen, axis=0), orbitals)


def leading_modes(
    field: MeanField, orbitals: Complex[Array, "p *shape"], count: int, duration: Scalar, steps: int
) -> tuple[Complex[Array, "m *shape"], Float[Array, " i"]]:
    """The condensate and the `count` modes at time 0 that a Bogoliubov run occupies most, and the occupations of all candidates.

    The choice is no function of the parameters: gradients see the modes as fixed combinations of the candidates.
    """
    run = run_bogoliubov(field, orbitals, duration, steps)
    occupied = jax.lax.stop_gradient(run.density + run.average)
    values, vectors = jnp.linalg.eigh(occupied)
    rotation = vectors[:, ::-1][:, :count]
    modes = jnp.tensordot(rotation.T, orbitals[1:], 1)
    return jnp.concatenate([orbitals[:1], modes]), values[::-1]
