"""1024 points over ħ and momentum by `jaxwigner.sweep`, against Python loops: over the jitted function, and over NumPy.

The loop keeps its compiled function and waits for every number; the sweep is timed from the end of its first chunk, which compiles.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row, skipped, timed
from benchmarks.timing import spread

AXES = {"hbar": np.linspace(0.3, 0.6, 32), "momentum": np.linspace(-1.0, 1.0, 32)}
GRID = jw.Grid(-8.0, 8.0, 64)
LIMITS = (200 * 10**6, 10**9, 4 * 10**9)  # bytes


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
    rows.append(numpy_loop(rounds))
    rows += _against_loop(wigner_average, "1024 × ∫∫Wφ, 64 × 128 points", rounds)
    return rows + [memory(limit) for limit in LIMITS[: 1 if quick else None]]


def numpy_loop(rounds: int) -> Row:
    """The same ⟨x⟩ written in NumPy, point by point; timed on 64 of the points."""
    method = jw.METHODS["blanes-moan-4"]
    x, k = (np.asarray(axes[0]) for axes in (GRID.axes, GRID.wavenumbers))
    V = np.asarray(jw.potentials.Torsion(1.0)(GRID.axes[0]))

    def one(hbar: float, momentum: float) -> float:
        psi = np.asarray(starts[hbar, momentum])
        tau = 1.0 / 20
        kicks = [np.exp(-1j * b * tau / hbar * V) for b in method.kicks]
        drifts = [np.exp(-0.5j * a * tau * hbar * k**2) for a in method.drifts]
        for _ in range(20):
            for kick, drift in zip(kicks, drifts):
                psi = np.fft.ifft(drift * np.fft.fft(kick * psi))
            psi = kicks[-1] * psi
        return float(np.sum(x * abs(psi) ** 2) * GRID.cell)

    some = [(h, p) for h in AXES["hbar"][::4] for p in AXES["momentum"][::4]]
    starts = {point: np.asarray(jw.coherent_state(GRID, 0.5, point[1], point[0])) for point in some}
    jitted = jax.jit(mean_position)
    error = max(abs(one(*point) - float(jitted(*point))) for point in some)
    assert error < 1e-10, error
    ratios = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for point in some:
            one(*point)
        loop = (time.perf_counter() - begin) * len(AXES["hbar"]) * len(AXES["momentum"]) / len(some)
        ratios.append(loop / _swept(mean_position)[1])
    what = "1024 × ⟨x⟩, 64 points: NumPy loop / sweep"
    return timed("sweep", what, spread(np.array(ratios)), note=f"agreement {error:.0e}")


def memory(limit: int) -> Row:
    """The array memory that a process takes above its own baseline, over the limit that it was asked to keep."""
    if not Path("/proc/self/clear_refs").exists():
        return skipped("sweep", "the peak of a process's memory is read from /proc")
    command = [sys.executable, "-c", f"from benchmarks.studies.sweep import peak; peak({limit})"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    what = f"peak of memory / limit of {limit / 1e6:.0f} MB"
    note = f"{found['batch']} points at once"
    return Row("sweep", what, found["peak"] / limit, at_least=0.8, at_most=1.2, note=note)


def peak(limit: int) -> None:
    """Print the batch and the peak of a sweep in this process: two chunks of as many points as the limit is said to hold."""
    jax.config.update("jax_enable_x64", True)
    grid = jw.Grid(-8.0, 8.0, 512)
    many = np.linspace(0.3, 0.6, limit // 10**6)  # a point takes more than two megabytes

    def average(hbar):
        phase = jw.phase_grid(grid, hbar)
        (x,), (p,) = phase.mesh
        W = jw.wigner(jw.coherent_state(grid, 0.5, 0.0, hbar), grid, phase, hbar)
        return jnp.sum(W * jnp.exp(-(x**2) - p**2)) * phase.cell

    def status(name):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

    jw.sweep(average, {"hbar": np.array([0.3])})
    try:
        jw.sweep(average, {"hbar": many}, batch=len(many), memory=limit)
        raise RuntimeError("the limit was not reached")
    except ValueError as error:
        batch = int(re.search(r"at most (\d+)", str(error))[1])
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = status("VmRSS")
    jw.sweep(average, {"hbar": many[: 2 * batch]}, batch=batch, memory=limit)
    print(json.dumps({"batch": batch, "peak": status("VmHWM") - before}))


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
