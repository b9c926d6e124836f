"""jaxwigner: quantum and classical mechanics, the transforms between them, and the theorems that join them, in JAX."""

from jaxwigner import observables as observables
from jaxwigner import potentials as potentials
from jaxwigner.brackets import Bracket as Bracket
from jaxwigner.classical import CoulombFlow as CoulombFlow
from jaxwigner.classical import Liouville as Liouville
from jaxwigner.classical import Newton as Newton
from jaxwigner.classical import packet_cloud as packet_cloud
from jaxwigner.evolution import Diagnostics as Diagnostics
from jaxwigner.evolution import Evolution as Evolution
from jaxwigner.grid import Grid as Grid
from jaxwigner.grid import PhaseGrid as PhaseGrid
from jaxwigner.grid import phase_grid as phase_grid
from jaxwigner.methods import METHODS as METHODS
from jaxwigner.methods import Method as Method
from jaxwigner.phase_space import ToeplitzState as ToeplitzState
from jaxwigner.phase_space import husimi as husimi
from jaxwigner.phase_space import marginals as marginals
from jaxwigner.phase_space import toeplitz_state as toeplitz_state
from jaxwigner.phase_space import wigner as wigner
from jaxwigner.quantum import Moyal as Moyal
from jaxwigner.quantum import PartialWaves as PartialWaves
from jaxwigner.quantum import RadialGrid as RadialGrid
from jaxwigner.quantum import Schrodinger as Schrodinger
from jaxwigner.quantum import evolve_exactly as evolve_exactly
from jaxwigner.quantum import packet_waves as packet_waves
from jaxwigner.resolution import Resolution as Resolution
from jaxwigner.resolution import resolve as resolve
from jaxwigner.splitting import System as System
from jaxwigner.splitting import evolve as evolve
from jaxwigner.states import Density as Density
from jaxwigner.states import FockState as FockState
from jaxwigner.states import Gaussian as Gaussian
from jaxwigner.states import MixedState as MixedState
from jaxwigner.states import Particles as Particles
from jaxwigner.states import cat_state as cat_state
from jaxwigner.states import coherent_state as coherent_state
from jaxwigner.states import fock_orbitals as fock_orbitals
from jaxwigner.states import squeezed_state as squeezed_state
from jaxwigner.states import thermal_state as thermal_state
from jaxwigner.states import wave_packet as wave_packet
from jaxwigner.transport import Semiquantum as Semiquantum
from jaxwigner.transport import line_distance as line_distance
from jaxwigner.transport import monge_kantorovich as monge_kantorovich
from jaxwigner.transport import semiquantum as semiquantum

__version__ = "0.1.0"
