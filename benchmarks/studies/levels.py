"""The lowest levels against dense diagonalisation (NumPy, QuTiP) and SciPy's sparse solver, in one run.

`jw.levels` is called eagerly, as a user calls it; all give energies and states. NumPy and QuTiP diagonalise the matrix of the same
Fourier grid. SciPy's `eigsh` gets what is written by hand: second differences, of order 2 and of order 8, as a sparse matrix on the
same points, shifted and inverted at the bottom; its error is that of the differences. Notes hold the largest error of the levels.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

import jaxwigner as jw
from benchmarks.report import Row, skipped, timed
from benchmarks.timing import interleave, ratio

# Coefficients of −d²/dx² at 0, ±1, … times the square of the spacing (Fornberg 1988).
SECOND = {2: (2.0, -1.0), 8: (205 / 72, -8 / 5, 1 / 5, -8 / 315, 1 / 560)}
CASES = {
    "d = 1, 1024 points, 20 levels": ((1024,), 12.0, 20),
    "d = 2, 36² points, 10 levels": ((36, 36), 6.5, 10),
    "d = 2, 44² points, 10 levels": ((44, 44), 7.0, 10),
    "d = 3, 20³ points, 4 levels": ((20, 20, 20), 5.5, 4),
}
LARGEST = 3000  # points up to which a dense matrix is diagonalised


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    names = list(CASES)[: 2 if quick else None]
    rows = [row for name in names for row in _rows(name, *CASES[name])]
    if importlib.util.find_spec("qutip") is None:
        rows.append(skipped("levels", "qutip is not installed"))
    return rows


class _Problem:
    """An oscillator in d dimensions, whose levels are known, ours and what it is held against."""

    def __init__(self, points: tuple[int, ...], side: float, count: int):
        d = len(points)
        self.grid = jw.Grid((-side,) * d, (side,) * d, points)
        self.system = jw.Schrodinger(self.grid, lambda *x: 0.5 * sum(q**2 for q in x), 1.0)
        self.count = count
        sums = np.add.outer(np.arange(count), np.zeros(1)).ravel()
        for _ in range(d - 1):
            sums = np.add.outer(sums, np.arange(count)).ravel()
        self.exact = np.sort(sums)[:count] + 0.5 * d
        self.U = np.asarray(self.system.values).ravel()

    def ours(self) -> np.ndarray:
        return np.asarray(jw.levels(self.system, self.count, throw=False))

    def error(self, found: Any) -> float:
        return float(np.max(np.abs(np.asarray(found) - self.exact)))

    def summed(self, lines: list[Any], product: Callable, eye: Callable) -> Any:
        """Σ over axes of a matrix along one axis and ones along the others."""
        total: Any = 0
        for axis, line in enumerate(lines):
            term: Any = eye(1)
            for other, n in enumerate(self.grid.points):
                term = product(term, line if other == axis else eye(n))
            total = total + term
        return total

    def dense(self) -> np.ndarray:
        lines = []
        for n, k in zip(self.grid.points, self.grid.wavenumbers):
            F = np.fft.fft(np.eye(n), norm="ortho")
            lines.append(np.real((F.conj().T * (0.5 * np.asarray(k) ** 2)) @ F))
        return self.summed(lines, np.kron, np.eye) + np.diag(self.U)

    def differences(self, order: int) -> Any:
        lines = []
        for n, step in zip(self.grid.points, self.grid.spacing):
            stencil = SECOND[order]
            offsets = [s * j for j in range(len(stencil)) for s in ((1, -1) if j else (1,))]
            bands = [np.full(n, 0.5 * stencil[abs(j)] / step**2) for j in offsets]
            lines.append(sparse.spdiags(np.array(bands), offsets, n, n))
        return (self.summed(lines, sparse.kron, sparse.identity) + sparse.diags(self.U)).tocsc()


def _rows(name: str, points: tuple[int, ...], side: float, count: int) -> list[Row]:
    problem = _Problem(points, side, count)
    contenders = {"ours": problem.ours} | _others(problem)
    samples = interleave(contenders, rounds=5, seconds=6.0)
    errors = {who: problem.error(call()) for who, call in contenders.items()}
    milliseconds = 1e3 * np.median(samples["ours"])
    return [
        timed(
            "levels",
            f"{who} / ours, {name}",
            ratio(samples, who, "ours"),
            at_least=1.0 if who.startswith(("NumPy", "QuTiP")) else None,
            note=f"errors {errors[who]:.0e} and {errors['ours']:.0e}; ours: {milliseconds:.0f} ms",
        )
        for who in contenders
        if who != "ours"
    ]


def _others(problem: _Problem) -> dict[str, Callable[[], Any]]:
    found: dict[str, Callable[[], Any]] = {}
    if problem.U.size <= LARGEST:
        matrix = problem.dense()
        found["NumPy, dense"] = lambda: np.linalg.eigh(matrix)[0][: problem.count]
        if importlib.util.find_spec("qutip") is not None:
            import qutip

            H = qutip.Qobj(matrix)
            found["QuTiP, dense"] = lambda: H.eigenstates(eigvals=problem.count)[0]
    # In space the factors of a wide stencil fill memory.
    for order in SECOND if len(problem.grid.points) < 3 else (2,):
        sums = problem.differences(order)
        found[f"SciPy, differences of order {order}"] = lambda sums=sums: np.sort(
            linalg.eigsh(sums, problem.count, sigma=0.0)[0]
        )
    return found
