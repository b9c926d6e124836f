"""Random rubbish for every argument of the public surface: always a sentence, never another error, before anything is compiled.

Each row of `SURFACE` is a call that works and the kind of each argument; an argument is replaced by what its kind does not admit.
"""

import functools
import random
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner import transport

SENTENCE = r"Argument `[^`]+` must .+, but "
DRAWS = 90  # for each argument

GRID = jw.Grid(-4.0, 4.5, 16)
PLANE = jw.PhaseGrid(GRID, jw.Grid(-2.0, 2.5, 12))
PSI = jw.coherent_state(GRID, 0.3, 0.2, 0.5)
MIXED = jw.MixedState([0.5, 0.5], jnp.stack([PSI, PSI]))
CLOUD = jw.Particles([0.5, 0.5], [0.0, 0.5], [0.1, 0.2])
SPACE = jw.Particles([1.0], [[0.0, 0.0, 2.0]], [[0.0, 0.0, -1.0]])
WELL = jw.potentials.Harmonic(1.0)
BUMP = jw.potentials.Gaussian(1.0, 1.0)
NODES = jw.RadialGrid(8.0, 31, "lobatto")
RADII = jw.RadialGrid(8.0, 31)
WAVES = jw.PartialWaves(RADII, 0.5, 0.5, waves=8)
EXACT = jw.PartialWaves(NODES, 0.5, 0.5, waves=8)
U = np.ones((8, 31), complex)
NORMAL = jw.Gaussian([0.0, 0.0], np.eye(2))
F = jw.Density(np.full(PLANE.shape, 1 / (PLANE.cell * np.prod(PLANE.shape))), PLANE)

SURFACE = [
    (jw.Bracket, {"lower": (0.0, "bound"), "upper": (1.0, "bound")}),
    (jw.CoulombFlow, {"charge": (0.5, "positive"), "mass": (0.5, "positive")}),
    (jw.CoulombBodies, {"charges": (np.ones((2, 2)), "charges"), "masses": (None, "masses")}),
    (
        jw.Hartree,
        {
            "grid": (GRID, "thing"),
            "pair": (BUMP, "potential"),
            "hbar": (0.5, "positive"),
            "mass": (1.0, "positive"),
        },
    ),
    (
        jw.ManyBody,
        {
            "grid": (GRID, "thing"),
            "pair": (BUMP, "potential"),
            "hbar": (0.5, "positive"),
            "number": (2, "count"),
            "mass": (1.0, "positive"),
        },
    ),
    (
        jw.FockExcitations,
        {
            "grid": (GRID, "thing"),
            "pair": (BUMP, "potential"),
            "hbar": (0.5, "positive"),
            "number": (5.0, "positive"),
            "mass": (1.0, "positive"),
            "candidates": (8, "count"),
        },
    ),
    (
        jw.ManyBodyNewton,
        {
            "pair": (BUMP, "pair"),
            "number": (3, "count"),
            "mass": (1.0, "positive"),
            "chunk": (8, "count"),
        },
    ),
    (
        jw.Vlasov,
        {"phase_grid": (PLANE, "thing"), "pair": (BUMP, "potential"), "mass": (1.0, "positive")},
    ),
    (
        jw.VlasovParticles,
        {"pair": (BUMP, "pair"), "mass": (1.0, "positive"), "chunk": (8, "count")},
    ),
    (
        jw.RadialGrid,
        {"length": (8.0, "positive"), "points": (31, "count"), "kind": ("sine", "thing")},
    ),
    (
        jw.PartialWaves,
        {
            "grid": (RADII, "thing"),
            "charge": (0.5, "real"),
            "hbar": (0.5, "positive"),
            "waves": (8, "count"),
            "orders": (0, "whole"),
            "mass": (0.5, "positive"),
        },
    ),
    (
        jw.packet_waves,
        {
            "system": (WAVES, "thing"),
            "position": (2.0, "real"),
            "momentum": (-1.0, "real"),
            "alpha": (0.5, "share"),
        },
    ),
    (
        jw.evolve_exactly,
        {"system": (EXACT, "thing"), "state": (U, "state"), "times": ([1.0], "real")},
    ),
    (
        jw.resolve_waves,
        {
            "charge": (0.5, "real"),
            "hbar": (0.5, "positive"),
            "position": (2.0, "real"),
            "momentum": (-1.0, "real"),
            "duration": (1.0, "real"),
            "alpha": (0.5, "share"),
            "mass": (0.5, "positive"),
            "tolerance": (1e-2, "positive"),
        },
    ),
    (
        jw.packet_cloud,
        {
            "position": (2.0, "real"),
            "momentum": (-1.0, "real"),
            "hbar": (0.5, "positive"),
            "count": (8, "count"),
            "alpha": (0.5, "real"),
        },
    ),
    (
        jw.evolve_adaptively,
        {
            "system": (jw.CoulombFlow(0.5), "thing"),
            "state": (SPACE, "thing"),
            "duration": (1.0, "real"),
            "tolerance": (1e-3, "positive"),
            "most": (100, "count"),
        },
    ),
    (
        jw.monge_kantorovich,
        {"p": (CLOUD, "thing"), "q": (CLOUD, "thing"), "method": ("auto", "thing")},
    ),
    (
        jw.semiquantum,
        {
            "p": (CLOUD, "thing"),
            "R": (MIXED, "thing"),
            "grid": (GRID, "object"),
            "hbar": (0.5, "positive"),
            "method": ("auto", "thing"),
            "tolerance": (1e-3, "positive"),
        },
    ),
    (jw.ToeplitzState, {"particles": (CLOUD, "thing"), "hbar": (0.5, "positive")}),
    (jw.Gaussian, {"mean": ([0.0, 0.0], "vector"), "covariance": (np.eye(2), "vector")}),
    (jw.Density, {"values": (F.values, "state"), "grid": (PLANE, "thing")}),
    (jw.product_state, {"state": (PSI, "object"), "number": (2, "count")}),
    (
        jw.reduced_state,
        {"state": (np.ones((16, 16)), "object"), "grid": (GRID, "thing"), "n": (1, "count")},
    ),
    (
        jw.quadratic_marginal,
        {
            "state": (NORMAL, "thing"),
            "stiffness": (1.0, "real"),
            "number": (5, "positive"),
            "time": (1.0, "real"),
            "n": (1, "count"),
        },
    ),
    (
        transport.gaussian_cost,
        {"p": (NORMAL, "thing"), "R": (NORMAL, "thing"), "hbar": (0.5, "positive")},
    ),
    (
        transport.packet_cost,
        {
            "particles": (CLOUD, "thing"),
            "state": (MIXED, "thing"),
            "grid": (GRID, "thing"),
            "hbar": (0.5, "positive"),
        },
    ),
    (
        jw.squeezed_state,
        {
            "grid": (GRID, "thing"),
            "position": (0.3, "real"),
            "momentum": (0.2, "real"),
            "hbar": (0.5, "positive"),
            "squeezing": (1.0, "positive"),
        },
    ),
    (
        jw.Schrodinger,
        {
            "grid": (GRID, "thing"),
            "potential": (WELL, "potential"),
            "hbar": (0.5, "positive"),
            "mass": (1.0, "positive"),
        },
    ),
    (
        jw.evolve,
        {
            "system": (jw.Schrodinger(GRID, WELL, 0.5), "thing"),
            "state": (PSI, "state"),
            "duration": (0.1, "real"),
            "steps": (2, "count"),
            "method": ("strang", "thing"),
            "gradient": ("forward", "thing"),
        },
    ),
    (
        jw.wigner,
        {
            "state": (PSI, "state"),
            "grid": (GRID, "thing"),
            "phase_grid": (jw.phase_grid(GRID, 0.5), "thing"),
            "hbar": (0.5, "positive"),
        },
    ),
    (
        jw.husimi,
        {
            "state": (PSI, "state"),
            "grid": (GRID, "thing"),
            "phase_grid": (jw.phase_grid(GRID, 0.5), "thing"),
            "hbar": (0.5, "positive"),
        },
    ),
    (jw.sweep, {"function": (lambda x: x, "object"), "axes": ({"x": [1.0]}, "object")}),
]


def rubbish(draw: random.Random):
    """What no argument of a number takes."""
    return draw.choice(
        [
            lambda: "".join(draw.choices("abc xyz1.-", k=draw.randint(0, 6))),
            lambda: None,
            lambda: {},
            lambda: {"a": draw.random()},
            lambda: object(),
            lambda: [None] * draw.randint(1, 3),
            lambda: [[draw.random()], "b"],
            lambda: np.array(["a"] * draw.randint(1, 3)),
            lambda: lambda *x: x,
            lambda: complex(draw.random(), 1 + draw.random()),
            lambda: draw.choice([float("nan"), float("inf"), -float("inf")]),
            lambda: np.full(draw.randint(1, 4), np.nan),
            lambda: jnp.asarray(np.nan),
            lambda: np.full((2,) * draw.randint(3, 5), draw.random()),
            lambda: b"1",
            lambda: set(),
        ]
    )()


def junk(kind, draw: random.Random):
    """Something that an argument of the kind does not admit."""
    negative = lambda: -(10.0 ** draw.uniform(-20, 20))  # noqa: E731
    special = {
        "positive": [negative, lambda: 0, lambda: -0.0, lambda: True, lambda: -draw.randint(1, 99)],
        "count": [
            lambda: -draw.randint(0, 99),
            lambda: draw.uniform(-9, 9) + 0.01,
            lambda: True,
            lambda: 2.0,
            negative,
        ],
        "whole": [lambda: -draw.randint(1, 99), lambda: 0.5, lambda: True, negative],
        "share": [negative, lambda: 1.0 + 10.0 ** draw.uniform(-9, 9)],
        "real": [],
        "bound": [lambda: float("nan")],
        "vector": [lambda: np.ones((3, 2, 2)), lambda: [draw.random()] * 5],
        "state": [
            lambda: np.ones(draw.choice([1, 3, 15, 17])),
            lambda: np.ones((draw.randint(1, 3), draw.randint(17, 20))),
            lambda: draw.random(),
        ],
        "potential": [
            lambda: draw.random(),
            lambda: np.ones(draw.choice([3, 15])),
            lambda: lambda: 1.0,
            lambda: lambda x: 1j * x,
        ],
        # Of no dimension yet: a function is asked for numbers when the state is known.
        "pair": [lambda: draw.random(), lambda: np.ones(draw.choice([3, 15]))],
        "charges": [
            lambda: -np.ones((2, 2)),
            lambda: np.ones((draw.randint(3, 5), 2)),
            lambda: np.array([[0.0, 1.0], [2.0, 0.0]]),
            lambda: draw.random(),
        ],
        "masses": [lambda: negative(), lambda: np.ones(draw.randint(3, 6)), lambda: 0.0],
        "thing": [lambda: draw.random(), lambda: np.ones(3), lambda: draw.randint(-9, 9), negative],
        "object": [],
    }[kind]
    if special and draw.random() < 0.6:
        return draw.choice(special)()
    value = rubbish(draw)
    admitted = {
        "bound": lambda v: isinstance(v, (float, np.ndarray, jax.Array)),
        "masses": lambda v: v is None,
        "potential": callable,
        "pair": callable,
        "object": lambda v: callable(v) or isinstance(v, (dict, np.ndarray)),
    }.get(kind, lambda v: False)
    return draw.uniform(-2, -1) * 1j if admitted(value) else value


def attempts():
    for function, arguments in SURFACE:
        for name, (_, kind) in arguments.items():
            yield pytest.param(function, arguments, name, kind, id=f"{function.__name__}-{name}")


@pytest.fixture
def no_compilation(monkeypatch):
    """Whole programs may not be compiled: what is wrong is said before."""

    def refuse(*arguments, **options):
        raise AssertionError("compiled before it was checked")

    for module in ("jaxwigner.engine.evolve", "jaxwigner.classical.adaptive"):
        monkeypatch.setattr(f"{module}.jax.lax.while_loop", refuse)
    monkeypatch.setattr(jax, "jit", refuse)


@pytest.mark.parametrize("function, arguments, name, kind", list(attempts()))
def test_rubbish_gets_a_sentence(function, arguments, name, kind, no_compilation):
    draw = random.Random(f"{function.__name__} {name}")
    good = {key: value for key, (value, _) in arguments.items()}
    for _ in range(DRAWS):
        value = junk(kind, draw)
        try:
            function(**good | {name: value})
        except Exception as error:
            told = isinstance(error, ValueError) and re.match(SENTENCE, str(error))
            assert told, f"{name} = {value!r} gave {error!r}"
        else:
            pytest.fail(f"{name} = {value!r} was accepted")


def test_the_table_is_large_and_its_calls_work():
    assert DRAWS * sum(len(arguments) for _, arguments in SURFACE) >= 10_000
    for function, arguments in SURFACE:
        if function not in (jw.packet_waves,):  # 8 waves do not hold a packet
            result = function(**{key: value for key, (value, _) in arguments.items()})
            for leaf in jax.tree.leaves(result):
                if isinstance(leaf, (float, np.ndarray, jax.Array)):
                    assert not np.any(np.isnan(leaf))


@functools.cache
def final(hbar_kind):
    def run(hbar, momentum, mass, strength):
        psi = jw.coherent_state(GRID, 0.3, momentum, hbar)
        system = jw.Schrodinger(GRID, jw.potentials.Gaussian(strength, 1.0), hbar, mass)
        end = jw.evolve(system, psi, duration=0.1, steps=2, throw=False).state
        plane = jw.wigner(end, GRID, PLANE, hbar)
        return jnp.sum(jnp.abs(end) ** 2) * GRID.cell, jnp.max(jnp.abs(plane))

    return jax.jit(run)


@pytest.mark.parametrize("seed", range(50))
def test_compiled_programs_give_numbers(seed):
    """Any admitted numbers, traced: no NaN."""
    draw = random.Random(seed)
    hbar, mass = 10.0 ** draw.uniform(-1.5, 0.5), 10.0 ** draw.uniform(-1, 2)
    norm, largest = final("traced")(hbar, draw.uniform(-1, 1), mass, draw.uniform(-5, 5))
    assert np.isfinite(norm) and np.isfinite(largest)
    assert largest <= 1 / (np.pi * hbar) * norm * (1 + 1e-9)  # |W| ≤ ‖ψ‖²/πħ
