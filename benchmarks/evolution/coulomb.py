"""Two nuclei that repel each other in R³: partial waves against the sine transforms they cannot avoid, and against diagonalisation.

The packet R₀ = 2, P₀ = 1 towards the singularity, C = ½, α = ½, over 0 ≤ t ≤ 1.4 (the classical turning point is reached near t = 1),
planned by `resolve_waves` for an L² error of 1e-5. The bare transforms are complex FFTs of the odd extension, as many as steps need.
Where diagonalising every wave would take minutes some of the waves stand for all: each is an eigenproblem of the same size.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import Spread, compiled, interleave, once, ratio, spread
from jaxwigner.classical import CoulombFlow
from jaxwigner.phase_space.ensembles import packet_cloud
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.partial_waves.radial_grid import sine_analysis, sine_synthesis

THEME = "coulomb"
CHARGE, DISTANCE, MOMENTUM, DURATION = 0.5, 2.0, -1.0, 1.4
TOLERANCE = 1e-5
SAVES = 56  # times at which ‖U_sΨ‖² is looked for its largest value
# ε, and every how many-th wave is diagonalised
CASES = {0.1: 1, 0.03: 1, 0.01: 4, 0.003: 25}
QUICK = {0.1: 1, 0.03: 4}
# sup_t‖U_sΨ‖² and ‖HΨ₀‖² of an independent prototype
KNOWN = {0.1: (0.472, 2.18), 0.03: (0.789, 1.74), 0.01: (1.104, 1.62), 0.003: (1.359, 1.58)}


class Case(NamedTuple):
    """What was measured at one ε."""

    epsilon: float
    plan: Any
    seconds: Spread


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    cases, rows = [], []
    for epsilon, every in (QUICK if quick else CASES).items():
        case, more = split(epsilon, seconds=2.0 if quick else 12.0)
        cases.append(case)
        rows += [*more, *diagonalised(case, every), *bounds(case)]
    rows.append(growth(cases))
    rows.append(ensemble(cases[-1], 2**13 if quick else 2**17))
    rows += momenta(0.1 if quick else 0.03, 4 if quick else 64)
    if not quick:
        rows.append(smallest(0.001))
    return rows


def plan_of(epsilon: float, exact: bool = False) -> Any:
    """Grid, waves and steps."""
    start = {"position": DISTANCE, "momentum": MOMENTUM}
    return jw.resolve_waves(
        CHARGE, epsilon, **start, duration=DURATION, tolerance=TOLERANCE, exact=exact
    )


def program(plan: Any) -> Any:
    """The final state of a run of the planned steps."""

    def advance(u):
        options = {"method": plan.method, "gradient": "forward", "throw": False}
        return jw.evolve(plan.system, u, duration=DURATION, steps=plan.steps, **options).state

    return advance


def split(epsilon: float, seconds: float) -> tuple[Case, list[Row]]:
    """A run against its own sine transforms."""
    plan = plan_of(epsilon)
    pairs = plan.steps * plan.method.stages

    def bare(u):
        body = lambda _, v: sine_analysis(sine_synthesis(v))  # noqa: E731
        return lax.fori_loop(0, pairs, body, u)

    ours, theirs = compiled(program(plan), plan.state), compiled(bare, plan.state)
    samples = interleave(
        {"run": lambda: ours.call(plan.state), "bare": lambda: theirs.call(plan.state)},
        seconds=seconds,
    )
    sizes = f"{plan.system.waves} waves × {plan.system.grid.points} points, {plan.steps} steps"
    case = Case(epsilon, plan, spread(samples["run"]))
    rows = [
        timed(
            THEME,
            f"run / its sine transforms, ε = {epsilon:g}",
            ratio(samples, "run", "bare"),
            at_most=1.5,
            compile_seconds=ours.compile_seconds,
            note=sizes,
        ),
        timed(THEME, f"one run, ε = {epsilon:g}", case.seconds, unit="s"),
    ]
    return case, rows


def diagonalised(case: Case, every: int) -> list[Row]:
    """L² error against, and time of, the exact evolution."""
    reference = plan_of(case.epsilon, exact=True)
    waves = max(reference.system.waves, case.plan.system.waves)
    chosen = list(range(0, min(reference.system.waves, case.plan.system.waves), every))
    system = reference.system.on(waves=chosen)
    start = reference.state[np.array(chosen)]
    exact = compiled(lambda u: jw.evolve_exactly(system, u, [DURATION])[0], start)
    found, seconds = once(lambda: exact.call(start))
    ours = program(case.plan)(case.plan.state)[np.array(chosen)]
    r = system.grid.radii
    there = case.plan.system.grid
    inside = r < there.length  # beyond, both vanish
    value = jnp.where(inside, there.interpolate(ours, jnp.minimum(r, there.length)), 0.0)
    error = jnp.sqrt(every * jnp.sum(jnp.abs(value - found) ** 2 @ system.grid.weights))
    share = "" if every == 1 else f", from every {every}-th wave"
    measured = seconds * waves / len(chosen) / case.seconds.median
    target = 8.0 if case.epsilon <= 0.003 else None
    return [
        Row(
            THEME,
            f"L² error, ε = {case.epsilon:g}",
            float(error),
            at_most=TOLERANCE,
            note=f"against diagonalisation{share}",
        ),
        Row(
            THEME,
            f"diagonalisation / run, ε = {case.epsilon:g}",
            measured,
            at_least=target,
            note=f"{system.grid.points} nodes{share}",
        ),
    ]


def bounds(case: Case) -> list[Row]:
    """sup_t‖U_sΨ‖² and ‖HΨ₀‖², beside a prototype's."""
    plan = case.plan
    run = jw.evolve(
        plan.system,
        plan.state,
        duration=DURATION,
        steps=plan.steps,
        method=plan.method,
        saves=SAVES,
        gradient="forward",
        observe=lambda u: radial.coulomb_square(u, plan.system),
    )
    largest = float(jnp.max(run.observed))
    constant = float(radial.hamiltonian_square(plan.state, plan.system))
    known = KNOWN[case.epsilon]
    apart = max(abs(largest - known[0]) / known[0], abs(constant - known[1]) / known[1])
    note = f"{largest:.4f} ≤ {constant:.4f}; prototype {known[0]}, {known[1]}"
    what = f"sup‖U_sΨ‖², ‖HΨ₀‖²: difference, ε = {case.epsilon:g}"
    return [Row(THEME, what, apart, at_most=5e-3, note=note)]


def growth(cases: list[Case]) -> Row:
    """The power of 1/ε with which a run's time grows: the largest between two neighbours."""
    logs = np.log([[case.epsilon, case.seconds.median] for case in cases])
    steps = np.diff(logs, axis=0)
    power = np.max(-steps[:, 1] / steps[:, 0])
    span = f"ε = {cases[0].epsilon:g} … {cases[-1].epsilon:g}"
    return Row(THEME, f"steepest exponent of the cost in 1/ε, {span}", float(power), at_most=2.5)


def ensemble(case: Case, count: int) -> Row:
    """The classical ensemble, head-on trajectories included, over the same time: one exact Kepler flow."""
    cloud = packet_cloud(DISTANCE, MOMENTUM, case.epsilon, count=count)
    flow = CoulombFlow(CHARGE)
    move = compiled(
        lambda z: jw.evolve(flow, z, duration=DURATION, steps=1, method="strang").state, cloud
    )
    seconds = interleave({"flow": lambda: move.call(cloud)}, seconds=3.0)["flow"]
    return timed(
        THEME,
        f"{count} trajectories / run, ε = {case.epsilon:g}",
        spread(seconds / case.seconds.median),
        at_most=1 / 20,
        compile_seconds=move.compile_seconds,
    )


def momenta(epsilon: float, count: int) -> list[Row]:
    """Runs from many initial momenta in one program against the same runs one by one.

    One `vmap` suits an accelerator; on a CPU its arrays leave the caches, and `lax.map` of single runs does not.
    """
    plan = plan_of(epsilon)
    values = MOMENTUM * jnp.linspace(0.9, 1.1, count)

    def one(momentum):
        u = jw.packet_waves(plan.system, DISTANCE, momentum, tolerance=1e-4)
        return radial.coulomb_square(program(plan)(u), plan.system)

    single = compiled(one, values[0])
    every = {"vmap": jax.vmap(one), "lax.map": lambda ps: lax.map(one, ps)}
    programs = {name: compiled(function, values) for name, function in every.items()}
    calls = {name: lambda p=p: p.call(values) for name, p in programs.items()}
    samples = interleave({**calls, "single": lambda: single.call(values[0])}, seconds=9.0)
    return [
        timed(
            THEME,
            f"{count} momenta by {name} / one by one, ε = {epsilon:g}",
            spread(samples[name] / samples["single"] / count),
            compile_seconds=programs[name].compile_seconds,
        )
        for name in programs
    ]


def smallest(epsilon: float) -> Row:
    """That it can be done."""
    plan = plan_of(epsilon)
    advance = compiled(program(plan), plan.state)
    u, seconds = once(lambda: advance.call(plan.state))
    norm = float(jnp.sum(jnp.abs(u) ** 2) * plan.system.grid.weights[0])
    sizes = f"{plan.system.waves} waves × {plan.system.grid.points} points, {plan.steps} steps"
    lost = abs(norm - float(jnp.sum(jnp.abs(plan.state) ** 2) * plan.system.grid.weights[0]))
    note = f"{sizes}; norm to {lost:.0e}, L² error by doubled steps {plan.error:.0e}"
    return Row(THEME, f"one run, ε = {epsilon:g}", seconds, unit="s", note=note)
