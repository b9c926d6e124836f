"""Newton's equations q̇ = p/m, ṗ = −∇U(q) for weighted particles: classical molecular dynamics (AFG (MD)).

The particles are a measure Σ w_k δ_(q_k, p_k); the flow transports it exactly as the Liouville equation transports a density.
Half-flows: q ↦ q + ∇k(p)τ, k(p) = Σp_i²/2m_i, and p ↦ p − τ∇U(q).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_masses, check_same_precision, concrete, require
from jaxwigner._types import Array, PerAxis
from jaxwigner.engine.flows import Flow
from jaxwigner.engine.methods import Method, check_general
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar
from jaxwigner.observables import named
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.combined import corrected
from jaxwigner.potentials.on_grid import as_kinetic, check_covers, check_potential
from jaxwigner.states import Particles


def slopes(function: Potential, places: Array) -> Array:
    """∇f at each of the places, (n, d)."""
    return jnp.stack(function.gradient(*places.T), axis=-1)


def moved(particles: Particles, by: Array) -> Particles:
    """Particles with other positions."""
    return eqx.tree_at(lambda z: z.positions, particles, particles.positions + by)


def kicked(particles: Particles, by: Array) -> Particles:
    """Particles with other momenta."""
    return eqx.tree_at(lambda z: z.momenta, particles, particles.momenta + by)


class Displacement(Flow):
    """q ↦ q + p·time/mass, of one mass or of one for each coordinate."""

    scaled: ClassVar[tuple[str, ...]] = ("time_over_mass",)

    time_over_mass: Scalar | Array

    def __call__(self, particles: Particles) -> Particles:
        return moved(particles, self.time_over_mass * particles.momenta)


class Streaming(Flow):
    """q ↦ q + time·∇k(p)."""

    kinetic: Potential
    time: Scalar

    def __call__(self, particles: Particles) -> Particles:
        return moved(particles, self.time * slopes(self.kinetic, particles.momenta))


class Impulse(Flow):
    """p ↦ p − time·∇U(q)."""

    potential: Potential
    time: Scalar

    def __call__(self, particles: Particles) -> Particles:
        return kicked(particles, -self.time * slopes(self.potential, particles.positions))


class Clouds(System):
    """A system whose states are `Particles`: what is found by name in them."""

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        return super().observables() | named.of_particles()

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        return named.axes_of_particles()


class ForcedClouds(Clouds):
    """Clouds whose kick is the force of a potential on every particle."""

    potential: Potential

    def kick_flow(self, tau: Scalar) -> Impulse:
        return Impulse(self.potential, tau)


class Newton(ForcedClouds):
    """Newton's equations for weighted particles (AFG (MD)).

    **Arguments:** `potential`: a `Potential` or a function of d coordinate arrays; `mass`: positive, may be traced, one number or one
    for each coordinate; `kinetic`: another k(p) in place of Σp_i²/2m_i, an even function of d momentum arrays that holds its masses.

    **States:** `Particles`.

    **Raises:** `ValueError` for arguments that cannot be right, and for methods whose order rests on p²/2m where `kinetic` is another.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> start = jw.Particles([0.5, 0.5], [1.0, 2.0], [0.0, 0.0])
    >>> run = jw.evolve(jw.Newton(lambda x: 0.5 * x**2), start, duration=jnp.pi, steps=50)
    >>> [round(float(q), 6) for q in run.state.positions[:, 0]]
    [-1.0, -2.0]
    """

    independent: ClassVar[bool] = True

    mass: Any  # one number, or a tuple of one for each coordinate
    kinetic: Potential | None

    def __init__(self, potential: Any, mass: PerAxis = 1.0, *, kinetic: Any = None):
        self.potential = as_potential(potential)
        self.mass = check_masses(mass)
        self.kinetic = as_kinetic(kinetic, mass)

    def drift_flow(self, tau: Scalar) -> Displacement | Streaming:
        if self.kinetic is not None:
            return Streaming(self.kinetic, tau)
        if isinstance(self.mass, tuple):
            return Displacement(jnp.stack([jnp.asarray(tau / m) for m in self.mass])[None])
        return Displacement(tau / self.mass)

    def check_method(self, method: Method) -> None:
        if self.kinetic is not None:
            check_general(method)

    def modified_kick_flow(self, tau: Scalar, weight: Scalar) -> Impulse:
        return Impulse(corrected(self.potential, weight, self.mass), tau)

    def enter(self, state: Any) -> Particles:
        state = entered(state)
        check_potential(self.potential, state.dimension)
        check_masses(self.mass, state.dimension)
        as_kinetic(self.kinetic, 1.0, state.dimension)
        if concrete(state.positions):
            ends = np.min(state.positions, axis=0), np.max(state.positions, axis=0)
            check_covers(self.potential, *map(tuple, ends))
        return state

    def diagnose(self, state: Particles) -> dict[str, Array]:
        kinetic = self._kinetic(state.momenta)
        energies = kinetic + self.potential(*state.positions.T)
        first, last = (jnp.asarray(end, kinetic.dtype) for end in self.potential.domain)
        # A particle that has left a table is NaN: it is not within.
        undefined = ~((state.positions >= first) & (state.positions <= last))
        return particle_series(state, energies, kinetic, jnp.any(undefined, axis=1))

    def _kinetic(self, momenta: Float[Array, "k d"]) -> Float[Array, " k"]:
        if self.kinetic is not None:
            return self.kinetic(*momenta.T)
        if isinstance(self.mass, tuple):
            masses = jnp.stack([jnp.asarray(m, momenta.dtype) for m in self.mass])[None]
            return jnp.sum(momenta**2 / (2 * masses), axis=1)
        return jnp.sum(momenta**2, axis=1) / (2 * self.mass)


def entered(state: Any, name: str = "state") -> Particles:
    """Particles as every system takes them: positions, momenta and weights of one precision, and nothing that it would lose."""
    bare = type(state) is Particles  # those with electronic amplitudes are another state
    have = type(state).__name__ if isinstance(state, Particles) else state
    require(bare, name, "be Particles", have)
    check_same_precision(positions=state.positions, momenta=state.momenta)
    weights = state.weights.astype(state.positions.dtype)
    return eqx.tree_at(lambda z: z.weights, state, weights)


def particle_series(
    state: Particles, energies: Array, kinetic: Array, lost: Array | None = None
) -> dict[str, Array]:
    """Diagnostics of weighted particles from numbers of each of them; `lost`: which are where nothing is defined."""
    zero = jnp.zeros((), kinetic.dtype)
    return {
        # The mass is constant by construction; the product makes a lost particle (NaN) show.
        "norm": jnp.sum(state.weights * (1 + 0 * state.positions[:, 0])),
        "energy": state.weights @ energies,
        "kinetic": state.weights @ kinetic,
        "spectral_tail": zero,
        "edge_mass": zero if lost is None else state.weights @ lost.astype(kinetic.dtype),
    }
