"""Grids of the distance r on (0, L), for radial functions u with u(0) = u(L) = 0.

Two kinds, both spectral:

    sine       r_j = jL/(n+1); u = Σ b_k sin(kπr/L), k = 1 … n; −∂_r² multiplies b_k by (kπ/L)²; the sine transform is an FFT
    lobatto    Gauss–Lobatto–Legendre nodes; u a polynomial of degree n + 1; −∂_r² a symmetric matrix (mass lumped by the quadrature)

A sine series continues u as an odd function. Near r = 0 an s-wave in a Coulomb field has u″(0) = (2mC/ħ²)u′(0) ≠ 0, and u ~ r^{ℓ+1} is
even for odd ℓ: for the first few ℓ the series converges like a power of the spacing, with a constant that is exponentially small where
repulsion keeps the wave away from r = 0. Polynomials know no such restriction.
"""

from __future__ import annotations

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float  # noqa: F401  (fields of a flow are annotated with both)

from jaxwigner import fourier
from jaxwigner._checks import check_choice, check_integer, check_positive_scalar
from jaxwigner._types import Array
from jaxwigner.engine.flows import PhaseFlow
from jaxwigner.grid import Scalar

KINDS = ("sine", "lobatto")


class RadialGrid(eqx.Module):
    """Distances 0 < r < L: `points` inner points of a grid of length L, of kind "sine" or "lobatto".

    **Arguments:** `length`: L > 0, may be traced; `points`: an integer ≥ 2; `kind`: see the head of the module.

    **Raises:** `ValueError` for a length that is not positive, too few points or an unknown kind.

    >>> from jaxwigner import RadialGrid
    >>> grid = RadialGrid(4.0, 7)
    >>> [float(r) for r in grid.radii[:3]], float(grid.weights[0])
    ([0.5, 1.0, 1.5], 0.5)
    """

    length: Scalar
    points: int = eqx.field(static=True)
    kind: str = eqx.field(static=True)

    def __init__(self, length: Scalar, points: int, kind: str = "sine"):
        check_positive_scalar("length", length)
        check_integer("points", points, at_least=2)
        check_choice("kind", kind, KINDS)
        self.length = length
        self.points = int(points)
        self.kind = kind

    @property
    def radii(self) -> Float[Array, " r"]:
        """The inner points, increasing."""
        if self.kind == "sine":
            return self.length / (self.points + 1) * jnp.arange(1, self.points + 1)
        return 0.5 * self.length * (1 + jnp.asarray(_lobatto(self.points + 2)[0][1:-1]))

    @property
    def weights(self) -> Float[Array, " r"]:
        """∫_0^L f dr ≈ Σ w_j f(r_j) for f(0) = f(L) = 0."""
        if self.kind == "sine":
            return jnp.full(self.points, 1.0) * (self.length / (self.points + 1))
        return 0.5 * self.length * jnp.asarray(_lobatto(self.points + 2)[1][1:-1])

    @property
    def end_weight(self) -> Scalar:
        """The weight of r = 0, for integrands that do not vanish there."""
        if self.kind == "sine":
            return 0.5 * self.length / (self.points + 1)
        return 0.5 * self.length * _lobatto(self.points + 2)[1][0]

    @property
    def wavenumbers(self) -> Float[Array, " k"]:
        """kπ/L, k = 1 … n, of the sine series."""
        return jnp.arange(1, self.points + 1) * (np.pi / self.length)

    @property
    def kinetic_matrix(self) -> Float[Array, "r r"]:
        """−∂_r² between functions scaled by √w: symmetric; W^{−½}KW^{−½} with K the stiffness matrix for the kind "lobatto"."""
        return jnp.asarray(unit_kinetic(self.points, self.kind)) / self.length**2

    def curvature(self, u: Array) -> Array:
        """−∂_r²u at the inner points, along the last axis."""
        if self.kind == "sine":
            return sine_synthesis(last_axis(self.wavenumbers**2, u) * sine_analysis(u))
        root = last_axis(jnp.sqrt(self.weights), u)
        return times_real(u * root, self.kinetic_matrix) / root

    def slope(self, u: Array) -> tuple[Array, Array]:
        """(∂_ru at the inner points, ∂_ru at 0), along the last axis."""
        if self.kind == "lobatto":
            D = jnp.asarray(_derivative(self.points + 2))
            slopes = times_real(u, D[:, 1:-1].T) * (2 / self.length)
            return slopes[..., 1:-1], slopes[..., 0]
        spectrum = last_axis(self.wavenumbers, u) * sine_analysis(u)
        pad = jnp.zeros_like(spectrum[..., :1])
        # An even extension: the cosine series at the points 0 … n of a period of 2n + 2.
        even = jnp.concatenate([pad, spectrum, pad, spectrum[..., ::-1]], axis=-1)
        cosines = 0.5 * fourier.fft(even)
        return cosines[..., 1 : self.points + 1], cosines[..., 0]

    def end_curvature(self, u: Array) -> Array:
        """−∂_r²u at r = 0, along the last axis: 0 for a series of sines."""
        if self.kind == "sine":
            return jnp.zeros_like(u[..., 0])
        D = _derivative(self.points + 2)
        return (u @ jnp.asarray(-(D[0] @ D)[1:-1])) * (2 / self.length) ** 2

    def interpolate(self, u: Array, radii: Float[Array, " q"]) -> Array:
        """u at other distances in [0, L], along the last axis, by its own series: (…, n) to (…, q)."""
        if self.kind == "sine":
            kernel = jnp.sin(self.wavenumbers[:, None] * radii[None, :])
            return times_real(sine_analysis(u), kernel)
        x = 2 * radii / self.length - 1
        nodes, _ = _lobatto(self.points + 2)
        gaps = x[None, :] - jnp.asarray(nodes)[:, None]
        exact = gaps == 0
        terms = jnp.asarray(_barycentric(self.points + 2))[:, None] / jnp.where(exact, 1.0, gaps)
        hit = jnp.any(exact, axis=0)
        terms = jnp.where(hit[None, :], exact.astype(terms.dtype), terms)
        return times_real(u, (terms / jnp.sum(terms, axis=0)[None, :])[1:-1])


class SineMultiplication(PhaseFlow):
    """u ↦ Σ_k e^{−iθ_k} b_k sin(kπr/L) along the last axis."""

    def analyse(self, u):
        return sine_analysis(u)

    def synthesise(self, spectrum):
        return sine_synthesis(spectrum)

    def weight(self, shape):
        return 0.5 * (shape[-1] + 1)


def times_real(u: Array, matrix: Float[Array, "n q"]) -> Array:
    """u @ matrix; of complex u the two parts, which is half of the work, and done faster, than with a complex matrix.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.quantum.partial_waves.radial_grid import times_real
    >>> times_real(jnp.array([1.0 + 2.0j, 3.0]), jnp.array([[1.0], [2.0]])).tolist()
    [(7+2j)]
    """
    matrix = matrix.astype(jnp.real(u).dtype)
    if not jnp.iscomplexobj(u):
        return u @ matrix
    return jax.lax.complex(jnp.real(u) @ matrix, jnp.imag(u) @ matrix)


def last_axis(vector: Array, like: Array) -> Array:
    """A vector shaped to vary along the last axis of `like`."""
    return vector.reshape((1,) * (like.ndim - 1) + vector.shape)


def sine_analysis(u: Array) -> Array:
    """b_k with u_j = Σ_k b_k sin(πjk/(n+1)), along the last axis: a complex FFT of the odd extension.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.quantum.partial_waves.radial_grid import sine_analysis
    >>> b = sine_analysis(jnp.sin(2 * jnp.pi * jnp.arange(1, 8) / 8))
    >>> int(jnp.argmax(abs(b))), round(float(abs(b).max()), 12)
    (1, 1.0)
    """
    return sine_synthesis(u) * (2 / (u.shape[-1] + 1))


def sine_synthesis(b: Array) -> Array:
    """Σ_k b_k sin(πjk/(n+1)), along the last axis."""
    n = b.shape[-1]
    pad = jnp.zeros_like(b[..., :1])
    odd = jnp.concatenate([pad, b, pad, -b[..., ::-1]], axis=-1)
    sines = 0.5j * fourier.fft(odd)[..., 1 : n + 1]
    return sines if jnp.iscomplexobj(b) else jnp.real(sines)


def unit_nodes(points: int, kind: str) -> np.ndarray:
    """The inner points of a grid of length 1."""
    if kind == "sine":
        return np.arange(1, points + 1) / (points + 1)
    return 0.5 * (1 + _lobatto(points + 2)[0][1:-1])


def unit_kinetic(points: int, kind: str) -> np.ndarray:
    """−∂_r² between functions scaled by √w on a grid of length 1, as it is known before a program begins."""
    if kind == "sine":
        j = np.arange(1, points + 1)
        sines = np.sqrt(2 / (points + 1)) * np.sin(np.pi / (points + 1) * np.outer(j, j))
        return (sines * j**2) @ sines * np.pi**2
    return 4 * _stiffness(points + 2)


@functools.lru_cache(maxsize=32)
def _lobatto(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss–Lobatto–Legendre quadrature on [−1, 1]: the zeros of (1 − x²)P′, P = P_{count−1}."""
    degree = count - 1
    x = -np.cos(
        np.pi * np.arange(1, degree) / degree
    )  # the extrema of a Chebyshev polynomial lie close
    for _ in range(12):
        p, before = _legendre(degree, x)
        slope = degree * (before - x * p) / (1 - x**2)
        # Newton for P′, with (1 − x²)P″ = 2xP′ − n(n+1)P.
        change = slope * (1 - x**2) / (2 * x * slope - degree * (degree + 1) * p)
        x = x - change
        if np.max(abs(change), initial=0.0) < 1e-15:
            break
    x = np.concatenate([[-1.0], 0.5 * (x - x[::-1]), [1.0]])
    return x, 2 / (degree * (degree + 1) * _legendre(degree, x)[0] ** 2)


def _legendre(degree: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P_n and P_{n−1}."""
    before, p = np.zeros_like(x), np.ones_like(x)
    for k in range(degree):
        before, p = p, ((2 * k + 1) * x * p - k * before) / (k + 1)
    return p, before


@functools.lru_cache(maxsize=8)
def _derivative(count: int) -> np.ndarray:
    """D_ij = ℓ_j′(x_i) of the Lagrange polynomials of the nodes."""
    x, _ = _lobatto(count)
    p = _legendre(count - 1, x)[0]
    gaps = x[:, None] - x[None, :] + np.eye(count)
    D = p[:, None] / p[None, :] / gaps
    np.fill_diagonal(D, 0.0)
    # The derivative of a constant vanishes: the diagonal with the least rounding.
    np.fill_diagonal(D, -D.sum(axis=1))
    return D


@functools.lru_cache(maxsize=8)
def _stiffness(count: int) -> np.ndarray:
    """W^{−½}DᵀWDW^{−½} between the inner nodes."""
    _, w = _lobatto(count)
    scaled = np.sqrt(w)[:, None] * _derivative(count)[:, 1:-1] / np.sqrt(w[1:-1])[None, :]
    return scaled.T @ scaled


@functools.lru_cache(maxsize=8)
def _barycentric(count: int) -> np.ndarray:
    """Weights of barycentric interpolation: (−1)^j √w_j for these nodes, up to a factor."""
    return (-1.0) ** np.arange(count) * np.sqrt(_lobatto(count)[1])
