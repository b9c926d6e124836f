"""Random motions in any unit and about any origin, the systems that make them, and how a property is held against many.

With shift s and scale λ lengths are λx + s, momenta λp, ħ → λ²ħ, U → λ²U((x − s)/λ), times and masses stay.
"""

import functools
import itertools
import os
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw

LONG = "METAMORPHIC" in os.environ
COUNT = int(os.environ.get("METAMORPHIC", "4"))
BATCH = min(COUNT, 500)
SEED = np.random.SeedSequence().entropy if LONG else 14
HALF, STEPS = 6.0, 6
ORDERS = np.array(list(itertools.permutations(range(3))))


class Motion(NamedTuple):
    """A start (q, p), what moves it, where it is seen from, and a second start, a share and an order for what needs them."""

    q: float = 0.0
    p: float = 0.0
    hbar: float = 0.5
    mass: float = 1.0
    depth: float = 0.0
    tilt: float = 0.0
    duration: float = 0.5
    shift: float = 0.0
    scale: float = 1.0
    q2: float = 0.0
    p2: float = 0.0
    share: float = 0.0
    order: int = 0


BOUNDS = {
    "q": (-1.0, 1.0),
    "p": (-1.0, 1.0),
    "hbar": (0.3, 0.6),
    "mass": (0.7, 1.5),
    "depth": (-0.5, 0.5),
    "tilt": (-0.3, 0.3),
    "duration": (-0.8, 0.8),
    "q2": (-1.0, 1.0),
    "p2": (-1.0, 1.0),
    "share": (0.0, 1.0),
}


def drawn(rng):
    """A batch of motions: numbers that are multiples of 1/256 of their range, λ from 1e-6 to 1e6."""
    count = lambda low, high: rng.integers(low, high, BATCH, endpoint=True)  # noqa: E731
    found = {n: low + (high - low) * count(0, 256) / 256 for n, (low, high) in BOUNDS.items()}
    scale = 2.0 ** count(-20, 20)
    shift = count(-1000, 1000) * scale / 64
    return Motion(**found, shift=shift, scale=scale, order=count(0, len(ORDERS) - 1))


def home(c):
    """The same motions about the origin and in the first unit."""
    return c._replace(shift=np.zeros(BATCH), scale=np.ones(BATCH))


def holds(defect, tolerance=1e-11):
    """Hold a property, the defects of a batch of motions, against COUNT of them."""
    rng = np.random.default_rng(SEED)
    for _ in range(-(-COUNT // BATCH)):
        inputs = drawn(rng)
        found = defect(inputs)
        wrong = np.flatnonzero(~(found <= tolerance))
        if wrong.size:
            one = Motion(*(x[wrong[0]].item() for x in inputs))
            pytest.fail(
                f"{wrong.size} of {BATCH} inputs: {found[wrong[0]]:.1e} > {tolerance:.0e} for {one}, "
                f"as for {plainest(defect, tolerance, one)} (seed {SEED})"
            )


def holds_at_home(name, defect, tolerance=1e-11):
    """Hold a property of motions about the origin: the defects of (run, motions, starts)."""
    run, begin = programs(name)

    def at_home(c):
        c = home(c)
        return defect(run, c, begin(c))

    holds(at_home, tolerance)


def plainest(defect, tolerance, one):
    """A motion that violates the property too, with as many plain numbers as there can be."""
    for name, value in Motion()._asdict().items():
        other = one._replace(**{name: value})
        if not defect(Motion(*(np.full(BATCH, x) for x in other)))[0] <= tolerance:
            one = other
    return one


def defects(found, expected):
    """For each of a batch: the largest difference, relative to the largest number where that is above 1."""
    found, expected = (np.asarray(x).reshape(BATCH, -1) for x in (found, expected))
    return np.max(abs(found - expected), 1) / np.maximum(np.max(abs(expected), 1), 1.0)


# Systems: what they are made of in the units of a motion, and a start as one array


def potential(c):
    """λ²(depth·cos kξ + tilt·sin 2kξ), ξ = (x − s)/λ, k = π/HALF: of the box's period, even only without tilt."""
    k = np.pi / HALF

    def value(x):
        xi = (x - c.shift) / c.scale
        return c.scale**2 * (c.depth * jnp.cos(k * xi) + c.tilt * jnp.sin(2 * k * xi))

    return value


def pair(c):
    return lambda x: c.scale**2 * 0.2 * jnp.cos(np.pi / HALF * x / c.scale)


def radial(c):
    """λ²·depth·e^{−|ξ|²}, of any number of coordinates."""
    return lambda *x: c.scale**2 * c.depth * jnp.exp(-sum((a / c.scale) ** 2 for a in x))


def hbar(c):
    return c.scale**2 * c.hbar


def grid(c, points=48):
    return jw.Grid(c.shift - HALF * c.scale, c.shift + HALF * c.scale, points)


def phase(c):
    """Momenta half a cell off zero: none of them is its own mirror image."""
    return jw.PhaseGrid(grid(c, 32), jw.Grid(-4.75 * c.scale, 5.25 * c.scale, 20))


def packet(c, points=48):
    return jw.coherent_state(grid(c, points), c.shift + c.scale * c.q, c.scale * c.p, hbar(c))


def second(c):
    return packet(c._replace(q=c.q2, p=c.p2))


def two(c):
    """Two bodies, each in a packet of its own."""
    one, other = packet(c, 32), packet(c._replace(q=c.q2, p=c.p2), 32)
    return one[:, None] * other[None]


def field(c):
    (x,), (p,) = phase(c).mesh
    moved = ((x - c.shift) / c.scale - c.q) ** 2 + (p / c.scale - c.p) ** 2
    return jnp.exp(-moved / 0.8) / (0.8 * np.pi * c.scale**2)


def line(c):
    """Three bodies on a line: rows of weights, positions and momenta."""
    places = c.shift + c.scale * (c.q + jnp.array([-1.1, 0.2, 1.3]))
    momenta = c.scale * (c.p + jnp.array([0.1, -0.2, 0.3]))
    return jnp.stack([jnp.array([0.2, 0.3, 0.5]), places, momenta])


def space(c):
    """Three bodies in space, off the origin."""
    places = jnp.array([[1.0, -2.0, 0.5], [0.4, 0.0, 2.0], [1.5, 0.7, -1.0]]).at[0].add(c.q / 4)
    momenta = jnp.array([[0.3, 0.1, -0.2], [0.0, 0.5, 0.1], [-1.0, 0.2, 0.4]]).at[1].add(c.p)
    weights = jnp.array([[0.2, 0.3, 0.5]])
    return jnp.concatenate([weights, c.scale * places, c.scale * momenta])


RADII = 47


def shells(c):
    """Three partial waves, each a packet of the distance."""
    r = HALF / (RADII + 1) * jnp.arange(1, RADII + 1)
    u = jnp.exp(-((r - 2.5 - 0.5 * c.q) ** 2) + 1j * c.p * r / c.hbar)
    return u[None] * jnp.array([[0.8], [0.5], [0.3]]) / jnp.sqrt(c.scale)


def partial_waves(c):
    radii = jw.RadialGrid(HALF * c.scale, RADII)
    charge = 0.5 * c.scale**3
    return jw.PartialWaves(radii, charge, hbar(c), waves=3, potential=radial(c), mass=c.mass)


SYSTEMS = {
    "schrodinger": (lambda c: jw.Schrodinger(grid(c), potential(c), hbar(c), c.mass), packet),
    "hartree": (
        lambda c: jw.Hartree(grid(c), pair(c), hbar(c), potential(c), mass=c.mass),
        packet,
    ),
    "manybody": (
        lambda c: jw.ManyBody(
            grid(c, 32), pair(c), hbar(c), 2, potential(c), mass=c.mass, symmetric=False
        ),
        two,
    ),
    "partial_waves": (partial_waves, shells),
    "moyal": (lambda c: jw.Moyal(phase(c), potential(c), hbar(c), c.mass), field),
    "liouville": (lambda c: jw.Liouville(phase(c), potential(c), c.mass), field),
    "vlasov": (lambda c: jw.Vlasov(phase(c), pair(c), potential(c), c.mass), field),
    "newton": (lambda c: jw.Newton(potential(c), c.mass), line),
    "nbody": (lambda c: jw.ManyBodyNewton(pair(c), 3, potential(c), mass=c.mass), line),
    "particles": (lambda c: jw.VlasovParticles(pair(c), potential(c), c.mass), line),
    "kepler": (lambda c: jw.CoulombFlow(0.5 * c.scale**3, radial(c), mass=c.mass), space),
}
FIELDS = ("moyal", "liouville", "vlasov")
CLOUDS = ("newton", "nbody", "particles", "kepler")
CENTRED = ("partial_waves", "kepler")  # about the origin: they cannot be moved
LINEAR = ("schrodinger", "manybody", "partial_waves", "moyal", "liouville")
each = pytest.mark.parametrize("name", SYSTEMS)


def as_state(name, rows):
    """What a system moves, of one array."""
    if name not in CLOUDS:
        return rows
    weights, positions, momenta = rows[0], *jnp.split(rows[1:], 2)
    if name == "nbody":
        return jw.Particles(jnp.ones(1), positions, momenta)
    return jw.Particles(weights, positions.T, momenta.T)


def as_rows(name, state):
    if name not in CLOUDS:
        return state
    if name == "nbody":
        three = jnp.array([0.2, 0.3, 0.5])
        return jnp.stack([three, state.positions[0], state.momenta[0]])
    return jnp.concatenate([state.weights[None], state.positions.T, state.momenta.T])


def alone(name):
    """(motion, start) ↦ its end, and motion ↦ its start."""
    make, begin = SYSTEMS[name]

    def run(c, rows):
        options = {"duration": c.duration, "steps": STEPS, "throw": False}
        return as_rows(name, jw.evolve(make(c), as_state(name, rows), **options).state)

    return run, begin


@functools.cache
def programs(name):
    """`alone` for a batch of motions."""
    run, begin = (jax.jit(jax.vmap(f)) for f in alone(name))
    return lambda c, rows: np.asarray(run(c, rows)), lambda c: np.asarray(begin(c))


def plain(name, c, rows):
    """Ends in the units of shift 0 and scale 1."""
    scale = c.scale.reshape(-1, *[1] * (rows.ndim - 1))
    if name in FIELDS:
        return rows * scale**2
    if name not in CLOUDS:
        return rows * scale ** (1.0 if name == "manybody" else 0.5)
    rows = rows.copy()
    d = rows.shape[1] // 2
    rows[:, 1 : d + 1] -= 0.0 if name in CENTRED else c.shift[:, None, None]
    rows[:, 1:] /= scale
    return rows


def turned(name, rows):
    """Momenta turned round."""
    if name in FIELDS:
        return rows[..., ::-1]
    if name not in CLOUDS:
        return rows.conj()
    d = rows.shape[1] // 2
    return np.concatenate([rows[:, : d + 1], -rows[:, d + 1 :]], 1)


def mirrored(name, rows):
    """The mirror image about the origin, which is a point of position grids and of no momentum grid."""
    if name in FIELDS:
        return np.roll(rows[:, ::-1, ::-1], 1, axis=1)
    if name == "partial_waves":
        return rows * np.array([[1], [-1], [1]])
    if name not in CLOUDS:
        axes = tuple(range(1, rows.ndim))
        return np.roll(np.flip(rows, axes), 1, axis=axes)
    return np.concatenate([rows[:, :1], -rows[:, 1:]], 1)


def opposite(c):
    """The motions of the mirror images."""
    return c._replace(q=-c.q, p=-c.p, q2=-c.q2, p2=-c.p2, tilt=-c.tilt)
