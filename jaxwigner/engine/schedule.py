"""When a run stops to be looked at: segments of equal steps between two saved times."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_finite, check_integer, check_scalar, concrete, require
from jaxwigner.grid import Scalar


class Schedule(eqx.Module):
    """`segments` runs of `counts` steps of length `step`; `counts`: a number, or a tuple of known ones, one for each segment.

    `times`: where it stops, both ends included; `asked`: the rows of these that were asked for, from … to (None: all).
    """

    step: Any
    counts: Any
    segments: int
    times: Any
    asked: tuple[int, int] | None = None

    def shown(self, rows: Any) -> Any:
        """Of a series over all stops what was asked for."""
        if self.asked is None:
            return rows
        first, end = self.asked
        return jax.tree.map(lambda leaf: leaf[first:end], rows)

    @property
    def each(self) -> tuple[int, ...]:
        """Known numbers of steps, one for each segment."""
        many = isinstance(self.counts, tuple)
        return self.counts if many else (int(self.counts),) * self.segments


def make_schedule(
    duration: Scalar, steps: Any, saves: Any, looks: int, start: Scalar = 0.0
) -> Schedule:
    """The stops of a run from time `start` on; `looks`: how many a run without saves has."""
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
    return _listed_schedule(duration, steps, saves, start)


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


def _listed_schedule(duration: Scalar, steps: Any, saves: Any, start: Scalar) -> Schedule:
    """Times on their own schedule: each interval is cut into equal steps no longer than duration/steps."""
    for name, value in (("saves", saves), ("start_time", start)):
        require(concrete(value), name, "be known when `saves` lists times", "traced")
    for name, value in (("duration", duration), ("steps", steps)):
        require(concrete(value), name, "be known when `saves` lists times", "traced")
    require(duration != 0, "duration", "differ from zero when `saves` lists times", duration)
    stops, asked = _stops(saves, float(start), float(duration))
    lengths = np.diff(stops)
    longest = abs(float(duration)) / int(steps)
    counts = np.maximum(np.ceil(abs(lengths) / longest - 1e-9), 1).astype(int)
    sizes = lengths / counts
    if np.ptp(sizes) <= 1e-13 * longest:
        sizes = sizes[0]
    return Schedule(jnp.asarray(sizes), tuple(counts.tolist()), counts.size, stops, asked)


def _stops(saves: Any, start: float, duration: float) -> tuple[np.ndarray, tuple[int, int]]:
    """The listed times, counted from the start, between both ends where they are not among them; and which of these are listed."""
    check_finite("saves", saves)
    listed = np.asarray(saves)
    require(listed.ndim == 1 and listed.size > 0, "saves", "be a list of times", saves)
    times, sign = listed.astype(float), 1.0 if duration >= 0 else -1.0
    span, reached = abs(duration), sign * (times - start)
    # As far as an end of the run is known in the precision of the times.
    single = listed.dtype.kind == "f" and listed.dtype.itemsize < 8
    slack = (1e-6 if single else 1e-12) * max(span, abs(start))
    inside = (reached >= (-slack if start else 0.0)) & (reached <= span + slack)
    ends = f"{start:g} and " + (f"{start + duration:g}" if start else f"`duration` ({duration:g})")
    require(inside, "saves", f"lie between {ends}", saves)
    require(np.diff(reached) > 1e-12 * span, "saves", "be strictly ordered in time", saves)
    first, last = reached[0] > slack, reached[-1] < span - slack
    inner = reached[(reached > slack) & (reached < span - slack)]
    asked = (int(first), int(first) + reached.size)
    stops = np.concatenate([[0.0], inner, [span]])
    if stops.size != reached.size + int(first) + int(last):
        raise ValueError(f"Argument `saves` must be strictly ordered in time, but is {saves}")
    return sign * stops, asked


def listed_times(saves: Any) -> bool:
    """Whether `saves` is a list of times, rather than their number or nothing."""
    return saves is not None and not isinstance(saves, (int, np.integer))
