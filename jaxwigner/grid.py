"""Periodic grids of position, their dual grids, and grids of phase space; the one Fourier convention.

A grid has points x_j = lower + jΔ, j = 0 … n−1, Δ = (upper − lower)/n: `upper` is excluded, because it is `lower` again. Its
wavenumbers are 2π·fftfreq(n, Δ), in NumPy's order. Fourier transforms carry e^{−ik·x} forwards and 1/n backwards (NumPy's).
Arrays on a d-dimensional grid have its shape, `indexing="ij"`; on phase space position axes come before momentum axes: W[x, p].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex

from jaxwigner import fourier
from jaxwigner._checks import (
    check_integer,
    check_positive_scalar,
    concrete,
    entries,
    per_axis,
    require,
)
from jaxwigner._types import Array
from jaxwigner._types import Scalar as Scalar


class Grid(eqx.Module):
    """A periodic, uniform grid of `points` points per axis; `upper` is excluded.

    **Arguments:** `lower`, `upper`: ends of the box, floats (d = 1) or sequences of length d, may be traced;
    `points`: an integer ≥ 2, or a sequence of d of them (static); `periodic`: True where the box is a ring of length
    `upper` − `lower`, or one flag per axis (static; kept as d flags).

    On a ring `upper` is `lower`: packets are wrapped, U must have that period, and no run complains of an edge. Without the flag
    transforms are periodic all the same, but what reaches the seam is reported, since it should not be there.

    **Raises:** `ValueError` for an empty or reversed box, fewer than 2 points, or lengths that differ.

    >>> from jaxwigner import Grid
    >>> grid = Grid((-1.0, 0.0), (1.0, 3.0), (4, 6))
    >>> grid.shape, grid.spacing, grid.cell
    ((4, 6), (0.5, 0.5), 0.25)
    >>> [m.shape for m in grid.mesh]
    [(4, 1), (1, 6)]
    """

    lower: tuple[Scalar, ...]
    upper: tuple[Scalar, ...]
    points: tuple[int, ...] = eqx.field(static=True)
    periodic: tuple[bool, ...] = eqx.field(static=True)

    def __init__(
        self,
        lower: Any,
        upper: Any,
        points: int | np.integer | Sequence[int],
        periodic: bool | np.bool_ | Sequence[bool | np.bool_] = False,
    ):
        counts = entries(points)
        require(len(counts) > 0, "points", "be given for at least one axis", points)
        for count in counts:
            check_integer("points", count, at_least=2)
        self.points = tuple(int(count) for count in counts)
        self.lower = _box_ends("lower", lower, len(self.points))
        self.upper = _box_ends("upper", upper, len(self.points))
        for low, high in zip(self.lower, self.upper):
            if concrete((low, high)):
                require(high > low, "upper", f"be greater than `lower` ({float(low):g})", high)
        self.periodic = _flags("periodic", periodic, len(self.points))

    @property
    def dimension(self) -> int:
        """d, the number of axes."""
        return len(self.points)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of an array on the grid."""
        return self.points

    @property
    def length(self) -> tuple[Scalar, ...]:
        """Side lengths of the box."""
        return tuple(high - low for low, high in zip(self.lower, self.upper))

    @property
    def spacing(self) -> tuple[Scalar, ...]:
        """Δ per axis."""
        return tuple(length / n for length, n in zip(self.length, self.points))

    @property
    def cell(self) -> Scalar:
        """Volume of one cell: Σ f · cell is the trapezoidal rule, spectrally exact for periodic f."""
        volume = 1.0
        for step in self.spacing:
            volume = volume * step
        return volume

    @property
    def axes(self) -> tuple[Array, ...]:
        """d one-dimensional arrays of coordinates."""
        return tuple(
            low + _indices(n, low, step) * step
            for low, n, step in zip(self.lower, self.points, self.spacing)
        )

    @property
    def wavenumbers(self) -> tuple[Array, ...]:
        """d one-dimensional arrays of wavenumbers in NumPy's order."""
        return tuple(
            2 * np.pi * np.fft.fftfreq(n, 1 / n) / length
            for n, length in zip(self.points, self.length)
        )

    @property
    def mesh(self) -> tuple[Array, ...]:
        """d coordinate arrays shaped for broadcasting, as `numpy.ix_` gives."""
        return spread(self.axes)

    @property
    def wavenumber_mesh(self) -> tuple[Array, ...]:
        """d wavenumber arrays shaped for broadcasting."""
        return spread(self.wavenumbers)


class PhaseGrid(eqx.Module):
    """A grid of phase space: W has shape `position.shape + momentum.shape`, position axes first.

    `natural` marks the grid made by `phase_grid`, whose transforms need one FFT and no interpolation.

    >>> from jaxwigner import Grid, PhaseGrid
    >>> PhaseGrid(Grid(-4.0, 4.0, 32), Grid(-3.0, 3.0, 48)).shape
    (32, 48)
    """

    position: Grid
    momentum: Grid
    natural: bool = eqx.field(static=True)

    def __init__(self, position: Grid, momentum: Grid, natural: bool = False):
        for name, value in (("position", position), ("momentum", momentum)):
            require(isinstance(value, Grid), name, "be a Grid", value)
        require(
            position.dimension == momentum.dimension,
            "momentum",
            f"have the dimension of `position` ({position.dimension})",
            momentum.dimension,
        )
        turns = any(momentum.periodic)
        require(not turns, "momentum", "not be a ring (leave `periodic` out)", momentum.periodic)
        self.position = position
        self.momentum = momentum
        self.natural = natural

    @property
    def dimension(self) -> int:
        """d; phase space has dimension 2d."""
        return self.position.dimension

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of an array on the grid."""
        return self.position.shape + self.momentum.shape

    @property
    def cell(self) -> Scalar:
        """Volume of one phase-space cell."""
        return self.position.cell * self.momentum.cell

    @property
    def mesh(self) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """(x arrays, p arrays), each of rank 2d and shaped for broadcasting."""
        every = spread(self.position.axes + self.momentum.axes)
        return every[: self.dimension], every[self.dimension :]


def phase_grid(grid: Grid, hbar: Scalar) -> PhaseGrid:
    """The natural phase-space grid of a position grid: all momenta that the grid holds, |p| ≤ πħ/Δ.

    Momentum spacing πħ/L, 2n points per axis: the Wigner function of a state in a box of length L has correlations over
    lengths up to L on either side, so that coarser momenta would alias.

    **Arguments:** `grid`: the position grid; `hbar`: ħ > 0, may be traced. **Returns:** a `PhaseGrid`.

    >>> import jaxwigner as jw
    >>> jw.phase_grid(jw.Grid(-5.0, 5.0, 64), hbar=0.1).shape
    (64, 128)
    """
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_positive_scalar("hbar", hbar)
    highest = tuple(np.pi * hbar / step for step in grid.spacing)
    momentum = Grid(tuple(-p for p in highest), highest, tuple(2 * n for n in grid.points))
    return PhaseGrid(grid, momentum, natural=True)


def spread(axes: Sequence[Array]) -> tuple[Array, ...]:
    """One-dimensional arrays reshaped so that the i-th varies along axis i of their product."""
    rank = len(axes)
    return tuple(
        axis.reshape(tuple(-1 if i == j else 1 for j in range(rank))) for i, axis in enumerate(axes)
    )


def fourier_window(
    values: Complex[Array, "*batch n"], start: Scalar, step: Scalar, window: Grid
) -> Complex[Array, "*batch m"]:
    """Σ_j v_j e^{−i p_l (start + j·step)} for every p_l of a one-dimensional grid `window`, by Bluestein's chirp.

    The points need not be dual to each other: jl = (j² + l² − (l−j)²)/2 turns the sum into a convolution, which costs three
    FFTs of length ≥ n + m.
    """
    n, m = values.shape[-1], window.points[0]
    low, spacing = window.lower[0], window.spacing[0]
    size = fast_length(n + m - 1)
    j, l, lag = np.arange(n), np.arange(m), np.arange(-(n - 1), m)
    chirp = 0.5 * step * spacing
    entry = jnp.exp(-1j * ((low * step) * j + chirp * (j * j))).astype(values.dtype)
    weighted = values * _like(entry, values)
    kernel = jnp.exp(1j * (chirp * (lag * lag))).astype(values.dtype)
    spectrum = fourier.fft(weighted, size) * _like(fourier.fft(kernel, size), weighted)
    convolved = fourier.ifft(spectrum)[..., n - 1 : n - 1 + m]
    phase = jnp.exp(-1j * (start * (low + l * spacing) + chirp * (l * l)))
    return convolved * _like(phase.astype(values.dtype), convolved)


def _like(vector: Array, array: Array) -> Array:
    return vector.reshape((1,) * (array.ndim - 1) + vector.shape)


def fast_length(least: int) -> int:
    """The smallest length ≥ `least` with no prime factor above 5."""
    while True:
        rest = least
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return least
        least += 1


def even_length(least: int) -> int:
    """The smallest even `fast_length` that is neither below `least` nor below 16.

    >>> from jaxwigner.grid import even_length
    >>> even_length(3), even_length(44)
    (16, 48)
    """
    n = fast_length(max(least, 16))
    while n % 2:
        n = fast_length(n + 1)
    return n


def _box_ends(name: str, value: Any, dimension: int) -> tuple[Scalar, ...]:
    return tuple(
        float(number) if concrete(number) else number for number in per_axis(name, value, dimension)
    )


def _flags(name: str, value: Any, dimension: int) -> tuple[bool, ...]:
    flags = entries(value)
    true_or_false = all(isinstance(flag, (bool, np.bool_)) for flag in flags)
    require(true_or_false, name, "be True or False, or one of them per axis", value)
    flags = flags * dimension if len(flags) == 1 else flags
    fits = len(flags) == dimension
    require(fits, name, f"have one flag per axis ({dimension})", len(flags))
    return tuple(bool(flag) for flag in flags)


def check_line(grid: Grid) -> None:
    """What lives on the phase space of the line has no meaning on a ring.

    **Raises:** `ValueError`.

    >>> from jaxwigner import Grid
    >>> from jaxwigner.grid import check_line
    >>> check_line(Grid(-1.0, 1.0, 4))
    """
    must = "not be a ring here, where phase space is that of the line (leave `periodic` out)"
    require(not any(grid.periodic), "grid", must, f"periodic {grid.periodic}")


def nearest_image(difference: Array, side: Any) -> Array:
    """x − y moved by whole sides of the box into [−side/2, side/2)."""
    return difference - side * jnp.floor(difference / side + 0.5)


def _indices(n: int, low: Scalar, step: Scalar) -> Array:
    """0 … n−1 in NumPy where the box is known, so that set-up dispatches nothing."""
    return (
        np.arange(n, dtype=float)
        if concrete((low, step))
        else jnp.arange(n, dtype=jnp.asarray(step).dtype)
    )
