"""Batches: the sweep of the first script of docs/names.md over 1024 values of ħ, and the Wigner functions of 1024 states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.device.parity import difference
from benchmarks.device.place import Place, bytes_of, timed, two_cores
from benchmarks.report import Row
from benchmarks.timing import compiled

FASTER = 30.0  # than two CPU cores


def sweep(place: Place) -> Iterator[Row]:
    """⟨x⟩ and its derivative after 60 steps on 256 points, all ħ at once."""
    count = place.size(1024, 32)

    def mean_position(start, hbar):
        grid = jw.Grid(-np.pi, np.pi, 256)
        psi = jw.coherent_state(grid, start, 0.0, hbar)
        system = jw.Schrodinger(grid, jw.potentials.Torsion(1.0), hbar)
        run = jw.evolve(system, psi, duration=5.0, steps=60, throw=False)
        return jnp.sum(grid.axes[0] * abs(run.state) ** 2) * grid.cell

    every = jax.vmap(jax.value_and_grad(mean_position), in_axes=(None, 0))

    def measured(device):
        with place.on(device):
            hbars = jnp.linspace(0.05, 0.4, count)
            seconds, program = timed(every, jnp.asarray(1.0), hbars)
            return seconds, program, jax.device_get(program.call(jnp.asarray(1.0), hbars))

    seconds, program, found = measured(place.device)
    what = f"{count} values of ħ with gradients"
    compiling = {"compile_seconds": program.compile_seconds, "program_bytes": bytes_of(program)}
    yield Row("sweep", f"{what}: points per second", count / seconds, **compiling)
    with two_cores() as cores:
        theirs, _, expected = measured(place.cpu)
    ratio = theirs / seconds
    note = f"{theirs:.3g} s on {cores} of this machine, {seconds:.3g} s on the device"
    yield Row("sweep", f"{what}: CPU / device", ratio, at_least=place.target(FASTER), note=note)
    yield Row("sweep", f"{what}: difference", difference(found, expected), at_most=1e-10)


def wigner(place: Place) -> Iterator[Row]:
    """All values of W of each state on its natural grid."""
    count, points = place.size((1024, 512), (16, 64))
    grid = jw.Grid(-8.0, 8.0, points)
    phase = jw.phase_grid(grid, 0.1)
    centres = jnp.linspace(-2.0, 2.0, count)
    states = jax.vmap(lambda q: jw.coherent_state(grid, q, 0.0, 0.1))(centres)
    function = jax.vmap(lambda psi: jw.wigner(psi, grid, phase, 0.1))
    seconds, program = _held(place, function, states)
    pixels = int(np.prod(phase.shape))
    yield Row(
        "Wigner",
        f"{count} states, {' × '.join(map(str, phase.shape))} pixels: states per second",
        count / seconds,
        compile_seconds=program.compile_seconds,
        note=f"{count * pixels * 8 / seconds / 1e9:.3g} GB of W a second",
        program_bytes=bytes_of(program),
    )


def _held(place: Place, function: Any, states: Any) -> Any:
    """The time of a batch that the device holds."""
    place.refuse("batch", len(states), compiled(function, states))
    return timed(function, states)
