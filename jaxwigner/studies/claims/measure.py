"""The rows that `jaxwigner limits` measures: each id of the table of experiments, with both sides and a verdict.

Every row comes from a function of `jaxwigner.theorems`; here are the states, potentials and values of ħ it is measured at, the
negative controls, and the compilation of each study as one program.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from jaxwigner.inequality import require_double
from jaxwigner.studies.claims import afg, gp
from jaxwigner.studies.claims.claim import REGISTRY, Row

for _room in (afg, gp):
    for _file in sorted(found.name for found in pkgutil.iter_modules(_room.__path__)):
        importlib.import_module(f"{_room.__name__}.{_file}")


def ids() -> tuple[str, ...]:
    """The known ids, in the order of the table: G before A before W, by number.

    >>> from jaxwigner.studies import claims as limits
    >>> limits.ids()[:2]
    ('G1', 'G2')
    """
    return tuple(sorted(REGISTRY, key=_order))


def _order(name: str) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Z]+)(\d+)", name)
    if found is None:  # the diagram comes last
        return 3, 0
    return "GAW".index(found[1]), int(found[2])


def measure(ids: Iterable[str] | None = None, full: bool = False) -> Iterator[Row]:
    """Measure rows one after another, as they are done.

    **Arguments:** `ids`: which (default all, in the order of `ids()`); `full`: smaller ħ and more points.

    **Returns:** an iterator over `Row`s; an id may have several (its cases and negative controls).

    **Raises:** `ValueError` for an unknown id, before anything is measured, and in single precision.

    >>> from jaxwigner.studies import claims as limits
    >>> rows = list(limits.measure(["A5"]))
    >>> all(row.as_expected for row in rows)
    True
    """
    chosen = _known(ids)
    require_double()
    return _measure(chosen, full)


def _known(chosen: Iterable[str] | None) -> tuple[str, ...]:
    known = ids()
    if chosen is None:
        return known
    chosen = (chosen,) if isinstance(chosen, str) else tuple(chosen)
    for name in chosen:
        if name not in known:
            allowed = ", ".join(known)
            raise ValueError(f"Argument `ids` must be among {allowed}, but has {name!r}")
    return chosen


def _measure(chosen: tuple[str, ...], full: bool) -> Iterator[Row]:
    for name in chosen:
        start = time.perf_counter()
        for one in REGISTRY[name](full):
            now = time.perf_counter()
            yield replace(one, seconds=now - start)
            start = time.perf_counter()
