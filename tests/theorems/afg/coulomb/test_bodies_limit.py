"""Classical nuclei keep their distance."""

import jax
import numpy as np
from nuclei import CHARGES, PLACES, pairs

import jaxwigner as jw
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.theorems import coulomb_bodies, coulomb_bodies_limit


def test_three_particles_keep_their_distance():
    packets = ProductPackets(PLACES[:3], -0.7 * PLACES[:3], 0.04)
    cloud = coulomb_bodies_limit.wigner_cloud(packets, coulomb_bodies.normal_points(18, 64)[0])
    system = jw.CoulombBodies(CHARGES[:3, :3], potential=jw.potentials.Gaussian(-0.4, 1.0))
    near, force = jax.jit(
        lambda z: coulomb_bodies_limit.repulsion(system, z, duration=0.8, steps=24, saves=4)
    )(cloud)
    assert near.verdict == force.verdict == "holds"
    assert near.with_constant(0.1).verdict == "violated"
    # h by hand for one configuration.
    h = coulomb_bodies_limit.energies(system, cloud)[0]
    R, P = (np.asarray(a[0]).reshape(3, 3) for a in (cloud.positions, cloud.momenta))
    first, second = np.triu_indices(3, 1)
    U = (pairs(3) / np.linalg.norm(R[first] - R[second], axis=1)).sum()
    well = -0.4 * np.exp(-np.sum(R**2) / 2)
    np.testing.assert_allclose(h, 0.5 * np.sum(P**2) + U + well, rtol=1e-12)
