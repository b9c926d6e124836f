"""The mean field V⋆ρ of a pair potential: on grids by Fourier transforms, for particles by pairs or through a mesh.

    (V⋆ρ)(x) = ∫V(x − x′)ρ(x′)dx′          energy ½∬Vρρ (the ½ counts every pair once)

On a grid the sum over points is a convolution. It is padded to twice the box, so that no image of the box acts on it, unless the
box holds whole periods of V. For particles, `PairSum` visits pairs in chunks; `MeshSum` spreads them with cubic B-splines,
convolves, and interpolates with the same splines, whose attenuation is divided out of V (Essmann et al., J. Chem. Phys. 103,
8577 (1995)): its force is the gradient of its energy, and a kick with positions at rest stays exact.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import fourier
from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.grid import Grid, spread
from jaxwigner.potentials.on_grid import (
    check_covers,
    check_even,
    check_potential,
    check_ring,
    is_periodic,
    turning,
)
from jaxwigner.potentials.pairs.contact import Contact, LocalField
from jaxwigner.potentials.potential import Potential, as_potential


class Convolution(eqx.Module):
    """ρ ↦ K⋆ρ on a grid for one or several kernels, prepared: the transform of the kernels times the volume of a cell."""

    kernel: Complex[Array, " c *spectrum"]
    padded: tuple[int, ...] = eqx.field(static=True)
    shape: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, rho: Float[Array, " *shape"]) -> Float[Array, " c *shape"]:
        axes = tuple(range(len(self.shape)))
        spectrum = fourier.rfftn(rho, s=self.padded, axes=axes)
        later = tuple(i + 1 for i in axes)
        field = fourier.irfftn(self.kernel * spectrum[None], s=self.padded, axes=later)
        return field[(slice(None), *(slice(0, n) for n in self.shape))]


def mean_field(pair: Potential, grid: Grid) -> Convolution | LocalField:
    """ρ ↦ (V⋆ρ,), also of a `Contact`."""
    is_local = isinstance(pair, Contact)
    return LocalField(pair.strength) if is_local else potential_field(pair, grid)


def potential_field(pair: Potential, grid: Grid) -> Convolution:
    """ρ ↦ (V⋆ρ,)."""
    return _convolution(pair, grid, lambda *x: (pair(*x),))


def force_field(pair: Potential, grid: Grid) -> Convolution:
    """ρ ↦ (∂_1V⋆ρ, …, ∂_dV⋆ρ)."""
    return _convolution(pair, grid, pair.gradient)


def _convolution(pair: Potential, grid: Grid, kernels: Any) -> Convolution:
    offsets, padded = _offsets(pair, grid)
    values = [jnp.broadcast_to(value, padded) for value in kernels(*offsets)]
    axes = tuple(range(1, grid.dimension + 1))
    spectrum = fourier.rfftn(jnp.stack(values), axes=axes) * grid.cell
    return Convolution(spectrum, padded, grid.shape)


def _offsets(pair: Potential, grid: Grid) -> tuple[tuple[Array, ...], tuple[int, ...]]:
    """Differences of grid points in NumPy's order: 0, h, …, −h."""
    turns = turning(grid, is_periodic(pair, grid))
    padded = tuple(n if around else 2 * n for n, around in zip(grid.shape, turns))
    lines = [np.fft.fftfreq(n, 1 / n) * h for n, h in zip(padded, grid.spacing)]
    return tuple(map(jnp.asarray, spread(lines))), padded


def check_pair(pair: Any, dimension: int, grid: Grid | None = None) -> Potential:
    """`pair` as a `Potential` of `dimension` coordinates, even, and defined at every difference of points of `grid`.

    V(−x) = V(x) makes the force on j by k the opposite of that on k by j; every theorem of Golse and Paul assumes it.

    **Raises:** `ValueError` («Argument `pair` must …»).
    """
    require(callable(pair), "pair", "be a Potential or a function of differences", pair)
    pair = as_potential(pair)
    try:
        check_potential(pair, dimension)
        if grid is not None and not is_periodic(pair, grid):
            check_covers(pair, tuple(-side for side in grid.length), grid.length)
            check_ring(pair, grid)
    except ValueError as error:
        raise ValueError(str(error).replace("`potential`", "`pair`")) from error
    check_even(pair, (3.0,) * dimension if grid is None else grid.length)
    return pair


def kernel_spectrum(pair: Potential, grid: Grid) -> Array:
    """The real FFT of V at the differences of grid points, over twice the box unless the problem is periodic."""
    return potential_field(pair, grid).kernel[0]


def convolve(spectrum: Array, density: Array, grid: Grid) -> Array:
    """V⋆f on the grid for a real density f, from the `kernel_spectrum` of V; a complex one goes in two parts."""
    if jnp.iscomplexobj(density):
        real, imaginary = (convolve(spectrum, part(density), grid) for part in (jnp.real, jnp.imag))
        return jax.lax.complex(real, imaginary)
    # The kernel has the grid's own shape along axes without an edge, else twice it; the last axis of a real FFT is halved.
    last = grid.shape[-1]
    shape = (*spectrum.shape[:-1], last if spectrum.shape[-1] == last // 2 + 1 else 2 * last)
    product = spectrum * fourier.rfftn(density, s=shape)
    return fourier.irfftn(product, s=shape)[tuple(slice(n) for n in grid.shape)]
