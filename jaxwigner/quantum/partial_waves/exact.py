"""The exact reference for partial waves: diagonalisation for each ℓ on Gauss–Lobatto–Legendre nodes.

    H_ℓ = −(ħ²/2m)∂_r² + (ħ²/2m)ℓ(ℓ+1)/r² + C/r + U_b,   u(t) = Σ_n e^{−iE_nt/ħ} ⟨n|u⟩ |n⟩

No time step, and exponential accuracy at r = 0 whatever C/ħ: for weak coupling, long times, and attraction (the negative control). The
cost is that of a dense eigenproblem for each ℓ.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._checks import check_finite, require
from jaxwigner._types import Array
from jaxwigner.quantum.partial_waves.radial_grid import last_axis, times_real
from jaxwigner.quantum.partial_waves.system import PartialWaves


def eigenvalues(system: PartialWaves) -> Float[Array, "l n"]:
    """The eigenvalues of H_ℓ in the box, increasing, for each ℓ of the system.

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum.partial_waves import exact as exact_waves
    >>> grid = jw.RadialGrid(60.0, 63, "lobatto")
    >>> hydrogen = jw.PartialWaves(grid, charge=-1.0, hbar=1.0, waves=2, mass=1.0)
    >>> [round(float(E), 9) for E in exact_waves.eigenvalues(hydrogen)[:, 0]]  # −1/2, −1/8
    [-0.5, -0.125]
    """
    _check_grid(system)
    return jax.lax.map(lambda values: jnp.linalg.eigvalsh(_matrix(system, values)), system.values)


def evolve_exactly(system: PartialWaves, state: Any, times: Any) -> Complex[Array, " time *shape"]:
    """e^{−iHt/ħ} applied to a state, at several times; differentiable in all that the eigenproblem depends on.

    **Arguments:** `system`: on a `RadialGrid` of kind "lobatto"; `state`: of `system.shape`; `times`: a sequence of T times.

    **Returns:** the states, (T, *shape); one ℓ is solved after another.

    **Raises:** `ValueError` for a grid of another kind, a state of another shape, times that are not numbers.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum.partial_waves.exact import evolve_exactly
    >>> grid = jw.RadialGrid(6.0, 95, "lobatto")
    >>> system = jw.PartialWaves(grid, charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> states = evolve_exactly(system, u, [0.0, 0.5])
    >>> bool(jnp.max(abs(states[0] - u)) < 1e-11)
    True
    """
    _check_grid(system)
    check_finite("times", times)
    times = jnp.asarray(times, float)
    require(times.ndim == 1, "times", "be a list of times", times)
    return diagonalised_evolution(system, system.enter(state), times)


def diagonalised_evolution(system: PartialWaves, state: Array, times: Array) -> Array:
    """e^{−iHt/ħ} of the discretised H without a time step, on either kind of grid: (T, *shape).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum.partial_waves.exact import diagonalised_evolution
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> later = diagonalised_evolution(system, u, jnp.array([0.5]))
    >>> split = jw.evolve(system, u, duration=0.5, steps=256).state
    >>> bool(jnp.max(abs(later[0] - split)) < 1e-5)
    True
    """
    root = jnp.sqrt(system.grid.weights)

    def one_wave(arguments):
        values, u = arguments
        levels, vectors = jnp.linalg.eigh(_matrix(system, values))
        amplitudes = times_real(u * last_axis(root, u), vectors)
        phases = jnp.exp((-1j / system.hbar) * times[:, None] * levels[None, :])
        # (time, n) or (time, m, n)
        phases = phases.reshape(phases.shape[:1] + (1,) * (u.ndim - 1) + phases.shape[1:])
        later = times_real(phases * amplitudes[None], vectors.T)
        return later / last_axis(root, later)

    return jnp.moveaxis(jax.lax.map(one_wave, (system.values, state)), 0, 1)


def _matrix(system: PartialWaves, values: Array) -> Array:
    return system.inertia * system.grid.kinetic_matrix + jnp.diag(values)


def _check_grid(system: Any) -> None:
    require(isinstance(system, PartialWaves), "system", "be PartialWaves", system)
    kind = system.grid.kind
    require(kind == "lobatto", "grid", "be of kind 'lobatto' for exact evolution", kind)
