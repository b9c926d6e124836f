"""A Wigner function as weighted points, W ≈ Σ_k w_k δ(z − z_k): classical transport moves the points and leaves the weights.

signed_cloud       of any real ψ on a line, whose W may be negative, and the weights with it; several copies tell the sampling error
gaussian_ensemble  of a Gaussian on the phase plane, by quadrature: few points and no sampling error for smooth observables
packet_ensemble    the same for a wave packet of width ħ^α
packet_cloud       of a packet in R³, one large and even cloud: for means whose sampling error nobody asks
packet_copies      of a packet in R³, in independent copies: for means whose sampling error is asked, and small clouds
cloud_three        of a packet of three bodies without rotation (J = 0), as bodies in a plane with L = 0, in independent copies
normal_ensemble    of a product of Gaussian packets in any dimension, from points of the normal law that the caller has
normal_points      such points, in independent copies

A positive W, that of a Gaussian, is sampled by points of equal weight. A signed one needs weights W(z)/Gaussian(z) at the points of a
wider Gaussian: those of the lattice sequence R_2 (n/ρ, n/ρ² mod 1, ρ³ = ρ + 1), mapped by the inverse normal distribution.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import fourier
from jaxwigner._checks import (
    check_finite,
    check_integer,
    check_positive_scalar,
    check_scalar,
    check_shape,
    concrete,
    entries,
    per_axis,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.phase_space._windows import check_state
from jaxwigner.phase_space.wigner import wigner
from jaxwigner.states import Particles
from jaxwigner.states.triangles import Triangles, breathing, plane_bodies

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


def signed_cloud(psi: Any, grid: Grid, hbar: float, number: int, copies: int = 16) -> Cloud:
    """`number` particles, in `copies` shifted copies, that represent the Wigner function of a wave function at rest (d = 1).

    **Arguments:** `psi` real, on `grid`.

    >>> import jaxwigner as jw
    >>> from jaxwigner.phase_space.ensembles import signed_cloud
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> cloud = signed_cloud(jw.coherent_state(grid, 1.0, 0.0, 0.5), grid, 0.5, 2**12)
    >>> abs(float((cloud.weights * cloud.positions**2).sum(1).mean()) - 1.25) < 1e-3
    True
    """
    check_state(psi, grid, "psi")
    require(grid.dimension == 1, "grid", "be one-dimensional", grid.dimension)
    check_positive_scalar("hbar", hbar)
    check_integer("copies", copies, at_least=1)
    check_integer("number", number, at_least=copies)
    if concrete(psi):
        size = np.max(np.abs(np.asarray(psi)))
        require(abs(np.imag(psi)) <= 1e-6 * size, "psi", "be real (a state at rest)", psi)
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
    rho, power = jnp.abs(psi) ** 2, jnp.abs(fourier.fft(psi)) ** 2
    rho, power = rho / rho.sum(), power / power.sum()
    mean, moving = rho @ x, hbar * power @ k
    return (mean, moving), (
        jnp.sqrt(rho @ (x - mean) ** 2),
        jnp.sqrt(power @ (hbar * k - moving) ** 2),
    )


def packet_cloud(
    position: Any, momentum: Any, hbar: Scalar, *, count: int = 2**17, alpha: Scalar = 0.5
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
    unit = _halton(count // 2, (2, 3, 5, 7, 11, 13))
    offsets = np.sqrt(2.0) * jax.scipy.special.erfinv(2 * unit - 1)
    offsets = jnp.concatenate([offsets, -offsets])
    return normal_ensemble(centres[0], centres[1], _deviations(hbar, alpha), offsets)


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
    >>> from jaxwigner.phase_space.ensembles import gaussian_ensemble
    >>> cloud = gaussian_ensemble(0.0, 1.0, (0.5, 0.2), (6, 4))
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
    >>> from jaxwigner.phase_space.ensembles import packet_ensemble
    >>> cloud = packet_ensemble(0.0, 1.0, 0.1, 0.5, (6, 6))
    >>> round(float(jw.observables.moments(cloud)[1][0, 0]), 12)
    0.05
    """
    return gaussian_ensemble(position, momentum, _deviations(hbar, alpha), nodes)


def _deviations(hbar: Scalar, alpha: Scalar) -> tuple[Scalar, Scalar]:
    """Of position and momentum in the packet of width ħ^α."""
    return hbar**alpha * np.sqrt(0.5), hbar ** (1 - alpha) * np.sqrt(0.5)


def normal_ensemble(
    position: Float[Array, " d"],
    momentum: Float[Array, " d"],
    deviations: tuple[Scalar, Scalar],
    normal: Float[Array, "k m"],
) -> Particles:
    """A Gaussian measure in any dimension by points of equal weight: z_k = (q, p) + deviations·normal_k.

    **Arguments:** `normal`: points of the standard normal law, d coordinates for the position and d for the momentum.

    >>> import numpy as np
    >>> from jaxwigner.phase_space.ensembles import normal_ensemble
    >>> points = np.array([[1.0, 0.0, 0.0, 1.0], [-1.0, 0.0, 0.0, -1.0]])
    >>> normal_ensemble(np.zeros(2), np.ones(2), (0.5, 0.25), points).momenta.tolist()
    [[1.0, 1.25], [1.0, 0.75]]
    """
    size = len(position)
    check_shape("momentum", momentum, (size,))
    check_shape("normal", normal, (None, 2 * size))
    count = normal.shape[0]
    x = position[None] + deviations[0] * normal[:, :size]
    p = momentum[None] + deviations[1] * normal[:, size:]
    return Particles(jnp.full(count, 1.0 / count), jnp.asarray(x), jnp.asarray(p))


COPIES = 8


def normal_points(
    dimension: int, count: int = 2**10, copies: int = COPIES, seed: int = 0
) -> Float[np.ndarray, "copies k d"]:
    """Independently scrambled Sobol points of the standard normal law; each `seed` begins `copies` scramblings of its own.

    >>> from jaxwigner.phase_space.ensembles import normal_points
    >>> normal_points(9, 64).shape
    (8, 64, 9)
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    check_integer("count", count, at_least=2)
    points = []
    for number in range(seed * copies, (seed + 1) * copies):
        sobol = qmc.Sobol(dimension, scramble=True, rng=np.random.default_rng(number))
        points.append(ndtri(np.clip(sobol.random(count), 1e-12, 1 - 1e-12)))
    return np.stack(points)


def packet_copies(
    position: float, momentum: float, hbar: float, alpha: float, count: int, copies: int = COPIES
) -> Particles:
    """The Wigner function of the packet of `packet_cloud` as `copies` independent ensembles, one after another.

    Scrambled Sobol points in pairs z₀ ± δz, each copy then mapped linearly so that its covariance is that of the packet.

    >>> import numpy as np
    >>> from jaxwigner.phase_space.ensembles import packet_copies
    >>> z = np.asarray(packet_copies(2.0, -1.0, 0.01, 0.5, 2**12).positions)[:512]
    >>> round(float(np.var(z[:, 0])), 12), round(float(np.mean(z[:, 2])), 12)
    (0.005, 2.0)
    """
    # The first coordinates of the sequence are the most even ones: they go to z and P_z.
    order = np.array([2, 3, 0, 4, 5, 1])
    normal = _paired(count, copies)[:, order]
    axis = np.array([0.0, 0.0, 1.0])
    return normal_ensemble(position * axis, momentum * axis, _deviations(hbar, alpha), normal)


def _paired(particles: int, copies: int, seed: int = 0) -> np.ndarray:
    """Points ±z of the normal law in six dimensions whose covariance is 1 in every copy."""
    half = particles // copies // 2
    points = []
    for normal in normal_points(6, half, copies, seed):
        factor = np.linalg.cholesky(normal.T @ normal / half)
        normal = np.linalg.solve(factor, normal.T).T
        points.append(np.concatenate([normal, -normal]))
    return np.concatenate(points)


FLAT = 3.3  # standard deviations that must fit before R = 0, r = 0, cos γ = ±1: 1e-3 of the packet may be beyond


def cloud_three(
    hbar: Scalar,
    distance: Scalar,
    velocity: Scalar = 0.0,
    *,
    masses: Any = 1.0,
    frequencies: Any = (1.0, 1.0),
    matrix: Any = None,
    count: int = 2**14,
    copies: int = COPIES,
    seed: int = 0,
) -> Particles:
    """The Wigner function of a packet of three bodies without rotation, as bodies in a plane with L = 0.

    u ∝ e^{−zᵀAz/2ħ + i(P_RR + P_rr)/ħ}, z = (R − R₀, r − r₀, (cos γ₀ − cos γ)/sin γ₀), in Jacobi's coordinates R, r, γ. The volume
    is dR dr d(cos γ), flat in z: W is the Gaussian of covariances ħA⁻¹/2 and ħA/2. That is the classical twin of a J = 0 packet; since
    T is curved in z, means agree to O(ħ²), not better. It is moved by `CoulombBodies`, method "strang".

    **Arguments:** `hbar`; `distance`: side d of the equilateral triangle where the packet sits; `velocity`: d′; `masses`: one number
    or three; `frequencies`: ω₁ of breathing, ω₂ of bending, which say A; or `matrix`: A itself, 3×3, symmetric, positive;
    `count`: of configurations, in `copies` independently scrambled Sobol sequences one after another, each in pairs ±z with the exact
    covariance; `seed`: other ones. `hbar`, `distance`, `velocity` may be traced.

    **Raises:** `ValueError` for a packet that reaches R = 0, r = 0 or cos γ = ±1, and a count that is no even multiple of `copies`.

    >>> import jaxwigner as jw
    >>> cloud = jw.cloud_three(0.05, 3.0, -2.0, count=2**10)
    >>> run = jw.evolve(jw.CoulombBodies([[1.0] * 3] * 3), cloud, duration=0.5, steps=10, method="strang")
    >>> round(float(jw.observables.triangle_means(run.state)["r12"].mean), 2)
    2.06
    """
    check_positive_scalar("hbar", hbar)
    check_integer("copies", copies, at_least=2)
    check_integer("count", count, at_least=16 * copies)
    check_integer("seed", seed, at_least=0)
    whole = count % (2 * copies) == 0
    require(whole, "count", f"be an even multiple of the {copies} copies", count)
    start = breathing(distance, velocity, masses, frequencies)
    A = start.matrix if matrix is None else _form(matrix)
    spread = 0.5 * hbar * jnp.linalg.inv(A)
    R, r, c = start.centre
    sine = jnp.sqrt(1 - c**2)
    _check_room((R, r, (1 - jnp.abs(c)) / sine), spread)
    # Columns that decide most, the stretches, are the most even ones of the sequence.
    normal = _paired(count, copies, seed)
    far, near, turned = jnp.linalg.cholesky(spread) @ normal[:, [0, 1, 4]].T
    kick = jnp.linalg.cholesky(0.5 * hbar * A) @ normal[:, [2, 3, 5]].T
    cosine = c - sine * turned
    cosine = jnp.where(jnp.abs(cosine) > 1, jnp.sign(cosine) * 2 - cosine, cosine)
    P = jnp.stack(start.momentum)[:, None] + kick
    momenta = Triangles(P[0], P[1], -P[2] / sine)
    bodies = plane_bodies(Triangles(R + far, r + near, cosine), momenta, masses)
    return Particles(jnp.full(count, 1.0 / count), *bodies)


def _form(matrix: Any) -> Any:
    """A as it must be."""
    check_finite("matrix", matrix, (3, 3))
    if concrete(matrix):
        A = np.asarray(matrix)
        symmetric = np.allclose(A, A.T, rtol=1e-9, atol=1e-12 * np.abs(A).max())
        require(symmetric, "matrix", "be symmetric", matrix)
        least = float(np.linalg.eigvalsh(A)[0])
        require(least > 0, "matrix", "be positive definite", least)
    return jnp.asarray(matrix, float)


def _check_room(room: Any, spread: Any) -> None:
    """The packet is away from R = 0, r = 0 and cos γ = ±1."""
    if not concrete((room, spread)):
        return
    wide = FLAT * np.sqrt(np.diag(np.asarray(spread)))
    for name, free, width in zip(("R", "r", "cos γ"), room, wide):
        must = f"leave {name} the room of {FLAT:g} standard deviations, {width:.3g}"
        require(width < float(free), "hbar", must, f"too large for {float(free):.3g}")
