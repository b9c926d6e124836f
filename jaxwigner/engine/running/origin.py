"""Which system made a run: what it is made of, as hashes, so that a run does not go on under another ħ without a word."""

from __future__ import annotations

import functools
from typing import Any

from jaxwigner._checks import concrete
from jaxwigner.compiled import numbers_as_arrays
from jaxwigner.compiled.identity import Identity

Parts = tuple[tuple[str, str], ...]  # name of a part and its hash


class Origin:
    """The parts of a system, told when they are asked for; None where they are not known (under `jit`, of a lock, an open file).

    All origins are equal: they are no part of the structure of a run, so that programs that take runs do not depend on them.
    """

    _fields = ("parts",)

    def __init__(self, parts: Parts | None = None, system: Any = None):
        self.system = system
        if parts is not None or system is None:
            self.parts = parts

    @functools.cached_property
    def parts(self) -> Parts | None:
        """What the system is made of."""
        found = Identity("system", numbers_as_arrays(self.system))
        return None if found.unknown else tuple(sorted(found.parts.items()))

    def differs(self, other: Origin) -> str | None:
        """The part in which two origins differ, as far as both are known."""
        if self.parts is None or other.parts is None or self.parts == other.parts:
            return None
        here, there = dict(self.parts), dict(other.parts)
        names = sorted(n for n in here.keys() | there.keys() if here.get(n) != there.get(n))
        # The shortest name is the whole of which the others are parts.
        return min(names, key=len).removeprefix("system.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin)

    def __hash__(self) -> int:
        return hash(Origin)

    def __repr__(self) -> str:
        return "Origin"


def origin_of(system: Any) -> Origin:
    """The origin of the runs of a system; of one that is traced nothing is kept."""
    return Origin(system=system) if concrete(system) else Origin()
