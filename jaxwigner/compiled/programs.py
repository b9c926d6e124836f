"""Whole programs compiled once: the only file below `studies` that compiles.

An eager call of a loop traces and compiles it at every call, and op by op what is no loop; `once` keeps one program for all calls whose
arrays have the same shapes (`compiled`: inside of other programs too). Python numbers become arrays, so that another ħ, time or mass
is no other program; what is neither an array nor a number (a method, a number of segments, a function) belongs to the program.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.tree_util import Partial

from jaxwigner._checks import concrete
from jaxwigner.compiled.identity import Identity
from jaxwigner.grid import Grid

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def numbers_as_arrays(tree):
    """Floating and complex Python numbers as arrays of the precision that JAX is set to.

    Whole numbers stay, they may be sizes; so does a grid, whose ends decide what is periodic: another box is another program.

    >>> from jaxwigner.compiled import numbers_as_arrays
    >>> one, two = numbers_as_arrays((0.5, 2))
    >>> one.dtype, two
    (dtype('float64'), 2)
    """
    return jax.tree.map(_lifted, tree, is_leaf=lambda leaf: isinstance(leaf, Grid))


def _lifted(leaf):
    if isinstance(leaf, Grid):
        return jax.tree.map(_lifted_tracer, leaf)
    # NumPy's float64 is a Python float: a loop over `np.linspace` makes the program of a loop over a list.
    if isinstance(leaf, float):
        return jnp.asarray(float(leaf))
    if isinstance(leaf, complex):
        return jnp.asarray(complex(leaf))
    return jnp.asarray(leaf) if isinstance(leaf, np.number) else _lifted_tracer(leaf)


def _lifted_tracer(leaf):
    """What `jax.grad` makes of a Python number hides a number still: a custom derivative would take it for a constant."""
    return jnp.asarray(leaf) if isinstance(leaf, Tracer) else leaf


class Known:
    """A function of the user's, equal to every other one of the same code that names and closes over the same values."""

    def __init__(self, function: Callable[..., Any], key: str):
        self.function, self.key = function, key

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class Unknown(Exception):
    """What a function depends on cannot be told."""


def with_known_functions(tree: Any) -> Any:
    """The tree with every function in it as a `Known` one, or None: where it is not known now, or what a function depends on cannot be
    told, a program that was made of it may not be used again. (Classes of the user's have no place in a tree: `structure_key`.)

    >>> from jaxwigner.compiled import with_known_functions
    >>> made = lambda a: lambda x: a * x
    >>> with_known_functions(made(2)) == with_known_functions(made(2))
    True
    >>> with_known_functions(made(2)) == with_known_functions(made(3))
    False
    """
    if not concrete(tree):
        return None
    try:
        return jax.tree.map(_known, tree, is_leaf=_is_function)
    except Unknown:
        return None


def _is_function(leaf: Any) -> bool:
    # A module is a tree that may be called; so is a Partial, whose function is a part of its structure.
    return callable(leaf) and (isinstance(leaf, Partial) or not isinstance(leaf, eqx.Module))


def _known(leaf: Any) -> Any:
    if not _is_function(leaf):
        return leaf
    if isinstance(leaf, Partial):
        return Partial(_known(leaf.func), *leaf.args, **leaf.keywords)
    return Known(leaf, _key(leaf))


def structure_key(tree: Any) -> str | None:
    """What the classes of the user's in a tree, and the functions in its static fields, depend on; None where that cannot be told."""
    try:
        return " ".join(map(_key, _classes(tree)))
    except Unknown:
        return None


# Modules of Python's own whose answers change without anything of the user's having changed.
RESTLESS = {"datetime", "os", "random", "secrets", "sys", "time"}


def _key(value: Any) -> str:
    found = Identity("value", value)
    named = [name for name in found.modules if not name.startswith("jax.")]  # jax.random is pure
    restless = [name for name in named if not RESTLESS.isdisjoint(name.split("."))]
    if found.unknown or restless:
        raise Unknown([*found.unknown, *restless])
    return repr(sorted(found.parts.items()))


def _classes(value: Any) -> Iterator[type | types.FunctionType]:
    """The classes of modules that are not of this library, and functions in fields of any."""
    if isinstance(value, eqx.Module):
        if not type(value).__module__.startswith(("jaxwigner.", "equinox.")):
            yield type(value)
        yield from _classes([getattr(value, field.name) for field in dataclasses.fields(value)])
    elif isinstance(value, (tuple, list, dict)):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _classes(entry)
    elif isinstance(value, types.FunctionType):
        yield value


Options = tuple[tuple[str, Any], ...]
_OPTIONS: ContextVar[Options] = ContextVar("compiler options", default=())


@contextmanager
def compiling_with(options: dict[str, Any]) -> Iterator[None]:
    """Programs that are made within by this file, and by those who use `jitted`, are compiled with these options of XLA.

    >>> from jaxwigner.compiled import compiling_with, once
    >>> with compiling_with({"xla_backend_optimization_level": 0}):
    ...     float(once(lambda x: 2 * x)(1.5))
    3.0
    """
    token = _OPTIONS.set(tuple(sorted(options.items())))
    try:
        yield
    finally:
        _OPTIONS.reset(token)


def jitted(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """`eqx.filter_jit` with the options of `compiling_with` where it is called."""

    @functools.cache
    def program(options: Options) -> Callable[Parameters, Result]:
        made: Any = eqx.filter_jit
        return made(function, compiler_options=dict(options))

    @functools.wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return program(_OPTIONS.get())(*args, **kwargs)

    return call


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The function as one compiled program for all arguments of the same shapes; numbers are no part of it.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.compiled import compiled
    >>> traced = []
    >>> @compiled
    ... def double(x):
    ...     traced.append(x)
    ...     return 2 * x
    >>> float(double(1.0)), float(double(1.5)), len(traced)
    (2.0, 3.0, 1)
    """
    program = jitted(function)

    @functools.wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        args, kwargs = numbers_as_arrays((args, kwargs))
        return program(*args, **kwargs)

    return call


def once(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The function as one compiled program where all of its arguments are known, and as it stands inside of other programs.

    >>> import jax
    >>> from jaxwigner.compiled import once
    >>> traced = []
    >>> @once
    ... def double(x, shift):
    ...     traced.append(x)
    ...     return 2 * x + shift(x)
    >>> float(double(1.0, lambda x: x)), float(double(1.5, lambda x: x)), len(traced)
    (3.0, 4.5, 1)
    >>> float(jax.grad(double)(1.0, lambda x: x)), len(traced)
    (3.0, 2)
    """
    run: Callable[..., Result] = function

    program = jitted(lambda key, args, kwargs: run(*args, **kwargs))

    @functools.wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        known: Any = with_known_functions(numbers_as_arrays((args, kwargs)))
        key = structure_key((args, kwargs))
        if known is None or key is None:
            return function(*args, **kwargs)
        return program(key, *known)

    return call


class Static(eqx.Module):
    """A value that belongs to the program, such as a number that decides how often something is done."""

    value: Any = eqx.field(static=True)
