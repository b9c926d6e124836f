"""Relative motion of two nuclei on a three-dimensional grid, without any symmetry: AFG (1), (7) for M = 2, their ε written ħ.

iħ ∂_tψ = [−(ħ²/2m)Δ + C/|R| + U_b(R)]ψ with m = ½ by Fourier transforms: any bounded U_b(x, y, z), any impact parameter.
At the singularity the grid is honest about what it sees: in place of C/|R| each point takes its mean over the point's cell,

    h⁻³∫_cell dR/|R| = h⁻³ Σ_corners ± [yz asinh(x/√(y²+z²)) − ½x² arctan(yz/xr) + cyclic],

which is finite at R = 0, and, 1/|R| being harmonic, differs from 1/|R| by O(h⁴/|R|⁵) in cubic cells elsewhere. ⟨1/|R|²⟩ is a sum over
the points plus ch|ψ(0)|², where c is such that the sum is exact for a Gaussian. What is left is the cusp of ψ at R = 0, of which
repulsion leaves e^{−πη}, η = mC/(ħ|P|): refinement tells. A cross-check of partial waves, for ħ ≥ 0.05: the points grow like ħ^{−3}.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import fourier, observables
from jaxwigner._checks import (
    check_integer,
    check_positive_scalar,
    check_scalar,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, Scalar, check_line
from jaxwigner.potentials import Potential
from jaxwigner.potentials.on_grid import as_external, check_covers, check_potential
from jaxwigner.quantum.schrodinger import Schrodinger

Psi = Complex[Array, "x y z"]


def centred_box(length: Scalar, points: int) -> Grid:
    """The cube (−length, length)³ with `points` on each axis, R = 0 midway between the nearest eight for an even number.

    >>> from jaxwigner.quantum.nuclei.relative_motion import centred_box
    >>> [round(float(x), 12) for x in centred_box(2.0, 4).axes[0]]
    [-1.5, -0.5, 0.5, 1.5]
    """
    check_positive_scalar("length", length)
    check_integer("points", points, at_least=2)
    half = length / points
    return Grid((half - length,) * 3, (half + length,) * 3, (points,) * 3)


class RelativeMotion(Schrodinger):
    """iħ ∂_tψ = [−(ħ²/2m)Δ_R + C/|R| + U_b(R)]ψ in R³ on a periodic grid (AFG (SE) with (7), M = 2, relative coordinate).

    **Arguments:** `grid`: of dimension 3, as from `centred_box`; `charge`: C, positive repels; `hbar`; `potential`: U_b, a
    `Potential` or a function of (x, y, z); `mass`: ½ for two nuclei of mass 1.

    **States:** ψ of the grid's shape.

    **Raises:** `ValueError` for arguments that cannot be right.

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion, centred_box
    >>> grid = centred_box(4.5, 24)
    >>> system = RelativeMotion(grid, 0.5, hbar=0.3)
    >>> psi = jw.wave_packet(grid, (0.0, 0.0, 1.5), (0.3, 0.0, -0.5), 0.3)
    >>> run = jw.evolve(system, psi, duration=0.4, steps=4, throw=False)
    >>> round(float(run.diagnostics.norm[-1]), 6)
    1.0
    """

    charge: Scalar
    bounded: Potential

    def __init__(
        self, grid: Grid, charge: Scalar, hbar: Scalar, *, potential: Any = None, mass: Scalar = 0.5
    ):
        require(isinstance(grid, Grid), "grid", "be a Grid", grid)
        require(grid.dimension == 3, "grid", "be of dimension 3", grid.dimension)
        check_line(grid)
        check_scalar("charge", charge)
        self.charge = charge
        self.bounded = as_external(potential)
        check_potential(self.bounded, 3)
        check_covers(self.bounded, grid.lower, grid.upper)
        values = charge * mean_inverse_distance(grid) + bounded_values(self.bounded, grid)
        super().__init__(grid, values, hbar, mass)

    @property
    def above(self) -> Float[Array, "x y z"]:
        """U_b − κ, κ = inf U_b."""
        return bounded_values(self.bounded, self.grid) - self.bounded.lower_bound

    def on(self, points: int) -> RelativeMotion:
        """The same equation on `points` for each axis of the same box (as `centred_box` lays them)."""
        grid = centred_box(0.5 * self.grid.length[0], points)
        return RelativeMotion(grid, self.charge, self.hbar, potential=self.bounded, mass=self.mass)


def bounded_values(potential: Potential, grid: Grid) -> Float[Array, "x y z"]:
    """U_b on the grid."""
    return jnp.broadcast_to(potential(*grid.mesh), grid.shape)


@once
def mean_inverse_distance(grid: Grid) -> Float[Array, "x y z"]:
    """The mean of 1/|R| over the cell of every point.

    >>> from jaxwigner.grid import Grid
    >>> from jaxwigner.quantum.nuclei.relative_motion import mean_inverse_distance
    >>> one = mean_inverse_distance(Grid((-1.5,) * 3, (1.5,) * 3, (2,) * 3))[1, 1, 1]  # about 0
    >>> round(1.5 * float(one), 6)  # of the unit cube
    2.380077
    """
    corners = [
        jnp.concatenate([axis - 0.5 * h, axis[-1:] + 0.5 * h])
        for axis, h in zip(grid.axes, grid.spacing)
    ]
    x, y, z = (
        edge.reshape(tuple(-1 if i == j else 1 for j in range(3))) for i, edge in enumerate(corners)
    )
    r = jnp.sqrt(x**2 + y**2 + z**2)
    total = sum(_part(a, b, c, r) for a, b, c in ((x, y, z), (y, z, x), (z, x, y)))
    for axis in range(3):
        total = jnp.diff(total, axis=axis)
    return total / grid.cell


def _part(x, y, z, r):
    """yz asinh(x/√(y²+z²)) − ½x² arctan(yz/xr), zero where a factor in front is."""
    side = y**2 + z**2
    edge = side == 0
    first = y * z * jnp.arcsinh(x / jnp.sqrt(jnp.where(edge, 1.0, side)))
    flat = (x == 0) | (r == 0)
    second = x**2 * jnp.arctan(y * z / jnp.where(flat, 1.0, x * r))
    return jnp.where(edge, 0.0, first) - 0.5 * jnp.where(flat, 0.0, second)


def value_at_origin(psi: Psi, grid: Grid) -> Array:
    """ψ(0) by the trigonometric polynomial through ψ."""
    factors = [
        jnp.exp(-1j * k * jnp.asarray(low)) / n
        for k, low, n in zip(grid.wavenumber_mesh, grid.lower, grid.shape)
    ]
    return jnp.sum(fourier.fftn(psi) * factors[0] * factors[1] * factors[2])


def inverse_square(psi: Psi, grid: Grid) -> Array:
    """⟨1/|R|²⟩ on a grid that leaves R = 0 out.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei.relative_motion import centred_box, inverse_square
    >>> grid = centred_box(5.0, 32)
    >>> psi = jw.wave_packet(grid, (0.0,) * 3, (0.0,) * 3, 1.0)
    >>> round(float(inverse_square(psi, grid)), 5)  # 2/s²
    2.0
    """
    square = sum(x**2 for x in grid.mesh)
    if concrete(square):
        must = "leave R = 0 out: take an even number of points in `centred_box`"
        require(np.asarray(square) > 0, "grid", must, "a grid with a point there")
    # ∫e^{−r²/w²}/r² = 2π^{3/2}w; a Gaussian of two spacings is still smooth on the grid.
    w = 2 * max(grid.spacing) if concrete(grid.spacing) else 2 * jnp.max(jnp.stack(grid.spacing))
    missing = 2 * np.pi**1.5 * w - jnp.sum(jnp.exp(-square / w**2) / square) * grid.cell
    rho = observables.square(psi)
    return jnp.sum(rho / square) * grid.cell + missing * observables.square(
        value_at_origin(psi, grid)
    )


def coulomb_square(psi: Psi, system: RelativeMotion) -> Array:
    """‖U_sψ‖² = C²⟨1/|R|²⟩."""
    return system.charge**2 * inverse_square(psi, system.grid)


def mean_distance(psi: Psi, system: RelativeMotion) -> Array:
    """⟨|R|⟩."""
    r = jnp.sqrt(sum(x**2 for x in system.grid.mesh))
    return jnp.sum(r * observables.square(psi)) * system.grid.cell


def hamiltonian_square(psi: Psi, system: RelativeMotion, shift: Scalar = 0.0) -> Array:
    """‖(H − shift)ψ‖² of the Hamiltonian on the grid."""
    squares = sum(k**2 for k in system.grid.wavenumber_mesh)
    kinetic = fourier.ifftn(system.hbar**2 / (2 * system.mass) * squares * fourier.fftn(psi))
    return jnp.sum(observables.square(kinetic + (system.values - shift) * psi)) * system.grid.cell


def resampled(psi: Psi, grid: Grid, other: Grid) -> Complex[Array, "i j k"]:
    """ψ on another grid of the same box with fewer points, by its trigonometric polynomial without the highest waves.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei.relative_motion import centred_box, resampled
    >>> fine, coarse = centred_box(5.0, 30), centred_box(5.0, 24)
    >>> packet = lambda grid: jw.wave_packet(grid, (0.3, 0.0, 1.0), (0.0, 0.4, -0.2), 0.5)
    >>> float(jnp.max(abs(resampled(packet(fine), fine, coarse) - packet(coarse)))) < 1e-5
    True
    """
    spectrum = fourier.fftn(psi)
    for axis, (n, m) in enumerate(zip(grid.shape, other.shape)):
        must = f"have at most {n} points on each axis"
        require(m <= n, "other", must, other.shape)
        index = np.fft.fftfreq(m, 1 / m).astype(int)
        kept = np.abs(2 * index) < m
        k = other.wavenumbers[axis]
        phase = jnp.where(kept, jnp.exp(1j * k * (other.lower[axis] - grid.lower[axis])), 0.0)
        shape = tuple(-1 if i == axis else 1 for i in range(3))
        spectrum = jnp.take(spectrum, index % n, axis=axis) * (m / n * phase).reshape(shape)
    return fourier.ifftn(spectrum)
