"""Packets as sums of partial waves."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
import small
from waves import SPOTS, gaussian, make, packet, psi_at

import jaxwigner as jw
from jaxwigner.quantum.partial_waves.packets import gaussian_waves


@pytest.mark.parametrize(
    "momentum",
    [pytest.param((0.0, 0.0, -1.0), marks=pytest.mark.slow), (0.4, -0.2, -0.7), (0.9, 0.0, 0.0)],
)
def test_packets_are_gaussians(momentum):
    """The sum of the waves at points of space, with and without an impact parameter; ‖ψ‖ = 1."""
    position = (0.0, 0.0, 1.5)
    system = make(0.25, waves=34, orders=14 if momentum[0] else 0, length=6.0)
    u = packet(system, position, momentum)
    assert abs(float(jnp.sum(jnp.abs(u) ** 2 @ system.grid.weights)) - 1) < 1e-7
    psi = psi_at(u, system, jnp.asarray(SPOTS))
    exact = gaussian(SPOTS, position, momentum, 0.5, 0.25)
    np.testing.assert_allclose(psi, exact, atol=2e-5)


def test_packet_at_the_origin_and_null_vectors():
    """κ = 0, where only the s-wave is left, and κ·κ = 0, where i_ℓ and Y_ℓm have no meaning apart."""
    system = make(0.25, waves=16, orders=15, length=7.0, kind="lobatto")
    for position, momentum in (((0.0,) * 3, (0.0,) * 3), ((0.0, 0.0, 0.5), (0.5, 0.0, 0.0))):
        u = eqx.filter_jit(gaussian_waves)(system, position, momentum, 0.5)
        psi = psi_at(u, system, jnp.asarray(SPOTS[2:]))
        exact = gaussian(SPOTS[2:], position, momentum, 0.5, 0.25)
        np.testing.assert_allclose(psi, exact, atol=1e-6)


PUBLIC = [small.call(jw.packet_waves, system=small.WAVES, position=2.0, momentum=-1.0, alpha=0.5)]
