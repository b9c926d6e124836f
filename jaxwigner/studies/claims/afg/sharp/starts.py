"""A7, A8, A12: what is known at the start: mass that is outside, momenta above inf U, two nuclei as two kinds of states."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import GaussianTest
from jaxwigner.potentials import Cosine, Free, Gaussian, Potential
from jaxwigner.quantum import PartialWaves, RadialGrid, packet_waves
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.nuclei.centre_of_mass import CentreOfMass
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.states import coherent_state
from jaxwigner.studies.claims.claim import case, more
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.studies.claims.nearly import two_sided
from jaxwigner.theorems import coulomb, coulomb_bodies, propagation

AT_ONCE = {"duration": 1e-3, "steps": 1, "saves": 1}


@more("A8", order=2, cost=1)
def outside_already(full: bool):
    """Mass beyond R₀ from the start counts on both sides; energies count from inf U = −1."""
    hbar = 0.001

    def program():
        line = Grid(1.6, 2.4, 256)
        resting = coherent_state(line, 2.0, 0.0, hbar)
        outside = propagation.position_tail(
            resting, Free(), line, hbar, radius=1.5, inner=1.0, **AT_ONCE
        )
        well = Grid(-0.4, 0.4, 512)
        running = coherent_state(well, 0.0, 1.0, hbar)
        momenta = propagation.momentum_tail(
            running, Cosine(-1.0), well, hbar, radius=0.92, **AT_ONCE
        )
        return outside, momenta

    outside, momenta = lightly(program)()
    yield from two_sided("mass outside from the start", outside, 0.99, 1.001, expected="tight")
    yield from two_sided("momenta, inf U = −1", momenta, 0.82)


@more("A7", order=3, cost=1)
def no_mean_momentum(full: bool):
    """(21) for φ about p = 0, whose ‖p·∇φ‖_A is all due to its width τ: r = e^{−½}."""
    hbar, width = 0.00125, 0.5
    half = 7.0 * math.sqrt(hbar)
    grid = Grid(1.0 - half, 1.0 + half, 512)
    test = GaussianTest(lambda x: jnp.exp(-(x**2) / 2), 0.0, width)

    def program():
        psi = coherent_state(grid, 1.0, width, hbar)
        numbers = {"slope": math.exp(-0.5), "lags": int(test.reach() * hbar / grid.spacing[0]) + 1}
        return propagation.rate_of_change(psi, Free(), grid, test, hbar, **numbers, **AT_ONCE)

    flank = lightly(program)()
    yield from two_sided("φ about p = 0", flank, 0.58, 0.62)


class Between(Potential):
    """A function of R₁ − R₂ as a potential of both nuclei in R⁶."""

    relative: Potential

    def __call__(self, *x):
        x = self.coordinates(*x)
        return self.relative(*(a - b for a, b in zip(x[:3], x[3:])))

    @property
    def bounds(self):
        return self.relative.bounds


@more("A12", order=5, cost=2)
def both_descriptions(full: bool):
    """Two nuclei as partial waves beside a centre of mass, and as a product of packets: the same ∫|∇U_s||Ψ|² and ‖(H − κ)Ψ‖² in R⁶,
    with a well for U_b.
    """
    hbar, charge, depth, width = 0.25, 0.7, -0.3, 2.0
    apart, drift = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]), np.array([[0.0, 0.0, 0.6]] * 2)
    points = coulomb_bodies.normal_points(6, 2**9)

    def program(points):
        # Packets of width s = ħ^½ each: the centre of mass has s/√2, the relative coordinate √2 s = ħ^¼ at ħ = ¼.
        well = Gaussian(depth, width)
        system = PartialWaves(
            RadialGrid(9.0, 95, "lobatto"), charge, hbar, waves=24, potential=well
        )
        u = packet_waves(system, 2.0, 0.0, alpha=0.25, tolerance=1e-3)
        passage = coulomb.watch(system, u, duration=1e-4, saves=1)
        centre = CentreOfMass(0.0, 1.2, width=math.sqrt(0.5 * hbar), hbar=hbar)
        packets = ProductPackets(apart, drift, hbar)
        between = Between(Gaussian(depth, width, (0.0, 0.0, 0.0)))
        seen = coulomb_bodies.measure(packets, charge * np.ones((2, 2)), between, points=points)
        both = coulomb.force_bound(passage, centre), coulomb_bodies.force_bound(seen)
        return *both, coulomb.force_bound(passage), radial.force_moment(u, system)

    waves, product, relative, force = lightly(program)(points)
    sides = (
        ("∫|∇U_s||Ψ|² in R⁶", waves.lhs, product.lhs),
        ("(√2/C)‖(H−κ)Ψ‖² in R⁶", waves.rhs, product.rhs),
        ("∫|∇U_s||Ψ|², |R|", relative.lhs, Bracket.estimated(force, 1e-6 * force)),
    )
    for words, one, other in sides:
        options = {"kind": "identity", "width": 0.02 * float(other.centre)}
        same = Inequality("AFG (28)", f"{words}, computed in two ways", one, other, **options)
        yield case(f"two ways: {words}", same)
