"""The state that claims about one wave function are tested on."""

import pytest
from two_packets import GRID, HBAR

import jaxwigner as jw


@pytest.fixture(scope="module")
def psi():
    return jw.coherent_state(GRID, 0.5, 0.6, HBAR) + 0.5 * jw.squeezed_state(
        GRID, -0.8, 0.1, HBAR, 1.6
    )
