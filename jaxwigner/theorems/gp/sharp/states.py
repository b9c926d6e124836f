"""States along the direction that a flow stretches most, and interactions bounded as Golse and Paul want them.

Φ_L(t) is the flow of ẍ = Lx; its top right singular vector v is the direction in which two phase points part fastest under
V = −½Lx². A bounded V with the same curvature at 0 is V = (L/k²)cos kx: Lip(∇V) = L, ‖∇V‖∞ = L/k.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials import Cosine
from jaxwigner.theorems.gp.gaussians import singular_vectors

WAVENUMBER = 0.3  # of the bounded V: its box is one period of 2π/0.3


def hill(L: float) -> Cosine:
    """V = (L/k²)cos kx, which repels near 0 as −½Lx² does.

    >>> from jaxwigner.theorems.gp.sharp.states import hill
    >>> round(float(hill(0.5).hessian_bound), 12), round(float(hill(0.5).gradient_bound), 3)
    (0.5, 1.667)
    """
    return Cosine(L / WAVENUMBER**2, WAVENUMBER)


def stretched(L: Scalar, time: Scalar) -> Float[Array, "2"]:
    """v: what Φ_L(time) stretches most, of length 1.

    >>> from jaxwigner.theorems.gp.sharp.states import stretched
    >>> v = stretched(1.0, 0.7)  # at 45° for L = 1
    >>> round(float(v[0] * v[1]), 9)
    0.5
    """
    return singular_vectors(L, time)[0]


def tilted_covariance(hbar: Scalar, squeezing: Scalar, v: Float[Array, "2"]) -> Array:
    """½ħ(s vvᵀ + s⁻¹ wwᵀ), w ⟂ v: a pure state squeezed by s along v.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.gp.sharp.states import tilted_covariance
    >>> S = tilted_covariance(0.2, 4.0, jnp.array([0.6, 0.8]))
    >>> round(float(jnp.linalg.det(S)), 9)  # (ħ/2)²
    0.01
    """
    w = jnp.array([-v[1], v[0]])
    return 0.5 * hbar * (squeezing * v[:, None] * v[None, :] + w[:, None] * w[None, :] / squeezing)


def tilted_orbitals(
    grid: Grid, hbar: Scalar, squeezing: Scalar, v: Float[Array, "2"], number: int
) -> Complex[Array, "k x"]:
    """The lowest levels of the oscillator whose ground state has the covariance S = `tilted_covariance`, d = 1:

        ψ_n ∝ h_n(x/√(2S_xx)) e^{−(1 − 2iS_xp/ħ)x²/4S_xx}

    >>> import jaxwigner as jw, jax.numpy as jnp
    >>> from jaxwigner.theorems.gp.sharp.states import tilted_covariance, tilted_orbitals
    >>> grid, v = jw.Grid(-8.0, 8.0, 96), jnp.array([0.6, 0.8])
    >>> psi = tilted_orbitals(grid, 0.5, 4.0, v, 2)
    >>> S = jw.transport.quantum_moments(psi[0], grid=grid, hbar=0.5).covariance
    >>> bool(jnp.allclose(S, tilted_covariance(0.5, 4.0, v), atol=1e-9))
    True
    """
    (x,) = grid.axes
    S = tilted_covariance(hbar, squeezing, v)
    u = x / jnp.sqrt(2 * S[0, 0])
    chirp = jnp.exp(-(1 - 2j * S[0, 1] / hbar) * x**2 / (4 * S[0, 0]))
    levels = [jnp.ones_like(u), jnp.sqrt(2.0) * u]
    for n in range(2, number):
        levels.append((jnp.sqrt(2.0 / n) * u * levels[-1]) - jnp.sqrt((n - 1) / n) * levels[-2])
    scale = (2 * jnp.pi * S[0, 0]) ** -0.25
    return jnp.stack([scale * level * chirp for level in levels[:number]])
