"""A fixed packet (α = 0) about the singular set S = {R = 0}: Lemma 5.1 is attained at t = 0, and the packet explodes from rest.

With ψ₀ = (πs²)^{−3/4}e^{−|R|²/2s²}, κ = ħ²/2m (AFG's ε² for two nuclei of mass 1) and U_b = 0, from ⟨|R|⁻²⟩ = 2/s², (56) and ⟨|P|⁴⟩:

    ‖U_sψ₀‖² = 2C²/s²,   K = 2C²/s² + 8κC/(√π s³) + 15κ²/(4s⁴),   1 − ‖U_sψ₀‖²/K → 8κ/(2√π Cs) as ħ → 0

and K = ‖U_sφ‖² + O(ħ²) for every fixed φ: all such data use up Lemma 5.1 at once. As ħ → 0 the packet is the ensemble |ψ₀|²⊗δ_{P=0},
each of whose points leaves along its radius, so that for r(0) = r₀, r′(0) = 0

    ∫|U_s|²dW(t) = ∫₀^∞ C²/r(t; r₀)² · 4r₀²e^{−r₀²/s²}/(√π s³) dr₀,      quantum − classical = O(ħ²)
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical.kepler import kepler_motion
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.quantum import PartialWaves, RadialGrid
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.partial_waves.exact import diagonalised_evolution
from jaxwigner.quantum.partial_waves.packets import gaussian_waves

NODES = 96  # of the radial quadrature of the ensemble
REACH = 7.0  # in units of the width: |ψ₀|² is e^{−49} there
REST = (0.0, 0.0, 0.0)


def closed_sides(system: PartialWaves, width: Scalar) -> tuple[Scalar, Scalar]:
    """‖U_sψ₀‖² and K = ‖Hψ₀‖² of the fixed packet, in closed form (see the head of the module); U_b is left out.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp.from_rest import closed_sides
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 63, "lobatto"), 1.0, 0.1, waves=1)
    >>> square, constant = closed_sides(system, 1.0)
    >>> round(float(square / constant), 8)
    0.97775119
    """
    kappa, C = system.inertia, system.charge
    square = 2 * C**2 / width**2
    cross = 8 * kappa * C / (np.sqrt(np.pi) * width**3)
    return square, square + cross + 15 * kappa**2 / (4 * width**4)


def start(system: PartialWaves, width: Scalar) -> tuple[Inequality, Bracket]:
    """‖U_sψ₀‖²/K on the grid of a system against its closed form (AFG Lemma 5.1 at t = 0, beyond the paper), and 1 − ‖U_sψ₀‖²/K.

    The error is the distance to a coarser grid that is shorter too.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp import from_rest
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 63, "lobatto"), 1.0, 0.1, waves=1)
    >>> claim, left = from_rest.start(system, 1.0)
    >>> claim.verdict, claim.with_constant(0.99).verdict, round(float(left.centre), 5)
    ('holds', 'violated', 0.02225)
    """
    _check_about_the_set(system)

    def share(one: PartialWaves) -> Array:
        u = gaussian_waves(one, REST, REST, width)
        return radial.coulomb_square(u, one) / radial.hamiltonian_square(u, one)

    fine, coarse = share(system), share(_thinner(system, 0.9))
    found = Bracket.estimated(fine, jnp.abs(fine - coarse) + 1e-12)
    square, constant = closed_sides(system, width)
    words = "AFG Lemma 5.1, α = 0", "‖U_sψ₀‖²/K = 1/(1 + 8κ/(2√π Cs) + 15κ²/(8C²s²)), κ = ħ²/2m"
    options = {"kind": "identity", "width": 1e-6, "parameters": {"hbar": system.hbar}}
    return Inequality(*words, found, square / constant, **options), 1.0 - found


def quantum_square(
    system: PartialWaves, width: Scalar, times: Float[Array, " t"]
) -> tuple[Array, Array]:
    """‖U_sΨ(t)‖² of the fixed packet without a time step, and its distance to a coarser grid that is shorter too, (t,) each.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp import from_rest
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 255), 1.0, 0.1, waves=1)
    >>> value, error = from_rest.quantum_square(system, 1.0, jnp.array([0.1]))
    >>> round(float(value[0]), 3), bool(error[0] < 2e-4)
    (1.33, True)
    """
    _check_about_the_set(system)

    def squares(one: PartialWaves) -> Array:
        states = diagonalised_evolution(one, gaussian_waves(one, REST, REST, width), times)
        return jnp.stack([radial.coulomb_square(states[k], one) for k in range(times.shape[0])])

    fine, coarse = squares(system), squares(_thinner(system, 0.85))
    return fine, jnp.abs(fine - coarse)


def classical_square(
    charge: Scalar, width: Scalar, times: Float[Array, " t"], *, mass: Scalar = 0.5
) -> Float[Array, " t"]:
    """∫|U_s|²dW(t) of the ensemble |ψ₀|²⊗δ_{P=0} under repulsion, by Gauss–Legendre nodes in √r₀ and Kepler's motion, (t,).

    **Raises:** `ValueError` for C ≤ 0.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.afg.sharp.from_rest import classical_square
    >>> [round(float(value), 8) for value in classical_square(1.0, 1.0, jnp.array([0.1, 0.5, 1.0]))]
    [1.31724049, 0.54990977, 0.25903634]
    """
    check_positive_scalar("charge", charge)
    x, w = np.polynomial.legendre.leggauss(NODES)
    roots = 0.5 * np.sqrt(REACH) * (1 + x)  # of r₀/s: r(t)² ~ 1/r₀ makes half-integer powers
    weights = np.sqrt(REACH) * w * roots * 4 / np.sqrt(np.pi) * roots**4 * np.exp(-(roots**4))

    def distance(r: Scalar, t: Scalar) -> Array:
        away = jnp.array([0.0, 0.0, 1.0])
        return kepler_motion(r * away, 0.0 * away, charge / mass, t)[0][2]

    reached = jax.vmap(lambda t: jax.vmap(lambda r: distance(r, t))(width * roots**2))(times)
    return charge**2 * (reached**-2.0 @ jnp.asarray(weights))


def explosion_gap(
    system: PartialWaves, width: Scalar, times: Any, *, mass: Scalar | None = None
) -> Float[Array, " t"]:
    """|‖U_sΨ(t)‖² − ∫|U_s|²dW(t)|, which is O(ħ²) (AFG Theorem 1.1 (iii), the rate is beyond the paper); NaN where under-resolved.

    **Arguments:** `mass`: of the ensemble, by default that of the system; another one is a negative control.

    **Raises:** `ValueError` for C ≤ 0, for a U_b, for a system without the s-wave.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.afg.sharp import from_rest
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 255), 1.0, 0.2, waves=1)
    >>> gaps = from_rest.explosion_gap(system, 1.0, jnp.array([0.1, 0.5]))
    >>> [round(float(gap) / 0.2**2, 1) for gap in gaps]
    [1.3, 0.7]
    """
    times = jnp.asarray(times, float)
    quantum, error = quantum_square(system, width, times)
    mass = system.mass if mass is None else mass
    gap = jnp.abs(quantum - classical_square(system.charge, width, times, mass=mass))
    return jnp.where(error < RESOLVED * gap, gap, jnp.nan)


RESOLVED = 0.1  # share of a gap that its error may be


def _check_about_the_set(system: PartialWaves) -> None:
    require(isinstance(system, PartialWaves), "system", "be PartialWaves", system)
    require(
        0 in system.chosen, "waves", "have ℓ = 0: a packet about R = 0 has no other", system.chosen
    )
    bounded = system.bounded
    if concrete(bounded):
        must = "be absent: the closed forms are those of U_s alone"
        require(not np.any(np.asarray(bounded)), "potential", must, system.potential)


def _thinner(system: PartialWaves, share: float) -> PartialWaves:
    """The system on this share of its length, with three quarters of the points in each part of it."""
    grid = system.grid
    points = max(int(0.75 * share * grid.points), 2)
    return system.on(RadialGrid(share * grid.length, points, grid.kind))
