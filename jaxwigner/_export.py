"""Systems, states and results in programs that `jax.export` writes to a file: what JAX has to know of an `equinox.Module` for that.

An exported program carries the structure of its arguments and results: for each module its class, by name, and its static fields, as
JSON. A static field that is a function has no text: systems with plain callables as potentials cannot be written.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Iterator
from typing import Any

import equinox as eqx
import jax
import numpy as np

PACKAGE = "jaxwigner."


class _Empty(eqx.Module):
    """A module without fields: what its structure holds stands for fields that a module has not."""


MISSING = jax.tree.structure(_Empty()).node_data()[1][0]


def register_modules() -> None:
    """Register each public module class of this library that is imported and not yet registered.

    >>> import jax, jaxwigner as jw
    >>> grid = jw.Grid(-4.0, 4.0, 32)
    >>> spread = lambda system, psi: jw.evolve(system, psi, duration=0.1, steps=2, throw=False)
    >>> start = jw.Schrodinger(grid, jw.potentials.Torsion(1.0), 0.5), jw.coherent_state(grid, 0.0, 0.0, 0.5)
    >>> text = jax.export.export(jax.jit(spread))(*start).serialize()
    >>> jax.export.deserialize(text).call(*start).system
    'Schrodinger'
    """
    for kind in sorted(_below(eqx.Module), key=_name):
        if _name(kind) not in REGISTERED:
            REGISTERED[_name(kind)] = kind
            jax.export.register_pytree_node_serialization(
                kind,
                serialized_name=_name(kind),
                serialize_auxdata=_written,
                deserialize_auxdata=_read,
            )


REGISTERED: dict[str, type] = {}


def _below(kind: type) -> Iterator[type]:
    """The public classes of this library that are made of a class."""
    for one in kind.__subclasses__():
        if one.__module__.startswith(PACKAGE) and not one.__name__.startswith("_"):
            yield one
        yield from _below(one)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _written(static: Any) -> bytes:
    """Static fields as JSON."""
    return json.dumps(_encoded(static)).encode()


def _read(text: bytes | bytearray) -> Any:
    return _decoded(json.loads(bytes(text).decode()))


def _encoded(value: Any) -> Any:
    """A tree of what JSON has: a list stands for a tuple, a dictionary for what is named in it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if value is MISSING:
        return {"missing": True}
    if isinstance(value, np.dtype):
        return {"dtype": value.name}
    if isinstance(value, np.generic):
        return _encoded(value.item())
    own = type(value).__module__.startswith(PACKAGE)
    if own and (dataclasses.is_dataclass(value) or hasattr(value, "_fields")):
        names = getattr(value, "_fields", None) or [f.name for f in dataclasses.fields(value)]
        fields = [_encoded(getattr(value, name)) for name in names]
        return {"class": [type(value).__module__, type(value).__qualname__], "fields": fields}
    if isinstance(value, tuple):
        return [_encoded(one) for one in value]
    raise ValueError(f"What is exported must hold numbers and names only, but holds {value!r}")


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(one) for one in value)
    if not isinstance(value, dict):
        return value
    if "missing" in value:
        return MISSING
    if "dtype" in value:
        return np.dtype(value["dtype"])
    room, name = value["class"]
    kind = getattr(importlib.import_module(room), name) if room.startswith(PACKAGE) else None
    # A file may name anything: only plain records of this library are made.
    if not (
        isinstance(kind, type) and (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"))
    ):
        raise ValueError(f"What is read must hold records of jaxwigner, but holds {room}.{name}")
    return kind(*map(_decoded, value["fields"]))
