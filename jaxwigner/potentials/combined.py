"""Potentials made of others: sums, multiples, and sums over the coordinates.

Their bounds follow from the bounds of the parts.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.potentials._parameters import (
    bound,
    common_period,
    length,
    spread,
    total,
)
from jaxwigner.potentials.potential import Bounds, Driven, Potential, as_potential


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


class Corrected(Potential):
    """U − c|∇U|²/m, the potential of a modified kick (Chin's double commutator), exact for kinetic energy |p|²/2m."""

    potential: Potential
    correction: Scalar | tuple[Scalar, ...]  # c/m, or c/m_i for each coordinate

    def __call__(self, *x):
        slopes = self.potential.gradient(*x)
        if isinstance(self.correction, tuple):
            lower = sum(c * slope**2 for c, slope in zip(self.correction, slopes))
        else:
            lower = self.correction * sum(slope**2 for slope in slopes)
        return self.potential(*x) - lower


def corrected(potential: Potential, weight: Scalar, mass: Any) -> Corrected:
    """U − weight·Σ|∂_iU|²/m_i for one mass, or a tuple of them."""
    each = isinstance(mass, tuple)
    return Corrected(potential, tuple(weight / m for m in mass) if each else weight / mass)


def floor_of(potential: Potential) -> Any:
    """κ = inf U_b.

    **Raises:** `ValueError` for a U_b that does not know its lower bound.

    >>> from jaxwigner.potentials import Harmonic
    >>> from jaxwigner.potentials.combined import floor_of
    >>> float(floor_of(Harmonic(2.0)))
    0.0
    """
    kappa = potential.lower_bound
    if concrete(kappa):
        must = "be bounded below and know its `lower_bound`"
        require(np.isfinite(np.asarray(kappa)), "potential", must, kappa)
    return kappa


def is_driven(tree: Any) -> bool:
    """Whether a potential, or anything in a tree, depends on time."""
    parts = jax.tree.leaves(tree, is_leaf=lambda part: isinstance(part, Driven))
    return any(isinstance(part, Driven) for part in parts)
