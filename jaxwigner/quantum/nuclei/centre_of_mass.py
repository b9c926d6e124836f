"""Both nuclei of a dimer: the free motion of the centre of mass beside the partial waves of the relative motion.

H = −(ħ²/4)Δ_X + H_rel with X = (R₁ + R₂)/2: the centre of mass has mass 2 and is free, so that a product Φ(X)ψ(R) stays one. A Gaussian
(πs²)^{−3/4} e^{−|X−X₀|²/2s² + iP·X/ħ} spreads in closed form: centre X₀ + Pt/M, variance ½s² + (ħt/M)²/2s² per component. Two nuclei in
Gaussian packets of width s have a centre of mass of width s/√2 and a relative coordinate of width √2 s.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import observables
from jaxwigner._checks import check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.quantum.partial_waves.observables import wave_function
from jaxwigner.quantum.partial_waves.packets import as_vector
from jaxwigner.quantum.partial_waves.system import PartialWaves


class CentreOfMass(eqx.Module):
    """The centre of mass of a dimer: a free Gaussian packet in R³.

    **Arguments:** `position`, `momentum`: X₀ and P (the sum of both momenta), vectors of R³ or numbers along ẑ; `width`: s > 0;
    `hbar`; `mass`: M, 2 for two nuclei of mass 1. All may be traced.

    >>> from jaxwigner.quantum.nuclei.centre_of_mass import CentreOfMass
    >>> centre = CentreOfMass(0.0, 1.0, width=0.5, hbar=0.1)
    >>> [round(float(x), 9) for x in centre.mean(2.0)], round(float(centre.variance(2.0)), 9)
    ([0.0, 0.0, 1.0], 0.145)
    """

    position: tuple
    momentum: tuple
    width: Scalar
    hbar: Scalar
    mass: Scalar

    def __init__(
        self, position: Any, momentum: Any, width: Scalar, hbar: Scalar, mass: Scalar = 2.0
    ):
        self.position, self.momentum = (
            as_vector("position", position),
            as_vector("momentum", momentum),
        )
        for name, value in (("width", width), ("hbar", hbar), ("mass", mass)):
            check_positive_scalar(name, value)
        self.width, self.hbar, self.mass = width, hbar, mass

    def mean(self, time: Scalar) -> Float[Array, "3"]:
        """⟨X⟩ at a time."""
        return jnp.stack([q + p / self.mass * time for q, p in zip(self.position, self.momentum)])

    def variance(self, time: Scalar) -> Scalar:
        """The variance of each component of X at a time."""
        return 0.5 * self.width**2 + 0.5 * (self.hbar * time / (self.mass * self.width)) ** 2

    @property
    def energy(self) -> Scalar:
        """⟨|P̂|²⟩/2M, which is conserved."""
        spread = 1.5 * (self.hbar / self.width) ** 2
        return (sum(p**2 for p in self.momentum) + spread) / (2 * self.mass)

    @property
    def energy_square(self) -> Scalar:
        """⟨(|P̂|²/2M)²⟩."""
        v, p2 = 0.5 * (self.hbar / self.width) ** 2, sum(p**2 for p in self.momentum)
        return ((p2 + 3 * v) ** 2 + 4 * v * p2 + 6 * v**2) / (2 * self.mass) ** 2


def axis_density(
    u: Complex[Array, "l r"], system: PartialWaves, z: Float[Array, " k"], *, nodes: int = 64
) -> Float[Array, " k"]:
    """The density of the component R_z of an axially symmetric state: 2π∫_{|z|}^L |ψ(r, z/r)|² r dr at each z.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei import centre_of_mass as dimer
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> density = dimer.axis_density(u, system, jnp.array([2.0]))
    >>> round(float(density[0] * jnp.sqrt(jnp.pi * 0.25)), 5)
    1.0
    """
    require(system.orders == 0, "system", "be axially symmetric (`orders` = 0)", system.orders)
    x, w = np.polynomial.legendre.leggauss(nodes)
    half = 0.5 * (system.grid.length - jnp.abs(z))
    r = jnp.abs(z)[:, None] + half[:, None] * (1 + jnp.asarray(x))[None]
    cosine = z[:, None] / r
    sine = jnp.sqrt(jnp.maximum(1 - cosine**2, 0.0))
    points = jnp.stack([r * sine, 0 * r, r * cosine], axis=-1)
    psi = wave_function(u, system, points.reshape(-1, 3)).reshape(r.shape)
    return 2 * np.pi * half * ((observables.square(psi) * r) @ jnp.asarray(w))


def nucleus_density(
    u: Complex[Array, "l r"],
    system: PartialWaves,
    centre: CentreOfMass,
    time: Scalar,
    z: Float[Array, " k"],
    *,
    nucleus: int = 1,
    points: int = 256,
    nodes: int = 64,
) -> Float[Array, " k"]:
    """The density of the component z of R₁ = X + R/2 or R₂ = X − R/2 in the product of `centre` and u.

    The convolution of the density of R_z/2 with the Gaussian of X_z, by the trapezoidal rule in R_z.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei import centre_of_mass as dimer
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> centre = dimer.CentreOfMass(0.0, 0.0, width=0.25, hbar=0.25)
    >>> density = dimer.nucleus_density(u, system, centre, 0.0, jnp.array([1.0]))
    >>> round(float(density[0] * jnp.sqrt(jnp.pi / 8)), 5)  # of variance 1/32 + 1/32
    1.0
    """
    require(nucleus in (1, 2), "nucleus", "be 1 or 2", nucleus)
    sign = 1.0 if nucleus == 1 else -1.0
    step = 2 * system.grid.length / points
    relative = step * (jnp.arange(points) + 0.5) - system.grid.length
    weights = axis_density(u, system, relative, nodes=nodes) * step
    offset = z[:, None] - centre.mean(time)[2] - 0.5 * sign * relative[None]
    variance = centre.variance(time)
    kernel = jnp.exp(-(offset**2) / (2 * variance)) / jnp.sqrt(2 * np.pi * variance)
    return kernel @ weights
