"""The BBGKY hierarchy of Golse–Paul (17), (18), with the corrected coefficients."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Complex

from jaxwigner._checks import check_integer
from jaxwigner._types import Array
from jaxwigner.inequality import Inequality


def hierarchy(
    number: int, levels: int, key: Array, *, n: int = 1, coefficient: float = 1.0
) -> Inequality:
    """The BBGKY equation for the n-body marginal, (17) for n = 1 and (18), on a space of `levels` dimensions per body.

    iħ∂_tR^n = [H^n, R^n] + ((N−n)/N)Σ_{j≤n}tr_{n+1}[V_{j,n+1}, R^{n+1}], H^n with (1/N)Σ_{j<k≤n}V. `coefficient` multiplies the last
    term: 2 is what the printed double sum gives (a control).
    """
    check_integer("number", number, at_least=2)
    R, h, V = _random_symmetric(number, levels, key)
    H = _hamiltonian(number, levels, h, V, number)
    exact = _partial_trace(H @ R - R @ H, number, levels, n)
    Rn, Rm = (_partial_trace(R, number, levels, m) for m in (n, n + 1))
    Hn = _hamiltonian(n, levels, h, V, number)
    more = sum(_pair(n + 1, levels, V, j, n) for j in range(n))
    more = more @ Rm - Rm @ more
    share = coefficient * (number - n) / number
    right = Hn @ Rn - Rn @ Hn + share * _partial_trace(more, n + 1, levels, n)
    gap = jnp.max(jnp.abs(exact - right)) / jnp.max(jnp.abs(exact))
    return Inequality(
        f"GP ({17 if n == 1 else 18})",
        "BBGKY: relative residual",
        gap,
        1e-12,
        parameters={"N": number, "n": n},
    )


def _random_symmetric(number: int, levels: int, key: Array):
    """A random density operator that commutes with exchanges, a random h, and an exchange-symmetric V."""
    keys = jax.random.split(key, 3)
    size = levels**number

    def hermitian(key, n):
        a = jax.random.normal(key, (2, n, n))
        a = lax.complex(a[0], a[1])
        return a + a.conj().T

    A = hermitian(keys[0], size)
    R = _symmetrised(A @ A, number, levels)
    h, V = hermitian(keys[1], levels), hermitian(keys[2], levels**2)
    swap = V.reshape((levels,) * 4).transpose(1, 0, 3, 2).reshape(levels**2, levels**2)
    return R / jnp.trace(R), h, V + swap


def _symmetrised(A: Array, number: int, levels: int) -> Array:
    tensor = A.reshape((levels,) * (2 * number))
    total = jnp.zeros_like(tensor)
    for order in itertools.permutations(range(number)):
        total = total + tensor.transpose(*order, *(number + i for i in order))
    return total.reshape(A.shape)


def _hamiltonian(
    bodies: int, levels: int, h: Array, V: Array, number: int
) -> Complex[Array, "s s"]:
    H = _single(bodies, levels, h, 0)
    for j in range(1, bodies):
        H = H + _single(bodies, levels, h, j)
    for j in range(bodies):
        for k in range(j + 1, bodies):
            H = H + _pair(bodies, levels, V, j, k) / number
    return H


def _single(bodies: int, levels: int, h: Array, j: int) -> Array:
    return jnp.kron(jnp.kron(jnp.eye(levels**j), h), jnp.eye(levels ** (bodies - 1 - j)))


def _pair(bodies: int, levels: int, V: Array, j: int, k: int) -> Array:
    """V acting on bodies j < k."""
    rest = bodies - 2
    full = jnp.kron(V, jnp.eye(levels**rest)).reshape((levels,) * (2 * bodies))
    order = [j, k] + [i for i in range(bodies) if i not in (j, k)]
    back = np.argsort(order)
    size = levels**bodies
    return full.transpose(*back, *(bodies + i for i in back)).reshape(size, size)


def _partial_trace(A: Array, bodies: int, levels: int, n: int) -> Array:
    kept, gone = levels**n, levels ** (bodies - n)
    return jnp.trace(A.reshape(kept, gone, kept, gone), axis1=1, axis2=3)
