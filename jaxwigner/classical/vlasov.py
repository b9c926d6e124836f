"""The Vlasov equation ∂_tf + (p/m)·∇_xf − ∇(U + V⋆ρ_f)·∇_pf = 0 (Golse–Paul (3), corrected), on grids and for weighted particles.

ρ_f(x) = ∫f dp does not change while a kick acts, so that kicks by the field of the state itself stay exact. On a grid
w(x, y) = ∫f e^{+ip·y} dp is multiplied by e^{−i∇(U + V⋆ρ)·y τ}, and its entries at y = 0 are ρ. Particles carry their weights along
characteristics: with finitely many particles the equation is solved exactly, by the mean-field N-body system.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import fourier, observables
from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.classical.liouville import Liouville
from jaxwigner.classical.newton import Newton, kicked, slopes
from jaxwigner.classical.pairs import PairClouds
from jaxwigner.engine.flows import Flow, RealFourierMultiplication, SpectralFlow, phase_powers
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.observables import named
from jaxwigner.potentials import Free, Potential
from jaxwigner.potentials.on_grid import (
    has_no_edge,
    with_edge,
    with_seam,
)
from jaxwigner.potentials.pairs.on_grids import (
    Convolution,
    check_pair,
    force_field,
    potential_field,
)
from jaxwigner.potentials.pairs.on_particles import CHUNK, MeshSum, PairSum
from jaxwigner.states import Particles


class SelfConsistentTransport(SpectralFlow):
    """w ↦ e^{−i(∇U + ∇V⋆ρ)·y τ} w with ρ(x) = w(x, 0)."""

    scaled: ClassVar[tuple[str, ...]] = ("shifts",)

    field: Convolution
    external: Float[Array, " d *shape"]
    shifts: tuple[Scalar, ...]  # τ times the step of y, for every axis
    volume: Scalar
    lengths: tuple[int, ...] = eqx.field(static=True)

    @property
    def axes(self) -> tuple[int, ...]:
        """Of momentum."""
        d = len(self.lengths)
        return tuple(range(d, 2 * d))

    def analyse(self, f):
        return fourier.rfftn(f, axes=self.axes)

    def scale(self, spectrum):
        d = len(self.lengths)
        rho = self.volume * jnp.real(spectrum[(..., *(0,) * d)])
        slopes = self.external + self.field(rho)
        for axis in range(d):
            # NumPy's variable is η = −y: e^{−iF·yτ} = e^{+iF·ητ}.
            factors = self._factors(-self.shifts[axis] * slopes[axis], axis)
            alone = (1,) * axis + factors.shape[-1:] + (1,) * (d - 1 - axis)
            spectrum = factors.reshape(factors.shape[:-1] + alone) * spectrum
        return spectrum

    def _factors(self, phase: Float[Array, "*shape"], axis: int):
        """e^{−ijθ} for all j that the transform keeps, in its order: 0 … n/2 on the last axis, then the negative ones elsewhere."""
        n = self.lengths[axis]
        powers = phase_powers(phase, n // 2 + 1)
        if n % 2 == 0:  # no real shift turns the alternating mode (see `shifting`)
            powers = jnp.asarray(powers).at[..., n // 2].set(1.0)
        if axis == len(self.lengths) - 1:
            return powers
        negative = jnp.conj(powers[..., 1 : (n + 1) // 2][..., ::-1])
        return jnp.concatenate([powers, negative], axis=-1)

    def synthesise(self, spectrum):
        return fourier.irfftn(spectrum, s=self.lengths, axes=self.axes)


class Vlasov(System):
    """∂_tf + (p/m)·∇_xf − ∇(U + V⋆ρ_f)·∇_pf = 0 on a grid of phase space (Golse–Paul (3)).

    **Arguments:** `phase_grid`: a `PhaseGrid`; `pair`: V, even; `external`: U, or None; `mass`: positive, may be traced.

    **States:** f of the shape of the grid, real; spectral in both directions (for filaments use `VlasovParticles`).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> phase = jw.PhaseGrid(jw.Grid(-8.0, 8.0, 64), jw.Grid(-5.0, 5.0, 80))
    >>> (x,), (p,) = phase.mesh
    >>> f = jnp.exp(-(x**2) - p**2) / jnp.pi
    >>> run = jw.evolve(jw.Vlasov(phase, lambda x: jnp.exp(-0.5 * x**2)), f, duration=1.0, steps=20)
    >>> mass = run.diagnostics.norm
    >>> bool(abs(mass[-1] - mass[0]) < 1e-13)
    True
    """

    phase_grid: PhaseGrid
    pair: Potential
    external: Potential
    mass: Scalar

    def __init__(self, phase_grid: PhaseGrid, pair: Any, external: Any = None, mass: Scalar = 1.0):
        require(isinstance(phase_grid, PhaseGrid), "phase_grid", "be a PhaseGrid", phase_grid)
        self.phase_grid = phase_grid
        self.pair = check_pair(pair, phase_grid.dimension, phase_grid.position)
        linear = Liouville(phase_grid, Free() if external is None else external, mass)
        self.external, self.mass = linear.potential, mass

    @property
    def _linear(self) -> Liouville:
        return Liouville(self.phase_grid, self.external, self.mass)

    def density(self, f: Float[Array, "*shape"]) -> Float[Array, "*position"]:
        """ρ_f(x) = ∫f dp."""
        d = self.phase_grid.dimension
        return jnp.sum(f, axis=tuple(range(d, 2 * d))) * self.phase_grid.momentum.cell

    def drift_flow(self, tau: Scalar) -> RealFourierMultiplication:
        return self._linear.drift_flow(tau)

    def kick_flow(self, tau: Scalar) -> SelfConsistentTransport:
        position, momentum = self.phase_grid.position, self.phase_grid.momentum
        slopes = self.external.gradient(*position.mesh)
        external = jnp.stack([jnp.broadcast_to(slope, position.shape) for slope in slopes])
        return SelfConsistentTransport(
            force_field(self.pair, position),
            external,
            tuple(tau * 2 * np.pi / side for side in momentum.length),
            momentum.cell,
            momentum.shape,
        )

    def enter(self, state: Any) -> Float[Array, "*shape"]:
        return self._linear.enter(state)

    def diagnose(self, state: Float[Array, "*shape"]) -> dict[str, Array]:
        series, position = self._linear.diagnose(state), self.phase_grid.position
        rho = self.density(state)
        field = potential_field(self.pair, position)(rho)[0]
        interaction = 0.5 * jnp.sum(field * rho) * position.cell
        series["energy"] = series["energy"] + interaction.astype(state.dtype)
        d = self.phase_grid.dimension
        edges = with_edge(position, has_no_edge(position, self.pair, self.external))
        series["edge_mass"] = observables.edge_mass(state, (*edges, *range(d, 2 * d)))
        return with_seam(series, position, self.pair, self.external)

    def coordinates(self) -> dict[str, Any]:
        return self._linear.coordinates()

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        return super().observables() | named.of_fields(self.phase_grid)

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        return named.axes_of_fields(self.coordinates())


class MeanFieldImpulse(Flow):
    """p_k ↦ p_k − τ(∇U(x_k) + Σ_l w_l∇V(x_k − x_l))."""

    forces: PairSum | MeshSum
    external: Potential
    time: Scalar

    def __call__(self, particles: Particles) -> Particles:
        outside = slopes(self.external, particles.positions)
        inside = self.forces.slope(particles.positions, particles.weights)
        return kicked(particles, -self.time * (outside + inside))


class VlasovParticles(PairClouds):
    """The Vlasov equation for a measure Σw_kδ_(x_k, p_k): mẍ_k = −∇U(x_k) − Σ_l w_l∇V(x_k − x_l) (Golse–Paul (3)).

    Exact for the measure itself; the force of a particle on itself vanishes, V being even and C^{1,1}.

    **Arguments:** `pair`: V, even; `external`: U, or None; `mass`: positive; `mesh`: None sums over pairs in chunks of `chunk` rows, a
    `Grid` that holds all particles goes through a mesh (cubic splines), at a cost linear in the number of particles.

    **States:** `Particles`.

    >>> import jaxwigner as jw
    >>> start = jw.Particles([0.5, 0.5], [-1.0, 1.0], [0.0, 0.0])
    >>> run = jw.evolve(jw.VlasovParticles(lambda x: 0.5 * x**2), start, duration=1.0, steps=20)
    >>> round(float(run.state.positions[1, 0]), 6)  # cos 1: each feels half of the other and half of itself
    0.540302
    """

    def __init__(
        self,
        pair: Any,
        external: Any = None,
        mass: Scalar = 1.0,
        mesh: Grid | None = None,
        chunk: int = CHUNK,
    ):
        super().__init__(pair, external, mass, mesh, chunk)

    def kick_flow(self, tau: Scalar) -> MeanFieldImpulse:
        return MeanFieldImpulse(self._forces, self.external, tau)

    def enter(self, state: Any) -> Particles:
        particles = Newton(self.external, self.mass).enter(state)
        check_pair(self.pair, particles.dimension)
        return particles

    def diagnose(self, state: Particles) -> dict[str, Array]:
        series = Newton(self.external, self.mass).diagnose(state)
        field = self._forces.potential(state.positions, state.weights)
        series["energy"] = series["energy"] + 0.5 * state.weights @ field
        off = self._off(state.positions)
        if off is not None:
            series["edge_mass"] = state.weights @ off.astype(state.weights.dtype)
        return self._with_seam(series)
