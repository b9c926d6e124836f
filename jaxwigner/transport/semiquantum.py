"""E_ħ(p, R): the optimal-transport distance of Golse and Paul between a classical density and a density operator.

    E_ħ(p, R)² = inf_Q ∫ tr(c(z)Q(z)) dz,   c(z) = ½(|x − ŷ|² + |ξ − p̂|²),   Q(z) ≥ 0, tr Q(z) = p(z), ∫Q = R    (Definition 2.2)
               = sup_B tr(BR) + ∫ p(z) λ_min(c(z) − B) dz

Steps: p → nodes (`quadrature`), R → its range (`compression`), a discrete problem in units of ħ about the mean of R, solved by
`interior_point` or `smoothed_dual`, a dual point below and a repaired coupling above (`feasibility`). What separates the discrete
problem from p and R is added on both sides and named: `quadrature`, `truncation`, `rounding`.

Derivatives come from the optimum itself: with the coupling Q_k, its node prices a_k = λ_min(c_k − B) and B held fixed, the
derivative of tr(BR) + Σ p_ka_k + Σ tr((c_k − a_k)Q_k) with respect to p_k, z_k and R is that of E_ħ² (envelope theorem).
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Complex, Float

from jaxwigner._checks import check_choice, check_integer, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, Scalar
from jaxwigner.states import Gaussian
from jaxwigner.transport.certified import Certified, bounds_of, report
from jaxwigner.transport.gaussians import gaussian_cost
from jaxwigner.transport.solvers.envelope import slope_of, still, with_slope
from jaxwigner.transport.solvers.feasibility import (
    discrete_cost,
    dual_bound,
    dual_values,
    repair,
    residuals,
)
from jaxwigner.transport.solvers.interior_point import Solution, interior_point
from jaxwigner.transport.solvers.matrices import after, broadcasting, hermitian
from jaxwigner.transport.solvers.nodes import Nodes, middle, nodes_of
from jaxwigner.transport.solvers.problem import (
    Discrete,
    centred,
    discretise,
    floored,
    light_nodes,
    scaled,
)
from jaxwigner.transport.solvers.range import CompressedState, Family, compress, family
from jaxwigner.transport.solvers.slopes import Seen, slope
from jaxwigner.transport.solvers.smoothed_dual import smoothed_dual
from jaxwigner.transport.solvers.starts import starting_potential

METHODS = ("auto", "product", "gaussian", "interior_point", "smoothed_dual")
DENSE = 32  # largest rank whose r² × r² system is solved directly


class Semiquantum(Certified):
    """E_ħ(p, R)² with its certificate.

    `cost`: bracket for p and R themselves; `discrete`: bracket for the nodes and the compressed R alone; `potential`: B (r, r) in
    the basis of `state`; `coupling`: Q_k (K, r, r) at `nodes`; `prices`: λ_min(c_k − B); `errors`: named sizes of what `cost` adds
    to `discrete`; `residuals` of the coupling; `converged`: whether the relative gap of `discrete` is at most the tolerance.
    Between Gaussians only the brackets are there: `optimal_metric` and `squeezing` describe the coupling.

    >>> import jaxwigner as jw
    >>> p = jw.Particles([0.5, 0.5], [-1.0, 1.0], [0.0, 0.0])
    >>> result = jw.semiquantum(p, jw.ToeplitzState(p, hbar=0.1))
    >>> result.coupling.shape, bool(result.residuals.state < 1e-14)  # ΣQ_k = R
    ((2, 2, 2), True)
    """

    potential: Any  # Complex[Array, r r], or None between Gaussians
    coupling: Any  # Complex[Array, k r r], or None between Gaussians
    prices: Any  # Float[Array,  k], or None between Gaussians
    nodes: Any  # Nodes, or None between Gaussians
    state: Any  # CompressedState, or None between Gaussians
    residuals: Any  # Residuals, or None between Gaussians
    errors: dict[str, Any]
    iterations: Array
    converged: Array
    method: str = eqx.field(static=True)

    def pure_states(self) -> tuple[Float[Array, " k"], Complex[Array, "k r"]]:
        """Purity tr Q_k²/(tr Q_k)² and the leading eigenvector ψ_k of every Q_k, in the basis of `state`.

        With many more nodes than r² the optimal Q_k are pure: R is decomposed into one state per classical point.
        """
        masses = jnp.real(jnp.trace(self.coupling, axis1=1, axis2=2))
        squares = jnp.sum(jnp.abs(self.coupling) ** 2, axis=(1, 2))
        vectors = jnp.linalg.eigh(self.coupling)[1][:, :, -1]
        return squares / jnp.where(masses > 0, masses, 1.0) ** 2, vectors

    def __str__(self) -> str:
        if self.nodes is None:
            return f"{bounds_of('E_ħ', self.cost)}  (Gaussians in closed form)"
        return report("E_ħ", self, f"nodes {self.nodes.points.shape[0]}, rank {self.state.rank}")


@broadcasting
def semiquantum(
    p: Any,
    R: Any,
    *,
    grid: Grid | None = None,
    hbar: Scalar | None = None,
    method: str = "auto",
    tolerance: Scalar = 1e-6,
    rank: int | None = None,
    limit: int | Array = 80,
    warm_start: Semiquantum | None = None,
) -> Semiquantum:
    """E_ħ(p, R)² of Golse and Paul, Definition 2.2, between two proved bounds.

    **Arguments:** `p`: `Particles` (K points), a `Density` on a phase grid or a `Gaussian` (d = 1, 2), of mass 1; `R`: ψ or a
    `MixedState` on `grid` (which then needs `hbar`), a `FockState` or a `ToeplitzState`, of trace 1; or two `Gaussian`s with
    `hbar`, in any dimension; `method`: "product" (pure R or a single point), "gaussian", "interior_point" (a dense system of
    size r²), "smoothed_dual" (large r) or "auto"; `tolerance`: relative duality gap of the discrete problem;
    `rank`: keep the largest eigenvalues of R only (static; needed under `jit` when R has fewer than its size); `warm_start`: an
    earlier result for a nearby problem of the same sizes.

    **Returns:** `Semiquantum`; `.cost` may be differentiated with respect to R, the points and weights of `Particles`, the values of
    a `Density`, and the moments of two `Gaussian`s.

    **Raises:** `ValueError` for masses other than 1, R not positive, dimensions that differ, and in single precision.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> p = jw.Particles([0.5, 0.5], [-1.0, 1.0], [0.0, 0.0])
    >>> result = jw.semiquantum(p, jw.ToeplitzState(p, hbar=0.1))
    >>> bool(result.converged), bool(result.cost.contains(0.05))  # p = μ: ½dħ (Theorem 2.4)
    (True, True)
    """
    _check(method, tolerance, limit)
    if isinstance(p, Gaussian) and isinstance(R, Gaussian):
        return _of_gaussians(p, R, hbar, method)
    require(method != "gaussian", "method", "not be 'gaussian' unless p and R are", method)
    require(not isinstance(R, Gaussian), "R", "be a Gaussian only if p is one", R)
    source = family(R, grid, hbar)
    centre = source.reachable(middle(p))
    source = source.seen_from(centre)
    state = compress(still(source), rank)
    if isinstance(p, Gaussian):
        p = eqx.tree_at(lambda g: g.covariance, p, after(state.eigenvalues, p.covariance))
    nodes = nodes_of(p, centre)
    must = f"have the dimension of R ({state.dimension})"
    require(nodes.dimension == state.dimension, "p", must, nodes.dimension)
    options = (method, tolerance, limit, warm_start)
    return _computed(source, state, nodes, centre, options)


@once
def _computed(
    source: Family, state: CompressedState, nodes: Nodes, centre: Array, options: tuple
) -> Semiquantum:
    """All that follows from R seen through its range and p on its nodes."""
    method, tolerance, limit, warm_start = options
    fixed = still(nodes)
    problem = discretise(fixed, state)
    method = _choose(method, nodes.points.shape[0], state.rank)
    earlier = None if warm_start is None else _carried_over(still(warm_start), problem, state)
    out = light_nodes(fixed, state)
    easier = floored(problem, centred(state)[1], out)
    potential = lambda: starting_potential(problem, fixed, still(source), state)  # noqa: E731
    found = _solve(problem, easier, method, tolerance, limit, earlier, potential)
    result = still(_certified(problem, fixed, out, state, found, tolerance, method))
    slope = slope_of(lambda R, p: _envelope(R, p, state, result), source, nodes)
    return with_slope(_back_from(result, centre), slope)


def _back_from(result: Semiquantum, centre: Array) -> Semiquantum:
    """Nodes and quadratures of a result as they are seen from the origin."""
    seen = lambda r: (r.nodes.points, r.state)  # noqa: E731
    return eqx.tree_at(seen, result, (result.nodes.points + centre, result.state.back_from(centre)))


def _of_gaussians(p: Gaussian, R: Gaussian, hbar: Scalar | None, method: str) -> Semiquantum:
    """The closed form; the coupling is not one of nodes and is described by `optimal_metric` and `squeezing`."""
    require(
        method in ("auto", "gaussian"), "method", "be 'auto' or 'gaussian' for Gaussians", method
    )
    if hbar is None:
        raise ValueError("Argument `hbar` must be given for Gaussians, but is None")
    cost = gaussian_cost(p, R, hbar)
    errors = {"duality gap": lax.stop_gradient(cost.width)}
    converged = cost.width <= 1e-6 * jnp.abs(cost.upper)
    nothing = (None, None, None, None, None, None)
    return Semiquantum(cost, cost, *nothing, errors, jnp.zeros((), int), converged, "gaussian")


def _check(method: str, tolerance: Scalar, limit: int | Array) -> None:
    check_choice("method", method, METHODS)
    check_positive_scalar("tolerance", tolerance)
    if concrete(limit):
        check_integer("limit", limit, at_least=1)
    if not jax.config.read("jax_enable_x64"):
        raise ValueError(
            "Certificates need float64: call jax.config.update('jax_enable_x64', True) first"
        )


def _choose(method: str, nodes: int, rank: int) -> str:
    if nodes == 1 or rank == 1:
        return "product"
    require(
        method != "product", "method", "not be 'product', which needs a pure R or one node", method
    )
    if method != "auto":
        return method
    return "smoothed_dual" if rank > DENSE else "interior_point"


def _solve(
    problem: Discrete,
    easier: Discrete,
    method: str,
    tolerance: Scalar,
    limit: int | Array,
    earlier: Any,
    potential: Any,
) -> Solution:
    """Q̃ and B in units of ħ, from an earlier (Q, B) or from the dual point `potential()`."""
    K, r = problem.weights.shape[0], problem.eigenvalues.shape[0]
    identity = jnp.eye(r, dtype=problem.costs.dtype)
    if method == "product":
        # The only coupling: B = 0 is optimal for r = 1, B = C for K = 1.
        B = problem.costs[0] if K == 1 else 0 * identity
        return Solution(problem.weights[:, None, None] * identity, B, jnp.zeros((), int))
    easier, unit = scaled(easier)
    if method == "smoothed_dual":
        B = potential() if earlier is None else earlier[1]
        return _unscaled(smoothed_dual(easier, B / unit, tolerance, limit), unit)
    if earlier is not None:
        scale = jnp.sqrt(easier.eigenvalues)
        scale = 1 / (scale[:, None] * scale)
        earlier = scale * repair(easier, scale * earlier[0]), earlier[1] / unit
    return _unscaled(interior_point(easier, 0.1 * tolerance, limit, earlier), unit)


def _unscaled(found: Solution, unit: Array) -> Solution:
    return eqx.tree_at(lambda s: s.potential, found, unit * found.potential)


def _carried_over(earlier: Semiquantum, problem: Discrete, state: CompressedState):
    """An earlier (Q, B) in the present basis, vectors with equal coefficients identified (a unitary flow keeps them)."""
    T, sizes = earlier.state.coefficients, problem.costs.shape
    must = f"have a state of {state.amplitudes.shape[1]} orbitals, packets or levels"
    require(T.shape[0] == state.amplitudes.shape[1], "warm_start", must, T.shape[0])
    must = f"have {sizes[0]} nodes and rank {sizes[1]}"
    found = earlier.coupling.shape
    require(found == sizes, "warm_start", must, found[:2])
    overlap = state.amplitudes @ T
    Q, B = earlier.coupling, earlier.potential / earlier.state.hbar
    return tuple(hermitian(overlap @ A @ overlap.conj().T) for A in (Q, B))


def _certified(
    problem: Discrete,
    nodes: Nodes,
    out: Array,
    state: CompressedState,
    found: Solution,
    tolerance: Scalar,
    method: str,
) -> Semiquantum:
    """Both brackets in physical units, from whatever the solver returned."""
    hbar, B = state.hbar, found.potential
    Q = repair(problem, found.scaled)
    values = dual_values(problem, after(Q, B))
    lower, rounding = dual_bound(problem, B, values)
    cost = discrete_cost(problem, Q)
    upper = jnp.maximum(cost, lower - rounding) + rounding
    discrete = Bracket(hbar * (lower - rounding), hbar * upper)
    hats = eqx.tree_at(lambda p: p.weights, problem, nodes.hat_weights)
    below, _ = dual_bound(hats, B, values)
    below, errors = _with_truncation(hbar * below, hbar * values, discrete.upper, nodes, out, state)
    spread = nodes.above
    if nodes.shifts is not None:
        moved = jnp.real(jnp.einsum("kab,iba->ki", Q, state.quadratures))
        spread = spread - jnp.sum(nodes.shifts / _safe(nodes.weights) * moved)
    above = discrete.upper + errors["truncation above"] + spread
    total = Bracket(jnp.minimum(below - hbar * rounding, above), above)
    errors = {
        "duality gap": discrete.width,
        "quadrature above": spread,
        "quadrature below": -nodes.below,
        **errors,
        "rounding": hbar * rounding,
    }
    converged = discrete.width <= tolerance * jnp.abs(discrete.upper)
    return Semiquantum(
        total,
        discrete,
        hbar * B,
        Q,
        hbar * values,
        nodes,
        state,
        residuals(problem, after(values, Q)),
        errors,
        found.iterations,
        converged,
        method,
    )


def _with_truncation(below, values, above, nodes: Nodes, out: Array, state: CompressedState):
    """The bounds for R itself from those for R restricted to its leading eigenvectors Π, with lost mass τ.

    c ≥ (1−s)ΠcΠ − (1/s−1)Π⊥cΠ⊥ for every 0 < s < 1, and c ≤ |z|² + |Ẑ|², whose mean over what is lost is at most T:
    E² ≥ max_s (1−s)L − (1/s−1)T = (√L − √T)²; above, R_⊥ is coupled to p as a product. What is `out`, the light nodes, can hold no
    more of the lost mass than they weigh.
    """
    tau, squares, weights = state.lost, jnp.sum(nodes.points**2, axis=1), nodes.weights

    def most(x):
        inside: Any = jnp.where(out, 0.0, x)
        light: Any = jnp.where(out, weights * x, 0.0)
        return tau * jnp.max(inside) + jnp.sum(light)

    trace = below - nodes.hat_weights @ values
    kept = (1 - tau) * trace + nodes.hat_weights @ values - most(values)
    size = jnp.sqrt(jnp.sum(jnp.sum(jnp.abs(state.quadratures) ** 2, axis=(1, 2))))
    kept = jnp.maximum(kept + nodes.below - size * nodes.beyond, 0.0)
    rest = state.lost_square + most(squares)
    lower = jnp.maximum(jnp.sqrt(kept) - jnp.sqrt(rest), 0.0) ** 2
    product = state.lost_square + tau * (nodes.weights @ squares)
    errors = {
        "lost mass": tau,
        "truncation above": jnp.maximum(product - tau * above, 0.0),
        "truncation below": kept - lower,
    }
    return lower, errors


def _envelope(source: Family, nodes: Nodes, state: CompressedState, result: Semiquantum) -> Array:
    """A function of p and R whose derivative at the optimum is that of E_ħ²; its value has no meaning."""
    through = lambda X: jnp.tensordot(X, result.coupling, 1)  # noqa: E731
    squares = 0.5 * jnp.sum(nodes.points**2, axis=1)
    mass = jnp.sum(result.coupling, axis=0)
    seen = Seen(mass, through(nodes.points.T), through(squares), through(result.prices))
    return nodes.weights @ result.prices + slope(source, state, result.potential, seen)


def _safe(weights: Array) -> Array:
    return jnp.where(weights > 0, weights, 1.0)[:, None]
