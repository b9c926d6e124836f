"""Where things are, when nothing is said of their scale: points that are dense near 0 and reach far, equally in every octave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import require
from jaxwigner.potentials import Potential

FAR = {1: 1e3, 2: 1e2}  # bohr
COUNT = {1: 8001, 2: 161}
SMALL = 1e-2  # below that the points are equally dense
EMPTY = 1e-9  # of the largest amplitude: beyond that there is nothing


def places(d: int, first: float = -np.inf, last: float = np.inf) -> np.ndarray:
    """Points along an axis, as far as it is defined."""
    reach = np.arcsinh(FAR[d] / SMALL)
    x = SMALL * np.sinh(np.linspace(-reach, reach, COUNT[d]))
    ends = [end for end in (first, last) if np.isfinite(end)]
    return np.unique(np.concatenate([x[(x > first) & (x < last)], ends]))


def lowest(potential: Potential, d: int) -> tuple[float, ...]:
    """The lowest of many points, from which the deepest well is found.

    **Raises:** `ValueError` where it lies at the end of what is scanned: a potential that falls for ever.
    """
    first, last = (np.broadcast_to(np.asarray(end, float), (d,)) for end in potential.domain)
    axes = [places(d, a, b) for a, b in zip(first, last)]
    mesh = np.meshgrid(*axes, indexing="ij", sparse=True)
    values = np.broadcast_to(np.asarray(potential(*mesh), float), tuple(a.size for a in axes))
    index = np.unravel_index(np.argmin(np.where(np.isnan(values), np.inf, values)), values.shape)
    inside = all(0 < i < a.size - 1 for i, a in zip(index, axes)) and np.isfinite(values[index])
    found = tuple(float(a[i]) for a, i in zip(axes, index))
    must = "have a well (of one that falls further out say which by `near`)"
    require(inside, "potential", must, f"lowest at {', '.join(f'{x:g}' for x in found)}")
    return found


def support(size: Callable[..., np.ndarray], d: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A box around where an amplitude is, with a margin, found by looking twice.

    **Raises:** `ValueError` for an amplitude that vanishes, or is there at the ends of what is scanned.
    """
    axes = [places(d)] * d
    lower, upper = _around(size, axes)
    count = COUNT[d]
    fine = [np.linspace(a, b, count) for a, b in zip(lower, upper)]
    return _around(size, fine)


def _around(size: Callable[..., Any], axes: list[np.ndarray]) -> tuple[tuple, tuple]:
    mesh = np.meshgrid(*axes, indexing="ij", sparse=True)
    values = np.asarray(size(*(jnp.asarray(m) for m in mesh)))
    values = np.where(np.isnan(values), 0.0, values)
    inside = values > EMPTY * values.max()
    must = "be finite, and not zero everywhere"
    require(values.max() > 0 and np.isfinite(values.max()), "amplitude", must, "not")
    lower, upper = [], []
    for axis, places in enumerate(axes):
        there = np.nonzero(inside.any(axis=tuple(a for a in range(len(axes)) if a != axis)))[0]
        low, high = max(there[0] - 1, 0), min(there[-1] + 1, places.size - 1)
        must = f"decay within {places[-1]:g} bohr"
        open_end = abs(places[low]) >= FAR[len(axes)] or abs(places[high]) >= FAR[len(axes)]
        require(not open_end, "amplitude", must, "still there")
        margin = 0.05 * (places[high] - places[low])
        lower.append(float(places[low] - margin))
        upper.append(float(places[high] + margin))
    return tuple(lower), tuple(upper)
