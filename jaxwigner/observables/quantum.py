"""Observables of wave functions, mixed states, phase-space fields and particles.

All are expectations ⟨A⟩ of densities that need not be normalised: mass 1 is not assumed, and nothing is divided by the mass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxwigner._checks import (
    check_finite,
    check_finite_complex,
    check_positive_scalar,
    check_shape,
    require,
)
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.states import MixedState, Particles

TAIL = 0.1  # share of the spectrum, at its upper end, which must stay empty
EDGE = 0.05  # share of the box, at each end, which must stay empty


def _check(state: Any, grid: Grid, **positive: Scalar) -> None:
    """A wave function or a mixed state on the grid, and numbers > 0."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    if isinstance(state, MixedState):
        check_shape("orbitals", state.orbitals, (None, *grid.shape))
    else:
        check_finite_complex("state", state)
        check_shape("state", state, grid.shape)
    for name, value in positive.items():
        check_positive_scalar(name, value)


def _averaged(function: Callable, state: Any) -> Any:
    """Σ w_j f(ψ_j) for a mixed state, f(ψ) for a pure one."""
    if not isinstance(state, MixedState):
        return function(state)
    values = jax.vmap(function)(state.orbitals)
    return jax.tree.map(lambda v: _weighted(state.weights, v), values)


def _weighted(weights: Array, values: Array) -> Array:
    """Σ w_jv_j: a fused sum, which reads the values once; `tensordot` writes them first and takes three times as long."""
    weights = weights.astype(values.dtype).reshape((-1,) + (1,) * (values.ndim - 1))
    return jnp.sum(weights * values, axis=0)


def square(z: Array) -> Array:
    """|z|², without the square root of `abs`."""
    return jnp.real(z) ** 2 + jnp.imag(z) ** 2


def total(values: Float[Array, "*shape"]) -> Float[Array, ""]:
    """The sum of all entries, row by row.

    XLA would join the two sums into one long one, which on a CPU runs on a single core and rounds more; hence the barrier.
    """
    rows = jnp.sum(values, axis=-1)
    return jnp.sum(jax.lax.optimization_barrier(rows)) if rows.ndim else rows


def position_density(state: Any, grid: Grid) -> Float[Array, "*shape"]:
    """ρ(x) = |ψ(x)|², or Σ w_j |ψ_j(x)|².

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> rho = jw.observables.position_density(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid)
    >>> round(float(rho.sum() * grid.cell), 12)
    1.0
    """
    _check(state, grid)
    return density_of(state)


def density_of(state: Any) -> Float[Array, "*shape"]:
    """The same without a look at the grid: for states that a run has taken already."""
    return _averaged(square, state)


def momentum_density(state: Any, grid: Grid, hbar: Scalar) -> Float[Array, "*shape"]:
    """|(2πħ)^{−d/2} ∫ e^{−ip·x/ħ} ψ dx|² at p = ħk (AFG (6)), in NumPy's order of wavenumbers; ∫ dp has cell (2πħ)^d/volume.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> density = jw.observables.momentum_density(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, 0.5)
    >>> round(float(density.sum() * 2 * jnp.pi * 0.5 / 12.0), 12)
    1.0
    """
    _check(state, grid, hbar=hbar)
    scale = grid.cell / (2 * np.pi * hbar) ** (0.5 * grid.dimension)
    return _averaged(lambda psi: square(scale * jnp.fft.fftn(psi)), state)


def current(state: Any, grid: Grid, hbar: Scalar, mass: Scalar = 1.0) -> Float[Array, "d *shape"]:
    """Probability current J = (ħ/m) Im(ψ* ∇ψ), by spectral differentiation.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> J = jw.observables.current(jw.coherent_state(grid, 0.0, 2.0, 0.5), grid, 0.5)
    >>> round(float(J.sum() * grid.cell), 10)
    2.0
    """
    _check(state, grid, hbar=hbar, mass=mass)

    def of_orbital(psi):
        spectrum = jnp.fft.fftn(psi)
        slopes = jnp.stack([jnp.fft.ifftn(1j * k * spectrum) for k in _derivative_mesh(grid)])
        return (hbar / mass) * jnp.imag(jnp.conj(psi)[None] * slopes)

    return _averaged(of_orbital, state)


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
    """⟨x⟩ = ∫ x ρ(x) dx."""
    rho = position_density(state, grid)
    return jnp.stack([jnp.sum(x * rho) * grid.cell for x in grid.mesh])


def mean_momentum(state: Any, grid: Grid, hbar: Scalar) -> Float[Array, " d"]:
    """⟨p̂⟩ = ∫ ħk |ψ̂|² dk."""
    _check(state, grid, hbar=hbar)
    density = spectral_weights(state, grid)
    return hbar * jnp.stack([jnp.sum(k * density) for k in grid.wavenumber_mesh])


def spectral_weights(state: Any, grid: Grid) -> Float[Array, "*shape"]:
    """|ψ̂_k|², scaled so that its sum is the norm."""
    scale = grid.cell / np.prod(grid.shape)
    return _averaged(lambda psi: scale * square(jnp.fft.fftn(psi)), state)


def kinetic_energy(state: Any, grid: Grid, hbar: Scalar, mass: Scalar = 1.0) -> Float[Array, ""]:
    """⟨−ħ²Δ/2m⟩."""
    _check(state, grid, hbar=hbar, mass=mass)
    squares = sum(k**2 for k in grid.wavenumber_mesh)
    return hbar**2 / (2 * mass) * jnp.sum(squares * spectral_weights(state, grid))


def potential_energy(state: Any, grid: Grid, values: Float[Array, "*shape"]) -> Float[Array, ""]:
    """⟨U⟩ from the values of U on the grid."""
    _check(state, grid)
    check_finite("values", values)
    check_shape("values", values, grid.shape)
    return jnp.sum(values * position_density(state, grid)) * grid.cell


def moments(particles: Particles) -> tuple[Float[Array, " z"], Float[Array, "z z"]]:
    """Mean (⟨x⟩, ⟨p⟩) and covariance of a measure on phase space, positions first.

    >>> import jaxwigner as jw
    >>> mean, covariance = jw.observables.moments(jw.Particles([0.5, 0.5], [0.0, 2.0], [1.0, 1.0]))
    >>> mean.tolist(), covariance.tolist()
    ([1.0, 1.0], [[1.0, 0.0], [0.0, 0.0]])
    """
    require(isinstance(particles, Particles), "particles", "be Particles", particles)
    z = jnp.concatenate([particles.positions, particles.momenta], axis=1)
    mean = particles.weights @ z
    centred = z - mean[None]
    return mean, (particles.weights[:, None] * centred).T @ centred


def phase_moments(
    W: Float[Array, "*shape"], grid: PhaseGrid
) -> tuple[Float[Array, " z"], Float[Array, "z z"]]:
    """Mean and covariance of a density on phase space (a Wigner function has the quantum covariance)."""
    require(isinstance(grid, PhaseGrid), "grid", "be a PhaseGrid", grid)
    check_finite("W", W)
    check_shape("W", W, grid.shape)
    x, p = grid.mesh
    z = x + p
    mass = jnp.sum(W)
    mean = jnp.stack([jnp.sum(a * W) for a in z]) / mass
    second = jnp.stack([jnp.stack([jnp.sum(a * b * W) for a in z]) for b in z]) / mass
    return mean, second - mean[:, None] * mean[None, :]


def spectral_tail(power: Float[Array, "*shape"], wavenumbers: tuple[Array, ...]) -> Array:
    """Share of the spectral power whose wavenumber lies in the outer tenth along some axis."""
    outer = np.zeros((1,) * power.ndim, bool)
    for k in map(abs, wavenumbers):  # NumPy's, where the box is known
        outer = outer | (k > (1 - TAIL) * k.max())
    return total(jnp.where(outer, power, 0.0)) / (total(power) + jnp.finfo(power.dtype).tiny)


def edge_mass(density: Float[Array, "*shape"], axes: tuple[int, ...]) -> Array:
    """Share of a density (its absolute value) in the outer twentieth of the box along some of `axes`."""
    density = jnp.abs(density)
    outer = np.zeros((1,) * density.ndim, bool)
    for axis in axes:
        n = density.shape[axis]
        j = np.arange(n)
        mask = (j < EDGE * n) | (j >= n - EDGE * n)
        outer = outer | mask.reshape(tuple(-1 if i == axis else 1 for i in range(density.ndim)))
    everything = total(density) + jnp.finfo(density.dtype).tiny
    return total(jnp.where(outer, density, 0.0)) / everything
