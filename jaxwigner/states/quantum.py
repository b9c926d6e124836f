"""States: quantum ones on a grid or in the oscillator basis, classical ones as weighted particles.

Coherent state (Golse–Paul §2):     ⟨y|z,ħ⟩ = (πħ)^{−d/4} e^{−|y−q|²/2ħ} e^{ip·(y−q)/ħ},  z = (q, p)
Wave packet (Ambrosio–Friesecke–Giannoulis §1):  ħ^{−αd/2} e^{ip·x/ħ} φ((x−q)/ħ^α)
Mixed state:                         R = Σ_j w_j |ψ_j⟩⟨ψ_j|
Oscillator basis (d = 1):            R = Σ_mn ρ_mn |φ_m⟩⟨φ_n|, φ_n the Hermite functions of −ħ²∂²/2 + x²/2
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxwigner._checks import (
    check_callable,
    check_finite,
    check_finite_complex,
    check_integer,
    check_positive_scalar,
    check_scalar,
    check_shape,
    check_weights,
    concrete,
    per_axis,
    require,
)
from jaxwigner.grid import Grid, PhaseGrid, Scalar


class MixedState(eqx.Module):
    """R = Σ_j w_j |ψ_j⟩⟨ψ_j|: `weights` (J,) and `orbitals` (J, *grid.shape), not necessarily orthogonal.

    **Raises:** `ValueError` if the weights are negative or the numbers of weights and orbitals differ.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.0, 1.0, hbar=0.5)
    >>> jw.MixedState([0.5, 0.5], [psi, psi.conj()]).orbitals.shape
    (2, 64)
    """

    weights: Float[Array, " orbital"]
    orbitals: Complex[Array, "orbital *shape"]

    def __init__(self, weights: Any, orbitals: Any):
        check_weights("weights", weights, total=None)
        check_finite_complex("orbitals", orbitals)
        self.weights = as_inexact(weights)
        self.orbitals = jnp.asarray(orbitals)
        require(self.orbitals.ndim >= 2, "orbitals", "have an orbital axis", self.orbitals)
        check_shape("weights", self.weights, (self.orbitals.shape[0],))


class FockState(eqx.Module):
    """R = Σ_mn ρ_mn |φ_m⟩⟨φ_n| in the basis of the harmonic oscillator of frequency 1 and the given ħ (d = 1).

    The conversion from QuTiP and dynamiqs: `FockState(rho.full(), hbar)` or `FockState(rho.to_numpy(), hbar)`; their
    quadratures x, p with [x, p] = i are ours at ħ = 1.

    **Arguments:** `matrix`: ρ, (n, n), Hermitian; `hbar`: ħ > 0.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> jw.FockState(jnp.diag(jnp.array([0.75, 0.25])), hbar=0.1).number
    2
    """

    matrix: Complex[Array, "n n"]
    hbar: Scalar

    def __init__(self, matrix: Any, hbar: Scalar):
        check_finite_complex("matrix", matrix)
        matrix = jnp.asarray(matrix)
        require(matrix.ndim == 2, "matrix", "be a square matrix", matrix)
        check_shape("matrix", matrix, (matrix.shape[0], matrix.shape[0]))
        check_positive_scalar("hbar", hbar)
        if concrete(matrix):
            scale = float(abs(matrix).max())
            hermitian = abs(matrix - matrix.conj().T) <= 1e-6 * max(scale, 1e-300)
            require(hermitian, "matrix", "be Hermitian", matrix)
        self.matrix = as_complex(matrix)
        self.hbar = hbar

    @property
    def number(self) -> int:
        """Size of the basis: levels 0 … number − 1."""
        return self.matrix.shape[0]


class Particles(eqx.Module):
    """A probability measure Σ_k w_k δ_(q_k, p_k) on phase space: `weights` (K,), `positions` and `momenta` (K, d).

    For d = 1 positions and momenta may be given as (K,).

    **Raises:** `ValueError` for negative weights, a sum other than 1, or shapes that do not fit.

    >>> import jaxwigner as jw
    >>> jw.Particles([0.5, 0.5], [0.0, 1.0], [1.0, -1.0]).positions.shape
    (2, 1)
    """

    weights: Float[Array, " k"]
    positions: Float[Array, "k d"]
    momenta: Float[Array, "k d"]

    def __init__(self, weights: Any, positions: Any, momenta: Any):
        check_weights("weights", weights)
        check_finite("positions", positions)
        check_finite("momenta", momenta)
        self.weights = as_inexact(weights)
        self.positions = _columns(positions)
        self.momenta = _columns(momenta)
        check_shape("positions", self.positions, (self.weights.shape[0], None))
        check_shape("momenta", self.momenta, self.positions.shape)

    @property
    def dimension(self) -> int:
        """d."""
        return self.positions.shape[1]


class Density(eqx.Module):
    """A probability measure on phase space that is constant on the cells centred at the points of a grid.

    **Arguments:** `values`: the density, of the grid's shape, ≥ 0 up to rounding (which is clipped), Σ values · cell = 1;
    `grid`: a `PhaseGrid`.

    **Raises:** `ValueError` for another shape, negative values or another mass.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.PhaseGrid(jw.Grid(-1.0, 1.0, 4), jw.Grid(-2.0, 2.0, 6))
    >>> jw.Density(jnp.full((4, 6), 1 / 8), grid).dimension
    1
    """

    values: Float[Array, "*shape"]
    grid: PhaseGrid

    def __init__(self, values: Any, grid: PhaseGrid):
        check_finite("values", values)
        require(isinstance(grid, PhaseGrid), "grid", "be a PhaseGrid", grid)
        check_shape("values", values, grid.shape)
        self.values = as_inexact(values)
        self.grid = grid
        if concrete((self.values, grid.cell)):
            array = np.asarray(self.values)
            least = -1e-10 * max(float(array.max()), 1e-300)
            require(array.min() >= least, "values", "be non-negative", float(array.min()))
            mass = float(array.sum()) * float(grid.cell)
            require(abs(mass - 1) <= 1e-6, "values", "have mass 1 on the grid", mass)
        self.values = jnp.maximum(self.values, 0.0)

    @property
    def dimension(self) -> int:
        """d."""
        return self.grid.dimension


class Gaussian(eqx.Module):
    """A Gaussian on phase space: `mean` (2d,) and `covariance` (2d, 2d), in the order x_1 … x_d, ξ_1 … ξ_d.

    As a classical measure N(m, Σ); as a quantum state the one whose Wigner function is N(m, S), which needs S + iħJ/2 ≥ 0.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> jw.Gaussian(jnp.zeros(2), jnp.eye(2)).dimension
    1
    """

    mean: Float[Array, " m"]
    covariance: Float[Array, "m m"]

    def __init__(self, mean: Any, covariance: Any):
        check_finite("mean", mean)
        check_finite("covariance", covariance)
        self.mean, self.covariance = as_inexact(mean), as_inexact(covariance)
        even = self.mean.ndim == 1 and self.mean.shape[0] % 2 == 0 and self.mean.shape[0] > 0
        require(even, "mean", "be a vector of even length 2d", mean)
        check_shape("covariance", self.covariance, self.mean.shape * 2)
        if concrete(self.covariance):
            array = np.asarray(self.covariance)
            scale = max(float(abs(array).max()), 1e-300)
            symmetric = abs(array - array.T) <= 1e-9 * scale
            require(symmetric, "covariance", "be symmetric", covariance)
            least = float(np.linalg.eigvalsh(array)[0])
            require(least >= -1e-12 * scale, "covariance", "be positive semidefinite", covariance)

    @property
    def dimension(self) -> int:
        """d."""
        return self.mean.shape[0] // 2


def _columns(values: Any) -> Array:
    values = as_inexact(values)
    return values[:, None] if values.ndim == 1 else values


def coherent_state(
    grid: Grid, position: Any, momentum: Any, hbar: Scalar
) -> Complex[Array, "*shape"]:
    """Coherent state |z, ħ⟩ (Golse–Paul §2): (πħ)^{−d/4} e^{−|y−q|²/2ħ} e^{ip·(y−q)/ħ}.

    **Arguments:** `position`, `momentum`: numbers (d = 1) or sequences of length d; `hbar`: ħ > 0. All may be traced.

    **Returns:** ψ, complex, of the grid's shape, of norm 1 in L² up to the tails outside the box.

    **Raises:** `ValueError` if the position lies outside the box or a value is not finite.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 1.0, 0.5, hbar=0.5)
    >>> round(float(jnp.sum(abs(psi) ** 2) * grid.cell), 12)
    1.0
    """
    return squeezed_state(grid, position, momentum, hbar, squeezing=1.0)


def squeezed_state(
    grid: Grid, position: Any, momentum: Any, hbar: Scalar, squeezing: Any
) -> Complex[Array, "*shape"]:
    """Squeezed state: a coherent state with position variance ħs/2 and momentum variance ħ/2s per axis, s = `squeezing`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.squeezed_state(grid, 0.0, 0.0, hbar=0.5, squeezing=2.0)
    >>> round(float(jnp.sum(grid.axes[0] ** 2 * abs(psi) ** 2) * grid.cell), 12)
    0.5
    """
    q, p = _centre(grid, position, momentum)
    check_positive_scalar("hbar", hbar)
    squeezings = per_axis("squeezing", squeezing, grid.dimension)
    psi = 1.0
    for y, centre, k, s in zip(grid.mesh, q, p, squeezings):
        check_positive_scalar("squeezing", s)
        width = hbar * s
        offset = y - centre
        amplitude = (np.pi * width) ** -0.25
        psi = psi * (amplitude * jnp.exp(-(offset**2) / (2 * width) + 1j * (k / hbar) * offset))
    return psi


def wave_packet(
    grid: Grid,
    position: Any,
    momentum: Any,
    hbar: Scalar,
    *,
    alpha: Scalar = 0.5,
    profile: Callable[..., Array] | None = None,
) -> Complex[Array, "*shape"]:
    """AFG's initial data ħ^{−αd/2} e^{ip·x/ħ} φ((x − q)/ħ^α), with their ε written ħ.

    α = 0 spreads over positions, α = 1 over momenta, 0 < α < 1 concentrates at the point (q, p); ‖H_ħψ‖ is bounded in ħ only
    for α ≤ 1 and q away from Coulomb singularities.

    **Arguments:** `profile`: φ, a function of d coordinates with norm 1 in L²; default π^{−d/4} e^{−|u|²/2}.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 128)
    >>> psi = jw.wave_packet(grid, 0.0, 1.0, hbar=0.1, alpha=0.25)
    >>> round(float(jnp.sum(abs(psi) ** 2) * grid.cell), 12)
    1.0
    """
    q, p = _centre(grid, position, momentum)
    check_positive_scalar("hbar", hbar)
    check_scalar("alpha", alpha)
    check_callable("profile", profile if profile is not None else _gaussian_profile)
    require(concrete(alpha) is False or alpha >= 0, "alpha", "be at least 0", alpha)
    width = _power(hbar, alpha)
    scaled = tuple((y - centre) / width for y, centre in zip(grid.mesh, q))
    phase = sum(k * y for k, y in zip(p, grid.mesh))
    shape = profile if profile is not None else _gaussian_profile
    return width ** (-0.5 * grid.dimension) * shape(*scaled) * jnp.exp((1j / hbar) * phase)


def _power(hbar: Scalar, alpha: Scalar) -> Scalar:
    """ħ^α, if it is a number > 0 that the precision holds."""
    if not concrete((hbar, alpha)):
        return hbar**alpha
    with np.errstate(all="ignore"):
        width = np.power(float(hbar), float(alpha))
    require(0 < width < np.inf, "alpha", "leave a width ħ^α that is a number > 0", alpha)
    return float(width)


def _gaussian_profile(*u: Array) -> Array:
    return np.pi ** (-0.25 * len(u)) * jnp.exp(-0.5 * sum(x**2 for x in u))


def cat_state(
    grid: Grid, position: Any, momentum: Any, hbar: Scalar, *, phase: Scalar = 0.0
) -> Complex[Array, "*shape"]:
    """Superposition c(|z⟩ + e^{iθ}|−z⟩) of two coherent states, normalised on the grid.

    Its Wigner function carries fringes of height O(1/ħ) and width O(ħ) which vanish weakly as ħ → 0 (AFG Lemma 3.1).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 128)
    >>> psi = jw.cat_state(grid, 2.0, 0.0, hbar=0.2)
    >>> round(float(jnp.sum(abs(psi) ** 2) * grid.cell), 12)
    1.0
    """
    q, p = _centre(grid, position, momentum)
    check_scalar("phase", phase)
    minus_q, minus_p = tuple(-x for x in q), tuple(-x for x in p)
    psi = coherent_state(grid, q, p, hbar)
    psi = psi + jnp.exp(1j * jnp.asarray(phase)) * coherent_state(grid, minus_q, minus_p, hbar)
    return psi / jnp.sqrt(jnp.sum(abs(psi) ** 2) * grid.cell)


def fock_orbitals(grid: Grid, number: int, hbar: Scalar) -> Float[Array, "number x"]:
    """Hermite functions φ_0 … φ_{number−1} of the oscillator −ħ²∂²/2 + x²/2, by the stable three-term recurrence.

    φ_{n+1} = √(2/(n+1)) u φ_n − √(n/(n+1)) φ_{n−1}, u = x/√ħ (DLMF 18.9).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 128)
    >>> phi = jw.fock_orbitals(grid, 4, hbar=0.5)
    >>> bool(jnp.allclose(phi @ phi.T * grid.cell, jnp.eye(4)))
    True
    """
    check_integer("number", number, at_least=1)
    check_positive_scalar("hbar", hbar)
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    require(grid.dimension == 1, "grid", "be one-dimensional", grid.dimension)
    u = jnp.asarray(grid.axes[0]) / jnp.sqrt(hbar)
    ground = (np.pi * hbar) ** -0.25 * jnp.exp(-0.5 * u**2)

    def climb(pair, n):
        lower, current = pair
        higher = jnp.sqrt(2 / (n + 1)) * u * current - jnp.sqrt(n / (n + 1)) * lower
        return (current, higher), current

    _, orbitals = jax.lax.scan(
        climb, (jnp.zeros_like(u), ground), jnp.arange(number, dtype=u.dtype)
    )
    return orbitals


def thermal_state(number: int, hbar: Scalar, temperature: Scalar) -> FockState:
    """Thermal state of the oscillator, ρ_nn ∝ e^{−ħn/T}, cut at `number` levels and normalised there (d = 1).

    Without the cut its Wigner function is the Gaussian of variance (ħ/2)coth(ħ/2T) in x and in p.

    >>> import jaxwigner as jw
    >>> round(float(jw.thermal_state(60, hbar=0.5, temperature=1.0).matrix.real.trace()), 12)
    1.0
    """
    check_integer("number", number, at_least=1)
    check_positive_scalar("hbar", hbar)
    check_positive_scalar("temperature", temperature)
    levels = jnp.exp(-hbar / temperature * jnp.arange(number, dtype=float))
    return FockState(jnp.diag(levels / levels.sum()), hbar)


def as_complex(array: Array) -> Array:
    """A complex array of the precision of a real or complex one."""
    if jnp.iscomplexobj(array):
        return array
    return jax.lax.complex(array * 1.0, jnp.zeros_like(array * 1.0))


def as_inexact(values: Any) -> Array:
    """An array of floating point numbers: integers take the precision that JAX is set to."""
    array = jnp.asarray(values)
    return array if jnp.issubdtype(array.dtype, jnp.inexact) else array.astype(float)


def as_mixed(state: Any) -> MixedState:
    """A pure state as a mixture of one, a mixed state as it is."""
    if isinstance(state, MixedState):
        return state
    psi = jnp.asarray(state)
    return MixedState(jnp.ones(1, psi.real.dtype), psi[None])


def check_inside(particles: Particles, grid: Grid) -> None:
    """Every particle lies in the box."""
    for q, low, high in zip(particles.positions.T, grid.lower, grid.upper):
        if concrete((q, low, high)):
            inside = (np.asarray(q) >= low) & (np.asarray(q) < high)
            require(inside, "particles", f"lie inside the box [{low:g}, {high:g})", q)


def _centre(grid: Grid, position: Any, momentum: Any) -> tuple[tuple, tuple]:
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    q = per_axis("position", position, grid.dimension)
    p = per_axis("momentum", momentum, grid.dimension)
    for centre, low, high in zip(q, grid.lower, grid.upper):
        if concrete((centre, low, high)):
            inside = (low <= centre) & (centre < high)
            require(inside, "position", f"lie inside the box [{low:g}, {high:g})", centre)
    return q, p
