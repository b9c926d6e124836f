"""What must not change when the description changes: origin, unit of action, direction of time, mirror image, order, batch, restart.

One program a system, of traced numbers only, so that an input costs milliseconds. With shift s and scale λ lengths are λx + s, momenta
λp, ħ → λ²ħ, U → λ²U((x − s)/λ), times and masses stay: the same motion in other units. Seeds are fixed; `METAMORPHIC=10000 pytest …`
draws that many inputs for each test, and other ones every time. Distances have their own: tests/transport/test_invariance.py.
"""

import functools
import os
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import jaxwigner as jw

LONG = "METAMORPHIC" in os.environ
PROPERTY = settings(
    deadline=None,
    max_examples=int(os.environ.get("METAMORPHIC", "4")),
    derandomize=not LONG,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
HALF, STEPS = 6.0, 6


class Motion(NamedTuple):
    """A start (q, p), and what moves it."""

    q: float
    p: float
    hbar: float
    mass: float
    depth: float
    tilt: float
    duration: float
    shift: float = 0.0
    scale: float = 1.0


numbers = lambda low, high: st.integers(0, 256).map(lambda n: low + (high - low) * n / 256)  # noqa: E731
MOTIONS = st.builds(
    Motion,
    q=numbers(-1.0, 1.0),
    p=numbers(-1.0, 1.0),
    hbar=numbers(0.3, 0.6),
    mass=numbers(0.7, 1.5),
    depth=numbers(-0.5, 0.5),
    tilt=numbers(-0.3, 0.3),
    duration=numbers(-0.8, 0.8),
    shift=st.just(0.0),
    scale=st.just(1.0),
)


def potential(c):
    """λ²(depth·cos kξ + tilt·sin 2kξ), ξ = (x − s)/λ, k = π/HALF: of the box's period, even only without tilt."""
    k = np.pi / HALF

    def value(x):
        xi = (x - c.shift) / c.scale
        return c.scale**2 * (c.depth * jnp.cos(k * xi) + c.tilt * jnp.sin(2 * k * xi))

    return value


def pair(c):
    return lambda x: c.scale**2 * 0.2 * jnp.cos(np.pi / HALF * x / c.scale)


def grid(c, points=48):
    return jw.Grid(c.shift - HALF * c.scale, c.shift + HALF * c.scale, points)


def phase(c):
    """Momenta half a cell off zero: none of them is its own mirror image."""
    return jw.PhaseGrid(grid(c), jw.Grid(-4.875 * c.scale, 5.125 * c.scale, 40))


def packet(c):
    place = c.shift + c.scale * c.q
    return jw.coherent_state(grid(c), place, c.scale * c.p, c.scale**2 * c.hbar)


def field(c):
    (x,), (p,) = phase(c).mesh
    moved = ((x - c.shift) / c.scale - c.q) ** 2 + (p / c.scale - c.p) ** 2
    return jnp.exp(-moved / 0.8) / (0.8 * np.pi * c.scale**2)


def bodies(c):
    """Three bodies on a line, as three coordinates of one point or as a cloud of three."""
    places = c.shift + c.scale * (c.q + jnp.array([-1.1, 0.2, 1.3]))
    return places, c.scale * (c.p + jnp.array([0.1, -0.2, 0.3]))


def three(c):
    places, momenta = bodies(c)
    return jw.Particles(jnp.ones(1), places[None], momenta[None])


def cloud(c):
    return jw.Particles(jnp.array([0.2, 0.3, 0.5]), *bodies(c))


SYSTEMS = {
    "schrodinger": (
        lambda c: jw.Schrodinger(grid(c), potential(c), c.scale**2 * c.hbar, c.mass),
        packet,
    ),
    "hartree": (
        lambda c: jw.Hartree(grid(c), pair(c), c.scale**2 * c.hbar, potential(c), mass=c.mass),
        packet,
    ),
    "moyal": (
        lambda c: jw.Moyal(phase(c), potential(c), c.scale**2 * c.hbar, c.mass),
        field,
    ),
    "liouville": (lambda c: jw.Liouville(phase(c), potential(c), c.mass), field),
    "vlasov": (lambda c: jw.Vlasov(phase(c), pair(c), potential(c), c.mass), field),
    "newton": (lambda c: jw.Newton(potential(c), c.mass), cloud),
    "nbody": (lambda c: jw.ManyBodyNewton(pair(c), 3, potential(c), mass=c.mass), three),
    "particles": (lambda c: jw.VlasovParticles(pair(c), potential(c), c.mass), cloud),
}
WAVES = ("schrodinger", "hartree")
FIELDS = ("moyal", "liouville", "vlasov")
CLOUDS = ("newton", "nbody", "particles")
each = pytest.mark.parametrize("name", SYSTEMS)


def plain(c, name, state):
    """A state in the units of shift 0 and scale 1."""
    if name in WAVES:
        return state * jnp.sqrt(c.scale)
    if name in FIELDS:
        return state * c.scale**2
    return jnp.stack([(state.positions - c.shift) / c.scale, state.momenta / c.scale])


@functools.cache
def program(name):
    """(motion, state or None) ↦ the state after the motion's duration, compiled once."""
    make, begin = SYSTEMS[name]

    @jax.jit
    def run(c, state):
        options = {"duration": c.duration, "steps": STEPS, "throw": False}
        return jw.evolve(make(c), state, **options).state

    return run, jax.jit(begin)


def close(one, other, tolerance=1e-11):
    one, other = (jnp.concatenate([jnp.ravel(x) for x in jax.tree.leaves(t)]) for t in (one, other))
    size = float(jnp.max(jnp.abs(other)))
    np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * max(size, 1.0))


def traced(c):
    return Motion(*map(jnp.asarray, c))


@each
@PROPERTY
@given(c=MOTIONS, shift=st.integers(-1000, 1000), power=st.integers(-20, 20))
def test_origin_and_unit(name, c, shift, power):
    """The same motion about another origin and in another unit of action, λ from 1e-6 to 1e6."""
    run, begin = program(name)
    moved = c._replace(shift=shift * 2.0**power / 64, scale=2.0**power)
    here, there = (traced(x) for x in (c, moved))
    close(
        plain(there, name, run(there, begin(there))),
        plain(here, name, run(here, begin(here))),
        1e-9,
    )


@each
@PROPERTY
@given(c=MOTIONS)
def test_there_and_back(name, c):
    run, begin = program(name)
    c = traced(c)
    start = begin(c)
    close(run(c._replace(duration=-c.duration), run(c, start)), start)


@each
def test_restart_against_whole(name):
    """Half of a run, kept, and the rest from there: the whole run, of the same steps."""
    run, begin = program(name)
    make, _ = SYSTEMS[name]
    c = traced(Motion(0.4, -0.3, 0.4, 1.1, 0.3, 0.1, 0.5))
    start = begin(c)
    options = {"duration": 2 * c.duration, "steps": 2 * STEPS, "throw": False}
    close(run(c, run(c, start)), jw.evolve(make(c), start, **options).state)


@each
@PROPERTY
@given(c=MOTIONS)
def test_time_reversal(name, c):
    """Momenta turned round, the way back in time is the way on."""
    run, begin = program(name)
    c = traced(c)

    def turned(state):
        if name in WAVES:
            return jnp.conj(state)
        if name in FIELDS:
            return state[:, ::-1]
        return jw.Particles(state.weights, state.positions, -state.momenta)

    start = begin(c)
    close(turned(run(c, turned(run(c, start)))), start)


@each
@PROPERTY
@given(c=MOTIONS)
def test_parity(name, c):
    """The mirror image of the motion in the mirrored potential."""
    run, begin = program(name)
    mirrored = traced(c._replace(q=-c.q, p=-c.p, tilt=-c.tilt))
    c = traced(c)
    start = begin(c)

    def mirror(state):
        if name in WAVES:
            return jnp.roll(state[::-1], 1)
        if name in FIELDS:
            return jnp.roll(state[::-1, ::-1], 1, axis=0)
        return jw.Particles(state.weights, -state.positions, -state.momenta)

    close(run(mirrored, mirror(start)), mirror(run(c, start)))


@pytest.mark.parametrize("name", CLOUDS)
@PROPERTY
@given(c=MOTIONS, order=st.permutations([0, 1, 2]))
def test_order_of_bodies(name, c, order):
    run, begin = program(name)
    c, order = traced(c), jnp.array(order)
    start = begin(c)

    def permuted(z):
        if name == "nbody":
            return jw.Particles(z.weights, z.positions[:, order], z.momenta[:, order])
        return jw.Particles(z.weights[order], z.positions[order], z.momenta[order])

    close(run(c, permuted(start)), permuted(run(c, start)))


@pytest.mark.parametrize("name", ["schrodinger", "moyal", "liouville"])
@PROPERTY
@given(c=MOTIONS, other=MOTIONS, share=numbers(-1.0, 1.0))
def test_additivity(name, c, other, share):
    """What is linear is: superpositions of waves, mixtures of fields."""
    run, begin = program(name)
    c = traced(c)
    one, two = begin(c), begin(c._replace(q=other.q, p=other.p))
    close(run(c, one + share * two), run(c, one) + share * run(c, two))


@each
def test_batch_against_loop_and_eager_against_compiled(name):
    """`vmap`, a loop, an eager call with Python's numbers: one answer."""
    run, begin = program(name)
    make, _ = SYSTEMS[name]
    motions = [Motion(0.1 * i, -0.2 * i, 0.4, 1.0 + 0.1 * i, 0.3, 0.1, 0.5) for i in range(3)]
    alone = [run(c, begin(c)) for c in map(traced, motions)]
    together = Motion(*(jnp.array(column) for column in zip(*motions)))
    batch = jax.vmap(lambda c: run(c, begin(c)))(together)
    close(batch, jax.tree.map(lambda *x: jnp.stack(x), *alone))
    c = motions[2]
    eager = jw.evolve(make(c), begin(c), duration=c.duration, steps=STEPS, throw=False).state
    close(eager, alone[2])


@functools.cache
def transforms():
    """W and the Husimi function of a packet and of a mixture of two, at the origin and unit that a motion has."""

    @jax.jit
    def both(c, psi, other, share):
        hbar, mixture = c.scale**2 * c.hbar, jnp.stack([psi, other])
        state = jw.MixedState(jnp.stack([share, 1 - share]), mixture)
        functions = [
            f(s, grid(c), phase(c), hbar)
            for f in (jw.wigner, jw.husimi)
            for s in (psi, other, state)
        ]
        return jnp.stack(functions) * c.scale**2

    return both


@PROPERTY
@given(
    c=MOTIONS,
    other=MOTIONS,
    share=numbers(0.0, 1.0),
    shift=st.integers(-1000, 1000),
    power=st.integers(-20, 20),
)
def test_transforms(c, other, share, shift, power):
    """Wigner and Husimi functions: mixtures are mixtures; origin, unit, mirror and conjugation change their arguments alone."""
    both = transforms()
    begin = program("schrodinger")[1]
    here = traced(c)
    psi, phi = begin(here), begin(here._replace(q=other.q, p=other.p))
    found = both(here, psi, phi, share)
    for w in (found[:3], found[3:]):
        close(w[2], share * w[0] + (1 - share) * w[1])
    there = traced(c._replace(shift=shift * 2.0**power / 64, scale=2.0**power))
    close(
        both(there, begin(there), begin(there._replace(q=other.q, p=other.p)), share), found, 1e-9
    )
    mirrored = both(here, jnp.roll(psi[::-1], 1), jnp.roll(phi[::-1], 1), share)
    close(jnp.roll(mirrored[:, ::-1, ::-1], 1, axis=1), found)
    turned = both(here, psi.conj(), phi.conj(), share)
    close(turned[:, :, ::-1], found)
