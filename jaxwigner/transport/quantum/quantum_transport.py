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
import jax
import jax.numpy as jnp

from jaxwigner._checks import (
    check_choice,
    check_integer,
    check_positive_scalar,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, Scalar
from jaxwigner.phase_space import ToeplitzState
from jaxwigner.states import FockState, Gaussian
from jaxwigner.transport.quantum.certificate import dual_bound, repair, residuals
from jaxwigner.transport.quantum.interior_point import Point, interior_point
from jaxwigner.transport.quantum.pair import Pair, inner, pair_of
from jaxwigner.transport.quantum.slopes import seen, slope, swapped
from jaxwigner.transport.quantum.truncation import lost, with_truncation
from jaxwigner.transport.solvers.envelope import first_order, still, with_slope
from jaxwigner.transport.solvers.matrices import after, broadcasting
from jaxwigner.transport.solvers.problem import mean_of
from jaxwigner.transport.solvers.range import CompressedState, Family, compress, family

METHODS = ("auto", "product", "gaussian", "fock_diagonal", "interior_point")
TIGHTEST = 1e-11
FLOOR = 1e-11  # share of the mixed state that every eigenvalue is raised by: none may vanish inside the cone


class QuantumTransport(eqx.Module):
    """MK_ħ(R, S)² with its certificate.

    `cost`: bracket for R and S themselves, the floor dħ included; `discrete`: bracket for what was kept of them alone;
    `potentials`: (A, B), (r₁, r₁) and (r₂, r₂), with A⊗1 + 1⊗B ≤ C but for rounding; `coupling`: F (r₁, r₂, r₁, r₂) in the bases
    of `states`; `residuals` of the coupling; `errors`: named sizes of what `cost` adds to `discrete`; `converged`: whether the
    relative gap of `discrete` is at most the tolerance.
    Between Gaussians only the brackets are there.

    >>> import jaxwigner as jw
    >>> mu = jw.Particles([0.5, 0.5], [-1.0, 1.0], [0.0, 0.0])
    >>> R = jw.ToeplitzState(mu, hbar=0.1)
    >>> result = jw.quantum_transport(R, R)
    >>> result.coupling.shape, bool(result.residuals.first < 1e-14)  # tr₂F = R
    ((2, 2, 2, 2), True)
    """

    cost: Bracket
    discrete: Bracket
    potentials: Any  # (Complex[Array, r r], Complex[Array, s s]), or None between Gaussians
    coupling: Any  # Complex[Array, r s r s], or None between Gaussians
    states: Any  # two CompressedStates, or None between Gaussians
    residuals: Any  # CouplingResiduals, or None between Gaussians
    errors: dict[str, Any]
    iterations: Array
    converged: Array
    method: str = eqx.field(static=True)

    @property
    def distance(self) -> Bracket:
        """MK_ħ(R, S)."""
        return self.cost.sqrt()

    @property
    def relative_gap(self) -> Array:
        """(upper − lower)/upper of the discrete problem."""
        return jnp.asarray(self.discrete.width / self.discrete.upper)

    def __str__(self) -> str:
        low, high = float(self.cost.lower), float(self.cost.upper)
        state = "converged" if bool(self.converged) else "NOT converged"
        if self.states is None:
            return f"MK_ħ² in [{low:.9g}, {high:.9g}]  ({self.method}, {state})"
        ranks = " × ".join(str(one.rank) for one in self.states)
        lines = [
            f"MK_ħ² in [{low:.9g}, {high:.9g}]  ({self.method}, {state}, {int(self.iterations)} iterations)",
            f"  ranks {ranks}, relative gap {float(self.relative_gap):.1e}",
        ]
        lines += [f"  {name}: {float(size):.2e}" for name, size in self.errors.items()]
        return "\n".join(lines)


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
    one ħ; `rank`: keep this many of the largest eigenvalues, of each state or (r₁, r₂) (static; needed under `jit` when a state
    has fewer than its size); `tolerance`: relative duality gap of what was kept, at least 1e-11; `method`: "product" (one state is
    pure), "interior_point" (memory ∝ (r₁r₂)², time ∝ (r₁r₂)³) or "auto".

    **Returns:** `QuantumTransport`; `.cost` may be differentiated with respect to both states. MK_ħ(R, R)² is dħ at least and more for
    most states; MK_ħ(R, S)² − ½MK_ħ(R, R)² − ½MK_ħ(S, S)² may be negative and is no distance.

    **Raises:** `ValueError` for traces other than 1, matrices that are not positive, different ħ or dimensions, ranks that do not fit
    into memory, and in single precision.

    >>> import jaxwigner as jw
    >>> one, other = (jw.Particles([0.5, 0.5], [-a, a], [0.0, 0.0]) for a in (1.0, 0.5))
    >>> result = jw.quantum_transport(jw.ToeplitzState(one, hbar=1.0), jw.ToeplitzState(other, hbar=1.0))
    >>> round(float(result.cost.centre), 6)  # dist² + dħ for two equal masses each
    1.125
    """
    _check(method, tolerance)
    for one, name in ((R, "R"), (S, "S")):
        must = "have finite rank: take the matrix of its levels as a FockState"
        require(not isinstance(one, Gaussian), name, must, one)
    sources = _sources(R, S, grid, hbar)
    ranks = _ranks(rank, sources)
    centres = tuple(still(one.reachable(one.moments()[0])) for one in sources)
    sources = tuple(one.seen_from(c) for one, c in zip(sources, centres))
    states = tuple(compress(still(one), r, name=name) for one, r, name in zip(sources, ranks, "RS"))
    for one, name in zip(states, "RS"):
        size = jnp.abs(one.half_square)
        finite = bool(jnp.all(jnp.isfinite(size))) if concrete(size) else True
        require(finite, name, "have finite second moments", "one whose ⟨|Ẑ|²⟩ overflows")
    pair, dropped = pair_of(*states)
    method = _choose(method, pair)
    return _computed(sources, states, centres, (pair, dropped), (method, tolerance))


@once
def _computed(sources, states, centres, problem, options) -> QuantumTransport:
    """All that follows from both states seen through their ranges."""
    method, tolerance = options
    result = still(_solved(states, centres, problem, method, tolerance))
    # Arguments, not a closure: the derivative of a compiled program is taken when its own values are gone.
    return with_slope(result, first_order(_slopes, *sources, *still((states, centres, result))))


def _solved(states, centres, problem, method: str, tolerance: Scalar) -> QuantumTransport:
    pair, dropped = problem
    hbar = states[0].hbar
    found, iterations = _solve(pair, method, tolerance)
    cost = pair.cost()
    F = found.F if method == "product" else repair(pair, cost, found.F)
    below, least, rounding = dual_bound(pair, after(F, cost), found.A, found.B)
    rounding = rounding + dropped
    above = jnp.maximum(inner(cost, F), below - rounding) + rounding
    below = below - rounding
    shift = (centres[0] + mean_of(states[0]) - centres[1] - mean_of(states[1])) / jnp.sqrt(hbar)
    apart = 0.5 * jnp.sum(shift**2)
    missing = tuple(lost(*one) for one in zip(states, (pair.first, pair.second)))
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


def _slopes(one: Family, other: Family, states, centres, result: QuantumTransport) -> Array:
    """What has the derivative of MK_ħ² with respect to both states."""
    F, (A, B) = result.coupling, result.potentials
    apart = centres[1] - centres[0]
    second = seen(F, states[1], B, apart)
    first = seen(swapped(F), states[0], A, -apart)
    return slope(one, states[0], A, second) + slope(other, states[1], B, first)


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
    if not jax.config.jax_enable_x64:
        raise ValueError(
            "Certificates need float64: call jax.config.update('jax_enable_x64', True) first"
        )


def _sources(R: Any, S: Any, grid: Grid | None, hbar: Scalar | None) -> tuple[Family, Family]:
    """Both states with their grid and their common ħ."""
    given = [one.hbar for one in (R, S) if isinstance(one, (FockState, ToeplitzState))]
    hbar = given[0] if hbar is None and given else hbar
    if len(given) == 2:
        same = not concrete(given) or given[0] == given[1]
        require(same, "S", f"have the ħ of R ({given[0]})", given[1])
    both = tuple(family(one, grid, hbar, name) for one, name in ((R, "R"), (S, "S")))
    d, other = (_dimension(one) for one in both)
    require(d == other, "S", f"have the dimension of R ({d})", other)
    return both


def _dimension(source: Family) -> int:
    return source.grid.dimension if source.grid is not None else source.state.dimension


def _ranks(rank: Any, sources) -> tuple[int | None, int | None]:
    """How many eigenvalues of each state are kept: one number is for both, as far as they have so many."""
    if rank is None:
        return None, None
    if isinstance(rank, (tuple, list)):
        require(len(rank) == 2, "rank", "be one number or two", rank)
        for r in rank:
            check_integer("rank", r, at_least=1)
        return tuple(rank)
    check_integer("rank", rank, at_least=1)
    sizes = [one.weights.shape[0] for one in sources]
    must = f"be at most {max(sizes)}, the size of the larger state"
    require(rank <= max(sizes), "rank", must, rank)
    return tuple(min(rank, size) for size in sizes)


def _choose(method: str, pair: Pair) -> str:
    if min(pair.ranks) == 1:
        return "product"
    require(method != "product", "method", "not be 'product', which needs a pure state", method)
    return "interior_point"
