"""Functions to sweep over, a counter of compilations, and sweeps in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

ROOT = Path(__file__).resolve().parent.parent


def smooth(x, y):
    return {"sum": jnp.sin(x) + y, "vector": jnp.stack([x, y, x * y])}


GRID = {"x": np.linspace(0.0, 1.0, 7), "y": [1.0, 2.0, 3.0, 4.0, 5.0]}


class Compilations:
    """Counts XLA compilations of named programs while it is entered."""

    def __enter__(self):
        self.count = 0
        self._plain = jax.stages.Lowered.compile

        def counted(lowered, *arguments, **options):
            self.count += 1
            return self._plain(lowered, *arguments, **options)

        jax.stages.Lowered.compile = counted
        return self

    def __exit__(self, *error):
        jax.stages.Lowered.compile = self._plain


def worker(*arguments, devices=1):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={devices}",
    }
    command = [sys.executable, str(ROOT / "tests" / "sweep_worker.py"), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def starts(log):
    return [int(line) for line in log.read_text().split()] if log.exists() else []
