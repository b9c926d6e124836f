"""Potential energy surfaces of molecules, computed from their electrons."""

from jaxwigner.molecules import h2plus as h2plus
