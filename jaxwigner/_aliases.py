"""Names that come when they are asked for, and names that have moved: these work for one version more, and warn.

A room does not know the rooms that its old names have moved to; `__getattr__ = old_names(__name__)` at its end asks this table.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from typing import Any

# What costs time to import, by the name under which it hangs on `jaxwigner`.
LATE = {
    "draw": "jaxwigner.studies.draw:draw",
    "molecules": "jaxwigner.molecules",
    "plot": "jaxwigner.plot",
    "theorems": "jaxwigner.theorems",
    "units": "jaxwigner.units",
}
# Room and the name that it had there, and where it is now.
MOVED = {
    ("jaxwigner", "marginal"): "jaxwigner.quantum:reduced_state",
    ("jaxwigner.classical", "marginal"): "jaxwigner.classical:reduced_state",
    ("jaxwigner.quantum", "marginal"): "jaxwigner.quantum:reduced_state",
    (
        "jaxwigner.quantum.nuclei.product_packets",
        "energies",
    ): "jaxwigner.quantum.nuclei.product_packets:mean_energies",
    (
        "jaxwigner.quantum.partial_waves.observables",
        "energies",
    ): "jaxwigner.quantum.partial_waves.observables:mean_energies",
    ("jaxwigner.classical", "packet_cloud"): "jaxwigner.phase_space.ensembles:packet_cloud",
    ("jaxwigner.plot", "draw"): "jaxwigner.studies.draw:draw",
    ("jaxwigner.studies", "limits"): "jaxwigner.studies.claims",
    ("jaxwigner.studies", "report"): "jaxwigner.studies.claims.report",
}


def found(place: str) -> Any:
    """What `package:name`, or the dotted name of a module, stands for."""
    module, _, name = place.partition(":")
    loaded = importlib.import_module(module)
    return getattr(loaded, name) if name else loaded


def late_names(name: str) -> Any:
    """The `__getattr__` of `jaxwigner`."""
    return found(LATE[name]) if name in LATE else _moved("jaxwigner", name)


def old_names(room: str) -> Callable[[str], Any]:
    """The `__getattr__` of a room: names that it had, each with a warning that says where it is now.

    >>> from jaxwigner._aliases import old_names
    >>> old_names("jaxwigner.plot")("nothing")
    Traceback (most recent call last):
    ...
    AttributeError: module 'jaxwigner.plot' has no attribute 'nothing'
    """

    return lambda name: _moved(room, name)


def _moved(room: str, name: str) -> Any:
    if (room, name) not in MOVED:
        raise AttributeError(f"module {room!r} has no attribute {name!r}")
    place = MOVED[room, name]
    text = f"{room}.{name} has moved to {place.replace(':', '.')}"
    warnings.warn(text, DeprecationWarning, stacklevel=3)
    return found(place)
