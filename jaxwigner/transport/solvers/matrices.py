"""Batches of matrices broadcast against single ones all over this room, also where a user has told JAX to refuse that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import jax

Parameters, Result = ParamSpec("Parameters"), TypeVar("Result")


def broadcasting(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The function with JAX's implicit rank promotion allowed while it is traced."""

    @wraps(function)
    def allowed(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with jax.numpy_rank_promotion("allow"):
            return function(*args, **kwargs)

    return allowed
