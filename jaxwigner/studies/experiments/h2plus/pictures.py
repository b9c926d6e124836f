"""Pictures of H2+ in phase space: Wigner and Husimi functions of the packet, the ensemble as a histogram."""

from __future__ import annotations

import jax
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.phase_space import husimi, wigner
from jaxwigner.phase_space.ensembles import Cloud
from jaxwigner.studies.compare.motions import Course, Sampled

PICTURE = PhaseGrid(Grid(0.6, 6.6, 240), Grid(-0.5, 0.5, 200))
FRAMES = PhaseGrid(Grid(0.6, 6.6, 150), Grid(-0.5, 0.5, 125))
MOVIE = 90  # frames
STAGES = ("start", "collapse", "revival")


def pictures(
    course: Course, waves: np.ndarray, ensemble: Sampled, looks: dict[str, int]
) -> dict[str, np.ndarray]:
    """Wigner and Husimi functions and the histogram of the ensemble, (stage, R, p)."""
    transforms = _transforms(course, PICTURE)
    stages = [looks[name] for name in STAGES]
    W, H = zip(*(jax.device_get(transforms(waves[index])) for index in stages))
    f = [_histogram(ensemble.pictures[index]) for index in stages]
    return {"wigner": np.stack(W), "husimi": np.stack(H), "ensemble": np.stack(f)}


def _transforms(course: Course, pixels: PhaseGrid):
    """Wigner and Husimi functions of ψ in the window, faded out towards its far end where only fragments are."""
    R = np.asarray(course.window.axes[0])
    end = R[-1]
    fade = np.cos(0.5 * np.pi * np.clip((R - end + 2.0) / 2.0, 0.0, 1.0)) ** 2

    @jax.jit
    def program(psi):
        faded = fade * psi
        W = wigner(faded, course.window, pixels, course.hbar)
        return W, husimi(faded, course.window, pixels, course.hbar)

    return program


def _histogram(cloud: Cloud) -> np.ndarray:
    """Weights per cell of the picture, divided by its area."""
    # The cells' centres are the points at which the other pictures are evaluated.
    edges = [
        np.linspace(axis.lower[0], axis.upper[0], axis.points[0] + 1) - 0.5 * axis.cell
        for axis in (PICTURE.position, PICTURE.momentum)
    ]
    columns = (np.asarray(part).ravel() for part in (cloud.positions, cloud.momenta))
    weights = np.asarray(cloud.weights).ravel() / len(cloud.weights)
    counts, *_ = np.histogram2d(*columns, bins=edges, weights=weights)
    return counts / PICTURE.cell


def movie(course: Course, waves: np.ndarray, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Looks and Wigner functions of the frames, from the start to the look `last`."""
    looks = np.unique(np.linspace(0, last, MOVIE).round().astype(int))
    transforms = _transforms(course, FRAMES)
    return looks, np.stack([np.asarray(transforms(waves[index])[0]) for index in looks])
