"""The Hartree equation of one orbital, and more orbitals carried by the same mean field (co-moving modes).

    iħ ∂_tφ_j = h(t)φ_j,   h(t) = −(ħ²/2m)Δ + U + V⋆|φ_0|²,   j = 0, 1, …

All orbitals obey one linear equation with one Hermitian h(t): they stay orthonormal for ever, and no density is inverted. The kick
leaves |φ_0|² alone, so that both half-flows are exact and the splitting methods of one body apply.
"""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import fourier
from jaxwigner._types import Array
from jaxwigner.engine.flows import phase_factor
from jaxwigner.engine.methods import METHODS
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables import square
from jaxwigner.potentials.pairs.on_grids import convolve

WAVES = 0.5  # phase of the longest wave over one width of φ, at most


class MeanField(eqx.Module):
    """h(t) of the Hartree equation, and the splitting that carries orbitals (j, *grid.shape) along."""

    grid: Grid
    spectrum: Array  # of V, made by `kernel_spectrum`
    external: Array
    hbar: Scalar
    mass: Scalar

    def potential(self, phi: Complex[Array, "*shape"]) -> Float[Array, "*shape"]:
        """U + V⋆|φ|²."""
        return self.external + self.of_pair(square(phi))

    def of_pair(self, density: Array) -> Array:
        """V⋆f."""
        return convolve(self.spectrum, density, self.grid)

    def kinetic(self, orbitals: Complex[Array, " j *shape"]) -> Complex[Array, " j *shape"]:
        """−(ħ²/2m)Δφ_j."""
        squares = 0.5 * self.hbar**2 / self.mass * sum(k**2 for k in self.grid.wavenumber_mesh)
        return jax.vmap(lambda f: fourier.ifftn(squares * fourier.fftn(f)))(orbitals)

    def advance(self, orbitals: Complex[Array, " j *shape"], step: Scalar) -> Array:
        """All orbitals over one step of the six-stage method of order 4, φ_0 first."""
        method = METHODS["blanes-moan-4"]
        squares = 0.5 * self.hbar / self.mass * sum(k**2 for k in self.grid.wavenumber_mesh)

        def stage(orbitals, lengths):
            orbitals = self._kicked(orbitals, lengths[0])
            turn = phase_factor(lengths[1] * squares)
            return jax.vmap(lambda f: fourier.ifftn(turn * fourier.fftn(f)))(orbitals), None

        lengths = step * jnp.stack([jnp.array(method.kicks[:-1]), jnp.array(method.drifts)], axis=1)
        orbitals, _ = jax.lax.scan(stage, orbitals, lengths)
        return self._kicked(orbitals, method.kicks[-1] * step)

    def _kicked(self, orbitals: Array, tau: Scalar) -> Array:
        return phase_factor((tau / self.hbar) * self.potential(orbitals[0]))[None] * orbitals

    def matrix(self, orbitals: Complex[Array, " j *shape"]) -> Complex[Array, " j j"]:
        """⟨φ_p, hφ_q⟩."""
        moved = self.kinetic(orbitals) + self.potential(orbitals[0])[None] * orbitals
        rows = orbitals.reshape(orbitals.shape[0], -1)
        return rows.conj() @ moved.reshape(rows.shape).T * self.grid.cell


def polynomial_orbitals(
    phi: Complex[Array, "*shape"], grid: Grid, count: int, *, periodic: bool = False
) -> Complex[Array, " count *shape"]:
    """An orthonormal basis φ, p_1φ, p_2φ, … with polynomials p_j of rising degree; Hermite functions where φ is a coherent state.

    The pairs that φ creates are V(x − y)φ(x)φ(y), which for a smooth V is well approximated by such functions. For a periodic V the
    polynomials are trigonometric, of the period of the box.
    """
    factors = _waves(phi, grid, count) if periodic else _hermite_polynomials(phi, grid)
    columns = []
    for powers in _powers(grid.dimension, count):
        column = phi
        for factor, power in zip(factors, powers):
            column = factor(power) * column
        columns.append(column.reshape(-1))
    # The first pass leaves an error of the condition number, the second one rounding. φ itself keeps its phase.
    q = jnp.linalg.qr(jnp.linalg.qr(jnp.stack(columns, axis=1))[0])[0]
    q = q.at[:, 0].set(columns[0] / jnp.sqrt(jnp.sum(square(columns[0]))))
    return (q.T / jnp.sqrt(grid.cell)).reshape((count, *grid.shape))


def _powers(dimension: int, count: int) -> list[tuple[int, ...]]:
    """The first `count` exponents of d variables, by total degree."""
    degree = 0
    found: list[tuple[int, ...]] = []
    while len(found) < count:
        every = np.ndindex(*(degree + 1,) * dimension)
        found += [powers for powers in every if sum(powers) == degree]
        degree += 1
    return found[:count]


def _waves(phi: Array, grid: Grid, count: int) -> list[Callable]:
    """For each axis e^{2πikmx/L} with k = 0, 1, −1, 2, −2, … for powers 0, 1, 2, …

    m > 1 where φ is narrow: there long waves differ by less than rounding. The shortest of them stays resolved.
    """
    rho = jax.lax.stop_gradient(square(phi))
    rho = rho / jnp.sum(rho)
    highest = (max(max(powers) for powers in _powers(grid.dimension, count)) + 1) // 2

    def along(x, side, points):
        angle = (2 * np.pi / side) * x
        wave = lambda k: jax.lax.complex(jnp.cos(k * angle), jnp.sin(k * angle))  # noqa: E731
        spread = jnp.sqrt(-2 * jnp.log(jnp.minimum(jnp.abs(jnp.sum(rho * wave(1.0))), 1.0)))
        most = max(1, points // (4 * max(highest, 1)))
        m = jnp.clip(jnp.floor(WAVES / jnp.maximum(spread, 1e-9)), 1, most)
        return lambda power: wave((power + 1) // 2 * m * (1 if power % 2 else -1))

    axes = zip(grid.mesh, grid.length, grid.shape)
    return [along(jnp.asarray(x), side, points) for x, side, points in axes]


def _hermite_polynomials(phi: Array, grid: Grid) -> list[Callable]:
    """For each axis He_k(u)/√k!, u the coordinate scaled by the mean and the variance of |φ|²."""
    rho = square(phi)
    rho = rho / jnp.sum(rho)

    def along(x):
        mean = jnp.sum(x * rho)
        u = (x - mean) / jnp.sqrt(jnp.sum((x - mean) ** 2 * rho))
        return lambda power: _hermite(u, power)

    return [along(x) for x in grid.mesh]


def _hermite(u: Array, power: int) -> Array:
    lower, current = jnp.zeros_like(u), jnp.ones_like(u)
    for k in range(power):
        lower, current = current, (u * current - np.sqrt(k) * lower) / np.sqrt(k + 1)
    return current
