"""Numbers with units: every spelling, and what is refused."""

import jax
import jax.numpy as jnp
import pytest

from jaxwigner import units
from jaxwigner.units import quantity

ANGSTROM, CM1, KCAL = units.angstrom, units.cm1, units.kcal_mol


@pytest.mark.parametrize(
    "text, kind, value",
    [(text, "length", 2.2) for text in ("2.2 bohr", "2.2bohr", "2.2 a0", "2.2 a.u.", "+2.2e0 Bohr")]
    + [(f"3 {unit}", "length", 3 * ANGSTROM) for unit in ("Å", "\u212b", "A\u030a", "A", "Angst.")]
    + [
        (f"3 {unit}", "length", 3 * ANGSTROM)
        for unit in ("angstrom", "Angstroms", "ANGSTROM", "ang")
    ]
    + [(f"2500{unit}", "energy", 2500 * CM1) for unit in (" cm-1", " cm^-1", " cm⁻¹", "cm⁻¹")]
    + [
        (f"2500{unit}", "energy", 2500 * CM1)
        for unit in (" 1/cm", "/cm", " cm**-1", " CM-1", " cm1")
    ]
    + [(f"10 {unit}", "energy", 10 * KCAL) for unit in ("kcal/mol", "kcal mol-1", "kcal mol^-1")]
    + [(f"10 {unit}", "energy", 10 * KCAL) for unit in ("kcal·mol⁻¹", "kcal_mol", "Kcal / mol")]
    + [(f"2 {unit}", "energy", 2e-3 * units.meV) for unit in ("\u00b5eV", "\u03bceV")]
    + [
        (f"4 {unit}", "inverse length", 4 / ANGSTROM)
        for unit in ("/angstrom", "1/Å", "Å⁻¹", "Å^-1")
    ]
    + [
        (f"0.5 hartree/{unit}", "stiffness", 0.5)
        for unit in ("bohr^2", "bohr²", "bohr/bohr", "a0**2")
    ]
    + [
        ("1/angstrom", "inverse length", 1 / ANGSTROM),
        ("100 fs", "time", 100 * units.fs),
        ("0.948 u", "mass", 0.948 * units.u),
        ("0.948 Da", "mass", 0.948 * units.u),
        ("−1 hartree", "energy", -1.0),
        ("300 K", "temperature", 300 * units.kelvin),
        ("2500 cm-1", "frequency", 2500 * CM1),
        ("3 /fs", "frequency", 3 / units.fs),
        ("3 u angstrom/fs", "momentum", 3 * units.u * ANGSTROM / units.fs),
        ("10 kcal/mol/angstrom", "force", 10 * KCAL / ANGSTROM),
        ("2 V/angstrom", "field", 2 * units.volt_per_angstrom),
        ("2 debye", "dipole", 2 * units.debye),
        ("1 N", "force", 1 / 8.2387235038e-8),
    ],
)
def test_spellings(text, kind, value):
    assert quantity(text, kind) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    "text, words",
    [
        ("100 angstrom", "be a time, but is '100 angstrom', a length"),
        ("300 K", "be a time, but is '300 K', an energy"),
        ("2 bohr^2", r"be a time, but is '2 bohr\^2', length\^2"),
        ("2,2 fs", "a decimal point"),
        ("1_000 fs", "be a number with its unit"),
        ("fs", "be a number with its unit"),
        ("2.2", r"say the unit of a time \('2.2 au' for atomic units\), but is '2.2'"),
        ("", "be a number with its unit"),
        ("nan fs", "be a number with its unit"),
        ("1e999 fs", "be finite"),
        ("2 MeV", "units made of"),  # no meV in another case
        ("2 fortnights", "'fortnights'"),
        ("2 fs^0.5", "units made of"),
        ("2 kcal", "units made of"),  # of one molecule?
        ("2 hartree/bohr bohr", "divisors last"),
        ("2 fs/", "end with a unit"),
        (True, "be real"),
        (float("nan"), "be finite"),
        (None, "be real"),
        (["1 fs", "1 eV"], "but is '1 eV', an energy"),
    ],
)
def test_what_is_refused(text, words):
    with pytest.raises(ValueError, match=rf"^Argument `duration` must .*{words}"):
        quantity(text, "time", "duration")


def test_numbers_are_atomic_units():
    assert (
        quantity("2.5", "number") == 2.5
        and quantity(2, "mass") == 2
        and quantity([1.0, 2.0], "length") == [1.0, 2.0]
    )
    assert quantity(["1 bohr", 2.0], "length") == (1.0, 2.0)
    assert float(jax.jit(lambda x: quantity(x, "length"))(3.0)) == 3.0
    assert quantity(jnp.arange(2.0), "time").shape == (2,)


def test_kinds_are_listed():
    with pytest.raises(ValueError, match="Argument `kind` must be one of 'length'"):
        quantity("1 bohr", "distance")
