"""The separated Schrödinger equation of one electron and two fixed protons.

With the distance R and prolate spheroidal coordinates ξ = (r_a + r_b)/R, η = (r_a − r_b)/R, a level
E without angular momentum about the axis is ψ = X(ξ)Y(η), and with p² = −ER²/2 (atomic units)

    −((ξ²−1)X′)′ + (p²(ξ²−1) − 2Rξ)X = μX,     −((1−η²)Y′)′ + p²(1−η²)Y = νY,     μ + ν = 0.

X is expanded in Laguerre functions e^{−x/2}L_n(x), x = 2p(ξ−1), and Y in Legendre polynomials, even
for a gerade and odd for an ungerade level. In these orthonormal bases both operators are
tridiagonal, in closed form. Galerkin's 2-D pencil Hc = ESc in the product basis separates into
them: its ground state is found from two tridiagonal problems and Newton's method for (p, ν). R is
explicit, so that dE/dR is an expectation value (Hellmann–Feynman).

No `eigh`: two batched LAPACK calls of one program can block each other for ever on CPUs with two
cores (jax 0.10.1), and the recurrences are tens of times faster.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.polynomial import legendre

from jaxwigner._types import Array
from jaxwigner.molecules._h2plus_series import COEFFICIENTS, MIDPOINT

Scalar = Float[Array, ""]
Vector = Float[Array, " basis"]


class Size(NamedTuple):
    """Numbers of basis functions, no fewer radial than angular ones."""

    radial: int
    angular: int


FINE = Size(112, 40)
COARSE = Size(84, 32)

STEPS = 4
"""Newton steps; 3 reach rounding errors for every R in the range."""


class Level(NamedTuple):
    """p = R(−E/2)^{1/2}, the exponent of both functions, and ν, the constant of separation."""

    exponent: Scalar
    separation: Scalar


class Slopes(NamedTuple):
    """∂_pν, ∂_pG and ∂_RG of the eigenvalues ν(p) and G(p, R) = μ + ν, by Hellmann–Feynman."""

    separation: Scalar
    exponent: Scalar
    distance: Scalar


class Solution(NamedTuple):
    """Estimates of μ and ν at one p, good to second order in the error of ν, and their slopes."""

    balance: Scalar
    separation: Scalar
    slopes: Slopes
    angular: Vector


def solve(at: Level, distance: Scalar, parity: int, size: Size) -> Solution:
    """One sweep through both recurrences, from the last basis function to the first."""
    p, ratio = at.exponent, distance / at.exponent
    n = jnp.arange(size.radial, dtype=p.dtype)
    B, C, C1 = 4 * n + 2, 2 * n + 1, -n[1:]
    radial = 2 * n * n + 2 * n + 1 + p * B - ratio * C - (2 * distance - at.separation)
    D, Q, Q1 = (jnp.asarray(part, p.dtype) for part in _angular(size.angular, parity))
    # Both at once, in half the time to compile: rows of the unit matrix are added to the angular.
    padding = (0, size.radial - size.angular)
    angular = jnp.pad(D + p * p * Q - at.separation, padding, constant_values=1)
    diagonals = jnp.stack([radial, angular])
    beside = jnp.stack([ratio * n[1:] - n[1:] ** 2, jnp.pad(p * p * Q1, padding)])
    (x, y), (mu_error, nu_error) = jax.vmap(_null_vector)(diagonals, beside)
    y = y[: size.angular]
    mean_B, mean_C, mean_Q = x * x @ B, _mean(C, C1, x), _mean(Q, Q1, y)
    slope = 2 * p * mean_Q
    slopes = Slopes(slope, mean_B + ratio / p * mean_C + slope, -mean_C / p - 2)
    return Solution(mu_error + nu_error, at.separation + nu_error, slopes, y)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def level(distance: Scalar, parity: int, size: Size) -> Level:
    """The lowest (p, ν) of one parity, by Newton's method.

    Its derivative, dp/dR = −G_R/G_p, calls it again: it has derivatives of every order.
    """

    def improve(_, at: Level) -> Level:
        found = solve(at, distance, parity, size)
        change = -found.balance / found.slopes.exponent
        return Level(at.exponent + change, found.separation + found.slopes.separation * change)

    return jax.lax.fori_loop(0, STEPS, improve, _start(distance, parity))


@level.defjvp
def _level_jvp(parity, size, primals, tangents):
    (distance,), (change,) = primals, tangents
    at = level(distance, parity, size)
    slopes = solve(at, distance, parity, size).slopes
    by_distance = -slopes.distance / slopes.exponent
    return at, Level(by_distance * change, slopes.separation * by_distance * change)


def energy(distance: Scalar, parity: int, size: Size = FINE) -> Scalar:
    """E(R) = −2p²/R²."""
    return -2 * (level(distance, parity, size).exponent / distance) ** 2


def splitting(distance: Scalar) -> Scalar:
    """E_u − E_g to first order, from the flux through the midplane: no cancellation at large R.

    At one p, (ν_u − ν_g)∫₀¹Y_gY_u dη = Y_g(0)Y_u′(0), which is exact; then dp = −(ν_u − ν_g)/G_p.
    """
    at = level(distance, 0, FINE)
    y_g = solve(at, distance, 0, FINE).angular
    nu_u = solve(at, distance, 1, FINE).separation
    ungerade = solve(Level(at.exponent, nu_u), distance, 1, FINE)
    y_u, slope = ungerade.angular, ungerade.slopes.exponent
    value, derivative, overlap = (jnp.asarray(part, y_g.dtype) for part in _midplane(FINE.angular))
    change = -(value @ y_g) * (derivative @ y_u) / (y_g @ overlap @ y_u) / slope
    return -2 * change * (2 * at.exponent + change) / distance**2


def _start(distance: Scalar, parity: int) -> Level:
    """p from the table of E(R); ν from the Rayleigh quotient of cosh pη or sinh pη."""
    coefficients = jnp.asarray(COEFFICIENTS[parity], distance.dtype)
    angle = jnp.arccos((distance - MIDPOINT) / (distance + MIDPOINT))
    cosines = jnp.cos(angle * jnp.arange(coefficients.size, dtype=distance.dtype))
    p = distance * jnp.sqrt(-(cosines @ coefficients) / 2)
    sign = 1 - 2 * parity
    return Level(p, (2 * p / jnp.tanh(2 * p) - 1) / (1 + sign * 2 * p / jnp.sinh(2 * p)))


def _null_vector(diagonal: Vector, beside: Float[Array, " pairs"]) -> tuple[Vector, Scalar]:
    """Unit vector z of a tridiagonal matrix T with (Tz)_k = 0 for k > 0, and zᵀTz.

    If T is singular but for rounding, z is its null vector. Elimination starts from the last row:
    it is stable, because the components of z decay.
    """

    def eliminate(below, row):
        entry, coupling = row
        return entry - coupling**2 / below, -coupling / below

    def multiply(previous, factor):
        return previous * factor, previous * factor

    first, factors = jax.lax.scan(eliminate, diagonal[-1], (diagonal[:-1], beside), reverse=True)
    one = jnp.ones_like(first)
    z = jnp.concatenate([one[None], jax.lax.scan(multiply, one, factors)[1]])
    square = z @ z
    return z / jnp.sqrt(square), first / square


def _mean(diagonal: Vector, beside: Float[Array, " pairs"], vector: Vector) -> Scalar:
    return vector * vector @ diagonal + 2 * (vector[1:] * vector[:-1] @ beside)


@functools.lru_cache
def _angular(size: int, parity: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """l(l+1) and the two bands of 1−η² in normalised Legendre polynomials of one parity."""
    l = 2.0 * np.arange(size) + parity
    up = (l + 1) / np.sqrt((2 * l + 1) * (2 * l + 3))  # ⟨l+1|η|l⟩
    next_up = (l + 2) / np.sqrt((2 * l + 3) * (2 * l + 5))
    down = np.where(l > 0, l / np.sqrt(np.maximum(4 * l * l - 1, 1)), 0)
    return l * (l + 1), 1 - up**2 - down**2, -(up * next_up)[:-1]


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
