"""A potential and a box: whether it is defined there, and whether the box holds whole periods of it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import concrete, require
from jaxwigner.grid import Grid
from jaxwigner.potentials.potential import Potential


def is_periodic(potential: Any, grid: Grid) -> bool:
    """Whether the box holds whole periods of the potential, so that its edges are no edges."""
    period = getattr(potential, "period", None)
    if period is None:
        return False
    if not concrete((period, grid.length)):
        return True
    turns = np.asarray(grid.length) / period
    return bool(np.all(np.abs(turns - np.round(turns)) < 1e-9) and np.all(np.round(turns) >= 1))


def check_potential(potential: Potential, dimension: int) -> None:
    """A potential of `dimension` coordinates whose values have their shape; evaluated only in the abstract."""
    known = potential.dimension
    must = f"be a function of {dimension} coordinate array(s)"
    require(known in (None, dimension), "potential", must, f"one of {known}")
    sizes = np.eye(dimension, dtype=int) + 1
    points = [jax.ShapeDtypeStruct(tuple(size), jnp.result_type(float)) for size in sizes.tolist()]
    try:
        jax.eval_shape(lambda *x: potential(*x), *points)
    except (TypeError, ValueError) as error:
        if str(error).startswith("Argument"):
            raise
        raise ValueError(f"Argument `potential` must {must}, but fails on them: {error}") from error


def check_covers(potential: Potential, lower: tuple, upper: tuple) -> None:
    """A tabulated potential must be defined wherever it will be evaluated."""
    if concrete((lower, upper)):
        covered = potential.covers(lower, upper)
        box = f"cover the box from {tuple(map(float, lower))} to {tuple(map(float, upper))}"
        require(covered, "potential", box, f"defined on {_domain(potential)}")


def _domain(potential: Potential) -> str:
    first, last = (np.asarray(end, float).tolist() for end in potential.domain)
    return f"[{first}, {last}]"
