"""Potentials of the distance |x − c| alone, in any dimension.

For U(x) = φ(|x|²) the derivative D³U is a symmetric 3-tensor, so its operator norm is attained on
(v, v, v) with |v| = 1 (Banach): it is a third derivative along a line, and a supremum over lines.
"""

import math
from typing import Any, ClassVar

import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.potentials._parameters import (
    bound,
    cast,
    component,
    parameter,
    spread,
    total,
    unbounded,
)
from jaxwigner.potentials.potential import Bounds, Potential

_ROOT6, _ROOT30 = math.sqrt(6), math.sqrt(30)
# sup|s³ − 3s|e^{−s²/2}: its derivative vanishes where s⁴ − 6s² + 3 = 0, the smaller s² wins.
_GAUSSIAN_THIRD = math.sqrt(3 - _ROOT6) * _ROOT6 * math.exp((_ROOT6 - 3) / 2)
# sup|d³(1 + s²)^{−1/2}/ds³| = sup|s(9 − 6s²)|(1 + s²)^{−7/2}, at 8s⁴ − 24s² + 3 = 0.
_SQUARE = (6 - _ROOT30) / 4
_COULOMB_THIRD = math.sqrt(_SQUARE) * (9 - 6 * _SQUARE) / (1 + _SQUARE) ** 3.5


class Bell(Potential):
    """U(x) = h b((x − c)/w), where b(0) = 1 and b falls to 0: the bounds are those of b, scaled."""

    several: ClassVar[bool | None] = None  # whether c is a vector; None: either
    suprema: ClassVar[tuple[float, float, float]]  # sup|∇b|, sup‖D²b‖, sup‖D³b‖

    height: Float[Array, ""]
    width: Float[Array, ""]
    centre: Float[Array, "..."]

    def __init__(self, height: Any, width: Any, centre: Any = 0.0):
        self.height = parameter("height", height)
        self.width = parameter("width", width, positive=True)
        self.centre = parameter("centre", centre, vector=self.several)

    @property
    def bounds(self) -> Bounds:
        height, width = bound(self.height), bound(self.width)
        slopes = [jnp.abs(height) * b / width ** (k + 1) for k, b in enumerate(self.suprema)]
        return Bounds(jnp.minimum(height, 0.0), jnp.maximum(height, 0.0), *slopes)


class Gaussian(Bell):
    """U(x) = h exp(−|x − c|²/(2w²)), a hill (h > 0) or a well (h < 0), in any dimension.

    **Arguments:**

    - `height`: h, a real number.
    - `width`: w > 0.
    - `centre`: c, a number for all axes or a sequence of d.

    !!! example

        >>> from jaxwigner.potentials import Gaussian
        >>> hill = Gaussian(height=2.0, width=0.5)
        >>> float(hill(0.0, 0.0)), float(hill.hessian_bound)
        (2.0, 8.0)
    """

    suprema: ClassVar[tuple[float, float, float]] = (
        math.exp(-0.5),  # s e^{−s²/2} at s = 1
        # the eigenvalues −1 and s² − 1 times e^{−s²/2} are largest in size at s = 0
        1.0,
        # off the axis of v the derivative along v only gains a factor e^{−s⊥²/2}
        _GAUSSIAN_THIRD,
    )

    # Type checkers make one of the fields where a module has none of its own.
    def __init__(self, height: Any, width: Any, centre: Any = 0.0):
        super().__init__(height, width, centre)

    @property
    def dimension(self) -> int | None:
        return None if jnp.ndim(self.centre) == 0 else self.centre.shape[0]

    def _scaled(self, x: tuple[Array, ...]) -> list[Array]:
        width = cast(self.width, x[0])
        return [(x_i - component(self.centre, i, x_i)) / width for i, x_i in enumerate(x)]

    def __call__(self, *x: Any) -> Array:
        scaled = self._scaled(self.coordinates(*x))
        square = total([s_i**2 for s_i in scaled])
        return cast(self.height, square) * jnp.exp(-0.5 * square)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        x = self.coordinates(*x)
        value = self(*x)
        width = cast(self.width, value)
        return spread([-s_i * value / width for s_i in self._scaled(x)], x)


class SoftCoulomb(Potential):
    """U(x) = C / √(|x|² + a²), the Coulomb potential softened at the distance a, any dimension.

    **Arguments:**

    - `charge`: C, the product of the charges: positive repels.
    - `softening`: a > 0.

    !!! example

        >>> from jaxwigner.potentials import SoftCoulomb
        >>> float(SoftCoulomb(charge=1.0, softening=3.0)(4.0))
        0.2
    """

    charge: Float[Array, ""]
    softening: Float[Array, ""]

    def __init__(self, charge: Any, softening: Any):
        self.charge = parameter("charge", charge)
        self.softening = parameter("softening", softening, positive=True)

    def __call__(self, *x: Any) -> Array:
        x = self.coordinates(*x)
        square = total([x_i**2 for x_i in x]) + cast(self.softening, x[0]) ** 2
        return cast(self.charge, square) / jnp.sqrt(square)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        x = self.coordinates(*x)
        square = total([x_i**2 for x_i in x]) + cast(self.softening, x[0]) ** 2
        factor = cast(self.charge, square) / (square * jnp.sqrt(square))
        return spread([-factor * x_i for x_i in x], x)

    @property
    def bounds(self) -> Bounds:
        charge, soft = bound(self.charge), bound(self.softening)
        size = jnp.abs(charge)
        return Bounds(
            lower=jnp.minimum(charge, 0.0) / soft,
            upper=jnp.maximum(charge, 0.0) / soft,
            gradient=2 / math.sqrt(27) * size / soft**2,  # r(r² + a²)^{−3/2} at r² = a²/2
            # the eigenvalues −1 and (2s² − 1)/(1 + s²) times (1 + s²)^{−3/2}: at s = 0
            hessian=size / soft**3,
            # along v, at the distance b from 0: (a² + b²)^{−2} g‴(s), largest at b = 0
            third=_COULOMB_THIRD * size / soft**4,
        )


class Cone(Potential):
    """U(x) = −σ|x|, in any dimension; Lipschitz, and C^{1,1} nowhere near the tip.

    With σ = 1 and d = 2 it is the lower eigenvalue of [[x1, x2], [x2, −x1]], the eigenvalue
    crossing of Ambrosio, Friesecke and Giannoulis, Remark 1. At the tip, where there is no
    gradient, `gradient` and automatic differentiation to any order return zero.

    **Arguments:**

    - `slope`: σ, a real number.

    !!! example

        >>> from jaxwigner.potentials import Cone
        >>> float(Cone(2.0)(3.0, 4.0))
        -10.0
        >>> [float(g) for g in Cone(2.0).gradient(3.0, 4.0)]
        [-1.2, -1.6]
    """

    slope: Float[Array, ""]

    def __init__(self, slope: Any = 1.0):
        self.slope = parameter("slope", slope)

    def __call__(self, *x: Any) -> Array:
        radius, _, away = self._polar(self.coordinates(*x))
        return -cast(self.slope, radius) * jnp.where(away, radius, 0.0)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        x = self.coordinates(*x)
        radius, units, away = self._polar(x)
        slope = cast(self.slope, radius)
        return spread([jnp.where(away, -slope * unit, 0.0) for unit in units], x)

    def _polar(self, x: tuple[Array, ...]) -> tuple[Array, list[Array], Array]:
        """|x|, x/|x| and whether x ≠ 0, with 1 for |x| at the tip, so that no branch is NaN."""
        square = total([x_i**2 for x_i in x])
        away = square > 0
        radius = jnp.sqrt(jnp.where(away, square, 1.0))
        return radius, [x_i / radius for x_i in x], away

    @property
    def bounds(self) -> Bounds:
        slope = bound(self.slope)
        return Bounds(
            lower=-unbounded(jnp.maximum(slope, 0.0)),
            upper=unbounded(jnp.minimum(slope, 0.0)),
            gradient=jnp.abs(slope),
            hessian=unbounded(slope),
            third=unbounded(slope),
        )
