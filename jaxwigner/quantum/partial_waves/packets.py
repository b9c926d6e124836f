"""Gaussian packets in R³ as partial waves, in closed form.

e^{−|R−R₀|²/2s² + iP₀·R/ħ} = e^{−(r²+R₀²)/2s²} e^{κ·R},  κ = R₀/s² + iP₀/ħ;   e^{κ·R} in spherical waves: see `_spherical`
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex

from jaxwigner import observables
from jaxwigner._checks import check_scalar, concrete, entries, per_axis, require
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.grid import Scalar
from jaxwigner.observables.diagnostics import EDGE
from jaxwigner.quantum.partial_waves._spherical import scaled_waves, solid_harmonics
from jaxwigner.quantum.partial_waves.system import PartialWaves
from jaxwigner.states import as_complex


def packet_waves(
    system: PartialWaves,
    position: Any,
    momentum: Any,
    *,
    alpha: Scalar = 0.5,
    tolerance: float = 1e-6,
) -> Complex[Array, "*shape"]:
    """Partial waves of AFG's Gaussian packet (πs²)^{−3/4} e^{−|R−R₀|²/2s² + iP₀·R/ħ}, s = ħ^α, with ħ their ε.

    The hypothesis ‖H_ħΨ₀‖ ≤ c of Theorem 1.1 asks for 0 ≤ α ≤ 1, and for R₀ off the singular set unless α = 0.

    **Arguments:** `position`, `momentum`: R₀ and P₀, vectors of R³ or numbers, which stand for (0, 0, number); those off the axis ẑ
    need a system with `orders` > 0 (fewest when ẑ ∥ R₀). `tolerance`: the largest part of the packet that may be missing.

    **Returns:** u of `system.shape`, from the closed form (no quadrature), differentiable in everything.

    **Raises:** `ValueError` for α or R₀ outside the hypothesis, and where waves, orders or the grid do not hold the packet.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> round(float((abs(u) ** 2 @ system.grid.weights).sum()), 8)
    1.0
    """
    require(isinstance(system, PartialWaves), "system", "be PartialWaves", system)
    position, momentum = (
        as_vector(name, value) for name, value in (("position", position), ("momentum", momentum))
    )
    _check_hypothesis(alpha, position)
    if system.orders == 0 and concrete((position, momentum)):
        off_axis = any(float(part) != 0 for part in (*position[:2], *momentum[:2]))
        must = "be at least 1 for a packet off the axis"
        require(not off_axis, "orders", must, 0)
    u = gaussian_waves(system, position, momentum, system.hbar**alpha)
    _check_complete(system, u, tolerance)
    return u


@once
def gaussian_waves(
    system: PartialWaves, position: tuple, momentum: tuple, width: Scalar
) -> Complex[Array, "*shape"]:
    """The same for any width s, without checks: 4πr(πs²)^{−3/4} e^{−(r²+R₀²)/2s²} G_ℓ Ȳ_ℓm, κ = R₀/s² + iP₀/ħ (see `_spherical`).

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum.partial_waves.packets import gaussian_waves
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 95), charge=0.5, hbar=0.25, waves=30, orders=12)
    >>> u = gaussian_waves(system, (0.0, 0.0, 2.0), (0.4, 0.0, -1.0), 0.6)
    >>> round(float((abs(u) ** 2 @ system.grid.weights).sum()), 6)
    1.0
    """
    r, highest = system.grid.radii, max(system.chosen) + 1
    kappa = [q / width**2 + 1j * p / system.hbar for q, p in zip(position, momentum)]
    size2 = sum(observables.square(jnp.asarray(k)) for k in kappa)
    centred = size2 == 0
    size = jnp.sqrt(jnp.where(centred, 1.0, size2))
    square = sum(k**2 for k in kappa) / size**2
    tau = jnp.sqrt(jnp.where(centred, 1.0, square))  # the principal root: Re τ ≥ 0
    distance2 = sum(q**2 for q in position)
    exponent = -(r**2 + distance2) / (2 * width**2) + jnp.where(centred, 0.0, size) * r * tau
    amplitude = 4 * np.pi * (np.pi * width**2) ** -0.75 * r * jnp.exp(exponent)
    # For κ = 0 only ℓ = 0 is left: G_ℓ at a c close to zero.
    c = jnp.where(centred, 1e-30, size) * r
    radial = (amplitude[None] * scaled_waves(c, tau, highest))[system.degrees]
    angular = solid_harmonics(tuple(k / size for k in kappa), highest, system.orders)
    angular = angular[system.degrees]
    if not system.orders:
        return radial * angular[:, :1]
    return radial[:, None, :] * angular[:, :, None]


def as_vector(name: str, value: Any) -> tuple:
    """A vector of R³; a number stands for a vector along ẑ."""
    if len(entries(value)) == 1:
        (number,) = per_axis(name, value, 1)
        return (0.0, 0.0, number)
    return per_axis(name, value, 3)


def check_exponent(alpha: Scalar) -> None:
    """0 ≤ α ≤ 1 for packets of width ħ^α, and the hypothesis of AFG Theorem 1.1 that fails otherwise.

    >>> from jaxwigner.quantum.partial_waves.packets import check_exponent
    >>> check_exponent(0.5)
    """
    check_scalar("alpha", alpha)
    if not concrete(alpha):
        return
    must = "lie between 0 and 1 (AFG Theorem 1.1): "
    bounded = must + "beyond 1 the momenta spread without bound, and ‖H_ħΨ₀‖ ≤ c fails"
    require(float(alpha) <= 1, "alpha", bounded, alpha)
    tight = must + "below 0 the packet spreads without bound, and |Ψ₀|² is not tight"
    require(float(alpha) >= 0, "alpha", tight, alpha)


def _check_hypothesis(alpha: Scalar, position: tuple) -> None:
    """0 ≤ α ≤ 1, and R₀ ≠ 0 unless α = 0: else ‖H_ħΨ₀‖ is not bounded in ħ (AFG §1)."""
    check_exponent(alpha)
    if not concrete(alpha):
        return
    if concrete(position) and float(alpha) > 0:
        away = any(float(part) != 0 for part in position)
        must = "lie off the singular set R = 0, since ‖U_sΨ₀‖ ~ ħ^{−α} there (AFG (9))"
        require(away, "position", must, [float(part) for part in position])


def _check_complete(system: PartialWaves, u: Array, tolerance: float) -> None:
    """The packet fits into the waves and the box, and the grid resolves it."""
    if not concrete((u, system)):
        return
    density = np.asarray(observables.square(u)) * np.asarray(system.grid.weights)
    missing = 1 - float(density.sum())
    radii, length = np.asarray(system.grid.radii), float(system.grid.length)
    edge = float(density[..., radii > (1 - EDGE) * length].sum())
    must = f"be longer: {edge:.1e} of the packet reaches the end of the box"
    require(edge <= tolerance, "length", must, length)
    counts = f"{system.waves} waves" + (f" and {system.orders} orders" if system.orders else "")
    must = f"be more (with orders, where given): {missing:.1e} of the packet is missing"
    require(abs(missing) <= tolerance, "waves", must, counts)
    if system.grid.kind == "sine":
        tail = float(system.diagnose(as_complex(u))["spectral_tail"])
        must = f"be more: {tail:.1e} of the packet lies in the outer tenth of the spectrum"
        require(tail <= tolerance, "points", must, system.grid.points)
