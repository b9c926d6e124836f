"""FFT pairs for a given accuracy, counted, and what of the error depends on ħ: nothing here is timed.

Torsion U = 1 − cos x on [−π, π), T = 5, one coherent packet at position 1 with momentum 1/2. Errors are L² distances to a run
of order 6 with many more steps on the same grid. Pairs = stages × steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row

POSITION, MOMENTUM, DURATION = 1.0, 0.5, 5.0
POINTS = {0.1: 128, 0.01: 512, 0.001: 4096, 0.0001: 32768}
ERROR = 1e-6
# pairs at ħ = 0.1, 0.01, 0.001: the targets, and for the others what the prototype needed
TARGETS = {"blanes-moan-4": (114, 206, 366), "blanes-moan-6": (62, 70, 99)}
PROTOTYPE = {"chin-4a": (87, 150, 267), "strang": (3332, 9539, 29861)}


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    methods = [*TARGETS, "chin-4a"] + ([] if quick else ["strang"])
    rows = [row for method in methods for row in pairs(method, (0.1, 0.01, 0.001))]
    rows += single_precision(1000 if quick else 10_000)
    return rows + uniform_observables((1e-2, 1e-3) if quick else (1e-2, 1e-3, 1e-4))


def single_precision(steps: int) -> list[Row]:
    """⟨x⟩ of complex64 against complex128 after many steps over a time of 20, and what of the norm was lost and given back."""
    rows = []
    for method in ("strang", "blanes-moan-4"):
        for points, hbar in ((256, 0.1), (1024, 0.02)):
            grid = jw.Grid(-np.pi, np.pi, points)
            system = jw.Schrodinger(grid, jw.potentials.Torsion(1.0), hbar)
            options = {"duration": 20.0, "steps": steps, "method": method, "throw": False}
            program = jax.jit(partial(jw.evolve, system, **options))
            psi = jw.coherent_state(grid, POSITION, 0.0, hbar)
            one, other = program(psi), program(psi.astype(jnp.complex64))
            x = np.asarray(grid.axes[0])
            means = [
                np.sum(x * np.abs(np.asarray(run.state, complex)) ** 2) * grid.cell
                for run in (one, other)
            ]
            what = f"⟨x⟩ of complex64 after {steps} steps, {method}, {points} points: error"
            note = f"share of the norm given back {float(other.diagnostics.restored[-1]):.1e}"
            error = abs(float(means[1] - means[0]))
            rows.append(Row("accuracy", what, error, at_most=1e-5, note=note))
    return rows


def pairs(method: str, hbars: Sequence[float], duration: float = DURATION) -> list[Row]:
    """Pairs for an L² error of 1e-6, between two whole numbers of steps by interpolation of log error over log steps."""
    rows = []
    for place, hbar in enumerate(hbars):
        solve, distance = _solver(method, hbar, duration)
        reference = _solver("blanes-moan-6", hbar, duration)[0](_reference_steps(hbar))
        needed, between = _steps(
            partial(_error, solve, distance, reference), jw.METHODS[method].order
        )
        stages = jw.METHODS[method].stages
        known = TARGETS.get(method)
        note = f"{stages} × {needed} = {stages * needed} in whole steps"
        if known is None:
            note += f"; prototype {PROTOTYPE[method][place]}"
        rows.append(
            Row(
                "accuracy",
                f"FFT pairs for error 1e-6, {method}, ħ = {hbar:g}",
                round(stages * between),
                at_most=known[place] if known else None,
                note=note,
            )
        )
    return rows


def _error(solve: Callable, distance: Callable, reference: jax.Array, steps: int) -> float:
    return distance(solve(steps), reference)


def uniform_observables(hbars: Sequence[float], steps: int = 60) -> list[Row]:
    """The error of ⟨x⟩ and ⟨p⟩ at a fixed step does not depend on ħ (Golse–Jin–Paul), while that of ψ grows like 1/ħ."""
    rows = []
    for method in ("strang", "blanes-moan-4"):
        errors = np.array([_observable_errors(method, hbar, steps) for hbar in hbars])
        # Each error tends to a limit as ħ → 0: the largest departure from the one at the smallest ħ.
        departure = np.max(np.abs(errors[:, :2] / errors[-1, :2] - 1), axis=0)
        growth = errors[-1, 2] / errors[0, 2]
        for name, value, error in zip(("⟨x⟩", "⟨p⟩"), departure, errors[-1]):
            rows.append(
                Row(
                    "accuracy",
                    f"error of {name} at {steps} steps, {method}: variation over ħ",
                    float(value),
                    at_most=0.1,
                    note=f"ħ = {hbars[0]:g} … {hbars[-1]:g}; error {error:.2e}; that of ψ ×{growth:.3g}",
                )
            )
    return rows


def _observable_errors(method: str, hbar: float, steps: int) -> tuple[float, float, float]:
    solve, distance = _solver(method, hbar, DURATION)
    grid = _grid(hbar)
    state = solve(steps)
    reference = _solver("blanes-moan-6", hbar, DURATION)[0](_reference_steps(hbar))
    mean_x = [jw.observables.mean_position(psi, grid)[0] for psi in (state, reference)]
    mean_p = [jw.observables.mean_momentum(psi, grid, hbar)[0] for psi in (state, reference)]
    gaps = (float(mean[0] - mean[1]) for mean in (mean_x, mean_p))
    return (*gaps, distance(state, reference))


def _grid(hbar: float) -> jw.Grid:
    return jw.Grid(-np.pi, np.pi, POINTS[hbar])


def _reference_steps(hbar: float) -> int:
    return 100 if hbar < 1e-3 else 200


def _solver(method: str, hbar: float, duration: float) -> tuple[Callable, Callable]:
    """ψ(T) as a function of the number of steps, compiled once; and the L² distance."""
    grid = _grid(hbar)
    system = jw.Schrodinger(grid, jw.potentials.Torsion(1.0), hbar)
    psi = jw.coherent_state(grid, POSITION, MOMENTUM, hbar)
    solve = jax.jit(
        lambda steps: (
            jw.evolve(system, psi, duration=duration, steps=steps, method=method, throw=False).state
        )
    )
    return solve, lambda a, b: float(jnp.linalg.norm(a - b) * math.sqrt(grid.cell))


def _steps(error: Callable[[int], float], order: int) -> tuple[int, float]:
    """The fewest whole steps with error ≤ 1e-6, and where between two whole numbers the error is 1e-6."""
    known: dict[int, float] = {}

    def at(n: int) -> float:
        return known.setdefault(n, error(n)) if n not in known else known[n]

    n = 16
    for _ in range(30):
        # From n to where the order predicts the error, then by single steps.
        guess = max(2, math.ceil(n * (at(n) / ERROR) ** (1 / order)))
        if abs(guess - n) <= max(1, n // 1000):
            break
        n = min(guess, 8 * n)
    while at(n) > ERROR:
        n += 1
    while n > 2 and at(n - 1) <= ERROR:
        n -= 1
    below, above = at(n), at(n - 1)
    share = math.log(above / ERROR) / math.log(above / below)
    return n, math.exp(math.log(n - 1) + share * (math.log(n) - math.log(n - 1)))
