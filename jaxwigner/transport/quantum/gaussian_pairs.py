"""MK_ħ² of two Gaussian states: in closed form for d = 1, by a covariance program with two bounds for any d.

    any d    MK² = ½|m−m′|² + ½tr(S+S′) − max{tr C : [[S + iħJ/2, C], [Cᵀ, S′ + iħJ/2]] ≥ 0}          both signs +
    d = 1    MK² = ½|m−m′|² + ½tr(S+S′) − ħ min_u √((a cosh u − 1)(b cosh(D−u) − 1)),   0 ≤ u ≤ D
             a = 2√det S/ħ,  b = 2√det S′/ħ,  cosh D = 2tr SS′/(abħ²)

The second line is the minimum of √((tr NS − ħ)(tr N⁻¹S′ − ħ)) over N > 0 with det N = 1: these N are a hyperbolic plane, in which the
factors grow with the distances from S⁻¹ and S′ (normalised), D apart, so that the least value lies on the geodesic between them. For
a ≥ b it is the only root w ≥ 0 of tanh w (2ab cosh w − (a+b)cosh ½D) = (a−b)sinh ½D, u = ½D + w: at −w the product is larger. With
λ² = (b cosh(D−u) − 1)/(a cosh u − 1) the subtracted term is √(λ²det S + λ⁻²det S′ + tr SS′) − ½ħ(λ + 1/λ), which any λ > 0 bounds from
above: its derivative at fixed λ is that of MK². A state whose symplectic eigenvalues are ½ħ to rounding counts as pure.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxwigner._checks import check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Scalar
from jaxwigner.states import Gaussian
from jaxwigner.transport.gaussians import check_pair, check_uncertainty
from jaxwigner.transport.quantum.covariances import covariance_point
from jaxwigner.transport.solvers.envelope import slope_of
from jaxwigner.transport.solvers.matrices import broadcasting, symplectic

EPSILON = float(np.finfo(float).eps)
BISECTIONS = 60
UNSURE = 1e-8  # error of a − 1 beyond which a state is not taken for a pure one


@broadcasting
def gaussian_pair_cost(R: Gaussian, S: Gaussian, hbar: Scalar) -> Bracket:
    """MK_ħ(R, S)² of two Gaussian states in any dimension (d = 1 in closed form, else between a dual and a primal bound).

    **Arguments:** `R`, `S`: Gaussian states, by their Wigner functions N(m, Σ) with Σ + iħJ/2 ≥ 0; `hbar`: ħ > 0.

    **Returns:** a `Bracket`: its width is rounding for d = 1, near 1e-11 of the value for d ≥ 2. It grows as modes come near to pure
    ones, where the square root of a rounding error enters: to 1e-8 where a symplectic eigenvalue is ½ħ(1 + 1e-8) in d ≥ 2, 1e-4 at
    ½ħ(1 + 1e-12). Where it is ½ħ to rounding the mode counts as pure, and the bracket is narrow again. Differentiable once in all
    moments and ħ, with the derivative of the product formula at pure states, on whose far side there are no states.

    **Raises:** `ValueError` for a covariance that violates the uncertainty relation, dimensions that differ, and in single precision.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.transport import gaussian_pair_cost
    >>> R, S = (jw.Gaussian([0.0, 0.0], s * jnp.eye(2)) for s in (0.3, 0.2))
    >>> round(float(gaussian_pair_cost(R, S, hbar=0.1).centre), 9)  # ħ + (√0.25 − √0.15)²
    0.112701665
    """
    check_double()
    check_pair(R, S, ("R", "S"))
    check_positive_scalar("hbar", hbar)
    for name, state in (("R", R), ("S", S)):
        check_uncertainty(state, hbar, name)
    return (_line_cost if R.dimension == 1 else _program_cost)(R, S, hbar)


@broadcasting
def self_distance(R: Gaussian, hbar: Scalar) -> Bracket:
    """MK_ħ(R, R)² of a Gaussian state; for d = 1, with eigenvalues νe^{±2r} of its covariance and ν = ½ħcosh 2θ, ħcosh 2(r−θ)₊.

    It is dħ, the least that MK_ħ² can be, exactly where a quantum-limited attenuator of transmission ½ produces R (all Töplitz
    states, and some more), and tr Σ for a pure state; it does not vanish with R = R: MK_ħ is no metric.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.transport import self_distance
    >>> squeezed = jw.Gaussian([0.0, 0.0], jnp.diag(jnp.array([0.9, 0.05])))
    >>> round(float(self_distance(squeezed, 0.3).centre), 12)
    0.348959235991
    """
    check_double()
    require(isinstance(R, Gaussian), "R", "be a Gaussian", R)
    check_positive_scalar("hbar", hbar)
    check_uncertainty(R, hbar)
    return _line_self(R, hbar) if R.dimension == 1 else _program_cost(R, R, hbar)


def check_double() -> None:
    """Raise unless JAX computes in double precision."""
    if jnp.result_type(float) != jnp.float64:
        raise ValueError(
            "Certificates need float64: call jax.config.update('jax_enable_x64', True) first"
        )


def _product(R: Gaussian, S: Gaussian) -> Array:
    shift = jnp.sum((R.mean - S.mean) ** 2)
    return 0.5 * (shift + jnp.trace(R.covariance) + jnp.trace(S.covariance))


def around(value: Array, error: Array, slope: Array) -> Bracket:
    """value ± error with the derivative of `slope`."""
    value, error = lax.stop_gradient((value, error))
    moved = slope - lax.stop_gradient(slope)
    return Bracket(value - error + moved, value + error + moved)


@once
def _program_cost(R: Gaussian, S: Gaussian, hbar: Scalar) -> Bracket:
    point = covariance_point(R.covariance, S.covariance, jnp.asarray(hbar))
    base = lax.stop_gradient(_product(R, S))
    ends = base - point.most, base - jnp.trace(point.C)
    rounding = 4 * EPSILON * base
    lower, upper = jnp.minimum(*ends) - rounding, jnp.maximum(*ends) + rounding

    def dual(R, S, hbar, weights):
        J = 0.5j * hbar * symplectic(2 * R.dimension)
        sides = zip(weights, (R.covariance, S.covariance))
        return _product(R, S) - sum(jnp.real(jnp.sum(W.conj() * (A + J))) for W, A in sides)

    slope = slope_of(dual, R, S, jnp.asarray(hbar), point.weights)
    return around(0.5 * (lower + upper), 0.5 * (upper - lower), slope)


class _Excess(NamedTuple):
    """a − 1 ≥ 0 of one state, a = 2√det S/ħ, and what rounding may have changed it by; both 0 if it is pure.

    Where S is so long and thin that rounding leaves less than UNSURE of a − 1, nobody knows whether it is pure: the error stays.
    """

    value: Array
    error: Array


def _excess(S: Array, hbar: Array) -> _Excess:
    terms = 4 / hbar**2 * jnp.stack([S[0, 0] * S[1, 1], -S[0, 1] * S[1, 0]])
    square = jnp.sum(terms) - 1
    root = 1 + jnp.sqrt(1 + jnp.maximum(square, 0.0))
    value, error = square / root, 4 * EPSILON * jnp.sum(jnp.abs(terms)) / root
    mixed, unsure = value > 2 * error, error > UNSURE
    error = jnp.where(mixed, error, jnp.where(unsure, 4 * error, 0.0))
    return _Excess(jnp.where(mixed, value, 0.0), error)


@once
def _line_cost(R: Gaussian, S: Gaussian, hbar: Scalar) -> Bracket:
    hbar = jnp.asarray(hbar)
    data = lax.stop_gradient((R, S, hbar))
    X, Y, gain, error = _least(*data)
    mixed = (X > 0) & (Y > 0)
    scale = jnp.sqrt(jnp.where(mixed, Y, 1.0) / jnp.where(mixed, X, 1.0))

    def dual(R, S, hbar, mixed, scale):
        return _product(R, S) - jnp.where(mixed, _gain(R, S, hbar, scale), 0.0)

    slope = slope_of(dual, R, S, hbar, mixed, scale)
    base = _product(*data[:2])
    return around(base - gain, error + 4 * EPSILON * base, slope)


def _gain(R: Gaussian, S: Gaussian, hbar: Array, scale: Array) -> Array:
    """√(λ²det S + λ⁻²det S′ + tr SS′) − ½ħ(λ + 1/λ)."""
    A, B = R.covariance, S.covariance
    det = lambda A: A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]  # noqa: E731
    square = scale**2 * det(A) + det(B) / scale**2 + jnp.sum(A * B)
    return jnp.sqrt(square) - 0.5 * hbar * (scale + 1 / scale)


def _least(R: Gaussian, S: Gaussian, hbar: Array) -> tuple[Array, Array, Array, Array]:
    """Both factors where √ of their product is least, ħ times that, and the error of this."""
    A, B = R.covariance, S.covariance
    a, b = _excess(A, hbar), _excess(B, hbar)
    ab, same = (1 + a.value) * (1 + b.value), jnp.sum(A * B)
    overlap = 2 * same / (ab * hbar**2)
    half = jnp.arcsinh(jnp.sqrt(jnp.maximum(0.5 * (overlap - 1), 0.0)))  # ½D
    w = _root(jnp.maximum(a.value, b.value), jnp.minimum(a.value, b.value), half)
    w = jnp.where(a.value >= b.value, w, -w)
    (X, dX), (Y, dY) = _factor(a, half + w), _factor(b, half - w)
    gain = hbar * jnp.sqrt(X * Y)
    cancelled = 4 * EPSILON * jnp.sum(jnp.abs(A * B))
    most = hbar * jnp.sqrt((X + dX) * (Y + dY)) - gain + cancelled / jnp.sqrt(same)
    # Where the factors are known well, λ is as well: twice the first order in both determinants and tr SS′, the term being concave.
    known = (4 * dX < X) & (4 * dY < Y)
    square = jnp.where(known, Y, 1.0) / jnp.where(known, X, 1.0)
    moved = 0.25 * hbar**2 * (square * a.error * (2 + a.value) + b.error * (2 + b.value) / square)
    root = gain + 0.5 * hbar * (jnp.sqrt(square) + 1 / jnp.sqrt(square))
    first = (moved + cancelled) / root + 4 * EPSILON * gain
    return X, Y, gain, jnp.where(known, jnp.minimum(first, most), most)


def _factor(a: _Excess, u: Array) -> tuple[Array, Array]:
    """a cosh u − 1 and its rounding error."""
    value = a.value * jnp.cosh(u) + 2 * jnp.sinh(0.5 * u) ** 2
    return value, a.error * jnp.cosh(u) + 4 * EPSILON * value


def _root(more: Array, less: Array, half: Array) -> Array:
    """w ≥ 0 with tanh w (2ab cosh w − (a+b)cosh ½D) = (a−b)sinh ½D, a − 1 = `more` ≥ b − 1 = `less`: the left side increases."""
    a, b, c, s = 1 + more, 1 + less, jnp.cosh(half), jnp.sinh(half)
    start = jnp.arccosh(jnp.maximum((a + b) * c / (2 * a * b), 1.0))
    beyond = lambda w: jnp.tanh(w) * (2 * a * b * jnp.cosh(w) - (a + b) * c) > (more - less) * s  # noqa: E731

    def halved(_, ends):
        middle = 0.5 * (ends[0] + ends[1])
        past = beyond(middle)
        return jnp.where(past, ends[0], middle), jnp.where(past, middle, ends[1])

    # Only where w = ½D exactly, the partner being pure, does rounding leave the end.
    pure = less == 0.0
    end: Array = lax.fori_loop(0, BISECTIONS, halved, (jnp.minimum(start, half), half))[1]
    return jnp.where(pure, half, end)


@once
def _line_self(R: Gaussian, hbar: Scalar) -> Bracket:
    hbar = jnp.asarray(hbar)
    data = lax.stop_gradient((R.covariance, hbar))
    excess = _excess(*data)

    def value(S: Array, hbar: Array, square: Any, relative: Any = 1.0) -> Array:
        """ħ(ac − √((a² − 1)(c² − 1))) with c = cosh 2r = tr S/2ν, or ħ where c ≤ a; det S times `relative`."""
        det = relative * (S[0, 0] * S[1, 1] - S[0, 1] * S[1, 0])
        spread = ((S[0, 0] - S[1, 1]) ** 2 + 4 * S[0, 1] * S[1, 0]) / (4 * det)  # c² − 1
        inside = spread > square
        safe: Any = jnp.where(inside & (square > 0), square * spread, 1.0)
        root = jnp.where(inside & (square > 0), jnp.sqrt(safe), 0.0)
        return jnp.where(inside, jnp.trace(S) - hbar * root, hbar)

    a = 1 + excess.value
    square = excess.value * (a + 1)
    centre = value(*data, square)
    moved, share = 2 * a * excess.error, 2 * excess.error / a
    ends = (
        value(*data, square + moved, jnp.maximum(1 - share, 0.1)),
        value(*data, jnp.maximum(square - moved, 0.0), 1 + share),
    )
    error = jnp.maximum(jnp.abs(ends[0] - centre), jnp.abs(ends[1] - centre))
    # Nothing is known of det S: from the floor to the product.
    product, unknown = jnp.trace(data[0]), share > 0.2
    value_and_error = jnp.stack([centre, error])
    between = 0.5 * jnp.stack([product + data[1], product - data[1]])
    centre, error = jnp.where(unknown, between, value_and_error)

    def formula(S, hbar, mixed):
        above = 4 * (S[0, 0] * S[1, 1] - S[0, 1] * S[1, 0]) / hbar**2 - 1
        return value(S, hbar, jnp.where(mixed, above, 0.0))

    slope = slope_of(formula, R.covariance, hbar, excess.value > 0)
    return around(centre, error + 4 * EPSILON * jnp.trace(data[0]), slope)
