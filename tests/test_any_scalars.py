"""Scalars of any size and kind, drawn at random: an argument's sentence or finite numbers, never another error.

`METAMORPHIC=10000 pytest …` draws that many for each test.
"""

import os

import jax
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxwigner as jw

GRID = jw.Grid(-4.0, 4.5, 16)
COUNT = int(os.environ.get("METAMORPHIC", "100"))
# Not so extreme that squares and quotients leave the floating point numbers.
WIDE = st.floats().filter(lambda x: not np.isfinite(x) or x == 0 or 1e-30 < abs(x) < 1e30)
SCALARS = st.one_of(
    st.floats(-3.0, 3.0).filter(lambda x: x == 0 or abs(x) > 1e-30),
    WIDE,
    st.integers(-3, 20),
    st.sampled_from(
        [None, "a", True, 1j, [], [0.1], (0.1, 0.2), 0.0, -0.0, np.float32(0.3), np.int64(1)]
    ),
)
MODERATE = st.one_of(st.floats(0.2, 2.0), st.floats(0.2, 2.0), SCALARS)
PROPERTY = settings(deadline=None, max_examples=COUNT, derandomize=COUNT == 100)


def sentence_or_finite(call):
    try:
        result = call()
    except ValueError as error:
        assert str(error).startswith("Argument `") and " must " in str(error), error
        return
    for leaf in jax.tree.leaves(result):
        assert np.all(np.isfinite(leaf))


@PROPERTY
@given(MODERATE, MODERATE, MODERATE, MODERATE)
def test_packets_of_any_scalars(position, momentum, hbar, squeezing):
    sentence_or_finite(lambda: jw.squeezed_state(GRID, position, momentum, hbar, squeezing))


@PROPERTY
@given(MODERATE, MODERATE, MODERATE, MODERATE)
def test_wave_packets_of_any_scalars(position, momentum, hbar, alpha):
    sentence_or_finite(lambda: jw.wave_packet(GRID, position, momentum, hbar, alpha=alpha))


@PROPERTY
@given(SCALARS, SCALARS, SCALARS, MODERATE)
def test_grids_of_any_scalars(lower, upper, points, hbar):
    def make():
        grid = jw.Grid(lower, upper, points)
        return grid.axes, grid.wavenumbers, jw.phase_grid(grid, hbar).momentum.axes

    sentence_or_finite(make)


@PROPERTY
@given(st.lists(MODERATE, min_size=1, max_size=3), st.lists(SCALARS, min_size=1, max_size=3))
def test_clouds_of_any_scalars(weights, positions):
    sentence_or_finite(lambda: jw.Particles(weights, positions, positions))


@PROPERTY
@given(MODERATE, MODERATE)
def test_flows_of_any_scalars(hbar, mass):
    """The prepared phases of a system of any ħ and mass."""
    sentence_or_finite(
        lambda: jw.Schrodinger(GRID, np.asarray(GRID.axes[0]) ** 2, hbar, mass).drift_flow(0.1)
    )
