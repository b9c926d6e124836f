"""What transforms check of a state, a grid and a window of phase space, and which windows are natural to a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner._checks import (
    check_finite_complex,
    check_positive_scalar,
    check_shape,
    concrete,
    require,
)
from jaxwigner.grid import Grid, PhaseGrid, Scalar


def axis_of(grid: Grid, axis: int) -> Grid:
    """One axis of a grid as a one-dimensional grid."""
    return Grid(grid.lower[axis], grid.upper[axis], grid.points[axis])


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


def _agree(numbers: Any, others: Any) -> bool:
    """The same numbers up to rounding."""
    return np.allclose(np.asarray(numbers), np.asarray(others), rtol=1e-12, atol=0)


def check_state(state: Any, grid: Grid, name: str = "state") -> None:
    """A wave function on the grid."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_finite_complex(name, state)
    check_shape(name, state, grid.shape)
