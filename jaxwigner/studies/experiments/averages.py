"""Averages ⟨φ⟩ over ħ and momentum: Schrödinger → Wigner → ∫∫Wφ, beside φ at the end of the classical path.

AFG's Theorem 1.1 for smooth U: a packet of width √(ħ/2) follows the Newtonian path, and ∫∫Wφ tends to φ there at rate ħ.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp

from jaxwigner.classical import Newton
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, phase_grid
from jaxwigner.phase_space import wigner
from jaxwigner.potentials import Torsion
from jaxwigner.progress import Progress, quiet
from jaxwigner.quantum import Schrodinger
from jaxwigner.states import Particles, coherent_state
from jaxwigner.studies.experiments.settings import demand, within
from jaxwigner.studies.sweep.sweep import sweep


@dataclass(frozen=True)
class Settings:
    """The keys of `configs/averages.toml`."""

    hbars: tuple[float, ...]
    momenta: tuple[float, ...]
    position: float
    duration: float
    points: int
    steps: int
    centre: float
    width: float
    batch: int

    def check(self) -> None:
        """Complain about what cannot be run."""
        for key in ("hbars", "momenta"):
            values = getattr(self, key)
            demand(len(set(values)) == len(values), key, "be distinct", values)
        within(self, hbars=(1e-2, 1.0), momenta=(-3.0, 3.0), position=(-3.0, 3.0))
        within(self, duration=(1e-3, 20.0), points=(32, 2048), steps=(1, 100_000))
        within(self, centre=(-6.0, 6.0), width=(0.1, 10.0), batch=(1, 2**16))


def average(hbar, momentum, settings: Settings) -> dict[str, jnp.ndarray]:
    """⟨φ⟩ at one ħ and one momentum.

    **Returns:** `quantum`: ∫∫Wφ; `classical`: φ at the end of the classical path; `resolution`: the status of the run, 0 where it
    is resolved.

    >>> import jax
    >>> from jaxwigner.studies.experiments import averages, experiment as experiments
    >>> settings = experiments.load_sweep("averages").settings
    >>> found = jax.jit(lambda hbar, p: averages.average(hbar, p, settings))(0.05, 0.5)
    >>> int(found["resolution"]), bool(abs(found["quantum"] - found["classical"]) < 0.05)
    (0, True)
    """
    grid = Grid(-2 * jnp.pi, 2 * jnp.pi, settings.points)
    torsion = Torsion(1.0)
    time = {"duration": settings.duration, "steps": settings.steps, "throw": False}
    psi = coherent_state(grid, settings.position, momentum, hbar)
    run = evolve(Schrodinger(grid, torsion, hbar), psi, **time)
    phase = phase_grid(grid, hbar)
    (x,), (p,) = phase.mesh
    W = wigner(run.state, grid, phase, hbar)
    start = Particles(jnp.ones(1), jnp.full(1, settings.position), jnp.reshape(momentum, 1))
    end = evolve(Newton(torsion), start, **time).state
    phi = functools.partial(_test_function, settings=settings)
    return {
        "quantum": jnp.sum(W * phi(x, p)) * phase.cell,
        "classical": phi(end.positions[0, 0], end.momenta[0, 0]),
        "resolution": run.diagnostics.status,
    }


def _test_function(x, p, settings: Settings):
    return jnp.exp(-((x - settings.centre) ** 2 + p**2) / (2 * settings.width**2))


def run(
    settings: Settings,
    progress: Progress = quiet,
    *,
    store: Path | None = None,
    resume: bool = False,
):
    """The sweep over `settings.hbars` and `settings.momenta`.

    **Returns:** the `xarray.Dataset` of `jaxwigner.sweep`, over `hbar` and `momentum`.

    **Raises:** as `jaxwigner.sweep` does.
    """
    return sweep(
        functools.partial(average, settings=settings),
        {"hbar": settings.hbars, "momentum": settings.momenta},
        store=store,
        resume=resume,
        batch=settings.batch,
        attributes={
            "experiment": "averages",
            "title": "⟨φ⟩ of packets on a torsion, over ħ and momentum",
            "configuration": dataclasses.asdict(settings),
        },
        progress=progress,
    )
