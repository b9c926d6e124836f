"""What observing by name costs: the same run, with the function that a user would write by hand and with the name."""

from __future__ import annotations

import jax

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import compiled, interleave, ratio

HBAR = 0.1
CASES = {"256": (256, 400), "4096": (4096, 200)}
QUICK = {"256": (256, 200)}


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    cases = (QUICK if quick else CASES).items()
    return [
        row for name, case in cases for row in costs(name, *case, seconds=3.0 if quick else 10.0)
    ]


def costs(name: str, points: int, saves: int, seconds: float) -> list[Row]:
    """time(name)/time(by hand) of compiled runs, and of eager calls of kept programs, with a look after every second step."""
    grid = jw.Grid(-8.0, 8.0, points)
    psi = jw.coherent_state(grid, 0.3, 0.0, HBAR)
    system = jw.Schrodinger(grid, lambda x: 0.5 * x**2, HBAR)
    options = {"duration": 1.0, "steps": 2 * saves, "saves": saves, "throw": False}
    looks = {
        "by hand": lambda u: jw.observables.mean_position(u, grid),
        "by name": ("position",),
    }
    programs = {
        kind: compiled(lambda u, o=look: jw.evolve(system, u, observe=o, **options).observed, psi)
        for kind, look in looks.items()
    }
    rows = []
    for how in ("compiled", "eager"):
        calls = {
            kind: (lambda one=programs[kind]: one.call(psi))
            if how == "compiled"
            else (
                lambda o=look: jax.block_until_ready(
                    jw.evolve(system, psi, observe=o, **options).state
                )
            )
            for kind, look in looks.items()
        }
        samples = interleave(calls, seconds=seconds)
        rows.append(
            timed(
                "observing",
                f"position by name / by hand, {name} points, {how}",
                ratio(samples, "by name", "by hand"),
                at_most=1.02 if how == "compiled" else None,
                compile_seconds=programs["by name"].compile_seconds,
                note=f"{saves} saves",
            )
        )
    return rows
