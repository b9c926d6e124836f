"""Compilation with little optimisation: most programs of the claims run for a fraction of the time that the compiler would take.

Without the optimiser of LLVM and the newer of its two ways to fuse operations XLA takes a third of the time on CPUs, and the numbers
are the same to rounding. Programs that run for seconds (large ensembles), or whose numbers are what rounding leaves, are compiled by
`jax.jit` as ever.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np

from jaxwigner._checks import concrete
from jaxwigner.compiled import compiling_with

# Thousands of traced values stay alive: with Python's own thresholds the collector walks through them again and again.
SELDOM = 100_000, 50, 100
PLACES = "jax_traceback_in_locations_limit"  # lines of Python that JAX keeps of every operation
LIGHT = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}


@functools.cache
def _options() -> dict[str, Any]:
    """Those of LIGHT that this XLA knows; none on accelerators."""
    if jax.default_backend() != "cpu":
        return {}
    return {name: value for name, value in LIGHT.items() if _is_known(name, value)}


def _is_known(name: str, value: Any) -> bool:
    try:
        jax.jit(lambda: 0, compiler_options={name: value}).lower().compile()
    except Exception:  # XLA raises its own kind of error for an option it does not know
        return False
    return True


def lightly(function: Callable) -> Callable:
    """`jax.jit` with little optimisation, decided when it is first called; gives arrays of NumPy.

    >>> from jaxwigner.studies.claims.compiling import lightly
    >>> float(lightly(lambda x: 2 * x)(1.5))
    3.0
    """

    @functools.cache
    def program() -> Callable:
        return jax.jit(function, compiler_options=_options())

    return functools.wraps(function)(lambda *args: on_host(program()(*args)))


def on_host(tree: Any) -> Any:
    """What is known as NumPy's arrays: entries taken and sums made of them are no programs of their own."""
    return jax.tree.map(np.asarray, tree) if concrete(tree) else tree


@contextmanager
def light_compilation() -> Iterator[None]:
    """What is compiled within, by whomever, is compiled with little optimisation."""
    before = jax.config.values["jax_disable_most_optimizations"]
    jax.config.update("jax_disable_most_optimizations", True)
    try:
        with compiling_with(_options()):
            yield
    finally:
        jax.config.update("jax_disable_most_optimizations", before)


@contextmanager
def sparingly() -> Iterator[None]:
    """Within, programs are traced and lowered without what serves to find faults in them: a tenth of the time of a claim."""
    thresholds, places = gc.get_threshold(), jax.config.values.get(PLACES)
    gc.set_threshold(*SELDOM)
    if places is not None:
        jax.config.update(PLACES, 0)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if places is not None:
            jax.config.update(PLACES, places)
