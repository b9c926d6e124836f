"""What N quantum bodies on one grid need beside `mean_field`: external potentials, nearest images, V⋆f of complex f."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxwigner._checks import check_finite, check_shape
from jaxwigner.grid import Grid
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.on_grid import check_covers, check_potential
from jaxwigner.potentials.pairs.on_grids import potential_field


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
    return potential_field(pair, grid).kernel[0]


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
