"""Quantum and classical expectations."""

import jax
import jax.numpy as jnp
from two_packets import GRID, HBAR, PHI

import jaxwigner as jw
from jaxwigner.phase_space import wigner_expectation
from jaxwigner.potentials import Harmonic
from jaxwigner.theorems import (
    classical_limit,
)


def test_packet_ensemble_is_the_wigner_function():
    cloud = classical_limit.packet_ensemble(0.2, 0.7, HBAR, 0.75, (30, 28))
    psi = jw.wave_packet(GRID, 0.2, 0.7, HBAR, alpha=0.75)
    classical = cloud.weights @ PHI(tuple(cloud.positions.T), tuple(cloud.momenta.T))
    assert abs(classical - wigner_expectation(psi, GRID, PHI, HBAR)) < 1e-9


def test_quantum_and_classical_agree_for_quadratic_potentials():
    errors = jax.jit(
        lambda hbars: classical_limit.observable_errors(
            lambda hbar: jw.coherent_state(GRID, 0.8, 0.3, hbar),
            lambda hbar: classical_limit.packet_ensemble(0.8, 0.3, hbar, 0.5, (24, 24)),
            Harmonic(1.3),
            GRID,
            PHI,
            hbars,
            duration=0.9,
            steps=24,
        )
    )(jnp.array([0.4, 0.25]))
    assert float(errors.max()) < 1e-6
