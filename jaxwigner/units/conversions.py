"""From atomic units to those of the laboratory and back, and the scaled time of molecular quantum dynamics.

In atomic units (m_e = |e| = ħ = 1) a nucleus of mass m_n obeys i ∂_τ Ψ = (−Δ/(2 m_n) + U)Ψ. With
ε = (m_e/m_n)^{1/2} and t = ετ this is equation (SE) of Ambrosio, Friesecke and Giannoulis (AFG),
iε ∂_t Ψ = (−(ε²/2)Δ + U)Ψ: their small parameter ε is the `hbar` of this library.
"""

import math
from typing import Any

import numpy as np

from jaxwigner._checks import (
    check_choice,
    check_finite,
    check_positive,
    check_real,
    concrete,
    require,
)
from jaxwigner.units.constants import (
    NUCLEAR_MASSES,
    PER_ATOMIC_UNIT,
    WATTS_PER_SQUARE_CENTIMETRE,
)


def nuclear_mass(isotope: str) -> float:
    """Mass m_n of the nucleus of an isotope of hydrogen, in electron masses.

    **Arguments:** `isotope`: "Mu" (an antimuon), "H", "D" or "T".

    **Returns:** a float, without unit (m_n/m_e).

    **Raises:** `ValueError` for any other name.

    >>> from jaxwigner import units
    >>> units.nuclear_mass("H")
    1836.152673426
    """
    check_choice("isotope", isotope, NUCLEAR_MASSES)
    return NUCLEAR_MASSES[isotope]


def mass_ratio_epsilon(isotope: str) -> float:
    """The small parameter ε = (m_e/m_n)^{1/2} of AFG, equation (1), for an isotope of hydrogen.

    The relative coordinate R of a dimer has the Hamiltonian −ε²Δ_R + U: `hbar` = ε and mass ½.

    **Arguments:** `isotope`: "Mu" (an antimuon), "H", "D" or "T".

    **Returns:** ε, a float without unit.

    **Raises:** `ValueError` for any other name.

    >>> from jaxwigner import units
    >>> [round(units.mass_ratio_epsilon(isotope), 5) for isotope in ("Mu", "H", "D", "T")]
    [0.06954, 0.02334, 0.01651, 0.01349]
    """
    return math.sqrt(1.0 / nuclear_mass(isotope))


def scaled_time(atomic_time: Any, epsilon: Any) -> Any:
    """The time t = ε·τ of AFG's equation (SE), from the time τ in atomic units.

    **Arguments:** `atomic_time`: τ, real, any shape; `epsilon`: ε > 0, both may be traced.

    **Returns:** t, without unit, of the shape of `atomic_time`.

    **Raises:** `ValueError` for a time that is not real or an ε that is not positive.

    >>> from jaxwigner import units
    >>> duration = units.femtoseconds_to_atomic(10.0)
    >>> round(units.scaled_time(duration, units.mass_ratio_epsilon("H")), 4)
    9.6478
    """
    check_real("atomic_time", atomic_time)
    check_positive("epsilon", epsilon)
    return atomic_time * epsilon


def unscaled_time(time: Any, epsilon: Any) -> Any:
    """The time τ = t/ε in atomic units, from the time t of AFG's equation (SE).

    **Arguments:** `time`: t, real, any shape; `epsilon`: ε > 0, both may be traced.

    **Returns:** τ in atomic units of time, of the shape of `time`.

    **Raises:** `ValueError` for a time that is not real or an ε that is not positive.

    >>> from jaxwigner import units
    >>> units.unscaled_time(3.0, 0.5)
    6.0
    """
    check_real("time", time)
    check_positive("epsilon", epsilon)
    return time / epsilon


def to_atomic(value: Any, unit: str, name: str = "value") -> Any:
    """The atomic units of a quantity that is given in a unit of `PER_ATOMIC_UNIT`; real, any shape, may be traced.

    **Raises:** `ValueError` for an unknown unit, and for what is not real (named `name`).

    >>> from jaxwigner import units
    >>> round(units.to_atomic(10.0, "fs"), 5)
    413.41373
    """
    check_choice("unit", unit, PER_ATOMIC_UNIT)
    check_real(name, value)
    return value / PER_ATOMIC_UNIT[unit]


def from_atomic(value: Any, unit: str, name: str = "value") -> Any:
    """A quantity given in atomic units, in a unit of `PER_ATOMIC_UNIT`; real, any shape, may be traced.

    **Raises:** `ValueError` for an unknown unit, and for what is not real (named `name`).

    >>> from jaxwigner import units
    >>> units.from_atomic(0.5, "eV")
    13.6056931229905
    """
    check_choice("unit", unit, PER_ATOMIC_UNIT)
    check_real(name, value)
    return value * PER_ATOMIC_UNIT[unit]


def femtoseconds_to_atomic(time: Any) -> Any:
    """Atomic units of time (ħ/E_h) from femtoseconds; real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> round(units.femtoseconds_to_atomic(1.0), 6)
    41.341373
    """
    return to_atomic(time, "fs", "time")


def atomic_to_femtoseconds(time: Any) -> Any:
    """Femtoseconds from atomic units of time (ħ/E_h); real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> round(units.atomic_to_femtoseconds(1000.0), 6)
    24.188843
    """
    return from_atomic(time, "fs", "time")


def wavenumbers_to_hartree(wavenumber: Any) -> Any:
    """Hartree from cm⁻¹ (the energy hcν̃); real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> round(units.wavenumbers_to_hartree(2321.0), 8)
    0.01057525
    """
    return to_atomic(wavenumber, "cm⁻¹", "wavenumber")


def hartree_to_wavenumbers(energy: Any) -> Any:
    """Wavenumbers in cm⁻¹ from Hartree; real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> units.hartree_to_wavenumbers(0.5)
    109737.31568157
    """
    return from_atomic(energy, "cm⁻¹", "energy")


def electronvolts_to_hartree(energy: Any) -> Any:
    """Hartree from electronvolts; real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> round(units.electronvolts_to_hartree(13.6057), 5)
    0.5
    """
    return to_atomic(energy, "eV", "energy")


def hartree_to_electronvolts(energy: Any) -> Any:
    """Electronvolts from Hartree; real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> units.hartree_to_electronvolts(0.5)
    13.6056931229905
    """
    return from_atomic(energy, "eV", "energy")


def kelvins_to_hartree(temperature: Any) -> Any:
    """Energy k_B·T in Hartree from a temperature in kelvin; real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> round(units.kelvins_to_hartree(300.0), 8)
    0.00095004
    """
    return to_atomic(temperature, "K", "temperature")


def angstroms_to_bohr(length: Any) -> Any:
    """Bohr radii from ångström; real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> round(units.angstroms_to_bohr(1.0), 6)
    1.889726
    """
    return to_atomic(length, "Å", "length")


def bohr_to_angstroms(length: Any) -> Any:
    """Ångström from Bohr radii; real, any shape, may be traced.

    >>> from jaxwigner import units
    >>> units.bohr_to_angstroms(2.0)
    1.058354421088
    """
    return from_atomic(length, "Å", "length")


def peak_field(intensity: Any) -> Any:
    """The peak field of linearly polarised light in atomic units, from its intensity in W/cm²: E = √(2I/(cε_0)).

    **Arguments:** `intensity`: I ≥ 0, the mean over a cycle at the peak of a pulse; any shape, may be traced.

    **Raises:** `ValueError` for an intensity that is not real or negative.

    >>> from jaxwigner import units
    >>> round(float(units.peak_field(1e14)), 6)
    0.05338
    """
    check_finite("intensity", intensity)
    require(
        not concrete(intensity) or np.asarray(intensity) >= 0,
        "intensity",
        "be at least 0",
        intensity,
    )
    return (intensity / WATTS_PER_SQUARE_CENTIMETRE) ** 0.5
