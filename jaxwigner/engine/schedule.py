"""When a run stops to be looked at: segments of equal steps between two saved times."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_finite, check_integer, check_scalar, concrete, require
from jaxwigner.grid import Scalar


class Schedule(eqx.Module):
    """`segments` runs of `counts` steps of length `step`; `counts`: a number, or a tuple of known ones, one for each segment."""

    step: Any
    counts: Any
    segments: int
    times: Any


def make_schedule(duration: Scalar, steps: Any, saves: Any, looks: int) -> Schedule:
    check_scalar("duration", duration)
    if concrete(steps):
        check_integer("steps", steps.item() if _is_number(steps) else steps, at_least=1)
    else:
        whole = steps.ndim == 0 and jnp.issubdtype(steps.dtype, jnp.integer)
        require(whole, "steps", "be a single integer", f"{steps.dtype} of shape {steps.shape}")
    if saves is None:
        return _unsaved_schedule(duration, steps, looks)
    if isinstance(saves, (int, np.integer)):
        check_integer("saves", saves, at_least=1)
        counts = -(-steps // saves)
        step = duration / (counts * saves) if concrete(steps) else duration / (1.0 * counts * saves)
        return Schedule(
            jnp.asarray(step), counts, int(saves), np.linspace(0, 1, saves + 1) * duration
        )
    return _listed_schedule(duration, steps, saves)


def _is_number(value: Any) -> bool:
    """A NumPy or JAX scalar."""
    return getattr(value, "ndim", None) == 0


def _unsaved_schedule(duration: Scalar, steps: Any, looks: int) -> Schedule:
    """Nothing is saved, but the diagnostics look at the state a few times on the way.

    Plain JAX differentiates a loop backwards only if its length is fixed: there it is one segment, looked at at its end.
    """
    if not concrete(steps):
        step = duration / steps.astype(float)
        return Schedule(jnp.asarray(step), steps, 1, jnp.stack([0.0 * step, 1.0 * duration]))
    counts = _equal_counts(int(steps), looks)
    edges = np.cumsum((0, *counts))
    times = edges / int(steps) * duration
    return Schedule(jnp.asarray(duration / int(steps)), counts, len(counts), times)


def _equal_counts(steps: int, looks: int) -> tuple[int, ...]:
    """Steps between looks: equal segments where a number of half to all of `looks` divides the steps, else a shorter one at the end."""
    even = [n for n in range((looks + 1) // 2, looks + 1) if steps % n == 0]
    size = steps // even[-1] if even else -(-steps // looks)
    whole, rest = divmod(steps, size)
    return (*[size] * whole, *[rest] * (rest > 0))


def _listed_schedule(duration: Scalar, steps: Any, saves: Any) -> Schedule:
    """Times on their own schedule: each interval is cut into equal steps no longer than duration/steps."""
    require(concrete(saves), "saves", "be known", "traced")
    require(concrete(duration), "duration", "be known when `saves` lists times", "traced")
    require(concrete(steps), "steps", "be known when `saves` lists times", "traced")
    check_finite("saves", saves)
    times = np.asarray(saves, float)
    require(times.ndim == 1 and times.size > 0, "saves", "be a list of times", saves)
    sign = 1.0 if duration >= 0 else -1.0
    reached = sign * times
    inside = (reached >= 0) & (reached <= sign * duration * (1 + 1e-12))
    require(inside, "saves", f"lie between 0 and `duration` ({float(duration):g})", saves)
    require(np.diff(reached) > 0, "saves", "be strictly ordered in time", saves)
    times = np.unique(np.concatenate([[0.0], reached, [sign * float(duration)]]))
    keep = np.concatenate([[True], np.diff(times) > 1e-12 * abs(duration)])
    times = sign * times[keep]
    lengths = np.diff(times)
    require(lengths.size > 0, "duration", "differ from zero when `saves` lists times", duration)
    longest = abs(float(duration)) / int(steps)
    counts = np.maximum(np.ceil(abs(lengths) / longest - 1e-9), 1).astype(int)
    sizes = lengths / counts
    if np.ptp(sizes) <= 1e-13 * longest:
        sizes = sizes[0]
    return Schedule(jnp.asarray(sizes), tuple(counts.tolist()), counts.size, times)
