"""Gaussian packets of three nuclei at J = 0 about a shape (R₀, r₀, γ₀).

    |u|² ∝ e^{−zᵀAz/ħ},  phase e^{i p·z/ħ},  z = (R − R₀, r − r₀, (cos γ₀ − cos γ)/sin γ₀)

z₃ is γ − γ₀ to first order. With the masses M = diag(μ_R, μ_r, I), 1/I = 1/μ_RR₀² + 1/μ_rr₀², and the direction e of breathing, all
distances in proportion, the ground state of frequencies ω₁ (breathing) and ω₂ (the two others) has

    A = ω₂M + (ω₁ − ω₂) Mee ᵀM/(eᵀMe)
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner._checks import (
    check_finite,
    check_positive_scalar,
    concrete,
    entries,
    require,
)
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.grid import Scalar
from jaxwigner.observables import square
from jaxwigner.quantum.three_nuclei.system import ThreeNuclei
from jaxwigner.states.triangles import breathing

CUT = (
    3.0  # standard deviations from a wall at which a packet is refused, whatever the grid resolves
)


class ThreePacket(eqx.Module):
    """A Gaussian packet of three nuclei: `place` (R₀, r₀, γ₀), `momentum` (P_R, P_r, P_γ), `matrix` A, (3, 3), symmetric and positive.

    z has the covariance ½ħA⁻¹, its momenta ½ħA about `momentum`: the Wigner function that classical twins sample.

    **Raises:** `ValueError` for other shapes, a place that is none of three nuclei apart (0 < γ₀ < π), a matrix that is not positive.

    >>> import jaxwigner as jw
    >>> packet = jw.quantum.ThreePacket([2.0, 2.5, 1.5], [0.0, -1.0, 0.0], [[0.7, 0, 0], [0, 0.5, 0], [0, 0, 1.5]])
    >>> packet.spread(0.1)[1].round(6).tolist()  # √(½ħ/½)
    0.316228
    """

    place: Float[Array, "3"]
    momentum: Float[Array, "3"]
    matrix: Float[Array, "3 3"]

    def __init__(self, place: Any, momentum: Any, matrix: Any):
        for name, value, shape in (
            ("place", place, (3,)),
            ("momentum", momentum, (3,)),
            ("matrix", matrix, (3, 3)),
        ):
            check_finite(name, value, shape)
        self.place, self.momentum = jnp.asarray(place, float), jnp.asarray(momentum, float)
        self.matrix = jnp.asarray(matrix, float)
        if concrete(self.place):
            R, r, gamma = np.asarray(self.place)
            apart = R > 0 and r > 0 and 0 < gamma < np.pi
            require(apart, "place", "be distances > 0 and an angle between 0 and π", place)
        if concrete(self.matrix):
            A = np.asarray(self.matrix)
            fits = np.allclose(A, A.T, rtol=1e-9) and np.linalg.eigvalsh(A).min() > 0
            require(fits, "matrix", "be symmetric and positive", matrix)

    def spread(self, hbar: Scalar) -> Float[Array, "3"]:
        """Standard deviations of z: √(½ħ(A⁻¹)_ii)."""
        return jnp.sqrt(0.5 * hbar * jnp.diagonal(jnp.linalg.inv(self.matrix)))

    def state(self, system: ThreeNuclei, tolerance: float = 1e-6) -> Complex[Array, "a R r"]:
        """The packet at the nodes of a system, Σ|c|² = 1.

        **Arguments:** `tolerance`: the largest share of it that may reach the ends of the grids or their shortest waves.

        **Raises:** `ValueError` for grids that do not reach it or do not resolve it, and for a packet without the parity of `exchange`.

        >>> import jaxwigner as jw
        >>> radii = jw.RadialGrid(5.5, 32), jw.RadialGrid(6.5, 36)
        >>> system = jw.ThreeNuclei(hbar=0.2, radii=radii, angles=12, exchange="even")
        >>> packet = jw.quantum.equilateral(system, distance=3.0, velocity=0.0)
        >>> packet.state(system).shape
        (12, 32, 36)
        """
        require(isinstance(system, ThreeNuclei), "system", "be ThreeNuclei", system)
        check_positive_scalar("tolerance", tolerance)
        _check_parity(self, system)
        _check_walls(self, system)
        c = _amplitudes(self, system)
        _check_resolved(system, c, tolerance)
        return c


def equilateral(
    system: ThreeNuclei, distance: Scalar, velocity: Scalar, frequencies: Any = (1.0, 1.0)
) -> ThreePacket:
    """The packet about an equilateral triangle whose sides grow at a velocity.

    **Arguments:** `distance`: its side d₀ > 0; `velocity`: d₀′, negative inwards; `frequencies`: ω₁ of breathing and ω₂ of both other
    vibrations, whose ground state gives it its shape (in scaled time: the frequency in atomic units over ħ).

    **Returns:** a `ThreePacket`, R₀ and r₀ with momenta μ_RṘ₀ and μ_rṙ₀.

    **Raises:** `ValueError` for distances and frequencies that are not positive.

    >>> import jaxwigner as jw
    >>> system = jw.ThreeNuclei(hbar=0.3, radii=jw.RadialGrid(6.0, 36), angles=10, exchange="even")
    >>> packet = jw.quantum.equilateral(system, distance=2.0, velocity=-1.0)
    >>> [round(float(x), 6) for x in packet.place], [round(float(p), 6) for p in packet.momentum[:2]]
    ([1.732051, 2.0, 1.570796], [-0.57735, -0.5])
    """
    require(isinstance(system, ThreeNuclei), "system", "be ThreeNuclei", system)
    pair = entries(frequencies)
    require(
        len(pair) == 2, "frequencies", "be two numbers, of breathing and of the rest", frequencies
    )
    for one in pair:
        check_positive_scalar("frequencies", one)
    found = breathing(distance, velocity, _vector(system.masses), _vector(pair))
    R, r, cosine = found.centre
    place = jnp.stack([R, r, jnp.arccos(cosine)])
    return ThreePacket(place, jnp.stack(found.momentum), found.matrix)


def _vector(numbers: tuple[Scalar, ...]) -> Array:
    """Numbers, of which some may be traced, as one array."""
    return jnp.stack([jnp.asarray(one, float) for one in numbers])


def packet_three(
    system: ThreeNuclei,
    distance: Scalar,
    velocity: Scalar,
    *,
    frequencies: Any = (1.0, 1.0),
    tolerance: float = 1e-6,
) -> Complex[Array, "a R r"]:
    """A breathing packet of three nuclei, AFG's α = ½ at J = 0: |u|² ∝ e^{−(μ_R(R−R₀)² + μ_r(r−r₀)² + I cos²γ)/ħ} for equal masses.

    **Arguments:** as of `quantum.equilateral`, which also says what other masses and `frequencies` make of it; `tolerance`: the largest
    share of the packet that may reach the ends of the grids or their shortest waves.

    **Returns:** amplitudes of `system.shape`, differentiable in everything.

    **Raises:** `ValueError` for arguments that cannot be right, and for grids that do not reach the packet or do not resolve it.

    >>> import jaxwigner as jw
    >>> radii = jw.RadialGrid(5.5, 32), jw.RadialGrid(6.5, 36)
    >>> system = jw.ThreeNuclei(hbar=0.2, radii=radii, angles=12, exchange="even")
    >>> c = jw.packet_three(system, distance=3.0, velocity=-2.0)
    >>> round(float(system.diagnose(c)["energy"]), 4)
    3.1703
    """
    return equilateral(system, distance, velocity, frequencies).state(system, tolerance)


@once
def _amplitudes(packet: ThreePacket, system: ThreeNuclei) -> Complex[Array, "a R r"]:
    cosine, R, r = system.mesh
    R0, r0, gamma = packet.place
    turned = (jnp.cos(gamma) - cosine) / jnp.sin(gamma)
    z = (R - R0, r - r0, turned)
    A, p = packet.matrix, packet.momentum
    form = sum(A[i, j] * z[i] * z[j] for i in range(3) for j in range(3))
    phase = sum(p[i] * z[i] for i in range(3))
    exponent = (-0.5 * form + 1j * phase) / system.hbar
    u = jnp.sqrt(system.weights) * jnp.exp(exponent)
    return u / jnp.sqrt(jnp.sum(square(u)))


def _check_parity(packet: ThreePacket, system: ThreeNuclei) -> None:
    """Symmetric under γ ↦ π − γ."""
    if system.exchange is None:
        return
    must = "be 'even' (or None) for a packet, which is symmetric"
    require(system.exchange == "even", "exchange", must, system.exchange)
    if not concrete(packet):
        return
    odd = [packet.place[2] - 0.5 * np.pi, packet.momentum[2], *packet.matrix[:2, 2]]
    must = "be symmetric under the exchange of nuclei 1 and 2 (γ₀ = π/2, P_γ = 0, A₁₃ = A₂₃ = 0) where `exchange` is 'even'"
    require(np.abs(np.asarray(odd)) < 1e-9, "packet", must, [float(one) for one in odd])


def _check_walls(packet: ThreePacket, system: ThreeNuclei) -> None:
    if not concrete((packet, system.radii, system.hbar)):
        return
    spread = np.asarray(packet.spread(system.hbar))
    for name, i, grid in (("R", 0, system.radii[0]), ("r", 1, system.radii[1])):
        centre, length = float(packet.place[i]), float(grid.length)
        must = f"reach the packet: {name} is {centre:.3g} ± {spread[i]:.2g}"
        fits = CUT * spread[i] < centre < length - CUT * spread[i]
        require(fits, "radii", must, f"between 0 and {length:g}")
        # A wave beyond the shortest one of the grid is another one there, which may look resolved.
        momentum, highest = abs(float(packet.momentum[i])), float(system.hbar) * np.pi / length
        must = f"have more than {momentum / highest:.0f} points in {name} for a momentum of {momentum:.3g}"
        require(momentum < highest * grid.points, "radii", must, grid.points)


def _check_resolved(system: ThreeNuclei, c: Array, tolerance: float) -> None:
    """Names what is too short or too coarse for a packet."""
    if not concrete((system, c)):
        return
    found = {name: float(one) for name, one in system.diagnose(c).items()}
    shape = f"{system.shape[1]} and {system.shape[2]} points with {system.shape[0]} angles"
    share = found["edge_mass"]
    must = f"be longer: {share:.1e} of the packet reaches the end of a grid"
    lengths = " and ".join(f"{float(one.length):g}" for one in system.radii)
    require(share <= tolerance, "radii", must, lengths)
    share = found["spectral_tail"]
    must = f"have more points, or `angles` be more: {share:.1e} of the packet lies in the outer tenth of the spectrum"
    require(share <= tolerance, "radii", must, shape)
