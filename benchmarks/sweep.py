"""1024 points over ħ and momentum by `jaxwigner.sweep`, against a Python loop over the jitted function.

The loop keeps its compiled function and waits for every number; the sweep is timed from the end of its first chunk, which compiles.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import spread

AXES = {"hbar": np.linspace(0.3, 0.6, 32), "momentum": np.linspace(-1.0, 1.0, 32)}
GRID = jw.Grid(-8.0, 8.0, 64)


def mean_position(hbar, momentum):
    """⟨x⟩ after 20 steps on the torsion."""
    psi = _evolved(hbar, momentum)
    return jnp.sum(GRID.axes[0] * abs(psi) ** 2) * GRID.cell


def wigner_average(hbar, momentum):
    """∫∫Wφ of the same packet, by its Wigner function of 64 × 128 points."""
    phase = jw.phase_grid(GRID, hbar)
    (x,), (p,) = phase.mesh
    W = jw.wigner(_evolved(hbar, momentum), GRID, phase, hbar)
    return jnp.sum(W * jnp.exp(-(x**2) - p**2)) * phase.cell


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    rounds = 3 if quick else 7
    rows = _against_loop(mean_position, "1024 × ⟨x⟩, 64 points", rounds, at_least=5.0)
    return rows + _against_loop(wigner_average, "1024 × ∫∫Wφ, 64 × 128 points", rounds)


def _evolved(hbar, momentum):
    psi = jw.coherent_state(GRID, 0.5, momentum, hbar)
    system = jw.Schrodinger(GRID, jw.potentials.Torsion(1.0), hbar)
    return jw.evolve(system, psi, duration=1.0, steps=20, throw=False).state


def _against_loop(function, what: str, rounds: int, at_least: float | None = None) -> list[Row]:
    one = jax.jit(function)
    begin = time.perf_counter()
    float(one(AXES["hbar"][0], AXES["momentum"][0]))
    compiling = time.perf_counter() - begin
    ratios, whole, stored, wholes = [], [], [], []
    for _ in range(rounds):
        begin = time.perf_counter()
        expected = [[float(one(h, p)) for p in AXES["momentum"]] for h in AXES["hbar"]]
        loop = time.perf_counter() - begin
        found, steady, total = _swept(function)
        assert np.max(abs(found - np.array(expected))) < 1e-12
        ratios.append(loop / steady)
        whole.append((loop + compiling) / total)
        wholes.append(total)
        with tempfile.TemporaryDirectory() as folder:
            stored.append(_swept(function, Path(folder) / "store.zarr")[1] / steady)
    note = f"sweep with trace and compilation {np.median(wholes):.2f} s"
    return [
        timed(
            "sweep", f"{what}: loop / sweep", spread(np.array(ratios)), at_least=at_least, note=note
        ),
        timed("sweep", f"{what}: the same, both with compilation", spread(np.array(whole))),
        timed("sweep", f"{what}: into a store / in memory", spread(np.array(stored))),
    ]


def _swept(function, store: Path | None = None) -> tuple[np.ndarray, float, float]:
    """Results, seconds for all points once compiled, and seconds of the whole call."""
    marks: list[tuple[int, float]] = []

    def progress(stage: str, done: int, total: int) -> None:
        marks.append((done, time.perf_counter()))

    begin = time.perf_counter()
    dataset = jw.sweep(function, AXES, store=store, progress=progress)
    total = time.perf_counter() - begin
    (first, start), (last, end) = marks[1], marks[-1]
    return np.asarray(dataset["result"].values), (end - start) * last / (last - first), total
