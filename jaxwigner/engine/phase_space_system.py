"""What the Wigner and the Liouville equation share, which is everything but one line: fields W[x, p] under free transport and a kick.

∂_tW = −(p/m)·∇_xW + (kick), where the kick multiplies w(x, y) = ∫W e^{+ip·y} dp by −iδU(x, y) (see `flows.py`).
"""

from __future__ import annotations

import functools
import operator
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import fourier, observables
from jaxwigner._checks import check_finite, check_shape
from jaxwigner._types import Array
from jaxwigner.engine.flows import RealFourierMultiplication
from jaxwigner.engine.system import System
from jaxwigner.grid import PhaseGrid, Scalar, spread
from jaxwigner.observables import named
from jaxwigner.potentials import Potential
from jaxwigner.potentials.combined import Corrected
from jaxwigner.potentials.on_grid import is_periodic
from jaxwigner.states import as_inexact


class PhaseSpaceSystem(System):
    """A field W[x, p] under free transport and a kick given by `delta`; abstract, see `Moyal` and `Liouville`."""

    phase_grid: PhaseGrid
    potential: Potential
    mass: Scalar

    @abstractmethod
    def delta(self, potential: Potential) -> DeltaPotential:
        """δU(x, y) as a function of coordinate arrays (x, y)."""

    def drift_flow(self, tau: Scalar) -> RealFourierMultiplication:
        return free_transport(self.phase_grid, tau, self.mass)

    def kick_flow(self, tau: Scalar) -> RealFourierMultiplication:
        return potential_transport(self.phase_grid, tau, self.delta(self.potential))

    def modified_kick_flow(self, tau: Scalar, weight: Scalar) -> RealFourierMultiplication:
        corrected = Corrected(self.potential, weight / self.mass)
        return potential_transport(self.phase_grid, tau, self.delta(corrected))

    def enter(self, state: Any) -> Float[Array, "*shape"]:
        check_finite("state", state)
        check_shape("state", state, self.phase_grid.shape)
        return as_inexact(state)

    def diagnose(self, state: Float[Array, "*shape"]) -> dict[str, Array]:
        grid, d = self.phase_grid, self.phase_grid.dimension
        total = observables.total
        x, p = grid.mesh
        mass = total(state) * grid.cell
        squares = sum(momentum**2 for momentum in p)
        kinetic = total(squares * state) * grid.cell / (2 * self.mass)
        potential = total(self.potential(*x) * state) * grid.cell
        edges = tuple(range(2 * d))[d if is_periodic(self.potential, grid.position) else 0 :]
        series = {
            "norm": mass,
            "energy": kinetic + potential,
            "kinetic": kinetic,
            "spectral_tail": self._spectral_tail(state),
            "edge_mass": observables.edge_mass(state, edges),
        }
        return {name: jnp.asarray(value, state.dtype) for name, value in series.items()}

    def _spectral_tail(self, state: Array) -> Array:
        power = observables.square(fourier.rfftn(state))
        grid = self.phase_grid
        wavenumbers = half_wavenumbers(grid.position.wavenumbers + grid.momentum.wavenumbers)
        return observables.spectral_tail(power, spread(wavenumbers))

    def coordinates(self) -> dict[str, Any]:
        d = self.phase_grid.dimension
        labels = [""] if d == 1 else [str(i + 1) for i in range(d)]
        names = [f"x{i}" for i in labels] + [f"p{i}" for i in labels]
        axes = self.phase_grid.position.axes + self.phase_grid.momentum.axes
        return dict(zip(names, axes))

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        return super().observables() | named.of_fields(self.phase_grid)

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        return named.axes_of_fields(self.coordinates())


DeltaPotential = Callable[[tuple[Array, ...], tuple[Array, ...]], Array]


def free_transport(grid: PhaseGrid, tau: Scalar, mass: Scalar) -> RealFourierMultiplication:
    """W(x, p) ↦ W(x − pτ/m, p), the exact flow of ∂_t W = −(p/m)·∇_x W."""
    d = grid.dimension
    position = shifting(half_wavenumbers(grid.position.wavenumbers), grid.position.shape)
    every = spread(position + grid.momentum.axes)
    phase = functools.reduce(operator.add, (k * p for k, p in zip(every[:d], every[d:])))
    shape = grid.position.shape
    return RealFourierMultiplication(((tau / mass) * phase,), axes=tuple(range(d)), lengths=shape)


def potential_transport(
    grid: PhaseGrid, tau: Scalar, delta: DeltaPotential
) -> RealFourierMultiplication:
    """The exact flow of ∂_t w(x, y) = −i δU(x, y) w(x, y), w = ∫W e^{+ip·y} dp.

    NumPy's forward transform has e^{−ip·η}: its variable is η = −y, hence the sign below.
    """
    d = grid.dimension
    momentum = shifting(half_wavenumbers(grid.momentum.wavenumbers), grid.momentum.shape)
    every = spread(grid.position.axes + momentum)
    x, minus_y = every[:d], every[d:]
    phase = delta(x, tuple(-eta for eta in minus_y))
    axes = tuple(range(d, 2 * d))
    return RealFourierMultiplication((tau * phase,), axes=axes, lengths=grid.momentum.shape)


def half_wavenumbers(wavenumbers: tuple[Array, ...]) -> tuple[Array, ...]:
    """The wavenumbers that a real FFT keeps: all of them, but on the last axis only those ≥ 0."""
    last = wavenumbers[-1]
    kept = abs(last[: last.shape[0] // 2 + 1])
    return (*wavenumbers[:-1], kept)


def shifting(wavenumbers: tuple[Array, ...], points: tuple[int, ...]) -> tuple[Array, ...]:
    """The wavenumbers with 0 for the alternating (Nyquist) mode of an even number of points.

    No real shift turns that mode: a real transform keeps the cosine of its phase alone, and what is lost there does not come back.
    Left alone it makes every flow orthogonal, flows of one kind compose, and the reversible gradient recovers its states.
    """
    return tuple(
        k * (np.arange(k.shape[0]) != n // 2) if n % 2 == 0 else k
        for k, n in zip(wavenumbers, points)
    )
