"""One grid over the devices of a mesh: where the points lie.

A state on a d-dimensional grid is cut along its first axes, one for each axis of the mesh: slabs on a mesh of one axis, pencils on one
of two in three dimensions. One axis stays whole at least, because a transform runs along it; for the next one the shards change places
with it (`fourier/`). Nothing else is to be said: `evolve` takes such a state as any other, and kicks, observables and gradients
follow its sharding.
"""

from __future__ import annotations

from jax.sharding import AbstractMesh, Mesh, NamedSharding, PartitionSpec

from jaxwigner._checks import require
from jaxwigner.grid import Grid


def grid_sharding(grid: Grid, mesh: Mesh | AbstractMesh) -> NamedSharding:
    """The sharding of a state on a grid: its axis i lies over axis i of the mesh, the others are whole.

    **Arguments:** `grid`: a `Grid` of dimension 2 or 3; `mesh`: a mesh of fewer axes than the grid, `jax.make_mesh((8,), ("x",))` or,
    in three dimensions, `jax.make_mesh((4, 2), ("x", "y"))`.

    **Returns:** a `NamedSharding` for `jax.device_put`, `out_shardings` or `jax.lax.with_sharding_constraint`. A step of
    `Schrodinger` on such a state moves every shard 2 times for each axis of the mesh, by all-to-alls, and gathers nothing.

    **Raises:** `ValueError` for a mesh of too many axes, and for numbers of points that its devices do not divide: axis i by the
    devices along i, and axis i + 1 too, which is cut in its place in Fourier space.

    >>> import jax, jaxwigner as jw
    >>> grid = jw.Grid((-6.0, -5.0), (6.0, 5.0), (64, 48))
    >>> mesh = jax.make_mesh((jax.device_count(),), ("x",), axis_types=(jax.sharding.AxisType.Auto,))
    >>> psi = jw.coherent_state(grid, (1.0, 0.0), (0.0, 0.5), hbar=0.5)
    >>> tuple(jw.grid_sharding(grid, mesh).spec)
    ('x', None)
    >>> psi = jax.device_put(psi, jw.grid_sharding(grid, mesh))
    >>> system = jw.Schrodinger(grid, lambda x, y: 0.5 * (x**2 + y**2), hbar=0.5)
    >>> run = jw.evolve(system, psi, duration=1.0, steps=10)
    >>> round(float(run.diagnostics.norm[-1]), 12)
    1.0
    """
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    require(isinstance(mesh, (Mesh, AbstractMesh)), "mesh", "be a Mesh of devices", mesh)
    require(
        grid.dimension > 1, "grid", "be of dimension 2 or 3 to lie over devices", grid.dimension
    )
    names = mesh.axis_names
    if not 0 < len(names) < grid.dimension:
        must = f"have fewer axes than the grid ({grid.dimension}), at least one"
        raise ValueError(f"Argument `mesh` must {must}, but has {len(names)}")
    for i, name in enumerate(names):
        for axis in (i, i + 1):
            _check_divides(grid.points[axis], axis, mesh.shape[name])
    return NamedSharding(mesh, PartitionSpec(*names, *(None,) * (grid.dimension - len(names))))


def _check_divides(points: int, axis: int, devices: int) -> None:
    if points % devices:
        nearest = max(1, (2 * points + devices) // (2 * devices)) * devices
        must = f"have points along axis {axis} that {devices} devices divide"
        raise ValueError(f"Argument `grid` must {must}, but has {points} (nearest: {nearest})")
