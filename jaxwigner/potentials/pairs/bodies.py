"""Potentials of many coordinates made of functions of one number: of the distances between bodies, or of projections.

    Pairs     U(x) = Σ_{i<j} u(|x_i − x_j|)          N bodies in D dimensions, d = N·D coordinates, those of body 1 first
    Ridges    U(x) = Σ_k u_k(a_k·x)                  K directions a_k in d dimensions

Forces take one derivative of u a term, and every higher derivative of U is one of u: nothing of d² numbers is ever formed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, check_integer, require
from jaxwigner._types import Array
from jaxwigner.potentials.potential import Potential, as_potential


class Pairs(Potential):
    """U(x) = Σ_{i<j} u(|x_i − x_j|): a cluster of N bodies in D dimensions.

    **Arguments:** `pair`: u, a potential or a function of one distance, C³ where bodies come; `number`: N ≥ 2; `space`: D, 1 to 3.

    **Raises:** `ValueError` for another number, and for a `pair` of more than one coordinate.

    The d = N·D coordinates are those of body 1 first.

    >>> from jaxwigner.potentials import Pairs
    >>> chain = Pairs(lambda r: 0.5 * (r - 1) ** 2, number=3, space=1)
    >>> float(chain(0.0, 1.0, 3.0))
    2.5
    >>> [float(slope) for slope in chain.gradient(0.0, 1.0, 3.0)]
    [-2.0, -1.0, 3.0]
    """

    pair: Potential
    number: int = eqx.field(static=True)
    space: int = eqx.field(static=True)

    def __init__(self, pair: Any, number: int, space: int = 3):
        check_integer("number", number, at_least=2)
        check_integer("space", space, at_least=1)
        require(space <= 3, "space", "be 1, 2 or 3", space)
        self.pair = as_potential(pair)
        fits = self.pair.dimension in (None, 1)
        require(fits, "pair", "be a function of one distance", self.pair.dimension)
        self.number, self.space = int(number), int(space)

    @property
    def dimension(self) -> int | None:
        return self.number * self.space

    def __call__(self, *x: Any) -> Array:
        _, distances = self.apart(*x)
        return jnp.sum(self.pair(distances), axis=0)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        gaps, distances = self.apart(*x)
        pulls = gaps * (self.pair.gradient(distances)[0] / distances)[:, None]
        # A product with ±1: XLA adds at scattered places one by one.
        signs = jnp.asarray(_signs(self.number), pulls.dtype)
        slopes = jnp.tensordot(signs, pulls, axes=1)
        return tuple(slopes.reshape(self.number * self.space, *slopes.shape[2:]))

    def apart(self, *x: Any) -> tuple[Array, Array]:
        """x_i − x_j and its length for every pair i < j, of shapes (pairs, D, …) and (pairs, …).

        >>> from jaxwigner.potentials import Pairs
        >>> gaps, distances = Pairs(lambda r: r**2, number=2, space=2).apart(0.0, 0.0, 3.0, 4.0)
        >>> gaps.tolist(), distances.tolist()
        ([[-3.0, -4.0]], [5.0])
        """
        stacked = jnp.stack(jnp.broadcast_arrays(*self.coordinates(*x)))
        bodies = stacked.reshape(self.number, self.space, *stacked.shape[1:])
        first, second = who(self.number)
        gaps = bodies[first] - bodies[second]
        return gaps, jnp.sqrt(jnp.sum(gaps**2, axis=1))


def who(number: int) -> tuple[np.ndarray, np.ndarray]:
    """First and second body of every pair of `number`."""
    return np.triu_indices(number, 1)


def _signs(number: int) -> np.ndarray:
    """+1 where a body is the first of a pair, −1 where it is the second; (bodies, pairs)."""
    first, second = who(number)
    bodies = np.arange(number)[:, None]
    return 1.0 * (bodies == first) - 1.0 * (bodies == second)


class Ridges(Potential):
    """U(x) = Σ_k u_k(a_k·x): functions of one number along K directions.

    **Arguments:** `functions`: u, one potential or function for all directions, or one for each; `directions`: a_k, (K, d).

    **Raises:** `ValueError` for another number of functions than of directions, or functions of more than one coordinate.

    >>> from jaxwigner.potentials import Ridges
    >>> saddle = Ridges([lambda s: s**2, lambda s: -(s**2)], [[1.0, 1.0], [1.0, -1.0]])  # 4xy
    >>> float(saddle(2.0, 3.0)), [float(slope) for slope in saddle.gradient(2.0, 3.0)]
    (24.0, [12.0, 8.0])
    """

    functions: tuple[Potential, ...]
    directions: Float[Array, "k d"]

    def __init__(self, functions: Any, directions: Any):
        check_finite("directions", directions)
        rank = np.ndim(directions)
        require(rank == 2, "directions", "be a matrix with one direction a row", directions)
        self.directions = jnp.asarray(directions, float)
        one = callable(functions)
        many = one or isinstance(functions, Sequence)
        require(many, "functions", "be a function or a sequence of functions", functions)
        self.functions = tuple(map(as_potential, (functions,) if one else functions))
        fits = one or len(self.functions) == len(self.directions)
        require(fits, "functions", f"be {len(self.directions)}, one a direction", functions)
        flat = all(function.dimension in (None, 1) for function in self.functions)
        require(flat, "functions", "be functions of one coordinate", functions)

    @property
    def dimension(self) -> int | None:
        return self.directions.shape[1]

    def __call__(self, *x: Any) -> Array:
        return jnp.sum(each(self, lambda u, s: u(s), self.along(*x)), axis=0)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        along = self.along(*x)
        slopes = each(self, lambda u, s: u.gradient(s)[0], along)
        return tuple(jnp.tensordot(self.directions.astype(along.dtype).T, slopes, axes=1))

    def along(self, *x: Any) -> Array:
        """a_k·x, of shape (K, …).

        >>> from jaxwigner.potentials import Ridges
        >>> Ridges(lambda s: s**2, [[1.0, 2.0], [0.0, 1.0]]).along(3.0, 4.0).tolist()
        [11.0, 4.0]
        """
        stacked = jnp.stack(jnp.broadcast_arrays(*self.coordinates(*x)))
        return jnp.tensordot(self.directions.astype(stacked.dtype), stacked, axes=1)


def each(potential: Ridges, what: Callable[[Potential, Array], Array], along: Array) -> Array:
    """`what(u_k, s_k)` for every direction; at once where one function serves all."""
    if len(potential.functions) == 1:
        return what(potential.functions[0], along)
    return jnp.stack([what(u, s) for u, s in zip(potential.functions, along)])
