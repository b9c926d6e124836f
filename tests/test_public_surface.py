"""Random rubbish for every argument of the public surface: always a sentence, never another error, before anything is compiled.

The files of the rooms state their calls as `PUBLIC`: a call that works and the kind of each argument; an argument is replaced by what
its kind does not admit.
"""

import importlib.util
import os
import random
import re
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw

SENTENCE = r"Argument `[^`]+` must .+, but "
DRAWS = 400 if "METAMORPHIC" in os.environ else 45  # for each argument

TESTS = Path(__file__).resolve().parent


def loaded(path):
    """A test file as a module: the one that pytest has made of it, or a copy where it has not yet."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(path):
            return module
    spec = importlib.util.spec_from_file_location(f"calls_of_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stated():
    """The calls that the test files of the rooms state as `PUBLIC`."""
    files = [path for path in sorted(TESTS.rglob("test_*.py")) if path != Path(__file__).resolve()]
    for path in files:
        if "\nPUBLIC = [" in path.read_text():
            yield from loaded(path).PUBLIC


SURFACE = list(stated())


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
        "signal": [lambda: np.ones((2, 17)), lambda: draw.random(), lambda: np.full(17, np.nan)],
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

    for module in ("jaxwigner.engine.running.solve", "jaxwigner.classical.adaptive"):
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


def test_the_table_is_large():
    assert DRAWS * sum(len(arguments) for _, arguments in SURFACE) >= 10_000


@pytest.mark.slow
def test_its_calls_work():
    """One by one they are made by the tests of the rooms too."""
    for function, arguments in SURFACE:
        if function not in (jw.packet_waves,):  # 8 waves do not hold a packet
            result = function(**{key: value for key, (value, _) in arguments.items()})
            for leaf in jax.tree.leaves(result):
                if isinstance(leaf, (float, np.ndarray, jax.Array)):
                    assert not np.any(np.isnan(leaf))


@jax.jit
def final(hbar, momentum, mass, strength):
    psi = jw.coherent_state(small.GRID, 0.3, momentum, hbar)
    system = jw.Schrodinger(small.GRID, jw.potentials.Gaussian(strength, 1.0), hbar, mass)
    end = jw.evolve(system, psi, duration=0.1, steps=2, throw=False).state
    plane = jw.wigner(end, small.GRID, small.PLANE, hbar)
    return jnp.sum(jnp.abs(end) ** 2) * small.GRID.cell, jnp.max(jnp.abs(plane))


@pytest.mark.parametrize("seed", range(50))
def test_compiled_programs_give_numbers(seed):
    """Any admitted numbers, traced: no NaN; it is kept for momenta that the grid does not hold."""
    draw = random.Random(seed)
    hbar, mass = 10.0 ** draw.uniform(-1.5, 0.5), 10.0 ** draw.uniform(-1, 2)
    highest = np.pi * hbar / small.GRID.spacing[0]
    momentum, strength = draw.uniform(-1, 1) * min(1.0, 0.99 * highest), draw.uniform(-5, 5)
    norm, largest = final(hbar, momentum, mass, strength)
    assert np.isfinite(norm) and np.isfinite(largest)
    assert largest <= 1 / (np.pi * hbar) * norm * (1 + 1e-9)  # |W| ≤ ‖ψ‖²/πħ
    assert np.isnan(final(hbar, 1.01 * highest, mass, strength)[0])
