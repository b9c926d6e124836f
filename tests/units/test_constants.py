"""Units to multiply in against SciPy's copy of CODATA 2022."""

import pytest

from jaxwigner import units

constants = pytest.importorskip("scipy.constants")


def known(name):
    return constants.physical_constants[name][0]


@pytest.mark.parametrize(
    "value, exact",
    [
        (units.u, lambda: 1 / known("electron mass in u")),
        (units.debye, lambda: 1e-21 / constants.c / known("atomic unit of electric dipole mom.")),
        (units.volt_per_angstrom, lambda: 1e10 / known("atomic unit of electric field")),
        (units.kcal_mol, lambda: 4184 / constants.N_A / known("Hartree energy")),
        (units.kJ_mol, lambda: 1000 / constants.N_A / known("Hartree energy")),
        (units.kelvin, lambda: known("kelvin-hartree relationship")),
        (units.eV, lambda: known("electron volt-hartree relationship")),
        (units.cm1, lambda: 100 * known("inverse meter-hartree relationship")),
        (units.angstrom, lambda: 1e-10 / known("Bohr radius")),
        (units.ps, lambda: 1e-12 / known("atomic unit of time")),
    ],
)
def test_units_are_those_of_codata(value, exact):
    # SciPy may carry another adjustment: they differ by less than 1e-8.
    assert isinstance(value, float) and value == pytest.approx(exact(), rel=1e-8)


def test_units_multiply_in():
    assert 0.529177210544 * units.angstrom == pytest.approx(1.0, rel=1e-15)
    assert 1000 * units.fs == pytest.approx(units.ps) and 1000 * units.meV == pytest.approx(
        units.eV
    )
    assert units.amu == units.u and units.bohr == units.hartree == units.electron_mass == 1.0
    assert 100 * units.pm == pytest.approx(units.angstrom) == 0.1 * units.nm


def test_one_table():
    """A unit to multiply in is 1/how many make the atomic one; `to_atomic` knows the same."""
    assert units.to_atomic(3.0, "kcal/mol") == pytest.approx(3.0 * units.kcal_mol, rel=1e-15)
    assert units.from_atomic(3.0, "D") == pytest.approx(3.0 / units.debye, rel=1e-15)
