"""Movies."""

import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner import plot

GRID = jw.Grid(-3.0, 4.0, 40)
PHASE = jw.PhaseGrid(GRID, jw.Grid(-2.0, 2.5, 30))
HBAR = 0.4


@pytest.fixture(scope="module")
def W():
    return np.asarray(jw.wigner(jw.cat_state(GRID, 1.2, 0.3, HBAR), GRID, PHASE, HBAR))


def test_animation_has_a_frame_for_each_field(W, tmp_path):
    from PIL import Image

    path = plot.animate([W, -W, 0.5 * W], PHASE, tmp_path / "w.gif", captions=["a", "b", "c"])
    with Image.open(path) as picture:
        assert picture.n_frames == 3
