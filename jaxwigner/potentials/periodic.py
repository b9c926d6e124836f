"""Periodic potentials of one angle; their periods are exact."""

import abc
import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import check_integer, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.potentials._parameters import bound, cast, parameter
from jaxwigner.potentials.potential import Bounds, OnLine


class Wave(OnLine):
    """±a cos(kx) and a constant: period 2π/k, and derivatives of order j up to |a|kʲ."""

    @property
    @abc.abstractmethod
    def _wave(self) -> tuple[Array, float]:
        """a and k."""

    @property
    def period(self) -> float | None:
        return 2 * math.pi / self._wave[1]

    @property
    def _slopes(self) -> list[Array]:
        """sup|U′|, sup|U″|, sup|U‴|."""
        amplitude, k = self._wave
        return [jnp.abs(amplitude) * k**order for order in (1, 2, 3)]


class Torsion(Wave):
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

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        # 1 − cos y = 2 sin²(y/2), without cancellation near the minimum
        return 2 * cast(self.height, q) * jnp.sin(0.5 * self.fold * q) ** 2

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        return (self.fold * cast(self.height, q) * jnp.sin(self.fold * q),)

    @property
    def _wave(self) -> tuple[Array, float]:
        return bound(self.height), self.fold

    @property
    def bounds(self) -> Bounds:
        h = bound(self.height)
        return Bounds(2 * jnp.minimum(h, 0.0), 2 * jnp.maximum(h, 0.0), *self._slopes)


class Cosine(Wave):
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

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        return cast(self.amplitude, q) * jnp.cos(self.wavenumber * q)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        return (-self.wavenumber * cast(self.amplitude, q) * jnp.sin(self.wavenumber * q),)

    @property
    def _wave(self) -> tuple[Array, float]:
        return bound(self.amplitude), self.wavenumber

    @property
    def bounds(self) -> Bounds:
        size = jnp.abs(bound(self.amplitude))
        return Bounds(-size, size, *self._slopes)
