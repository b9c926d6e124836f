"""Matrix potentials V(x), real symmetric n × n: diabatic values, adiabatic levels and vectors, and the couplings between levels.

V = QλQᵀ; the adiabatic state is φ = Qᵀψ, and levels a, b are coupled by d_ab = ⟨χ_a|∇χ_b⟩ = (Qᵀ∇V Q)_ab/(λ_b − λ_a).
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Grid
from jaxwigner.potentials._functions import as_tree, counts_of, remedy, takes_time
from jaxwigner.potentials._parameters import broadcast_shape, default_float
from jaxwigner.potentials.potential import Potential
from jaxwigner.potentials.surfaces.algebra import levels_of, packed, rotated, vectors_of

ASYMMETRY = 1e-10  # of the largest entry: more than rounding
NAMES = {"lower": 0, "upper": -1}  # of two levels
SAMPLES = 5  # places along each axis at which a function is looked at


class MatrixPotential(eqx.Module):
    """V(x), a real symmetric n × n matrix at each point: what n electronic surfaces are in a diabatic basis.

    Subclasses define `__call__(*x)` of d coordinate arrays, which returns an array of shape (…, n, n). Parameters are leaves of the
    module: they may be traced, batched and differentiated. Level 0 is the lowest.

    >>> import jaxwigner as jw
    >>> cone = jw.potentials.Crossing()
    >>> cone(3.0, 4.0).tolist(), cone.levels(3.0, 4.0).tolist()
    ([[3.0, 4.0], [4.0, -3.0]], [-5.0, 5.0])
    """

    @abc.abstractmethod
    def __call__(self, *x: Any) -> Float[Array, "*shape n n"]:
        """V(x) of d arrays of mutually broadcastable shapes."""

    @property
    @abc.abstractmethod
    def size(self) -> int:
        """n, the number of levels."""

    @property
    def dimension(self) -> int | None:
        """The number of coordinates, or None where any number will do."""
        return None

    def coordinates(self, *x: Any) -> tuple[Array, ...]:
        """The arguments as floating point arrays of one type, after a check of their number."""
        return Potential.coordinates(self, *x)  # pyright: ignore[reportArgumentType]

    def levels(self, *x: Any) -> Float[Array, "*shape n"]:
        """λ(x), ascending. At the tip of a cone they have no derivative; automatic differentiation gives that of the mean.

        >>> import jaxwigner as jw
        >>> jw.potentials.DeltaGap(0.3).levels(0.0).tolist()
        [-0.3, 0.3]
        """
        return jnp.moveaxis(levels_of(packed(self(*x))), 0, -1)

    def vectors(self, *x: Any) -> Float[Array, "*shape n n"]:
        """Q(x): column j is the real unit vector χ_j of level j, whose sign is not continuous (round a cone none can be).

        >>> import jaxwigner as jw
        >>> abs(jw.potentials.DeltaGap(0.3).vectors(0.0)).round(3).tolist()
        [[0.707, 0.707], [0.707, 0.707]]
        """
        return vectors_of(packed(self(*x)))

    def gradient(self, *x: Any) -> tuple[Float[Array, "*shape n n"], ...]:
        """∂_iV(x), one matrix for each coordinate."""
        full = tuple(jnp.broadcast_arrays(*self.coordinates(*x)))
        slopes = []
        for i in range(len(full)):
            along = tuple(
                jnp.ones_like(q) if j == i else jnp.zeros_like(q) for j, q in enumerate(full)
            )
            slopes.append(jax.jvp(self, full, along)[1])
        return tuple(slopes)

    def couplings(self, *x: Any) -> tuple[Float[Array, "*shape n n"], ...]:
        """d_ab,i = ⟨χ_a|∂_iχ_b⟩, one antisymmetric matrix for each coordinate; infinite where levels a and b meet.

        >>> import jaxwigner as jw
        >>> (d,) = jw.potentials.DeltaGap(0.25).couplings(0.0)
        >>> abs(float(d[0, 1]))  # (1/2)∂_x arctan(2δ/tanh x) at x = 0, 1/4δ
        1.0
        """
        levels, Q = self.levels(*x), self.vectors(*x)
        gap = levels[..., None, :] - levels[..., :, None]
        meets = gap == 0
        own = np.broadcast_to(np.eye(self.size, dtype=bool), gap.shape)
        found = []
        for slope in self.gradient(*x):
            inner = rotated(Q, slope)
            found.append(
                jnp.where(meets, jnp.where(own, 0.0, jnp.inf), inner / jnp.where(meets, 1.0, gap))
            )
        return tuple(found)


class MatrixFunction(MatrixPotential):
    """V(x) = function(x), for a plain function of d numbers that returns n rows of n numbers, or an array of shape (n, n).

    **Arguments:** `function`: written with `jax.numpy`; what it closes over may be traced, and an `equinox.Module` keeps its leaves
    differentiable. `size`: n. `dimension`: d, where the signature does not say it.

    **Raises:** `ValueError` where it returns no n × n numbers.

    >>> import jaxwigner as jw
    >>> V = jw.potentials.MatrixFunction(lambda x: [[x, 0.1], [0.1, -x]], 2)
    >>> V(1.0).tolist()
    [[1.0, 0.1], [0.1, -1.0]]
    """

    function: Callable[..., Any]
    count: int = eqx.field(static=True)
    known: int | None = eqx.field(static=True)

    def __init__(self, function: Callable[..., Any], size: int, dimension: int | None = None):
        require(callable(function), "function", "be a function of d numbers", function)
        is_tree = isinstance(function, (eqx.Module, jax.tree_util.Partial))
        counts = () if is_tree else counts_of(function)
        self.known = dimension or (counts[0] if len(counts) == 1 else None)
        self.count = size
        self.function = as_tree(function if is_tree else _stacking(function))

    @property
    def size(self) -> int:
        return self.count

    @property
    def dimension(self) -> int | None:
        return self.known

    def __call__(self, *x: Any) -> Float[Array, "*shape n n"]:
        x = self.coordinates(*x)
        shape = broadcast_shape(x)
        flat = [jnp.broadcast_to(q, shape).ravel() for q in x]
        values = jax.vmap(lambda *q: _as_matrix(self.function(*q)))(*flat)
        if values.shape[1:] != (self.size, self.size):
            must = f"return {self.size} rows of {self.size} numbers at each point"
            raise ValueError(f"Argument `function` must {must}, but has {values.shape[1:]}")
        return values.reshape(*shape, self.size, self.size).astype(x[0].dtype)


def _stacking(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with one array for its rows."""

    @functools.wraps(function)
    def stacked(*x):
        return _as_matrix(function(*x))

    return stacked


def _as_matrix(value: Any) -> Array:
    """Rows of numbers as one array."""
    if isinstance(value, (list, tuple)):
        value = jnp.stack([jnp.stack([jnp.asarray(one) for one in row]) for row in value])
    value = jnp.asarray(value)
    return value if jnp.issubdtype(value.dtype, jnp.inexact) else value.astype(default_float())


def _potential(fits: Any, must: str, have: str) -> None:
    """One sentence, without the quotation marks that a text as a value has."""
    if not bool(fits):
        raise ValueError(f"Argument `potential` must {must}, but is {have}")


def level_number(level: Any, size: int) -> int:
    """The number of a level that is given by its number or its name."""
    names = [repr(one) for one in range(size)] + (["'lower'", "'upper'"] if size == 2 else [])
    must = f"be one of {', '.join(names)}"
    if isinstance(level, str):
        require(size == 2 and level in NAMES, "level", must, level)
        return NAMES[level] % 2
    whole = isinstance(level, (int, np.integer)) and not isinstance(level, bool)
    require(whole and 0 <= level < size, "level", must, level)
    return int(level)


def as_matrix_potential(potential: Any, dimension: int) -> MatrixPotential:
    """The matrix potential itself, or a function of `dimension` numbers as a `MatrixFunction`; looked at in the abstract.

    **Raises:** `ValueError` («Argument `potential` must …»).

    >>> from jaxwigner.potentials import as_matrix_potential
    >>> as_matrix_potential(lambda x, y: [[x, y], [y, -x]], 2).size
    2
    """
    must = f"return n rows of n real numbers (n ≥ 2) at each point of {dimension} coordinate(s)"
    if isinstance(potential, MatrixPotential):
        fits = potential.dimension in (None, dimension)
        have = f"one of {potential.dimension}"
        _potential(fits, f"be a matrix potential of {dimension} coordinate(s)", have)
        return potential
    what = (
        "be a matrix potential, a function of d numbers that returns n rows of n numbers, or values"
    )
    require(
        callable(potential) and not isinstance(potential, Potential), "potential", what, potential
    )
    require(not takes_time(potential), "potential", "be static", "a function of time")
    numbers = [jax.ShapeDtypeStruct((), default_float())] * dimension
    try:
        seen = jax.eval_shape(lambda *x: _as_matrix(potential(*x)), *numbers)
    except Exception as error:
        raise ValueError(
            f"Argument `potential` must {must}, but fails on them: {remedy(error)}"
        ) from error
    square = len(seen.shape) == 2 and seen.shape[0] == seen.shape[1] >= 2
    _potential(square, must, f"of shape {seen.shape}")
    real = jnp.issubdtype(seen.dtype, jnp.floating)
    _potential(real, must, f"of type {seen.dtype}")
    return MatrixFunction(potential, seen.shape[0], dimension)


def check_matrices(values: Any, shape: tuple[int, ...] | None = None) -> None:
    """Real, finite, symmetric n × n matrices, n ≥ 2, on a grid of that shape, as far as they are known."""
    check_finite("potential", values)
    actual = np.shape(values)
    square = len(actual) >= 2 and actual[-1] == actual[-2] >= 2
    where = shape is None or actual[:-2] == shape
    must = "be n × n matrices (n ≥ 2) at each point" + (
        "" if shape is None else f" of the grid, {shape}"
    )
    _potential(square and where, must, f"of shape {actual}")
    off = asymmetry(values)
    _potential(off == 0, "be a symmetric matrix everywhere", f"off by {off:.3g} at some point")


def asymmetry(values: Any) -> float:
    """The largest |V − Vᵀ|; 0 where it is rounding, or not known."""
    if not concrete(values):
        return 0.0
    known = np.asarray(values)
    gap = np.max(np.abs(known - np.swapaxes(known, -1, -2)))
    return float(gap) if gap > ASYMMETRY * np.max(np.abs(known)) else 0.0


def check_on(potential: MatrixPotential, grid: Grid) -> None:
    """A matrix potential at irregular places of a box, and on a ring at its seam."""
    if not concrete((potential, grid)):
        return
    shares = (np.arange(1, SAMPLES + 1) / (SAMPLES + 1)) ** 1.3
    x = [
        (low + side * shares).reshape([-1 if i == axis else 1 for i in range(grid.dimension)])
        for axis, (low, side) in enumerate(zip(grid.lower, grid.length))
    ]
    with jax.ensure_compile_time_eval():
        here = np.asarray(potential(*x))
        check_matrices(here)
        for axis in np.flatnonzero(grid.periodic):
            moved = [q + grid.length[axis] * (i == axis) for i, q in enumerate(x)]
            jump = np.max(np.abs(np.asarray(potential(*moved)) - here))
            fits = jump <= 1e-7 * np.max(np.abs(here))
            must = f"have the period of the ring (length {grid.length[axis]:g})"
            _potential(fits, must, f"another one: it jumps by {jump:.3g}")
