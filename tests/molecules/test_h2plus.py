"""H2+ against closed forms at both ends, quadrature and shooting between them, and itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.polynomial import chebyshev, laguerre, legendre

from jaxwigner.molecules import _spheroidal as spheroidal
from jaxwigner.molecules import h2plus
from jaxwigner.molecules._h2plus_series import COEFFICIENTS, MIDPOINT

integrate = pytest.importorskip("scipy.integrate")
linalg = pytest.importorskip("scipy.linalg")
optimize = pytest.importorskip("scipy.optimize")

LEVELS = ("1ssg", "2psu")
DISTANCES = np.concatenate([[0.01, 0.02, 0.05], np.geomspace(0.1, 60, 120)])


def batched(function, *arguments, size=DISTANCES.size):
    """A function of many distances, which are padded so that it is compiled only once."""
    compiled = jax.jit(jax.vmap(lambda distance: function(distance, *arguments)))

    def call(distance):
        padded = np.pad(distance, (0, size - np.size(distance)), constant_values=1.0)
        return jax.tree.map(lambda found: np.asarray(found)[: np.size(distance)], compiled(padded))

    return call


def jet(potential, x):
    """U, U′ and U″."""

    def slope(x):
        return potential.gradient(x)[0]

    return potential(x), *jax.jvp(slope, (x,), (jnp.ones_like(x),))


LARGE = spheroidal.Size(200, 60)
ENERGY = {level: batched(h2plus.electronic_energy, level) for level in LEVELS}
SLOPE = {level: batched(jax.grad(h2plus.electronic_energy), level) for level in LEVELS}
BETTER = {level: batched(spheroidal.energy, h2plus.PARITY[level], LARGE) for level in LEVELS}
GAP = batched(h2plus.gap)
CURVE = {
    level: batched(lambda x, level=level: jet(h2plus.bounded_part(level), x), size=4001)
    for level in LEVELS
}
LOWER = 0.1
SURFACE = batched(lambda x: jet(h2plus.surface(lower=LOWER), x), size=4001)


def galerkin(distance, exponent, parity, radial, angular):
    """Kinetic energy, attraction and overlap of the 2-D basis, by quadrature: H c = E S c."""
    x, weights = laguerre.laggauss(2 * radial)
    L = np.stack([laguerre.lagval(x, row) for row in np.eye(radial)])
    dL = np.stack([laguerre.lagval(x, laguerre.lagder(row)) for row in np.eye(radial)]) - L / 2
    xi = 1 + x / (2 * exponent)
    steep = (2 * exponent) ** 2 * (dL * weights * (xi**2 - 1)) @ dL.T
    one, first, second = ((L * weights * xi**k) @ L.T for k in range(3))
    eta, weights = legendre.leggauss(2 * angular + 2)
    rows = np.eye(2 * angular)[parity::2]
    P = np.stack([legendre.legval(eta, row) for row in rows])
    dP = np.stack([legendre.legval(eta, legendre.legder(row)) for row in rows])
    round_ = (dP * weights * (1 - eta**2)) @ dP.T
    unit, square = ((P * weights * eta**k) @ P.T for k in (0, 2))
    # ∫|∇ψ|²/2, −∫(1/r_a + 1/r_b)ψ² and ∫ψ² with the volume element (R/2)³(ξ²−η²)dξdη
    kinetic = (np.kron(steep, unit) + np.kron(one, round_)) * distance / 4
    attraction = -np.kron(first, unit) * distance**2 / 2
    overlap = (np.kron(second, unit) - np.kron(one, square)) * distance**3 / 8
    return kinetic, attraction, overlap


def shooting(distance, parity, guess):
    """(p, ν) by integrating both separated equations and matching: no basis at all."""
    options = dict(method="DOP853", rtol=1e-13, atol=1e-13)

    def radial(z, y, p, nu):
        return [
            y[1],
            ((p * p * (z * z - 1) - 2 * distance * z + nu) * y[0] - 2 * z * y[1]) / (z * z - 1),
        ]

    def angular(z, y, p, nu):
        return [y[1], ((p * p - nu / (1 - z * z)) * y[0]) + 2 * z * y[1] / (1 - z * z)]

    def mismatch(unknowns):
        p, nu = unknowns
        h, middle, far = 1e-5, 1 + 1.0 / p, 1 + 18.0 / p
        a = (nu - 2 * distance) / 2  # X = 1 + a(ξ−1) + b(ξ−1)² + …
        b = ((nu - 2 * distance) * a + 2 * p * p - 2 * distance - 2 * a) / 8
        near = integrate.solve_ivp(
            radial, (1 + h, middle), [1 + a * h + b * h * h, a + 2 * b * h], args=(p, nu), **options
        ).y[:, -1]
        tail = integrate.solve_ivp(
            radial, (far, middle), [1e-8, -p * 1e-8], args=(p, nu), **options
        )
        tail = tail.y[:, -1]
        c = -nu / 2  # Y = 1 + c(1−η)·… from η = 1 inwards
        d = (c * (2 - nu) + 2 * p * p) / 8
        inner = integrate.solve_ivp(
            angular, (1 - h, 0), [1 + c * h + d * h * h, -(c + 2 * d * h)], args=(p, nu), **options
        ).y[:, -1]
        wronskian = (near[0] * tail[1] - near[1] * tail[0]) / np.hypot(*near) / np.hypot(*tail)
        return [wronskian, inner[1 - parity] / np.hypot(*inner)]

    return optimize.fsolve(mismatch, guess, xtol=1e-13)


class TestElectronicEnergy:
    def test_reference_values_at_two_bohr(self):
        expected = {"1ssg": -0.6026342144949, "2psu": -0.1675343922024}
        for level, value in expected.items():
            assert ENERGY[level](np.array([2.0]))[0] + 0.5 == pytest.approx(value, abs=1e-12)
        eager = h2plus.energy(2)
        assert float(eager) == pytest.approx(expected["1ssg"], abs=1e-12)
        assert eager.dtype == jnp.float64

    @pytest.mark.parametrize(("distance", "parity"), [(0.7, 0), (2.0, 1), (6.0, 0)])
    def test_agrees_with_shooting(self, distance, parity):
        energy = ENERGY[LEVELS[parity]](np.array([distance]))[0]
        p, nu = spheroidal._start(jnp.asarray(distance), parity)
        p, _ = shooting(distance, parity, [1.002 * float(p), float(nu)])
        assert energy == pytest.approx(-2 * (p / distance) ** 2, abs=1e-9)

    @pytest.mark.parametrize(
        ("distance", "parity", "sizes", "error"),
        [(2.0, 0, (10, 6), 6e-12), (9.0, 1, (20, 14), 3e-13)],
    )
    def test_is_the_ground_state_of_the_two_dimensional_pencil(
        self, distance, parity, sizes, error
    ):
        """60 functions at R = 2, matrices by quadrature; and the virial theorem 2T + V = −RE′."""
        size = spheroidal.Size(*sizes)
        same_basis = float(jax.jit(lambda R: spheroidal.energy(R, parity, size))(distance))
        exponent = distance * np.sqrt(-same_basis / 2)
        kinetic, attraction, overlap = galerkin(distance, exponent, parity, *sizes)
        energies, vectors = linalg.eigh(kinetic + attraction, overlap, subset_by_index=[0, 0])
        assert same_basis == pytest.approx(energies[0], abs=3e-13)
        fine = ENERGY[LEVELS[parity]](np.array([distance]))[0]
        assert -3e-13 < energies[0] - fine < error
        c = vectors[:, 0]
        T, V = c @ kinetic @ c, c @ attraction @ c
        slope = SLOPE[LEVELS[parity]](np.array([distance]))[0]
        # the virial theorem is of first order in the error of ψ, the energy of second
        assert 2 * T + V == pytest.approx(-distance * slope, abs=3 * np.sqrt(error))

    def test_separated_atoms(self):
        """E → −½ − 1/R − 9/(4R⁴) − 15/(2R⁶) − …, from the polarisation of hydrogen."""
        distance = np.array([25.0, 40.0, 60.0])
        series = (-0.5, -1, 0, 0, -9 / 4, 0, -15 / 2, -213 / 4, -7755 / 64, -1773 / 2)
        expected = np.polynomial.polynomial.polyval(1 / distance, series)
        mean = (ENERGY["1ssg"](jnp.asarray(distance)) + ENERGY["2psu"](jnp.asarray(distance))) / 2
        np.testing.assert_allclose(mean, expected, rtol=0, atol=2e4 / distance[0] ** 10)
        np.testing.assert_allclose(mean[1:], expected[1:], rtol=0, atol=2e-12)

    def test_united_atom(self):
        """E → −2 + (8/3)R² − (16/3)R³ + O(R⁴) for He⁺ 1s, and −½ − R²/15 + O(R⁴) for 2pσ."""
        distance = np.array([0.01, 0.02, 0.04])
        ground, odd = (np.asarray(ENERGY[level](jnp.asarray(distance))) for level in LEVELS)
        rest = (ground + 2 - 8 / 3 * distance**2 + 16 / 3 * distance**3) / distance**4
        assert np.all((rest > 2.5) & (rest < 4.0))
        assert np.all(np.abs(odd + 0.5 + distance**2 / 15) < 0.05 * distance**4)

    @pytest.mark.parametrize("level", LEVELS)
    def test_derivatives_agree_with_differences(self, level):
        distance = jnp.asarray([0.03, 0.3, 1.7, 5.0, 17.0, 55.0])
        step = 3e-3 * distance

        def difference(f):
            pairs = [f(distance + k * step) - f(distance - k * step) for k in (1, 2, 3)]
            return (45 * pairs[0] - 9 * pairs[1] + pairs[2]) / (60 * step)

        np.testing.assert_allclose(SLOPE[level](distance), difference(ENERGY[level]), atol=1e-11)
        if level == "1ssg":
            curvature = batched(jax.hessian(h2plus.electronic_energy), level)(distance)
            np.testing.assert_allclose(curvature, difference(SLOPE[level]), atol=1e-9)

    def test_minimum_of_the_energy(self):
        distance = np.array([1.9971933, 1.99719332, 1.9971934])
        slope = SLOPE["1ssg"](distance) - 1 / distance**2
        assert abs(slope[1]) < 1e-9 and slope[0] < 0 < slope[2]

    @pytest.mark.parametrize("level", LEVELS)
    def test_error_estimate_covers_the_error(self, level):
        distance = DISTANCES
        estimate = batched(h2plus.error_estimate, level)(distance)
        error = np.abs(ENERGY[level](distance) - BETTER[level](distance))
        assert np.all(error <= estimate)
        assert np.all(error[distance < 0.1] < 3e-12) and np.all(error[distance >= 0.1] < 1e-14)
        assert np.max(estimate) < 1e-11

    def test_single_precision_follows_its_input(self):
        value = h2plus.energy(jnp.float32(2.0))
        assert value.dtype == jnp.float32
        assert float(value) == pytest.approx(-0.6026342, abs=1e-5)


class TestRange:
    @pytest.mark.parametrize("distance", [0.009, 60.1, -1.0])
    def test_concrete_distance_outside(self, distance):
        message = rf"Argument `distance` must lie between 0.01 and 60 bohr, but is {distance}"
        for function in (
            h2plus.electronic_energy,
            h2plus.energy,
            h2plus.gap,
            h2plus.error_estimate,
        ):
            with pytest.raises(ValueError, match=message):
                function(distance)

    def test_other_bad_input(self):
        with pytest.raises(ValueError, match="Argument `level` must be one of '1ssg', '2psu'"):
            h2plus.energy(2.0, "3dsg")
        with pytest.raises(ValueError, match="Argument `distance` must be finite"):
            h2plus.energy(float("nan"))
        with pytest.raises(ValueError, match="Argument `distance` must be a single number"):
            h2plus.energy(jnp.ones(3))
        with pytest.raises(
            ValueError, match=r"Argument `lower` must be at most 1 bohr, but is 1\.5"
        ):
            h2plus.surface(lower=1.5)
        with pytest.raises(ValueError, match="Argument `level` must be one of"):
            h2plus.bounded_part("g")

    def test_traced_distance_outside(self):
        with pytest.raises(Exception, match=r"must lie between 0\.01 and 60 bohr"):
            ENERGY["1ssg"](np.array([1.0, 70.0]))
        unchecked = jax.jit(lambda distance: h2plus.energy(distance, check=False))
        assert float(unchecked(2.0)) == pytest.approx(-0.6026342144949, abs=1e-12)


class TestGap:
    def test_levels_do_not_cross(self):
        """AFG, Remark 6: the set of crossings is empty, from the united atom (1.5 Ha) on."""
        gap = GAP(DISTANCES)
        assert np.all(gap > 0) and np.all(np.diff(gap) < 0)
        assert gap[0] == pytest.approx(1.5, abs=1e-3)

    def test_flux_agrees_with_difference_and_asymptotics(self):
        near = np.array([19.999, 20.001])
        gap = GAP(near)
        difference = ENERGY["2psu"](near) - ENERGY["1ssg"](near)
        np.testing.assert_allclose(gap, difference, rtol=5e-8)
        R = np.array([30.0, 40.0, 50.0])
        series = 1 + 1 / (2 * R) - 25 / (8 * R**2) - 131 / (48 * R**3) - 3923 / (384 * R**4)
        np.testing.assert_allclose(GAP(R), 4 / np.e * R * np.exp(-R) * series, rtol=3e-6)


class TestTable:
    @pytest.mark.parametrize("level", LEVELS)
    def test_is_what_the_equations_give(self, level):
        nodes = chebyshev.chebpts1(64)
        distance = MIDPOINT * (1 + nodes) / (1 - nodes)
        series = (-0.5, -1, 0, 0, -9 / 4, 0, -15 / 2, -213 / 4, -7755 / 64, -1773 / 2, -86049 / 16)
        energy = np.polynomial.polynomial.polyval(1 / distance, series)
        energy[distance < 60] = BETTER[level](distance[distance < 60])
        found = 2 / 64 * energy @ chebyshev.chebvander(nodes, 63)
        found[0] /= 2
        expected = COEFFICIENTS[h2plus.PARITY[level]]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


class TestSurface:
    def test_is_the_curve_and_the_repulsion(self):
        x = np.geomspace(LOWER, 1e6, 500)
        exact = [
            part + sign / x**k for part, sign, k in zip(CURVE["1ssg"](x), (1, -1, 2), (1, 2, 3))
        ]
        for found, expected in zip(SURFACE(x), exact):
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)

    def test_continuation_is_smooth_finite_and_repulsive(self):
        for left, at, right in zip(
            *[iter(np.ravel(SURFACE(LOWER + np.array([-1e-9, 0, 1e-9]))))] * 3
        ):
            assert left == pytest.approx(at, rel=1e-6) and at == pytest.approx(right, rel=1e-6)
        x = np.linspace(-3.0, LOWER, 400)
        value, slope, _ = SURFACE(x)
        assert np.all(np.diff(value) < 0) and np.all(slope < 0)

    def test_minimum(self):
        potential = h2plus.surface()
        assert potential.equilibrium == pytest.approx(1.99719332, abs=1e-8)
        exact = ENERGY["1ssg"](np.array([1.99719332]))[0] + 1 / 1.99719332
        assert potential.lower_bound == pytest.approx(exact, abs=1e-11)
        value = SURFACE(np.linspace(-1.0, 40.0, 4001))[0]
        assert np.all(value >= potential.lower_bound - 1e-15)
        # 2pσ_u has no chemical bond, only the shallow well of the polarised atom
        odd = h2plus.surface("2psu")
        assert odd.equilibrium == pytest.approx(12.546, abs=1e-3)
        assert -0.5001 < odd.lower_bound < -0.5

    def test_shapes_types_and_transformations(self):
        x = jnp.linspace(0.6, 9.0, 12).reshape(3, 4)
        value = jax.jit(lambda x, lower: h2plus.surface(lower=lower)(x))
        found = value(x, LOWER)
        np.testing.assert_allclose(found.ravel(), SURFACE(np.ravel(x))[0], rtol=1e-14)
        np.testing.assert_allclose(jax.vmap(value, (0, None))(x, LOWER), found, rtol=1e-14)
        assert value(x.astype(jnp.float32), LOWER).dtype == jnp.float32
        # ∂U/∂lower at R < lower is −4u³·… of the Taylor polynomial: against differences
        slope = jax.grad(value, argnums=1)(0.2, 0.5)
        difference = (value(0.2, 0.5001) - value(0.2, 0.4999)) / 2e-4
        assert float(slope) == pytest.approx(float(difference), rel=1e-6)
        with pytest.raises(ValueError, match="Argument `x` must be"):
            h2plus.surface()(1.0, 2.0)


class TestBoundedPart:
    @pytest.mark.parametrize("level", LEVELS)
    def test_agrees_with_the_solver(self, level):
        value, slope, _ = CURVE[level](DISTANCES)
        np.testing.assert_allclose(value, ENERGY[level](DISTANCES), rtol=0, atol=3e-12)
        error = np.abs(slope - SLOPE[level](DISTANCES))
        assert np.all(error < 6e-9) and np.all(error[DISTANCES >= 0.1] < 2e-11)

    @pytest.mark.parametrize("level", LEVELS)
    def test_far_out_it_follows_the_polarised_atom(self, level):
        x = np.geomspace(60.0, 1e7, 50)
        value, slope, _ = CURVE[level](x)
        np.testing.assert_allclose(value, -0.5 - 1 / x - 9 / 4 / x**4 - 15 / 2 / x**6, atol=3e-11)
        np.testing.assert_allclose(slope, 1 / x**2 + 9 / x**5 + 45 / x**7, rtol=0, atol=3e-11)

    @pytest.mark.parametrize("level", LEVELS)
    def test_bounds_hold_and_are_attained(self, level):
        curve = h2plus.bounded_part(level)
        value, slope, curvature = CURVE[level](np.linspace(1e-4, 80.0, 4001))
        assert np.min(value) >= curve.lower_bound - 1e-11
        assert np.max(value) <= curve.upper_bound + 1e-11
        for bound, found in ((curve.gradient_bound, slope), (curve.hessian_bound, curvature)):
            assert 0.999 * bound <= np.max(np.abs(found)) <= bound
        assert curve.third_bound == np.inf

    def test_ends_of_the_ground_state(self):
        curve = h2plus.bounded_part()
        assert (curve.lower_bound, curve.upper_bound) == (-2.0, -0.5)
        value, slope, _ = CURVE["1ssg"](np.array([0.0, 1e12]))
        np.testing.assert_allclose(value, [-2.0, -0.5], rtol=0, atol=3e-12)
        assert slope[0] == 0
        assert curve.hessian_bound == pytest.approx(16 / 3, rel=3e-6)

    def test_is_lipschitz_in_three_dimensions(self):
        """Row A19: U_b(|R_1 − R_2|) and its gradient, up to the collision of the nuclei."""
        curve = h2plus.bounded_part()
        both = jax.jit(lambda x: (curve(*x), jnp.stack(curve.gradient(*x))))
        rng = np.random.default_rng(3)
        scale = np.array([0.02, 1.0] * 250)[None, :]
        a = scale * rng.normal(size=(3, 500))
        b = a + 0.3 * scale * rng.normal(size=(3, 500))
        a[:, 0] = 0
        (value_a, slope_a), (value_b, slope_b) = both(a), both(b)
        apart = np.linalg.norm(a - b, axis=0)
        assert np.all(np.abs(value_a - value_b) <= curve.gradient_bound * apart)
        change = np.linalg.norm(slope_a - slope_b, axis=0)
        assert np.all(change <= curve.hessian_bound * apart + 1e-8)
        assert np.max(change / apart) > 0.8 * curve.hessian_bound
        np.testing.assert_array_equal(slope_a[:, 0], np.zeros(3))
