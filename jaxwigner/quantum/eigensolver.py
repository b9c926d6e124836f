"""The lowest eigenvalues of T(k) + U(x) on a periodic grid, on the host: LAPACK on few points, ARPACK on FFTs on many.

What lies far above the levels is levelled: T′ = min(T, c), U′ = min(U, c), so that the number of products does not grow with walls or
with the finest wavenumber. As H′ = T′ + U′ ≤ H, Courant and Fischer say, for the eigenvectors v_j of H′ and any n vectors w_j,

    E′_j ≤ E_j ≤ the j-th eigenvalue of H within the span of w_0 … w_{n−1};

with w_j = v_j where U ≤ c and 0 elsewhere the difference is computed, and c raised until it is below rounding. Krylov spaces of one
vector may lack a copy of a degenerate level: what is left when all vectors that were found are lifted out of the way must lie above.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

DENSE = 1000  # points from which on ARPACK is faster
AFFORDABLE = 4096  # points up to which it is possible
MANY = 2**15  # points from which on an FFT has several threads
CAP = 8.0  # c in units of the estimated level, at first
HARMLESS = 1e-13  # of that estimate: what levelling may move
TOGETHER = 1e-8  # of it: levels that are nearer than this are degenerate
RAISE = 10.0
STEEP = 16.0  # times the largest T: no grid resolves how a level ends in higher walls
RESTARTS = 60, 1000  # of ARPACK, where a dense problem can still follow and where not
SPARE = 3  # vectors beyond those that are asked for, at first


class Solved(NamedTuple):
    """`energies` (n,), `vectors` (n, *shape) of length one, bounds of the `errors`, and of the group of degenerate levels that each one
    belongs to the means of v² (`rho`) and of |v̂|² (`power`), which no choice of a basis changes."""

    energies: Any
    vectors: Any
    errors: Any
    rho: Any
    power: Any


def lowest(kinetic: np.ndarray, potential: np.ndarray, n: int) -> Solved:
    """The n lowest levels; `kinetic`: T at the wavenumbers in NumPy's order, even; `potential`: U at the points."""
    T, U = checked(kinetic, potential)
    floor = T.min() + U.min()
    scale = _estimate(T, U, n + 2) - floor
    cap = CAP * scale
    top = max(np.ptp(T), min(np.ptp(U), STEEP * np.ptp(T)))
    while True:
        levelled = _Levelled(T, U, cap)
        energies, vectors = _solve(levelled, n, TOGETHER * scale)
        moved = levelled.moved(energies[:n], vectors[:n])
        if moved <= HARMLESS * scale or cap >= top:
            break
        cap = min(RAISE * cap, top)
    return _report(levelled, energies, vectors, n, moved, TOGETHER * scale)


class _Levelled:
    """H′ = min(T, c) + min(U, c), energies from the lowest conceivable one."""

    def __init__(self, T: np.ndarray, U: np.ndarray, cap: float):
        self.T, self.U = np.minimum(T, T.min() + cap), np.minimum(U, U.min() + cap)
        self.shape, self.range = U.shape, np.ptp(self.T) + np.ptp(self.U)
        self.half, self.exact = (t[..., : U.shape[-1] // 2 + 1] for t in (self.T, T))
        self.kept = self.U == U

    def __call__(self, v: np.ndarray) -> np.ndarray:
        """H′v of one vector, or of several along a leading axis."""
        u = v.reshape(-1, *self.shape)
        return (times(self.half, u) + self.U * u).reshape(v.shape)

    def moved(self, energies: np.ndarray, vectors: np.ndarray) -> float:
        """The most that levelling may have moved a level."""
        inside = np.where(self.kept, vectors, 0.0)
        basis = np.linalg.qr(inside.reshape(len(inside), -1).T)[0].T.reshape(inside.shape)
        image = times(self.exact, basis) + np.where(self.kept, self.U, 0.0) * basis
        flat = basis.reshape(len(basis), -1), image.reshape(len(basis), -1)
        return float(np.max(np.linalg.eigvalsh(flat[0] @ flat[1].T) - energies))


def times(half: np.ndarray, u: np.ndarray) -> np.ndarray:
    """F⁻¹ T F of real fields along a leading axis; `half` of T as for real FFTs."""
    from scipy import fft

    if u.ndim == 2:  # with less ado
        return np.asarray(fft.irfft(half * fft.rfft(u), u.shape[1]))
    axes, workers = tuple(range(1, u.ndim)), -1 if u.size >= MANY else 1
    spectrum = half * fft.rfftn(u, axes=axes, workers=workers)
    return np.asarray(fft.irfftn(spectrum, s=u.shape[1:], axes=axes, workers=workers))


def checked(kinetic: np.ndarray, potential: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """T and U in double precision, if they are finite and T is even, T(−k) = T(k), so that eigenvectors are real."""
    T, U = np.asarray(kinetic, float), np.asarray(potential, float)
    if not (np.all(np.isfinite(T)) and np.all(np.isfinite(U))):
        raise ValueError(
            "Argument `system` must have finite energies, but T or U is infinite or NaN"
        )
    mirrored = np.roll(np.flip(T), 1, range(T.ndim))
    if np.max(np.abs(T - mirrored)) > 1e-6 * max(np.ptp(T), np.finfo(float).tiny):
        raise ValueError(
            "Argument `system` must have an even kinetic energy, but T(−k) is not T(k)"
        )
    return T, U


def spectra(vectors: np.ndarray) -> np.ndarray:
    """|v̂|² of each vector, of sum Σv²."""
    axes = tuple(range(1, vectors.ndim))
    return np.abs(np.fft.fftn(vectors, axes=axes)) ** 2 / vectors[0].size


def _estimate(T: np.ndarray, U: np.ndarray, count: float) -> float:
    """E below which phase space has room for `count` states (Weyl): the share of pairs (k, x) with T + U ≤ E, times the points."""
    T, U = np.sort(T, axis=None), np.sort(U, axis=None)
    floor = T[0] + U[0]
    low, high = 1e-280, 1.0
    reach = max(T[-1] + U[-1] - floor, np.finfo(float).tiny)
    for _ in range(45):
        middle = np.sqrt(low * high)
        room = np.searchsorted(T, floor + middle * reach - U, side="right").mean()
        low, high = (low, middle) if room >= count else (middle, high)
    return floor + high * reach


def _solve(H: _Levelled, n: int, together: float) -> tuple[np.ndarray, np.ndarray]:
    """At least n levels, and all that are degenerate with the n-th."""
    from scipy.sparse.linalg import ArpackError

    if H.U.size < DENSE or 10 * (n + SPARE) > H.U.size:
        return _dense(H, n, together)
    try:
        return _krylov(H, n, together)
    except ArpackError as error:  # levels that lie close in a wide spectrum
        if H.U.size <= AFFORDABLE:
            return _dense(H, n, together)
        must = "have levels that ARPACK finds (try fewer points, or a lower wall)"
        raise ValueError(f"Argument `system` must {must}, but it gave up: {error}") from error


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
    from scipy.sparse import linalg

    # ARPACK's accuracy is relative to a level: none may be near 0.
    shift = H.range - H.T.min() - H.U.min()

    def product(v: np.ndarray) -> np.ndarray:
        v = v.reshape(-1)
        return H(v) + shift * v + H.range * (lifted.T @ (lifted @ v))

    size = H.U.size
    start = np.random.default_rng(0).standard_normal(size)
    kind: Any = linalg.LinearOperator
    operator = kind((size, size), matvec=product, dtype=float)
    basis = min(size, max(2 * k + 8, 40))
    restarts = RESTARTS[size > AFFORDABLE]
    found = linalg.eigsh(operator, k, which="SA", v0=start, ncv=basis, maxiter=restarts)
    return _ritz(H, found[1].T)


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
