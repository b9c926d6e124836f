"""Reverse-mode gradients: memory, time and agreement with plain reverse mode, for all four systems.

The gradient of one observable with respect to the initial centre and momentum and to every value of the potential: 1024 values on
the grid for Schrödinger, the 1024 nodes of a spline for the others. Memory is what the compiled program says it needs beyond its
arguments and results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import compiled, race, ratio

HBAR = 0.1
STEP = 1e-3
NODES = np.linspace(-20.0, 20.0, 1024)
CENTRE = (0.3, 0.2)


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    long, seconds = (10_000, 4.0) if quick else (100_000, 10.0)
    rows = []
    for name, make in SYSTEMS.items():
        rows += measured(name, *make(False), 200 if quick else 1000, long, seconds)
        rows.append(agreement(name, *make(True), 50 if quick else 200))
    return rows


def measured(
    name: str, observable: Callable, argument: Any, steps: int, long: int, seconds: float
) -> list[Row]:
    """Time and memory of the gradient over those of the forward run, and memory at two numbers of steps."""
    forward = compiled(lambda z: observable(z, steps), argument)
    backward = compiled(jax.grad(lambda z: observable(z, steps)), argument)
    longer = compiled(jax.grad(lambda z: observable(z, long)), argument)
    samples = race({"forward": forward, "gradient": backward}, argument, rounds=7, seconds=seconds)
    sizes = f"{forward.temporary_bytes / 1e6:.3g} MB → {backward.temporary_bytes / 1e6:.3g} MB"
    return [
        timed(
            "gradients",
            f"{name}: time, gradient / forward, {steps} steps",
            ratio(samples, "gradient", "forward"),
            at_most=4.0,
            compile_seconds=backward.compile_seconds,
            note=f"forward {np.median(samples['forward']):.3g} s; the gradient includes a forward run",
        ),
        Row(
            "gradients",
            f"{name}: memory, gradient / forward",
            backward.temporary_bytes / forward.temporary_bytes,
            at_most=4.0,
            note=sizes,
        ),
        Row(
            "gradients",
            f"{name}: memory at {long:,} steps / at {steps:,}",
            longer.temporary_bytes / backward.temporary_bytes,
            at_most=1.001,
            note="the same, up to a loop counter",
        ),
    ]


def agreement(name: str, observable: Callable, argument: Any, steps: int) -> Row:
    """Largest relative difference from reverse mode through the plain loop, leaf by leaf."""
    one = jax.jit(jax.grad(lambda z: observable(z, steps)))(argument)
    plain = jax.jit(jax.grad(lambda z: observable(z, steps, gradient="forward")))(argument)
    gaps = [
        float(jnp.linalg.norm(jnp.ravel(a - b)) / jnp.linalg.norm(jnp.ravel(b)))
        for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(plain))
    ]
    return Row(
        "gradients",
        f"{name}: against plain reverse mode, {steps} steps",
        max(gaps),
        at_most=1e-10,
        note="relative, worst of centre, momentum, U",
    )


def _schrodinger(small: bool):
    points = 1024
    grid = jw.Grid(-8.0, 8.0, points)
    x = grid.axes[0]

    def observable(z, steps, gradient="reversible"):
        (q, p), values = z
        psi = jw.coherent_state(grid, q, p, HBAR)
        psi = _evolve(jw.Schrodinger(grid, values, HBAR), psi, steps, gradient)
        return jnp.sum(x * (psi.real**2 + psi.imag**2)) * grid.cell

    return observable, (CENTRE, jnp.asarray(_potential(x)))


def _field(make: Callable[[jw.PhaseGrid, Any], jw.System]):
    # Resolved, or else the inverse flows lose what they cannot represent.
    phase = jw.PhaseGrid(jw.Grid(-6.0, 6.0, 64), jw.Grid(-5.0, 5.0, 96))
    (x,), (p,) = phase.mesh
    # ⟨x⟩ itself jumps at the edge of the periodic box: its cotangent holds Nyquist modes, which no real shift inverts, and
    # the gradient with respect to single values of U then differs by 1e-8 in an alternating pattern.
    look = x * jnp.exp(-(x**2) - p**2)

    def observable(z, steps, gradient="reversible"):
        (q0, p0), values = z
        field = jnp.exp(-2 * (x - q0) ** 2 - 2 * (p - p0) ** 2) * (2 / np.pi)
        system = make(phase, jw.potentials.Tabulated(NODES, values))
        field = _evolve(system, field, steps, gradient)
        return jnp.sum(look * field) * phase.cell

    return observable, (CENTRE, jnp.asarray(_potential(NODES)))


def _newton(small: bool):
    count = 500 if small else 4000
    cloud = 0.3 * np.random.default_rng(0).normal(size=(2, count, 1))
    weights = np.full(count, 1 / count)

    def observable(z, steps, gradient="reversible"):
        (q0, p0), values = z
        start = jw.Particles(weights, cloud[0] + q0, cloud[1] + p0)
        system = jw.Newton(jw.potentials.Tabulated(NODES, values))
        return jnp.mean(jnp.sin(_evolve(system, start, steps, gradient).positions))

    return observable, (CENTRE, jnp.asarray(_potential(NODES)))


def _potential(x: np.ndarray) -> np.ndarray:
    return 0.5 * x**2 + 0.1 * np.cos(x)


def _evolve(system: jw.System, state: Any, steps: int, gradient: str) -> Any:
    run = jw.evolve(
        system, state, duration=STEP * steps, steps=steps, gradient=gradient, throw=False
    )
    return run.state


SYSTEMS = {
    "Schrodinger": _schrodinger,
    "Moyal": lambda small: _field(lambda phase, U: jw.Moyal(phase, U, HBAR)),
    "Liouville": lambda small: _field(lambda phase, U: jw.Liouville(phase, U)),
    "Newton": _newton,
}
