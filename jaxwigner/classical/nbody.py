"""Classical N-body dynamics with the mean-field scaling, and its marginals: Golse–Paul (11), with the sum over pairs j < k.

    m ẍ_j = −∇U(x_j) − (1/N) Σ_{k≠j} ∇V(x_j − x_k),      F_N = Σ_i w_i δ_{Z_i},  Z_i a configuration of N particles

A probability F_N on phase space of N particles is a set of weighted configurations: `Particles` of dimension N·d, the coordinates
of particle 1 first. The flow carries each along characteristics, which solves the N-body Liouville equation exactly.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_integer, concrete, require
from jaxwigner._types import Array
from jaxwigner.classical.newton import kicked, particle_series, slopes
from jaxwigner.classical.pairs import PairClouds
from jaxwigner.engine.flows import Flow
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials import Potential
from jaxwigner.potentials.on_grid import (
    check_covers,
)
from jaxwigner.potentials.pairs.on_grids import check_pair
from jaxwigner.potentials.pairs.on_particles import CHUNK, MeshSum, PairSum
from jaxwigner.states import Particles


class PairImpulse(Flow):
    """p_j ↦ p_j − τ(∇U(x_j) + (1/N)Σ_{k≠j}∇V(x_j − x_k)) in every configuration."""

    forces: PairSum | MeshSum
    external: Potential
    time: Scalar
    number: int = eqx.field(static=True)

    def __call__(self, particles: Particles) -> Particles:
        weights = jnp.full(self.number, 1 / self.number, particles.positions.dtype)

        # ∇V(0) = 0: the term k = j of the sum vanishes.
        def slope(row):
            x = row.reshape(self.number, -1)
            return (slopes(self.external, x) + self.forces.slope(x, weights)).reshape(-1)

        return kicked(particles, -self.time * lax.map(slope, particles.positions))


class ManyBodyNewton(PairClouds):
    """N classical particles with pair forces ∇V/N (Golse–Paul (11), with Σ_{j<k}), for ensembles of configurations.

    **Arguments:** `pair`: V, even; `number`: N ≥ 1; `external`: U, or None; `mass`: positive; `mesh`, `chunk`: as in `VlasovParticles`
    (pairs in chunks, or through a mesh for large N).

    **States:** `Particles` of dimension N·d, the coordinates of particle 1 first; for one configuration a single weight 1.

    >>> import jaxwigner as jw
    >>> pair = jw.ManyBodyNewton(lambda x: 0.5 * x**2, number=2)
    >>> start = jw.Particles([1.0], [[-1.0, 1.0]], [[0.0, 0.0]])
    >>> run = jw.evolve(pair, start, duration=1.0, steps=20)
    >>> round(float(run.state.positions[0, 1]), 6)  # relative motion of frequency 1: cos 1
    0.540302
    """

    independent: ClassVar[bool] = True

    number: int = eqx.field(static=True)

    def __init__(
        self,
        pair: Any,
        number: int,
        external: Any = None,
        mass: Scalar = 1.0,
        mesh: Grid | None = None,
        chunk: int = CHUNK,
    ):
        check_integer("number", number, at_least=1)
        super().__init__(pair, external, mass, mesh, chunk)
        self.number = int(number)

    def kick_flow(self, tau: Scalar) -> PairImpulse:
        return PairImpulse(self._forces, self.external, tau, self.number)

    def enter(self, state: Any) -> Particles:
        require(isinstance(state, Particles), "state", "be Particles", state)
        must = f"have a dimension divisible by the number of particles ({self.number})"
        require(state.dimension % self.number == 0, "state", must, state.dimension)
        check_pair(self.pair, state.dimension // self.number)
        self._check_within(state)
        return state

    def _check_within(self, state: Particles) -> None:
        """Every body lies where U is defined, and every pair of bodies where V is."""
        if not concrete(state.positions):
            return
        bodies = np.asarray(state.positions).reshape(len(state.positions), self.number, -1)
        check_covers(self.external, *(tuple(end(bodies, axis=(0, 1))) for end in (np.min, np.max)))
        reach = tuple(np.max(np.ptp(bodies, axis=1), axis=0))
        try:
            check_covers(self.pair, tuple(-side for side in reach), reach)
        except ValueError as error:
            raise ValueError(str(error).replace("`potential`", "`pair`")) from error

    def diagnose(self, state: Particles) -> dict[str, Array]:
        weights = jnp.full(self.number, 1 / self.number, state.positions.dtype)
        itself = self.pair(*jnp.zeros((state.dimension // self.number, 1), weights.dtype))[0]

        def potential(row):
            x = row.reshape(self.number, -1)
            pairs = jnp.sum(self.forces_of(x, weights)) - itself
            return jnp.sum(self.external(*x.T)) + 0.5 * pairs

        kinetic = jnp.sum(state.momenta**2, axis=1) / (2 * self.mass)
        energies = kinetic + lax.map(potential, state.positions)
        off = self._off(state.positions.reshape(-1, state.dimension // self.number))
        lost = None if off is None else jnp.any(off.reshape(-1, self.number), axis=1)
        return self._with_seam(particle_series(state, energies, kinetic, lost))

    def forces_of(self, x: Float[Array, "n d"], weights: Float[Array, " n"]) -> Float[Array, " n"]:
        """(1/N)Σ_k V(x_j − x_k), the term k = j included."""
        return self._forces.potential(x, weights)


def reduced_state(state: Particles, number: int, n: int, *, symmetrise: bool = True) -> Particles:
    """The n-particle marginal F_N^n of weighted configurations (Golse–Paul §2.2).

    **Arguments:** `state`: configurations of `number` particles; `n`: 1 ≤ n ≤ N; `symmetrise`: average over which particles come
    first (cyclically), as a symmetric F_N demands; otherwise the first n are taken.

    >>> import jaxwigner as jw
    >>> pair = jw.Particles([1.0], [[-1.0, 1.0]], [[0.0, 0.0]])
    >>> jw.classical.reduced_state(pair, 2, 1).positions[:, 0].tolist()
    [-1.0, 1.0]
    """
    check_integer("number", number, at_least=1)
    check_integer("n", n, at_least=1)
    require(n <= number, "n", f"be at most the number of particles ({number})", n)
    K = state.weights.shape[0]
    d = state.dimension // number
    turns = number if symmetrise else 1
    index = (np.arange(turns)[:, None] + np.arange(n)[None, :]) % number

    def first(array):
        return array.reshape(K, number, d)[:, index].reshape(K * turns, n * d)

    weights = jnp.repeat(state.weights / turns, turns)
    return Particles(weights, first(state.positions), first(state.momenta))


def product_measure(particles: Particles, number: int, samples: int, key: Array) -> Particles:
    """`samples` configurations of N independent particles drawn from a measure: f^{⊗N} in the sense of Monte Carlo.

    >>> import jax, jaxwigner as jw
    >>> one = jw.Particles([0.5, 0.5], [-1.0, 1.0], [0.0, 0.0])
    >>> jw.classical.product_measure(one, 3, 10, jax.random.key(0)).positions.shape
    (10, 3)
    """
    check_integer("number", number, at_least=1)
    check_integer("samples", samples, at_least=1)
    count = particles.weights.shape[0]
    chosen = jax.random.choice(key, count, (samples, number), p=particles.weights)
    take = lambda array: array[chosen].reshape(samples, -1)  # noqa: E731
    weights = jnp.full(samples, 1 / samples)
    return Particles(weights, take(particles.positions), take(particles.momenta))
