"""Bound levels of a potential in one dimension, and how a packet is composed of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Levels(NamedTuple):
    """Eigenstates of −ε²∂² + U between two walls: `energies` in Hartree, `states` (level, R) with ∫u² = 1, at `distances`."""

    distances: np.ndarray
    energies: np.ndarray
    states: np.ndarray


def levels(potential: Any, epsilon: float, lower: float, upper: float, points: int) -> Levels:
    """Vibrational levels in the basis of sines of a box (a discrete-variable representation), by a dense eigenproblem.

    The error is spectrally small once the highest momentum πεn/(upper − lower) exceeds √(E − min U).

    >>> from jaxwigner.quantum.levels import levels
    >>> found = levels(lambda R: (R - 5.0) ** 2, 0.1, 0.0, 10.0, 120)  # ω = 2
    >>> [round(float(E), 10) for E in found.energies[:3]]
    [0.1, 0.3, 0.5]
    """
    number = np.arange(1, points + 1)
    length = upper - lower
    R = lower + length * number / (points + 1)
    sines = np.sqrt(2 / (points + 1)) * np.sin(np.pi * np.outer(number, number) / (points + 1))
    kinetic = (sines * (epsilon * np.pi * number / length) ** 2) @ sines
    energies, vectors = np.linalg.eigh(kinetic + np.diag(np.asarray(potential(R), float)))
    return Levels(R, energies, vectors.T / np.sqrt(length / (points + 1)))


class Composition(NamedTuple):
    """A packet in terms of levels: times are in the units of the Schrödinger equation iε∂_t.

    `populations` of all levels; `bound`: how many lie below dissociation; `mean_level` and `continuum`: the mean quantum number of
    the bound part, and the share above; `period` 2πε/E′ and `revival` 4πε/|E″| at the populations' average; `highest`: the energy
    above which there is less than a given share.
    """

    populations: np.ndarray
    bound: int
    mean_level: float
    continuum: float
    period: float
    revival: float
    highest: float


def decompose(
    found: Levels, state: Any, epsilon: float, dissociation: float, share: float = 1e-8
) -> Composition:
    """Populations of the levels, and the times of classical motion and of its revival (Averbukh and Perelman 1989).

    >>> import numpy as np
    >>> from jaxwigner.quantum.levels import decompose, levels
    >>> found = levels(lambda R: (R - 5.0) ** 2, 0.1, 0.0, 10.0, 120)
    >>> round(decompose(found, found.states[:3].sum(0) / np.sqrt(3), 0.1, 1.0).period, 8)
    3.14159265
    """
    spacing = found.distances[1] - found.distances[0]
    populations = (found.states @ np.asarray(state) * spacing) ** 2
    bound = int(np.sum(found.energies < dissociation))
    inside = populations[:bound]
    weights = inside[1:-1] / inside[1:-1].sum()
    first = np.sum(weights * (found.energies[2:bound] - found.energies[: bound - 2])) / 2
    second = np.sum(weights * np.diff(found.energies[:bound], 2))
    above = np.cumsum(populations[::-1])[::-1]
    return Composition(
        populations=populations,
        bound=bound,
        mean_level=float(np.sum(np.arange(bound) * inside) / inside.sum()),
        continuum=float(max(0.0, 1.0 - inside.sum())),
        period=float(2 * np.pi * epsilon / first),
        revival=float(4 * np.pi * epsilon / abs(second)),
        highest=float(found.energies[np.sum(above > share) - 1]),
    )
