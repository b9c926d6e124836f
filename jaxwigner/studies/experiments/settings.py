"""Settings of an experiment: each key stated once, with its default, its meaning and what is allowed.

An experiment states its keys as a frozen dataclass below `Keys`, one `key(…)` a line. Its field types are what a TOML file must hold;
a file sets what is to differ. Values that are not allowed cannot be held: every complaint names the key, what is allowed, the value.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import typing
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from jaxwigner.units import NUCLEAR_MASSES

_WORDS = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}
_LARGEST = sys.float_info.max  # whole numbers may be larger; NaN compares with nothing
_WIDTH, _COLUMN = 100, 34  # of a TOML file, and where its comments begin


def key(
    default: Any,
    meaning: str,
    *,
    unit: str = "",
    within: tuple[float, float] | None = None,
    choices: tuple[str, ...] | None = None,
    least: int = 1,
    distinct: bool = False,
) -> Any:
    """A field of settings. Of a list, `within` and `choices` are for each entry; it has `least` entries, `distinct` ones if asked.

    >>> from dataclasses import dataclass
    >>> from jaxwigner.studies.experiments.settings import Keys, key
    >>> @dataclass(frozen=True)
    ... class Settings(Keys):
    ...     hbars: tuple[float, ...] = key((0.2, 0.1), "ħ", within=(0.01, 1.0))
    >>> Settings().hbars
    (0.2, 0.1)
    >>> Settings(hbars=(0.2, -0.1))
    Traceback (most recent call last):
    ...
    ValueError: Key `hbars` must lie between 0.01 and 1, but is -0.1
    """
    stated = dict(meaning=meaning, unit=unit, within=within, choices=choices)
    return dataclasses.field(
        default=default, metadata=stated | dict(least=least, distinct=distinct)
    )


def isotopes_key() -> Any:
    """The isotopes of hydrogen that an experiment follows."""
    return key(
        ("Mu", "H", "D", "T"),
        "ε = (m_e/m_n)^½ = 0.0695, 0.0233, 0.0165, 0.0135",
        choices=tuple(NUCLEAR_MASSES),
        distinct=True,
    )


class Keys:
    """What every `Settings` is: a frozen dataclass of keys that cannot hold what is not allowed."""

    def __post_init__(self) -> None:
        types = typing.get_type_hints(type(self))
        fields = dataclasses.fields(self)  # pyright: ignore[reportArgumentType]
        for field in fields:
            value = _as(types[field.name], field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        for field in fields:
            _examine(field, getattr(self, field.name))
        self.check()

    def check(self) -> None:
        """Complain about keys that do not go together; nothing, unless an experiment says more."""


def _examine(field: dataclasses.Field, value: Any) -> None:
    """What the key itself states."""
    stated = field.metadata
    entries = value if isinstance(value, tuple) else (value,)
    many = f"have at least {stated['least']} entries"
    demand(len(entries) >= stated["least"], field.name, many, value)
    if stated["choices"] is not None:
        allowed = ", ".join(map(repr, stated["choices"]))
        for one in entries:
            demand(one in stated["choices"], field.name, f"be one of {allowed}", one)
    demand(
        not stated["distinct"] or len(set(entries)) == len(entries),
        field.name,
        "be distinct",
        value,
    )
    if stated["within"] is not None:
        low, high = stated["within"]
        for one in entries:
            demand(low <= one <= high, field.name, f"lie between {low:g} and {high:g}", one)


def complain(key: str, must: str, value: Any) -> NoReturn:
    """Raise «Key `key` must {must}, but is {value}»."""
    raise ValueError(f"Key `{short(key)}` must {must}, but is {short(repr(value))}")


def short(text: str) -> str:
    """The text, cut where it would fill a screen.

    >>> from jaxwigner.studies.experiments.settings import short
    >>> len(short("9" * 5000))
    80
    """
    return text if len(text) <= 80 else f"{text[:76]} ..."


def demand(condition: bool | np.bool_ | np.ndarray, key: str, must: str, value: Any) -> None:
    """Complain unless `condition` holds.

    >>> from jaxwigner.studies.experiments.settings import demand
    >>> demand(False, "epsilon", "be positive", -0.1)
    Traceback (most recent call last):
    ...
    ValueError: Key `epsilon` must be positive, but is -0.1
    """
    if not condition:
        complain(key, must, value)


def read(kind: type, table: Mapping[str, Any]) -> Any:
    """The settings of type `kind` from the table of a TOML file; what it does not name keeps its default.

    **Raises:** `ValueError` for a key that is unknown, and for a value of the wrong type or out of range.

    >>> from jaxwigner.studies.experiments.bao_jin_markowich import experiment as bao_jin_markowich
    >>> from jaxwigner.studies.experiments import settings
    >>> settings.read(bao_jin_markowich.Settings, {"time": 1}).time
    1.0
    >>> settings.read(bao_jin_markowich.Settings, {"epsilons": []})
    Traceback (most recent call last):
    ...
    ValueError: Key `epsilons` must be a list, each entry a number, but is []
    """
    allowed = [field.name for field in dataclasses.fields(kind)]
    for name in table:
        if name not in allowed:
            raise ValueError(
                f"Key `{short(name)}` must be one of {', '.join(allowed)}, but is unknown"
            )
    return kind(**table)


def _as(wanted: Any, key: str, value: Any) -> Any:
    """The value in the type of its field: numbers may be whole, tuples come as lists."""
    if typing.get_origin(wanted) is tuple:
        (inner, _) = typing.get_args(wanted)
        many = isinstance(value, (list, tuple)) and len(value) > 0
        demand(many, key, f"be a list, each entry {_WORDS[inner]}", value)
        return tuple(_as(inner, key, one) for one in value)
    if wanted is float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        demand(number and abs(value) <= _LARGEST, key, f"be {_WORDS[float]}", value)
        return float(value)
    if wanted is int and isinstance(value, int):
        demand(abs(value) < 1 << 63, key, "be below 2⁶³", value)
    right = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    demand(right, key, f"be {_WORDS[wanted]}", value)
    return value


def as_toml(settings: Any) -> str:
    """One line a key, as `read` reads it, with meaning, unit and what is allowed as a comment.

    >>> from jaxwigner.studies.experiments import settings
    >>> from jaxwigner.studies.experiments.collision.experiment import Settings
    >>> print(settings.as_toml(Settings()).splitlines()[1])
    distance = 4.0                    # R₀, in bohr (1.0 … 40.0)
    """
    lines = []
    for field in dataclasses.fields(settings):
        line = f"{field.name} = {_toml(getattr(settings, field.name))}"
        comment = f"# {_comment(field)}"
        together = f"{line:<{_COLUMN - 2}}  {comment}"
        lines += [together] if len(together) <= _WIDTH else [comment, *_folded(line)]
    return "\n".join(lines) + "\n"


def _comment(field: dataclasses.Field) -> str:
    stated = field.metadata
    text = stated["meaning"] + (f", in {stated['unit']}" if stated["unit"] else "")
    if stated["within"] is not None:
        text += " ({} … {})".format(*map(_toml, stated["within"]))
    # A default that holds all choices shows them.
    if stated["choices"] is not None and field.default != stated["choices"]:
        text += f" ({' or '.join(map(_toml, stated['choices']))})"
    return text


def _toml(value: Any) -> str:
    """The value as TOML writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return re.sub(r"e([+-])0*", lambda found: "e" + found[1].strip("+"), repr(value))


def _folded(line: str) -> list[str]:
    """A list that is too long for one line, broken between its entries."""
    if len(line) <= _WIDTH:
        return [line]
    head, entries = line[:-1].split("[", 1)
    lines = [f"{head}["]
    for entry in entries.split(", "):
        if lines[-1].startswith("  ") and len(lines[-1]) + len(entry) < _WIDTH - 2:
            lines[-1] += f" {entry},"
        else:
            lines.append(f"  {entry},")
    return [*lines, "]"]
