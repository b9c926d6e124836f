"""H⁺ + H on the ground surface of H2+: a quantum packet in three dimensions against a classical ensemble, for four masses.

In the relative coordinate R = R₁ − R₂ ∈ R³, with U = E(|R|) + 1/|R| and t = ε·time in atomic units (AFG (1), (2), (7), ħ = ε):

    QMD   iε∂_tψ = (−ε²Δ_R + U)ψ       by partial waves, nothing softened at R = 0
    MD    Ṙ = 2P,  Ṗ = −∇U(R)          exact Kepler motion in 1/|R|, kicks by ∇E; started from the Wigner function of ψ₀

ψ₀ is a Gaussian packet of width ε^α, R₀ = (0, 0, `distance`), P₀ = (0, 0, `momentum`): its Wigner function is positive, a measure.
The ensemble comes in independently scrambled Sobol copies, with means and covariances made exact; their spread is the sampling error.

    ⟨r⟩(t),   ⟨U_s²⟩(t) (Lemma 5.1),   ⟨cos⟩ of the angle,   W₁ of distance and angle: ∫|F_QMD − F_MD| of distribution functions

Angles are those between R(t) and the direction of P₀ at the end. Of a narrow packet they are the differential cross section,
weighted with the impact parameters that the packet holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner import units
from jaxwigner.classical import CoulombFlow
from jaxwigner.classical.kepler import distances
from jaxwigner.engine.evolve import evolve
from jaxwigner.molecules import h2plus
from jaxwigner.phase_space.ensembles import COPIES, packet_copies
from jaxwigner.progress import Progress, quiet
from jaxwigner.quantum import WavePlan, resolve_waves
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.partial_waves.radial_grid import sine_analysis, sine_synthesis
from jaxwigner.states import Particles
from jaxwigner.studies.experiments.collision.dataset import entries
from jaxwigner.studies.experiments.collision.figures import figures
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, demand, isotopes_key, key

CHARGE = 1.0  # of 1/|R|, atomic units
FINER = 4  # times the points of the grid, for densities of r
CELLS = 4096  # in which the distributions of r are known
SHARES = 32  # of a bin of the angle
ORDER = 4  # of the splitting


@dataclass(frozen=True)
class Settings(Keys):
    """Momenta and times are those of −ε²Δ + U."""

    isotopes: tuple[str, ...] = isotopes_key()
    distance: float = key(4.0, "R₀", unit="bohr", within=(1.0, 40.0))
    momentum: float = key(
        -0.8,
        "P₀, relative: P₀² is the kinetic energy; negative towards each other",
        unit="hartree^½",
        within=(-5.0, 5.0),
    )
    alpha: float = key(0.5, "the packet has width ε^α", within=(0.0, 1.0))
    duration: float = key(5.0, "of the motion", unit="(atomic time)·ε", within=(1e-3, 100.0))
    saves: int = key(40, "times at which both are looked at", within=(2, 2000))
    steps: int = key(40, "of the classical flow", within=(2, 10000))
    particles: int = key(
        131072, "of the classical ensemble, a power of 2", within=(64 * COPIES, 2**22)
    )
    angles: int = key(60, "bins of the scattering angle", within=(4, 720))
    tolerance: float = key(1e-5, "of the quantum state, in L²", within=(1e-8, 1e-2))

    def check(self) -> None:
        """The packet moves, begins off the singularity, and has a scrambled Sobol cloud."""
        demand(self.momentum != 0, "momentum", "have a direction", self.momentum)
        power = self.particles & (self.particles - 1) == 0
        demand(power, "particles", "be a power of 2", self.particles)
        for isotope in self.isotopes:
            width = units.mass_ratio_epsilon(isotope) ** self.alpha
            far = f"be at least {5 * width:.2f}: the packet of {isotope} begins off the singularity"
            demand(self.distance >= 5 * width, "distance", far, self.distance)


class Seen(NamedTuple):
    """What is seen of a motion: ⟨r⟩, ⟨U_s²⟩ and the distribution of r over time; that of the angle, and ⟨cos⟩ of it, at the end."""

    mean: Any
    square: Any
    radial: Any
    angular: Any
    cosine: Any


class Isotope(NamedTuple):
    """Everything that was found for one isotope; `classical` has a leading axis of copies."""

    epsilon: float
    spacing: float
    quantum: Seen
    classical: Seen
    sizes: dict[str, float]
    errors: dict[str, float]


def run(settings: Settings, progress: Progress = quiet):
    """Quantum packet and classical ensemble for every isotope.

    **Returns:** an `xarray.Dataset` over (isotope, sample): ⟨r⟩, ⟨U_s²⟩ and W₁ of the distance over time, radial densities and
    distributions of the angle at the end, sampling and time-step errors, and the exponents of ε fitted to the differences.

    **Raises:** `ValueError` if a quantum run is under-resolved.
    """
    found, ensemble = {}, _Ensemble(settings)
    for number, isotope in enumerate(settings.isotopes):
        name, count = f"{isotope}⁺ + {isotope}", len(settings.isotopes)
        epsilon = units.mass_ratio_epsilon(isotope)
        progress(f"{name}: sizes", 3 * number, 3 * count)
        plan = plan_of(settings, epsilon)
        progress(f"{name}: partial waves", 3 * number + 1, 3 * count)
        quantum, quantum_errors = _quantum(settings, plan)
        progress(f"{name}: ensemble", 3 * number + 2, 3 * count)
        classical, classical_errors = ensemble(plan, epsilon)
        found[isotope] = Isotope(
            epsilon,
            _spacing(plan.system),
            quantum,
            classical,
            _sizes(plan),
            quantum_errors | classical_errors,
        )
    return EXPERIMENT.labelled(*entries(settings, found))


def plan_of(settings: Settings, epsilon: float) -> WavePlan:
    """Grid, waves and steps of one isotope.

    >>> from jaxwigner.studies.experiments.collision import experiment as collision
    >>> short = collision.Settings(distance=2.0, duration=0.2, tolerance=1e-2)
    >>> plan = collision.plan_of(short, 0.0695)
    >>> plan.exact, float(plan.system.charge)
    (False, 1.0)
    """
    return resolve_waves(
        CHARGE,
        epsilon,
        position=settings.distance,
        momentum=settings.momentum,
        duration=settings.duration,
        alpha=settings.alpha,
        potential=h2plus.bounded_part(),
        tolerance=settings.tolerance,
        exact=False,
    )


def _spacing(system: Any) -> float:
    """Of the cells in which distributions of r are known."""
    return float(system.grid.length) / CELLS


def _quantum(settings: Settings, plan: WavePlan) -> tuple[Seen, dict[str, float]]:
    """The packet, and its change from half the steps, divided by 2⁴."""
    system, steps = plan.system, max(plan.steps, settings.saves)
    nodes = np.pi * (np.arange(SHARES * settings.angles) + 0.5) / (SHARES * settings.angles)

    def look(u):
        square = radial.coulomb_square(u, system)
        return radial.radial_density(u, system) @ _moment(system), square, _cumulative(u, system)

    def program(u, steps):
        options = {"duration": settings.duration, "saves": settings.saves, "observe": look}
        run = evolve(system, u, steps=steps, gradient="forward", throw=False, **options)
        cosines = np.sign(settings.momentum) * np.cos(nodes)
        angles = 2 * np.pi * np.sin(nodes) * radial.angular_density(run.state, system, cosines)
        angles = angles * (nodes[1] - nodes[0])
        return run, jnp.cumsum(angles), angles @ np.cos(nodes)

    compiled = jax.jit(program)
    run, *ends = compiled(plan.state, 2 * steps)
    coarse, *_ = compiled(plan.state, steps)
    run.check()
    change = [jnp.max(jnp.abs(a - b)) for a, b in zip(run.observed[:2], coarse.observed[:2])]
    errors = {"quantum_mean": change[0], "quantum_square": change[1]}
    errors = {name: float(value) / 2**ORDER for name, value in errors.items()}
    errors |= {"spectral_tail": float(jnp.max(run.diagnostics.spectral_tail))}
    errors |= {"norm": float(run.diagnostics.norm_error)}
    return Seen(*(np.asarray(part) for part in (*run.observed, *ends))), errors


def _moment(system: Any) -> Any:
    return system.grid.weights * system.grid.radii


def _cumulative(u: Any, system: Any) -> Any:
    """∫_0^r of the radial density at the ends of the cells: u by its sine series, on a grid that holds all of |u|²."""
    size = system.grid.points
    spectrum = sine_analysis(u)
    wider = jnp.zeros((*u.shape[:-1], FINER * (size + 1) - 1), u.dtype)
    density = jnp.sum(jnp.abs(sine_synthesis(wider.at[..., :size].set(spectrum))) ** 2, axis=0)
    ends = jnp.concatenate([jnp.zeros(1), density, jnp.zeros(1)])
    step = system.grid.length / (FINER * (size + 1))
    inside = jnp.cumsum(0.5 * (ends[1:] + ends[:-1])) * step
    at = system.grid.length / CELLS * jnp.arange(1, CELLS + 1)
    inside = jnp.concatenate([jnp.zeros(1), inside])
    return jnp.interp(at, step * jnp.arange(len(inside)), inside)


class _Ensemble:
    """The classical side: one compiled program for all isotopes."""

    def __init__(self, settings: Settings):
        self.settings, self.steps = settings, max(settings.steps, settings.saves)
        self.whole = jax.jit(lambda z, spacing: self._follow(z, spacing, self.steps, COPIES))
        self.few = jax.jit(lambda z, steps: self._follow(z, 1.0, steps, 1)[0].observed[:2])

    def __call__(self, plan: WavePlan, epsilon: float) -> tuple[Seen, dict[str, float]]:
        """All copies, and the change in a few particles when the steps are doubled."""
        settings = self.settings
        numbers = settings.distance, settings.momentum, epsilon
        cloud = packet_copies(*numbers, settings.alpha, settings.particles)
        run, *ends = self.whole(cloud, _spacing(plan.system))
        run.check()
        few = packet_copies(*numbers, settings.alpha, 2**10, copies=1)
        pairs = zip(self.few(few, self.steps), self.few(few, 2 * self.steps))
        change = [float(jnp.max(jnp.abs(a - b))) for a, b in pairs]
        errors = {"classical_mean": change[0], "classical_square": change[1]}
        series = (np.moveaxis(np.asarray(part), 1, 0) for part in run.observed)
        return Seen(*series, *(np.asarray(part) for part in ends)), errors

    def _follow(self, cloud: Particles, spacing: Any, steps: Any, copies: int) -> tuple[Any, ...]:
        settings, shares = self.settings, SHARES * self.settings.angles
        flow = CoulombFlow(CHARGE, h2plus.bounded_part())

        def look(z):
            r = distances(z).reshape(copies, -1)
            square = CHARGE**2 * jnp.mean(r**-2.0, axis=1)
            return jnp.mean(r, axis=1), square, _distribution(r, spacing, CELLS)

        options = {"duration": settings.duration, "saves": settings.saves, "observe": look}
        run = evolve(flow, cloud, steps=steps, gradient="forward", throw=False, **options)
        cosine = np.sign(settings.momentum) * run.state.positions[:, 2] / distances(run.state)
        cosine = jnp.clip(cosine, -1.0, 1.0).reshape(copies, -1)
        angles = _distribution(jnp.arccos(cosine), np.pi / shares, shares)
        return run, angles, jnp.mean(cosine, axis=1)


def _distribution(values: Any, spacing: Any, bins: int) -> Any:
    """The distribution function at the upper ends of equal cells, for each row of values."""
    rows, count = values.shape
    index = jnp.clip((values / spacing).astype(int), 0, bins - 1)
    index = index + bins * jnp.arange(rows)[:, None]
    counts = jnp.zeros(rows * bins).at[index.reshape(-1)].add(1.0 / count)
    return jnp.cumsum(counts.reshape(rows, bins), axis=1)


def _sizes(plan: WavePlan) -> dict[str, float]:
    """Of the quantum run, and the bound of ‖U_sψ‖² of Lemma 5.1."""
    system = plan.system
    kappa = radial.lower_bound(system)
    return {
        "waves": system.waves,
        "points": system.grid.points,
        "quantum_steps": plan.steps,
        "length": float(system.grid.length),
        "square_bound": float(radial.hamiltonian_square(plan.state, system, kappa)),
    }


EXPERIMENT = Experiment(
    "collision",
    "A proton meets a hydrogen atom on the surface of H2+: packet against ensemble",
    Settings,
    run,
    figures,
    "A head-on collision in three dimensions, 1/R unsoftened, against 131,072 classical particles, for four masses.",
    "collision.png",
)
