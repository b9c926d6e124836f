"""H2: three published curves against each other, the series against its source, and tables with their gaps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.polynomial import chebyshev
from scipy.special import gammainc

from jaxwigner.molecules import _h2_series as _h2_table
from jaxwigner.molecules import h2, h2plus
from jaxwigner.molecules._h2plus_series import MIDPOINT

# L. Wolniewicz, J. Chem. Phys. 99, 1851 (1993), total energies: upper bounds, a little less converged.
WOLNIEWICZ = {
    **{0.6: -0.769635427887, 0.8: -1.020056664330, 1.0: -1.124539718008, 1.2: -1.164935241876},
    **{1.4: -1.174475713565, 1.6: -1.168583371916, 1.8: -1.155068736046, 2.0: -1.138132955488},
    **{2.2: -1.120132112181, 2.4: -1.102422601703, 2.6: -1.085791233366, 2.8: -1.070683223812},
    **{3.0: -1.057326265285, 3.2: -1.045799653502, 4.0: -1.016390251364, 4.5: -1.007993728135},
    **{5.0: -1.003785657939, 6.0: -1.000835707231, 8.0: -1.000055604837},
}

# The analytic form of H2SPECTRE 7.4 (G. Łach): exponentials over √R, and damped dispersion.
HELIUM, DAMPING = -2.903724377034119, 1.84024290611525
DISPERSION = {
    **{6: 6.4990267054058393131, 8: 124.3990835836223436, 10: 3285.828414967421697},
    **{11: -3474.898037882, 12: 122727.6087007, 13: -326986.9240441, 14: 6361736.045092},
    **{15: -28395580.63300, 16: 441205192.2739, 17: -2739281653.140, 18: 39352477334.60},
    **{19: -307082459389.3, 20: 4363762779418.0, 21: -40360383996600.0, 22: 586030516404600.0},
    **{23: -6.200210182655e15, 24: 9.343361665242e16, 25: -1.10538854158e18},
    **{26: 1.741412254134e19, 27: -2.268395654642e20, 28: 3.747403197985e21},
    **{29: -5.314885508809e22, 30: 9.215791973256e23},
}
BELOW = [
    *(1.0, -4.57323700588624794726, 13.47638719366600967684, -28.51530241703605266394),
    *(45.78475015811747771910, -58.19615893167525528479, 58.48593413367164587894),
    *(-45.35039381018086925859, 26.47049312447772391119, -11.37752030083640364078),
    *(3.50402820299159351290, -0.73796135013579258240, 0.09631412647157079742),
    *(-0.00576418363156423769, -0.00014088867788010427948, 0.00002845940482698706139),
]
ABOVE = [
    *(39.91391743339803899151, -5.75063757195175050513, -33.46588381771842371982),
    *(55.32089352568815354527, -51.42284107211464070095, 32.71776925369248112209),
    *(-15.66016122411670563081, 7.50377730360456765232, -5.40306648644156257500),
    *(4.47594305162345652142, -2.95983991352400754746, 1.42669802756450786769),
    *(-0.49306757735153614794, 0.11952677096537517465, -0.01932309354268259676),
    *(0.00186812017042699684, -0.00008146220049329661293),
]


def analytic(R):
    """E_el(R) + 1 by that form; five of its coefficients follow from the expansion at the helium atom."""
    b = BELOW
    a = [1.0, b[1], b[2] + 3 + HELIUM, 0, 0, 0, *ABOVE]
    a[3] = b[3] + a[2] * b[1] - b[1] * b[2]
    a[4] = b[4] + 2 * (a[2] - b[2] - 1) + b[2] * (a[2] - b[2])
    a[5] = b[5] + 2 * b[1] * (a[2] - b[2] - 1) + b[3] * (a[2] - b[2])
    x = np.sqrt(np.asarray(R, np.longdouble))  # 1/R cancels below
    top, bottom = (np.polyval(np.array(terms[::-1], np.longdouble), x) for terms in (a, b))
    damped = sum(gammainc(n + 2, DAMPING * R) * c / R**n for n, c in DISPERSION.items())
    return (top / bottom * np.exp(-2 * x**2) - 1) / x**2 - damped


def test_three_published_curves_agree():
    distances, energies = h2.published()
    curve = np.asarray(jax.jit(h2.bounded_part())(distances)) + 1 / distances
    assert np.max(np.abs(curve - energies)) < h2.ERROR
    np.testing.assert_allclose(curve[distances == 1.4], -1.1744757142204434, atol=2e-12)
    third = {R: float(h2.energy(R)) - E for R, E in WOLNIEWICZ.items()}
    assert all(-1.2e-8 < difference < 1e-11 for difference in third.values()), third
    # A wrong digit would be seen: eleventh-degree polynomials through the neighbours.
    inner = (distances > 1.2) & (distances <= 3.7)
    nodes, values = distances[inner], (energies - 1 / distances)[inner]
    for i in range(6, len(nodes) - 6):
        around = [*range(i - 6, i), *range(i + 1, i + 7)]
        fit = np.polynomial.Polynomial.fit(nodes[around], values[around], 11)
        assert abs(fit(nodes[i]) - values[i]) < 2e-11


def test_series_is_made_from_the_analytic_form():
    k = np.arange(96)
    s = np.cos(np.pi * (k + 0.5) / 96)
    R = MIDPOINT * (1 + s) / (1 - s)
    values = np.asarray(analytic(R) - 1, float)
    series = np.array(
        [2 / 96 * np.sum(values * np.cos(np.pi * j * (k + 0.5) / 96)) for j in range(80)]
    )
    series[0] /= 2
    np.testing.assert_allclose(_h2_table.COEFFICIENTS, series, rtol=0, atol=1e-13)
    R = np.geomspace(0.1, 60, 2000)
    curve = chebyshev.chebval((R - MIDPOINT) / (R + MIDPOINT), _h2_table.COEFFICIENTS)
    assert np.max(np.abs(curve - (analytic(R) - 1))) < 1.2e-11


def test_ends_minimum_and_bounds():
    curve, surface = h2.bounded_part(), h2.surface()
    assert abs(float(curve(0.0)) - HELIUM) < 1e-10
    assert abs(float(curve(1e9)) + 1.0) < 2e-9
    # Pachucki (2010): the minimum near 1.4011 is −1.174475931400216.
    np.testing.assert_allclose(surface.lower_bound, -1.174475931400216, atol=3e-11)
    assert abs(float(surface.gradient(surface.equilibrium)[0])) < 1e-9
    R = jnp.linspace(0.0, 30.0, 3001)
    values, (slopes,) = jax.jit(lambda R: (curve(R), curve.gradient(R)))(R)
    assert float(values.min()) >= curve.lower_bound - 1e-10 and float(values.max()) < -1.0
    assert float(jnp.max(jnp.abs(slopes))) <= curve.gradient_bound
    # Three coordinates: |x| = 1.4.
    three = curve(jnp.array([0.6]), jnp.array([1.0]), jnp.array([np.sqrt(1.96 - 1.36)]))
    np.testing.assert_allclose(three, curve(jnp.array([1.4])), rtol=1e-14)
    assert h2plus.bounded_part().upper_bound == -0.5 and curve.upper_bound == -1.0
    # What the virial theorem says of the atoms far apart: U + 1 falls like −C₆/R⁶.
    assert -7.4 < (float(h2.energy(15.0)) + 1) * 15**6 < -6.5


def test_distances_outside_the_calculation_are_refused():
    for bad in (0.05, 21.0, [1.0, 30.0]):
        with pytest.raises(ValueError, match="`distance` must lie between 0.1 and 20 bohr"):
            h2.energy(bad)
    with pytest.raises(ValueError, match="`lower` must be at most 1 bohr"):
        h2.surface(lower=1.5)
    with pytest.raises(ValueError, match="`distance` must be finite"):
        h2.energy(np.nan)
