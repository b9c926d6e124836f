"""Mean-field and N-body runs against what they cannot avoid: bare FFTs, bare gathers, a fixed potential, a single N.

The values of N‖R¹_N − |φ⟩⟨φ|‖₁ are compared with a published prototype's; agreement with the full grid, with Bogoliubov's theory and
with quadratic V is tested, not timed.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import Program, compiled, interleave, race, ratio
from jaxwigner.theorems import stability

NUMBERS = (2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 1e4)
KNOWN = {2.0: 0.42181, 10.0: 0.46552, 100.0: 0.47779, 1000.0: 0.47907, 1e4: 0.47919}
HBARS = (1.0, 0.3, 0.1)


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    seconds = 3.0 if quick else 8.0
    rows = [*condensates(seconds), hartree(seconds, 128 if quick else 1024)]
    rows += [vlasov(seconds, 128 if quick else 512), particles(seconds, 2**15 if quick else 2**18)]
    return rows + growth(quick)


def condensates(seconds: float) -> list[Row]:
    """Nine N and three ħ in one batch against one of each, and the distances at ħ = 1, T = 2."""

    def one(hbar, number):
        side = 12.0 * jnp.sqrt(hbar)
        grid = jw.Grid(-side, side, 64)
        bosons = jw.FockExcitations(grid, jw.potentials.Gaussian(1.0, 1.0), hbar, number)
        phi = jw.coherent_state(grid, 0.0, 0.0, hbar)
        return bosons.evolve(phi, duration=2.0, steps=40, throw=False).distance

    every = jax.vmap(jax.vmap(one, in_axes=(None, 0)), in_axes=(0, None))
    hbars, numbers = jnp.array(HBARS), jnp.array(NUMBERS)
    batch, single = compiled(every, hbars, numbers), compiled(one, hbars[0], numbers[0])
    samples = interleave(
        {
            "batch": lambda: batch.call(hbars, numbers),
            "single": lambda: single.call(hbars[0], numbers[0]),
        },
        seconds=seconds,
    )
    found = np.asarray(batch.call(hbars, numbers))[0]
    worst = max(abs(found[NUMBERS.index(N)] / value - 1) for N, value in KNOWN.items())
    values = ", ".join(f"{found[NUMBERS.index(N)]:.5f}" for N in KNOWN)
    return [
        timed(
            "square",
            "nine N × three ħ / one N, one ħ",
            ratio(samples, "batch", "single"),
            at_most=3.0,
            compile_seconds=batch.compile_seconds,
        ),
        Row("square", "N‖R¹_N − R‖₁ at ħ = 1, T = 2: error", worst, at_most=3e-3, note=values),
    ]


def hartree(seconds: float, count: int) -> Row:
    """Orbitals that share a mean field against the same orbitals under a fixed potential."""
    grid, hbar, steps = jw.Grid(-12.0, 12.0, 1024), 0.1, 60
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2, count))
    state = jw.toeplitz_state(jw.Particles(np.full(count, 1 / count), *z), grid, hbar)
    V = jw.potentials.Gaussian(1.0, 1.0)

    def program(system):
        return lambda state: (
            jw.evolve(
                system, state, duration=0.6, steps=steps, method="strang", throw=False
            ).state.orbitals
        )

    mean, fixed = (
        compiled(program(system), state)
        for system in (jw.Hartree(grid, V, hbar), jw.Schrodinger(grid, V, hbar))
    )
    return _raced(f"Hartree / fixed potential, {count} × 1024", mean, fixed, state, seconds, 1.2)


def _raced(
    what: str, ours: Program, theirs: Program, argument: Any, seconds: float, most: float
) -> Row:
    """The time of one program over that of another one."""
    samples = race({"ours": ours, "theirs": theirs}, argument, seconds=seconds)
    took = ratio(samples, "ours", "theirs")
    return timed("square", what, took, at_most=most, compile_seconds=ours.compile_seconds)


def vlasov(seconds: float, points: int) -> Row:
    """A Strang step on a grid against its own four real FFTs."""
    phase = jw.PhaseGrid(jw.Grid(-10.0, 10.0, points), jw.Grid(-8.0, 8.0, points))
    (x,), (p,) = phase.mesh
    f = jnp.exp(-(x**2) - p**2) / jnp.pi
    system, steps = jw.Vlasov(phase, jw.potentials.Gaussian(1.0, 1.0)), 60

    def ours(f):
        run = jw.evolve(system, f, duration=1.0, steps=steps, method="strang", throw=False)
        return run.state

    def bare(f):
        def step(_, f):
            f = jnp.fft.irfft(jnp.fft.rfft(f, axis=0), n=points, axis=0)
            return jnp.fft.irfft(jnp.fft.rfft(f, axis=1), n=points, axis=1)

        return lax.fori_loop(0, steps, step, f)

    one, other = compiled(ours, f), compiled(bare, f)
    return _raced(f"Vlasov step / its FFTs, {points}²", one, other, f, seconds, 1.5)


def particles(seconds: float, count: int) -> Row:
    """A step of particles through a mesh against one gather and one scatter of the same four points."""
    rng = np.random.default_rng(1)
    z = rng.normal(size=(2, count, 1))
    cloud = jw.Particles(np.full(count, 1 / count), z[0], z[1])
    mesh, steps = jw.Grid(-12.0, 12.0, 512), 60
    system = jw.VlasovParticles(jw.potentials.Gaussian(1.0, 1.0), mesh=mesh)

    def ours(cloud):
        run = jw.evolve(system, cloud, duration=0.5, steps=steps, method="strang", throw=False)
        return run.state.positions

    def bare(cloud):
        def step(_, x):
            cell = jnp.floor((x[:, 0] + 12.0) / (24.0 / 512)).astype(int)
            rho = jnp.zeros(512)
            for j in range(4):
                rho = rho.at[cell + j].add(cloud.weights)
            return x + 1e-9 * sum(rho[cell + j] for j in range(4))[:, None]

        return lax.fori_loop(0, steps, step, cloud.positions)

    one, other = compiled(ours, cloud), compiled(bare, cloud)
    what = f"particle step / bare gather and scatter, {count}"
    return _raced(what, one, other, cloud, seconds, 1.5)


def growth(quick: bool) -> list[Row]:
    """𝓔/(½ħ) for V = cos x as ħ → 0 against the frozen characteristics, and below the sharp curve."""
    count = 24 if quick else 150
    z = np.random.default_rng(0).normal(size=(2, count)) * np.sqrt(0.4)
    cloud, V = jw.Particles(np.full(count, 1 / count), *z), jw.potentials.Cosine(1.0, 1.0)
    grid = jw.Grid(-4 * np.pi, 4 * np.pi, 1024 if quick else 2048)
    hbars = np.array([0.1, 0.05] if quick else [0.05, 0.025])
    rows = []
    for time in (1.0,) if quick else (0.5, 1.0, 1.5):
        claim = jax.jit(
            lambda h, time=time: stability.semiclassical_growth(
                cloud, V, grid, h, duration=time, steps=int(160 * time)
            )
        )(hbars)
        limit, exact = float(claim.lhs.centre), float(claim.rhs.centre)
        sharp = float(jnp.cosh(stability.angle(1.0, time)))
        rows.append(
            Row(
                "square",
                f"𝓔/½ħ at t = {time} as ħ → 0: error",
                abs(limit / exact - 1),
                at_most=0.01,
                note=f"{limit:.4f}, characteristics {exact:.4f}, sharp bound {sharp:.4f}",
            )
        )
    return rows
