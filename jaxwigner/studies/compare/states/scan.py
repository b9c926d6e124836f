"""Where things are, when nothing is said of their scale: points that are dense near 0 and reach far, equally in every octave.

And who leaves: on a line a point of energy E reaches an end of what U defines if U < E all the way, after ∫dx/√(2(E − U)/m).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import require
from jaxwigner.compiled import once
from jaxwigner.potentials import Potential

FAR = {1: 1e3, 2: 1e2}  # bohr
COUNT = {1: 8001, 2: 161}
SMALL = 1e-2  # below that the points are equally dense
CELLS = 2**12  # between the ends
SURELY = 0.9  # of the duration: who needs less to reach an end by such cells has left
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


def leaving(potential: Potential, mass: Any, x: Any, p: Any, duration: float) -> np.ndarray:
    """Which points (n,) of a line surely leave what the potential defines, by their energy: no trajectory is run.

    >>> import jaxwigner as jw
    >>> from jaxwigner.studies.compare.states.scan import leaving
    >>> curve = jw.potentials.Tabulated([-2.0, -1.0, 0.0, 1.0, 2.0], [4.0, 1.0, 0.0, 1.0, 4.0])
    >>> leaving(curve, 1.0, [0.0, 0.0], [1.0, 5.0], 9.0).tolist()
    [False, True]
    """
    x, p = np.asarray(x, float), np.sign(duration) * np.asarray(p, float)
    first, last = (float(np.asarray(end)) for end in potential.domain)
    if not np.isfinite([first, last]).any():
        return np.zeros(len(x), bool)
    low, high = min(x.min(), last) - 1, max(x.max(), first) + 1
    low = first if np.isfinite(first) else low - (high - low)
    high = last if np.isfinite(last) else high + (high - low)
    edges = np.linspace(low, high, CELLS + 1)
    middles = 0.5 * (edges[1:] + edges[:-1])
    U = np.asarray(_along(potential, middles), float)
    energy = np.interp(x, middles, U) + p**2 / (2 * float(mass))
    found = np.zeros(len(x), bool)
    for end, sign in ((last, 1), (first, -1)):
        if np.isfinite(end):
            step, sides = edges[1] - edges[0], (edges[:-1] >= x[:, None])[:, ::sign]
            sides = sides if sign > 0 else ~sides
            times = _until_end(U[::sign], energy, sides, sign * p < 0, step, float(mass))
            found |= times < SURELY * abs(duration)
    return found


def check_stays(
    potential: Potential, mass: Any, hbars: Any, duration: float, rim: Any, cloud: Any
) -> None:
    """Refuse a state of a line whose rim leaves, before anything is run; `rim`, `cloud`: ħ ↦ x, p (n, 1) and weights (n,)."""
    if not np.isfinite([float(np.asarray(end)) for end in potential.domain]).any():
        return
    for hbar in sorted(np.asarray(hbars, float).tolist(), reverse=True):
        x, p = (np.asarray(one)[:, 0] for one in rim(hbar)[:2])
        if leaving(potential, mass, x, p, duration).any():
            x, p, weights = (np.asarray(one) for one in cloud(hbar))
            gone = leaving(potential, mass, x[:, 0], p[:, 0], duration)
            refuse_leaving(potential, float(weights @ gone / weights.sum()), len(x), hbar)


def refuse_leaving(potential: Potential, share: float, count: int, hbar: float) -> None:
    """**Raises:** `ValueError`: so much of so many points is lost."""
    first, last = (np.asarray(end).tolist() for end in potential.domain)
    amount = f"{share:.1%} of it" if share > 0 else f"less than 1 in {count} of it"
    must = f"stay where `potential` is defined ({first} to {last}) and bounded below"
    remedy = " (a longer table, or a smaller `hbar`, holds it)" if np.isfinite(last).any() else ""
    raise ValueError(f"Argument `state` must {must}, but {amount} leaves at {hbar:g} ħ{remedy}")


@once
def _along(potential: Potential, x: Any) -> Any:
    """U on a line."""
    return potential(x)


def _until_end(U: Any, energy: Any, ahead: Any, turned: Any, step: float, mass: float) -> Any:
    """Times (n,) to the last cell, ∞ for who does not get there; `ahead`: which cells (n, m) are; `turned`: who goes back first."""
    height = energy[:, None] - U[None]
    times = step / np.sqrt(2 * np.where(height > 0, height, np.nan) / mass)
    there = np.sum(np.where(ahead, times, 0.0), axis=1)
    # Cells behind, from the nearest one on, until one is too high.
    behind = np.where(ahead, 0.0, times)[:, ::-1]
    walled = np.isnan(behind)
    reached = np.cumsum(walled, axis=1) == 0
    back = np.where(walled.any(axis=1), np.sum(np.where(reached, behind, 0.0), axis=1), np.inf)
    total = there + np.where(turned, 2 * back, 0.0)
    return np.where(np.isnan(total), np.inf, total)


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
