"""The exact free motion of three nuclei at J = 0: Legendre polynomials in γ, and for every j the eigenvectors of both radial motions.

    T = Σ_j |j⟩⟨j| ⊗ (ħ²/2μ_R)[−∂_R² + j(j+1)/R²] + (ħ²/2μ_r)[−∂_r² + j(j+1)/r²]

commute for every j, so that e^{−iTτ/ħ} is: to j by B_jγ = p_j(x_γ)√w_γ, to the eigenvectors Q_j of both brackets, phases, and back. On
a grid of length L the brackets are L⁻² times those of length 1: B and Q depend on numbers of points alone. They are real orthogonal
matrices between amplitudes √w u, and meet real and imaginary parts separately.
"""

from __future__ import annotations

import dataclasses
import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.engine.flows import PhaseFlow
from jaxwigner.observables.diagnostics import TAIL
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid, unit_kinetic, unit_nodes

EXCHANGES = ("even", "odd")
Amplitudes = Complex[Array, "a R r"]
Spectrum = Complex[Array, "j p q"]


class RadialModes(eqx.Module):
    """For every j the eigenvectors of −∂_q² + j(j+1)/q² on a grid of length 1, and its eigenvalues."""

    vectors: Float[Array, "j n p"]
    levels: Float[Array, "j p"]


class FreeModes(eqx.Module):
    """What free motion is diagonal in."""

    legendre: Float[Array, "j a"]
    outer: RadialModes  # of R
    inner: RadialModes  # of r

    def analyse(self, u: Amplitudes) -> Spectrum:
        """From amplitudes at the nodes to those of free waves."""
        return _by_parts(self._analyse, u)

    def synthesise(self, spectrum: Spectrum) -> Amplitudes:
        """Back to the nodes."""
        return _by_parts(self._synthesise, spectrum)

    def _analyse(self, u: Float[Array, "a R r"]) -> Float[Array, "j p q"]:
        B, Q, q = _matrices(self, u)
        waves = _product("ja,aRr->jRr", B, u)
        return _product("jpr,jrq->jpq", _product("jRp,jRr->jpr", Q, waves), q)

    def _synthesise(self, spectrum: Float[Array, "j p q"]) -> Float[Array, "a R r"]:
        B, Q, q = _matrices(self, spectrum)
        waves = _product("jRq,jrq->jRr", _product("jRp,jpq->jRq", Q, spectrum), q)
        return _product("ja,jRr->aRr", B, waves)


class FreeMotion(PhaseFlow):
    """u ↦ e^{−iTτ/ħ}u of amplitudes (γ, R, r); the phases are those of R, (j, p, 1), and of r, (j, 1, q)."""

    modes: FreeModes = eqx.field(kw_only=True)

    def analyse(self, u):
        return self.modes.analyse(u)

    def synthesise(self, spectrum):
        return self.modes.synthesise(spectrum)

    def pull(self, c, ready, pair):
        before, bar = super().pull(c, ready, pair)
        return before, dataclasses.replace(bar, modes=jax.tree.map(jnp.zeros_like, self.modes))


def free_modes(
    radii: tuple[RadialGrid, RadialGrid], angles: int, exchange: str | None
) -> FreeModes:
    """The matrices of two radial grids and a number of nodes in γ."""
    degrees = degrees_of(angles, exchange)
    outer, inner = (_radial_modes(one.points, one.kind, degrees) for one in radii)
    legendre = jnp.asarray(_legendre_matrix(angles, exchange))
    return FreeModes(
        legendre, RadialModes(*map(jnp.asarray, outer)), RadialModes(*map(jnp.asarray, inner))
    )


def degrees_of(angles: int, exchange: str | None) -> tuple[int, ...]:
    """The j of the basis: all, or those of one parity under the exchange of nuclei 1 and 2.

    >>> from jaxwigner.quantum.three_nuclei.free_motion import degrees_of
    >>> degrees_of(3, None), degrees_of(3, "even"), degrees_of(3, "odd")
    ((0, 1, 2), (0, 2, 4), (1, 3, 5))
    """
    step, first = (1, 0) if exchange is None else (2, EXCHANGES.index(exchange))
    return tuple(range(first, first + step * angles, step))


@functools.lru_cache(maxsize=32)
def angular_nodes(angles: int, exchange: str | None) -> tuple[np.ndarray, np.ndarray]:
    """cos γ and weights of ∫d(cos γ): Gauss's of `angles` nodes, or the positive half of twice as many with twice their weights.

    >>> from jaxwigner.quantum.three_nuclei.free_motion import angular_nodes
    >>> [round(float(sum(angular_nodes(5, one)[1])), 12) for one in (None, "even")]
    [2.0, 2.0]
    """
    if exchange is None:
        return np.polynomial.legendre.leggauss(angles)
    x, w = np.polynomial.legendre.leggauss(2 * angles)
    return x[angles:], 2 * w[angles:]


def is_outer(grid: RadialGrid, levels: Float[Array, "j p"]) -> Array:
    """Whether free waves lie in the outer tenth of what a grid resolves, k > .9 k_max: πn of n sines, 2n amid n Lobatto nodes."""
    highest = (np.pi if grid.kind == "sine" else 2.0) * grid.points
    return levels > ((1 - TAIL) * highest) ** 2


@functools.lru_cache(maxsize=8)
def _legendre_matrix(angles: int, exchange: str | None) -> np.ndarray:
    """B_jγ, orthogonal, since Gauss's rule is exact for products of these polynomials."""
    x, w = angular_nodes(angles, exchange)
    degrees = np.array(degrees_of(angles, exchange))
    values = np.polynomial.legendre.legvander(x, int(degrees[-1])).T[degrees]
    return np.sqrt(degrees + 0.5)[:, None] * values * np.sqrt(w)


@functools.lru_cache(maxsize=8)
def _radial_modes(
    points: int, kind: str, degrees: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    j = np.array(degrees, float)
    walls = (j * (j + 1))[:, None] / unit_nodes(points, kind) ** 2
    matrices = unit_kinetic(points, kind)[None] + walls[:, None, :] * np.eye(points)
    levels, vectors = np.linalg.eigh(matrices)
    return vectors, levels


def _matrices(modes: FreeModes, like: Array) -> tuple[Array, Array, Array]:
    """B, Q^R and Q^r in the precision of a field; they have no derivative."""
    every = modes.legendre, modes.outer.vectors, modes.inner.vectors
    B, Q, q = (jax.lax.stop_gradient(one.astype(like.dtype)) for one in every)
    return B, Q, q


def _product(axes: str, left: Array, right: Array) -> Array:
    return jnp.einsum(axes, left, right, precision=jax.lax.Precision.HIGHEST)


def _by_parts(transform, u: Array) -> Array:
    if not jnp.iscomplexobj(u):
        return transform(u)
    return jax.lax.complex(transform(jnp.real(u)), transform(jnp.imag(u)))
