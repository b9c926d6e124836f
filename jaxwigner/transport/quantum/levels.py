"""A Gaussian state on its own levels: the finite matrices that stand for it beside a state that is no Gaussian.

    Σ = S diag(ν, ν) Sᵀ (Williamson),   Ẑ = m + SX̂,   R = ⊗_j Σ_n (1 − q_j)q_jⁿ |n⟩⟨n|,   q = (ν − ½ħ)/(ν + ½ħ)

X̂ are the quadratures of d oscillators. The levels of the largest weights are kept; Ẑ and N between them are exact, since X̂_iX̂_j leads
no further than to the next levels, and what is left out is known from the trace and the moments.
"""

from __future__ import annotations

from itertools import product

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, concrete
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.states import Gaussian
from jaxwigner.transport.gaussians import check_uncertainty
from jaxwigner.transport.solvers.matrices import symplectic
from jaxwigner.transport.solvers.range import CompressedState

MOST = 256  # levels of one mode that are looked at: far more than a program of two mixed states can hold
SMALLEST = 1e-13  # weight of a level that is kept
EPSILON = float(np.finfo(float).eps)


class Levels(eqx.Module):
    """A known Gaussian state with its ħ: the place of a `Family`."""

    state: Gaussian
    hbar: Scalar

    def reachable(self, centre: Float[Array, " m"]) -> Float[Array, " m"]:
        """A Gaussian can be seen from everywhere."""
        return centre

    def seen_from(self, centre: Float[Array, " m"]) -> Levels:
        """The state with the origin of phase space moved to `centre`."""
        return Levels(Gaussian(self.state.mean - centre, self.state.covariance), self.hbar)

    def moments(self) -> tuple[Array, Array]:
        """Mean and covariance."""
        return self.state.mean, self.state.covariance


def levels(state: Gaussian, hbar: Scalar | None, name: str) -> Levels:
    """The state, checked."""
    if hbar is None:
        raise ValueError("Argument `hbar` must be given for a Gaussian, but is None")
    check_positive_scalar("hbar", hbar)
    if not concrete((state, hbar)):
        must = "be known beside a state that is no Gaussian, whose levels are counted"
        raise ValueError(f"Argument `{name}` must {must}, but is traced")
    check_uncertainty(state, hbar, name)
    return Levels(state, hbar)


def compress_levels(source: Levels, rank: int | None) -> CompressedState:
    """The levels of the largest weights, all above 1e-13 or as many as `rank` says."""
    hbar, mean = float(source.hbar), np.asarray(source.state.mean)
    nu, S = williamson(np.asarray(source.state.covariance))
    above = np.maximum(nu - 0.5 * hbar, 0.0)
    q = np.where(above > 4 * EPSILON * nu, above / (nu + 0.5 * hbar), 0.0)
    numbers, weights = _largest(q, rank)
    r = weights.shape[0]
    vectors, own = _moved(numbers, hbar)
    Z = np.einsum("ik,kab->iab", S, vectors) + mean[:, None, None] * np.eye(vectors.shape[1])[own].T
    half = 0.5 * np.einsum("iab,iac->bc", Z.conj(), Z)
    missing = max(1 - weights.sum(), 0.0) + EPSILON
    square = np.sum(mean**2) + np.trace(np.asarray(source.state.covariance))
    rest = square - 2 * weights @ np.real(np.diagonal(half)) + 8 * EPSILON * square
    Z, half, eye = (jnp.asarray(X, complex) for X in (Z[:, own], half, np.eye(r)))
    numbers = (jnp.asarray(x) for x in (hbar, missing, max(rest, 0.0)))
    return CompressedState(jnp.asarray(weights), Z, half, eye, eye, *numbers)


def williamson(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Symplectic eigenvalues ν (d,) and S (2d, 2d), symplectic, with Σ = S diag(ν, ν)Sᵀ.

    >>> import numpy as np
    >>> from jaxwigner.transport.quantum.levels import williamson
    >>> nu, S = williamson(np.array([[0.9, 0.1], [0.1, 0.4]]))
    >>> bool(np.allclose(S @ np.diag([*nu, *nu]) @ S.T, [[0.9, 0.1], [0.1, 0.4]])), round(float(np.linalg.det(S)), 9)
    (True, 1.0)
    """
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(values)) @ vectors.T
    d = root.shape[0] // 2
    # An eigenvector u + iv of i√ΣJ√Σ for ν > 0 turns the plane of (u, v) by ν: −√ΣJ√Σ v = νu.
    nu, pairs = np.linalg.eigh(1j * root @ symplectic(2 * d) @ root)
    nu, pairs = nu[d:], pairs[:, d:] * np.sqrt(2)
    turned = np.concatenate([pairs.real, -pairs.imag], axis=1)
    return nu, root @ turned / np.sqrt(np.concatenate([nu, nu]))


def _largest(q: np.ndarray, rank: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (r, d) of quanta and weights (r,), falling."""
    most = MOST if rank is None else min(rank, MOST)
    counts = [1 if x == 0 else min(most, 1 + int(np.log(SMALLEST) / np.log(x))) for x in q]
    if rank is not None and np.prod(counts) < rank:
        counts = [rank] * len(q)
    numbers = np.array(list(product(*map(range, counts))))
    weights = np.prod((1 - q) * q**numbers, axis=1)
    order = np.argsort(-weights, kind="stable")
    kept = np.sum(weights > SMALLEST) if rank is None else rank
    order = order[: max(1, int(kept))]
    return numbers[order], weights[order]


def _moved(numbers: np.ndarray, hbar: float) -> tuple[np.ndarray, np.ndarray]:
    """X̂_i|n⟩ for the kept levels, (2d, R, r) in these and their neighbours, and where among those each level itself is."""
    r, d = numbers.shape
    steps = np.concatenate([np.eye(d, dtype=int), -np.eye(d, dtype=int)])
    around = np.concatenate([numbers, *(numbers + step for step in steps)])
    around = np.unique(around[np.all(around >= 0, axis=1)], axis=0)
    where = {tuple(n): k for k, n in enumerate(around.tolist())}
    down = np.zeros((d, around.shape[0], r), complex)
    up = np.zeros_like(down)
    for k, j in product(range(r), range(d)):
        n = numbers[k]
        up[j, where[tuple((n + steps[j]).tolist())], k] = np.sqrt(n[j] + 1)
        if n[j] > 0:
            down[j, where[tuple((n - steps[j]).tolist())], k] = np.sqrt(n[j])
    scale = np.sqrt(0.5 * hbar)
    own = np.array([where[tuple(n)] for n in numbers.tolist()])
    return np.concatenate([scale * (down + up), scale * (down - up) / 1j]), own
