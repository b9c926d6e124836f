"""The ruler: the semiquantum transport distance of Golse and Paul, and the Monge–Kantorovich distance."""

from jaxwigner.transport.closed_forms import gaussian_cost as gaussian_cost
from jaxwigner.transport.closed_forms import gelbrich_bound as gelbrich_bound
from jaxwigner.transport.closed_forms import isotropic_bound as isotropic_bound
from jaxwigner.transport.closed_forms import moments as moments
from jaxwigner.transport.closed_forms import optimal_metric as optimal_metric
from jaxwigner.transport.closed_forms import product_cost as product_cost
from jaxwigner.transport.closed_forms import quantum_moments as quantum_moments
from jaxwigner.transport.closed_forms import squeezing as squeezing
from jaxwigner.transport.coupling_flow import CarriedCoupling as CarriedCoupling
from jaxwigner.transport.coupling_flow import CouplingCost as CouplingCost
from jaxwigner.transport.coupling_flow import carry as carry
from jaxwigner.transport.coupling_flow import moving_cost as moving_cost
from jaxwigner.transport.coupling_flow import packet_cost as packet_cost
from jaxwigner.transport.coupling_flow import packet_rate as packet_rate
from jaxwigner.transport.monge_kantorovich import line_distance as line_distance
from jaxwigner.transport.monge_kantorovich import monge_kantorovich as monge_kantorovich
from jaxwigner.transport.semiclassical import husimi_bound as husimi_bound
from jaxwigner.transport.semiclassical import toeplitz_bound as toeplitz_bound
from jaxwigner.transport.semiquantum import Semiquantum as Semiquantum
from jaxwigner.transport.semiquantum import semiquantum as semiquantum
