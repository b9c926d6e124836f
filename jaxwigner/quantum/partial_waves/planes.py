"""Planes of phase space for partial waves: reduced states of r and of z, whose Wigner and Husimi functions `phase_space` gives.

    (r, p_r)   R_r = Σ_ℓm |u_ℓm⟩⟨u_ℓm| on the line, u_ℓm = 0 for r ≤ 0;  one ℓ alone: that of `system.on(waves=[ℓ])`
    (z, p_z)   R_z(z, z′) = ∫∫ψ(x, y, z)ψ*(x, y, z′) dx dy, in cylindrical coordinates: Gauss's rule in ϱ, the trapezoidal one in φ

The Wigner function of a reduced state is the marginal of that on R⁶; both are `MixedState`s, one orbital for each ℓm or each (ϱ, φ).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex

from jaxwigner._checks import check_integer, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.quantum.partial_waves.observables import wave_function
from jaxwigner.quantum.partial_waves.system import PartialWaves
from jaxwigner.states import MixedState

CHUNK = 16  # orbitals that are evaluated together


def radial_state(
    u: Complex[Array, "*shape"], system: PartialWaves, grid: Grid | None = None
) -> tuple[MixedState, Grid]:
    """The reduced state of the distance, and the grid of the whole line (−L, L) that it lives on.

    **Arguments:** `u`: a state of `system`, on a grid of kind "sine" (on Lobatto nodes with a `grid` of one's own).

    **Returns:** a `MixedState` with an orbital for each (ℓ, m), of mass ‖u_ℓm‖², and its `Grid`.

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum.partial_waves.planes import radial_state
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> state, line = radial_state(u, system)
    >>> plane = jw.phase_grid(line, 0.25)
    >>> W = jw.wigner(state, line, plane, 0.25)
    >>> (r,), (p,) = plane.mesh
    >>> [round(float((W * a).sum() * plane.cell), 2) for a in (1.0, r, p)]  # 1, ⟨r⟩, ⟨p_r⟩
    [1.0, 2.06, -0.97]
    """
    u = system.enter(u)
    waves = u.reshape(-1, u.shape[-1])
    radii = system.grid
    if grid is None:
        require(radii.kind == "sine", "grid", "be given, for a state on Lobatto nodes", None)
        zeros = jnp.zeros((waves.shape[0], radii.points + 2), waves.dtype)
        orbitals = jnp.concatenate([zeros, waves], axis=1)
        grid = Grid(-radii.length, radii.length, 2 * (radii.points + 1))
    else:
        require(
            isinstance(grid, Grid) and grid.dimension == 1, "grid", "be a Grid of the line", grid
        )
        r = jnp.asarray(grid.axes[0])
        inside = (r > 0) & (r < radii.length)
        values = radii.interpolate(waves, jnp.where(inside, r, 0.5 * radii.length))
        orbitals = jnp.where(inside[None], values, 0.0)
    return MixedState(jnp.ones(waves.shape[0]), orbitals), grid


def axis_state(
    u: Complex[Array, "*shape"], system: PartialWaves, grid: Grid, *, reach: Scalar, nodes: int = 32
) -> MixedState:
    """The reduced state of the component z of R on a grid of the line.

    **Arguments:** `u`: a state of `system`; `grid`: of z, inside (−L, L); `reach`: the distance ϱ from the axis that holds the state
    (√(reach² + z²) < L); `nodes`: of Gauss's rule in ϱ.

    **Returns:** a `MixedState`, one orbital for each node (and each of 2·`orders` + 2 angles where the state depends on φ).

    **Raises:** `ValueError` for a grid or a reach that leaves the box.

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum.partial_waves.planes import axis_state
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> line = jw.Grid(-1.0, 5.0, 48)
    >>> plane = jw.phase_grid(line, 0.25)
    >>> W = jw.wigner(axis_state(u, system, line, reach=2.5), line, plane, 0.25)
    >>> (z,), (p,) = plane.mesh
    >>> [round(float((W * a).sum() * plane.cell), 3) for a in (1.0, z, p)]
    [1.0, 2.0, -1.0]
    """
    require(isinstance(grid, Grid) and grid.dimension == 1, "grid", "be a Grid of the line", grid)
    check_positive_scalar("reach", reach)
    check_integer("nodes", nodes, at_least=2)
    u = system.enter(u)
    if concrete((grid, reach, system.grid.length)):
        far = max(abs(float(grid.lower[0])), abs(float(grid.upper[0])))
        length = float(system.grid.length)
        require(far**2 + float(reach) ** 2 < length**2, "reach", "end inside the box", reach)
    x, w = np.polynomial.legendre.leggauss(nodes)
    rho, weights = 0.5 * reach * (1 + x), 0.5 * reach * w
    angles = np.linspace(0, 2 * np.pi, 2 * system.orders + 2 if system.orders else 1, False)
    rho, phi = (m.ravel() for m in jnp.meshgrid(rho, jnp.asarray(angles), indexing="ij"))
    z = jnp.asarray(grid.axes[0])

    def orbital(place):
        across, angle = place
        ones = jnp.ones_like(z)
        points = [across * jnp.cos(angle) * ones, across * jnp.sin(angle) * ones, z]
        return wave_function(u, system, jnp.stack(points, axis=1))

    orbitals = jax.lax.map(orbital, (rho, phi), batch_size=CHUNK)
    measure = jnp.repeat(jnp.asarray(weights), len(angles)) * rho * (2 * np.pi / len(angles))
    return MixedState(measure, orbitals)
