"""Import and first result, as whole processes against bare `import jax`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.report import Row, timed
from benchmarks.timing import spread

ROOT = Path(__file__).resolve().parent.parent


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    rounds = 3 if quick else 7
    script = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/names.md").read_text(), re.M | re.S
    )[0]
    with tempfile.TemporaryDirectory() as cache:
        warm = {
            "JAX_COMPILATION_CACHE_DIR": cache,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        }
        _seconds(script, warm)  # fills the cache
        programs = {
            "jax": ("import jax", {}),
            "both": ("import jax, equinox", {}),
            "library": ("import jaxwigner", {}),
            "cold": (script, {}),
            "warm": (script, warm),
        }
        samples = {name: [] for name in programs}
        for _ in range(rounds):
            for name, (code, extra) in programs.items():
                samples[name].append(_seconds(code, extra))
    seconds = {name: np.array(values) for name, values in samples.items()}
    ratios = (
        ("import jaxwigner / import jax, equinox", "library", "both", 1.5),
        ("first script of docs/names.md, cold / import jax", "cold", "jax", 3.0),
        ("first script of docs/names.md, warm compilation cache / import jax", "warm", "jax", 2.0),
    )
    note = f"import jax {np.median(seconds['jax']):.2f} s"
    return [
        timed("startup", what, spread(seconds[above] / seconds[below]), at_most=bound, note=note)
        for what, above, below, bound in ratios
    ]


def _seconds(code: str, extra: dict[str, str]) -> float:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", **extra}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment)
    return time.perf_counter() - start
