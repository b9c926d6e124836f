"""The expansion of e^{κ·R}, κ a complex vector, in spherical waves, without overflow or branch cuts.

    e^{κ·R} = 4π Σ_ℓm G_ℓ(|κ|r) Y_ℓm(R/r) Ȳ_ℓm(κ/|κ|),   G_ℓ(c) = c^ℓ i_ℓ(ζ)/ζ^ℓ,  ζ = cτ,  τ² = κ·κ/|κ|²,  |κ|² = Σ|κ_j|²

i_ℓ(ζ) = i^{−ℓ}j_ℓ(iζ); Ȳ_ℓm(κ/|κ|) is the polynomial (solid harmonic) of the complex vector, so that null vectors, κ·κ = 0, are no
exception. For κ ∥ ẑ: |τ| = 1 and G_ℓ τ^ℓ = i_ℓ(ζ). The recurrence G_{ℓ−1} = ((2ℓ+1)/c)G_ℓ + τ²G_{ℓ+1} is run downwards (Miller), each
step rescaled, and normalised by the larger of the closed forms of G_0 and G_1.
"""

from __future__ import annotations

import functools
from math import factorial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float, Num

from jaxwigner._types import Array

# i_0(ζ) = Σζ^{2k}/(2k+1)! and i_1(ζ)/ζ = Σ2(k+1)ζ^{2k}/(2k+3)!, used for |ζ| < 2, highest power first.
_ZEROTH = np.array([1 / float(factorial(2 * k + 1)) for k in reversed(range(18))])
_FIRST = np.array([2 * (k + 1) / float(factorial(2 * k + 3)) for k in reversed(range(18))])


@functools.partial(jax.custom_jvp, nondiff_argnums=(2,))
def scaled_waves(
    c: Float[Array, " r"], tau: complex | Num[Array, ""], count: int
) -> Complex[Array, "l r"]:
    """e^{−cτ} G_ℓ(c) for ℓ = 0 … count − 1, c > 0, Re τ ≥ 0: bounded for every c, with derivatives of all orders.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.quantum.partial_waves._spherical import scaled_waves
    >>> G = scaled_waves(jnp.array([500.0]), 1.0 + 0j, 2)  # i_1/i_0 = coth ζ − 1/ζ
    >>> round(float((G[1] / G[0]).real[0]), 12)
    0.998
    """
    size = jnp.abs(tau) * jnp.max(c)
    # Above ℓ = |ζ| the wanted solution grows downwards faster than exponentially.
    above = jnp.ceil(jnp.maximum(size - count, 0.0) + 30 + 12 * jnp.cbrt(size)).astype(int)
    square = tau**2 + 0j * c
    start = (jnp.zeros_like(square), jnp.ones_like(square), jnp.zeros(c.shape, jnp.int32))
    down = lambda k, carry: _lower(carry, count + above - k, c, square)  # noqa: E731
    carry = jax.lax.fori_loop(0, above, down, start)

    def record(carry, l):
        carry = _lower(carry, l + 1, c, square)
        return carry, (carry[1], carry[2])

    degrees = jnp.arange(count)
    _, (mantissas, exponents) = jax.lax.scan(record, carry, degrees, reverse=True)
    return _normalised(mantissas, exponents, c, tau)


def _lower(carry, degree, c, square):
    """(G_ℓ₊₁, G_ℓ, binary exponent) to (G_ℓ, G_ℓ₋₁, …) for ℓ = `degree`; scaling by powers of two rounds nothing."""
    upper, here, exponent = carry
    lower = ((2 * degree + 1) / c) * here + square * upper
    size = jnp.abs(lower.real) + jnp.abs(lower.imag) + jnp.abs(here.real) + jnp.abs(here.imag)
    _, more = jnp.frexp(size)
    return _shifted(here, -more), _shifted(lower, -more), exponent + more


def _shifted(z, exponent):
    """2^exponent z; zero where that is far below the smallest number."""
    factor = jnp.ldexp(jnp.ones(z.shape, z.real.dtype), jnp.maximum(exponent, -1000))
    return jnp.where(exponent > -1000, factor, 0.0) * z


def _normalised(mantissas, exponents, c, tau):
    zeroth, first = _lowest_two(c * tau)
    if mantissas.shape[0] == 1:
        return zeroth[None]
    first = c * first
    by_zeroth = jnp.abs(zeroth) >= jnp.abs(first)
    reference = jnp.where(
        by_zeroth, _quotient(zeroth, mantissas[0]), _quotient(first, mantissas[1])
    )
    level = jnp.where(by_zeroth, exponents[0], exponents[1])
    return _shifted(mantissas, exponents - level[None]) * reference[None]


def _quotient(value, divisor):
    return value / jnp.where(divisor == 0, 1.0, divisor)


def _lowest_two(zeta):
    """e^{−ζ}i_0(ζ) and e^{−ζ}i_1(ζ)/ζ."""
    small = jnp.abs(zeta) < 2
    near, far = jnp.where(small, zeta, 0.0), jnp.where(small, 2.0, zeta)
    square = near**2
    zeroth, first = (jnp.polyval(jnp.asarray(series), square) for series in (_ZEROTH, _FIRST))
    q = jnp.exp(-2 * far)
    i0 = (1 - q) / (2 * far)
    i1 = (0.5 * (1 + q) - i0) / far**2
    damp = jnp.exp(-near)
    return jnp.where(small, damp * zeroth, i0), jnp.where(small, damp * first, i1)


@scaled_waves.defjvp
def _(count, primals, tangents):
    (c, tau), (c_dot, tau_dot) = primals, tangents
    more = scaled_waves(c, tau, count + 1)
    here, upper = more[:-1], more[1:]
    degree = jnp.arange(count)[:, None]
    by_c = (degree / c[None] - tau) * here + tau**2 * upper
    by_tau = c[None] * (tau * upper - here)
    return here, by_c * c_dot[None] + by_tau * tau_dot


def solid_harmonics(
    vector: tuple[Any, Any, Any], waves: int, orders: int
) -> Complex[Array, "l m ..."]:
    """Ȳ_ℓm(κ), ℓ < waves, |m| ≤ orders, polynomials of a complex vector; conjugate spherical harmonics for a real unit vector κ.

    The components of κ may be arrays of one shape, which becomes the shape of the last axes.

    >>> from jaxwigner.quantum.partial_waves._spherical import solid_harmonics
    >>> Y = solid_harmonics((0.0, 0.0, 1.0), 3, 1)
    >>> [round(float(y.real), 6) for y in Y[:, 1]]  # √((2ℓ+1)/4π)
    [0.282095, 0.488603, 0.630783]
    """
    x, y, z = (jnp.asarray(part) + 0j for part in vector)
    square = x**2 + y**2 + z**2
    columns, diagonal = [], np.sqrt(0.25 / np.pi) + 0 * z
    for m in range(orders + 1):
        if m > 0:
            diagonal = -np.sqrt((2 * m + 1) / (2 * m)) * diagonal
        table = _legendre_column(diagonal, z, square, waves, m)
        columns.append(table * ((x - 1j * y) ** m)[None])
        if m > 0:
            columns.insert(0, (-1.0) ** m * table * ((x + 1j * y) ** m)[None])
    return jnp.stack(columns, axis=1)


def _legendre_column(start, z, square, waves: int, m: int):
    """The factors of (x ± iy)^m in the normalised solid harmonics of order m, for ℓ = 0 … waves − 1."""
    degree = np.arange(m + 1, max(waves, m + 1))
    a = np.sqrt((4.0 * degree**2 - 1) / (degree**2 - m**2))
    b = np.sqrt(((degree - 1.0) ** 2 - m**2) / (4.0 * (degree - 1) ** 2 - 1))

    def raise_degree(carry, coefficients):
        before, here = carry
        a, b = coefficients
        following = a * (z * here - b * square * before)
        return (here, following), following

    first = (jnp.zeros_like(start), start)
    _, later = jax.lax.scan(raise_degree, first, (jnp.asarray(a), jnp.asarray(b)))
    zeros = jnp.zeros((min(m, waves), *start.shape), later.dtype)
    return jnp.concatenate([zeros, start[None], later])[:waves]
