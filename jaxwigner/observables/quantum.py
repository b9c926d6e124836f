"""Observables of wave functions, mixed states, phase-space fields and particles.

All are expectations ⟨A⟩ of densities that need not be normalised: mass 1 is not assumed, and nothing is divided by the mass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import fourier
from jaxwigner._checks import (
    check_finite,
    check_masses,
    check_positive_scalar,
    each,
    require,
)
from jaxwigner._types import Array, PerAxis
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables.diagnostics import square, total
from jaxwigner.potentials import Potential
from jaxwigner.potentials.on_grid import as_kinetic
from jaxwigner.states import MixedState
from jaxwigner.states.quantum import check_waves


def check_state(state: Any, grid: Grid, **positive: Scalar) -> None:
    """A wave function or a mixed state on the grid, and numbers > 0."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_waves(state, grid.shape)
    for name, value in positive.items():
        check_positive_scalar(name, value)


def averaged(function: Callable[[Array], Any], state: Any) -> Any:
    """Σ w_j f(ψ_j) for a mixed state, f(ψ) for a pure one."""
    if not isinstance(state, MixedState):
        return function(state)
    values = jax.vmap(function)(state.orbitals)
    return jax.tree.map(lambda v: _weighted(state.weights, v), values)


def _weighted(weights: Array, values: Array) -> Array:
    """Σ w_jv_j: a fused sum, which reads the values once; `tensordot` writes them first and takes three times as long."""
    weights = weights.astype(values.dtype).reshape((-1,) + (1,) * (values.ndim - 1))
    return jnp.sum(weights * values, axis=0)


def position_density(state: Any, grid: Grid) -> Float[Array, "*shape"]:
    """ρ(x) = |ψ(x)|², or Σ w_j |ψ_j(x)|².

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> rho = jw.observables.position_density(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid)
    >>> round(float(rho.sum() * grid.cell), 12)
    1.0
    """
    check_state(state, grid)
    return density_of(state)


def density_of(state: Any) -> Float[Array, "*shape"]:
    """The same without a look at the grid: for states that a run has taken already."""
    return averaged(square, state)


def momentum_density(state: Any, grid: Grid, hbar: Scalar) -> Float[Array, "*shape"]:
    """|(2πħ)^{−d/2} ∫ e^{−ip·x/ħ} ψ dx|² at p = ħk (AFG (6)), in NumPy's order of wavenumbers; ∫ dp has cell (2πħ)^d/volume.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> density = jw.observables.momentum_density(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, 0.5)
    >>> round(float(density.sum() * 2 * jnp.pi * 0.5 / 12.0), 12)
    1.0
    """
    check_state(state, grid, hbar=hbar)
    scale = grid.cell / (2 * np.pi * hbar) ** (0.5 * grid.dimension)
    return averaged(lambda psi: square(scale * fourier.fftn(psi)), state)


def momentum_distribution(
    state: Any, grid: Grid, hbar: Scalar
) -> tuple[Any, Float[Array, "*shape"]]:
    """The density of momentum with its axis, ascending: what `momentum_density` gives, in the order in which one draws it.

    **Returns:** `(p, density)`: p of shape (n,) in d = 1, in d = 2, 3 a tuple of d such axes; Σ density·Δp = ‖ψ‖², Δp = 2πħ/side.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> p, density = jw.observables.momentum_distribution(jw.coherent_state(grid, 0.0, 1.0, 0.5), grid, 0.5)
    >>> round(float((p * density).sum() * (p[1] - p[0])), 12)
    1.0
    """
    density = ascending(momentum_density(state, grid, hbar))
    axes = tuple(ascending(hbar * jnp.asarray(k)) for k in grid.wavenumbers)
    return (axes[0] if grid.dimension == 1 else axes), density


def ascending(values: Array) -> Array:
    """From NumPy's order of wavenumbers to the ascending one, along every axis."""
    return jnp.roll(values, [n // 2 for n in values.shape], range(values.ndim))


def current(state: Any, grid: Grid, hbar: Scalar, mass: PerAxis = 1.0) -> Float[Array, " d *shape"]:
    """Probability current J = (ħ/m) Im(ψ* ∇ψ), by spectral differentiation; of a kinetic energy p²/2m (one mass, or one for each axis).

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> J = jw.observables.current(jw.coherent_state(grid, 0.0, 2.0, 0.5), grid, 0.5)
    >>> round(float(J.sum() * grid.cell), 10)
    2.0
    """
    check_state(state, grid, hbar=hbar)
    masses = check_masses(mass, grid.dimension)
    speed = jnp.stack([jnp.asarray(hbar / m) for m in each(masses, grid.dimension)])
    speed = speed.reshape((-1,) + (1,) * grid.dimension)

    def of_orbital(psi):
        spectrum = fourier.fftn(psi)
        slopes = jnp.stack([fourier.ifftn(1j * k * spectrum) for k in _derivative_mesh(grid)])
        flow = jnp.imag(jnp.conj(psi)[None] * slopes)
        return speed.astype(flow.dtype) * flow

    return averaged(of_orbital, state)


def _derivative_mesh(grid: Grid) -> tuple[Array, ...]:
    """Wavenumbers for odd derivatives: the unpaired highest one counts as zero."""
    meshes = []
    for axis, k in enumerate(grid.wavenumbers):
        n = k.shape[0]
        k = jnp.asarray(k) * (np.arange(n) != (n // 2 if n % 2 == 0 else -1))
        meshes.append(k.reshape(tuple(-1 if i == axis else 1 for i in range(grid.dimension))))
    return tuple(meshes)


def norm(state: Any, grid: Grid) -> Float[Array, ""]:
    """Mass ∫ρ dx: ‖ψ‖² of a pure state, tr R of a mixed one."""
    return jnp.sum(position_density(state, grid)) * grid.cell


def mean_position(state: Any, grid: Grid) -> Float[Array, " d"]:
    """⟨x⟩ = ∫ x ρ(x) dx; on a ring it depends on where the box is cut, which `mean_angle` does not."""
    rho = position_density(state, grid)
    return jnp.stack([jnp.sum(x * rho) * grid.cell for x in grid.mesh])


def mean_angle(state: Any, grid: Grid) -> Float[Array, " d"]:
    """The mean direction on a ring, (L/2π) arg ∫ e^{2πix/L} ρ(x) dx moved into the box, for every axis; no number where it vanishes.

    Of a packet much narrower than L it is its centre, wherever the box is cut (K. V. Mardia, P. E. Jupp, Directional Statistics, §2.2).

    >>> import jaxwigner as jw
    >>> ring = jw.Grid(0.0, 6.0, 64, periodic=True)
    >>> psi = jw.coherent_state(ring, 5.9, 0.0, hbar=0.1)
    >>> round(float(jw.observables.mean_angle(psi, ring)[0]), 9)
    5.9
    """
    rho = position_density(state, grid)
    found = []
    for x, low, side in zip(grid.mesh, grid.lower, grid.length):
        turn = 2 * np.pi * (x - low) / side
        cosine, sine = (jnp.sum(f(turn) * rho) * grid.cell for f in (jnp.cos, jnp.sin))
        angle = jnp.arctan2(sine, cosine) % (2 * np.pi)
        known = cosine**2 + sine**2 > jnp.finfo(rho.dtype).eps * jnp.sum(rho * grid.cell) ** 2
        found.append(jnp.where(known, low + side * angle / (2 * np.pi), jnp.nan))
    return jnp.stack(found)


def mean_momentum(state: Any, grid: Grid, hbar: Scalar) -> Float[Array, " d"]:
    """⟨p̂⟩ = ∫ ħk |ψ̂|² dk."""
    check_state(state, grid, hbar=hbar)
    density = spectral_weights(state, grid)
    return hbar * jnp.stack([jnp.sum(k * density) for k in grid.wavenumber_mesh])


def spectral_weights(state: Any, grid: Grid) -> Float[Array, "*shape"]:
    """|ψ̂_k|², scaled so that its sum is the norm."""
    scale = grid.cell / np.prod(grid.shape)
    return averaged(lambda psi: scale * square(fourier.fftn(psi)), state)


def kinetic_energy(
    state: Any, grid: Grid, hbar: Scalar, mass: PerAxis = 1.0, kinetic: Any = None
) -> Float[Array, ""]:
    """⟨−ħ²Δ/2m⟩ of one mass, or of one for each axis; or ⟨k(p̂)⟩ of a function `kinetic` of d momentum arrays.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.0, 1.0, 0.5)
    >>> energies = [
    ...     jw.observables.kinetic_energy(psi, grid, 0.5, **options)
    ...     for options in ({"mass": 2.0}, {"kinetic": lambda p: p**2 / 4})
    ... ]
    >>> [round(float(energy), 9) for energy in energies]  # (1 + ħ/2)/2m
    [0.3125, 0.3125]
    """
    check_state(state, grid, hbar=hbar)
    masses = check_masses(mass, grid.dimension)
    energy = as_kinetic(kinetic, mass, grid.dimension)
    return mean_kinetic(spectral_weights(state, grid), grid, hbar, masses, energy)


def mean_kinetic(
    power: Float[Array, "*shape"], grid: Grid, hbar: Scalar, mass: Any, kinetic: Potential | None
) -> Float[Array, ""]:
    """⟨k(ħκ)⟩ from weights over wavenumbers.

    >>> import jaxwigner as jw
    >>> from jaxwigner.observables.quantum import mean_kinetic, spectral_weights
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> power = spectral_weights(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid)
    >>> round(float(mean_kinetic(power, grid, 0.5, 1.0, None)), 12)
    0.125
    """
    waves = grid.wavenumber_mesh
    if kinetic is not None:
        return total(kinetic(*(hbar * k for k in waves)) * power)
    if isinstance(mass, tuple):
        return hbar**2 / 2 * total(sum(k**2 / m for k, m in zip(waves, mass)) * power)
    return hbar**2 / (2 * mass) * total(sum(k**2 for k in waves) * power)


def potential_energy(state: Any, grid: Grid, values: Float[Array, "*shape"]) -> Float[Array, ""]:
    """⟨U⟩ from the values of U on the grid."""
    check_state(state, grid)
    check_finite("values", values, grid.shape)
    return jnp.sum(values * position_density(state, grid)) * grid.cell
