"""A Wigner function as weighted particles: quasi-random points of a Gaussian, each with the weight W(z)/Gaussian(z).

The points are those of the lattice sequence R_2 (n/ρ, n/ρ² mod 1, ρ³ = ρ + 1), mapped by the inverse normal distribution. Where W is
negative, so are the weights; classical transport moves the points and leaves the weights. Several shifted copies of the
sequence tell the sampling error.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import (
    check_integer,
    check_positive_scalar,
    check_scalar,
    entries,
    per_axis,
    require,
)
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.phase_space.wigner import wigner
from jaxwigner.states import Particles

PLASTIC = 1.32471795724474602596  # ρ
WIDER = 1.15  # the Gaussian's standard deviations, in those of W
REACH = 6.5  # half-width of the table of W, in its standard deviations
PIXELS = 512
STUDENT = 2.13  # 95 %, for 16 copies


class Cloud(NamedTuple):
    """Signed `weights`, `positions` and `momenta`, each (copy, particle); every copy alone represents W."""

    weights: Any
    positions: Any
    momenta: Any


def lattice(number: int, shift: Any) -> Any:
    """`number` points of the sequence R_2 in the unit square, shifted; shape (number, 2).

    >>> from jaxwigner.phase_space.ensembles import lattice
    >>> lattice(2, 0.0).round(6).tolist()
    [[0.754878, 0.56984], [0.509755, 0.139681]]
    """
    steps = np.array([1 / PLASTIC, 1 / PLASTIC**2])
    counts = np.arange(1, number + 1)
    return (counts[:, None] * steps[None, :] + shift) % 1.0


def wigner_cloud(psi: Any, grid: Grid, hbar: float, number: int, copies: int = 16) -> Cloud:
    """`number` particles, in `copies` shifted copies, that represent the Wigner function of a wave function at rest (d = 1).

    **Arguments:** `psi` real, on `grid`.

    >>> import jaxwigner as jw
    >>> from jaxwigner.phase_space.ensembles import wigner_cloud
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> cloud = wigner_cloud(jw.coherent_state(grid, 1.0, 0.0, 0.5), grid, 0.5, 2**12)
    >>> abs(float((cloud.weights * cloud.positions**2).sum(1).mean()) - 1.25) < 1e-3
    True
    """
    centre, widths = _moments(psi, grid, hbar)
    low = (centre[0] - REACH * widths[0], -REACH * widths[1])
    table = PhaseGrid(
        Grid(low[0], centre[0] + REACH * widths[0], PIXELS),
        Grid(low[1], REACH * widths[1], PIXELS),
    )
    shifts = np.random.default_rng(0).uniform(size=(copies, 1, 2))
    points = np.stack([lattice(number // copies, shift) for shift in shifts])
    W = wigner(psi, grid, table, hbar)
    normal = jax.scipy.special.ndtri(points)
    positions = centre[0] + WIDER * widths[0] * normal[..., 0]
    momenta = WIDER * widths[1] * normal[..., 1]
    pixels = (
        (positions - low[0]) / table.position.spacing[0],
        (momenta - low[1]) / table.momentum.spacing[0],
    )
    values = jax.scipy.ndimage.map_coordinates(W, pixels, order=1)
    weights = values * jnp.exp(0.5 * jnp.sum(normal**2, axis=-1))
    return Cloud(weights / jnp.sum(weights, axis=1, keepdims=True), positions, momenta)


def _moments(psi: Any, grid: Grid, hbar: Scalar) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Means and standard deviations of position and momentum."""
    x, k = grid.axes[0], grid.wavenumbers[0]
    rho, power = jnp.abs(psi) ** 2, jnp.abs(jnp.fft.fft(psi)) ** 2
    rho, power = rho / rho.sum(), power / power.sum()
    mean, moving = rho @ x, hbar * power @ k
    return (mean, moving), (
        jnp.sqrt(rho @ (x - mean) ** 2),
        jnp.sqrt(power @ (hbar * k - moving) ** 2),
    )


def packet_cloud(
    position: Any,
    momentum: Any,
    hbar: Scalar,
    *,
    count: int = 2**17,
    alpha: Scalar = 0.5,
) -> Particles:
    """The Wigner function of a Gaussian packet in R³ as a cloud of quasi-random points: variances ½ħ^{2α} and ½ħ^{2−2α}.

    Halton's points in pairs z₀ ± δz: odd moments about the centre are exact, second moments to about 1e-4 at 2^17 points.

    **Arguments:** `position`, `momentum`: R₀ and P₀, vectors of R³ or numbers, which stand for (0, 0, number); `hbar`; `count`: an even
    number of points; `alpha`: the exponent of the width s = ħ^α.

    >>> import jaxwigner as jw
    >>> cloud = jw.packet_cloud(2.0, -1.0, 0.1, count=4096)
    >>> mean, covariance = jw.observables.moments(cloud)
    >>> round(float(mean[2]), 9), round(float(mean[5]), 9), round(float(covariance[0, 0]), 3)
    (2.0, -1.0, 0.05)
    """
    check_positive_scalar("hbar", hbar)
    check_scalar("alpha", alpha)
    check_integer("count", count, at_least=2)
    require(count % 2 == 0, "count", "be even", count)
    centres = []
    for name, value in (("position", position), ("momentum", momentum)):
        axes = per_axis(name, value, 1 if len(entries(value)) == 1 else 3)
        centres.append(jnp.stack([jnp.asarray(v, float) for v in (0.0, 0.0, *axes)[-3:]]))
    offsets = np.sqrt(2.0) * jax.scipy.special.erfinv(
        2 * _halton(count // 2, (2, 3, 5, 7, 11, 13)) - 1
    )
    offsets = jnp.concatenate([offsets, -offsets])
    R = centres[0][None] + hbar**alpha * np.sqrt(0.5) * offsets[:, :3]
    P = centres[1][None] + hbar ** (1 - alpha) * np.sqrt(0.5) * offsets[:, 3:]
    return Particles(jnp.full(count, 1.0 / count), R, P)


def _halton(count: int, bases: tuple[int, ...]) -> np.ndarray:
    """Radical inverses of 1 … count in coprime bases: a sequence of low discrepancy in the open unit cube."""
    columns = []
    for base in bases:
        rest, inverse, place = np.arange(1, count + 1), np.zeros(count), 1.0
        while rest.any():
            place /= base
            inverse += place * (rest % base)
            rest //= base
        columns.append(inverse)
    return np.stack(columns, axis=1)


def gaussian_ensemble(
    position: Scalar, momentum: Scalar, deviations: tuple[Scalar, Scalar], nodes: tuple[int, int]
) -> Particles:
    """A Gaussian measure on the phase plane as Gauss–Hermite nodes: exact for polynomials, no sampling error.

    **Arguments:** `deviations`: standard deviations in position and momentum, may be 0 or traced; `nodes`: numbers of nodes.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.afg import classical_limit
    >>> cloud = classical_limit.gaussian_ensemble(0.0, 1.0, (0.5, 0.2), (6, 4))
    >>> mean, covariance = jw.observables.moments(cloud)
    >>> [round(float(v), 12) for v in covariance.diagonal()]
    [0.25, 0.04]
    """
    (x, u), (y, v) = (np.polynomial.hermite.hermgauss(n) for n in nodes)
    q = position + deviations[0] * np.sqrt(2.0) * jnp.asarray(x)
    p = momentum + deviations[1] * np.sqrt(2.0) * jnp.asarray(y)
    weights = jnp.asarray(np.outer(u, v).reshape(-1) / np.pi)
    first, second = jnp.meshgrid(q, p, indexing="ij")
    return Particles(weights, first.reshape(-1), second.reshape(-1))


def packet_ensemble(
    position: Scalar, momentum: Scalar, hbar: Scalar, alpha: Scalar, nodes: tuple[int, int]
) -> Particles:
    """The Wigner function of a Gaussian packet as an ensemble: variances ½ħ^{2α} and ½ħ^{2−2α}.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.afg import classical_limit
    >>> cloud = classical_limit.packet_ensemble(0.0, 1.0, 0.1, 0.5, (6, 6))
    >>> round(float(jw.observables.moments(cloud)[1][0, 0]), 12)
    0.05
    """
    deviations = (hbar**alpha / np.sqrt(2.0), hbar ** (1 - alpha) / np.sqrt(2.0))
    return gaussian_ensemble(position, momentum, deviations, nodes)


COPIES = 8


def normal_points(
    dimension: int, count: int = 2**10, copies: int = COPIES
) -> Float[np.ndarray, "copies k d"]:
    """Independently scrambled Sobol points of the standard normal law.

    >>> from jaxwigner.theorems.afg.coulomb import bodies as coulomb_bodies
    >>> coulomb_bodies.normal_points(9, 64).shape
    (8, 64, 9)
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    check_integer("count", count, at_least=2)
    points = []
    for seed in range(copies):
        sobol = qmc.Sobol(dimension, scramble=True, rng=np.random.default_rng(seed))
        points.append(ndtri(np.clip(sobol.random(count), 1e-12, 1 - 1e-12)))
    return np.stack(points)


def packet_copies(
    distance: float,
    momentum: float,
    epsilon: float,
    particles: int,
    *,
    alpha: float = 0.5,
    copies: int = COPIES,
) -> Particles:
    """The Wigner function of the packet as `copies` independent ensembles, one after another.

    Scrambled Sobol points in pairs z₀ ± δz, each copy then mapped linearly so that its covariance is that of the packet.

    >>> import numpy as np
    >>> from jaxwigner.phase_space.ensembles import packet_copies
    >>> z = np.asarray(packet_copies(2.0, -1.0, 0.01, 2**12).positions)[:512]
    >>> round(float(np.var(z[:, 0])), 12), round(float(np.mean(z[:, 2])), 12)
    (0.005, 2.0)
    """
    half = particles // copies // 2
    points = []
    for normal in normal_points(6, half, copies):
        factor = np.linalg.cholesky(normal.T @ normal / half)
        normal = np.linalg.solve(factor, normal.T).T
        points.append(np.concatenate([normal, -normal]))
    # The first coordinates of the sequence are the most even ones: they go to z and P_z.
    order = np.array([2, 3, 0, 4, 5, 1])
    normal = np.concatenate(points)[:, order] * np.sqrt(0.5)
    axis = np.array([0.0, 0.0, 1.0])
    R = distance * axis + epsilon**alpha * normal[:, :3]
    P = momentum * axis + epsilon ** (1 - alpha) * normal[:, 3:]
    count = len(normal)
    return Particles(jnp.full(count, 1.0 / count), jnp.asarray(R), jnp.asarray(P))
