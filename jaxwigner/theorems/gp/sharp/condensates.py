"""N bosons in a condensate beside its mean field, N up to 10⁴ and V not quadratic: the rate Γ, and the upper arrow in distance.

For f = δ_0, V even, a condensate φ about 0: K_N = 0, E_ħ(δ_0, R¹_N)² = ½⟨|z|²⟩ of R¹_N, and all of Theorem 2.6 is Γ.
For Δ = N(R¹_N − |φ⟩⟨φ|), which has a limit for N → ∞, and W̃[Δ] with marginal σ in one of the axes

    ∫|∫_{−∞}^a σ|da ≤ N W₁(W̃[R¹_N], W̃[φ]) ≤ ∫|z||W̃[Δ]|dz                                     (beyond the paper)

since W₁ is no smaller than that of the marginals, and mass that goes by way of 0 travels no further.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import husimi
from jaxwigner.potentials import as_potential
from jaxwigner.quantum import FockExcitations
from jaxwigner.states import coherent_state
from jaxwigner.theorems.errors import condensate_error
from jaxwigner.theorems.gp.rates import lipschitz, mean_field_rate
from jaxwigner.theorems.gp.sharp.mean_field import FORMS, NODES, root_bound
from jaxwigner.transport import quantum_moments


def _cost(state: Any, grid: Grid, hbar: Scalar) -> Array:
    """½⟨|z|²⟩."""
    seen = quantum_moments(state, grid=grid, hbar=hbar)
    return 0.5 * (jnp.sum(seen.mean**2) + jnp.trace(seen.covariance))


def squeezed_condensate(
    bosons: FockExcitations, phi: Complex[Array, " x"], *, duration: Scalar, steps: int
) -> dict[str, Inequality]:
    """Theorem 2.6 for n = 1, f = δ_0 and N bosons that start in an even φ, by the paper’s bound and the one with square roots.

    **Arguments:** `bosons`: N ≥ 10 of them, where the truncated Fock space is as good as it says.
    """
    grid, pair, hbar, number = bosons.grid, bosons.pair, bosons.hbar, bosons.number
    run = bosons.evolve(phi, duration=duration, steps=steps, throw=False)
    start, end = _cost(phi, grid, hbar), _cost(run.state, grid, hbar)
    L, rate = lipschitz(pair), mean_field_rate(lipschitz(pair))
    K = 8 * pair.gradient_bound**2 / (number - 1)
    bounds = {
        "paper": start * jnp.exp(rate * duration) + 0.5 * K * jnp.expm1(rate * duration) / rate,
        "sharp": root_bound(start, jnp.zeros(NODES + 1), L, duration),  # K_N = 0 for a point
    }
    left = Bracket.estimated(end, condensate_error(run) * end)
    numbers = {"hbar": hbar, "N": number, "t": duration}
    law = {
        "paper": "E_ħ(δ₀, R¹_N)² ≤ e^{Γt}E_ħ(0)² + 4‖∇V‖²(e^{Γt} − 1)/Γ(N − 1), bosons",
        "sharp": "E_ħ(δ₀, R¹_N)² ≤ e^{(1+L)t}E_ħ(0)², bosons",
    }
    place = {"paper": "GP Theorem 2.6", "sharp": "beyond GP Theorem 2.6"}
    return {
        form: Inequality(place[form], law[form], left, bounds[form], parameters=numbers)
        for form in FORMS
    }


class Deviation(NamedTuple):
    """N W₁(W̃[R¹_N], W̃[φ]) from below and above, N‖R¹_N − |φ⟩⟨φ|‖₁, and the relative error of the run."""

    below: Float[Array, "*h_n"]
    above: Float[Array, "*h_n"]
    trace_norm: Float[Array, "*h_n"]
    missing: Float[Array, "*h_n"]


def husimi_deviation(
    pair: Any, hbar: Scalar, number: Scalar, *, duration: Scalar, steps: int, points: int = 64
) -> Deviation:
    """How far N bosons that start in a coherent state at 0 are from their mean field, for one ħ and N ≥ 10 (d = 1)."""
    side = 10.0 * jnp.sqrt(hbar)
    grid = Grid(-side, side, points)
    bosons = FockExcitations(grid, as_potential(pair), hbar=hbar, number=number)
    phi = coherent_state(grid, 0.0, 0.0, hbar)
    run = bosons.evolve(phi, duration=duration, steps=steps, throw=False)
    weights, vectors = jnp.linalg.eigh(run.deviation)
    phase = PhaseGrid(Grid(-side, side, points), Grid(-side, side, points))
    each = jax.lax.map(
        lambda psi: husimi(psi, grid, phase, hbar), jnp.tensordot(vectors.T, run.orbitals, 1)
    )
    change = jnp.tensordot(weights, each, 1)
    (x,), (p,) = phase.mesh
    above = jnp.sum(jnp.sqrt(x**2 + p**2) * jnp.abs(change)) * phase.cell
    step = 2 * side / points
    along = [jnp.sum(jnp.abs(jnp.cumsum(jnp.sum(change, axis=k)))) * step**3 for k in (0, 1)]
    return Deviation(jnp.maximum(*along), above, run.distance, condensate_error(run))


def deviations(
    pair: Any, hbars: Array, numbers: Array, *, duration: Scalar, steps: int
) -> Deviation:
    """`husimi_deviation` for all ħ and N, (ħ, N)."""
    one = lambda h, N: husimi_deviation(pair, h, N, duration=duration, steps=steps)  # noqa: E731
    return jax.lax.map(
        lambda h: jax.lax.map(lambda N: one(h, N), jnp.asarray(numbers)), jnp.asarray(hbars)
    )
