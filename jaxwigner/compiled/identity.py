"""What a value or a function is made of, as hashes of its parts that are the same in every process.

A function is its code, its defaults, what it closes over, and the functions and values of its module that its code names, these in
turn; an object is its class and its state. Code of installed packages and of Python itself counts by its name. What cannot be compared
(an open file, a lock) is listed, so that nobody takes silence for sameness.
"""

from __future__ import annotations

import dataclasses
import dis
import enum
import functools
import hashlib
import inspect
import re
import sys
import sysconfig
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

Parts = dict[str, str]  # a hash by the name of the part
Seen = dict[int, tuple[str, Any]]  # what stands for an object that comes again
PLAIN = (type(None), type(...), type(NotImplemented), bool, int, float, complex, str, bytes, range)
MUTABLE = (list, dict, set, bytearray)
CONTAINERS = (tuple, list, set, frozenset, dict, types.MappingProxyType)


def digest(value: Any) -> str:
    """One hash of all parts of a value.

    >>> from jaxwigner.compiled.identity import digest
    >>> made = lambda factor: lambda x: factor * x
    >>> digest(made(2)) == digest(made(2)), digest(made(2)) == digest(made(3))
    (True, False)
    """
    return _hash(*sorted(Identity("value", value).parts.items()))


class Identity:
    """The parts of a value by name, and the names of those that cannot be compared.

    **Arguments:** `name`: what the value is called; `changing`: whether lists, dictionaries and sets that functions close over are
    parts, rather than what they may change while they run.

    >>> from jaxwigner.compiled.identity import Identity
    >>> def scaled(x, factor=2.0):
    ...     return factor * x
    >>> sorted(Identity("scaled", scaled).parts)
    ['scaled code', 'scaled.factor']
    """

    def __init__(self, name: str, value: Any, changing: bool = True, seen: Seen | None = None):
        self.parts: Parts = {}
        self.unknown: list[str] = []
        self.modules: list[
            str
        ] = []  # what is named of Python and of installed packages, and counts by its name
        self._changing = changing
        self._seen: Seen = {} if seen is None else seen
        self._look(name, value)

    def _look(self, name: str, value: Any) -> None:
        """Add the parts of a value, each object once."""
        try:
            self._look_once(name, value)
        except Exception:  # objects in objects in objects, or one that raises when it is looked at
            self.unknown.append(name)

    def _look_once(self, name: str, value: Any) -> None:
        if isinstance(value, Tracer):  # it may hold a number, which is not what it stands for
            self.unknown.append(name)
        elif isinstance(value, PLAIN):
            self._add(name, repr(value) if type(value) in PLAIN else _hash(type(value), value))
        elif id(value) in self._seen:
            self._add(name, self._seen[id(value)][0])
        else:
            self._seen[id(value)] = f"as {name}", value  # kept, so that no address is used twice
            self._look_inside(name, value)

    def _look_inside(self, name: str, value: Any) -> None:
        """By the first of the kinds that it is of; what `jit`, `vmap` and caches make of a function is that function."""
        kinds = {
            (np.ndarray, np.generic, jax.Array): self._array,
            types.CodeType: self._code,
            functools.partial: self._partial,
            types.MethodType: self._method,
            types.FunctionType: self._function,
            type: self._class,
            types.ModuleType: self._module,
        }
        look = next((look for kind, look in kinds.items() if isinstance(value, kind)), None)
        if type(value) in CONTAINERS:
            look = self._container
        elif look is None and hasattr(value, "__wrapped__"):
            value, look = value.__wrapped__, self._look
        (look or self._object)(name, value)

    def _module(self, name: str, value: types.ModuleType) -> None:
        self._add(name, value.__name__)
        self.modules.append(value.__name__)

    def _partial(self, name: str, value: functools.partial) -> None:
        for part in ("func", "args", "keywords"):
            self._look(f"{name}.{part}", getattr(value, part))

    def _method(self, name: str, value: types.MethodType) -> None:
        self._look(name, value.__func__)
        self._look(f"{name}.self", value.__self__)

    def _add(self, name: str, text: str) -> None:
        self.parts[name] = _hash(self.parts[name], text) if name in self.parts else _hash(text)

    def _array(self, name: str, value: Any) -> None:
        if jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
            value = jax.random.key_data(value)
        array = np.asarray(value)
        if array.dtype.hasobject:
            return self._look(name, array.tolist())
        return self._add(name, _hash(array.shape, array.dtype.str, array.tobytes()))

    def _container(self, name: str, value: Any) -> None:
        """One part: the entries of a container have no names of their own."""
        ordered = not isinstance(value, (set, frozenset))
        texts, entries = [], value.items() if hasattr(value, "items") else value
        for entry in entries:
            found = Identity("", entry, seen=self._seen if ordered else dict(self._seen))
            texts.append(_hash(*sorted(found.parts.items())))
            self.modules += found.modules
            self.unknown += [name] if found.unknown else []
        if not ordered:  # their order differs from process to process
            texts.sort()
        text = _hash(type(value).__name__, *texts)
        # Whether Python keeps equal constants once or twice differs from process to process too.
        self._seen[id(value)] = text, value
        self._add(name, text)

    def _code(self, name: str, code: types.CodeType) -> None:
        names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
        self._add(name, _hash(code.co_code, *names, getattr(code, "co_exceptiontable", b"")))
        for constant in code.co_consts:
            self._look(name, constant)

    def _function(self, name: str, function: types.FunctionType) -> None:
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        inside = {key: cell.cell_contents for key, cell in cells.items() if _filled(cell)}
        if _in_packages(function.__code__.co_filename):
            # What is ours among its cells: the functions that it was made from, plain values, systems and states.
            self._add(name, _by_name(function))
            values = (*PLAIN, tuple, np.ndarray, np.generic, jax.Array)
            inside = {
                k: v
                for k, v in inside.items()
                if callable(v) or isinstance(v, values) or dataclasses.is_dataclass(v)
            }
        else:
            self._look(f"{name} code", function.__code__)
            names = [p for p in inspect.signature(function).parameters.values()]
            inside |= {p.name: p.default for p in names if p.default is not p.empty}
            kept = {k: v for k, v in vars(function).items() if k != "__wrapped__"}
            inside |= {f"its own {k}": v for k, v in kept.items()}
            inside |= _named_globals(function)
            if not all(map(_installed, _imported(function.__code__))):
                self.unknown.append(f"{name}: what it imports")
        for key, value in inside.items():
            if self._changing or type(value) not in MUTABLE:
                self._look(f"{name}.{key}", value)

    def _class(self, name: str, value: type) -> None:
        self._add(name, _by_name(value))
        if _installed(value.__module__):
            return
        for base in value.__bases__:
            self._look(f"{name} of {base.__qualname__}", base)
        for key, entry in vars(value).items():
            for part in _of_a_descriptor(entry):
                made = key.startswith(("__", "_abc"))  # by Python, unless it is a method
                values = () if made else (*PLAIN, *CONTAINERS, np.ndarray)
                if isinstance(part, (types.FunctionType, *values)):
                    self._look(f"{name}.{key}", part)

    def _object(self, name: str, value: Any) -> None:
        """Class and state of an object, as far as it can tell them."""
        if isinstance(value, (types.BuiltinFunctionType, np.ufunc)) or type(value) is np.dtype:
            owner = getattr(value, "__self__", None)
            self._add(name, repr(value) if type(value) is np.dtype else value.__name__)
            if owner is not None and not isinstance(owner, types.ModuleType):
                self._look(f"{name}.self", owner)
            return
        if isinstance(value, enum.Enum):
            self._add(name, f"{_by_name(type(value))} {value.name}")
            return
        self._look(f"{name} type", type(value))
        state = _state(value)
        if state is None and not _says_itself(value):
            self.unknown.append(name)
        elif state is None:
            self._add(name, re.sub(r"0x[0-9a-fA-F]+", "0x", str(value)))
        for key, part in (state or {}).items():
            if self._changing or type(part) not in MUTABLE:
                self._look(f"{name}.{key}" if key else name, part)


def _hash(*parts: Any) -> str:
    found = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else repr(part).encode("utf-8", "surrogatepass")
        found.update(b"%d:" % len(content) + content)
    return found.hexdigest()[:16]


def _filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _of_a_descriptor(entry: Any) -> tuple[Any, ...]:
    """The functions behind a property, a class method or a static one."""
    if isinstance(entry, property):
        return tuple(part for part in (entry.fget, entry.fset) if part is not None)
    inner = getattr(entry, "__func__", getattr(entry, "func", None))
    return (getattr(entry, "__wrapped__", entry) if inner is None else inner,)


def _named_globals(function: types.FunctionType) -> dict[str, Any]:
    """What of its module the code of a function names; of modules of yours what it takes from them."""
    names = set(_names(function.__code__))
    found = {}
    for name in sorted(names & function.__globals__.keys()):
        value = function.__globals__[name]
        found[name] = value
        if issubclass(type(value), types.ModuleType) and _installed(value.__name__):
            inner = {n: vars(value)[n] for n in sorted(names & vars(value).keys())}
            # `np.random` and the like: modules within modules.
            found |= {f"{name}.{n}": m for n, m in inner.items() if isinstance(m, types.ModuleType)}
        elif issubclass(type(value), types.ModuleType):
            mine = {n: vars(value)[n] for n in sorted(names & vars(value).keys())}
            found |= {f"{name}.{key}": entry for key, entry in mine.items()}
    return found


@functools.cache
def _imported(code: types.CodeType) -> tuple[str, ...]:
    """The modules that code imports while it runs."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    own = (step.argval for step in dis.get_instructions(code) if step.opname == "IMPORT_NAME")
    return (*own, *(name for part in inner for name in _imported(part)))


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _by_name(value: Any) -> str:
    """Module and name; of an installed package its version too."""
    package = sys.modules.get((value.__module__ or "").partition(".")[0])
    return f"{value.__module__}.{value.__qualname__} {getattr(package, '__version__', '')}"


@functools.cache
def _installed(module: str | None) -> bool:
    """Whether a module is Python's own, of an installed package or of this library: its name and version say what it is."""
    if (module or "").partition(".")[0] in sys.builtin_module_names:
        return True
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    return file is not None and _in_packages(file)  # a notebook and a console have no file


@functools.cache
def _in_packages(file: str) -> bool:
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = [Path(sysconfig.get_path(kind)).resolve() for kind in kinds]
    folders.append(Path(__file__).resolve().parents[1])  # this library
    return file.startswith("<frozen") or any(
        folder in Path(file).resolve().parents for folder in folders
    )


def _state(value: Any) -> dict[str, Any] | None:
    """The parts of an object by name: what it would be pickled as."""
    try:
        made = value.__reduce_ex__(4)
    except Exception:  # whatever an object says that cannot be pickled
        return None
    if isinstance(made, str):
        return {"": made}
    _, arguments, state, entries, items = (*made, None, None, None)[:5]
    found = {"": tuple(arguments)} if arguments else {}
    if isinstance(state, tuple) and len(state) == 2 and isinstance(state[1], dict):  # of slots
        state = {**(state[0] or {}), **state[1]}
    found |= state if isinstance(state, dict) and _text_keys(state) else {"state": state}
    lists = {"entries": list(entries or ()), "items": list(items or ())}
    return found | {key: part for key, part in lists.items() if part}


def _text_keys(state: dict[Any, Any]) -> bool:
    return all(isinstance(key, str) for key in state)


def _says_itself(value: Any) -> bool:
    """Whether the text of an object is more than its address: tree structures, devices, meshes."""
    return type(value).__module__.startswith("jax") and " object at 0x" not in repr(value)
