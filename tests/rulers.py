"""Rulers that return a bracket for two clouds and a unit, random clouds and moves of them, and whether two brackets are the same."""

import os

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st

import jaxwigner as jw
from jaxwigner.transport import (
    gaussian_cost,
    gelbrich_bound,
    isotropic_bound,
    moments,
    product_cost,
    quantum_moments,
    toeplitz_bound,
)

LONG = "METAMORPHIC" in os.environ
COUNT = int(os.environ.get("METAMORPHIC", "5"))
PROPERTY = settings(
    deadline=None,
    max_examples=COUNT,
    derandomize=not LONG,
    database=None,
    phases=[
        Phase.explicit,
        Phase.generate,
    ],  # inputs are small; each step of a search for smaller ones takes a solver
)
K, L, HBAR = 5, 4, 0.25
BATCH = min(COUNT, 250)
SEED = np.random.SeedSequence().entropy if LONG else 14
ODDITIES = ["none", "doubled", "zero", "zero far", "tiny", "tiny far"]
FAR = 2.0**20

# Inputs: (weights, points) of both sides, with the oddities that weights and points may have

numbers = st.integers(-128, 128).map(lambda n: n / 64)


@st.composite
def cloud(draw, count):
    points = np.array(draw(st.lists(numbers, min_size=2 * count, max_size=2 * count)))
    points = points.reshape(count, 2)
    weights = np.array(draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)), float)
    oddity = draw(st.sampled_from(ODDITIES if count > 1 else ["none"]))
    if oddity == "doubled":
        points[0] = points[1]
    if oddity != "none" and oddity != "doubled":
        weights[0] = 0.0 if oddity.startswith("zero") else 1e-300
    if oddity.endswith("far"):
        points[0] = 2.0**40
    return weights / weights.sum(), points


@st.composite
def moves(draw):
    """A translation, a unit and an order of the first side; only one of the first two, lest moving be inexact."""
    shift = FAR * np.array(draw(st.tuples(st.integers(-1, 1), st.integers(-1, 1))), float)
    unit = draw(st.sampled_from([1e-9, 1e9])) if not shift.any() else 1.0
    return shift, unit, draw(st.permutations(range(K)))


def moved(measure, move, order=None):
    (weights, points), (shift, unit, _) = measure, move
    order = range(len(weights)) if order is None else order
    order = np.array(order)
    return weights[order], (unit * points + shift)[order]


def particles(measure):
    weights, points = measure
    return jw.Particles(weights, points[:, :1], points[:, 1:])


# Rulers: two clouds and a unit to a bracket

compiled = eqx.filter_jit(jw.monge_kantorovich)
solve = eqx.filter_jit(
    lambda p, q, hbar, method, rank=L: (
        jw.semiquantum(p, jw.ToeplitzState(q, hbar), rank=rank, method=method).cost
    )
)


lemma = eqx.filter_jit(toeplitz_bound)


def ends(bracket):
    return bracket.lower, bracket.upper


def between_particles(method):
    def ruler(p, q, unit):
        return ends(jw.monge_kantorovich(particles(p), particles(q), method=method))

    return batched(ruler)


def on_a_line(p, q, unit):
    """The distance of the positions alone, by quantiles as well."""
    distance = jw.line_distance(p[1][:, 0], p[0], q[1][:, 0], q[0])
    found = jw.monge_kantorovich((p[0], p[1][:, 0]), (q[0], q[1][:, 0]))
    return jnp.minimum(found.lower, distance), jnp.maximum(found.upper, distance)


def semiquantum(method):
    """Under `jit` the caller says the rank of R: without packets that weigh nothing, as it is found where weights are known."""

    def of_rank(rank):
        def ruler(p, q, unit):
            R = jw.ToeplitzState(particles(q), HBAR * unit**2)
            return ends(jw.semiquantum(particles(p), R, rank=rank, method=method).cost)

        return batched(ruler)

    programs = [of_rank(L - 1), of_rank(L)]

    def choose(p, q, unit):
        full = np.all(q[0] > 1e-13, axis=1)
        return [np.where(full, y, x) for x, y in zip(*(f(p, q, unit) for f in programs))]

    return choose


def gaussians(p, q, unit):
    hbar = HBAR * unit**2
    p, R = moments(particles(p)), quantum_moments(jw.ToeplitzState(particles(q), hbar))
    bounds = [product_cost(p, R), gelbrich_bound(p, R, hbar), isotropic_bound(p, R, hbar)]
    cost, classical = gaussian_cost(p, R, hbar), jw.monge_kantorovich(p, R)
    return jnp.stack([*bounds, cost.lower, classical.lower]), jnp.stack(
        [*bounds, cost.upper, classical.upper]
    )


def bounded(p, q, unit):
    return ends(toeplitz_bound(particles(p), jw.ToeplitzState(particles(q), HBAR * unit**2)))


def batched(ruler):
    """A ruler for a batch of inputs, as one program."""
    program = eqx.filter_jit(jax.vmap(ruler))
    return lambda p, q, unit: [np.asarray(end) for end in program(p, q, unit)]


RULERS = {
    "exact": between_particles("exact"),
    "sinkhorn": between_particles("sinkhorn"),
    "line": batched(on_a_line),
    "interior_point": semiquantum("interior_point"),
    "smoothed_dual": semiquantum("smoothed_dual"),
    "gaussians": batched(gaussians),
    "toeplitz_bound": batched(bounded),
}
BOTH_WAYS = ("exact", "sinkhorn", "line")  # the quantum side is another one than the classical


def is_same(found, base, unit=1.0, extra=0.0):
    """Whether the brackets meet, and the one that has been moved is as narrow: both in the unit that everything was scaled by.

    `extra`: relative width that another path of an iteration may leave, where its input is not the same one.
    """
    lower, upper = (np.asarray(end) / unit**2 for end in found)
    start, end = (np.asarray(one) for one in base)
    finite = np.isfinite(lower) & np.isfinite(upper)
    slack = 1e-9 * (1 + end)  # means of clouds at 1e6 are rounded by 1e-10
    meet = (lower <= end + slack) & (start <= upper + slack)
    return finite & meet & (upper - lower <= 2 * (end - start) + slack + extra * np.abs(upper))


def assert_same(found, base, unit=1.0, extra=0.0):
    assert np.all(is_same(ends(found), ends(base), unit, extra)), (found, base, unit)


def holds(property):
    """Hold a property, which says for each of a batch of clouds and moves whether it is so, against COUNT of them."""
    rng = np.random.default_rng(SEED)
    for _ in range(-(-COUNT // BATCH)):
        inputs = clouds(rng, K), clouds(rng, L), shifts(rng)
        good = property(*inputs).reshape(BATCH, -1).all(1)
        if not good.all():
            at = int(np.argmin(good))
            (a, x), (b, y), move = ([part[at].tolist() for part in one] for one in inputs)
            pytest.fail(
                f"{np.sum(~good)} of {BATCH} inputs: {a} at {x}, {b} at {y}, {move} (seed {SEED})"
            )


def clouds(rng, count):
    """A batch of clouds, with the oddities of `cloud`."""
    points = rng.integers(-128, 128, (BATCH, count, 2), endpoint=True) / 64
    weights = rng.integers(1, 9, (BATCH, count), endpoint=True).astype(float)
    oddity = rng.integers(0, len(ODDITIES), BATCH)
    of = lambda *names: np.isin(oddity, [ODDITIES.index(name) for name in names])  # noqa: E731
    doubled = of("doubled")
    points[doubled, 0] = points[doubled, 1]
    points[of("zero far", "tiny far"), 0] = 2.0**40
    weights[of("zero", "zero far"), 0] = 0.0
    weights[of("tiny", "tiny far"), 0] = 1e-300
    return weights / weights.sum(1, keepdims=True), points


def shifts(rng):
    """A batch of moves."""
    shift = FAR * rng.integers(-1, 1, (BATCH, 2), endpoint=True)
    unit = np.where(shift.any(1), 1.0, rng.choice([1e-9, 1e9], BATCH))
    return shift, unit, rng.permuted(np.tile(np.arange(K), (BATCH, 1)), axis=1)


def moved_all(measure, move, order=None):
    (weights, points), (shift, unit, _) = measure, move
    if order is not None:
        weights = np.take_along_axis(weights, order, 1)
        points = np.take_along_axis(points, order[..., None], 1)
    return weights, unit[:, None, None] * points + shift[:, None]


def needs_pot(name):
    if name in ("exact", "toeplitz_bound"):
        pytest.importorskip("ot")
