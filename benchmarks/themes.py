"""The themes by name, in the order in which they run, and where each is."""

from __future__ import annotations

import importlib
from types import ModuleType

ROOMS = {
    "evolution": "propagation driven surfaces hopping coulomb three_nuclei observing gradients equations",
    "grids": "ffts accuracy transforms handwritten",
    "rulers": "solvers transport quantum_transport square growth",
    "studies": "levels sweep predict compare",
}
# Start-up comes first: its subprocesses must not compete with anything.
THEMES = {"startup": "benchmarks.startup"}
THEMES |= {name: f"benchmarks.{room}.{name}" for room in ROOMS for name in ROOMS[room].split()}
THEMES["device"] = "benchmarks.device"


def module(theme: str) -> ModuleType:
    """The module that measures a theme."""
    return importlib.import_module(THEMES[theme])
