"""A14: what a cut-off at the singular set keeps, near and far in y; A15 beside the singularity: rates of observables."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.classical import CoulombFlow
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Scalar
from jaxwigner.phase_space.ensembles import COPIES, packet_copies
from jaxwigner.quantum import PartialWaves, RadialGrid, packet_waves
from jaxwigner.studies.claims.afg.coulomb import head_on
from jaxwigner.studies.claims.claim import case, claim, control, more
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import classical_limit, coulomb_cutoff, coulomb_observables, rate
from jaxwigner.theorems.afg.coulomb.cutoff import CutTest, Nodes

CUTOFF = 0.5  # y is cut at |y| = ħ^{−CUTOFF}
TIME, STEP = 0.7, 0.01  # the packet is at |R| = 0.75, on its way to 0.4
NEAR_POINTS, NEAR_WAVES = 111, 48  # enough for ħ ≥ 0.05
PASSING = CutTest(centre=0.75, spread=1.0, momentum=-0.7, width=0.6, growth=0.5)


def later(hbar, points: int, waves: int, time=TIME):
    """The packet at the start and at a time."""
    system, u = head_on(hbar, points, waves)
    options = {"duration": time, "steps": 20, "gradient": "forward", "throw": False}
    return system, u, evolve(system, u, **options).state


def stacked(hbars, width: Scalar, part: str, count: int, cutoff: float = CUTOFF) -> Nodes:
    """Nodes for several ħ, along a first axis."""
    found = [coulomb_cutoff.nodes(width, h**-cutoff, part, count) for h in hbars]
    return jax.tree.map(lambda *leaves: np.stack(leaves), *found)


@claim("A14", "AFG (45), (48), (49), Step 3", cost=3)
def cut_off(full: bool):
    """a cut-off η_δ at the singular set keeps O(δ) of ∫∫fφ, uniformly in ħ; far y keep less than any power of ħ.

    *Given* C_αβ ≥ 0, ℝ³ for each nucleus.

    *Corrected:* the cut-off as printed, a product over all pairs, is 1 only where *all* nuclei meet, and fails for M ≥ 3; it
    has to be η_δ = 1 − Π(1 − η(|R_α − R_β|/δ)) over the pairs with C_αβ ≠ 0, which is 1 where *some* pair is close. For M = 2
    both agree. A packet on the steepest place of η_δ nearly uses up the bound of Q₁ by the mass and attains the first power of δ.
    Controls: parts of the bounds, the identity without ∇η_δ, and a cut in y that does not grow.
    """
    points, waves = (255, 110) if full else (191, 84)
    if full:
        yield from _near(points, waves)
    yield from _identity(2**12 if full else 2**10)
    yield from _far(full, points, waves)


def _near(points: int, waves: int):
    """Far from its bound: a packet that passes, not one on the steepest place of η_δ (`sharp.nuclei`)."""
    hbars, radii = np.array([0.05, 0.03, 0.02, 0.0125]), np.array([0.5, 0.8, 1.2])

    def near(arguments):
        hbar, nodes = arguments
        system, start, u = later(hbar, points, waves)

        def one(delta):
            return coulomb_cutoff.near_part(u, start, system, PASSING, delta, nodes)

        return jax.lax.map(one, radii)

    nodes = stacked(hbars, PASSING.width, "near", 2**11)
    mass, explicit = lightly(lambda a: jax.lax.map(near, a))((hbars, nodes))
    series = {"hbar": hbars, "radius": radii, "near": mass.lhs.centre, "bound": explicit.rhs.centre}
    yield case("Q₁, every ħ and δ", explicit, series=series)
    yield case("Q₁ by the mass in |R| < 2δ", mass)
    yield control("a twentieth of that bound", mass.with_constant(0.05))


def _identity(count: int):
    points, waves = NEAR_POINTS, NEAR_WAVES
    nodes = coulomb_cutoff.nodes(PASSING.width, count=count)

    def program(hbar):
        times = TIME + STEP * jnp.array([-1.0, 0.0, 1.0])
        states = jax.lax.map(lambda time: later(hbar, points, waves, time)[2], times)
        arguments = (tuple(states), head_on(hbar, points, waves)[0], PASSING, 1.1, nodes, STEP)
        one = lambda edge: coulomb_cutoff.cut_identity(*arguments, edge=edge)  # noqa: E731
        return jax.vmap(one)(jnp.array([1.0, 0.0]))

    found = lightly(program)(0.05)
    whole, without = (jax.tree.map(lambda leaf, k=k: leaf[k], found) for k in (0, 1))
    yield case("∫∫fη_δφ and the transport of η_δφ", whole)
    yield control("without ∇η_δ", without)


def _far(full: bool, points: int, waves: int):
    hbars = np.array([0.05, 0.035, 0.025, 0.02])
    test = CutTest(centre=0.75, spread=1.0, momentum=-0.7, width=0.8, growth=0.5)

    def far(arguments):
        hbar, nodes = arguments
        system, _, u = later(hbar, points, waves)
        return jax.lax.map(lambda n: coulomb_cutoff.far_part(u, system, test, 0.8, n), nodes)

    count = 2**11 if full else 2**9
    cuts = [stacked(hbars, test.width, "far", count, cutoff) for cutoff in (CUTOFF, 0.0)]
    nodes = jax.tree.map(lambda *leaves: np.stack(leaves, axis=1), *cuts)
    both = lightly(lambda a: jax.lax.map(far, a))((hbars, nodes))
    claim, fixed = (jax.tree.map(lambda leaf, k=k: leaf[:, k], both) for k in (0, 1))
    series = {"hbar": hbars, "far": claim.lhs.centre, "far_bound": claim.rhs.centre}
    yield case("Q₂ beyond |y| = ħ^{−½}", claim, series=series)
    law = "bound of Q₂, smaller than ħ³ and any power"
    bound = rate("AFG (48)", law, hbars, claim.rhs.centre, (3.0, 30.0))
    yield case("how fast that bound falls", bound)
    still = rate("AFG (48)", law, hbars, fixed.rhs.centre, (3.0, 30.0))
    yield control("a cut that does not grow", still)


STRONG = 2.0  # charge: the packet, from 2 with momentum −1, turns at 2/(1 + 1) = 1


@more("A15", cost=3)
def beside_the_singularity(full: bool):
    """A15 for C/|R|: against the point and against the ensemble W₀, before and at the turn; φ = exp(−|R|²/2)."""
    hbars = np.array([0.028, 0.02, 0.014, 0.01] + ([0.007] if full else []))
    points, waves, steps, count = (399, 190, 28, 2**19) if full else (287, 150, 20, 2**17)
    flow = CoulombFlow(STRONG)

    def values(hbar, cloud, time):
        system = PartialWaves(RadialGrid(5.0, points), STRONG, hbar, waves=waves)
        u = packet_waves(system, 2.0, -1.0)
        numbers = {"duration": time, "steps": steps, "copies": COPIES}
        return coulomb_observables.observable_difference(system, u, flow, cloud, _bump, **numbers)

    clouds = [packet_copies(2.0, -1.0, h, 0.5, count) for h in hbars]
    clouds = jax.tree.map(lambda *leaves: np.stack(leaves), *clouds)

    def program(clouds, time):
        gaps = jax.lax.map(lambda a: values(a[0], a[1], time), (hbars, clouds))
        point = coulomb_observables.point_value(flow, 2.0, -1.0, _bump, duration=time)
        return gaps, jnp.abs(gaps.quantum - point)

    compiled = lightly(program)
    before, away = compiled(clouds, 0.7)
    law = "|∫Wφ − φ(Φ_t z₀)|, U = C/|R|"
    point = classical_limit.convergence(hbars, away, 1, law)
    yield case("C/|R|, point", point, series={"hbar": hbars, "error": away})
    wrong = classical_limit.convergence(hbars, away, 2, law)
    yield control("C/|R|, the point is not O(ħ²) close", wrong)
    law = "|∫Wφ − ∫φ d(Φ_t#W₀)| = O(ħ²), U = C/|R|, on the way in"
    claim = coulomb_observables.convergence(hbars, before, (1.7, 2.3), law)
    series = {"hbar": hbars, "error": before.gap, "sampling": before.sampling}
    yield case("C/|R|, ensemble W₀", claim, series=series)
    turn, _ = compiled(clouds, 1.0)
    # Where the packet is as wide as its distance of closest approach, the power 2 is only approached.
    law = "|∫Wφ − ∫φ d(Φ_t#W₀)| → 0 at the turn, power of ħ still growing towards 2"
    claim = coulomb_observables.convergence(hbars, turn, (1.3, 2.3), law)
    series = {"hbar": hbars, "error": turn.gap, "sampling": turn.sampling}
    yield case("C/|R|, ensemble W₀ at the turn", claim, series=series)


def _bump(r):
    return jnp.exp(-0.5 * r**2)
