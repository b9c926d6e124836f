"""Test functions on the line that are seen at one lag, φ(x, p) = a(x) e^{−(p−q)²/2τ²} sin y₀(p − q), or vanish for large p.

    F_pφ(x, y) = a(x) √(2πτ²) e^{−iqy} (G(y − y₀) − G(y + y₀))/2i,      G(y) = e^{−τ²y²/2}

F_pφ sits at y = ±y₀ for τy₀ ≫ 1, so that a state with one value of what stands under ∫ at that lag attains the norms ‖·‖_A.
For φ = a(x)b(p) with b ∈ C₀^∞, F_pφ falls faster than any power of y, but slower than an exponential.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.phase_space import GaussianTest

_X, _W = np.polynomial.legendre.leggauss(200)
REACH = 9.0  # standard deviations of G that integrals hold


class OscillatingTest(GaussianTest):
    """φ = a(x) e^{−(p−q)²/2τ²} sin y₀(p − q) in one dimension.

    **Arguments:** those of `GaussianTest`, and `frequency`: y₀ > 0.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.afg.sharp.oscillating import OscillatingTest
    >>> phi = OscillatingTest(jnp.ones_like, momentum=0.0, width=2.0, frequency=6.0)
    >>> bool(abs(phi.moment(0) - 1) < 1e-12), round(float(phi.moment(2)), 2)  # 1, y₀² + τ⁻²
    (True, 36.25)
    """

    frequency: Scalar

    def __init__(
        self,
        profile: Callable,
        momentum: Any,
        width: Scalar,
        frequency: Scalar,
        supremum: Scalar = 1.0,
    ):
        check_positive_scalar("frequency", frequency)
        super().__init__(profile, momentum, width, supremum)
        self.frequency = frequency

    def __call__(self, x: tuple[Array, ...], p: tuple[Array, ...]) -> Array:
        return super().__call__(x, p) * jnp.sin(self.frequency * (p[0] - self.momentum))

    def transform(self, x: tuple[Array, ...], y: tuple[Array, ...]) -> Array:
        require(len(y) == 1, "test", "be for one dimension", len(y))
        phase = jnp.exp(-1j * self.momentum * y[0])
        scale = np.sqrt(2 * np.pi) * self.width
        return self.profile(*x) * (scale * phase * self._lags(y[0]) / 1j)

    def _lags(self, y: Array) -> Array:
        """½(G(y − y₀) − G(y + y₀))."""
        G = lambda z: jnp.exp(-0.5 * (self.width * z) ** 2)  # noqa: E731
        return 0.5 * (G(y - self.frequency) - G(y + self.frequency))

    def reach(self, tolerance: float = 1e-18) -> Scalar:
        return self.frequency + super().reach(tolerance)

    def moment(self, order: int, beyond: Scalar = 0.0) -> Array:
        """(2π)^{−1} ∫_{|y|>R} |y|^k sup_x|F_pφ| dy, R = `beyond`."""
        return self.supremum * self._integral(lambda y: y**order * self._lags(y), beyond)

    @property
    def speed(self) -> Array:
        """(2π)^{−1} ∫|F_p(pb)| dy, b the factor of p: F_p(pb) = i∂_yF_pb."""
        one = lambda y: self.momentum * self._lags(y) + 1j * jax.grad(self._lags)(y)  # noqa: E731
        return self._integral(lambda y: jnp.abs(jax.vmap(one)(y)), 0.0)

    def _integral(self, integrand: Callable, beyond: Scalar) -> Array:
        """2τ/√2π ∫_R^∞ of an even integrand that sits about y₀."""
        half = REACH / self.width
        top = self.frequency + half
        low = jnp.clip(jnp.maximum(beyond, self.frequency - half), 0.0, top)
        y = low + 0.5 * (top - low) * (1 + jnp.asarray(_X))
        value = jnp.sum(jnp.asarray(_W) * integrand(y)) * 0.5 * (top - low)
        return 2 * self.width / np.sqrt(2 * np.pi) * value


_S, _V = np.polynomial.legendre.leggauss(400)
_BUMP = _V * np.exp(1.0 - 1.0 / (1.0 - _S**2))
LARGEST = 500.0  # τy beyond which the transform of the bump is rounding
STEPS = 3000  # cells of the integral of its absolute value


class BumpTest(GaussianTest):
    """φ = a(x) b((p − q)/τ), b(s) = e^{1 − 1/(1 − s²)} for |s| < 1 and 0 beyond: in C₀^∞, in one dimension.

        F_pφ(x, y) = a(x) τ e^{−iqy} B(τy),      B(u) = ∫b(s) cos(us) ds ~ u^{−¾}e^{−√u}

    **Arguments:** those of `GaussianTest`; `width`: τ.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.afg.sharp.oscillating import BumpTest
    >>> phi = BumpTest(jnp.ones_like, momentum=0.0, width=2.0)
    >>> zero, edge = jnp.array(0.0), jnp.array(2.0)
    >>> float(phi((zero,), (zero,))), float(phi((zero,), (edge,)))
    (1.0, 0.0)
    >>> round(float(phi.transform((zero,), (zero,)).real), 6)  # ∫b(p/2)dp
    2.413801
    """

    def __call__(self, x: tuple[Array, ...], p: tuple[Array, ...]) -> Array:
        # b is zero in double precision from 0.999 on, and its derivatives with it.
        s2 = jnp.minimum(((p[0] - self.momentum) / self.width) ** 2, 0.999)
        return self.profile(*x) * jnp.exp(1.0 - 1.0 / (1.0 - s2))

    def transform(self, x: tuple[Array, ...], y: tuple[Array, ...]) -> Array:
        require(len(y) == 1, "test", "be for one dimension", len(y))
        phase = jnp.exp(-1j * self.momentum * y[0])
        return self.profile(*x) * (self.width * phase * _bump_transform(self.width * y[0]))

    def norm(self, dimension: int) -> Array:
        require(dimension == 1, "dimension", "be 1", dimension)
        return 2 * np.pi * self.moment(0)

    def reach(self, tolerance: float = 1e-18) -> Scalar:
        return LARGEST / self.width

    def moment(self, order: int, beyond: Scalar = 0.0) -> Array:
        """(2π)^{−1} ∫_{|y|>R} |y|^k sup_x|F_pφ| dy, R = `beyond`, by midpoints."""
        low = jnp.minimum(jnp.asarray(beyond) * self.width, LARGEST)
        step = (LARGEST - low) / STEPS
        u = low + step * (0.5 + jnp.arange(STEPS))
        total = jnp.sum(jnp.abs(jax.lax.map(_bump_transform, u, batch_size=500)) * u**order) * step
        return self.supremum * total / (np.pi * self.width**order)


def _bump_transform(u: Array) -> Array:
    """B(u)."""
    return jnp.cos(jnp.multiply.outer(jnp.asarray(u), jnp.asarray(_S))) @ _BUMP
