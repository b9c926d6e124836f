"""Observables of partial waves that AFG's estimates near the Coulomb singularity are about.

With T = −(ħ²/2m)Δ, U_s = C/|R|, κ = inf U_b (for m = ½, ħ²/2m is AFG's ε²):

    ‖(H − κ)ψ‖² = ‖(T + U_b − κ)ψ‖² + 2Re⟨Tψ, U_sψ⟩ + 2⟨(U_b − κ)ψ, U_sψ⟩ + ‖U_sψ‖²            four positive parts if C ≥ 0 (Lemma 5.1)
    2Re⟨Tψ, U_sψ⟩ = (ħ²/m)C ∫|∇ψ|²/|R| + 2π(ħ²/m)C |ψ(0)|²                                       (56)

In ψ = Σ(u_ℓm/r)Y_ℓm: |∇ψ|² is |u′ − u/r|² + ℓ(ℓ+1)|u|²/r², over r²; |ψ(0)|² = |u_00′(0)|²/4π, which is also the value of |u_00|²/r² at
r = 0. Where ψ(0) ≠ 0, rTψ → −(ħ²/2m)u_00″(0) and rU_sψ → Cu_00′(0) do not vanish there: quadratures of their squares and products,
hence K, have an end point, without which they are too small by O(1/n). (Nodes of Lobatto are then exact; a sine grid, whose Tψ is odd
and U_sψ even, is left with O(ħ²/n²).)
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import observables
from jaxwigner._aliases import old_names
from jaxwigner._checks import check_integer, require
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.potentials.combined import floor_of
from jaxwigner.quantum.partial_waves._spherical import solid_harmonics
from jaxwigner.quantum.partial_waves.radial_grid import last_axis
from jaxwigner.quantum.partial_waves.system import PartialWaves
from jaxwigner.states import as_complex

CUSPS = 4.0  # the largest |rTψ| at r = 0, in units of |rU_sψ|
Waves = Complex[Array, "*shape"]


def radial_density(u: Waves, system: PartialWaves) -> Float[Array, " r"]:
    """Σ_ℓm |u_ℓm(r)|², the density of the distance |R|.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> rho = jw.quantum.radial_observables.radial_density(u, system)
    >>> round(float(rho @ system.grid.weights), 8)
    1.0
    """
    rho = observables.square(u)
    return jnp.sum(rho.reshape(-1, rho.shape[-1]), axis=0)


def density_at_origin(u: Waves, system: PartialWaves) -> Float[Array, ""]:
    """|ψ(0)|², of the s-wave alone."""
    return observables.square(_at_origin(system.grid.slope(u)[1], system)) / (4 * np.pi)


def inverse_square(u: Waves, system: PartialWaves) -> Float[Array, ""]:
    """⟨1/|R|²⟩, with the end point r = 0 of the s-wave."""
    grid = system.grid
    end = 4 * np.pi * density_at_origin(u, system) * grid.end_weight
    return radial_density(u, system) @ (grid.weights / grid.radii**2) + end


def coulomb_square(u: Waves, system: PartialWaves) -> Float[Array, ""]:
    """‖U_sψ‖² = C²⟨1/|R|²⟩, the left side of AFG Lemma 5.1.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> round(float(jw.quantum.radial_observables.coulomb_square(u, system)), 6)
    0.064674
    """
    return system.charge**2 * inverse_square(u, system)


def force_moment(u: Waves, system: PartialWaves) -> Float[Array, ""]:
    """∫|∇U_s||ψ|² dR = |C|⟨1/|R|²⟩ (AFG (28))."""
    return jnp.abs(system.charge) * inverse_square(u, system)


def mean_energies(u: Waves, system: PartialWaves) -> tuple[Array, Array, Array]:
    """⟨T⟩, ⟨U_s⟩ and ⟨U_b⟩."""
    grid, rho = system.grid, radial_density(u, system)
    kinetic = jnp.sum(jnp.real(jnp.conj(u) * kinetic_part(u, system)) * last_axis(grid.weights, u))
    singular = system.charge * (rho @ (grid.weights / grid.radii))
    return kinetic, singular, rho @ (grid.weights * system.bounded)


def kinetic_part(u: Waves, system: PartialWaves) -> Waves:
    """Tψ as partial waves."""
    return system.inertia * system.grid.curvature(u) + system.per_wave(system.centrifugal) * u


def lower_bound(system: PartialWaves) -> Scalar:
    """κ = inf U_b.

    **Raises:** `ValueError` where U_b does not know it.
    """
    return floor_of(system.potential)


def hamiltonian_square(u: Waves, system: PartialWaves, shift: Scalar = 0.0) -> Float[Array, ""]:
    """‖(H − shift)ψ‖²; with shift = κ the right side K of AFG Lemma 5.1.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> round(float(jw.quantum.radial_observables.hamiltonian_square(u, system)), 4)
    3.2365
    """
    values = (system.charge / system.grid.radii + system.bounded) - shift
    image = kinetic_part(u, system) + last_axis(values, u) * u
    return _integral(observables.square(image), system) + end_square(u, system)


def end_square(u: Waves, system: PartialWaves) -> Float[Array, ""]:
    """What the end point r = 0 adds to ‖(H − shift)ψ‖²: nothing at a cusp, where kinetic and Coulomb energy cancel.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 255), charge=1.0, hbar=0.1, waves=1)
    >>> u = jw.packet_waves(system, position=0.0, momentum=0.0, alpha=0.0)
    >>> f"{float(jw.quantum.radial_observables.end_square(u, system)):.4f}"
    '0.0353'
    """
    kinetic, singular = _ends(u, system)
    return observables.square(kinetic + singular) * system.grid.end_weight


def cross_term(u: Waves, system: PartialWaves) -> Float[Array, ""]:
    """2Re⟨Tψ, U_sψ⟩, the left side of AFG (56) (U_s scalar)."""
    product = jnp.real(jnp.conj(kinetic_part(u, system)) * u)
    kinetic, singular = _ends(u, system)
    end = 2 * jnp.real(jnp.conj(kinetic) * singular) * system.grid.end_weight
    return 2 * system.charge * _integral(product / last_axis(system.grid.radii, u), system) + end


def gradient_term(u: Waves, system: PartialWaves) -> tuple[Array, Array]:
    """(ħ²/m)C∫|∇ψ|²/|R| and 2π(ħ²/m)C|ψ(0)|², whose sum is the right side of AFG (56)."""
    r = last_axis(system.grid.radii, u)
    slopes, _ = system.grid.slope(u)
    angular = system.per_wave((system.degrees * (system.degrees + 1))[:, None])
    gradient = observables.square(slopes - u / r) + angular * observables.square(u) / r**2
    factor = 2 * system.inertia * system.charge
    return (
        factor * _integral(gradient / r, system),
        2 * np.pi * factor * density_at_origin(u, system),
    )


def positive_parts(u: Waves, system: PartialWaves) -> dict[str, Array]:
    """The four parts of ‖(H − κ)ψ‖² of AFG Lemma 5.1: `bounded`, `cross`, `mixed`, `singular`; all ≥ 0 for C ≥ 0.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> parts = jw.quantum.radial_observables.positive_parts(u, system)
    >>> [round(float(part), 4) for part in parts.values()]
    [2.4844, 0.6875, 0.0, 0.0647]
    """
    excess = system.bounded - lower_bound(system)
    weight = system.grid.weights * excess / system.grid.radii
    smooth = kinetic_part(u, system) + last_axis(excess, u) * u
    end = observables.square(_ends(u, system)[0]) * system.grid.end_weight
    return {
        "bounded": _integral(observables.square(smooth), system) + end,
        "cross": cross_term(u, system),
        "mixed": 2 * system.charge * (radial_density(u, system) @ weight),
        "singular": coulomb_square(u, system),
    }


def inner_mass(
    u: Waves, system: PartialWaves, radius: Scalar, *, nodes: int | None = None
) -> Float[Array, ""]:
    """∫_{|R|<radius}|ψ|², by Gauss–Legendre nodes between 0 and the radius, where u is given by its own series.

    **Arguments:** `radius` ≤ L, may be traced; `nodes`: their number, by default half the points of the grid and 16.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> round(float(jw.quantum.radial_observables.inner_mass(u, system, 6.0)), 8)
    1.0
    """
    count = system.grid.points // 2 + 16 if nodes is None else nodes
    check_integer("nodes", count, at_least=1)
    x, w = np.polynomial.legendre.leggauss(count)
    radii = 0.5 * radius * (1 + jnp.asarray(x))
    inside = radial_density(system.grid.interpolate(u, radii), system)
    return 0.5 * radius * (inside @ jnp.asarray(w))


def outer_mass(u: Waves, system: PartialWaves, radius: Scalar) -> Float[Array, ""]:
    """∫_{|R|>radius}|ψ|² (AFG Lemma 3.3)."""
    norm = radial_density(u, system) @ system.grid.weights
    return jnp.maximum(norm - inner_mass(u, system, radius), 0.0)


def wave_function(
    u: Waves, system: PartialWaves, points: Float[Array, "k 3"]
) -> Complex[Array, " k"]:
    """ψ = Σ(u_ℓm/r)Y_ℓm at points R ≠ 0 of space.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> psi = jw.quantum.radial_observables.wave_function(u, system, jnp.array([[0.0, 0.0, 2.0]]))
    >>> round(float(abs(psi[0])) / (jnp.pi * 0.25) ** -0.75, 5)
    1.0
    """
    radii = jnp.sqrt(jnp.sum(points**2, axis=1))
    angles = points / radii[:, None]
    values = system.grid.interpolate(u, radii)
    directions = tuple(angles.T)
    harmonics = solid_harmonics(directions, max(system.chosen) + 1, system.orders)[system.degrees]
    harmonics = jnp.conj(harmonics)  # Ȳ_ℓm of a real direction to Y_ℓm
    harmonics = harmonics if system.orders else harmonics[:, 0]
    return jnp.sum((values * harmonics).reshape(-1, radii.shape[0]), axis=0) / radii


def angular_density(
    u: Waves, system: PartialWaves, cosines: Float[Array, " k"]
) -> Float[Array, " k"]:
    """∫|ψ|² r² dr as a density over the sphere, at angles to ẑ with these cosines, of an axially symmetric state.

    At late times it is the differential cross section of what the packet holds, per solid angle.

    >>> import numpy as np, jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> x, w = np.polynomial.legendre.leggauss(48)
    >>> round(float(2 * np.pi * w @ jw.quantum.radial_observables.angular_density(u, system, x)), 8)
    1.0
    """
    require(system.orders == 0, "system", "be axially symmetric (`orders` = 0)", system.orders)
    x = jnp.asarray(cosines)
    sine = jnp.sqrt(jnp.maximum(1 - x**2, 0.0))
    harmonics = solid_harmonics((sine, 0 * x, x), max(system.chosen) + 1, 0)[system.degrees, 0]
    values = harmonics.T @ as_complex(u)
    return observables.square(values) @ system.grid.weights


def first_order_mass(u: Waves, system: PartialWaves, tau: Scalar) -> Float[Array, ""]:
    """(4π/3)|ψ(0)|²(C|τ|/ħ)³: the mass at |R| < C|τ|/ħ, where a kick over τ turns the phase of the s-wave by more than 1.

    There e^{−iCτ/ħr} oscillates faster than ψ does, and the error of a splitting, about the root of this mass, falls with the first
    power of τ whatever its method. It is nothing where repulsion keeps ψ away from R = 0 (|ψ(0)|² ~ e^{−2πη}); for data on the
    singular set it asks for τ ≤ ħr₁/C, r₁ the first point, or for `evolve_exactly`, which has no step.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 255), charge=1.0, hbar=0.1, waves=1)
    >>> u = jw.packet_waves(system, position=0.0, momentum=0.0, alpha=0.0)
    >>> [f"{float(jw.quantum.radial_observables.first_order_mass(u, system, 0.5 / n)):.0e}" for n in (50, 200)]
    ['8e-04', '1e-05']
    """
    radius = jnp.abs(system.charge * tau) / system.hbar
    return (4 * np.pi / 3) * density_at_origin(u, system) * radius**3


def _at_origin(ends: Array, system: PartialWaves) -> Array:
    """Of values at r = 0 of every wave, that of the s-wave."""
    ends = ends[:, system.orders] if system.orders else ends
    return jnp.sum(jnp.where(system.degrees == 0, ends, 0.0))


def _ends(u: Waves, system: PartialWaves) -> tuple[Array, Array]:
    """rTψ and rU_sψ of the s-wave at r = 0: −(ħ²/2m)u″(0) and Cu′(0); those of the others vanish.

    Smooth data have 0 for the first, Kato's cusp u″(0) = (2mC/ħ²)u′(0) minus the second. u″(0) of a polynomial of degree n amplifies
    what rounding and coarse grids leave by n⁴, u′(0) by n²: the first is cut to `CUSPS` times the second.
    """
    bend = system.inertia * _at_origin(system.grid.end_curvature(u), system)
    singular = system.charge * _at_origin(system.grid.slope(u)[1], system)
    square, most = observables.square(bend), CUSPS**2 * observables.square(singular)
    beyond = square > most
    return jnp.where(beyond, most / jnp.where(beyond, square, 1.0), 1.0) * bend, singular


def _integral(values: Float[Array, "*shape"], system: PartialWaves) -> Float[Array, ""]:
    """Σ_ℓm ∫ values dr."""
    return observables.total(values * last_axis(system.grid.weights, values))


__getattr__ = old_names(__name__)
