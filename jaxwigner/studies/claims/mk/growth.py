"""Q9–Q11: how MK_ħ grows along two solutions, and how far N bodies are from the Hartree equation, uniformly in ħ."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.states import Gaussian, MixedState
from jaxwigner.studies.claims.claim import GP, case, claim, control, two_sided
from jaxwigner.studies.claims.compiling import light_compilation, lightly
from jaxwigner.theorems import mk_growth, mk_mean_field
from jaxwigner.theorems.gp.sharp import states

HBAR = 0.1
PLACE = "§1 (MK_ħ of Golse, Mouhot and Paul)"
NUMBERS = np.array([2.0, 10.0, 100.0, 1e4])


def centred(S) -> Gaussian:
    """Mean 0."""
    return Gaussian(np.zeros(2), np.asarray(S))


@claim(
    "Q9",
    GP,
    PLACE,
    "MK_ħ(t)² ≤ δcosh(θ_L(t) + arccosh(MK_ħ(0)²/δ)) ≤ e^{(1+L)t}MK_ħ(0)², δ = dħ, for two Hartree solutions, or N bodies",
    given="∇V Lipschitz with the constant L, V even",
    beyond="the sharp form and the rate 1 + L (GMP have 1 + max(4L², 1))",
    cost=4,
)
def growth(full: bool):
    """Theorem S for MK_ħ: equal at one time for V = −½Lx² and a pure state squeezed along what the flow stretches most, for every L
    and N = ∞; .993 of it under a bounded V at ħ = .02 (1 − O(ħ), V being quadratic near 0 only). Control: .999 of the bound; a tenth
    less for the bounded V.
    """
    with light_compilation():
        for L in (0.25, 1.0, 4.0):
            extremal = mk_growth.extremal_growth(L, HBAR, 1.0)
            yield case(f"squeezed along the flow, L = {L:g}", extremal, "tight")
            yield control(
                f"squeezed along the flow, L = {L:g}: .999", extremal.with_constant(0.999)
            )
        options = {"squeezing": 40.0, "constant": "exponential"}
        exponential = mk_growth.extremal_growth(1.0, HBAR, 1.0, **options)
        R, S = centred(np.diag([0.05, 0.5])), centred(np.diag([0.06, 0.4]))
        three = mk_growth.gaussian_growth(R, S, -1.0, HBAR, 0.7, number=3.0)
    yield from two_sided("squeezed 40 : 1, exponential form", exponential, 0.99)
    yield control("squeezed 40 : 1, exponential form: .99", exponential.with_constant(0.99))
    yield from two_sided("three bodies, Gaussians of two shapes", three, 0.3)
    carried = _under_a_bounded_potential()
    yield from two_sided("bounded V, squeezed 12 : 1", carried, 0.99)
    yield control("bounded V, squeezed 12 : 1: .9", carried.with_constant(0.9))


def _under_a_bounded_potential():
    """A pure state R = S, whose only coupling is the product: 𝓔 = MK_ħ². Its momenta reach 5√(var p) on the grid."""
    v, half = states.stretched(0.5, 1.0), np.pi / states.WAVENUMBER
    grid = Grid(-half, half, 1024)

    @lightly
    def program(h):
        pure = MixedState(jnp.ones(1), states.tilted_orbitals(grid, h, 12.0, v, 1))
        options = {"duration": 1.0, "steps": 24, "saves": 1}
        return mk_growth.carried_growth(pure, pure, states.hill(0.5), grid, h, **options)

    return program(0.02)


@claim(
    "Q10",
    GP,
    PLACE,
    "with the cost ½(ω²|x−x′|² + |p−p′|²), ω² = L, the rate is 2√L",
    given="∇V Lipschitz with the constant L",
    beyond="all of it",
    cost=1,
)
def adapted_metric(full: bool):
    """The metric that the flow of V = −½Lx² suits: equal for a pure state squeezed along x + p/ω. Control: the rate 1.9√L."""

    L = 2.5
    scale = np.array([L**-0.25, L**0.25])
    S = states.tilted_covariance(HBAR, 6.0, np.sqrt(0.5) * np.ones(2))
    R, other = centred(np.outer(scale, scale) * S), centred(np.diag([0.2, 0.7]))
    with light_compilation():
        equal, slow = (
            mk_growth.adapted_growth(R, R, L, HBAR, 0.8, rate=rate) for rate in (2.0, 1.9)
        )
        two = mk_growth.adapted_growth(R, other, L, HBAR, 0.8)
    yield case("pure state along x + p/ω", equal, "tight")
    yield control("pure state along x + p/ω, rate 1.9√L", slow)
    yield from two_sided("a second Gaussian", two, 0.6)


@claim(
    "Q11",
    GP,
    PLACE,
    "from N bodies to the Hartree equation: (1/n)MK_ħ(R^{⊗n}, R_N^n)² by MK_ħ(0)² and K_N, uniformly in ħ, in three forms",
    given="∇V Lipschitz; K_N ≤ ((N−1)/N²)‖∇V‖²",
    beyond="the forms with roots and of Heisenberg; the exact quadratic model on the left",
    cost=3,
)
def mean_field(full: bool):
    """V = ½κx², N = 2 … 10⁴, n = 1 and N. A condensate squeezed along the flow uses .97 of the form with roots and .996 of the
    Heisenberg form; bodies at rest, ħ = 10⁻⁶/N, where all comes from K_N, .78 and .97. Control: the bound without K_N.
    """
    squeezed = centred(states.tilted_covariance(HBAR, 12.0, states.stretched(0.5, 1.0)))
    found = {}
    with light_compilation():
        without = cold_bodies(NUMBERS[-1])
        alone = mk_mean_field.gaussian_mean_field(*without, share_of_K=0.0)
        for N in NUMBERS:
            data = {
                "squeezed condensate": (squeezed, -0.5, HBAR, 1.0, N),
                "bodies at rest": cold_bodies(N),
            }
            for name, given in data.items():
                for n, form, bound in mk_mean_field.every_form(*given):
                    found.setdefault((name, n, form), []).append(bound)
    lows = {"squeezed condensate": (0.97, 0.35, 0.99), "bodies at rest": (0.77, 0.2, 0.96)}
    for (name, n, form), claims in found.items():
        batch = jax.tree.map(lambda *leaves: np.stack(leaves), *claims)
        low = lows[name][mk_mean_field.FORMS.index(form)]
        yield from two_sided(f"{name}, n = {n}, {form}", batch, low)
    yield control("bodies at rest, n = 1, without K_N", alone)


def cold_bodies(N: float) -> tuple[Gaussian, float, float, float, float]:
    """R, κ, ħ, t and N: wide in x, nearly at rest, ħ = 10⁻⁶/N."""
    h = 1e-6 / N
    return centred(np.diag([0.5, 0.5 * h + 1e-7 / N])), 0.5, h, 0.3, N
