"""The third derivative of U as directions drawn at random: (c, v) with E[c v⊗v⊗v] = D³U(x), a tensor that is never formed.

    one coordinate      c = U‴, v = 1
    Σ_k u_k(a_k·x)      c = u_k‴/π_k, v = a_k, term k with the probability π_k ∝ |u_k‴||a_k|³
    Σ_{i<j} u(|r_ij|)   D³u = (α − γ)n³ + γ E[(n + λe)³], n = r/|r|, α = u‴, β = u″/r − u′/r², γ = (D−1)β/λ², λ² = 2, and e a unit
                        vector ⟂ n, uniform; v moves i by n or n + λe and j by its negative
    any other           v uniform on |v|² = d, κ = d²/((d+2)(d+4)), c = (D³U[v,v,v] − 3d/(d+4) v·∇ΔU)/(6κ)

The last follows from E[v_i v_j v_k v_a v_b v_c]: without the deflation by ∇ΔU its trace would count 2.5 times.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy.special import ndtri
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.potentials.combined import Separable
from jaxwigner.potentials.pairs.bodies import Pairs, Ridges, each, who
from jaxwigner.potentials.polynomial import Free, Harmonic, Linear
from jaxwigner.potentials.potential import Potential, Scaled, Sum

LAMBDA = 2.0  # λ²: of n + λe


class Terms(NamedTuple):
    """Coefficients (terms, lane) of cubes of directions, their lengths (terms, 1), and the direction (d, lane) of a chosen term.

    `direction(chosen, uniforms)`: from the number of the term in each lane, and numbers in (0, 1) of shape (d + 1, lane).
    """

    coefficients: Array
    lengths: Array
    direction: Callable[[Array, Array], Array]


def drawn(
    potential: Potential, x: Float[Array, "d n"], uniforms: Float[Array, "m n"], exact: bool
) -> tuple[Float[Array, " n"], Float[Array, "d n"]]:
    """(c, v) at each of the points x; `uniforms`: m = d + 2 numbers in (0, 1) for each; `exact`: by `terms`.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.potentials import as_potential
    >>> from jaxwigner.potentials.pairs.cubic import drawn
    >>> c, v = drawn(as_potential(lambda x: x**3), jnp.array([[0.7]]), jnp.full((3, 1), 0.4), True)
    >>> float(c[0] * v[0, 0] ** 3)
    6.0
    """
    if not exact:
        return _on_sphere(potential, x, uniforms[1:])
    found = terms(potential, x) or []
    if not found:
        return jnp.zeros_like(x[0]), jnp.ones_like(x)
    return _picked(found, x, uniforms)


def terms(potential: Potential, x: Float[Array, "d n"]) -> list[Terms] | None:
    """The sum of cubes that D³U is, or None for a potential of which that is not known; empty where D³U = 0."""
    known = _terms(potential, x)
    if known is None and len(x) == 1:
        third = derivatives(lambda s: potential(s), x)[2]
        return [Terms(third, jnp.ones((1, 1), x.dtype), lambda chosen, uniforms: jnp.ones_like(x))]
    return known


def derivatives(function: Callable[[Array], Array], s: Array) -> tuple[Array, Array, Array]:
    """u′, u″ and u‴ of an elementwise function."""

    def slope(f):
        return lambda s: jax.jvp(f, (s,), (jnp.ones_like(s),))[1]

    first = slope(function)
    second = slope(first)
    return first(s), second(s), slope(second)(s)


@functools.singledispatch
def _terms(potential: Any, x: Array) -> list[Terms] | None:
    return None


@_terms.register(Free)
@_terms.register(Linear)
@_terms.register(Harmonic)
def _none(potential: Any, x: Array) -> list[Terms]:
    return []


@_terms.register
def _of_sum(potential: Sum, x: Array) -> list[Terms] | None:
    every = [terms(part, x) for part in potential.parts]
    known = [found for found in every if found is not None]
    return [one for found in known for one in found] if len(known) == len(every) else None


@_terms.register
def _of_scaled(potential: Scaled, x: Array) -> list[Terms] | None:
    found = terms(potential.potential, x)
    factor = jnp.asarray(potential.factor, x.dtype)
    return found and [one._replace(coefficients=factor * one.coefficients) for one in found]


@_terms.register
def _of_separable(potential: Separable, x: Array) -> list[Terms]:
    third = [derivatives(lambda s, u=u: u(s), s)[2] for u, s in zip(potential.axes, x)]
    units = jnp.eye(len(x), dtype=x.dtype)
    lengths = jnp.ones((len(x), 1), x.dtype)
    return [Terms(jnp.stack(third), lengths, lambda chosen, uniforms: units[chosen].T)]


@_terms.register
def _of_ridges(potential: Ridges, x: Array) -> list[Terms]:
    third = each(potential, lambda u, s: derivatives(lambda s: u(s), s)[2], potential.along(*x))
    rows = potential.directions.astype(x.dtype)
    lengths = jnp.linalg.norm(rows, axis=1, keepdims=True)
    return [Terms(third, lengths, lambda chosen, uniforms: rows[chosen].T)]


@_terms.register
def _of_pairs(potential: Pairs, x: Array) -> list[Terms]:
    gaps, r = potential.apart(*x)
    first, second, third = derivatives(lambda s: potential.pair(s), r)
    across = (potential.space - 1) * (second / r - first / r**2) / LAMBDA
    coefficients = jnp.concatenate([third - across, across])
    lengths = jnp.repeat(jnp.sqrt(jnp.asarray([2.0, 2 * (1 + LAMBDA)], x.dtype)), len(r))
    units = gaps / r[:, None]
    direction = functools.partial(_moved_pair, potential, units)
    if potential.space == 1:  # nothing lies across
        return [Terms(coefficients[: len(r)], lengths[: len(r), None], direction)]
    return [Terms(coefficients, lengths[:, None], direction)]


def _moved_pair(potential: Pairs, units: Array, chosen: Array, uniforms: Array) -> Array:
    """±n, or ±(n + λe), at the two bodies of a pair, and 0 elsewhere; (d, lane)."""
    count = len(units)
    pair = chosen % count
    n = jnp.take_along_axis(units, pair[None, None], axis=0)[0]
    v = jnp.where((chosen >= count)[None], n + jnp.sqrt(LAMBDA) * _across(n, uniforms), n)
    first, second = (jnp.asarray(body)[pair] for body in who(potential.number))
    bodies = jnp.arange(potential.number)[:, None]
    sign = (bodies == first[None]).astype(v.dtype) - (bodies == second[None]).astype(v.dtype)
    return (sign[:, None] * v[None]).reshape(-1, v.shape[-1])


def _across(n: Array, uniforms: Array) -> Array:
    """A uniform unit vector ⟂ n, in one to three dimensions (0 in one)."""
    if len(n) == 1:
        return jnp.zeros_like(n)
    if len(n) == 2:
        return jnp.where(uniforms[:1] < 0.5, 1, -1) * jnp.stack([-n[1], n[0]])
    # Two vectors ⟂ n, without a singular direction (Duff et al., J. Comput. Graph. Tech. 6 (2017) 1).
    sign = jnp.where(n[2] >= 0, 1.0, -1.0).astype(n.dtype)
    a = -1 / (sign + n[2])
    b = n[0] * n[1] * a
    one = jnp.stack([1 + sign * n[0] ** 2 * a, sign * b, -sign * n[0]])
    two = jnp.stack([b, sign + n[1] ** 2 * a, -n[1]])
    angle = 2 * jnp.pi * uniforms[0]
    return jnp.cos(angle)[None] * one + jnp.sin(angle)[None] * two


def _picked(found: list[Terms], x: Array, uniforms: Array) -> tuple[Array, Array]:
    """One of all terms, with the probability π ∝ |coefficient||v|³.

    π is a constant of differentiation: the mean over the choice then has the derivative of the sum.
    """
    coefficients = jnp.concatenate([one.coefficients for one in found])
    if len(coefficients) == 1:  # no choice: a program of half the size
        (only,) = [one for one in found if len(one.coefficients)]
        return coefficients[0], only.direction(jnp.zeros(x.shape[1], int), uniforms[1:])
    lengths = jnp.concatenate([one.lengths for one in found])
    sizes = lax.stop_gradient(jnp.abs(coefficients) * lengths**3)
    upto = jnp.cumsum(sizes, axis=0)
    level = uniforms[0] * upto[-1]
    chosen = jnp.minimum(jnp.sum(upto <= level[None], axis=0), len(sizes) - 1)
    size = jnp.take_along_axis(sizes, chosen[None], axis=0)[0]
    taken = jnp.take_along_axis(coefficients, chosen[None], axis=0)[0]
    something = size > 0
    c = jnp.where(something, taken * upto[-1] / jnp.where(something, size, 1.0), 0.0)
    v, start = jnp.zeros_like(x), 0
    for one in found:
        here = chosen - start
        inside = (here >= 0) & (here < len(one.coefficients))
        own = one.direction(jnp.clip(here, 0, len(one.coefficients) - 1), uniforms[1:])
        v, start = jnp.where(inside[None], own, v), start + len(one.coefficients)
    return c, v


def _on_sphere(potential: Potential, x: Array, uniforms: Array) -> tuple[Array, Array]:
    """v uniform on |v|² = d, and c with the deflation."""
    d = len(x)
    normal = ndtri(uniforms[:d])
    v = normal * jnp.sqrt(d / jnp.sum(normal**2, axis=0))[None]
    value = lambda x: potential(*x)  # noqa: E731
    along = _slope(_slope(_slope(value, v), v), v)(x)
    units = jnp.eye(d, dtype=x.dtype)

    # One axis at a time: a trace of D³U[·, ·, v] without a second matrix.
    def add(total, unit):
        unit = jnp.broadcast_to(unit[:, None], x.shape)
        return total + _slope(_slope(_slope(value, v), unit), unit)(x), None

    trace, _ = lax.scan(add, jnp.zeros_like(along), units)
    kappa = d**2 / ((d + 2) * (d + 4))
    return (along - 3 * d / (d + 4) * trace) / (6 * kappa), v


def _slope(function: Callable[[Array], Array], v: Array) -> Callable[[Array], Array]:
    """x ↦ Df(x)[v]."""
    return lambda x: jax.jvp(function, (x,), (v,))[1]
