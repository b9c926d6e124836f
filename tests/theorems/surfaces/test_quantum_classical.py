"""The quantum-classical equation beside the waves: what is compared, orders, and the printed values at an avoided crossing."""

import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import surfaces_quantum_classical as qc
from jaxwigner.theorems.surfaces.quantum_classical import Populations


def test_the_second_half_of_the_times():
    one = Populations(np.array([[0.0, 9.0, 1.0, 2.0, 3.0]]), np.array([[7.0, 0.0, 1.0, 3.0, 5.0]]))
    assert one.gap == pytest.approx([1.5])


def test_verdicts():
    hbars = np.array([0.28, 0.2, 0.14, 0.1])
    assert qc.order(-0.05 * hbars**2, hbars).verdict == "holds"
    assert qc.order(0.05 * hbars, hbars).verdict == "violated"
    same = Populations(np.array([[0.1, 0.2], [0.1, 0.3]]), np.array([[0.1, 0.2], [0.1, 0.301]]))
    claim = qc.exact_where_linear(same, np.array([0.2, 0.1]))
    assert claim.verdict == "violated" and float(claim.worst().lhs.upper) == pytest.approx(1e-3)


@pytest.mark.slow
def test_reference():
    """P_up of both at ħ = .2, where the gap is ½√ħ: .22282 and .22473 of a packet in the lower vector of its centre."""
    grid = jw.Grid(-8.5, 11.0, 288)
    phase = jw.PhaseGrid(jw.Grid(-8.5, 11.0, 144), jw.Grid(-3.2, 5.2, 104))
    V = jw.potentials.DeltaGap(0.5 * 0.2**0.5)
    options = {"position": -2.5, "momentum": 1.5, "duration": 4.0, "steps": 120}
    found = qc.both_ways(V, grid, phase, 0.2, **options)
    # On the level itself: less than .01 away from those, with the same difference.
    assert float(found.quantum[-1]) == pytest.approx(0.2228, abs=0.01)
    assert float(found.mixed[-1] - found.quantum[-1]) == pytest.approx(0.0019, abs=3e-4)
