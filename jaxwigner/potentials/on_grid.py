"""A potential and a box: whether it is defined there, and whether the box holds whole periods of it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxwigner._checks import check_finite, check_shape, concrete, require
from jaxwigner.grid import Grid
from jaxwigner.potentials.polynomial import Free
from jaxwigner.potentials.potential import Potential, as_potential


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


def as_external(external: Any, grid: Grid | None, *, values: bool = False) -> Potential | Array:
    """U, which acts beside V, as systems keep it: `Free` for None, a `Potential`, or, if they may be, checked `values` on the grid.

    **Arguments:** `grid`: what U must be defined on, None where bodies go anywhere.

    >>> import jaxwigner as jw
    >>> from jaxwigner.potentials.on_grid import as_external
    >>> as_external(None, jw.Grid(-1.0, 1.0, 8))
    Free()
    """
    if external is None:
        return Free()
    if values and not callable(external):
        check_finite("external", external)
        check_shape("external", external, grid.shape)
        return jnp.asarray(external)
    try:
        potential = as_potential(external)
        if grid is not None:
            check_potential(potential, grid.dimension)
            check_covers(potential, grid.lower, grid.upper)
    except ValueError as error:
        raise ValueError(str(error).replace("`potential`", "`external`")) from error
    return potential


def evaluated(external: Potential | Array, grid: Grid) -> Float[Array, "*shape"]:
    """U on the grid."""
    values = external(*grid.mesh) if isinstance(external, Potential) else external
    return jnp.broadcast_to(values, grid.shape)


def is_edgeless(pair: Potential, external: Potential | Array, grid: Grid) -> bool:
    """Whether the box holds whole periods of V and of U, where there is one."""
    wraps = isinstance(external, Free) or is_periodic(external, grid)
    return is_periodic(pair, grid) and wraps


def nearest_image(difference: Array, side: Any) -> Array:
    """x − y moved by whole sides of the box into [−side/2, side/2)."""
    return difference - side * jnp.floor(difference / side + 0.5)
