"""The rows that `jaxwigner limits` measures: the claims of both papers, in order, with both sides and a verdict.

Every row comes from a function of `jaxwigner.theorems`; the files of `afg`, `gp`, `mk` and `surfaces` hold the states, potentials and
values of ħ it is measured at, the negative controls, and the compilation of each study as one program. They are found by listing.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from jaxwigner.inequality import require_double
from jaxwigner.studies.claims import afg, gp, mk, surfaces
from jaxwigner.studies.claims.claim import CLAIMS, Part, Row, check_parts

for _room in (afg, gp, mk, surfaces):
    for _file in sorted(found.name for found in pkgutil.iter_modules(_room.__path__)):
        importlib.import_module(f"{_room.__name__}.{_file}")
check_parts()


def ids() -> tuple[str, ...]:
    """The known ids, in the order of the table: G before A before W before Q before S, by number.

    >>> from jaxwigner.studies import claims as limits
    >>> limits.ids()[:2]
    ('G1', 'G2')
    """
    return tuple(sorted(CLAIMS, key=_order))


def _order(name: str) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Z]+)(\d+)", name)
    if found is None:  # the diagram comes last
        return 5, 0
    return "GAWQS".index(found[1]), int(found[2])


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
    chosen = known(ids, "ids")
    require_double()
    return (row for name in chosen for part in CLAIMS[name].parts for row in rows_of(part, full))


def known(chosen: Iterable[str] | None, argument: str) -> tuple[str, ...]:
    """The chosen ids (default all), or a `ValueError` about the first that is none, in terms of the `argument` it came in."""
    every = ids()
    if chosen is None:
        return every
    chosen = (chosen,) if isinstance(chosen, str) else tuple(chosen)
    for name in chosen:
        if name not in every:
            allowed = ", ".join(every)
            raise ValueError(f"Argument `{argument}` must be among {allowed}, but has {name!r}")
    return chosen


def rows_of(part: Part, full: bool) -> Iterator[Row]:
    """The rows of one part, with the id of its claim and the seconds each took.

    **Raises:** `ValueError` if a case is about another place of the papers than the claim.
    """
    start = time.perf_counter()
    for one in part.function(full):
        _check_place(part.id, one)
        now = time.perf_counter()
        yield replace(one, id=part.id, seconds=now - start)
        start = time.perf_counter()


def _check_place(name: str, one: Row) -> None:
    """A control may break another statement of the papers; a case is about the place that is declared."""
    printed, declared = one.statement.partition(": ")[0], CLAIMS[name]
    if not (one.is_control or declared.covers(printed)):
        place = f"{declared.paper} {declared.place}"
        raise ValueError(f"Claim {name} must be about {place}, but {one.case!r} is about {printed}")
