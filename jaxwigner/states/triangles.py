"""Three bodies without rotation: Jacobi's coordinates r = R₂ − R₁ and R = R₃ − (m₁R₁ + m₂R₂)/(m₁ + m₂), γ the angle between them.

    μ_r = m₁m₂/(m₁ + m₂),  μ_R = m₃(m₁ + m₂)/(m₁ + m₂ + m₃),  |R₁₃|² = R² + f²r² + 2fRrc,  |R₂₃|² = R² + g²r² − 2gRrc

with c = cos γ, f = m₂/(m₁ + m₂), g = 1 − f. For L = 0 and the centre of mass at rest

    T = P_R²/2μ_R + P_r²/2μ_r + ½(1/μ_RR² + 1/μ_rr²)(1 − c²)p_c²,

and the three bodies move in a plane. The volume is dR dr dc on u = RrΨ: flat in c, not in γ.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import (
    check_finite,
    check_positive,
    check_positive_scalar,
    check_scalar,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Scalar


class Triangles(NamedTuple):
    """`R`, `r` and `cosine` = cos γ of triangles, each (k,); or the momenta that belong to them."""

    R: Any
    r: Any
    cosine: Any


class Breathing(NamedTuple):
    """A packet |u|² ∝ e^{−zᵀAz/ħ}, z = (R − R₀, r − r₀, (c₀ − c)/sin γ₀): `centre`, `momentum` (P_R, P_r, P_z) and `matrix` A."""

    centre: Triangles
    momentum: Triangles
    matrix: Float[Array, "3 3"]


def three_masses(masses: Any) -> Float[Array, "3"]:
    """One number for all, or three.

    >>> from jaxwigner.states.triangles import three_masses
    >>> three_masses(2.0).tolist()
    [2.0, 2.0, 2.0]
    """
    check_positive("masses", masses)
    shape = np.shape(masses)
    require(shape in ((), (1,), (3,)), "masses", "be one number or three", masses)
    return jnp.broadcast_to(jnp.asarray(masses, float), (3,))


def jacobi(masses: Any) -> tuple[Scalar, Scalar, Scalar]:
    """μ_R, μ_r and f = m₂/(m₁ + m₂).

    >>> from jaxwigner.states.triangles import jacobi
    >>> [round(float(value), 6) for value in jacobi(1.0)]
    [0.666667, 0.5, 0.5]
    """
    m = three_masses(masses)
    pair = m[0] + m[1]
    return m[2] * pair / (pair + m[2]), m[0] * m[1] / pair, m[1] / pair


def breathing(
    distance: Scalar, velocity: Scalar = 0.0, masses: Any = 1.0, frequencies: Any = (1.0, 1.0)
) -> Breathing:
    """An equilateral triangle of side d = `distance` with d′ = `velocity`: where its packet sits, and how wide it is.

    The ground state of ½(μ_RδR′² + μ_rδr′² + Iγ′²) + … whose breathing has the frequency ω₁, what is orthogonal to it ω₂:
    A = M^½(ω₁ssᵀ + ω₂(1 − ssᵀ))M^½, M = diag(μ_R, μ_r, I), 1/I = 1/μ_RR₀² + 1/μ_rr₀², s ∝ M^½(R₀, r₀, 0).

    >>> from jaxwigner.states.triangles import breathing
    >>> found = breathing(3.0, -2.0)
    >>> round(float(found.centre.R), 6), round(float(found.momentum.r), 6), round(float(found.matrix[2, 2]), 6)
    (2.598076, -1.0, 2.25)
    """
    check_positive_scalar("distance", distance)
    check_scalar("velocity", velocity)
    check_positive("frequencies", frequencies)
    two = np.shape(frequencies) == (2,)
    require(two, "frequencies", "be those of breathing and of bending", frequencies)
    heavy, light, share = jacobi(masses)
    aside = (0.5 - share) * distance
    R = jnp.sqrt(aside**2 + 0.75 * distance**2)
    r = jnp.asarray(distance, float)
    inertia = 1 / (1 / (heavy * R**2) + 1 / (light * r**2))
    momentum = Triangles(heavy * velocity * R / r, light * velocity, jnp.zeros_like(R))
    root = jnp.sqrt(jnp.stack([heavy, light, inertia]))
    along = root * jnp.stack([R, r, jnp.zeros_like(R)])
    breath = jnp.outer(along, along) / (along @ along)
    bend = jnp.eye(3) - breath
    weighted = frequencies[0] * breath + frequencies[1] * bend
    return Breathing(Triangles(R, r, aside / R), momentum, weighted * jnp.outer(root, root))


def plane_bodies(shape: Triangles, momentum: Triangles, masses: Any = 1.0) -> tuple[Array, Array]:
    """Positions and momenta in R⁹ of three bodies in the plane of the first two axes: L = 0, the centre of mass at rest at 0.

    **Arguments:** `shape`: (R, r, c), `momentum`: (P_R, P_r, p_c), arrays (k,).

    >>> import numpy as np
    >>> from jaxwigner.states.triangles import Triangles, plane_bodies
    >>> one = np.ones(1)
    >>> Q, P = plane_bodies(Triangles(2 * one, one, 0 * one), Triangles(one, 0 * one, 0 * one))
    >>> (P.reshape(3, 3)[:, 1] + 0.0).tolist()
    [-0.5, -0.5, 1.0]
    """
    m = three_masses(masses)
    _, _, f = jacobi(m)
    R, r, c = (jnp.asarray(part, float) for part in shape)
    sine = jnp.sqrt(1 - c**2)
    zero = jnp.zeros_like(c)
    # p_γ = −sin γ p_c turns R one way and r the other.
    turn = -sine * momentum.cosine
    along, across = jnp.stack([c, sine, zero], 1), jnp.stack([-sine, c, zero], 1)
    far = momentum.R[:, None] * along + (turn / R)[:, None] * across
    near = jnp.stack([momentum.r + zero, -turn / r, zero], axis=1)
    first = jnp.stack([r, zero, zero], axis=1)
    second = R[:, None] * along
    total = jnp.sum(m)
    pair = -(m[2] / total) * second  # where the centre of the first two is
    Q = [pair - f * first, pair + (1 - f) * first, pair + second]
    P = [-near - (1 - f) * far, near - f * far, far]
    return jnp.concatenate(Q, axis=1), jnp.concatenate(P, axis=1)


def shapes(positions: Float[Array, "k 9"], masses: Any = 1.0) -> Triangles:
    """R, r and cos γ of configurations of three bodies.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.states.triangles import shapes
    >>> found = shapes(jnp.array([[0.0, 0, 0, 2.0, 0, 0, 1.0, 3.0, 0]]))
    >>> float(found.R[0]), float(found.r[0]), float(found.cosine[0])
    (3.0, 2.0, 0.0)
    """
    check_finite("positions", positions)
    require(
        np.ndim(positions) == 2 and np.shape(positions)[1] == 9,
        "positions",
        "be (k, 9)",
        np.shape(positions),
    )
    _, _, f = jacobi(masses)
    first, second, third = jnp.moveaxis(positions.reshape(-1, 3, 3), 1, 0)
    near, far = second - first, third - (1 - f) * first - f * second
    R, r = (jnp.sqrt(jnp.sum(one**2, axis=1)) for one in (far, near))
    return Triangles(R, r, jnp.sum(near * far, axis=1) / (R * r))
