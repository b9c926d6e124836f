"""Hypothesis classes for the worst cases of AFG's Lemma 5.1 and estimate (9), with a smooth part U_b of the potential.

    Lemma 5.1    ‖U_sΨ(T)‖² ≤ K,      (9)    ∫_{|R|<δ}|Ψ(T)|² ≤ Kδ²/C²,      K = ‖(H − κ)Ψ₀‖², κ = inf U_b   (explicit constants)

The relative coordinate of a dimer, C > 0. Ψ₀: a shell u₀(r) = Σ_n c_n h_n(s) e^{−½(1−ib)s² + ipr/ħ}, s = (r − r₀)/w, an s-wave away
from R = 0; the sharp constants belong to ℓ = 0. U_b: three Gaussians of free place, width and sign, scaled to a given sup − inf.
Evolution is exact in time (diagonalisation on Lobatto nodes), so that there is no step to halve.

K is conserved, so the sharp constants are norms, for each U_b: ‖U_s(H − κ)⁻¹‖² and (C/δ)²‖1_{r<δ}(H − κ)⁻¹‖² (`sharp_constants`). For
U_b = 0 the second is γ(ħ/√(Cδ)), and no U_b raises it: 0 ≤ (H − κ)⁻¹ ≤ H₀⁻¹ as kernels (docs/theorems.md), though (H − κ)² ≥ H₀² is
false.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Float, PyTree

from jaxwigner._types import Array
from jaxwigner.potentials import Potential
from jaxwigner.potentials.potential import Bounds
from jaxwigner.quantum import PartialWaves, RadialGrid, evolve_exactly
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.studies.search.growth_classes import hermite_polynomials, normal_tree
from jaxwigner.theorems.afg.coulomb.bounds import _outer_mass
from jaxwigner.theorems.afg.sharp import extremisers

BUMPS = 3
LEVELS = 5
SAMPLES = 1024  # of U_b, for its extremes
EDGE = 1e-6  # largest share of the mass in the outer twentieth of the box
PLACES, WIDTHS = (0.2, 4.0), (0.2, 1.5)  # of the Gaussians of U_b
SHELLS, SPREADS, SPEEDS = (2.5, 4.0), (0.2, 0.4), (-2.0, 0.5)  # r₀, w and p of the packets


class Bumps(Potential):
    """U(r) = Σ h_j e^{−(r − c_j)²/2w_j²} + U_∞, for r from 0 to `reach`, where its bounds hold.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.studies.search.coulomb_classes import Bumps
    >>> U = Bumps(jnp.array([1.0]), jnp.array([2.0]), jnp.array([0.5]), 8.0)
    >>> round(float(U(2.0)), 9), round(float(U.upper_bound), 4)
    (1.0, 1.0)
    """

    heights: Float[Array, " j"]
    centres: Float[Array, " j"]
    widths: Float[Array, " j"]
    reach: float

    @property
    def dimension(self) -> int | None:
        return 1

    def __call__(self, *x: Any) -> Array:
        (r,) = self.coordinates(*x)
        shape = (-1,) + (1,) * r.ndim
        h, c, w = (a.reshape(shape) for a in (self.heights, self.centres, self.widths))
        return jnp.sum(h * jnp.exp(-0.5 * ((r[None] - c) / w) ** 2), axis=0)

    @property
    def bounds(self) -> Bounds:
        values = self(jnp.linspace(0.0, self.reach, SAMPLES))
        return Bounds(lower=jnp.min(values), upper=jnp.max(values))


@dataclass(frozen=True)
class Frame:
    """What all members share: ħ, C, δ, the time T, sup U_b − inf U_b, and the resolution of the search."""

    hbar: float
    charge: float
    radius: float
    time: float
    oscillation: float
    length: float
    points: int

    def grid(self, fine: bool) -> RadialGrid:
        """Of the search, or four times the points on twice the length."""
        if fine:
            return RadialGrid(2 * self.length, 4 * self.points, "lobatto")
        return RadialGrid(self.length, self.points, "lobatto")

    def system(self, U: Potential, fine: bool) -> PartialWaves:
        """The s-wave with this U_b."""
        return PartialWaves(self.grid(fine), self.charge, self.hbar, waves=[0], potential=U)


def draw(key: Array) -> PyTree:
    """A random member: all parameters standard normal."""
    shapes = {
        "heights": (BUMPS,),
        "centres": (BUMPS,),
        "widths": (BUMPS,),
        "shell": (3,),
        "squeeze": (),
        "levels": (LEVELS - 1, 2),
    }
    return normal_tree(key, shapes)


def smooth_potential(a: PyTree, frame: Frame) -> Bumps:
    """U_b with sup U_b − inf U_b as the frame says."""
    raw = Bumps(
        a["heights"],
        _between(PLACES, a["centres"]),
        _between(WIDTHS, a["widths"]),
        2 * frame.length,
    )
    low, high = raw.bounds[:2]
    scale = frame.oscillation / (high - low)
    return Bumps(scale * raw.heights, raw.centres, raw.widths, raw.reach)


def shell(a: PyTree, frame: Frame, radii: Float[Array, " r"]) -> Array:
    """u₀ at these distances, not normalised."""
    r0, w = _between(SHELLS, a["shell"][0]), _between(SPREADS, a["shell"][1])
    p, b = _between(SPEEDS, a["shell"][2]), 1.5 * jnp.tanh(a["squeeze"])
    s = (radii - r0) / w
    h = hermite_polynomials(s, LEVELS - 1)
    c = jax.lax.complex(a["levels"][:, 0], a["levels"][:, 1])
    total = h[0] + sum(c[n - 1] * h[n] for n in range(1, LEVELS))
    return total * jnp.exp(-0.5 * (1 - 1j * b) * s**2 + 1j * (p / frame.hbar) * (radii - r0))


def _between(limits: tuple[float, float], a: Array) -> Array:
    low, high = limits
    return low + (high - low) * jax.nn.sigmoid(a)


def _passage(a: PyTree, frame: Frame, fine: bool):
    """The system, Ψ(T), K, the paper's K′ = ‖HΨ₀‖² + 2B₋(E + B₋) with B₋ = max(0, −κ), and trust."""
    system = frame.system(smooth_potential(a, frame), fine)
    u = shell(a, frame, system.grid.radii)[None]
    u = u / jnp.sqrt(radial.radial_density(u, system) @ system.grid.weights)
    later = evolve_exactly(system, u, [frame.time])[0]
    kappa = radial.lower_bound(system)
    K = radial.hamiltonian_square(u, system, kappa)
    below = jnp.maximum(0.0, -kappa)
    energy = sum(radial.mean_energies(u, system))
    paper = radial.hamiltonian_square(u, system) + 2 * below * (energy + below)
    # The outer end, and for the start also where the shell would be cut off at r = 0.
    edge = jnp.maximum(_outer_mass(u, system), _outer_mass(later, system))
    start = jnp.abs(shell(a, frame, jnp.zeros(1)))[0] ** 2
    start = start / jnp.max(jnp.abs(shell(a, frame, system.grid.radii)) ** 2)
    return system, later, K, paper, jnp.maximum(edge, start) / EDGE


def lemma_51(a: PyTree, frame: Frame, fine: bool) -> dict[str, Array]:
    """‖U_sΨ(T)‖²/K."""
    system, u, K, paper, trust = _passage(a, frame, fine)
    square = radial.coulomb_square(u, system)
    return {"ratio": square / K, "paper": square / paper, "trust": trust}


def estimate_9(a: PyTree, frame: Frame, fine: bool) -> dict[str, Array]:
    """∫_{|R|<δ}|Ψ(T)|² · C²/(Kδ²)."""
    system, u, K, paper, trust = _passage(a, frame, fine)
    mass = radial.inner_mass(u, system, frame.radius, nodes=64) * (frame.charge / frame.radius) ** 2
    return {"ratio": mass / K, "paper": mass / paper, "trust": trust}


def sharp_constants(a: PyTree, frame: Frame, fine: bool = False) -> dict[str, Array]:
    """sup over all s-waves in the box of both ratios, for the U_b of `a`: `lemma_51` and `estimate_9`."""
    system = frame.system(smooth_potential(a, frame), fine)
    grid, inverse = system.grid, extremisers.resolvent(system)
    # 1/r² with the end point r = 0, where u²/r² is u′(0)²
    slopes = grid.slope(jnp.diag(1 / jnp.sqrt(grid.weights)))[1]
    inside = jnp.diag(1 / grid.radii**2) + grid.end_weight * jnp.outer(slopes, slopes)
    near = extremisers.inner_form(grid, frame.radius) / frame.radius**2
    top = lambda M: jnp.linalg.eigvalsh(inverse @ M @ inverse)[-1]  # noqa: E731
    return {
        "lemma_51": frame.charge**2 * top(inside),
        "estimate_9": frame.charge**2 * top(near),
    }


def estimate_9_of_any_data(a: PyTree, frame: Frame, fine: bool) -> dict[str, Array]:
    """sup over all s-waves of the ratio of (9), for the U_b of `a`: a search over U_b alone."""
    top = sharp_constants(a, frame, fine)["estimate_9"]
    return {"ratio": top, "paper": top, "trust": jnp.zeros(())}
