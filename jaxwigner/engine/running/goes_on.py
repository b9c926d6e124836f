"""A run that goes on from another one: the state and the time at which it begins, if it is a run of the same system."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner._checks import check_scalar, concrete, require
from jaxwigner.engine.run import Evolution
from jaxwigner.engine.running.origin import origin_of
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar

REMEDY = "to go on from its state alone, give `run.state`"


def begun(system: System, state: Any, start: Scalar | None) -> tuple[Any, Scalar]:
    """The state at which a run begins, and the time.

    **Raises:** `ValueError` for a run of another system, on another grid, or of a batch, and for another time than that of its end.
    """
    if start is not None:
        check_scalar("start_time", start)
    if not isinstance(state, Evolution):
        return state, 0.0 if start is None else start
    require(start is None, "start_time", "be None where a run goes on from its end", start)
    must = "be a single run (take the lanes of a batch one by one)"
    require(np.ndim(state.diagnostics.energy_error) == 0, "state", must, "a batch of runs")
    _check_same(system, state)
    return state.state, state.end


def _check_same(system: System, run: Evolution) -> None:
    kind = type(system).__name__
    must = f"be a run of this {kind}"
    if run.system != kind:
        raise ValueError(f"Argument `state` must {must}, but is one of {run.system}: {REMEDY}")
    here, there = system.coordinates(), run.coordinates
    if concrete((here, there)):
        same = list(here) == list(there) and all(
            np.shape(here[name]) == np.shape(there[name])
            and np.allclose(here[name], there[name], rtol=1e-12, atol=0)
            for name in here
        )
        if not same:
            raise ValueError(f"Argument `state` must {must}, but lies on another grid: {REMEDY}")
    part = origin_of(system).differs(run.origin)
    if part is not None:
        raise ValueError(f"Argument `state` must {must}, but is one of another `{part}`: {REMEDY}")
