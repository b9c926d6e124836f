"""MK_ħ between two quantum states: the dense program on their ranges and its certificate."""

from jaxwigner.transport.quantum.quantum_transport import QuantumTransport as QuantumTransport
from jaxwigner.transport.quantum.quantum_transport import quantum_transport as quantum_transport
