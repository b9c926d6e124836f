"""Quantum dynamics: one file per equation, matched file for file by `classical`."""

from jaxwigner.quantum.hartree import Hartree as Hartree
from jaxwigner.quantum.moyal import Moyal as Moyal
from jaxwigner.quantum.schrodinger import Schrodinger as Schrodinger
