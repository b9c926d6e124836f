"""Wigner functions: W(x, p) = (2π)^{−d} ∫ ψ(x + ħy/2) ψ*(x − ħy/2) e^{−ip·y} dy  (AFG (5) with ε = ħ; GP §2.3).

With y = mΔ/ħ the integral is a Fourier sum over the lags m of correlations at half the grid spacing; ∫W dp = |ψ|² and ∫W dx =
|ψ̂|² then hold to rounding on the natural grid. The bilinear form F(ψ, χ) of AFG §2 has χ* in place of ψ*.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float, Num

from jaxwigner._checks import (
    check_finite,
    check_same_precision,
    check_shape,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.grid import Grid, PhaseGrid, Scalar, fast_length, fourier_window
from jaxwigner.phase_space._correlate import correlation
from jaxwigner.phase_space._pixels import at_pixels
from jaxwigner.phase_space._points import (
    Points,
    closed_form,
    fourier_sums,
    held,
    of_its_own,
    own_hbar,
    shape_of,
    window,
    window_or_part,
)
from jaxwigner.phase_space._windows import Part, axis_of, check_state, part_of
from jaxwigner.phase_space.toeplitz import ToeplitzState
from jaxwigner.states import FockState, Gaussian, MixedState, as_complex, fock_orbitals

# What W is computed on: any grid or points, some of the natural pixels, or all of them.
Window = PhaseGrid | Points | Part | None
LOST = 1e-12  # share of a Fock state that may lie beyond a grid, in one level


def wigner(
    state: Any,
    grid: Grid | None = None,
    phase_grid: PhaseGrid | None = None,
    hbar: Scalar | None = None,
    *,
    at: Any = None,
) -> Float[Array, "*phase_shape"]:
    """Wigner function of a state (AFG (5); Golse–Paul §2.3): ∫∫W dx dp = tr R, |W| ≤ (πħ)^{−d}‖ψ‖².

    **Arguments:** `state`: ψ on `grid`, a `MixedState` of orbitals on it, or a `FockState` (d = 1), expanded on it,
    or on a grid of its own where this one does not hold its levels or is left out; a `ToeplitzState` or a `Gaussian` (in closed
    form, without a grid); `phase_grid`: where W is wanted; `jaxwigner.phase_grid(grid, hbar)`, some of its pixels, and momenta a
    whole factor finer (d = 1) are the fastest; any other window and spacing will do
    (outside the momenta |p| < πħ/Δ that the grid holds W is zero); `hbar`: ħ > 0, which Fock and Töplitz states
    know; `at`: instead of `phase_grid`, any points (x, p): numbers or arrays that broadcast (d of each as tuples where d > 1), which
    may be traced.

    **Returns:** W, real, of the shape of `phase_grid`, W[x, p], or of the shape to which x and p broadcast.

    **Raises:** `ValueError` for shapes or values that cannot be right.

    On a ring of length L, where ψ(x + L) = ψ(x), W is a comb over the momenta πħj/L of `jaxwigner.phase_grid` and has no other
    window. ∫W dp is |ψ|²; ∫W dx is at even j, p = ħk, twice the momentum density (for half its step), at odd j it is 0: there a ghost
    of a packet, half a turn away from it, alternates in sign. `Moyal` on this grid moves W as `Schrodinger` on the ring moves ψ.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> psi = jw.coherent_state(grid, 0.0, 0.0, 0.5)
    >>> W = jw.wigner(psi, grid, phase, 0.5)
    >>> round(float(W.sum() * phase.cell), 12), round(float(W.max() * jnp.pi * 0.5), 12)
    (1.0, 1.0)
    >>> round(float(jw.wigner(psi, grid, hbar=0.5, at=(0.0, 0.0)) * jnp.pi * 0.5), 12)
    1.0
    """
    if isinstance(state, (ToeplitzState, Gaussian)):
        return closed_form(*of_its_own(state, phase_grid, hbar, at), husimi=False)
    if isinstance(state, FockState):
        return _of_fock(state, grid, phase_grid, own_hbar(state, hbar), at)
    box, hbar, where = window(grid, phase_grid, hbar, at)
    if isinstance(state, MixedState):
        check_shape("orbitals", state.orbitals, (None, *box.shape))
        terms = (state.weights, state.orbitals)
    else:
        check_state(state, box, ring=True)
        psi = as_complex(jnp.asarray(state))
        return _pure(psi, psi, box, where, hbar)
    return _mixed(terms, box, window_or_part(box, where, hbar), hbar)


@once
def _mixed(terms: tuple, grid: Grid, where: Window, hbar: Scalar):
    return _sum_of(terms, grid, where, hbar)


def _sum_of(terms: tuple, grid: Grid, where: Window, hbar: Scalar):
    """Σ_j w_j W(ψ_j, χ_j), one term at a time: the correlations of a single pair are the memory that is needed."""
    least = jnp.finfo(terms[0].dtype).eps * jnp.max(jnp.abs(terms[0]))

    def add(total, term):
        weight, *pair = term
        more = lambda: total + weight * _of_pair(pair[0], pair[-1], grid, where, hbar)  # noqa: E731
        return jax.lax.cond(jnp.abs(weight) > least, more, lambda: total), None

    start = jnp.zeros(shape_of(where, grid), jnp.real(terms[1]).dtype)
    return jax.lax.scan(add, start, terms)[0]


def bilinear_wigner(
    psi: Num[Array, "*shape"],
    chi: Num[Array, "*shape"],
    grid: Grid,
    phase_grid: PhaseGrid | None = None,
    hbar: Scalar | None = None,
    *,
    at: Any = None,
) -> Complex[Array, "*phase_shape"]:
    """F(ψ, χ) = (2π)^{−d} ∫ ψ(x + ħy/2) χ*(x − ħy/2) e^{−ip·y} dy (AFG §2); |F| ≤ (πħ)^{−d}‖ψ‖‖χ‖ (Lemma 2.2).

    **Arguments:** as for `wigner`: F on a `phase_grid`, or `at` any points (x, p).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import bilinear_wigner
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phase = jw.phase_grid(grid, hbar=0.5)
    >>> psi, chi = (jw.coherent_state(grid, 0.0, p, 0.5) for p in (0.0, 1.0))
    >>> F = bilinear_wigner(psi, chi, grid, phase, 0.5)
    >>> bool(jnp.allclose(F, bilinear_wigner(chi, psi, grid, phase, 0.5).conj()))
    True
    """
    grid, hbar, where = window(grid, phase_grid, hbar, at)
    for name, value in (("psi", psi), ("chi", chi)):
        check_state(value, grid, name, ring=True)
    psi, chi = as_complex(jnp.asarray(psi)), as_complex(jnp.asarray(chi))
    check_same_precision(psi=psi, chi=chi)
    # Both quadratures of F are real transforms of Hermitian correlations.
    correlate = _hermitian_parts(psi, chi)
    real, imaginary = (
        sum(w * _pure(a, b, grid, where, hbar) for w, a, b in part) for part in correlate
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
    check_finite("W", W, phase_grid.shape)
    d = phase_grid.dimension
    over_p = jnp.sum(W, axis=tuple(range(d, 2 * d))) * phase_grid.momentum.cell
    return over_p, jnp.sum(W, axis=tuple(range(d))) * phase_grid.position.cell


# --------------------------------------------------------------------------------------------------------------------


def _pure(psi, chi, grid: Grid, where: PhaseGrid | Points, hbar: Scalar):
    """Re F(ψ, χ) for correlations that sum to a Hermitian one (ψ = χ, or a decomposition of a density matrix)."""
    other = None if chi is psi else chi
    return _single(psi, other, grid, window_or_part(grid, where, hbar), hbar)


@once
def _single(psi, chi, grid: Grid, where: Window, hbar: Scalar):
    return _of_pair(psi, psi if chi is None else chi, grid, where, hbar)


def _of_pair(psi, chi, grid: Grid, where: Window, hbar: Scalar):
    if isinstance(where, tuple):
        return wigner_at_points(psi, chi, grid, where, hbar)
    if where is None or isinstance(where, Part):
        return at_pixels(psi, chi, grid, hbar, where).astype(psi.real.dtype)
    return _windowed(psi, chi, grid, where, hbar).astype(psi.real.dtype)


def wigner_at_points(psi, chi, grid: Grid, points: Points, hbar: Scalar):
    """The same at points: a correlation for each position, a sum over its lags for each momentum."""
    d = grid.dimension

    def correlated(x):
        values = correlation(psi, chi, grid, tuple(axis[None] for axis in x))
        return values.reshape(values.shape[d:])

    lags = zip(grid.points, grid.spacing)
    nodes = [jnp.asarray(np.arange(-n, n) * (step / hbar)) for n, step in lags]
    values = fourier_sums(correlated, nodes, points, jnp.real)
    scale = grid.cell / (2 * np.pi * hbar) ** d
    return (jnp.where(held(points, grid, hbar), values, 0) * scale).astype(psi.real.dtype)


def _windowed(psi, chi, grid: Grid, phase_grid: PhaseGrid, hbar: Scalar):
    """Any points and any momenta: band-limited shifts in x, a chirp transform in p."""
    d = grid.dimension
    values = correlation(psi, chi, grid, phase_grid.position.axes)
    for axis in range(d):
        n, step = grid.points[axis], grid.spacing[axis]
        window = axis_of(phase_grid.momentum, axis)
        moved = jnp.moveaxis(values, d + axis, -1)
        moved = fourier_window(moved, -n * step / hbar, step / hbar, window)
        held = jnp.abs(jnp.asarray(window.axes[0])) <= (1 + 1e-12) * np.pi * hbar / step
        values = jnp.moveaxis(moved * held.reshape((1,) * (moved.ndim - 1) + (-1,)), -1, d + axis)
    return jnp.real(values) * (grid.cell / (2 * np.pi * hbar) ** d)


def _of_fock(state: FockState, grid: Grid | None, phase_grid: Any, hbar: Scalar, at: Any):
    """On a grid that holds all levels, or on the given one, which is smaller, if it turns out to hold them as far as they are occupied.

    A derivative may occupy any of them.
    """
    wide = commensurate(holding(state, grid), grid, phase_grid, hbar)
    on = lambda grid: lambda rho: _on_grid(rho, grid, window(grid, phase_grid, hbar, at), state)  # noqa: E731
    tails = _tails_at_pixels(state, grid, phase_grid, hbar)
    if concrete(state.matrix) or wide is grid or tails is None:
        return on(wide)(state.matrix)

    def value(matrix):
        few = _holds(tails, _weights(matrix, jnp))
        return jax.lax.cond(few, on(grid), on(wide), matrix)

    value = jax.custom_jvp(value)
    value.defjvp(lambda primals, tangents: jax.jvp(on(wide), primals, tangents))
    return value(state.matrix)


def _on_grid(matrix, grid: Grid, about: tuple, state: FockState):
    _, hbar, where = about
    orbitals = fock_orbitals(grid, state.number, state.hbar)
    return _of_levels(matrix, orbitals, grid, window_or_part(grid, where, hbar), hbar)


def _tails_at_pixels(state: FockState, grid: Any, phase_grid: Any, hbar: Scalar) -> Any:
    """The tails of all levels beyond a grid of which W is wanted at its own pixels; None for others, and where it holds no level."""
    if not (isinstance(grid, Grid) and isinstance(phase_grid, PhaseGrid)):
        return None
    if not concrete((grid, phase_grid, hbar)) or part_of(grid, phase_grid, hbar) is None:
        return None
    tails = _tails(state.number, grid, hbar)
    return tails if tails[0] <= LOST else None


def _weights(matrix, xp):
    """How much of each level there is; `xp` is NumPy, or JAX's where the matrix is traced."""
    sizes = xp.abs(matrix.real) + xp.abs(matrix.imag)
    return sizes.sum(axis=0) + sizes.sum(axis=1)  # a traced matrix is not known to be Hermitian


def _highest(matrix) -> int:
    """The highest level that is occupied by more than rounding."""
    weights = _weights(matrix, np)
    return int(np.max(np.where(weights > LOST * weights.max(), np.arange(weights.size), 0)))


def _tails(number: int, grid: Grid, hbar: Scalar) -> np.ndarray:
    """What of each level lies beyond a grid, in position or in momentum.

    Level n ends at e = √(2n + 1), in units of √ħ; at u > e what is left is e^{−S}, S = ∫√(v² − e²)dv = ½(u√(u² − e²) − e² arcosh(u/e)).
    """
    nearest = min(-float(grid.lower[0]), float(grid.upper[0]))
    least = min(nearest, np.pi * float(hbar) / float(grid.spacing[0])) / np.sqrt(float(hbar))
    end = np.sqrt(2 * np.arange(number) + 1)
    u = np.maximum(least, end)
    return np.exp(-0.5 * (u * np.sqrt(u**2 - end**2) - end**2 * np.arccosh(u / end)))


def _holds(tails, weights):
    """Whether no level that is occupied has a tail that matters."""
    return (tails * weights).max() <= LOST * weights.max()


def _reach(level, hbar: Scalar):
    """Where the tail of a level is less than `LOST`: S ≥ (2/3)ζ^{3/2}, ζ = (u − e)(2e)^{1/3}."""
    end = np.sqrt(2 * level + 1)
    return (end + (-1.5 * np.log(LOST)) ** (2 / 3) / (2 * end) ** (1 / 3)) * hbar**0.5


def holding(state: FockState, grid: Grid | None) -> Grid:
    """The grid, if it is known to hold the occupied levels, else one that does; of a traced matrix every level counts as occupied."""
    require(grid is None or isinstance(grid, Grid), "grid", "be a Grid", grid)
    known = concrete(state.matrix)
    if grid is not None and concrete((grid, state.hbar)):
        weights = _weights(np.asarray(state.matrix), np) if known else np.ones(state.number)
        if _holds(_tails(state.number, grid, state.hbar), weights):
            return grid
    highest = _highest(np.asarray(state.matrix)) if known else state.number - 1
    reach, widths = _reach(highest, state.hbar), _reach(highest, 1.0)
    return Grid(-reach, reach, fast_length(int(np.ceil(2 * widths**2 / np.pi)) + 1))


def commensurate(own: Grid, grid: Grid | None, phase_grid: Any, hbar: Scalar) -> Grid:
    """In place of a state's `own` grid the given one, extended by eighths of its length and refined, if W is wanted at pixels of it."""
    if grid is None or own is grid or not isinstance(phase_grid, PhaseGrid):
        return own
    if not concrete((own, grid, phase_grid, hbar)) or grid.points[0] % 8:
        return own
    finer = int(np.ceil(grid.spacing[0] / own.spacing[0]))
    step = grid.spacing[0] / finer
    before, after = (np.ceil(max(0.0, miss) / step) for miss in _misses(own, grid))
    least, unit = finer * grid.points[0] + int(before + after), finer * grid.points[0] // 8
    points = least + -least % unit
    while points != fast_length(points):
        points += unit
    lower = grid.lower[0] - step * before
    found = Grid(lower, lower + points * step, points)
    few = points <= 4 * own.points[0]
    return found if few and part_of(found, phase_grid, hbar) is not None else own


def _misses(own: Grid, grid: Grid) -> tuple[float, float]:
    """By how much a grid ends too early, below and above."""
    return float(grid.lower[0] - own.lower[0]), float(own.upper[0] - grid.upper[0])


@once
def _of_levels(matrix, orbitals, grid: Grid, where: Window, hbar: Scalar):
    """W of Σ ρ_mn |m⟩⟨n|: as many terms as ρ has eigenvalues that are not rounding; a pure state is one, and is not diagonalised.

    W is linear in ρ: its derivative takes the factors φ_m and χ_m = Σ_n ρ*_mn φ_n, without any diagonalisation, which has none where
    eigenvalues agree.
    """

    def by_factors(matrix, orbitals, hbar):
        ones = jnp.ones(orbitals.shape[0], orbitals.dtype)
        terms = (ones, as_complex(orbitals), jnp.conj(matrix) @ orbitals)
        return _sum_of(terms, grid, where, hbar)

    def by_rank(matrix, orbitals, hbar):
        column, pure = _single_vector(matrix)
        term = lambda vector: _of_vector(vector, orbitals, grid, where, hbar)  # noqa: E731
        return jax.lax.cond(
            pure, lambda: term(column), lambda: _of_eigenvectors(matrix, term, grid, where)
        )

    if not concrete((grid, where)):
        return by_factors(matrix, orbitals, hbar)
    value = jax.custom_jvp(by_rank)
    value.defjvp(lambda primals, tangents: jax.jvp(by_factors, primals, tangents))
    return value(matrix, orbitals, jnp.asarray(hbar))


def _single_vector(matrix) -> tuple[Array, Array]:
    """The vector v of a matrix v v†, one of its columns, and whether that is what the matrix is, up to rounding."""
    diagonal = jnp.real(jnp.diagonal(matrix))
    largest = jnp.argmax(diagonal)
    size = diagonal[largest]
    vector = matrix[:, largest] / jnp.sqrt(jnp.where(size > 0, size, 1))
    other = matrix - jnp.outer(vector, vector.conj())
    # A modulus would cost a root for each entry.
    rest = jnp.max(jnp.abs(other.real) + jnp.abs(other.imag))
    return vector, rest <= 8 * jnp.finfo(diagonal.dtype).eps * size


def _of_vector(vector, orbitals, grid: Grid, where: Window, hbar: Scalar):
    parts = (part.astype(orbitals.dtype) @ orbitals for part in (vector.real, vector.imag))
    psi = jax.lax.complex(*parts)
    return _of_pair(psi, psi, grid, where, hbar)


def _of_eigenvectors(matrix, term, grid: Grid, where: Window):
    """Σ_j w_j W(v_j), the largest |w_j| first, and no further than they count: the loop's length is the rank."""
    # Only the Hermitian part of a matrix has a real Wigner function.
    weights, vectors = jnp.linalg.eigh(0.5 * (matrix + matrix.conj().T))
    sizes = jnp.abs(weights)
    order = jnp.argsort(-sizes)
    rank = jnp.sum(sizes > jnp.finfo(weights.dtype).eps * jnp.max(sizes))

    def add(j, total):
        place = order[j]
        return total + weights[place].astype(total.dtype) * term(vectors[:, place])

    start = jnp.zeros(shape_of(where, grid), jax.eval_shape(term, vectors[:, 0]).dtype)
    return jax.lax.fori_loop(0, rank, add, start)
