"""A curve known at points: the quintic spline through them, C⁴ between its ends, so that U‴ is continuous and smooth.

On [x_i, x_{i+1}], t = (x − x_i)/h, the quintic with values y, slopes m and curvatures c at both ends,

    U = y_i + h m_i t + ½h² c_i t² + a_3 t³ + a_4 t⁴ + a_5 t⁵,

where m and c are those of the spline with one quintic across the first and across the last three intervals ("not a knot"). Both are
linear in y: the matrices are made once, from the nodes. Quintics are reproduced, and the error is O(h⁶).

Beyond the ends, with U, U′, U″ those at the end:

    exponential      U − (U′/c)(e^{−c(x − x_0)} − 1),  c = −U″/U′ > 0                    (C², the repulsive wall)
    inverse power    U + (U′x_e/n)(1 − (x_e/x)^n),     n = −1 − x_e U″/U′ > 0            (C², towards dissociation)
    constant         U                                                                  (C⁰: for curves that have levelled off)
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
from jaxwigner.potentials._parameters import cast, interval, parameter
from jaxwigner.potentials.potential import Bounds, OnLine

INNER = ("exponential", "refuse")
OUTER = ("refuse", "constant", "inverse-power")
LEVEL = 0.05  # share of its range by which a curve of that slope would change over its length: it has not levelled off


class _End(NamedTuple):
    """Where a table ends: place, value, slope and curvature there."""

    x: Array
    value: Array
    slope: Array
    curvature: Array


class _Known(NamedTuple):
    """The same as numbers that are known."""

    x: float
    value: float
    slope: float
    curvature: float


class Curve(OnLine):
    """The quintic spline through the points (x_i, y_i), C⁴ from the first node to the last, with a stated law beyond them (d = 1).

    Values, gradients and bounds are differentiable in every tabulated value; U‴ is continuous between the ends, as `jw.predict` needs
    it. The bounds are valid but not attained (they come from Bernstein coefficients).

    **Arguments:**

    - `nodes`: at least 6 increasing numbers, shape `(n,)`, known.
    - `values`: U at the nodes, shape `(n,)`.
    - `inner`: before the first node, "exponential" (the wall a + be^{−cx} that continues U, U′ and U″) or "refuse" (undefined: NaN,
      and systems refuse grids and particles there).
    - `outer`: beyond the last node, "refuse", "constant" (its value: for a curve that has levelled off) or "inverse-power" (the
      a − b/x^n that continues U, U′ and U″).

    **Raises:** `ValueError` for fewer than 6 nodes, nodes that do not increase, unequal shapes, anything not real and finite, an
    unknown law, or one that does not fit the end.

    !!! example

        >>> import numpy as np
        >>> from jaxwigner.potentials import Curve, Morse
        >>> nodes = np.linspace(1.0, 5.0, 41)
        >>> curve = Curve(nodes, Morse(0.2, 1.2, 1.8)(nodes), outer="inverse-power")
        >>> abs(float(curve(2.22) - Morse(0.2, 1.2, 1.8)(2.22))) < 1e-7
        True
        >>> curve.covers(0.5, 20.0)
        True
    """

    nodes: Float[Array, " n"]
    values: Float[Array, " n"]
    slopes_of: Float[Array, "n n"]
    curvatures_of: Float[Array, "n n"]
    inner: str = eqx.field(static=True)
    outer: str = eqx.field(static=True)

    def __init__(self, nodes: Any, values: Any, inner: str = "exponential", outer: str = "refuse"):
        check_choice("inner", inner, INNER)
        check_choice("outer", outer, OUTER)
        require(concrete(nodes), "nodes", "be known", "traced")
        self.nodes = parameter("nodes", nodes, vector=True)
        self.values = parameter("values", values, vector=True)
        self.inner, self.outer = inner, outer
        count = self.nodes.shape[0]
        require(count >= 6, "nodes", "have at least 6 entries", nodes)
        require(self.values.shape == (count,), "values", f"have {count} entries", values)
        places = np.asarray(nodes, dtype=float)
        require(np.diff(places) > 0, "nodes", "increase", nodes)
        self.slopes_of, self.curvatures_of = (parameter_matrix(m) for m in _derivatives(places))
        self._check_ends()

    @property
    def domain(self) -> tuple[Any, Any]:
        """The first and the last node, or infinity where a law continues U."""
        ends = np.asarray(self.nodes) if concrete(self.nodes) else self.nodes
        first, last = (float(end) if concrete(end) else end for end in (ends[0], ends[-1]))
        return (
            first if self.inner == "refuse" else -math.inf,
            last if self.outer == "refuse" else math.inf,
        )

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        inside, index, t = self._locate(q)
        coefficients = self._powers(q)
        value = sum_of([c[index] for c in coefficients], t)
        return self._continued(q, inside, value, order=0)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        inside, index, t = self._locate(q)
        width = jnp.diff(cast(self.nodes, q))[index]
        terms = [k * c[index] for k, c in enumerate(self._powers(q))][1:]
        return (self._continued(q, inside, sum_of(terms, t) / width, order=1),)

    def _locate(self, x: Array) -> tuple[Array, Array, Array]:
        """x moved to the nearest point between the ends, its interval, and where in it (0 … 1)."""
        nodes = cast(self.nodes, x)
        inside, index = interval(nodes, x)
        return inside, index, (inside - nodes[index]) / jnp.diff(nodes)[index]

    def _hermite(self) -> tuple[Array, Array, Array]:
        """Values, slopes and curvatures at the nodes."""
        # The matrices know no constant: without one nothing cancels.
        apart = self.values - self.values[0]
        return self.values, self.slopes_of @ apart, self.curvatures_of @ apart

    def _powers(self, like: Array) -> list[Array]:
        """The coefficients of 1, t, …, t⁵ on every interval."""
        y, m, c = self._hermite()
        h = jnp.diff(self.nodes)
        rise = jnp.diff(y)
        m0, m1, c0, c1 = h * m[:-1], h * m[1:], h**2 * c[:-1], h**2 * c[1:]
        powers = [
            y[:-1],
            m0,
            0.5 * c0,
            10 * rise - 6 * m0 - 4 * m1 - 1.5 * c0 + 0.5 * c1,
            -15 * rise + 8 * m0 + 7 * m1 + 1.5 * c0 - c1,
            6 * rise - 3 * m0 - 3 * m1 - 0.5 * c0 + 0.5 * c1,
        ]
        return [cast(power, like) for power in powers]

    def _end(self, index: int) -> _End:
        y, m, c = self._hermite()
        return _End(self.nodes[index], y[index], m[index], c[index])

    def _continued(self, x: Array, inside: Array, value: Array, order: int) -> Array:
        """The spline's value (`order` 0) or slope (1); beyond the ends, that of the laws, and NaN where there is none."""
        ends = ((self.inner, 0, x < inside), (self.outer, -1, x > inside))
        for law, index, beyond in ends:
            end = _End(*(cast(number, x) for number in self._end(index)))
            there = jnp.where(beyond, x, end.x)  # nothing overflows in the branch that is not taken
            value = jnp.where(beyond, _LAWS[law](end, there)[order], value)
        return value

    def _check_ends(self) -> None:
        """A law fits its end."""
        if not concrete(self.values):
            return
        first, last = (_Known(*map(float, self._end(index))) for index in (0, -1))
        if self.inner == "exponential":
            must = "be 'refuse' where the curve does not fall and curve upwards at its first point (U′ < 0 < U″)"
            require(first.slope < 0 < first.curvature, "inner", must, self.inner)
        if self.outer == "inverse-power":
            power = -1 - last.x * last.curvature / last.slope if last.slope else math.nan
            must = "be another law where the curve does not level off like a − b/xⁿ (n > 0, x > 0)"
            require(last.x > 0 and 0 < power, "outer", must, f"{self.outer!r} with n = {power:.3g}")
        if self.outer == "constant":
            spread, length = np.ptp(np.asarray(self.values)), float(self.nodes[-1] - self.nodes[0])
            must = f"be another law where the curve has not levelled off (slope {last.slope:.3g} at its end)"
            require(abs(last.slope) * length <= LEVEL * spread, "outer", must, self.outer)

    @property
    def bounds(self) -> Bounds:
        y, m, c = self._hermite()
        pieces = bernstein(y, m, c, jnp.diff(self.nodes))
        low, high = (f(pieces[0]) for f in (jnp.min, jnp.max))
        sizes = [jnp.max(jnp.abs(piece)) for piece in pieces[1:]]
        if self.inner == "exponential":
            high, sizes = jnp.full_like(high, jnp.inf), [jnp.full_like(high, jnp.inf)] * 3
        if self.outer == "constant":  # U′ jumps
            sizes[1:] = [jnp.full_like(high, jnp.inf)] * 2
        if self.outer == "inverse-power":
            _, limit = self.limit()
            low, high = jnp.minimum(low, limit), jnp.maximum(high, limit)
            sizes[2] = jnp.maximum(sizes[2], self._third_beyond())
        return Bounds(low, high, *sizes)

    def limit(self) -> tuple[Array, Array]:
        """n and a of the law a − b/xⁿ beyond the last node, real numbers; NaN where the law is another one.

        >>> import numpy as np
        >>> from jaxwigner.potentials import Curve
        >>> x = np.linspace(2.0, 6.0, 41)
        >>> curve = Curve(x, 0.2 - 3 / x**6, inner="refuse", outer="inverse-power")
        >>> round(float(curve.limit()[1]), 3)
        0.2
        """
        if self.outer != "inverse-power":
            return jnp.asarray(jnp.nan), jnp.asarray(jnp.nan)
        end = self._end(-1)
        return _power(end), _inverse_power(end, jnp.asarray(jnp.inf, end.x.dtype))[0]

    def _third_beyond(self) -> Array:
        """sup|U‴| beyond the last node: at the node, from where it falls."""
        end = self._end(-1)
        power = _power(end)
        return jnp.abs(end.slope * (power + 1) * (power + 2) / end.x**2)


def parameter_matrix(matrix: np.ndarray) -> jax.Array:
    """A matrix of known numbers, known also under `jax.jit`."""
    with jax.ensure_compile_time_eval():
        return jnp.asarray(matrix, dtype=jnp.result_type(float))


def _derivatives(nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The matrices that give slopes and curvatures of the spline at its nodes from the values there."""
    from scipy.interpolate import make_interp_spline

    scale = (nodes[-1] - nodes[0]) / (
        nodes.size - 1
    )  # of order one, as the coefficients of splines like it
    u = (nodes - nodes[0]) / scale
    spline = make_interp_spline(u, np.eye(nodes.size), k=5)
    return spline(u, nu=1) / scale, spline(u, nu=2) / scale**2


def sum_of(coefficients: list[Array], t: Array) -> Array:
    """Σ_k c_k t^k by Horner's rule."""
    total = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = coefficient + t * total
    return total


def bernstein(y: Array, m: Array, c: Array, h: Array) -> list[Array]:
    """Bernstein coefficients of U, U′, U″ and U‴ on every interval: a polynomial stays between the least and the largest."""
    m0, m1, c0, c1 = h * m[:-1] / 5, h * m[1:] / 5, h**2 * c[:-1] / 20, h**2 * c[1:] / 20
    left, right = y[:-1], y[1:]
    rows = [left, left + m0, left + 2 * m0 + c0, right - 2 * m1 + c1, right - m1, right]
    found: list[Array] = [jnp.stack(rows)]
    for degree in (5, 4, 3):
        found.append(degree * jnp.diff(found[-1], axis=0) / h[None])
    return found


def _refused(end: _End, x: Array) -> tuple[Array, Array]:
    nothing = jnp.full_like(x, jnp.nan)
    return nothing, nothing


def _constant(end: _End, x: Array) -> tuple[Array, Array]:
    return jnp.broadcast_to(end.value, x.shape), jnp.zeros_like(x)


def _exponential(end: _End, x: Array) -> tuple[Array, Array]:
    # Tabulated values that are traced may not fit the law: then there is none.
    rate = jnp.where((end.slope < 0) & (end.curvature > 0), -end.curvature / end.slope, jnp.nan)
    s = x - end.x
    return end.value - end.slope / rate * jnp.expm1(-rate * s), end.slope * jnp.exp(-rate * s)


def _power(end: _End) -> Array:
    """n of a − b/xⁿ that continues U, U′ and U″."""
    power = -1 - end.x * end.curvature / end.slope
    return jnp.where(power > 0, power, jnp.nan)


def _inverse_power(end: _End, x: Array) -> tuple[Array, Array]:
    power, ratio = _power(end), end.x / x
    value = end.value + end.slope * end.x / power * (1 - ratio**power)
    return value, end.slope * ratio ** (power + 1)


_LAWS = {
    "refuse": _refused,
    "constant": _constant,
    "exponential": _exponential,
    "inverse-power": _inverse_power,
}
