"""One reader of numbers with units, for settings and tables: "2.2 bohr", "1.189 /bohr", "0.5 hartree/bohr^2" in atomic units.

A unit is a product of powers of the units of `PER_ATOMIC_UNIT`; each has powers of mass, length, time and charge, and what is asked for
is compared with those of the product. A plain number is in atomic units already.
"""

import re
import unicodedata
from typing import Any

from jaxwigner._checks import check_choice, check_finite
from jaxwigner.units.constants import PER_ATOMIC_UNIT

# Powers of mass, length, time and charge.
_ENERGY, _LENGTH, _TIME, _MASS, _CHARGE = (
    (1, 2, -2, 0),
    (0, 1, 0, 0),
    (0, 0, 1, 0),
    (1, 0, 0, 0),
    (0, 0, 0, 1),
)
KINDS = {
    "length": _LENGTH,
    "inverse length": (0, -1, 0, 0),
    "time": _TIME,
    "frequency": (0, 0, -1, 0),
    "energy": _ENERGY,
    "temperature": _ENERGY,
    "mass": _MASS,
    "momentum": (1, 1, -1, 0),
    "velocity": (0, 1, -1, 0),
    "action": (1, 2, -1, 0),
    "force": (1, 1, -2, 0),
    "stiffness": (1, 0, -2, 0),
    "voltage": (1, 2, -2, -1),
    "field": (1, 1, -2, -1),
    "dipole": (0, 1, 0, 1),
    "charge": _CHARGE,
    "number": (0, 0, 0, 0),
}
"""What a quantity may be: powers of mass, length, time and charge. A "frequency" is 2π over the period (or an energy over ħ), a
"temperature" k_B·T, a "stiffness" a second derivative of the energy."""

_DIMENSIONS = (
    dict.fromkeys(("as", "fs", "ps", "ns"), _TIME)
    | dict.fromkeys(("Å", "bohr", "pm", "nm"), _LENGTH)
    | dict.fromkeys(("cm⁻¹", "meV", "µeV", "eV", "keV", "hartree", "mhartree"), _ENERGY)
    | dict.fromkeys(("K", "mK", "kcal/mol", "kJ/mol", "J", "aJ"), _ENERGY)
    | dict.fromkeys(("m_e", "u"), _MASS)
    | {"ħ": KINDS["action"], "V": KINDS["voltage"], "D": KINDS["dipole"], "e": _CHARGE}
    | dict.fromkeys(("N", "mdyn"), KINDS["force"])
)
# Other spellings; those in the first table in any case of their letters, which no other unit has.
_WORDS = {
    "Å": "angstrom angstroms ångström ångströms ångstrom angstroem angst angst. ang ang.",
    "bohr": "bohr bohrs a0 a_0",
    "hartree": "hartree hartrees eh e_h",
    "mhartree": "mhartree mhartrees millihartree",
    "eV": "ev electronvolt electronvolts",
    "K": "kelvin kelvins",
    "fs": "femtosecond femtoseconds",
    "ps": "picosecond picoseconds",
    "as": "attosecond attoseconds",
    "ns": "nanosecond nanoseconds",
    "pm": "picometre picometer",
    "nm": "nanometre nanometer",
    "u": "amu dalton daltons da",
    "m_e": "m_e electronmass electron_mass",
    "D": "debye debyes",
    "ħ": "hbar",
    "kcal/mol": "kcal/mol kcal_mol kcal·mol⁻¹",
    "kJ/mol": "kj/mol kj_mol kj·mol⁻¹",
    "cm⁻¹": "cm⁻¹ cm1 1/cm /cm wavenumber wavenumbers",
}
_EXACT = {"A": "Å", "me": "m_e", "FS": "fs", "PS": "ps", "volt": "V", "newton": "N", "joule": "J"}
_SPELLINGS = {word: unit for unit, words in _WORDS.items() for word in words.split()}
_ATOMIC = {"au", "a.u.", "atomic"}

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})?\s*(.*?)\s*", re.S)
_POWERS = re.compile(r"(.+?)\^\(?([+-]?\d+)\)?"), re.compile(r"(.*?[^\d+-])([+-]?\d+)")
_SUPERSCRIPTS = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")


def quantity(value: Any, kind: str, name: str = "value") -> Any:
    """A number with its unit, in atomic units; a plain number is in atomic units already.

    **Arguments:**

    - `value`: text such as "2.2 bohr", "100 fs", "0.948 u", "2500 cm-1", "1.189 /bohr", "0.5 hartree/bohr^2"; or a real number or
      array, which may be traced; or a list of these.
    - `kind`: "length", "time", "energy", "mass", … (the keys of `KINDS`): what it is to be.
    - `name`: what an error calls it.

    **Returns:** a float; of a list, a tuple; a number or array as it is.

    **Raises:** `ValueError` for text that is no number with a unit ("2.2 au" in atomic units), an unknown unit, or one of another kind.

    >>> from jaxwigner import units
    >>> round(units.quantity("100 fs", "time"), 4), units.quantity(2.5, "length")
    (4134.1373, 2.5)
    >>> units.quantity("100 angstrom", "time", "duration")
    Traceback (most recent call last):
    ...
    ValueError: Argument `duration` must be a time, but is '100 angstrom', a length
    """
    check_choice("kind", kind, KINDS)
    if isinstance(value, (list, tuple)) and any(isinstance(one, str) for one in value):
        return tuple(quantity(one, kind, name) for one in value)
    if not isinstance(value, str):
        check_finite(name, value)
        return value
    number, unit = _parts(value, name)
    if not unit and any(KINDS[kind]):
        must = f"say the unit of {_a(kind)} ('{number:g} au' for atomic units)"
        raise ValueError(f"Argument `{name}` must {must}, but is {value!r}")
    return number * factor(unit, kind, name, value) if unit else number


def factor(unit: str, kind: str, name: str = "unit", shown: str | None = None) -> float:
    """How many atomic units a unit is, if it is of that kind.

    >>> from jaxwigner.units.reader import factor
    >>> round(factor("1/angstrom", "inverse length"), 9)
    0.529177211
    """
    check_choice("kind", kind, KINDS)
    shown = unit if shown is None else shown
    if _normal(unit).casefold() in _ATOMIC:
        return 1.0
    size, powers = _product(_normal(unit), name, shown)
    wanted = KINDS[kind]
    # ħ = 1: an energy is a frequency.
    if powers != wanted and not (kind == "frequency" and powers == _ENERGY):
        raise ValueError(f"Argument `{name}` must be {_a(kind)}, but is {shown!r}, {_kind(powers)}")
    return size


def _parts(text: str, name: str) -> tuple[float, str]:
    """The number and the unit of "2.2 bohr"; "1/angstrom" and "/bohr" are units of the number 1."""
    normal = _normal(text)
    found = _QUANTITY.fullmatch(normal)
    if (
        found is None
        or not (found[1] or found[2].startswith("/"))
        or re.match(r"(?!1\s*/)[.,\d_]", found[2])
    ):
        must = "be a number with its unit, such as '2.2 bohr' (with a decimal point)"
        raise ValueError(f"Argument `{name}` must {must}, but is {text!r}")
    number = float(found[1] or 1.0)
    check_finite(name, number)
    return number, found[2]


def _normal(text: str) -> str:
    """One spelling of letters that look alike (Å, µ, minus signs); superscripts stay apart from digits."""
    text = unicodedata.normalize("NFC", text.strip()).replace("\N{GREEK SMALL LETTER MU}", "µ")
    text = text.replace("−", "-").replace("**", "^").replace("×", "*").replace("⋅", "·")
    text = text.replace("ℏ", "ħ")
    return re.sub(r"[⁻⁺]?[⁰¹²³⁴-⁹]+", lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)


def _product(text: str, name: str, shown: str) -> tuple[float, tuple[int, ...]]:
    """Size and powers of a product such as "hartree/bohr^2" or "1/angstrom"."""
    # What is written with a slash or a power but is one unit.
    text = re.sub(r"(?i)\b(kcal|kj)(\s*/\s*mol\b|[\s*·]*mol\^?-1)", r"\1_mol", text)
    text = re.sub(r"(?i)\bcm\^?\(?-1\)?(?!\d)|^1?\s*/\s*cm\b(?![\^-])", "cm1", text)
    text = re.sub(r"^1\s*/", "/", text)
    pieces = [piece for piece in re.split(r"([/*·]|\s+)", text) if piece and not piece.isspace()]
    size, total, below, sign = 1.0, (0, 0, 0, 0), False, 1
    for piece in pieces:
        if piece in "/*·":
            sign, below = (-1, True) if piece == "/" else (1, below)
            continue
        if below and sign == 1:
            must = f"have its divisors last ('a b/c', not 'a/c b'), each after a slash of its own in {shown!r}"
            raise ValueError(f"Argument `{name}` must {must}, but has {piece!r} after one")
        one, powers = _single(piece, name, shown)
        size = size * one**sign
        total = tuple(a + sign * b for a, b in zip(total, powers))
        sign = 1
    if not pieces or pieces[-1] in "/*·":
        raise ValueError(f"Argument `{name}` must end with a unit, but is {shown!r}")
    return size, total


def _single(piece: str, name: str, shown: str) -> tuple[float, tuple[int, ...]]:
    """Size and powers of one unit and its exponent, such as "bohr^-2"."""
    whole, power = _unit(piece), 1
    for pattern in _POWERS:
        found = pattern.fullmatch(piece)
        if whole is None and found:
            whole, power = _unit(found[1]), int(found[2])
    if whole is None:
        known = ", ".join(PER_ATOMIC_UNIT)
        raise ValueError(
            f"Argument `{name}` must have units made of {known}, but is {shown!r} with {piece!r}"
        )
    return PER_ATOMIC_UNIT[whole] ** -power, tuple(power * p for p in _DIMENSIONS[whole])


def _unit(word: str) -> str | None:
    """The unit of `PER_ATOMIC_UNIT` that a word spells."""
    if word in PER_ATOMIC_UNIT:
        return word
    return _EXACT.get(word, _SPELLINGS.get(word.casefold()))


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aei' else 'a'} {kind}"


def _kind(powers: tuple[int, ...]) -> str:
    """What powers of mass, length, time and charge are called."""
    for kind, known in KINDS.items():
        if known == powers:
            return _a(kind)
    names = ("mass", "length", "time", "charge")
    return "·".join(f"{name}^{power}" for name, power in zip(names, powers) if power)
