"""Trees of arrays in files: what a run returned, read back by another process to the last bit.

A file is a NumPy archive (.npz): the arrays, a JSON text for the structure between them, and a checksum of both. The structure names
records of this library (modules, named tuples, dataclasses) by their classes; no other class is ever made, and nothing is unpickled.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import io
import json
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import concrete
from jaxwigner.disk.folders import read_bounded, write_bytes

PACKAGE = "jaxwigner."
KINDS = "biufc"  # NumPy's letters for what an array may hold


class Damaged(Exception):
    """A file that is not what was written."""


def write_tree(tree: Any, path: Path) -> None:
    """Write a tree as the file `path`, whole or not at all.

    **Raises:** `ValueError` for what is no array, number, text, container or record of this library; `OSError` where it cannot be
    written.

    >>> import pathlib, tempfile, numpy as np
    >>> from jaxwigner.disk.stores import read_tree, write_tree
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_tree({"a": (np.arange(3), 0.1)}, pathlib.Path(folder) / "tree.npz")
    ...     read_tree(pathlib.Path(folder) / "tree.npz")
    {'a': (array([0, 1, 2]), 0.1)}
    """
    if not concrete(tree):
        raise ValueError("Argument `run` must be known to be kept, but is traced")
    arrays: dict[str, Any] = {}
    text = json.dumps(_encoded(tree, arrays), ensure_ascii=False)
    content = io.BytesIO()
    np.savez(content, structure=np.array(text), sha256=np.array(_sum(text, arrays)), **arrays)
    write_bytes(content.getvalue(), path)


def read_tree(path: Path) -> Any:
    """What `write_tree` wrote.

    **Raises:** `Damaged` for a file that was cut or changed or that holds something else; `OSError` where there is none.
    """
    try:
        with np.load(
            io.BytesIO(read_bounded(path, path.lstat().st_size)), allow_pickle=False
        ) as file:
            arrays = {name: file[name] for name in file.files}
        text, digest = (str(arrays.pop(name)) for name in ("structure", "sha256"))
        if digest != _sum(text, arrays):
            raise Damaged("its checksum is another one")
        return _decoded(json.loads(text), arrays)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError) as error:
        raise Damaged(str(error)) from error
    except (zipfile.BadZipFile, ImportError, RecursionError, NotImplementedError) as error:
        raise Damaged(str(error)) from error


def _sum(text: str, arrays: dict[str, np.ndarray]) -> str:
    found = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    for name, array in sorted(arrays.items()):
        found.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def _encoded(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """A tree as what JSON has; its arrays go into `arrays`."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (jax.Array, np.ndarray, np.generic, complex)):
        return _encoded_array(value, arrays)
    if isinstance(value, dict):
        kind = "ordered" if isinstance(value, OrderedDict) else "dict"
        _require(all(isinstance(key, str) for key in value), value)
        return {kind: [[key, _encoded(one, arrays)] for key, one in value.items()]}
    own = type(value).__module__.startswith(PACKAGE)
    names = _names(type(value)) if own else None
    if names is not None:
        fields = {name: _encoded(getattr(value, name), arrays) for name in names}
        return {"record": [type(value).__module__, type(value).__qualname__], "fields": fields}
    _require(type(value) in (tuple, list), value)
    return {type(value).__name__: [_encoded(one, arrays) for one in value]}


def _encoded_array(value: Any, arrays: dict[str, np.ndarray]) -> dict[str, str]:
    known = np.dtype(getattr(value, "dtype", complex)).kind if _is_plain(value) else "O"
    _require(known in KINDS, value)
    name = f"a{len(arrays)}"
    arrays[name] = np.asarray(value)
    kinds = {"jax": jax.Array, "array": np.ndarray, "number": np.generic, "complex": complex}
    return {next(k for k, kind in kinds.items() if isinstance(value, kind)): name}


def _is_plain(value: Any) -> bool:
    return not jnp.issubdtype(getattr(value, "dtype", np.dtype(complex)), jax.dtypes.extended)


def _require(condition: bool, value: Any) -> None:
    if not condition:
        must = "hold arrays, numbers, texts, containers and records of jaxwigner to be kept"
        raise ValueError(f"Argument `run` must {must}, but holds {type(value).__name__}")


def _names(kind: Any) -> list[str] | None:
    """The fields of a record of this library: a module, a named tuple, a dataclass."""
    fields = getattr(kind, "_fields", None)
    if fields is None and dataclasses.is_dataclass(kind):
        fields = [field.name for field in dataclasses.fields(kind)]
    return None if fields is None else list(fields)


def _decoded(node: Any, arrays: dict[str, np.ndarray]) -> Any:
    if not isinstance(node, dict):
        return node
    if "record" in node:
        return _record(node, arrays)
    ((kind, inside),) = node.items()
    if kind in ("dict", "ordered"):
        pairs = [(key, _decoded(one, arrays)) for key, one in inside]
        return OrderedDict(pairs) if kind == "ordered" else dict(pairs)
    if kind in ("tuple", "list"):
        entries = [_decoded(one, arrays) for one in inside]
        return tuple(entries) if kind == "tuple" else entries
    return {"jax": _as_jax, "array": np.asarray, "number": lambda a: a[()], "complex": complex}[
        kind
    ](arrays[inside])


def _as_jax(array: np.ndarray) -> jax.Array:
    found = jnp.asarray(array)
    if found.dtype != array.dtype:
        raise Damaged(f"it holds {array.dtype}, which needs `jax_enable_x64`")
    return found


def _record(node: Any, arrays: dict[str, np.ndarray]) -> Any:
    module, name = node["record"]
    kind = getattr(importlib.import_module(module), name) if module.startswith(PACKAGE) else None
    names, fields = _names(kind) if isinstance(kind, type) else None, node["fields"]
    if kind is None or names is None or set(names) != set(fields):
        raise Damaged(f"it names {module}.{name}, which this version does not have so")
    values = {key: _decoded(one, arrays) for key, one in fields.items()}
    if not issubclass(kind, eqx.Module):
        return kind(*(values[key] for key in names))
    # As it was, not as its arguments made it.
    made = object.__new__(kind)
    for key, value in values.items():
        object.__setattr__(made, key, value)
    return made
