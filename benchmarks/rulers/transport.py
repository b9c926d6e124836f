"""The semiquantum distance against CVXPY, and both distances on their own: gaps, widths and seconds.

Instances: a Töplitz state and p on a grid of nodes (smooth), and a random matrix with quasi-random nodes (rough). Compile time is
apart; CVXPY solves the same discrete problem with variables Q_k/p_k, scaled by ħ, to the relative gap that it can reach.
"""

from __future__ import annotations

import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row
from jaxwigner.transport.solvers.nodes import nodes_of
from jaxwigner.transport.solvers.problem import discretise
from jaxwigner.transport.solvers.range import compress, family

HBAR = 0.2
SIZES = [(8, 256), (8, 1024), (16, 1024), (16, 4096), (32, 1024)]
QUICK = [(8, 256), (8, 1024)]
LARGE = [(64, 1024), (64, 4096)]  # by the smoothed dual, minutes
ORACLE = [(8, 256), (16, 256)]


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    rows = [semiquantum(*size, kind) for size in (QUICK if quick else SIZES) for kind in KINDS]
    if not quick:
        rows += [semiquantum(*size, "smooth", "smoothed_dual", 1e-4) for size in LARGE]
    rows += [against_cvxpy(*size) for size in (ORACLE[:1] if quick else ORACLE)]
    return rows + [grids(points) for points in ((128,) if quick else (128, 512))]


def instance(rank: int, nodes: int, kind: str) -> tuple[jw.Particles, jw.FockState]:
    """p and R of the given sizes; the spread of R grows with its rank."""
    rng = np.random.default_rng(rank)
    spread = np.sqrt(HBAR * rank / 8)
    if kind == "smooth":
        side = int(np.sqrt(nodes))
        t = spread * np.linspace(-3.2, 3.2, side)
        x, p = (m.ravel() for m in np.meshgrid(t, t, indexing="ij"))
        w = np.exp(-(x**2 + p**2 - 0.8 * x * p) / (1.4 * spread**2))
        ratio = (rank / 8) / (1 + rank / 8)
        matrix = np.diag(ratio ** np.arange(rank)).astype(complex)
        return jw.Particles(w / w.sum(), x, p), jw.FockState(matrix / matrix.trace(), HBAR)
    x, p = spread * rng.normal(size=(2, nodes))
    A = rng.normal(size=(rank, rank)) + 1j * rng.normal(size=(rank, rank))
    matrix = A @ A.conj().T
    state = jw.FockState(matrix / np.trace(matrix).real, HBAR)
    return jw.Particles(np.full(nodes, 1 / nodes), x, p), state


KINDS = ("smooth", "rough")


def semiquantum(
    rank: int, nodes: int, kind: str, method: str = "auto", tolerance: float = 1e-6
) -> Row:
    """The certified relative gap, and the seconds it took."""
    p, R = instance(rank, nodes, kind)

    def program(p, matrix):
        state = jw.FockState(matrix, HBAR)
        return jw.semiquantum(p, state, method=method, tolerance=tolerance, rank=rank)

    start = time.perf_counter()
    solve = jax.jit(program).lower(p, R.matrix).compile()
    compiled = time.perf_counter() - start
    seconds, result = _timed(lambda: solve(p, R.matrix))
    return Row(
        "transport",
        f"E_ħ², r = {rank}, K = {nodes}, {kind}: relative gap",
        float(result.relative_gap),
        at_most=tolerance,
        compile_seconds=compiled,
        note=f"{seconds:.3g} s, {int(result.iterations)} iterations, {result.method}",
    )


def against_cvxpy(rank: int, nodes: int) -> Row:
    """Seconds of CVXPY with Clarabel over ours."""
    p, R = instance(rank, nodes, "rough")
    solve = jax.jit(lambda p: jw.semiquantum(p, R, rank=rank))
    jax.block_until_ready(solve(p))
    ours, result = _timed(lambda: solve(p))
    try:
        import cvxpy as cp
    except ImportError:
        return Row("transport", "CVXPY", float("nan"), note="cvxpy is not installed")
    state = compress(family(R, None, None), rank)
    problem = discretise(nodes_of(p), state)
    C, w, rho = (np.asarray(a) for a in (problem.costs, problem.weights, problem.eigenvalues))
    variables = [cp.Variable((rank, rank), hermitian=True) for _ in w]
    cost = sum(wk * cp.real(cp.trace(Ck @ Q)) for wk, Ck, Q in zip(w, C, variables))
    constraints = [sum(wk * Q for wk, Q in zip(w, variables)) == np.diag(rho)]
    constraints += [Q >> 0 for Q in variables]
    constraints += [cp.real(cp.trace(Q)) == 1 for Q in variables]
    task = cp.Problem(cp.Minimize(cost), constraints)
    start = time.perf_counter()
    value = task.solve(solver="CLARABEL")
    theirs = time.perf_counter() - start
    gap = abs(value * HBAR / float(result.discrete.centre) - 1)
    return Row(
        "transport",
        f"CVXPY with Clarabel / ours, r = {rank}, K = {nodes}",
        theirs / ours,
        at_least=50.0,
        note=f"{theirs:.3g} s (its own set-up included) and {ours:.3g} s; values agree to {gap:.0e}",
    )


def grids(points: int) -> Row:
    """Relative width of dist² between two unit Gaussians one apart in a box of 10."""
    grid = jw.PhaseGrid(jw.Grid(-5.0, 5.0, points), jw.Grid(-5.0, 5.0, points))
    (x,), (p,) = grid.mesh

    def density(centre):
        values = jnp.exp(-0.5 * ((x - centre) ** 2 + p**2))
        return jw.Density(values / (values.sum() * grid.cell), grid)

    one, other = density(-0.5), density(0.5)
    start = time.perf_counter()
    solve = jax.jit(jw.monge_kantorovich).lower(one, other).compile()
    compiled = time.perf_counter() - start
    seconds, bracket = _timed(lambda: solve(one, other), repeats=1)
    return Row(
        "transport",
        f"dist_MK,2², {points}² cells: relative width",
        float(bracket.width / bracket.upper),
        at_most=0.1 if points <= 128 else 0.02,
        compile_seconds=compiled,
        note=f"{seconds:.3g} s; [{float(bracket.lower):.5f}, {float(bracket.upper):.5f}] around ½",
    )


def _timed(function, repeats: int = 3) -> tuple[float, Any]:
    """The median of a few runs, and the result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = jax.block_until_ready(function())
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)), result
