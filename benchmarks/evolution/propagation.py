"""A Strang step against its own pair of FFTs, and batches: what the library adds to the transforms it cannot avoid.

Both run in one compiled loop on complex128. The library's loop also prepares its phases and looks at the state eight times for
the diagnostics; this costs
as much as about 15 pairs, and is part of the price of a run (one with Strang for an error of 1e-6 takes thousands of steps).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import compiled, interleave, race, ratio, spread

HBAR = 0.5
CHUNK = 8  # lanes that are advanced together

# points per axis, lanes, steps
CASES = {
    "1024": ((1024,), None, 2000),
    "4096": ((4096,), None, 1000),
    "64 × 1024": ((1024,), 64, 1000),
    "512²": ((512, 512), None, 600),
    "64³": ((64, 64, 64), None, 600),
}
QUICK = {
    "1024": ((1024,), None, 500),
    "64 × 1024": ((1024,), 64, 200),
    "64²": ((64, 64), None, 500),
}


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    rows = [
        strang(name, *case, seconds=3.0 if quick else 15.0)
        for name, case in (QUICK if quick else CASES).items()
    ]
    return rows + lanes(1024, 25 if quick else 100, seconds=3.0 if quick else 9.0)


def strang(name: str, points: tuple[int, ...], many: int | None, steps: int, seconds: float) -> Row:
    """time(Strang steps)/time(FFT pairs)."""
    grid, psi = _start(points)
    advance, bare = _library(grid, steps), _bare(steps)
    state: Any = psi
    if many is not None:
        state = jnp.stack([psi] * many)
        advance, bare = _chunked(advance), _chunked(bare)
    ours, theirs = compiled(advance, state), compiled(bare, state)
    samples = race({"step": ours, "pair": theirs}, state, seconds=seconds)
    pair = spread(samples["pair"]).median / steps / (many or 1)
    return timed(
        "propagation",
        f"Strang step / its FFT pair, {name}",
        ratio(samples, "step", "pair"),
        at_most=1.15,
        compile_seconds=ours.compile_seconds,
        note=f"pair {1e6 * pair:.3g} µs, {steps} steps"
        + (f", lax.map(batch_size={CHUNK})" if many else ""),
    )


def lanes(points: int, steps: int, seconds: float, many: int = 64) -> list[Row]:
    """Time per lane of `many` lanes against 8; and one large vmap against chunks of 8."""
    grid, psi = _start((points,))
    advance = _library(grid, steps)
    few, all_lanes = jnp.stack([psi] * CHUNK), jnp.stack([psi] * many)
    eight = compiled(jax.vmap(advance), few)
    chunks = compiled(_chunked(advance), all_lanes)
    whole = compiled(jax.vmap(advance), all_lanes)
    samples = interleave(
        {
            "eight": lambda: eight.call(few),
            "chunks": lambda: chunks.call(all_lanes),
            "vmap": lambda: whole.call(all_lanes),
        },
        seconds=seconds,
    )
    per_lane = {"eight": samples["eight"] / CHUNK, "chunks": samples["chunks"] / many}
    return [
        timed(
            "propagation",
            f"per lane: {many} lanes in chunks of {CHUNK} / {CHUNK} lanes",
            ratio(per_lane, "chunks", "eight"),
            at_most=1.05,
            compile_seconds=chunks.compile_seconds,
            note=f"{points} points, {steps} steps; not slower, up to 5 % of noise",
        ),
        timed(
            "propagation",
            f"{many} lanes: one vmap / lax.map(batch_size={CHUNK})",
            ratio(samples, "vmap", "chunks"),
            compile_seconds=whole.compile_seconds,
            note="above 1: chunks win",
        ),
    ]


def _start(points: tuple[int, ...]):
    d = len(points)
    grid = jw.Grid((-8.0,) * d, (8.0,) * d, points)
    return grid, jw.coherent_state(grid, (0.3,) * d, (0.0,) * d, HBAR)


def _library(grid: jw.Grid, steps: int) -> Callable:
    system = jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), HBAR)

    def advance(psi):
        run = jw.evolve(
            system, psi, duration=0.01 * steps, steps=steps, method="strang", throw=False
        )
        return run.state, run.diagnostics.status

    return advance


def _bare(steps: int) -> Callable:
    return lambda psi: jax.lax.fori_loop(0, steps, lambda i, u: jnp.fft.ifftn(jnp.fft.fftn(u)), psi)


def _chunked(function: Callable) -> Callable:
    return lambda many: jax.lax.map(function, many, batch_size=CHUNK)
