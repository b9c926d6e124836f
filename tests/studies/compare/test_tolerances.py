"""Tolerances as shares and as text, arguments as text with units, in `compare` and in `predict`."""

import pytest

import jaxwigner as jw
from jaxwigner.studies.compare.tolerances import absolute, check_used, checked, family, fits

WELL = dict(mass=1.0, state=jw.Packet(1.0, width=0.5), duration=3.2, hbar=(0.5,))


def test_levels():
    assert checked((0.02, "0.01 bohr")) == (0.02, "0.01 bohr") and checked(0.1) == (0.1,)
    assert absolute("0.5 angstrom", "position_2") == pytest.approx(0.5 * jw.units.angstrom)
    assert absolute("0.1", "transmitted") == 0.1 and absolute("1 eV", "kinetic") < 0.04
    assert family("position_2") == "position" and family("my_own") == "my_own"
    assert fits("1 eV", "energy") and not fits("1 eV", "density")
    check_used((0.02, "1 eV"), ("position", "energy"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "positive"),
        (1.5, "shares below 1"),
        ("0.01 fs", "must be a length, a momentum, an energy or a number, but is '0.01 fs', a time"),
        ("-0.01 bohr", "positive"),
        ("bohr", "a number with its unit"),
        ((), "a value at least"),
        ("0.01 hartree", "must have the unit of one of position, but is '0.01 hartree'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("run", [jw.compare, jw.predict])
def test_tolerances_that_cannot_be(run, value, words):
    with pytest.raises(ValueError, match=f"^Argument `tolerance` must .*{words}|{words}"):
        run(lambda x: x**2 / 2, **WELL, tolerance=value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"duration": "100 angstrom"}, "`duration` must be a time, but is '100 angstrom', a length"),
        ({"mass": "2 bohr"}, "`mass` must be a mass"),
        ({"duration": "fs"}, "`duration` must be a number with its unit"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("run", [jw.compare, jw.predict])
def test_units_of_another_kind(run, change, words):
    with pytest.raises(ValueError, match=words):
        run(lambda x: x**2 / 2, **(WELL | change))


def test_states_with_units():
    angstrom = jw.units.angstrom
    packet = jw.Packet(("1 angstrom", "2 bohr"), 0.5, "0.1 angstrom")
    assert packet.position == (pytest.approx(angstrom), 2.0)
    assert packet.width == (pytest.approx(0.1 * angstrom),) * 2
    assert jw.Level(1, shift="0.2 bohr").shift == (0.2,)
    assert jw.Level(1, near=("1 bohr", 2.0)).near == (1.0, 2.0)
    assert jw.Thermal("300 K").kelvin == pytest.approx(300.0)
    well = jw.OwnSystem(jw.potentials.Harmonic(1.0), 2.0)
    wide = jw.Packet(0.0, frequency="0.5 hartree").deviations(well, 0.3)[0]
    assert float(wide[0]) == pytest.approx((0.3 / (2 * 2.0 * 0.5)) ** 0.5)
    for make, words in (
        (lambda: jw.Packet("2 fs"), "`position` must be a length"),
        (lambda: jw.Packet(1.0, "2 fs"), "`momentum` must be a momentum"),
        (lambda: jw.Packet(1.0, width="2 K"), "`width` must be a length"),
        (lambda: jw.Packet(1.0, width=0.1, frequency=1.0), "`frequency` must be left out"),
        (lambda: jw.Packet(1.0, frequency="1 bohr"), "`frequency` must be a frequency"),
        (lambda: jw.Level(1, shift="2 K"), "`shift` must be a length"),
        (lambda: jw.Thermal("2 bohr"), "`kelvin` must be a temperature"),
    ):
        with pytest.raises(ValueError, match=words):
            make()
