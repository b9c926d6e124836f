"""Files with energy curves: how columns and units may be written, and what is refused with its line."""

import jax
import numpy as np
import pytest

import jaxwigner as jw

R = 0.8 + 0.1 * np.arange(10)
E = 1000 * (np.arange(10) - 4.0) ** 2


def rows(mark, distances=R, energies=E):
    return [f"{r:.3f}{mark}{e:.3f}" for r, e in zip(distances, energies)]


COMMA = rows(",")


@pytest.fixture
def curve(tmp_path):
    def read(lines, **options):
        path = tmp_path / "scan.csv"
        path.write_bytes(lines if isinstance(lines, bytes) else "\n".join(lines).encode())
        return jw.read_curve(path, **options)

    return read


@pytest.mark.parametrize(
    "lines",
    [
        ["R [angstrom], E [cm-1]", *COMMA],
        ["\ufeffR [Å],E [cm⁻¹]", *COMMA, "", "# the end"],
        ["# R [angstrom]  E [cm-1]", "# by whom", *rows("  ")],
        ["# by whom", "R/angstrom E/cm-1", *rows("\t")],
        ["R (Angstrom);E (cm^-1)", *rows(";")],
        ["bond length [Å]   energy [cm-1]", *rows("   ")],
        ['"R [Å]","V(R)/cm-1"', *rows(", ")],
        ["R/Å V(R)/cm-1", *rows(" ")],
        ["R [angstrom], E [cm-1]  # two columns", *(row + " # note" for row in COMMA)],
        ["R [angstrom], E [cm-1]", *(row.replace(".000", ".000D0") for row in COMMA)],
        "\r\n".join(["R (Å),E (cm-1)", *COMMA]).encode("latin-1"),
    ],
)
def test_headers(curve, lines):
    found = curve(lines)
    np.testing.assert_allclose(found.nodes, R * jw.units.angstrom, rtol=1e-14)
    np.testing.assert_allclose(found.values, E * jw.units.cm1, rtol=1e-14)
    # A parabola is its own spline.
    middle = 1.234 * jw.units.angstrom
    exact = 1e5 * (1.234 - 1.2) ** 2 * jw.units.cm1
    assert float(found(middle)) == pytest.approx(exact, rel=1e-9)


def test_more_columns(curve):
    lines = [
        "i, R [bohr], E [hartree], V [eV]",
        *(f"{i},{r},{e},{2 * e}" for i, (r, e) in enumerate(zip(R, E))),
    ]
    np.testing.assert_allclose(curve(lines, columns=("R", "V")).values, 2 * E * jw.units.eV)
    with pytest.raises(ValueError, match="`columns` must be given .* 'i', 'R', 'E', 'V'"):
        curve(lines)
    with pytest.raises(ValueError, match="`columns` must be one of"):
        curve(lines, columns=("R", "U"))
    with pytest.raises(ValueError, match="unit of column 'i'"):
        curve(lines, columns=("i", "E"))


def test_zero_of_energy_and_laws(curve):
    lines = ["R [bohr], E [hartree]", *rows(",", R, E / 1e5 - 75.0)]
    assert float(curve(lines).values[4]) == pytest.approx(-75.0)
    assert float(curve(lines, zero="minimum").values[4]) == 0.0
    last = curve(lines, zero="last", inner="refuse")
    assert float(last.values[-1]) == 0.0 and last.domain == (0.8, 1.7)
    with jax.enable_x64(False), pytest.raises(ValueError, match="`zero` must be 'minimum'"):
        curve(["R [bohr], E [hartree]", *rows(",", R, E / 1e6 - 7500.0)])


def changed(old, new):
    return ["R [angstrom], E [cm-1]", *(row.replace(old, new) for row in COMMA)]


@pytest.mark.parametrize(
    "lines, words",
    [
        (["R,E", *COMMA], "unit of column 'R'"),
        (["R E", *rows(" ")], "name the unit of each column .* line 1"),
        (COMMA, "name the unit of each of its 2 columns .* line 1"),
        (["R [eV], E [cm-1]", *COMMA], "column R` must be a length, but is 'eV', an energy"),
        (["R [angstrom], E [angstrom]", *COMMA], "column E` must be an energy"),
        (["R [angstrom], E [joules]", *COMMA], "column E` must have units made of"),
        (changed("1.000,", "0.700,"), "increasing order, but has 0.7 after 0.9 in line 4"),
        (changed("1.000,", "0.900,"), "each distance once, but has 0.9 again in line 4"),
        (changed("4000.000", "nan"), "finite numbers, but has 'nan' in line 4"),
        (changed("4000.000", ""), "finite numbers, but has '' in line 4"),
        (changed("4000.000", "abc"), "numbers below its header, but has 'abc' in line 4"),
        (changed("4000.000", "1e999"), "line 4` must be finite"),
        (changed("4000.000", "4_000.0"), "numbers below its header"),
        (changed("4000.000", "4.0, 1.0"), "have 2 numbers in a row, .* in line 4"),
        (changed(".", ","), "decimal commas .* in line 2"),
        (
            ["R [Å]; E [cm-1]", *(row.replace(".", ",") for row in rows(";"))],
            "decimal commas .* line 2",
        ),
        (
            ["R [Å]  E [cm-1]", *(row.replace(".", ",") for row in rows("  "))],
            "decimal commas .* line 2",
        ),
        (["R [angstrom], E [cm-1]", *COMMA[:5]], "at least 6 points, but has 5"),
        ([""], "no rows"),
        (["# R [angstrom], E [cm-1]"], "no rows"),
    ],
)
def test_bad_files(curve, lines, words):
    with pytest.raises(
        ValueError, match=rf"^Argument `[^`]+` must .*{words}|^Argument `path, {words}"
    ):
        curve(lines)


def test_no_file(tmp_path):
    with pytest.raises(OSError):
        jw.read_curve(tmp_path / "none.csv")
