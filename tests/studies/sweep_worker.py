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


def slow(x, y):
    """Some work whose last bits depend on the order of sums."""
    matrix = jnp.sin(jnp.outer(jnp.arange(64.0), jnp.arange(48.0)) * x + y)
    spectrum = jnp.fft.fft2(matrix)
    return {"power": jnp.sum(abs(spectrum) ** 1.5), "row": spectrum[3, :5]}


def killed(store, log):
    """Write down the number of finished points before each chunk; wait, so that a kill can strike."""

    def progress(stage, done, total):
        if done < total:
            with Path(log).open("a") as file:
                file.write(f"{done}\n")
            time.sleep(0.03)

    axes = {"x": np.linspace(0.1, 0.9, 13), "y": np.linspace(0.0, 1.0, 7)}
    jw.sweep(slow, axes, store=store, resume=True, batch=9, progress=progress)


def devices(store):
    """The sweep of the test on all devices, and over how many a chunk was spread."""
    from test_sweep import HBARS, MOMENTA, mean_position

    from jaxwigner.studies.sweep_programs import Program

    shards = []
    plain = Program.compile

    def compile(program, size, devices):
        found = plain(program, size, devices)
        shards.append(len(found.input_shardings[0][1].device_set))
        return found

    Program.compile = compile
    jw.sweep(mean_position, {"hbar": HBARS, "momentum": MOMENTA}, store=store, batch=6)
    print(json.dumps({"devices": jax.local_device_count(), "shards": shards[0]}))


if __name__ == "__main__":
    {"kill": killed, "devices": devices}[sys.argv[1]](*sys.argv[2:])
