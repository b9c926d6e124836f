"""The distances at the sizes that a device is wanted for."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np

import jaxwigner as jw
from benchmarks.device.place import Place, bytes_of
from benchmarks.report import Row
from benchmarks.rulers.transport import HBAR, instance
from benchmarks.timing import Program, compiled, once

TOLERANCE = 1e-4
MINUTE = 60.0


def semiquantum_medium(place: Place) -> Iterator[Row]:
    yield from _semiquantum(place, *place.size((64, 4096), (8, 256)), None)


def semiquantum_large(place: Place) -> Iterator[Row]:
    yield from _semiquantum(place, *place.size((256, 10_000), (16, 256)), MINUTE)


def _semiquantum(place: Place, rank: int, nodes: int, within: float | None) -> Iterator[Row]:
    """Seconds to a certified relative gap: of as many nodes as the device holds, if those are fewer."""
    program, arguments = _program(rank, nodes)
    most = place.most(nodes, program)
    if most < nodes:
        note = f"{bytes_of(program) / 2**30:.3g} GiB for {nodes} nodes"
        what = f"r = {rank}: nodes that the device holds"
        yield Row("E_ħ", what, float(most), at_least=float(nodes), note=note)
        program, arguments = _program(rank, int(0.9 * most))
    (gap, iterations, found), seconds = once(lambda: program.call(*arguments))
    sizes = f"r = {rank}, K = {arguments[0].weights.shape[0]}"
    more = {"compile_seconds": program.compile_seconds, "program_bytes": bytes_of(program)}
    ends = f"E² in [{float(found.lower):.6g}, {float(found.upper):.6g}]"
    note = f"{int(iterations)} iterations, {ends}"
    bound = place.target(within)
    yield Row("E_ħ", f"{sizes}: seconds", seconds, at_most=bound, unit="s", note=note, **more)
    yield Row("E_ħ", f"{sizes}: relative gap", float(gap), at_most=TOLERANCE)


def _program(rank: int, nodes: int) -> tuple[Program, tuple]:
    """The smoothed dual, compiled for p and R of these sizes."""
    p, R = instance(rank, nodes, "smooth")

    def cost(p, matrix):
        state = jw.FockState(matrix, HBAR)
        how = {"method": "smoothed_dual", "tolerance": TOLERANCE, "rank": rank}
        result = jw.semiquantum(p, state, **how)
        return result.relative_gap, result.iterations, result.cost

    return compiled(cost, p, R.matrix), (p, R.matrix)


def clouds(place: Place) -> Iterator[Row]:
    """dist_MK,2² between two clouds on phase space."""
    count = place.size(100_000, 1000)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, count, 2))
    weights = np.full(count, 1 / count)
    one = jw.Particles(weights, x[:, 0], x[:, 1])
    other = jw.Particles(weights, 0.5 + 1.2 * y[:, 0], y[:, 1])
    solve = lambda p, q: jw.monge_kantorovich(p, q, method="sinkhorn")  # noqa: E731
    program = compiled(solve, one, other)
    place.refuse("points", count, program)
    bracket, seconds = once(lambda: program.call(one, other))
    bracket = jax.device_get(bracket)
    width = float(bracket.upper - bracket.lower) / float(bracket.upper)
    note = f"dist² in [{float(bracket.lower):.5f}, {float(bracket.upper):.5f}]"
    more = {"compile_seconds": program.compile_seconds, "program_bytes": bytes_of(program)}
    what = f"dist_MK,2² of {count} points each"
    yield Row("Monge–Kantorovich", f"{what}: seconds", seconds, unit="s", note=note, **more)
    yield Row("Monge–Kantorovich", f"{what}: relative width", width, at_most=0.1)
