"""M nuclei in R³ that repel each other: h = Σ|p_α|²/2m_α + Σ_{α<β} C_αβ/|R_α − R_β| + U_b, C_αβ ≥ 0 (AFG (MD) with (2), (7)).

The free transport of a step and all close encounters of two nuclei are exact (a splitting by Kepler problems: Hernandez & Bertschinger,
Mon. Not. R. Astron. Soc. 452 (2015) 1934): with T_αβ the kinetic energies of two nuclei, each pair contributes

    e^{−T_αβτ/2} e^{(T_αβ + C_αβ/|R_αβ|)τ} e^{−T_αβτ/2},     which leaves their centre of mass and total momentum where they are,

between two free half-steps. Pairs are taken in rounds of disjoint ones, each round as one array; forwards with τ/2, the last round with
τ, and backwards, so that the map is symmetric: of order 2, inverted by −τ, symplectic, and for two nuclei exact.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import (
    check_finite,
    check_positive,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.classical.kepler import kepler_motion
from jaxwigner.classical.newton import ForcedClouds, entered, particle_series
from jaxwigner.engine.flows import Flow
from jaxwigner.grid import Scalar
from jaxwigner.potentials.on_grid import as_external
from jaxwigner.states import Particles


class Encounters(Flow):
    """The symmetric composition of free motion and pairs over `time`, for every configuration of a cloud."""

    time: Scalar
    charges: Float[Array, "M M"]
    masses: Float[Array, " M"]

    def __call__(self, cloud: Particles) -> Particles:
        shape = (-1, self.masses.shape[0], 3)
        start = cloud.positions.reshape(shape), cloud.momenta.reshape(shape)
        R, P = jax.vmap(self._move)(*start)
        flat = tuple(array.reshape(cloud.positions.shape) for array in (R, P))
        return eqx.tree_at(lambda z: (z.positions, z.momenta), cloud, flat)

    def _move(self, R, P):
        half = 0.5 * self.time
        velocity = lambda P: P / self.masses[:, None]  # noqa: E731
        table = rounds(self.masses.shape[0])
        R = R + half * velocity(P)
        every = np.concatenate([table[:-1], table[-1:], table[:-1][::-1]])
        spans = jnp.full(len(every), half).at[len(table) - 1].set(self.time)

        def one_round(state, pairs_and_span):
            return self._meet(*state, *pairs_and_span), None

        (R, P), _ = jax.lax.scan(one_round, (R, P), (jnp.asarray(every), spans))
        return R + half * velocity(P), P

    def _meet(self, R, P, pairs, span):
        """One round of disjoint pairs."""
        a, b = pairs[:, 0], pairs[:, 1]
        m_a, m_b = self.masses[a], self.masses[b]
        reduced = m_a * m_b / (m_a + m_b)
        charge = self.charges[a, b]
        r = R[a] - R[b]
        v = P[a] / m_a[:, None] - P[b] / m_b[:, None]
        # Pairs that do not interact take a harmless charge: no branch has a NaN, nor its derivative.
        acts = charge > 0
        strength = jnp.where(acts, charge, 1.0) / reduced
        before = jnp.where(acts[:, None], r - 0.5 * span * v, jnp.ones_like(r))
        after, speed = jax.vmap(kepler_motion, (0, 0, 0, None))(before, v, strength, span)
        shift = jnp.where(acts[:, None], after - 0.5 * span * speed - r, 0.0)
        push = jnp.where(acts[:, None], reduced[:, None] * (speed - v), 0.0)
        share = (m_b / (m_a + m_b))[:, None]
        R = R.at[a].add(share * shift).at[b].add((share - 1) * shift)
        return R, P.at[a].add(push).at[b].add(-push)


class CoulombBodies(ForcedClouds):
    """R_α′ = p_α/m_α, p_α′ = Σ_β C_αβ(R_α − R_β)/|R_α − R_β|³ − ∇_αU_b for clouds of configurations in R^{3M} (AFG (MD)).

    **Arguments:** `charges`: C_αβ ≥ 0, (M, M), symmetric (the diagonal is not used); `masses`: (M,), by default 1; `potential`: U_b,
    a `Potential` or a function of the 3M coordinates R_1x, R_1y, R_1z, R_2x, …

    **States:** `Particles` in R^{3M}. The method should be "strang": the order is 2, with U_b or without; for M = 2 and U_b = 0 a step
    of any length is exact.

    **Raises:** `ValueError` for charges that attract or are not symmetric, and for a state on the singular set.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> start = jw.Particles([1.0], [[0.0, 0.0, 1.0, 0.0, 0.0, -1.0]], [[0.0, 0.0, -1.0, 0.0, 0.0, 1.0]])
    >>> system = jw.CoulombBodies(jnp.full((2, 2), 0.5))
    >>> run = jw.evolve(system, start, duration=2.0, steps=1, method="strang")
    >>> round(float(run.state.positions[0, 2] - run.state.positions[0, 5]), 9)  # as in CoulombFlow
    1.768858605
    """

    independent: ClassVar[bool] = True

    charges: Float[Array, "M M"]
    masses: Float[Array, " M"]

    def __init__(self, charges: Any, masses: Any = None, potential: Any = None):
        check_finite("charges", charges)
        self.charges = jnp.asarray(charges, float)
        size = self.charges.shape[0] if self.charges.ndim == 2 else 0
        square = size >= 2 and self.charges.shape == (size, size)
        require(square, "charges", "be a square matrix for at least 2 nuclei", charges)
        if concrete(self.charges):
            off = np.asarray(self.charges)[~np.eye(size, dtype=bool)]
            require(off >= 0, "charges", "be non-negative: nuclei repel", float(off.min()))
            same = np.allclose(self.charges, self.charges.T, rtol=1e-12, atol=0)
            require(same, "charges", "be symmetric", charges)
        check_positive("masses", 1.0 if masses is None else masses)
        self.masses = jnp.ones(size) if masses is None else jnp.asarray(masses, float)
        fits = self.masses.shape == (size,)
        require(fits, "masses", f"be {size} numbers, one for each nucleus", masses)
        self.potential = as_external(potential)

    def drift_flow(self, tau: Scalar) -> Encounters:
        return Encounters(tau, self.charges, self.masses)

    def enter(self, state: Any) -> Particles:
        state = entered(state)
        size = 3 * self.masses.shape[0]
        must = f"be Particles in dimension {size}, three for each nucleus"
        require(state.dimension == size, "state", must, state.dimension)
        nearest = jnp.min(self.gaps(state))
        must = "lie off the singular set, where nuclei that repel each other meet"
        require(nearest > 0, "state", must, nearest)
        return state

    def gaps(self, state: Particles) -> Float[Array, "k pair"]:
        """|R_α − R_β| for α < β, infinite where C_αβ = 0."""
        first, second = np.triu_indices(self.masses.shape[0], 1)
        R = state.positions.reshape(-1, self.masses.shape[0], 3)
        acts = (self.charges[first, second] > 0)[None]
        square = jnp.sum((R[:, first] - R[:, second]) ** 2, axis=2)
        return jnp.where(acts, jnp.sqrt(jnp.where(acts, square, 1.0)), jnp.inf)

    def energies(self, state: Particles) -> Float[Array, " k"]:
        """h of each configuration."""
        first, second = np.triu_indices(self.masses.shape[0], 1)
        singular = jnp.sum(self.charges[first, second][None] / self.gaps(state), axis=1)
        return self._kinetic(state) + singular + self.potential(*state.positions.T)

    def _kinetic(self, state: Particles) -> Float[Array, " k"]:
        each = jnp.repeat(self.masses, 3)[None]
        return jnp.sum(state.momenta**2 / (2 * each), axis=1)

    def diagnose(self, state: Particles) -> dict[str, Array]:
        return particle_series(state, self.energies(state), self._kinetic(state))


def rounds(count: int) -> np.ndarray:
    """All pairs of `count` nuclei in rounds of disjoint ones, (rounds, pairs, 2): a tournament where each meets each once.

    >>> from jaxwigner.classical.nuclei import rounds
    >>> rounds(4).shape, rounds(5).shape
    ((3, 2, 2), (5, 2, 2))
    """
    even = count + count % 2
    ring = list(range(1, even))
    table = []
    for _ in range(even - 1):
        order = [0, *ring]
        pairs = [(order[i], order[even - 1 - i]) for i in range(even // 2)]
        table.append([pair for pair in pairs if max(pair) < count])
        ring = ring[1:] + ring[:1]
    return np.array(table)
