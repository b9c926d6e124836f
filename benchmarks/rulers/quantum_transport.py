"""MK_ħ between two quantum states: certified gaps and seconds over the rank, how they grow, and CVXPY on the same program.

Instances: r equal packets a side, drawn from N(0, 1), ħ = .1, so that both states have rank r. Seconds are CPU seconds of all
threads, in a second call, with nothing to compile. CVXPY gets the dual, two small Hermitian variables and one linear matrix
inequality, in which form it is fastest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row
from jaxwigner.transport.quantum.program.pair import Pair, pair_of

THEME = "quantum_transport"
HBAR = 0.1
# rank: (relative gap asked for, relative gap and CPU seconds of one thread that are to be kept)
SIZES = {
    4: (1e-9, 1e-8, None),
    8: (1e-9, 1e-8, 0.06),
    12: (1e-7, 1e-6, None),
    16: (1e-7, 1e-6, 1.5),
}
LARGE = {24: (1e-6, 1e-6, None), 32: (1e-6, 1e-6, 60.0)}
REAL = {16: (1e-7, 1e-6, 0.25)}
ORACLE = (4, 6, 8)
AT_LEAST = 500.0  # × CVXPY at the largest rank that it solves


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    rows: list[Row] = []
    spent: dict[int, float] = {}
    for rank, target in (SIZES if quick else SIZES | LARGE).items():
        found, spent[rank] = solved(rank, *target)
        rows += found
    rows += solved(16, *REAL[16], real=True)[0]
    rows.append(exponent(spent))
    for rank in ORACLE[:1] if quick else ORACLE:
        rows += against_cvxpy(rank)
    return [*rows, closed_forms()]


def states(rank: int, real: bool = False) -> tuple[jw.ToeplitzState, jw.ToeplitzState]:
    """Two clouds of packets; at rest, so that their matrices are real, or not."""
    rng = np.random.default_rng(rank)

    def one() -> jw.ToeplitzState:
        x, xi = rng.normal(size=(2, rank))
        return jw.ToeplitzState(jw.Particles(np.full(rank, 1 / rank), x, xi * (not real)), HBAR)

    return one(), one()


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of a call after one that compiles, the least of up to five."""
    jax.block_until_ready(jax.tree.leaves(call()))
    best, done, begin = np.inf, None, time.process_time()
    for _ in range(5):
        start = time.process_time()
        done = call()
        jax.block_until_ready(jax.tree.leaves(done))
        best = min(best, time.process_time() - start)
        if time.process_time() - begin > 5:
            break
    return best, done


def solved(
    rank: int, tolerance: float, gap: float, most: float | None, real: bool = False
) -> tuple[list[Row], float]:
    """The certified relative gap and the seconds."""
    R, S = states(rank, real)
    seconds, result = _timed(lambda: jw.quantum_transport(R, S, tolerance=tolerance))
    kind = "real" if real else "complex"
    ranks = " × ".join(str(one.rank) for one in result.states)
    label = f"MK_ħ², ranks {ranks}, {kind}"
    note = f"{int(result.iterations)} iterations"
    rows = [
        Row(THEME, f"{label}: relative gap", float(result.relative_gap), at_most=gap, note=note),
        Row(THEME, f"{label}: CPU seconds", seconds, at_most=most),
    ]
    return rows, seconds


def exponent(spent: dict[int, float]) -> Row:
    """The power of the rank with which seconds grow, from 8 on: 6 where products of (r², r²) matrices are all."""
    ranks = [rank for rank in spent if rank >= 8]
    power = np.polyfit(np.log(ranks), np.log([spent[r] for r in ranks]), 1)[0]
    return Row(THEME, f"CPU seconds ∝ r^a, r = {ranks[0]} … {ranks[-1]}: a", power, at_most=6.5)


def against_cvxpy(rank: int) -> list[Row]:
    """CPU seconds of CVXPY over ours, with each of its solvers."""
    R, S = states(rank)
    ours, result = _timed(lambda: jw.quantum_transport(R, S, tolerance=1e-8))
    try:
        import cvxpy as cp
    except ImportError:
        return [Row(THEME, "CVXPY", float("nan"), note="cvxpy is not installed")]
    pair, _ = pair_of(*result.states)
    apart = float(result.discrete.centre) / HBAR - _centred_value(pair, result)
    rows = []
    for solver, options in (("CLARABEL", {}), ("SCS", {"eps": 1e-7, "max_iters": 20000})):
        task = _dual(cp, pair)
        start = time.process_time()
        value = task.solve(solver=solver, **options)
        theirs = time.process_time() - start
        off = abs(HBAR * (float(value) + apart) / float(result.discrete.centre) - 1)
        note = f"{theirs:.3g} s and {ours:.3g} s; {task.status}; values agree to {off:.0e}"
        least = AT_LEAST if rank == ORACLE[-1] else None
        label = f"CVXPY with {solver} / ours, r = {rank}"
        rows.append(Row(THEME, label, theirs / ours, at_least=least, note=note))
    return rows


def _centred_value(pair: Pair, result: Any) -> float:
    """MK² in units of ħ about both means, from the coupling."""
    F = result.coupling.reshape(pair.size, pair.size)
    return float(jnp.real(jnp.sum(pair.cost().conj() * F)))


def _dual(cp: Any, pair: Pair) -> Any:
    """max tr(AR) + tr(BS), A⊗1 + 1⊗B ≤ C."""
    r, s = pair.ranks
    A, B = (cp.Variable((k, k), hermitian=True) for k in (r, s))
    C = np.asarray(pair.cost())
    slack = C - cp.kron(A, np.eye(s)) - cp.kron(np.eye(r), B)
    rho, sigma = (np.diag(np.asarray(one.eigenvalues)) for one in (pair.first, pair.second))
    value = cp.real(cp.trace(A @ rho)) + cp.real(cp.trace(B @ sigma))
    return cp.Problem(cp.Maximize(value), [slack >> 0])


def closed_forms() -> Row:
    """Two levels each, 1 + p + q − 2√pq, by the dense program."""
    p, q = 0.3, 0.4
    R, S = (jw.FockState(np.diag([1 - x, x]).astype(complex), 1.0) for x in (p, q))
    result = jw.quantum_transport(R, S, tolerance=1e-11, method="interior_point")
    off = abs(float(result.cost.centre) - (1 + p + q - 2 * np.sqrt(p * q)))
    return Row(THEME, "two levels each, off the closed form by", off, at_most=1e-10)
