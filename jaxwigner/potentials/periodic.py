"""Periodic potentials of one angle; their periods are exact."""

import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import check_integer, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.potentials._parameters import bound, cast, parameter
from jaxwigner.potentials.potential import Bounds, OnLine


class Torsion(OnLine):
    """U(x) = h (1 − cos(n x)), the hindered rotation of a group with n equal minima (d = 1).

    **Arguments:**

    - `height`: h, a real number; the barrier is 2h.
    - `fold`: n ≥ 1, an integer (static).

    !!! example

        >>> from jaxwigner.potentials import Torsion
        >>> potential = Torsion(0.5, fold=3)
        >>> float(potential.upper_bound), float(potential.hessian_bound)
        (1.0, 4.5)
    """

    height: Float[Array, ""]
    fold: int = eqx.field(static=True)

    def __init__(self, height: Any, fold: Any = 1):
        self.height = parameter("height", height)
        check_integer("fold", fold, at_least=1)
        self.fold = int(fold)

    @property
    def period(self) -> float | None:
        return 2 * math.pi / self.fold

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        # 1 − cos y = 2 sin²(y/2), without cancellation near the minimum
        return 2 * cast(self.height, q) * jnp.sin(0.5 * self.fold * q) ** 2

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        return (self.fold * cast(self.height, q) * jnp.sin(self.fold * q),)

    @property
    def bounds(self) -> Bounds:
        return Bounds(
            lower=2 * jnp.minimum(bound(self.height), 0.0),
            upper=2 * jnp.maximum(bound(self.height), 0.0),
            gradient=jnp.abs(bound(self.height)) * self.fold,
            hessian=jnp.abs(bound(self.height)) * self.fold**2,
            third=jnp.abs(bound(self.height)) * self.fold**3,
        )


class Cosine(OnLine):
    """U(x) = λ cos(k x) (d = 1): as a pair potential, the mean-field rotor model.

    **Arguments:**

    - `amplitude`: λ, a real number.
    - `wavenumber`: k > 0 (static, since the period 2π/k is).

    !!! example

        >>> from jaxwigner.potentials import Cosine
        >>> potential = Cosine(2.0, wavenumber=3.0)
        >>> float(potential(0.0)), float(potential.gradient_bound)
        (2.0, 6.0)
    """

    amplitude: Float[Array, ""]
    wavenumber: float = eqx.field(static=True)

    def __init__(self, amplitude: Any, wavenumber: Any = 1.0):
        self.amplitude = parameter("amplitude", amplitude)
        require(concrete(wavenumber), "wavenumber", "be static (not traced)", repr(wavenumber))
        check_positive_scalar("wavenumber", wavenumber)
        self.wavenumber = float(wavenumber)

    @property
    def period(self) -> float | None:
        return 2 * math.pi / self.wavenumber

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        return cast(self.amplitude, q) * jnp.cos(self.wavenumber * q)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        return (-self.wavenumber * cast(self.amplitude, q) * jnp.sin(self.wavenumber * q),)

    @property
    def bounds(self) -> Bounds:
        return Bounds(
            lower=-jnp.abs(bound(self.amplitude)),
            upper=jnp.abs(bound(self.amplitude)),
            gradient=jnp.abs(bound(self.amplitude)) * self.wavenumber,
            hessian=jnp.abs(bound(self.amplitude)) * self.wavenumber**2,
            third=jnp.abs(bound(self.amplitude)) * self.wavenumber**3,
        )
