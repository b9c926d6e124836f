"""A GPU, where there is one: parity with the CPU, steps per second, share of the memory bandwidth."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row, skipped
from benchmarks.timing import compiled, once


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme; one row that says why where there is no GPU."""
    if jax.default_backend() != "gpu":
        return [skipped("device", f"no GPU: the backend is {jax.default_backend()}")]
    sizes = (512,) if quick else (512, 1024, 2048)
    return [_parity(), *(_moyal(points) for points in sizes), _strang(512 if quick else 4096)]


def _parity() -> Row:
    """Largest difference of a float64 run on both devices."""
    grid = jw.Grid(-np.pi, np.pi, 1024)
    system = jw.Schrodinger(grid, jw.potentials.Torsion(1.0), 0.01)

    def final(psi):
        return jw.evolve(system, psi, duration=5.0, steps=60, throw=False).state

    states = []
    for platform in ("cpu", "gpu"):
        with jax.default_device(jax.devices(platform)[0]):
            psi = jw.coherent_state(grid, 1.0, 0.0, 0.01)
            states.append(np.asarray(jax.jit(final)(psi)))
    return Row(
        "device", "GPU against CPU", float(np.max(np.abs(states[0] - states[1]))), at_most=1e-11
    )


def _moyal(points: int) -> Row:
    """Strang steps per second of the Wigner equation (a CuPy code on an RTX 3090: 2400, 550, 134)."""
    phase = jw.PhaseGrid(jw.Grid(-6.0, 6.0, points), jw.Grid(-5.0, 5.0, points))
    (x,), (p,) = phase.mesh
    W = jnp.exp(-((x - 1) ** 2) / 0.2 - p**2 / 0.2)
    system = jw.Moyal(phase, jw.potentials.Torsion(1.0), 0.1)
    steps = 400

    def final(W):
        return jw.evolve(system, W, duration=0.4, steps=steps, method="strang", throw=False).state

    program = compiled(final, W)
    once(lambda: program.call(W))
    _, seconds = once(lambda: program.call(W))
    seconds_to_compile = program.compile_seconds
    what = f"Moyal {points}², Strang steps per second"
    return Row("device", what, steps / seconds, compile_seconds=seconds_to_compile)


def _strang(points: int) -> Row:
    """A Strang step moves at least 8 arrays of the state's size: two FFTs and two products, read and written."""
    grid = jw.Grid((-8.0, -7.0), (8.0, 7.0), (points, points))
    system = jw.Schrodinger(grid, lambda x, y: 0.5 * (x**2 + y**2), 0.5)
    psi = jw.coherent_state(grid, 0.3, 0.0, 0.5)
    steps = 200

    def final(psi):
        return jw.evolve(system, psi, duration=0.2, steps=steps, method="strang", throw=False).state

    program = compiled(final, psi)
    once(lambda: program.call(psi))
    _, seconds = once(lambda: program.call(psi))
    rate = 8 * psi.size * psi.itemsize * steps / seconds / 1e9
    return Row("device", f"Strang {points}²: memory traffic at least", rate, unit="GB/s")
