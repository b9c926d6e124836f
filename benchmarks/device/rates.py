"""Steps per second of the Wigner equation, and a Strang step beside the memory's bandwidth and its own bare FFTs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

import jaxwigner as jw
from benchmarks.device.place import Place, bytes_of, timed
from benchmarks.report import Row

# points an axis: steps, and Strang steps per second of wignerf (a CuPy code) on an RTX 3090
MOYAL = {512: (400, 2400), 1024: (200, 550), 2048: (100, 134)}
FACTOR = 4  # over them
SHARE = 0.6  # of the bandwidth bound


def moyal(place: Place) -> Iterator[Row]:
    """Both precisions; the target is that of float64."""
    for points, (steps, known) in place.size(MOYAL, {64: (20, None)}).items():
        for dtype in (jnp.float64, jnp.float32):
            least = FACTOR * known if known and dtype == jnp.float64 else None
            yield _moyal(points, steps, dtype, least)


def _moyal(points: int, steps: int, dtype: Any, least: float | None) -> Row:
    phase = jw.PhaseGrid(jw.Grid(-6.0, 6.0, points), jw.Grid(-5.0, 5.0, points))
    (x,), (p,) = phase.mesh
    W = jnp.exp(-((x - 1) ** 2) / 0.2 - p**2 / 0.2).astype(dtype)
    system = jw.Moyal(phase, jw.potentials.Torsion(1.0), 0.1)
    seconds, program = timed(lambda W: run_of(system, W, steps), W)
    return Row(
        "Moyal",
        f"{points}², {jnp.dtype(dtype).name}: Strang steps per second",
        steps / seconds,
        at_least=least,
        compile_seconds=program.compile_seconds,
        program_bytes=bytes_of(program),
    )


def run_of(system: Any, state: Any, steps: int) -> Any:
    """A run of Strang steps of 10⁻³."""
    how = {"duration": 1e-3 * steps, "steps": steps, "method": "strang", "throw": False}
    return jw.evolve(system, state, **how).state


def cases_of(place: Place) -> dict[str, tuple[Any, Any, int, int]]:
    """States, steps and passes through memory: two transforms (a pass for each axis) and two products, each read and written."""
    side, lanes, points = place.size((4096, 16384, 1024), (128, 16, 256))
    plane = jw.Grid((-8.0, -7.0), (8.0, 7.0), (side, side))
    line = jw.Grid(-8.0, 8.0, points)
    well = jw.potentials.Harmonic(1.0)
    one = jw.coherent_state(plane, 0.3, 0.0, 0.5)
    many = jnp.tile(jw.coherent_state(line, 0.3, 0.0, 0.5), (lanes, 1))
    steps = place.size(100, 10)
    return {
        f"{lanes} × {points}": (jw.Schrodinger(line, well, 0.5), many, steps, 8),
        f"{side}²": (jw.Schrodinger(plane, well, 0.5), one, steps, 12),
    }


def bandwidth(place: Place) -> tuple[Row, float]:
    """Bytes a second of a product read and written."""
    size = place.size(2**26, 2**20)
    x = jnp.ones(size, jnp.complex128)
    seconds, _ = timed(lambda x: 1.5 * x, x, repeats=10)
    rate = 2 * x.nbytes / seconds
    what = f"a product of {x.nbytes / 2**20:.0f} MiB, read and written"
    return Row("Strang step", what, rate / 1e9, unit="GB/s"), rate


def strang(place: Place) -> Iterator[Row]:
    """Shares of the bound by bandwidth, and times over bare pairs of FFTs of the same steps."""
    row, rate = bandwidth(place)
    yield row
    for name, (system, state, steps, passes) in cases_of(place).items():
        lanes = state.ndim > len(system.grid.shape)
        advance = lambda u, s=system, n=steps: run_of(s, u, n)  # noqa: E731
        seconds, program = timed(jax.vmap(advance) if lanes else advance, state)
        bound = passes * state.nbytes * steps / rate
        yield Row(
            "Strang step",
            f"{name}: bound by bandwidth / time",
            bound / seconds,
            at_least=place.target(SHARE),
            compile_seconds=program.compile_seconds,
            note=f"{steps / seconds:.4g} steps a second; {passes} times the state through memory",
            program_bytes=bytes_of(program),
        )
        bare = bare_seconds(state, len(system.grid.shape), steps)
        yield Row("Strang step", f"{name}: time / bare pairs of FFTs", seconds / bare)
    side = place.size(4096, 128)
    what = f"{side}²: products by sines computed anew / by a table of phases"
    yield Row("Strang step", what, sines_anew(side))


def sines_anew(side: int, products: int = 20) -> float:
    """Time of products ue^{−iθ} that read θ and compute its sine, over that of products that read e^{−iθ}: 40 bytes a point against 48.

    Below 1 the tables of `engine/flows.py` should hold real angles on that device.
    """
    angle = jnp.linspace(0.0, 50.0, side * side).reshape(side, side)
    state = jnp.ones((side, side), jnp.complex128)

    def anew(u, angle):
        # The angle depends on the turn, or the compiler would take its sine out of the loop.
        turn = lambda k, v: v * jnp.exp(-1j * (angle + 1e-9 * k))  # noqa: E731
        return lax.fori_loop(0, products, turn, u)

    def table(u, phase):
        return lax.fori_loop(0, products, lambda _, v: v * phase, u)

    return timed(anew, state, angle)[0] / timed(table, state, jnp.exp(-1j * angle))[0]


def bare_seconds(state: Any, dimension: int, steps: int) -> float:
    """As many pairs of transforms, and nothing else."""
    axes = tuple(range(-dimension, 0))

    def pairs(u):
        return lax.fori_loop(
            0, steps, lambda _, v: jnp.fft.ifftn(jnp.fft.fftn(v, axes=axes), axes=axes), u
        )

    return timed(pairs, state)[0]
