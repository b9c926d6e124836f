"""Potential energy curves of H2+ and H2 that are cheap enough for dynamics, from tables of E(R)."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.polynomial import Chebyshev

from jaxwigner._export import register_modules
from jaxwigner._types import Array
from jaxwigner.molecules import _h2_series as _h2_table
from jaxwigner.molecules._h2plus_series import COEFFICIENTS, MIDPOINT, PARITY
from jaxwigner.potentials.potential import Bounds, Potential

FEW = 2048  # points, of a grid of distances: to run is nothing, to compile much


class ElectronicCurve(Potential):
    """U_b(x) = E(|x|), as a Chebyshev series in (|x| − 3)/(|x| + 3), for all x in any dimension.

    Made by `h2plus.bounded_part` and `h2.bounded_part`, which say more.
    """

    level: str = eqx.field(static=True)

    def __call__(self, *x: Any) -> Array:
        square = sum(array**2 for array in self.coordinates(*x))
        # The square root has no gradient at 0; that of U_b is 0.
        away = square > 0
        distance = jnp.where(away, jnp.sqrt(jnp.where(away, square, 1)), 0)
        s = (distance - MIDPOINT) / (distance + MIDPOINT)
        return _series(_coefficients(self.level), s)

    @property
    def bounds(self) -> Bounds:
        found = _features(self.level)
        # The eigenvalues of the Hessian are E″ and E′/|x|, a mean of E″.
        return Bounds(found.lowest, found.highest, found.slope, found.curvature)


class EnergyCurve(Potential):
    """U(R) = U_b(R) + 1/R for R ≥ `lower`, continued to the whole line.

    Made by `h2plus.surface` and `h2.surface`, which say more.
    """

    electronic: ElectronicCurve
    lower: Float[Array, ""]

    def __call__(self, *x: Any) -> Array:
        (distance,) = self.coordinates(*x)
        return self.electronic(distance) + _repulsion(distance, self.lower.astype(distance.dtype))

    @property
    def dimension(self) -> int | None:
        return 1

    @property
    def bounds(self) -> Bounds:
        return Bounds(lower=_features(self.electronic.level).minimum)

    @property
    def equilibrium(self) -> float:
        """The distance, in bohr, at which U is least."""
        return _features(self.electronic.level).equilibrium


def _repulsion(distance: Array, lower: Array) -> Array:
    """1/R, and below `lower` its Taylor polynomial (1 − u + u² − u³)/lower, u = R/lower − 1."""
    below = distance < lower
    u = jnp.where(below, distance / lower - 1, 0)
    return jnp.where(
        below, (1 - u * (1 - u * (1 - u))) / lower, 1 / jnp.where(below, lower, distance)
    )


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _series(coefficients: tuple[float, ...], s: Array) -> Array:
    """Σ_k c_k T_k(s) by Clenshaw's recurrence: unrolled, one fused loop over many points; for the points of a grid a short program."""
    carry = jnp.zeros_like(s), jnp.zeros_like(s), 2 * s
    if s.ndim > 0 and s.size <= FEW:
        carry, _ = jax.lax.scan(_further, carry, jnp.asarray(coefficients[:0:-1], s.dtype))
    else:
        for coefficient in coefficients[:0:-1]:
            carry, _ = _further(carry, coefficient)
    current, previous, _ = carry
    return coefficients[0] + s * current - previous


def _further(carry, coefficient):
    current, previous, twice = carry
    return (coefficient + twice * current - previous, current, twice), None


@_series.defjvp
def _series_jvp(coefficients, primals, tangents):
    # The derivative is a series as well: nothing of the recurrence is kept for the way back.
    (s,), (change,) = primals, tangents
    return _series(coefficients, s), _series(_derivative(coefficients), s) * change


@functools.lru_cache
def _derivative(coefficients: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(Chebyshev(coefficients).deriv().coef.tolist())


H2 = "X1sg"
"""The level of H2 among those of H2+: its ground state."""

_UNITED = {"1ssg": -2.0, H2: _h2_table.UNITED_ATOM}


def _coefficients(level: str) -> tuple[float, ...]:
    return _h2_table.COEFFICIENTS if level == H2 else COEFFICIENTS[PARITY[level]]


class _Features(NamedTuple):
    equilibrium: float
    minimum: float
    lowest: float
    highest: float
    slope: float
    curvature: float


def _derivatives(level: str) -> list[Callable[[np.ndarray], np.ndarray]]:
    """E, E′ and E″ of the table as functions of R."""
    value = Chebyshev(_coefficients(level))
    first, second = value.deriv(), value.deriv(2)

    def s(r):
        return (r - MIDPOINT) / (r + MIDPOINT)

    def slope(r):
        return 2 * MIDPOINT / (r + MIDPOINT) ** 2

    return [
        lambda r: value(s(r)),
        lambda r: first(s(r)) * slope(r),
        lambda r: (second(s(r)) * slope(r) - 2 * first(s(r)) / (r + MIDPOINT)) * slope(r),
    ]


@functools.lru_cache
def _features(level: str) -> _Features:
    """The minimum of U, and bounds of U_b measured on a fine grid."""
    E, dE, ddE = _derivatives(level)
    r = np.linspace(0, 30, 30001)
    least = r[1 + np.argmin(E(r[1:]) + 1 / r[1:])]
    for _ in range(4):
        least -= (dE(least) - 1 / least**2) / (ddE(least) + 2 / least**3)
    margin = 1 + 1e-6
    return _Features(
        equilibrium=float(least),
        minimum=float(E(least) + 1 / least),
        # The united atom, where it lies lowest.
        lowest=_UNITED.get(level, float(E(r).min()) * margin),
        highest=-1.0 if level == H2 else -0.5,
        slope=float(np.abs(dE(r)).max()) * margin,
        curvature=float(np.abs(ddE(r)).max()) * margin,
    )


register_modules()  # this file is imported when a molecule is asked for
