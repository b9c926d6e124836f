"""The constants against SciPy's copy of CODATA 2022, the conversions against each other."""

import math

import jax
import jax.numpy as jnp
import pytest

from jaxwigner import units

constants = pytest.importorskip("scipy.constants")


@pytest.mark.parametrize(
    ("name", "value", "factor"),
    [
        ("atomic unit of time", units.FEMTOSECONDS_PER_ATOMIC_TIME, 1e-15),
        ("hartree-inverse meter relationship", units.WAVENUMBERS_PER_HARTREE, 100.0),
        ("Hartree energy in eV", units.ELECTRONVOLTS_PER_HARTREE, 1.0),
        ("hartree-kelvin relationship", units.KELVINS_PER_HARTREE, 1.0),
        ("Bohr radius", units.ANGSTROMS_PER_BOHR, 1e-10),
        ("muon-electron mass ratio", units.MUON_MASS, 1.0),
        ("proton-electron mass ratio", units.PROTON_MASS, 1.0),
        ("deuteron-electron mass ratio", units.DEUTERON_MASS, 1.0),
        ("triton-electron mass ratio", units.TRITON_MASS, 1.0),
    ],
)
def test_constants_are_those_of_codata(name, value, factor):
    # SciPy may carry an older or newer adjustment: they differ by less than 1e-8.
    assert value * factor == pytest.approx(constants.physical_constants[name][0], rel=1e-8)


def test_constants_are_those_of_2022_where_scipy_has_them():
    if constants.physical_constants["proton-electron mass ratio"][0] != units.PROTON_MASS:
        pytest.skip("this SciPy carries another adjustment of the constants")
    for name, value in (
        ("deuteron-electron mass ratio", units.DEUTERON_MASS),
        ("triton-electron mass ratio", units.TRITON_MASS),
        ("Hartree energy in eV", units.ELECTRONVOLTS_PER_HARTREE),
    ):
        assert constants.physical_constants[name][0] == value


def test_epsilon_of_the_isotopes():
    expected = {"Mu": 0.06954, "H": 0.02334, "D": 0.01651, "T": 0.01349}
    for isotope, epsilon in expected.items():
        assert units.mass_ratio_epsilon(isotope) == pytest.approx(epsilon, abs=5e-6)
        assert units.mass_ratio_epsilon(isotope) ** -2 == pytest.approx(units.nuclear_mass(isotope))


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (units.femtoseconds_to_atomic, units.atomic_to_femtoseconds),
        (units.wavenumbers_to_hartree, units.hartree_to_wavenumbers),
        (units.electronvolts_to_hartree, units.hartree_to_electronvolts),
        (units.angstroms_to_bohr, units.bohr_to_angstroms),
    ],
)
def test_conversions_invert_each_other(there, back):
    assert back(there(3.7)) == pytest.approx(3.7, rel=1e-15)
    array = jnp.asarray([1.0, 2.0], jnp.float32)
    assert there(array).dtype == jnp.float32


def test_energies_agree_across_units():
    # E_h = 2 Rydberg; hc/k_B = 1.438776877 cm K, exact in the SI
    assert units.WAVENUMBERS_PER_HARTREE == pytest.approx(2 * 109737.31568157, rel=1e-14)
    cm_kelvin = units.kelvins_to_hartree(1.0) * units.WAVENUMBERS_PER_HARTREE
    assert 1 / cm_kelvin == pytest.approx(1.438776877503933, rel=1e-12)


def test_scaled_time_turns_a_heavy_particle_into_equation_se():
    """e^{iS} of free flight: p²τ/(2m) in atomic units is (p²/2)(t/ε) with p in units of 1/ε."""
    mass, tau, momentum = units.nuclear_mass("D"), 830.0, 11.0
    epsilon = units.mass_ratio_epsilon("D")
    t = units.scaled_time(tau, epsilon)
    assert momentum**2 * tau / (2 * mass) == pytest.approx(
        (epsilon * momentum) ** 2 / 2 * t / epsilon
    )
    assert units.unscaled_time(t, epsilon) == pytest.approx(tau, rel=1e-15)
    assert float(jax.jit(units.scaled_time)(tau, epsilon)) == pytest.approx(t, rel=1e-15)
    assert math.isclose(t, tau / math.sqrt(mass))


def test_peak_field():
    """The atomic unit of intensity, ½cε₀E², is 3.50944552e16 W/cm²."""
    assert float(units.peak_field(3.50944552e16)) == pytest.approx(1.0, rel=1e-8)
    slope = jax.grad(units.peak_field)(1e14)
    assert float(slope) == pytest.approx(float(units.peak_field(1e14)) / 2e14, rel=1e-12)
    with pytest.raises(ValueError, match="Argument `intensity` must be at least 0, but is -1"):
        units.peak_field(-1.0)


def test_bad_input():
    with pytest.raises(ValueError, match=r"Argument `isotope` must be one of 'Mu', 'H', 'D', 'T'"):
        units.mass_ratio_epsilon("Li")
    with pytest.raises(ValueError, match=r"Argument `epsilon` must be positive, but is -0\.1"):
        units.scaled_time(1.0, -0.1)
    with pytest.raises(ValueError, match="Argument `time` must be real"):
        units.femtoseconds_to_atomic(1j)
