"""A potential known at points only: the cubic spline through them, C² between its ends.

On [x_i, x_{i+1}], with s = x − x_i, h = x_{i+1} − x_i and M = U″ at the nodes,

    U(x) = y_i + b s + ½ M_i s² + (M_{i+1} − M_i) s³/(6h),
    b = (y_{i+1} − y_i)/h − h (2M_i + M_{i+1})/6.

Continuity of U′ at the inner nodes and one cubic across the first and across the last two
intervals ("not a knot") determine M: a tridiagonal system. Cubics are reproduced, and the error is
O(h⁴) up to the ends.
"""

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_choice, concrete, require
from jaxwigner._types import Array
from jaxwigner.potentials._parameters import cast, interval, parameter, unbounded
from jaxwigner.potentials.potential import Bounds, OnLine

_OUTSIDE = ("error", "constant", "linear")


class _Pieces(NamedTuple):
    """Σ_k c_k s^k on every interval, s = x − start."""

    start: Array
    width: Array
    value: Array
    slope: Array
    half_curvature: Array
    sixth_third: Array

    def evaluate(self, s: Array) -> Array:
        return self.value + s * (self.slope + s * (self.half_curvature + s * self.sixth_third))

    def derivative(self, s: Array) -> Array:
        return self.slope + s * (2 * self.half_curvature + 3 * s * self.sixth_third)


class Tabulated(OnLine):
    """The cubic spline through the points (x_i, y_i), C² from the first node to the last (d = 1).

    Values, gradients and bounds are differentiable in every node and every tabulated value. The
    bounds are the exact extremes of the piecewise cubic: over its `domain` where `outside` is
    "error", else over the whole line. The spline is solved for at each call (n operations).

    **Arguments:**

    - `nodes`: at least 4 increasing numbers, shape `(n,)`.
    - `values`: U at the nodes, shape `(n,)`.
    - `outside`: beyond the ends, "error" (undefined: `domain` ends there, `covers` says so, systems
      refuse grids and particles that reach further, and values are NaN, which the diagnostics of a
      run see), "constant" (the end values; ∇U jumps) or "linear" (the end slopes; C¹).

    **Raises:** `ValueError` for fewer than 4 nodes, nodes that do not increase, unequal shapes,
    anything not real and finite, or an unknown `outside`.

    !!! example

        >>> import numpy as np
        >>> from jaxwigner.potentials import Tabulated
        >>> nodes = np.linspace(-1.0, 1.0, 5)
        >>> potential = Tabulated(nodes, nodes**3)
        >>> round(float(potential(0.3)), 12), potential.covers(-1.0, 1.5)
        (0.027, False)
    """

    nodes: Float[Array, " n"]
    values: Float[Array, " n"]
    outside: str = eqx.field(static=True)

    def __init__(self, nodes: Any, values: Any, outside: str = "error"):
        check_choice("outside", outside, _OUTSIDE)
        self.nodes = parameter("nodes", nodes, vector=True)
        self.values = parameter("values", values, vector=True)
        self.outside = outside
        count = self.nodes.shape[0]
        require(count >= 4, "nodes", "have at least 4 entries", nodes)
        require(self.values.shape == (count,), "values", f"have {count} entries", values)
        if concrete(self.nodes):
            steps = np.diff(np.asarray(self.nodes, dtype=float))
            require(steps > 0, "nodes", "increase", nodes)

    @property
    def domain(self) -> tuple[Any, Any]:
        """The first and the last node, or the whole line where U is continued beyond them."""
        if self.outside != "error":
            return -math.inf, math.inf
        if concrete(self.nodes):  # known also under `jax.jit`
            ends = np.asarray(self.nodes)
            return float(ends[0]), float(ends[-1])
        return self.nodes[0], self.nodes[-1]

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        inner, piece = self._locate(q)
        s = inner - piece.start
        value = piece.evaluate(s)
        if self.outside == "constant":
            return value
        return self._defined(q, inner, value + piece.derivative(s) * (q - inner))

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        inner, piece = self._locate(q)
        slope = piece.derivative(inner - piece.start)
        if self.outside == "constant":
            return (jnp.where(q == inner, slope, 0.0),)
        return (self._defined(q, inner, slope),)

    def _defined(self, x: Array, inner: Array, value: Array) -> Array:
        """The value; beyond the ends of a table that is not continued, NaN."""
        return jnp.where(x == inner, value, jnp.nan) if self.outside == "error" else value

    def _locate(self, x: Array) -> tuple[Array, _Pieces]:
        """x moved to the nearest point between the ends, and the cubic that holds there."""
        inner, index = interval(cast(self.nodes, x), x)
        pieces, _ = self._pieces()
        return inner, _Pieces(*(cast(coefficient, x)[index] for coefficient in pieces))

    def _pieces(self) -> tuple[_Pieces, Array]:
        """The cubic on every interval, and U″ at every node."""
        width = jnp.diff(self.nodes)
        secant = jnp.diff(self.values) / width
        curvature = _curvatures(width, secant)
        left, right = curvature[:-1], curvature[1:]
        slope = secant - width * (2 * left + right) / 6
        third = (right - left) / (6 * width)
        pieces = _Pieces(self.nodes[:-1], width, self.values[:-1], slope, 0.5 * left, third)
        return pieces, curvature

    @property
    def bounds(self) -> Bounds:
        pieces, curvature = self._pieces()
        values = jnp.concatenate([self.values, _turning_values(pieces)])
        slopes = jnp.concatenate([_steepest(pieces), pieces.slope, pieces.derivative(pieces.width)])
        inside = Bounds(
            lower=jnp.min(values),
            upper=jnp.max(values),
            gradient=jnp.max(jnp.abs(slopes)),
            hessian=jnp.max(jnp.abs(curvature)),  # U″ is linear between the nodes
            third=6 * jnp.max(jnp.abs(pieces.sixth_third)),
        )
        first, last = pieces.slope[0], pieces.derivative(pieces.width)[-1]
        ends = curvature[jnp.array([0, -1])]
        return _continued(inside, self.outside, first, last, ends)


def _curvatures(width: jax.Array, secant: jax.Array) -> jax.Array:
    """M from h_{i−1}M_{i−1} + 2(h_{i−1} + h_i)M_i + h_iM_{i+1} = 6(secant_i − secant_{i−1})."""
    before, after = width[:-1], width[1:]
    # Not a knot: M_0 = (1 + r)M_1 − rM_2 with r = h_0/h_1, and the same from the right. The
    # system that remains for M_1 … M_{n−2} is strictly diagonally dominant.
    left, right = width[0] / width[1], width[-1] / width[-2]
    diagonal = 2 * (before + after)
    diagonal = diagonal.at[0].add(before[0] * (1 + left)).at[-1].add(after[-1] * (1 + right))
    below = before.at[0].set(0.0).at[-1].add(-after[-1] * right)
    above = after.at[-1].set(0.0).at[0].add(-before[0] * left)
    target = 6 * jnp.diff(secant)[:, None]
    inner = jax.lax.linalg.tridiagonal_solve(below, diagonal, above, target)[:, 0]
    first = (1 + left) * inner[0] - left * inner[1]
    last = (1 + right) * inner[-1] - right * inner[-2]
    return jnp.concatenate([first[None], inner, last[None]])


def _continued(inside: Bounds, outside: str, first: Array, last: Array, ends: Array) -> Bounds:
    """The bounds over the whole line, from those between the ends and the slopes there."""
    if outside == "error":
        return inside
    jump = unbounded(jnp.stack([first, last]))  # of U′, where U is continued by a constant
    bend = unbounded(ends)  # of U″
    if outside == "constant":
        return inside._replace(
            hessian=jnp.maximum(inside.hessian, jump),
            third=jnp.maximum(inside.third, jnp.maximum(jump, bend)),
        )
    falls = jnp.stack([jnp.maximum(first, 0.0), jnp.minimum(last, 0.0)])
    rises = jnp.stack([jnp.minimum(first, 0.0), jnp.maximum(last, 0.0)])
    return inside._replace(
        lower=inside.lower - unbounded(falls),
        upper=inside.upper + unbounded(rises),
        third=jnp.maximum(inside.third, bend),
    )


def _inside(root: Array, valid: Array, pieces: _Pieces) -> Array:
    """A root where it lies in its interval, else the left end."""
    return jnp.where(valid & (root > 0) & (root < pieces.width), root, 0.0)


def _steepest(pieces: _Pieces) -> Array:
    """U′ where U″ vanishes inside an interval (elsewhere: at its left end)."""
    curved = pieces.sixth_third != 0
    root = -pieces.half_curvature / jnp.where(curved, 3 * pieces.sixth_third, 1.0)
    return pieces.derivative(_inside(root, curved, pieces))


def _turning_values(pieces: _Pieces) -> Array:
    """U at both roots of U′ inside each interval (elsewhere: at its left end)."""
    constant, half_linear, square = pieces.slope, pieces.half_curvature, 3 * pieces.sixth_third
    discriminant = half_linear**2 - square * constant
    turns = discriminant > 0
    root = jnp.sqrt(jnp.where(turns, discriminant, 1.0))
    # the numerically stable pair of roots q/square and constant/q
    q = -(half_linear + jnp.where(half_linear < 0, -root, root))
    far = q / jnp.where(square != 0, square, 1.0)
    near = constant / jnp.where(q != 0, q, 1.0)
    far = _inside(far, turns & (square != 0), pieces)
    near = _inside(near, turns & (q != 0), pieces)
    return jnp.concatenate([pieces.evaluate(far), pieces.evaluate(near)])
