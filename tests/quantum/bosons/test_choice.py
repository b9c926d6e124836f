"""Spaces chosen from a tolerance: few bosons with many excitations, and condensates that the default space does not hold."""

import numpy as np
import pytest
from bosons import quick, scaled

import jaxwigner as jw
from jaxwigner.quantum import FockSpace
from jaxwigner.quantum.bosons.choice import suggestions

HALF = np.pi / 0.3
GRID = jw.Grid(-HALF, HALF, 192)
HILL = jw.potentials.Cosine(0.5 / 0.09, 0.3)


@pytest.mark.slow
def test_two_bosons_squeezed():
    """Squeezing 5 : 1 on a hill: N‖R¹ − |φ⟩⟨φ|‖₁ = 2.39072 by the grid of both bodies; the default six modes are 2 % off."""
    phi = jw.squeezed_state(GRID, 0.0, 0.0, 0.1, 5.0)
    bosons = jw.FockExcitations(GRID, HILL, hbar=0.1, number=2)
    known = quick(lambda u: bosons.certify(u, duration=1.5, steps=100, throw=False))(phi)
    assert known.distance.contains(2.39072)
    with pytest.raises(ValueError, match="FockSpace.complete"):
        known.run.check()
    found = bosons.evolve(phi, duration=1.5, steps=100)
    assert found.space == FockSpace.complete(24, 2)
    assert float(found.distance) == pytest.approx(2.390718, rel=1e-5)


@pytest.mark.slow
def test_two_bosons_squeezed_at_small_hbar():
    """All of V hides the energy of the excitations there; what pairs exchange does not."""
    phi = jw.squeezed_state(GRID, 0.0, 0.0, 0.02, 8.0)
    bosons = jw.FockExcitations(GRID, HILL, hbar=0.02, number=2)
    run = quick(lambda u: bosons.evolve(u, duration=1.5, steps=100, throw=False))(phi)
    assert float(run.energy_error) < 2e-3 and not run.holds(2e-3)


@pytest.mark.slow
def test_condensates_choose_their_space():
    """The default six modes leave 3e-3 in their last shell; an eager run takes more occupations by itself, a named space is kept."""
    bosons, phi = scaled(0.1, 100, reach=20.0, points=128)
    options = {"duration": 2.0, "steps": 100}
    assert float(bosons.evolve(phi, **options).distance) == pytest.approx(6.444, rel=2e-3)
    named, _ = scaled(0.1, 100, reach=20.0, points=128, space=FockSpace((0.4, 1.1, 2.0), 8.0))
    with pytest.raises(ValueError, match="raise its `cutoff`"):
        named.evolve(phi, **options)


def test_suggestions():
    """Few bosons: every occupation of more and more modes; many: what a squeezed vacuum fills, as long as it is not too much."""
    bosons, phi = scaled(0.3, 2, points=80)
    run = quick(lambda u: bosons.evolve(u, duration=1.0, steps=10, throw=False))(phi)
    assert [space.dimension for space in suggestions(run, 1e-3)] == [153, 325]
    many, _ = scaled(0.3, 50, points=80)
    run = quick(lambda u: many.evolve(u, duration=1.0, steps=10, throw=False))(phi)
    sizes = [space.dimension for space in suggestions(run, 1e-3)]
    assert sizes == sorted(sizes) and 0 < len(sizes) and sizes[-1] <= 6000
