"""The lowest levels of a system on a grid of their own, found without a word about box or points (d = 1, 2).

The box along each axis reaches from the deepest well to where e^{−∫√(2m(U − E))dx/ħ} is as good as zero, momenta beyond
√(2m(E − min U)). E starts from the harmonic well and follows the levels that are found; the grid grows until ends and highest
wavenumbers are empty and the levels stay where they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaxwigner._checks import require
from jaxwigner.grid import Grid, even_length
from jaxwigner.quantum.eigensolver import lowest as eigenvalues
from jaxwigner.studies.compare.states import scan
from jaxwigner.studies.compare.states.own import OwnSystem, slide

DECAY = 20.0  # ∫κ dx beyond which a level is zero: e^{−20} of its amplitude; more where that is not enough
FAR = 30.0  # widths of the ground state that are looked along at first
FARTHER = 4.0 ** np.arange(6)  # and times that
SCANNED = 4000
SAME = 1e-10  # of the height of a level above the bottom: what a larger grid may change
EMPTY = 1e-9  # share of a level at the ends of the box and among the highest wavenumbers
ROUNDS = 24
NEAR = 0.999  # of the way to dissociation: levels above are left out, since they reach too far
MOST = {1: 2**12, 2: 2**13}  # points


class Found(NamedTuple):
    """Levels below `limit` (∞ where everything is bound): grid, energies, orthonormal states, and the bottom of the well."""

    grid: Grid
    energies: np.ndarray
    states: np.ndarray
    bottom: float
    limit: float

    def below(self, energy: float) -> Found:
        """Those of them that lie below an energy."""
        kept = self.energies < energy
        return self._replace(energies=self.energies[kept], states=self.states[kept])


class _Axis(NamedTuple):
    """Along one axis: the ends of the box, and the energy at which the way out opens."""

    lower: float
    upper: float
    threshold: float


def bound_levels(system: OwnSystem, hbar: float, n: int, near: Any = None) -> Found:
    """Levels 0 … n − 1, or as many as are bound.

    **Raises:** `ValueError` for a potential without a well, and for levels that take too many points.
    """
    well = _Well.of(system, hbar, near)
    energy = well.bottom + hbar * (0.5 * well.frequencies.sum() + n * well.frequencies.min())
    found: Found | None = None
    growth, share = 1.0, 0.9
    for _ in range(ROUNDS):
        axes, limit = well.box(energy, growth)
        if energy > well.share(limit, share):
            energy = well.share(limit, share)
            axes, _ = well.box(energy, growth)
        solved = well.solve(axes, energy, growth, n)._replace(limit=limit)
        solved = solved.below(well.share(limit, NEAR))
        enough = len(solved.energies) == n or share == NEAR
        top = solved.energies[-1] if len(solved.energies) else energy
        if top <= energy and enough and _same(found, solved) and well.empty(solved):
            return solved
        share = share if enough and top <= energy else NEAR
        missing = n - len(solved.energies)
        energy = max(energy, top + hbar * well.frequencies.min() * (1 + missing))
        found, growth = solved, growth * 1.15
    must = f"have {n} levels that a grid resolves"
    raise ValueError(f"Argument `potential` must {must}, but they do not settle")


def _same(old: Found | None, new: Found) -> bool:
    """Whether a larger grid has left the levels where they were."""
    if old is None or len(old.energies) != len(new.energies):
        return False
    height = np.maximum(new.energies - new.bottom, np.finfo(float).tiny)
    return bool(np.all(np.abs(old.energies - new.energies) <= SAME * height.max()))


class _Well(NamedTuple):
    """The deepest well of a system: its minimum, its frequencies along the axes, its bottom."""

    system: OwnSystem
    hbar: float
    position: np.ndarray
    frequencies: np.ndarray
    bottom: float
    masses: np.ndarray

    @classmethod
    def of(cls, system: OwnSystem, hbar: float, near: Any) -> _Well:
        start = scan.lowest(system.potential, system.d) if near is None else near
        found = slide(system.potential, tuple(float(q) for q in start))
        masses = np.array([float(m) for m in system.mass])
        stiffness = np.diag(np.asarray(found.hessian, float))
        position = np.asarray(found.position, float)
        apart = np.max(np.abs(found.apart)) <= 1e-5 * max(np.max(np.abs(position)), 1e-3)
        must = "have a well with a curved bottom"
        require(np.all(stiffness > 0) and apart, "potential", must, f"none near {list(start)}")
        bottom = float(found.bottom)
        return cls(system, hbar, position, np.sqrt(stiffness / masses), bottom, masses)

    def share(self, limit: float, part: float) -> float:
        """The energy that is a part of the way from the bottom to the threshold."""
        return self.bottom + part * (limit - self.bottom)

    def box(self, energy: float, growth: float) -> tuple[list[_Axis], float]:
        """The ends along every axis where a level has decayed, and the lowest threshold."""
        axes = [self.axis(axis, energy, DECAY * growth) for axis in range(self.system.d)]
        return axes, min(axis.threshold for axis in axes)

    def domain(self, axis: int) -> tuple[float, float]:
        """Where the potential is defined along an axis."""
        ends = (
            np.broadcast_to(np.asarray(end, float), (self.system.d,))
            for end in self.system.potential.domain
        )
        first, last = (float(end[axis]) for end in ends)
        return first, last

    def border(self, axis: int, sign: int) -> float:
        """How far it is from the minimum to the end of the domain."""
        return abs(self.domain(axis)[sign > 0] - self.position[axis])

    def axis(self, axis: int, energy: float, decay: float) -> _Axis:
        """The box along an axis through the minimum."""
        sides = [self._side(axis, sign, energy, decay) for sign in (-1, 1)]
        (low, one), (high, two) = sides
        return _Axis(low, high, min(one, two))

    def _side(self, axis: int, sign: int, energy: float, decay: float) -> tuple[float, float]:
        """Where a level of that energy has decayed, and the energy at which it would not (∞ where walls go on rising)."""
        width = np.sqrt(self.hbar / (self.masses[axis] * self.frequencies[axis]))
        border = self.border(axis, sign)
        far = 0.0
        for scale in FARTHER:
            far = min(FAR * scale * width, border)
            s, integral = self._decay(axis, sign, far, energy)
            closed = np.nonzero(integral > decay)[0]
            if closed.size:
                end = float(self.position[axis] + sign * s[closed[0]])
                return end, self._threshold(axis, sign, far)
            if far >= border:
                place = self.position[axis] + sign * border
                must = "reach further: its table ends where a level has not decayed"
                raise ValueError(f"Argument `potential` must {must}, but ends at {place:g}")
        return float(self.position[axis] + sign * far), self._threshold(axis, sign, far)

    def _decay(self, axis: int, sign: int, far: float, energy: float) -> tuple[Any, Any]:
        """Distances up to `far`, and ∫κ dx beyond the last of them that is reached classically."""
        s = far * np.linspace(0, 1, SCANNED) ** 2
        U = self._along(axis, sign * s)
        with np.errstate(over="ignore", invalid="ignore"):
            kappa = np.sqrt(2 * self.masses[axis] * np.maximum(U - energy, 0)) / self.hbar
        kappa = np.clip(np.nan_to_num(kappa, nan=0.0), 0.0, 1e12)
        decay = np.concatenate([[0.0], np.cumsum(0.5 * (kappa[1:] + kappa[:-1]) * np.diff(s))])
        return s, decay - np.maximum.accumulate(np.where(energy >= U, decay, 0.0))

    def _threshold(self, axis: int, sign: int, far: float) -> float:
        """The lowest U far out, where it has levelled off or falls; ∞ where it rises or a table ends."""
        if np.isfinite(self.border(axis, sign)):
            return np.inf
        two = self._along(axis, sign * far * np.array([16.0, 64.0]))
        level = abs(two[1] - two[0]) <= 1e-3 * abs(two[1] - self.bottom)
        return float(two.min()) if level or two[1] < two[0] else np.inf

    def _along(self, axis: int, offsets: np.ndarray) -> np.ndarray:
        x = [np.full(offsets.shape, q) for q in self.position]
        x[axis] = x[axis] + offsets
        return np.asarray(self.system.potential(*x), float)

    def solve(self, axes: list[_Axis], energy: float, growth: float, n: int) -> Found:
        """The levels in a box, with `growth` times as much room for momenta as they need."""
        points = []
        for i, axis in enumerate(axes):
            momentum = np.sqrt(2 * self.masses[i] * (energy - self.bottom))
            momentum += 6.0 * np.sqrt(0.5 * self.hbar * self.masses[i] * self.frequencies[i])
            count = growth * momentum * (axis.upper - axis.lower) / (np.pi * self.hbar)
            points.append(even_length(int(min(np.ceil(count), 1e9))))
        total = float(np.prod(np.array(points, float)))
        most = MOST[self.system.d]
        must = f"have {n} levels on at most {most} points (are all numbers in atomic units?)"
        require(total <= most, "potential", must, f"{total:.3g} of them")
        lower, upper = tuple(a.lower for a in axes), tuple(a.upper for a in axes)
        grid = Grid(lower, upper, tuple(points))
        U = np.broadcast_to(np.asarray(self.system.potential(*grid.mesh), float), grid.shape)
        U = np.where(np.isfinite(U), U, np.max(U[np.isfinite(U)]))
        T: Any = sum(
            (self.hbar * np.asarray(k)) ** 2 / (2 * m)
            for k, m in zip(grid.wavenumber_mesh, self.masses)
        )
        room = _room(energy - U, self.masses, float(grid.cell), self.hbar)
        energies, vectors = _lowest(T, U, min(n, room, U.size))
        states = vectors / np.sqrt(float(grid.cell))
        return Found(grid, energies, states, self.bottom, np.inf)

    def empty(self, found: Found) -> bool:
        """Whether ends and highest wavenumbers hold nothing of the levels."""
        axes = range(found.grid.dimension)
        power = np.abs(np.fft.fftn(found.states, axes=[a + 1 for a in axes])) ** 2
        worst = 0.0
        for axis in axes:
            others = tuple(a + 1 for a in axes if a != axis)
            rho, k = (field.sum(axis=others) for field in (found.states**2, power))
            high = np.abs(np.fft.fftfreq(k.shape[1])) > 0.45
            worst = max(worst, np.max(rho[:, [0, -1]].max(axis=1) / rho.max(axis=1), initial=0.0))
            worst = max(worst, np.max(k[:, high].sum(axis=1) / k.sum(axis=1), initial=0.0))
        return worst <= EMPTY


def _lowest(T: np.ndarray, U: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The n lowest levels; on a line by LAPACK, since Krylov spaces converge slowly next to a continuum."""
    if U.ndim > 1:
        solved = eigenvalues(T, U, n)
        return solved.energies, solved.vectors
    from scipy.linalg import eigh

    kinetic = np.fft.ifft(T[:, None] * np.fft.fft(np.eye(T.size), axis=0), axis=0).real
    energies, vectors = eigh(kinetic + np.diag(U), subset_by_index=[0, n - 1])
    return energies, vectors.T


def _room(kinetic: np.ndarray, masses: np.ndarray, cell: float, hbar: float) -> int:
    """How many levels phase space has room for (Weyl), and some more."""
    kinetic = np.maximum(kinetic, 0.0)
    if len(masses) == 1:
        count = np.sum(np.sqrt(2 * masses[0] * kinetic)) * cell / (np.pi * hbar)
    else:
        count = np.sqrt(np.prod(masses)) * np.sum(kinetic) * cell / (2 * np.pi * hbar**2)
    return int(1.2 * count) + 4
