"""Theorem 2.5 by E_ħ at both ends: against closed forms for quadratic V, and with a force of the wrong size."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import stability
from jaxwigner.theorems.gp.sharp import growth, states

GRID, HBAR, L, TIME = jw.Grid(-10.0, 10.0, 192), 0.3, 0.5, 0.6
V = states.stretched(L, TIME)
ORIGIN = jw.Particles(jnp.ones(1), jnp.zeros(1), jnp.zeros(1))


@functools.partial(jax.jit, static_argnums=1)
def of_a_point(hbar, points=192):
    grid = jw.Grid(-10.0, 10.0, points)
    R = jw.MixedState(jnp.ones(1), states.tilted_orbitals(grid, hbar, 4.0, V, 1))
    pair = jw.potentials.Harmonic(-L)
    return growth.growth(ORIGIN, R, pair, grid, hbar, duration=TIME, steps=16)


@pytest.mark.slow
def test_a_squeezed_state_attains_the_sharp_bound_of_a_quadratic_interaction():
    found = of_a_point(HBAR)
    exact = stability.extremal_growth(L, HBAR, TIME)
    assert found["sharp"].lhs.centre == pytest.approx(float(exact.lhs.centre), rel=1e-5)
    assert found["sharp"].ratio == pytest.approx(1.0, abs=1e-4)
    assert found["paper"].verdict == "holds" and found["paper"].ratio < 1


@pytest.mark.slow
def test_what_the_grid_hides_is_in_the_error():
    exact = float(stability.extremal_growth(L, HBAR, TIME).lhs.centre)
    coarse = of_a_point(HBAR, 48)["sharp"]
    assert abs(float(coarse.lhs.centre) - exact) > 1e-6
    assert coarse.lhs.contains(exact) and coarse.verdict == "undecided"


def test_the_distance_of_a_point_is_its_cost_and_half_of_h():
    mu = jw.Particles(jnp.full(2, 0.5), 0.5 * jnp.array([1.0, -1.0]), jnp.zeros(2))
    program = jax.jit(
        lambda h, t: growth.point_distance(
            mu, jw.potentials.Harmonic(-L), GRID, h, duration=t, steps=16
        )
    )
    start = program(HBAR, 0.0)
    # at t = 0: ½(.25 + ħ) + ½ħ on both sides
    assert start.lhs.centre == pytest.approx(0.125 + HBAR, rel=1e-6)
    assert start.rhs.centre == pytest.approx(0.125 + HBAR, rel=1e-6)
    flow = np.asarray(jw.states.quadratic.flow_matrix(-L, TIME))
    cov = np.diag([0.25, 0.0]) + 0.5 * HBAR * np.eye(2)
    moved = 0.5 * np.trace(flow @ cov @ flow.T) + 0.5 * HBAR
    end = program(HBAR, TIME)
    assert end.lhs.centre == pytest.approx(moved, rel=1e-4) and end.verdict == "holds"
