"""Bogoliubov's theory of the excitations: the limit N → ∞ of the fluctuations around the Hartree equation.

    iħ ∂_tU = K1 U + K2 V̄,   iħ ∂_tV = K1 V + K2 Ū,   b_i(t) = ΣU_ij b_j + V_ij b_j†,   U(0) = 1, V(0) = 0

between co-moving modes, K1 and K2 as in `interaction.py`. Starting from the pure condensate γ_ij = ⟨b_j†b_i⟩ = (VV*)_ij and
⟨b_i b_j⟩ = (UVᵀ)_ij. The next order in N^{−1/2} gives α = lim N^{1/2}⟨b⟩, which γ and ⟨bb⟩ drive linearly: iħ ∂_tα = K1 α + K2 ᾱ + s.
With it lim N(R¹_N − |φ⟩⟨φ|) is known without any truncation of Fock space.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.observables import square
from jaxwigner.quantum.bosons.comoving import MeanField
from jaxwigner.quantum.bosons.interaction import bogoliubov_blocks

MEAN_WEIGHT = 0.05  # of αα* beside γ: more gains nothing for R¹_N
UNDECIDED = 1e-11  # occupations below which modes are taken in the order of the candidates


class Bogoliubov(eqx.Module):
    """What a Bogoliubov run over i modes returns, all of it at the end of the run but `average`.

    `density`: γ_ij = ⟨b_j†b_i⟩; `anomalous`: ⟨b_i b_j⟩; `mean`: α = lim N^{1/2}⟨b⟩; `average`: γ averaged over the run; `orbitals`: the
    condensate and the modes.
    """

    density: Complex[Array, "i i"]
    anomalous: Complex[Array, "i i"]
    mean: Complex[Array, " i"]
    average: Complex[Array, "i i"]
    orbitals: Complex[Array, " p *shape"]

    @property
    def excitations(self) -> Float[Array, ""]:
        """Mean number of excitations, tr⟨b†b⟩."""
        return jnp.trace(self.density).real

    @property
    def deviation(self) -> Complex[Array, "p p"]:
        """Δ = lim N(R¹_N − |φ⟩⟨φ|)."""
        top = jnp.concatenate([-jnp.trace(self.density)[None], self.mean.conj()])
        rest = jnp.concatenate([self.mean[:, None], self.density], axis=1)
        return jnp.concatenate([top[None], rest])

    @property
    def distance(self) -> Float[Array, ""]:
        """lim N‖R¹_N − |φ⟩⟨φ|‖₁."""
        return jnp.sum(jnp.abs(jnp.linalg.eigvalsh(self.deviation)))


def runge_kutta(
    field: MeanField,
    orbitals: Complex[Array, " p *shape"],
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

    nodes, weights = jnp.array([0.0, 0.5, 0.5, 1.0]), jnp.array([1.0, 2.0, 2.0, 1.0]) / 6
    along = lambda y, k, h: jax.tree.map(lambda a, b: a + h * b, y, k)  # noqa: E731

    def half(orbitals, _):
        orbitals = field.advance(orbitals, 0.5 * step)
        return orbitals, blocks_of(orbitals)

    @jax.checkpoint
    def advance(carry, _):
        orbitals, blocks, y = carry
        orbitals, later = jax.lax.scan(half, orbitals, length=2)
        # Blocks at the four stages: start, middle, middle, end.
        staged = jax.tree.map(lambda a, b: jnp.stack([a, b[0], b[0], b[1]]), blocks, later)

        def stage(pair, here):
            slope, total = pair
            node, weight, blocks = here
            slope = rate(blocks, along(y, slope, node * step))
            return (slope, along(total, slope, weight * step)), None

        still = jax.tree.map(jnp.zeros_like, y)
        (_, y_new), _ = jax.lax.scan(stage, (still, y), (nodes, weights, staged))
        return (orbitals, jax.tree.map(lambda b: b[1], later), y_new), look(y_new)

    first = (orbitals, blocks_of(orbitals), start)
    (orbitals, _, y), seen = jax.lax.scan(advance, first, length=steps)
    return orbitals, y, seen


def run_bogoliubov(
    field: MeanField, orbitals: Complex[Array, " p *shape"], duration: Scalar, steps: int
) -> Bogoliubov:
    """Bogoliubov's equations between the modes `orbitals[1:]` around `orbitals[0]`, from the pure condensate."""

    def rate(blocks, y):
        (K1, K2, W, orbitals), (U, V, alpha) = blocks, y
        turn = -1j / field.hbar
        source = _mean_source(field, orbitals, W, U, V)
        return (
            turn * (K1 @ U + K2 @ V.conj()),
            turn * (K1 @ V + K2 @ U.conj()),
            turn * (K1 @ alpha + K2 @ alpha.conj() + source),
        )

    identity = jnp.eye(orbitals.shape[0] - 1, dtype=orbitals.dtype)
    start = (identity, jnp.zeros_like(identity), jnp.zeros_like(identity[0]))
    blocks_of = lambda orbitals: (*bogoliubov_blocks(field, orbitals), orbitals)  # noqa: E731
    orbitals, (U, V, alpha), seen = runge_kutta(
        field, orbitals, start, blocks_of, rate, duration / steps, steps, _density
    )
    return Bogoliubov(V @ V.conj().T, U @ V.T, alpha, jnp.mean(seen, axis=0), orbitals)


def _density(y: Any) -> Complex[Array, "i i"]:
    _, V, _ = y
    return V @ V.conj().T


def _mean_source(field: MeanField, orbitals: Array, W: Array, U: Array, V: Array) -> Array:
    """What drives α: the change of the mean field by the excitations, less what they take from the condensate.

    ⟨φ_l, (V⋆n)φ_0 + ∫(γ(x, y)φ_0(y) + m(x, y)φ_0*(y))V(x − y)dy⟩ − W_l0(1 + ⟨n⟩) − (γW)_l − (mW̄)_l,
    with γ(x, y) = Σv_k(x)v_k*(y), m(x, y) = Σu_k(x)v_k(y), n(x) = γ(x, x) and W_l = W_l0.
    """
    rows = orbitals.reshape(orbitals.shape[0], -1)
    phi, modes = rows[0], rows[1:]
    u, v = U.T @ modes, V.T @ modes
    near = jnp.concatenate([v.conj() * phi[None], v * phi.conj()[None]])
    far = jax.vmap(field.of_pair)(near.reshape((-1, *orbitals.shape[1:]))).reshape(near.shape)
    density = jnp.sum(square(v), axis=0).reshape(orbitals.shape[1:])
    direct = field.of_pair(density).reshape(-1) * phi
    moved = direct + jnp.sum(jnp.concatenate([v, u]) * far, axis=0)
    count = jnp.sum(square(V))
    taken = (1 + count) * W + V @ (V.conj().T @ W) + U @ (V.T @ W.conj())
    return modes.conj() @ moved * field.grid.cell - taken


def leading_modes(
    field: MeanField,
    orbitals: Complex[Array, " p *shape"],
    count: int,
    duration: Scalar,
    steps: int,
) -> tuple[Complex[Array, " m *shape"], Float[Array, " i"]]:
    """Condensate and the `count` modes at time 0 that a Bogoliubov run occupies most, and the occupations of all modes at its end.

    Modes are ordered by γ at the end and on average, with some weight on α: a mode may be needed by the mean field only (for
    quadratic V one mode carries all of γ). What is left undecided falls to the first candidates. The choice is no function of
    the parameters: gradients see the modes as fixed combinations of the candidates.
    """
    run = jax.lax.stop_gradient(run_bogoliubov(field, orbitals, duration, steps))
    mean = jnp.multiply.outer(run.mean, run.mean.conj())
    sought = run.density + run.average + MEAN_WEIGHT * mean
    order = 1 - jnp.arange(mean.shape[0]) / mean.shape[0]
    undecided = UNDECIDED * (jnp.trace(sought).real + 1)
    _, vectors = jnp.linalg.eigh(sought + jnp.diag(undecided * order))
    rotation = vectors[:, ::-1]
    occupied = jnp.sum(rotation.conj() * (run.density @ rotation), axis=0).real
    modes = jnp.tensordot(rotation[:, :count].T, orbitals[1:], 1)
    return jnp.concatenate([orbitals[:1], modes]), occupied
