"""The same small problems on the device and on the CPU of the same process: the largest difference, relative to the largest value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

from benchmarks.device import cases
from benchmarks.device.cases import Case
from benchmarks.device.place import Place
from benchmarks.report import Row

THREADS = 8  # programs that are compiled at a time
SLACK = 3.0  # what a device may lose in single precision, over what the CPU loses


def systems(place: Place) -> Iterator[Row]:
    """float64 of every system; then the states that may be complex64 against the CPU's complex128."""
    yield from compared(place, cases.of_systems())
    yield from single(place, cases.of_single_precision())


def transforms(place: Place) -> Iterator[Row]:
    yield from compared(place, cases.of_transforms())


def distances(place: Place) -> Iterator[Row]:
    yield from compared(place, cases.of_distances())


def gradients(place: Place) -> Iterator[Row]:
    yield from compared(place, cases.of_gradients())


def compared(place: Place, makers: dict[str, Callable[[], Case]]) -> Iterator[Row]:
    """A row a case: float64 on both devices."""
    names = list(makers)
    here = results(place, place.device, [makers[name] for name in names])
    there = results(place, place.cpu, [makers[name] for name in names])
    for name, one, other in zip(names, here, there):
        yield row_of(name, one, other)


def row_of(name: str, one: Any, other: Any) -> Row:
    """The difference of two results, or why there is none."""
    for found in (one, other):
        if isinstance(found, Exception):
            text = " ".join(f"{type(found).__name__}: {found}".split())[:300]
            return Row("parity", name, float("nan"), at_most=cases.EXACT, note=text)
    (value, case), (expected, _) = one, other
    return Row("parity", name, difference(value, expected), at_most=case.at_most)


def single(place: Place, makers: dict[str, Callable[[], Case]]) -> Iterator[Row]:
    """complex64 on the device against complex128 on the CPU, within a few times what complex64 loses on the CPU."""
    names = list(makers)
    halved = [halving(makers[name]) for name in names]
    here, there = (results(place, one, halved) for one in (place.device, place.cpu))
    exact = results(place, place.cpu, [makers[name] for name in names])
    for name, one, lost, known in zip(names, here, there, exact):
        what = f"{name}, single precision"
        row = row_of(what, one, known)
        if not isinstance(lost, Exception) and not isinstance(known, Exception):
            bound = SLACK * difference(lost[0], known[0]) + 1e-6
            row = row._replace(at_most=bound, note=row.note or "at most 3 × the CPU's loss")
        yield row


def halving(make: Callable[[], Case]) -> Callable[[], Case]:
    """The case with the state in single precision: the rest follows its state."""

    def halved() -> Case:
        case = make()
        system, state = case.arguments
        return case._replace(arguments=(system, jax.tree.map(half, state)))

    return halved


def half(leaf: Any) -> Any:
    kinds = {"float64": "float32", "complex128": "complex64"}
    return leaf.astype(kinds.get(str(leaf.dtype), leaf.dtype))


def results(place: Place, device: Any, makers: list[Callable[[], Case]]) -> list[Any]:
    """(result, case) of each, or the exception it raised: traced one after the other, compiled side by side, run in order."""
    with place.on(device):
        lowered = [_lowered(make) for make in makers]
        with ThreadPoolExecutor(THREADS) as pool:
            programs = list(pool.map(_compiled, lowered))
        return [_run(program) for program in programs]


def _lowered(make: Callable[[], Case]) -> Any:
    try:
        case = make()
        return jax.jit(case.function).lower(*case.arguments), case
    except Exception as error:
        return error


def _compiled(found: Any) -> Any:
    if isinstance(found, Exception):
        return found
    try:
        return found[0].compile(), found[1]
    except Exception as error:
        return error


def _run(found: Any) -> Any:
    if isinstance(found, Exception):
        return found
    program, case = found
    try:
        return jax.device_get(program(*case.arguments)), case
    except Exception as error:
        return error


def difference(one: Any, other: Any) -> float:
    """max|a − b| over max|b|, the worst leaf; NaN where either is not finite."""
    worst = 0.0
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        a, b = np.asarray(a), np.asarray(b)
        if not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
            return float("nan")
        worst = max(worst, float(np.max(np.abs(a - b), initial=0.0)) / scale(b))
    return worst


def scale(value: np.ndarray) -> float:
    """The largest size, 1 where that is tiny."""
    largest = float(np.max(np.abs(value), initial=0.0))
    return largest if largest > 1e-6 else 1.0
