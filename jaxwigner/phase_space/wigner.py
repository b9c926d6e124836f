"""Wigner functions: W(x, p) = (2π)^{−d} ∫ ψ(x + ħy/2) ψ*(x − ħy/2) e^{−ip·y} dy  (AFG (5) with ε = ħ; GP §2.3).

With y = mΔ/ħ the integral is a Fourier sum over the lags m of correlations at half the grid spacing; ∫W dp = |ψ|² and ∫W dx =
|ψ̂|² then hold to rounding on the natural grid. The bilinear form F(ψ, χ) of AFG §2 has χ* in place of ψ*.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxwigner._checks import (
    check_finite,
    check_finite_complex,
    check_positive_scalar,
    check_same_precision,
    check_shape,
    concrete,
    require,
)
from jaxwigner.grid import Grid, PhaseGrid, Scalar, fourier_window
from jaxwigner.phase_space._correlate import refined, shifted, shifted_to, with_zeros
from jaxwigner.potentials import as_potential
from jaxwigner.states import FockState, MixedState, as_complex, fock_orbitals


def wigner(
    state: Any, grid: Grid, phase_grid: PhaseGrid, hbar: Scalar
) -> Float[Array, "*phase_shape"]:
    """Wigner function of a state (AFG (5); Golse–Paul §2.3): ∫∫W dx dp = tr R, |W| ≤ (πħ)^{−d}‖ψ‖².

    **Arguments:** `state`: ψ on `grid`, a `MixedState` of orbitals on it, or a `FockState` (d = 1), which is expanded on it;
    `phase_grid`: where W is wanted; `jaxwigner.phase_grid(grid, hbar)` is the fastest, any other window and spacing will do
    (outside the momenta |p| < πħ/Δ that the grid holds W is zero); `hbar`: ħ > 0.

    **Returns:** W, real, of the shape of `phase_grid`, W[x, p].

    **Raises:** `ValueError` for shapes or values that cannot be right.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> W = jw.wigner(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, phase, 0.5)
    >>> round(float(W.sum() * phase.cell), 12), round(float(W.max() * jnp.pi * 0.5), 12)
    (1.0, 1.0)
    """
    check_transform(grid, phase_grid, hbar)
    if isinstance(state, FockState):
        check_same_hbar(state, hbar)
        left, right = fock_factors(state, grid)
        terms = (jnp.ones(state.number, left.real.dtype), left, right)
    elif isinstance(state, MixedState):
        check_shape("orbitals", state.orbitals, (None, *grid.shape))
        terms = (state.weights, state.orbitals, state.orbitals)
    else:
        check_state(state, grid)
        psi = as_complex(jnp.asarray(state))
        return _pure(psi, psi, grid, phase_grid, hbar)

    def add(total, term):
        weight, psi, chi = term
        return total + weight * _pure(psi, chi, grid, phase_grid, hbar), None

    # One term at a time: the correlations of a single pair are the memory that is needed.
    start = jnp.zeros(phase_grid.shape, terms[1].real.dtype)
    return jax.lax.scan(add, start, terms)[0]


def bilinear_wigner(
    psi: Complex[Array, "*shape"],
    chi: Complex[Array, "*shape"],
    grid: Grid,
    phase_grid: PhaseGrid,
    hbar: Scalar,
) -> Complex[Array, "*phase_shape"]:
    """F(ψ, χ) = (2π)^{−d} ∫ ψ(x + ħy/2) χ*(x − ħy/2) e^{−ip·y} dy (AFG §2); |F| ≤ (πħ)^{−d}‖ψ‖‖χ‖ (Lemma 2.2).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import bilinear_wigner
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> psi, chi = (jw.coherent_state(grid, 0.0, p, 0.5) for p in (0.0, 1.0))
    >>> F = bilinear_wigner(psi, chi, grid, phase, 0.5)
    >>> bool(jnp.allclose(F, bilinear_wigner(chi, psi, grid, phase, 0.5).conj()))
    True
    """
    check_transform(grid, phase_grid, hbar)
    for name, value in (("psi", psi), ("chi", chi)):
        check_state(value, grid, name)
    psi, chi = as_complex(jnp.asarray(psi)), as_complex(jnp.asarray(chi))
    check_same_precision(psi=psi, chi=chi)
    # Both quadratures of F are real transforms of Hermitian correlations.
    correlate = _hermitian_parts(psi, chi)
    real, imaginary = (
        sum(w * _pure(a, b, grid, phase_grid, hbar) for w, a, b in part) for part in correlate
    )
    return jax.lax.complex(real, imaginary)


def _hermitian_parts(psi, chi):
    """Re F(ψ,χ) = W[(ψ+χ)/2] − W[(ψ−χ)/2] and Im F(ψ,χ) = W[(ψ+iχ)/2] − W[(ψ−iχ)/2], by polarisation."""
    parts = []
    for turn in (1.0, 1j):
        plus, minus = 0.5 * (psi + turn * chi), 0.5 * (psi - turn * chi)
        parts.append(((1.0, plus, plus), (-1.0, minus, minus)))
    return parts


def marginals(
    W: Float[Array, "*phase_shape"], phase_grid: PhaseGrid
) -> tuple[Float[Array, "*x"], Float[Array, "*p"]]:
    """Position and momentum densities ∫W dp and ∫W dx (AFG (6)).

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> W = jw.wigner(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, phase, 0.5)
    >>> [m.shape for m in jw.marginals(W, phase)]
    [(64,), (128,)]
    """
    require(isinstance(phase_grid, PhaseGrid), "phase_grid", "be a PhaseGrid", phase_grid)
    check_finite("W", W)
    check_shape("W", W, phase_grid.shape)
    d = phase_grid.dimension
    over_p = jnp.sum(W, axis=tuple(range(d, 2 * d))) * phase_grid.momentum.cell
    return over_p, jnp.sum(W, axis=tuple(range(d))) * phase_grid.position.cell


def f_hbar(
    psi: Complex[Array, "*shape"], potential: Any, grid: Grid, phase_grid: PhaseGrid, hbar: Scalar
) -> Float[Array, "*phase_shape"]:
    """The potential term of the Wigner equation, f = −(i/ħ)(F(Uψ, ψ) − F(ψ, Uψ)) = (2/ħ) Im F(Uψ, ψ) (AFG §2).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import f_hbar
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> f = f_hbar(jw.coherent_state(grid, 1.0, 0.0, 0.5), jw.potentials.Harmonic(1.0), grid, phase, 0.5)
    >>> (x,), (p,) = phase.mesh
    >>> round(float((p * f).sum() * phase.cell), 10)  # minus the mean force: −⟨U'⟩ = d⟨p⟩/dt
    -1.0
    """
    check_state(psi, grid, "psi")
    values = _values(potential, grid)
    F = bilinear_wigner(values * jnp.asarray(psi), psi, grid, phase_grid, hbar)
    return (2 / hbar) * jnp.imag(F)


def g_hbar(
    psi: Complex[Array, "*shape"], potential: Any, grid: Grid, phase_grid: PhaseGrid, hbar: Scalar
) -> Float[Array, "*phase_shape"]:
    """What the Wigner equation has beyond the Liouville equation: g = f − ∇U·∇_pW (AFG §1).

    It tends to zero weakly, not in norm: zero for quadratic U, O(ħ²) against a test function for U ∈ C³.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import g_hbar
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> g = g_hbar(jw.coherent_state(grid, 1.0, 0.0, 0.5), jw.potentials.Harmonic(1.0), grid, phase, 0.5)
    >>> bool(abs(g).max() < 1e-10)
    True
    """
    f = f_hbar(psi, potential, grid, phase_grid, hbar)
    (position, _) = phase_grid.mesh
    slopes = as_potential(potential).gradient(*position)
    transport = jnp.zeros_like(f)
    for axis, slope in enumerate(slopes):
        transport = transport + slope * _momentum_slope(psi, axis, grid, phase_grid, hbar)
    return f - transport


def _momentum_slope(psi, axis, grid, phase_grid, hbar):
    """∂W/∂p = −i F-transform of y·correlation, and ħy = (x + ħy/2) − (x − ħy/2): (2/ħ) Im F(xψ, ψ)."""
    F = bilinear_wigner(grid.mesh[axis] * jnp.asarray(psi), psi, grid, phase_grid, hbar)
    return (2 / hbar) * jnp.imag(F)


# --------------------------------------------------------------------------------------------------------------------


def _pure(psi, chi, grid: Grid, phase_grid: PhaseGrid, hbar: Scalar):
    """Re F(ψ, χ) for correlations that sum to a Hermitian one (ψ = χ, or a decomposition of a density matrix)."""
    if is_natural(grid, phase_grid, hbar):
        return _natural(psi, chi, grid, hbar).astype(psi.real.dtype)
    return _windowed(psi, chi, grid, phase_grid, hbar).astype(psi.real.dtype)


def _natural(psi, chi, grid: Grid, hbar: Scalar):
    """One real transform of length 2n; lags m ≥ 0 suffice on the last axis, the rest is the complex conjugate."""
    lags = tuple(jnp.asarray(np.fft.fftfreq(2 * n, 1 / (2 * n)).astype(int)) for n in grid.points)
    last = jnp.arange(grid.points[-1] + 1)
    lags = (*lags[:-1], last)
    plus = shifted(with_zeros(refined(psi)), lags)
    same = psi is chi
    minus = shifted(with_zeros(refined(psi if same else chi)), tuple(-lag for lag in lags))
    correlation = jnp.conj(plus) * minus
    if not same:
        # Re F needs the Hermitian part of the correlation, half of it from ψ and χ exchanged.
        back = shifted(with_zeros(refined(chi)), lags)
        forth = shifted(with_zeros(refined(psi)), tuple(-lag for lag in lags))
        correlation = 0.5 * (correlation + jnp.conj(back) * forth)
    signs = 1.0
    for axis, lag in enumerate(lags):
        shape = [1] * correlation.ndim
        shape[grid.dimension + axis] = -1
        signs = signs * (1 - 2 * (lag % 2)).reshape(shape)
    axes = tuple(range(grid.dimension, 2 * grid.dimension))
    sizes = tuple(2 * n for n in grid.points)
    # irfftn has e^{+i} and 1/size: with the conjugate correlation it is size⁻¹ Σ c e^{−i}.
    spectrum = jnp.fft.irfftn(correlation * signs, s=sizes, axes=axes)
    return spectrum * (np.prod(sizes) * grid.cell / (2 * np.pi * hbar) ** grid.dimension)


def _windowed(psi, chi, grid: Grid, phase_grid: PhaseGrid, hbar: Scalar):
    """Any points and any momenta: band-limited shifts in x, a chirp transform in p."""
    d = grid.dimension
    plus = shifted_to(psi, grid, phase_grid.position)
    minus = plus if psi is chi else shifted_to(chi, grid, phase_grid.position)
    axes = tuple(range(d, 2 * d))
    # Lags run from −n to n−1: reversal maps m to −m−1, hence the roll; the unpaired lag −n is zero.
    reverse = jnp.roll(jnp.flip(minus, axes), (1,) * d, axes)
    values = plus * jnp.conj(reverse)
    for axis in range(d):
        n, step = grid.points[axis], grid.spacing[axis]
        window = axis_of(phase_grid.momentum, axis)
        moved = jnp.moveaxis(values, d + axis, -1)
        moved = fourier_window(moved, -n * step / hbar, step / hbar, window)
        held = jnp.abs(jnp.asarray(window.axes[0])) <= (1 + 1e-12) * np.pi * hbar / step
        values = jnp.moveaxis(moved * held.reshape((1,) * (moved.ndim - 1) + (-1,)), -1, d + axis)
    return jnp.real(values) * (grid.cell / (2 * np.pi * hbar) ** d)


def axis_of(grid: Grid, axis: int) -> Grid:
    """One axis of a grid as a one-dimensional grid."""
    return Grid(grid.lower[axis], grid.upper[axis], grid.points[axis])


def fock_factors(state: FockState, grid: Grid) -> tuple[Array, Array]:
    """φ_m and χ_m = Σ_n ρ*_mn φ_n: the density matrix is Σ_m φ_m(x) χ*_m(y), without any diagonalisation."""
    orbitals = as_complex(fock_orbitals(grid, state.number, state.hbar))
    return orbitals, jnp.conj(state.matrix) @ orbitals


def check_same_hbar(state: FockState, hbar: Scalar) -> None:
    """A Fock matrix belongs to the oscillator of its own ħ."""
    if concrete((state.hbar, hbar)):
        same = np.isclose(state.hbar, hbar, rtol=1e-12)
        require(same, "hbar", f"be the `hbar` of the FockState ({float(state.hbar):g})", hbar)


def check_transform(grid: Grid, phase_grid: PhaseGrid, hbar: Scalar) -> None:
    """Arguments that Wigner and Husimi transforms share."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    require(isinstance(phase_grid, PhaseGrid), "phase_grid", "be a PhaseGrid", phase_grid)
    check_positive_scalar("hbar", hbar)
    must = f"have the dimension of `grid` ({grid.dimension})"
    require(phase_grid.dimension == grid.dimension, "phase_grid", must, phase_grid.dimension)


def is_natural(grid: Grid, phase_grid: PhaseGrid, hbar: Scalar) -> bool:
    """Whether `phase_grid` is the natural one of this grid and this ħ, not of others.

    Traced values cannot be compared: then all of them must be traced, as in `vmap` over ħ with the grid made inside.
    """
    if not phase_grid.natural or phase_grid.position.points != grid.points:
        return False
    box = (grid.lower, grid.upper)
    same_box = phase_grid.position.lower, phase_grid.position.upper
    if concrete((box, same_box)) and not np.allclose(box, same_box, rtol=1e-12, atol=0):
        return False
    highest = phase_grid.momentum.upper
    if not concrete((box, hbar)):
        return not concrete(highest)
    expected = tuple(np.pi * float(hbar) / step for step in grid.spacing)
    return concrete(highest) and np.allclose(highest, expected, rtol=1e-12, atol=0)


def check_state(state: Any, grid: Grid, name: str = "state") -> None:
    """A wave function on the grid."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_finite_complex(name, state)
    check_shape(name, state, grid.shape)


def _values(potential: Any, grid: Grid) -> Float[Array, "*shape"]:
    if callable(potential):
        return jnp.broadcast_to(as_potential(potential)(*grid.mesh), grid.shape)
    check_finite("potential", potential)
    check_shape("potential", potential, grid.shape)
    return jnp.asarray(potential)
