"""MK_ħ of Golse, Mouhot and Paul between two quantum states."""

from jaxwigner.transport.quantum.bounds import MomentBounds as MomentBounds
from jaxwigner.transport.quantum.bounds import husimi_pair_bound as husimi_pair_bound
from jaxwigner.transport.quantum.bounds import moment_bounds as moment_bounds
from jaxwigner.transport.quantum.bounds import toeplitz_pair_bound as toeplitz_pair_bound
from jaxwigner.transport.quantum.carried import CarriedPair as CarriedPair
from jaxwigner.transport.quantum.carried import carry_quantum as carry_quantum
from jaxwigner.transport.quantum.carried import pair_cost as pair_cost
from jaxwigner.transport.quantum.fock_diagonal import fock_diagonal_cost as fock_diagonal_cost
from jaxwigner.transport.quantum.gaussian_pairs import gaussian_pair_cost as gaussian_pair_cost
from jaxwigner.transport.quantum.gaussian_pairs import self_distance as self_distance
from jaxwigner.transport.quantum.quantum_transport import quantum_transport as quantum_transport
from jaxwigner.transport.quantum.result import QuantumTransport as QuantumTransport
