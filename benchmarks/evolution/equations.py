"""What must agree to rounding: Moyal with Liouville for quadratic U, Moyal with the Wigner function of Schrödinger, there and back."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row

HBAR = 0.25
POTENTIAL = jw.potentials.Harmonic(1.0) + jw.potentials.Cosine(0.3, 1.2)


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    points, steps = (96, 60) if quick else (96, 100)
    there_and_back = [reversed_run(name, 300) for name in SYSTEMS]
    return [quadratic(points, steps), transported(points, steps), *there_and_back]


def quadratic(points: int, steps: int) -> Row:
    """max|W_Moyal − W_Liouville| / max|W| for U = x²/2."""
    grid, phase = _grids(points)
    oscillator = jw.potentials.Harmonic(1.0)
    W = jw.wigner(jw.cat_state(grid, 1.5, 0.4, HBAR), grid, phase, HBAR)
    one = _final(jw.Moyal(phase, oscillator, HBAR), W, 5.0, steps)
    other = _final(jw.Liouville(phase, oscillator), W, 5.0, steps)
    note = f"cat state, {points} × {2 * points}, ħ = {HBAR}"
    return _alike("Moyal against Liouville, U = x²/2, T = 5", one, other, W, 1e-12, note)


def transported(points: int, steps: int) -> Row:
    """max|Moyal(W[ψ]) − W[Schrödinger(ψ)]| / max|W|: the same splitting commutes with the transform."""
    grid, phase = _grids(points)
    psi = jw.coherent_state(grid, 1.0, 0.5, HBAR)
    W = jw.wigner(psi, grid, phase, HBAR)
    moved = _final(jw.Moyal(phase, POTENTIAL, HBAR), W, 5.0, steps)
    transformed = jw.wigner(
        _final(jw.Schrodinger(grid, POTENTIAL, HBAR), psi, 5.0, steps), grid, phase, HBAR
    )
    note = f"U = x²/2 + 0.3 cos 1.2x, {points} × {2 * points}, ħ = {HBAR}, {steps} steps"
    what = "Moyal against Wigner of Schrödinger, T = 5"
    return _alike(what, moved, transformed, W, 1e-10, note)


def _alike(what: str, one: Any, other: Any, scale: Any, most: float, note: str) -> Row:
    gap = float(jnp.max(jnp.abs(one - other)) / jnp.max(jnp.abs(scale)))
    return Row("equations", what, gap, at_most=most, note=note)


def reversed_run(name: str, steps: int, duration: float = 3.0) -> Row:
    """max|u(0) − u after `steps` forward and `steps` back| / max|u|."""
    system, state = SYSTEMS[name]()
    state = system.enter(state)
    back = _final(system, _final(system, state, duration, steps), -duration, steps)
    gaps = jax.tree.map(lambda a, b: jnp.max(jnp.abs(a - b)), state, back)
    scale = max(float(jnp.max(jnp.abs(leaf))) for leaf in jax.tree.leaves(state))
    gap = max(float(value) for value in jax.tree.leaves(gaps)) / scale
    what = f"{name}: {steps} steps forward and back, T = {duration:g}"
    return Row("equations", what, gap, at_most=1e-11)


def _final(system: jw.System, state: Any, duration: float, steps: int) -> Any:
    solve = jax.jit(
        lambda u: jw.evolve(system, u, duration=duration, steps=steps, throw=False).state
    )
    return solve(state)


def _grids(points: int) -> tuple[jw.Grid, jw.PhaseGrid]:
    grid = jw.Grid(-6.5, 6.0, points)
    return grid, jw.phase_grid(grid, HBAR)


def _schrodinger():
    grid = jw.Grid(-6.5, 6.0, 256)
    psi = jw.coherent_state(grid, 1.0, 0.5, HBAR)
    return jw.Schrodinger(grid, POTENTIAL, HBAR), psi


def _phase_space(make):
    grid, phase = _grids(96)
    W = jw.wigner(jw.coherent_state(grid, 1.0, 0.5, HBAR), grid, phase, HBAR)
    return make(phase), W


def _newton():
    z = np.random.default_rng(0).normal(size=(2, 500, 1))
    return jw.Newton(POTENTIAL), jw.Particles(np.full(500, 1 / 500), z[0], z[1])


SYSTEMS = {
    "Schrodinger": _schrodinger,
    "Moyal": lambda: _phase_space(lambda phase: jw.Moyal(phase, POTENTIAL, HBAR)),
    "Liouville": lambda: _phase_space(lambda phase: jw.Liouville(phase, POTENTIAL)),
    "Newton": _newton,
}
