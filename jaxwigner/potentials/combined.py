"""Potentials made of others: sums, multiples, and sums over the coordinates.

Their bounds follow from the bounds of the parts.
"""

import functools
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxwigner._checks import concrete, require
from jaxwigner.potentials._parameters import (
    bound,
    cast,
    common_dimension,
    common_period,
    length,
    multiple,
    parameter,
    spread,
    total,
)
from jaxwigner.potentials.potential import Bounds, Potential, as_potential


class Sum(Potential):
    """U = Σ_i U_i; each bound is the sum of the bounds of the parts, valid but rarely attained.

    **Arguments:**

    - `parts`: a sequence of potentials or callables. `U + V` makes the same module.

    !!! example

        >>> from jaxwigner.potentials import Cosine, Harmonic, Sum
        >>> float(Sum([Harmonic(2.0), Cosine(0.5)]).hessian_bound)
        2.5
    """

    parts: tuple[Potential, ...]

    def __init__(self, parts: Sequence[Any]):
        require(len(parts) > 0, "parts", "not be empty", parts)
        flat: list[Potential] = []
        for part in map(as_potential, parts):
            flat.extend(part.parts if isinstance(part, Sum) else [part])
        self.parts = tuple(flat)
        common_dimension(self.parts)

    def __call__(self, *x: Any) -> Array:
        x = self.coordinates(*x)
        return total([part(*x) for part in self.parts])

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        x = self.coordinates(*x)
        gradients = [part.gradient(*x) for part in self.parts]
        return tuple(total(component) for component in zip(*gradients))

    @property
    def bounds(self) -> Bounds:
        names = (f"{name}_bound" for name in Bounds._fields)
        return Bounds(
            *(total([bound(getattr(part, name)) for part in self.parts]) for name in names)
        )

    @property
    def period(self) -> float | None:
        return common_period(self.parts)

    @property
    def dimension(self) -> int | None:
        return common_dimension(self.parts)

    @property
    def domain(self) -> tuple[Any, Any]:
        first, last = zip(*(part.domain for part in self.parts))
        if concrete((first, last)):
            return functools.reduce(np.maximum, first), functools.reduce(np.minimum, last)
        first, last = ([bound(end) for end in ends] for ends in (first, last))
        return functools.reduce(jnp.maximum, first), functools.reduce(jnp.minimum, last)


class Scaled(Potential):
    """factor · U; a negative factor exchanges the lower and the upper bound.

    **Arguments:**

    - `potential`: a potential or a callable.
    - `factor`: a real number. `factor * U` makes the same module.

    !!! example

        >>> from jaxwigner.potentials import Torsion
        >>> potential = -2.0 * Torsion(1.0)
        >>> float(potential.lower_bound), float(potential.gradient_bound)
        (-4.0, 2.0)
    """

    potential: Potential
    factor: Float[Array, ""]

    def __init__(self, potential: Any, factor: Any):
        self.potential = as_potential(potential)
        self.factor = parameter("factor", factor)

    def __call__(self, *x: Any) -> Array:
        value = self.potential(*x)
        return cast(self.factor, value) * value

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        return tuple(cast(self.factor, part) * part for part in self.potential.gradient(*x))

    @property
    def bounds(self) -> Bounds:
        factor, inner = bound(self.factor), self.potential
        size = jnp.abs(factor)
        ends = bound(inner.lower_bound), bound(inner.upper_bound)
        return Bounds(
            lower=multiple(factor, jnp.where(factor >= 0, *ends)),
            upper=multiple(factor, jnp.where(factor >= 0, *ends[::-1])),
            gradient=multiple(size, inner.gradient_bound),
            hessian=multiple(size, inner.hessian_bound),
            third=multiple(size, inner.third_bound),
        )

    @property
    def period(self) -> float | None:
        return self.potential.period

    @property
    def dimension(self) -> int | None:
        return self.potential.dimension

    @property
    def domain(self) -> tuple[Any, Any]:
        return self.potential.domain


class Separable(Potential):
    """U(x) = Σ_i U_i(x_i): any potential of one coordinate, taken to d dimensions.

    **Arguments:**

    - `axes`: a sequence of d one-dimensional potentials or callables.

    !!! example

        >>> from jaxwigner.potentials import Separable, Torsion
        >>> potential = Separable([Torsion(3.0), Torsion(4.0)])
        >>> float(potential.upper_bound), float(potential.gradient_bound)
        (14.0, 5.0)
    """

    axes: tuple[Potential, ...]

    def __init__(self, axes: Any):
        require(len(axes) > 0, "axes", "not be empty", axes)
        self.axes = tuple(as_potential(axis) for axis in axes)
        dimensions = [axis.dimension for axis in self.axes]
        fits = all(dimension in (None, 1) for dimension in dimensions)
        require(fits, "axes", "be potentials of one coordinate", dimensions)

    @property
    def dimension(self) -> int | None:
        return len(self.axes)

    def __call__(self, *x: Any) -> Array:
        x = self.coordinates(*x)
        return total([axis(x_i) for axis, x_i in zip(self.axes, x)])

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        x = self.coordinates(*x)
        return spread([axis.gradient(x_i)[0] for axis, x_i in zip(self.axes, x)], x)

    @property
    def bounds(self) -> Bounds:
        # The coordinates vary independently: extremes add, gradients add in squares. D²U and D³U
        # are diagonal, and |Σ cᵢvᵢ³| ≤ max|cᵢ| for |v| = 1.
        def every(name: str) -> Array:
            return jnp.stack([bound(getattr(axis, name)) for axis in self.axes])

        return Bounds(
            lower=jnp.sum(every("lower_bound")),
            upper=jnp.sum(every("upper_bound")),
            gradient=length(every("gradient_bound")),
            hessian=jnp.max(every("hessian_bound")),
            third=jnp.max(every("third_bound")),
        )

    @property
    def period(self) -> float | None:
        return common_period(self.axes)

    @property
    def domain(self) -> tuple[Any, Any]:
        """Two vectors with the ends for each coordinate."""
        ends = tuple(zip(*(axis.domain for axis in self.axes)))
        if concrete(ends):
            return np.array(ends[0], dtype=float), np.array(ends[1], dtype=float)
        first, last = (jnp.stack([bound(end) for end in side]) for side in ends)
        return first, last
