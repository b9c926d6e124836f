"""G9–G12: squeezed states along the direction that the flow stretches most, E_ħ itself at both ends, f ≠ μ; ∇V not Lipschitz."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials import Gaussian as Hill
from jaxwigner.potentials import Potential
from jaxwigner.potentials.potential import Bounds
from jaxwigner.states import MixedState, Particles
from jaxwigner.studies.claims.claim import control, more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.studies.claims.gp.data import cloud
from jaxwigner.theorems import stability
from jaxwigner.theorems.gp.sharp import growth, states

L, TIME = 0.5, 1.0  # where (1 + L)/Λ is largest: ¾


class Edge(Potential):
    """V = −√(x² + a²), said to have Lip(∇V) = 1, which is true for a = 1 only: it is 1/a."""

    width: Scalar

    def __call__(self, *x):
        (q,) = self.coordinates(*x)
        return -jnp.sqrt(q**2 + self.width**2)

    def gradient(self, *x):
        (q,) = self.coordinates(*x)
        return (-q / jnp.sqrt(q**2 + self.width**2),)

    @property
    def bounds(self):
        return Bounds(gradient=1.0, hessian=1.0)


class Unbounded(Potential):
    """V = −2x², said to be bounded by 18, which is true for |x| < 3 only."""

    def __call__(self, *x):
        (q,) = self.coordinates(*x)
        return -2 * q**2

    def gradient(self, *x):
        (q,) = self.coordinates(*x)
        return (-4 * q,)

    @property
    def bounds(self):
        return Bounds(lower=-18.0, upper=0.0)


def origin(dimension: int = 1) -> Particles:
    """δ₀."""
    return Particles(jnp.ones(1), *jnp.zeros((2, 1, dimension)))


def line(points: int) -> Grid:
    """One period of `states.hill`."""
    half = np.pi / states.WAVENUMBER
    return Grid(-half, half, points)


@more("G9", cost=1)
def unbounded_interaction(full: bool):
    """Control: V = −2x², whose norm on |x| < 3 stands in for one that it has not."""
    moving = lightly(lambda z: stability.second_moment(z, Unbounded(), duration=2.0, steps=40))
    yield control("V = −2x² is not bounded", moving(cloud(32, 0.5)))


@more("G10", cost=4)
def bounded_interaction(full: bool):
    """δ₀ and a pure state squeezed 12 : 1 under a bounded V: .59 of the paper's bound, .993 of the sharp one. Λ = 1, rate L and
    Λ = .7 in place of Λ are 1.6, 2.6 and 2.2 times too small. Control: a V whose ∇V is not Lipschitz passes e^{Λt}.
    """
    v = states.stretched(L, TIME)

    def squeezed(hbar):
        R = MixedState(jnp.ones(1), states.tilted_orbitals(line(1024), hbar, 12.0, v, 1))
        return growth.growth(origin(), R, states.hill(L), line(1024), hbar, duration=TIME, steps=24)

    def edge(hbar, width):
        grid, across = Grid(-4.0, 4.0, 4096), jnp.array([1.0, 0.0])
        R = MixedState(jnp.ones(1), states.tilted_orbitals(grid, hbar, 1.0, across, 1))
        return growth.growth(origin(), R, Edge(width), grid, hbar, duration=1.0, steps=60)

    one, broken = lightly(lambda h, e, a: (squeezed(h), edge(e, a)))(0.02, 0.001, 1e-4)
    yield from two_sided("bounded V, squeezed 12 : 1", one["paper"], 0.585, 0.596)
    yield from two_sided("bounded V, squeezed 12 : 1, sharp form", one["sharp"], 0.985)
    yield control("V = −√(x² + 10⁻⁸), ∇V not Lipschitz", broken["paper"])
    if full:
        yield from _in_the_plane()


def _in_the_plane():
    """d = 2, a wide Gaussian hill, squeezed 6 : 1 along v in both coordinates."""
    v, line = states.stretched(L, TIME), Grid(-5.5, 5.5, 192)
    grid = Grid(line.lower * 2, line.upper * 2, line.points * 2)

    def program(hbar):
        one = states.tilted_orbitals(line, hbar, 6.0, v, 1)[0]
        R = MixedState(jnp.ones(1), jnp.outer(one, one)[None])
        hill = Hill(L * 4.0**2, 4.0)
        return growth.growth(origin(2), R, hill, grid, hbar, duration=TIME, steps=20)

    for name, claim in lightly(program)(0.05).items():
        low = 0.55 if name == "paper" else 0.96
        yield from two_sided(f"d = 2, squeezed 6 : 1, {name} constant", claim, low)


@more("G11", cost=6)
def mixed_states(full: bool):
    """A mixture of the two lowest levels of an oscillator squeezed 8 : 1 along v, four points on v: f ≠ μ, no Töplitz state, E_ħ
    solved at both ends. A force doubled, reversed, or one that the classical side alone feels leaves the interval.
    """
    v = states.stretched(L, TIME)
    grid, places = line(512), jnp.array([0.9, -0.9, 0.2, -0.2])
    p = Particles(jnp.full(4, 0.25), places * v[0], places * v[1])

    @lightly
    def program(hbar):
        R = MixedState(jnp.full(2, 0.5), states.tilted_orbitals(grid, hbar, 8.0, v, 2))
        return growth.growth(p, R, states.hill(L), grid, hbar, duration=TIME, steps=24)

    claims = program(0.05)
    yield from two_sided("mixed R, f ≠ μ", claims["paper"], 0.565, 0.585)
    yield from two_sided("mixed R, f ≠ μ, sharp form", claims["sharp"], 0.95)


@more("G12", cost=2)
def distances_of_points(full: bool):
    """f = δ₀ and μ = ½(δ_{.8v} + δ_{−.8v}), where dist² = E_ħ² + ½ħ: with Λ = 1 the bound is 1.6 times too small."""
    v, grid = states.stretched(L, TIME), line(1024)
    places = jnp.array([0.8, -0.8])
    mu = Particles(jnp.full(2, 0.5), places * v[0], places * v[1])
    program = lightly(
        lambda h: growth.point_distance(mu, states.hill(L), grid, h, duration=TIME, steps=24)
    )
    yield from two_sided("f = δ₀, μ two points", program(0.02), 0.567, 0.587)
