"""Sweeps: a pure function over named axes, in compiled batches, into a store that survives being killed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jaxwigner._checks import check_callable, check_integer, require
from jaxwigner.disk.folders import local_path
from jaxwigner.progress import Progress, quiet


def sweep(
    function: Callable[..., Any],
    axes: Mapping[str, Any],
    *,
    store: str | Path | None = None,
    batch: int | None = None,
    devices: Sequence[Any] | str | int | None = None,
    resume: bool = False,
    memory: int | None = None,
    static: Sequence[str] = (),
    units: Mapping[str, str] | None = None,
    attributes: Mapping[str, Any] | None = None,
    progress: Progress = quiet,
):
    """`function(**point)` at every point of a product of named axes, as one labelled dataset.

    Points whose values agree in structure, shapes and types run as one `jax.vmap` under `jax.jit`, in chunks of one size, spread over
    the devices. Values that differ in these (a grid size, kinds of potentials) make buckets, each traced and compiled once.

    **Arguments:**

    - `function`: pure, takes every axis by its name; returns an array, a `Bracket`, an `Inequality`, or a dictionary of these. What
      cannot be traced is called point by point.
    - `axes`: name → values: numbers, arrays or pytrees such as potentials and grids. Arrays and numbers are traced, the rest is static.
      Whole numbers are traced (a seed) unless the function cannot be traced with them (a size).
    - `store`: folder of a zarr store on this machine to write chunk by chunk (`~` is home); without it the results stay in memory.
      Every tile of it has a checksum and is on the disk before the status of its points is written.
    - `resume`: go on with a store that holds a part of this sweep. A sweep that was killed loses the chunk in flight and nothing else.
      Points that failed count as finished; tiles that are missing or damaged are computed again. `batch` and `memory` may be smaller
      than they were. The function must be the same: the traced program and what it calls back, or, of a function that is called point
      by point, its code, defaults, closures, attributes, and what its code names in its module. What cannot be compared, and what the
      function changes itself, stands in the attribute `unchecked`; the first is also warned of.
    - `batch`: points of a chunk at most; `memory`: bytes that a chunk may take on one device, as the compiler says. By default most
      of a GPU's free memory, or a quarter of the machine's, in chunks of no more than 128 points on a CPU.
    - `devices`: the local devices to use, how many, or a platform ("gpu"), all of its; by default all.
    - `static`: axes whose values are passed as they are, untraced.
    - `units`: of axes and results by name ("1" for axes that are not named); `attributes`: more to keep with the dataset, such as a
      seed and a configuration, under names that provenance does not take; `progress(stage, done, total)`: called before each chunk
      with the points done, and at the end.

    **Returns:** an `xarray.Dataset` over the axes. `status` is 0 where the point is done, 1 where its result has a NaN, 2 where it
    raised, and then `error` holds the text; the other points go on. Versions, device, precision are attributes. From a store the
    numbers are read when they are asked for, and a tile that is damaged then raises. To other programs a tile that is missing reads as
    NaN, or as the least number of a whole type (the largest of an unsigned one), as points without a result do; of a missing tile of
    `status` as −1, and of truth values as False.

    **Raises:** `ValueError` for axes that are empty or not finite, names that collide, results whose shapes differ from point to point
    or whose type the first one's does not hold, a store of another function, axis or version, one that another sweep writes or that is
    not ours, and for too little memory; `OSError` where the store cannot be written (what is finished stays), or was removed.

    >>> import jax.numpy as jnp
    >>> import jaxwigner as jw
    >>> def spread(hbar, mass):
    ...     return {"width": jnp.sqrt(hbar / (2 * mass))}
    >>> found = jw.sweep(spread, {"hbar": [0.02, 0.08], "mass": [1.0, 4.0]}, units={"width": "1"})
    >>> found["width"].dims, [[round(float(x), 3) for x in row] for row in found["width"].values]
    (('hbar', 'mass'), [[0.1, 0.05], [0.2, 0.1]])
    """
    check_callable("function", function)
    for name, value in (("batch", batch), ("memory", memory)):
        if value is not None:
            check_integer(name, value, at_least=1)
    if resume:
        require(store is not None, "store", "be given to `resume`", store)
    place = None if store is None else local_path("store", store)  # wherever the process goes then
    if place is not None and place.is_dir():
        place = place.resolve()  # a link to another disk
    # The engine brings zarr and the claims, which `import jaxwigner` can do without.
    from jaxwigner.studies.sweep import axes as sweep_axes
    from jaxwigner.studies.sweep import plan as sweep_engine

    read = sweep_axes.read_axes(axes, static)
    _check_signature(function, read)
    identity = None if place is None else sweep_engine.identity_of(function)
    plan = sweep_engine.Plan(
        function=function,
        axes=sweep_engine.with_sizes(function, read),
        batch=batch,
        memory=memory,
        devices=sweep_engine.local_devices(devices),
        units=dict(units or {}),
        attributes=dict(attributes or {}),
        progress=progress,
        identity=identity,
    )
    if place is None:
        return plan.in_memory()
    return plan.in_store(place, resume)


def _check_signature(function: Callable[..., Any], axes: Sequence[Any]) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(**{axis.name: None for axis in axes})
    except TypeError as error:
        raise ValueError(
            f"Argument `axes` must name the parameters of `function`{signature}, but: {error}"
        ) from error
