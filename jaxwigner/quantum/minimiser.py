"""The minimum of E[v] = ⟨v|T + U|v⟩ + ½⟨ρ|V⋆ρ⟩, ρ = v²/cell, over real vectors of length one, on the host.

Newton's method on the sphere: with r = (H_v − μ)v, μ = ⟨v|H_v|v⟩ and H_v = T + U + V⋆ρ, the step solves P(H_v − μ + 2vV⋆v)Pδ = −r for
δ ⟂ v by conjugate gradients, which stop where the curvature is negative; it is halved until E falls (Steihaug). The preconditioner is
that of Antoine, Levitt and Tang, J. Comput. Phys. 343, 92 (2017). In the end the second derivative must be positive: no saddle.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from jaxwigner.quantum.eigensolver import checked, lowest, spectra, times

ITERATIONS = 200
CONVERGED = 2e-14  # residual in units of the spectral range of the trap that the state feels
PATIENCE = 4  # steps that do not halve the residual
ENOUGH = 1e-9  # of the energies involved: a residual that rounding holds up may be as large
SADDLE = 1e-6  # of the same: a curvature below −this belongs to no minimum


class Minimum(NamedTuple):
    """`energy`, `chemical` potential μ, `vector` of length one, `residual` ‖(H_v − μ)v‖, `power` |v̂|²."""

    energy: Any
    chemical: Any
    vector: Any
    residual: Any
    power: Any


Field = Callable[[np.ndarray], np.ndarray]


def minimise(T: np.ndarray, U: np.ndarray, field: Field) -> Minimum:
    """From the lowest level without interaction; `field`: v² ↦ V⋆ρ."""
    energy = _Energy(*checked(T, U), field)
    v = np.abs(lowest(T, U, 1).vectors[0])
    v, residual = _descend(energy, v / np.linalg.norm(v))
    direction = energy.saddle(v)
    if direction is not None:
        v, residual = _descend(energy, _moved(v, 0.1 * direction))
        if energy.saddle(v) is not None:
            raise ValueError(
                "Argument `system` must have a ground state, but only saddles are found"
            )
    v = v * np.sign(v.sum())
    value, chemical = energy(v), energy.chemical(v)
    return Minimum(value, chemical, v, residual, spectra(v[None])[0])


def _descend(energy: _Energy, v: np.ndarray) -> tuple[np.ndarray, float]:
    """The end of Newton's iteration and its residual."""
    best, found, stalled, size = np.inf, v, 0, np.inf
    for _ in range(ITERATIONS):
        energy.at(v)
        size = float(np.linalg.norm(energy.residual))
        stalled = 0 if size < 0.5 * best else stalled + 1
        if size < best:
            best, found = size, v
        if best <= CONVERGED * energy.scale:
            return found, best
        if stalled >= PATIENCE and best < ENOUGH * energy.scale:
            return found, best
        v = _lower(energy, v, _newton(energy, v, min(0.1, size / energy.scale)))
    must = "have a ground state that Newton's method finds"
    raise ValueError(f"Argument `system` must {must}, but the residual stays at {size:.1e}")


def _newton(energy: _Energy, v: np.ndarray, accuracy: float) -> np.ndarray:
    """δ ⟂ v by preconditioned conjugate gradients; where the curvature is not positive, what has been reached."""
    x, r = np.zeros_like(v), -energy.residual
    z = energy.precondition(v, r)
    p, rz, goal = z, np.vdot(r, z), accuracy**2
    first = rz
    for _ in range(500):
        q = energy.hessian(v, p)
        bend = np.vdot(p, q)
        if bend <= 0:
            return x if x.any() else p
        x, r = x + rz / bend * p, r - rz / bend * q
        z = energy.precondition(v, r)
        old, rz = rz, np.vdot(r, z)
        if rz <= goal * first:
            return x
        p = z + rz / old * p
    return x


def _lower(energy: _Energy, v: np.ndarray, step: np.ndarray) -> np.ndarray:
    """The step, halved until the energy falls (within rounding)."""
    before = energy(v)
    for _ in range(30):
        after = _moved(v, step)
        if energy(after) <= before + 1e-14 * energy.scale:
            return after
        step = 0.5 * step
    return v


def _moved(v: np.ndarray, step: np.ndarray) -> np.ndarray:
    moved = v + step
    return moved / np.linalg.norm(moved)


class _Energy:
    """E, and H_v, residual and Hessian at a vector."""

    def __init__(self, T: np.ndarray, U: np.ndarray, field: Field):
        self.T, self.U, self.field = T, U, field
        self.half = T[..., : U.shape[-1] // 2 + 1]
        self.least = float(np.partition(T, 1, axis=None)[1] - T.min())  # of what moves

    def __call__(self, v: np.ndarray) -> float:
        kinetic = np.vdot(v, times(self.half, v[None])[0])
        rho = v**2
        return float(kinetic + np.sum(rho * (self.U + 0.5 * self.field(rho))))

    def chemical(self, v: np.ndarray) -> float:
        return float(self(v) + 0.5 * np.sum(v**2 * self.field(v**2)))

    def at(self, v: np.ndarray) -> None:
        """Prepare what belongs to v."""
        interaction = self.field(v**2)
        self.total = self.U + interaction
        image = times(self.half, v[None])[0] + self.total * v
        self.mu = np.vdot(v, image)
        self.residual = image - self.mu * v
        kinetic = np.vdot(v, times(self.half - self.half.min(), v[None])[0])
        weight = np.sum(v**2 * (self.U - self.U.min() + np.abs(interaction)))
        self.scale = self.shift = kinetic + weight + self.least

    def hessian(self, v: np.ndarray, p: np.ndarray) -> np.ndarray:
        image = times(self.half, p[None])[0] + (self.total - self.mu) * p
        image = image + 2 * v * self.field(v * p)
        return image - np.vdot(v, image) * v

    def precondition(self, v: np.ndarray, r: np.ndarray) -> np.ndarray:
        outer = np.sqrt(self.shift / (self.shift + self.total - self.total.min()))
        inner = 1 / (self.shift + self.half - self.half.min())
        r = outer * (r - np.vdot(v, r) * v)
        z = outer * times(inner, r[None])[0]
        return z - np.vdot(v, z) * v

    def saddle(self, v: np.ndarray) -> np.ndarray | None:
        """A direction of negative curvature, or None."""
        from scipy.sparse.linalg import lobpcg

        if v.size < 8:
            return None
        self.at(v)
        flat = lambda f: lambda x: f(v, _tangent(v, x.reshape(v.shape))).reshape(-1, 1)  # noqa: E731
        start = flat(self.precondition)(np.random.default_rng(0).standard_normal(v.size))
        options = {"M": flat(self.precondition), "Y": v.reshape(-1, 1), "largest": False}
        with warnings.catch_warnings():  # the sign is asked for, not the digits
            warnings.simplefilter("ignore")
            tolerance = 1e-2 * self.scale
            value, vector = lobpcg(flat(self.hessian), start, tol=tolerance, maxiter=40, **options)
        found = value[0] < -SADDLE * self.scale
        return vector[:, 0].reshape(v.shape) if found else None


def _tangent(v: np.ndarray, x: np.ndarray) -> np.ndarray:
    return x - np.vdot(v, x) * v
