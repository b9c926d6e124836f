"""How the cost grows, as fitted exponents: seconds ~ sizeᵖ by least squares of the logarithms, compilation apart.

With points of a grid, 1/ħ at a fixed error, N in four guises, rank r and particles K of E_ħ. Between two sizes the exponent may differ:
each row lists what it was fitted to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row
from benchmarks.rulers import transport
from benchmarks.timing import compiled, interleave

BUMP = jw.potentials.Gaussian(1.0, 1.0)


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    short = slice(0, 2) if quick else slice(None)
    return [
        fitted("points of a Strang step, 1-D", (2**10, 2**12, 2**14, 2**16)[short], points),
        fitted("1/ħ of a coherent packet's run, error 1e-6", (20, 40, 80, 160, 320)[short], hbars),
        fitted("N of N bosons by excitations", (10, 100, 1000, 10_000)[short], bosons),
        fitted("N of N bosons on the full grid", (1, 2, 3)[short], full_grid, of_exponent=True),
        fitted("N of N classical particles, pairs", (256, 512, 1024, 2048)[short], pairs),
        fitted("N of N classical particles, mesh", (2**12, 2**14, 2**16)[short], mesh),
        fitted("rank r of E_ħ, K = 128", (4, 8, 16)[short], ranks),
        fitted("particles K of E_ħ, r = 8", (64, 128, 256, 512)[short], particles),
    ]


def fitted(
    what: str, sizes: Sequence[int], make: Callable[[int], Any], of_exponent: bool = False
) -> Row:
    """The exponent of the seconds that `make(size)()` takes; with `of_exponent` the factor that each further unit costs."""
    seconds = []
    for size in sizes:
        call = make(size)
        seconds.append(float(np.median(interleave({"run": call}, rounds=5, seconds=4.0)["run"])))
    x = np.array(sizes, float) if of_exponent else np.log(sizes)
    slope = float(np.polyfit(x, np.log(seconds), 1)[0])
    note = ", ".join(f"{size}: {1e3 * value:.3g} ms" for size, value in zip(sizes, seconds))
    if of_exponent:
        return Row("growth", f"factor for one more: {what}", float(np.exp(slope)), note=note)
    return Row("growth", f"exponent: {what}", slope, note=note)


def _final(system: Any, state: Any, **options: Any) -> Callable[[], Any]:
    def program(state: Any) -> Any:
        return jw.evolve(system, state, throw=False, gradient="forward", **options).state

    ready = compiled(program, state)
    return lambda: ready.call(state)


def points(count: int) -> Callable[[], Any]:
    """100 Strang steps."""
    grid = jw.Grid(-8.0, 8.0, count)
    system = jw.Schrodinger(grid, BUMP, 0.1)
    psi = jw.coherent_state(grid, 1.0, 0.0, 0.1)
    return _final(system, psi, duration=1.0, steps=100, method="strang")


def hbars(inverse: int) -> Callable[[], Any]:
    """Grid and steps chosen for the ħ."""
    hbar, V = 1 / inverse, jw.potentials.Torsion(1.0)
    make = lambda grid: jw.Schrodinger(grid, V, hbar)  # noqa: E731
    plan = jw.resolve(make, V, hbar, position=1.0, duration=5.0, tolerance=1e-6)
    psi = jw.coherent_state(plan.grid, 1.0, 0.0, hbar)
    return _final(make(plan.grid), psi, duration=5.0, steps=plan.steps)


def bosons(number: int) -> Callable[[], Any]:
    """N‖R¹_N − R‖₁ at T = 1."""
    grid = jw.Grid(-12.0, 12.0, 64)
    phi = jw.coherent_state(grid, 0.0, 0.0, 1.0)

    def program(number: Any) -> Any:
        bodies = jw.FockExcitations(grid, BUMP, 1.0, number)
        return bodies.evolve(phi, duration=1.0, steps=20, throw=False).distance

    ready = compiled(program, jnp.asarray(float(number)))
    return lambda: ready.call(jnp.asarray(float(number)))


def full_grid(number: int) -> Callable[[], Any]:
    """20 steps on the grid of all coordinates."""
    grid = jw.Grid(-8.0, 8.0, 48)
    system = jw.ManyBody(grid, BUMP, 1.0, number)
    state = jw.product_state(jw.coherent_state(grid, 0.0, 0.0, 1.0), number)
    return _final(system, state, duration=1.0, steps=20, method="strang")


def _cloud(count: int) -> jw.Particles:
    z = np.random.default_rng(0).normal(size=(2, count))
    return jw.Particles(np.full(count, 1 / count), *z)


def pairs(count: int) -> Callable[[], Any]:
    """20 steps, every pair summed."""
    system = jw.VlasovParticles(BUMP)
    return _final(system, _cloud(count), duration=0.5, steps=20, method="strang")


def mesh(count: int) -> Callable[[], Any]:
    """20 steps through a mesh of 512 points."""
    system = jw.VlasovParticles(BUMP, mesh=jw.Grid(-12.0, 12.0, 512))
    return _final(system, _cloud(count), duration=0.5, steps=20, method="strang")


def _distance(rank: int, count: int) -> Callable[[], Any]:
    p, R = transport.instance(rank, count, "rough")
    solve = jax.jit(lambda p, R: jw.semiquantum(p, R, tolerance=1e-6))
    return lambda: solve(p, R)


def ranks(rank: int) -> Callable[[], Any]:
    """E_ħ² of 128 particles and a state of that rank."""
    return _distance(rank, 128)


def particles(count: int) -> Callable[[], Any]:
    """E_ħ² of that many particles and a state of rank 8."""
    return _distance(8, count)
