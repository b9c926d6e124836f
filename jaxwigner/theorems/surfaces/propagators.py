"""Linear equations y′ = A(s)y by products of exponentials, the commutator-free Magnus method of order 4 (Blanes and Moan 2000).

Over a step of length h, with A₁, A₂ at the nodes ½ ∓ √3/6 of the step and a₁, a₂ = ¼ ∓ √3/6,

    y(s + h) = e^{h(a₁A₁ + a₂A₂)} e^{h(a₂A₁ + a₁A₂)} y(s) + O(h⁵)

All steps are computed at once, and their product of N in √N parts at once: 2√N products in turn instead of N.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Num

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.potentials.surfaces.algebra import product

NODES = np.array([0.5 - 3**0.5 / 6, 0.5 + 3**0.5 / 6])
WEIGHTS = np.array([[0.25 + 3**0.5 / 6, 0.25 - 3**0.5 / 6], [0.25 - 3**0.5 / 6, 0.25 + 3**0.5 / 6]])


def stages(
    values: Callable[[Array], Array], lower: Scalar, upper: Scalar, steps: int
) -> tuple[Float[Array, " stage *entries"], Scalar]:
    """Σ_j a_kj A(s_j) of every exponential, in the order in which they act, and the length of a step; `values`: s ↦ A(s).

    >>> from jaxwigner.theorems.surfaces.propagators import stages
    >>> sums, step = stages(lambda s: 2 * s, 0.0, 1.0, 2)  # ∫2s ds
    >>> round(float(step * sums.sum()), 12), sums.shape
    (1.0, (4,))
    """
    h = (upper - lower) / steps
    s = lower + h * (jnp.arange(steps)[:, None] + jnp.asarray(NODES)[None])
    A = values(s)
    sums = jnp.tensordot(jnp.asarray(WEIGHTS), A, axes=(1, 1))
    return jnp.moveaxis(sums, 0, 1).reshape(2 * steps, *A.shape[2:]), h


def ordered_product(factors: Num[Array, "power *batch n n"]) -> Num[Array, "*batch n n"]:
    """… F₂F₁F₀ of a power of two of factors.

    >>> import numpy as np
    >>> from jaxwigner.theorems.surfaces.propagators import ordered_product
    >>> F = np.array([[[1.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]])
    >>> ordered_product(F).tolist(), (F[1] @ F[0]).tolist()
    ([[1.0, 1.0], [1.0, 2.0]], [[1.0, 1.0], [1.0, 2.0]])
    """
    factors = jnp.asarray(factors)
    parts = 2 ** ((factors.shape[0].bit_length() - 1) // 2)
    parted = factors.reshape(parts, -1, *factors.shape[1:])
    return _in_turn(_in_turn(jnp.swapaxes(parted, 0, 1)))


def _in_turn(factors: Num[Array, "count *batch n n"]) -> Num[Array, "*batch n n"]:
    multiplied = lambda done, factor: (product(factor, done), None)  # noqa: E731
    return jax.lax.scan(multiplied, factors[0], factors[1:])[0]
