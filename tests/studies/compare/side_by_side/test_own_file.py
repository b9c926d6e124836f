"""A system as a TOML file: the example, units of another kind, and what is unknown."""

import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.studies.compare.side_by_side.own_file import EXAMPLE, read, told


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_the_example(tmp_path):
    found = read(written(tmp_path, EXAMPLE))
    assert found["mass"] == 1728.539 and found["duration"] == pytest.approx(40 * jw.units.fs)
    assert float(found["potential"].depth) == 0.1994 and found["hbar"] == [2, 1, 0.5, 0.25]
    assert found["state"].position == (2.2,) and len(EXAMPLE.splitlines()) == 8


def test_a_table_beside_its_file(tmp_path):
    rows = "\n".join(f"{0.8 + 0.1 * i}, {1000 * (i - 4) ** 2}" for i in range(12))
    (tmp_path / "scan.csv").write_text(f"R [angstrom], E [cm-1]\n{rows}\n")
    start = EXAMPLE.index("potential"), EXAMPLE.index("mass")
    text = EXAMPLE[: start[0]] + 'potential = "scan.csv"\n' + EXAMPLE[start[1] :]
    curve = read(written(tmp_path, text))["potential"]
    assert float(curve.nodes[0]) == pytest.approx(0.8 * jw.units.angstrom)
    alone = read(tmp_path / "scan.csv", "0.948 u")
    assert alone["state"].position[0] == pytest.approx(1.32 * jw.units.angstrom)
    stiffness = 2000 * jw.units.cm1 / (0.1 * jw.units.angstrom) ** 2
    period = 2 * np.pi * np.sqrt(alone["mass"] / stiffness)
    assert alone["duration"] == pytest.approx(10 * period) and max(alone["hbar"]) == 1
    assert "0.8" not in told(curve) and told(curve).endswith("beyond: undefined")
    with pytest.raises(ValueError, match="`file` must be there"):
        read(tmp_path / "none.toml")
    with pytest.raises(ValueError, match="`mass` must be given"):
        read(tmp_path / "scan.csv")


def test_a_table_goes_on_where_it_levels_off(tmp_path):
    """a − b/xⁿ of its own; its law may be chosen, and refused."""
    x = np.linspace(2.0, 6.0, 41)
    rows = "\n".join(f"{r:.6f}, {0.2 - 3 / r**5 + 40 / r**9:.12f}" for r in x)
    (tmp_path / "scan.csv").write_text(f"R [bohr], E [hartree]\n{rows}\n")
    start = EXAMPLE.index("potential"), EXAMPLE.index("mass")

    def curve(value):
        return read(written(tmp_path, f"potential = {value}\n{EXAMPLE[start[1] :]}"))["potential"]

    bare = curve('"scan.csv"')
    power, limit = bare.limit()
    assert bare.covers(1.0, 99.0) and abs(power - 5) < 0.2 and abs(limit - 0.2) < 1e-4
    assert f"n = {float(power):.3g}" in told(bare) and told(jw.potentials.Harmonic(1.0)) == ""
    ended = curve('{ table = { file = "scan.csv", outer = "refuse", zero = "last" } }')
    assert not ended.covers(1.0, 99.0) and np.isnan(ended.limit()[0]) and abs(ended(6.0)) < 1e-15
    for value, text in (
        ('{ table = { file = "scan.csv", outer = "linear" } }', "`outer` must be one of"),
        ('{ table = { outer = "refuse" } }', "has no `file`"),
    ):
        with pytest.raises(ValueError, match=text):
            curve(value)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('"40 fs"', '"100 angstrom"', "`duration` must be a time"),
        ('"2.2 bohr"', '"2.2 fs"', "must be a length"),
        ("packet = {", "paket = {", "`paket` of `state` must be one of"),
        ("duration ", "duratoin ", "`duratoin` of `file` must be one of"),
        ("morse = {", "morse = { colour = 1,", "`colour` of `morse` must be one of"),
        ('mass       = "1728.539 m_e"', "", "`mass` must be given"),
    ],
)
def test_bad_files(tmp_path, old, new, text):
    with pytest.raises(ValueError, match=text):
        read(written(tmp_path, EXAMPLE.replace(old, new)))
