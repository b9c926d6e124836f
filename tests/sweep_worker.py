"""What the tests of sweeps run in processes of their own: a sweep that may be killed, and one on several devices."""

import json
import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw

jax.config.update("jax_enable_x64", True)

HBARS = np.linspace(0.2, 0.5, 5)
MOMENTA = [0.0, 0.5, 1.0]
AXES = {"x": np.linspace(0.1, 0.9, 13), "y": np.linspace(0.0, 1.0, 7)}


def mean_position(hbar, momentum, points=48):
    """⟨x⟩ after a while in a quartic well."""
    grid = jw.Grid(-6.0, 6.5, points)
    psi = jw.coherent_state(grid, 0.5, momentum, hbar)
    system = jw.Schrodinger(grid, jw.potentials.DoubleWell(1.0, 1.0), hbar)
    run = jw.evolve(system, psi, duration=0.5, steps=8, throw=False)
    return jnp.sum(grid.axes[0] * abs(run.state) ** 2) * grid.cell


def slow(x, y):
    """Some work whose last bits depend on the order of sums."""
    matrix = jnp.sin(jnp.outer(jnp.arange(64.0), jnp.arange(48.0)) * x + y)
    spectrum = jnp.fft.fft2(matrix)
    return {"power": jnp.sum(abs(spectrum) ** 1.5), "row": spectrum[3, :5]}


def killed(store, log, batch=9):
    """Write down the number of finished points before each chunk; wait, so that a kill can strike."""

    def progress(stage, done, total):
        if done < total:
            with Path(log).open("a") as file:
                file.write(f"{done}\n")
            time.sleep(0.03)

    return jw.sweep(slow, AXES, store=store, resume=True, batch=int(batch), progress=progress)


def devices(store):
    """The sweep of the test on all devices, and over how many a chunk was spread."""
    from jaxwigner.studies.sweep.programs import Program

    shards = []
    plain = Program.compile

    def compile(program, size, devices):
        found = plain(program, size, devices)
        shards.append(len(found.input_shardings[0][1].device_set))
        return found

    Program.compile = compile
    jw.sweep(mean_position, {"hbar": HBARS, "momentum": MOMENTA}, store=store, batch=6)
    print(json.dumps({"devices": jax.local_device_count(), "shards": shards[0]}))


def together(store, log, port, number):
    """One of two processes that share a sweep, two devices each."""
    jax.distributed.initialize(f"localhost:{port}", num_processes=2, process_id=int(number))
    found = killed(store, f"{log}{number}")
    assert np.all(found["status"] == 0)


if __name__ == "__main__":
    {"kill": killed, "devices": devices, "together": together}[sys.argv[1]](*sys.argv[2:])
