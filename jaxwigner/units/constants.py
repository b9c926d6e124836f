"""Constants in atomic units (m_e = |e| = ħ = E_h = a_0 = 1), and units as numbers to multiply in: `2.2 * angstrom`, `100 * fs`.

CODATA 2022 (Mohr, Newell, Taylor and Tiesinga, Rev. Mod. Phys. 97, 025002, 2025); e, c, N_A and k_B are exact in the SI. A temperature
is the energy k_B·T, a wavenumber the energy hcν̃.
"""

FEMTOSECONDS_PER_ATOMIC_TIME = 2.4188843265864e-2
"""ħ/E_h in femtoseconds, (26) in the last digits."""

WAVENUMBERS_PER_HARTREE = 2.1947463136314e5
"""E_h/(hc) in cm⁻¹, (24) in the last digits."""

ELECTRONVOLTS_PER_HARTREE = 27.211386245981
"""E_h in eV, (30) in the last digits."""

KELVINS_PER_HARTREE = 3.1577502480398e5
"""E_h/k_B in K, (34) in the last digits."""

ANGSTROMS_PER_BOHR = 0.529177210544
"""The Bohr radius in Å, (82) in the last digits."""

MUON_MASS = 206.7682827
"""m_μ/m_e, (46) in the last digits."""

PROTON_MASS = 1836.152673426
"""m_p/m_e, (32) in the last digits."""

DEUTERON_MASS = 3670.482967655
"""m_d/m_e, (63) in the last digits."""

TRITON_MASS = 5496.92153551
"""m_t/m_e, (21) in the last digits."""

ELECTRON_MASS_IN_U = 5.485799090441e-4
"""m_e in unified atomic mass units (dalton), (97) in the last digits."""

_CHARGE, _LIGHT, _AVOGADRO = 1.602176634e-19, 299792458.0, 6.02214076e23  # C, m/s, 1/mol: exact
_HARTREE = ELECTRONVOLTS_PER_HARTREE * _CHARGE  # J
_BOHR = ANGSTROMS_PER_BOHR * 1e-10  # m
_VACUUM = 8.8541878188e-12  # ε_0 in F/m, (14) in the last digits

PER_ATOMIC_UNIT = {
    "fs": FEMTOSECONDS_PER_ATOMIC_TIME,
    "cm⁻¹": WAVENUMBERS_PER_HARTREE,
    "eV": ELECTRONVOLTS_PER_HARTREE,
    "K": KELVINS_PER_HARTREE,
    "Å": ANGSTROMS_PER_BOHR,
    "as": FEMTOSECONDS_PER_ATOMIC_TIME * 1e3,
    "ps": FEMTOSECONDS_PER_ATOMIC_TIME * 1e-3,
    "ns": FEMTOSECONDS_PER_ATOMIC_TIME * 1e-6,
    "bohr": 1.0,
    "pm": ANGSTROMS_PER_BOHR * 1e2,
    "nm": ANGSTROMS_PER_BOHR * 1e-1,
    "hartree": 1.0,
    "mhartree": 1e3,
    "meV": ELECTRONVOLTS_PER_HARTREE * 1e3,
    "µeV": ELECTRONVOLTS_PER_HARTREE * 1e6,
    "keV": ELECTRONVOLTS_PER_HARTREE * 1e-3,
    "mK": KELVINS_PER_HARTREE * 1e3,
    "kcal/mol": _HARTREE * _AVOGADRO / 4184,
    "kJ/mol": _HARTREE * _AVOGADRO / 1000,
    "J": _HARTREE,
    "aJ": _HARTREE * 1e18,
    "m_e": 1.0,
    "u": ELECTRON_MASS_IN_U,
    "ħ": 1.0,
    "V": ELECTRONVOLTS_PER_HARTREE,
    "D": _CHARGE * _BOHR * _LIGHT * 1e21,
    "e": 1.0,
    "N": _HARTREE / _BOHR,
    "mdyn": _HARTREE / _BOHR * 1e8,
}
"""How many of a unit make the atomic unit of the same quantity: the one table of factors."""

WATTS_PER_SQUARE_CENTIMETRE = 0.5 * _LIGHT * _VACUUM * (_HARTREE / (_CHARGE * _BOHR)) ** 2 * 1e-4
"""½cε_0E² in W/cm² of linearly polarised light whose peak field is the atomic unit: 3.50944…e16."""

NUCLEAR_MASSES = {"Mu": MUON_MASS, "H": PROTON_MASS, "D": DEUTERON_MASS, "T": TRITON_MASS}
"""Masses of the nuclei of hydrogen in m_e; "Mu" is muonium, whose nucleus is an antimuon."""

bohr = hartree = electron_mass = hbar = 1.0
"""Atomic units of length, energy, mass and action."""

angstrom = 1 / PER_ATOMIC_UNIT["Å"]
"""Å in bohr."""

nm = 1 / PER_ATOMIC_UNIT["nm"]
"""Nanometre in bohr."""

pm = 1 / PER_ATOMIC_UNIT["pm"]
"""Picometre in bohr."""

fs = 1 / PER_ATOMIC_UNIT["fs"]
"""Femtosecond in ħ/E_h."""

ps = 1 / PER_ATOMIC_UNIT["ps"]
"""Picosecond in ħ/E_h."""

eV = 1 / PER_ATOMIC_UNIT["eV"]
"""Electronvolt in hartree."""

meV = 1 / PER_ATOMIC_UNIT["meV"]
"""Millielectronvolt in hartree."""

cm1 = 1 / PER_ATOMIC_UNIT["cm⁻¹"]
"""hc · 1 cm⁻¹ in hartree."""

kelvin = 1 / PER_ATOMIC_UNIT["K"]
"""k_B · 1 K in hartree."""

kcal_mol = 1 / PER_ATOMIC_UNIT["kcal/mol"]
"""kcal/mol (thermochemical, 4184 J) in hartree."""

kJ_mol = 1 / PER_ATOMIC_UNIT["kJ/mol"]
"""kJ/mol in hartree."""

u = amu = 1 / PER_ATOMIC_UNIT["u"]
"""Unified atomic mass unit in electron masses."""

debye = 1 / PER_ATOMIC_UNIT["D"]
"""Debye in e·a_0."""

volt_per_angstrom = PER_ATOMIC_UNIT["Å"] / PER_ATOMIC_UNIT["V"]
"""V/Å in E_h/(e·a_0)."""
