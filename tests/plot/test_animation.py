"""Movies."""

import pytest
from skewed import Picture

from jaxwigner import plot

PHASE, HBAR = Picture.PHASE, Picture.HBAR


@pytest.fixture(scope="module")
def W():
    return Picture.W()


def test_animation_has_a_frame_for_each_field(W, tmp_path):
    from PIL import Image

    path = plot.animate([W, -W, 0.5 * W], PHASE, tmp_path / "w.gif", captions=["a", "b", "c"])
    with Image.open(path) as picture:
        assert picture.n_frames == 3
