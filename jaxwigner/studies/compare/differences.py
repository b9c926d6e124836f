"""How far a classical ensemble is from a quantum density: W₁ with its sampling noise, and the power of ε fitted to what exceeds it."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.theorems import fitted_rate


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


def fitted_power(epsilons: np.ndarray, gaps: np.ndarray) -> tuple[float, float, float, float]:
    """The power of ε fitted to what exceeds its sampling error, its 95 % interval, and what the sampling errors move it by."""
    values, errors = gaps.T
    clear = values > errors
    if clear.sum() < 3:
        return (np.nan,) * 4
    epsilons, values, errors = epsilons[clear], values[clear], errors[clear]
    fit = fitted_rate(epsilons, values)
    x = np.log(epsilons) - np.log(epsilons).mean()
    moved = np.sqrt(np.sum((x / np.sum(x**2) * errors / values) ** 2))
    return float(fit.centre), float(fit.lower), float(fit.upper), float(moved)
