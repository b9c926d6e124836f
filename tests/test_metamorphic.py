"""What must not change when the description changes: origin, unit of action, direction of time, mirror image, order, batch, restart.

With shift s and scale λ lengths are λx + s, momenta λp, ħ → λ²ħ, U → λ²U((x − s)/λ), times and masses stay: the same motion in other
units. Inputs are drawn in batches, one program a system for all properties: `METAMORPHIC=10000 pytest …` holds each against that many,
other ones every time, in a minute; the quick run takes a few of a fixed seed. What violates a property is told with its own numbers, as
plain as they can be made. Distances have their own: tests/transport/test_invariance.py.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from motions import (
    CENTRED,
    CLOUDS,
    LINEAR,
    ORDERS,
    STEPS,
    SYSTEMS,
    Motion,
    alone,
    as_rows,
    as_state,
    defects,
    drawn,
    each,
    grid,
    hbar,
    holds,
    holds_at_home,
    home,
    mirrored,
    opposite,
    packet,
    pair,
    phase,
    plain,
    potential,
    programs,
    second,
    turned,
)

import jaxwigner as jw
from jaxwigner.phase_space import GaussianTest, wigner_at, wigner_expectation

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
    def defect(run, c, start):
        return defects(run(c._replace(duration=-c.duration), run(c, start)), start)

    holds_at_home(name, defect)


@each
def test_time_reversal(name):
    """Momenta turned round, the way back in time is the way on."""

    def defect(run, c, start):
        return defects(turned(name, run(c, turned(name, run(c, start)))), start)

    holds_at_home(name, defect)


@each
def test_parity(name):
    """The mirror image of the motion in the mirrored potential."""

    def defect(run, c, start):
        found = run(opposite(c), mirrored(name, start))
        return defects(found, mirrored(name, run(c, start)))

    holds_at_home(name, defect)


@pytest.mark.parametrize("name", [*CLOUDS, "manybody"])
def test_order_of_bodies(name):
    def defect(run, c, start):
        order = ORDERS[c.order][:, None]

        def permuted(rows):
            if name == "manybody":
                return rows.swapaxes(1, 2)
            moved = np.take_along_axis(rows, order, -1)
            # The bodies of one configuration weigh nothing of their own.
            return np.concatenate([rows[:, :1], moved[:, 1:]], 1) if name == "nbody" else moved

        return defects(run(c, permuted(start)), permuted(run(c, start)))

    holds_at_home(name, defect)


@pytest.mark.parametrize("name", LINEAR)
def test_additivity(name):
    """What is linear is: superpositions of waves, mixtures of fields."""

    def defect(run, c, one):
        other = programs(name)[1](c._replace(q=c.q2, p=c.p2))
        share = c.share.reshape(-1, *[1] * (one.ndim - 1))
        return defects(run(c, one + share * other), run(c, one) + share * run(c, other))

    holds_at_home(name, defect)


@pytest.mark.slow  # the eager call below is one alone as well
@each
def test_batch_and_loop(name):
    """A batch, and one after the other under `jit`."""
    run, begin = programs(name)
    single = jax.jit(alone(name)[0])
    c = home(drawn(np.random.default_rng(1)))
    start = begin(c)
    half = run(c, start)
    for i in range(2):
        one = Motion(*(x[i] for x in c))
        np.testing.assert_allclose(single(one, start[i]), half[i], rtol=0, atol=1e-12)


@each
def test_batch_eager_and_restart(name):
    """A batch, and an eager call with Python's numbers that does not stop half-way: one answer."""
    run, begin = programs(name)
    make, _ = SYSTEMS[name]
    c = home(drawn(np.random.default_rng(1)))
    start = begin(c)
    half = run(c, start)
    numbers = Motion(*(x[1].item() for x in c))
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


@pytest.mark.slow
def test_functions_eager_and_compiled():
    """With Python's numbers, and as one program."""
    c = home(drawn(np.random.default_rng(4)))
    one = Motion(*(x[1].item() for x in c))
    states = [x[1] for x in packets()(c)]
    for eager, found in zip(functions(one, *states), jax.jit(functions)(one, *states)):
        np.testing.assert_allclose(eager, found, rtol=0, atol=1e-12)


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
TURNED = {"sensitivity": np.array([1, -1, 1, 1]), "bosons": np.ones(3)}  # where momenta are
numbers = pytest.mark.parametrize(
    "name", ["sensitivity", pytest.param("bosons", marks=pytest.mark.slow)]
)


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


@numbers
def test_numbers_backwards(name):
    """Backwards in time from the conjugate φ: the same numbers, and the opposite slope in p."""

    def defect(c):
        c = home(c)
        back = c._replace(p=-c.p, duration=-c.duration)
        # The phase of φ, e^{−ipq/2ħ} in all packets, is no part of the numbers.
        return defects(TURNED[name] * measured(name)(back), measured(name)(c))

    holds(defect, 1e-10)


@numbers
def test_numbers_of_a_batch_and_eager(name):
    c = home(drawn(np.random.default_rng(3)))
    eager = NUMBERS[name](Motion(*(x[1].item() for x in c)))
    np.testing.assert_allclose(eager, measured(name)(c)[1], rtol=0, atol=1e-11)
