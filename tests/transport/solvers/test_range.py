"""What cutting a state to its range costs."""

import numpy as np
import pytest
from semiquantum_cases import cloud, random_state, solve


@pytest.mark.slow
def test_truncation_is_bounded_on_both_sides():
    rng = np.random.default_rng(4)
    R, p = random_state("steep", 8, 0.2, rng), cloud(40, 0.5)
    full, cut = solve(p, R), solve(p, R, rank=5)
    assert float(cut.errors["lost mass"]) > 1e-9
    assert float(cut.cost.lower) <= float(full.cost.lower) + 1e-9
    assert float(cut.cost.upper) >= float(full.cost.upper) - 1e-9
