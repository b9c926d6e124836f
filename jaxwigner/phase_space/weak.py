"""Integrals of Wigner functions against test functions, without ever forming W on a grid.

    (2π)^{−d} ∫∫ K(x, y) ψ(x + ħy/2) ψ*(x − ħy/2) dx dy

With K = F_pφ, F_pφ(x, y) = ∫ e^{−ip·y} φ(x, p) dp, this is ∫∫Wφ; with K = −i·(difference quotient of U)·F_pφ it is ∫∫fφ (AFG (34)),
and its restrictions to |y| ≤ ħ^{−α} and beyond are the terms of AFG (35). Lags are y = mΔ/ħ; a rapidly decaying K needs few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float, Num

from jaxwigner._checks import (
    check_callable,
    check_finite,
    check_integer,
    check_positive_scalar,
    per_axis,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.phase_space._correlate import refined, with_zeros
from jaxwigner.phase_space._windows import check_state
from jaxwigner.phase_space.wigner import wigner_at_points
from jaxwigner.states import as_complex

Kernel = Callable[[tuple[Array, ...], tuple[Array, ...]], Array]
LAGS_AT_ONCE = 64  # lags whose correlations are held in memory together


class GaussianTest(eqx.Module):
    """Test function φ(x, p) = a(x) e^{−|p−q|²/2τ²} on phase space, whose transform in p is known in closed form.

    F_pφ(x, y) = a(x) (2πτ²)^{d/2} e^{−iq·y − τ²|y|²/2} and ‖φ‖_A = ∫sup_x|F_pφ| dy = (2π)^d sup|a| (AFG (16)).

    **Arguments:** `profile`: a, a function of d coordinate arrays; `momentum`: q; `width`: τ > 0; `supremum`: sup|a|, for the norm.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.phase_space import GaussianTest
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=1.0, width=0.5)
    >>> float(phi((jnp.array(0.0),), (jnp.array(1.0),)))
    1.0
    """

    profile: Callable
    momentum: Any
    width: Scalar
    supremum: Scalar

    def __init__(self, profile: Callable, momentum: Any, width: Scalar, supremum: Scalar = 1.0):
        check_callable("profile", profile)
        check_finite("momentum", momentum)
        check_positive_scalar("width", width)
        check_positive_scalar("supremum", supremum)
        self.profile = profile
        self.momentum = momentum
        self.width = width
        self.supremum = supremum

    def __call__(self, x: tuple[Array, ...], p: tuple[Array, ...]) -> Array:
        """φ(x, p) on coordinate arrays."""
        centre = per_axis("momentum", self.momentum, len(p))
        squares = sum((a - q) ** 2 for a, q in zip(p, centre))
        return self.profile(*x) * jnp.exp(-squares / (2 * self.width**2))

    def transform(self, x: tuple[Array, ...], y: tuple[Array, ...]) -> Array:
        """F_pφ(x, y)."""
        centre = per_axis("momentum", self.momentum, len(y))
        squares = sum(b**2 for b in y)
        phase = sum(q * b for q, b in zip(centre, y))
        scale = (2 * np.pi * self.width**2) ** (0.5 * len(y))
        return self.profile(*x) * scale * jnp.exp(-0.5 * self.width**2 * squares - 1j * phase)

    def norm(self, dimension: int) -> Scalar:
        """‖φ‖_A."""
        return (2 * np.pi) ** dimension * self.supremum

    def reach(self, tolerance: float = 1e-18) -> Scalar:
        """|y| beyond which |F_pφ| is below `tolerance` of its maximum."""
        return np.sqrt(2 * np.log(1 / tolerance)) / self.width


def weak_integral(
    psi: Num[Array, "*shape"], grid: Grid, kernel: Kernel, hbar: Scalar, *, lags: int | None = None
) -> Complex[Array, ""]:
    """(2π)^{−d} ∫∫ K(x, y) ψ(x + ħy/2) ψ*(x − ħy/2) dx dy (AFG (34)) in any dimension whose lags fit.

    **Arguments:** `kernel`: K as a function of tuples of coordinate arrays (x, y); `lags`: how many lags y = mΔ/ħ on either side of
    zero along each axis; default all n.

    **Returns:** a complex number (real if K is the transform of a real function).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest, weak_integral
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.0, 1.0, 0.5)
    >>> phi = GaussianTest(lambda x: jnp.ones_like(x), momentum=1.0, width=1.0)
    >>> value = weak_integral(psi, grid, phi.transform, 0.5)
    >>> round(float(value.real), 12), round((1 / 1.25) ** 0.5, 12)  # ∫N(1, ħ/2) e^{−(p−1)²/2} dp
    (0.894427191, 0.894427191)
    """
    check_state(psi, grid, "psi")
    check_positive_scalar("hbar", hbar)
    check_callable("kernel", kernel)
    if lags is not None:
        check_integer("lags", lags, at_least=0)
    padded = with_zeros(refined(as_complex(jnp.asarray(psi))))
    counts = tuple(n - 1 if lags is None else min(lags, n - 1) for n in grid.points)
    ranges = [np.arange(-m, m + 1) for m in counts]
    every = jnp.asarray(np.stack(np.meshgrid(*ranges, indexing="ij"), -1).reshape(-1, len(ranges)))
    scale = grid.cell**2 / (2 * np.pi * hbar) ** grid.dimension

    def at_lag(lag):
        y = tuple(m * step / hbar for m, step in zip(lag, grid.spacing))
        forward, backward = _shift(padded, lag), _shift(padded, -lag)
        return jnp.sum(kernel(grid.mesh, y) * forward * jnp.conj(backward))

    sums = jax.lax.map(at_lag, every, batch_size=min(LAGS_AT_ONCE, every.shape[0]))
    return scale * jnp.sum(sums)


def _shift(padded: Complex[Array, "*padded"], lag: Array) -> Complex[Array, "*shape"]:
    """ψ(x + mΔ/2) for one lag m per axis."""
    index = []
    for axis, size in enumerate(padded.shape):
        n = size // 4
        points = n + 2 * np.arange(n) + lag[axis]
        index.append(points.reshape(tuple(-1 if i == axis else 1 for i in range(padded.ndim))))
    return padded[tuple(index)]


def wigner_expectation(
    psi: Num[Array, "*shape"], grid: Grid, test: GaussianTest, hbar: Scalar
) -> Float[Array, ""]:
    """∫∫ W φ dx dp for a test function with a known transform (AFG (18)); |∫∫Wφ| ≤ (2π)^{−d}‖ψ‖²‖φ‖_A.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest, wigner_expectation
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.0, 0.0, 0.5)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
    >>> round(float(wigner_expectation(psi, grid, phi, 0.5)), 10)
    0.7302967433
    """
    require(isinstance(test, GaussianTest), "test", "be a GaussianTest", test)
    return jnp.real(weak_integral(psi, grid, test.transform, hbar))


def wigner_at(
    psi: Num[Array, "*shape"], grid: Grid, position: Any, momentum: Any, hbar: Scalar
) -> Float[Array, ""]:
    """W at one point of phase space, in any dimension: (πħ)^{−d} ∫ ψ(x + u) ψ*(x − u) e^{−2ip·u/ħ} du.

    `wigner` does the same at many points and for every state (`at=`); here one number may stand for all axes.

    It is (πħ)^{−d} times the expectation of the parity about (x, p), hence |W| ≤ (πħ)^{−d}‖ψ‖².

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import wigner_at
    >>> grid = jw.Grid((-6.0, -5.0), (6.0, 5.0), (48, 40))
    >>> psi = jw.coherent_state(grid, (1.0, 0.0), (0.0, 0.5), hbar=0.5)
    >>> round(float(wigner_at(psi, grid, (1.0, 0.0), (0.0, 0.5), 0.5) * (jnp.pi * 0.5) ** 2), 10)
    1.0
    """
    check_state(psi, grid, "psi")
    check_positive_scalar("hbar", hbar)
    x = per_axis("position", position, grid.dimension)
    p = per_axis("momentum", momentum, grid.dimension)
    psi = as_complex(jnp.asarray(psi))
    points = tuple(jnp.asarray(a, float) for a in x), tuple(jnp.asarray(a, float) for a in p)
    return wigner_at_points(psi, psi, grid, points, hbar)
