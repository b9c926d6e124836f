"""Steps that are enough: like ħ^½ for ψ, the same for every ħ for means; the excess of MK_ħ² and its classical part."""

import functools

import numpy as np
import pytest

from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments import splitting

small = functools.partial(
    splitting.Settings,
    hbars=(0.2, 0.1, 0.05),
    steps=(1, 2, 3, 4, 6, 8, 12, 16, 32, 64),
    packets=3,
    points=384,
    methods=("strang",),
    seed=1,
    error=1e-3,
)


@pytest.fixture(scope="module")
def dataset():
    return splitting.run(small())


def test_the_step_that_is_enough():
    steps, errors = [0.1, 0.8, 0.4, 0.2], [1e-3, 0.512, 0.064, 8e-3]  # the cube
    assert splitting.step_enough(steps, errors, 0.027) == pytest.approx(0.3, rel=1e-12)
    assert np.isnan(splitting.step_enough(steps, errors, 1.0))
    assert splitting.step_enough(steps, errors, 1e-4) == 0.0
    # Errors that grow again for short steps do not count.
    assert splitting.step_enough([0.4, 0.2, 0.1], [0.01, 0.3, 0.01], 0.1) < 0.2


def test_complaints():
    with pytest.raises(ValueError, match="`points` must be at least 320 for this ħ, but is 256"):
        small(points=256)
    with pytest.raises(ValueError, match="`methods` must be one of .*strang"):
        small(methods=("euler",))


@pytest.mark.slow
def test_exponents(dataset):
    """½ for ψ as ħ → 0."""
    assert abs(dataset.attrs["exponent_means_strang"]) < 0.05
    psi, means = (dataset[f"enough_{name}"].values[0] for name in ("psi", "means"))
    assert np.all(psi < means)
    first, last = np.log2(psi[:-1] / psi[1:])
    assert 0.38 < first < last < 0.5 and 2 * (0.5 - last) < 1.3 * (0.5 - first)
    assert first < dataset.attrs["exponent_psi_strang"] < last


@pytest.mark.slow
def test_the_excess_is_classical_where_steps_are_long(dataset):
    """c₂τ⁴ tends to ½∫|Zⁿ − Z|²dμ, and what is left is ∝ ħτ²."""
    one = dataset.isel(method=0)
    tau = one["step"].values
    classical = (one["classical"].values[0] / tau**4)[-1]
    far, near = np.abs(one["c2"].values[[0, -1]] / classical - 1)
    assert near < 0.25 and near < 0.7 * far
    excess = one["excess"].values[:, -2:]
    assert np.all(np.abs(np.log2(excess[:, 0] / excess[:, 1]) - 2) < 0.1)


@pytest.mark.slow
def test_it_is_drawn(dataset, tmp_path):
    (path,) = draw(dataset, tmp_path)
    assert path.name == "splitting.png" and path.stat().st_size > 10_000


@pytest.mark.slow
def test_a_coarse_grid_is_refused():
    with pytest.raises(ValueError, match="ħ = 0.05 is under-resolved .*increase `points`"):
        splitting.run(small(spread=1.0, points=320, packets=2, seed=17388, steps=(8, 9, 10)))
