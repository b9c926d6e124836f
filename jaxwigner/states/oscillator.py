"""The oscillator basis (d = 1): Hermite functions φ_n of −ħ²∂²/2 + x²/2, and states that are diagonal in it."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import (
    check_integer,
    check_positive_scalar,
    concrete,
    nan_unless,
    require,
)
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, Scalar, check_line
from jaxwigner.states.quantum import FockState


def fock_orbitals(grid: Grid, number: int, hbar: Scalar) -> Float[Array, "number x"]:
    """Hermite functions φ_0 … φ_{number−1} of the oscillator −ħ²∂²/2 + x²/2, by the stable three-term recurrence.

    φ_{n+1} = √(2/(n+1)) u φ_n − √(n/(n+1)) φ_{n−1}, u = x/√ħ (DLMF 18.9). It begins at e^{−u²/2}, which is 0 in
    floating point from u = 39 on and is kept as a·2^{256m}, scaled down whenever it has grown: levels to 5000 and beyond, float32 too,
    where level n is right to about 2n roundings.

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
    check_line(grid)
    # In double precision where it is known: level n sees an error of u 2n times.
    known = concrete((grid, hbar))
    u = np.asarray(grid.axes[0]) / np.sqrt(hbar) if known else grid.axes[0] / jnp.sqrt(hbar)
    amplitude, power = scaled_exponential(-0.5 * u**2)
    return (np.pi * hbar) ** -0.25 * _levels(jnp.asarray(u), amplitude, power, number)


@once
def _levels(u: Array, amplitude: Array, power: Array, number: int) -> Array:
    def climb(carry, n):
        lower, current, power = carry
        higher = jnp.sqrt(2 / (n + 1)) * u * current - jnp.sqrt(n / (n + 1)) * lower
        (upper, middle), later = scaled_down((higher, current), power)
        return (middle, upper, later), times_power(current, power)

    start = (jnp.zeros_like(u), amplitude, power)
    return jax.lax.scan(climb, start, jnp.arange(number, dtype=u.dtype))[1]


def _step(dtype: Any) -> int:
    """A quarter of the exponents, within which a scaled number has room to grow: 256 in double precision, 32 in single."""
    return jnp.finfo(dtype).maxexp // 4


def scaled_exponential(logarithm: Any) -> tuple[Array, Array]:
    """e^{logarithm} for logarithms ≤ 0 as a·2^{256m}, (a, m) with 2^{−256} < a ≤ 1: nothing underflows (32 in single precision).

    >>> import numpy as np
    >>> from jaxwigner.states.oscillator import scaled_exponential
    >>> a, m = scaled_exponential(np.array([-500.0]))
    >>> float(m[0]), round(float(np.log(a[0])), 4)
    (-2.0, -145.1086)
    """
    dtype = jnp.asarray(logarithm).dtype
    step = _step(dtype) * np.log(2.0)
    power = -(-logarithm // step)
    exp = np.exp if isinstance(logarithm, np.ndarray) else jnp.exp
    return jnp.asarray(exp(logarithm - power * step), dtype), jnp.asarray(power, dtype)


def times_power(value: Array, power: Array) -> Array:
    """a·2^{256m} (32 in single precision)."""
    return value * jnp.exp2(_step(power.dtype) * power)


def scaled_down(values: tuple[Array, ...], power: Array) -> tuple[tuple[Array, ...], Array]:
    """Values of a recurrence and the power m of their common factor 2^{256m}: what has outgrown it is scaled down.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.states.oscillator import scaled_down
    >>> (value,), power = scaled_down((jnp.asarray(2.0**260),), jnp.asarray(-3.0))
    >>> float(value), float(power)
    (16.0, -2.0)
    """
    largest = functools.reduce(jnp.maximum, (jnp.abs(value) for value in values))
    outgrown = largest > 2.0 ** _step(power.dtype)
    factor = jnp.where(outgrown, 2.0 ** -_step(power.dtype), 1.0).astype(power.dtype)
    return tuple(value * factor for value in values), power + outgrown.astype(power.dtype)


def thermal_state(number: int, hbar: Scalar, temperature: Scalar) -> FockState:
    """Thermal state of the oscillator, ρ_nn ∝ e^{−ħn/T}, cut at `number` levels and normalised there (d = 1).

    Without the cut its Wigner function is the Gaussian of variance (ħ/2)coth(ħ/2T) in x and in p. Traced numbers that are not
    positive give NaN.

    >>> import jaxwigner as jw
    >>> round(float(jw.thermal_state(60, hbar=0.5, temperature=1.0).matrix.real.trace()), 12)
    1.0
    """
    check_integer("number", number, at_least=1)
    check_positive_scalar("hbar", hbar)
    check_positive_scalar("temperature", temperature)
    levels = jnp.exp(-hbar / temperature * jnp.arange(number, dtype=float))
    physical = nan_unless((hbar > 0) & (temperature > 0))
    return FockState(physical * jnp.diag(levels / levels.sum()), hbar)
