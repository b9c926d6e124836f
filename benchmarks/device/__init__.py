"""A device, where there is one: parity with the CPU, rates beside the memory's bandwidth, and the largest problems of the library.

`python -m benchmarks.device --minutes 8 --out DIR` measures all of it in one prepared run; see `docs/devices.md`.
"""

from __future__ import annotations

import jax

from benchmarks.report import Row, skipped


def run(quick: bool = False) -> list[Row]:
    """All rows, as `python -m benchmarks` asks for them; one row that says why where there is no GPU."""
    if jax.default_backend() != "gpu":
        return [skipped("device", f"no GPU: the backend is {jax.default_backend()}")]
    from benchmarks.device.measure import measured
    from benchmarks.device.place import Place

    place = Place(jax.devices()[0], jax.devices("cpu")[0], small=quick)
    rows = measured(place, 60.0 * (2 if quick else 8))
    return [row._replace(theme="device", what=f"{row.theme}: {row.what}") for row in rows]
