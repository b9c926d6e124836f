"""What the Wigner and the Liouville equation share, which is everything but one line: fields W[x, p] under free transport and a kick.

∂_tW = −(p/m)·∇_xW + (kick), where the kick multiplies w(x, y) = ∫W e^{+ip·y} dp by −iδU(x, y) (see `flows.py`). Of another kinetic
energy k(p) the drift multiplies ∫W e^{−iκ·x} dx by −iδk(p, κ), the same δ. Diffusion D∂²_pW is −Dy² beside −iδU, in the same kick.

For f = −iδU − Dy² and the drift A = (i/m)∂_x·∂_y, the double commutator of a modified kick is [f, [A, f]] = −(2i/m)∂_xf·∂_yf: with
δ(|∇U|²) it holds 4(D/m)y·∂_xδU.
"""

from __future__ import annotations

import functools
import operator
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import fourier, observables
from jaxwigner._checks import (
    check_finite,
    check_masses,
    concrete,
    each,
    per_axis,
    require,
)
from jaxwigner._types import Array
from jaxwigner.engine.flows import DampedFourierMultiplication, RealFourierMultiplication
from jaxwigner.engine.methods import Method, check_general, check_positive_kicks
from jaxwigner.engine.system import System
from jaxwigner.grid import PhaseGrid, Scalar, spread
from jaxwigner.observables import named
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.combined import corrected
from jaxwigner.potentials.on_grid import (
    as_kinetic,
    check_potential,
    check_ring,
    is_periodic,
    with_edge,
    with_seam,
)
from jaxwigner.states import as_inexact


class PhaseSpaceSystem(System):
    """A field W[x, p] under free transport and a kick given by `delta`; abstract, see `Moyal` and `Liouville`."""

    phase_grid: PhaseGrid
    potential: Potential
    mass: Any  # one number, or a tuple of one for each coordinate
    kinetic: Potential | None
    diffusion: tuple[Scalar, ...] | None

    def __init__(
        self, phase_grid: PhaseGrid, potential: Any, mass: Any, kinetic: Any, diffusion: Any
    ):
        require(isinstance(phase_grid, PhaseGrid), "phase_grid", "be a PhaseGrid", phase_grid)
        d, momenta = phase_grid.dimension, phase_grid.momentum
        self.phase_grid = phase_grid
        self.mass = check_masses(mass, d)
        self.potential = as_potential(potential)
        check_potential(self.potential, d)
        check_ring(self.potential, phase_grid.position)
        reach = tuple(0.5 * side for side in momenta.length)
        self.kinetic = as_kinetic(kinetic, mass, d, reach)
        self.diffusion = None if diffusion is None else _diffusions(diffusion, d, kinetic)

    @abstractmethod
    def delta(self, potential: Potential) -> DeltaPotential:
        """δU(x, y) as a function of coordinate arrays (x, y)."""

    @property
    def reversible(self) -> bool:
        return self.diffusion is None

    def check_method(self, method: Method) -> None:
        if self.kinetic is not None:
            check_general(method)
        if self.diffusion is not None:
            check_positive_kicks(method)

    def drift_flow(self, tau: Scalar) -> RealFourierMultiplication:
        if self.kinetic is not None:
            return kinetic_transport(self.phase_grid, tau, self.delta(self.kinetic))
        return free_transport(self.phase_grid, tau, self.mass)

    def kick_flow(self, tau: Scalar) -> RealFourierMultiplication:
        kick = potential_transport(self.phase_grid, tau, self.delta(self.potential))
        return kick if self.diffusion is None else self._damped(kick, tau, None)

    def modified_kick_flow(self, tau: Scalar, weight: Scalar) -> RealFourierMultiplication:
        lower = corrected(self.potential, weight, self.mass)
        kick = potential_transport(self.phase_grid, tau, self.delta(lower))
        return kick if self.diffusion is None else self._damped(kick, tau, weight)

    def _damped(
        self, kick: RealFourierMultiplication, tau: Scalar, weight: Scalar | None
    ) -> DampedFourierMultiplication:
        """The kick with Σ D_iy_i² − 4w Σ (D_i/m_i) y_i∂_iδU; NaN where it would undo a diffusion."""
        D, grid, d = self.diffusion or (), self.phase_grid, self.phase_grid.dimension
        y = spread(grid.position.axes + half_wavenumbers(grid.momentum.wavenumbers))[d:]
        decay = functools.reduce(operator.add, (a * b**2 for a, b in zip(D, y)))
        if weight is not None:
            decay = decay - 4 * weight * self._sheared(D)
        decay = jnp.where(functools.reduce(jnp.minimum, D) * tau >= 0, tau * decay, jnp.nan)
        return DampedFourierMultiplication(
            kick.phases, axes=kick.axes, lengths=kick.lengths, decay=decay
        )

    def _sheared(self, D: tuple[Scalar, ...]) -> Array:
        """Σ (D_i/m_i) y_i ∂_iδU(x, y), a derivative of δU in x."""
        grid, d = self.phase_grid, self.phase_grid.dimension
        momentum = shifting(half_wavenumbers(grid.momentum.wavenumbers), grid.momentum.shape)
        every = jnp.broadcast_arrays(*spread(grid.position.axes + momentum))
        x, y = tuple(every[:d]), tuple(-eta for eta in every[d:])
        along = tuple(a / m * b for a, m, b in zip(D, each(self.mass, d), y))
        delta = self.delta(self.potential)
        return jax.jvp(lambda *x: delta(x, y), x, along)[1]

    def enter(self, state: Any) -> Float[Array, "*shape"]:
        check_finite("state", state, self.phase_grid.shape)
        return as_inexact(state)

    def diagnose(self, state: Float[Array, "*shape"]) -> dict[str, Array]:
        grid, d = self.phase_grid, self.phase_grid.dimension
        total = observables.total
        x, p = grid.mesh
        mass = total(state) * grid.cell
        kinetic = self._kinetic(p, state)
        potential = total(self.potential(*x) * state) * grid.cell
        edges = with_edge(grid.position, is_periodic(self.potential, grid.position))
        series = {
            "norm": mass,
            "energy": kinetic + potential,
            "kinetic": kinetic,
            "spectral_tail": self._spectral_tail(state),
            "edge_mass": observables.edge_mass(state, (*edges, *range(d, 2 * d))),
        }
        if self.diffusion is not None:
            series["heating"] = mass * sum(
                a / m for a, m in zip(self.diffusion, each(self.mass, d))
            )
        series = {name: jnp.asarray(value, state.dtype) for name, value in series.items()}
        return with_seam(series, grid.position, self.potential)

    def _kinetic(self, p: tuple[Array, ...], state: Array) -> Array:
        total, cell = observables.total, self.phase_grid.cell
        if self.kinetic is not None:
            return total(self.kinetic(*p) * state) * cell
        if isinstance(self.mass, tuple):
            energies = sum(a**2 / (2 * m) for a, m in zip(p, self.mass))
            return total(energies * state) * cell
        return total(sum(a**2 for a in p) * state) * cell / (2 * self.mass)

    def _spectral_tail(self, state: Array) -> Array:
        power = observables.square(fourier.rfftn(state))
        grid = self.phase_grid
        wavenumbers = half_wavenumbers(grid.position.wavenumbers + grid.momentum.wavenumbers)
        tail = observables.spectral_tail(power, spread(wavenumbers))
        if not any(grid.position.periodic):
            return tail
        d, turns = grid.dimension, grid.position.periodic
        open_ends = [k * (i < d or not turns[i - d]) for i, k in enumerate(wavenumbers)]
        inner = observables.spectral_tail(power, spread(open_ends))
        return jnp.where(self._comb(), inner, tail)

    def _comb(self) -> Any:
        """Whether momenta have the step of a ring, so that w(x, y) is periodic in y and no |y| is too large."""
        return False

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


def _diffusions(diffusion: Any, dimension: int, kinetic: Any) -> tuple[Scalar, ...]:
    """D ≥ 0 for every momentum."""
    found = per_axis("diffusion", diffusion, dimension)
    for one in filter(concrete, found):
        require(np.asarray(one) >= 0, "diffusion", "not be negative", diffusion)
    must = "be left out where `kinetic` is not p²/2m: the energy that it brings is known for that one alone"
    require(kinetic is None, "diffusion", must, diffusion)
    return found


def kinetic_transport(
    grid: PhaseGrid, tau: Scalar, delta: DeltaPotential
) -> RealFourierMultiplication:
    """The exact flow of ∂_t w(κ, p) = −i δk(p, κ) w(κ, p), w = ∫W e^{−iκ·x} dx."""
    d = grid.dimension
    position = shifting(half_wavenumbers(grid.position.wavenumbers), grid.position.shape)
    every = spread(position + grid.momentum.axes)
    phase = delta(every[d:], every[:d])
    shape = grid.position.shape
    return RealFourierMultiplication((tau * phase,), axes=tuple(range(d)), lengths=shape)


def free_transport(grid: PhaseGrid, tau: Scalar, mass: Any) -> RealFourierMultiplication:
    """W(x, p) ↦ W(x − pτ/m, p), the exact flow of ∂_t W = −(p/m)·∇_x W, of one mass or of one for each coordinate."""
    d = grid.dimension
    position = shifting(half_wavenumbers(grid.position.wavenumbers), grid.position.shape)
    every = spread(position + grid.momentum.axes)
    pairs = zip(every[:d], every[d:])
    if isinstance(mass, tuple):
        pairs, mass = ((k / m, p) for (k, p), m in zip(pairs, mass)), 1.0
    phase = functools.reduce(operator.add, (k * p for k, p in pairs))
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
