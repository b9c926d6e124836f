"""The ruler: the semiquantum transport distance of Golse and Paul, and the Monge–Kantorovich distance."""

from jaxwigner.transport.bounds import husimi_bound as husimi_bound
from jaxwigner.transport.bounds import toeplitz_bound as toeplitz_bound
from jaxwigner.transport.couplings import CarriedCoupling as CarriedCoupling
from jaxwigner.transport.couplings import CouplingCost as CouplingCost
from jaxwigner.transport.couplings import carry as carry
from jaxwigner.transport.couplings import moving_cost as moving_cost
from jaxwigner.transport.couplings import packet_cost as packet_cost
from jaxwigner.transport.couplings import packet_rate as packet_rate
from jaxwigner.transport.gaussians import gaussian_cost as gaussian_cost
from jaxwigner.transport.gaussians import gelbrich_bound as gelbrich_bound
from jaxwigner.transport.gaussians import isotropic_bound as isotropic_bound
from jaxwigner.transport.gaussians import moments as moments
from jaxwigner.transport.gaussians import optimal_metric as optimal_metric
from jaxwigner.transport.gaussians import product_cost as product_cost
from jaxwigner.transport.gaussians import quantum_moments as quantum_moments
from jaxwigner.transport.gaussians import squeezing as squeezing
from jaxwigner.transport.line import line_distance as line_distance
from jaxwigner.transport.monge_kantorovich import monge_kantorovich as monge_kantorovich
from jaxwigner.transport.plan import MongeKantorovich as MongeKantorovich
from jaxwigner.transport.quantum import fock_diagonal_cost as fock_diagonal_cost
from jaxwigner.transport.quantum import gaussian_pair_cost as gaussian_pair_cost
from jaxwigner.transport.quantum import self_distance as self_distance
from jaxwigner.transport.semiquantum import Semiquantum as Semiquantum
from jaxwigner.transport.semiquantum import semiquantum as semiquantum
