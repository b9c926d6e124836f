"""What must not change when the description changes: origin, unit of action, direction of time, mirror image, order, batch, restart.

With shift s and scale λ lengths are λx + s, momenta λp, ħ → λ²ħ, U → λ²U((x − s)/λ), times and masses stay: the same motion in other
units. Inputs are drawn in batches, one program a system for all properties: `METAMORPHIC=10000 pytest …` holds each against that many,
other ones every time, in a minute; the quick run takes a few of a fixed seed. What violates a property is told with its own numbers, as
plain as they can be made. Distances have their own: tests/transport/test_invariance.py.
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
from jaxwigner.phase_space import GaussianTest, wigner_at, wigner_expectation

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


# Properties of motions


@each
def test_origin_and_unit(name):
    """The same motion about another origin and in another unit of action."""
    run, begin = programs(name)

    def defect(c):
        here = home(c)
        there = c._replace(shift=here.shift) if name in CENTRED else c
        ends = [plain(name, x, run(x, begin(x))) for x in (there, here)]
        return defects(*ends)

    holds(defect, 1e-9)


@each
def test_there_and_back(name):
    run, begin = programs(name)

    def defect(c):
        c = home(c)
        start = begin(c)
        return defects(run(c._replace(duration=-c.duration), run(c, start)), start)

    holds(defect)


@each
def test_time_reversal(name):
    """Momenta turned round, the way back in time is the way on."""
    run, begin = programs(name)

    def defect(c):
        c = home(c)
        start = begin(c)
        return defects(turned(name, run(c, turned(name, run(c, start)))), start)

    holds(defect)


@each
def test_parity(name):
    """The mirror image of the motion in the mirrored potential."""
    run, begin = programs(name)

    def defect(c):
        c = home(c)
        start = begin(c)
        found = run(opposite(c), mirrored(name, start))
        return defects(found, mirrored(name, run(c, start)))

    holds(defect)


@pytest.mark.parametrize("name", [*CLOUDS, "manybody"])
def test_order_of_bodies(name):
    run, begin = programs(name)

    def defect(c):
        c = home(c)
        start, order = begin(c), ORDERS[c.order][:, None]

        def permuted(rows):
            if name == "manybody":
                return rows.swapaxes(1, 2)
            moved = np.take_along_axis(rows, order, -1)
            # The bodies of one configuration weigh nothing of their own.
            return np.concatenate([rows[:, :1], moved[:, 1:]], 1) if name == "nbody" else moved

        return defects(run(c, permuted(start)), permuted(run(c, start)))

    holds(defect)


@pytest.mark.parametrize("name", LINEAR)
def test_additivity(name):
    """What is linear is: superpositions of waves, mixtures of fields."""
    run, begin = programs(name)

    def defect(c):
        c = home(c)
        one, other = begin(c), begin(c._replace(q=c.q2, p=c.p2))
        share = c.share.reshape(-1, *[1] * (one.ndim - 1))
        return defects(run(c, one + share * other), run(c, one) + share * run(c, other))

    holds(defect)


@each
def test_batch_loop_eager_and_restart(name):
    """A batch, one alone, and an eager call with Python's numbers that does not stop half-way: one answer."""
    run, begin = programs(name)
    single = jax.jit(alone(name)[0])
    make, _ = SYSTEMS[name]
    c = home(drawn(np.random.default_rng(1)))
    start = begin(c)
    half = run(c, start)
    one = [Motion(*(x[i] for x in c)) for i in range(2)]
    for i in range(2):
        np.testing.assert_allclose(single(one[i], start[i]), half[i], rtol=0, atol=1e-12)
    numbers = Motion(*(x.item() for x in one[1]))
    options = {"duration": 2 * numbers.duration, "steps": 2 * STEPS, "throw": False}
    whole = jw.evolve(make(numbers), as_state(name, start[1]), **options).state
    restarted = run(c, half)[1]
    np.testing.assert_allclose(as_rows(name, whole), restarted, rtol=0, atol=1e-11)


# Transforms: functions of phase space at the origin and in the unit that a motion has


def functions(c, psi, other):
    """W and Husimi functions of a packet, another one, their mixture, and their Töplitz state; W and an integral of it at (q2, p2)."""
    home_of, at = grid(c), phase(c)
    weights = jnp.stack([c.share, 1 - c.share])
    mixture = jw.MixedState(weights, jnp.stack([psi, other]))
    places = c.shift + c.scale * jnp.stack([c.q, c.q2])
    cloud = jw.Particles(weights, places, c.scale * jnp.stack([c.p, c.p2]))
    states = (psi, other, mixture, jw.toeplitz_state(cloud, home_of, hbar(c)))
    images = [f(s, home_of, at, hbar(c)) for f in (jw.wigner, jw.husimi) for s in states]
    point = wigner_at(psi, home_of, c.shift + c.scale * c.q2, c.scale * c.p2, hbar(c))
    test = GaussianTest(
        lambda x: jnp.exp(-(((x - c.shift) / c.scale - c.q2) ** 2)), c.scale * c.p2, c.scale
    )
    integral = wigner_expectation(psi, home_of, test, hbar(c))
    return jnp.stack(images) * c.scale**2, jnp.stack([point * c.scale**2, integral])


@functools.cache
def seen():
    """`functions` for a batch of motions and packets."""
    program = jax.jit(jax.vmap(functions))
    return lambda *inputs: [np.asarray(x) for x in program(*inputs)]


@functools.cache
def packets():
    program = jax.jit(jax.vmap(lambda c: (packet(c), second(c))))
    return lambda c: [np.asarray(x) for x in program(c)]


def worst(*pairs):
    return np.max([defects(*pair) for pair in pairs], 0)


def test_mixtures():
    """Mixtures, Töplitz states among them, have mixed functions."""

    def defect(c):
        c = home(c)
        images, _ = seen()(c, *packets()(c))
        share = c.share[:, None, None]
        pairs = []
        for w in (images[:, :4], images[:, 4:]):
            mixed = share * w[:, 0] + (1 - share) * w[:, 1]
            pairs += [(w[:, 2], mixed), (w[:, 3], mixed)]
        return worst(*pairs)

    holds(defect)


def test_functions_at_another_origin_and_in_another_unit():
    def defect(c):
        ends = [seen()(x, *packets()(x)) for x in (c, home(c))]
        return worst(*zip(*ends))

    holds(defect, 1e-9)


def test_functions_of_mirror_images():
    def defect(c):
        c = home(c)
        states = packets()(c)
        images, numbers = seen()(c, *states)
        found, at = seen()(opposite(c), *(mirrored("schrodinger", x) for x in states))
        # The first position, −HALF, has no mirror image on the grid.
        turned_round = found[..., :0:-1, ::-1]
        return worst((turned_round, images[..., 1:, :]), (at, numbers))

    holds(defect, 1e-9)  # packets of the widest have tails of 1e-10 at the ends of the box


def test_functions_of_conjugates():
    """Momenta change their sign."""

    def defect(c):
        c = home(c)
        states = packets()(c)
        images, numbers = seen()(c, *states)
        found, at = seen()(c._replace(p=-c.p, p2=-c.p2), *(x.conj() for x in states))
        return worst((found[..., ::-1], images), (at, numbers))

    holds(defect)


def test_functions_of_a_batch_and_of_one():
    c = home(drawn(np.random.default_rng(2)))
    states = packets()(c)
    batch = seen()(c, *states)
    single = jax.jit(functions)(Motion(*(x[1] for x in c)), *(x[1] for x in states))
    for one, found in zip(batch, single):
        np.testing.assert_allclose(found, one[1], rtol=0, atol=1e-12)


# Numbers of a whole run: derivatives of an energy, and bosons near a condensate


def slopes(c):
    """The derivatives of λ⁻²⟨H₀⟩ after a run, H₀ with the first potential, by q, p, depth and tilt."""

    def energy(a, gradient="reversible"):
        moved = c._replace(q=a["q"], p=a["p"], depth=a["depth"], tilt=a["tilt"])
        system = jw.Schrodinger(grid(c), potential(moved), hbar(c), c.mass)
        options = {"duration": c.duration, "steps": STEPS, "throw": False}
        run = jw.evolve(system, packet(moved), gradient=gradient, **options)
        seen = jw.Schrodinger(grid(c), potential(c), hbar(c), c.mass).diagnose(run.state)
        return seen["energy"] / c.scale**2

    at = {name: getattr(c, name) for name in ("q", "p", "depth", "tilt")}
    found = jw.sensitivity(energy, at, throw=False).gradient
    return jnp.stack([found[name] for name in at])


SPACE = jw.FockSpace((1.0, 1.0), cutoff=4.0, degree=2)


def bosons(c):
    """Five bosons near a condensate: ⟨n⟩, N‖R¹ − |φ⟩⟨φ|‖₁ and λ⁻²E."""
    many = jw.FockExcitations(
        grid(c), pair(c), hbar(c), 5.0, potential(c), mass=c.mass, space=SPACE
    )
    run = many.evolve(packet(c), duration=c.duration, steps=STEPS, throw=False)
    return jnp.stack([run.excitations, run.distance, run.energy / c.scale**2])


NUMBERS = {"sensitivity": slopes, "bosons": bosons}
SIGNS = {"sensitivity": np.array([-1, -1, 1, -1]), "bosons": np.ones(3)}  # of the mirror image
numbers = pytest.mark.parametrize("name", NUMBERS)


@functools.cache
def measured(name):
    program = jax.jit(jax.vmap(NUMBERS[name]))
    return lambda c: np.asarray(program(c))


@numbers
def test_numbers_at_another_origin_and_in_another_unit(name):
    holds(lambda c: defects(measured(name)(c), measured(name)(home(c))), 1e-8)


@numbers
def test_numbers_of_mirror_images(name):
    def defect(c):
        c = home(c)
        return defects(SIGNS[name] * measured(name)(opposite(c)), measured(name)(c))

    holds(defect, 1e-10)


def test_bosons_backwards():
    """Backwards in time from the conjugate φ: the same numbers."""

    def defect(c):
        c = home(c)
        back = c._replace(p=-c.p, duration=-c.duration)
        # The phase of φ, e^{−ipq/2ħ} in all packets, is no part of the numbers.
        return defects(measured("bosons")(back), measured("bosons")(c))

    holds(defect, 1e-10)


@numbers
def test_numbers_of_a_batch_and_eager(name):
    c = home(drawn(np.random.default_rng(3)))
    eager = NUMBERS[name](Motion(*(x[1].item() for x in c)))
    np.testing.assert_allclose(eager, measured(name)(c)[1], rtol=0, atol=1e-11)
