"""Potentials that are polynomials: nothing, a constant force, oscillators, a double well."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.potentials._parameters import (
    bound,
    broadcast_shape,
    cast,
    component,
    length,
    parameter,
    spread,
    total,
    unbounded,
)
from jaxwigner.potentials.potential import Bounds, OnLine, Potential


class Free(Potential):
    """U = 0, in any dimension: free flight.

    !!! example

        >>> from jaxwigner.potentials import Free
        >>> float(Free()(1.0, 2.0))
        0.0
    """

    def __call__(self, *x: Any) -> Array:
        x = self.coordinates(*x)
        return jnp.zeros(broadcast_shape(x), x[0].dtype)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        return tuple(self(*x) for _ in x)

    @property
    def bounds(self) -> Bounds:
        return Bounds(
            lower=0.0,
            upper=0.0,
            gradient=0.0,
            hessian=0.0,
            third=0.0,
        )


class Harmonic(Potential):
    """U(x) = ½ Σ_i k_i (x_i − c_i)², the oscillator, in any dimension.

    With k < 0 it is the inverted oscillator, whose flow stretches phase space the most among all
    forces of the same Lipschitz constant.

    **Arguments:**

    - `stiffness`: k, a real number for all axes or a sequence of d of them.
    - `centre`: c, a number for all axes or a sequence of d.
    - `frequency`: ω > 0 in place of the stiffness: k = ω² (for mass 1; k = mω² in general).

    **Raises:** `ValueError` unless exactly one of `stiffness` and `frequency` is given.

    !!! example

        >>> from jaxwigner.potentials import Harmonic
        >>> float(Harmonic(2.0)(3.0))
        9.0
        >>> float(Harmonic(frequency=(1.0, 3.0)).hessian_bound)
        9.0
    """

    stiffness: Float[Array, "..."]
    centre: Float[Array, "..."]

    def __init__(self, stiffness: Any = None, centre: Any = 0.0, *, frequency: Any = None):
        given = (stiffness is None) != (frequency is None)
        require(given, "stiffness", "be given, or else `frequency`, but not both", stiffness)
        if stiffness is None:
            self.stiffness = parameter("frequency", frequency, positive=True, vector=None) ** 2
        else:
            self.stiffness = parameter("stiffness", stiffness, vector=None)
        self.centre = parameter("centre", centre, vector=None)
        sizes = {np.size(leaf) for leaf in (self.stiffness, self.centre) if np.ndim(leaf) == 1}
        require(len(sizes) <= 1, "centre", "have one entry for each stiffness", centre)

    @property
    def dimension(self) -> int | None:
        vectors = [leaf for leaf in (self.stiffness, self.centre) if jnp.ndim(leaf) == 1]
        return vectors[0].shape[0] if vectors else None

    def _parts(self, x: tuple[Array, ...]) -> list[tuple[Array, Array]]:
        return [
            (component(self.stiffness, i, x_i), x_i - component(self.centre, i, x_i))
            for i, x_i in enumerate(x)
        ]

    def __call__(self, *x: Any) -> Array:
        parts = self._parts(self.coordinates(*x))
        return total([0.5 * stiffness * shifted**2 for stiffness, shifted in parts])

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        x = self.coordinates(*x)
        return spread([stiffness * shifted for stiffness, shifted in self._parts(x)], x)

    @property
    def bounds(self) -> Bounds:
        return Bounds(
            lower=jnp.where(jnp.any(bound(self.stiffness) < 0), -jnp.inf, bound(0.0)),
            upper=jnp.where(jnp.any(bound(self.stiffness) > 0), jnp.inf, bound(0.0)),
            gradient=unbounded(self.stiffness),
            hessian=jnp.max(jnp.abs(bound(self.stiffness))),  # D²U = diag(k)
            third=0.0,
        )


class Linear(Potential):
    """U(x) = −F·x, a constant force F.

    **Arguments:**

    - `force`: F, a number in one dimension or a sequence of d numbers.

    !!! example

        >>> from jaxwigner.potentials import Linear
        >>> float(Linear(2.0)(3.0))
        -6.0
    """

    force: Float[Array, "..."]

    def __init__(self, force: Any):
        self.force = parameter("force", force, vector=None)

    @property
    def dimension(self) -> int | None:
        return 1 if jnp.ndim(self.force) == 0 else self.force.shape[0]

    def __call__(self, *x: Any) -> Array:
        x = self.coordinates(*x)
        return -total([component(self.force, i, x_i) * x_i for i, x_i in enumerate(x)])

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        x = self.coordinates(*x)
        return spread([-component(self.force, i, x_i) for i, x_i in enumerate(x)], x)

    @property
    def bounds(self) -> Bounds:
        return Bounds(
            lower=-unbounded(self.force),
            upper=unbounded(self.force),
            gradient=length(jnp.atleast_1d(bound(self.force))),
            hessian=0.0,
            third=0.0,
        )


class DoubleWell(OnLine):
    """U(x) = h (x²/a² − 1)², with minima at ±a and a barrier of height h between them (d = 1).

    **Arguments:**

    - `height`: h > 0.
    - `separation`: the distance 2a > 0 between the minima.

    !!! example

        >>> from jaxwigner.potentials import DoubleWell
        >>> potential = DoubleWell(height=0.5, separation=2.0)
        >>> float(potential(0.0)), float(potential(1.0))
        (0.5, 0.0)
    """

    height: Float[Array, ""]
    separation: Float[Array, ""]

    def __init__(self, height: Any, separation: Any):
        self.height = parameter("height", height, positive=True)
        self.separation = parameter("separation", separation, positive=True)

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        scaled = 2 * q / cast(self.separation, q)
        return cast(self.height, q) * (scaled**2 - 1) ** 2

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        scaled = 2 * q / cast(self.separation, q)
        return (8 * cast(self.height / self.separation, q) * scaled * (scaled**2 - 1),)

    @property
    def bounds(self) -> Bounds:
        return Bounds(lower=0.0)
