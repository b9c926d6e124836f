"""The lowest eigenvalues of T(k) + U(x) on a periodic grid, on the host: LAPACK on few points, ARPACK on FFTs on many.

What lies far above the levels is levelled: T′ = min(T, c), U′ = min(U, c), so that the number of products does not grow with walls or
with the finest wavenumber. T′ + U′ = H′ ≤ H, hence by Courant and Fischer, for orthonormal eigenvectors v_j of H′,

    0 ≤ E_j − E′_j ≤ Σ_i ⟨v_i|H − H′|v_i⟩,

which is computed, and c is raised until it is below rounding. Krylov spaces of one vector may lack a copy of a degenerate level: what
is left when all vectors that were found are lifted out of the way must lie above them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

DENSE = 1000  # points from which on ARPACK is faster
MANY = 2**15  # points from which on an FFT has several threads
CAP = 8.0  # c in units of the estimated level, at first
HARMLESS = 1e-13  # of that estimate: what levelling may move
TOGETHER = 1e-8  # of it: levels that are nearer than this are degenerate
SPARE = 3  # vectors beyond those that are asked for, at first


class Solved(NamedTuple):
    """`energies` (n,), `vectors` (n, *shape) of length one, bounds of the `errors`, and of the group of degenerate levels that each one
    belongs to the means of v² (`rho`) and of |v̂|² (`power`), which no choice of a basis changes."""

    energies: np.ndarray
    vectors: np.ndarray
    errors: np.ndarray
    rho: np.ndarray
    power: np.ndarray


def lowest(kinetic: np.ndarray, potential: np.ndarray, n: int) -> Solved:
    """The n lowest levels; `kinetic`: T at the wavenumbers in NumPy's order, even; `potential`: U at the points."""
    T, U = np.asarray(kinetic, float), np.asarray(potential, float)
    floor = T.min() + U.min()
    scale = _estimate(T, U, n + 2) - floor
    cap, top = CAP * scale, max(np.ptp(T), np.ptp(U))
    while True:
        levelled = _Levelled(T, U, cap)
        energies, vectors = _solve(levelled, n, TOGETHER * scale)
        moved = levelled.moved(vectors[:n])
        if moved <= HARMLESS * scale or cap >= top:
            break
        cap *= 4
    return _report(levelled, energies, vectors, n, moved, TOGETHER * scale)


class _Levelled:
    """H′ = min(T, c) + min(U, c), energies from the lowest conceivable one."""

    def __init__(self, T: np.ndarray, U: np.ndarray, cap: float):
        self.T, self.U = np.minimum(T, T.min() + cap), np.minimum(U, U.min() + cap)
        self.above = T - self.T, U - self.U
        self.shape, self.range = U.shape, np.ptp(self.T) + np.ptp(self.U)
        self.half = self.T[..., : U.shape[-1] // 2 + 1]

    def __call__(self, v: np.ndarray) -> np.ndarray:
        """H′v of one vector, or of several along a leading axis."""
        from scipy import fft

        u = v.reshape(-1, *self.shape)
        axes, workers = tuple(range(1, u.ndim)), -1 if u.size >= MANY else 1
        spectrum = self.half * fft.rfftn(u, axes=axes, workers=workers)
        moved = fft.irfftn(spectrum, s=self.shape, axes=axes, workers=workers)
        return (moved + self.U * u).reshape(v.shape)

    def moved(self, vectors: np.ndarray) -> float:
        """Σ_i ⟨v_i|H − H′|v_i⟩."""
        T, U = self.above
        found = np.sum(U * np.sum(vectors**2, axis=0))
        return float(found + np.sum(T * np.sum(spectra(vectors), axis=0)))


def spectra(vectors: np.ndarray) -> np.ndarray:
    """|v̂|² of each vector, of sum Σv²."""
    axes = tuple(range(1, vectors.ndim))
    return np.abs(np.fft.fftn(vectors, axes=axes)) ** 2 / vectors[0].size


def _estimate(T: np.ndarray, U: np.ndarray, count: float) -> float:
    """E below which phase space has room for `count` states (Weyl): the share of pairs (k, x) with T + U ≤ E, times the points."""
    T, U = np.sort(T, axis=None), np.sort(U, axis=None)
    floor = T[0] + U[0]
    low, high = 1e-12, 1.0
    reach = max(T[-1] + U[-1] - floor, np.finfo(float).tiny)
    for _ in range(40):
        middle = np.sqrt(low * high)
        room = np.searchsorted(T, floor + middle * reach - U, side="right").mean()
        low, high = (low, middle) if room >= count else (middle, high)
    return floor + high * reach


def _solve(H: _Levelled, n: int, together: float) -> tuple[np.ndarray, np.ndarray]:
    """At least n levels, and all that are degenerate with the n-th."""
    small = H.U.size < DENSE or 10 * (n + SPARE) > H.U.size
    return (_dense if small else _krylov)(H, n, together)


def _dense(H: _Levelled, n: int, together: float) -> tuple[np.ndarray, np.ndarray]:
    from scipy.linalg import eigh

    size = H.U.size
    matrix = H(np.eye(size).reshape(size, *H.shape)).reshape(size, size)
    many = min(size, n + SPARE)
    while True:
        some = [0, many - 1]
        energies, vectors = eigh((matrix + matrix.T) / 2, subset_by_index=some)
        if many == size or energies[-1] > energies[n - 1] + together:
            return energies, vectors.T.reshape(many, *H.shape)
        many = min(size, 2 * many)


def _krylov(H: _Levelled, n: int, together: float) -> tuple[np.ndarray, np.ndarray]:
    energies, found = _arpack(H, n + SPARE, np.empty((0, H.U.size)))
    while True:
        # What is left of a Krylov space that has lost a copy shows itself once the others are lifted.
        left, more = _arpack(H, 1, found)
        if left[0] > energies[n - 1] + together:
            return energies, found.reshape(-1, *H.shape)
        energies, found = _ritz(H, np.concatenate([found, more]))


def _arpack(H: _Levelled, k: int, lifted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The k lowest levels of H′ + range·Σ|v⟩⟨v| over the `lifted` vectors."""
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    def product(v: np.ndarray) -> np.ndarray:
        v = v.reshape(-1)
        return H(v) + H.range * (lifted.T @ (lifted @ v))

    size = H.U.size
    start = np.random.default_rng(0).standard_normal(size)
    operator = LinearOperator((size, size), matvec=product, dtype=float)
    basis = min(size, max(2 * k + 8, 40))
    try:
        energies, vectors = eigsh(operator, k, which="SA", v0=start, ncv=basis, maxiter=size)
    except ArpackError as error:
        must = "have levels that ARPACK finds"
        raise ValueError(f"Argument `system` must {must}, but it gave up: {error}") from error
    return _ritz(H, vectors.T)


def _ritz(H: _Levelled, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels within the span of the rows, ascending."""
    basis = np.linalg.qr(rows.T)[0].T
    energies, turn = np.linalg.eigh(basis @ H(basis.reshape(-1, *H.shape)).reshape(basis.shape).T)
    return energies, turn.T @ basis


def _report(
    H: _Levelled, energies: np.ndarray, vectors: np.ndarray, n: int, moved: float, together: float
) -> Solved:
    residuals = np.linalg.norm(
        (H(vectors[:n]) - energies[:n].reshape(-1, *[1] * len(H.shape)) * vectors[:n]).reshape(
            n, -1
        ),
        axis=1,
    )
    squares, power = vectors**2, spectra(vectors)
    groups = np.cumsum(np.diff(energies, prepend=energies[0]) > together)
    mean = [groups == groups[j] for j in range(n)]
    rho, power = (np.stack([field[m].mean(axis=0) for m in mean]) for field in (squares, power))
    return Solved(energies[:n], _signed(vectors[:n]), residuals + moved, rho, power)


def _signed(vectors: np.ndarray) -> np.ndarray:
    """The first entry, in the order of the array, that exceeds half of the largest is positive."""
    flat = vectors.reshape(len(vectors), -1)
    size = np.abs(flat)
    first = np.argmax(size > 0.5 * size.max(axis=1, keepdims=True), axis=1)
    signs = np.sign(flat[np.arange(len(flat)), first])
    return vectors * signs.reshape(-1, *[1] * (vectors.ndim - 1))
