"""A density operator on its own range: all that the cost of Golse and Paul sees of R.

    c(z) = ½|z|² − z·Ẑ + N,   Ẑ = (ŷ_1 … ŷ_d, p̂_1 … p̂_d),   N = ½(|ŷ|² + |p̂|²)

A coupling satisfies Q(z) ≥ 0 and ∫Q = R, hence lives on ran R (theory: exact). With an orthonormal basis E of ran R, r vectors,
only R = diag(ρ) and the compressed matrices E*Ẑ_iE and E*NE enter; N is compressed on its own, never squared. What a rank
below that of R leaves out is R_⊥, of mass τ; `lost` and `lost_square` = tr((|ŷ|² + |p̂|²)R_⊥) bound its share of the cost.

`moved(θ)` are the same matrices as functions of the state with the coefficients of E held fixed: what a derivative needs.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float

from jaxwigner import fourier
from jaxwigner._checks import (
    check_finite_complex,
    check_positive_scalar,
    concrete,
    describe,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar, check_line
from jaxwigner.phase_space import ToeplitzState
from jaxwigner.states import FockState, MixedState
from jaxwigner.states.packets import probes

Matrices = tuple[Array, Array, Array]  # Gram (r, r), quadratures (2d, r, r), half square (r, r)


class CompressedState(eqx.Module):
    """R on its range: `eigenvalues` (r,), falling; `quadratures` (2d, r, r) and `half_square` (r, r); `basis`, rows e_i.

    `coefficients` T: e_i = Σ_j T_ji φ_j in terms of the orbitals, packets or levels that the state is made of, and
    `amplitudes`: ⟨e_i|φ_j⟩ (r, J).
    """

    eigenvalues: Float[Array, " r"]
    quadratures: Complex[Array, "m r r"]
    half_square: Complex[Array, "r r"]
    coefficients: Complex[Array, "j r"]
    amplitudes: Complex[Array, "r j"]
    hbar: Scalar
    lost: Scalar
    lost_square: Scalar

    @property
    def rank(self) -> int:
        """r."""
        return self.eigenvalues.shape[0]

    @property
    def dimension(self) -> int:
        """d."""
        return self.quadratures.shape[0] // 2

    def back_from(self, centre: Float[Array, " m"]) -> CompressedState:
        """What was seen from `centre`, as it is seen from the origin."""
        identity = jnp.eye(self.rank, dtype=self.half_square.dtype)
        linear = jnp.tensordot(centre.astype(identity.dtype), self.quadratures, 1)
        half = self.half_square + linear + 0.5 * jnp.sum(centre**2) * identity
        quadratures = self.quadratures + centre[:, None, None] * identity
        seen = lambda state: (state.quadratures, state.half_square)  # noqa: E731
        return eqx.tree_at(seen, self, (quadratures, half))


class Family(eqx.Module):
    """R = Σ_ij φ_i W_ij φ_j* with a way to sandwich operators between vectors Σ_j T_ji φ_j."""

    state: Any
    grid: Any  # of orbitals; None for the others
    hbar: Scalar

    @property
    def weights(self) -> Array:
        """W: the weights (J,), or the Hermitian matrix (n, n) of a Fock state."""
        if isinstance(self.state, FockState):
            return self.state.matrix
        if isinstance(self.state, ToeplitzState):
            return self.state.particles.weights
        return self.state.weights

    def mass(self) -> Array:
        """tr R as a function of weights and orbitals."""
        if isinstance(self.state, ToeplitzState):
            return jnp.sum(self.weights)
        flat = self.state.orbitals.reshape(self.weights.shape[0], -1)
        return self.weights @ jnp.sum(jnp.abs(flat) ** 2, axis=1) * self.grid.cell

    def reachable(self, centre: Float[Array, " m"]) -> Float[Array, " m"]:
        """What of a centre the state can be seen from: packets from everywhere, orbitals from other positions, levels from 0 only."""
        if isinstance(self.state, FockState):
            return 0 * centre
        if isinstance(self.state, ToeplitzState):
            return centre
        return jnp.asarray(centre).at[centre.shape[0] // 2 :].set(0.0)

    def seen_from(self, centre: Float[Array, " m"]) -> Family:
        """The state with the origin of phase space moved to `centre`, a `reachable` one."""
        if isinstance(self.state, FockState):
            return self
        position, momentum = jnp.split(centre, 2)
        if isinstance(self.state, ToeplitzState):
            where = lambda R: (R.particles.positions, R.particles.momenta)  # noqa: E731
            moved = tuple(z - c for z, c in zip(where(self.state), (position, momentum)))
            return Family(eqx.tree_at(where, self.state, moved), None, self.hbar)
        lower, upper = (
            tuple(end - c for end, c in zip(ends, position))
            for ends in (self.grid.lower, self.grid.upper)
        )
        return Family(self.state, Grid(lower, upper, self.grid.points), self.hbar)

    def moments(self) -> tuple[Array, Array]:
        """Mean (2d,) and symmetrised covariance (2d, 2d) of the quadratures, R normalised."""
        if isinstance(self.state, FockState):
            return _fock_moments(self.state)
        if isinstance(self.state, ToeplitzState):
            points = self.state.particles
            z = jnp.concatenate([points.positions, points.momenta], axis=1)
            w = self.weights / jnp.sum(self.weights)
            near = jax.lax.stop_gradient(z[jnp.argmax(w)])
            z = z - near
            mean = w @ z
            spread = (w[:, None] * (z - mean)).T @ (z - mean)
            return near + mean, spread + 0.5 * self.hbar * jnp.eye(z.shape[1])
        ends = [0.5 * (low + high) for low, high in zip(self.grid.lower, self.grid.upper)]
        centre = jnp.stack(
            [*(jnp.asarray(end, float) for end in ends), *(jnp.zeros(()),) * len(ends)]
        )
        mean, covariance = _grid_moments(self.state, self.seen_from(centre).grid, self.hbar)
        return centre + mean, covariance

    def overlaps(self, points: Float[Array, "n m"]) -> Complex[Array, "n j"]:
        """⟨φ_j|z⟩ for packets |z⟩ at `points`, up to a phase for each z."""
        if isinstance(self.state, FockState):
            return _fock_packets(self.state.number, self.hbar, points)
        if isinstance(self.state, ToeplitzState):
            return _inner(_amplitudes(points, self.hbar), _amplitude(self.state)).conj()
        positions, momenta = jnp.split(points, 2, axis=1)
        packets = probes(self.grid, positions, momenta, self.hbar)
        flat = self.state.orbitals.reshape(self.weights.shape[0], -1)
        return packets.reshape(points.shape[0], -1) @ flat.conj().T * self.grid.cell

    def sandwich(self, T: Complex[Array, "j r"]) -> Matrices:
        """Gram matrix, quadratures and half square of the vectors Σ_j T_ji φ_j."""
        if isinstance(self.state, FockState):
            return _fock_matrices(self.state.number, self.hbar, T)
        if isinstance(self.state, ToeplitzState):
            return _packet_matrices(self.state, T)
        orbitals = self.state.orbitals
        vectors = jnp.tensordot(T.T, orbitals, 1)
        return _grid_matrices(vectors, self.grid, self.hbar)


def family(state: Any, grid: Grid | None, hbar: Scalar | None, name: str = "R") -> Family:
    """The state with its grid and ħ, checked: ψ becomes a `MixedState` of one orbital. `name`: what messages call it."""
    if isinstance(state, (FockState, ToeplitzState)):
        require(
            hbar is None or not concrete((hbar, state.hbar)) or hbar == state.hbar,
            "hbar",
            "be that of the state, or left out",
            hbar,
        )
        return Family(state, None, state.hbar)
    must = "be given, since the state is one of orbitals on a grid"
    if not isinstance(grid, Grid):
        raise ValueError(f"Argument `grid` must {must}, but is {describe(grid)}")
    check_line(grid)
    if hbar is None:
        raise ValueError(f"Argument `hbar` must {must}, but is None")
    check_positive_scalar("hbar", hbar)
    if not isinstance(state, MixedState):
        check_finite_complex(name, state)
        state = MixedState(jnp.ones(1), jnp.asarray(state)[None])
    require(state.orbitals.shape[1:] == grid.shape, name, f"have the shape {grid.shape}", state)
    return Family(state, grid, hbar)


def compress(
    source: Family, rank: int | None = None, tolerance: float = 1e-13, name: str = "R"
) -> CompressedState:
    """R on its range, or on the span of its `rank` largest eigenvalues.

    **Arguments:** `rank`: how many eigenvalues to keep (static); None keeps those above `tolerance`, or all if they are traced.
    """
    eigenvalues, T, amplitudes = _spectrum(source, name)
    mass = jnp.sum(eigenvalues)
    if concrete(mass):
        require(abs(float(mass) - 1) <= 1e-6, name, "have trace 1", f"one of trace {float(mass):g}")
    return cut(_sandwiched(source, eigenvalues / mass, T, amplitudes), rank, tolerance)


def whole(source: Family) -> CompressedState:
    """R, checked before, with all of its eigenvalues, be they 0."""
    eigenvalues, T, amplitudes = _spectrum(source, "R")
    return _sandwiched(source, eigenvalues / jnp.sum(eigenvalues), T, amplitudes)


def _sandwiched(source: Family, eigenvalues: Array, T: Array, amplitudes: Array) -> CompressedState:
    _, quadratures, half = source.sandwich(T)
    nothing = jnp.zeros((), eigenvalues.dtype)
    hbar = source.hbar
    return CompressedState(eigenvalues, quadratures, half, T, amplitudes, hbar, nothing, nothing)


def cut(state: CompressedState, rank: int | None, tolerance: float = 1e-13) -> CompressedState:
    """The span of the `rank` largest eigenvalues of a whole state, or of those above the tolerance."""
    eigenvalues, total = state.eigenvalues, state.rank
    kept = _occupied(eigenvalues, tolerance) if rank is None else rank
    require(1 <= kept <= total, "rank", f"lie between 1 and {total}, the size of the state", kept)
    if kept == total:
        return state
    rest = jnp.real(jnp.diagonal(state.half_square))[kept:] @ eigenvalues[kept:]
    keep = slice(None, kept)
    return CompressedState(
        eigenvalues[keep],
        state.quadratures[:, keep, keep],
        state.half_square[keep, keep],
        state.coefficients[:, keep],
        state.amplitudes[keep],
        state.hbar,
        jnp.sum(eigenvalues[kept:]),
        jnp.maximum(2 * rest, 0.0),
    )


def _occupied(eigenvalues: Array, tolerance: float) -> int:
    """How many are above the tolerance; all where they are not known."""
    if not concrete(eigenvalues):
        return eigenvalues.shape[0]
    return max(1, int(np.sum(np.asarray(eigenvalues) > tolerance)))


def _spectrum(source: Family, name: str) -> tuple[Array, Array, Array]:
    """Eigenvalues (falling), coefficients T and amplitudes of the eigenvectors of R."""
    if isinstance(source.state, FockState):
        values, vectors = jnp.linalg.eigh(source.weights)
        values, vectors = values[::-1], vectors[:, ::-1]
        if concrete(values):
            positive = float(values[-1]) >= -1e-9 * max(float(values[0]), 1e-300)
            require(positive, name, "be positive", f"one with the eigenvalue {float(values[-1]):g}")
        return jnp.maximum(values, 0.0), vectors, vectors.conj().T
    root = jnp.sqrt(source.weights)
    if isinstance(source.state, ToeplitzState):
        gram = root[:, None] * _overlaps(source.state) * root[None, :]
        values, U = jnp.linalg.eigh(gram)
        values, U = jnp.maximum(values[::-1], 0.0), U[:, ::-1]
        singular = jnp.sqrt(values)
    else:
        flat = source.state.orbitals.reshape(root.shape[0], -1) * jnp.sqrt(source.grid.cell)
        left, singular, _ = jnp.linalg.svd(root[:, None] * flat, full_matrices=False)
        # √w_j φ_j = Σ_i left_ji s_i e_i: in the notation below U = conj(left)
        values, U = singular**2, left.conj()
    safe = jnp.where(singular > 0, singular, 1.0)
    weighted = jnp.where(root > 0, root, 1.0)
    amplitudes = (U.conj() * singular[None, :]).T / weighted[None, :]
    return values, root[:, None] * U / safe[None, :], amplitudes


def _fock_matrices(number: int, hbar: Scalar, T: Array) -> Matrices:
    """a|n⟩ = √n|n−1⟩; ŷ = √(ħ/2)(a + a†), p̂ = √(ħ/2)(a − a†)/i, N = ħ(n + ½)."""
    lower = jnp.asarray(np.diag(np.sqrt(np.arange(1.0, number)), 1)).astype(T.dtype)
    left = T.conj().T
    down = left @ lower @ T
    levels = hbar * (jnp.arange(number) + 0.5)
    return left @ T, _from_ladder(down[None], hbar), left @ (levels[:, None] * T)


def _from_ladder(down: Complex[Array, "d r r"], hbar: Scalar) -> Complex[Array, "m r r"]:
    up = down.conj().swapaxes(1, 2)
    scale = jnp.sqrt(0.5 * hbar)
    return jnp.concatenate([scale * (down + up), scale * (down - up) / 1j])


def _packet_matrices(state: ToeplitzState, T: Array) -> Matrices:
    """⟨z_j|a|z_k⟩ = a_k⟨z_j|z_k⟩ and ⟨z_j|a†·a|z_k⟩ = ā_j·a_k⟨z_j|z_k⟩."""
    a, G, left = _amplitude(state), _overlaps(state), T.conj().T
    down = jax.vmap(lambda column: left @ (G @ (column[:, None] * T)), in_axes=1)(a)
    number = left @ ((a.conj() @ a.T) * G) @ T
    gram = left @ G @ T
    zero_point = 0.5 * state.dimension
    return gram, _from_ladder(down, state.hbar), state.hbar * (number + zero_point * gram)


def _amplitude(state: ToeplitzState) -> Complex[Array, "k d"]:
    points = state.particles
    return jax.lax.complex(points.positions, points.momenta) / jnp.sqrt(2 * state.hbar)


def _amplitudes(points: Float[Array, "n m"], hbar: Scalar) -> Complex[Array, "n d"]:
    """a = (x + iξ)/√(2ħ)."""
    d = points.shape[1] // 2
    return jax.lax.complex(points[:, :d], points[:, d:]) / jnp.sqrt(2 * hbar)


def _overlaps(state: ToeplitzState) -> Complex[Array, "k k"]:
    a = _amplitude(state)
    return _inner(a, a)


def _inner(a: Complex[Array, "n d"], b: Complex[Array, "k d"]) -> Complex[Array, "n k"]:
    """⟨a|b⟩ = exp(ā·b − ½|a|² − ½|b|²) = exp(−½|a−b|² + i Im(½(a+b)*·(b−a))), from differences: |a|² is large for small ħ."""
    gaps, sums = b - a[:, None], 0.5 * (b + a[:, None])
    x, y = jnp.real(gaps), jnp.imag(gaps)
    phase = jnp.sum(jnp.real(sums) * y - jnp.imag(sums) * x, axis=2)
    return jnp.exp(jax.lax.complex(-0.5 * jnp.sum(x**2 + y**2, axis=2), phase))


def _fock_packets(number: int, hbar: Scalar, points: Float[Array, "n m"]) -> Array:
    """⟨n|z⟩ = e^{−|a|²/2} aⁿ/√n!, by its logarithm: for large a one factor is 0 and the other infinite."""
    a = _amplitudes(points, hbar)
    ratios = jnp.log(jnp.where(a == 0, 1e-300, a) / jnp.sqrt(jnp.arange(1.0, number)))
    powers = jnp.cumsum(ratios, axis=1)
    logarithms = jnp.concatenate([jnp.zeros_like(a), powers], axis=1)
    return jnp.exp(logarithms - 0.5 * jnp.abs(a) ** 2)


def _grid_matrices(vectors: Complex[Array, " r *shape"], grid: Grid, hbar: Scalar) -> Matrices:
    """ŷ multiplies by the coordinate, p̂ by ħk in Fourier space."""
    r, d = vectors.shape[0], grid.dimension
    flat = vectors.reshape(r, -1) * jnp.sqrt(grid.cell)
    axes = tuple(range(1, d + 1))
    spectrum = fourier.fftn(vectors, axes=axes).reshape(r, -1) * jnp.sqrt(
        grid.cell / np.prod(grid.points)
    )
    half = jnp.zeros((r, r), flat.dtype)
    position, momentum = [], []
    for x, k in zip(grid.mesh, grid.wavenumber_mesh):
        y = jnp.broadcast_to(jnp.asarray(x), grid.shape).reshape(-1)
        p = hbar * jnp.broadcast_to(jnp.asarray(k), grid.shape).reshape(-1)
        position.append(_between(flat, y))
        momentum.append(_between(spectrum, p))
        half = half + 0.5 * (_between(flat, y**2) + _between(spectrum, p**2))
    gram = _between(flat, jnp.ones(flat.shape[1]))
    return gram, jnp.stack(position + momentum), half


def _between(vectors: Complex[Array, "r n"], diagonal: Float[Array, " n"]) -> Array:
    return vectors.conj() @ (diagonal[:, None] * vectors.T)


def _fock_moments(state: FockState) -> tuple[Array, Array]:
    """Two more levels hold the products of quadratures exactly."""
    n = state.number + 2
    R = jnp.pad(state.matrix, (0, 2))
    R = R / jnp.real(jnp.trace(R))
    down = jnp.asarray(np.diag(np.sqrt(np.arange(1.0, n)), 1)).astype(R.dtype)
    Z = _from_ladder(down[None], state.hbar)
    mean = jnp.real(jnp.einsum("imn,nm->i", Z, R))
    products = jnp.real(jnp.einsum("iml,jln,nm->ij", Z, Z, R))
    return mean, 0.5 * (products + products.T) - mean[:, None] * mean


def _grid_moments(state: MixedState, grid: Grid, hbar: Scalar) -> tuple[Array, Array]:
    """⟨φ|Ẑ_iẐ_j|φ⟩ from the vectors Ẑ_jφ."""
    axes = tuple(range(grid.dimension))

    def quadratures(psi):
        spectrum = fourier.fftn(psi)
        positions = [x * psi for x in grid.mesh]
        momenta = [fourier.ifftn(hbar * k * spectrum, axes=axes) for k in grid.wavenumber_mesh]
        vectors = jnp.stack(positions + momenta).reshape(2 * grid.dimension, -1)
        mean = jnp.real(vectors @ psi.reshape(-1).conj()) * grid.cell
        return mean, jnp.real(vectors.conj() @ vectors.T) * grid.cell

    means, products = jax.vmap(quadratures)(state.orbitals)
    flat = state.orbitals.reshape(state.weights.shape[0], -1)
    w = state.weights
    w = w / (w @ jnp.sum(jnp.abs(flat) ** 2, axis=1) * grid.cell)
    mean = w @ means
    return mean, jnp.tensordot(w, products, 1) - mean[:, None] * mean
