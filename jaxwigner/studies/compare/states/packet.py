"""A Gaussian packet: of the width of the well that it slides into, or of a given one.

ψ ∝ exp(−(x − q)·A(x − q)/2ħ + ip·(x − q)/ħ), with the Wigner function N((q, p), ½ħ diag(A⁻¹, A)). The ground state of the harmonic well
has A = M^{½}ΩM^{½}, Ω² = M^{−½} D²U M^{−½}: the width √(ħ/2mω) along every coordinate where they are not coupled.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner._checks import (
    check_positive,
    check_positive_scalar,
    concrete,
    entries,
    per_axis,
    require,
)
from jaxwigner._types import Array
from jaxwigner.compiled import compiled
from jaxwigner.grid import Grid, Scalar
from jaxwigner.states import squeezed_state
from jaxwigner.studies.compare.states.own import OwnSystem, ground_matrix
from jaxwigner.studies.compare.states.state import SIGMAS, State
from jaxwigner.units import quantity

ANGLES = 32
DIRECTIONS = 64  # beside the ellipses of each coordinate, where there is more than one


class Packet(State):
    """A Gaussian packet at (position, momentum), a product or the ground state of a well (d = 1, 2, … any).

    **Arguments:** `position`, `momentum`: numbers (d = 1) or sequences of length d, in bohr and ħ/bohr, may be traced, or text with a
    unit ("1.2 angstrom"); `width`: the standard deviation of the position, a number or one for each coordinate; or instead of it
    `frequency`: ω of the oscillator with the masses of the system whose ground state it is, √(ħ/2mω). Default: the ground state of
    the harmonic well into which `position` slides on the potential, with its correlations where coordinates are coupled.

    **Raises:** `ValueError` for values that cannot be right, and for a width that is not given where there is no well.

    >>> import jaxwigner as jw
    >>> from jaxwigner import OwnSystem
    >>> oh = OwnSystem(jw.potentials.Morse(0.1994, 1.189, 1.821), 1728.539)
    >>> packet = jw.Packet(position=2.2)
    >>> round(float(packet.deviations(oh)[0][0]), 6)
    0.126557
    >>> psi = packet.wave(oh, jw.Grid(1.0, 4.0, 96))
    >>> cloud = packet.cloud(oh, number=1024)
    >>> round(float(cloud.weights @ cloud.positions[:, 0]), 3)
    2.2
    """

    position: tuple[Scalar, ...]
    momentum: tuple[Scalar, ...]
    width: tuple[Scalar, ...] | None
    frequency: tuple[Scalar, ...] | None

    def __init__(
        self, position: Any, momentum: Any = 0.0, width: Any = None, frequency: Any = None
    ):
        position = quantity(position, "length", "position")
        d = len(entries(position))
        self.position = per_axis("position", position, d)
        momentum = quantity(momentum, "momentum", "momentum")
        self.momentum = per_axis("momentum", momentum, d)
        if width is not None:
            width = quantity(width, "length", "width")
            check_positive("width", width)
            width = per_axis("width", width, d)
            require(frequency is None, "frequency", "be left out beside `width`", frequency)
        if frequency is not None:
            frequency = quantity(frequency, "frequency", "frequency")
            check_positive("frequency", frequency)
            frequency = per_axis("frequency", frequency, d)
        self.width, self.frequency = width, frequency

    def matrix(self, system: OwnSystem, hbar: Scalar = 1.0) -> Float[Array, "d d"]:
        """A: covariances of position and momentum are ½ħA⁻¹ and ½ħA."""
        self._check(system)
        check_positive_scalar("hbar", hbar)
        if self.width is not None:
            return jnp.diag(
                jnp.stack([hbar / (2 * jnp.asarray(w, float) ** 2) for w in self.width])
            )
        if self.frequency is not None:
            both = zip(system.mass, self.frequency)
            return jnp.diag(jnp.stack([jnp.asarray(m * omega, float) for m, omega in both]))
        must = "be given: there is no well into which `position` slides"
        start = [jnp.asarray(q, float) for q in self.position]
        A, good = ground_matrix(system, start, hbar)
        if concrete(good):
            require(bool(good), "width", must, None)
        return A

    def _check(self, system: OwnSystem) -> None:
        d = len(self.position)
        require(system.d == d, "position", f"have {system.d} coordinates, as the system", d)
        inside = system.potential.covers(self.position, self.position)
        if concrete((inside, self.position)):
            must = f"lie where the potential is defined, between {_ends(system)}"
            require(inside, "position", must, self.position if d > 1 else self.position[0])

    def wave(self, system: OwnSystem, grid: Grid, hbar: Scalar = 1.0) -> Complex[Array, "*shape"]:
        """ψ on a grid of the system's dimension."""
        require(grid.dimension == system.d, "grid", f"have dimension {system.d}", grid.dimension)
        A = self.matrix(system, hbar)
        apart = A - jnp.diag(jnp.diagonal(A))
        squeezing = tuple(1 / a for a in jnp.diagonal(A))
        if concrete(squeezing):
            squeezing = tuple(float(s) for s in squeezing)
        psi = squeezed_state(grid, self.position, self.momentum, hbar, squeezing)
        if system.d == 1 or (concrete(apart) and not np.any(np.asarray(apart))):
            return psi
        return psi * self._coupling(A, apart, grid, hbar)

    def _coupling(self, A: Array, apart: Array, grid: Grid, hbar: Scalar) -> Array:
        """What the coupled Gaussian has beside the product of those of its coordinates."""
        offsets = [x - q for x, q in zip(grid.mesh, self.position)]
        exponent: Any = 0.0
        for i, a in enumerate(offsets):
            for j, b in enumerate(offsets[:i]):
                exponent = exponent + apart[i, j] * a * b
        norm = (jnp.linalg.det(A) / jnp.prod(jnp.diagonal(A))) ** 0.25
        return norm * jnp.exp(-exponent / hbar)

    def points(
        self, system: OwnSystem, hbar: Scalar, uniforms: Float[Array, "n m"]
    ) -> tuple[Float[Array, "n d"], Float[Array, "n d"], Float[Array, " n"]]:
        """Quantiles of the Gaussian W, of equal weight."""
        normal = jax.scipy.special.ndtri(jnp.asarray(uniforms))
        q, p = self._moved(system, hbar, normal)
        return q, p, jnp.ones(q.shape[0], q.dtype)

    def _moved(self, system: OwnSystem, hbar: Scalar, normal: Array) -> tuple[Array, Array]:
        """Points of the standard normal law as points of W."""
        q, p = self.centre(system, hbar)
        return moved(self.matrix(system, hbar), hbar, q, p, normal)

    def centre(
        self, system: OwnSystem, hbar: Scalar = 1.0
    ) -> tuple[Float[Array, " d"], Float[Array, " d"]]:
        """Position and momentum as given."""
        self._check(system)
        vectors = (self.position, self.momentum)
        q, p = (jnp.stack([jnp.asarray(x, float) for x in v]) for v in vectors)
        return q, p

    def deviations(
        self, system: OwnSystem, hbar: Scalar = 1.0
    ) -> tuple[Float[Array, " d"], Float[Array, " d"]]:
        """Standard deviations of position and of momentum."""
        A = self.matrix(system, hbar)
        both = jnp.diagonal(jnp.linalg.inv(A)), jnp.diagonal(A)
        q, p = (jnp.sqrt(0.5 * hbar * variances) for variances in both)
        return q, p

    def rim(
        self, system: OwnSystem, hbar: Scalar = 1.0, sigmas: float = SIGMAS
    ) -> tuple[Float[Array, "k d"], Float[Array, "k d"]]:
        """Ellipses of `sigmas` standard deviations in each pair of coordinates, and fixed directions between them."""
        check_positive_scalar("sigmas", sigmas)
        return self._moved(system, hbar, sigmas * _directions(system.d))


@compiled
def moved(A: Array, hbar: Scalar, q: Array, p: Array, normal: Array) -> tuple[Array, Array]:
    """Points of the standard normal law as points of N((q, p), ½ħ diag(A⁻¹, A))."""
    d, scale = q.shape[0], jnp.sqrt(0.5 * jnp.asarray(hbar, A.dtype))
    if d == 1:
        L = jnp.sqrt(A)
        return q[None] + scale * normal[:, :1] / L, p[None] + scale * normal[:, 1:] * L
    L = jnp.linalg.cholesky(A)  # A = LLᵀ
    back = jax.scipy.linalg.solve_triangular(L, jnp.eye(d, dtype=L.dtype), lower=True)
    return q[None] + scale * normal[:, :d] @ back, p[None] + scale * normal[:, d:] @ L.T


def _directions(d: int) -> np.ndarray:
    """Unit vectors of phase space."""
    angles = 2 * np.pi * np.arange(ANGLES) / ANGLES
    circles = np.zeros((d, ANGLES, 2 * d))
    for j in range(d):
        circles[j, :, j], circles[j, :, d + j] = np.cos(angles), np.sin(angles)
    rows = [circles.reshape(-1, 2 * d)]
    if d > 1:
        random = np.random.default_rng(0).normal(size=(DIRECTIONS, 2 * d))
        rows.append(random / np.linalg.norm(random, axis=1, keepdims=True))
    return np.concatenate(rows)


def _ends(system: OwnSystem) -> str:
    return " and ".join(str(np.asarray(end, float).tolist()) for end in system.potential.domain)
