"""What differs too much, shares of the classical amplitude or absolute tolerances as text with a unit; from when on; and at which ħ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jaxwigner._checks import check_positive_scalar, require
from jaxwigner.brackets import Bracket
from jaxwigner.units import quantity

KINDS = {
    "position": "length",
    "momentum": "momentum",
    "kinetic": "energy",
    "potential": "energy",
    "energy": "energy",
    "density": "length",
}


def checked(tolerance: Any) -> tuple[Any, ...]:
    """Shares below 1 as floats, absolute ones as the text that they are.

    **Raises:** `ValueError` for anything else, and for text with a unit that no observable has.
    """
    many = isinstance(tolerance, (tuple, list, np.ndarray))
    every = tuple(tolerance) if many else (tolerance,)
    for one in every:
        if isinstance(one, str):
            _check_text(one)
        else:
            check_positive_scalar("tolerance", one)
            require(float(one) < 1, "tolerance", "be shares below 1, or text as '0.01 bohr'", one)
    require(len(every) > 0, "tolerance", "hold a value at least", tolerance)
    return tuple(one if isinstance(one, str) else float(one) for one in every)


def _check_text(tolerance: str) -> None:
    """A positive number with a unit that some observable has."""
    value, said = None, ""
    for kind in ("length", "momentum", "energy", "number"):
        try:
            value = quantity(tolerance, kind, "tolerance")
            break
        except ValueError as error:
            said = str(error)
    if value is None:
        must = "be a length, a momentum, an energy or a number, but"
        raise ValueError(said.replace("be a number, but", must))
    check_positive_scalar("tolerance", value)


def absolute(tolerance: str, name: str) -> float:
    """An absolute tolerance of an observable in atomic units.

    **Raises:** `ValueError` for a unit of another kind, and for a tolerance that is not positive.
    """
    level = quantity(tolerance, KINDS.get(family(name), "number"), "tolerance")
    check_positive_scalar("tolerance", level)
    return float(level)


def check_used(tolerance: tuple[Any, ...], names: tuple[str, ...]) -> None:
    """Every absolute tolerance is one of an observable that is asked for."""
    for one in tolerance:
        used = not isinstance(one, str) or any(fits(one, name) for name in names)
        require(used, "tolerance", f"have the unit of one of {', '.join(names)}", one)


def fits(tolerance: str, name: str) -> bool:
    """Whether an absolute tolerance has the unit of an observable."""
    try:
        absolute(tolerance, name)
    except ValueError:
        return False
    return True


def family(name: str) -> str:
    """The name of the observable of which this is a component."""
    head, _, tail = name.rpartition("_")
    return head if head in KINDS and tail.isdigit() else name


def first_time(times: np.ndarray, gap: np.ndarray, error: np.ndarray, level: float) -> Bracket:
    """From the last time until which a difference is surely below a level, to the first at which it is surely above."""
    above, doubted = np.abs(gap) - error > level, ~(np.abs(gap) + error <= level)
    end = float(times[np.argmax(above)]) if above.any() else np.inf
    start = float(times[max(np.argmax(doubted) - 1, 0)]) if doubted.any() else np.inf
    return Bracket(start, end, rigorous=False)


def told(tolerance: Any, say: Callable[[], str]) -> str:
    """What there is to say of a tolerance, after it; or that it does not apply, where `say` raises a `ValueError`.

    >>> from jaxwigner.studies.compare.tolerances import told
    >>> told(0.02, lambda: "throughout")
    '2 %: throughout'
    """
    shown = tolerance if isinstance(tolerance, str) else f"{100 * tolerance:g} %"
    try:
        return f"{shown}: {say()}"
    except ValueError:
        return f"{shown}: does not apply"


def row_of(hbars: Any, hbar: Any) -> int:
    """Where a multiple of ħ stands among those that were run.

    **Raises:** `ValueError` for one that was not.

    >>> from jaxwigner.studies.compare.tolerances import row_of
    >>> row_of([2.0, 1.0, 0.5], 1)
    1
    """
    every = np.asarray(hbars, float)
    known = np.flatnonzero(np.isclose(every, float(hbar), rtol=1e-9))
    require(len(known) == 1, "hbar", f"be one of {every.tolist()}", hbar)
    return int(known[0])


def nearest_to_real(hbars: Any, hbar: float | None) -> float:
    """The multiple that is asked for; without one that nearest to 1.

    >>> from jaxwigner.studies.compare.tolerances import nearest_to_real
    >>> nearest_to_real([2.0, 0.9], None)
    0.9
    """
    every = np.asarray(hbars, float)
    return float(every[np.argmin(np.abs(np.log(every)))]) if hbar is None else hbar
