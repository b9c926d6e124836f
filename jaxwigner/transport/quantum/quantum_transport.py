"""MK_ħ(R, S): the optimal-transport cost of Golse, Mouhot and Paul between two density operators.

    MK_ħ(R, S)² = inf_F tr(CF),   C = ½Σ_j((x_j⊗1 − 1⊗x_j)² + (p_j⊗1 − 1⊗p_j)²),   F ≥ 0, tr₂F = R, tr₁F = S
                = sup {tr(AR) + tr(BS) : A⊗1 + 1⊗B ≤ C}  ≥  dħ

Steps: R and S → their ranges (`compress`), each seen from its own mean (`pair`), the dense program in units of ħ
(`interior_point`), a dual point below and a repaired coupling above (`certificate`). What a rank below that of R or S leaves out is
added on both sides and named.

Derivatives come from the optimum itself: with F, A and B held fixed, and vectors e_i, f_l of the two ranges that move with the
states, those of tr(C(e, f)F) − tr((⟨e|e⟩⊗B)F) − tr((A⊗⟨f|f⟩)F) + tr(AR) + tr(BS) (envelope theorem).
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from jaxwigner._checks import check_choice, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, Scalar
from jaxwigner.states import Gaussian
from jaxwigner.transport.quantum.closed import of_gaussians, of_moments, of_populations
from jaxwigner.transport.quantum.gaussian_pairs import check_double
from jaxwigner.transport.quantum.given import (
    Source,
    are_diagonal,
    check_is_state,
    check_memory,
    chosen_ranks,
    sources,
)
from jaxwigner.transport.quantum.levels import Levels, compress_levels
from jaxwigner.transport.quantum.program.certificate import dual_bound, repair, residuals
from jaxwigner.transport.quantum.program.interior_point import Point, interior_point
from jaxwigner.transport.quantum.program.pair import Pair, inner, pair_of
from jaxwigner.transport.quantum.program.truncation import lost, with_truncation
from jaxwigner.transport.quantum.result import QuantumTransport
from jaxwigner.transport.solvers.envelope import slope_of, still, with_slope
from jaxwigner.transport.solvers.matrices import after, broadcasting
from jaxwigner.transport.solvers.problem import mean_of
from jaxwigner.transport.solvers.range import CompressedState, Family, cut, whole
from jaxwigner.transport.solvers.slopes import seen, slope, swapped

METHODS = ("auto", "product", "gaussian", "fock_diagonal", "interior_point")
TIGHTEST = 1e-11
View = tuple[
    Array, Source, Any
]  # centre, state seen from there, CompressedState or None for a Gaussian
PURE = 1e-14  # what a state may have lost that counts as one of rank 1
FLOOR = 1e-11  # share of the mixed state that every eigenvalue is raised by: none may vanish inside the cone


@broadcasting
def quantum_transport(
    R: Any,
    S: Any,
    *,
    grid: Grid | None = None,
    hbar: Scalar | None = None,
    rank: Any = None,
    tolerance: float = 1e-6,
    method: str = "auto",
) -> QuantumTransport:
    """MK_ħ(R, S)² of Golse, Mouhot and Paul (2016) between two proved bounds, with the cost ½(|x − x'|² + |p − p'|²).

    **Arguments:** `R`, `S`: ψ or a `MixedState` on `grid` (which needs `hbar`), a `FockState` or a `ToeplitzState`, of trace 1 and
    one ħ, or a `Gaussian` (with `hbar`, unless the other state has one); `rank`: keep this many of the largest eigenvalues, of each
    state or (r₁, r₂) (static; needed under `jit` when a state has fewer than its size); `tolerance`: relative duality gap of what was
    kept, at least 1e-11; `method`: "product" (one state is pure), "gaussian" (both are; in closed form for d = 1, a covariance
    program for more), "fock_diagonal" (mixtures of levels of one oscillator, a cone program over couplings of their populations),
    "interior_point" (memory ∝ (r₁r₂)², time ∝ (r₁r₂)³; a Gaussian is taken in its own levels) or "auto".

    **Returns:** `QuantumTransport`; `.cost` may be differentiated with respect to both states, but not to a Gaussian beside another
    state. MK_ħ(R, R)² is dħ at least and more for most states; MK_ħ(R, S)² − ½MK_ħ(R, R)² − ½MK_ħ(S, S)² may be negative and is no
    distance.

    **Raises:** `ValueError` for what is no quantum state, traces other than 1, matrices that are not positive, infinite second
    moments, different ħ or dimensions, ranks that do not fit into memory (it says which do), and in single precision.

    >>> import jaxwigner as jw
    >>> one, other = (jw.Particles([0.5, 0.5], [-a, a], [0.0, 0.0]) for a in (1.0, 0.5))
    >>> result = jw.quantum_transport(jw.ToeplitzState(one, hbar=1.0), jw.ToeplitzState(other, hbar=1.0))
    >>> round(float(result.cost.centre), 6)  # dist² + dħ for two equal masses each
    1.125
    """
    _check(method, tolerance)
    for name, state in (("R", R), ("S", S)):
        check_is_state(name, state)
    if isinstance(R, Gaussian) and isinstance(S, Gaussian):
        return of_gaussians(R, S, hbar, method, tolerance)
    require(method != "gaussian", "method", "not be 'gaussian' unless R and S are", method)
    both = sources(R, S, grid, hbar)
    ranks = chosen_ranks(rank, both)
    if method == "fock_diagonal" or (method == "auto" and rank is None and are_diagonal(R, S)):
        return of_populations(R, S, rank, tolerance)
    views = [_seen(one) for one in both]
    centres, moved = tuple(view[0] for view in views), tuple(view[1] for view in views)
    states = _compressed(views[0], ranks[0]), _compressed(views[1], ranks[1])
    if any(isinstance(one, Levels) for one in both) and _is_product(method, states):
        return of_moments(*both, tolerance)
    check_memory(*(one.rank for one in states))
    pair, dropped = pair_of(*states)
    method = _choose(method, pair)
    return _computed(moved, states, centres, (pair, dropped), (method, tolerance))


@once
def _seen(source: Source) -> View:
    """The mean of a state, the state seen from there, and all of its eigenvectors if it has finitely many."""
    centre = still(source.reachable(source.moments()[0]))
    moved = source.seen_from(centre)
    return centre, moved, None if isinstance(moved, Levels) else whole(still(moved))


def _compressed(view: View, rank: int | None) -> CompressedState:
    _, source, state = view
    return compress_levels(source, rank) if isinstance(source, Levels) else cut(state, rank)


def _is_product(method: str, states: tuple[CompressedState, CompressedState]) -> bool:
    """Whether one state is pure, not only what was kept of it."""
    pure = [one.rank == 1 and concrete(one.lost) and one.lost <= PURE for one in states]
    return method in ("auto", "product") and any(pure)


@once
def _computed(sources, states, centres, problem, options) -> QuantumTransport:
    """All that follows from both states seen through their ranges."""
    method, tolerance = options
    result = still(_solved(states, centres, problem, method, tolerance))
    # Arguments, not a closure: the derivative of a compiled program is taken when its own values are gone.
    return with_slope(result, slope_of(_slopes, *sources, *still((states, centres, result))))


def _solved(states, centres, problem, method: str, tolerance: Scalar) -> QuantumTransport:
    pair, dropped = problem
    hbar = states[0].hbar
    found, iterations = _solve(pair, method, tolerance)
    cost = pair.cost()
    F = found.F if method == "product" else repair(pair, cost, found.F)
    below, _, rounding = dual_bound(pair, after(F, cost), found.A, found.B)
    rounding = rounding + dropped
    above = jnp.maximum(inner(cost, F), below - rounding) + rounding
    below = below - rounding
    shift = (centres[0] + mean_of(states[0]) - centres[1] - mean_of(states[1])) / jnp.sqrt(hbar)
    apart = 0.5 * jnp.sum(shift**2)
    missing = lost(states[0], pair.first), lost(states[1], pair.second)
    duals = (found.A, found.B)
    size = jnp.sqrt(jnp.sum(shift**2))
    lower, upper, errors = with_truncation(pair, size, duals, below, above, missing)
    discrete = Bracket(hbar * (below + apart), hbar * (above + apart))
    floor = 0.5 * shift.shape[0]
    lower = jnp.minimum(jnp.maximum(lower + apart, floor), upper + apart)
    total = Bracket(hbar * lower, hbar * (upper + apart))
    errors = {"duality gap": above - below, **errors, "rounding": rounding}
    return QuantumTransport(
        total,
        discrete,
        _physical(states, duals, shift),
        F.reshape(pair.ranks * 2).astype(complex),
        states,
        residuals(pair, F),
        {name: (size if "mass" in name else hbar * size) for name, size in errors.items()},
        iterations,
        discrete.width <= tolerance * jnp.abs(discrete.upper),
        method,
    )


def _slopes(one: Source, other: Source, states, centres, result: QuantumTransport) -> Array:
    """What has the derivative of MK_ħ² with respect to both states; a Gaussian beside another state is known and has none."""
    F, (A, B) = result.coupling, result.potentials
    apart = centres[1] - centres[0]
    value = jnp.zeros(())
    if isinstance(one, Family):
        value = value + slope(one, states[0], A, seen(F, states[1], B, apart))
    if isinstance(other, Family):
        value = value + slope(other, states[1], B, seen(swapped(F), states[0], A, -apart))
    return value


def _physical(states, duals, shift: Array) -> tuple[Array, Array]:
    """A and B of C itself: what is linear in both sides belongs to them."""
    hbar = states[0].hbar
    shift = jnp.sqrt(hbar) * shift
    linear = [jnp.tensordot(shift.astype(complex), _centred(one), 1) for one in states]
    A = hbar * duals[0] + linear[0] + 0.5 * jnp.sum(shift**2) * jnp.eye(states[0].rank)
    return A, hbar * duals[1] - linear[1]


def _centred(state: CompressedState) -> Array:
    return state.quadratures - mean_of(state)[:, None, None] * jnp.eye(state.rank)


def _solve(pair: Pair, method: str, tolerance: Scalar) -> tuple[Point, Array]:
    if method == "product":
        cost = pair.cost()
        nothing = [jnp.zeros((r, r), cost.dtype) for r in pair.ranks]
        A, B = (nothing[0], cost) if pair.ranks[0] == 1 else (cost, nothing[1])
        return Point(jnp.diag(pair.weights).astype(cost.dtype), A, B), jnp.zeros((), int)
    easier = raised(pair)
    found, iterations = interior_point(easier, 0.1 * tolerance)
    root = jnp.sqrt(pair.weights / easier.weights)
    F = root[:, None] * found.F * root
    return eqx.tree_at(lambda x: x.F, found, F), iterations


def raised(pair: Pair) -> Pair:
    """The pair with every eigenvalue raised by a share of the mean."""
    return eqx.tree_at(
        lambda p: (p.first.eigenvalues, p.second.eigenvalues),
        pair,
        tuple(
            (x + FLOOR / x.shape[0]) / (1 + FLOOR)
            for x in (pair.first.eigenvalues, pair.second.eigenvalues)
        ),
    )


def _check(method: str, tolerance: Any) -> None:
    check_choice("method", method, METHODS)
    check_positive_scalar("tolerance", tolerance)
    must = "be at least 1e-11, which is what float64 can prove"
    require(tolerance >= TIGHTEST, "tolerance", must, tolerance)
    check_double()


def _choose(method: str, pair: Pair) -> str:
    if min(pair.ranks) == 1:
        return "product"
    require(method != "product", "method", "not be 'product', which needs a pure state", method)
    return "interior_point"
