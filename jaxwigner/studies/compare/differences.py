"""How far a classical ensemble is from a quantum density: W₁ with its sampling noise, and the powers of ε fitted to what exceeds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaxwigner.inequality import fitted_power


def transport(exact: Any, copies: Any, spacing: float) -> tuple[Any, Any]:
    """W₁ = ∫|F − G| of two distributions over equal cells, G the mean of copies; and half the W₁ of the two halves of the copies.

    The mean of 2n copies has the noise of (G₁ − G₂)/2, with G₁ and G₂ those of n each.

    >>> import numpy as np
    >>> from jaxwigner.studies.compare.differences import transport
    >>> F = np.array([0.0, 1.0, 1.0])
    >>> w1, noise = transport(F, np.stack([np.array([0.0, 0.0, 1.0])] * 2), 0.5)
    >>> float(w1), float(noise)
    (0.5, 0.0)
    """
    half = len(copies) // 2
    first, second = copies[:half].mean(axis=0), copies[half:].mean(axis=0)
    w1 = np.abs(exact - copies.mean(axis=0)).sum(axis=-1) * spacing
    return w1, 0.5 * np.abs(first - second).sum(axis=-1) * spacing


Gaps = Sequence[
    Mapping[str, tuple[float, float]]
]  # for each ε, by name: a difference and its sampling error
Part = tuple[
    float, float, float, float
]  # of a power: value, 95 % interval, what the sampling errors move it by


def powers(epsilons: np.ndarray, gaps: Gaps) -> dict[str, Part]:
    """The powers of ε fitted to what exceeds its sampling error, by name; NaN where that is less than three values.

    >>> import numpy as np
    >>> from jaxwigner.studies.compare.differences import powers
    >>> epsilons = np.array([0.04, 0.02, 0.01])
    >>> gaps = [{"mean": (float(e**2), 0.0), "noise": (0.1, 0.2)} for e in epsilons]
    >>> found = powers(epsilons, gaps)
    >>> round(found["mean"][0], 9), found["noise"][0]
    (2.0, nan)
    """
    return {name: _power(epsilons, np.array([gap[name] for gap in gaps])) for name in gaps[0]}


def _power(epsilons: np.ndarray, table: np.ndarray) -> Part:
    values, errors = table.T
    clear = values > errors
    if clear.sum() < 3:
        return np.nan, np.nan, np.nan, np.nan
    fit, moved = fitted_power(epsilons[clear], values[clear], errors[clear])
    return float(fit.centre), float(fit.lower), float(fit.upper), float(moved)


def as_attributes(powers: Mapping[str, Part]) -> dict[str, Any]:
    """Powers as attributes of a dataset: the value, and its intervals as a text.

    >>> from jaxwigner.studies.compare.differences import as_attributes
    >>> as_attributes({"mean": (2.0, 1.9, 2.1, 0.01)})
    {'rate_mean': 2.0, 'rate_mean_interval': '1.90 … 2.10, sampling ±0.01'}
    """
    attributes: dict[str, Any] = {}
    for name, (value, low, high, sampling) in powers.items():
        attributes[f"rate_{name}"] = value
        attributes[f"rate_{name}_interval"] = f"{low:.2f} … {high:.2f}, sampling ±{sampling:.2f}"
    return attributes
