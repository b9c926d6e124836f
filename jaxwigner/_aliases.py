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
    ("jaxwigner.classical", "packet_cloud"): "jaxwigner.phase_space.ensembles:packet_cloud",
    ("jaxwigner.plot", "draw"): "jaxwigner.studies.draw:draw",
    ("jaxwigner.studies", "limits"): "jaxwigner.studies.claims",
    ("jaxwigner.studies", "report"): "jaxwigner.studies.claims.report",
    ("jaxwigner.studies", "sensitivity"): "jaxwigner.studies.search.sensitivity",
    ("jaxwigner.studies", "worst_case"): "jaxwigner.studies.search.worst_case",
}


def found(place: str) -> Any:
    """What `package:name`, or the dotted name of a module, stands for."""
    module, _, name = place.partition(":")
    loaded = importlib.import_module(module)
    return getattr(loaded, name) if name else loaded


def late_names(name: str) -> Any:
    """The `__getattr__` of `jaxwigner`."""
    if name not in LATE:
        raise AttributeError(f"module 'jaxwigner' has no attribute {name!r}")
    return found(LATE[name])


def old_names(room: str) -> Callable[[str], Any]:
    """The `__getattr__` of a room: names that it had, each with a warning that says where it is now.

    >>> from jaxwigner._aliases import old_names
    >>> old_names("jaxwigner.plot")("nothing")
    Traceback (most recent call last):
    ...
    AttributeError: module 'jaxwigner.plot' has no attribute 'nothing'
    """

    def missing(name: str) -> Any:
        if (room, name) not in MOVED:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        place = MOVED[room, name]
        text = f"{room}.{name} has moved to {place.replace(':', '.')}"
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        return found(place)

    return missing
