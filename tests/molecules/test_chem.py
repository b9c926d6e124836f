"""Curves from PySCF against published numbers; without it, what to install."""

import sys

import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.molecules import chem, h2
from jaxwigner.theorems import hydrogen_molecule


def test_without_pyscf_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyscf", None)
    with pytest.raises(ImportError, match=r"pip install 'jaxwigner\[chem\]'"):
        chem.curve("H2", np.linspace(1.0, 2.0, 5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"molecule": "H3"}, "`molecule` must be one of 'H2', 'HeH"),
        ({"basis": "cc-pvdz"}, "`basis` must be one of 'cc-pvtz'"),
        ({"spin": 1}, "`spin` must be 0 .singlet. or 2"),
        ({"distances": [0.05, 1.0]}, "`distances` must be a list beyond 0.1 bohr"),
        ({"distances": [1.0, np.nan]}, "`distances` must be finite"),
    ],
)
def test_bad_input_before_anything_is_computed(change, message):
    arguments = {"molecule": "H2", "distances": [1.0, 1.5, 2.0, 2.5, 3.0], **change}
    with pytest.raises(ValueError, match=message):
        chem.curve(**arguments)


@pytest.fixture
def pyscf():
    return pytest.importorskip("pyscf", reason="the extra `chem` (PySCF) is not installed")


def test_hydrogen_molecule_lies_above_the_published_curve_within_its_error(pyscf):
    R = np.array([0.8, 1.1, 1.4, 1.7, 2.0, 2.4, 3.0])
    table = chem.curve("H2", R)
    above = table.energies - np.asarray(h2.energy(R))
    assert np.all((above > 0) & (above < table.errors)), (above, table.errors)
    assert "cc-pvtz" in table.source and table.repulsion == 1.0
    # Its bounded part is a potential: the same force as the published one, to the error of the basis.
    curve, exact = table.bounded_part(tolerance=1e-2), h2.bounded_part()
    slopes = [float(c.gradient(1.6)[0]) for c in (curve, exact)]
    assert abs(slopes[0] - slopes[1]) < 5e-3
    grid = jw.RadialGrid(2.9, 31)
    with pytest.raises(ValueError, match="`potential` must cover the box"):
        jw.PartialWaves(grid, 1.0, 0.1, waves=2, potential=curve)
    longer = table.bounded_part(tolerance=1e-2, outside="linear")
    assert jw.PartialWaves(grid, 1.0, 0.1, waves=2, potential=longer).bounded.shape == (31,)
    with pytest.raises(ValueError, match="must have no gap"):
        table.bounded_part(tolerance=1e-7)


def test_ground_state_of_hydrogen_is_nondegenerate(pyscf):
    """b ³Σ_u⁺ at R = 1.4 is −0.78415 Hartree (Kołos and Wolniewicz 1965); the gap closes only as the atoms part."""
    R = np.array([1.0, 1.4, 2.0, 3.0, 5.0])
    ground, triplet = (chem.curve("H2", R, spin=spin) for spin in (0, 2))
    claim = hydrogen_molecule.excitation(ground.energies, triplet.energies)
    assert claim.verdict == "holds"
    assert np.all(np.diff(triplet.energies - ground.energies) < 0)
    assert 0 < triplet.energies[1] + 0.78415 < triplet.errors[1]


def test_helium_hydride_and_lithium_hydride(pyscf):
    """HeH+: −2.97869 Hartree at R = 1.463 (Kołos and Peek 1976). LiH: minimum at 3.015 bohr (Huber and Herzberg 1979)."""
    ion = chem.curve("HeH+", [1.2, 1.35, 1.463, 1.6, 1.8])
    assert ion.repulsion == 2.0
    assert 0 < ion.energies[2] + 2.97869 < ion.errors[2]
    assert np.argmin(ion.energies) == 2
    R = np.array([2.6, 2.8, 3.0, 3.2, 3.4])
    hydride = chem.curve("LiH", R)
    fit = np.polynomial.Polynomial.fit(R, hydride.energies, 4)
    lowest = [
        root.real for root in fit.deriv().roots() if abs(root.imag) < 1e-9 and 2.6 < root.real < 3.4
    ]
    assert len(lowest) == 1 and abs(lowest[0] - 3.015) < 0.06
