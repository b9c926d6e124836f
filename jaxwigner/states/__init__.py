"""What is evolved: ψ, mixtures, particles, densities, Gaussians, and how to make them."""

from jaxwigner._checks import as_complex as as_complex
from jaxwigner._checks import as_inexact as as_inexact
from jaxwigner.states.classical import Density as Density
from jaxwigner.states.classical import Gaussian as Gaussian
from jaxwigner.states.classical import Particles as Particles
from jaxwigner.states.classical import check_inside as check_inside
from jaxwigner.states.oscillator import fock_orbitals as fock_orbitals
from jaxwigner.states.oscillator import thermal_state as thermal_state
from jaxwigner.states.packets import cat_state as cat_state
from jaxwigner.states.packets import coherent_state as coherent_state
from jaxwigner.states.packets import squeezed_state as squeezed_state
from jaxwigner.states.packets import wave_packet as wave_packet
from jaxwigner.states.quadratic import quadratic_marginal as quadratic_marginal
from jaxwigner.states.quantum import FockState as FockState
from jaxwigner.states.quantum import MixedState as MixedState
from jaxwigner.states.quantum import as_mixed as as_mixed
