"""The style leaves Matplotlib as it was."""

import matplotlib

from jaxwigner import plot


def test_style_leaves_matplotlib_as_it_was():
    before = dict(matplotlib.rcParams)
    with plot.style():
        assert matplotlib.rcParams["legend.frameon"] is False
    assert dict(matplotlib.rcParams) == before
