"""States: quantum ones on a grid or in the oscillator basis, classical ones as weighted particles.

Coherent state (Golse–Paul §2):     ⟨y|z,ħ⟩ = (πħ)^{−d/4} e^{−|y−q|²/2ħ} e^{ip·(y−q)/ħ},  z = (q, p)
Wave packet (Ambrosio–Friesecke–Giannoulis §1):  ħ^{−αd/2} e^{ip·x/ħ} φ((x−q)/ħ^α)
Mixed state:                         R = Σ_j w_j |ψ_j⟩⟨ψ_j|, or its kernel ρ(x, y) = Σ_j w_j ψ_j(x) ψ_j*(y)
Oscillator basis (d = 1):            R = Σ_mn ρ_mn |φ_m⟩⟨φ_n|, φ_n the Hermite functions of −ħ²∂²/2 + x²/2
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float, Num

from jaxwigner._checks import (
    Shape,
    as_complex,
    as_inexact,
    check_finite_complex,
    check_positive_scalar,
    check_shape,
    check_weights,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar


class MixedState(eqx.Module):
    """R = Σ_j w_j |ψ_j⟩⟨ψ_j|: `weights` (J,) and `orbitals` (J, *grid.shape), not necessarily orthogonal.

    **Raises:** `ValueError` if the weights are negative or the numbers of weights and orbitals differ.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.0, 1.0, hbar=0.5)
    >>> jw.MixedState([0.5, 0.5], [psi, psi.conj()]).orbitals.shape
    (2, 64)
    """

    weights: Float[Array, " orbital"]
    orbitals: Num[Array, " orbital *shape"]

    def __init__(self, weights: Any, orbitals: Any):
        check_weights("weights", weights, total=None)
        check_finite_complex("orbitals", orbitals)
        self.weights = as_inexact(weights)
        self.orbitals = jnp.asarray(orbitals)
        require(self.orbitals.ndim >= 2, "orbitals", "have an orbital axis", self.orbitals)
        check_shape("weights", self.weights, (self.orbitals.shape[0],))

    @classmethod
    def from_kernel(cls, kernel: Any, grid: Grid) -> MixedState:
        """The state of a density matrix in position space, ρ(x, y) = Σ_j w_j ψ_j(x) ψ_j*(y): its eigenvalues and eigenfunctions.

        **Arguments:** `kernel`: ρ(x_i, x_j) on the points of `grid`, Hermitian, positive, with ∫ρ(x, x) dx = 1; (n, n), in d dimensions
        (*grid.shape, *grid.shape) or with each half flattened. A matrix in an orthonormal basis of points, of trace 1, is Δρ(x_i, x_j).

        **Returns:** orthonormal orbitals, the likeliest first; those whose weight is rounding are left out.

        **Raises:** `ValueError` for a kernel that is no state, and for a traced one: how many orbitals it has must be known, and where
        weights coincide eigenfunctions have no derivative.

        >>> import jax.numpy as jnp, jaxwigner as jw
        >>> grid = jw.Grid(-6.0, 6.0, 64)
        >>> psi, chi = (jw.coherent_state(grid, q, 0.0, hbar=0.5) for q in (-1.0, 1.0))
        >>> kernel = 0.75 * jnp.outer(psi, psi.conj()) + 0.25 * jnp.outer(chi, chi.conj())
        >>> state = jw.MixedState.from_kernel(kernel, grid)
        >>> state.weights.round(4).tolist()  # ½(1 ± √(1 − 4·¾·¼(1 − |⟨ψ,χ⟩|²)))
        [0.7568, 0.2432]
        """
        weights, vectors = np.linalg.eigh(_density_matrix(kernel, grid))
        rounding = np.sqrt(np.finfo(weights.dtype).eps)
        require(weights[0] >= -rounding, "kernel", "be positive semidefinite", weights[0])
        # Descending; what is smaller than the error of eigenvalues holds no orbital.
        kept = weights[::-1] > weights.size * np.finfo(weights.dtype).eps
        weights, vectors = weights[::-1][kept], vectors[:, ::-1][:, kept]
        orbitals = vectors.T / float(grid.cell) ** 0.5
        return cls(weights, orbitals.reshape(-1, *grid.shape))


class FockState(eqx.Module):
    """R = Σ_mn ρ_mn |φ_m⟩⟨φ_n| in the basis of the harmonic oscillator of frequency 1 and the given ħ (d = 1).

    The conversion from QuTiP and dynamiqs: `FockState(rho.full(), hbar)` or `FockState(rho.to_numpy(), hbar)`; their
    quadratures x, p with [x, p] = i are ours at ħ = 1.

    **Arguments:** `matrix`: ρ, (n, n), Hermitian; `hbar`: ħ > 0.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> jw.FockState(jnp.diag(jnp.array([0.75, 0.25])), hbar=0.1).number
    2
    """

    matrix: Complex[Array, "n n"]
    hbar: Scalar

    def __init__(self, matrix: Any, hbar: Scalar):
        check_finite_complex("matrix", matrix)
        matrix = jnp.asarray(matrix)
        require(matrix.ndim == 2, "matrix", "be a square matrix", matrix)
        check_shape("matrix", matrix, (matrix.shape[0], matrix.shape[0]))
        check_positive_scalar("hbar", hbar)
        if concrete(matrix):
            scale = float(abs(matrix).max())
            hermitian = abs(matrix - matrix.conj().T) <= 1e-6 * max(scale, 1e-300)
            require(hermitian, "matrix", "be Hermitian", matrix)
        self.matrix = as_complex(matrix)
        self.hbar = hbar

    @property
    def number(self) -> int:
        """Size of the basis: levels 0 … number − 1."""
        return self.matrix.shape[0]

    @property
    def dimension(self) -> int:
        """d = 1."""
        return 1


def as_mixed(state: Any) -> MixedState:
    """A pure state as a mixture of one, a mixed state as it is."""
    if isinstance(state, MixedState):
        return state
    psi = jnp.asarray(state)
    return MixedState(jnp.ones(1, psi.real.dtype), psi[None])


def check_waves(state: Any, shape: Shape) -> None:
    """ψ of the shape, or a `MixedState` of such orbitals."""
    if isinstance(state, MixedState):
        check_shape("orbitals", state.orbitals, (None, *shape))
    else:
        check_finite_complex("state", state, shape)


def complex_waves(state: Any) -> Any:
    """ψ or the orbitals of a `MixedState` as complex numbers, its weights in their precision."""
    if isinstance(state, MixedState):
        orbitals = as_complex(state.orbitals)
        return MixedState(state.weights.astype(jnp.real(orbitals).dtype), orbitals)
    return as_complex(jnp.asarray(state))


def _density_matrix(kernel: Any, grid: Grid) -> np.ndarray:
    """The matrix Δρ(x_i, x_j) of a kernel, if it is Hermitian and of trace 1."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_finite_complex("kernel", kernel)
    must = "be known: eigenfunctions of traced kernels are not differentiable"
    if not concrete((kernel, grid)):
        raise ValueError(f"Argument `kernel` must {must}, but is traced")
    size = int(np.prod(grid.shape))
    if np.shape(kernel) != grid.shape * 2:
        check_shape("kernel", kernel, (size, size))
    rho = np.asarray(as_inexact(kernel)).reshape(size, size)
    scale = float(abs(rho).max())
    hermitian = abs(rho - rho.conj().T) <= 1e-6 * max(scale, 1e-300)
    require(hermitian, "kernel", "be Hermitian, ρ(x, y) = ρ(y, x)*", kernel)
    rho = rho * float(grid.cell)
    trace = float(np.trace(rho).real)
    require(abs(trace - 1) <= 1e-6, "kernel", "have ∫ρ(x, x) dx = 1", trace)
    return 0.5 * (rho + rho.conj().T)
