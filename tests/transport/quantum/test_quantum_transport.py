"""MK_ħ against closed forms, an independent solver and finite differences."""

from math import comb

import numpy as np
import pytest

import jaxwigner as jw


def packets(points, weights, hbar):
    z = np.asarray(points, float)
    return jw.ToeplitzState(jw.Particles(weights, z[:, 0], z[:, 1]), hbar)


def levels(*populations, hbar=1.0):
    return jw.FockState(np.diag(populations).astype(complex), hbar)


ONE = jw.FockState([[0.5, 0.1 + 0.2j, 0], [0.1 - 0.2j, 0.3, 0.05j], [0, -0.05j, 0.2]], 1.0)
OTHER = jw.FockState([[0.2, -0.1, 0.05j], [-0.1, 0.5, 0.1], [-0.05j, 0.1, 0.3]], 1.0)
FOUR = [[0.0, 0.5], [1.0, 0.0], [-0.5, -0.8], [0.3, -0.2]]
THREE = [[0.2, 0.1], [-0.7, 0.4], [0.9, -0.6]]
HALVES = [0.5, 0.5]
BINOMIAL = levels(*(comb(3, k) / 8 for k in range(4)))
REFERENCES = {
    "pure": (packets([[0.7, -0.3]], [1.0], 0.2), levels(0.5, 0.0, 0.5, hbar=0.2), 0.69, 1e-10),
    "no neighbours": (levels(0.5, 0.0, 0.5), levels(0.5, 0.0, 0.5), 3.0, 1e-10),
    "equal masses": (
        packets([[1.0, 0.0], [-1.0, 0.0]], HALVES, 1.0),
        packets([[0.5, 0.0], [-0.5, 0.0]], HALVES, 1.0),
        1.125,
        1e-10,
    ),
    "cheaper": (
        packets([[1.0, 0.0], [-1.0, 0.0]], [0.75, 0.25], 1.0),
        packets([[1.0, 0.0], [-1.0, 0.0]], HALVES, 1.0),
        1.34630061342,
        5e-8,
    ),
    "matrices": (ONE, OTHER, 1.49015327214, 5e-8),
    "one with itself": (ONE, ONE, 1.10717356534, 5e-8),
    "binomial": (BINOMIAL, BINOMIAL, 1.0, 1e-10),
    "clouds": (
        packets(FOUR, [0.4, 0.3, 0.2, 0.1], 0.2),
        packets(THREE, [0.5, 0.25, 0.25], 0.2),
        0.36489928495,
        5e-8,
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_values(name):
    R, S, expected, error = REFERENCES[name]
    result = jw.quantum_transport(R, S, tolerance=1e-10)
    assert float(result.cost.lower) - error < expected < float(result.cost.upper) + error
    assert float(result.cost.width) < 2e-9 * expected
    assert float(result.residuals.first) < 1e-14 and float(result.residuals.second) < 1e-14
    assert float(result.residuals.positivity) > -1e-14
