"""γ(h) = sup spec H⁻¹ 1_{s<1} H⁻¹ for H = −h²∂_s² + 1/s on the half-line: the sharp constant of AFG (9) for a dimer, U_b = 0.

v = H⁻¹f, f on (0, 1), continues beyond s = 1 as the decaying solution √s K₁(2√s/h): that leaves a problem on (0, 1) with the boundary
condition v′ = λv at 1 and the norm ∫_0^1|v|² + τ|v(1)|², solved on Gauss–Lobatto nodes. Higher ℓ have smaller constants.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.quantum.partial_waves import radial_grid

NODES = 96  # resolves the decay length h√s of v near s = 1 down to h ≈ 0.003
_T, _V = np.polynomial.legendre.leggauss(120)
_S, _U = np.polynomial.laguerre.laggauss(40)


def sharp_constant(h: Scalar) -> Array:
    """γ(h), between 0 and 1.

    >>> from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant
    >>> [round(float(sharp_constant(h)), 5) for h in (0.01, 0.1, 1.0)]
    [0.82542, 0.46665, 0.07202]
    """
    slope, tail = _beyond(h)
    nodes, weights = radial_grid._lobatto(NODES)
    s, w = 0.5 * (1 + nodes[1:]), 0.5 * weights[1:]
    D = 2 * radial_grid._derivative(NODES)[:, 1:]
    stiffness = D.T @ (0.5 * weights[:, None] * D)
    end = np.zeros((NODES - 1, NODES - 1))
    end[-1, -1] = 1.0
    A = h**2 * (stiffness - slope * end) + np.diag(w / s)
    inverse = jnp.linalg.inv(A) * np.sqrt(w)[None, :]
    return jnp.linalg.eigvalsh(inverse.T @ (np.diag(w) + tail * end) @ inverse)[-1]


def _beyond(h: Scalar) -> tuple[Array, Array]:
    """λ = k′(1)/k(1) and τ = ∫_1^∞k²/k(1)² for k = √s K₁(2√s/h)."""
    z = 2 / h
    zeroth, first = _bessel_k(z, 0), _bessel_k(z, 1)
    slope = -(zeroth / first) / h  # d/ds √s K₁(2√s/h) = −K₀(2√s/h)/h
    # With x = 2√s/h: ∫_1^∞ s K₁² ds = (h⁴/8) ∫_z^∞ x³K₁(x)² dx, scaled by e^{2x} K₁².
    x = z + 0.5 * jnp.asarray(_S)
    scaled = jax.vmap(lambda one: _bessel_k(one, 1))(x)
    tail = h**4 / 8 * 0.5 * jnp.sum(jnp.asarray(_U) * x**3 * (scaled / first) ** 2)
    return slope, tail


def _bessel_k(z: Scalar, order: int) -> Array:
    """e^z K_n(z) = ∫_0^∞ e^{−z(cosh t − 1)} cosh nt dt, for n = 0, 1."""
    top = jnp.arccosh(1 + 40 / z)
    t = 0.5 * top * (1 + jnp.asarray(_T))
    values = jnp.exp(-z * (jnp.cosh(t) - 1)) * jnp.cosh(order * t)
    return 0.5 * top * jnp.sum(jnp.asarray(_V) * values)
