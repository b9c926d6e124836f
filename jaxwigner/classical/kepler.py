"""Classical motion under Coulomb repulsion in R³: h = |P|²/2m + C/|R| + U_b(|R|), C > 0 (AFG (MD), M = 2, relative coordinate, m = ½).

Half-flows, both exact: Kepler's repulsive hyperbola for |P|²/2m + C/|R|, and P ↦ P − τ∇U_b. With V = P/m, γ = C/m, w² = |V|² + 2γ/|R|,
L = R×V, A = √(γ² + w²|L|²) and the unit vector p̂ = (V×L + γR/|R|)/A towards the pericentre, the motion is

    R = (A + γ cosh F)/w² p̂ + (sinh F/w) L×p̂,   |R| = (γ + A cosh F)/w²,   A sinh F + γF = A sinh F₀ + γF₀ + w³t,   A sinh F₀ = w R·V

without a division by L or γ: head-on collisions (L = 0, which turn round at |R| = 2γ/w²) and weak repulsion lose no digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import (
    check_positive_scalar,
    concrete,
)
from jaxwigner._types import Array
from jaxwigner.classical.newton import ForcedClouds, entered, particle_series
from jaxwigner.engine.flows import Flow
from jaxwigner.grid import Scalar
from jaxwigner.potentials.on_grid import as_external
from jaxwigner.states import Particles

NEWTON_STEPS = 6  # of Kepler's equation: monotone and quadratic from the right of the root; 5 reach 6e-16 for every A ≥ γ and M


class Kepler(Flow):
    """The exact flow of |P|²/2m + C/|R| over `time`."""

    time: Scalar
    charge: Scalar
    mass: Scalar

    def __call__(self, particles: Particles) -> Particles:
        def move(R, P):
            R, V = kepler_motion(R, P / self.mass, self.charge / self.mass, self.time)
            return R, self.mass * V

        R, P = jax.vmap(move)(particles.positions, particles.momenta)
        return eqx.tree_at(lambda z: (z.positions, z.momenta), particles, (R, P))


def kepler_motion(
    R: Float[Array, "3"], V: Float[Array, "3"], strength: Scalar, time: Scalar
) -> tuple[Array, Array]:
    """Position and velocity after `time` under R″ = γR/|R|³, γ = `strength` > 0 (see the head of the module).

    >>> import jax.numpy as jnp
    >>> from jaxwigner.classical.kepler import kepler_motion
    >>> R, V = kepler_motion(jnp.array([0.0, 0.0, 2.0]), jnp.array([0.0, 0.0, -2.0]), 1.0, 2.0)
    >>> round(float(R[2]), 9), round(float(V[2]), 9)
    (1.768858605, 1.967060593)
    """
    r = jnp.sqrt(R @ R)
    w2 = V @ V + 2 * strength / r
    w = jnp.sqrt(w2)
    L = jnp.cross(R, V)
    A = jnp.sqrt(strength**2 + w2 * (L @ L))
    towards = (jnp.cross(V, L) + (strength / r) * R) / A
    across = jnp.cross(L, towards)
    start = w * (R @ V) / A
    M = A * start + strength * jnp.arcsinh(start) + w * w2 * time
    F = anomaly(M, A, strength)
    sinh, cosh = jnp.sinh(F), jnp.cosh(F)
    distance = (strength + A * cosh) / w2
    moved = ((A + strength * cosh) / w2) * towards + (sinh / w) * across
    velocity = ((strength / w) * sinh * towards + cosh * across) / distance
    return moved, velocity


@jax.custom_jvp
def anomaly(M: Scalar, A: Scalar, strength: Scalar) -> Array:
    """The root F of A sinh F + γF = M, for A ≥ γ > 0: Kepler's equation of repulsive hyperbolas.

    >>> from jaxwigner.classical.kepler import anomaly
    >>> F = anomaly(3.0, 1.5, 1.0)
    >>> import jax.numpy as jnp
    >>> round(float(1.5 * jnp.sinh(F) + F), 12)
    3.0
    """
    # For F > 0 the left side is convex and asinh(M/A) lies to the right of the root: Newton's steps cannot overshoot.
    F = jnp.arcsinh(M / A)
    for _ in range(NEWTON_STEPS):
        F = F - (A * jnp.sinh(F) + strength * F - M) / (A * jnp.cosh(F) + strength)
    return F


@anomaly.defjvp
def _(primals, tangents):
    M, A, strength = primals
    F = anomaly(M, A, strength)
    M_dot, A_dot, strength_dot = tangents
    residual = M_dot - jnp.sinh(F) * A_dot - F * strength_dot
    return F, residual / (A * jnp.cosh(F) + strength)


class CoulombFlow(ForcedClouds):
    """R′ = P/m, P′ = CR/|R|³ − ∇U_b(R) for weighted particles in R³ (AFG (MD) with (2), M = 2, relative coordinate).

    **Arguments:** `charge`: C > 0; `potential`: U_b, a `Potential` of any dimension or of the 3 coordinates of R, or a function of
    those; `mass`: ½ for two nuclei of mass 1. All may be traced.

    **States:** `Particles` in R³, positions R = R₁ − R₂ ≠ 0. Without U_b a single step is exact whatever the duration.

    **Raises:** `ValueError` for C ≤ 0 (the closed form is that of repulsion), a position on the singular set, another dimension.

    >>> import jaxwigner as jw
    >>> start = jw.Particles([1.0], [[0.0, 0.0, 2.0]], [[0.0, 0.0, -1.0]])
    >>> run = jw.evolve(jw.CoulombFlow(charge=0.5), start, duration=2.0, steps=1)
    >>> round(float(run.state.positions[0, 2]), 9)
    1.768858605
    """

    independent: ClassVar[bool] = True

    charge: Scalar
    mass: Scalar

    def __init__(self, charge: Scalar, potential: Any = None, mass: Scalar = 0.5):
        check_positive_scalar("charge", charge)
        check_positive_scalar("mass", mass)
        self.charge, self.mass = charge, mass
        self.potential = as_external(potential)

    def drift_flow(self, tau: Scalar) -> Kepler:
        return Kepler(tau, self.charge, self.mass)

    def enter(self, state: Any) -> Particles:
        state = entered(state)
        must = "be Particles in R³"
        _require(state.dimension == 3, must, f"in dimension {state.dimension}")
        if concrete(state.positions):
            nearest = float(np.min(np.linalg.norm(np.asarray(state.positions), axis=1)))
            must = "have positions off the singular set R = 0"
            _require(nearest > 0, must, f"at distance {nearest:g} from it")
        return state

    def energies(self, state: Particles) -> Float[Array, " k"]:
        """h of each particle."""
        singular = self.charge / distances(state)
        return self._kinetic(state) + singular + self.potential(*state.positions.T)

    def _kinetic(self, state: Particles) -> Float[Array, " k"]:
        return jnp.sum(state.momenta**2, axis=1) / (2 * self.mass)

    def diagnose(self, state: Particles) -> dict[str, Array]:
        return particle_series(state, self.energies(state), self._kinetic(state))

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        far = {"distance": lambda z: z.weights @ distances(z)}
        return super().observables() | far


def _require(condition: bool, must: str, found: str) -> None:
    if not condition:
        raise ValueError(f"Argument `state` must {must}, but is {found}")


def distances(state: Particles) -> Float[Array, " k"]:
    """|R| of each particle."""
    return jnp.sqrt(jnp.sum(state.positions**2, axis=1))
