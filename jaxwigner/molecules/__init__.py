"""Potential energy surfaces of molecules, computed from their electrons or published."""

from jaxwigner.molecules import chem as chem
from jaxwigner.molecules import h2 as h2
from jaxwigner.molecules import h2plus as h2plus
from jaxwigner.molecules import tables as tables
