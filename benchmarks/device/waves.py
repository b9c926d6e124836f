"""Two nuclei in R³ by partial waves: many momenta at once, and the smallest ε."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

import jaxwigner as jw
from benchmarks.device.place import Place, bytes_of
from benchmarks.evolution.coulomb import DISTANCE, MOMENTUM, plan_of, program
from benchmarks.report import Row
from benchmarks.timing import compiled, once
from jaxwigner.quantum import radial_observables as radial


def momenta(place: Place) -> Iterator[Row]:
    """‖UΨ‖² at the end, from many momenta around −1 in one program."""
    epsilon, count = place.size((0.003, 64), (0.1, 4))
    plan, planning = once(lambda: plan_of(epsilon))
    yield Row("partial waves", f"ε = {epsilon:g}: the plan", planning, unit="s", note=sizes(plan))
    values = MOMENTUM * jnp.linspace(0.9, 1.1, count)

    def one(momentum):
        u = jw.packet_waves(plan.system, DISTANCE, momentum, tolerance=1e-4)
        return radial.coulomb_square(program(plan)(u), plan.system)

    at_once = compiled(jax.vmap(one), values)
    free, needed = place.free(), bytes_of(at_once)
    how = "at once"
    if free is not None and needed is not None and needed > free:
        batch = max(1, int(count * free / needed))
        how = f"{batch} at once, for there is room for no more"
        at_once = compiled(lambda ps: lax.map(one, ps, batch_size=batch), values)
    _, seconds = once(lambda: at_once.call(values))
    yield Row(
        "partial waves",
        f"ε = {epsilon:g}: seconds for {count} momenta",
        seconds,
        unit="s",
        compile_seconds=at_once.compile_seconds,
        note=how,
        program_bytes=bytes_of(at_once),
    )


def smallest(place: Place) -> Iterator[Row]:
    """That it can be done."""
    epsilon = place.size(0.001, 0.03)
    plan, planning = once(lambda: plan_of(epsilon))
    yield Row("partial waves", f"ε = {epsilon:g}: the plan", planning, unit="s", note=sizes(plan))
    advance = compiled(program(plan), plan.state)
    u, seconds = once(lambda: advance.call(plan.state))
    weights = plan.system.grid.weights[0]
    lost = abs(float(jnp.sum(jnp.abs(u) ** 2) - jnp.sum(jnp.abs(plan.state) ** 2)) * weights)
    yield Row(
        "partial waves",
        f"ε = {epsilon:g}: seconds of one run",
        seconds,
        unit="s",
        compile_seconds=advance.compile_seconds,
        note=f"norm to {lost:.0e}, L² error by doubled steps {plan.error:.0e}",
        program_bytes=bytes_of(advance),
    )


def sizes(plan: Any) -> str:
    return f"{plan.system.waves} waves × {plan.system.grid.points} points, {plan.steps} steps"
