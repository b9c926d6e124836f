"""E_ħ² where it is explicit: pure states, single points, Gaussians; and what moments alone say about it.

With means m, m', covariances Σ of p and S of R (that of its Wigner function), and J the symplectic matrix:

    product coupling      E² ≤ ½(|m−m'|² + tr Σ + tr S), an equality for pure R and for p = δ
    Gaussians             E² = ½|m−m'|² + ½(tr Σ + tr S) − ½ min_{M>0} [tr MS + tr M⁻¹Σ − ħΣ_jν_j(M)]
    Gelbrich              the right side bounds E² from below for every p and R with these moments

ν_j are the symplectic eigenvalues; Σν_j = ½ tr (M^½JᵀMJM^½)^½. The dual point is B = ½Ẑ·(1−M)Ẑ + linear, and at the optimum
S = M⁻¹ΣM⁻¹ + G_M with G_M = ħ∂Σν the covariance of the ground state of ½Ẑ·MẐ: p is coupled to pure squeezed states of covariance
G_M at m' + M⁻¹(z−m), and C = ΣM⁻¹ is the covariance between the two sides. Any M bounds E² from below, any C with
[[Σ, C], [Cᵀ, S + iħJ/2]] ≥ 0 from above. (Beyond the papers, which give bounds only; proofs by the duality above.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, Scalar
from jaxwigner.states import Density, Gaussian, Particles
from jaxwigner.transport.solvers.envelope import first_order
from jaxwigner.transport.solvers.matrices import (
    adjoint,
    after,
    broadcasting,
    inverse,
    sqrtm,
    symplectic,
    symplectic_sum,
)
from jaxwigner.transport.solvers.nodes import middle, nodes_of
from jaxwigner.transport.solvers.range import family

NEWTON = 60  # steps at most
HALVINGS = 40


@broadcasting
def product_cost(p: Gaussian, R: Gaussian) -> Float[Array, ""]:
    """½(|m−m'|² + tr Σ + tr S): the cost of Q = p ⊗ R, equal to E_ħ² for pure R or p = δ (Golse–Paul §2.2).

    **Arguments:** moments of p and R as `Gaussian`s (see `moments`, `quantum_moments`).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.transport import product_cost
    >>> float(product_cost(jw.Gaussian([1.0, 0.0], jnp.zeros((2, 2))), jw.Gaussian([0.0, 0.0], 0.1 * jnp.eye(2))))
    0.6
    """
    check_pair(p, R)
    shift = jnp.sum((p.mean - R.mean) ** 2)
    return 0.5 * (shift + jnp.trace(p.covariance) + jnp.trace(R.covariance))


@broadcasting
def gaussian_cost(p: Gaussian, R: Gaussian, hbar: Scalar) -> Bracket:
    """E_ħ(p, R)² of two Gaussians in any dimension, between a dual and a primal bound that usually agree to 1e-10.

    **Arguments:** `p`: N(m, Σ); `R`: the Gaussian state with Wigner function N(m', S), S + iħJ/2 ≥ 0; `hbar`: ħ > 0.

    **Raises:** `ValueError` if S violates the uncertainty relation or the dimensions differ. Differentiable in all moments.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.transport import gaussian_cost
    >>> p, R = jw.Gaussian([0.0, 0.0], 0.3 * jnp.eye(2)), jw.Gaussian([0.0, 0.0], 0.2 * jnp.eye(2))
    >>> round(float(gaussian_cost(p, R, hbar=0.1).centre), 9)  # ħ/2 + (√0.3 − √0.15)²
    0.075735931
    """
    check_pair(p, R)
    check_positive_scalar("hbar", hbar)
    check_uncertainty(R, hbar)
    return _cost(p, R, hbar)


@once
def _cost(p: Gaussian, R: Gaussian, hbar: Scalar) -> Bracket:
    M = optimal_metric(p, R, hbar)
    lower = _dual(p, R, hbar, M)
    upper = _primal(p, R, hbar, M, lower)
    return Bracket(jnp.minimum(lower, upper), jnp.maximum(lower, upper))


@broadcasting
def gelbrich_bound(p: Gaussian, R: Gaussian, hbar: Scalar) -> Float[Array, ""]:
    """A lower bound of E_ħ(p, R)² for every p and R with these means and covariances (beyond the papers)."""
    check_pair(p, R)
    check_positive_scalar("hbar", hbar)
    check_uncertainty(R, hbar)
    return _dual(p, R, hbar, optimal_metric(p, R, hbar))


@broadcasting
def isotropic_bound(p: Gaussian, R: Gaussian, hbar: Scalar) -> Float[Array, ""]:
    """½|m−m'|² + ½dħ + ½(√tr Σ − √(tr S − dħ))²: the same with M = μ·1, explicit."""
    check_pair(p, R)
    d = p.dimension
    shift = jnp.sum((p.mean - R.mean) ** 2)
    quantum = jnp.sqrt(jnp.maximum(jnp.trace(R.covariance) - d * hbar, 0.0))
    classical = jnp.sqrt(jnp.maximum(jnp.trace(p.covariance), 0.0))
    return 0.5 * (shift + d * hbar + (classical - quantum) ** 2)


@broadcasting
def optimal_metric(p: Gaussian, R: Gaussian, hbar: Scalar) -> Float[Array, "m m"]:
    """The minimiser M of the Gaussian formula, by Newton's method; no derivatives pass through it."""
    # A floor keeps the minimum at finite M when Σ or S + iħJ/2 is singular; M only has to be good, not exact.
    sigma, S = lax.stop_gradient((p.covariance, R.covariance))
    hbar = lax.stop_gradient(jnp.asarray(hbar, sigma.dtype))
    m = sigma.shape[0]
    size = (jnp.trace(sigma) + jnp.trace(S)) / m
    floor = 1e-13 * jnp.diag(jnp.diagonal(sigma) + jnp.diagonal(S))
    sigma, S = sigma + floor, S + floor
    excess = jnp.maximum(jnp.trace(S) / m - 0.5 * hbar, 1e-6 * size)
    start = jnp.sqrt(jnp.trace(sigma) / m / excess) * jnp.eye(m)
    search = _Search(sigma, S, hbar, start, jnp.ones((), sigma.dtype), jnp.zeros((), int))
    return lax.while_loop(_improving, _newton, search).M


@broadcasting
def squeezing(M: Float[Array, "m m"], hbar: Scalar) -> Float[Array, "m m"]:
    """G_M = ħ∂Σν_j = (ħ/2)M^−½(M^½JᵀMJM^½)^½M^−½: covariance of the ground state of ½Ẑ·MẐ."""
    root = sqrtm(M)
    unrooted = inverse(root)
    J = symplectic(M.shape[0])
    return 0.5 * hbar * unrooted @ sqrtm(root @ J.T @ M @ J @ after(unrooted, root)) @ unrooted


class _Search(eqx.Module):
    sigma: Array
    S: Array
    hbar: Array
    M: Array
    step: Array
    iterations: Array


def _improving(search: _Search) -> Array:
    return (search.iterations < NEWTON) & (search.step > 1e-13)


def _newton(search: _Search) -> _Search:
    """One damped Newton step in the symmetric matrices; halved until the objective falls."""
    sigma, S, hbar, M = search.sigma, search.S, search.hbar, search.M
    m = M.shape[0]
    rows, columns = np.triu_indices(m)
    basis = np.zeros((len(rows), m, m))
    basis[np.arange(len(rows)), rows, columns] = 1.0
    basis = np.maximum(basis, basis.transpose(0, 2, 1))

    def gradient(M):
        back = inverse(M)
        return S - back @ sigma @ back - squeezing(after(back, M), hbar)

    here, along = jax.linearize(gradient, M)
    along = jax.vmap(along)(jnp.asarray(basis))
    hessian = jnp.einsum("aij,bij->ab", along, basis)
    slope = jnp.einsum("ij,bij->b", here, basis)
    # Entries of M have curvatures of very different sizes where x and p have.
    units = jnp.sqrt(jnp.abs(jnp.diagonal(hessian)) + 1e-300)
    scaled = hessian / (units[:, None] * units) + 1e-14 * np.eye(len(rows))
    step = -jnp.linalg.solve(scaled, slope / units) / units
    direction = jnp.einsum("b,bij->ij", step, basis)
    M = after(direction, M)
    value = _objective(sigma, S, hbar, M)
    length = _length(lambda t: _objective(sigma, S, hbar, M + t * direction), value)
    moved = length * direction
    size = jnp.linalg.norm(moved) / jnp.linalg.norm(M)
    return _Search(sigma, S, hbar, M + moved, size, search.iterations + 1)


def _length(along: Callable[[Array], Array], value: Array) -> Array:
    """The longest 2⁻ⁿ of a step that does not raise the objective, or 0; this is convex, so that bisection finds it.

    The whole step is tried first: near the minimum rounding decides about shorter ones.
    """
    lengths = value * 0 + np.array([*0.5 ** np.arange(HALVINGS + 1), 0.0])

    def halved(trip, ends):
        shorter, longer, seen = ends
        middle: Any = jnp.where(trip > 0, (shorter + longer) // 2, 0)
        trial = along(after(seen, lengths)[middle])
        good = trial <= value + 1e-15 * jnp.abs(value)
        return jnp.where(good, shorter, middle + 1), jnp.where(good, middle, longer), trial

    last = HALVINGS + 1
    return lengths[lax.fori_loop(0, 1 + last.bit_length(), halved, (0 * last, last, value))[0]]


def _objective(sigma: Array, S: Array, hbar: Array, M: Array) -> Array:
    """tr MS + tr M⁻¹Σ − ħΣν_j(M), NaN unless M > 0."""
    factor = jnp.linalg.cholesky(M)
    inside = jnp.all(jnp.isfinite(factor))
    safe: Any = jnp.where(inside, M, jnp.eye(M.shape[0]))
    squeezed = symplectic_sum(safe)
    pulled = jnp.linalg.solve(after(squeezed, safe), sigma)
    value = jnp.sum(safe * S) + jnp.trace(pulled) - hbar * squeezed
    return jnp.where(inside, value, jnp.nan)


def _dual(p: Gaussian, R: Gaussian, hbar: Scalar, M: Array) -> Array:
    gain = first_order(
        lambda *data: _objective(data[0], data[1], data[2], M),
        p.covariance,
        R.covariance,
        jnp.asarray(hbar),
    )
    return product_cost(p, R) - 0.5 * gain


def _primal(p: Gaussian, R: Gaussian, hbar: Scalar, M: Array, dual: Array) -> Array:
    """From C = kΣM⁻¹ with the largest k ≤ 1 that makes it feasible; the derivative is that of the dual bound."""
    sigma, S = lax.stop_gradient((p.covariance, R.covariance))
    back = inverse(after(dual, M))
    kept = _feasible_share(after(back, S), lax.stop_gradient(hbar), back @ sigma @ back)
    cost = lax.stop_gradient(product_cost(p, R)) - kept * jnp.trace(sigma @ back)
    return lax.stop_gradient(cost) + dual - lax.stop_gradient(dual)


def _feasible_share(S: Array, hbar: Scalar, pushed: Array) -> Array:
    """The largest k ≤ 1 with S + iħJ/2 ≥ k²M⁻¹ΣM⁻¹, less what rounding may have added to the left side."""
    m = S.shape[0]
    # In units of S, axis by axis: x and p may be of very different sizes.
    units = jnp.sqrt(jnp.diagonal(S))
    units = units[:, None] * units
    values, vectors = jnp.linalg.eigh((S + 0.5j * hbar * symplectic(m)) / units)
    inverse_root = vectors / jnp.sqrt(jnp.maximum(values - 1e-15 * m, 1e-30))
    most = jnp.linalg.eigvalsh(adjoint(inverse_root) @ (pushed / units) @ inverse_root)[-1]
    return jnp.where(most > 1, 1 / jnp.sqrt(jnp.maximum(most, 1.0)), 1.0)


def check_uncertainty(R: Gaussian, hbar: Scalar, name: str = "R") -> None:
    """S + iħJ/2 ≥ 0, up to rounding, of the argument `name`."""
    if not concrete((R.covariance, hbar)):
        return
    S = np.asarray(R.covariance)
    units = np.sqrt(np.maximum(np.diagonal(S), 1e-300))  # x and p may be of very different sizes
    scaled = (S + 0.5j * float(hbar) * symplectic(S.shape[0])) / np.outer(units, units)
    physical = np.linalg.eigvalsh(scaled)[0] >= -1e-9 * S.shape[0]
    require(physical, name, "satisfy the uncertainty relation S + iħJ/2 ≥ 0", R.covariance)


def check_pair(p: Gaussian, R: Gaussian, names: tuple[str, str] = ("p", "R")) -> None:
    """Two Gaussians of one dimension."""
    for name, value in zip(names, (p, R)):
        require(isinstance(value, Gaussian), name, "be a Gaussian", value)
    must = f"have the dimension of {names[0]} ({p.dimension})"
    require(p.dimension == R.dimension, names[1], must, R.dimension)


@broadcasting
def moments(p: Any) -> Gaussian:
    """Mean and covariance of `Particles`, a `Density` (its cells included) or a `Gaussian`, in the order x_1 … x_d, ξ_1 … ξ_d.

    >>> import jaxwigner as jw
    >>> from jaxwigner.transport import moments
    >>> moments(jw.Particles([0.5, 0.5], [0.0, 2.0], [1.0, 1.0])).mean.tolist()
    [1.0, 1.0]
    """
    if isinstance(p, Gaussian):
        return p
    require(isinstance(p, (Particles, Density)), "p", "be Particles, a Density or a Gaussian", p)
    centre = middle(p)
    nodes = nodes_of(p, centre)
    mean = nodes.weights @ nodes.points
    centred = nodes.points - mean
    covariance = (nodes.weights[:, None] * centred).T @ centred
    if isinstance(p, Density):
        steps = jnp.asarray([*p.grid.position.spacing, *p.grid.momentum.spacing])
        covariance = covariance + jnp.diag(steps**2 / 12)
    return Gaussian(centre + mean, covariance)


@broadcasting
def quantum_moments(R: Any, *, grid: Grid | None = None, hbar: Scalar | None = None) -> Gaussian:
    """Mean (⟨ŷ⟩, ⟨p̂⟩) and covariance S_ij = ½⟨{Ẑ_i−m_i, Ẑ_j−m_j}⟩ of a state, d = 1 for Fock states.

    **Arguments:** `R`: ψ or a `MixedState` on `grid` (with `hbar`), a `FockState` or a `ToeplitzState`.

    >>> import jaxwigner as jw
    >>> from jaxwigner.transport import quantum_moments
    >>> state = jw.ToeplitzState(jw.Particles([1.0], [0.5], [0.0]), hbar=0.2)
    >>> [round(x, 12) for x in quantum_moments(state).covariance.diagonal().tolist()]
    [0.1, 0.1]
    """
    source = family(R, grid, hbar)
    return Gaussian(*source.moments())
