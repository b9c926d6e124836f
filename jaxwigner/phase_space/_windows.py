"""What transforms check of a state, a grid and a window of phase space, and which windows are natural to a grid."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import equinox as eqx
import numpy as np

from jaxwigner._checks import (
    check_finite_complex,
    check_positive_scalar,
    concrete,
    require,
)
from jaxwigner.grid import Grid, PhaseGrid, Scalar, check_line


def axis_of(grid: Grid, axis: int) -> Grid:
    """One axis of a grid as a one-dimensional grid."""
    return Grid(grid.lower[axis], grid.upper[axis], grid.points[axis], grid.periodic[axis])


def check_same_hbar(state: Any, hbar: Scalar) -> None:
    """A Fock or Töplitz state belongs to its own ħ."""
    if concrete((state.hbar, hbar)):
        same = np.isclose(state.hbar, hbar, rtol=1e-12)
        require(
            same,
            "hbar",
            f"be the `hbar` of the {type(state).__name__} ({float(state.hbar):g})",
            hbar,
        )


def check_transform(grid: Any, phase_grid: Any, hbar: Any) -> None:
    """Arguments that Wigner and Husimi transforms share."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_phase_grid(phase_grid, grid.dimension, "grid")
    check_positive_scalar("hbar", hbar)


def check_phase_grid(phase_grid: Any, dimension: int, name: str) -> None:
    """A grid of phase space of the dimension of the argument `name`."""
    must = "be a PhaseGrid, or points be given by `at`"
    require(isinstance(phase_grid, PhaseGrid), "phase_grid", must, phase_grid)
    must = f"have the dimension of `{name}` ({dimension})"
    require(phase_grid.dimension == dimension, "phase_grid", must, phase_grid.dimension)


def is_natural(grid: Grid, phase_grid: PhaseGrid, hbar: Scalar) -> bool:
    """Whether `phase_grid` is the natural one of this grid and this ħ, not of others.

    Traced values cannot be compared: then all of them must be traced, as in `vmap` over ħ with the grid made inside.
    """
    if not phase_grid.natural or phase_grid.position.points != grid.points:
        return False
    box = (grid.lower, grid.upper)
    same_box = phase_grid.position.lower, phase_grid.position.upper
    if concrete((box, same_box)) and not _agree(box, same_box):
        return False
    highest = phase_grid.momentum.upper
    if not concrete((box, hbar)):
        return not concrete(highest)
    expected = tuple(np.pi * float(hbar) / step for step in grid.spacing)
    return concrete(highest) and _agree(highest, expected)


class Part(eqx.Module):
    """Some of the pixels of a grid: for each axis the first of its positions and momenta, and how many.

    `by_columns` (d = 1): momenta may be `finer` than the natural ones, by a whole factor, and only every so many rows and columns
    (`strides`) be wanted.
    """

    rows: tuple[tuple[int, int], ...] = eqx.field(static=True)
    columns: tuple[tuple[int, int], ...] = eqx.field(static=True)
    by_columns: bool = eqx.field(static=True, default=False)
    finer: int = eqx.field(static=True, default=1)
    strides: tuple[int, int] = eqx.field(static=True, default=(1, 1))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(count for _, count in (*self.rows, *self.columns))


FINEST = 64  # times the natural number of momenta: beyond it the spectrum of ψ takes more memory than the window


def part_of(grid: Grid, phase_grid: PhaseGrid, hbar: Scalar) -> Part | None:
    """The pixels of the grid that a phase grid consists of, if it does and if that is known."""
    if not concrete((grid, phase_grid, hbar)):
        return None
    finer, strides = _comb(grid, phase_grid, hbar)
    rows, columns = [], []
    for axis, (n, step) in enumerate(zip(grid.points, grid.spacing)):
        x, p = axis_of(phase_grid.position, axis), axis_of(phase_grid.momentum, axis)
        rows.append(_among(x, grid.lower[axis], step, n, strides[0]))
        highest, count = np.pi * float(hbar) / step, n * finer
        columns.append(_among(p, -highest, highest / count, 2 * count, strides[1]))
    if None in rows or None in columns:
        return None
    special = finer > 1 or strides != (1, 1)
    fewer = _is_line(grid) and columns[0][1] < rows[0][1]
    return Part(tuple(rows), tuple(columns), special or fewer, finer, strides)


def _is_line(grid: Grid) -> bool:
    return grid.dimension == 1 and not any(grid.periodic)


def _comb(grid: Grid, phase_grid: PhaseGrid, hbar: Scalar) -> tuple[int, tuple[int, int]]:
    """How many times finer than the natural ones the momenta are, and the strides of rows and columns among the pixels.

    All 1 where so many columns would cost more than their few rows.
    """
    x, p = phase_grid.position, phase_grid.momentum
    if not _is_line(grid) or p.points[0] > 8 * x.points[0]:
        return 1, (1, 1)
    natural = np.pi * float(hbar) / float(grid.length[0])
    steps = Fraction(float(p.spacing[0]) / natural).limit_denominator(FINEST)
    stride = round(float(x.spacing[0]) / float(grid.spacing[0]))
    return steps.denominator, (max(stride, 1), max(steps.numerator, 1))


def _among(axis: Grid, lower: Any, step: Any, count: int, stride: int) -> tuple[int, int] | None:
    """Where a uniform axis begins among `count` points, and how many of them it has; None where it has others."""
    (points,), (spacing,), (first,) = axis.points, axis.spacing, axis.lower
    lower, step = float(lower), float(step)
    start, reach = round((float(first) - lower) / step), stride * (points - 1)
    aligned = abs(lower + start * step - float(first)) <= 1e-10 * step
    aligned = aligned and abs(float(spacing) * (points - 1) - step * reach) <= 1e-10 * step
    return (start, points) if aligned and 0 <= start < count - reach else None


def _agree(numbers: Any, others: Any) -> bool:
    """The same numbers up to rounding."""
    return np.allclose(np.asarray(numbers), np.asarray(others), rtol=1e-12, atol=0)


def check_state(state: Any, grid: Grid, name: str = "state", *, ring: bool = False) -> None:
    """A wave function on the grid, which may be a `ring`."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    if not ring:
        check_line(grid)
    check_finite_complex(name, state, grid.shape)
