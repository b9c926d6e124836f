"""Partial waves against closed forms: Bessel and Coulomb functions, Gaussians, hydrogen, and the exact evolution."""

import equinox as eqx
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy import special

import jaxwigner as jw
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.nuclei import centre_of_mass as dimer
from jaxwigner.quantum.partial_waves import exact as exact_waves
from jaxwigner.quantum.partial_waves import resolve as wave_resolution
from jaxwigner.quantum.partial_waves._spherical import scaled_waves, solid_harmonics
from jaxwigner.quantum.partial_waves.exact import diagonalised_evolution
from jaxwigner.quantum.partial_waves.packets import _check_complete, gaussian_waves
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid, sine_analysis, sine_synthesis
from jaxwigner.quantum.partial_waves.resolve import _Sizes

HBAR = 0.2


def make(hbar=HBAR, charge=0.5, points=79, waves=30, length=6.5, kind="sine", **options):
    return jw.PartialWaves(RadialGrid(length, points, kind), charge, hbar, waves=waves, **options)


@eqx.filter_jit
def packet(system, position, momentum, alpha=0.5):
    """`packet_waves` compiled; what it checks is checked in its own tests."""
    return jw.packet_waves(system, position, momentum, alpha=alpha)


@eqx.filter_jit
def exactly(system, u, times):
    return jw.evolve_exactly(system, u, times)


@eqx.filter_jit
def split(system, u, duration, steps):
    run = jw.evolve(system, u, duration=duration, steps=steps, gradient="forward", throw=False)
    return run.state


psi_at = eqx.filter_jit(radial.wave_function)


def distance(u, v, system):
    return float(jnp.sqrt(jnp.sum(jnp.abs(u - v) ** 2 @ system.grid.weights)))


def gaussian(points, position, momentum, width, hbar):
    """The packet itself."""
    offset = points - np.asarray(position)
    phase = points @ np.asarray(momentum) / hbar
    envelope = np.exp(-np.sum(offset**2, axis=1) / (2 * width**2))
    return (np.pi * width**2) ** -0.75 * envelope * np.exp(1j * phase)


PLANNED = np.array([0.0, 0.0, 2.0]), np.array([0.0, 0.0, -1.0])
SPOTS = np.array([[0.3, -0.2, 1.7], [-0.4, 0.5, 2.2], [0.1, 0.05, 0.4], [0.6, 0.1, 1.2]])


@pytest.mark.parametrize("tau", [1.0, np.exp(0.46j), np.exp(1.5j), 1j, 0.3 + 0.2j])
def test_spherical_waves_against_mpmath(tau):
    c = np.array([1e-3, 0.7, 3.3, 17.0, 200.0, 1000.0])
    ours = np.asarray(scaled_waves(jnp.asarray(c), tau + 0j, 121))
    with mpmath.workdps(50):
        for l in (0, 1, 2, 5, 20, 60, 120):
            for i, one in enumerate(c):
                z = mpmath.mpf(one) * mpmath.mpc(tau)
                bessel = mpmath.sqrt(mpmath.pi / (2 * z)) * mpmath.besseli(l + mpmath.mpf(1) / 2, z)
                exact = bessel * mpmath.exp(-z) / mpmath.mpc(tau) ** l
                if abs(exact) > 1e-280:
                    error = abs(mpmath.mpc(complex(ours[l, i])) / exact - 1)
                    assert error < 1e-12, (l, one, float(error))


def test_derivatives_of_spherical_waves():
    """First and second derivatives in c and in an angle of τ against finite differences."""
    c = jnp.array([0.8, 9.0, 40.0])

    def value(c, angle):
        return jnp.sum(jnp.abs(scaled_waves(c, jnp.exp(1j * angle), 12)[3:7]) ** 2)

    direction, step = jnp.array([0.3, 1.0, -2.0]), 1e-5
    along = lambda x: value(c + x * direction, 0.4 + x)  # noqa: E731
    slope = jax.grad(along)
    second = jax.jit(jax.grad(slope))(0.0)
    along, slope = jax.jit(along), jax.jit(slope)
    np.testing.assert_allclose(slope(0.0), (along(step) - along(-step)) / (2 * step), rtol=1e-7)
    np.testing.assert_allclose(second, (slope(step) - slope(-step)) / (2 * step), rtol=1e-6)


def test_solid_harmonics_against_scipy():
    theta, phi = 0.7, 1.9
    direction = (np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta))
    ours = solid_harmonics(direction, 7, 3)
    for l in range(7):
        for m in range(-3, 4):
            exact = special.sph_harm_y(l, m, theta, phi).conj() if abs(m) <= l else 0.0
            assert abs(ours[l, m + 3] - exact) < 1e-13


def test_sine_transform():
    b = np.random.default_rng(0).normal(size=(3, 11)) + 0j
    j = np.arange(1, 12)
    kernel = np.sin(np.pi * j[:, None] * j[None] / 12)
    np.testing.assert_allclose(sine_synthesis(jnp.asarray(b)), b @ kernel, atol=1e-13)
    np.testing.assert_allclose(sine_analysis(sine_synthesis(jnp.asarray(b))), b, atol=1e-13)


@pytest.mark.parametrize("kind", ["sine", "lobatto"])
def test_radial_grids_differentiate_integrate_and_interpolate(kind):
    grid = RadialGrid(5.0, 40, kind)
    function = lambda r: jnp.sin(jnp.pi * r / 5) * jnp.sin(2 * jnp.pi * r / 5) ** 2  # noqa: E731
    r, u = grid.radii, function(grid.radii)
    first = jax.vmap(jax.grad(function))
    second = jax.vmap(jax.grad(jax.grad(function)))
    slopes, origin = grid.slope(u)
    np.testing.assert_allclose(grid.curvature(u), -second(r), atol=1e-10)
    np.testing.assert_allclose(slopes, first(r), atol=1e-11)
    assert abs(origin - jax.grad(function)(0.0)) < 1e-11
    np.testing.assert_allclose(u**2 @ grid.weights, 0.9375, rtol=1e-12)
    elsewhere = jnp.array([0.1, 2.21, 4.9])
    np.testing.assert_allclose(grid.interpolate(u, elsewhere), function(elsewhere), atol=1e-12)
    np.testing.assert_allclose(grid.interpolate(u, r[3:5]), u[3:5], atol=1e-12)


@pytest.mark.parametrize("momentum", [(0.0, 0.0, -1.0), (0.4, -0.2, -0.7), (0.9, 0.0, 0.0)])
def test_packets_are_gaussians(momentum):
    """The sum of the waves at points of space, with and without an impact parameter; ‖ψ‖ = 1."""
    position = (0.0, 0.0, 1.5)
    system = make(0.25, waves=34, orders=14 if momentum[0] else 0, length=6.0)
    u = packet(system, position, momentum)
    assert abs(float(jnp.sum(jnp.abs(u) ** 2 @ system.grid.weights)) - 1) < 1e-7
    psi = psi_at(u, system, jnp.asarray(SPOTS))
    exact = gaussian(SPOTS, position, momentum, 0.5, 0.25)
    np.testing.assert_allclose(psi, exact, atol=2e-5)


def test_packet_at_the_origin_and_null_vectors():
    """κ = 0, where only the s-wave is left, and κ·κ = 0, where i_ℓ and Y_ℓm have no meaning apart."""
    system = make(0.25, waves=16, orders=15, length=7.0, kind="lobatto")
    for position, momentum in (((0.0,) * 3, (0.0,) * 3), ((0.0, 0.0, 0.5), (0.5, 0.0, 0.0))):
        u = eqx.filter_jit(gaussian_waves)(system, position, momentum, 0.5)
        psi = psi_at(u, system, jnp.asarray(SPOTS[2:]))
        exact = gaussian(SPOTS[2:], position, momentum, 0.5, 0.25)
        np.testing.assert_allclose(psi, exact, atol=1e-6)


def test_eigenfunctions_are_coulomb_functions():
    """u_ℓ = F_ℓ(η, kr) with η = C/(2εk′), k′ = √E; its zero is the end of the box. To 1e-10."""
    system = make(0.25, points=79, length=5.0, kind="lobatto", waves=[0, 2])
    levels = jax.jit(lambda: exact_waves.eigenvalues(system))()
    grid = system.grid
    for which, l in enumerate((0, 2)):
        H = system.inertia * grid.kinetic_matrix + jnp.diag(system.values[which])
        E, vectors = np.linalg.eigh(np.asarray(H))
        u = vectors[:, 6] / np.sqrt(np.asarray(grid.weights))
        k = np.sqrt(float(levels[which, 6])) / 0.25
        eta = 0.5 / (2 * 0.25**2 * k)
        exact = np.array([float(mpmath.coulombf(l, eta, k * float(r))) for r in grid.radii[::7]])
        amplitude = (u[::7] @ exact) / (exact @ exact)
        np.testing.assert_allclose(u[::7] / amplitude, exact, atol=1e-10)
        assert abs(float(mpmath.coulombf(l, eta, k * 5.0))) < 1e-10
        if l == 0:
            gamow = 2 * np.pi * eta / np.expm1(2 * np.pi * eta)
            slope = float(grid.slope(jnp.asarray(u))[1]) / (amplitude * k)
            assert abs(slope**2 / gamow - 1) < 1e-8


def test_free_packets_spread():
    """C = 0: closed form of the free Gaussian, of width s√(1 + iħt/ms²) (m = ½)."""
    system = make(0.25, charge=0.0, waves=34, length=7.5, points=79, kind="lobatto")
    (state,) = exactly(system, packet(system, 1.8, -0.8), jnp.array([0.7]))
    s2, momentum = 0.25 + 2j * 0.25 * 0.7, np.array([0.0, 0.0, -0.8])
    offset = SPOTS - np.array([0.0, 0.0, 1.8]) - 2 * 0.7 * momentum
    exact = (np.pi * 0.25) ** -0.75 * (0.25 / s2) ** 1.5 * np.exp(-np.sum(offset**2, 1) / (2 * s2))
    exact = exact * np.exp(1j / 0.25 * (SPOTS @ momentum - 0.64 * 0.7))
    np.testing.assert_allclose(psi_at(state, system, jnp.asarray(SPOTS)), exact, atol=1e-6)


def test_three_dimensional_grid_agrees():
    """Smooth U_b, an impact parameter, mass ½: the same wave function by a Fourier transform in space."""
    hbar, time = 0.5, 0.6
    bump = jw.potentials.Gaussian(0.8, 0.9)
    start = ((0.0, 0.0, 1.2), (0.5, 0.0, -0.6))
    system = make(hbar, 0.0, 63, 26, 8.5, "lobatto", orders=10, potential=bump)
    (state,) = exactly(system, packet(system, *start), jnp.array([time]))
    grid = jw.Grid((-5.5,) * 3, (5.5,) * 3, (36, 36, 40))
    cube = jw.Schrodinger(grid, lambda x, y, z: bump(jnp.sqrt(x**2 + y**2 + z**2)), hbar, 0.5)
    mesh = np.stack(np.broadcast_arrays(*grid.mesh), -1).reshape(-1, 3)
    psi = jnp.asarray(gaussian(mesh, *start, hbar**0.5, hbar).reshape(grid.shape))
    whole = split(cube, psi, time, 24)
    spots = [(18, 18, 24), (20, 17, 22), (16, 19, 18), (19, 18, 26)]
    points = np.array([[grid.axes[d][i] for d, i in enumerate(spot)] for spot in spots])
    values = jnp.stack([whole[spot] for spot in spots])
    psi = psi_at(state, system, jnp.asarray(points))
    np.testing.assert_allclose(psi, values, atol=1e-6)


@pytest.fixture(scope="module")
def reference():
    """The head-on packet at ε = 0.1 and its exact evolution."""
    system = make(0.1, points=160, waves=39, length=8.0, kind="lobatto")
    return system, exactly(system, packet(system, 2.0, -1.0), jnp.linspace(0.0, 2.0, 41))


def test_reference_conserves_energy_and_its_square(reference):
    system, states = reference

    def look(u):
        norm = radial.radial_density(u, system) @ system.grid.weights
        return sum(radial.mean_energies(u, system)), radial.hamiltonian_square(u, system), norm

    energy, square, norm = jax.jit(jax.vmap(look))(states)
    for values in (energy, square, norm):
        assert float(jnp.max(jnp.abs(values / values[0] - 1))) < 1e-11
    assert abs(float(square[0]) - 2.18) < 0.01


def test_largest_singular_energy(reference):
    """sup_t‖U_sΨ‖² = .472 at ε = 0.1, and .789 at 0.03 by splitting."""
    system, states = reference
    values = jax.jit(jax.vmap(lambda u: radial.coulomb_square(u, system)))(states)
    assert abs(float(values.max()) - 0.472) < 1e-3
    system = make(0.03, points=191, waves=62, length=6.0)
    look = lambda v: radial.coulomb_square(v, system)  # noqa: E731
    options = {"duration": 2.0, "steps": 40, "saves": 40, "observe": look, "throw": False}
    run = jax.jit(lambda u: jw.evolve(system, u, **options))(packet(system, 2.0, -1.0))
    assert abs(float(run.observed.max()) - 0.789) < 1e-3
    assert run.diagnostics.complaint() == ""


def test_splitting_against_the_reference():
    """L² error at most 1e-5 at ε = 0.03, from every third wave."""
    chosen = list(range(0, 62, 3))
    exact = make(0.03, points=270, waves=chosen, length=6.0, kind="lobatto")
    system = make(0.03, points=191, waves=chosen, length=6.0)
    final = exactly(exact, packet(exact, 2.0, -1.0), jnp.array([2.0]))[0]
    u = packet(system, 2.0, -1.0)
    ours = split(system, u, 2.0, 48)
    error = distance(exact.grid.interpolate(final, system.grid.radii), ours, system)
    assert error < 1e-5 * distance(u, 0 * u, system)


@pytest.mark.parametrize("method", ["strang", "blanes-moan-4"])
def test_orders_of_convergence(method):
    system = make(0.05, points=127, waves=[20, 30, 40])
    u = eqx.filter_jit(gaussian_waves)(system, (0.0, 0.0, 2.0), (0.0, 0.0, -1.0), 0.05**0.5)

    @jax.jit
    def run(n):
        options = {"method": method, "gradient": "forward", "throw": False}
        return jw.evolve(system, u, duration=1.0, steps=n, **options).state

    counts = np.array([16, 20, 24, 32])
    best = run(jnp.asarray(256 if method != "strang" else 8192))
    errors = [distance(run(jnp.asarray(n)), best, system) for n in counts]
    order = jw.METHODS[method].order
    assert abs(-np.polyfit(np.log(counts), np.log(errors), 1)[0] - order) < 0.15, errors


def test_hydrogen():
    """Attraction on Lobatto nodes: E_n = −C²/(4ε²n²) for mass ½ (the sine series would be algebraic here)."""
    system = make(1.0, charge=-2.0, points=63, length=60.0, kind="lobatto", waves=2)
    levels = exact_waves.eigenvalues(system)
    np.testing.assert_allclose(levels[0, :2], [-1.0, -0.25], atol=1e-9)
    np.testing.assert_allclose(levels[1, 0], -0.25, atol=1e-9)


def test_gradients_against_finite_differences():
    """C, ε, a parameter of U_b, the duration, position and momentum of the packet, by the reversible gradient."""

    def value(parameters):
        charge, hbar, height, duration, position, momentum = parameters
        hill = jw.potentials.Gaussian(height, 1.0)
        system = make(hbar, charge, 47, 14, 6.5, potential=hill)
        width = jnp.sqrt(hbar)
        u = gaussian_waves(system, (0.0, 0.0, position), (0.0, 0.0, momentum), width)
        run = jw.evolve(system, u, duration=duration, steps=12, throw=False)
        return radial.coulomb_square(run.state, system)

    here = np.array([0.5, 0.4, 0.3, 0.6, 2.0, -0.8])
    compiled = jax.jit(value)
    gradient = jax.jit(jax.grad(value))(here)
    for i in range(here.size):
        step = 1e-4 * np.eye(here.size)[i]
        wide = (compiled(here + 2 * step) - compiled(here - 2 * step)) / 4e-4
        narrow = (compiled(here + step) - compiled(here - step)) / 2e-4
        assert abs(gradient[i] - (4 * narrow - wide) / 3) < 1e-7 * max(1.0, abs(gradient[i])), i


def test_gradient_with_respect_to_the_state():
    system = make(0.3, points=39, waves=8)
    u = gaussian_waves(system, (0.0, 0.0, 1.5), (0.0, 0.0, -0.8), 0.5)
    value = jax.jit(
        lambda u: radial.coulomb_square(
            jw.evolve(system, u, duration=0.5, steps=8, throw=False).state, system
        )
    )
    rng = np.random.default_rng(0)
    direction = jnp.asarray(rng.normal(size=u.shape) + 1j * rng.normal(size=u.shape)) * jnp.abs(u)
    exact = jnp.real(jnp.sum(jax.grad(value)(u) * direction))
    numeric = (value(u + 1e-5 * direction) - value(u - 1e-5 * direction)) / 2e-5
    np.testing.assert_allclose(exact, numeric, rtol=1e-7)


def test_observables_of_gaussians():
    """⟨1/R⟩, ⟨1/R²⟩, ⟨T⟩, ‖Tψ‖² in closed form; the four parts add up."""
    hbar, q, p = 0.2, 1.6, -0.7
    system = make(
        hbar, 0.5, 111, 34, 7.0, kind="lobatto", potential=jw.potentials.Gaussian(-0.4, 1.0)
    )
    u = packet(system, q, p)
    sigma, v = np.sqrt(hbar / 2), hbar / 2
    kinetic, singular, _ = eqx.filter_jit(radial.mean_energies)(u, system)
    np.testing.assert_allclose(kinetic, p**2 + 3 * v, rtol=1e-6)
    np.testing.assert_allclose(singular, 0.5 * special.erf(q / (np.sqrt(2) * sigma)) / q, rtol=1e-6)
    inverse = np.sqrt(2) / (sigma * q) * special.dawsn(q / (np.sqrt(2) * sigma))
    np.testing.assert_allclose(radial.inverse_square(u, system), inverse, rtol=1e-6)
    np.testing.assert_allclose(radial.force_moment(u, system), 0.5 * inverse, rtol=1e-6)
    free = make(hbar, 0.0, 111, 34, 7.0, kind="lobatto")
    closed = (p**2 + 3 * v) ** 2 + 4 * v * p**2 + 6 * v**2
    np.testing.assert_allclose(radial.hamiltonian_square(u, free), closed, rtol=1e-5)
    parts = eqx.filter_jit(radial.positive_parts)(u, system)
    assert min(float(part) for part in parts.values()) > 0
    whole = radial.hamiltonian_square(u, system, -0.4)
    np.testing.assert_allclose(sum(parts.values()), whole, rtol=1e-7)


def test_masses_inside_and_outside():
    hbar, q = 0.2, 1.6
    system = make(hbar, waves=34)
    u = packet(system, q, -0.7)
    s2 = hbar
    r = (np.arange(20000) + 0.5) * 1.3 / 20000
    density = (
        r
        / (q * np.sqrt(np.pi * s2))
        * (np.exp(-((r - q) ** 2) / s2) - np.exp(-((r + q) ** 2) / s2))
    )
    exact = density.sum() * 1.3 / 20000
    assert abs(float(radial.inner_mass(u, system, 1.3)) - exact) < 1e-7
    assert abs(float(radial.outer_mass(u, system, 1.3)) - (1 - exact)) < 1e-6


def test_endpoint_of_the_s_wave_matters():
    """⟨1/R²⟩ of a Gaussian on the singularity is 2/s²; without the end point the sum is far off."""
    system = make(0.25, points=255, waves=1, length=8.0)
    u = packet(system, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.0)
    np.testing.assert_allclose(radial.inverse_square(u, system), 2.0, rtol=1e-8)
    bare = radial.radial_density(u, system) @ (system.grid.weights / system.grid.radii**2)
    assert abs(float(bare) - 2.0) > 1e-2


def test_both_nuclei_of_free_motion():
    """C = 0: the density of a nucleus is that of its own free packet, of width s and mass 1."""
    hbar, time, s = 0.25, 0.5, 0.4
    (a, b), (p, k) = (1.2, -0.8), (-0.5, 0.3)
    system = make(hbar, 0.0, 79, 34, 7.0, "lobatto")
    start = ((0.0, 0.0, a - b), (0.0, 0.0, 0.5 * (p - k)))
    u = eqx.filter_jit(gaussian_waves)(system, *start, np.sqrt(2) * s)
    centre = dimer.CentreOfMass(0.5 * (a + b), p + k, s / np.sqrt(2), hbar)
    (state,) = exactly(system, u, jnp.array([time]))
    z = jnp.linspace(-2.0, 2.0, 5)
    density = eqx.filter_jit(dimer.nucleus_density)
    for nucleus, start, momentum in ((1, a, p), (2, b, k)):
        ours = density(state, system, centre, time, z, nucleus=nucleus)
        variance = 0.5 * s**2 + 0.5 * (hbar * time / s) ** 2
        exact = jnp.exp(-((z - start - momentum * time) ** 2) / (2 * variance))
        np.testing.assert_allclose(ours, exact / jnp.sqrt(2 * jnp.pi * variance), atol=1e-5)


def test_plans_keep_their_tolerance():
    plan = jw.resolve_waves(0.5, 0.04, position=2.0, momentum=-1.0, duration=1.2, tolerance=1e-4)
    assert not plan.exact and plan.error < 1e-4
    system = plan.system
    nodes = RadialGrid(system.grid.length, int(1.6 * system.grid.points), "lobatto")
    exact = jw.PartialWaves(nodes, 0.5, 0.04, waves=system.waves)
    final = exactly(exact, packet(exact, 2.0, -1.0), jnp.array([1.2]))[0]
    ours = plan.states([0.0, 1.2])[-1]
    assert distance(nodes.interpolate(final, system.grid.radii), ours, system) < 1e-4
    sizes = _Sizes(
        -0.5, 0.3, jw.potentials.Free(), 0.5, np.eye(3)[2], -np.eye(3)[2], 0.5, 0.3, 1e-2
    )
    assert sizes.needs_exact()  # attraction


def test_splitting_at_weak_coupling_takes_the_points_it_needs(monkeypatch):
    """Where the s-wave reaches r = 0 the points follow from its exact evolution, or the plan says that they cannot."""
    start = {"position": 2.0, "momentum": -1.0, "duration": 0.6}
    plan = jw.resolve_waves(0.5, 0.3, **start, tolerance=5e-3, exact=False)
    few = plan.system.on(waves=range(3))
    nodes = RadialGrid(few.grid.length, 60, "lobatto")
    spots = few.grid.interpolate(plan.state[:3], nodes.radii)
    exact = diagonalised_evolution(few.on(grid=nodes), spots, jnp.array([0.6]))[0]
    ours = few.grid.interpolate(split(few, plan.state[:3], 0.6, plan.steps), nodes.radii)
    assert distance(ours, exact, few.on(grid=nodes)) < 5e-3
    usual = _Sizes(0.5, 0.3, few.potential, 0.5, *PLANNED, 0.3**0.5, 0.6, 5e-3).points(False)
    assert plan.system.grid.points > usual
    monkeypatch.setattr(wave_resolution, "FINEST", 1)
    bad(
        "tolerance` must be larger for splitting: 1 times the usual points",
        lambda: jw.resolve_waves(0.5, 0.3, **start, tolerance=5e-3, exact=False),
    )


def bad(match, call):
    with pytest.raises(ValueError, match=r"^Argument `" + match):
        call()


def test_bad_input():
    grid = RadialGrid(6.0, 63)
    system = jw.PartialWaves(grid, 0.5, 0.25, waves=24)
    for hbar in (0.0, -0.1, float("nan"), "a", None):
        bad("hbar` must", lambda hbar=hbar: jw.PartialWaves(grid, 0.5, hbar, waves=24))
    bad("length` must be positive", lambda: RadialGrid(-1.0, 10))
    bad("points` must", lambda: RadialGrid(1.0, 1))
    bad("kind` must", lambda: RadialGrid(1.0, 10, "cosine"))
    bad("waves` must", lambda: jw.PartialWaves(grid, 0.5, 0.25, waves=0))
    bad("charge` must", lambda: jw.PartialWaves(grid, [0.5], 0.25, waves=3))
    table = jw.potentials.Tabulated(np.linspace(1.0, 3.0, 6), np.linspace(1.0, 2.0, 6))
    bad("potential` must cover", lambda: jw.PartialWaves(grid, 0.5, 0.25, waves=3, potential=table))
    packet = lambda q=2.0, p=-1.0, s=system, **o: jw.packet_waves(s, q, p, **o)  # noqa: E731
    bad("alpha` must lie between 0 and 1 .* ‖H_ħΨ₀‖ ≤ c fails", lambda: packet(alpha=1.2))
    bad("alpha` must lie between 0 and 1 .* not tight", lambda: packet(alpha=-0.1))
    bad("position` must lie off the singular set", lambda: packet(0.0))
    bad("orders` must", lambda: packet(p=(0.3, 0.0, -1.0)))
    bad("length` must be longer", lambda: packet(5.5))
    u = packet()
    few = jw.PartialWaves(grid, 0.5, 0.25, waves=8)
    bad("waves` must be more", lambda: _check_complete(few, u[:8], 1e-6))
    rough = np.zeros(system.shape)
    rough[0, :40] = (-1.0) ** np.arange(40) * np.sqrt(64 / 6.0 / 40)
    bad("points` must be more", lambda: _check_complete(system, rough, 1e-6))
    bad("grid` must be of kind 'lobatto'", lambda: jw.evolve_exactly(system, u, [1.0]))
    bad("state` must have shape", lambda: jw.evolve_exactly(nodal(), jnp.ones((2, 2)), [1.0]))
    bad(
        "grid` must be of kind 'sine'",
        lambda: jw.evolve(nodal(), u, duration=1.0, steps=1),
    )
    bad(
        "tolerance` must be below",
        lambda: jw.resolve_waves(0.5, 0.1, position=2, momentum=-1, duration=1, tolerance=0.5),
    )


def nodal():
    return make(0.25, points=63, waves=24, length=6.0, kind="lobatto")


def test_a_packet_that_reaches_the_end_is_refused():
    system = make(0.25, waves=24, length=4.5)
    u = packet(system, 2.0, 1.0)
    with pytest.raises(ValueError, match="edge_mass"):
        jw.evolve(system, u, duration=1.0, steps=40)


def test_labelled_results():
    system = make(0.4, points=15, waves=3, orders=2)
    axes = system.coordinates()
    assert list(axes) == ["l", "m", "r"] and list(axes["m"]) == [-2, -1, 0, 1, 2]
    assert tuple(np.size(axis) for axis in axes.values()) == system.shape
