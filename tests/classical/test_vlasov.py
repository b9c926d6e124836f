"""The Vlasov equation on grids and for particles: each against the other, closed forms, and the N-body system."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from exact import gaussian

import jaxwigner as jw
from jaxwigner.engine.phase_space_system import potential_transport
from jaxwigner.observables import phase_moments
from jaxwigner.potentials.pairs.on_grids import force_field

HILL = jw.potentials.Gaussian(1.2, 1.0)
PHASE = jw.PhaseGrid(jw.Grid(-10.0, 10.5, 200), jw.Grid(-6.0, 6.2, 120))


def density():
    (x,), (p,) = PHASE.mesh
    return gaussian((x, p), (0.4, 0.2), jnp.array([[0.4, 0.05], [0.05, 0.3]]))


def test_conservation_laws_on_a_grid():
    f = density()
    run = jw.evolve(jw.Vlasov(PHASE, HILL), f, duration=2.0, steps=40)
    energy, mass = run.diagnostics.energy, run.diagnostics.norm
    assert float(jnp.max(jnp.abs(mass - mass[0]))) < 1e-13
    assert float(jnp.max(jnp.abs(energy - energy[0]))) < 1e-6
    before, after = phase_moments(f, PHASE)[0], phase_moments(run.state, PHASE)[0]
    np.testing.assert_allclose(after, before + jnp.array([2.0, 0.0]) * before[1], atol=1e-8)
    # The flow keeps the volume: ∫f² is an invariant.
    square = jnp.sum(run.state**2) / jnp.sum(f**2)
    assert abs(float(square) - 1) < 1e-10


def test_quadratic_pair_potential_turns_the_covariance():
    f, kappa, time = density(), 1.3, 0.9
    run = jw.evolve(jw.Vlasov(PHASE, lambda x: 0.5 * kappa * x**2), f, duration=time, steps=40)
    w = np.sqrt(kappa)
    c, s = np.cos(w * time), np.sin(w * time)
    M = np.array([[c, s / w], [-w * s, c]])
    start, end = (jax.jit(phase_moments)(g, PHASE)[1] for g in (f, run.state))
    np.testing.assert_allclose(end, M @ np.asarray(start) @ M.T, atol=1e-6)


def test_particles_and_grid_have_the_same_moments():
    """Quadrature points of f as particles: the two ways to solve the equation agree."""
    f = density()
    (x,), (p,) = PHASE.mesh
    z = np.stack([m.ravel() for m in np.meshgrid(x.ravel(), p.ravel(), indexing="ij")])
    w = np.ravel(f) * PHASE.cell
    kept = w > 1e-9
    cloud = jw.Particles(w[kept] / w[kept].sum(), z[0, kept], z[1, kept])
    mesh = jw.Grid(-14.0, 14.5, 400)
    options = {"duration": 1.5, "steps": 30}
    particles = jw.evolve(jw.VlasovParticles(HILL, mesh=mesh), cloud, **options).state
    field = jw.evolve(jw.Vlasov(PHASE, HILL), f, **options).state
    mean, spread = phase_moments(field, PHASE)
    moments = jw.observables.moments(particles)
    np.testing.assert_allclose(moments[0], mean, atol=1e-5)
    np.testing.assert_allclose(moments[1], spread, atol=1e-4)


def test_finitely_many_particles_are_the_mean_field_bodies():
    """Equal weights 1/N: the particle method is the N-body system itself."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2, 12))
    cloud = jw.Particles(np.full(12, 1 / 12), z[0], z[1])
    bodies = jw.Particles([1.0], z[:1], z[1:])
    options = {"duration": 1.0, "steps": 20}
    one = jw.evolve(jw.VlasovParticles(HILL, chunk=5), cloud, **options).state
    other = jw.evolve(jw.ManyBodyNewton(HILL, 12), bodies, **options).state
    np.testing.assert_allclose(one.positions[:, 0], other.positions[0], atol=1e-13)


def test_external_potential_and_mass():
    cloud = jw.Particles([1.0], [0.7], [0.3])
    system = jw.VlasovParticles(HILL, external=jw.potentials.Harmonic(2.0), mass=0.5)
    end = jw.evolve(system, cloud, duration=0.8, steps=60).state
    w = 2.0  # √(2/½)
    exact = 0.7 * np.cos(0.8 * w) + 0.3 / (0.5 * w) * np.sin(0.8 * w)
    assert abs(float(end.positions[0, 0]) - exact) < 1e-7


@pytest.mark.parametrize(
    "mesh",
    [None, pytest.param(jw.Grid(-7.0, 7.0, 64), marks=pytest.mark.slow)],
    ids=["pairs", "mesh"],
)
def test_gradients_of_particles(mesh):
    rng = np.random.default_rng(1)
    z, w = rng.normal(size=(2, 9, 1)), np.full(9, 1 / 9)

    def size(scale, height):
        system = jw.VlasovParticles(jw.potentials.Gaussian(height, 1.0), mesh=mesh, chunk=4)
        start = jw.Particles(w, scale * z[0], z[1])
        return jnp.sum(jw.evolve(system, start, duration=0.7, steps=8).state.positions ** 2)

    gradients = jax.jit(jax.grad(size, argnums=(0, 1)))(1.0, 1.2)
    value, h = jax.jit(size), 1e-4
    for gradient, (one, other) in zip(
        gradients, (((1 + h, 1.2), (1 - h, 1.2)), ((1.0, 1.2 + h), (1.0, 1.2 - h)))
    ):
        assert abs(float(gradient) - float(value(*one) - value(*other)) / (2 * h)) < 1e-6


def test_gradient_of_a_field():
    f = density()
    (x,), _ = PHASE.mesh

    def size(height):
        pair = jw.potentials.Gaussian(height, 1.0)
        options = {"duration": 0.7, "steps": 8, "method": "strang", "throw": False}
        end = jw.evolve(jw.Vlasov(PHASE, pair), f, **options).state
        return jnp.sum(x**2 * end) * PHASE.cell

    value, h = jax.jit(size), 1e-3
    numeric = (value(1.2 + h) - value(1.2 - h)) / (2 * h)
    assert abs(float(jax.jit(jax.grad(size))(1.2) - numeric)) < 1e-6


def test_particles_that_leave_the_mesh_are_noticed():
    cloud = jw.Particles([0.5, 0.5], [-1.0, 3.4], [0.0, 5.0])
    with pytest.raises(ValueError, match="under-resolved"):
        jw.evolve(
            jw.VlasovParticles(HILL, mesh=jw.Grid(-4.0, 4.0, 32)), cloud, duration=1.0, steps=8
        )


def test_landau_damping():
    """k = 0.3: the field decays with γ = −0.01262037 and turns with ω = 1.15984648, the root of the dispersion relation."""
    k = 0.3
    phase = jw.PhaseGrid(jw.Grid(0.0, 2 * np.pi / k, 32), jw.Grid(-8.0, 8.0, 256))
    (x,), (p,) = phase.mesh
    f = (1 + 1e-4 * jnp.cos(k * x)) * jnp.exp(-0.5 * p**2) / jnp.sqrt(2 * jnp.pi)
    f = f / (jnp.sum(f) * phase.cell)
    # One mode of Poisson's equation: (2/k²)cos k(x − x′) is what acts between unit masses.
    system = jw.Vlasov(phase, jw.potentials.Cosine(2 / k**2, k))

    def mode(f):
        return jnp.sum(jnp.cos(k * x) * jnp.sum(f, axis=1, keepdims=True))

    run = jw.evolve(system, f, duration=40.0, steps=400, saves=400, observe=mode, throw=False)
    t, a = np.asarray(run.times), np.asarray(run.observed)
    late = t > 12.0
    t, a = t[late], a[late] / np.max(np.abs(a[late]))

    from scipy.optimize import curve_fit

    wave = lambda t, A, w, g, phi: A * np.exp(g * t) * np.cos(w * t + phi)  # noqa: E731
    found, _ = curve_fit(wave, t, a, p0=(1.0, 1.16, -0.0126, 0.0))
    assert abs(abs(found[1]) - 1.15984648) < 2e-4
    assert abs(found[2] + 0.01262037) < 2e-4


@pytest.mark.parametrize("shape", [(12, 10), (12, 9)])
def test_kick_in_two_dimensions(shape):
    """The phases by powers are those of the Liouville equation with the field frozen, for even and odd numbers of momenta."""
    position = jw.Grid((-3.0, -3.0), (3.0, 3.5), (8, 9))
    phase = jw.PhaseGrid(position, jw.Grid((-2.0, -2.5), (2.0, 2.5), shape))
    (x, y), (a, b) = phase.mesh
    f = jnp.exp(-(x**2) - y**2 - a**2 - b**2 + 0.3 * x * a)
    U = lambda x, y: 0.3 * x**2 * y  # noqa: E731
    system = jw.Vlasov(phase, HILL, external=U)
    f = system.enter(f)
    slopes = force_field(system.pair, position)(system.density(f))
    slopes = slopes + jnp.stack([0.6 * x * y, 0.3 * x**2 + 0 * y]).reshape(2, 8, 9)
    frozen = lambda _, minus: sum(  # noqa: E731
        slope.reshape(8, 9, 1, 1) * c for slope, c in zip(slopes, minus)
    )
    both = lambda f: (system.kick_flow(0.3)(f), potential_transport(phase, 0.3, frozen)(f))  # noqa: E731
    np.testing.assert_allclose(*jax.jit(both)(f), atol=1e-14)


PUBLIC = [
    small.call(jw.Vlasov, phase_grid=small.PLANE, pair=small.BUMP, mass=1.0),
    small.call(jw.VlasovParticles, {"pair": "pair"}, pair=small.BUMP, mass=1.0, chunk=8),
]
