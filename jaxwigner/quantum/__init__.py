"""Quantum dynamics: one file per equation, matched file for file by `classical`."""

from jaxwigner._aliases import old_names
from jaxwigner.quantum.absorbing import Absorber as Absorber
from jaxwigner.quantum.bosons.fock_excitations import FockExcitations as FockExcitations
from jaxwigner.quantum.bosons.fock_space import FockSpace as FockSpace
from jaxwigner.quantum.hartree import Hartree as Hartree
from jaxwigner.quantum.moyal import Moyal as Moyal
from jaxwigner.quantum.nbody import ManyBody as ManyBody
from jaxwigner.quantum.nbody import product_state as product_state
from jaxwigner.quantum.nbody import reduced_state as reduced_state
from jaxwigner.quantum.nuclei import product_packets as product_packets
from jaxwigner.quantum.nuclei import relative_motion as relative_motion
from jaxwigner.quantum.nuclei.product_packets import ProductPackets as ProductPackets
from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion as RelativeMotion
from jaxwigner.quantum.partial_waves import observables as radial_observables
from jaxwigner.quantum.partial_waves import planes as radial_planes
from jaxwigner.quantum.partial_waves.exact import evolve_exactly as evolve_exactly
from jaxwigner.quantum.partial_waves.packets import packet_waves as packet_waves
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid as RadialGrid
from jaxwigner.quantum.partial_waves.resolve import WavePlan as WavePlan
from jaxwigner.quantum.partial_waves.resolve import resolve_waves as resolve_waves
from jaxwigner.quantum.partial_waves.system import PartialWaves as PartialWaves
from jaxwigner.quantum.schrodinger import Schrodinger as Schrodinger
from jaxwigner.quantum.surfaces.moyal import MatrixMoyal as MatrixMoyal
from jaxwigner.quantum.surfaces.system import Surfaces as Surfaces
from jaxwigner.quantum.three_nuclei.packets import ThreePacket as ThreePacket
from jaxwigner.quantum.three_nuclei.packets import equilateral as equilateral
from jaxwigner.quantum.three_nuclei.packets import packet_three as packet_three
from jaxwigner.quantum.three_nuclei.system import ThreeNuclei as ThreeNuclei
from jaxwigner.states import quadratic_marginal as quadratic_marginal

__getattr__ = old_names(__name__)
