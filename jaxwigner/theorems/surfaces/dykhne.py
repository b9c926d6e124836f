"""Dykhne, Davis and Pechukas: a hop between two levels is what a path round their complex crossing sees.

    P = exp(−(2/ħ) |Im ∫^{x_c} (p₋ − p₊) dx|),  p_± = √(2m(E − λ_±)),  λ₊(x_c) = λ₋(x_c)

A. M. Dykhne, Sov. Phys. JETP 14 (1962) 941; J. P. Davis, P. Pechukas, J. Chem. Phys. 64 (1976) 3129. Where the gap is narrow it is
Landau and Zener's probability: of the delta gap with δ = β√ħ and m = 1 the exponent, expanded to the order δ⁴, gives

    P = P_LZ(1 + cħ + O(ħ²)),  c = 2√(2/E)πβ⁴(½ − 3/64E²)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar
from jaxwigner._types import Array
from jaxwigner.grid import Scalar

NEWTON = 40  # steps towards x_c
NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)

Rows = Callable[[Any], Any]


def complex_crossing(rows: Rows, near: Any) -> Array:
    """x_c with λ₊(x_c) = λ₋(x_c), by Newton's method from `near`; `rows`: V of complex x as two rows of two numbers.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.surfaces.dykhne import complex_crossing
    >>> rows = lambda x: [[0.5 * x, 0.2], [0.2, -0.5 * x]]
    >>> abs(complex_crossing(rows, 0.3j) - 0.4j).item() < 1e-12
    True
    """
    gap = lambda x: _mean_and_square(rows, x)[1]  # noqa: E731
    slope = jax.grad(gap, holomorphic=True)
    step = lambda _, x: x - gap(x) / slope(x)  # noqa: E731
    return jax.lax.fori_loop(0, NEWTON, step, jnp.asarray(near, complex))


def dykhne(
    rows: Rows, energy: Scalar, hbar: Scalar, near: Any, *, mass: Scalar = 1.0
) -> Float[Array, ""]:
    """P of a hop between two levels at one energy; `rows`: V of complex x as two rows of two numbers; `near`: where x_c is sought.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> rows = lambda x: [[0.5 * jnp.tanh(x), 0.3], [0.3, -0.5 * jnp.tanh(x)]]
    >>> P = jw.theorems.surfaces_dykhne.dykhne(rows, 1.0, 0.1, 0.5j)
    >>> round(float(2.418309e-2 / P - 1), 4)  # beside the exact one
    0.0028
    """
    check_positive_scalar("hbar", hbar)
    end = complex_crossing(rows, near)
    # x = Re x_c + i Im x_c sin θ takes the root of the gap away.
    theta = 0.25 * np.pi * (jnp.asarray(NODES) + 1)
    x = jnp.real(end) + 1j * jnp.imag(end) * jnp.sin(theta)
    mean, square = jax.vmap(lambda one: _mean_and_square(rows, one))(x)
    half = jnp.sqrt(square)
    momenta = [jnp.sqrt(2 * mass * (energy - mean - sign * half)) for sign in (-1, 1)]
    along = 0.25 * np.pi * jnp.asarray(WEIGHTS) * 1j * jnp.imag(end) * jnp.cos(theta)
    return jnp.exp(-2 / hbar * jnp.abs(jnp.imag(jnp.sum((momenta[0] - momenta[1]) * along))))


def beyond_landau_zener(beta: Any, energy: Scalar) -> Array:
    """c in P = P_LZ(1 + cħ + O(ħ²)) for V = ((½tanh x, δ), (δ, −½tanh x)), δ = β√ħ and m = 1.

    >>> import jaxwigner as jw
    >>> [round(float(jw.theorems.surfaces_dykhne.beyond_landau_zener(beta, 1.0)), 4) for beta in (0.5, 1.0)]
    [0.2516, 4.0264]
    """
    curved = 0.5 - 3 / (64 * jnp.asarray(energy) ** 2)
    return 2 * jnp.sqrt(2 / jnp.asarray(energy)) * jnp.pi * jnp.asarray(beta) ** 4 * curved


def _mean_and_square(rows: Rows, x: Any) -> tuple[Array, Array]:
    """(V₁₁ + V₂₂)/2 and the square of half the gap."""
    (a, b), (_, d) = rows(x)
    half = 0.5 * (a - d)
    return 0.5 * (a + d) + 0 * x, half**2 + b**2 + 0 * x
