"""What a drive and absorbing ends cost: the same run with U(x), with U(x, t), and with ends that absorb.

Each is one compiled program on complex128, diagnostics included. U(x, t) is evaluated in each kick, with its phase and its work; a
static U and W are tables made before the loop.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import compiled, interleave, ratio

HBAR = 0.1
CASES = {"1024": (1024, 1000), "4096": (4096, 500)}
QUICK = {"1024": (1024, 200)}


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    return [
        row
        for name, case in (QUICK if quick else CASES).items()
        for method in ("strang", "blanes-moan-4")
        for row in costs(name, *case, method=method, seconds=3.0 if quick else 10.0)
    ]


def costs(name: str, points: int, steps: int, method: str, seconds: float) -> list[Row]:
    """time(driven)/time(static) and time(absorbing)/time(static)."""
    grid = jw.Grid(-8.0, 8.0, points)
    psi = jw.coherent_state(grid, 0.3, 0.0, HBAR)
    options = {"duration": 1e-3 * steps, "steps": steps, "method": method, "throw": False}
    systems: dict[str, Any] = {
        "static": jw.Schrodinger(grid, well, HBAR),
        "driven": jw.Schrodinger(grid, driven, HBAR),
        "absorbing": jw.Schrodinger(grid, well, HBAR, absorb=2.0),
    }
    programs = {
        kind: compiled(lambda u, system=system: jw.evolve(system, u, **options).state, psi)
        for kind, system in systems.items()
    }
    calls = {kind: lambda one=one: one.call(psi) for kind, one in programs.items()}
    samples = interleave(calls, seconds=seconds)
    return [
        timed(
            "driven",
            f"{method}, {name} points: {kind} / static",
            ratio(samples, kind, "static"),
            at_most=2.5,
            compile_seconds=programs[kind].compile_seconds,
            note=f"{steps} steps",
        )
        for kind in ("driven", "absorbing")
    ]


def well(x):
    return 0.5 * x**2


def driven(x, t):
    return 0.5 * x**2 - 0.3 * x * jnp.cos(1.7 * t)
