"""MK_ħ of Golse, Mouhot and Paul between two quantum states."""

from jaxwigner.transport.quantum.fock_diagonal import fock_diagonal_cost as fock_diagonal_cost
from jaxwigner.transport.quantum.gaussian_pairs import gaussian_pair_cost as gaussian_pair_cost
from jaxwigner.transport.quantum.gaussian_pairs import self_distance as self_distance
