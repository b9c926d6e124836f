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
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.polynomial import chebyshev, legendre


class Size(NamedTuple):
    """Numbers of basis functions."""

    radial: int
    angular: int


FINE = Size(72, 32)
COARSE = Size(56, 28)
TABLE = Size(96, 40)

TERMS = 64
"""Chebyshev coefficients of the table of E(R); 48 leave 2e-10, 64 leave 6e-13."""

MIDPOINT = 3.0
"""The distance at the centre of the table's variable s = (R − 3)/(R + 3)."""

ASYMPTOTIC = 60.0
"""The distance from which the asymptotic series is exact to rounding."""


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

    value: Any
    by_exponent: Any
    by_distance: Any
    angular: Any


def balance(exponent: Any, distance: Any, parity: int, size: Size, xp: Any = jnp) -> Balance:
    """G(p, R) = μ + ν, which vanishes at a level, and its derivatives by Hellmann–Feynman.

    `xp` is `jax.numpy`, with scalars, or `numpy`, with batches (for tables made once).
    """
    matrices = *radial_matrices(size.radial), *angular_matrices(size.angular, parity)
    A, B, C, D, Q = (matrix.astype(exponent.dtype) for matrix in matrices)
    p, R = exponent[..., None, None], distance[..., None, None]
    mu, X = _lowest(A + p * B - (R / p) * C, xp)
    nu, Y = _lowest(D + p * p * Q, xp)
    ratio, mean_C = distance / exponent, _mean(C, X)
    return Balance(
        mu - 2 * distance + nu,
        _mean(B, X) + ratio / exponent * mean_C + 2 * exponent * _mean(Q, Y),
        -mean_C / exponent - 2,
        Y,
    )


@functools.partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def exponent(distance: Float[Array, ""], parity: int, size: Size) -> Float[Array, ""]:
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


def level(distance: Float[Array, ""], parity: int, size: Size = FINE) -> Float[Array, ""]:
    """E(R) = −2p²/R²."""
    p = exponent(distance, parity, size)
    return -2 * (p / distance) ** 2


def splitting(distance: Float[Array, ""]) -> Float[Array, ""]:
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


def table_value(distance: Float[Array, ""], parity: int) -> Float[Array, ""]:
    """E(R) of the table, as a sum of cosines: few operations to compile, one point at a time."""
    s = (distance - MIDPOINT) / (distance + MIDPOINT)
    orders = jnp.arange(TERMS, dtype=distance.dtype)
    return jnp.cos(orders * jnp.arccos(s)) @ jnp.asarray(table(parity), distance.dtype)


@functools.lru_cache
def table(parity: int) -> tuple[float, ...]:
    """Chebyshev coefficients of E(R) in s = (R − 3)/(R + 3), for all 0 ≤ R ≤ ∞."""
    nodes = chebyshev.chebpts1(TERMS)
    distance = MIDPOINT * (1 + nodes) / (1 - nodes)
    energy = asymptotic_energy(np.maximum(distance, ASYMPTOTIC))
    near = distance < ASYMPTOTIC
    energy[near] = _numpy_level(distance[near], parity)
    weights = np.full(TERMS, 2 / TERMS)
    weights[0] = 1 / TERMS
    return tuple((weights * (energy @ chebyshev.chebvander(nodes, TERMS - 1))).tolist())


def asymptotic_energy(distance: Any) -> Any:
    """E(R) of both levels at large R: a hydrogen atom and a proton, in powers of 1/R.

    Čížek et al., Phys. Rev. A 33, 12 (1986); the levels differ by (4/e)Re^{−R} at leading order.
    """
    series = (-1 / 2, -1, 0, 0, -9 / 4, 0, -15 / 2, -213 / 4, -7755 / 64, -1773 / 2)
    return np.polynomial.polynomial.polyval(1 / distance, series)


def _numpy_level(distance: np.ndarray, parity: int) -> np.ndarray:
    united = (2.0, 1.0)[parity]  # p/R falls from 1 (He⁺ 1s) or stays near ½ (He⁺ 2p)
    p = distance * (0.5 + (united - 1) / (2 * (1 + distance)))
    for _ in range(9):
        at = balance(p, distance, parity, TABLE, np)
        p = p - at.value / at.by_exponent
    return -2 * (p / distance) ** 2


def _lowest(matrix: Any, xp: Any) -> tuple[Any, Any]:
    values, vectors = xp.linalg.eigh(matrix)
    return values[..., 0], vectors[..., :, 0]


def _mean(matrix: Any, vector: Any) -> Any:
    return ((vector @ matrix) * vector).sum(-1)


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
