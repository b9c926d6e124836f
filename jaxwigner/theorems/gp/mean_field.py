"""From N bodies to one: Golse–Paul Theorem 2.6, its consistency term, the couplings of §5, and what the sum over pairs must be.

    Theorem 2.6   (1/n)E_ħ(f(t)^{⊗n}, R_N^n(t))² ≤ e^{Γt}(1/N)E_ħ(f^{⊗N}, R_N)² + ((2‖∇V‖∞)²/(N−1))(e^{Γt} − 1)/Γ
                  Γ = 2 + max(4L², 1)                                               Vlasov against N-body Schrödinger
    consistency   K_N(ρ) = ∫|(1/N)Σ_{j≥2}∇V(x_1 − x_j) − ∇V⋆ρ(x_1)|²ρ^{⊗N}
                         = N^{−2}∫ρ[(N−1)G − (N−2)|F|²],  G = |∇V|²⋆ρ, F = ∇V⋆ρ     (exact, beyond the paper)
                         ≤ ((N−1)/N²)‖∇V‖²,  and the paper's 8‖∇V‖²/(N−1)
    sharper       √(E_n²/n)(t) ≤ e^{gt}√(E_N²(0)/N) + ∫_0^t e^{g(t−s)}√(K_N(s)/2)ds,  g = ½(1 + L)    (beyond the paper)

The energy of the pairs is (1/N)Σ_{j<k}V; with the printed double sum the limit is not the Hartree equation (a control).
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import fourier
from jaxwigner._checks import check_choice
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import ManyBodyNewton, VlasovParticles
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import toeplitz_state
from jaxwigner.potentials import as_potential
from jaxwigner.quantum import ManyBody
from jaxwigner.states import MixedState, Particles
from jaxwigner.theorems.gp.consistency import FORMS as FORMS
from jaxwigner.theorems.gp.consistency import consistency as consistency
from jaxwigner.theorems.gp.consistency import consistency_bound as consistency_bound
from jaxwigner.theorems.gp.consistency import sampled_consistency as sampled_consistency
from jaxwigner.theorems.gp.gaussians import GROUPINGS as GROUPINGS
from jaxwigner.theorems.gp.gaussians import gaussian_distance as gaussian_distance
from jaxwigner.theorems.gp.gaussians import gaussian_mean_field as gaussian_mean_field
from jaxwigner.theorems.gp.gaussians import pair_sum_limit as pair_sum_limit
from jaxwigner.theorems.gp.hierarchy import hierarchy as hierarchy
from jaxwigner.theorems.gp.rates import bound, lipschitz
from jaxwigner.theorems.gp.rates import mean_field_rate as mean_field_rate
from jaxwigner.transport import packet_cost


class BodyCoupling(eqx.Module):
    """𝓓_{ħ,N}(t) from all bodies and from the first alone, and how far the coupling is from symmetric."""

    whole: Float[Array, ""]
    first: Float[Array, ""]
    asymmetry: Float[Array, ""]


def body_coupling(
    cloud: Particles,
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int | Array,
    classical: str = "vlasov",
) -> BodyCoupling:
    """The coupling Q = Σ w_iw_j|z_iz_j⟩⟨z_iz_j| of f^{⊗2} and R_f^{⊗2}, carried: (15) of Golse–Paul, N = 2, d = 1.

    `classical`: "vlasov" (every point in the mean field, Theorem 2.6) or "nbody" (pairs of points, Theorem 2.7).
    """
    check_choice("classical", classical, ("vlasov", "nbody"))
    pair, K = as_potential(pair), cloud.weights.shape[0]
    one = toeplitz_state(cloud, grid, hbar).orbitals
    orbitals = jnp.einsum("ix,jy->ijxy", one, one).reshape(K * K, *grid.shape * 2)
    weights = jnp.einsum("i,j->ij", cloud.weights, cloud.weights).reshape(-1)
    options = {"duration": duration, "steps": steps, "throw": False}
    system = ManyBody(grid, pair, hbar, 2, symmetric=False)
    R = evolve(system, MixedState(weights, orbitals), **options).state
    Z = _configurations(cloud, pair, classical, weights, options)
    both = Grid(grid.lower * 2, grid.upper * 2, grid.points * 2)
    cost = packet_cost(Z, R, both, hbar).cost
    alone = _first_body_cost(Z, R, both, hbar)
    square = R.orbitals.reshape(K, K, *both.shape)
    asymmetry = jnp.max(jnp.abs(square - square.transpose(1, 0, 3, 2)))
    return BodyCoupling(0.5 * cost, alone, asymmetry * grid.cell)


def _configurations(cloud, pair, classical, weights, options) -> Particles:
    """All pairs of points, moved."""
    K = cloud.weights.shape[0]
    i, j = (index.reshape(-1) for index in np.indices((K, K)))
    if classical == "vlasov":
        cloud = evolve(VlasovParticles(pair), cloud, **options).state
    pairs = lambda a: jnp.concatenate([a[i], a[j]], axis=1)  # noqa: E731
    Z = Particles(weights, pairs(cloud.positions), pairs(cloud.momenta))
    if classical == "nbody":
        Z = evolve(ManyBodyNewton(pair, 2), Z, **options).state
    return Z


def _first_body_cost(Z: Particles, R: MixedState, grid: Grid, hbar: Scalar) -> Float[Array, ""]:
    """Σ w tr(c_{ħ,1}Q): the marginal n = 1 of Lemma 5.4."""

    def of_one(x, xi, psi):
        rho = jnp.sum(jnp.abs(psi) ** 2, axis=1) * grid.cell
        power = jnp.sum(jnp.abs(fourier.fft(psi, axis=0)) ** 2, axis=1)
        power = power * (grid.cell / psi.shape[0])
        here = jnp.sum((grid.axes[0] - x[0]) ** 2 * rho)
        return 0.5 * (here + jnp.sum((hbar * grid.wavenumbers[0] - xi[0]) ** 2 * power))

    return R.weights @ jax.vmap(of_one)(Z.positions, Z.momenta, R.orbitals)


def body_bound(
    run: BodyCoupling,
    coarse: BodyCoupling,
    pair: Any,
    hbar: Scalar,
    time: Scalar,
    *,
    theorem: str,
    constant: str = "paper",
) -> Inequality:
    """Theorem 2.6 or 2.7 with N = 2, d = 1 and Töplitz product data: ½ħ ≤ E_ħ²/n ≤ 𝓓(t) ≤ the bound.

    `coarse`: the same with half the steps, for the error in time.
    """
    check_choice("theorem", theorem, ("2.6", "2.7"))
    pair, floor = as_potential(pair), 0.5 * hbar
    error = jnp.abs(run.whole - coarse.whole)
    if theorem == "2.7":
        right = bound(Bracket.exact(floor), floor, lipschitz(pair), time, constant)
    else:
        gamma = mean_field_rate(lipschitz(pair))
        growth = jnp.expm1(gamma * time) / gamma
        right = floor * jnp.exp(gamma * time) + (2 * pair.gradient_bound) ** 2 * growth
    return Inequality(
        f"GP Theorem {theorem}" if constant == "paper" else f"beyond GP Theorem {theorem}",
        "E_ħ² ≤ 𝓓_{ħ,2}(t) ≤ "
        + ("e^{Γt}½ħ + (2‖∇V‖)²(e^{Γt}−1)/Γ" if theorem == "2.6" else "½ħ·growth, N = 2"),
        Bracket(floor, run.whole + error, rigorous=False),
        right,
        parameters={"hbar": hbar, "t": time, "N": 2},
    )


def one_body_is_enough(run: BodyCoupling) -> Inequality:
    """Lemma 5.4: 𝓓_{ħ,N} is the same from the marginals of every n (here n = 1 and 2)."""
    return Inequality(
        "GP Lemma 5.4",
        "𝓓_{ħ,2} from n = 2 and from n = 1",
        Bracket.estimated(run.whole, 1e-12),
        run.first,
        kind="identity",
        width=1e-10,
    )


def symmetry_is_kept(run: BodyCoupling) -> Inequality:
    """(14) and Lemma 5.1 (b): Q(t, σZ) = U_σQ(t, Z)U_σ* for all times."""
    return Inequality("GP Lemma 5.1 (b)", "|Q(σZ) − U_σQ(Z)U_σ*| = 0", run.asymmetry, 1e-12)
