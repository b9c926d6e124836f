"""One-dimensional model potentials of chemistry: a barrier to cross and a bond to break."""

import math
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.potentials._parameters import cast, parameter
from jaxwigner.potentials.potential import Bounds, OnLine
from jaxwigner.potentials.radial import Bell

# With S = sech² s: sup|(4 − 12S)S′| = 8 sup S√(1 − S)|1 − 3S|, at 15S² − 15S + 2 = 0.
_S = (15 + math.sqrt(105)) / 30
_ECKART_THIRD = 8 * _S * math.sqrt(1 - _S) * (3 * _S - 1)


class Eckart(Bell, OnLine):
    """U(x) = h sech²((x − c)/a), the symmetric Eckart barrier; h < 0 is the Pöschl–Teller well.

    **Arguments:**

    - `height`: h, a real number.
    - `width`: a > 0.
    - `centre`: c.

    !!! example

        >>> from jaxwigner.potentials import Eckart
        >>> barrier = Eckart(height=2.0, width=0.5)
        >>> float(barrier(0.0)), float(barrier.hessian_bound)
        (2.0, 16.0)
    """

    several: ClassVar[bool | None] = False
    suprema: ClassVar[tuple[float, float, float]] = (
        4 / math.sqrt(27),  # 2t(1 − t²) at t = tanh s = 1/√3
        2.0,  # |4S − 6S²| at S = 1
        _ECKART_THIRD,
    )

    # Type checkers make one of the fields where a module has none of its own.
    def __init__(self, height: Any, width: Any, centre: Any = 0.0):
        super().__init__(height, width, centre)

    def _scaled(self, x: Array) -> Array:
        return (x - cast(self.centre, x)) / cast(self.width, x)

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        scaled = self._scaled(q)
        # sech² s = 4σ(2s)σ(−2s) does not overflow and keeps its digits far out
        sech2 = 4 * jax.nn.sigmoid(2 * scaled) * jax.nn.sigmoid(-2 * scaled)
        return cast(self.height, q) * sech2

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        return (-2 / cast(self.width, q) * self(q) * jnp.tanh(self._scaled(q)),)


class Morse(OnLine):
    """U(x) = D (1 − exp(−a(x − c)))², an anharmonic bond of depth D (d = 1).

    It grows exponentially to the left, so that only its lower bound is finite.

    **Arguments:**

    - `depth`: D > 0.
    - `steepness`: a > 0; the stiffness at the minimum is 2Da².
    - `centre`: c, the equilibrium distance.

    !!! example

        >>> from jaxwigner.potentials import Morse
        >>> float(Morse(depth=1.0, steepness=2.0, centre=0.5)(0.5))
        0.0
    """

    depth: Float[Array, ""]
    steepness: Float[Array, ""]
    centre: Float[Array, ""]

    def __init__(self, depth: Any, steepness: Any, centre: Any = 0.0):
        self.depth = parameter("depth", depth, positive=True)
        self.steepness = parameter("steepness", steepness, positive=True)
        self.centre = parameter("centre", centre)

    def _scaled(self, x: Array) -> Array:
        return cast(self.steepness, x) * (x - cast(self.centre, x))

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        return cast(self.depth, q) * jnp.expm1(-self._scaled(q)) ** 2

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        factor = 2 * cast(self.depth * self.steepness, q)
        less = jnp.expm1(-self._scaled(q))  # e^{−s} − 1: one transcendental function a force
        return (-factor * less * (1 + less),)

    @property
    def bounds(self) -> Bounds:
        return Bounds(lower=0.0)
