"""Several processes on one sweep (`jax.distributed`): the first opens the store, then each runs and writes its own chunks.

The processes are those that a program has joined by `jax.distributed.initialize()`; `jaxwigner sweep` does so where Slurm's `srun` has
started several tasks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import jax
import numpy as np

T = TypeVar("T")


def join_step() -> bool:
    """Join the other tasks of a Slurm step, which JAX finds by what `srun` tells; whether this is the first, which speaks for all.

    A step of a single task, a batch script outside of `srun`, and processes that have joined already are left alone.

    >>> from jaxwigner.studies.sweep.processes import join_step
    >>> join_step()
    True
    """
    tasks = int(os.environ.get("SLURM_STEP_NUM_TASKS", "1"))
    if tasks > 1 and not jax.distributed.is_initialized():
        jax.distributed.initialize()
    return jax.process_index() == 0


def mine(number: int) -> bool:
    """Whether this process runs the chunk with this number: they take turns.

    >>> from jaxwigner.studies.sweep.processes import mine
    >>> mine(0), mine(1)  # of one process
    (True, True)
    """
    return number % jax.process_count() == jax.process_index()


def first_then_others(first: Callable[[], T], others: Callable[[], T]) -> T:
    """`first()` in the first process and, when that is done, `others()` in the others.

    **Raises:** what `first` raises; in the other processes a `ValueError` that says so.
    """
    if jax.process_count() == 1:
        return first()
    result, error = None, None
    if jax.process_index() == 0:
        try:
            result = first()
        except Exception as raised:  # the others are waiting: they are told before it goes on
            error = raised
    if _told_by_first(error is not None):
        message = "The sweep was not begun: the first process could not open its folder or store"
        raise error or ValueError(message)
    return result if jax.process_index() == 0 else others()


def meet() -> None:
    """Wait until every process is here."""
    if jax.process_count() > 1:
        from jax.experimental import multihost_utils

        multihost_utils.sync_global_devices("jaxwigner sweep")


def _told_by_first(failed: bool) -> bool:
    from jax.experimental import multihost_utils

    return bool(multihost_utils.broadcast_one_to_all(np.array(failed)))
