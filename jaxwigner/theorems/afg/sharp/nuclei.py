"""Two sides of what the Coulomb force does to a product of packets, each independent of `coulomb_bodies` but for K.

    ∫|∇U_s||Ψ|², ∇U_s by automatic differentiation of U_s = ΣC_αβ/|R_α − R_β| in R^{3M}
    |∫∫f_sφ| ≤ (√2/m)K y₀ for φ = sin y₀(e·p), |e| = 1                                            the Coulomb term of (21)

For packets at rest Ψ(x + εy/2)Ψ̄(x − εy/2) = |Ψ(x)|² e^{−ε²|y|²/4s²}, F_pφ sits at y = ±y₀e, and with h = ½εy₀e

    ∫∫f_sφ = −ε⁻¹ e^{−ε²y₀²/4s²} ∫(U_s(x + h) − U_s(x − h))|Ψ|²
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, check_shape
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.quantum import product_packets as packets_of
from jaxwigner.theorems.afg.coulomb.bodies import Measured, mean_of

Points = Float[Array, "copies k d"]


def coulomb_energy(R: Float[Array, "M 3"], charges: Float[Array, " pairs"]) -> Array:
    """U_s of one configuration.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.afg.sharp.nuclei import coulomb_energy
    >>> float(coulomb_energy(jnp.array([[0.0, 0, 0], [0, 0, 2.0]]), jnp.ones(1)))
    0.5
    """
    first, second = packets_of.pair_indices(R.shape[0])
    return jnp.sum(charges / jnp.sqrt(jnp.sum((R[first] - R[second]) ** 2, axis=1)))


def force_by_differentiation(seen: Measured, points: Points) -> Inequality:
    """∫|∇U_s||Ψ|² of `coulomb_bodies.measure`, the left side of (28), is that of the gradient of U_s in R^{3M}.

    >>> import numpy as np, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.nuclei import force_by_differentiation
    >>> packets = jw.quantum.ProductPackets(np.eye(3)[:2], np.zeros((2, 3)), hbar=0.01)
    >>> points = jw.theorems.coulomb_bodies.normal_points(6, 2**9)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.ones((2, 2)), points=points)
    >>> force_by_differentiation(seen, points).verdict
    'holds'
    """
    R = seen.packets.configurations(points.reshape(-1, points.shape[2]))
    slopes = jax.vmap(jax.grad(lambda x: coulomb_energy(x, jnp.abs(seen.charges))))(R)
    sizes = jnp.sqrt(jnp.sum(slopes**2, axis=(1, 2)))
    mean = mean_of(sizes.reshape(points.shape[:2]))
    law = "∫|∇U_s||Ψ|², closed = by differentiation of U_s"
    options = {"kind": "identity", "width": 0.02 * mean.centre}
    numbers = {"hbar": seen.packets.hbar, "nuclei": seen.packets.nuclei}
    return Inequality("AFG (28), R^3M", law, seen.force, mean, parameters=numbers, **options)


def force_on_a_test(
    seen: Measured, direction: Float[Array, "M 3"], frequency: Scalar, points: Points
) -> Inequality:
    """|∫∫f_sφ| ≤ (√2/m)K y₀ for φ = sin y₀(e·p) and packets at rest (AFG (21), the Coulomb term).

    **Arguments:** `direction`: e, of any length; `frequency`: y₀ > 0; `points`: from `coulomb_bodies.normal_points(3 * M)`.

    >>> import numpy as np, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.nuclei import force_on_a_test
    >>> packets = jw.quantum.ProductPackets(np.eye(3)[:2], np.zeros((2, 3)), hbar=0.01)
    >>> points = jw.theorems.coulomb_bodies.normal_points(6, 2**9)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.ones((2, 2)), points=points)
    >>> claim = force_on_a_test(seen, np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]]), 1.0, points)
    >>> claim.verdict, bool(claim.ratio > 0.9)
    ('holds', True)
    """
    packets, C = seen.packets, seen.charges
    check_positive_scalar("frequency", frequency)
    check_shape("direction", direction, (packets.nuclei, 3))
    hbar, e = packets.hbar, jnp.asarray(direction, float)
    h = 0.5 * hbar * frequency * e / jnp.sqrt(jnp.sum(e**2))
    R = packets.configurations(points.reshape(-1, points.shape[2]))
    energy = jax.vmap(lambda x: coulomb_energy(x, C))
    change = (energy(R + h[None]) - energy(R - h[None])) / hbar
    overlap = jnp.exp(-((0.5 * hbar * frequency / packets.width) ** 2))
    lhs = abs(mean_of((overlap * change).reshape(points.shape[:2])))
    smallest = jnp.min(jnp.where(C != 0, jnp.abs(C), jnp.inf))
    bound = seen.constant * (np.sqrt(2) / smallest * frequency)
    law = "|∫∫f_sφ| ≤ (√2/m)K y₀ for φ = sin y₀(e·p)"
    numbers = {"hbar": hbar, "nuclei": packets.nuclei}
    return Inequality("AFG (21), Coulomb", law, lhs, bound, parameters=numbers)
