"""Numbers read off a state: densities, moments, energies, and what tells whether a run is resolved."""

from jaxwigner.observables.classical import moments as moments
from jaxwigner.observables.classical import phase_moments as phase_moments
from jaxwigner.observables.correlation import Lines as Lines
from jaxwigner.observables.correlation import Spectrum as Spectrum
from jaxwigner.observables.correlation import autocorrelation as autocorrelation
from jaxwigner.observables.correlation import lines as lines
from jaxwigner.observables.correlation import spectrum as spectrum
from jaxwigner.observables.diagnostics import edge_mass as edge_mass
from jaxwigner.observables.diagnostics import spectral_tail as spectral_tail
from jaxwigner.observables.diagnostics import square as square
from jaxwigner.observables.diagnostics import total as total
from jaxwigner.observables.flux import flux as flux
from jaxwigner.observables.flux import transmitted as transmitted
from jaxwigner.observables.quantum import current as current
from jaxwigner.observables.quantum import density_of as density_of
from jaxwigner.observables.quantum import kinetic_energy as kinetic_energy
from jaxwigner.observables.quantum import mean_angle as mean_angle
from jaxwigner.observables.quantum import mean_kinetic as mean_kinetic
from jaxwigner.observables.quantum import mean_momentum as mean_momentum
from jaxwigner.observables.quantum import mean_position as mean_position
from jaxwigner.observables.quantum import momentum_density as momentum_density
from jaxwigner.observables.quantum import momentum_distribution as momentum_distribution
from jaxwigner.observables.quantum import norm as norm
from jaxwigner.observables.quantum import position_density as position_density
from jaxwigner.observables.quantum import potential_energy as potential_energy
from jaxwigner.observables.quantum import spectral_weights as spectral_weights
