"""Landau and Zener's probability against its closed form, and what each form of it says of the same gap."""

import numpy as np
import pytest

from jaxwigner.theorems import surfaces_landau_zener as lz

# a, d, ħ and e^{−πd²/ħa}
KNOWN = [
    (1.0, 0.2, 0.1, 0.284609543),
    (1.0, 0.3, 0.1, 0.0591645),
    (0.7, 0.25, 0.05, 0.00366112),
]


@pytest.mark.parametrize("a, d, hbar, exact", KNOWN)
def test_both_forms(a, d, hbar, exact):
    np.testing.assert_allclose(lz.landau_zener(2 * d, -2 * a, hbar), exact, rtol=2e-6)
    np.testing.assert_allclose(lz.belyaev_lebedev(2 * d, 2 * a**2 / d, hbar), exact, rtol=2e-6)


def test_the_evolution():
    a, d, hbar, exact = KNOWN[0]
    found = lz.in_time(a, d, hbar, reach=30.0)
    assert found.verdict == "holds" and found.lhs.lower <= exact <= found.lhs.upper
    assert float(found.lhs.width) < 1e-6
    assert lz.in_time(a, d, hbar, reach=30.0, form="curvature").verdict == "holds"


def test_hbar_is_positive():
    with pytest.raises(ValueError, match="`hbar` must be positive, but is -0.1"):
        lz.landau_zener(0.2, 1.0, -0.1)
