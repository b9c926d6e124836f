"""G14, G17: three bodies that nearly use up Theorem 2.7; N classical bodies beside the mean field; no symmetry, no 1/N."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.inequality import Inequality
from jaxwigner.potentials import Cosine
from jaxwigner.states import Particles, coherent_state
from jaxwigner.studies.claims.claim import control, more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems.gp.sharp import bodies, states
from jaxwigner.transport import semiquantum


@more("G17", cost=3)
def three(full: bool):
    """δ₀ and a pure state of three bodies on the grid of all, relative modes squeezed 4 : 1 along v: .49 of the paper's bound, .90 of
    the sharp one, for every n; twice the force leaves them. Bodies apart: .54 of the bound of dist(F_3, W̃[R_3])². Control: bodies
    that are not exchanged, whose first one is far away.
    """
    half, points = (3.7, 96) if full else (3.3, 80)
    grid, v = Grid(-half, half, points), states.stretched(0.5, 1.0)
    line = Grid(-6.0, 6.0, 96)

    @lightly
    def program(hbar, place):
        found = bodies.three_bodies(states.hill(0.5), grid, hbar, 4.0, v, duration=1.0, steps=8)
        point = Particles(jnp.ones(1), jnp.zeros(1), jnp.zeros(1))
        costs = jax.lax.map(
            lambda x: (
                semiquantum(point, coherent_state(line, x, 0.0, 0.2), grid=line, hbar=0.2).cost
            ),
            jnp.stack([place, 0.0]),
        )
        away, here = (jax.tree.map(lambda leaf, k=k: leaf[k], costs) for k in (0, 1))
        return found, away, (away + here + here) * (1 / 3)

    found, one, all_three = program(0.05, 1.0)
    yield from two_sided("three bodies, squeezed 4 : 1", found["paper"], 0.485, 0.5)
    yield from two_sided("three bodies, squeezed 4 : 1, sharp form", found["sharp"], 0.89)
    yield from two_sided("three bodies, squeezed 4 : 1, distance", found["husimi"], 0.52, 0.54)
    law = "E_ħ(F¹, R¹)² ≤ (1/3)E_ħ(F_3, R_3)², a first body that is not like the others"
    yield control("no exchange symmetry", Inequality("GP Theorem 2.7", law, one, all_three))
    yield from _points(v)
    if full:
        yield from _spread_pair()


def _points(v):
    """Displays 3 and 4, for the distance of Husimi functions: μ_3 of bodies at .8v, −.8v and 0 beside F_3 = δ_0, and μ_3 = δ_0."""
    grids = Grid(-3.4, 3.4, 64), Grid(-1.2, 1.2, 48)
    places = jnp.array([0.8, -0.8, 0.0]), jnp.zeros(3)

    @lightly
    def program(*hbars):
        return [
            bodies.three_packets(states.hill(0.5), *one, v, duration=1.0, steps=8)
            for one in zip(grids, hbars, places)
        ]

    apart, together = program(0.1, 0.02)
    yield from two_sided("three bodies, μ ≠ F = δ₀", apart, 0.53, 0.545)
    yield from two_sided("three bodies, μ = F = δ₀", together, 0.355, 0.37)


def _spread_pair():
    """n = 1 < N = 2: two points at rest for each body, E_ħ by the solver."""
    rest = Particles(jnp.full(2, 0.5), np.pi / 4 * jnp.array([1.0, -1.0]), jnp.zeros(2))
    grid = Grid(-1.6, 1.6, 224)

    def program(hbar, time):
        two = bodies.OneOfTwo(rest, Cosine(0.5), grid, hbar, rank=12)
        return two.growth(duration=time, steps=16)

    found = lightly(program)(0.003, 0.8)
    yield from two_sided("one of two bodies, spread F", found["paper"], 0.285, 0.295)
    yield from two_sided("one of two bodies, spread F, sharp form", found["sharp"], 0.785, 0.81)


@more("G14", order=1, cost=3)
def classical_bodies(full: bool):
    """N classical bodies and the same points in the field of the cloud that they are drawn from, V = cos x: at rest .74 of the bound by
    K_N, from a warm cloud .4. Control: the force of the printed double sum.
    """
    rest = Particles(jnp.full(2, 0.5), np.pi / 4 * jnp.array([1.0, -1.0]), jnp.zeros(2))
    warm = np.random.default_rng(0).normal(size=(2, 64)) * 0.6
    warm = Particles(np.full(64, 1 / 64), *warm)
    sizes = ((3, 2000), (10, 1000), *(((100, 600),) if full else ()))
    beside = bodies.bodies_beside_the_field

    @lightly
    def program(z, w, short, long):
        cold = [beside(z, Cosine(1.0), N, S, duration=short, steps=16) for N, S in sizes]
        by = lambda f: beside(w, Cosine(1.0), 10, 1000, duration=long, steps=16, factor=f)  # noqa: E731
        return cold, jax.lax.map(by, jnp.array([1.0, 2.0]))

    cold, both = program(rest, warm, 0.3, 1.0)
    other, twice = (jax.tree.map(lambda leaf, k=k: leaf[k], both) for k in (0, 1))
    for (N, _), claim in zip(sizes, cold):
        yield from two_sided(f"N = {N}, at rest", claim, 0.55)
    yield from two_sided("N = 10, warm", other, 0.25, 0.55)
    yield control("force of the printed double sum", twice)
    if full:
        yield from _pair_beside_the_field(rest)


def _pair_beside_the_field(rest):
    """n = 1 < N = 2 of Theorem 2.6, E_ħ by the solver: without K_N the bound is 3.6 times too small."""
    grid = Grid(-1.3, 1.3, 384)

    def program(hbar, time):
        two = bodies.OneOfTwo(rest, Cosine(0.5), grid, hbar)
        return two.mean_field(duration=time, steps=16)

    found = lightly(program)(6e-4, 0.6)
    yield from two_sided("one of two bodies beside the field", found["paper"], 0.225, 0.237)
    yield from two_sided("one of two bodies beside the field, sharp form", found["sharp"], 0.43)
