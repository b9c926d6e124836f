"""Derivatives at an optimum by the envelope theorem: of first order, and no more.

    E(θ) = min_Q L(θ, Q) = L(θ, Q*(θ)),   dE/dθ = ∂L/∂θ at Q*,   but   d²E/dθ² = ∂²L/∂θ² + ∂²L/∂θ∂Q · dQ*/dθ

With Q* held still the first derivative is right and the second is not: it lacks the last term. So a second differentiation is
refused here, rather than answered wrongly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket

REFUSAL = "A transport cost has no second derivative here, since its coupling moves: take differences of its gradient"


@jax.custom_jvp
def _only_once(x: Any) -> Any:
    return x


@_only_once.defjvp
def _(primals, tangents):
    raise NotImplementedError(REFUSAL)


def first_order(value: Callable[..., Array], *parameters: Any) -> Float[Array, ""]:
    """`value(*parameters)`, which can be differentiated once with respect to them.

    >>> import jax, jax.numpy as jnp
    >>> from jaxwigner.transport.solvers.envelope import first_order
    >>> cube = lambda x: first_order(lambda y: y**3, x)
    >>> float(jax.grad(cube)(2.0))
    12.0
    >>> try:
    ...     jax.grad(jax.grad(cube))(2.0)
    ... except NotImplementedError as error:
    ...     print(error)
    A transport cost has no second derivative here, since its coupling moves: take differences of its gradient
    """

    @eqx.filter_custom_jvp
    def once(*given):
        return value(*given)

    @once.def_jvp
    def rule(given, tangents):
        return eqx.filter_jvp(value, _guarded(given), tangents)

    return once(*parameters)


def slope_of(value: Callable[..., Array], *parameters: Any) -> Float[Array, ""]:
    """0 with the first derivative of `value` at these parameters, which is traced where it is differentiated and nowhere else.

    >>> import jax
    >>> from jaxwigner.transport.solvers.envelope import slope_of
    >>> cube = lambda x: slope_of(lambda y: y**3, x)
    >>> float(cube(2.0)), float(jax.grad(cube)(2.0))
    (0.0, 12.0)
    """
    numbers = [leaf for leaf in jax.tree.leaves(parameters) if eqx.is_inexact_array(leaf)]
    dtype = jnp.finfo(jnp.result_type(*numbers, jnp.float32)).dtype

    @eqx.filter_custom_jvp
    def nothing(*given):
        return jnp.zeros((), dtype)

    @nothing.def_jvp
    def rule(given, tangents):
        slope = eqx.filter_jvp(value, _guarded(given), tangents)[1]
        return jnp.zeros((), dtype), slope.astype(dtype)

    return nothing(*parameters)


def _guarded(given: Any) -> Any:
    return jax.tree.map(lambda leaf: _only_once(leaf) if eqx.is_array(leaf) else leaf, given)


def still(tree: Any) -> Any:
    """No derivatives through arrays; numbers stay numbers."""
    return jax.tree.map(lambda x: lax.stop_gradient(x) if isinstance(x, jax.Array) else x, tree)


def with_slope(result: Any, slope: Array) -> Any:
    """A result whose brackets `cost` and `discrete` have the same numbers with the derivative of `slope`, a `slope_of`."""
    moved = lambda b: Bracket(b.lower + slope, b.upper + slope, b.rigorous)  # noqa: E731
    both = (moved(result.cost), moved(result.discrete))
    return eqx.tree_at(lambda r: (r.cost, r.discrete), result, both)
