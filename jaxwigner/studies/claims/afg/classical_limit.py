"""A15, A17: wave packets at the start, and their observables against classical ensembles."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.phase_space import GaussianTest
from jaxwigner.phase_space.ensembles import gaussian_ensemble, packet_ensemble
from jaxwigner.potentials import Torsion
from jaxwigner.states import wave_packet
from jaxwigner.studies.claims.claim import case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import classical_limit, initial_data, rate


@claim("A15", "AFG Theorem 1.1, Remark 5", cost=4)
def observables(full: bool):
    """O(ħ) against a point, O(ħ²) against the ensemble, for smooth U and beside C/|R|.

    **Beyond:** the rates.

    α = ½: observables differ by O(ħ) from those of the limiting point, and by O(ħ²) from those of the classical ensemble that
    starts from W. α = 0 and 1: O(ħ²) from the spread limit measure. Also beside the singularity C/|R|, and on the surface of H2
    at the masses of its isotopes (Remark 5). Control: the point is not O(ħ²) close.
    """
    scales = np.array([0.16, 0.08, 0.04, 0.02] + ([0.01] if full else []))
    alphas = np.array([0.5, 0.0, 1.0])
    hbars = np.stack([0.375 * scales, scales, scales])  # α = ½ has the smallest momenta
    grid = Grid(-5.5, 7.5, 3072 if full else 1536)
    potential = Torsion(1.0)
    test = GaussianTest(lambda x: jnp.exp(-((x - 1.2) ** 2) / 2), momentum=0.1, width=0.7)
    lags = int(test.reach(1e-14) * scales[0] / grid.spacing[0])
    q, p, half = 1.0, 0.5, 0.5**0.5
    nodes = (40, 40)

    # Against the limit measure of each α, and against W₀ itself.
    def errors(hbar, alpha):
        times = {"duration": 1.0, "steps": 40}
        psi = wave_packet(grid, q, p, hbar, alpha=alpha)
        quantum = classical_limit.quantum_value(
            psi, potential, grid, test, hbar, lags=lags, **times
        )
        spread_x = jnp.where(alpha == 0.0, half, 0.0)
        spread_p = jnp.where(alpha == 1.0, half, 0.0)
        limit = gaussian_ensemble(q, p, (spread_x, spread_p), nodes)
        start = packet_ensemble(q, p, hbar, alpha, nodes)
        value = lambda cloud: classical_limit.classical_value(cloud, potential, test, **times)  # noqa: E731
        return jnp.abs(quantum - value(limit)), jnp.abs(quantum - value(start))

    batch = jax.vmap(jax.vmap(errors, (0, None)), (0, 0))
    limit, start = lightly(batch)(hbars, alphas)
    cases = (
        ("α = ½, point", 0, limit[0], 1, "|∫Wφ − φ(Φ_t z₀)|"),
        ("α = ½, ensemble W₀", 0, start[0], 2, "|∫Wφ − ∫φ d(Φ_t#W₀)|"),
        ("α = 0, spread positions", 1, limit[1], 2, "|∫Wφ − ∫φ dW(t)|, W₀ = |φ|²⊗δ"),
        ("α = 1, spread momenta", 2, limit[2], 2, "|∫Wφ − ∫φ dW(t)|, W₀ = δ⊗|φ̂|²"),
    )
    for name, k, values, order, law in cases:
        series = {"hbar": hbars[k], "error": values}
        claim = classical_limit.convergence(hbars[k], values, order, law)
        yield case(name, claim, series=series)
    wrong = classical_limit.convergence(hbars[0], limit[0], 2, "|∫Wφ − φ(Φ_t z₀)|")
    yield control("the point is not O(ħ²) close", wrong)


@claim("A17", "AFG §1, (9)")
def packets_at_start(full: bool):
    """which initial data have bounded energy.

    For packets ħ^(−αd/2) e^(ip₀·x/ħ) φ((x − x₀)/ħ^α) the energy norm ‖Hψ‖ stays bounded exactly for α ≤ 1 and, with a Coulomb
    term, x₀ off the singular set (α = 0 is allowed on it). Limits: a spread in x for α = 0, in p for α = 1, the point (x₀, p₀)
    between; for α > 1 momentum escapes. Control: α = 1.2.
    """
    alphas = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    hbars = np.array([0.2, 0.1, 0.05, 0.02] + ([0.01] if full else []))
    potential = Torsion(0.3)

    def program(hbar, alpha):
        width = hbar**alpha
        grid = Grid(0.3 - 7.0 * width, 0.3 + 7.5 * width, 960 if full else 480)
        psi = wave_packet(grid, 0.3, 1.2, hbar, alpha=alpha)
        numbers = {"momentum": 1.2, "alpha": alpha}
        return (
            initial_data.initial_kinetic(psi, grid, hbar, **numbers),
            initial_data.initial_covariance(psi, grid, hbar, alpha=alpha),
            initial_data.initial_energy_bound(psi, potential, grid, hbar, **numbers),
        )

    compiled = lightly(jax.vmap(jax.vmap(program, (0, None)), (None, 0)))
    kinetic, covariance, energy = compiled(hbars, alphas)
    series = {"hbar": hbars, "alpha": alphas, "energy": energy.lhs.centre}
    yield case("kinetic energy, 0 ≤ α ≤ 1", kinetic)
    yield case("covariances, 0 ≤ α ≤ 1", covariance)
    yield case("‖Hψ₀‖ bounded, 0 ≤ α ≤ 1", energy, series=series)
    narrow = compiled(0.1 * hbars, np.full(5, 1.2))[2]
    yield control("α = 1.2: ‖Hψ₀‖ unbounded", narrow)

    # ‖R⁻¹ψ‖ in three dimensions from the radial density of a Gaussian packet of width ħ^α about a distance R₀ from the singularity.
    start = lightly(lambda hs, R: initial_data.coulomb_start(hs, R, alpha=0.5))
    powers = start(hbars[1:], 0.0)
    law = "‖U_sψ₀‖ ~ ħ^{−α} for a packet on the singularity, α = ½"
    yield case("packet on a singularity", rate("AFG (9)", law, hbars[1:], powers, (-0.65, -0.35)))
    away = start(hbars[1:], 2.0)
    law = "‖U_sψ₀‖ bounded in ħ off the singularity, α = ½"
    yield case("packet off a singularity", rate("AFG (9)", law, hbars[1:], away, (-0.15, 0.15)))
