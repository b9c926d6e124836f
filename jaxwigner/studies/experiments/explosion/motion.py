"""One isotope: its packet, the grid that holds it, the distribution of its energy, and how packet and ensemble move.

All channels break up, so that the kinetic energy that is released is the total energy: P(E) = ⟨ψ|δ(H − E)|ψ⟩, a transform of the
autocorrelation, which is over long before the nuclei are apart. Of the ensemble it is the distribution of h, and its transform is
⟨e^{−iht/ħ}⟩, which is put through the same transform; both stop where the quantum one has decayed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxwigner import units
from jaxwigner.classical import CoulombBodies
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import fast_length
from jaxwigner.observables.triangles import triangle, triangle_means
from jaxwigner.phase_space.ensembles import COPIES, cloud_three
from jaxwigner.quantum import RadialGrid, ThreeNuclei, packet_three
from jaxwigner.studies.experiments.settings import complain, demand
from jaxwigner.units import ELECTRONVOLTS_PER_HARTREE as EV

PILOTS = 2**11  # of the ensemble that says how large a grid must be
LOOKS = 8  # at the pilots
CLEAR = 0.92  # of a grid, which is empty beyond
ROOM = 0.78  # of the waves of a grid that the packet may fill
DECAYED = 1e-4  # of C(0): below it a correlation is over
SPREADS = 7.0  # standard deviations of the energy on either side that the samples of C must know
STEPS = 4  # of the classical motion in an interval


class Released(NamedTuple):
    """Energies in eV: mean, standard deviation and skewness with their errors, P(E), and the correlation that it was made of."""

    moments: np.ndarray
    errors: np.ndarray
    density: np.ndarray
    correlation: np.ndarray


class Moved(NamedTuple):
    """A motion over time by name, its errors where it has some, and densities in the plane (R, r)."""

    series: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    density: np.ndarray
    numbers: dict[str, float]


def frequencies(settings: Any, isotope: str, epsilon: float) -> tuple[float, float]:
    """ω₁ and ω₂ in scaled time, of the isotope: those of H3+ by the root of the masses."""
    lighter = np.sqrt(units.PROTON_MASS / units.nuclear_mass(isotope))
    numbers = (settings.breathing, settings.bending)
    first, second = (units.wavenumbers_to_hartree(one) * lighter / epsilon for one in numbers)
    return float(first), float(second)


def cloud_of(settings: Any, isotope: str, count: int) -> Any:
    """The ensemble of one isotope."""
    epsilon = units.mass_ratio_epsilon(isotope)
    omegas = frequencies(settings, isotope, epsilon)
    return cloud_three(epsilon, settings.distance, frequencies=omegas, count=count)


def bodies() -> CoulombBodies:
    """Three nuclei of charge 1 and mass 1."""
    return CoulombBodies(np.ones((3, 3)))


def system_of(settings: Any, isotope: str, duration: float) -> ThreeNuclei:
    """The grid that holds a packet up to a time: `reach` standard deviations of what pilots of the ensemble do.

    >>> from jaxwigner.studies.experiments.explosion import motion
    >>> from jaxwigner.studies.experiments.explosion.experiment import Settings
    >>> motion.system_of(Settings(reach=5.0), "H", 0.2).shape
    (14, 24, 24)
    """
    epsilon = units.mass_ratio_epsilon(isotope)
    steps = LOOKS * max(1, round(STEPS * duration / settings.interval / LOOKS))
    options: dict[str, Any] = dict(duration=duration, steps=steps, saves=LOOKS)
    pilots = cloud_of(settings, isotope, PILOTS)
    options |= dict(observe=_places, method="strang", gradient="forward", throw=False)
    seen = evolve(bodies(), pilots, **options).observed
    seen = np.asarray(seen)
    reach = (np.abs(seen.mean(axis=2)) + settings.reach * seen.std(axis=2)).max(axis=0)
    *lengths, outwards, sideways, turning = reach
    lengths = [length / CLEAR for length in lengths]
    waves = [
        length * P / (np.pi * epsilon * ROOM) for length, P in zip(lengths, (outwards, sideways))
    ]
    outer, inner = (RadialGrid(length, fast_length(int(n))) for length, n in zip(lengths, waves))
    angles = 4 + int(np.ceil(turning / (2 * epsilon * ROOM)))
    return ThreeNuclei(hbar=epsilon, radii=(outer, inner), angles=angles, exchange="even")


def _places(cloud: Any) -> Any:
    """R, r, P_R, P_r, p_γ of every configuration, (5, k)."""
    Q, P = (part.reshape(-1, 3, 3) for part in (cloud.positions, cloud.momenta))
    R, r, _ = triangle(cloud)
    near, far = Q[:, 1] - Q[:, 0], Q[:, 2] - 0.5 * (Q[:, 0] + Q[:, 1])
    slow, fast = P[:, 1] + 0.5 * P[:, 2], P[:, 2]
    turning = far[:, 0] * fast[:, 1] - far[:, 1] * fast[:, 0]
    along = [jnp.sum(a * b, axis=1) for a, b in ((far, fast), (near, slow))]
    return jnp.stack([R, r, along[0] / R, along[1] / r, turning])


def quantum(settings: Any, isotope: str, duration: float) -> tuple[Released, Moved, ThreeNuclei]:
    """The packet: its energies, and its motion."""
    epsilon = units.mass_ratio_epsilon(isotope)
    system = system_of(settings, isotope, duration)
    omegas = frequencies(settings, isotope, epsilon)
    c = packet_three(system, settings.distance, 0.0, frequencies=omegas)
    moments = np.array([float(one) for one in _moments(system, c)])
    longest = np.pi * epsilon / (2 * SPREADS * moments[1])
    known = settings.interval < longest
    demand(known, "interval", f"be below {longest:.3g}, to know all energies", settings.interval)
    run = _followed(settings, system, c, duration)
    seen = {name: np.asarray(one) for name, one in run.observed.items()}
    released = _released(settings, epsilon, moments, seen.pop("correlation"))
    density = seen.pop("density")
    mean = seen["distances"][:, 0]
    series = {
        "r12": mean,
        "R": seen["radii"][:, 0],
        "cos2": seen["cosine_square"],
        "singular": seen["singular"],
        "square": seen["singular_square"],
        "spread": np.sqrt(np.maximum(seen["r_square"] - mean**2, 0)),
    }
    numbers = {
        "bound": float(system.bounds(c)["K"]),
        "tail": float(np.max(run.diagnostics.spectral_tail)),
        "norm": float(run.diagnostics.norm_error),
    }
    return released, Moved(series, {}, density, numbers), system


def _followed(settings: Any, system: ThreeNuclei, c: Any, duration: float) -> Any:
    """The run, looked at after every interval."""
    saves, named = round(duration / settings.interval), system.observables()
    means = ("distances", "radii", "cosine_square", "singular", "singular_square", "density")

    def look(c):
        found = {name: named[name](c) for name in means}
        square = jnp.sum(system.mesh[2] ** 2 * jnp.abs(c) ** 2)
        # For a real packet C(2t) = ∫u(t)².
        return found | {"correlation": jnp.sum(c * c), "r_square": square}

    run = evolve(
        system,
        c,
        duration=saves * settings.interval,
        steps=saves * settings.steps,
        saves=saves,
        observe=look,
        gradient="forward",
        throw=False,
    )
    try:
        return run.check()
    except ValueError as error:
        raise ValueError(f"{error}; here a larger key `reach` or `steps` does") from None


def _released(
    settings: Any, epsilon: float, moments: np.ndarray, correlation: np.ndarray
) -> Released:
    """P(E) from C, and its moments by H itself; their errors are what those of P(E) differ from that."""
    dt = 2 * settings.interval
    if abs(correlation[-1]) > DECAYED:
        must = f"be so long that the autocorrelation decays: it is {abs(correlation[-1]):.1e}"
        complain("correlation", must, settings.correlation)
    in_volts = np.array([EV, EV, 1.0])
    band = moments[0] + np.pi * epsilon / dt * np.linspace(-1, 1, 2048, endpoint=False)
    P = transformed(correlation, band, epsilon, dt)
    share = P / P.sum()
    mean = share @ band
    std = np.sqrt(share @ (band - mean) ** 2)
    found = np.array([mean, std, share @ (band - mean) ** 3 / std**3])
    density = transformed(correlation, energies(settings) / EV, epsilon, dt) / EV
    return Released(moments * in_volts, abs(found - moments) * in_volts, density, correlation)


def _moments(system: ThreeNuclei, c: Any) -> tuple[Any, Any, Any]:
    """Mean, standard deviation and skewness of H in a state: two applications of it."""
    mean = jnp.vdot(c, system.hamiltonian(c)).real
    off = system.hamiltonian(c) - mean * c
    variance = jnp.vdot(off, off).real
    third = jnp.vdot(off, system.hamiltonian(off)).real - mean * variance
    return mean, jnp.sqrt(variance), third / variance**1.5


def transformed(C: np.ndarray, energy: np.ndarray, epsilon: float, dt: float) -> np.ndarray:
    """(1/πħ) Re ∫₀^∞ C(t)e^{iEt/ħ} dt, from samples that have decayed where they end; per unit of energy.

    >>> import numpy as np
    >>> from jaxwigner.studies.experiments.explosion.motion import transformed
    >>> t = 0.1 * np.arange(80)
    >>> float(transformed(np.exp(-(t**2) / 2 - 2j * t), np.array([2.0]), 1.0, 0.1)[0].round(8))  # (2π)^−½
    0.39894228
    """
    weights = np.where(np.arange(C.size) == 0, 0.5, 1.0) * dt / (np.pi * epsilon)
    phases = np.exp(1j * np.outer(energy, dt * np.arange(C.size)) / epsilon)
    return np.real(phases @ (weights * C))


def energies(settings: Any) -> np.ndarray:
    """The energies, in eV, at which P is looked at: about the repulsion of three charges at the bond length."""
    rest = 3 / settings.distance * EV
    return np.linspace(0.7 * rest, 1.5 * rest, 401)


def classical_released(settings: Any, isotope: str, decayed: int) -> Released:
    """The distribution of h in the ensemble: moments, with errors, and P(E) of each copy, (copy, E), from ⟨e^{−iht/ħ}⟩."""
    epsilon, dt = units.mass_ratio_epsilon(isotope), 2 * settings.interval
    cloud = cloud_of(settings, isotope, settings.particles)
    h = np.asarray(bodies().energies(cloud)).reshape(COPIES, -1)
    centred = h - h.mean(axis=1, keepdims=True)
    std = centred.std(axis=1)
    skewness = np.mean(centred**3, axis=1) / std**3
    each = np.stack([h.mean(axis=1) * EV, std * EV, skewness])
    # e^{−ihdt/ħ}, again and again: one exponential for all samples.
    turn, phase, samples = np.exp(-1j * h * dt / epsilon), np.ones_like(h, complex), []
    for _ in range(decayed):
        samples.append(phase.mean(axis=1))
        phase *= turn
    C = np.stack(samples, axis=1)
    E = energies(settings) / EV
    density = np.stack([transformed(one, E, epsilon, dt) / EV for one in C])
    error = each.std(axis=1, ddof=1) / np.sqrt(COPIES)
    return Released(each.mean(axis=1), error, density, C.mean(axis=0))


def classical(settings: Any, isotope: str, system: ThreeNuclei, duration: float) -> Moved:
    """The ensemble: its motion, with sampling errors, and histograms in the cells of a quantum grid."""
    saves = round(duration / settings.interval)
    edges = [_edges(np.asarray(axis)) for axis in (system.R, system.r)]

    def look(cloud):
        R, r, _ = triangle(cloud)
        means = triangle_means(cloud, copies=COPIES)
        places = jnp.stack([R, r]).astype(jnp.float32)
        return means, jnp.std(r), places

    run = evolve(
        bodies(),
        cloud_of(settings, isotope, settings.moved),
        duration=saves * settings.interval,
        steps=saves * STEPS,
        saves=saves,
        observe=look,
        method="strang",
        gradient="forward",
        throw=False,
    )
    means, spread, places = run.observed
    series = {name: np.asarray(one.mean) for name, one in means.items()}
    errors = {name: np.asarray(one.error) for name, one in means.items()}
    counts = [np.histogram2d(*pair, bins=edges, density=True)[0] for pair in np.asarray(places)]
    return Moved(series | {"spread": np.asarray(spread)}, errors, np.stack(counts), {})


def _edges(nodes: np.ndarray) -> np.ndarray:
    """Of the cells about equidistant nodes."""
    half = 0.5 * (nodes[1] - nodes[0])
    return np.append(nodes - half, nodes[-1] + half)
