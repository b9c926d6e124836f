"""What systems offer by name: observables bound to a grid, and the axes along which their values lie.

Means are those of `observables`: ∫xρ, nothing divided by the mass. Variances are of the normalised density: ∫(x − x̄)²ρ/∫ρ with
x̄ = ∫xρ/∫ρ. Momentum densities are sorted by momentum. An axis without values (None) counts coordinates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from jaxwigner._types import Array, PerAxis
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.observables.quantum import (
    ascending,
    current,
    mean_momentum,
    mean_position,
    momentum_density,
    position_density,
    spectral_weights,
)
from jaxwigner.states import Particles

Observables = dict[str, Callable[[Any], Any]]
Axes = dict[str, dict[str, Any]]
MOMENTS = ("position", "momentum", "variance", "momentum_variance")
# The sign and the kind of quantity of what is observed by name, for axes and for attributes.
SYMBOLS = {
    "position": ("⟨x⟩", "length"),
    "momentum": ("⟨p⟩", "momentum"),
    "variance": ("⟨(x − ⟨x⟩)²⟩", "length²"),
    "momentum_variance": ("⟨(p − ⟨p⟩)²⟩", "momentum²"),
    "distance": ("⟨|R|⟩", "length"),
    "distances": ("⟨|R_αβ|⟩", "length"),
    "radii": ("⟨R⟩, ⟨r⟩", "length"),
    "cosine_square": ("⟨cos²γ⟩", "1"),
    "singular": ("⟨U_s⟩", "energy"),
    "singular_square": ("‖U_sΨ‖²", "energy²"),
    "kinetic": ("⟨T⟩", "energy"),
    "potential": ("⟨U⟩", "energy"),
    "energy": ("⟨H⟩", "energy"),
    "norm": ("norm", "1"),
    "waves": ("weight of ℓ", "1"),
    "density": ("ρ", "1/length"),
    "momentum_density": ("ρ(p)", "1/momentum"),
    "current": ("J", "1/time"),
}


def of_waves(grid: Grid, hbar: Scalar, mass: PerAxis, kinetic: Any = None) -> Observables:
    """Of ψ, or of a mixed state, on a grid; `kinetic`: a k(p) that is not p²/2m, for which there is no local current."""
    x, k = grid.mesh, grid.wavenumber_mesh
    found = {
        "position": lambda u: mean_position(u, grid),
        "momentum": lambda u: mean_momentum(u, grid, hbar),
        "variance": lambda u: spread_along(position_density(u, grid), x),
        "momentum_variance": lambda u: hbar**2 * spread_along(spectral_weights(u, grid), k),
        "density": lambda u: position_density(u, grid),
        "momentum_density": lambda u: ascending(momentum_density(u, grid, hbar)),
    }
    return (
        found
        if kinetic is not None
        else found | {"current": lambda u: current(u, grid, hbar, mass)}
    )


def axes_of_waves(grid: Grid, hbar: Scalar, names: tuple[str, ...]) -> Axes:
    """Where what `of_waves` observes lies; `names`: of the axes of ψ."""
    position = dict(zip(names, grid.axes))
    momenta = {f"p{name[1:]}": hbar * ascending(k) for name, k in zip(names, grid.wavenumbers)}
    moments = {name: {"axis": None} for name in MOMENTS}
    lines = {"density": position, "momentum_density": momenta}
    return moments | lines | {"current": {"axis": None, **position}}


def of_fields(grid: PhaseGrid) -> Observables:
    """Of W[x, p]."""
    d, (x, p) = grid.dimension, grid.mesh
    first, last = tuple(range(d)), tuple(range(d, 2 * d))
    return {
        "position": lambda W: _means(W, x) * grid.cell,
        "momentum": lambda W: _means(W, p) * grid.cell,
        "variance": lambda W: spread_along(W, x),
        "momentum_variance": lambda W: spread_along(W, p),
        "density": lambda W: jnp.sum(W, axis=last) * grid.momentum.cell,
        "momentum_density": lambda W: jnp.sum(W, axis=first) * grid.position.cell,
    }


def axes_of_fields(coordinates: dict[str, Any]) -> Axes:
    """Where what `of_fields` observes lies, from the axes of W."""
    lines = {"density": "x", "momentum_density": "p"}
    found = {name: {"axis": None} for name in MOMENTS}
    for name, letter in lines.items():
        found[name] = {key: axis for key, axis in coordinates.items() if key.startswith(letter)}
    return found


def of_particles() -> Observables:
    """Of weighted particles."""
    return {
        "position": lambda z: z.weights @ z.positions,
        "momentum": lambda z: z.weights @ z.momenta,
        "variance": lambda z: _variance(z, z.positions),
        "momentum_variance": lambda z: _variance(z, z.momenta),
    }


def axes_of_particles() -> Axes:
    """One entry for each coordinate."""
    return {name: {"axis": None} for name in MOMENTS}


def _means(density: Array, mesh: tuple[Array, ...]) -> Array:
    return jnp.stack([jnp.sum(a * density) for a in mesh])


def spread_along(density: Array, mesh: tuple[Array, ...]) -> Array:
    """The variance of a density along each axis, (d,); about the mean, which loses no digits far from the origin."""
    mass = jnp.sum(density)
    centred = [a - jnp.sum(a * density) / mass for a in mesh]
    return jnp.stack([jnp.sum(a**2 * density) for a in centred]) / mass


def _variance(particles: Particles, values: Array) -> Array:
    centred = values - (particles.weights @ values)[None]
    return particles.weights @ centred**2
