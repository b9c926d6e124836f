"""Initial data of Ambrosio–Friesecke–Giannoulis §1: energies and spreads of wave packets over their exponent α.

For ψ = ħ^{−αd/2} e^{ip·x/ħ} φ((x − q)/ħ^α) with the Gaussian φ = π^{−d/4}e^{−|u|²/2} the hypothesis ‖H_ħψ‖ ≤ c of Theorem 1.1 holds
for α ≤ 1 and q off the Coulomb singularities (or α = 0).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Num

from jaxwigner import observables
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid, Scalar, phase_grid
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import wigner
from jaxwigner.potentials import as_potential
from jaxwigner.theorems.afg.wigner_equation import _hamiltonian
from jaxwigner.theorems.errors import resolution_error

Psi = Num[Array, "*shape"]  # real wave functions are welcome


def initial_kinetic(
    psi: Psi, grid: Grid, hbar: Scalar, *, momentum: Scalar, alpha: Scalar
) -> Inequality:
    """‖−(ħ²/2)Δψ‖² = ¼[(|p|² + dv)² + 4v|p|² + 2dv²], v = ½ħ^{2−2α}, for a Gaussian packet: bounded in ħ iff α ≤ 1.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 128)
    >>> psi = jw.wave_packet(grid, 0.0, 1.0, 0.25, alpha=0.75)
    >>> jw.theorems.initial_data.initial_kinetic(psi, grid, 0.25, momentum=1.0, alpha=0.75).verdict
    'holds'
    """
    d = grid.dimension
    power = observables.spectral_weights(psi, grid)
    squares = sum(k**2 for k in grid.wavenumber_mesh)
    value = jnp.sum((0.5 * hbar**2 * squares) ** 2 * power)
    v, p2 = 0.5 * hbar ** (2 - 2 * alpha), momentum**2
    closed = 0.25 * ((p2 + d * v) ** 2 + 4 * v * p2 + 2 * d * v**2)
    error = resolution_error(psi, grid) * closed
    return Inequality(
        "AFG §1, initial data",
        "‖−(ħ²/2)Δψ₀‖² = ¼[(|p|²+dv)²+4v|p|²+2dv²], v = ½ħ^{2−2α}",
        Bracket.estimated(value, error),
        closed,
        kind="identity",
        width=1e-4 * closed,
        parameters={"hbar": hbar, "alpha": alpha},
    )


def initial_energy_bound(
    psi: Psi, potential: Any, grid: Grid, hbar: Scalar, *, momentum: Scalar, alpha: Scalar
) -> Inequality:
    """‖H_ħψ₀‖ ≤ c without ħ, the hypothesis of Theorem 1.1: c = ½|p|² + |p|‖∇φ‖ + ½‖Δφ‖ + sup|U|, valid for α ≤ 1 and ħ ≤ 1.

    ‖∇φ‖² = d/2 and ‖Δφ‖² = (d² + 2d)/4 for the Gaussian φ.

    **Arguments:** `potential`: a `Potential` that knows its bounds; α > 1 is a negative control.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 128)
    >>> psi = jw.wave_packet(grid, 0.0, 1.0, 0.25, alpha=0.75)
    >>> U = jw.potentials.Torsion(0.5)
    >>> jw.theorems.initial_data.initial_energy_bound(psi, U, grid, 0.25, momentum=1.0, alpha=0.75).verdict
    'holds'
    """
    potential, d = as_potential(potential), grid.dimension
    value = jnp.sqrt(observables.norm(_hamiltonian(psi, potential, grid, hbar), grid))
    highest = jnp.maximum(abs(potential.lower_bound), abs(potential.upper_bound))
    p = jnp.abs(momentum)
    bound = 0.5 * p**2 + p * np.sqrt(d / 2) + 0.25 * np.sqrt(d**2 + 2 * d) + highest
    error = resolution_error(psi, grid) * (value + bound)
    return Inequality(
        "AFG §1, initial data",
        "‖H_ħψ₀‖ ≤ ½|p|² + |p|‖∇φ‖ + ½‖Δφ‖ + sup|U|, α ≤ 1",
        Bracket.estimated(value, error),
        bound,
        width=1e-6 * bound,
        parameters={"hbar": hbar, "alpha": alpha},
    )


def initial_covariance(psi: Psi, grid: Grid, hbar: Scalar, *, alpha: Scalar) -> Inequality:
    """Cov_x = ½ħ^{2α} and Cov_p = ½ħ^{2−2α} of W (d = 1): both as one identity of the two ratios to these values.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 128)
    >>> psi = jw.wave_packet(grid, 0.0, 1.0, 0.25, alpha=0.75)
    >>> jw.theorems.initial_data.initial_covariance(psi, grid, 0.25, alpha=0.75).verdict
    'holds'
    """
    phase = phase_grid(grid, hbar)
    _, covariance = observables.phase_moments(wigner(psi, grid, phase, hbar), phase)
    closed = jnp.stack([0.5 * hbar ** (2 * alpha), 0.5 * hbar ** (2 - 2 * alpha)])
    ratios = jnp.diagonal(covariance) / closed
    return Inequality(
        "AFG §1, initial data",
        "Cov_x W = ½ħ^{2α}, Cov_p W = ½ħ^{2−2α} (as ratios)",
        Bracket.estimated(ratios, 1e3 * resolution_error(psi, grid)),
        1.0,
        kind="identity",
        width=1e-4,
        parameters={"hbar": hbar, "alpha": alpha},
    )


def coulomb_start(hbars: Array, distance: Scalar, *, alpha: Scalar, points: int = 4000) -> Array:
    """‖R⁻¹ψ₀‖ in three dimensions, for Gaussian packets of width ħ^α centred at `distance` from the singularity of 1/R.

    From the radial density r e^{…}: for distance R₀ and variance σ² = ½ħ^{2α} it is r(e^{−(r−R₀)²/2σ²} − e^{−(r+R₀)²/2σ²})/(R₀σ√2π).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> round(float(jw.theorems.initial_data.coulomb_start(jnp.array([1.0]), 0.0, alpha=0.5)[0]), 6)  # √2
    1.414214
    """

    def size(hbar):
        sigma = hbar**alpha / np.sqrt(2.0)
        step = (distance + 9 * sigma) / points
        r = step * (np.arange(points) + 0.5)
        x = r * distance / sigma**2
        # 2 sinh(x) e^{…}/x, finite at R₀ = 0; the factor r of the density has been divided by r².
        ratio = jnp.where(x > 1e-8, -jnp.expm1(-2 * x) / jnp.where(x > 1e-8, x, 1.0), 2.0)
        density = ratio * jnp.exp(-((r - distance) ** 2) / (2 * sigma**2))
        return jnp.sqrt(jnp.sum(density) * step / (np.sqrt(2 * np.pi) * sigma**3))

    return jax.vmap(size)(jnp.asarray(hbars))
