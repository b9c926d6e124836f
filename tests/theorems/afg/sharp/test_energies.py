"""The parts of K against K without them, and how fast a mean moves against its closed form."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from jaxwigner.theorems.afg.sharp import energies


@jax.jit
def parts(charge):
    well = jw.potentials.Gaussian(-0.3, 3.0)
    grid = jw.RadialGrid(8.0, 63, "lobatto")
    system = jw.PartialWaves(grid, charge, 0.25, waves=24, potential=well)
    u = jw.packet_waves(system, 2.0, -1.0)
    return energies.parts_of_the_constant(system, u, duration=1.2, saves=2)


def test_parts_of_the_constant():
    found = parts(0.5)
    assert {claim.verdict for claim in found.values()} == {"holds"}
    for name in ("whole", "norm", "energy"):
        assert found[name].with_constant(0.99).verdict == "violated"
    assert 0.5 < float(np.max(found["kinetic"].ratio)) < 1
    assert 0.92 < float(np.max(found["mixed"].ratio)) < 1


def test_a_free_packet_moves_as_fast_as_its_momentum_lets_it():
    """a = x: f(t) = pt, and E = ½(p² + ħ/2)."""
    grid = jw.Grid(-5.0, 6.0, 128)
    psi = jw.coherent_state(grid, 0.0, 1.0, 0.2)
    run = jax.jit(
        lambda psi: energies.equicontinuity(
            psi,
            jw.potentials.Free(),
            grid,
            lambda x: x,
            0.2,
            slope=1.0,
            duration=1.0,
            steps=2,
            saves=2,
        )
    )
    claim, f = run(psi)
    np.testing.assert_allclose(f, [0.0, 0.5, 1.0], atol=1e-9)
    np.testing.assert_allclose(claim.ratio, 1 / np.sqrt(1.1), rtol=1e-8)


def test_path_of_a_free_particle():
    start, newton = jw.Particles([1.0], [[0.5]], [[2.0]]), jw.Newton(jw.potentials.Free())
    found = energies.path(start, newton, jnp.sin, duration=1.0, steps=2, saves=2)
    np.testing.assert_allclose(found, np.sin([0.5, 1.5, 2.5]), atol=1e-12)
