"""Batches of matrices broadcast against single ones all over this room, also where a user has told JAX to refuse that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Num

from jaxwigner._types import Array

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def broadcasting(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The function with JAX's implicit rank promotion allowed while it is traced."""

    @wraps(function)
    def allowed(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with jax.numpy_rank_promotion("allow"):
            return function(*args, **kwargs)

    return allowed


UNMET = -3.7e303  # no entry of any array here


def after(earlier: Array, later: Array) -> Array:
    """`later`, which a program cannot know before `earlier`: a zero is added that no compiler sees to be one.

    On CPUs a batched call of LAPACK splits itself into the thread pool that it waits in: two in flight may wait for each other for
    ever. A data dependence keeps them apart, where a barrier does not.
    """
    seen = jnp.real(jax.lax.stop_gradient(earlier)).reshape(-1)[0]
    return later + jnp.where(seen == UNMET, 1.0, 0.0).astype(later.dtype)


def adjoint(A: Num[Array, "*b r r"]) -> Num[Array, "*b r r"]:
    """A*."""
    return A.conj().swapaxes(-1, -2)


def hermitian(A: Num[Array, "*b r r"]) -> Num[Array, "*b r r"]:
    """(A + A*)/2."""
    return 0.5 * (A + adjoint(A))


def symplectic_sum(M: Float[Array, "m m"]) -> Array:
    """The sum of the symplectic eigenvalues of M ≥ 0."""
    root, J = sqrtm(M), symplectic(M.shape[0])
    return 0.5 * jnp.trace(sqrtm(root @ J.T @ M @ J @ root))


def symplectic(m: int) -> np.ndarray:
    """J = (0, 1; −1, 0) of R^m."""
    d = m // 2
    J = np.zeros((m, m))
    J[:d, d:], J[d:, :d] = np.eye(d), -np.eye(d)
    return J


@jax.custom_jvp
def sqrtm(A: Float[Array, "m m"]) -> Float[Array, "m m"]:
    """Square root of a positive matrix; its derivative solves a Sylvester equation and does not mind equal eigenvalues."""
    values, vectors = jnp.linalg.eigh(0.5 * (A + A.T))
    return (vectors * jnp.sqrt(jnp.maximum(values, 0.0))) @ vectors.T


@sqrtm.defjvp
def _sqrtm_jvp(primals, tangents):
    (A,), (dA,) = primals, tangents
    values, vectors = jnp.linalg.eigh(0.5 * (A + A.T))
    roots = jnp.sqrt(jnp.maximum(values, 0.0))
    sums = roots[:, None] + roots[None, :]
    inner = vectors.T @ dA @ vectors / jnp.where(sums > 0, sums, jnp.inf)
    return (vectors * roots) @ vectors.T, vectors @ inner @ vectors.T


@jax.custom_jvp
def inverse(A: Float[Array, "m m"]) -> Float[Array, "m m"]:
    """A⁻¹; its derivative −A⁻¹dA A⁻¹ calls LAPACK no second time."""
    return jnp.linalg.inv(A)


@inverse.defjvp
def _inverse_jvp(primals, tangents):
    back = inverse(*primals)
    return back, -back @ tangents[0] @ back


@jax.custom_jvp
def pseudo_inverse(root: Float[Array, "m m"]) -> Float[Array, "m m"]:
    """The inverse of a root on its range; the derivative holds this range still."""
    values, vectors = jnp.linalg.eigh(root)
    kept = values > 1e-7 * values[-1]  # below, the root of a zero is as large
    safe: Any = jnp.where(kept, values, 1.0)
    return (vectors * jnp.where(kept, 1 / safe, 0.0)) @ vectors.T


@pseudo_inverse.defjvp
def _pseudo_inverse_jvp(primals, tangents):
    back = pseudo_inverse(*primals)
    return back, -back @ tangents[0] @ back


def trace_product(A: Array, B: Array) -> Array:
    """Re tr(AB) for Hermitian A."""
    return jnp.real(jnp.sum(A.conj() * B))
