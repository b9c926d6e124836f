"""What is evolved: ψ, mixtures, particles, densities, Gaussians, and how to make them."""

from jaxwigner.states.quadratic import quadratic_marginal as quadratic_marginal
from jaxwigner.states.quantum import Density as Density
from jaxwigner.states.quantum import FockState as FockState
from jaxwigner.states.quantum import Gaussian as Gaussian
from jaxwigner.states.quantum import MixedState as MixedState
from jaxwigner.states.quantum import Particles as Particles
from jaxwigner.states.quantum import as_complex as as_complex
from jaxwigner.states.quantum import as_inexact as as_inexact
from jaxwigner.states.quantum import as_mixed as as_mixed
from jaxwigner.states.quantum import cat_state as cat_state
from jaxwigner.states.quantum import check_inside as check_inside
from jaxwigner.states.quantum import coherent_state as coherent_state
from jaxwigner.states.quantum import fock_orbitals as fock_orbitals
from jaxwigner.states.quantum import squeezed_state as squeezed_state
from jaxwigner.states.quantum import thermal_state as thermal_state
from jaxwigner.states.quantum import wave_packet as wave_packet
