"""What MK_ħ is asked about: two states of one ħ and one dimension, checked by NumPy before anything is compiled, and ranks that fit.

The dense program keeps some eight operators on the product space, r₁r₂ by r₁r₂, and two real Schur complements of r₁² + r₂² unknowns.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from jaxwigner._checks import check_integer, concrete, require
from jaxwigner.grid import Grid, Scalar
from jaxwigner.phase_space import ToeplitzState
from jaxwigner.states import FockState, Gaussian, MixedState
from jaxwigner.transport.quantum.levels import Levels, levels
from jaxwigner.transport.solvers.range import Family, family

MEMORY = 6 * 2**30  # bytes that one program may take
TRACE = 1e-6  # how far a trace may be from 1
STATES = (MixedState, FockState, ToeplitzState, Gaussian)
Source = Family | Levels
Ranks = tuple[int | None, int | None]


def sources(R: Any, S: Any, grid: Grid | None, hbar: Scalar | None) -> tuple[Source, Source]:
    """Both states with their grid and their common ħ."""
    given = [one.hbar for one in (R, S) if isinstance(one, (FockState, ToeplitzState))]
    hbar = given[0] if hbar is None and given else hbar
    if len(given) == 2:
        same = not concrete(given) or float(given[0]) == float(given[1])
        require(same, "S", f"have the ħ of R ({given[0]})", given[1])
    one, other = _source(R, grid, hbar, "R"), _source(S, grid, hbar, "S")
    d = dimension(one)
    require(dimension(other) == d, "S", f"have the dimension of R ({d})", dimension(other))
    _check_numbers("R", one)
    _check_numbers("S", other)
    return one, other


def check_is_state(name: str, value: Any) -> None:
    """Raise for what is no quantum state."""
    must = "be a quantum state (ψ, MixedState, FockState, ToeplitzState or Gaussian)"
    require(isinstance(value, STATES) or np.ndim(value) > 0, name, must, value)


def _source(state: Any, grid: Grid | None, hbar: Scalar | None, name: str) -> Source:
    if isinstance(state, Gaussian):
        return levels(state, hbar, name)
    return family(state, grid, hbar, name)


def dimension(source: Source) -> int:
    """d."""
    if isinstance(source, Family) and source.grid is not None:
        return source.grid.dimension
    return source.state.dimension


def _check_numbers(name: str, source: Source) -> None:
    """Trace 1, finite second moments, positivity; what is traced passes."""
    if isinstance(source, Levels) or not concrete(source):
        return
    trace = _trace(source)
    if not abs(trace - 1) <= TRACE:
        raise ValueError(f"Argument `{name}` must have trace 1, but has trace {trace:g}")
    if isinstance(source.state, FockState):
        values = np.linalg.eigvalsh(np.asarray(source.state.matrix))
        if values[0] < -1e-9 * values[-1]:
            has = f"has the eigenvalue {values[0]:g}"
            raise ValueError(f"Argument `{name}` must be positive, but {has}")
    if isinstance(source.state, ToeplitzState):
        points = source.state.particles
        with np.errstate(over="ignore"):
            square = np.sum(np.square(points.positions)) + np.sum(np.square(points.momenta))
        if not np.isfinite(square):
            must = "have finite second moments, but has infinite ones"
            raise ValueError(f"Argument `{name}` must {must}")


def _trace(source: Family) -> float:
    if isinstance(source.state, FockState):
        return float(np.real(np.trace(np.asarray(source.state.matrix))))
    weights = np.asarray(source.weights)
    if isinstance(source.state, ToeplitzState):
        return float(np.sum(weights))
    flat = np.abs(np.asarray(source.state.orbitals)).reshape(weights.shape[0], -1)
    return float(weights @ np.sum(flat**2, axis=1) * np.asarray(source.grid.cell))


def chosen_ranks(rank: Any, both: tuple[Source, Source]) -> Ranks:
    """How many eigenvalues of each state are kept: one number is for both, as far as they have so many."""
    if rank is None:
        return None, None
    if isinstance(rank, (tuple, list)):
        require(len(rank) == 2, "rank", "be one number or two", rank)
        for r in rank:
            check_integer("rank", r, at_least=1)
        ranks = rank[0], rank[1]
    else:
        check_integer("rank", rank, at_least=1)
        sizes = [size(one) for one in both]
        must = f"be at most {max(sizes)}, the size of the larger state"
        require(rank <= max(sizes), "rank", must, rank)
        ranks = min(rank, int(min(sizes[0], rank))), min(rank, int(min(sizes[1], rank)))
    check_memory(*ranks)
    return ranks


def size(source: Source) -> float:
    """The largest rank a state can have."""
    return np.inf if isinstance(source, Levels) else source.weights.shape[0]


def check_memory(r: int, s: int) -> None:
    """Raise, with the rank that fits, if the program of these ranks takes more than `MEMORY`; a product takes none."""
    if min(r, s) == 1 or needed(r, s) <= MEMORY:
        return
    fits = max(k for k in range(1, max(r, s)) if needed(min(k, r), min(k, s)) <= MEMORY)
    must = f"be at most {fits} to fit into {MEMORY >> 30} GiB of memory"
    raise ValueError(f"Argument `rank` must {must}, but is {(r, s)}")


def needed(r: int, s: int) -> int:
    """Bytes: eight complex (rs, rs) matrices and four real ones of r² + s² rows."""
    return 8 * 16 * (r * s) ** 2 + 4 * 8 * (r * r + s * s) ** 2


def are_diagonal(R: Any, S: Any) -> bool:
    """Whether both are known to be mixtures of levels of one oscillator, neither of them pure."""
    return all(isinstance(one, FockState) and concrete(one) and _is_mixture(one) for one in (R, S))


def _is_mixture(state: FockState) -> bool:
    matrix = np.asarray(state.matrix)
    return is_diagonal(matrix) and int(np.sum(np.real(np.diagonal(matrix)) > 1e-13)) > 1


def is_diagonal(matrix: jax.Array | np.ndarray) -> bool:
    """No entry beside the diagonal."""
    return not np.any(np.asarray(matrix) * (1 - np.eye(matrix.shape[0])))
