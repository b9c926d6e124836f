"""A packet in a diatomic's curve by routes of its own: a dense sine-DVR, and DOP853 on Gauss–Hermite nodes. NumPy and SciPy only."""

import numpy as np
from scipy.integrate import solve_ivp

CM, ANGSTROM, UNIT = 1 / 219474.6313632, 1 / 0.529177210903, 1822.888486


def morse_of(we: float, wexe: float, re: float, u: float) -> tuple[float, float, float, float]:
    """Depth, steepness, distance and mass from ω_e, ω_e x_e in cm⁻¹, r_e in Å and the reduced mass in u."""
    mass, w, x = u * UNIT, we * CM, wexe * CM
    return w * w / (4 * x), np.sqrt(2 * mass * x), re * ANGSTROM, mass


def quantum(U, mass, place, sigma, times, box, points=500):
    """⟨R⟩ over times of a packet at rest, from all levels in a box."""
    low, high = box
    i = np.arange(1, points)
    x = low + (high - low) * i / points
    sines = np.sqrt(2 / points) * np.sin(np.pi * np.outer(i, i) / points)
    kinetic = (sines * (np.pi * i / (high - low)) ** 2 / (2 * mass)) @ sines
    energies, levels = np.linalg.eigh(kinetic + np.diag(U(x)))
    c = levels.T @ np.exp(-((x - place) ** 2) / (4 * sigma**2))
    phases = np.exp(-1j * np.outer(times, energies)) * (c / np.linalg.norm(c))
    matrix = levels.T @ (x[:, None] * levels)
    return np.real(np.sum(phases.conj() * (phases @ matrix.T), axis=1))


def classical(force, mass, place, sigma, times, nodes=64):
    """⟨R⟩ over times of the ensemble, from nodes of Gauss and Hermite."""
    z, w = np.polynomial.hermite_e.hermegauss(nodes)
    q, p = np.meshgrid(place + sigma * z, z / (2 * sigma), indexing="ij")
    weights = np.outer(w, w).ravel()
    kept = weights > 1e-12 * weights.max()
    weights, n = weights[kept] / weights[kept].sum(), int(kept.sum())
    start = np.concatenate([q.ravel()[kept], p.ravel()[kept]])
    slope = lambda t, z: np.concatenate([z[n:] / mass, force(z[:n])])  # noqa: E731
    every = dict(method="DOP853", t_eval=times, rtol=1e-9, atol=1e-10)
    return weights @ solve_ivp(slope, (0, times[-1]), start, **every).y[:n]
