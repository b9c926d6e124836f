"""Integrals over time and phase space for a packet on the singular set S = {R = 0}: AFG (8) and (45) against φ ≠ 0 on S.

Where Ψ₀ ≠ 0 on S, ∫∫fφ and ∫∫gφ rise within a time ~ ħ^{3/2}, far less than the time in which the packet leaves:

    ∫₀ᵀF(t)dt = ∫₀¹F(Ts³)3Ts²ds,  Simpson's rule in s, its distance to that with twice the step as error

For φ = a(R)b(P_z), F_pφ is a measure on the line y ∥ ẑ: three dimensions, |R|, its angle and y, in place of six. ∫∫gφ comes from
|R| of the order of ħ|y|, so that |R| = δu², u uniform.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_integer, check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.theorems.afg.coulomb.cutoff import COPIES, Nodes

GRADING = 3  # t = Ts³


def line_nodes(width: Scalar, count: int = 2**9) -> Nodes:
    """Scrambled Sobol points for R in the unit ball and y = (0, 0, y_z), y_z ~ N(0, 1/τ²): `cut_integral` for φ = a(R)b(P_z).

    Not for its kind "transport", which asks for P in all directions. **Arguments:** known numbers; `width`: τ; `count`: a power of 2.

    >>> from jaxwigner.theorems.afg.sharp.on_the_set import line_nodes
    >>> points = line_nodes(0.5)
    >>> round(float(points.weights.mean()), 3), round(float(points.lags[..., 2].std()), 2)  # the ball; 1/τ
    (1.0, 2.0)
    """
    from scipy.stats import norm, qmc

    check_positive_scalar("width", width)
    check_integer("count", count, at_least=2)
    sobol = [qmc.Sobol(3, scramble=True, rng=np.random.default_rng(seed)) for seed in range(COPIES)]
    u = np.clip(np.stack([one.random(count) for one in sobol]), 1e-12, 1 - 1e-12)
    distance, z, none = u[..., 0] ** 2, 2 * u[..., 1] - 1, np.zeros(u.shape[:2])
    unit = np.stack([distance * np.sqrt(1 - z**2), none, distance * z], axis=-1)
    lags = np.stack([none, none, norm.ppf(u[..., 2]) / float(width)], axis=-1)
    weights = 3 * distance**2 * 2 * u[..., 0]  # d|R|³
    return Nodes(jnp.asarray(unit), jnp.asarray(lags), 1.0, jnp.asarray(weights))


def graded_times(duration: float, intervals: int) -> np.ndarray:
    """Ts³ for equidistant s.

    >>> from jaxwigner.theorems.afg.sharp.on_the_set import graded_times
    >>> graded_times(8.0, 4).tolist()
    [0.0, 0.125, 1.0, 3.375, 8.0]
    """
    check_integer("intervals", intervals, at_least=1)
    return duration * np.linspace(0.0, 1.0, intervals + 1) ** GRADING


def over_time(integral: Callable[[Array], Bracket], states: Array, duration: float) -> Bracket:
    """∫₀ᵀ of a bracket that depends on the state at the `graded_times`, with the error of the rule.

    **Raises:** `ValueError` for a number of intervals that is no multiple of 4.

    >>> import jax.numpy as jnp
    >>> from jaxwigner import Bracket
    >>> from jaxwigner.theorems.afg.sharp.on_the_set import graded_times, over_time
    >>> found = over_time(lambda t: Bracket.exact(jnp.exp(-t / 0.01)), jnp.asarray(graded_times(0.4, 16)), 0.4)
    >>> bool(found.contains(0.01)), bool(found.upper - found.lower < 1e-3)
    (True, True)
    """
    intervals = states.shape[0] - 1
    require(intervals > 0 and intervals % 4 == 0, "intervals", "be a multiple of 4", intervals)
    s = np.linspace(0.0, 1.0, intervals + 1)
    slope = duration * GRADING * s ** (GRADING - 1)
    fine = _simpson(intervals) * slope
    coarse = np.zeros_like(fine)
    coarse[::2] = _simpson(intervals // 2) * slope[::2]
    found = jax.vmap(integral)(states)
    whole = Bracket(fine @ found.lower, fine @ found.upper, rigorous=False)
    return whole.widen(jnp.abs((fine - coarse) @ found.centre), rigorous=False)


def _simpson(intervals: int) -> np.ndarray:
    return np.array([1.0, *[4.0, 2.0] * (intervals // 2 - 1), 4.0, 1.0]) / (3 * intervals)
