"""Numbers known between two bounds, and their arithmetic.

A `Bracket(lower, upper)` says lower ≤ x ≤ upper, elementwise. Sums, differences, products and monotone functions of brackets
bracket the results (interval arithmetic, without outward rounding: widths are meant to be ≫ 1e-15). `rigorous` says whether
the bounds are proved (duality, a closed form) or estimated (refinement); a result is as rigorous as its inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Real

from jaxwigner._checks import check_real, concrete, require
from jaxwigner._types import Array

Number = float | np.number | Real[Array, "..."]


class Bracket(eqx.Module):
    """A number known between two bounds: lower ≤ x ≤ upper.

    **Arguments:** `lower`, `upper`: real numbers or arrays of one shape; `rigorous`: whether both bounds are proved.

    **Raises:** `ValueError` if a bound is not real or the bounds are reversed.

    >>> from jaxwigner import Bracket
    >>> x = Bracket(1.0, 1.5) - Bracket.exact(0.25)
    >>> float(x.lower), float(x.upper), x.rigorous
    (0.75, 1.25, True)
    """

    lower: Any
    upper: Any
    rigorous: bool = eqx.field(static=True)

    def __init__(
        self, lower: Number | Sequence[Any], upper: Number | Sequence[Any], rigorous: bool = True
    ):
        check_real("lower", lower)
        check_real("upper", upper)
        if concrete((lower, upper)):
            ordered = np.asarray(lower) <= np.asarray(upper)
            require(ordered, "upper", "be at least `lower`", upper)
        self.lower = _number(lower)
        self.upper = _number(upper)
        self.rigorous = rigorous

    @classmethod
    def exact(cls, value: Number) -> Bracket:
        """A number known exactly (up to rounding)."""
        return cls(value, value)

    @classmethod
    def estimated(cls, value: Number, error: Number) -> Bracket:
        """`value` ± `error`, where the error is an estimate (a refinement), not a proof."""
        return cls(value - abs(error), value + abs(error), rigorous=False)

    @property
    def centre(self):
        """The midpoint."""
        return (self.lower + self.upper) / 2

    @property
    def width(self):
        """upper − lower."""
        return self.upper - self.lower

    def contains(self, value: Number) -> Any:
        """Whether `value` lies between the bounds."""
        return (self.lower <= value) & (value <= self.upper)

    def __add__(self, other: Bracket | Number) -> Bracket:
        other = _as_bracket(other)
        both = self.rigorous and other.rigorous
        return Bracket(self.lower + other.lower, self.upper + other.upper, both)

    def __neg__(self) -> Bracket:
        return Bracket(-self.upper, -self.lower, self.rigorous)

    def __sub__(self, other: Bracket | Number) -> Bracket:
        return self + (-_as_bracket(other))

    def __rsub__(self, other: Number) -> Bracket:
        return _as_bracket(other) - self

    def __mul__(self, other: Bracket | Number) -> Bracket:
        other = _as_bracket(other)
        products = (
            self.lower * other.lower,
            self.lower * other.upper,
            self.upper * other.lower,
            self.upper * other.upper,
        )
        xp = module_of(*products)
        corners = xp.stack(xp.broadcast_arrays(*products))
        return Bracket(corners.min(0), corners.max(0), self.rigorous and other.rigorous)

    def __truediv__(self, other: Bracket | Number) -> Bracket:
        other = _as_bracket(other)
        if concrete((other.lower, other.upper)):
            away = (np.asarray(other.lower) > 0) | (np.asarray(other.upper) < 0)
            require(away, "divisor", "not contain zero", other)
        return self * Bracket(1 / other.upper, 1 / other.lower, other.rigorous)

    def sqrt(self) -> Bracket:
        """√x; a lower bound below zero counts as zero, since x is known to be a square."""
        root_lower = jnp.sqrt(jnp.maximum(self.lower, 0.0))
        return Bracket(root_lower, jnp.sqrt(jnp.maximum(self.upper, 0.0)), self.rigorous)

    def exp(self) -> Bracket:
        """eˣ."""
        return Bracket(jnp.exp(self.lower), jnp.exp(self.upper), self.rigorous)

    def __abs__(self) -> Bracket:
        straddles = (self.lower <= 0) & (self.upper >= 0)
        xp = module_of(self.lower, self.upper)
        ends = xp.stack(xp.broadcast_arrays(abs(self.lower), abs(self.upper)))
        low = xp.where(straddles, xp.zeros_like(ends[0]), ends.min(0))
        return Bracket(low, ends.max(0), self.rigorous)

    def widen(self, error: Number, *, rigorous: bool = True) -> Bracket:
        """Both bounds moved outwards by |error|, a named error that the bounds did not yet contain."""
        both = self.rigorous and rigorous
        return Bracket(self.lower - abs(error), self.upper + abs(error), both)

    def max(self) -> Bracket:
        """The largest of an array of bracketed numbers (a supremum over samples)."""
        xp = module_of(self.lower, self.upper)
        return Bracket(xp.max(self.lower), xp.max(self.upper), self.rigorous)

    __radd__ = __add__
    __rmul__ = __mul__


def _number(value: Any) -> Any:
    """Lists as arrays: their sum would join them."""
    return jnp.asarray(value) if isinstance(value, (list, tuple)) else value


def module_of(*values: Any) -> Any:
    """NumPy, unless some of the values are arrays of JAX: each of its operations is a program of its own.

    >>> import numpy as np
    >>> from jaxwigner.brackets import module_of
    >>> module_of(1.0, np.ones(2)).__name__
    'numpy'
    """
    return jnp if any(isinstance(value, jax.Array) for value in values) else np


def _as_bracket(value: Bracket | Number) -> Bracket:
    return value if isinstance(value, Bracket) else Bracket.exact(value)
