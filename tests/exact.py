"""Closed forms that the tests compare with. All are differentiable in every argument, so that gradients are known too.

Quadratic Hamiltonians p²/2m + k x²/2 (k > 0 oscillator, k = 0 free, k < 0 inverted) move points linearly, and Gaussians with
them: centre z ↦ Mz, covariance S ↦ MSMᵀ. A Gaussian wave packet is Hagedorn's (Q, P): Q ↦ M₁₁Q + M₁₂P, P ↦ M₂₁Q + M₂₂P.
"""

import jax.numpy as jnp
import numpy as np
from scipy.special import eval_hermite, eval_laguerre, gammaln


def flow_matrix(t, mass=1.0, stiffness=1.0):
    """M(t), the flow of q̇ = p/m, ṗ = −kq; the sign of k is known."""
    rate = jnp.sqrt(jnp.abs(jnp.asarray(stiffness, float)) / mass) if stiffness != 0 else 0.0
    if stiffness == 0:
        cos, sin = 1.0 + 0.0 * t, t
    elif stiffness > 0:
        cos, sin = jnp.cos(rate * t), jnp.sin(rate * t) / rate
    else:
        cos, sin = jnp.cosh(rate * t), jnp.sinh(rate * t) / rate
    return jnp.array([[cos, sin / mass], [-stiffness * sin, cos]])


def moved(q, p, t, mass=1.0, stiffness=1.0):
    """Position and momentum at time t."""
    return flow_matrix(t, mass, stiffness) @ jnp.stack(
        [jnp.asarray(q, float), jnp.asarray(p, float)]
    )


def packet(x, t, q, p, hbar, *, mass=1.0, stiffness=0.0, squeezing=1.0):
    """ψ(x, t) from the squeezed state of `states.squeezed_state`, at times before the first caustic of Q (|arg Q| < π)."""
    (m11, m12), (m21, m22) = flow_matrix(t, mass, stiffness)
    Q0, P0 = np.sqrt(squeezing), 1j / np.sqrt(squeezing)
    Q, P = m11 * Q0 + m12 * P0, m21 * Q0 + m22 * P0
    q_t, p_t = moved(q, p, t, mass, stiffness)
    action = 0.5 * (p_t * q_t - p * q)
    exponent = 0.5 * P / Q * (x - q_t) ** 2 + p_t * (x - q_t) + action
    return (np.pi * hbar) ** -0.25 * jnp.exp(1j * exponent / hbar) / jnp.sqrt(Q)


def gaussian(points, mean, covariance):
    """The density N(mean, covariance) at `points`, a sequence of mutually broadcastable arrays."""
    offset = jnp.stack(jnp.broadcast_arrays(*(z - m for z, m in zip(points, mean))))
    inverse = jnp.linalg.inv(covariance)
    square = jnp.einsum("i...,ij,j...->...", offset, inverse, offset)
    return jnp.exp(-0.5 * square) / jnp.sqrt(jnp.linalg.det(2 * jnp.pi * covariance))


def coherent_wigner(x, p, q, k, hbar, squeezing=1.0):
    """W of a coherent or squeezed state: N((q, k), diag(ħs/2, ħ/2s))."""
    return gaussian((x, p), (q, k), jnp.diag(jnp.array([squeezing, 1 / squeezing])) * hbar / 2)


def cat_wigner(x, p, q, k, hbar, phase=0.0):
    """W of c(|z⟩ + e^{iθ}|−z⟩): two Gaussians and fringes (AFG §2 with the phases of `states.cat_state`)."""
    two = coherent_wigner(x, p, q, k, hbar) + coherent_wigner(x, p, -q, -k, hbar)
    fringes = jnp.exp(-(x**2 + p**2) / hbar) * jnp.cos(2 * (k * x - q * p) / hbar - phase)
    norm = 2 * (1 + jnp.cos(phase) * jnp.exp(-(q**2 + k**2) / hbar))
    return (two + 2 * fringes / (jnp.pi * hbar)) / norm


def fock_orbital(n, x, hbar):
    """The Hermite function φ_n by SciPy's polynomials."""
    u = x / np.sqrt(hbar)
    scale = np.exp(-0.5 * (n * np.log(2) + gammaln(n + 1) + 0.5 * np.log(np.pi * hbar)))
    return scale * eval_hermite(n, u) * np.exp(-0.5 * u**2)


def fock_wigner(n, x, p, hbar):
    """(−1)ⁿ/(πħ) L_n(2r²/ħ) e^{−r²/ħ}, r² = x² + p²."""
    square = (x**2 + p**2) / hbar
    return (-1) ** n / (np.pi * hbar) * eval_laguerre(n, 2 * square) * np.exp(-square)


def fock_husimi(n, x, p, hbar):
    """e^{−|a|²}|a|^{2n}/n!/(2πħ), |a|² = (x² + p²)/2ħ."""
    square = (x**2 + p**2) / (2 * hbar)
    return np.exp(-square + n * np.log(square) - gammaln(n + 1)) / (2 * np.pi * hbar)


def thermal_variance(hbar, temperature):
    """(ħ/2) coth(ħ/2T), in x and in p, of the oscillator of frequency 1."""
    return 0.5 * hbar / np.tanh(0.5 * hbar / temperature)
