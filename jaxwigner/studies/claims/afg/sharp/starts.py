"""A7, A8, A12, A14, A17: known at one time: mass outside, momenta above inf U, two nuclei described twice, Q₁ of an extremiser."""

from __future__ import annotations

import math

import jax
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
from jaxwigner.states import coherent_state, wave_packet
from jaxwigner.studies.claims.claim import case, more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import (
    coulomb,
    coulomb_bodies,
    coulomb_cutoff,
    initial_data,
    propagation,
)
from jaxwigner.theorems.afg.coulomb.cutoff import CutTest, Nodes
from jaxwigner.theorems.afg.sharp import extremisers

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


@more("A17", cost=1)
def energy_at_start(full: bool):
    """‖H_ħψ₀‖ for U = 0 and α = 1: at rest all of the bound is ½‖Δφ‖, fast packets have ½|p|², between them the mixed term counts."""
    hbar, momenta = 0.1, np.array([0.0, 2.0, 20.0])
    grid = Grid(-8.0 * hbar, 8.5 * hbar, 384)

    def program(momentum):
        psi = wave_packet(grid, 0.0, momentum, hbar, alpha=1.0)
        numbers = {"momentum": momentum, "alpha": 1.0}
        return initial_data.initial_energy_bound(psi, Free(), grid, hbar, **numbers)

    claims = lightly(jax.vmap(program))(momenta)
    shares = ((0.99, 1.001, "tight"), (0.69, 0.7, "holds"), (0.93, 0.94, "holds"))
    for k, (low, high, expected) in enumerate(shares):
        one = jax.tree.map(lambda side, k=k: side[k], claims)
        name = f"U = 0, α = 1, p₀ = {momenta[k]:g}"
        yield from two_sided(name, one, low, high, expected=expected)


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


@more("A14", order=5, cost=2)
def growing_test(full: bool):
    """Q₁ of the packet that comes nearest to R = 0, for a φ that grows so fast in time that its slopes do not count: |Q₁| is its mass
    where η_δ = 1, of all that (9) allows in |R| < 2δ.
    """
    deltas, charge, h = np.array([0.05, 4.0]), 0.5, 0.1
    nodes = coulomb_cutoff.nodes(1.0, 4.0, "near", 2**8)

    def program(deltas, nodes):
        def one(delta):
            hbar = h * jnp.sqrt(2 * charge * delta)
            system = PartialWaves(RadialGrid(24 * delta, 256, "lobatto"), charge, hbar, waves=1)
            u = extremisers.collider(system, 0.6 * delta)
            fast = jnp.sqrt(charge / delta)
            test = CutTest(0.0, 1e3 * delta, 0.0, 30 * fast, growth=1e6 * fast / delta)
            points = Nodes(nodes.unit, nodes.lags / test.width, nodes.share)
            return coulomb_cutoff.near_part(u, u, system, test, delta, points)

        return jax.lax.map(one, deltas)

    mass, explicit = lightly(program)(deltas, nodes)
    yield from two_sided("φ that grows fast, Q₁ by the mass", mass, 0.84)
    yield from two_sided("φ that grows fast, Q₁ by K", explicit, 0.035, 0.045)
