"""Potential energy curves of H2, HeH+ and LiH from their electrons, (2) of Ambrosio, Friesecke and Giannoulis: the extra `chem`.

Full configuration interaction of two electrons in a correlation-consistent basis (PySCF: Q. Sun et al., J. Chem. Phys. 153, 024109
(2020)); in LiH the two 1s electrons of Li stay in their Hartree–Fock orbital, or all four are correlated. In a given basis that is the
exact E_el of (2); the error is that of the basis, and is estimated by what the next smaller one gives. Energies are upper bounds.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaxwigner._checks import check_choice, check_finite, check_integer, require
from jaxwigner.molecules.tables import CurveTable

BASES = ("cc-pvdz", "cc-pvtz", "cc-pvqz", "cc-pv5z")
INSTALL = "Curves of molecules need PySCF: pip install 'jaxwigner[chem]'"


class Dimer(NamedTuple):
    """The symbols and charges of two nuclei, the charge of the molecule, and the number of doubly occupied core orbitals."""

    symbols: tuple[str, str]
    charges: tuple[int, int]
    charge: int
    core: int


DIMERS = {
    "H2": Dimer(("H", "H"), (1, 1), 0, 0),
    "HeH+": Dimer(("He", "H"), (2, 1), 1, 0),
    "LiH": Dimer(("Li", "H"), (3, 1), 0, 1),
}


def curve(
    molecule: str,
    distances: Any,
    *,
    basis: str = "cc-pvtz",
    spin: int = 0,
    all_electrons: bool = False,
) -> CurveTable:
    """U(R) of a dimer, the ground state of a spin, by full configuration interaction at each distance.

    **Arguments:** `molecule`: "H2", "HeH+" or "LiH"; `distances`: R in bohr, at least five, increasing; `basis`: "cc-pvtz", "cc-pvqz"
    or "cc-pv5z"; `spin`: 0 for singlets, 2 for triplets; `all_electrons`: correlate the core of LiH too (slow).

    **Returns:** a `CurveTable`, whose `errors` are the differences to the next smaller basis.

    **Raises:** `ImportError` without PySCF; `ValueError` for other arguments, and where an iteration does not converge.

        table = chem.curve("LiH", np.linspace(1.6, 8.0, 33))
        table.bounded_part()        # U_b for PartialWaves, CoulombFlow, …

    >>> from jaxwigner.molecules import chem
    >>> sorted(chem.DIMERS), chem.DIMERS["LiH"].charges
    (['H2', 'HeH+', 'LiH'], (3, 1))
    """
    check_choice("molecule", molecule, DIMERS)
    check_choice("basis", basis, BASES[1:])
    check_integer("spin", spin, at_least=0)
    require(spin in (0, 2), "spin", "be 0 (singlet) or 2 (triplet)", spin)
    check_finite("distances", distances)
    R = np.array(distances, float)
    require(R.ndim == 1 and np.all(R > 0.1), "distances", "be a list beyond 0.1 bohr", distances)
    _pyscf()
    dimer = DIMERS[molecule]
    core = 0 if all_electrons else dimer.core
    smaller = BASES[BASES.index(basis) - 1]
    energies, coarse = (
        np.array([_energy(dimer, float(r), one, spin, core) for r in R]) for one in (basis, smaller)
    )
    electrons = "two electrons" if core else "all electrons"
    return CurveTable(
        R,
        energies,
        errors=np.abs(energies - coarse),
        repulsion=float(np.prod(dimer.charges)),
        source=f"{molecule}: full CI of {electrons}, {basis}, spin {spin}, PySCF {_pyscf().__version__}",
    )


def _energy(dimer: Dimer, distance: float, basis: str, spin: int, core: int) -> float:
    pyscf = _pyscf()
    from pyscf import fci, gto, mcscf, scf  # pyright: ignore[reportMissingImports]

    atoms = [(dimer.symbols[0], (0, 0, 0)), (dimer.symbols[1], (0, 0, distance))]
    options = {"unit": "Bohr", "basis": basis, "charge": dimer.charge, "verbose": 0}
    molecule = gto.M(atom=atoms, **options)
    field = scf.RHF(molecule)
    field.max_cycle = 200
    field.kernel()
    electrons = molecule.nelectron - 2 * core
    half = electrons // 2
    active = (half + spin // 2, half - spin // 2)
    space = mcscf.CASCI(field, field.mo_coeff.shape[1] - core, active, ncore=core)
    # The state of this spin: the lowest of others could lie below it, where the atoms are far apart.
    fci.addons.fix_spin_(space.fcisolver, ss=0.25 * spin * (spin + 2))
    space.fcisolver.max_cycle, space.fcisolver.conv_tol = 300, 1e-10
    energy = float(space.kernel()[0])
    solved = bool(np.all(space.fcisolver.converged)) and np.isfinite(energy)
    must = f"be such that PySCF {pyscf.__version__} converges"
    require(solved, "distances", must, distance)
    return energy


def _pyscf() -> Any:
    try:
        import pyscf  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ImportError(INSTALL) from error
    return pyscf
