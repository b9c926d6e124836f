"""The separated Schrödinger equation of one electron and two fixed protons.

With the distance R and prolate spheroidal coordinates ξ = (r_a + r_b)/R, η = (r_a − r_b)/R, a level
E without angular momentum about the axis is ψ = X(ξ)Y(η), and with p² = −ER²/2 (atomic units)

    −((ξ²−1)X′)′ + (p²(ξ²−1) − 2Rξ)X = μX,     −((1−η²)Y′)′ + p²(1−η²)Y = νY,     μ + ν = 0.

X is expanded in Laguerre functions e^{−x/2}L_n(x), x = 2p(ξ−1), and Y in Legendre polynomials, even
for a gerade and odd for an ungerade level. In these orthonormal bases both operators are
tridiagonal, in closed form. Galerkin's 2-D pencil Hc = ESc in the product basis separates into
them, so its ground state is found from two small symmetric problems: the lowest μ and ν, and a
scalar equation for p. R is explicit, so that dE/dR is an expectation value (Hellmann–Feynman).
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.polynomial import legendre

from jaxwigner.molecules._table import COEFFICIENTS, MIDPOINT

Scalar = Float[Array, ""]


class Size(NamedTuple):
    """Numbers of basis functions."""

    radial: int
    angular: int


FINE = Size(72, 32)
COARSE = Size(56, 28)


@functools.lru_cache
def radial_matrices(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A, B, C of the radial operator A + pB − (R/p)C − 2R in the Laguerre functions."""
    n = np.arange(size, dtype=float)
    quadratic = np.diag(2 * n * n + 2 * n + 1) - _beside_diagonal(n[1:] ** 2)
    return quadratic, np.diag(4 * n + 2), np.diag(2 * n + 1) - _beside_diagonal(n[1:])


@functools.lru_cache
def angular_matrices(size: int, parity: int) -> tuple[np.ndarray, np.ndarray]:
    """D and Q of the angular operator D + p²Q in normalised Legendre polynomials of one parity."""
    degree = 2.0 * np.arange(size) + parity

    def raising(l: np.ndarray) -> np.ndarray:  # ⟨l+1|η|l⟩
        return (l + 1) / np.sqrt((2 * l + 1) * (2 * l + 3))

    lower = np.where(degree > 0, raising(np.maximum(degree - 1, 0)), 0)
    beside = raising(degree[:-1]) * raising(degree[:-1] + 1)
    square = np.diag(raising(degree) ** 2 + lower**2) + _beside_diagonal(beside)
    return np.diag(degree * (degree + 1)), np.eye(size) - square


class Balance(NamedTuple):
    """G = μ + ν and its partial derivatives in p and R, with the angular eigenvector."""

    value: Scalar
    by_exponent: Scalar
    by_distance: Scalar
    angular: Float[Array, " basis"]


def balance(p: Scalar, distance: Scalar, parity: int, size: Size) -> Balance:
    """G(p, R) = μ + ν, which vanishes at a level, and its derivatives by Hellmann–Feynman."""
    matrices = *radial_matrices(size.radial), *angular_matrices(size.angular, parity)
    A, B, C, D, Q = (jnp.asarray(matrix, p.dtype) for matrix in matrices)
    mu, X = _lowest(A + p * B - (distance / p) * C)
    nu, Y = _lowest(D + p * p * Q)
    mean_B, mean_C, mean_Q = X @ B @ X, X @ C @ X, Y @ Q @ Y
    return Balance(
        mu - 2 * distance + nu,
        mean_B + distance / p**2 * mean_C + 2 * p * mean_Q,
        -mean_C / p - 2,
        Y,
    )


@functools.partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def exponent(distance: Scalar, parity: int, size: Size) -> Scalar:
    """The lowest p(R) with G(p, R) = 0, by Newton's method from the table.

    Its derivative −G_R/G_p calls it again, so that it has derivatives of every order.
    """
    start = table_value(distance, parity)
    p = distance * jnp.sqrt(-start / 2)
    for _ in range(2):
        at = balance(p, distance, parity, size)
        p = p - at.value / at.by_exponent
    return p


@exponent.defjvp
def _exponent_jvp(parity, size, primals, tangents):
    (distance,), (change,) = primals, tangents
    p = exponent(distance, parity, size)
    at = balance(p, distance, parity, size)
    return p, -at.by_distance / at.by_exponent * change


def level(distance: Scalar, parity: int, size: Size = FINE) -> Scalar:
    """E(R) = −2p²/R²."""
    p = exponent(distance, parity, size)
    return -2 * (p / distance) ** 2


def splitting(distance: Scalar) -> Scalar:
    """E_u − E_g to first order, from the flux through the midplane: no cancellation at large R.

    At one p, (ν_u − ν_g)∫₀¹Y_gY_u dη = Y_g(0)Y_u′(0), which is exact; then dp = −(ν_u − ν_g)/G_p.
    """
    p = exponent(distance, 0, FINE)
    gerade = balance(p, distance, 0, FINE)
    ungerade = balance(p, distance, 1, FINE)
    value, slope, overlap = (part.astype(distance.dtype) for part in _midplane(FINE.angular))
    flux = (value @ gerade.angular) * (slope @ ungerade.angular)
    change = -flux / (gerade.angular @ overlap @ ungerade.angular) / ungerade.by_exponent
    return -2 * change * (2 * p + change) / distance**2


def table_value(distance: Scalar, parity: int) -> Scalar:
    """E(R) of the table, as a sum of cosines: few operations to compile, one point at a time."""
    coefficients = jnp.asarray(COEFFICIENTS[parity], distance.dtype)
    angle = jnp.arccos((distance - MIDPOINT) / (distance + MIDPOINT))
    return jnp.cos(angle * jnp.arange(coefficients.size, dtype=distance.dtype)) @ coefficients


def _lowest(matrix: Array) -> tuple[Array, Array]:
    values, vectors = jnp.linalg.eigh(matrix)
    return values[0], vectors[:, 0]


def _beside_diagonal(values: np.ndarray) -> np.ndarray:
    return np.diag(values, 1) + np.diag(values, -1)


@functools.lru_cache
def _midplane(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of the even and slopes of the odd functions at η = 0; their overlaps on [0, 1]."""
    degree = np.arange(2 * size)
    norm = np.sqrt(degree + 0.5)
    centre = legendre.legvander(np.zeros(1), 2 * size - 1)[0]
    slope = degree * np.concatenate([[0.0], centre[:-1]])  # P_l′(0) = l P_{l−1}(0)
    nodes, weights = legendre.leggauss(2 * size)
    values = norm * legendre.legvander((nodes + 1) / 2, 2 * size - 1)
    overlap = values[:, 0::2].T @ (weights[:, None] / 2 * values[:, 1::2])
    return (norm * centre)[0::2], (norm * slope)[1::2], overlap
