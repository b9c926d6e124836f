"""Couplings carried by two flows, and what they cost: upper bounds of E_ħ² at later times (Golse–Paul (13), (15)).

    Q(t, Z(t; z)) = M(t) Q(z) M(t)*,      𝓔(t) = ∫ tr(c(z)Q(t, z)) dz ≥ E_ħ(f(t), R(t))²

Z carries points, M(t) carries vectors; both keep the marginals, so that Q(t) couples f(t) and R(t) for ever. In the moving basis
M(t)e_i the matrices Q_k do not change: only the points and the matrices of Ẑ between the moving vectors do. The flows themselves are
arguments: any pair of systems will do.

For Q = Σ w_k δ_{z_k} |ψ_k⟩⟨ψ_k|, one vector for every point (Töplitz data with f = μ, Lemma 3.1), the cost is read off each vector:

    𝓔 = Σ w_k ⟨ψ_k|c(z_k)|ψ_k⟩ = ½(A + B),   A = ⟨|x − ŷ|²⟩,  B = ⟨|ξ − p̂|²⟩

and, with ΔF = ∇V⋆ρ_R(ŷ) − ∇V⋆ρ_f(x) the difference of the mean forces,  𝓔′ = Re⟨u·P⟩ + Re⟨ΔF·P⟩, u = x − ŷ, P = ξ − p̂   (§4.3).
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner import fourier
from jaxwigner._checks import (
    check_integer,
    check_positive_scalar,
    check_shape,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar, check_line
from jaxwigner.states import MixedState, Particles
from jaxwigner.transport.semiquantum import Semiquantum
from jaxwigner.transport.solvers.matrices import broadcasting, trace_product
from jaxwigner.transport.solvers.nodes import middle, nodes_of
from jaxwigner.transport.solvers.range import family


class CouplingCost(eqx.Module):
    """The cost of a coupling and its two halves: 𝓔 = ½(A + B)."""

    position: Float[Array, "*t"]
    momentum: Float[Array, "*t"]

    @property
    def cost(self) -> Float[Array, "*t"]:
        """𝓔 = ½(A + B) ≥ E_ħ²."""
        return 0.5 * (self.position + self.momentum)


@broadcasting
def packet_cost(particles: Particles, state: MixedState, grid: Grid, hbar: Scalar) -> CouplingCost:
    """A and B of the coupling that pairs the k-th particle with the k-th orbital (Golse–Paul Lemma 3.1 with f = μ).

    **Arguments:** `particles`: Σw_kδ_{z_k}; `state`: Σw_k|ψ_k⟩⟨ψ_k| with the same weights, ‖ψ_k‖ = 1, on `grid`; for N bodies both
    have dimension N·d, the coordinates of body 1 first.

    **Raises:** `ValueError` for numbers of particles and orbitals, or dimensions, that differ.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 96)
    >>> cloud = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.0, -1.0])
    >>> state = jw.toeplitz_state(cloud, grid, 0.2)
    >>> round(float(jw.transport.packet_cost(cloud, state, grid, 0.2).cost), 9)  # ½dħ
    0.1
    """
    check_positive_scalar("hbar", hbar)
    require(isinstance(particles, Particles), "particles", "be Particles", particles)
    require(isinstance(state, MixedState), "state", "be a MixedState", state)
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_line(grid)
    d = grid.dimension
    check_shape("orbitals", state.orbitals, (particles.weights.shape[0], *grid.shape))
    require(particles.dimension == d, "particles", f"have dimension {d}", particles.dimension)

    def of_one(x, xi, psi):
        rho = jnp.abs(psi) ** 2 * grid.cell
        power = jnp.abs(fourier.fftn(psi)) ** 2 * (grid.cell / psi.size)
        here = sum(jnp.sum((a - q) ** 2 * rho) for a, q in zip(grid.mesh, x))
        there = sum(jnp.sum((hbar * k - p) ** 2 * power) for k, p in zip(grid.wavenumber_mesh, xi))
        return here, there

    A, B = jax.vmap(of_one)(particles.positions, particles.momenta, state.orbitals)
    return CouplingCost(particles.weights @ A, particles.weights @ B)


@broadcasting
def packet_rate(
    particles: Particles,
    state: MixedState,
    grid: Grid,
    hbar: Scalar,
    force: Any,
    field: Float[Array, " d *shape"],
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Re⟨u·P⟩ and Re⟨ΔF·P⟩, whose sum is 𝓔′ (Golse–Paul §4.3, final identity).

    **Arguments:** `force`: ∇V⋆ρ_f at the particles, (K, d); `field`: ∇V⋆ρ_R on the grid, (d, *shape); external potentials may be
    part of both.
    """

    def of_one(x, xi, psi, slope):
        spectrum = fourier.fftn(psi)
        moved = [
            p * psi - fourier.ifftn(hbar * k * spectrum) for k, p in zip(grid.wavenumber_mesh, xi)
        ]
        u = [q - a for a, q in zip(grid.mesh, x)]
        F = [field[i] - slope[i] for i in range(grid.dimension)]
        overlap = lambda a: sum(  # noqa: E731
            jnp.real(jnp.sum(jnp.conj(b * psi) * P)) for b, P in zip(a, moved)
        )
        return overlap(u) * grid.cell, overlap(F) * grid.cell

    first, second = jax.vmap(of_one)(
        particles.positions, particles.momenta, state.orbitals, jnp.asarray(force)
    )
    return particles.weights @ first, particles.weights @ second


@broadcasting
def moving_cost(
    coupling: Semiquantum, particles: Particles, state: MixedState, grid: Grid, hbar: Scalar
) -> CouplingCost:
    """A and B of an earlier coupling after both of its marginals have moved.

    **Arguments:** `coupling`: of particles with a `MixedState` on a grid, from `semiquantum`; `particles`, `state`: the same
    particles and orbitals later, in the same order.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 96)
    >>> p = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.0, 0.0])
    >>> R = jw.toeplitz_state(jw.Particles([1.0], [0.5], [0.0]), grid, 0.2)
    >>> start = jw.semiquantum(p, R, grid=grid, hbar=0.2)
    >>> cost = jw.transport.moving_cost(start, p, R, grid, 0.2).cost
    >>> bool(abs(cost - start.discrete.upper) < 1e-9)
    True
    """
    T = coupling.state.coefficients
    must = f"have the {T.shape[0]} orbitals of the coupling"
    require(state.orbitals.shape[0] == T.shape[0], "state", must, state.orbitals.shape[0])
    source = family(state, grid, hbar)
    centre = source.reachable(middle(particles))
    source = source.seen_from(centre)
    _, Z, _ = source.sandwich(T)
    Q, d = coupling.coupling, grid.dimension
    z = nodes_of(particles, centre).points
    second = squares(state, T, source.grid, hbar)
    R, trace = jnp.sum(Q, axis=0), jnp.real(jnp.trace(Q, axis1=1, axis2=2))

    def half(axes):
        points = z[:, axes]
        total = trace @ jnp.sum(points**2, axis=1) + sum(trace_product(R, second[i]) for i in axes)
        return total - 2 * sum(trace_product(jnp.tensordot(z[:, i], Q, 1), Z[i]) for i in axes)

    return CouplingCost(half(list(range(d))), half(list(range(d, 2 * d))))


def squares(state: MixedState, T: Array, grid: Grid, hbar: Scalar) -> list[Array]:
    """Matrices of ŷ_i² and p̂_i² between the vectors Σ_jT_jiφ_j."""
    vectors = jnp.tensordot(T.T, state.orbitals, 1)
    axes = tuple(range(1, grid.dimension + 1))
    spectrum = fourier.fftn(vectors, axes=axes) / jnp.sqrt(vectors[0].size)
    between = lambda v, a: jnp.einsum("i...,...,j...->ij", v.conj(), a, v) * grid.cell  # noqa: E731
    full = lambda a: jnp.broadcast_to(jnp.asarray(a), grid.shape)  # noqa: E731
    positions = [between(vectors, full(y**2)) for y in grid.mesh]
    momenta = [between(spectrum, full((hbar * k) ** 2)) for k in grid.wavenumber_mesh]
    return [*positions, *momenta]


class CarriedCoupling(eqx.Module):
    """A coupling over time: `times` (S + 1,), `costs`, and both marginals at the last time."""

    times: Float[Array, " s"]
    costs: CouplingCost
    particles: Particles
    state: MixedState


def carry(
    particles: Particles,
    state: MixedState,
    classical: System,
    quantum: System,
    *,
    grid: Grid,
    hbar: Scalar,
    duration: Scalar,
    steps: int | Array,
    saves: int = 8,
    coupling: Semiquantum | None = None,
    throw: bool = True,
) -> CarriedCoupling:
    """𝓔(t) of a coupling carried by both flows (Golse–Paul (13) for Vlasov and Hartree, (15) for N bodies).

    **Raises:** `ValueError` for a grid or an ħ other than those of `quantum`, and for under-resolved runs.

    **Arguments:** `particles`, `state`: the marginals; `classical`, `quantum`: the systems that move them; `coupling`: an optimal
    coupling from `semiquantum` of just these two, or None for the one that pairs the k-th particle with the k-th orbital;
    `saves`: S, at S + 1 equally spaced times; the rest as in `evolve`.

    >>> import jaxwigner as jw
    >>> grid, V = jw.Grid(-8.0, 8.0, 96), jw.potentials.Gaussian(1.0, 1.0)
    >>> cloud = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.5, 0.0])
    >>> state = jw.toeplitz_state(cloud, grid, 0.2)
    >>> run = jw.transport.carry(
    ...     cloud, state, jw.VlasovParticles(V), jw.Hartree(grid, V, 0.2),
    ...     grid=grid, hbar=0.2, duration=1.0, steps=40, saves=2)
    >>> bool(run.costs.cost[-1] > 0.1)  # ½dħ at first, never below it
    True
    """
    check_integer("saves", saves, at_least=1)
    require(isinstance(particles, Particles), "particles", "be Particles", particles)
    require(isinstance(state, MixedState), "state", "be a MixedState", state)
    _check_sides(particles, quantum, grid, hbar)
    options = {"duration": duration, "steps": steps, "saves": saves, "throw": throw}
    points = evolve(classical, particles, **options)
    vectors = evolve(quantum, state, **options)

    def cost(pair):
        if coupling is None:
            return packet_cost(pair[0], pair[1], grid, hbar)
        return moving_cost(coupling, pair[0], pair[1], grid, hbar)

    costs = jax.lax.map(cost, (points.observed, vectors.observed))
    return CarriedCoupling(points.times, costs, points.state, vectors.state)


def _check_sides(particles: Particles, quantum: System, grid: Grid, hbar: Scalar) -> None:
    """One dimension, one grid and one ħ on both sides."""
    d = particles.dimension
    require(grid.dimension == d, "grid", f"have the dimension of `particles` ({d})", grid.dimension)
    check_quantum(quantum, grid, hbar)


def check_quantum(quantum: System, grid: Grid, hbar: Scalar) -> None:
    """The grid and the ħ of a system, where it has any."""
    d = grid.dimension
    theirs, box = getattr(quantum, "hbar", hbar), getattr(quantum, "grid", grid)
    if concrete((theirs, hbar)):
        require(theirs == hbar, "hbar", f"be that of `quantum` ({float(theirs):g})", hbar)
    # N bodies live on powers of their grid.
    ends = len(box.lower)
    same = box.points * (d // ends) == grid.points
    if concrete((box, grid)):
        same = same and box.lower * (d // ends) == grid.lower
        same = same and box.upper * (d // ends) == grid.upper
    require(same, "grid", "be that of `quantum`, or its power for N bodies", grid.points)
