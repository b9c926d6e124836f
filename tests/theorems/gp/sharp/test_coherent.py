"""Lattices of coherent states, and the heat that makes Wigner functions positive."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems.gp.sharp import coherent

GRID = jw.Grid(-12.0, 12.0, 192)


def test_a_lattice_has_its_density():
    z, cell = coherent.lattice(3.0, 0.4, 12.0)
    assert float(cell) == pytest.approx(2 * np.pi * 0.4 / 3)
    assert len(z) == pytest.approx(np.pi * 12.0**2 * 3 / (2 * np.pi), rel=0.03)
    assert np.hypot(*z.T).max() <= 12


def test_overlaps_are_those_of_coherent_states():
    z = np.array([[0.7, -0.4], [0.0, 1.1]])
    found = np.abs(coherent.overlaps(z, GRID, 0.5, 4)) ** 2
    mean = 0.5 * np.sum(z**2, axis=1)[:, None]  # a Poisson distribution
    n, factorials = np.arange(4), np.array([1, 1, 2, 6])
    np.testing.assert_allclose(found, np.exp(-mean) * mean**n / factorials, atol=1e-9)


def test_thin_lattices_leave_something_and_dense_ones_nothing():
    v = jnp.ones(4) + 0.5j * jnp.arange(4)
    left = [coherent.spanned(GRID, 0.5, rho, v, allowed=1.0).lhs.upper for rho in (2.0, 0.6)]
    assert left[0] < 1e-9 and 0.1 < left[1] < 1


def test_a_quarter_is_the_least_heat():
    phase = jw.PhaseGrid(jw.Grid(-6.0, 6.0, 80), jw.Grid(-6.0, 6.0, 72))
    grid = jw.Grid(-8.0, 8.0, 96)
    program = jax.jit(lambda time: coherent.heated(grid, phase, 0.4, time, level=1))
    assert program(0.25).verdict == "holds" and program(0.23).verdict == "violated"
    # of W_1 = (2u² − 1)e^{−u²}/πħ: 4s − 1 is the value at 0 over (1 + 4s)², times πħ
    s = 0.1
    exact = (1 - 4 * s) / (1 + 4 * s) ** 2
    assert program(s).lhs.centre == pytest.approx(exact, rel=2e-2)
