"""Planes of phase space against the closed form of Gaussian packets, and against what is known without them."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from waves import packet

import jaxwigner as jw
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.nuclei import centre_of_mass as dimer
from jaxwigner.quantum.partial_waves.planes import axis_state, radial_state

HBAR = 0.25
SYSTEM = jw.PartialWaves(jw.RadialGrid(6.5, 95), 0.5, HBAR, waves=26)
LINE = jw.Grid(-1.0, 5.0, 48)
PLANE = jw.phase_grid(LINE, HBAR)
planes = eqx.filter_jit(
    lambda u, s: jw.wigner(axis_state(u, s, LINE, reach=2.5), LINE, PLANE, HBAR)
)


def gaussian(position, momentum):
    """W of a coherent packet."""
    (z,), (p,) = PLANE.mesh
    return np.exp(-((z - position) ** 2 + (p - momentum) ** 2) / HBAR) / (np.pi * HBAR)


def test_the_plane_of_the_axis():
    u = packet(SYSTEM, 2.0, -1.0)
    np.testing.assert_allclose(planes(u, SYSTEM), gaussian(2.0, -1.0), atol=2e-5)


@pytest.mark.slow
def test_the_plane_of_a_packet_with_an_impact_parameter():
    system = jw.PartialWaves(SYSTEM.grid, 0.5, HBAR, waves=26, orders=12)
    u = packet(system, (0.3, 0.0, 2.0), (0.2, 0.0, -1.0))
    np.testing.assert_allclose(planes(u, system), gaussian(2.0, -1.0), atol=2e-3)


def test_after_the_collision_the_marginal_is_the_density_along_the_axis():
    u = packet(SYSTEM, 2.0, -1.0)
    u = jw.evolve(SYSTEM, u, duration=0.7, steps=32).state
    W = planes(u, SYSTEM)
    density = jnp.sum(W, axis=1) * PLANE.momentum.cell
    exact = dimer.axis_density(u, SYSTEM, jnp.asarray(LINE.axes[0]))
    np.testing.assert_allclose(density, exact, atol=2e-3)


def test_the_radial_plane():
    """Marginals: the radial density, and ⟨p_r²⟩ the radial part of the kinetic energy; per ℓ the plane of that wave alone."""
    u = packet(SYSTEM, 2.0, -1.0)
    state, line = radial_state(u, SYSTEM)
    plane = jw.phase_grid(line, HBAR)
    W = jw.wigner(state, line, plane, HBAR)
    density = np.sum(W, axis=1) * plane.momentum.cell
    np.testing.assert_allclose(density[97:], radial.radial_density(u, SYSTEM), atol=1e-10)
    (_,), (p,) = plane.mesh
    power = np.sum(W * p**2) * plane.cell
    curvature = np.real(np.sum(np.conj(u) * SYSTEM.grid.curvature(u))) * SYSTEM.grid.weights[0]
    np.testing.assert_allclose(power, HBAR**2 * curvature, rtol=1e-4)
    alone = radial_state(u[3:4], SYSTEM.on(waves=[3]))[0]
    one = jw.wigner(alone, line, plane, HBAR)
    np.testing.assert_allclose(np.sum(one) * plane.cell, np.sum(abs(u[3]) ** 2) * line.cell)
    assert np.min(jw.husimi(state, line, plane, HBAR)) > -1e-12


def test_other_grids_and_lobatto_nodes():
    nodes = jw.PartialWaves(jw.RadialGrid(6.5, 80, "lobatto"), 0.5, HBAR, waves=26)
    line = jw.Grid(-6.5, 6.5, 192)
    found = [radial_state(packet(s, 2.0, -1.0), s, line)[0].orbitals for s in (nodes, SYSTEM)]
    np.testing.assert_allclose(*found, atol=1e-8)


@pytest.mark.parametrize(
    "call, name",
    [
        (lambda u: axis_state(u, SYSTEM, LINE, reach=6.0), "reach"),
        (lambda u: axis_state(u, SYSTEM, LINE, reach=-1.0), "reach"),
        (lambda u: axis_state(u, SYSTEM, jw.Grid((-1, -1), (1, 1), (8, 8)), reach=1.0), "grid"),
        (lambda u: axis_state(u, SYSTEM, LINE, reach=1.0, nodes=0), "nodes"),
        (lambda u: axis_state(u[:3], SYSTEM, LINE, reach=1.0), "state"),
        (lambda u: radial_state(u, SYSTEM, "line"), "grid"),
        (
            lambda u: radial_state(
                u, jw.PartialWaves(jw.RadialGrid(6.5, 95, "lobatto"), 0.5, HBAR, waves=26)
            ),
            "grid",
        ),
    ],
)
def test_bad_input(call, name):
    with pytest.raises(ValueError, match=f"^Argument `{name}` must"):
        call(np.ones(SYSTEM.shape, complex))
