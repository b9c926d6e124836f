"""Averages ⟨φ⟩ over ħ and momentum: Schrödinger → Wigner → ∫∫Wφ, beside φ at the end of the classical path.

AFG's Theorem 1.1 for smooth U: a packet of width √(ħ/2) follows the Newtonian path, and ∫∫Wφ tends to φ there at rate ħ.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner.classical import Newton
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, phase_grid
from jaxwigner.phase_space import wigner
from jaxwigner.plot.style import CLASSICAL, QUANTUM, new_figure
from jaxwigner.potentials import Torsion
from jaxwigner.progress import Progress, quiet
from jaxwigner.quantum import Schrodinger
from jaxwigner.states import Particles, coherent_state
from jaxwigner.studies.experiments.experiment import Sweep
from jaxwigner.studies.experiments.settings import Keys, key
from jaxwigner.studies.sweep.sweep import sweep


@dataclass(frozen=True)
class Settings(Keys):
    """Where the packets start, how long they move, and φ(x, p) = exp(−((x − centre)² + p²)/(2 width²))."""

    hbars: tuple[float, ...] = key(
        (0.4, 0.283, 0.2, 0.141, 0.1, 0.0707, 0.05, 0.0354), "ħ", within=(1e-2, 1.0), distinct=True
    )
    momenta: tuple[float, ...] = key(
        (-1.2, -1.0, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2),
        "of the packets at first",
        within=(-3.0, 3.0),
        distinct=True,
    )
    position: float = key(0.5, "where the packets start", within=(-3.0, 3.0))
    duration: float = key(2.0, "of the motion", within=(1e-3, 20.0))
    points: int = key(256, "of the grid over [−2π, 2π)", within=(32, 2048))
    steps: int = key(40, "in time", within=(1, 100_000))
    centre: float = key(
        1.0, "of φ(x, p) = exp(−((x − centre)² + p²)/(2 width²))", within=(-6.0, 6.0)
    )
    width: float = key(1.0, "of φ", within=(0.1, 10.0))
    batch: int = key(16, "points of a chunk: what a kill costs at most", within=(1, 2**16))


def average(hbar, momentum, settings: Settings) -> dict[str, jnp.ndarray]:
    """⟨φ⟩ at one ħ and one momentum.

    **Returns:** `quantum`: ∫∫Wφ; `classical`: φ at the end of the classical path; `resolution`: the status of the run, 0 where it
    is resolved.

    >>> import jax
    >>> from jaxwigner.studies.experiments import averages
    >>> settings = averages.Settings()
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
        attributes={**EXPERIMENT.label, "configuration": dataclasses.asdict(settings)},
        progress=progress,
    )


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure."""
    figure = new_figure(8.6, 3.6)
    left, right = figure.subplots(1, 2)
    ordered = dataset.sortby(["hbar", "momentum"])
    hbar, momentum = ordered["hbar"].values, ordered["momentum"].values
    quantum, classical = ordered["quantum"].values, ordered["classical"].values
    for shade, h, row in zip(np.linspace(1.0, 0.25, len(hbar)), hbar, quantum):
        left.plot(momentum, row, color=QUANTUM, alpha=shade, lw=1.2, label=rf"$\hbar={h:g}$")
    left.plot(momentum, classical[0], "--", color=CLASSICAL, lw=1.2, label="classical path")
    left.set(xlabel="initial momentum", ylabel=r"$\langle\varphi\rangle$")
    left.legend(loc="best", fontsize="x-small")
    distance = np.max(np.abs(quantum - classical), axis=1)
    right.loglog(hbar, distance, "o-", color=QUANTUM, ms=4, label="largest distance")
    right.loglog(hbar, distance[0] * hbar / hbar[0], ":", color="0.5", label=r"$\propto\hbar$")
    right.set(xlabel=r"$\hbar$", ylabel=r"$|\langle\varphi\rangle-\varphi(q,p)|$")
    right.legend(loc="best", fontsize="small")
    right.set_xticks(hbar, [f"{h:g}" for h in hbar], rotation=45)
    right.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    figure.suptitle("Averages of packets on a torsion")
    yield "averages", figure


EXPERIMENT = Sweep(
    "averages",
    "⟨φ⟩ of packets on a torsion, over ħ and momentum",
    Settings,
    run,
    figures,
    "Packets on U = 1 − cos x: ∫∫Wφ after a while, beside φ at the end of the classical path, to which it tends at rate ħ.",
)
