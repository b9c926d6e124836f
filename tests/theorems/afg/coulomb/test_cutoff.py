"""Integrals against a cut-off at the singularity, with the Wigner function of a packet in closed form."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.phase_space.ensembles import packet_copies
from jaxwigner.theorems import coulomb_cutoff, coulomb_observables
from jaxwigner.theorems.afg.coulomb.cutoff import CutTest, cut_integral, nodes

HBAR, DELTA = 0.1, 1.2
TEST = CutTest(centre=0.8, spread=0.9, momentum=-0.6, width=0.7, growth=0.3)


@pytest.fixture(scope="module")
def packet():
    system = jw.PartialWaves(jw.RadialGrid(4.5, 95), 0.5, HBAR, waves=40)
    return system, jw.packet_waves(system, 1.2, -0.5)


def in_phase_space(kind):
    """The same integral over the Gaussian Wigner function, by points of phase space."""
    cloud = packet_copies(1.2, -0.5, HBAR, 0.5, 2**14)
    R, P = cloud.positions, cloud.momenta
    eta, slope = coulomb_cutoff._cut(R, DELTA)
    a, b = TEST.profile(R), jnp.exp(-jnp.sum((P - jnp.array([[0, 0, -0.6]])) ** 2, 1) / 0.98)
    if kind == "density":
        return float(jnp.mean(eta * a * b))
    change = slope * a[:, None] + eta[:, None] * TEST.slope(R)
    moving = 0.3 * eta * a + 2 * jnp.sum(P * change, axis=1)
    return -float(jnp.mean(moving * b))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["density", "transport"])
def test_integrals_are_those_of_the_wigner_function(packet, kind):
    system, u = packet
    found = jax.jit(lambda u, n: cut_integral(u, system, TEST, DELTA, n, kind))(
        u, nodes(0.7, count=2**11)
    )
    exact = in_phase_space(kind)
    assert float(found.width) < 0.1 * abs(exact)
    assert abs(float(found.centre) - exact) < float(found.width)


def test_near_and_far_add_up(packet):
    system, u = packet
    program = jax.jit(lambda u, n: cut_integral(u, system, TEST, DELTA, n).centre)
    parts = [float(program(u, nodes(0.7, 2.0, part, 2**11))) for part in ("near", "far", "all")]
    assert abs(parts[1]) > 0.02 * abs(parts[0])  # both matter
    assert abs(parts[0] + parts[1] - parts[2]) < 0.03 * abs(parts[2])


def test_gradient_of_the_cut_off():
    R = jnp.array([[0.3, 0.5, -0.4], [0.0, 0.1, 0.9], [0.1, 0.0, 0.2]])
    _, slope = coulomb_cutoff._cut(R, DELTA)
    expected = jax.vmap(jax.grad(lambda R: coulomb_cutoff._cut(R[None], DELTA)[0][0]))(R)
    assert np.allclose(slope, expected, atol=1e-12)
    steepest = np.linspace(0.5, 1, 2001)[:, None] * np.array([[0.0, 0.0, DELTA]])
    sizes = np.linalg.norm(coulomb_cutoff._cut(jnp.asarray(steepest), DELTA)[1], axis=1)
    assert abs(sizes.max() * DELTA / coulomb_cutoff.SLOPE - 1) < 1e-5


def test_the_near_part_needs_a_cut_within_delta(packet):
    system, u = packet
    with pytest.raises(ValueError, match="Argument `delta` must be at least"):
        coulomb_cutoff.near_part(u, u, system, TEST, 0.05, nodes(0.7, HBAR**-0.5, "near"))


@pytest.mark.parametrize("change", [dict(part="middle"), dict(width=-1.0), dict(part="far")])
def test_nodes_check_their_arguments(change):
    with pytest.raises(ValueError, match="Argument"):
        nodes(**{"width": 1.0, **change})


def test_copies_must_divide_the_cloud(packet):
    system, u = packet
    cloud = packet_copies(1.2, -0.5, HBAR, 0.5, 2**10)
    options = {"duration": 0.1, "steps": 1, "copies": 9}
    with pytest.raises(ValueError, match="`copies` must divide"):
        coulomb_observables.observable_difference(
            system, u, jw.CoulombFlow(0.5), cloud, jnp.exp, **options
        )
