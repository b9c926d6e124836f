"""Tables of a curve: interpolation, gaps, bad input."""

import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.molecules import h2
from jaxwigner.molecules.tables import CurveTable, spline_errors


def test_tables_interpolate_and_refuse_gaps():
    distances, energies = h2.published()
    table = CurveTable(distances, energies, errors=1e-12, source="Sims and Hagstrom (2006)")
    middles = 0.5 * (distances[1:] + distances[:-1])
    error = np.abs(np.asarray(table.energy(middles)) - np.asarray(h2.energy(middles)))
    assert np.all(error[3:-3] < 4 * table.spline_errors[3:-3] + 1e-9)
    assert error.max() < 2e-4
    assert table.bounded_part().covers(0.4, 6.0) and not table.bounded_part().covers(0.3, 6.0)
    for part in ((distances < 1.0) | (distances > 2.0), (distances < 0.45) | (distances > 0.95)):
        with pytest.raises(
            ValueError, match=r"must have no gap, but between .* bohr the curve is known"
        ):
            CurveTable(distances[part], energies[part]).bounded_part(tolerance=1e-4)
    for bad in (0.3, 6.5):
        with pytest.raises(ValueError, match="`distance` must lie between 0.4 and 6 bohr"):
            table.energy(bad)
    # A system that reaches beyond the table is refused.
    with pytest.raises(ValueError, match="`potential` must cover the box"):
        jw.PartialWaves(jw.RadialGrid(5.0, 31), 1.0, 0.05, waves=4, potential=table.bounded_part())
    x = np.array([0.0, 0.1, 0.3, 0.4, 0.8, 1.0])
    np.testing.assert_allclose(spline_errors(x, x**4), np.diff(x) ** 4 / 16, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distances": [1.0, 2.0, 3.0, 4.0]}, "`distances` must hold at least 5"),
        ({"distances": [1.0, 2.0, 2.0, 3.0, 4.0]}, "`distances` must be positive and increase"),
        ({"distances": [0.0, 1.0, 2.0, 3.0, 4.0]}, "`distances` must be positive and increase"),
        ({"energies": [1.0, 2.0]}, "`energies` must have 5 entries"),
        ({"energies": [0.0, 0.0, np.nan, 0.0, 0.0]}, "`energies` must be finite"),
        ({"errors": [0.1, 0.2]}, "`errors` must be one number or 5"),
        ({"errors": -0.1}, "`errors` must be non-negative"),
    ],
)
def test_bad_tables(change, message):
    table = {"distances": [1.0, 2.0, 3.0, 4.0, 5.0], "energies": [0.0] * 5, **change}
    with pytest.raises(ValueError, match=message):
        CurveTable(**table)
