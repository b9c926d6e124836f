"""c(x, y) = ½|x − y|² between two sets of nodes, as operators on functions of the nodes; the matrix is never stored.

    log_sums(h)_i = log Σ_j exp(h_j − β c_ij)          the softened transform of Sinkhorn's method at temperature 1/β
    nearest(g)_i  = min_j (c_ij − g_j)                 the c-transform, its limit β → ∞

Between grids c is a sum over axes, so that both are done one axis after the other: N·n operations for N = n^m nodes instead of N².
At low temperatures almost all of log_sums comes from a few neighbours j of the largest term; `windows` finds them and
`log_sums(…, windows)` looks nowhere else. That is an approximation, for iterations; certificates use the whole sums.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

BLOCK = 2**20  # numbers at a time
WINDOW = 32


class GridCost(eqx.Module):
    """Between product grids: `x` and `y` are tuples of m one-dimensional, uniform axes."""

    x: tuple[Array, ...]
    y: tuple[Array, ...]

    @property
    def transposed(self) -> GridCost:
        """The roles of x and y exchanged."""
        return GridCost(self.y, self.x)

    def log_sums(self, h: Array, beta: Array, windows: Any = None) -> Array:
        """log Σ_j exp(h_j − β c_ij)."""
        for axis in range(len(self.x)):
            if windows is None or windows[axis] is None:
                h = _along(_row_sum, h, self.x[axis], self.y[axis], axis, beta)
            else:
                h = _windowed(h, self.x[axis], self.y[axis], axis, beta, windows[axis])
        return h

    def nearest(self, g: Array) -> Array:
        """min_j c_ij − g_j."""
        one = jnp.ones((), g.dtype)
        for axis in range(len(self.x)):
            g = _along(_row_max, g, self.x[axis], self.y[axis], axis, one)
        return -g

    def windows(self, h: Array, beta: Array) -> tuple:
        """Per axis the j of the largest term, about which `WINDOW` of them are summed; None for short axes."""
        found = []
        for axis, (x, y) in enumerate(zip(self.x, self.y)):
            if y.shape[0] <= 2 * WINDOW:
                found.append(None)
                h = _along(_row_max, h, x, y, axis, beta)
                continue
            where = _along(_row_argmax, h, x, y, axis, beta)
            found.append(where)
            h = _windowed(h, x, y, axis, beta, found[-1])
        return tuple(found)

    def squares(self) -> tuple[Array, Array]:
        """½|x|² and ½|y|² on the nodes."""
        return _half_squares(self.x), _half_squares(self.y)

    def moment(self, a: Array, b: Array) -> Array:
        """Σ_ij a_i b_j x_i·y_j of two functions of the nodes."""
        total = 0.0
        for axis, (x, y) in enumerate(zip(self.x, self.y)):
            others = tuple(k for k in range(len(self.x)) if k != axis)
            total = total + (jnp.sum(a, others) @ x) * (jnp.sum(b, others) @ y)
        return total


class CloudCost(eqx.Module):
    """Between two clouds of points `x` (K, m) and `y` (L, m)."""

    x: Float[Array, "k m"]
    y: Float[Array, "l m"]

    @property
    def transposed(self) -> CloudCost:
        """The roles of x and y exchanged."""
        return CloudCost(self.y, self.x)

    def log_sums(self, h: Array, beta: Array, windows: Any = None) -> Array:
        """log Σ_j exp(h_j − β c_ij)."""
        half_x, half_y = self.squares()
        row = lambda x: _log_sum(h - beta * half_y + beta * (self.y @ x))  # noqa: E731
        return self._rows(row) - beta * half_x

    def nearest(self, g: Array) -> Array:
        """min_j c_ij − g_j."""
        half_x, half_y = self.squares()
        return half_x - self._rows(lambda x: jnp.max(g - half_y + self.y @ x))

    def windows(self, h: Array, beta: Array) -> None:
        """Clouds have no neighbours."""

    def averages(self, h: Array, beta: Array) -> Float[Array, "k m"]:
        """Σ_j y_j exp(h_j − β c_ij) / Σ_j exp(h_j − β c_ij): the barycentric map."""
        half_y = self.squares()[1]
        row = lambda x: jax.nn.softmax(h - beta * half_y + beta * (self.y @ x)) @ self.y  # noqa: E731
        return self._rows(row)

    def squares(self) -> tuple[Array, Array]:
        """½|x|² and ½|y|² of the points."""
        return 0.5 * jnp.sum(self.x**2, axis=1), 0.5 * jnp.sum(self.y**2, axis=1)

    def moment(self, a: Array, b: Array) -> Array:
        """Σ_ij a_i b_j x_i·y_j of two functions of the points."""
        return (a @ self.x) @ (b @ self.y)

    def _rows(self, row: Any) -> Array:
        size = max(1, BLOCK // self.y.shape[0])
        return lax.map(row, self.x, batch_size=min(size, self.x.shape[0]))


def _half_squares(axes: tuple[Array, ...]) -> Array:
    total = jnp.zeros(tuple(axis.shape[0] for axis in axes))
    for k, axis in enumerate(axes):
        shape = [1] * len(axes)
        shape[k] = -1
        total = total + 0.5 * jnp.square(axis).reshape(shape)
    return total


def _log_sum(t: Array) -> Array:
    """log Σ exp over the last axis; entries are finite."""
    top = lax.stop_gradient(jnp.max(t, axis=-1, keepdims=True))
    return jnp.squeeze(top, -1) + jnp.log(jnp.sum(jnp.exp(t - top), axis=-1))


def _row_sum(t: Array) -> Array:
    return _log_sum(t)


def _row_max(t: Array) -> Array:
    return jnp.max(t, axis=-1)


def _row_argmax(t: Array) -> Array:
    return jnp.argmax(t, axis=-1)


def _along(reduce: Any, h: Array, x: Array, y: Array, axis: int, beta: Array) -> Array:
    """reduce_j (h_j − ½β(x_i − y_j)²) along one axis of h, for every other index."""
    moved = jnp.moveaxis(h, axis, -1)
    rows = moved.reshape(-1, y.shape[0])
    parabolas = -0.5 * beta * (x[:, None] - y[None, :]) ** 2
    size = max(1, BLOCK // parabolas.size)
    found = lax.map(
        lambda row: reduce(row[None, :] + parabolas), rows, batch_size=min(size, rows.shape[0])
    )
    return jnp.moveaxis(found.reshape(*moved.shape[:-1], x.shape[0]), -1, axis)


def _windowed(h: Array, x: Array, y: Array, axis: int, beta: Array, middle: Array) -> Array:
    """The same with log-sums over `WINDOW` terms about the `middle` one, which sets the scale."""
    moved = jnp.moveaxis(h, axis, -1)
    rows = moved.reshape(-1, y.shape[0])
    middle = jnp.moveaxis(middle, axis, -1).reshape(-1, x.shape[0])
    first = jnp.clip(middle - WINDOW // 2, 0, y.shape[0] - WINDOW)
    flat = (np.arange(rows.shape[0]) * y.shape[0])[:, None]
    values = rows.reshape(-1)

    def term(j):
        return values[flat + j] - 0.5 * beta * (x[None, :] - y[j]) ** 2

    top = term(middle)
    # The middle term was the largest when it was found; the cap keeps later exponentials finite.
    add = lambda w, total: total + jnp.exp(jnp.minimum(term(first + w) - top, 600.0))  # noqa: E731
    found = top + jnp.log(lax.fori_loop(0, WINDOW, add, jnp.zeros_like(top)))
    return jnp.moveaxis(found.reshape(*moved.shape[:-1], x.shape[0]), -1, axis)
