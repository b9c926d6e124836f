"""Interleaved timing: contenders take turns, every round gives one ratio, the median and the quartiles of these are reported."""

from __future__ import annotations

import functools
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

Clock = Callable[[], float]
SHORTEST = 4e-3  # seconds of one sample: shorter calls are repeated within it


class Program(NamedTuple):
    """A compiled function, the seconds that compilation took, its temporary memory, and that of the constants in it."""

    call: Callable[..., Any]
    compile_seconds: float
    temporary_bytes: int
    constant_bytes: int

    @property
    def held_bytes(self) -> int:
        """What it holds beside its arguments and results: a table costs the same, computed or compiled in."""
        return self.temporary_bytes + self.constant_bytes


class Spread(NamedTuple):
    """Median and quartiles."""

    median: float
    low: float
    high: float


def compiled(function: Callable, *arguments: Any) -> Program:
    """Lower and compile for these arguments, once, with the clock running."""
    start = time.perf_counter()
    program = jax.jit(function).lower(*arguments).compile()
    seconds = time.perf_counter() - start
    memory = program.memory_analysis()
    temporary = getattr(memory, "temp_size_in_bytes", 0)
    return Program(program, seconds, temporary, constant_bytes(program.as_text()))


def constant_bytes(text: str) -> int:
    """The bytes of all constants that the text of a compiled program declares, as `c128[256,257]{1,0} constant(…)`."""
    found = re.findall(r"= [a-z]+(\d*)\[([\d,]*)\]\S* constant\(", text)
    sizes = (math.prod(map(int, shape.split(","))) for _, shape in found if shape)
    bits = (int(width or 8) for width, shape in found if shape)
    return sum(size * width // 8 for size, width in zip(sizes, bits))


def interleave(
    contenders: Mapping[str, Callable[[], Any]],
    *,
    rounds: int = 11,
    seconds: float = 12.0,
    clock: Clock = time.perf_counter,
) -> dict[str, np.ndarray]:
    """Seconds per call, shape (rounds,), of functions without arguments that take turns.

    Each is called once before the clock starts. The rounds end early, but not before the third, after `seconds`. `clock`:
    `time.process_time` counts the seconds of all cores that this process had.
    """
    inner = {name: _repetitions(function) for name, function in contenders.items()}
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    begin = time.perf_counter()
    for done in range(rounds):
        if done >= 3 and time.perf_counter() - begin > seconds:
            break
        for name, function in contenders.items():
            samples[name].append(_sample(function, inner[name], clock))
    return {name: np.array(values) for name, values in samples.items()}


def race(programs: Mapping[str, Program], argument: Any, **options: Any) -> dict[str, np.ndarray]:
    """The seconds per call of programs of one argument, interleaved."""
    calls = {name: functools.partial(one.call, argument) for name, one in programs.items()}
    return interleave(calls, **options)


def ratio(samples: Mapping[str, np.ndarray], above: str, below: str) -> Spread:
    """time(above)/time(below), round by round."""
    return spread(samples[above] / samples[below])


def spread(values: np.ndarray) -> Spread:
    """Median and quartiles of measured values."""
    return Spread(*(float(np.quantile(values, level)) for level in (0.5, 0.25, 0.75)))


def once(function: Callable[[], Any]) -> tuple[Any, float]:
    """The result of one call and its seconds: for what is too slow to repeat."""
    start = time.perf_counter()
    result = jax.block_until_ready(function())
    return result, time.perf_counter() - start


def _repetitions(function: Callable[[], Any]) -> int:
    once(function)  # warm-up
    return max(1, math.ceil(SHORTEST / once(function)[1]))


def _sample(function: Callable[[], Any], inner: int, clock: Clock) -> float:
    start = clock()
    for _ in range(inner):
        result = jax.block_until_ready(function())
    seconds = (clock() - start) / inner
    del result
    return seconds
