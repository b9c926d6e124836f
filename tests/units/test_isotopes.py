"""Masses of isotopes against bare nuclei of CODATA, and their names."""

import pytest

from jaxwigner import units


@pytest.mark.parametrize("name", ["H", "D", "T", "Mu"])
def test_atoms_of_hydrogen_are_a_nucleus_and_an_electron(name):
    """Less the binding, ½ hartree/c² = 2.7e-5 m_e."""
    apart = units.nuclear_mass(name) + 1 - units.atomic_mass(name)
    assert abs(apart) < 1e-4


@pytest.mark.parametrize(
    "name, mass",
    # AME2020, table I: 12C by definition.
    [
        ("12C", 12.0),
        ("16O", 15.99491461926),
        ("35Cl", 34.968852694),
        ("40Ca", 39.962590850),
        ("127I", 126.904473),
        ("197Au", 196.966570),
        ("129Xe", 128.9047808574),
    ],
)
def test_masses(name, mass):
    assert units.atomic_mass(name) / units.u == pytest.approx(mass, abs=1.5e-6)


@pytest.mark.parametrize("name", ["O16", "O-16", "^16O", "¹⁶O", " 16O ", "^{16}O"])
def test_spellings(name):
    assert units.atomic_mass(name) == units.atomic_mass("16O")


def test_elements_without_a_number():
    assert units.atomic_mass("F") == units.atomic_mass("19F")
    assert units.atomic_mass("H") == units.atomic_mass("1H")


def test_reduced_mass():
    """OH: 0.948087 u; of equals one half."""
    assert units.reduced_mass("16O", "1H") / units.u == pytest.approx(0.9480871, abs=1e-6)
    assert units.reduced_mass("I", "I") == pytest.approx(units.atomic_mass("127I") / 2, rel=1e-15)


@pytest.mark.parametrize(
    "name, words",
    [
        ("O", "one of 16O, 17O, 18O"),
        ("99O", "one of 16O"),
        ("Xx", "did you mean Xe"),
        ("", "number and symbol"),
        (16, "the name of an isotope"),
        ("oxygen", "number and symbol"),
    ],
)
def test_bad_names(name, words):
    with pytest.raises(ValueError, match=rf"Argument `isotope` must .*{words}"):
        units.atomic_mass(name)
