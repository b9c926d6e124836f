"""A potential and a box: whether it is defined there, and whether the box holds whole periods of it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, check_shape, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials.polynomial import Free
from jaxwigner.potentials.potential import Function, Potential, as_potential


def is_periodic(potential: Any, grid: Grid) -> bool:
    """Whether the box holds whole periods of the potential, so that its edges are no edges."""
    period = getattr(potential, "period", None)
    if period is None:
        return False
    if not concrete((period, grid.length)):
        return True
    turns = np.asarray(grid.length) / period
    return bool(np.all(np.abs(turns - np.round(turns)) < 1e-9) and np.all(np.round(turns) >= 1))


def has_no_edge(grid: Grid, *potentials: Any) -> bool:
    """Whether the seam of the box is none: a potential at least has whole periods in it, and none has an end there."""
    flat = [one is None or isinstance(one, Free) for one in potentials]
    turns = [is_periodic(one, grid) for one in potentials]
    return any(turns) and all(a or b for a, b in zip(flat, turns))


def check_potential(potential: Potential, dimension: int) -> None:
    """A potential of `dimension` coordinates whose values have their shape; evaluated only in the abstract."""
    known = potential.dimension
    must = f"be a function of {dimension} coordinate array(s)"
    require(known in (None, dimension), "potential", must, f"one of {known}")
    # Arrays have no more than 32 axes: beyond some, coordinates are single numbers.
    sizes = np.eye(dimension, min(dimension, 16), dtype=int) + 1
    points = [jax.ShapeDtypeStruct(tuple(size), jnp.result_type(float)) for size in sizes.tolist()]
    try:
        jax.eval_shape(lambda *x: potential(*x), *points)
    except Exception as error:
        if isinstance(error, ValueError) and str(error).startswith("Argument"):
            raise ValueError(str(error).replace("`function`", "`potential`", 1)) from error
        why = str(error).partition("\n")[0]
        raise ValueError(f"Argument `potential` must {must}, but fails on them: {why}") from error
    _check_elementwise(potential, dimension)


def _check_elementwise(potential: Potential, dimension: int) -> None:
    """A function of the user's acts on each point alone: at several points together it is what it is at each."""
    if not isinstance(potential, Function) or not concrete(potential):
        return
    points = [0.31 + 0.17 * axis + 0.43 * np.arange(3.0) for axis in range(dimension)]
    try:
        with jax.ensure_compile_time_eval():
            together = np.asarray(potential(*map(jnp.asarray, points)))
            alone = [potential(*(jnp.asarray(x[i : i + 1]) for x in points)) for i in range(3)]
            apart = np.concatenate([np.asarray(value) for value in alone])
    except Exception:  # a callback to the host, say, that knows other places only
        return
    same = np.allclose(together, apart, rtol=1e-6, atol=1e-12, equal_nan=True)
    must = "act on each point alone"
    require(same, "potential", must, "another one at several points together than at each of them")


def check_covers(
    potential: Potential, lower: tuple[Scalar, ...], upper: tuple[Scalar, ...]
) -> None:
    """A tabulated potential must be defined wherever it will be evaluated."""
    if concrete((lower, upper)):
        covered = potential.covers(lower, upper)
        box = f"cover the box from {tuple(map(float, lower))} to {tuple(map(float, upper))}"
        require(covered, "potential", box, f"defined on {_domain(potential)}")


def _domain(potential: Potential) -> str:
    first, last = (np.asarray(end, float).tolist() for end in potential.domain)
    return f"[{first}, {last}]"


def as_external(external: Any, grid: Grid | None = None, name: str = "external") -> Potential:
    """U beside the interaction of a system: none is `Free`; with a grid, of its dimension and defined on it.

    **Raises:** `ValueError` that calls the argument by its `name`.
    """
    if external is None:
        return Free()
    potential = as_potential(external)
    if grid is not None:
        try:
            check_potential(potential, grid.dimension)
            check_covers(potential, grid.lower, grid.upper)
        except ValueError as error:
            raise ValueError(str(error).replace("`potential`", f"`{name}`")) from error
    return potential


def external_values(external: Any, grid: Grid) -> Float[Array, "*shape"] | Potential | None:
    """An external potential as the systems keep it: None, a `Potential`, or checked values on the grid."""
    if external is None or callable(external):
        return None if external is None else as_external(external, grid)
    check_finite("external", external)
    check_shape("external", external, grid.shape)
    return jnp.asarray(external)


def evaluated(external: Any, grid: Grid) -> Float[Array, "*shape"]:
    """U_ext on the grid, zero where there is none."""
    if external is None:
        return jnp.zeros(grid.shape)
    values = external(*grid.mesh) if isinstance(external, Potential) else external
    return jnp.broadcast_to(values, grid.shape)


def nearest_image(difference: Array, side: Any) -> Array:
    """x − y moved by whole sides of the box into [−side/2, side/2)."""
    return difference - side * jnp.floor(difference / side + 0.5)
