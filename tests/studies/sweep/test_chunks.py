"""Chunks cover the axes once."""

import numpy as np

from jaxwigner.studies.sweep import chunks as sweep_chunks
from jaxwigner.studies.sweep.axes import Axis


def test_tiles_are_at_most_the_batch():
    axes = [Axis("a", np.arange(5.0)), Axis("b", [1, 2], True), Axis("c", np.arange(11.0))]
    for batch in range(1, 60):
        tile = sweep_chunks.tile_shape(axes, batch)
        assert tile[1] == 1 and np.prod(tile) <= batch
        chunks = sweep_chunks.cut(axes, tile, batch)
        seen = np.concatenate([chunk.indices() for chunk in chunks])
        assert len({tuple(row) for row in seen}) == len(seen) == 110
        assert all(len(chunk.indices()) <= chunk.size <= batch for chunk in chunks)
        assert all(len(set(chunk.indices()[:, 1])) == 1 for chunk in chunks)
