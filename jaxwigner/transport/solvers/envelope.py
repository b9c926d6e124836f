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
        guarded = jax.tree.map(lambda leaf: _only_once(leaf) if eqx.is_array(leaf) else leaf, given)
        return eqx.filter_jvp(value, guarded, tangents)

    return once(*parameters)


def still(tree: Any) -> Any:
    """No derivatives through arrays; numbers stay numbers."""
    return jax.tree.map(lambda x: lax.stop_gradient(x) if isinstance(x, jax.Array) else x, tree)


def with_slope(result: Any, slope: Array) -> Any:
    """A result whose brackets `cost` and `discrete` have the same numbers with the derivative of `slope`."""
    nothing = slope - lax.stop_gradient(slope)
    moved = lambda b: Bracket(b.lower + nothing, b.upper + nothing, b.rigorous)  # noqa: E731
    both = (moved(result.cost), moved(result.discrete))
    return eqx.tree_at(lambda r: (r.cost, r.discrete), result, both)
