"""A6, G2: limits of Wigner functions as measures, and Husimi functions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid
from jaxwigner.phase_space import GaussianTest, weak_integral
from jaxwigner.states import cat_state, fock_orbitals, wave_packet
from jaxwigner.studies.claims.claim import case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import limit_measures, wigner_measures


@claim("A6", "AFG Lemma 3.1, Lemma 2.2", cost=4)
def masses(full: bool):
    """limits are positive measures, of mass 1 exactly when tight.

    Limits of W as ħ → 0 are positive measures, though W itself is not positive; their mass is at most that of the states, and
    equal to it exactly when position *and* momentum densities are tight. Cats lose their fringes weakly and keep them in sup
    norm. Controls: a packet that runs to infinity, or whose momentum does, leaves nothing behind.
    """
    hbars = np.array([0.02, 0.01]) if full else np.array([0.04, 0.02])
    radius = 6.0
    wide = GaussianTest(lambda x: jnp.exp(-(x**2) / (2 * radius**2)), 0.0, radius)

    def mass(hbar, alpha, position, momentum):
        width = jnp.maximum(hbar**alpha, 0.25)
        grid = Grid(position - 8.0 * width, position + 9.0 * width, 16384 if full else 6144)
        psi = wave_packet(grid, position, momentum, hbar, alpha=alpha)
        return jnp.real(weak_integral(psi, grid, wide.transform, hbar, lags=96))

    q, p = 0.3, 0.5
    alphas = np.array([0.0, 0.5, 1.0, 0.5, 0.5])
    escapes = np.array([[0.0, 0.0]] * 3 + [[0.0, 1.0], [1.0, 0.0]])  # of position, of momentum

    def masses_of(alpha, escape):
        one = lambda hbar: mass(hbar, alpha, q + escape[0] / hbar, p + escape[1] / hbar)  # noqa: E731
        return jax.lax.map(one, jnp.asarray(hbars))

    values = lightly(jax.vmap(masses_of))(alphas, escapes)
    # Second moments of the limits about 0: |z₀|², and ½ for a spread in position or momentum.
    second = q**2 + p**2 + np.array([0.5, 0.0, 0.5])
    law = "mass of the limit of W_ħ is 1, from φ = e^{−|z|²/2R²}"
    for k, name in enumerate(("0", "½", "1")):
        near_one = Bracket(1 - second[k] / (2 * radius**2), 1.0)
        claim = limit_measures.limit_value(values[k], hbars, near_one, law)
        yield case(f"tight, α = {name}", claim, radius=radius)
    for k, name in ((3, "momentum p ~ 1/ħ"), (4, "position x ~ 1/ħ")):
        gone = "mass of the limit of W_ħ is 0, from φ = e^{−|z|²/2R²}"
        claim = limit_measures.limit_value(values[k], hbars, 0.0, gone)
        yield case(f"escape of {name}: mass lost", claim, radius=radius)
        claim = limit_measures.limit_value(values[k], hbars, 1.0, law)
        yield control(f"escape of {name}: not tight", claim, radius=radius)
    yield from _cats(full)


def _cats(full: bool):
    """A superposition of two packets: half of the mass at each, fringes that vanish weakly but not pointwise."""
    grid = Grid(-3.2, 3.4, 792 if full else 396)  # x = 0 is a point of it
    hbars = np.array([0.04, 0.02])
    q, curvature = 1.5, 1 / 0.4**2
    bump = lambda centre: lambda x: jnp.exp(-0.5 * curvature * (x - centre) ** 2)  # noqa: E731
    tests = [GaussianTest(bump(centre), 0.0, 0.5) for centre in (q, 0.0)]
    limits = [0.5 * float(test.profile(q) + test.profile(-q)) for test in tests]

    def program(hbar):
        cat = cat_state(grid, q, 0.0, hbar)
        odd = fock_orbitals(grid, 2, hbar)[1]
        # The width at which φ sees most of the negative centre of an odd state.
        sharp = GaussianTest(lambda x: jnp.exp(-3 * x**2 / hbar), 0.0, jnp.sqrt(hbar / 6))
        value = lambda test: jnp.real(weak_integral(cat, grid, test.transform, hbar))  # noqa: E731
        return (
            value(tests[0]),
            value(tests[1]),
            wigner_measures.sup_bound(cat, grid, hbar),
            limit_measures.positivity(odd, grid, sharp, hbar, curvature=6 / hbar),
            limit_measures.projection_bound(cat, grid, tests[0], hbar, curvature=curvature),
        )

    half, fringes, sup, positive, projected = lightly(jax.vmap(program))(hbars)
    law = "∫∫W_ħφ → ½φ(z₀) + ½φ(−z₀) for a cat"
    claims = [
        limit_measures.limit_value(values, hbars, limit, law)
        for values, limit in zip((half, fringes), limits)
    ]
    yield case("cat: half of the mass at z₀", claims[0])
    yield case("cat: nothing on the fringes between", claims[1])
    yield case("cat: fringes stay in sup norm", sup, "tight")
    yield case("positivity up to O(ħ), odd state", positive)
    yield control("positivity without the O(ħ)", positive.with_constant(0.0))
    yield case("projection to positions", projected)
