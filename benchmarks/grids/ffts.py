"""The same Strang steps written with SciPy's and FFTW's transforms in a Python loop, as one would without this library.

Arrays are updated in place and plans are made beforehand; what is timed is one hundred steps.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import scipy.fft

import jaxwigner as jw
from benchmarks.report import Row, skipped, timed
from benchmarks.timing import compiled, interleave, ratio

HBAR, STEPS, STEP = 0.1, 100, 0.01
# points per axis, states side by side
CASES = {"1024": ((1024,), 1), "16 × 1024": ((1024,), 16), "512²": ((512, 512), 1)}
QUICK = {"256": ((256,), 1)}


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    rows: list[Row] = []
    for name, case in (QUICK if quick else CASES).items():
        rows += _against(name, *case, seconds=2.0 if quick else 10.0)
    if importlib.util.find_spec("pyfftw") is None:
        rows.append(skipped("ffts", "pyfftw is not installed"))
    return rows


def _against(name: str, points: tuple[int, ...], lanes: int, seconds: float) -> list[Row]:
    dimension = len(points)
    grid = jw.Grid((-4.0,) * dimension, (4.0,) * dimension, points)
    system = jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), HBAR)
    psi = jw.coherent_state(grid, 0.5, 0.0, HBAR)
    batch = jnp.stack([psi] * lanes)
    state = jw.MixedState(jnp.full(lanes, 1 / lanes), batch) if lanes > 1 else psi

    def steps(state: Any) -> Any:
        options = {"steps": STEPS, "method": "strang", "throw": False, "gradient": "forward"}
        return jw.evolve(system, state, duration=STEPS * STEP, **options).state

    ours = compiled(steps, state)
    k2 = sum(np.asarray(k) ** 2 for k in grid.wavenumber_mesh)
    drift = np.exp(-0.5j * HBAR * STEP * k2)
    kick = np.exp(-1j * STEP / HBAR * np.asarray(system.values))
    loops = {"SciPy": _scipy(np.asarray(batch), drift, kick, dimension)}
    if importlib.util.find_spec("pyfftw") is not None:
        loops["pyFFTW"] = _fftw(np.asarray(batch), drift, kick, dimension)
    end = ours.call(state)
    expected = np.asarray(end.orbitals if lanes > 1 else end[None])
    rows = []
    for other, loop in loops.items():
        error = np.max(np.abs(loop() - expected))
        assert error < 1e-10, (other, error)
        samples = interleave({"theirs": loop, "ours": lambda: ours.call(state)}, seconds=seconds)
        rows.append(
            timed(
                "ffts",
                f"Strang steps by {other} / ours, {name}",
                ratio(samples, "theirs", "ours"),
                compile_seconds=ours.compile_seconds,
                note=f"{STEPS} steps, agreement {error:.0e}",
            )
        )
    return rows


def _loop(forward: Callable, backward: Callable, drift: np.ndarray, kick: np.ndarray) -> Any:
    """Kick halves merged between steps."""
    half = np.sqrt(kick.astype(complex))
    half = np.where(np.abs(half**2 - kick) < 1e-9, half, -half)

    def advance(psi: np.ndarray) -> np.ndarray:
        psi = psi * half
        for step in range(STEPS):
            spectrum = forward(psi)
            spectrum *= drift
            psi = backward(spectrum)
            psi *= kick if step < STEPS - 1 else half
        return psi

    return advance


def _scipy(batch: np.ndarray, drift: np.ndarray, kick: np.ndarray, dimension: int) -> Any:
    axes = tuple(range(1, dimension + 1))
    options = {"axes": axes, "workers": -1, "overwrite_x": True}
    advance = _loop(
        lambda psi: scipy.fft.fftn(psi, **options),
        lambda psi: scipy.fft.ifftn(psi, **options),
        drift,
        kick,
    )
    return lambda: advance(batch)


def _fftw(batch: np.ndarray, drift: np.ndarray, kick: np.ndarray, dimension: int) -> Any:
    import pyfftw

    axes = tuple(range(1, dimension + 1))
    here, there = (pyfftw.empty_aligned(batch.shape, complex) for _ in range(2))
    options = {"axes": axes, "threads": 2, "flags": ("FFTW_MEASURE",)}
    forward = pyfftw.FFTW(here, there, direction="FFTW_FORWARD", **options)
    backward = pyfftw.FFTW(there, here, direction="FFTW_BACKWARD", **options)

    def analyse(psi: np.ndarray) -> np.ndarray:
        if psi is not here:
            here[...] = psi
        return forward()

    advance = _loop(analyse, lambda spectrum: backward(), drift, kick)
    return lambda: advance(batch).copy()
