"""Settings of an experiment: what a TOML file may say, checked key by key before anything is computed.

A study states its keys as a frozen dataclass; its field types are what the file must hold, and its `check` what the values must
satisfy. Every complaint names the key, what is allowed, and the value.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

_WORDS = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}


def complain(key: str, must: str, value: Any) -> NoReturn:
    """Raise «Key `key` must {must}, but is {value}»."""
    raise ValueError(f"Key `{key}` must {must}, but is {value!r}")


def demand(condition: bool | np.bool_, key: str, must: str, value: Any) -> None:
    """Complain unless `condition` holds.

    >>> from jaxwigner.studies.experiments.settings import demand
    >>> demand(False, "epsilon", "be positive", -0.1)
    Traceback (most recent call last):
    ...
    ValueError: Key `epsilon` must be positive, but is -0.1
    """
    if not condition:
        complain(key, must, value)


def within(settings: Any, **limits: tuple[float, float]) -> None:
    """Complain unless every named key (each entry, of a list) lies between its limits, both included."""
    for key, (low, high) in limits.items():
        value = getattr(settings, key)
        for one in value if isinstance(value, tuple) else (value,):
            demand(low <= one <= high, key, f"lie between {low:g} and {high:g}", one)


def choices(key: str, values: Any, allowed: Any) -> None:
    """Complain unless every value is one of the allowed ones."""
    for value in values if isinstance(values, tuple) else (values,):
        demand(value in allowed, key, f"be one of {', '.join(map(repr, allowed))}", value)


def read(kind: type, table: Mapping[str, Any]) -> Any:
    """The settings of type `kind` from the table of a TOML file.

    **Raises:** `ValueError` for a key that is unknown or missing, and for a value of the wrong type or out of range.

    >>> from jaxwigner.studies.experiments.bao_jin_markowich import experiment as bao_jin_markowich
    >>> from jaxwigner.studies.experiments import settings
    >>> settings.read(bao_jin_markowich.Settings, {"epsilons": []})
    Traceback (most recent call last):
    ...
    ValueError: Key `time` must be given, but is missing
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in table:
        if key not in fields:
            allowed = ", ".join(fields)
            raise ValueError(f"Key `{key}` must be one of {allowed}, but is unknown")
    for key in fields:
        if key not in table:
            raise ValueError(f"Key `{key}` must be given, but is missing")
    types = typing.get_type_hints(kind)
    made = kind(**{key: _as(types[key], key, table[key]) for key in fields})
    made.check()
    return made


def _as(wanted: Any, key: str, value: Any) -> Any:
    """The value in the type of its field: numbers may be whole, tuples come as lists."""
    if typing.get_origin(wanted) is tuple:
        (inner, _) = typing.get_args(wanted)
        many = isinstance(value, (list, tuple)) and len(value) > 0
        demand(many, key, f"be a list, each entry {_WORDS[inner]}", value)
        return tuple(_as(inner, key, one) for one in value)
    if wanted is float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        demand(number and math.isfinite(value), key, f"be {_WORDS[float]}", value)
        return float(value)
    right = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    demand(right, key, f"be {_WORDS[wanted]}", value)
    return value
