"""A potential and a box: whether it is defined there, and whether the box holds whole periods of it.

On a ring of length L every potential must have U(x + L) = U(x) along each periodic axis: measured at points of the grid.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar, spread
from jaxwigner.grid import nearest_image as nearest_image
from jaxwigner.potentials.combined import is_driven
from jaxwigner.potentials.pairs.contact import Contact
from jaxwigner.potentials.polynomial import Free
from jaxwigner.potentials.potential import Frozen, Function, Potential, as_potential, frozen

SAMPLES = 9  # places along each axis at which V(x) and V(−x) are compared
UNEVEN = 1e-6  # relative difference that is more than rounding
SOME_TIME = 0.37  # at which a potential that depends on time is looked at
SEEN = {1: 4096, 2: 64, 3: 16}  # points of each axis at which a period is looked for


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
    flat = [one is None or isinstance(one, (Free, Contact)) for one in potentials]
    turns = [is_periodic(one, grid) for one in potentials]
    return any(turns) and all(a or b for a, b in zip(flat, turns))


def turning(grid: Grid, whole: bool = False) -> tuple[bool, ...]:
    """For each axis whether the seam of the box is none; `whole`: a potential at least has whole periods in it."""
    return tuple(whole or flag for flag in grid.periodic)


def with_edge(grid: Grid, whole: bool = False) -> tuple[int, ...]:
    """The axes along which the box ends."""
    return tuple(axis for axis, turns in enumerate(turning(grid, whole)) if not turns)


def with_seam(series: dict[str, Any], grid: Grid, *potentials: Any) -> dict[str, Any]:
    """Diagnostics with edge mass 1 where a potential lacks the period of the ring: a traced one that no check has seen."""
    known = [one for one in potentials if isinstance(one, Potential)]
    known = [one for one in known if not isinstance(one, Contact)]
    if not any(grid.periodic) or not known:
        return series
    gaps = [seam_gap(one, grid) for one in known]
    torn = functools.reduce(operator.or_, (~(gap <= limit) for gap, limit in gaps))
    edge = series["edge_mass"]
    return series | {"edge_mass": jnp.asarray(jnp.where(torn, 1.0, edge), edge.dtype)}


def seam_gap(potential: Potential, grid: Grid) -> tuple[Array, Array]:
    """max |U(x + L) − U(x)| over periodic axes at points of the grid, and what of it counts as rounding."""
    d = grid.dimension
    x = spread([axis[:: max(1, len(axis) // SEEN[d])] for axis in grid.axes])
    here = potential(*x)
    gaps = [
        jnp.max(jnp.abs(potential(*(a + side * (i == j) for j, a in enumerate(x))) - here))
        for i, side in enumerate(grid.length)
        if grid.periodic[i]
    ]
    eps = jnp.finfo(here.dtype).eps
    size, height = jnp.max(here) - jnp.min(here), jnp.max(jnp.abs(here))
    return functools.reduce(jnp.maximum, gaps), max(1e-7, 1e3 * eps) * size + 100 * eps * height


def check_ring(potential: Any, grid: Grid, name: str = "potential") -> None:
    """On a ring U goes on where it began."""
    if not any(grid.periodic) or not isinstance(potential, Potential):
        return
    if not concrete((potential, grid)):
        return
    with jax.ensure_compile_time_eval():
        gap, limit = map(float, seam_gap(frozen(potential, SOME_TIME), grid))
    if not gap <= limit:
        sides = ", ".join(f"{float(side):g}" for side in grid.length)
        must = f"have the period of the ring (length {sides}; add the images of what has none)"
        raise ValueError(f"Argument `{name}` must {must}, but jumps by {gap:.3g} over it")


def check_potential(potential: Potential, dimension: int) -> None:
    """A potential of `dimension` coordinates whose values have their shape; evaluated only in the abstract."""
    known = potential.dimension
    must = f"be a function of {dimension} coordinate array(s)"
    require(known in (None, dimension), "potential", must, f"one of {known}")
    # Arrays have no more than 32 axes: beyond some, coordinates are single numbers.
    sizes = np.eye(dimension, min(dimension, 16), dtype=int) + 1
    points = [jax.ShapeDtypeStruct(tuple(size), jnp.result_type(float)) for size in sizes.tolist()]
    try:
        time = jax.ShapeDtypeStruct((), jnp.result_type(float))
        jax.eval_shape(lambda t, *x: frozen(potential, t)(*x), time, *points)
    except Exception as error:
        if isinstance(error, ValueError) and str(error).startswith("Argument"):
            raise ValueError(str(error).replace("`function`", "`potential`", 1)) from error
        why = str(error).partition("\n")[0]
        raise ValueError(f"Argument `potential` must {must}, but fails on them: {why}") from error
    _check_elementwise(frozen(potential, SOME_TIME), dimension)
    _check_period(potential, dimension)


def _check_elementwise(potential: Potential, dimension: int) -> None:
    """A function of the user's acts on each point alone: at several points together it is what it is at each."""
    if not isinstance(potential, (Function, Frozen)) or not concrete(potential):
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


def _check_period(potential: Potential, dimension: int) -> None:
    """A function has the period that its user says."""
    if isinstance(potential, Function) and potential.period is not None and concrete(potential):
        side = float(potential.period)
        ring = Grid((0.0,) * dimension, (side,) * dimension, (16,) * dimension, periodic=True)
        check_ring(potential, ring)


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


def check_even(
    pair: Potential, sides: tuple[Any, ...], name: str = "pair", of: str = "V(−x) = V(x)"
) -> None:
    """A function of differences, or of momenta, is the same at both signs; measured within `sides`."""
    require(not is_driven(pair), name, "be static", "a function of time")
    if not concrete((pair, sides, pair.domain)):
        return
    # Irregular places: a symmetric sample could hit only zeros of the odd part.
    places = (np.arange(1, SAMPLES + 1) / (SAMPLES + 1)) ** 1.3
    first, last = (float(np.min(np.abs(end))) for end in pair.domain)
    reach = [min(float(side), first, last) for side in sides]
    mesh = spread([(1 if i == 0 else -1) * side * places for i, side in enumerate(reach)])
    with jax.ensure_compile_time_eval():
        there, back = (np.asarray(pair(*(sign * jnp.asarray(x) for x in mesh))) for sign in (1, -1))
    check_finite(name, there)
    gap = np.max(np.abs(there - back)) / max(np.max(np.abs(there)), 1e-300)
    if gap > UNEVEN:
        must = f"be even, {of}"
        raise ValueError(
            f"Argument `{name}` must {must}, but differs by a factor {gap:.1e} of itself"
        )


def as_kinetic(
    kinetic: Any, mass: Any, dimension: int | None = None, reach: tuple[Any, ...] | None = None
) -> Potential | None:
    """k(p) as systems keep it: None for p²/2m, or an even function of `dimension` momenta, compared within `reach`, if that is known.

    **Raises:** `ValueError` («Argument `kinetic` must …»), and for a mass beside it, which it holds itself.
    """
    if kinetic is None:
        return None
    require(callable(kinetic), "kinetic", "be a function of d momentum arrays", kinetic)
    must = "be left out where `kinetic` is given, which holds it"
    require(concrete(mass) and np.ndim(mass) == 0 and mass == 1, "mass", must, mass)
    energy = as_potential(kinetic)
    if dimension is None:
        return energy
    try:
        check_potential(energy, dimension)
    except ValueError as error:
        text = str(error).replace("`potential`", "`kinetic`").replace("coordinate", "momentum")
        raise ValueError(text) from error
    check_even(energy, reach or (3.0,) * dimension, "kinetic", "k(−p) = k(p)")
    if concrete(energy):
        with jax.ensure_compile_time_eval():
            check_finite("kinetic", energy(*np.zeros((dimension, 1)))[0])
    return energy


def as_external(external: Any, grid: Grid | None = None, name: str = "external") -> Potential:
    """U beside the interaction of a system: none is `Free`; with a grid, of its dimension and defined on it.

    **Raises:** `ValueError` that calls the argument by its `name`.
    """
    if external is None:
        return Free()
    try:
        potential = as_potential(external)
        if grid is not None:
            check_potential(potential, grid.dimension)
            check_covers(potential, grid.lower, grid.upper)
            check_ring(potential, grid)
    except ValueError as error:
        raise ValueError(str(error).replace("`potential`", f"`{name}`")) from error
    return potential


def external_values(external: Any, grid: Grid) -> Float[Array, "*shape"] | Potential | None:
    """An external potential as the systems keep it: None, a `Potential`, or checked values on the grid."""
    if external is None or callable(external):
        return None if external is None else as_external(external, grid)
    check_finite("external", external, grid.shape)
    return jnp.asarray(external)


def evaluated(external: Any, grid: Grid) -> Float[Array, "*shape"]:
    """U_ext on the grid, zero where there is none."""
    if external is None:
        return jnp.zeros(grid.shape)
    values = external(*grid.mesh) if isinstance(external, Potential) else external
    return jnp.broadcast_to(values, grid.shape)
