"""Values in the limit ħ → 0."""

import jax.numpy as jnp

from jaxwigner.theorems import (
    limit_measures,
)


def test_limit_value_extrapolates():
    hbars = jnp.array([0.02, 0.01])
    claim = limit_measures.limit_value(0.5 - 0.4 * hbars, hbars, 0.5, "half")
    assert claim.verdict == "holds"
    assert limit_measures.limit_value(0.5 - 0.4 * hbars, hbars, 1.0, "one").verdict == "violated"
    assert limit_measures.limit_value(0.5 - 9 * hbars, hbars, 0.5, "?").verdict == "undecided"
