"""Movies."""

import numpy as np
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


@pytest.mark.parametrize("signed", [True, False])
def test_panels_side_by_side(W, signed, tmp_path):
    """Two panels, each with its scale: what stands still in one does not move, and the other does."""
    from PIL import Image

    path = plot.animate_panels(
        [[W, W], [W, 0 * W]], PHASE, tmp_path / "two.gif", names=("left", "right"), signed=signed
    )
    with Image.open(path) as picture:
        assert picture.n_frames == 2
        frames = [np.asarray(picture.convert("RGB"), int)]
        picture.seek(1)
        frames.append(np.asarray(picture.convert("RGB"), int))
    moved = np.sum(np.abs(frames[1] - frames[0]).sum(axis=2) > 150, axis=0)  # more than a palette
    middle = moved.size // 2
    assert moved[middle:].sum() > 200 and moved[:middle].sum() < 0.02 * moved[middle:].sum()
