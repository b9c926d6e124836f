"""Pair potentials V(x − y) of bodies that share one grid: checks, differences, and the convolution V⋆f.

V is even (V(−x) = V(x)), which makes forces between two bodies opposite. Where the box holds whole periods of V the problem is
periodic: differences are those of the nearest images, and V⋆f is a circular convolution; otherwise f is padded with zeros.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxwigner._checks import check_finite, check_shape, concrete, require
from jaxwigner.grid import Grid, spread
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.box import check_covers, check_potential, is_periodic

SAMPLES = 9  # differences along each axis at which V(x) and V(−x) are compared
UNEVEN = 1e-6  # relative difference that is more than rounding


def as_pair_potential(pair: Any, grid: Grid) -> Potential:
    """`pair` as a `Potential` of the grid's dimension, checked to be even and defined at every difference.

    **Raises:** `ValueError` («Argument `pair` must …»).
    """
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    require(callable(pair), "pair", "be a Potential or a function of differences", pair)
    potential = as_potential(pair)
    try:
        check_potential(potential, grid.dimension)
        if not is_periodic(potential, grid):
            check_covers(potential, tuple(-side for side in grid.length), grid.length)
    except ValueError as error:
        raise ValueError(str(error).replace("`potential`", "`pair`")) from error
    _check_even(potential, grid)
    return potential


def _check_even(pair: Potential, grid: Grid) -> None:
    if not concrete((pair, grid)):
        return
    # Irregular places: a symmetric sample could hit only zeros of the odd part.
    places = (np.arange(1, SAMPLES + 1) / (SAMPLES + 1)) ** 1.3
    sides = spread([(1 if i == 0 else -1) * s * places for i, s in enumerate(grid.length)])
    with jax.ensure_compile_time_eval():
        there = np.asarray(pair(*(jnp.asarray(side) for side in sides)))
        back = np.asarray(pair(*(jnp.asarray(-side) for side in sides)))
    check_finite("pair", there)
    gap = np.max(np.abs(there - back)) / max(np.max(np.abs(there)), 1e-300)
    if gap > UNEVEN:
        must = "be even, V(−x) = V(x)"
        raise ValueError(
            f"Argument `pair` must {must}, but differs by a factor {gap:.1e} of itself"
        )


def external_values(external: Any, grid: Grid) -> Float[Array, "*shape"] | Potential | None:
    """An external potential as the systems keep it: None, a `Potential`, or checked values on the grid."""
    if external is None:
        return None
    if callable(external):
        potential = as_potential(external)
        try:
            check_potential(potential, grid.dimension)
            check_covers(potential, grid.lower, grid.upper)
        except ValueError as error:
            raise ValueError(str(error).replace("`potential`", "`external`")) from error
        return potential
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


def kernel_spectrum(pair: Potential, grid: Grid) -> Array:
    """The real FFT of V at the differences of grid points, over twice the box unless the problem is periodic."""
    periodic = is_periodic(pair, grid)
    axes = []
    for n, step in zip(grid.points, grid.spacing):
        count = n if periodic else 2 * n
        axes.append(np.fft.fftfreq(count, 1 / count) * step)
    values = jnp.broadcast_to(pair(*spread(axes)), tuple(axis.shape[0] for axis in axes))
    return jnp.fft.rfftn(values) * grid.cell


def convolve(spectrum: Array, density: Array, grid: Grid) -> Array:
    """V⋆f on the grid for a real density f, from the `kernel_spectrum` of V; a complex one goes in two parts."""
    if jnp.iscomplexobj(density):
        real, imaginary = (convolve(spectrum, part(density), grid) for part in (jnp.real, jnp.imag))
        return jax.lax.complex(real, imaginary)
    # The kernel of a periodic problem has the grid's own shape; the last axis of a real FFT is halved.
    periodic = spectrum.shape[-1] == grid.shape[-1] // 2 + 1
    shape = tuple((1 if periodic else 2) * n for n in grid.shape)
    product = spectrum * jnp.fft.rfftn(density, s=shape)
    return jnp.fft.irfftn(product, s=shape)[tuple(slice(n) for n in grid.shape)]
