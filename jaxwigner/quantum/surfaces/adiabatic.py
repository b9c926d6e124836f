"""Between diabatic states ψ and adiabatic ones φ = Qᵀψ: packets put on a level, populations, what is coupled where a packet starts.

P_j = ∫|(Qᵀψ)_j|² dx. The projectors of a cone jump at its tip, where the sum over a grid is off by O(Δ²|ψ(0)|²): ψ is known between
its points too, and the sum is taken over r^d grids that fill the gaps of the first.
"""

from __future__ import annotations

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner._checks import concrete
from jaxwigner._types import Array
from jaxwigner.fourier import fftn, ifftn
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables import square, total
from jaxwigner.potentials.surfaces.algebra import applied, halves, packed, vectors_of
from jaxwigner.potentials.surfaces.matrix import MatrixPotential
from jaxwigner.potentials.surfaces.matrix import level_number as level_number

TURNED = 0.5  # neighbouring points whose vectors agree less than this are on two sides of a cut
TORN = 1e-6  # share of the mass that may lie on a cut


def placed(
    psi: Complex[Array, "*shape"], matrices: Float[Array, "*shape n n"], level: int
) -> Complex[Array, " n *shape"]:
    """χ_level(x)ψ(x), with χ of the sign that agrees with χ where |ψ| is largest.

    **Raises:** `ValueError` where ψ lies on a point, or round one, where χ has no sign.
    """
    vectors = vectors_of(packed(matrices))[..., level]
    rho = square(psi)
    there = vectors.reshape(-1, vectors.shape[-1])[jnp.argmax(rho)]
    vectors = jnp.where(vectors @ there < 0, -1.0, 1.0)[..., None] * vectors
    share = _torn(vectors, rho)
    if concrete(share):
        must = f"keep away from where level {level} meets another"
        have = f"has {float(share):.1e} of its mass there"
        if not share <= TORN:
            raise ValueError(f"Argument `psi` must {must}, but {have}")
    return jnp.moveaxis(vectors, -1, 0).astype(rho.dtype) * psi[None]


def _torn(vectors: Float[Array, "*shape n"], rho: Float[Array, "*shape"]) -> Array:
    """The share of a density at points whose vector is another one than that of a neighbour."""
    most = jnp.zeros_like(rho)
    for axis in range(rho.ndim):
        agree = jnp.sum(vectors * jnp.roll(vectors, -1, axis), -1)
        inside = np.arange(rho.shape[axis]) < rho.shape[axis] - 1
        inside = inside.reshape([-1 if i == axis else 1 for i in range(rho.ndim)])
        both = jnp.maximum(rho, jnp.roll(rho, -1, axis))
        most = jnp.maximum(most, jnp.where(inside & (agree < TURNED), both, 0.0))
    return jnp.sum(most) / (jnp.sum(rho) + jnp.finfo(rho.dtype).tiny)


def on_levels(
    psi: Complex[Array, " n *shape"], matrices: Float[Array, "*shape n n"]
) -> Complex[Array, " n *shape"]:
    """Qᵀψ."""
    vectors = vectors_of(packed(matrices)).astype(jnp.real(psi).dtype)
    return jnp.sum(jnp.moveaxis(vectors, -1, 0) * jnp.moveaxis(psi, 0, -1)[None], axis=-1)


def level_densities(
    psi: Complex[Array, " n *shape"], matrices: Float[Array, "*shape n n"]
) -> Float[Array, " n *shape"]:
    """|(Qᵀψ)_j|²; of two levels by projectors, which halve what lies at a tip."""
    if psi.shape[0] != 2:
        return square(on_levels(psi, matrices))
    _, z, w, q = halves(packed(matrices))
    away = q > 0
    scale = jnp.where(away, 1 / jnp.sqrt(jnp.where(away, q, 1.0)), 0.0)
    tilt = applied(jnp.stack([z, w, -z]) * scale[None], psi)
    difference = jnp.sum(jnp.real(jnp.conj(psi) * tilt), axis=0)
    rho = jnp.sum(square(psi), axis=0)
    return 0.5 * jnp.stack([rho - difference, rho + difference])


def populations(
    psi: Complex[Array, " n *shape"], grid: Grid, potential: MatrixPotential, refine: int
) -> Float[Array, " n"]:
    """∫|(Qᵀψ)_j|² dx over `refine` times as many points along each axis."""
    shares = np.array(list(itertools.product(range(refine), repeat=grid.dimension))) / refine
    spectrum = fftn(psi, axes=range(1, psi.ndim))

    def shifted(share):
        moves = [one * step for one, step in zip(share, grid.spacing)]
        moved = spectrum
        for k, move in zip(grid.wavenumber_mesh, moves):
            phase = k * move
            moved = moved * jax.lax.complex(jnp.cos(phase), jnp.sin(phase)).astype(psi.dtype)[None]
        values = potential(*(x + move for x, move in zip(grid.mesh, moves)))
        full = jnp.broadcast_to(values, (*grid.shape, *values.shape[-2:]))
        there = ifftn(moved, axes=range(1, psi.ndim))
        return jax.vmap(total)(level_densities(there, full)) * grid.cell

    return jnp.mean(jax.lax.map(shifted, jnp.asarray(shares)), axis=0)


def leaving(
    psi: Complex[Array, "*shape"],
    grid: Grid,
    potential: MatrixPotential,
    level: int,
    hbar: Scalar,
    masses: tuple[Any, ...],
) -> Float[Array, ""]:
    """Σ_b ∫|ħ d_ab·(p̂/m)ψ/(λ_a − λ_b)|² dx: what the coupling holds on other levels while a packet passes, to leading order in ħ."""
    levels = potential.levels(*grid.mesh)
    couplings = potential.couplings(*grid.mesh)
    spectrum = fftn(psi)
    amplitude: Any = 0.0
    for k, mass, d in zip(grid.wavenumber_mesh, masses, couplings):
        velocity = ifftn(hbar * k / mass * spectrum)
        amplitude = amplitude + d[..., level, :] * velocity[..., None]
    gap = levels - levels[..., level : level + 1]
    other = np.broadcast_to(np.arange(gap.shape[-1]) != level, gap.shape)
    ratio = jnp.where(other, hbar / jnp.where(other & (gap != 0), gap, jnp.inf), 0.0)
    held = jnp.asarray(jnp.where(ratio == 0, 0.0, ratio * amplitude))
    return jnp.sum(square(held)) * grid.cell
