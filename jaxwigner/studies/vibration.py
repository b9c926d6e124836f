"""Vibrations of a diatomic molecule: levels on a grid, the Morse ground state and its Wigner function, revival times.

Relative motion in scaled units (AFG (SE) for the distance R of two equal nuclei): iε ∂_tψ = −ε²ψ″ + U(R)ψ, ε = (m_e/m_n)^{1/2}, that
is ħ = ε and mass ½; energies in Hartree, distances in bohr, times t = ε·t_au.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln, ndtri
from jaxtyping import Array, Float

from jaxwigner import units

GOLDEN = 1.32471795724474602596  # the plastic number, root of x³ = x + 1: the R₂ lattice


def levels(
    potential: Callable, epsilon: float, lower: float, upper: float, points: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues and eigenfunctions of −ε²d²/dR² + U by the sinc basis (Colbert & Miller, J. Chem. Phys. 96 (1992) 1982).

    **Returns:** nodes R_j, eigenvalues in Hartree, orthonormal functions ψ_v(R_j) as columns.
    """
    nodes = np.linspace(lower, upper, points)
    step = nodes[1] - nodes[0]
    lag = np.subtract.outer(np.arange(points), np.arange(points))
    with np.errstate(divide="ignore"):
        kinetic = np.where(lag == 0, np.pi**2 / 3, 2 * (-1.0) ** lag / lag.astype(float) ** 2)
    matrix = epsilon**2 / step**2 * kinetic
    matrix[np.diag_indices(points)] += np.asarray(potential(jnp.asarray(nodes)))
    energies, vectors = np.linalg.eigh(matrix)
    return nodes, energies, vectors / np.sqrt(step)


@dataclass(frozen=True)
class MorseState:
    """Ground state of a Morse oscillator in R: ψ ∝ ξ^{λ−½} e^{−ξ/2}, ξ = 2λe^{−a(R−R_e)}, λ = ω_e/2ω_ex_e."""

    equilibrium: float
    steepness: float
    strength: float

    @classmethod
    def from_constants(
        cls, omega: float, anharmonicity: float, equilibrium: float, epsilon: float, reference: float
    ) -> MorseState:
        """From ω_e and ω_ex_e (cm⁻¹) of the isotope with ε = `reference`, for the one with ε = `epsilon`.

        The curve is the same for all isotopes: a = √(2μω_ex_e) stays, ω_e scales like μ^{−½}, λ like μ^{½}; μ = 1/2ε² in m_e.
        """
        mass = 0.5 / reference**2
        steepness = float(np.sqrt(2 * mass * units.wavenumbers_to_hartree(anharmonicity)))
        strength = omega / (2 * anharmonicity) * reference / epsilon
        return cls(equilibrium, steepness, float(strength))

    def __call__(self, R: Float[Array, " *n"]) -> Float[Array, " *n"]:
        """ψ(R), normalised: N² = a/Γ(2λ−1)."""
        exponent = -self.steepness * (jnp.asarray(R) - self.equilibrium)
        xi = 2 * self.strength * jnp.exp(exponent)
        log_xi = np.log(2 * self.strength) + exponent
        log_norm = 0.5 * (np.log(self.steepness) - gammaln(2 * self.strength - 1))
        return jnp.exp(log_norm + (self.strength - 0.5) * log_xi - 0.5 * xi)

    def wigner(self, R: Array, p: Array, epsilon: float, nodes: int = 256) -> Array:
        """W(R, p) = π⁻¹ε⁻¹ ∫ψ(R + s)ψ(R − s) cos(2ps/ε) ds at single points, by the trapezoidal rule."""
        reach = 12 * np.sqrt(0.5 / self.strength) / self.steepness
        s = jnp.asarray((np.arange(nodes) + 0.5) * (reach / nodes))
        product = self(R[..., None] + s) * self(R[..., None] - s)
        wave = jnp.cos(2 * p[..., None] * s / epsilon)
        return 2 * (reach / nodes) / (np.pi * epsilon) * jnp.sum(product * wave, axis=-1)


def quasi_random_gaussian(count: int) -> Float[Array, "count 2"]:
    """Standard Gaussian points from the R₂ lattice (M. Roberts, 2018), a rank-1 quasi-random sequence."""
    shifts = np.array([1 / GOLDEN, 1 / GOLDEN**2])
    lattice = (0.5 + np.arange(1, count + 1)[:, None] * shifts[None]) % 1.0
    return ndtri(jnp.asarray(lattice))


def wigner_sample(
    state: MorseState, mean: float, spread: float, epsilon: float, count: int
) -> tuple[Array, Array, Array]:
    """Positions, momenta and weights whose weighted averages are ∫∫W φ: importance sampling from a wider Gaussian.

    W of a Morse state is almost positive; where it is not, weights are negative, and their sum says how much.
    """
    widen = 1.2
    width_p = epsilon / (2 * spread)
    unit = quasi_random_gaussian(count) * widen
    R, p = mean + spread * unit[:, 0], width_p * unit[:, 1]
    density = jnp.exp(-jnp.sum(unit**2, axis=1) / (2 * widen**2))
    density = density / (2 * np.pi * widen**2 * spread * width_p)
    values = jax.lax.map(lambda z: state.wigner(z[0], z[1], epsilon), (R, p), batch_size=4096)
    weights = values / density / count
    return R, p, weights


@dataclass(frozen=True)
class Spectrum:
    """Where a packet sits among the levels, and the times that follow from them (atomic units)."""

    fundamental: float  # E₁ − E₀ in cm⁻¹
    populations: np.ndarray
    mean_level: float
    bound: float  # share of the packet on bound levels
    period: float
    revival: float


def spectrum(energies: np.ndarray, overlaps: np.ndarray, limit: float) -> Spectrum:
    """T_cl = 2π/E′(v̄) and T_rev = 4π/|E″(v̄)| (Averbukh & Perelman 1989) from levels below the dissociation limit."""
    bound = energies < limit
    populations = np.abs(overlaps[bound]) ** 2
    total = populations.sum()
    v = np.arange(populations.size)
    mean = float(v @ populations / total)
    # A cubic through the populated levels gives derivatives at a level that is not whole.
    top = max(5, int(np.searchsorted(np.cumsum(populations) / total, 0.95)) + 1)
    fit = np.polynomial.Polynomial.fit(v[:top], energies[bound][:top], 4)
    slope, curvature = fit.deriv()(mean), fit.deriv(2)(mean)
    return Spectrum(
        fundamental=float(units.hartree_to_wavenumbers(energies[1] - energies[0])),
        populations=populations,
        mean_level=mean,
        bound=float(total),
        period=float(2 * np.pi / slope),
        revival=float(4 * np.pi / abs(curvature)),
    )
