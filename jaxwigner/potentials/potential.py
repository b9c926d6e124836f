"""What every potential offers: values, gradients, and the bounds that the theorems ask for.

A potential U is an elementwise function of d coordinate arrays. Beside U and ∇U it states
inf U, sup U, sup|∇U|, Lip(∇U) = sup‖D²U‖ and sup‖D³U‖ (operator norms), infinite where there is
no such bound.
"""

import abc
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.potentials._functions import as_tree, counts_of, elementwise, takes_time
from jaxwigner.potentials._parameters import (
    Bounds,
    bound,
    cast,
    common_dimension,
    common_period,
    default_float,
    multiple,
    parameter,
    total,
)


def _one_bound(name: str) -> Any:
    """One of the five of `Potential.bounds`, by its name."""
    return property(lambda self: getattr(self.bounds, name))


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

    lower_bound = _one_bound("lower")
    upper_bound = _one_bound("upper")
    gradient_bound = _one_bound("gradient")
    hessian_bound = _one_bound("hessian")
    third_bound = _one_bound("third")

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

    def at(self, time: Any) -> "Potential":
        """U(·, t): the same where U does not depend on time."""
        return frozen(self, time)

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


class OnLine(Potential):
    """A potential of one coordinate."""

    @property
    def dimension(self) -> int | None:
        return 1


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
        self.function = as_tree(function)

    @property
    def period(self) -> float | None:
        return self.turn

    def __call__(self, *x: Any) -> Array:
        return elementwise(self.function, self.coordinates(*x))


class Driven(Potential):
    """U(x, t) = function(x, t): a potential that changes in time, such as a pulse; `evolve` carries the clock t.

    **Arguments:**

    - `function`: takes d coordinate arrays and the time behind them, and acts on each element alone. A plain
      function whose last argument is called `t` or `time` need not be wrapped.

    !!! example

        >>> import jax.numpy as jnp
        >>> from jaxwigner.potentials import Driven, Harmonic
        >>> potential = Harmonic(1.0) + Driven(lambda x, t: -0.3 * x * jnp.cos(t))
        >>> round(float(potential.at(0.0)(1.0)), 12)
        0.2
    """

    function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]):
        require(callable(function), "function", "be a function of (x, t)", function)
        self.function = as_tree(function, more=1)

    def __call__(self, *x: Any) -> Array:
        must = "be static here, or taken at one time (`.at(t)`)"
        raise ValueError(f"Argument `potential` must {must}, but depends on time")

    @property
    def dimension(self) -> int | None:
        counts = counts_of(self.function, more=1)
        return counts[0] - 1 if len(counts) == 1 else None


class Frozen(Potential):
    """U(·, t) of a `Driven` one."""

    function: Callable[..., Any]
    time: Any

    def __call__(self, *x: Any) -> Array:
        return elementwise(self.function, self.coordinates(*x), self.time)


def frozen(tree: Any, time: Any) -> Any:
    """The same tree with everything that depends on time as it is at time t."""

    def at(part):
        return Frozen(part.function, time) if isinstance(part, Driven) else part

    return jax.tree.map(at, tree, is_leaf=lambda part: isinstance(part, Driven))


def as_potential(potential: Any) -> Potential:
    """The potential itself, or a plain callable wrapped as a `Function`, or as a `Driven` one where its last argument is `t` or `time`.

    **Arguments:**

    - `potential`: a `Potential`, or an elementwise callable of d arrays.

    **Returns:** a `Potential`.

    **Raises:** `ValueError` where it is neither.

    !!! example

        >>> from jaxwigner.potentials import as_potential
        >>> as_potential(lambda x: x**4).gradient(1.0)[0].item()
        4.0
    """
    if isinstance(potential, Potential) and type(potential).__module__.startswith("jaxwigner."):
        return potential
    require(callable(potential), "potential", "be a Potential or a callable", potential)
    if takes_time(potential):
        return Driven(potential)
    return potential if isinstance(potential, Potential) else Function(potential)


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
