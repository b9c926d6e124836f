"""Pairs of states whose MK_ħ needs no dense program: Gaussians, populations of one oscillator, a Gaussian beside a pure state."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.states import FockState, Gaussian
from jaxwigner.transport.gaussians import product_cost
from jaxwigner.transport.quantum.fock_diagonal import EMPTY, fock_diagonal
from jaxwigner.transport.quantum.gaussian_pairs import around, gaussian_pair_cost
from jaxwigner.transport.quantum.given import Source, is_diagonal
from jaxwigner.transport.quantum.program.certificate import residuals
from jaxwigner.transport.quantum.program.pair import pair_of
from jaxwigner.transport.quantum.result import QuantumTransport
from jaxwigner.transport.solvers.envelope import still
from jaxwigner.transport.solvers.range import CompressedState, family


def of_gaussians(
    R: Gaussian, S: Gaussian, hbar: Scalar | None, method: str, tolerance: Scalar
) -> QuantumTransport:
    """(4.3) for d = 1, the covariance program for more."""
    must = "be 'auto' or 'gaussian' for two Gaussians"
    require(method in ("auto", "gaussian"), "method", must, method)
    if hbar is None:
        raise ValueError("Argument `hbar` must be given for Gaussians, but is None")
    return _brackets(gaussian_pair_cost(R, S, hbar), tolerance, "gaussian")


def of_moments(one: Source, other: Source, tolerance: Scalar) -> QuantumTransport:
    """½|Δm|² + ½(tr S + tr S′): the only coupling with a pure state is the product."""
    value = product_cost(Gaussian(*one.moments()), Gaussian(*other.moments()))
    rounding = 64 * float(np.finfo(float).eps) * jnp.abs(value)
    return _brackets(around(value, rounding, value), tolerance, "product")


def _brackets(cost: Bracket, tolerance: Scalar, method: str) -> QuantumTransport:
    width = still(jnp.asarray(cost.width))
    converged = width <= tolerance * jnp.abs(still(jnp.asarray(cost.upper)))
    nothing = (None, None, None, None)
    steps = jnp.zeros((), int)
    return QuantumTransport(cost, cost, *nothing, {"duality gap": width}, steps, converged, method)


def of_populations(R: Any, S: Any, rank: Any, tolerance: Scalar) -> QuantumTransport:
    """The cone program (`fock_diagonal`): F_s = √f√fᵀ on the levels with n + m = s, A and B diagonal."""
    for name, state in (("R", R), ("S", S)):
        _check_diagonal(name, state)
    require(rank is None, "rank", "be left out, since all levels are kept", rank)
    kept = _occupied(R), _occupied(S)
    p, q = _populations(R), _populations(S)
    found = fock_diagonal(p, q, R.hbar)
    fixed = still(found)
    states = _levels(still(R), kept[0]), _levels(still(S), kept[1])
    F = _coupling(fixed.f[np.ix_(*kept)], *kept)
    pair, _ = pair_of(*states)
    brackets = _brackets(found.cost, tolerance, "fock_diagonal")
    potentials = (fixed.alpha[kept[0]], fixed.beta[kept[1]])
    A, B = (jnp.diag(R.hbar * x).astype(complex) for x in potentials)
    return QuantumTransport(
        found.cost,
        found.cost,
        (A, B),
        F.astype(complex),
        states,
        residuals(pair, F.reshape(pair.size, pair.size)),
        brackets.errors,
        fixed.iterations,
        brackets.converged,
        "fock_diagonal",
    )


def _check_diagonal(name: str, state: Any) -> None:
    must = "be a FockState with no entry beside the diagonal for method 'fock_diagonal'"
    diagonal = isinstance(state, FockState) and (
        not concrete(state.matrix) or is_diagonal(state.matrix)
    )
    require(diagonal, name, must, state)


def _occupied(state: FockState) -> np.ndarray:
    """The levels that take part: those with something in them, or all where that is not known."""
    if not concrete(state):
        return np.arange(state.number)
    return np.flatnonzero(np.real(np.diagonal(np.asarray(state.matrix))) > EMPTY)


def _populations(state: FockState) -> Array:
    p = jnp.real(jnp.diagonal(state.matrix))
    return jnp.where(p > 0, p, 0.0)


def _coupling(f: Array, n: np.ndarray, m: np.ndarray) -> Array:
    """√(f_nm f_n′m′) where n + m = n′ + m′."""
    sums = n[:, None] + m
    same = sums[:, :, None, None] == sums
    root = jnp.sqrt(f)
    return jnp.where(same, root[:, :, None, None] * root, 0.0)


def _levels(state: FockState, kept: np.ndarray) -> CompressedState:
    """The state in the basis of its levels."""
    T = jnp.asarray(np.eye(state.number)[:, kept], complex)
    _, quadratures, half = family(state, None, None).sandwich(T)
    p = jnp.real(jnp.diagonal(state.matrix))[kept]
    nothing = jnp.zeros(())
    hbar = jnp.asarray(state.hbar, float)
    return CompressedState(p / jnp.sum(p), quadratures, half, T, T.T, hbar, nothing, nothing)
