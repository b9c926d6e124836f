"""The quadratic pair potential V = ½κ|x|², which is solved exactly for Gaussian data at every N.

    (1/N)Σ_{j<k}V(x_j − x_k) = ½κ(Σ|x_j|² − N|X̄|²): the centre of mass X̄ is free, all relative modes have frequency √κ.

For R^{⊗N} with a Gaussian R of mean m and covariance S the mean of one body moves freely, and with Φ_ω(t) the flow of ẍ = −ω²x

    S1_N(t) = (1 − 1/N) Φ_√κ S Φ_√κᵀ + (1/N) Φ_0 S Φ_0ᵀ,   cov(z_1, z_2)(t) = (1/N)(Φ_0 S Φ_0ᵀ − Φ_√κ S Φ_√κᵀ),

classically as well as quantum mechanically; N = ∞ is the Hartree or Vlasov equation. ∇V is not bounded: Golse–Paul Theorem 2.6 does
not cover it.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_integer, check_positive, check_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.states.classical import Gaussian


def quadratic_marginal(
    state: Gaussian, stiffness: Scalar, number: Scalar, time: Scalar, *, n: int = 1
) -> Gaussian:
    """The n-body marginal at time t of N bodies that start independently in `state`, with V = ½κ|x|² and mass 1.

    **Arguments:** `state`: a `Gaussian` of 2d coordinates, classical or quantum; `stiffness`: κ, of either sign, may be traced;
    `number`: N ≥ n or `inf` (the Hartree and Vlasov limit), may be traced; `time`: t; `n`: how many bodies are kept (static).

    **Returns:** a `Gaussian` of 2nd coordinates: the positions of all n bodies, then their momenta.

    **Raises:** `ValueError` for a `state` that is no Gaussian, or numbers that cannot be right.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum import quadratic_marginal
    >>> start = jw.Gaussian(jnp.array([0.0, 1.0]), 0.5 * jnp.eye(2))
    >>> one = quadratic_marginal(start, stiffness=1.0, number=4, time=2.0)
    >>> [round(float(v), 6) for v in (one.mean[0], one.covariance[0, 0])]  # 0 + 2·1, (1 − ¼)/2 + ¼(1 + 2²)/2
    [2.0, 1.0]
    """
    check_marginal(state, stiffness, number, time, n)
    share = 1 / jnp.asarray(number, float)
    d = state.dimension
    free, bound = (_moved(state.covariance, flow_matrix(k, time), d) for k in (0.0, stiffness))
    same, other = (1 - share) * bound + share * free, share * (free - bound)
    blocks = jnp.einsum("ab,iujv->iaujbv", jnp.eye(n), (same - other).reshape(2, d, 2, d))
    blocks = blocks + jnp.einsum("ab,iujv->iaujbv", jnp.ones((n, n)), other.reshape(2, d, 2, d))
    mean = jnp.einsum("ij,ju->iu", flow_matrix(0.0, time), state.mean.reshape(2, d))
    means = jnp.broadcast_to(mean[:, None], (2, n, d)).reshape(-1)
    return Gaussian(means, blocks.reshape(2 * n * d, 2 * n * d))


def flow_matrix(stiffness: Scalar, time: Scalar) -> Float[Array, "2 2"]:
    """Φ(t) of ẋ = p, ṗ = −κx for any sign of κ: differentiable in κ at 0 too.

    >>> from jaxwigner.states.quadratic import flow_matrix
    >>> flow_matrix(0.0, 3.0)[0].tolist()
    [1.0, 3.0]
    """
    k, t = jnp.asarray(stiffness, float), jnp.asarray(time, float)
    z = k * t**2
    cos, sinc = _cos_sinc(z)
    return jnp.stack([jnp.stack([cos, t * sinc]), jnp.stack([-k * t * sinc, cos])])


def _cos_sinc(z: Array) -> tuple[Array, Array]:
    """cos √z and sin √z/√z, which are entire functions of z: by their series near 0."""
    small = jnp.abs(z) < 1e-2
    root = jnp.sqrt(jnp.where(small, 1.0, jnp.abs(z)))
    series_cos = 1 - z / 2 * (1 - z / 12 * (1 - z / 30 * (1 - z / 56 * (1 - z / 90))))
    series_sinc = 1 - z / 6 * (1 - z / 20 * (1 - z / 42 * (1 - z / 72 * (1 - z / 110))))
    cos = jnp.where(z > 0, jnp.cos(root), jnp.cosh(root))
    sinc = jnp.where(z > 0, jnp.sin(root), jnp.sinh(root)) / root
    return jnp.where(small, series_cos, cos), jnp.where(small, series_sinc, sinc)


def _moved(covariance: Array, flow: Array, d: int) -> Array:
    """ΦSΦᵀ with the same Φ for each of d axes."""
    full = jnp.kron(flow, jnp.eye(d))
    return full @ covariance @ full.T


def check_marginal(state: Any, stiffness: Any, number: Any, time: Any, n: Any = 1) -> None:
    """Raise for what `quadratic_marginal` cannot take, before a program is made of it."""
    require(isinstance(state, Gaussian), "state", "be a Gaussian", state)
    check_scalar("stiffness", stiffness)
    check_scalar("time", time)
    check_integer("n", n, at_least=1)
    _check_number(number, n)


def _check_number(number: Any, least: int) -> None:
    if isinstance(number, float) and number == np.inf:
        return
    check_positive("number", number)
    if concrete(number):
        require(number >= least, "number", f"be at least the bodies kept ({least})", number)
