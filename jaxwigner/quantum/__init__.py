"""Quantum dynamics: one file per equation, matched file for file by `classical`."""

from jaxwigner.quantum.exact_waves import evolve_exactly as evolve_exactly
from jaxwigner.quantum.fock_excitations import FockExcitations as FockExcitations
from jaxwigner.quantum.fock_space import FockSpace as FockSpace
from jaxwigner.quantum.hartree import Hartree as Hartree
from jaxwigner.quantum.moyal import Moyal as Moyal
from jaxwigner.quantum.nbody import ManyBody as ManyBody
from jaxwigner.quantum.nbody import marginal as marginal
from jaxwigner.quantum.nbody import product_state as product_state
from jaxwigner.quantum.partial_waves import PartialWaves as PartialWaves
from jaxwigner.quantum.product_packets import ProductPackets as ProductPackets
from jaxwigner.quantum.quadratic import quadratic_marginal as quadratic_marginal
from jaxwigner.quantum.radial_grid import RadialGrid as RadialGrid
from jaxwigner.quantum.relative_motion import RelativeMotion as RelativeMotion
from jaxwigner.quantum.schrodinger import Schrodinger as Schrodinger
from jaxwigner.quantum.wave_packets import packet_waves as packet_waves
from jaxwigner.quantum.wave_resolution import WavePlan as WavePlan
from jaxwigner.quantum.wave_resolution import resolve_waves as resolve_waves
