"""Times are shared out evenly, points with them, and a correction of one's own packet is that of `predict`."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import ndtri

import jaxwigner as jw
from jaxwigner.studies.compare.correction import correction, grouped, intervals


@pytest.mark.parametrize("times", [1, 5, 16, 40, [0.0, 0.1, 3.0]])
def test_intervals(times):
    """A power of two of them, whose ends hold all times that are wanted."""
    fractions, wanted = intervals(times, 3.0)
    assert len(fractions) >= 2 and len(fractions) & (len(fractions) - 1) == 0
    ends = np.concatenate([[0.0], np.cumsum(fractions)])[wanted]
    asked = np.linspace(0, 1, times + 1) if isinstance(times, int) else np.array(times) / 3
    np.testing.assert_allclose(ends, asked, atol=1e-14)


def test_groups_are_even():
    points = grouped(2, 64, 3, 0, 16)
    assert points.shape == (3, 16, 4, 9)
    # Four lanes share each interval, one in each quarter of it.
    quarters = np.sort(np.floor(4 * points[..., 0]), axis=2)
    assert np.all(quarters == np.arange(4)[None, None])
    assert not np.allclose(points[0], points[1])
    assert np.array_equal(points, grouped(2, 64, 3, 0, 16))


def draw(uniforms, hbar):
    """A packet at (1.2, 0.3), a tenth too wide in x and weighted back."""
    z = ndtri(uniforms)
    x = 1.1 * z[:, :1]
    weights = 1.1 * jnp.exp((z[:, 0] ** 2 - x[:, 0] ** 2) / 2)
    spread = jnp.sqrt(hbar / 2)
    return 1.2 + spread * x, 0.3 + spread * z[:, 1:], weights


def test_weighted_points():
    """Weights are carried along: the packet drawn by importance has the correction of the packet."""
    options = {"duration": 2.0, "hbar": (0.1,), "samples": 2**10, "times": 8, "steps": 16}
    options |= {"observe": ("position", "kinetic")}

    def well(x):
        return x**2 / 2 + 0.1 * x**4

    own = correction(well, 1.0, draw, [np.sqrt(0.05)], **options)
    state = jw.Gaussian([1.2, 0.3], np.eye(2) / 2)
    plain = jw.predict(well, mass=1.0, state=state, **options)
    for kind in ("classical", "correction"):
        for name in ("position", "kinetic"):
            one, other = (getattr(found, kind)[name] for found in (own, plain))
            errors = [getattr(found, f"{kind}_error")[name] for found in (own, plain)]
            assert np.all(np.abs(one - other) <= 2 * (errors[0] + errors[1]) + 1e-12)
    assert np.max(np.abs(own.correction["position"])) > 1e-4


def test_bad_draws():
    options = {"duration": 2.0, "hbar": (0.1,), "samples": 2**7, "times": 8, "steps": 16}
    with pytest.raises(ValueError, match=r"`draw` must give x \(n, 1\), p \(n, 1\) and weights"):
        correction(lambda x: x**4, 1.0, lambda u, hbar: (u, u, u), [0.2], **options)
    with pytest.raises(ValueError, match="`widths` must be positive"):
        correction(lambda x: x**4, 1.0, draw, [0.0], **options)
