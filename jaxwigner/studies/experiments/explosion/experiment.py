"""H3+, D3+, T3+ lose both electrons at an instant: three bare nuclei fly apart, quantum mechanics against classical mechanics.

Three charges 1 of mass 1, ε² = m_e/m_n, t = ε·time in atomic units (AFG (SE) with (2), (7), M = 3, J = 0):

    QMD   iε∂_tΨ = (−(ε²/2)Σ_αΔ_α + Σ_{α<β} 1/|R_α − R_β|)Ψ       on a grid in (R, r, γ), see `quantum/three_nuclei`
    MD    R_α″ = Σ_β (R_α − R_β)/|R_α − R_β|³                      L = 0, from the Wigner function of the same packet

Ψ(0) is the harmonic ground state of the ion (bond length and frequencies of H3+: 1.65 bohr, W. Meyer, P. Botschwina and P. Burton,
J. Chem. Phys. 84, 891 (1986); 3185 and 2516 cm⁻¹, G. D. Carney and R. N. Porter, J. Chem. Phys. 65, 3547 (1976)), those of isotopes
by the root of the mass.

The kinetic energy release is the distribution of the energy. Means and variances of QMD and MD differ by O(ε²) each. The third cumulant
is itself O(ε²), and so is its difference: the skewness shows ħ at leading order, whatever the mass.

Nature has this state for bosons alone: three protons or tritons, spin ½, cannot be in a symmetric state (`spins`). D3+ is the
real case; H3+ and T3+ say what the masses do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from jaxwigner import units
from jaxwigner.phase_space.ensembles import COPIES
from jaxwigner.progress import Progress, quiet
from jaxwigner.quantum import ThreeNuclei
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.explosion import motion
from jaxwigner.studies.experiments.explosion.dataset import entries
from jaxwigner.studies.experiments.explosion.figures import figures
from jaxwigner.studies.experiments.explosion.motion import Moved, Released
from jaxwigner.studies.experiments.explosion.spins import SPINS
from jaxwigner.studies.experiments.settings import Keys, demand, key


@dataclass(frozen=True)
class Settings(Keys):
    """Times are those of the scaled equation: t = ε·(atomic time)."""

    isotopes: tuple[str, ...] = key(
        ("H", "D", "T"),
        "ε = (m_e/m_n)^½; the motion of the first is shown",
        choices=tuple(SPINS),
        distinct=True,
    )
    distance: float = key(1.65, "bond length of the ion", unit="bohr", within=(1.0, 4.0))
    breathing: float = key(3185.0, "of H3+, symmetric stretch", unit="cm⁻¹", within=(300, 2e4))
    bending: float = key(2516.0, "of H3+, degenerate", unit="cm⁻¹", within=(300, 2e4))
    correlation: float = key(
        0.6, "to which every packet is followed; its autocorrelation to twice that", within=(0.1, 4)
    )
    duration: float = key(2.0, "to which the first packet is followed", within=(0.1, 8))
    interval: float = key(0.02, "between two looks", within=(1e-3, 0.1))
    steps: int = key(1, "of the quantum motion in an interval", within=(1, 50))
    reach: float = key(7.0, "of the grids, in standard deviations", within=(4, 12))
    particles: int = key(131072, "whose energies are taken", within=(64 * COPIES, 2**22))
    moved: int = key(16384, "that are moved", within=(64 * COPIES, 2**20))
    animate: bool = key(False, "also a GIF of the first density in the plane (R, r)")

    def check(self) -> None:
        """Clouds come in copies of pairs; the longer run is the longer one."""
        for name in ("particles", "moved"):
            whole = getattr(self, name) % (2 * COPIES) == 0
            demand(whole, name, f"be a multiple of {2 * COPIES}", getattr(self, name))
        longer = f"be at least the correlation, {self.correlation:g}"
        demand(self.duration >= self.correlation, "duration", longer, self.duration)


class Isotope(NamedTuple):
    """What was found for one isotope; `moved` (quantum, classical) of the first one alone."""

    epsilon: float
    system: ThreeNuclei
    quantum: Released
    classical: Released
    numbers: dict[str, Any]
    moved: tuple[Moved, Moved] | None


def run(settings: Settings, progress: Progress = quiet):
    """Energies of packet and ensemble for every isotope, their motion for the first.

    **Returns:** an `xarray.Dataset` over (isotope, energy): P(E), mean, standard deviation, skewness with errors, autocorrelations;
    over (sample, R, r) the motion of the first isotope: means with sampling errors, Lemma 5.1, densities.

    **Raises:** `ValueError` if a run is under-resolved, or a key leaves the distribution unknown.
    """
    found = {}
    for number, isotope in enumerate(settings.isotopes):
        first = number == 0
        duration = settings.duration if first else settings.correlation
        told = f"{isotope}3+", 3 * number, 3 * len(settings.isotopes)
        progress(f"{told[0]}: three nuclei on a grid", *told[1:])
        quantum, seen, system = motion.quantum(settings, isotope, duration)
        progress(f"{told[0]}: ensemble", told[1] + 1, told[2])
        decayed = 1 + int((abs(quantum.correlation) > motion.DECAYED).sum())
        classical = motion.classical_released(settings, isotope, decayed)
        moved = None
        if first:
            progress(f"{told[0]}: molecular dynamics", told[1] + 2, told[2])
            moved = seen, motion.classical(settings, isotope, system, duration)
        epsilon = units.mass_ratio_epsilon(isotope)
        found[isotope] = Isotope(epsilon, system, quantum, classical, seen.numbers, moved)
    return EXPERIMENT.labelled(*entries(settings, found))


EXPERIMENT = Experiment(
    "explosion",
    "H3+, D3+, T3+ without electrons: the Coulomb explosion of three nuclei",
    Settings,
    run,
    figures,
    "Three nuclei in full quantum mechanics at the physical masses, against 131,072 classical ones: the kinetic energy release.",
    "explosion.png",
)
