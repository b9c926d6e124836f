"""Wigner functions of n components: W_ab(x, p) = (2π)^{−d} ∫ ψ_a(x + ħy/2) ψ_b*(x − ħy/2) e^{−ip·y} dy, W_ba = W_ab*."""

from __future__ import annotations

import functools
import itertools
import operator
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Complex

from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.phase_space.wigner import bilinear_wigner, wigner
from jaxwigner.states import MixedState, as_mixed
from jaxwigner.states.quantum import check_waves, complex_waves


def matrix_wigner(
    state: Any,
    grid: Grid,
    phase_grid: PhaseGrid | None = None,
    hbar: Scalar | None = None,
    *,
    at: Any = None,
) -> Complex[Array, "n n *phase_shape"]:
    """The matrix of Wigner functions of a state on n electronic surfaces, what `MatrixMoyal` and `MatrixLiouville` evolve.

    W_ab(x, p) = (2π)^{−d} ∫ ψ_a(x + ħy/2) ψ_b*(x − ħy/2) e^{−ip·y} dy: on the diagonal the Wigner functions of ψ_a, beside it those
    F(ψ_a, ψ_b) of AFG §2; ∫∫W_ab dx dp = ∫ψ_aψ_b* dx, and tr W is the Wigner function of the nuclei.

    **Arguments:** `state`: ψ of shape (n, *grid), or a `MixedState` of such orbitals; the others as for `wigner`.

    **Returns:** W, Hermitian at each point, of shape (n, n, *phase_grid) (or that of the points).

    **Raises:** `ValueError` for shapes or values that cannot be right.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> one = jw.coherent_state(grid, 0.0, 0.0, 0.5)
    >>> W = jw.matrix_wigner(jnp.stack([0.6 * one, 0.8j * one]), grid, phase, 0.5)
    >>> W.shape, round(float(W[0, 1].sum().imag * phase.cell), 9)
    ((2, 2, 64, 128), -0.48)
    """
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_waves(state, (None, *grid.shape))
    mixed = as_mixed(complex_waves(state))
    where = {"grid": grid, "phase_grid": phase_grid, "hbar": hbar, "at": at}
    return _hermitian(mixed.weights, mixed.orbitals, where)


def _hermitian(weights: Array, orbitals: Array, where: dict[str, Any]) -> Array:
    """The matrix from its upper triangle."""
    n = orbitals.shape[1]
    upper = {}
    for a, b in itertools.combinations_with_replacement(range(n), 2):
        upper[a, b] = _entry(weights, orbitals[:, a], orbitals[:, b], a == b, where)
        upper[b, a] = jnp.conj(upper[a, b])
    return jnp.stack([jnp.stack([upper[a, b] for b in range(n)]) for a in range(n)])


def _entry(weights: Array, first: Array, second: Array, same: bool, where: dict[str, Any]) -> Array:
    """Σ_j w_j F(ψ_j, χ_j)."""
    if same:
        found = wigner(MixedState(weights, first), **where)
        return jax.lax.complex(found, jnp.zeros_like(found))
    terms = [w * bilinear_wigner(u, v, **where) for w, u, v in zip(weights, first, second)]
    return functools.reduce(operator.add, terms)
