"""The N-body Schrödinger equation on the full grid of all positions (Golse–Paul (10), with their sum corrected).

    iħ ∂_tΨ = H_N Ψ,   H_N = Σ_j (−(ħ²/2m)Δ_j + U(x_j)) + (1/N) Σ_{j<k} V(x_j − x_k)

The paper prints Σ_{k,l} V/N, twice this pair energy, which does not have the Hartree equation as its limit. Half-flows: every axis in
Fourier space, and one multiplication by the potential of all bodies. The cost is that of one body in N·d dimensions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import observables
from jaxwigner._checks import (
    check_finite_complex,
    check_integer,
    check_masses,
    check_shape,
    concrete,
    require,
)
from jaxwigner._types import Array, PerAxis
from jaxwigner.engine.flows import Flow, FourierMultiplication
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar
from jaxwigner.observables import named
from jaxwigner.potentials import Free, Potential
from jaxwigner.potentials.on_grid import (
    evaluated,
    external_values,
    has_no_edge,
    is_periodic,
    nearest_image,
    turning,
    with_seam,
)
from jaxwigner.quantum.hartree import pair_on
from jaxwigner.quantum.schrodinger import Schrodinger
from jaxwigner.states import MixedState, as_complex, as_mixed


class ManyBody(System):
    """iħ ∂_tΨ = Σ_j (−(ħ²/2m)Δ_j + U(x_j))Ψ + (1/N)Σ_{j<k} V(x_j − x_k)Ψ (Golse–Paul (10), corrected).

    **Arguments:** `grid`: the `Grid` of one body; `pair`: V, an even `Potential` or function of the difference (d arrays); `hbar`,
    `mass`: positive, may be traced, `mass` one number or one for each coordinate of a body; `number`: N ≥ 1 (static); `external`: U,
    a `Potential`, a function or values on the grid;
    `symmetric`: whether states must not change when bodies are exchanged (checked where their values are known).

    **States:** Ψ[x_1, …, x_N] of shape `grid.shape * number`, or a `MixedState` of such orbitals.

    **Raises:** `ValueError` for arguments that cannot be right, a V that is not even, and states that are not symmetric.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 48)
    >>> pair = jw.ManyBody(grid, jw.potentials.Gaussian(1.0, 1.0), hbar=0.5, number=2)
    >>> psi = jw.product_state(jw.coherent_state(grid, 0.0, 0.0, 0.5), 2)
    >>> run = jw.evolve(pair, psi, duration=1.0, steps=20)
    >>> jw.reduced_state(run.state, grid, 1).shape
    (48, 48)
    """

    grid: Grid
    pair: Potential
    hbar: Scalar
    number: int = eqx.field(static=True)
    external: Potential | Array | None
    mass: Any  # one number, or a tuple of one for each coordinate
    symmetric: bool = eqx.field(static=True)

    def __init__(
        self,
        grid: Grid,
        pair: Any,
        hbar: Scalar,
        number: int,
        external: Any = None,
        *,
        mass: PerAxis = 1.0,
        symmetric: bool = True,
    ):
        self.pair = pair_on(grid, pair, hbar)
        check_integer("number", number, at_least=1)
        self.grid = grid
        self.hbar = hbar
        self.number = int(number)
        self.external = external_values(external, grid)
        self.mass = check_masses(mass, grid.dimension)
        self.symmetric = bool(symmetric)

    @property
    def product_grid(self) -> Grid:
        """The grid of all positions, axes of body 1 first."""
        N, one = self.number, self.grid
        return Grid(one.lower * N, one.upper * N, one.points * N, one.periodic * N)

    @property
    def values(self) -> Float[Array, "*shapes"]:
        """ΣU(x_j) + (1/N)Σ_{j<k}V(x_j − x_k) on the product grid."""
        d, mesh = self.grid.dimension, self.product_grid.mesh
        bodies = [mesh[d * j : d * (j + 1)] for j in range(self.number)]
        alone = evaluated(self.external, self.grid)
        total = jnp.zeros(self.product_grid.shape)
        for j, x in enumerate(bodies):
            shape = tuple(
                n if d * j <= axis < d * (j + 1) else 1 for axis, n in enumerate(total.shape)
            )
            total = total + alone.reshape(shape)
            for y in bodies[:j]:
                total = total + self.pair(*self._differences(x, y)) / self.number
        return total

    def _differences(self, x: tuple[Array, ...], y: tuple[Array, ...]) -> list[Array]:
        turns = turning(self.grid, is_periodic(self.pair, self.grid))
        differences = zip([jnp.asarray(a - b) for a, b in zip(x, y)], self.grid.length, turns)
        return [nearest_image(a, side) if around else a for a, side, around in differences]

    @property
    def single(self) -> Schrodinger:
        """The same equation read as one body in N·d dimensions."""
        mass = self.mass * self.number if isinstance(self.mass, tuple) else self.mass
        return Schrodinger(self.product_grid, self.values, self.hbar, mass)

    def drift_flow(self, tau: Scalar) -> FourierMultiplication:
        return Schrodinger.drift_flow(self.single, tau)

    def kick_flow(self, tau: Scalar) -> Flow:
        return Schrodinger.kick_flow(self.single, tau)

    def enter(self, state: Any) -> Any:
        entered = self.single.enter(state)
        if self.symmetric and self.number > 1 and concrete(state):
            _check_symmetric(state, self.grid.dimension, self.number)
        return entered

    def diagnose(self, state: Any) -> dict[str, Array]:
        series = self.single.diagnose(state)
        if has_no_edge(self.grid, self.pair, self.external):
            series["edge_mass"] = jnp.zeros_like(series["edge_mass"])
        return with_seam(series, self.grid, self.pair, self.external)

    def coordinates(self) -> dict[str, Any]:
        d = self.grid.dimension
        letters = (
            ("x",) if d == 1 else tuple("xyz"[:d]) if d <= 3 else tuple(f"x{i}_" for i in range(d))
        )
        names = [f"{letter}{j + 1}" for j in range(self.number) for letter in letters]
        return dict(zip(names, self.grid.axes * self.number))

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        """Moments of all N·d coordinates; `density` is that of one body, averaged over the bodies."""
        every = named.of_waves(self.product_grid, self.hbar, self.mass)
        kept = {name: every[name] for name in named.MOMENTS}
        return super().observables() | kept | {"density": self._density}

    def _density(self, state: Any) -> Float[Array, "*shape"]:
        rho, d, N = observables.density_of(state), self.grid.dimension, self.number
        others = (tuple(a for a in range(N * d) if a // d != j) for j in range(N))
        return sum(jnp.sum(rho, axis=axes) for axes in others) * (self.grid.cell ** (N - 1) / N)

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        names = Schrodinger(self.grid, Free(), self.hbar).coordinates()
        return {name: {"axis": None} for name in named.MOMENTS} | {"density": names}


def _check_symmetric(state: Any, d: int, number: int) -> None:
    """U_σ R U_σ* = R (Golse–Paul §2) for the exchanges of neighbours, which generate all permutations.

    ‖R − URU*‖² = 2 tr R² − 2 tr(R URU*), from the overlaps of the orbitals with each other and with their exchanged copies.
    """
    known = (state.weights, state.orbitals) if isinstance(state, MixedState) else ([1.0], [state])
    weights, psi = np.outer(known[0], known[0]), np.asarray(known[1])
    limit = 1e-2 if psi.dtype in (np.complex64, np.float32) else 1e-5
    rows = psi.reshape(psi.shape[0], -1).conj()
    purity = np.sum(weights * np.abs(rows @ rows.conj().T) ** 2)
    for j in range(number - 1):
        axes = list(range(psi.ndim))
        first, second = slice(1 + d * j, 1 + d * (j + 1)), slice(1 + d * (j + 1), 1 + d * (j + 2))
        axes[first], axes[second] = axes[second], axes[first]
        exchanged = psi.transpose(axes).reshape(psi.shape[0], -1)
        overlap = np.sum(weights * np.abs(rows @ exchanged.T) ** 2)
        gap = np.sqrt(max(0.0, 1 - overlap / max(purity, 1e-300)))
        if gap > limit:
            must = (
                f"be symmetric under exchange of bodies {j + 1} and {j + 2} (or `symmetric=False`)"
            )
            raise ValueError(f"Argument `state` must {must}, but changes by {gap:.1e} of itself")


def product_state(state: Any, number: int) -> Any:
    """R^{⊗N}: Ψ = ψ(x_1)⋯ψ(x_N), or the mixed state of all products of the orbitals.

    **Arguments:** `state`: ψ of the grid's shape, or a `MixedState` of J orbitals; `number`: N ≥ 1.

    **Returns:** an array of shape `grid.shape * N`, or a `MixedState` of J^N such orbitals.

    **Raises:** `ValueError` for entries that are not finite numbers or an N that is not an integer ≥ 1.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> jw.product_state(jnp.array([1.0, 2.0]), 2).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    check_integer("number", number, at_least=1)
    if isinstance(state, MixedState):
        weights = functools.reduce(jnp.multiply.outer, [state.weights] * number).reshape(-1)
        orbitals = functools.reduce(_every_product, [state.orbitals] * number)
        return MixedState(weights, orbitals)
    check_finite_complex("state", state)
    require(np.ndim(state) > 0, "state", "be an array over the points of a grid", state)
    return functools.reduce(jnp.multiply.outer, [jnp.asarray(state)] * number)


def _every_product(left: Array, right: Array) -> Array:
    """ψ_i(X) χ_j(y) for all (i, j), the pairs as one leading axis."""
    pairs = jax.vmap(lambda a: jax.vmap(lambda b: jnp.multiply.outer(a, b))(right))(left)
    return pairs.reshape((-1, *pairs.shape[2:]))


def reduced_state(state: Any, grid: Grid, n: int) -> Complex[Array, "*twice"]:
    """The n-body density matrix of an N-body state (Golse–Paul (9)): r^n(x, y) = ∫Ψ(x, z)Ψ*(y, z) dz, z the other N − n bodies.

    **Arguments:** `state`: Ψ of shape `grid.shape * N` or a `MixedState` of such orbitals; `grid`: of one body; `n`: 1 … N.

    **Returns:** r^n, shape `grid.shape * n` twice; its trace Σ r^n(x, x)·cell^n is the norm. The first n bodies are kept.

    **Raises:** `ValueError` for shapes that are no power of the grid's, or an n beyond N.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 48)
    >>> psi = jw.coherent_state(grid, 0.0, 0.0, 0.5)
    >>> r = jw.reduced_state(jw.product_state(psi, 3), grid, 1)
    >>> bool(abs(r - psi[:, None] * psi.conj()[None]).max() < 1e-6)
    True
    """
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_integer("n", n, at_least=1)
    if not isinstance(state, MixedState):
        check_finite_complex("state", state)
    mixed = as_mixed(state)
    number = (mixed.orbitals.ndim - 1) // grid.dimension
    check_shape("state", mixed.orbitals[0], grid.shape * max(number, 1))
    require(n <= number, "n", f"be at most the number of bodies ({number})", n)
    kept, size = grid.shape * n, int(np.prod(grid.shape)) ** n
    rows = as_complex(mixed.orbitals).reshape(-1, size, int(np.prod(grid.shape)) ** (number - n))
    weighted = mixed.weights.astype(jnp.real(rows).dtype)[:, None, None] * rows
    matrix = jnp.einsum("jxz,jyz->xy", weighted, rows.conj()) * grid.cell ** (number - n)
    return matrix.reshape(kept + kept)
