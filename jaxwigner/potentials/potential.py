"""What every potential offers: values, gradients, and the bounds that the theorems ask for.

A potential U is an elementwise function of d coordinate arrays. Beside U and ∇U it states
inf U, sup U, sup|∇U|, Lip(∇U) = sup‖D²U‖ and sup‖D³U‖ (operator norms), infinite where there is
no such bound.
"""

import abc
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.potentials._functions import opened, value_of
from jaxwigner.potentials._parameters import (
    bound,
    broadcast_shape,
    cast,
    common_dimension,
    common_period,
    default_float,
    multiple,
    parameter,
    total,
)

Bound = Float[Array, ""] | float


class Bounds(NamedTuple):
    """inf U, sup U, sup|∇U|, sup‖D²U‖ and sup‖D³U‖, or valid bounds for them."""

    lower: Bound = -math.inf
    upper: Bound = math.inf
    gradient: Bound = math.inf
    hessian: Bound = math.inf
    third: Bound = math.inf


class Potential(eqx.Module):
    """An external potential U of d coordinates, or a pair potential V of their differences.

    Subclasses define `__call__(self, *x)`; the gradient is found by automatic differentiation
    unless they override it, and every bound is infinite unless they know better. Parameters are
    leaves of the module: they may be traced, batched by `jax.vmap` and differentiated.

    **Attributes:**

    - `lower_bound`, `upper_bound`: inf U and sup U, or valid bounds for them.
    - `gradient_bound`: sup|∇U|, the Lipschitz constant of U.
    - `hessian_bound`: the Lipschitz constant of ∇U.
    - `third_bound`: sup‖D³U‖, the Lipschitz constant of D²U.
    - `period`: the exact period in each coordinate, or None.
    - `dimension`: the number d of coordinates, or None where any number will do.
    - `domain`: the interval of each coordinate in which U is defined.

    !!! example

        >>> from jaxwigner.potentials import DoubleWell, Harmonic
        >>> potential = 0.5 * DoubleWell(height=1.0, separation=2.0) + Harmonic(0.1)
        >>> float(potential(0.0))
        0.5
    """

    # Let numpy scalars and arrays leave `scalar * U` to U.
    __array_ufunc__ = None

    @abc.abstractmethod
    def __call__(self, *x: Any) -> Array:
        """U(x) of d arrays of mutually broadcastable shapes; returns the broadcast shape."""

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        """∇U(x): d arrays, each of the shape to which the arguments broadcast."""
        full = tuple(jnp.broadcast_arrays(*self.coordinates(*x)))
        # U is elementwise: the gradient of the sum is the gradient at each element.
        return tuple(jax.grad(lambda x: jnp.sum(self(*x)))(full))

    def coordinates(self, *x: Any) -> tuple[Array, ...]:
        """The arguments as floating point arrays of one type, after a check of their number."""
        wanted = self.dimension
        if len(x) != (max(len(x), 1) if wanted is None else wanted):
            number = "at least one" if wanted is None else f"{wanted}"
            raise ValueError(f"Argument `x` must be {number} coordinate array(s), but is {len(x)}")
        arrays = [jnp.asarray(array) for array in x]
        arrays = [
            array if jnp.issubdtype(array.dtype, jnp.inexact) else array.astype(default_float())
            for array in arrays
        ]
        dtype = jnp.result_type(*arrays)
        return tuple(array.astype(dtype) for array in arrays)

    @property
    def bounds(self) -> Bounds:
        """The five bounds together; a subclass that knows some of them overrides this."""
        return Bounds()

    @property
    def lower_bound(self) -> Bound:
        return self.bounds.lower

    @property
    def upper_bound(self) -> Bound:
        return self.bounds.upper

    @property
    def gradient_bound(self) -> Bound:
        return self.bounds.gradient

    @property
    def hessian_bound(self) -> Bound:
        return self.bounds.hessian

    @property
    def third_bound(self) -> Bound:
        return self.bounds.third

    @property
    def period(self) -> float | None:
        return None

    @property
    def dimension(self) -> int | None:
        return None

    @property
    def domain(self) -> tuple[Any, Any]:
        return -math.inf, math.inf

    def covers(self, lower: Any, upper: Any) -> Any:
        """Whether U is defined on the box from `lower` to `upper` (numbers, or one for each axis).

        A bool, or a traced array where the box or the domain is traced.
        """
        first, last = self.domain
        known = concrete((lower, upper, first, last))
        xp = np if known else jnp
        lower, upper, first, last = (
            xp.asarray(end, dtype=float if known else default_float())
            for end in (lower, upper, first, last)
        )
        inside = xp.all(lower >= first) & xp.all(upper <= last)
        return bool(inside) if known else inside

    def __add__(self, other: Any) -> "Potential":
        return Sum((self, other)) if callable(other) else NotImplemented

    def __radd__(self, other: Any) -> "Potential":
        if isinstance(other, int) and other == 0:  # the start of the builtin `sum`
            return self
        return Sum((other, self)) if callable(other) else NotImplemented

    def __mul__(self, factor: Any) -> "Potential":
        return NotImplemented if callable(factor) else Scaled(self, factor)

    def __rmul__(self, factor: Any) -> "Potential":
        return self.__mul__(factor)

    def __truediv__(self, divisor: Any) -> "Potential":
        return NotImplemented if callable(divisor) else Scaled(self, 1.0 / divisor)

    def __neg__(self) -> "Potential":
        return Scaled(self, -1.0)

    def __sub__(self, other: Any) -> "Potential":
        return self + (-as_potential(other)) if callable(other) else NotImplemented

    def __rsub__(self, other: Any) -> "Potential":
        return as_potential(other) - self if callable(other) else NotImplemented


class Function(Potential):
    """U(x) = function(x), for a plain elementwise callable about which nothing more is known.

    **Arguments:**

    - `function`: takes d arrays of mutually broadcastable shapes and acts on each element alone.
      What it closes over may be traced (`lambda x: a * x**2` inside of `jax.grad` over a). An
      `equinox.Module` keeps its leaves differentiable; any other callable is static.
    - `period`: the period in every coordinate, or None (static): a box that holds whole periods has no edge. Systems measure it.

    !!! example

        >>> import jax.numpy as jnp
        >>> from jaxwigner.potentials import Function
        >>> potential = Function(lambda x, y: x**2 * jnp.cos(y))
        >>> [float(g) for g in potential.gradient(3.0, 0.0)]
        [6.0, -0.0]
    """

    function: Callable[..., Any]
    turn: float | None = eqx.field(static=True)

    def __init__(self, function: Callable[..., Any], period: Any = None):
        require(callable(function), "function", "be callable", function)
        if period is not None:
            require(concrete(period), "period", "be static (not traced)", repr(period))
            check_positive_scalar("period", period)
        self.turn = None if period is None else float(period)
        # A Partial is a pytree with the function in its structure: it may cross `jax.jit`.
        is_tree = isinstance(function, (eqx.Module, jax.tree_util.Partial))
        tree: Any = function if is_tree else opened(function)
        self.function = tree

    @property
    def period(self) -> float | None:
        return self.turn

    def __call__(self, *x: Any) -> Array:
        x = self.coordinates(*x)
        value = value_of(self.function, x)
        if value.shape != broadcast_shape(x):
            # A constant, or a function that took all points for one (`jnp.sum(x**2)`): point by point both are right.
            value = jnp.vectorize(self.function)(*x)
        if jnp.iscomplexobj(value) and not jnp.iscomplexobj(x[0]):
            raise ValueError("Argument `function` must return real values, but they are complex")
        return jnp.broadcast_to(value.astype(x[0].dtype), broadcast_shape(x))


def as_potential(potential: Any) -> Potential:
    """The potential itself, or a plain callable wrapped as a `Function`.

    **Arguments:**

    - `potential`: a `Potential`, or an elementwise callable of d arrays.

    **Returns:** a `Potential`.

    **Raises:** `ValueError` where it is neither.

    !!! example

        >>> from jaxwigner.potentials import as_potential
        >>> as_potential(lambda x: x**4).gradient(1.0)[0].item()
        4.0
    """
    if isinstance(potential, Potential):
        return potential
    require(callable(potential), "potential", "be a Potential or a callable", potential)
    return Function(potential)


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


def floor_of(potential: Potential) -> Any:
    """κ = inf U_b.

    **Raises:** `ValueError` for a U_b that does not know its lower bound.

    >>> from jaxwigner.potentials import Harmonic
    >>> from jaxwigner.potentials.potential import floor_of
    >>> float(floor_of(Harmonic(2.0)))
    0.0
    """
    kappa = potential.lower_bound
    if concrete(kappa):
        must = "be bounded below and know its `lower_bound`"
        require(np.isfinite(np.asarray(kappa)), "potential", must, kappa)
    return kappa
