"""Several processes on one sweep (`jax.distributed`): the first opens the store, then each runs and writes its own chunks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import jax
import numpy as np

T = TypeVar("T")


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
        message = "The sweep was not begun: the first process could not open its store"
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
