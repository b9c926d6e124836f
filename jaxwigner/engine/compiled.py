"""Whole programs compiled once: the only file below `studies` that compiles.

An eager call of a loop traces and compiles it at every call; `compiled` keeps one program for all calls whose arrays have the same
shapes. Python numbers become arrays, so that another ħ, time or mass is no other program; what is neither an array nor a number
(a method, a number of segments, a function) is static and belongs to the program.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxwigner._checks import concrete
from jaxwigner.grid import Grid

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def numbers_as_arrays(tree):
    """Floating and complex Python numbers as arrays of the precision that JAX is set to.

    Whole numbers stay, they may be sizes; so does a grid, whose ends decide what is periodic: another box is another program.

    >>> from jaxwigner.engine.compiled import numbers_as_arrays
    >>> one, two = numbers_as_arrays((0.5, 2))
    >>> one.dtype, two
    (dtype('float64'), 2)
    """
    return jax.tree.map(_lifted, tree, is_leaf=lambda leaf: isinstance(leaf, Grid))


def _lifted(leaf):
    if isinstance(leaf, Grid):
        return jax.tree.map(_lifted_tracer, leaf)
    number = isinstance(leaf, (float, complex, np.number))
    return jnp.asarray(leaf) if number else _lifted_tracer(leaf)


def _lifted_tracer(leaf):
    """What `jax.grad` makes of a Python number hides a number still: a custom derivative would take it for a constant."""
    return jnp.asarray(leaf) if isinstance(leaf, Tracer) else leaf


def is_plain(tree) -> bool:
    """Whether all of a tree is known now, and no function of the user's is in it: what one closes over may have changed since."""
    leaves = jax.tree.leaves(tree, is_leaf=lambda leaf: isinstance(leaf, jax.tree_util.Partial))
    own = lambda leaf: str(getattr(leaf, "__module__", "")).startswith("jaxwigner")  # noqa: E731
    return concrete(tree) and not any(callable(leaf) and not own(leaf) for leaf in leaves)


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The function as one compiled program for all arguments of the same shapes; numbers are no part of it.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.engine.compiled import compiled
    >>> traced = []
    >>> @compiled
    ... def double(x):
    ...     traced.append(x)
    ...     return 2 * x
    >>> float(double(1.0)), float(double(1.5)), len(traced)
    (2.0, 3.0, 1)
    """
    program = eqx.filter_jit(function)

    @functools.wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        args, kwargs = numbers_as_arrays((args, kwargs))
        return program(*args, **kwargs)

    return call
