"""The oscillator basis (d = 1): Hermite functions φ_n of −ħ²∂²/2 + x²/2, and states that are diagonal in it."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import (
    check_integer,
    check_positive_scalar,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.states.quantum import FockState


def fock_orbitals(grid: Grid, number: int, hbar: Scalar) -> Float[Array, "number x"]:
    """Hermite functions φ_0 … φ_{number−1} of the oscillator −ħ²∂²/2 + x²/2, by the stable three-term recurrence.

    φ_{n+1} = √(2/(n+1)) u φ_n − √(n/(n+1)) φ_{n−1}, u = x/√ħ (DLMF 18.9). It begins at 1 in place of e^{−u²/2},
    which is 0 in floating point from u = 39 on, and is scaled down whenever it has grown: levels to 5000 and beyond, float32 too.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 128)
    >>> phi = jw.fock_orbitals(grid, 4, hbar=0.5)
    >>> bool(jnp.allclose(phi @ phi.T * grid.cell, jnp.eye(4)))
    True
    """
    check_integer("number", number, at_least=1)
    check_positive_scalar("hbar", hbar)
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    require(grid.dimension == 1, "grid", "be one-dimensional", grid.dimension)
    u = jnp.asarray(grid.axes[0]) / jnp.sqrt(hbar)

    def climb(carry, n):
        lower, current, logarithm = carry
        higher = jnp.sqrt(2 / (n + 1)) * u * current - jnp.sqrt(n / (n + 1)) * lower
        (upper, middle), later = scaled_down((higher, current), logarithm)
        return (middle, upper, later), current * jnp.exp(logarithm)

    amplitude = (np.pi * hbar) ** -0.25
    start = (jnp.zeros_like(u), jnp.ones_like(u), -0.5 * u**2)
    _, orbitals = jax.lax.scan(climb, start, jnp.arange(number, dtype=u.dtype))
    return amplitude * orbitals


def scaled_down(values: tuple[Array, ...], logarithm: Array) -> tuple[tuple[Array, ...], Array]:
    """Values of a recurrence and the logarithm of their common factor: what has outgrown half of the exponents is scaled down.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.states.oscillator import scaled_down
    >>> (value,), logarithm = scaled_down((jnp.asarray(1e200),), jnp.asarray(-500.0))
    >>> round(float(jnp.log(value) + logarithm), 6)
    -39.482981
    """
    exponent = jnp.finfo(logarithm.dtype).maxexp // 4
    largest = functools.reduce(jnp.maximum, (jnp.abs(value) for value in values))
    outgrown = largest > 2.0**exponent
    factor = jnp.where(outgrown, 2.0**-exponent, 1.0).astype(logarithm.dtype)
    later = logarithm + jnp.asarray(jnp.where(outgrown, exponent * np.log(2.0), 0.0))
    return tuple(value * factor for value in values), later


def thermal_state(number: int, hbar: Scalar, temperature: Scalar) -> FockState:
    """Thermal state of the oscillator, ρ_nn ∝ e^{−ħn/T}, cut at `number` levels and normalised there (d = 1).

    Without the cut its Wigner function is the Gaussian of variance (ħ/2)coth(ħ/2T) in x and in p.

    >>> import jaxwigner as jw
    >>> round(float(jw.thermal_state(60, hbar=0.5, temperature=1.0).matrix.real.trace()), 12)
    1.0
    """
    check_integer("number", number, at_least=1)
    check_positive_scalar("hbar", hbar)
    check_positive_scalar("temperature", temperature)
    levels = jnp.exp(-hbar / temperature * jnp.arange(number, dtype=float))
    return FockState(jnp.diag(levels / levels.sum()), hbar)
