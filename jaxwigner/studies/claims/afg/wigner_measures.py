"""A1, A2, A5: the Wigner function itself."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.phase_space import GaussianTest
from jaxwigner.states import cat_state, coherent_state, fock_orbitals, squeezed_state
from jaxwigner.studies.claims.claim import case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import rate, wigner_measures


def naive_wigner(psi, grid: Grid, phase: PhaseGrid, hbar):
    """W from correlations at the grid's own spacing, ψ(x + mΔ)ψ*(x − mΔ): it knows only half of the momentum band."""
    n, step = grid.points[0], grid.spacing[0]
    lag = np.arange(-n // 2, n // 2)
    padded = jnp.pad(psi, (n, n))
    index = np.arange(n)[:, None] + n
    correlation = padded[index + lag[None]] * jnp.conj(padded[index - lag[None]])
    momenta = jnp.asarray(phase.momentum.axes[0])
    kernel = jnp.exp((-2j * step / hbar) * (jnp.asarray(lag)[:, None] * momenta[None, :]))
    half_band = jnp.abs(momenta) <= 0.5 * np.pi * hbar / step
    return jnp.real(correlation @ kernel) * (step / (np.pi * hbar)) * half_band[None, :]


@claim("A1", "AFG (6)")
def marginals(full: bool):
    """the marginals of W are |ψ|² and |ψ̂|².

    ∫W dp = |ψ|² and ∫W dx = |ψ̂|², the densities of position and momentum, in one and two dimensions. Control: W from
    correlations on the grid's own spacing, which knows only half of the momenta.
    """
    line = Grid(-8.0, 7.0, 240 if full else 144)
    plane = Grid((-5.5, -5.0), (5.0, 5.5), (32, 30))

    def program(hbar):
        # Beyond half of the momentum band πħ/Δ.
        momentum = 0.55 * np.pi * hbar / line.spacing[0]
        psi = cat_state(line, 1.5, momentum, hbar)
        in_plane = squeezed_state(plane, (0.3, -0.2), (0.4, 0.5), 1.25 * hbar, (1.2, 0.9))
        return (
            wigner_measures.position_marginal(psi, line, hbar),
            wigner_measures.momentum_marginal(psi, line, hbar),
            wigner_measures.momentum_marginal(in_plane, plane, 1.25 * hbar),
            wigner_measures.momentum_marginal(psi, line, hbar, transform=naive_wigner),
        )

    over_p, over_x, in_plane, naive = lightly(program)(0.4)
    yield case("position density", over_p)
    yield case("momentum density", over_x)
    yield case("momentum density, d = 2", in_plane)
    yield control("W on the grid's own spacing", naive)


@claim("A2", "AFG Lemma 2.2")
def sup_norm(full: bool):
    """sup|W| ≤ (πħ)^{−d}‖ψ‖², attained by odd and even states; the bound for differences.

    |F(ψ, χ)| ≤ (πħ)⁻ᵈ‖ψ‖‖χ‖ for the bilinear Wigner function, hence |W| ≤ (πħ)⁻ᵈ‖ψ‖²; a difference of states costs (πħ)⁻ᵈ(‖ψ −
    ψ′‖‖χ‖ + ‖ψ′‖‖χ − χ′‖). Sharp: every even or odd state attains it at the centre of its parity, the odd ones with a negative
    sign.
    """
    grid = Grid(-6.5, 6.0, 200 if full else 100)  # x = 0 is a point of it

    def program(hbar):
        even, odd = fock_orbitals(grid, 4, hbar)[2:]
        psi = coherent_state(grid, 1.0, 0.5, hbar)
        skew = psi + 0.5 * squeezed_state(grid, -1.0, -0.7, hbar, 2.0)
        near = coherent_state(grid, 1.1, 0.4, hbar)
        other = squeezed_state(grid, -1.0, -0.6, hbar, 1.8)
        return (
            wigner_measures.sup_bound(skew, grid, hbar),
            wigner_measures.sup_bound(even, grid, hbar),
            wigner_measures.parity_value(odd, grid, 0.0, 0.0, hbar, parity=-1),
            wigner_measures.difference_bound(psi, near, skew, other, grid, hbar),
        )

    skew, even, odd, difference = lightly(program)(0.25)
    yield case("no parity", skew)
    yield case("even state: equality", even, "tight")
    yield case("odd state: −(πħ)⁻¹ at its centre", odd)
    yield case("continuity of F(ψ, χ)", difference)
    yield control("half the constant", even.with_constant(0.5))


@claim("A5", "AFG (18), (19)", cost=1)
def weak_norm(full: bool):
    """|∫∫Wφ| ≤ (2π)^{−d}‖ψ‖²‖φ‖_A, sharp.

    ‖φ‖_A = ∫sup_x|F_pφ(x, y)| dy is the norm in which limits of Wigner functions are taken. Sharp: for φ = a(x) times a
    Gaussian in p, packets at the maximum of |a| reach it in the limit, 1 − ratio = O(ħ).
    """
    grid = Grid(-3.0, 3.5, 512 if full else 256)
    hbars = np.array([0.16, 0.08, 0.04, 0.02] + ([0.01] if full else []))
    test = GaussianTest(lambda x: jnp.exp(-((x - 0.3) ** 2) / 2), momentum=0.4, width=0.7)
    lags = int(test.reach(1e-14) * hbars[0] / grid.spacing[0])

    def program(hbar):
        psi = coherent_state(grid, 0.3, 0.4, hbar)
        return wigner_measures.weak_bound(psi, grid, test, hbar, lags=lags)

    claims = lightly(jax.vmap(program))(hbars)
    deficit = 1 - claims.ratio
    series = {"hbar": hbars, "deficit": deficit}
    yield case("packet at the maximum of φ", claims, series=series)
    sharp = rate(
        "AFG (19)", "1 − |∫∫Wφ|/bound = O(ħ): the norm is attained", hbars, deficit, (0.85, 1.15)
    )
    yield case("approach to equality", sharp, series=series)
    yield control("half the constant", claims.with_constant(0.5))
