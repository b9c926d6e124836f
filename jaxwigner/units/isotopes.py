"""Masses of atoms by the name of the isotope, and the reduced mass of two of them, in electron masses.

Masses of whole atoms, electrons included, as is usual for vibrations: most electrons follow their nucleus. `nuclear_mass` is that of
the bare nuclei of hydrogen.
"""

import difflib
import functools
import re
import unicodedata

from jaxwigner.units._masses import MASSES, ONE_ISOTOPE
from jaxwigner.units.constants import ELECTRON_MASS_IN_U, MUON_MASS

_NAME = re.compile(r"\^?\{?(\d+)\}?([A-Z][a-z]?)|([A-Z][a-z]?)[-\s]?(\d+)")
_HYDROGEN = {"H": "1H", "D": "2H", "T": "3H"}


@functools.cache
def _masses() -> dict[str, float]:
    """{"16O": mass in u} of the table."""
    found, element = {}, ""
    for word in MASSES.split():
        number, colon, mass = word.partition(":")
        if colon:
            found[number + element] = float(mass)
        else:
            element = word
    return found


@functools.cache
def _single() -> dict[str, str]:
    """Names without a number: hydrogen by its letters, elements that have one isotope in nature."""
    return _HYDROGEN | {name.lstrip("0123456789"): name for name in ONE_ISOTOPE.split()}


def atomic_mass(isotope: str) -> float:
    """Mass of an atom, electrons included, in electron masses (AME2020, Wang et al. 2021).

    **Arguments:** `isotope`: "16O" (or "O16", "O-16", "¹⁶O"); "H", "D", "T" and "Mu" (muonium: an antimuon and an electron); the
    letters alone where nature has one isotope ("F", "I", "Au").

    **Returns:** a float (m/m_e).

    **Raises:** `ValueError` for a name that is not in the table, or an element of several isotopes without a number.

    >>> from jaxwigner import units
    >>> round(units.atomic_mass("35Cl") / units.u, 6)
    34.968853
    """
    if not isinstance(isotope, str):
        must = "be the name of an isotope, such as '16O'"
        raise ValueError(f"Argument `isotope` must {must}, but is {isotope!r}")
    name = unicodedata.normalize("NFKC", isotope).strip()
    if name == "Mu":
        return MUON_MASS + 1.0
    found = _NAME.fullmatch(name)
    key = _single().get(name, name)
    if found:
        key = (found[1] or found[4]) + (found[2] or found[3])
    if key not in _masses():
        raise ValueError(f"Argument `isotope` must be {_choices(name)}, but is {isotope!r}")
    return _masses()[key] / ELECTRON_MASS_IN_U


def _choices(name: str) -> str:
    """What may have been meant."""
    letters = re.sub(r"[^A-Za-z]", "", name)
    same = [key for key in _masses() if key.lstrip("0123456789") == letters]
    if same:
        return f"one of {', '.join(same)}"
    elements = sorted({key.lstrip("0123456789") for key in _masses()})
    close = difflib.get_close_matches(letters.capitalize(), elements, 3, 0.5)
    hint = f" (did you mean {' or '.join(close)}?)" if close else ""
    return f"an isotope by number and symbol, such as '16O' or 'D'{hint}"


def reduced_mass(first: str, second: str) -> float:
    """m_1 m_2/(m_1 + m_2) of two atoms, in electron masses: the mass of the distance of a diatomic molecule.

    **Arguments:** `first`, `second`: names of isotopes, as for `atomic_mass`.

    >>> from jaxwigner import units
    >>> round(units.reduced_mass("16O", "1H"), 3)
    1728.257
    """
    one, two = atomic_mass(first), atomic_mass(second)
    return one * two / (one + two)
