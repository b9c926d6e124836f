"""`jw.predict` against what it rests on: one molecular dynamics run of as many trajectories, with the same steps, seen as often.

A neon cluster by its pairs (Lennard-Jones, 3.084 meV and 2.782 Å: Herrero, Phys. Rev. B 65 (2002) 014112), OH by its Morse curve; both
programs are compiled before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize_scalar

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import interleave, ratio

SAVES = 64
MOST = 4.0  # runs of molecular dynamics


class System(NamedTuple):
    """Potential, mass, mean and covariance of the packet at ħ = 1, and the duration."""

    potential: jw.potentials.Potential
    mass: float
    state: jw.Gaussian
    duration: float
    steps: int


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    # Fewer would measure what is done once a call.
    systems = {"OH": (hydroxyl(), 2**13), "Ne3": (neon(0.4), 2**8 if quick else 2**10)}
    rows: list[Row] = []
    for name, (system, number) in systems.items():
        rows += compared(name, system, number, 4.0 if quick else 20.0)
    return rows


def hydroxyl() -> System:
    """20 fs at 2.2 bohr."""
    well = jw.potentials.Morse(0.1994, 1.189, 1.821)
    spring = 1728.539 * 1.189 * np.sqrt(2 * 0.1994 / 1728.539)
    covariance = np.diag([0.5 / spring, 0.5 * spring])
    return System(well, 1728.539, jw.Gaussian([2.2, 0.0], covariance), 827.0, 128)


def neon(picoseconds: float, number: int = 3, stretch: float = 1.04) -> System:
    """Atoms of neon, 3 or 13 in an icosahedron, in their harmonic ground state, all distances longer by 4 %."""
    depth, size, mass = 3.084e-3 / 27.211386, 2.782 / 0.529177211, 20.1797 * 1822.888486
    cluster = jw.potentials.Pairs(
        lambda r: 4 * depth * ((size / r) ** 12 - (size / r) ** 6), number
    )
    place = relaxed(cluster, size * (triangle() if number == 3 else icosahedron()))
    d = len(place)
    hessian = np.asarray(jax.hessian(lambda x: cluster(*x))(jnp.asarray(place))) / mass
    squares, modes = np.linalg.eigh(hessian)
    # What neither stretches nor bends is as wide as the softest mode: a cluster that is free to turn has no width there.
    frequencies = np.sqrt(np.maximum(squares, squares[6:].min()))
    spring = (modes * (mass * frequencies)) @ modes.T
    covariance = np.zeros((2 * d, 2 * d))
    covariance[:d, :d], covariance[d:, d:] = np.linalg.inv(spring) / 2, spring / 2
    state = jw.Gaussian(np.concatenate([stretch * place, np.zeros(d)]), covariance)
    return System(cluster, mass, state, picoseconds * 41341.374575751, 256)


def triangle() -> np.ndarray:
    """Three bodies with sides 1, one after another."""
    flat = np.array([[0.0, 0, 0], [1, 0, 0], [0.5, np.sqrt(0.75), 0]])
    return (flat - flat.mean(0)).ravel()


def icosahedron() -> np.ndarray:
    """The centre and the twelve corners at the distance 1, one after another."""
    golden = (1 + np.sqrt(5)) / 2
    corners = [np.roll([0.0, a, b * golden], k) for k in range(3) for a in (1, -1) for b in (1, -1)]
    return np.concatenate([np.zeros(3), np.ravel(corners) / np.hypot(1, golden)])


def relaxed(cluster: jw.potentials.Pairs, shape: np.ndarray) -> np.ndarray:
    """The shape in the size of least energy; its symmetry leaves nothing else to choose."""
    energy = jax.jit(lambda factor: cluster(*(factor * jnp.asarray(shape))))
    found = minimize_scalar(lambda factor: float(energy(factor)), (0.9, 1.1), tol=1e-10)
    return found.x * shape


def compared(name: str, system: System, samples: int, seconds: float) -> Iterator[Row]:
    """Time of the prediction over that of the dynamics."""
    one, other = prediction(system, samples), dynamics(system, 8 * samples)
    samples_of = interleave({"ours": one, "plain": other}, rounds=9, seconds=seconds)
    what = f"{name}: predict / molecular dynamics of the same trajectories"
    yield timed("predict", f"{what}, time", ratio(samples_of, "ours", "plain"), at_most=MOST)


def prediction(system: System, samples: int) -> Callable[[], jax.Array]:
    """The classical kinetic energies that come with the correction."""

    def call():
        found = jw.predict(
            system.potential,
            mass=system.mass,
            state=system.state,
            duration=system.duration,
            observe="kinetic",
            samples=samples,
            times=SAVES,
            steps=system.steps,
        )
        return found.classical["kinetic"][0]

    return call


def dynamics(system: System, number: int) -> Callable[[], jax.Array]:
    """The same energies by `jw.evolve`."""
    size = system.state.dimension
    rng = np.random.default_rng(0)
    z = rng.multivariate_normal(system.state.mean, system.state.covariance, number)
    start = jw.Particles(np.full(number, 1 / number), z[:, :size], z[:, size:])
    motion = jw.Newton(system.potential, system.mass)

    def kinetic(state):
        return state.weights @ jnp.sum(state.momenta**2, axis=1) / (2 * system.mass)

    def call():
        run = jw.evolve(
            motion,
            start,
            duration=system.duration,
            steps=system.steps,
            saves=SAVES,
            observe=kinetic,
            throw=False,
        )
        return run.observed

    return call
